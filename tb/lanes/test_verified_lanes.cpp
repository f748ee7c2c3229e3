// SPDX-License-Identifier: Apache-2.0
// Compress and verify: the lanes of both directions, with and without faults in what the compress lanes make.
#include <Vverified_lanes.h>
#include <Vverified_lanes___024root.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "common/catch.h"
#include "compress/hard_pages.h"

using namespace sealift::tb;

namespace {

using Lanes = Bench<Vverified_lanes>;

/// A result as the port shows it.
struct Said {
  Block kind = Block::kStored;
  unsigned bytes = 0;
  bool failed = false;
};

constexpr unsigned kBytesBit = 128;  // of beat_t
constexpr unsigned kLastBit = 133;

/// A fault in what the compress lanes make of one page: bits that are stuck.
struct Fault {
  std::map<unsigned, std::map<unsigned, bool>>
      beats;                                   ///< by beat of the packet: bit of beat_t, and what it is stuck at
  unsigned result_bits = 0, result_value = 0;  ///< of compress_result_t
};

/// Puts faults on the wires behind the compress lanes and keeps what went over them.
class Injector : public Agent {
 public:
  /// Finds out whether this Verilator looks at a forced wire at every evaluation, or only behind a clock edge.
  explicit Injector(Lanes& bench) : bench_(bench), root_(bench->rootp) {
    const SData seen = root_->verified_lanes__DOT__made_res__VforceRd;
    root_->verified_lanes__DOT__made_res__VforceEn = 0xffff;
    root_->verified_lanes__DOT__made_res__VforceVal = static_cast<SData>(~seen);
    bench->eval();
    at_once_ = root_->verified_lanes__DOT__made_res__VforceRd != seen;
    root_->verified_lanes__DOT__made_res__VforceEn = 0;
    bench->eval();
  }
  std::map<std::size_t, Fault> faults;  ///< by page
  std::vector<Bytes> packets;           ///< as they were after the fault
  std::vector<Said> results;

  void clear() {
    faults.clear();
    packets.clear();
    results.clear();
    now_.clear();
    beat_ = 0;
    arm();
  }
  void drive() override {
    if (at_once_) arm();
  }
  void sample() override {
    if (root_->verified_lanes__DOT__made_res_valid && root_->verified_lanes__DOT__made_res_ready) {
      results.push_back(said_of(root_->verified_lanes__DOT__made_res__VforceRd));
    }
    if (root_->verified_lanes__DOT__made_valid && root_->verified_lanes__DOT__made_ready) {
      const auto beat = get_beat(&root_->verified_lanes__DOT__made_beat__VforceRd[0]);
      now_.insert(now_.end(), beat.data.begin(), beat.data.begin() + std::min<unsigned>(beat.bytes, 16));
      ++beat_;
      if (beat.last) {
        packets.push_back(std::move(now_));
        now_.clear();
        beat_ = 0;
      }
    }
    if (!at_once_) arm();
  }
  static Said said_of(unsigned bits) {
    return {static_cast<Block>((bits >> 13) & 3), bits & 0x1fffU, ((bits >> 15) & 1) != 0};
  }

 private:
  /// What is forced here shows on the beat and the result that come next, until taken.
  void arm() {
    std::array<std::uint32_t, 5> bits{}, value{};
    if (const auto fault = faults.find(packets.size()); fault != faults.end()) {
      if (const auto stuck = fault->second.beats.find(beat_); stuck != fault->second.beats.end()) {
        for (const auto& [bit, at] : stuck->second) {
          bits[bit / 32] |= 1U << (bit % 32);
          value[bit / 32] |= static_cast<std::uint32_t>(at) << (bit % 32);
        }
      }
    }
    for (unsigned w = 0; w < 5; ++w) {
      root_->verified_lanes__DOT__made_beat__VforceEn[w] = bits[w];
      root_->verified_lanes__DOT__made_beat__VforceVal[w] = value[w];
    }
    const auto fault = faults.find(results.size());
    root_->verified_lanes__DOT__made_res__VforceEn =
        static_cast<SData>(fault != faults.end() ? fault->second.result_bits : 0);
    root_->verified_lanes__DOT__made_res__VforceVal =
        static_cast<SData>(fault != faults.end() ? fault->second.result_value : 0);
  }
  Lanes& bench_;
  Vverified_lanes___024root* root_;
  Bytes now_;
  unsigned beat_ = 0;
  bool at_once_ = false;
};

class Rig {
  Lanes bench_;

