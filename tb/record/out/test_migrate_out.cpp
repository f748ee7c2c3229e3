// SPDX-License-Identifier: Apache-2.0
// migrate_out whole: what it wrote is opened by a reader made from docs/stream-format.md.
#include <fmt/format.h>

#include <fstream>
#include <iterator>

#include "common/catch.h"
#include "out_machine.h"

using namespace sealift::tb;

namespace {

constexpr std::uint64_t kPage = 4096;

StreamBind make_bind(unsigned order, unsigned pad = 0, std::uint64_t stream = 1) {
  StreamBind bind;
  auto rng = make_rng(stream);
  for (auto* bytes : {&bind.key, &bind.kdf_public}) {
    for (auto& b : *bytes) b = static_cast<std::uint8_t>(rng());
  }
  for (auto& b : bind.stream_id) b = static_cast<std::uint8_t>(rng());
  for (auto& b : bind.salt) b = static_cast<std::uint8_t>(rng());
  bind.order = order;
  bind.algorithm = order <= 2 ? 1 : 0;
  bind.pad = pad;
  return bind;
}

/// Guest pages by name: z zero, f the fill word 0x0123456789abcdef, g another, r random, d from the corpus,
/// n all but the last byte zero, m all but the first word the same.
Bytes make_pages(const std::string& kinds, std::uint64_t stream = 5) {
  static const Bytes corpus = [] {
    std::ifstream file("data/dev-4k.bin", std::ios::binary);
    return Bytes(std::istreambuf_iterator<char>(file), {});
  }();
  REQUIRE(corpus.size() >= 64 * kPage);
  auto rng = make_rng(stream);
  Bytes all;
  for (const char kind : kinds) {
    Bytes page(kPage);
    switch (kind) {
      case 'f':
      case 'g':
        for (std::size_t i = 0; i < kPage; ++i) {
          page[i] = static_cast<std::uint8_t>((kind == 'f' ? 0x0123456789abcdefU : 0x5aU) >> (8 * (i % 8)));
        }
        break;
      case 'r':
        for (auto& b : page) b = static_cast<std::uint8_t>(rng());
        break;
      case 'd': {
        const auto at = static_cast<std::ptrdiff_t>(rng() % (corpus.size() / kPage) * kPage);
        std::copy_n(corpus.begin() + at, kPage, page.begin());
        break;
      }
      case 'n':
        page[kPage - 1] = 1;
        break;
      case 'm':
        page[3] = 1;
        break;
      default:
        break;
    }
    all.insert(all.end(), page.begin(), page.end());
  }
  return all;
}

/// Runs of fill pages in `image`, and pages that are no fill.
std::pair<unsigned, unsigned> expected_records(const Bytes& image) {
  unsigned runs = 0;
  unsigned pages = 0;
  std::optional<Bytes> word;
  for (std::size_t at = 0; at < image.size(); at += kPage) {
    const auto from = image.begin() + static_cast<std::ptrdiff_t>(at);
    const Bytes first(from, from + 8);
    bool fill = true;
    for (std::ptrdiff_t i = 8; i < static_cast<std::ptrdiff_t>(kPage); ++i) fill = fill && from[i] == from[i - 8];
    if (!fill) {
      ++pages;
      word.reset();
    } else if (word != first) {
      ++runs;
      word = first;
    }
  }
  return {runs, pages};
}

Job load(Machine& machine, const Bytes& image, std::uint64_t gpa = 0) {
  Job job;
  std::copy(image.begin(), image.end(), machine.memory.begin() + static_cast<std::ptrdiff_t>(job.src));
  job.src_len = image.size();
  job.gpa = gpa;
  return job;
}

void load_metadata(Machine& machine, Job& job, unsigned bytes) {
  auto rng = make_rng(99 + bytes);
  job.meta_len = bytes;
  for (unsigned i = 0; i < bytes; ++i) machine.memory[job.meta_addr + i] = static_cast<std::uint8_t>(rng());
}

void check_image(const ReadStream& read, const Bytes& image, std::uint64_t gpa) {
  for (std::size_t at = 0; at < image.size(); at += kPage) {
    const auto page = read.pages.find(gpa + at);
    REQUIRE(page != read.pages.end());
    const auto from = image.begin() + static_cast<std::ptrdiff_t>(at);
    REQUIRE(page->second == Bytes(from, from + static_cast<std::ptrdiff_t>(kPage)));
  }
}

void check_counts(const Result& result, const ReadStream& read) {
  std::uint64_t pages = 0;
  std::uint64_t fills = 0;
  std::uint64_t body = 0;
  for (const auto& r : read.records) {
    pages += r.count;
    if (r.type == 2) fills += r.count;
    if (r.type == 1) body += r.body_bytes;
  }
  CHECK(result.counts.pages == pages);
  CHECK(result.counts.fill_pages == fills);
  CHECK(result.counts.records == read.records.size());
  CHECK(result.counts.body_bytes == body);
  CHECK(result.counts.bytes_out == result.written.size());
}

/// One job, one stream, everything checked.
ReadStream whole(const Setup& setup, const StreamBind& bind, const std::string& kinds, unsigned metadata = 0) {
  Machine machine(setup, bind);
  const Bytes image = make_pages(kinds);
  Job job = load(machine, image, 0x7000);
  if (metadata != 0) load_metadata(machine, job, metadata);
  const Result result = machine.run(job);
  REQUIRE(result.done);
  REQUIRE(!result.fault);
  CHECK(result.closed);
  CHECK(result.commands == 1);
  ReadStream read = read_stream(result.written, bind);
  check_image(read, image, 0x7000);
  check_counts(result, read);
  CHECK(result.counts.bytes_in == image.size() + metadata);
  const auto [runs, pages] = expected_records(image);
  CHECK(read.records.size() == runs + pages + (metadata != 0 ? 1 : 0) + 1);
  CHECK(read.pages.size() == kinds.size());
  CHECK(read.metadata.size() == (metadata != 0 ? 1 : 0));
  if (metadata != 0) {
    const auto from = machine.memory.begin() + static_cast<std::ptrdiff_t>(job.meta_addr);
    CHECK(read.metadata.at(0) == Bytes(from, from + metadata));
  }
  CHECK(result.counts.failed == machine.lane_failed);
  const auto laned = result.counts.stored + result.counts.fixed + result.counts.dynamic;
  CHECK(laned == ((bind.order == 2 || bind.order == 4) ? 0 : pages));
  CHECK(machine.seq == read.records.size() + 1);
  machine.bench.ticks(50);
  CHECK(machine.bench->done_o != 0);
  CHECK(machine.bench.errors() == 0);
  return read;
}

}  // namespace

