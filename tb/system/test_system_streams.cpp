// SPDX-License-Identifier: Apache-2.0
// Streams through the whole top, in every order and padding, over several jobs: RTL to golden, golden to RTL, RTL to
// RTL.
#include <zlib.h>

#include "common/catch.h"
#include "common/seed.h"
#include "rig.h"

using namespace sealift;
using namespace sealift::test;

namespace {

constexpr std::array<Order, 5> kOrders{Order::CompressThenEncrypt, Order::EncryptThenCompress, Order::EncryptOnly,
                                       Order::CompressOnly, Order::Copy};

struct Sent {
  Bytes stream;
  device::Counters counters;  // of all jobs
};

Job job_of(const Binding& b, Direction direction, unsigned slot) {
  Job job;
  job.direction = direction;
  job.order = b.header.order;
  job.algorithm = b.header.algorithm;
  job.slot = slot;
  return job;
}

/// Migrates the pages out in `cuts.size() + 1` jobs, each of which begins at a page of `cuts`.
Sent send(Rig& rig, std::mt19937_64& rng, const Binding& b, unsigned slot, unsigned pad, ConstSpan pages,
          std::uint64_t gpa, const std::vector<std::size_t>& cuts, ConstSpan metadata, std::size_t metadata_job) {
  rig.install(slot, b, Direction::Out);
  rig.device.write_memory(kGuest, pages);
  const std::uint64_t room = pages.size() + pages.size() / 4 + 16384;
  rig.fill_memory(kStream, room + kPageBytes, 0xee);
  Sent sent;
  std::uint64_t records = 0;
  for (std::size_t j = 0; j <= cuts.size(); ++j) {
    const std::size_t first = j == 0 ? 0 : cuts[j - 1] * kPageBytes;
    const std::size_t last = j == cuts.size() ? pages.size() : cuts[j] * kPageBytes;
    Job job = job_of(b, Direction::Out, slot);
    job.pad = pad;
    job.level = rng() % 2 == 0 ? Level::Default : Level::Best;
    job.begin = j == 0;
    job.end = j == cuts.size();
    job.source = kGuest + first;
    job.source_bytes = last - first;
    job.target = kStream + sent.stream.size();
    job.target_bytes = room - sent.stream.size();
    job.gpa = gpa + first;
    if (j == metadata_job && !metadata.empty()) {
      rig.device.write_memory(kMeta, metadata);
      job.meta = kMeta;
      job.meta_bytes = static_cast<std::uint32_t>(metadata.size());
    }
    job.by_host = rng() % 2 == 0;
    INFO("job " << j << " of " << cuts.size() + 1 << ", pages " << (last - first) / kPageBytes << ", metadata "
                << job.meta_bytes << ", by host " << job.by_host);
    const Ended e = rig.run(job);
    REQUIRE(e.start == Status::Ok);
    REQUIRE(name(e.code) == name(Status::Ok));
    CHECK(e.address == 0);
    CHECK(e.counters.pages == job.source_bytes / kPageBytes);
    CHECK(e.counters.bytes_in == job.source_bytes + job.meta_bytes);
    REQUIRE(e.counters.bytes_out <= job.target_bytes);
    const Bytes part = rig.memory(job.target, e.counters.bytes_out);
    sent.stream.insert(sent.stream.end(), part.begin(), part.end());
    sent.counters += e.counters;
    records += e.counters.records;
    CHECK(e.last_sequence == (e.counters.records == 0 ? 0 : records));  // zero where the job made none
    CHECK(rig.slot_sequence(slot) == records + 1);
  }
  // Nothing beyond what the counters say.
  const Bytes rest = rig.memory(kStream + sent.stream.size(), 256);
  CHECK(std::all_of(rest.begin(), rest.end(), [](std::uint8_t x) { return x == 0xee; }));
  CHECK((rig.slot_status(slot) & 9) == 9);  // ended
  return sent;
}

/// What a stream holds, by the golden reader, against what went in.
Opened check_stream(ConstSpan stream, const Binding& b, unsigned pad, ConstSpan pages, std::uint64_t gpa,
                    ConstSpan metadata) {
  const Opened o = open_stream(stream, b);
  REQUIRE(name(o.status) == name(Status::Ok));
  CHECK(o.header.stream_id == b.header.stream_id);
  CHECK(o.header.salt == b.header.salt);
  CHECK(o.header.key_exchange == b.header.key_exchange);
  CHECK(o.pages == pages.size() / kPageBytes);
  CHECK(o.memory.size() == pages.size() / kPageBytes);
  std::size_t wrong = 0;
  for (std::size_t at = 0; at < pages.size(); at += kPageBytes) {
    const auto found = o.memory.find(gpa + at);
    const ConstSpan page = pages.subspan(at, kPageBytes);
    if (found == o.memory.end() || !std::equal(page.begin(), page.end(), found->second.begin())) ++wrong;
  }
  CHECK(wrong == 0);
  std::size_t fills = 0;
  for (std::size_t at = 0; at < pages.size(); at += kPageBytes) {
    fills += golden::fill_word(pages.subspan(at, kPageBytes)) ? 1U : 0U;
  }
  CHECK(o.fill_pages == fills);
  if (metadata.empty()) {
    CHECK(o.metadata.empty());
  } else {
    REQUIRE(o.metadata.size() == 1);
    CHECK(std::equal(metadata.begin(), metadata.end(), o.metadata.begin()->second.begin(),
                     o.metadata.begin()->second.end()));
  }
  // Each payload fills the fewest buckets that it fits.
  for (std::size_t i = 0; i < o.headers.size(); ++i) {
    const std::uint64_t bucket = kPadBuckets[pad];
    CHECK(o.headers[i].payload_length == (o.payload_used[i] + bucket - 1) / bucket * bucket);
  }
  return o;
}

/// Migrates a stream in, in jobs that end at the given records, and compares all of the target.
device::Counters receive(Rig& rig, std::mt19937_64& rng, const Binding& b, unsigned slot, ConstSpan stream,
                         const Opened& o, ConstSpan pages, std::uint64_t gpa, unsigned parts) {
  rig.install(slot, b, Direction::In);
  rig.device.write_memory(kStream, stream);
  rig.fill_memory(kTarget + gpa - kPageBytes, pages.size() + 2 * kPageBytes, 0x5a);
  rig.fill_memory(kMeta, 2 * kPageBytes, 0x5a);
  std::vector<std::uint64_t> ends;
  for (unsigned i = 1; i < parts; ++i) ends.push_back(o.record_offsets[rng() % o.record_offsets.size()]);
  ends.push_back(stream.size());
  std::sort(ends.begin(), ends.end());
  device::Counters counters;
  std::uint64_t at = 0;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    Job job = job_of(b, Direction::In, slot);
    job.begin = i == 0;
    job.end = i + 1 == ends.size();
    job.source = kStream + at;
    job.source_bytes = ends[i] - at;
    job.target = kTarget;
    job.target_bytes = gpa + pages.size();
    job.meta = kMeta;
    job.meta_bytes = o.metadata.empty() ? 0 : 4096;
    job.by_host = rng() % 2 == 0;
    at = ends[i];
    INFO("in, job " << i << " of " << ends.size() << ", bytes " << job.source_bytes << ", by host " << job.by_host);
    const Ended e = rig.run(job);
    REQUIRE(e.start == Status::Ok);
    REQUIRE(name(e.code) == name(Status::Ok));
    CHECK(e.counters.bytes_in == job.source_bytes);
    counters += e.counters;
  }
  CHECK(counters.pages == o.pages);
  CHECK(counters.fill_pages == o.fill_pages);
  CHECK(counters.records == o.records);
  std::uint64_t meta_bytes = 0;
  for (const auto& [offset, block] : o.metadata) meta_bytes += block.size();
  CHECK(counters.bytes_out == o.pages * kPageBytes + meta_bytes);
  Bytes expected(pages.size() + 2 * kPageBytes, 0x5a);
  std::copy(pages.begin(), pages.end(), expected.begin() + kPageBytes);
  CHECK(difference(rig.memory(kTarget + gpa - kPageBytes, expected.size()), expected).value_or(~0UL) == ~0UL);
  Bytes expected_meta(2 * kPageBytes, 0x5a);
  for (const auto& [offset, block] : o.metadata) {
    std::copy(block.begin(), block.end(), expected_meta.begin() + static_cast<std::ptrdiff_t>(offset));
  }
  CHECK(difference(rig.memory(kMeta, expected_meta.size()), expected_meta).value_or(~0UL) == ~0UL);
  return counters;
}

