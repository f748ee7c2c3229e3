// SPDX-License-Identifier: Apache-2.0
#include "sealift/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>
#include <utility>

namespace sealift::command {
namespace {

constexpr std::array kDeadly{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE};

// What a signal handler removes. The buffer is complete before `guarded` says so.
std::array<char, 4096> guarded_path{};
volatile std::sig_atomic_t guarded = 0;

extern "C" void remove_and_die(int signal) {
  if (guarded != 0) ::unlink(guarded_path.data());
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void guard(const std::string& path) {
  static const bool installed = [] {
    struct sigaction action {};
    action.sa_handler = remove_and_die;
    for (const int signal : kDeadly) ::sigaction(signal, &action, nullptr);
    std::signal(SIGXFSZ, SIG_IGN);  // a file grown too large is an error of the write
    return true;
  }();
  static_cast<void>(installed);
  guarded = 0;
  if (path.size() + 1 > guarded_path.size()) return;
  std::copy(path.begin(), path.end(), guarded_path.begin());
  guarded_path[path.size()] = '\0';
  std::atomic_signal_fence(std::memory_order_seq_cst);
  guarded = 1;
}

void unguard() { guarded = 0; }

/// Holds signals back for its own lifetime: between making a file and guarding it there is no moment to be hit.
class SignalsHeld {
 public:
  SignalsHeld() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : kDeadly) sigaddset(&set, signal);
    ::pthread_sigmask(SIG_BLOCK, &set, &before_);
  }
  ~SignalsHeld() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsHeld(const SignalsHeld&) = delete;
  SignalsHeld& operator=(const SignalsHeld&) = delete;

 private:
  sigset_t before_{};
};

std::string reason() { return std::strerror(errno); }

}  // namespace

InputFile::InputFile(std::string path) : path_(std::move(path)) {
  fd_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd_ < 0) throw UserError(fmt::format("{}: {}", path_, reason()));
  struct stat info {};
  if (::fstat(fd_, &info) != 0 || !S_ISREG(info.st_mode)) {
    ::close(fd_);
    throw UserError(fmt::format("{}: not a regular file", path_));
  }
  size_ = static_cast<std::uint64_t>(info.st_size);
}

InputFile::~InputFile() { ::close(fd_); }

std::size_t InputFile::read_at(std::uint64_t offset, Span bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const ssize_t n = ::pread(fd_, bytes.data() + at, bytes.size() - at, static_cast<off_t>(offset + at));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw UserError(fmt::format("{}: {}", path_, reason()));
    if (n == 0) break;
    at += static_cast<std::size_t>(n);
  }
  return at;
}

OutputFile::OutputFile(std::string path) : path_(std::move(path)) {
  std::error_code ignored;
  // A link stays a link: what it points to is replaced.
  if (std::filesystem::is_symlink(path_, ignored)) {
    if (const auto real = std::filesystem::weakly_canonical(path_, ignored); !ignored) path_ = real.string();
  }
  const auto status = std::filesystem::status(path_, ignored);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    throw UserError(fmt::format("{}: not a regular file", path_));
  }
  temporary_ = path_ + ".partXXXXXX";
  {
    const SignalsHeld held;
    fd_ = ::mkostemp(temporary_.data(), O_CLOEXEC);
    if (fd_ < 0) throw UserError(fmt::format("{}: {}", path_, reason()));
    guard(temporary_);
  }
  const mode_t mask = ::umask(0);
  ::umask(mask);
  if (::fchmod(fd_, 0666 & ~mask) != 0) fail("cannot set its mode");
}

OutputFile::~OutputFile() {
  if (fd_ >= 0) {
    ::close(fd_);
    ::unlink(temporary_.c_str());
    unguard();
  }
}

void OutputFile::fail(const char* what) const { throw UserError(fmt::format("{}: {}: {}", path_, what, reason())); }

void OutputFile::write_at(std::uint64_t offset, ConstSpan bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const ssize_t n = ::pwrite(fd_, bytes.data() + at, bytes.size() - at, static_cast<off_t>(offset + at));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) fail("cannot write");
    at += static_cast<std::size_t>(n);
  }
}

void OutputFile::resize(std::uint64_t bytes) {
  if (::ftruncate(fd_, static_cast<off_t>(bytes)) != 0) fail("cannot set its length");
}

void OutputFile::commit() {
  if (::fsync(fd_) != 0) fail("cannot write");
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail("cannot be named");
  unguard();
  ::close(std::exchange(fd_, -1));
}

void must_differ(const std::string& in, const std::string& out) {
  std::error_code ignored;
  if (std::filesystem::equivalent(in, out, ignored)) {
    throw UserError(fmt::format("{}: input and output are the same file", out));
  }
}

std::size_t MemorySource::read_at(std::uint64_t offset, Span bytes) {
  if (offset >= bytes_.size()) return 0;
  const ConstSpan rest = bytes_.subspan(offset);
  const std::size_t n = std::min(rest.size(), bytes.size());
  std::copy_n(rest.begin(), n, bytes.begin());
  return n;
}

void MemoryTarget::write_at(std::uint64_t offset, ConstSpan bytes) {
  if (bytes_.size() < offset + bytes.size()) bytes_.resize(offset + bytes.size());
  std::copy(bytes.begin(), bytes.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(offset));
}