 public:
  explicit Rig(unsigned in_stall = 0, unsigned out_stall = 0, unsigned res_stall = 0)
      : injector(bench_),
        source_(SEALIFT_BEAT_SOURCE(bench_, comp_in, in_stall, 1)),
        sink_(SEALIFT_BEAT_SINK(bench_, comp_out, out_stall, 2)),
        results_(
            [this](Said& s) {
              s = Injector::said_of(bench_->comp_res_o);
              return bench_->comp_res_valid_o != 0;
            },
            [this](bool ready) { bench_->comp_res_ready_i = ready; }, res_stall, 3),
        infl_source_(SEALIFT_BEAT_SOURCE(bench_, infl_in, in_stall, 4)),
        infl_sink_(SEALIFT_BEAT_SINK(bench_, infl_out, out_stall, 5)),
        infl_results_(
            [this](unsigned& s) {
              s = bench_->infl_res_o;
              return bench_->infl_res_valid_o != 0;
            },
            [this](bool ready) { bench_->infl_res_ready_i = ready; }, res_stall, 6) {
    bench_->clear_i = 0;
    bench_->level_i = 0;
    bench_->verify_i = 1;
    bench_->comp_in_valid_i = 0;
    bench_->comp_out_ready_i = 0;
    bench_->comp_res_ready_i = 0;
    bench_->infl_in_valid_i = 0;
    bench_->infl_out_ready_i = 0;
    bench_->infl_res_ready_i = 0;
    bench_.reset();
    bench_.add(source_);
    bench_.add(results_);
    bench_.add(sink_);
    bench_.add(infl_source_);
    bench_.add(infl_results_);
    bench_.add(infl_sink_);
    bench_.add(injector);
  }
  ~Rig() { CHECK(bench_.errors() == 0); }
  Rig(const Rig&) = delete;
  Rig& operator=(const Rig&) = delete;

  Injector injector;

  void verify(bool on) { bench_->verify_i = on; }
  void push(const std::vector<Bytes>& pages) {
    for (const Bytes& page : pages) source_.push_packet(page);
  }
  std::uint64_t finish(std::size_t pages) {
    return bench_.run_until([&] { return sink_.packets.size() == pages && results_.items.size() == pages; },
                            60000 + 40000 * pages);
  }
  void clear() {
    source_.clear();
    bench_->comp_in_valid_i = 0;
    bench_->clear_i = 1;
    bench_.tick();
    source_.clear();
    bench_->clear_i = 0;
    forget();
  }
  void forget() {
    sink_.clear();
    results_.items.clear();
    infl_sink_.clear();
    infl_results_.items.clear();
    injector.clear();
  }
  /// Every packet is of its page; `failed` of them, and no other, were stored and said so.
  void check(const std::vector<Bytes>& pages, const std::set<std::size_t>& failed) {
    REQUIRE(sink_.packets.size() == pages.size());
    REQUIRE(results_.items.size() == pages.size());
    for (std::size_t i = 0; i < pages.size(); ++i) {
      INFO("page " << i);
      const Said& said = results_.items[i];
      const bool inflates = zlib_inflate(sink_.packets[i]) == pages[i];
      REQUIRE(inflates);
      REQUIRE(said.bytes == sink_.packets[i].size());
      REQUIRE(said.failed == (failed.count(i) != 0));
      if (said.failed) {
        REQUIRE(said.kind == Block::kStored);
        REQUIRE(said.bytes == kPage + 5);
      } else {
        const bool unchanged = sink_.packets[i] == injector.packets.at(i);
        REQUIRE(unchanged);
      }
    }
  }
  /// Decompresses through the ports of the other direction.
  void inflate(const std::vector<Bytes>& pages) {
    for (const Bytes& page : pages) infl_source_.push_packet(zlib_deflate(page, 6));
    bench_.run_until(
        [&] { return infl_sink_.packets.size() == pages.size() && infl_results_.items.size() == pages.size(); },
        60000 + 20000 * pages.size());
    const bool same = infl_sink_.packets == pages;
    REQUIRE(same);
  }
  Lanes& bench() { return bench_; }
  PacketSink& sink() { return sink_; }