/// Out, opened by the golden reader, and in again.
void round_trip(Rig& rig, std::mt19937_64& rng, const Binding& b, unsigned pad, ConstSpan pages) {
  const unsigned slot = static_cast<unsigned>(rng() % 4);
  const std::uint64_t gpa = kPageBytes * (1 + rng() % 100000);
  const std::size_t count = pages.size() / kPageBytes;
  std::vector<std::size_t> cuts(rng() % 4);
  for (auto& cut : cuts) cut = rng() % (count + 1);  // equal ones make empty jobs
  std::sort(cuts.begin(), cuts.end());
  const Bytes metadata = rng() % 2 == 0 ? Bytes{} : make_bytes(rng, 16 * (1 + rng() % 256));
  INFO(name(b.header.order) << ", " << name(b.header.algorithm) << ", bucket " << kPadBuckets[pad] << ", slot " << slot
                            << ", pages " << count << ", metadata " << metadata.size());
  const Sent sent = send(rig, rng, b, slot, pad, pages, gpa, cuts, metadata, rng() % (cuts.size() + 1));
  const Opened o = check_stream(sent.stream, b, pad, pages, gpa, metadata);
  CHECK(sent.counters.records == o.records);
  CHECK(sent.counters.pages == o.pages);
  CHECK(sent.counters.fill_pages == o.fill_pages);
  CHECK(sent.counters.body_bytes == o.wire_bytes);
  const auto c = receive(rig, rng, b, slot, sent.stream, o, pages, gpa, 1 + static_cast<unsigned>(rng() % 3));
  CHECK(c.body_bytes == o.wire_bytes);
  // The kinds of block that one side says it made are those that the other finds.
  CHECK(c.stored == sent.counters.stored);
  CHECK(c.fixed == sent.counters.fixed);
  CHECK(c.dynamic == sent.counters.dynamic);
  rig.clear(slot);
}
void round_trip(Rig& rig, std::mt19937_64& rng, Order order, unsigned pad, ConstSpan pages) {
  round_trip(rig, rng, Binding::make(rng, order), pad, pages);
}

}  // namespace