TEST_CASE("migrate_out: every order, every bucket", "[record]") {
  const unsigned order = GENERATE(0U, 1U, 2U, 3U, 4U);
  const unsigned pad = GENERATE(0U, 1U, 2U, 3U, 4U);
  CAPTURE(order, pad);
  whole({.stall = pad % 2 == 1 ? 25U : 0U}, make_bind(order, pad), "ddrzzd", 48);
}

TEST_CASE("migrate_out: fill pages at the start, in the middle, at the end, everywhere", "[record]") {
  const unsigned order = GENERATE(0U, 1U, 2U, 3U, 4U);
  const std::string kinds =
      GENERATE("zzzd", "dzzzd", "dzzz", "zzzz", "z", "d", "zzffgz", "zdzdz", "nmnm", "zzzzzzzzdffffd", "");
  CAPTURE(order, kinds);
  whole({}, make_bind(order), kinds);
  whole({.stall = 40}, make_bind(order), kinds);
}

TEST_CASE("migrate_out: metadata of every size class", "[record]") {
  const unsigned order = GENERATE(0U, 1U, 2U, 3U, 4U);
  const unsigned bytes = GENERATE(16U, 32U, 512U, 4080U, 4096U);
  CAPTURE(order, bytes);
  whole({.stall = 20}, make_bind(order, 1), "d", bytes);
  whole({}, make_bind(order), "", bytes);
}

TEST_CASE("migrate_out: a stream over several jobs", "[record]") {
  const unsigned order = GENERATE(0U, 1U, 2U, 3U, 4U);
  const unsigned stall = GENERATE(0U, 30U);
  CAPTURE(order, stall);
  const StreamBind bind = make_bind(order, 2);
  Machine machine({.stall = stall}, bind);
  Bytes stream;
  const auto run = [&](const std::string& kinds, std::uint64_t gpa, bool begin, bool end, unsigned metadata) {
    const Bytes image = make_pages(kinds, gpa + 1);
    Job job = load(machine, image, gpa);
    job.begin = begin;
    job.end = end;
    if (metadata != 0) load_metadata(machine, job, metadata);
    const Result result = machine.run(job);
    REQUIRE(result.done);
    const bool any = begin || end || metadata != 0 || !kinds.empty();
    CHECK(result.closed == any);
    CHECK(result.commands == (any ? 1 : 0));
    CHECK(result.counts.bytes_out == result.written.size());
    stream.insert(stream.end(), result.written.begin(), result.written.end());
    return image;
  };
  run("", 0, true, false, 0);
  const Bytes a = run("dz", 0, false, false, 32);
  run("", 0, false, false, 0);
  const Bytes b = run("zzr", 0x10000, false, false, 0);
  run("", 0, false, false, 64);
  const Bytes c = run("zz", 0x20000, false, false, 0);
  run("", 0, false, true, 0);
  const ReadStream read = read_stream(stream, bind);
  check_image(read, a, 0);
  check_image(read, b, 0x10000);
  check_image(read, c, 0x20000);
  CHECK(read.pages.size() == 7);
  CHECK(machine.bench.errors() == 0);

  // The next stream, whole in one job.
  machine.seq = 0;
  machine.totals = {};
  stream.clear();
  const Bytes d = run("drz", 0, true, true, 0);
  check_image(read_stream(stream, bind), d, 0);
  CHECK(machine.bench.errors() == 0);
}

