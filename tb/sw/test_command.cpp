// SPDX-License-Identifier: Apache-2.0
// The command as a person runs it, with the golden backend: what it writes, what it says, what it leaves behind.
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "common/catch.h"
#include "common/seed.h"
#include "golden/reader.h"
#include "golden/writer.h"
#include "sealift/files.h"
#include "sw/pages.h"

using namespace sealift;
namespace fs = std::filesystem;
using test::make_page;
using test::read_file;

namespace {

constexpr bool kSanitized =
#ifdef __SANITIZE_ADDRESS__
    true;
#else
    false;
#endif

struct Result {
  int code = -1;  // exit code; 128 + signal
  std::string out, err;
  long peak_kib = 0;
};

/// A folder of its own that goes with the test.
struct Folder {
  fs::path path;
  Folder() {
    std::string name = (fs::temp_directory_path() / "sealift-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  [[nodiscard]] std::string operator()(const std::string& name) const { return (path / name).string(); }
  void write(const std::string& name, ConstSpan bytes) const {
    std::ofstream out(path / name, std::ios::binary);
    out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
  [[nodiscard]] std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(path)) names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }
};

/// The program under test; the environment's SEALIFT_PROGRAM names another one, say a sanitized build.
std::string program() {
  const char* other = std::getenv("SEALIFT_PROGRAM");
  return other != nullptr ? other : SEALIFT_PROGRAM;
}

/// `file_limit`: bytes that a file may have, 0 for any number.
pid_t start(const std::vector<std::string>& arguments, const std::string& out, const std::string& err,
            rlim_t file_limit = 0) {
  std::vector<std::string> all{program()};
  all.insert(all.end(), arguments.begin(), arguments.end());
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  std::vector<char*> argv;
  for (auto& argument : all) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const int out_fd = ::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const int err_fd = ::open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ::dup2(out_fd, 1);
  ::dup2(err_fd, 2);
  const rlimit limit{file_limit, file_limit};
  if (file_limit != 0) ::setrlimit(RLIMIT_FSIZE, &limit);
  ::execv(argv[0], argv.data());
  ::_exit(127);
}

Result finish(pid_t pid, const std::string& out, const std::string& err) {
  int status = 0;
  rusage usage{};
  ::wait4(pid, &status, 0, &usage);
  Result result;
  result.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  result.peak_kib = usage.ru_maxrss;
  const auto text = [](const std::string& path) {
    const Bytes bytes = read_file(path);
    return std::string(bytes.begin(), bytes.end());
  };
  result.out = text(out);
  result.err = text(err);
  return result;
}

Result sealift_command(const std::vector<std::string>& arguments) {
  const Folder folder;
  return finish(start(arguments, folder("out"), folder("err")), folder("out"), folder("err"));
}

Bytes make_image(std::size_t pages, std::uint64_t seed) {
  auto rng = tb::make_rng(seed);
  Bytes image;
  for (std::size_t i = 0; i < pages; ++i) {
    for (const auto b : make_page(rng)) image.push_back(b);
  }
  return image;
}

const Bytes kSecret = [] {
  Bytes secret(32);
  for (std::size_t i = 0; i < 32; ++i) secret[i] = static_cast<std::uint8_t>(200 - i);
  return secret;
}();

/// A stream that the golden writer makes.
Bytes make_stream(const Bytes& image, Order order = Order::CompressThenEncrypt, int level = 9, bool metadata = false) {
  golden::StreamHeader header;
  header.order = order;
  header.algorithm = encrypts(order) ? Algorithm::Aes256Gcm : Algorithm::None;
  header.stream_id[3] = 7;
  golden::WriterOptions options;
  options.deflate.level = level;
  options.max_run = 3;
  Bytes stream;
  golden::Writer writer(header, kSecret, options, [&](ConstSpan bytes) {
    for (const auto b : bytes) stream.push_back(b);
  });
  if (metadata) writer.add_metadata(0, golden::ImageInfo{image.size(), image.size() / kPageBytes}.bytes());
  for (std::size_t at = 0; at < image.size(); at += kPageBytes)
    writer.add_page(at, ConstSpan(image).subspan(at, kPageBytes));
  writer.finish();
  return stream;
}

void check_one_line(const Result& result, const std::string& expected) {
  INFO("code " << result.code << "\nout: " << result.out << "\nerr: " << result.err);
  CHECK(result.code != 0);
  CHECK(result.code < 126);
  CHECK(result.out.empty());
  CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
  CHECK(result.err.rfind("sealift: ", 0) == 0);
  CHECK(result.err.find(expected) != std::string::npos);
}

std::vector<std::string> in_arguments(const Folder& folder, const std::string& stream) {
  return {"migrate-in", "--in", folder(stream), "--out", folder("guest"), "--key-file", folder("key")};
}

}  // namespace

TEST_CASE("command: out and in, every order, any length, any chunk", "[command]") {
  const auto order = GENERATE(as<std::string>{}, "compress_then_encrypt", "encrypt-then-compress", "encrypt_only",
                              "compress_only", "copy");
  const Folder folder;
  folder.write("key", kSecret);
  auto rng = tb::make_rng(std::hash<std::string>{}(order));
  for (const std::string chunk : {"1", "7", "1024"}) {
    const Bytes whole = make_image(1 + rng() % 20, rng());
    const std::size_t cut = rng() % 3 == 0 ? 0 : rng() % kPageBytes;
    const Bytes image(whole.begin(), whole.end() - static_cast<std::ptrdiff_t>(cut));
    folder.write("ram", image);
    std::vector<std::string> out{"migrate-out", "--in",    folder("ram"), "--out",         folder("slf"), "--key-file",
                                 folder("key"), "--order", order,         "--chunk-pages", chunk,         "--pad"};
    std::vector<std::string> in{"migrate-in", "--in", folder("slf"), "--out", folder("back"), "--chunk-pages", chunk};
    if (order == "compress_only" || order == "copy") {
      out.push_back("--allow-unprotected");
      in.push_back("--allow-unprotected");
    } else {
      in.insert(in.end(), {"--key-file", folder("key")});
    }
    const Result made = sealift_command(out);
    INFO(made.err);
    REQUIRE(made.code == 0);
    const Result back = sealift_command(in);
    INFO(back.err);
    REQUIRE(back.code == 0);
    CHECK(read_file(folder("back")) == image);

    golden::ReaderOptions options;
    options.secret = kSecret;
    const Bytes stream = read_file(folder("slf"));
    golden::Reader reader(golden::memory_source(stream), options);
    REQUIRE(reader.open() == Status::Ok);
    CHECK(reader.header().order == *order_of(order));
    golden::Record record;
    while (!reader.done()) REQUIRE(reader.next(record) == Status::Ok);
  }
}

TEST_CASE("command: every algorithm out, looked at and in, by its name", "[command]") {
  const Folder folder;
  folder.write("key", kSecret);
  const Bytes image = make_image(5, 31);
  folder.write("ram", image);
  for (const auto algorithm : all_algorithms()) {
    if (algorithm == Algorithm::None) continue;
    const std::string word(name(algorithm));
    CAPTURE(word);
    std::vector<std::string> out{"migrate-out", "--in",        folder("ram"), "--out", folder("slf"),
                                 "--key-file",  folder("key"), "--algorithm", word};
    std::vector<std::string> in{"migrate-in",   "--in",       folder("slf"), "--out",
                                folder("back"), "--key-file", folder("key")};
    if (!authenticates(algorithm)) {
      check_one_line(sealift_command(out), "the policy does not allow the algorithm " + word);
      out.push_back("--allow-unprotected");
      in.push_back("--allow-unprotected");
    }
    const Result made = sealift_command(out);
    INFO(made.err);
    REQUIRE(made.code == 0);
    const Result seen = sealift_command({"inspect", folder("slf"), "--key-file", folder("key"), "--json"});
    REQUIRE(seen.code == 0);
    CHECK(nlohmann::json::parse(seen.out)["algorithm"] == word);
    CHECK(nlohmann::json::parse(seen.out)["verified"] == true);
    if (!authenticates(algorithm)) check_one_line(sealift_command(in), "it must be agreed, by --algorithm " + word);
    in.insert(in.end(), {"--algorithm", word});
    REQUIRE(sealift_command(in).code == 0);
    CHECK(read_file(folder("back")) == image);
    in.back() = algorithm == Algorithm::Sm4Gcm ? "aes-256-gcm" : "sm4-gcm";
    check_one_line(sealift_command(in), "which was not agreed");
    fs::remove(folder("slf"));
    fs::remove(folder("back"));
  }
}

TEST_CASE("command: two ends with key pairs", "[command]") {
  const Folder folder;
  const auto run = [](const std::vector<std::string>& arguments) { return sealift_command(arguments); };
  for (const std::string end : {"a", "b", "c"}) REQUIRE(run({"keygen", "--out", folder(end)}).code == 0);
  CHECK((fs::status(folder("a")).permissions() & fs::perms::all) == (fs::perms::owner_read | fs::perms::owner_write));
  check_one_line(run({"keygen", "--out", folder("a")}), "File exists");
  fs::rename(folder("c"), folder("d"));
  check_one_line(run({"keygen", "--out", folder("c")}), "c.pub: File exists");  // and no private key is left alone
  CHECK_FALSE(fs::exists(folder("c")));
  folder.write("key", kSecret);
  folder.write("long-key", Bytes(5000, 'x'));
  const Bytes image = make_image(5, 32);
  folder.write("ram", image);
  const auto out = [&](std::vector<std::string> keys) {
    keys.insert(keys.begin(), {"migrate-out", "--in", folder("ram"), "--out", folder("slf")});
    return run(keys);
  };
  const auto in = [&](std::vector<std::string> keys) {
    keys.insert(keys.begin(), {"migrate-in", "--in", folder("slf"), "--out", folder("back")});
    return run(keys);
  };
  check_one_line(out({"--identity", folder("a")}), "--identity and --recipient are needed together");
  check_one_line(out({"--recipient", folder("b.pub")}), "--identity and --recipient are needed together");
  check_one_line(out({"--identity", folder("a"), "--recipient", folder("b.pub"), "--key-file", folder("key")}),
                 "--key-file does not go with");
  check_one_line(out({"--identity", folder("a.pub"), "--recipient", folder("b.pub")}),
                 "a.pub: holds a public key where a private key is needed");
  check_one_line(out({"--identity", folder("a"), "--recipient", folder("b")}),
                 "b: holds a private key where a public key is needed");
  check_one_line(out({"--identity", folder("key"), "--recipient", folder("b.pub")}), "not a key of `sealift keygen`");
  check_one_line(out({"--identity", folder("long-key"), "--recipient", folder("b.pub")}), "not a key of");
  check_one_line(out({"--identity", folder("none"), "--recipient", folder("b.pub")}), "none: No such file");
  check_one_line(out({"--key-file", folder("a")}), "exactly 32 bytes");
  REQUIRE(out({"--identity", folder("a"), "--recipient", folder("b.pub")}).code == 0);
  check_one_line(in({"--identity", folder("b"), "--sender", folder("c.pub")}), "BadTag");  // not from c
  check_one_line(in({"--identity", folder("d"), "--sender", folder("a.pub")}), "BadTag");  // not for d
  check_one_line(in({"--key-file", folder("key")}), "BadHeader");
  REQUIRE(in({"--identity", folder("b"), "--sender", folder("a.pub")}).code == 0);
  CHECK(read_file(folder("back")) == image);
  const Result seen = run({"inspect", folder("slf"), "--identity", folder("b"), "--sender", folder("a.pub"), "--json"});
  REQUIRE(seen.code == 0);
  CHECK(nlohmann::json::parse(seen.out)["verified"] == true);
}

TEST_CASE("command: streams of the golden writer come in", "[command]") {
  const Folder folder;
  folder.write("key", kSecret);
  const Bytes image = make_image(12, 1);
  for (const auto order : {Order::CompressThenEncrypt, Order::EncryptThenCompress, Order::EncryptOnly}) {
    for (const bool metadata : {false, true}) {
      folder.write("slf", make_stream(image, order, 9, metadata));
      const Result result = sealift_command(in_arguments(folder, "slf"));
      INFO(result.err);
      REQUIRE(result.code == 0);
      CHECK(read_file(folder("guest")) == image);
    }
  }
}

TEST_CASE("command: a later record of the same page replaces an earlier one", "[command]") {
  const Folder folder;
  folder.write("key", kSecret);
  Bytes stream;
  golden::Writer writer({}, kSecret, {}, [&](ConstSpan bytes) {
    for (const auto b : bytes) stream.push_back(b);
  });
  const Bytes image = make_image(4, 9);
  for (const std::size_t page : {2U, 0U, 3U, 1U}) {
    writer.add_page(page * kPageBytes, Bytes(kPageBytes, static_cast<std::uint8_t>(page)));
    writer.add_page(page * kPageBytes, ConstSpan(image).subspan(page * kPageBytes, kPageBytes));
  }
  writer.finish();
  folder.write("slf", stream);
  for (const std::string chunk : {"1", "3", "100"}) {
    auto arguments = in_arguments(folder, "slf");
    arguments.insert(arguments.end(), {"--chunk-pages", chunk});
    const Result result = sealift_command(arguments);
    INFO(result.err);
    REQUIRE(result.code == 0);
    CHECK(read_file(folder("guest")) == image);
  }
}

TEST_CASE("command: selected pages go onto an image", "[command]") {
  auto rng = tb::make_rng(31);
  const Folder folder;
  constexpr std::uint64_t kPages = 37;
  Bytes first, second;
  for (std::uint64_t page = 0; page < kPages; ++page) {
    for (Bytes* image : {&first, &second}) {
      const Bytes made = make_page(rng);
      image->insert(image->end(), made.begin(), made.end());
    }
  }
  folder.write("first", first);
  folder.write("ram", second);
  folder.write("key", Bytes(32, 7));
  // Beyond whole words of the bitmap, as KVM pads it.
  Bytes bitmap(8);
  std::string list = "# what the guest wrote\n";
  Bytes expected = first;
  const auto select = [&](std::uint64_t page) {
    bitmap[page / 8] = static_cast<std::uint8_t>(bitmap[page / 8] | 1U << (page % 8));
    std::copy_n(second.begin() + static_cast<std::ptrdiff_t>(page * kPageBytes), kPageBytes,
                expected.begin() + static_cast<std::ptrdiff_t>(page * kPageBytes));
  };
  for (std::uint64_t page = 12; page <= 15; ++page) select(page);
  list += "12-15  # a range\n";
  for (const std::uint64_t page : {std::uint64_t{0}, 16 + rng() % 20, kPages - 1}) {
    select(page);
    list += fmt::format("{} ", page);
  }
  folder.write("bitmap", bitmap);
  folder.write("list", Bytes(list.begin(), list.end()));
  const std::vector<std::string> base{"migrate-out", "--in",        folder("ram"),   "--out", folder("slf"),
                                      "--key-file",  folder("key"), "--chunk-pages", "10"};
  for (const auto& [option, file] : {std::pair{"--bitmap", "bitmap"}, std::pair{"--pages-list", "list"}}) {
    INFO(option);
    auto out = base;
    out.insert(out.end(), {option, folder(file)});
    const Result sent = sealift_command(out);
    INFO(sent.err);
    REQUIRE(sent.code == 0);
    const Result in = sealift_command({"migrate-in", "--in", folder("slf"), "--out", folder("back"), "--onto",
                                       folder("first"), "--key-file", folder("key")});
    INFO(in.err);
    REQUIRE(in.code == 0);
    CHECK((read_file(folder("back")) == expected));
    check_one_line(
        sealift_command({"migrate-in", "--in", folder("slf"), "--out", folder("alone"), "--key-file", folder("key")}),
        "--onto");
    CHECK_FALSE(fs::exists(folder("alone")));
  }
  const auto refused = [&](const std::string& option, const std::string& text, const std::string& part) {
    folder.write("bad", Bytes(text.begin(), text.end()));
    auto out = base;
    out.insert(out.end(), {option, folder("bad")});
    check_one_line(sealift_command(out), part);
  };
  refused("--pages-list", "1\n2 x\n", "line 2");
  refused("--pages-list", "5-3", "before it begins");
  refused("--pages-list", "30-37", "outside");
  refused("--bitmap", "abc", "fewer than a bit");
  refused("--bitmap", std::string(4, '\0') + std::string(1, '\x20'), "page 37");
}

TEST_CASE("command: a pre-copy migration ends with equal pages", "[command]") {
  auto rng = tb::make_rng(32);
  const Folder folder;
  Bytes pages;
  for (unsigned i = 0; i < 70; ++i) {
    const Bytes made = make_page(rng);
    pages.insert(pages.end(), made.begin(), made.end());
  }
  folder.write("pages", pages);
  const Result result =
      sealift_command({"precopy", "--pages", folder("pages"), "--seed", std::to_string(rng() % 100000)});
  INFO(result.err);
  CHECK(result.code == 0);
  CHECK(result.out.find("the receiver equals the guest") != std::string::npos);
}

TEST_CASE("command: bad files get one line and leave nothing", "[command]") {
  const Folder folder;
  folder.write("key", kSecret);
  folder.write("short-key", Bytes(31));
  folder.write("long-key", Bytes(33));
  folder.write("empty", {});
  folder.write("odd", Bytes(5000, 1));
  folder.write("ram", make_image(3, 2));
  const auto before = folder.files();
  const auto out = [&](const std::string& in, const std::string& key, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"migrate-out", "--in",       folder(in), "--out",
                                       folder("slf"), "--key-file", folder(key)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Result result = sealift_command(arguments);
    CHECK(folder.files() == before);
    return result;
  };
  check_one_line(out("missing", "key"), "missing: No such file");
  check_one_line(out("empty", "key"), "empty");
  check_one_line(out(".", "key"), "not a regular file");
  check_one_line(out("odd", "key"), "5000 bytes, is not a multiple of 4096; --pad");
  check_one_line(out("ram", "no-key"), "no-key: No such file");
  check_one_line(out("ram", "short-key"), "exactly 32 bytes, this one has 31");
  check_one_line(out("ram", "long-key"), "exactly 32 bytes, this one has 33");
  check_one_line(out("ram", "empty"), "exactly 32 bytes, this one has 0");
  check_one_line(out("ram", "key", {"--algorithm", "rot13"}), "no such algorithm: rot13");
  check_one_line(out("ram", "key", {"--order", "sideways"}), "no such order: sideways");
  check_one_line(out("ram", "key", {"--algorithm", "aes-128-ctr"}),
                 "the policy does not allow the algorithm aes-128-ctr");
  check_one_line(out("ram", "key", {"--algorithm", "none"}), "the policy does not allow the algorithm none");
  check_one_line(out("ram", "key", {"--order", "copy"}), "the policy does not allow the algorithm none");
  check_one_line(out("ram", "key", {"--algorithm", "none", "--order", "encrypt_only"}), "does not go with");
  check_one_line(out("ram", "key", {"--policy", folder("nothing.toml")}), "nothing.toml: cannot be read");
  check_one_line(out("ram", "key", {"--waves", folder("w.fst")}), "waves");
  check_one_line(out("ram", "key", {"--pad-bucket", "17"}), "--pad-bucket");
  check_one_line(out("ram", "key", {"--backend", "rtl"}), "rtl");
  check_one_line(sealift_command({"migrate-out", "--in", folder("ram"), "--out", folder("slf")}),
                 "--key-file is needed");
  check_one_line(
      sealift_command({"migrate-out", "--in", folder("ram"), "--out", folder("ram"), "--key-file", folder("key")}),
      "the same file");
  check_one_line(
      sealift_command({"migrate-out", "--in", folder("ram"), "--out", folder("no/slf"), "--key-file", folder("key")}),
      "No such file");
  check_one_line(sealift_command({"migrate-out", "--in", folder("ram")}), "--out");
  check_one_line(sealift_command({"levitate"}), "there is no command levitate");
  check_one_line(sealift_command({}), "sealift: ");
  CHECK(folder.files() == before);
}

TEST_CASE("command: bad streams get one line, and no guest memory", "[command]") {
  const Folder folder;
  folder.write("key", kSecret);
  Bytes other = kSecret;
  other[0] ^= 1;
  folder.write("other-key", other);
  const auto order = GENERATE(Order::CompressThenEncrypt, Order::EncryptThenCompress);
  const Bytes image = make_image(5, 3);
  const Bytes good = make_stream(image, order, 6, true);
  folder.write("bad", {});
  const auto before = folder.files();
  const auto in = [&](ConstSpan stream, const std::string& key = "key") {
    folder.write("bad", stream);
    auto arguments = in_arguments(folder, "bad");
    arguments.back() = folder(key);
    arguments.insert(arguments.end(), {"--chunk-pages", "2"});
    const Result result = sealift_command(arguments);
    CHECK(folder.files() == before);
    return result;
  };
  check_one_line(in({}), "empty");
  check_one_line(in(good, "other-key"), "BadTag");
  check_one_line(in(Bytes(4096, 'x')), "not a Sealift stream");
  const auto with = [&](std::size_t at, std::uint8_t value) {
    Bytes bad = good;
    bad[at] = value;
    return bad;
  };
  check_one_line(in(with(0, 'X')), "BadMagic");
  check_one_line(in(with(8, 2)), "BadVersion");
  check_one_line(in(with(14, 13)), "BadHeader");
  check_one_line(in(with(12, 0)), "it must be agreed, by --algorithm none");
  check_one_line(in(with(12, 3)), "it must be agreed, by --algorithm aes-256-ctr");
  check_one_line(in(with(12, 2)), "BadTag");
  check_one_line(in(with(12, 9)), "BadHeader");

  // Cut at every record boundary, beside each, and elsewhere.
  std::vector<std::size_t> starts;
  for (std::size_t at = 96; at < good.size(); at += 48 + get_le<std::uint32_t>(good, at + 4)) starts.push_back(at);
  std::set<std::size_t> cuts{1, 15, 16, 17, 95, 96, good.size() - 1, good.size() - 16};
  auto rng = tb::make_rng(4);
  for (const auto at : starts) cuts.insert({at - 1, at, at + 1, at + 16, at + 31, at + 32, at + 33});
  for (int i = 0; i < 10; ++i) cuts.insert(1 + rng() % (good.size() - 1));
  for (const auto cut : cuts) {
    CAPTURE(cut, good.size());
    check_one_line(in(ConstSpan(good).first(cut)), "Truncated");
  }
  for (int i = 0; i < 60; ++i) {
    const std::size_t at = i < 30 ? rng() % 200 : rng() % good.size();
    CAPTURE(at);
    check_one_line(in(with(at, static_cast<std::uint8_t>(good[at] ^ (1U << (rng() % 8))))), "bad: ");
  }
  // Out of order: records 2 and 3 change places; 2 twice.
  const auto part = [&](std::size_t i) {
    const std::size_t end = i + 1 < starts.size() ? starts[i + 1] : good.size();
    return ConstSpan(good).subspan(starts[i], end - starts[i]);
  };
  const auto of = [&](const std::vector<std::size_t>& records) {
    Bytes bad(good.begin(), good.begin() + 96);
    for (const auto i : records) {
      for (const auto b : part(i)) bad.push_back(b);
    }
    return bad;
  };
  REQUIRE(starts.size() >= 4);
  check_one_line(in(of({0, 2, 1, 3})), "BadSeq");
  check_one_line(in(of({0, 1, 1, 2})), "BadSeq");
  check_one_line(in(of({0, 2})), "BadSeq");
  for (const std::size_t more : {1U, 15U, 16U, 100U, 10000U}) {
    Bytes bad = good;
    bad.resize(bad.size() + more, 0);
    CAPTURE(more);
    check_one_line(in(bad), "AfterEnd");
  }
}

TEST_CASE("command: what was there before a failure is there after it", "[command]") {
  const Folder folder;
  folder.write("key", kSecret);
  Bytes stream = make_stream(make_image(4, 5));
  stream[stream.size() - 60] ^= 1;
  folder.write("slf", stream);
  folder.write("guest", Bytes(10, 'g'));
  check_one_line(sealift_command(in_arguments(folder, "slf")), "BadTag");
  CHECK(read_file(folder("guest")) == Bytes(10, 'g'));
}

TEST_CASE("command: a file that may not grow gets one line and leaves nothing", "[command]") {
  const Folder folder, logs;
  folder.write("key", kSecret);
  folder.write("ram", make_image(200, 13));
  const auto before = folder.files();
  const pid_t pid = start({"migrate-out", "--in", folder("ram"), "--out", folder("slf"), "--key-file", folder("key")},
                          logs("out"), logs("err"), 65536);
  check_one_line(finish(pid, logs("out"), logs("err")), "slf: cannot write: File too large");
  CHECK(folder.files() == before);
}

TEST_CASE("command: a signal leaves nothing behind", "[command]") {
  const Folder folder, logs;
  folder.write("key", kSecret);
  folder.write("ram", make_image(1500, 6));
  const int sent = GENERATE(SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE);
  const auto before = folder.files();
  const pid_t pid = start(
      {"migrate-out", "--in", folder("ram"), "--out", folder("slf"), "--key-file", folder("key"), "--chunk-pages", "8"},
      logs("out"), logs("err"));
  // As soon as the temporary file is there.
  for (int i = 0; i < 1000 && folder.files() == before; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  ::kill(pid, sent);
  const Result result = finish(pid, logs("out"), logs("err"));
  CHECK(result.code == 128 + sent);
  CHECK(folder.files() == before);
}

TEST_CASE("command: memory does not grow with the image", "[command]") {
  if (kSanitized || std::getenv("SEALIFT_PROGRAM") != nullptr) return;  // the sanitizer keeps freed memory
  const Folder folder;
  folder.write("key", kSecret);
  // Sparse: zero pages but for one in 64, which keeps the test short.
  const auto peak = [&](std::size_t pages) {
    {
      std::ofstream out(folder("ram"), std::ios::binary);
      out.seekp(static_cast<std::streamoff>(pages * kPageBytes - 1));
      out.put('\0');
      for (std::size_t i = 0; i < pages; i += 64) {
        out.seekp(static_cast<std::streamoff>(i * kPageBytes + 100));
        out.put('x');
      }
    }
    const Result out =
        sealift_command({"migrate-out", "--in", folder("ram"), "--out", folder("slf"), "--key-file", folder("key")});
    REQUIRE(out.code == 0);
    const Result in = sealift_command(in_arguments(folder, "slf"));
    REQUIRE(in.code == 0);
    CHECK(fs::file_size(folder("guest")) == pages * kPageBytes);
    return std::max(out.peak_kib, in.peak_kib);
  };
  const long small = peak(4096);   // 16 MiB
  const long large = peak(32768);  // 128 MiB
  CAPTURE(small, large);
  CHECK(large < small + 4096);
}

TEST_CASE("command: -v shows the four steps with the registers they touch, and no key", "[command]") {
  const Folder folder;
  folder.write("key", kSecret);
  folder.write("ram", make_image(3, 7));
  const Result result = sealift_command(
      {"migrate-out", "--in", folder("ram"), "--out", folder("slf"), "--key-file", folder("key"), "-v"});
  REQUIRE(result.code == 0);
  std::size_t at = 0;
  for (const std::string step :
       {"boot: ", "write secure.POLICY", "request: guest memory", "write host.DOORBELL 0x1", "judgment: of the request",
        "read  secure.REQ_CONFIG", "judgment: accepted", "start: ", "write secure.KEY[0] (hidden)",
        "write secure.WINDOW[0].CTRL", "write secure.JOB_START 0x1", "migration: the job runs",
        "migration: the job ended, Ok", "read  host.STATUS"}) {
    INFO(step);
    at = result.err.find(step, at);
    REQUIRE(at != std::string::npos);
  }
  const Result refused = sealift_command({"migrate-out", "--in", folder("ram"), "--out", folder("slf2"), "--key-file",
                                          folder("key"), "--order", "copy", "-v"});
  CHECK(refused.code == 1);
  CHECK(refused.err.find("judgment: refused, the policy does not allow the algorithm none") != std::string::npos);
}

TEST_CASE("command: inspect", "[command]") {
  const Folder folder;
  folder.write("key", kSecret);
  const Bytes image = make_image(10, 8);
  Bytes stream = make_stream(image, Order::CompressThenEncrypt, 6, true);
  folder.write("slf", stream);
  const Result with = sealift_command({"inspect", folder("slf"), "--json", "--records", "--key-file", folder("key")});
  REQUIRE(with.code == 0);
  const auto json = nlohmann::json::parse(with.out);
  CHECK(json["pages"] == 10);
  CHECK(json["verified"] == true);
  CHECK(json["image_bytes"] == image.size());
  CHECK(json["algorithm"] == "aes-256-gcm");
  CHECK(json["order"] == "compress_then_encrypt");
  CHECK(json["records"]["end"]["count"] == 1);
  CHECK(json["list"].size() >= 3);
  const Result without = sealift_command({"inspect", folder("slf"), "--json"});
  REQUIRE(without.code == 0);
  CHECK(nlohmann::json::parse(without.out)["verified"] == false);
  CHECK(sealift_command({"inspect", folder("slf"), "--records"}).code == 0);

  stream[stream.size() / 2] ^= 1;
  folder.write("bad", stream);
  const Result bad = sealift_command({"inspect", folder("bad"), "--key-file", folder("key")});
  CHECK(bad.code == 1);
  CHECK(std::count(bad.err.begin(), bad.err.end(), '\n') == 1);
  CHECK(bad.err.find("BadTag") != std::string::npos);
  check_one_line(sealift_command({"inspect", folder("none")}), "No such file");
}

TEST_CASE("command: bench says what it must", "[command]") {
  const Folder folder;
  Bytes pages = make_image(30, 10);
  folder.write("pages", pages);
  const Result result = sealift_command({"bench", "--pages", folder("pages"), "--json"});
  INFO(result.err);
  REQUIRE(result.code == 0);
  const auto json = nlohmann::json::parse(result.out);
  for (const char* field :
       {"pages", "zero_pages", "bytes_in", "bytes_out", "ratio", "ratio_zlib6", "ratio_zlib1", "cycles_out",
        "cycles_in", "bytes_per_cycle_out", "bytes_per_cycle_in", "sim_pages_per_second", "mismatches"}) {
    INFO(field);
    CHECK(json.contains(field));
    CHECK(json[field].is_number());
  }
  CHECK(json["pages"] == 30);
  CHECK(json["mismatches"] == 0);
  CHECK(json["bytes_in"] == pages.size());
  for (const std::string engine : {"compress", "inflate", "seal", "open"}) {
    const Result one = sealift_command({"bench", "--pages", folder("pages"), "--json", "--engine", engine});
    INFO(one.err);
    REQUIRE(one.code == 0);
    CHECK(nlohmann::json::parse(one.out)["bytes_per_cycle"].is_number());
  }
  folder.write("odd", Bytes(5000));
  check_one_line(sealift_command({"bench", "--pages", folder("odd"), "--json"}), "not a multiple of 4096");
  check_one_line(sealift_command({"bench", "--pages", folder("pages"), "--lanes", "77"}), "lanes");
  check_one_line(sealift_command({"bench", "--pages", folder("pages"), "--latency", "400"}), "simulated memory");
  folder.write("zero", Bytes(kPageBytes * 4));
  const Result zero = sealift_command({"bench", "--pages", folder("zero"), "--json"});
  REQUIRE(zero.code == 0);
  CHECK(nlohmann::json::parse(zero.out)["zero_pages"] == 4);
}

TEST_CASE("command: run leaves a summary and a report that needs nothing else", "[command]") {
  const Folder folder;
  folder.write("pages", make_image(40, 12));
  const Result result = sealift_command({"run", "--pages", folder("pages"), "--report", folder("report/sub")});
  INFO(result.err);
  REQUIRE(result.code == 0);
  CHECK(result.out.find("guest bytes a cycle") != std::string::npos);
  const Bytes summary = read_file(folder("report/sub/summary.json"));
  CHECK(nlohmann::json::parse(summary.begin(), summary.end())["mismatches"] == 0);
  const Bytes bytes = read_file(folder("report/sub/index.html"));
  const std::string html(bytes.begin(), bytes.end());
  CHECK(html.find("<svg") != std::string::npos);
  CHECK(html.find("http") == std::string::npos);
  CHECK(html.find("src=") == std::string::npos);
}

TEST_CASE("command: selftest", "[command]") {
  const Result result = sealift_command({"selftest", "--backend", "golden"});
  INFO(result.out);
  CHECK(result.code == 0);
}