TEST_CASE("every order and padding, over several jobs, opened by the golden reader and migrated in again") {
  auto rng = tb::make_rng(100);
  Rig rig(Rig::calm(tb::run_seed()));
  for (const Order order : kOrders) {
    for (unsigned pad = 0; pad < kPadBuckets.size(); ++pad) {
      const Bytes pages = make_pages(rng, 3 + rng() % 5);
      round_trip(rig, rng, order, pad, pages);
      // What another sender has padded is taken, whatever this one would do.
      const Binding b = Binding::make(rng, order);
      const Bytes metadata = make_bytes(rng, 16 * (1 + rng() % 40));
      const Bytes stream = write_stream(b, pages, kPageBytes, {6}, kPadBuckets[pad], metadata);
      receive(rig, rng, b, 3, stream, check_stream(stream, b, pad, pages, kPageBytes, metadata), pages, kPageBytes, 1);
      rig.clear(3);
    }
  }
  CHECK(rig.device.failures() == 0);
  CHECK(!rig.device.interrupts().alert);
}

TEST_CASE("every algorithm in every order, from the RTL to the golden reader, from the golden writer to the RTL") {
  auto rng = tb::make_rng(104);
  Rig rig(Rig::calm(tb::run_seed() + 4));
  for (const auto algorithm : all_algorithms()) {
    if (algorithm == Algorithm::None) continue;
    for (const Order order : {Order::CompressThenEncrypt, Order::EncryptThenCompress, Order::EncryptOnly}) {
      const unsigned pad = static_cast<unsigned>(rng() % kPadBuckets.size());
      round_trip(rig, rng, Binding::make(rng, order, algorithm), pad, make_pages(rng, 2 + rng() % 3));

      const Binding b = Binding::make(rng, order, algorithm);
      const Bytes pages = make_pages(rng, 2 + rng() % 3);
      const std::uint64_t gpa = kPageBytes * (1 + rng() % 100000);
      const Bytes metadata = make_bytes(rng, 16 * (1 + rng() % 8));
      INFO("golden, " << name(order) << ", " << name(algorithm) << ", bucket " << kPadBuckets[pad]);
      const Bytes stream = write_stream(b, pages, gpa, {9}, kPadBuckets[pad], metadata);
      const Opened o = open_stream(stream, b);
      REQUIRE(o.status == Status::Ok);
      receive(rig, rng, b, 2, stream, o, pages, gpa, 1 + static_cast<unsigned>(rng() % 2));
      rig.clear(2);
    }
  }
  CHECK(rig.device.failures() == 0);
  CHECK(!rig.device.interrupts().alert);
}

TEST_CASE("slices of the bundled pages") {
  auto rng = tb::make_rng(101);
  Rig rig(Rig::calm(tb::run_seed() + 1));
  for (const char* file : {"data/dev-run.bin", "data/dev-4k.bin"}) {
    const Bytes pages = load(file, kPageBytes * (rng() % 1000), 24 * kPageBytes);
    for (const Order order : {Order::CompressThenEncrypt, Order::EncryptThenCompress}) {
      round_trip(rig, rng, order, static_cast<unsigned>(rng() % kPadBuckets.size()), pages);
    }
  }
  CHECK(rig.device.failures() == 0);
}

