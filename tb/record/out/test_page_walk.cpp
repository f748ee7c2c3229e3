// SPDX-License-Identifier: Apache-2.0
// page_walk alone: what it names of every kind of list, page by page, where it stops at an entry that is not legal,
// and how fast it goes.
#include <Vpage_walk.h>
#include <fmt/format.h>

#include <map>
#include <optional>

#include "bits.h"
#include "common/bench.h"
#include "common/catch.h"
#include "common/stream.h"

using namespace sealift::tb;

namespace {

constexpr unsigned kNone = 0, kPages = 1, kRanges = 2, kBitmap = 3;
constexpr std::uint64_t kPageLimit = std::uint64_t{1} << 52;

struct Walk {
  unsigned kind = kNone;
  std::uint64_t src = 0, pages = 0, gpn = 0;  // page numbers
  std::uint64_t list = 0x40'0000;
  Bytes bytes;  // of the list
};

struct Page {
  std::uint64_t addr = 0, gpn = 0;
  auto operator<=>(const Page&) const = default;
};

struct Named {
  std::vector<Page> pages;
  std::optional<std::uint64_t> bad;  // address of the entry
};

std::uint64_t word(const Bytes& bytes, std::size_t at) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) value |= std::uint64_t{bytes[at + i]} << (8 * i);
  return value;
}
void add(Bytes& bytes, std::uint64_t value) {
  for (unsigned i = 0; i < 8; ++i) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

/// By the text of the programmer's guide.
Named expected(const Walk& w) {
  Named n;
  const auto run = [&](std::uint64_t addr, std::uint64_t gpn, std::uint64_t pages) {
    for (std::uint64_t i = 0; i < pages; ++i) n.pages.push_back({addr + i, gpn + i});
  };
  if (w.kind == kNone) run(w.src, w.gpn, w.pages);
  if (w.kind == kPages) {
    for (std::size_t at = 0; at < w.bytes.size(); at += 16) {
      const auto gpn = word(w.bytes, at), addr = word(w.bytes, at + 8);
      if (gpn >= kPageLimit || addr % 4096 != 0) {
        n.bad = w.list + at;
        break;
      }
      run(addr / 4096, gpn, 1);
    }
  }
  if (w.kind == kRanges) {
    for (std::size_t at = 0; at < w.bytes.size(); at += 32) {
      const auto addr = word(w.bytes, at), gpn = word(w.bytes, at + 8), pages = word(w.bytes, at + 16);
      if (addr % 4096 != 0 || gpn >= kPageLimit || pages == 0 || pages > kPageLimit - gpn ||
          pages > kPageLimit - addr / 4096 || word(w.bytes, at + 24) != 0) {
        n.bad = w.list + at;
        break;
      }
      run(addr / 4096, gpn, pages);
    }
  }
  if (w.kind == kBitmap) {
    for (std::uint64_t i = 0; i < 8 * w.bytes.size(); ++i) {
      if ((w.bytes[i / 8] >> (i % 8) & 1) == 0) continue;
      if (i >= w.pages) {
        n.bad = w.list + i / 64 * 8;
        break;
      }
      run(w.src + i, w.gpn + i, 1);
    }
  }
  return n;
}

class WalkBench : public Agent {
 public:
  Bench<Vpage_walk> bench;
  PacketSource beats;
  Walk walk;
  Named named;
  unsigned latency;
  std::uint64_t requests = 0, asked = 0, ranges = 0;

  explicit WalkBench(unsigned stall, unsigned memory_latency = 0)
      : beats(SEALIFT_BEAT_SOURCE(bench, list, stall, 2)), latency(memory_latency), stalls_(stall, 5), slow_(stall, 6) {
    bench->clear_i = 0;
    bench->start_i = 0;
    bench.reset();
    bench.add(*this);
    bench.add(beats);
  }

  /// Runs one to its end; returns the cycles.
  std::uint64_t run(const Walk& w) {
    walk = w;
    named = {};
    requests = asked = ranges = 0;
    bench->kind_i = w.kind & 7;
    bench->src_i = w.src;
    bench->pages_i = w.pages;
    bench->gpn_i = w.gpn;
    bench->list_i = w.list;
    bench->list_len_i = w.bytes.size();
    bench->start_i = 1;
    bench.tick();
    bench->start_i = 0;
    const auto begin = bench.cycle();
    bench.run_until([&] { return bench->over_o != 0; }, 200'000);
    if (bench->bad_o) named.bad = bench->bad_addr_o;
    return bench.cycle() - begin;
  }
  void clear() {
    bench->clear_i = 1;
    bench.tick();
    bench->clear_i = 0;
    due_.clear();
    beats.clear();
    bench.tick();
  }

  void drive() override {
    request_ready_ = !stalls_.next();
    range_ready_ = !slow_.next();
    bench->req_ready_i = request_ready_;
    bench->range_ready_i = range_ready_;
    while (!due_.empty() && due_.front().first <= bench.cycle()) {
      beats.push(due_.front().second);
      due_.pop_front();
    }
  }
  void sample() override {
    if (bench->req_valid_o && request_ready_) {
      const auto addr = field(&bench->req_o[0], 64, 64), bytes = field(&bench->req_o[0], 0, 64);
      if (addr != walk.list + asked || bytes == 0 || bytes > 512 || addr / 512 != (addr + bytes - 1) / 512 ||
          asked + bytes > walk.bytes.size()) {
        throw std::runtime_error(fmt::format("request of {} bytes at {:#x}", bytes, addr));
      }
      const auto from = walk.bytes.begin() + static_cast<std::ptrdiff_t>(asked);
      auto cycle = bench.cycle() + latency;
      for (const Beat& beat : to_beats(Bytes(from, from + static_cast<std::ptrdiff_t>(bytes)))) {
        if (!due_.empty()) cycle = std::max(cycle, due_.back().first);
        due_.emplace_back(cycle, beat);
      }
      asked += bytes;
      ++requests;
    }
    if (bench->range_valid_o && range_ready_) {
      ++ranges;
      const auto* w = &bench->range_o[0];
      const auto addr = field(w, 104, 52), gpn = field(w, 52, 52), pages = field(w, 0, 52);
      for (std::uint64_t i = 0; i < pages; ++i) named.pages.push_back({addr + i, gpn + i});
    }
  }

 private:
  Stalls stalls_, slow_;
  bool request_ready_ = false, range_ready_ = false;
  std::deque<std::pair<std::uint64_t, Beat>> due_;
};

void check(WalkBench& b, const Walk& w) {
  const Named e = expected(w);
  b.run(w);
  CHECK(b.named.bad == e.bad);
  CHECK(b.named.pages.size() == e.pages.size());
  CHECK((b.named.pages == e.pages));
  if (e.bad) b.clear();
}

Bytes bitmap(std::mt19937_64& rng, std::size_t words, unsigned density) {
  Bytes bytes;
  for (std::size_t i = 0; i < words; ++i) {
    std::uint64_t value = 0;
    switch (rng() % 6) {
      case 0:
        value = ~std::uint64_t{0};
        break;
      case 1:
        value = rng();
        break;
      case 2:
        value = ~std::uint64_t{0} << (rng() % 64);
        break;
      case 3:
        value = ~std::uint64_t{0} >> (rng() % 64);
        break;
      case 4:
        value = std::uint64_t{1} << (rng() % 64);
        break;
      default:
        break;
    }
    add(bytes, rng() % 100 < density ? value : 0);
  }
  return bytes;
}

}  // namespace

TEST_CASE("page_walk: every kind of list, page by page", "[walk]") {
  WalkBench b(GENERATE(0U, 30U, 70U), 20);
  auto rng = make_rng(1);
  for (unsigned i = 0; i < 60; ++i) {
    Walk w;
    w.kind = static_cast<unsigned>(rng() % 4);
    w.src = rng() % (kPageLimit / 2);
    w.gpn = rng() % (kPageLimit / 2);
    w.list = rng() % 0x1'0000'0000 * 16;
    w.pages = rng() % 700;
    const std::size_t entries = 1 + rng() % 100;
    if (w.kind == kPages) {
      for (std::size_t e = 0; e < entries; ++e) {
        add(w.bytes, rng() % kPageLimit);
        add(w.bytes, rng() % kPageLimit * 4096);
      }
    } else if (w.kind == kRanges) {
      for (std::size_t e = 0; e < entries; ++e) {
        const auto pages = 1 + rng() % 40;
        add(w.bytes, rng() % (kPageLimit - pages) * 4096);
        add(w.bytes, rng() % (kPageLimit - pages));
        add(w.bytes, pages);
        add(w.bytes, 0);
      }
    } else if (w.kind == kBitmap) {
      w.bytes = bitmap(rng, 2 * (1 + rng() % 12), static_cast<unsigned>(rng() % 101));
      w.pages = 8 * w.bytes.size() - (rng() % 2 == 0 ? 0 : rng() % 100);
    }
    INFO("walk " << i << " kind " << w.kind << " bytes " << w.bytes.size());
    check(b, w);
    CHECK(b.asked == w.bytes.size());
  }
  CHECK(b.bench.errors() == 0);
}

TEST_CASE("page_walk: each entry that is not legal, at its address, after all before it", "[walk]") {
  WalkBench b(20, 5);
  auto rng = make_rng(2);
  const auto with = [&](unsigned kind, std::vector<std::uint64_t> entry) {
    Walk w;
    w.kind = kind;
    w.pages = 64;
    const std::size_t before = rng() % 40;
    for (std::size_t i = 0; i < before + 3; ++i) {
      if (i == before) {
        for (const auto value : entry) add(w.bytes, value);
      } else {
        for (std::size_t k = 0; k < entry.size(); ++k) add(w.bytes, kind == kRanges && k == 3 ? 0 : 0x1000);
      }
    }
    REQUIRE(expected(w).bad == w.list + before * 8 * entry.size());
    check(b, w);
  };
  constexpr std::uint64_t kTop = ~std::uint64_t{0} << 12;  // address of the last page
  with(kPages, {kPageLimit, 0x1000});
  with(kPages, {~std::uint64_t{0}, 0x1000});
  with(kPages, {5, 0x1001});
  with(kPages, {5, 0x1800});
  with(kRanges, {0x1010, 5, 1, 0});
  with(kRanges, {0x1000, kPageLimit, 1, 0});
  with(kRanges, {0x1000, 5, 0, 0});
  with(kRanges, {0x1000, 5, 1, 1});
  with(kRanges, {0x1000, 5, 1, std::uint64_t{1} << 63});
  with(kRanges, {kTop, 5, 2, 0});
  with(kRanges, {0x1000, kPageLimit - 1, 2, 0});
  with(kRanges, {0x1000, 1, kPageLimit, 0});
  with(kRanges, {0x1000, 5, std::uint64_t{1} << 52, 0});
  with(kRanges, {0x1000, 5, ~std::uint64_t{0}, 0});
  // The last page of either space is legal.
  Walk last;
  last.kind = kRanges;
  for (const std::uint64_t value : {kTop, kPageLimit - 1, std::uint64_t{1}, std::uint64_t{0}}) add(last.bytes, value);
  check(b, last);
  CHECK_FALSE(b.named.bad);
  // Every bit beyond the source, and the last one inside.
  for (std::uint64_t pages = 0; pages <= 256; pages += 1 + rng() % 5) {
    for (const std::uint64_t bit : {pages, pages + 1, std::uint64_t{255}}) {
      if (bit < pages || bit > 255) continue;
      Walk w;
      w.kind = kBitmap;
      w.pages = pages;
      w.bytes.assign(32, 0);
      for (std::uint64_t i = 0; i < pages; ++i) {
        if (rng() % 2 == 0) w.bytes[i / 8] = static_cast<std::uint8_t>(w.bytes[i / 8] | 1U << (i % 8));
      }
      w.bytes[bit / 8] = static_cast<std::uint8_t>(w.bytes[bit / 8] | 1U << (bit % 8));
      INFO(pages << " pages, bit " << bit);
      REQUIRE(expected(w).bad);
      check(b, w);
    }
  }
  CHECK(b.bench.errors() == 0);
}

TEST_CASE("page_walk: nothing is asked for or said after clear, and the next job works", "[walk]") {
  WalkBench b(20, 10);
  auto rng = make_rng(3);
  for (unsigned i = 0; i < 30; ++i) {
    Walk w;
    w.kind = kBitmap;
    w.bytes = bitmap(rng, 64, 50);
    w.pages = 8 * w.bytes.size();
    b.walk = w;
    b.asked = 0;
    b.bench->kind_i = w.kind & 7;
    b.bench->list_i = w.list;
    b.bench->list_len_i = w.bytes.size();
    b.bench->pages_i = w.pages;
    b.bench->start_i = 1;
    b.bench.tick();
    b.bench->start_i = 0;
    b.bench.ticks(rng() % 60);
    b.clear();
    b.bench.ticks(2);
    CHECK(b.bench->req_valid_o == 0);
    CHECK(b.bench->range_valid_o == 0);
    CHECK(b.bench->over_o == 0);
    check(b, w);
  }
  CHECK(b.bench.errors() == 0);
}

TEST_CASE("page_walk: a bitmap at 16 pages a cycle or more, all zero, all one, one run a word", "[walk]") {
  WalkBench b(0, 64);
  Walk w;
  w.kind = kBitmap;
  w.bytes.assign(4096, 0);
  w.pages = 8 * w.bytes.size();
  const auto rate = [&](const char* what) {
    const auto cycles = b.run(w) - b.latency;
    CHECK_FALSE(b.named.bad);
    fmt::print("bitmap, {}: {:.1f} pages a cycle\n", what, static_cast<double>(w.pages) / static_cast<double>(cycles));
    return static_cast<double>(w.pages) / static_cast<double>(cycles);
  };
  CHECK(rate("no bit set") > 120);
  w.bytes.assign(4096, 0xff);
  CHECK(rate("every bit set") >= 16);
  for (std::size_t at = 0; at < 4096; ++at) w.bytes[at] = at % 8 == 3 ? 0x18 : 0;
  CHECK(rate("one run in every word") >= 16);
  for (std::size_t at = 0; at < 4096; ++at) w.bytes[at] = at % 64 == 3 ? 0x10 : 0;
  CHECK(rate("one page in 512") > 60);
  // Neighbours are one range: what reads the pages gets them without a gap.
  w.bytes.assign(4096, 0xff);
  b.run(w);
  CHECK(b.ranges == 4096 / 8);
  CHECK(b.bench.errors() == 0);
}

TEST_CASE("page_walk: entries of page and range lists in a few cycles each", "[walk]") {
  WalkBench b(0, 64);
  for (const unsigned kind : {kPages, kRanges}) {
    Walk w;
    w.kind = kind;
    for (std::uint64_t i = 0; i < 500; ++i) {
      if (kind == kPages) {
        add(w.bytes, i);
        add(w.bytes, i * 4096);
      } else {
        add(w.bytes, i * 4096);
        add(w.bytes, i);
        add(w.bytes, 1);
        add(w.bytes, 0);
      }
    }
    const auto cycles = b.run(w) - b.latency;
    CHECK(b.named.pages.size() == 500);
    CHECK(cycles <= 500 * (kind == kPages ? 3 : 4) + 20);
  }
  CHECK(b.bench.errors() == 0);
}
