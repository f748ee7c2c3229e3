// SPDX-License-Identifier: Apache-2.0
// The modules of migrate-out that have logic of their own, each alone.
#include <Vfill_detect.h>
#include <Vrecord_build.h>
#include <Vrun_merge.h>
#include <fmt/format.h>
#include <zlib.h>

#include <tuple>

#include "bits.h"
#include "common/bench.h"
#include "common/catch.h"
#include "common/stream.h"

using namespace sealift::tb;

namespace {

constexpr unsigned kSlots = 4;
constexpr unsigned kPageRec = 1;
constexpr unsigned kFillRec = 2;
constexpr unsigned kMetaRec = 3;
constexpr unsigned kEndRec = 4;

struct Asked {  // source_t
  bool end = false;
  unsigned type = 0;
  std::uint64_t gpa = 0;
  unsigned bytes = 0;
};

struct Item {  // item_t
  bool end = false;
  unsigned type = 0;
  std::uint64_t gpa = 0;
  std::uint32_t count = 0;
  std::uint64_t fill = 0;
  std::uint32_t crc = 0;
  unsigned bytes = 0;
  auto operator<=>(const Item&) const = default;
};

Item get_item(WDataInP w) {
  return {field(w, 213, 1) != 0,
          static_cast<unsigned>(field(w, 205, 8)),
          field(w, 141, 64),
          static_cast<std::uint32_t>(field(w, 109, 32)),
          field(w, 45, 64),
          static_cast<std::uint32_t>(field(w, 13, 32)),
          static_cast<unsigned>(field(w, 0, 13))};
}

void put_item(const Item& item, WDataOutP out) {
  Packer packer(7);
  packer.add(item.bytes, 13).add(item.crc, 32).add(item.fill, 64).add(item.count, 32).add(item.gpa, 64);
  packer.add(item.type, 8).add(item.end, 1).to(out);
}

std::uint32_t crc_of(const Bytes& bytes) {
  return static_cast<std::uint32_t>(crc32(0, bytes.data(), static_cast<uInt>(bytes.size())));
}

// ------------------------------------------------------------------ fill_detect

class FillBench : public Agent {
 public:
  Bench<Vfill_detect> bench;
  Source<Asked> sources;
  PacketSource data;
  Sink<Item> items;
  PacketSink pages;
  std::vector<bool> is_page;
  int in_use = 0;
  int most_in_use = 0;

  explicit FillBench(unsigned stall)
      : sources(
            [this](const Asked& s, bool valid) {
              bench->source_valid_i = valid;
              Packer packer(3);
              packer.add(s.bytes, 13).add(s.gpa, 64).add(s.type, 8).add(s.end, 1).to(&bench->source_i[0]);
            },
            [this] { return bench->source_ready_o != 0; }, stall, 1),
        data(SEALIFT_BEAT_SOURCE(bench, rd, stall, 2)),
        items(
            [this](Item& item) {
              item = get_item(&bench->item_o[0]);
              return bench->item_valid_o != 0;
            },
            [this](bool ready) { bench->item_ready_i = ready; }, stall, 3),
        pages(SEALIFT_BEAT_SINK(bench, out, stall, 4)) {
    bench->clear_i = 0;
    bench.reset();
    bench.add(*this);
    bench.add(sources);
    bench.add(data);
    bench.add(items);
    bench.add(pages);
  }

  /// Gives the next packet once a slot is free; as page_source would.
  void give(unsigned type, std::uint64_t gpa, const Bytes& packet) {
    waiting_.emplace_back(Asked{false, type, gpa, static_cast<unsigned>(packet.size())}, packet);
  }
  void end() { waiting_.emplace_back(Asked{true, 0, 0, 0}, Bytes{}); }
  [[nodiscard]] bool given() const { return waiting_.empty(); }

  void drive() override {
    while (!waiting_.empty() && in_use < static_cast<int>(kSlots)) {
      const auto& [source, packet] = waiting_.front();
      sources.push(source);
      if (!source.end) {
        data.push_packet(packet);
        ++in_use;
      }
      waiting_.pop_front();
    }
  }
  void sample() override {
    in_use -= bench->free_o;
    most_in_use = std::max(most_in_use, in_use);
    if (bench->out_valid_o && bench->out_ready_i && get_beat(&bench->out_beat_o[0]).last) {
      is_page.push_back(bench->out_page_o != 0);
    }
  }

 private:
  std::deque<std::pair<Asked, Bytes>> waiting_;
};

Bytes fill_page(std::uint64_t word) {
  Bytes page(4096);
  for (std::size_t i = 0; i < page.size(); ++i) page[i] = static_cast<std::uint8_t>(word >> (8 * (i % 8)));
  return page;
}

}  // namespace