 private:
  PacketSource source_;
  PacketSink sink_;
  Sink<Said> results_;
  PacketSource infl_source_;
  PacketSink infl_sink_;
  Sink<unsigned> infl_results_;
};

std::vector<Bytes> some_pages(std::mt19937_64& rng, std::size_t guest) {
  std::vector<Bytes> pages;
  const auto dev = file_pages("dev-4k.bin");
  for (std::size_t i = 0; i < guest; ++i) pages.push_back(dev[rng() % dev.size()]);
  return pages;
}

std::vector<Bytes> mixed_pages(std::mt19937_64& rng, std::size_t guest) {
  auto pages = some_pages(rng, guest);
  for (const auto& [name, page] : hard_pages(rng, false)) pages.push_back(page);
  for (int i = 0; i < 6; ++i) pages.push_back(random_page(rng));
  std::shuffle(pages.begin(), pages.end(), rng);
  return pages;
}

/// Of which pages the lanes' packets, as they were after the faults, are not a page's whole DEFLATE.
std::set<std::size_t> wrong(const Injector& injector, const std::vector<Bytes>& pages) {
  std::set<std::size_t> failed;
  for (std::size_t i = 0; i < pages.size(); ++i) {
    if (zlib_inflate(injector.packets.at(i)) != pages[i]) failed.insert(i);
  }
  return failed;
}

}  // namespace

TEST_CASE("verified lanes: every page passes as the lanes made it, in order, with and without verification") {
  auto rng = make_rng(11);
  const unsigned stall = GENERATE(0U, 25U);
  const bool verify = GENERATE(true, false);
  CAPTURE(stall, verify);
  const auto pages = mixed_pages(rng, 20);
  Rig rig(stall / 2, stall, stall);
  rig.verify(verify);
  rig.push(pages);
  const auto cycles = rig.finish(pages.size());
  if (stall == 0) {
    fmt::print("{} pages, verify {}: {:.2f} bytes a cycle\n", pages.size(), verify,
               static_cast<double>(pages.size() * kPage) / static_cast<double>(cycles));
  }
  rig.check(pages, {});
}

TEST_CASE("verified lanes: bits that flip in what the lanes made cost bytes, never data, and are counted exactly") {
  auto rng = make_rng(12);
  const unsigned stall = GENERATE(0U, 30U);
  CAPTURE(stall);
  const auto pages = mixed_pages(rng, 30);
  Rig rig(0, stall, stall);
  for (std::size_t i = 0; i < pages.size(); ++i) {
    if (rng() % 3 != 0) continue;
    // In the first beat, which every packet has, or in one beyond; sometimes where the fault makes no difference.
    const unsigned beat = rng() % 2 == 0 ? 0 : static_cast<unsigned>(rng() % 100);
    for (int n = 0; n < 3; ++n) rig.injector.faults[i].beats[beat][static_cast<unsigned>(rng() % 128)] = rng() % 2 == 0;
  }
  rig.push(pages);
  rig.finish(pages.size());
  const auto failed = wrong(rig.injector, pages);
  CHECK(failed.size() > 3);
  for (const std::size_t i : failed) REQUIRE(rig.injector.faults.count(i) != 0);
  rig.check(pages, failed);
}

TEST_CASE("verified lanes: results and beats that break the rules of a packet are a failed page") {
  auto rng = make_rng(13);
  auto pages = some_pages(rng, 24);
  for (const std::size_t page : {8, 9, 15}) {  // whose packets must have the beats that break the rules
    for (auto& b : pages[page]) b = static_cast<std::uint8_t>('a' + rng() % 12);
  }
  Rig rig(0, 10, 10);
  std::set<std::size_t> failed;
  const auto put = [&](std::size_t page, const Fault& fault) {
    rig.injector.faults[page] = fault;
    failed.insert(page);
  };
  const auto result = [&](std::size_t page, unsigned bits, unsigned value) {
    Fault fault;
    fault.result_bits = bits;
    fault.result_value = value;
    put(page, fault);
  };
  const auto beat_bytes = [&](std::size_t page, unsigned beat, unsigned bytes) {
    Fault fault;
    for (unsigned i = 0; i < 5; ++i) fault.beats[beat][kBytesBit + i] = ((bytes >> i) & 1) != 0;
    put(page, fault);
  };
  result(1, 0x1fff, 17);              // another length
  result(4, 0x1fff, 0x1fff);          // a length beyond a stored block's
  result(5, 0x6000, 0x6000);          // no kind of block
  beat_bytes(8, 0, 7);                // a first beat that is not full
  beat_bytes(9, 1, 31);               // a beat of more than 16 bytes
  beat_bytes(15, 2, 0);               // an empty one
  result(pages.size() - 1, 0x3f, 1);  // the last page
  rig.push(pages);
  rig.finish(pages.size());
  rig.check(pages, failed);
}