TEST_CASE("migrate_out: a target too small by a beat at every record", "[record]") {
  const unsigned order = GENERATE(0U, 1U, 2U, 3U, 4U);
  const unsigned stall = GENERATE(0U, 30U);
  CAPTURE(order, stall);
  const StreamBind bind = make_bind(order, 1);
  const std::string kinds = "dzzrd";
  const Bytes image = make_pages(kinds);
  Bytes good;
  std::vector<std::size_t> ends;  // where the header and each record end
  {
    Machine machine({.stall = stall}, bind);
    Job job = load(machine, image);
    load_metadata(machine, job, 32);
    good = machine.run(job).written;
    ends.push_back(96);
    for (const auto& r : read_stream(good, bind).records) ends.push_back(ends.back() + 48 + r.payload_length);
    REQUIRE(ends.back() == good.size());
  }
  for (std::size_t i = 0; i < ends.size(); ++i) {
    CAPTURE(i);
    Machine machine({.stall = stall}, bind);
    Job job = load(machine, image);
    load_metadata(machine, job, 32);
    const std::size_t before = i == 0 ? 0 : ends[i - 1];
    job.dst_len = ends[i] - 16;
    const Result result = machine.run(job);
    CHECK(!result.done);
    REQUIRE(result.fault);
    CHECK(result.fault->first == 0x13);
    CHECK(result.fault->second == job.dst + before);
    CHECK(result.written == Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(before)));
    CHECK(result.closed == (i != 0));
    CHECK(result.commands == (i != 0 ? 1 : 0));
    CHECK(machine.seq == i);
    if (i != 0) check_counts(result, read_stream(result.written, bind, false));
    machine.bench.ticks(500);
    CHECK(machine.bench->done_o == 0);

    // The slot goes on where it stands, into a target with room: exactly enough of it.
    machine.clear();
    machine.seq = 0;
    machine.totals = {};
    job.dst_len = good.size();
    const Result again = machine.run(job);
    REQUIRE(again.done);
    CHECK(again.written == good);
    CHECK(machine.bench.errors() == 0);
  }
}

TEST_CASE("migrate_out: counts are of what memory has answered for, wherever it fails", "[record]") {
  const unsigned order = GENERATE(0U, 1U, 2U, 3U, 4U);
  CAPTURE(order);
  const StreamBind bind = make_bind(order, 1);
  const Bytes image = make_pages("dzzrzdffgd");
  Machine machine({.stall = order * 7, .mem_latency = 90}, bind);
  Job job = load(machine, image);
  load_metadata(machine, job, 48);
  const Bytes good = machine.run(job).written;
  auto rng = make_rng(400 + order);
  for (int i = 0; i < 20; ++i) {
    const std::uint64_t limit = i == 0   ? 0
                                : i == 1 ? 96
                                : i == 2 ? good.size() - 16
                                         : 16 * (rng() % (good.size() / 16));
    CAPTURE(limit);
    machine.seq = 0;
    machine.totals = {};
    machine.answered_at_most = limit;
    const Result result = machine.run(job);
    REQUIRE(result.done);
    CHECK(result.counts.bytes_out == limit);
    ReadStream read;
    std::size_t whole = limit < 96 ? 0 : 96;
    if (whole != 0) {
      for (const auto& r : read_stream(good, bind).records) {
        if (whole + 48 + r.payload_length > limit) break;
        whole += 48 + r.payload_length;
      }
      read = read_stream(Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(whole)), bind, false);
    }
    std::uint64_t pages = 0, bytes_in = 0;
    for (const auto& r : read.records) {
      pages += r.count;
      bytes_in += r.count * kPage + (r.type == 3 ? 48 : 0);
    }
    CHECK(result.counts.records == read.records.size());
    CHECK(result.counts.pages == pages);
    CHECK(result.counts.bytes_in == bytes_in);
    CHECK(machine.landed == read.records.size() + (limit < 96 ? 0 : 1));
    machine.clear();
  }
  CHECK(machine.bench.errors() == 0);
}