TEST_CASE("fill_detect: a single bit makes a page no fill, whatever its place", "[record]") {
  const unsigned stall = GENERATE(0U, 40U);
  FillBench t(stall);
  auto rng = make_rng(stall);
  std::vector<Item> want;
  std::vector<Bytes> travel;
  std::vector<bool> pages;
  const auto give = [&](unsigned type, const Bytes& packet, bool fill) {
    const std::uint64_t gpa = type == kPageRec ? rng() & ~0xfffULL : 0;
    t.give(type, gpa, packet);
    std::uint64_t word = 0;
    for (unsigned i = 0; i < 8; ++i) word |= static_cast<std::uint64_t>(packet[i]) << (8 * i);
    want.push_back({false, fill ? kFillRec : type, gpa, type == kPageRec ? 1U : 0U, fill ? word : 0, crc_of(packet),
                    fill ? 0 : static_cast<unsigned>(packet.size())});
    if (!fill) {
      travel.push_back(packet);
      pages.push_back(type == kPageRec);
    }
  };
  for (int i = 0; i < 60; ++i) {
    const std::uint64_t word = rng() % 3 == 0 ? 0 : rng();
    Bytes page = fill_page(word);
    if (rng() % 2 == 0) {
      // First and last byte of the first and the last words among them.
      const std::array<std::size_t, 6> places{0, 7, 8, 15, 4088, 4095};
      const auto pick = rng() % 12;
      page[pick < 6 ? places[pick] : rng() % 4096] ^= static_cast<std::uint8_t>(1U << (rng() % 8));
      give(kPageRec, page, false);
    } else {
      give(kPageRec, page, true);
    }
    if (rng() % 8 == 0) give(kMetaRec, fill_page(rng()), false);
    if (rng() % 8 == 0) give(kMetaRec, Bytes(16), false);
    if (rng() % 8 == 0) give(kMetaRec, Bytes(16, 3), false);
    if (rng() % 8 == 0) give(kMetaRec, Bytes(16 * (1 + rng() % 256), 7), false);
  }
  t.end();
  t.bench.run_until([&] { return t.items.items.size() == want.size() + 1 && t.pages.packets.size() == travel.size(); },
                    200'000);
  for (std::size_t i = 0; i < want.size(); ++i) {
    CAPTURE(i);
    REQUIRE(t.items.items[i] == want[i]);
  }
  CHECK(t.items.items.back().end);
  CHECK(t.pages.packets == travel);
  CHECK(t.is_page == pages);
  t.bench.ticks(10);
  CHECK(t.in_use == 0);
  CHECK(t.bench.errors() == 0);
}

TEST_CASE("fill_detect: a beat a cycle for pages and for fills, and nothing kept by clear", "[record]") {
  for (const bool fill : {false, true}) {
    FillBench t(0);
    Bytes page = fill_page(0x42);
    if (!fill) page[100] = 1;
    for (int i = 0; i < 20; ++i) t.give(kPageRec, 4096U * static_cast<unsigned>(i), page);
    const auto cycles = t.bench.run_until([&] { return t.items.items.size() == 20; }, 10'000);
    CHECK(cycles <= 20 * 256 + 10);
    fmt::print("fill_detect, {}: {:.1f} cycles a page\n", fill ? "fill" : "page", static_cast<double>(cycles) / 20);
    CHECK(t.bench.errors() == 0);
  }
  FillBench t(0);
  t.give(kPageRec, 0, fill_page(1));
  t.bench.ticks(100);
  t.bench->clear_i = 1;
  t.bench.tick();
  t.bench->clear_i = 0;
  t.sources.clear();
  t.data.clear();
  t.in_use = 0;
  t.give(kPageRec, 8192, fill_page(2));
  t.bench.run_until([&] { return t.items.items.size() == 1; }, 1000);
  CHECK(t.items.items[0] == Item{false, kFillRec, 8192, 1, 2, crc_of(fill_page(2)), 0});
  CHECK(t.bench.errors() == 0);
}

// ------------------------------------------------------------------ run_merge

TEST_CASE("run_merge: runs of one word at consecutive addresses, none too long", "[record]") {
  const unsigned stall = GENERATE(0U, 40U);
  Bench<Vrun_merge> bench;
  Source<Item> source(
      [&](const Item& item, bool valid) {
        bench->in_valid_i = valid;
        put_item(item, &bench->in_i[0]);
      },
      [&] { return bench->in_ready_o != 0; }, stall, 1);
  Sink<Item> sink(
      [&](Item& item) {
        item = get_item(&bench->out_o[0]);
        return bench->out_valid_o != 0;
      },
      [&](bool ready) { bench->out_ready_i = ready; }, stall, 2);
  bench->clear_i = 0;
  bench.reset();
  bench.add(source);
  bench.add(sink);
  auto rng = make_rng(stall);
  std::vector<Item> want;
  std::uint64_t gpa = 0;
  for (int i = 0; i < 2000; ++i) {
    Item item;
    const auto kind = rng() % 20;
    if (kind == 0) gpa = rng() & ~0xfffULL;
    if (kind == 1) {
      item.end = true;
    } else if (kind >= 2 && kind < 5) {
      item = {false, kPageRec, gpa, 1, 0, static_cast<std::uint32_t>(rng()), 4096};
      gpa += 4096;
    } else {
      const std::uint64_t word = rng() % 6 == 0 ? 1ULL << (rng() % 64) : 0;
      item = {false, kFillRec, gpa, 1, word, static_cast<std::uint32_t>(word * 3), 0};
      gpa += 4096;
    }
    source.push(item);
    auto* last = want.empty() ? nullptr : &want.back();
    if (!item.end && item.type == kFillRec && last != nullptr && !last->end && last->type == kFillRec &&
        last->fill == item.fill && last->gpa + 4096ULL * last->count == item.gpa && last->count < 5) {
      ++last->count;
    } else {
      want.push_back(item);
    }
  }
  source.push(Item{.end = true});
  want.push_back(Item{.end = true});
  bench.run_until([&] { return sink.items.size() == want.size(); }, 20'000);
  for (std::size_t i = 0; i < want.size(); ++i) {
    CAPTURE(i);
    REQUIRE(sink.items[i] == want[i]);
  }
  CHECK(bench.errors() == 0);
}

// ------------------------------------------------------------------ record_build

namespace {

struct Wire {  // wire_t
  bool end = false;
  unsigned type = 0;
  std::uint64_t gpa = 0;
  std::uint32_t count = 0;
  std::uint64_t seq = 0;
  unsigned wire_len = 0;
  unsigned bytes = 0;
  unsigned beats = 0;
};

struct BuildBench : Agent {
  Bench<Vrecord_build> bench;
  Source<Wire> wires;
  PacketSource payloads;
  PacketSink records;
  Sink<std::tuple<bool, unsigned, std::uint64_t>> commands;
  std::vector<std::uint64_t> commits;
  unsigned made = 0;
  Stalls made_stalls;

  explicit BuildBench(unsigned stall)
      : wires(
            [this](const Wire& w, bool valid) {
              bench->wire_valid_i = valid;
              Packer packer(7);
              packer.add(w.beats, 9).add(w.bytes, 13).add(w.wire_len, 13).add(w.seq, 64).add(w.count, 32);
              packer.add(w.gpa, 64).add(0, 1).add(0, 2).add(0, 1).add(w.type, 8).add(w.end, 1).to(&bench->wire_i[0]);
            },
            [this] { return bench->wire_ready_o != 0; }, stall, 1),
        payloads(SEALIFT_BEAT_SOURCE(bench, pay, stall, 2)),
        records(SEALIFT_BEAT_SINK(bench, auth, stall, 3)),
        commands(
            [this](std::tuple<bool, unsigned, std::uint64_t>& c) {
              const auto* w = &bench->auth_cmd_o[0];
              c = {field(w, 67, 1) != 0, static_cast<unsigned>(field(w, 64, 3)), field(w, 0, 64)};
              return bench->auth_cmd_valid_o != 0;
            },
            [this](bool ready) { bench->auth_cmd_ready_i = ready; }, stall, 4),
        made_stalls(stall, 5) {
    bench->clear_i = 0;
    bench->start_i = 0;
    bench.reset();
    bench.add(*this);
    bench.add(wires);
    bench.add(payloads);
    bench.add(records);
    bench.add(commands);
  }
  void drive() override { bench->made_ready_i = !made_stalls.next(); }
  void sample() override {
    if (bench->made_valid_o) ++made;
    if (bench->commit_o >> 50 & 1) commits.push_back(bench->commit_o & ((1ULL << 50) - 1));
  }
  void start(bool begin, std::uint64_t room) {
    bench->alg_i = 1;
    bench->order_i = 0;
    bench->begin_stream_i = begin;
    bench->dst_i = 0x1000;
    bench->dst_beats_i = room / 16;
    bench->seq_i = begin ? 0 : 7;
    Packer bind(13);
    for (unsigned i = 0; i < 52; ++i) bind.add(0x80 + i, 8);
    bind.to(&bench->bind_i[0]);
    bench->start_i = 1;
    bench.tick();
    bench->start_i = 0;
  }
};

}  // namespace

TEST_CASE("record_build: headers byte by byte, commits, room", "[record]") {
  const unsigned stall = GENERATE(0U, 40U);
  CAPTURE(stall);
  constexpr std::size_t kTotal = 96 + (48 + 64) + (48 + 16) + (48 + 48);
  for (const std::size_t room : {kTotal, kTotal - 16, std::size_t{96 + 112}, std::size_t{96 + 96}, std::size_t{96},
                                 std::size_t{80}, std::size_t{0}}) {
    CAPTURE(room);
    BuildBench t(stall);
    const Bytes a(64, 1);
    const Bytes b(16, 2);
    const Bytes c(48, 3);
    t.wires.push({false, kPageRec, 0x1234'5678'9abc'd000, 1, 1, 0x1005, 40, 4});
    t.wires.push({false, kFillRec, 0x7000, 0x10'0000, 2, 0, 0, 1});
    t.wires.push({false, kEndRec, 0, 0, 3, 0, 32, 3});
    t.wires.push({.end = true});
    for (const auto* p : {&a, &b, &c}) t.payloads.push_packet(*p);
    t.start(true, room);
    t.bench.run_until([&] { return t.bench->over_o != 0; }, 5000);
    t.bench.ticks(200);
    std::size_t fit = 0;
    std::size_t used = 0;
    for (const std::size_t size : {96, 112, 64, 96}) {
      if (used + size > room) break;
      used += size;
      ++fit;
    }
    CHECK((t.bench->full_o != 0) == (fit != 4));
    if (fit != 4) CHECK(t.bench->full_addr_o == 0x1000 + used);
    REQUIRE(t.records.packets.size() == fit);
    CHECK(t.commands.items.size() == fit);
    CHECK(t.commits.size() == fit);
    CHECK(t.made == fit);
    CHECK(t.bench.errors() == 0);
    if (fit != 4) continue;
    Bytes header{0x53, 0x45, 0x41, 0x4C, 0x49, 0x46, 0x54, 0, 1, 0, 96, 0, 1, 0, 12, 0};
    for (unsigned i = 0; i < 16; ++i) header.push_back(static_cast<std::uint8_t>(0x80 + 36 + i));
    for (unsigned i = 0; i < 4; ++i) header.push_back(static_cast<std::uint8_t>(0x80 + 32 + i));
    header.insert(header.end(), 12, 0);
    for (unsigned i = 0; i < 32; ++i) header.push_back(static_cast<std::uint8_t>(0x80 + i));
    CHECK(t.records.packets[0] == header);
    Bytes page{1, 0, 0, 0, 64, 0, 0, 0, 0, 0xd0, 0xbc, 0x9a, 0x78, 0x56, 0x34, 0x12,
               1, 0, 0, 0, 0,  0, 0, 0, 1, 0,    0,    0,    5,    0x10, 0,    0};
    page.insert(page.end(), a.begin(), a.end());
    CHECK(t.records.packets[1] == page);
    Bytes run{2, 0, 0, 0, 16, 0, 0, 0, 0, 0x70, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0};
    run.insert(run.end(), b.begin(), b.end());
    CHECK(t.records.packets[2] == run);
    Bytes end{4, 0, 0, 0, 48, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    end.insert(end.end(), c.begin(), c.end());
    CHECK(t.records.packets[3] == end);
    using Command = std::tuple<bool, unsigned, std::uint64_t>;
    CHECK(t.commands.items[0] == Command{false, 5, 0});
    CHECK(t.commands.items[1] == Command{false, 2, 1});
    CHECK(t.commands.items[3] == Command{false, 2, 3});
    // header, last, pages, payload
    CHECK(t.commits[0] == 1ULL << 49);
    CHECK(t.commits[1] == (1ULL << 16 | 64));
    CHECK(t.commits[2] == (0x10'0000ULL << 16 | 16));
    CHECK(t.commits[3] == (1ULL << 48 | 48));
  }
}

TEST_CASE("record_build: a record takes no longer than it does on the wire", "[record]") {
  BuildBench t(0);
  for (unsigned i = 0; i < 10; ++i) {
    t.wires.push({false, kPageRec, 4096ULL * i, 1, i + 7, 0, 4096, 257});
    t.payloads.push_packet(Bytes(4112, static_cast<std::uint8_t>(i)));
  }
  t.wires.push({.end = true});
  t.start(false, 1 << 20);
  const auto cycles = t.bench.run_until([&] { return t.records.packets.size() == 10; }, 5000);
  fmt::print("record_build: {:.1f} cycles a page of 4112 bytes\n", static_cast<double>(cycles) / 10);
  CHECK(cycles <= 10 * 260 + 10);
  CHECK(t.bench.errors() == 0);
}
