// SPDX-License-Identifier: Apache-2.0
// What to move and where to put it, by lists in memory, and jobs in a queue: through the whole top, against the golden
// reader and a model of memory.
#include <set>

#include "common/catch.h"
#include "common/seed.h"
#include "rig.h"

using namespace sealift;
using namespace sealift::test;

namespace {

constexpr std::array<Order, 5> kOrders{Order::CompressThenEncrypt, Order::EncryptThenCompress, Order::EncryptOnly,
                                       Order::CompressOnly, Order::Copy};
constexpr std::uint64_t kRoom = 1 << 20;

void add(Bytes& bytes, std::uint64_t value) {
  for (unsigned i = 0; i < 8; ++i) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

/// A guest whose pages lie anywhere in a range of frames.
struct Guest {
  std::uint64_t base = kGuest;  // of the frames
  std::uint64_t frames = 0;
  std::vector<std::uint64_t> frame_of;  // by guest page number

  static Guest make(std::mt19937_64& rng, std::uint64_t base, std::uint64_t pages) {
    Guest g;
    g.base = base;
    g.frames = pages + rng() % 20;
    std::vector<std::uint64_t> all(g.frames);
    for (std::uint64_t i = 0; i < g.frames; ++i) all[i] = i;
    std::shuffle(all.begin(), all.end(), rng);
    g.frame_of.assign(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(pages));
    return g;
  }
  [[nodiscard]] std::uint64_t address(std::uint64_t gpn) const { return base + frame_of[gpn] * kPageBytes; }
  [[nodiscard]] std::uint64_t bytes() const { return frames * kPageBytes; }
  [[nodiscard]] Bytes table() const {
    Bytes t;
    for (std::uint64_t i = 0; i < frame_of.size(); ++i) add(t, address(i));
    if (t.size() % 16 != 0) add(t, 0);
    return t;
  }
};

Job out_job(const Binding& b, unsigned slot) {
  Job j;
  j.order = b.header.order;
  j.algorithm = b.header.algorithm;
  j.slot = slot;
  j.target = kStream;
  j.target_bytes = kRoom;
  return j;
}

void put_list(Rig& rig, Job& job, unsigned kind, const Bytes& list) {
  job.list_kind = kind;
  job.list = kList;
  job.list_bytes = list.size();
  rig.device.write_memory(kList, list);
}

/// Everything the jobs of a test may touch, in windows of their own, open from the start: jobs in a queue need that.
void open_all(Rig& rig, const Guest& source, const Guest& target) {
  rig.precise_windows = false;
  rig.window(0, source.base, source.bytes(), Rig::kRead);
  rig.window(1, kStream, 2 * kRoom, Rig::kRead | Rig::kWrite);
  rig.window(2, kList, 1 << 16, Rig::kRead);
  rig.window(3, target.base, target.bytes(), Rig::kWrite);
  rig.window(4, kRecords, 4096, Rig::kWrite);
}

}  // namespace

TEST_CASE("system: every kind of list out, a page table in, every order", "[system]") {
  auto rng = tb::make_rng(1);
  Rig rig(Rig::wild(rng));
  unsigned round = 0;
  for (const unsigned kind : {SEALIFT_LIST_PAGES, SEALIFT_LIST_RANGES, SEALIFT_LIST_BITMAP}) {
    for (unsigned i = 0; i < 2; ++i, ++round) {
      const Order order = kOrders[round % kOrders.size()];
      const Binding b = Binding::make(rng, order);
      const std::uint64_t pages = 40;
      const Guest guest = Guest::make(rng, kGuest, pages);
      const Bytes memory = make_pages(rng, guest.frames);
      rig.device.write_memory(guest.base, memory);
      Job job = out_job(b, 0);
      job.source = guest.base;
      job.source_bytes = guest.bytes();
      job.record = kRecords;
      job.tag = 0x1000 + round;
      job.by_host = rng() % 2 == 0;
      std::map<std::uint64_t, std::uint64_t> expected;  // guest page to frame; a later entry wins
      std::uint64_t entries = 0;
      Bytes list;
      if (kind == SEALIFT_LIST_PAGES) {
        for (; entries < 30; ++entries) {
          const std::uint64_t gpn = rng() % pages, frame = rng() % guest.frames;
          add(list, gpn);
          add(list, guest.base + frame * kPageBytes);
          expected[gpn] = frame;
        }
      } else if (kind == SEALIFT_LIST_RANGES) {
        for (unsigned e = 0; e < 12; ++e) {
          const std::uint64_t gpn = rng() % pages, frame = rng() % guest.frames;
          const std::uint64_t n = 1 + rng() % std::min({pages - gpn, guest.frames - frame, std::uint64_t{5}});
          add(list, guest.base + frame * kPageBytes);
          add(list, gpn);
          add(list, n);
          add(list, 0);
          for (std::uint64_t k = 0; k < n; ++k) expected[gpn + k] = frame + k;
          entries += n;
        }
      } else {
        list.assign(64, 0);
        job.gpa = 3 * kPageBytes;
        for (std::uint64_t k = 0; k < guest.frames; ++k) {
          if (rng() % 3 == 0) continue;
          list[k / 8] = static_cast<std::uint8_t>(list[k / 8] | 1U << (k % 8));
          expected[3 + k] = k;
          ++entries;
        }
      }
      put_list(rig, job, kind, list);
      INFO("kind " << kind << " order " << name(order) << " entries " << entries);
      rig.install(0, b, Direction::Out);
      rig.fill_memory(kRecords, 128, 0);
      const Ended e = rig.run(job);
      REQUIRE(name(e.code) == name(Status::Ok));
      CHECK(e.counters.pages == entries);
      CHECK(e.counters.bytes_in == entries * kPageBytes);  // the list is not counted
      const Completion c = rig.completion(kRecords);
      CHECK(c.written == 1);
      CHECK(c.code == Status::Ok);
      CHECK(c.tag == job.tag);
      CHECK(c.pages == e.counters.pages);
      CHECK(c.bytes_in == e.counters.bytes_in);
      CHECK(c.bytes_out == e.counters.bytes_out);
      CHECK(c.last_sequence == e.last_sequence);
      CHECK(c.cycles == e.counters.cycles);
      CHECK(c.records == e.counters.records);
      CHECK(c.address == 0);
      const Bytes beyond = rig.memory(kRecords + 64, 64);
      CHECK(std::all_of(beyond.begin(), beyond.end(), [](std::uint8_t x) { return x == 0; }));
      const Bytes stream = rig.memory(kStream, e.counters.bytes_out);
      const Opened o = open_stream(stream, b);
      REQUIRE(name(o.status) == name(Status::Ok));
      CHECK(o.pages == entries);
      CHECK(o.memory.size() == expected.size());
      const auto page_at = [&](std::uint64_t frame) {
        const auto from = memory.begin() + static_cast<std::ptrdiff_t>(frame * kPageBytes);
        return Bytes(from, from + kPageBytes);
      };
      std::size_t wrong = 0;
      for (const auto& [gpn, frame] : expected) {
        const auto found = o.memory.find(gpn * kPageBytes);
        if (found == o.memory.end() || found->second != page_at(frame)) ++wrong;
      }
      CHECK(wrong == 0);

      // And in again, by a page table.
      const Guest other = Guest::make(rng, kTarget, guest.frames + 3);
      rig.install(1, b, Direction::In);
      rig.fill_memory(other.base, other.bytes(), 0x5a);
      Job in = out_job(b, 1);
      in.direction = Direction::In;
      in.source = kStream;
      in.source_bytes = stream.size();
      in.target = other.base;
      in.target_bytes = other.bytes();
      put_list(rig, in, SEALIFT_LIST_TABLE, other.table());
      const Ended back = rig.run(in);
      REQUIRE(name(back.code) == name(Status::Ok));
      CHECK(back.counters.pages == entries);
      Bytes target(other.bytes(), 0x5a);
      for (const auto& [gpn, frame] : expected) {
        const Bytes page = page_at(frame);
        std::copy(page.begin(), page.end(),
                  target.begin() + static_cast<std::ptrdiff_t>(other.frame_of[gpn] * kPageBytes));
      }
      CHECK(difference(rig.memory(other.base, other.bytes()), target).value_or(~0UL) == ~0UL);
    }
  }
  CHECK(rig.device.failures() == 0);
}

TEST_CASE("system: pre-copy rounds by bitmap from a queue, later records win", "[system]") {
  auto rng = tb::make_rng(2);
  Rig rig(Rig::calm(tb::run_seed()));
  const Binding b = Binding::make(rng, Order::CompressThenEncrypt);
  constexpr std::uint64_t kPages = 48;
  Guest guest;
  guest.frames = kPages;
  const Guest other = Guest::make(rng, kTarget, kPages);
  open_all(rig, guest, other);
  rig.install(0, b, Direction::Out);
  rig.install(1, b, Direction::In);
  rig.device.write_memory(kList + 0x8000, other.table());
  Bytes memory = make_pages(rng, kPages);
  std::uint64_t stream = kStream;
  constexpr unsigned kRounds = 4;
  for (unsigned round = 0; round < kRounds; ++round) {
    // What the guest wrote since the last round; in the last one nothing.
    Bytes bitmap(16, 0);
    for (std::uint64_t p = 0; p < kPages; ++p) {
      if (round != 0 && (round == kRounds - 1 || rng() % 3 != 0)) continue;
      bitmap[p / 8] = static_cast<std::uint8_t>(bitmap[p / 8] | 1U << (p % 8));
      if (round != 0) {
        const Bytes page = make_page(rng);
        std::copy(page.begin(), page.end(), memory.begin() + static_cast<std::ptrdiff_t>(p * kPageBytes));
      }
    }
    rig.device.write_memory(kGuest, memory);
    rig.device.write_memory(kList + 256 * round, bitmap);
    Job out = out_job(b, 0);
    out.begin = round == 0;
    out.end = round == kRounds - 1;
    out.source = kGuest;
    out.source_bytes = kPages * kPageBytes;
    out.target = stream;
    out.target_bytes = kStream + kRoom - stream;
    out.list_kind = SEALIFT_LIST_BITMAP;
    out.list = kList + 256 * round;
    out.list_bytes = 16;
    out.record = kRecords + 128 * round;
    out.tag = round;
    REQUIRE(rig.push(out) == Status::Ok);
    rig.drain();
    const Completion c = rig.completion(out.record);
    REQUIRE(name(c.code) == name(Status::Ok));
    Job in = out_job(b, 1);
    in.direction = Direction::In;
    in.begin = out.begin;
    in.end = out.end;
    in.source = stream;
    in.source_bytes = c.bytes_out;
    in.target = other.base;
    in.target_bytes = other.bytes();
    in.list_kind = SEALIFT_LIST_TABLE;
    in.list = kList + 0x8000;
    in.list_bytes = kPages * 8;
    in.record = kRecords + 128 * round + 64;
    in.tag = 100 + round;
    REQUIRE(rig.push(in) == Status::Ok);
    stream += c.bytes_out;
  }
  rig.drain();
  for (unsigned round = 0; round < kRounds; ++round) {
    const Completion out = rig.completion(kRecords + 128 * round), in = rig.completion(kRecords + 128 * round + 64);
    CHECK(name(in.code) == name(Status::Ok));
    CHECK(in.tag == 100 + round);
    CHECK(in.pages == out.pages);
    CHECK(in.last_sequence == out.last_sequence);
    CHECK(in.bytes_in == out.bytes_out);
  }
  std::size_t wrong = 0;
  for (std::uint64_t p = 0; p < kPages; ++p) {
    const auto from = memory.begin() + static_cast<std::ptrdiff_t>(p * kPageBytes);
    if (rig.memory(other.address(p), kPageBytes) != Bytes(from, from + kPageBytes)) ++wrong;
  }
  CHECK(wrong == 0);
  CHECK(rig.device.failures() == 0);
}

TEST_CASE("system: each thing wrong with a list, its address, what came before, and the next job", "[system]") {
  auto rng = tb::make_rng(3);
  Rig rig(Rig::calm(tb::run_seed()));
  constexpr std::uint64_t kPages = 12;
  const Bytes memory = make_pages(rng, kPages);
  rig.device.write_memory(kGuest, memory);
  const auto attempt = [&](unsigned kind, const Bytes& list, const std::function<void(Job&)>& change = {}) {
    const Binding b = Binding::make(rng, kOrders[rng() % kOrders.size()]);
    rig.install(0, b, Direction::Out);
    rig.fill_memory(kStream, 1 << 16, 0xee);
    Job job = out_job(b, 0);
    job.source = kGuest;
    job.source_bytes = kPages * kPageBytes;
    put_list(rig, job, kind, list);
    if (change) change(job);
    const Ended e = rig.run(job);
    if (e.start == Status::Ok && e.code == Status::BadEntry) {
      // The pages before it are in memory, whole and sealed, and nothing else; the stream has no end.
      const Opened o = open_stream(rig.memory(kStream, e.counters.bytes_out), b);
      CHECK(name(o.status) == name(Status::Truncated));
      CHECK(o.pages == e.counters.pages);
      CHECK(o.records == e.counters.records);
      CHECK(o.offset == e.counters.bytes_out);
      const Bytes rest = rig.memory(kStream + e.counters.bytes_out, 256);
      CHECK(std::all_of(rest.begin(), rest.end(), [](std::uint8_t x) { return x == 0xee; }));
      CHECK((rig.slot_status(0) & 8) != 0);
    }
    // The next job works.
    const Binding next = Binding::make(rng, Order::Copy);
    rig.install(1, next, Direction::Out);
    Job good = out_job(next, 1);
    good.source = kGuest;
    good.source_bytes = 2 * kPageBytes;
    CHECK(name(rig.run(good).code) == name(Status::Ok));
    return e;
  };
  const auto list_of = [](std::initializer_list<std::uint64_t> words) {
    Bytes list;
    for (const auto w : words) add(list, w);
    return list;
  };
  const auto expect = [&](const Ended& e, Status code, std::uint64_t address, std::uint64_t pages) {
    CHECK(name(e.code) == name(code));
    CHECK(e.address == address);
    CHECK(e.counters.pages == pages);
  };
  const std::uint64_t at = kGuest;
  expect(attempt(SEALIFT_LIST_PAGES, list_of({1, at, 2, at + 0x1000, std::uint64_t{1} << 52, at})), Status::BadEntry,
         kList + 32, 2);
  expect(attempt(SEALIFT_LIST_PAGES, list_of({1, at + 8})), Status::BadEntry, kList, 0);
  expect(attempt(SEALIFT_LIST_RANGES, list_of({at, 7, 3, 0, at, 7, 0, 0})), Status::BadEntry, kList + 32, 3);
  expect(attempt(SEALIFT_LIST_RANGES, list_of({at, 7, 3, 0, ~std::uint64_t{0xfff}, 7, 2, 0})), Status::BadEntry,
         kList + 32, 3);
  expect(attempt(SEALIFT_LIST_BITMAP, list_of({0x1005, 0})), Status::BadEntry, kList, 2);
  expect(attempt(SEALIFT_LIST_BITMAP, list_of({0xfff, 1})), Status::BadEntry, kList + 8, 12);
  // Outside the windows: the list itself, and a page that it names.
  expect(attempt(SEALIFT_LIST_PAGES, list_of({1, at + kPages * kPageBytes})), Status::Window, at + kPages * kPageBytes,
         0);
  expect(attempt(SEALIFT_LIST_RANGES, list_of({~std::uint64_t{0xfff}, 7, 1, 0})), Status::Window, ~std::uint64_t{0xfff},
         0);
  rig.precise_windows = false;
  expect(attempt(SEALIFT_LIST_PAGES, list_of({1, at}), [](Job& j) { j.list = kList + 0x1000; }), Status::Window,
         kList + 0x1000, 0);
  rig.precise_windows = true;
  // Refused before it starts.
  const auto refused = [&](unsigned kind, const std::function<void(Job&)>& change, Status code) {
    const Ended e = attempt(kind, list_of({at, 7, 3, 0}), change);
    CHECK(name(e.start) == name(code));
  };
  refused(SEALIFT_LIST_PAGES, [](Job& j) { j.list += 8; }, Status::BadAlign);
  refused(SEALIFT_LIST_PAGES, [](Job& j) { j.list_bytes = 24; }, Status::BadAlign);
  refused(SEALIFT_LIST_PAGES, [](Job& j) { j.list_bytes = 0; }, Status::BadAlign);
  refused(SEALIFT_LIST_RANGES, [](Job& j) { j.list_bytes = 16; }, Status::BadAlign);
  refused(SEALIFT_LIST_TABLE, {}, Status::BadConfig);
  refused(SEALIFT_LIST_BITMAP, [](Job& j) { j.list_kind = 5; }, Status::BadConfig);
  refused(SEALIFT_LIST_BITMAP, [](Job& j) { j.gpa = ~std::uint64_t{0xfff}; }, Status::BadAlign);
  refused(SEALIFT_LIST_BITMAP, [](Job& j) { j.record = kRecords + 32; }, Status::BadAlign);
  CHECK(rig.device.failures() == 0);
}

TEST_CASE("system: a page without a place, and a completion record that cannot be written", "[system]") {
  auto rng = tb::make_rng(4);
  Rig rig(Rig::calm(tb::run_seed()));
  const Binding b = Binding::make(rng, Order::EncryptOnly);
  const Bytes pages = make_pages(rng, 6);
  const Bytes stream = write_stream(b, pages, 0, {}, 16, {}, 1);
  rig.device.write_memory(kStream, stream);
  Guest other = Guest::make(rng, kTarget, 6);
  Bytes table = other.table();
  std::fill_n(table.begin() + 8 * 4, 8, std::uint8_t{0});
  rig.install(0, b, Direction::In);
  Job in = out_job(b, 0);
  in.direction = Direction::In;
  in.source = kStream;
  in.source_bytes = stream.size();
  in.target = other.base;
  in.target_bytes = other.bytes();
  in.record = kRecords;
  put_list(rig, in, SEALIFT_LIST_TABLE, table);
  Ended e = rig.run(in);
  CHECK(name(e.code) == name(Status::NoPage));
  CHECK(e.address == kList + 8 * 4);
  CHECK(e.counters.pages == 4);
  CHECK(rig.slot_sequence(0) == 5);
  const Completion c = rig.completion(kRecords);
  CHECK(c.written == 1);
  CHECK(name(c.code) == name(Status::NoPage));
  CHECK(c.address == e.address);
  CHECK(c.pages == 4);
  // Tried again from there, with a table that has it.
  table = other.table();
  put_list(rig, in, SEALIFT_LIST_TABLE, table);
  const Opened o = open_stream(stream, b);
  in.begin = false;
  in.source = kStream + o.record_offsets[4];
  in.source_bytes = stream.size() - o.record_offsets[4];
  in.record = 0;
  rig.fill_memory(kRecords, 64, 0);
  e = rig.run(in);
  CHECK(name(e.code) == name(Status::Ok));
  CHECK(rig.completion(kRecords).written == 0);
  std::size_t wrong = 0;
  for (std::uint64_t p = 0; p < 6; ++p) {
    const auto from = pages.begin() + static_cast<std::ptrdiff_t>(p * kPageBytes);
    if (rig.memory(other.address(p), kPageBytes) != Bytes(from, from + kPageBytes)) ++wrong;
  }
  CHECK(wrong == 0);
  // A record outside every window fails a job that was good, and breaks its outgoing stream.
  const Binding next = Binding::make(rng, Order::Copy);
  rig.install(1, next, Direction::Out);
  rig.device.write_memory(kGuest, pages);
  Job out = out_job(next, 1);
  out.end = false;
  out.source = kGuest;
  out.source_bytes = pages.size();
  out.record = kRecords;
  rig.prepare(out);
  rig.window(4, kRecords + 64, 64, Rig::kWrite);
  REQUIRE(rig.go() == Status::Ok);
  e = rig.finish(out);
  CHECK(name(e.code) == name(Status::Window));
  CHECK(e.address == kRecords);
  CHECK(e.counters.pages == 6);
  CHECK((rig.slot_status(1) & 8) != 0);
  out.begin = true;
  rig.install(1, next, Direction::Out);
  CHECK(name(rig.run(out).code) == name(Status::Ok));
  CHECK(rig.device.failures() == 0);
}

TEST_CASE("system: a queue of eight, one of which fails", "[system]") {
  auto rng = tb::make_rng(5);
  Rig rig(Rig::calm(tb::run_seed()));
  Guest guest;
  guest.frames = 16;
  const Bytes memory = make_pages(rng, guest.frames);
  rig.device.write_memory(kGuest, memory);
  open_all(rig, guest, Guest{kTarget, 1, {}});
  std::array<Binding, 3> bindings;
  for (unsigned s = 0; s < 3; ++s) {
    bindings[s] = Binding::make(rng, kOrders[rng() % kOrders.size()]);
    rig.install(s, bindings[s], Direction::Out);
  }
  // Streams 0, 1 and 2 in turn; the fifth job (stream 1) names a page outside the window.
  constexpr unsigned kJobs = 9;
  Bytes bad;
  add(bad, 3);
  add(bad, kGuest);
  add(bad, 4);
  add(bad, kGuest + guest.bytes());
  rig.device.write_memory(kList, bad);
  const auto area = [](unsigned j) { return kStream + j * 0x20000; };
  for (unsigned j = 0; j < kJobs; ++j) {
    Job job = out_job(bindings[j % 3], j % 3);
    job.begin = j < 3;
    job.end = j >= 6;
    job.source = kGuest + j * kPageBytes;
    job.source_bytes = 3 * kPageBytes;
    job.gpa = j * kPageBytes;
    job.target = area(j);
    job.target_bytes = 0x20000;
    job.record = kRecords + 64 * j;
    job.tag = 70 + j;
    if (j == 4) {
      job.list_kind = SEALIFT_LIST_PAGES;
      job.list = kList;
      job.list_bytes = bad.size();
    }
    REQUIRE(rig.push(job) == Status::Ok);
  }
  rig.drain();
  for (unsigned j = 0; j < kJobs; ++j) {
    INFO("job " << j);
    const Completion c = rig.completion(kRecords + 64 * j);
    CHECK(c.written == 1);
    CHECK(c.tag == 70 + j);
    CHECK(name(c.code) == name(j == 4 ? Status::Window : j == 7 ? Status::Broken : Status::Ok));
    if (j != 4) CHECK(c.pages == (j == 7 ? 0 : 3));
    if (j == 4) CHECK(c.address == kGuest + guest.bytes());
  }
  for (const unsigned s : {0U, 2U}) {
    Bytes stream;
    for (unsigned j = s; j < kJobs; j += 3) {
      const Bytes part = rig.memory(area(j), rig.completion(kRecords + 64 * j).bytes_out);
      stream.insert(stream.end(), part.begin(), part.end());
    }
    const Opened o = open_stream(stream, bindings[s]);
    CHECK(name(o.status) == name(Status::Ok));
    CHECK(o.pages == 9);
  }
  CHECK(rig.device.failures() == 0);
}

TEST_CASE("system: zero pages share one record, and are read once each", "[system]") {
  auto rng = tb::make_rng(6);
  Rig rig(Rig::calm(tb::run_seed()));
  const Binding b = Binding::make(rng, Order::CompressThenEncrypt);
  rig.install(0, b, Direction::Out);
  constexpr std::uint64_t kPages = 100;
  rig.fill_memory(kGuest, kPages * kPageBytes, 0);
  Job job = out_job(b, 0);
  job.source = kGuest;
  job.source_bytes = kPages * kPageBytes;
  // In pieces of a list, too.
  Bytes list;
  for (std::uint64_t p = 0; p < kPages; p += 10) {
    add(list, kGuest + p * kPageBytes);
    add(list, p);
    add(list, 10);
    add(list, 0);
  }
  put_list(rig, job, SEALIFT_LIST_RANGES, list);
  const auto before = rig.device.memory().counts().read_beats;
  const Ended e = rig.run(job);
  REQUIRE(name(e.code) == name(Status::Ok));
  CHECK(e.counters.fill_pages == kPages);
  CHECK(e.counters.records == 2);  // and the end
  CHECK(rig.device.memory().counts().read_beats - before == kPages * 256 + list.size() / 16);
  CHECK(rig.device.failures() == 0);
}

TEST_CASE("system: what lists and page tables cost", "[system]") {
  auto rng = tb::make_rng(7);
  device::RtlOptions options = Rig::calm(tb::run_seed());
  options.read_latency = options.write_latency = 64;
  Rig rig(options);
  constexpr std::uint64_t kPages = 128;
  Guest guest;
  guest.frames = kPages;
  rig.device.write_memory(kGuest, make_bytes(rng, kPages * kPageBytes));
  const Binding b = Binding::make(rng, Order::Copy);
  const auto out_cycles = [&](unsigned kind, const Bytes& list) {
    rig.install(0, b, Direction::Out);
    Job job = out_job(b, 0);
    job.source = kGuest;
    job.source_bytes = kPages * kPageBytes;
    if (kind != SEALIFT_LIST_NONE) put_list(rig, job, kind, list);
    const Ended e = rig.run(job);
    REQUIRE(name(e.code) == name(Status::Ok));
    REQUIRE(e.counters.pages == kPages);
    return e.counters;
  };
  const auto in_cycles = [&](std::uint64_t stream_bytes, unsigned kind, const Bytes& list) {
    rig.install(1, b, Direction::In);
    Job job = out_job(b, 1);
    job.direction = Direction::In;
    job.source = kStream;
    job.source_bytes = stream_bytes;
    job.target = kTarget;
    job.target_bytes = kPages * kPageBytes;
    if (kind != SEALIFT_LIST_NONE) put_list(rig, job, kind, list);
    const Ended e = rig.run(job);
    REQUIRE(name(e.code) == name(Status::Ok));
    return e.counters.cycles;
  };
  std::vector<std::uint64_t> order(kPages);
  for (std::uint64_t i = 0; i < kPages; ++i) order[i] = i;
  Bytes in_turn, ranges, bitmap(kPages / 8, 0xff), shuffled;
  for (const auto p : order) {
    add(in_turn, p);
    add(in_turn, kGuest + p * kPageBytes);
    add(ranges, kGuest + p * kPageBytes);
    add(ranges, p);
    add(ranges, 1);
    add(ranges, 0);
  }
  std::shuffle(order.begin(), order.end(), rng);
  for (const auto p : order) {
    add(shuffled, p);
    add(shuffled, kGuest + p * kPageBytes);
  }
  const auto percent = [](std::uint64_t cycles, std::uint64_t base) {
    return 100.0 * (static_cast<double>(cycles) / static_cast<double>(base) - 1);
  };
  const auto base = out_cycles(SEALIFT_LIST_NONE, {});
  for (const auto& [what, kind, list] : {std::tuple{"page list", SEALIFT_LIST_PAGES, in_turn},
                                         std::tuple{"ranges of one page", SEALIFT_LIST_RANGES, ranges},
                                         std::tuple{"bitmap", SEALIFT_LIST_BITMAP, bitmap}}) {
    const auto cycles = out_cycles(kind, list).cycles;
    fmt::print("out, copy, {}: {:+.2f} % of {} cycles\n", what, percent(cycles, base.cycles), base.cycles);
    CHECK(cycles < base.cycles + base.cycles / 50);
  }
  const Guest other = Guest::make(rng, kTarget, kPages);
  const auto in_base = in_cycles(base.bytes_out, SEALIFT_LIST_NONE, {});
  Bytes table;
  for (std::uint64_t p = 0; p < kPages; ++p) add(table, kTarget + p * kPageBytes);
  const auto by_table = in_cycles(base.bytes_out, SEALIFT_LIST_TABLE, table);
  const auto random = out_cycles(SEALIFT_LIST_PAGES, shuffled);
  const auto by_random = in_cycles(random.bytes_out, SEALIFT_LIST_TABLE, table);
  fmt::print("in, copy, page table: {:+.2f} % in order, {:+.2f} % in random order, of {} cycles\n",
             percent(by_table, in_base), percent(by_random, in_base), in_base);
  CHECK(by_table < in_base + in_base / 50);
  CHECK(rig.device.failures() == 0);
}