TEST_CASE("streams that zlib and OpenSSL wrote, at every level and strategy") {
  auto rng = tb::make_rng(102);
  Rig rig(Rig::calm(tb::run_seed() + 2));
  const std::vector<golden::DeflateOptions> variants{{9, Z_DEFAULT_STRATEGY, 9, 15},
                                                     {0, Z_DEFAULT_STRATEGY, 9, 15},
                                                     {1, Z_DEFAULT_STRATEGY, 8, 15},
                                                     {6, Z_DEFAULT_STRATEGY, 8, 12},
                                                     {9, Z_FIXED, 9, 15},
                                                     {6, Z_HUFFMAN_ONLY, 9, 15},
                                                     {6, Z_RLE, 9, 15},
                                                     {9, Z_FILTERED, 1, 9}};
  const auto one = [&](Order order, const golden::DeflateOptions& deflate, std::uint32_t max_run) {
    const Binding b = Binding::make(rng, order);
    const unsigned pad = static_cast<unsigned>(rng() % kPadBuckets.size());
    const Bytes pages = make_pages(rng, 4 + rng() % 4);
    const std::uint64_t gpa = kPageBytes * (1 + rng() % 100000);
    const Bytes metadata = rng() % 2 == 0 ? Bytes{} : make_bytes(rng, 16 * (1 + rng() % 256));
    INFO("order " << name(order) << ", level " << deflate.level << ", strategy " << deflate.strategy << ", max_run "
                  << max_run);
    const Bytes stream = write_stream(b, pages, gpa, deflate, kPadBuckets[pad], metadata, max_run);
    const Opened o = open_stream(stream, b);
    REQUIRE(o.status == Status::Ok);
    const unsigned slot = static_cast<unsigned>(rng() % 4);
    const auto c = receive(rig, rng, b, slot, stream, o, pages, gpa, 1 + static_cast<unsigned>(rng() % 3));
    CHECK(c.body_bytes == o.wire_bytes);
    rig.clear(slot);
  };
  for (const Order order : {Order::CompressThenEncrypt, Order::EncryptThenCompress, Order::CompressOnly}) {
    for (const auto& deflate : variants) one(order, deflate, static_cast<std::uint32_t>(rng() % 4));
  }
  one(Order::EncryptOnly, {}, 1024);
  one(Order::Copy, {}, 1024);
  CHECK(rig.device.failures() == 0);
}

TEST_CASE("random stalls, latencies and register accesses") {
  for (unsigned i = 0; i < 8; ++i) {
    auto rng = tb::make_rng(110 + i);
    const auto options = Rig::wild(rng);
    INFO("stall " << options.stall_percent << ", latency " << options.read_latency << ", " << options.write_latency);
    Rig rig(options);
    for (unsigned k = 0; k < 2; ++k) {
      const Bytes pages = make_pages(rng, 2 + rng() % 5);
      round_trip(rig, rng, kOrders[rng() % kOrders.size()], static_cast<unsigned>(rng() % kPadBuckets.size()), pages);
    }
    CHECK(rig.device.failures() == 0);
  }
}

TEST_CASE("two streams take turns, job by job, in slots of their own") {
  auto rng = tb::make_rng(103);
  Rig rig(Rig::calm(tb::run_seed() + 3));
  const std::array<Binding, 2> b{Binding::make(rng, Order::CompressThenEncrypt),
                                 Binding::make(rng, Order::EncryptOnly)};
  const std::array<Bytes, 2> pages{make_pages(rng, 6), make_pages(rng, 6)};
  std::array<Bytes, 2> streams;
  for (unsigned s = 0; s < 2; ++s) rig.install(s + 1, b[s], Direction::Out);
  for (unsigned j = 0; j < 3; ++j) {
    for (unsigned s = 0; s < 2; ++s) {
      rig.device.write_memory(kGuest, ConstSpan(pages[s]).subspan(2 * j * kPageBytes, 2 * kPageBytes));
      Job job = job_of(b[s], Direction::Out, s + 1);
      job.begin = j == 0;
      job.end = j == 2;
      job.source = kGuest;
      job.source_bytes = 2 * kPageBytes;
      job.target = kStream;
      job.target_bytes = 4 * kPageBytes;
      job.gpa = 2 * j * kPageBytes;
      const Ended e = rig.run(job);
      REQUIRE(e.code == Status::Ok);
      const Bytes part = rig.memory(kStream, e.counters.bytes_out);
      streams[s].insert(streams[s].end(), part.begin(), part.end());
    }
  }
  for (unsigned s = 0; s < 2; ++s) check_stream(streams[s], b[s], 0, pages[s], 0, {});
  CHECK(rig.device.failures() == 0);
}