TEST_CASE("verified lanes: a page that its lane loses costs the bytes of those behind it, until the clear") {
  auto rng = make_rng(14);
  const auto pages = some_pages(rng, 16);
  Rig rig;
  // From the fault on, the lanes' packets are one behind their results.
  const std::size_t at = 5;
  rig.injector.faults[at].result_bits = 0x1fff;
  rig.push(pages);
  rig.finish(pages.size());
  std::set<std::size_t> failed;
  for (std::size_t i = at; i < pages.size(); ++i) failed.insert(i);
  rig.check(pages, failed);
  rig.clear();
  rig.push(pages);
  rig.finish(pages.size());
  rig.check(pages, {});
}

TEST_CASE("verified lanes: a lane that ends a packet too early or too late sends no wrong page; a clear mends it") {
  auto rng = make_rng(17);
  const bool early = GENERATE(true, false);
  CAPTURE(early);
  const auto pages = some_pages(rng, 16);
  Rig rig;
  if (early) {
    rig.injector.faults[5].beats[0][kLastBit] = true;
  } else {
    for (unsigned beat = 0; beat < 258; ++beat) rig.injector.faults[5].beats[beat][kLastBit] = false;
  }
  rig.push(pages);
  rig.bench().ticks(40000);  // packets are short of one that never comes
  const auto& packets = rig.sink().packets;
  CHECK(packets.size() >= 5);
  CHECK(packets.size() < pages.size());
  for (std::size_t i = 0; i < packets.size(); ++i) {
    INFO("page " << i);
    const bool inflates = zlib_inflate(packets[i]) == pages[i];
    REQUIRE(inflates);
  }
  rig.clear();
  rig.push(pages);
  rig.finish(pages.size());
  rig.check(pages, {});
}

TEST_CASE("verified lanes: a clear leaves nothing behind, in the ports or in the memories") {
  auto rng = make_rng(15);
  Rig rig(5, 20, 20);
  for (int round = 0; round < 3; ++round) {
    const auto pages = mixed_pages(rng, 12);
    for (std::size_t i = 0; i < pages.size(); i += 3)
      rig.injector.faults[i].beats[0] = {{3, true}, {4, true}, {5, true}};
    rig.push(pages);
    rig.bench().ticks(9000 + rng() % 20000);
    rig.clear();
    const auto next = some_pages(rng, 6);
    rig.push(next);
    rig.finish(next.size());
    rig.check(next, {});
    rig.clear();
  }
  // Every word of the plain pages and of the held packets, once each cycle has overwritten one.
  rig.push(mixed_pages(rng, 12));
  rig.bench().ticks(20000);
  rig.clear();
  auto& plain = rig.bench()->rootp->verified_lanes__DOT__u_store__DOT__u_ram__DOT__mem;
  auto& held = rig.bench()->rootp->verified_lanes__DOT__u_hold__DOT__u_ram__DOT__mem;
  const auto zero = [](auto& memory) {
    for (std::size_t i = 0; i < sizeof memory.m_storage / sizeof memory[0]; ++i) {
      for (std::size_t w = 0; w < sizeof memory[0] / sizeof memory[0][0U]; ++w) {
        if (memory[i][w] != 0) return false;
      }
    }
    return true;
  };
  CHECK_FALSE(zero(plain));
  rig.bench().ticks(16 * 256 + 1);
  CHECK(zero(plain));
  CHECK(zero(held));
}

TEST_CASE("verified lanes: the inflate lanes belong to the way in when nothing is verified") {
  auto rng = make_rng(16);
  const auto pages = mixed_pages(rng, 8);
  Rig rig(10, 20, 20);
  rig.push(pages);
  rig.finish(pages.size());
  rig.check(pages, {});
  rig.clear();
  rig.verify(false);
  rig.inflate(pages);
  rig.clear();
  rig.verify(true);
  rig.push(pages);
  rig.finish(pages.size());
  rig.check(pages, {});
}