TEST_CASE("migrate_out: cleared in the middle of a job, the next one is good", "[record]") {
  const unsigned order = GENERATE(0U, 1U, 2U, 3U, 4U);
  CAPTURE(order);
  const StreamBind bind = make_bind(order);
  const Bytes image = make_pages("dzdrzzd");
  Machine machine({.stall = 10}, bind);
  Job job = load(machine, image);
  load_metadata(machine, job, 16);
  Bytes good;
  auto rng = make_rng(order);
  for (int i = 0; i < 25; ++i) {
    machine.seq = 0;
    machine.totals = {};
    const Result broken = machine.run(job, i * 150 + rng() % 150);
    CHECK(!broken.fault);
    machine.clear();
    machine.bench.ticks(3);
    CHECK(machine.bench->done_o == 0);
    machine.seq = 0;
    machine.totals = {};
    const Result result = machine.run(job);
    REQUIRE(result.done);
    if (good.empty()) {
      good = result.written;
      check_image(read_stream(good, bind), image, 0);
    }
    REQUIRE(result.written == good);
  }
  CHECK(machine.bench.errors() == 0);
}

TEST_CASE("migrate_out: random images under random stalls", "[record]") {
  auto rng = make_rng(77);
  for (int i = 0; i < 30; ++i) {
    std::string kinds;
    const auto n = rng() % 14;
    for (std::uint64_t k = 0; k < n; ++k) kinds += "zzzfgrddnm"[rng() % 10];
    const unsigned order = static_cast<unsigned>(rng() % 5);
    const unsigned pad = static_cast<unsigned>(rng() % 5);
    const unsigned metadata = static_cast<unsigned>(rng() % 4 == 0 ? 16 * (1 + rng() % 256) : 0);
    const Setup setup{.stall = static_cast<unsigned>(rng() % 70),
                      .mem_latency = static_cast<unsigned>(rng() % 300),
                      .lanes = static_cast<unsigned>(1 + rng() % 8),
                      .lane_cycles = static_cast<unsigned>(rng() % 2000),
                      .lane_pages = static_cast<unsigned>(1 + rng() % 16),
                      .crypto_latency = static_cast<unsigned>(1 + rng() % 60)};
    CAPTURE(i, kinds, order, pad, metadata, setup.stall, setup.lane_pages);
    whole(setup, make_bind(order, pad, rng()), kinds, metadata);
  }
}

TEST_CASE("migrate_out: rates", "[record][rate]") {
  // Cycles a page in the steady state: what the second hundred pages add to the first.
  const auto rate = [](const std::string& what, unsigned order, char kind, const Setup& setup) {
    std::array<std::uint64_t, 2> cycles{};
    unsigned lane_pages = 0;
    for (unsigned i = 0; i < 2; ++i) {
      Machine machine(setup, make_bind(order));
      const Job job = load(machine, make_pages(std::string(100 * (i + 1), kind)));
      const Result result = machine.run(job);
      REQUIRE(result.done);
      CHECK(machine.bench.errors() == 0);
      cycles[i] = result.cycles;
      lane_pages = machine.most_lane_pages;
    }
    const auto per_page = static_cast<double>(cycles[1] - cycles[0]) / 100;
    fmt::print("{:<40} {:6.1f} cycles a page, {:5.2f} bytes a cycle, {:4.0f} cycles beside, {} pages in lanes\n", what,
               per_page, 4096 / per_page, static_cast<double>(cycles[0]) - 100 * per_page, lane_pages);
    return 4096 / per_page;
  };
  const Setup lanes{.lanes = 8, .lane_cycles = 1000, .lane_pages = 16};
  const Setup ideal{.lanes = 16, .lane_cycles = 256, .lane_pages = 16};
  CHECK(rate("copy", 4, 'r', {}) > 15.5);
  CHECK(rate("copy, memory latency 250", 4, 'r', {.mem_latency = 250}) > 15.5);
  CHECK(rate("encrypt_only", 2, 'r', {}) > 15.5);
  CHECK(rate("copy, zero pages", 4, 'z', {}) > 15.8);
  CHECK(rate("compress_then_encrypt, zero pages", 0, 'z', {}) > 15.8);
  CHECK(rate("compress_then_encrypt, 16 lanes of 256", 0, 'd', ideal) > 15.5);
  CHECK(rate("compress_then_encrypt, 8 lanes of 1000", 0, 'd', lanes) > 15.0);
  CHECK(rate("encrypt_then_compress, 8 lanes of 1000", 1, 'd', lanes) > 15.0);
}