vmm::DirtyBitmap read_pages_list(const std::string& path, std::uint64_t pages) {
  std::ifstream file(path);
  if (!file) throw UserError(fmt::format("{}: {}", path, std::strerror(errno)));
  vmm::DirtyBitmap selection(pages);
  std::string line;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string word;
    while (words >> word) {
      const auto wrong = [&](const char* what) {
        return UserError(fmt::format("{}: line {}: \"{}\" {}", path, number, word, what));
      };
      const auto integer = [&](std::string_view text) {
        std::uint64_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc{} || end != text.data() + text.size()) {
          throw wrong("is neither a page number nor a range of them");
        }
        return value;
      };
      const std::string_view text = word;
      const auto dash = text.find('-');
      const std::uint64_t first = integer(text.substr(0, dash));
      const std::uint64_t last = dash == std::string_view::npos ? first : integer(text.substr(dash + 1));
      if (last < first) throw wrong("is a range that ends before it begins");
      if (last >= pages) throw wrong("lies outside the image");
      for (std::uint64_t page = first; page <= last; ++page) selection.set(page);
    }
  }
  return selection;
}

vmm::DirtyBitmap read_bitmap(const std::string& path, std::uint64_t pages) {
  InputFile file(path);
  if (file.size() < (pages + 7) / 8) {
    throw UserError(fmt::format("{}: {} bytes, fewer than a bit for each of {} pages", path, file.size(), pages));
  }
  vmm::DirtyBitmap selection(pages);
  Bytes buffer(65536);
  for (std::uint64_t at = 0; at < file.size(); at += buffer.size()) {
    const std::size_t n = file.read_at(at, buffer);
    for (std::uint64_t bit = 0; bit < 8 * n; ++bit) {
      if ((buffer[bit / 8] >> (bit % 8) & 1) == 0) continue;
      if (8 * at + bit >= pages) throw UserError(fmt::format("{}: page {} lies outside the image", path, 8 * at + bit));
      selection.set(8 * at + bit);
    }
  }
  return selection;
}

security_processor::Secret read_key_file(const std::string& path) {
  InputFile file(path);
  if (file.size() != kSecretBytes) {
    throw UserError(fmt::format("{}: a key file has exactly 32 bytes, this one has {}", path, file.size()));
  }
  security_processor::Secret secret;
  if (file.read_at(0, secret.span()) != kSecretBytes) throw UserError(fmt::format("{}: cannot be read", path));
  return secret;
}

namespace {

constexpr std::string_view kPrivateLabel = "sealift-x25519-private ";
constexpr std::string_view kPublicLabel = "sealift-x25519-public ";
constexpr std::string_view kHexDigits = "0123456789abcdef";

/// One line of label and digits into `key`. Whatever is read is wiped.
void read_key_line(const std::string& path, std::string_view label, std::string_view other, Span key) {
  InputFile file(path);
  security_processor::SecretBytes<128> line;
  const std::size_t bytes = file.read_at(0, line.span());
  const std::string_view text(reinterpret_cast<const char*>(line.span().data()), bytes);
  if (text.starts_with(other)) {
    throw UserError(fmt::format("{}: holds a {} key where a {} key is needed", path,
                                other == kPublicLabel ? "public" : "private",
                                other == kPublicLabel ? "private" : "public"));
  }
  const std::size_t digits = 2 * key.size();
  const bool whole = text.starts_with(label) && (text.size() == label.size() + digits ||
                                                 (text.size() == label.size() + digits + 1 && text.back() == '\n'));
  if (!whole) throw UserError(fmt::format("{}: not a key of `sealift keygen`", path));
  for (std::size_t i = 0; i < digits; ++i) {
    const auto digit = kHexDigits.find(text[label.size() + i]);
    if (digit == std::string_view::npos) throw UserError(fmt::format("{}: not a key of `sealift keygen`", path));
    key[i / 2] = static_cast<std::uint8_t>((key[i / 2] << 4) | digit);
  }
}

/// Makes a file that must not be there yet.
void write_key_line(const std::string& path, mode_t mode, std::string_view label, ConstSpan key) {
  security_processor::SecretBytes<128> line;
  std::size_t at = label.size();
  std::copy(label.begin(), label.end(), line.span().begin());
  for (const auto byte : key) {
    line.span()[at++] = static_cast<std::uint8_t>(kHexDigits[byte >> 4]);
    line.span()[at++] = static_cast<std::uint8_t>(kHexDigits[byte & 15]);
  }
  line.span()[at++] = '\n';
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (fd < 0) throw UserError(fmt::format("{}: {}", path, reason()));
  const bool written = ::write(fd, line.span().data(), at) == static_cast<ssize_t>(at) && ::fsync(fd) == 0;
  const std::string why = written ? std::string{} : reason();
  ::close(fd);
  if (!written) {
    ::unlink(path.c_str());
    throw UserError(fmt::format("{}: cannot write: {}", path, why));
  }
}

}  // namespace

security_processor::Secret read_private_key(const std::string& path) {
  security_processor::Secret key;
  read_key_line(path, kPrivateLabel, kPublicLabel, key.span());
  return key;
}

security_processor::PublicKey read_public_key(const std::string& path) {
  security_processor::PublicKey key{};
  read_key_line(path, kPublicLabel, kPrivateLabel, key);
  return key;
}

void write_key_pair(const std::string& path) {
  const security_processor::Secret key = security_processor::make_private_key();
  write_key_line(path, 0600, kPrivateLabel, key.span());
  try {
    write_key_line(path + ".pub", 0666, kPublicLabel, security_processor::public_key(key));
  } catch (...) {
    ::unlink(path.c_str());
    throw;
  }
}

void write_file(const std::string& path, const std::string& text) {
  OutputFile file(path);
  file.write_at(0, ConstSpan(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
  file.commit();
}

}  // namespace sealift::command
