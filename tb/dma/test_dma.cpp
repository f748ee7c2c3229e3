// SPDX-License-Identifier: Apache-2.0
// dma_master: data, sizes, widths, stalls, rate.
#include <fmt/format.h>

#include "common/catch.h"
#include "dma/dma_bench.h"

using namespace sealift::tb;
namespace axi = sealift::axi;

namespace {

constexpr std::uint64_t kFar = 0xffff'ffff'ffff'0000;

/// Passes what the data client reads on to the write side, as a copy engine would: one command a packet.
template <class Bus>
class Copier : public Agent {
 public:
  Copier(Dma<Bus>& dma, std::uint64_t target, std::uint64_t step) : dma_(dma), target_(target), step_(step) {}
  void drive() override {
    auto& top = dma_.bench.top();
    top.rd_ready_i = count_ < 2;
    top.wr_valid_i = count_ > 0;
    if (count_ > 0) {
      for (unsigned i = 0; i < 5; ++i) {
        axi::put_bits(&top.wr_beat_i[0], 32 * i, i < 4 ? 32 : 6, beats_[head_][i]);
      }
    }
    top.wr_cmd_valid_i = 1;
    axi::put_bits(&top.wr_cmd_addr_i[0], 0, 64, target_);
  }
  void sample() override {
    auto& top = dma_.bench.top();
    const bool took = count_ > 0 && (top.wr_ready_o & 1) != 0;
    if (count_ < 2 && (top.rd_valid_o & 1) != 0) {
      auto& beat = beats_[(head_ + count_) % 2];
      for (unsigned i = 0; i < 5; ++i) {
        beat[i] = static_cast<std::uint32_t>(axi::get_bits(&top.rd_beat_o[0], 32 * i, i < 4 ? 32 : 6));
      }
      ++count_;
    }
    if (took) {
      head_ ^= 1;
      --count_;
    }
    if ((top.wr_cmd_ready_o & 1) != 0) target_ += step_;
  }

 private:
  Dma<Bus>& dma_;
  std::uint64_t target_, step_;
  std::uint32_t beats_[2][5] = {};
  unsigned head_ = 0, count_ = 0;
};

}  // namespace

TEMPLATE_TEST_CASE("dma: reads of every alignment and size", "[dma]", Bus64, Bus128, Bus256, Bus512) {
  Dma<TestType> dma({.read_latency = 5});
  const Bytes image = random_bytes(0x40000, 1);
  dma.memory.write(0x10000, image);
  std::vector<Bytes> expected[2];
  for (const std::uint64_t offset : {0U, 16U, 32U, 48U, 2032U, 2048U, 4064U, 4080U}) {
    for (const std::uint64_t bytes : {16U, 32U, 48U, 64U, 2048U, 4064U, 4080U, 4096U, 4112U, 20016U}) {
      const unsigned client = (offset + bytes) / 16 % 2;
      dma.ask(client, 0x10000 + offset, bytes);
      expected[client].emplace_back(image.begin() + static_cast<std::ptrdiff_t>(offset),
                                    image.begin() + static_cast<std::ptrdiff_t>(offset + bytes));
    }
  }
  dma.finish();
  CHECK(dma.taken[0]->packets == expected[0]);
  CHECK(dma.taken[1]->packets == expected[1]);
  CHECK(dma.faults.empty());
  CHECK(dma.bench.errors() == 0);
}

TEMPLATE_TEST_CASE("dma: writes of every alignment and size touch their bytes and no others", "[dma]", Bus64, Bus128,
                   Bus256, Bus512) {
  Dma<TestType> dma({.write_latency = 7});
  Bytes image = random_bytes(0x100000, 2);
  dma.memory.write(0, image);
  std::uint64_t at = 0x1000;
  std::uint64_t data_bytes = 0;
  for (const std::uint64_t offset : {0U, 16U, 32U, 48U, 2032U, 2048U, 4064U, 4080U}) {
    for (const std::uint64_t bytes : {16U, 32U, 48U, 64U, 2048U, 4080U, 4096U, 4112U, 20016U}) {
      const unsigned client = (offset + bytes) / 16 % 2;
      const Bytes data = random_bytes(bytes, at);
      dma.give(client, at + offset, data);
      std::copy(data.begin(), data.end(), image.begin() + static_cast<std::ptrdiff_t>(at + offset));
      if (client == 0) data_bytes += bytes;
      at += (offset + bytes + 0x1fff) & ~std::uint64_t{0xfff};
    }
  }
  REQUIRE(at < image.size());
  dma.finish();
  CHECK(dma.memory.read(0, image.size()) == image);
  CHECK(dma.bench->written_o == data_bytes);
  CHECK(dma.faults.empty());
  CHECK(dma.bench.errors() == 0);
}

TEMPLATE_TEST_CASE("dma: random reads and writes of all clients under every mix of stalls", "[dma]", Bus64, Bus128,
                   Bus256, Bus512) {
  auto rng = make_rng(3);
  for (int round = 0; round < 6; ++round) {
    const auto pick = [&](std::initializer_list<unsigned> values) { return *(values.begin() + rng() % values.size()); };
    axi::MemoryTiming timing;
    timing.read_latency = pick({1, 2, 20, 100});
    timing.write_latency = pick({1, 2, 20, 100});
    timing.max_reads = pick({1, 2, 64});
    timing.max_writes = pick({1, 2, 64});
    timing.ar_stall = pick({0, 20, 80});
    timing.r_stall = pick({0, 20, 80});
    timing.aw_stall = pick({0, 20, 80, 98});
    timing.w_stall = pick({0, 20, 80});
    timing.b_stall = pick({0, 20, 80});
    timing.seed = rng();
    Dma<TestType> dma(timing, {pick({0, 30, 90}), pick({0, 30, 70}), pick({0, 30, 70})});
    const Bytes image = random_bytes(0x20000, rng());
    dma.memory.write(kFar - 0x10000, image);  // up to the end of the address space
    Bytes target(0x80000);
    std::vector<Bytes> expected[2];
    std::uint64_t at = 0x2000;
    for (int i = 0; i < 24; ++i) {
      const unsigned client = rng() % 2;
      const std::uint64_t bytes = 16 * (1 + (rng() % 3 == 0 ? rng() % 600 : rng() % 12));
      if (rng() % 2 == 0) {
        std::uint64_t offset = 16 * (rng() % ((image.size() - bytes) / 16 + 1));
        if (rng() % 8 == 0) offset = image.size() - bytes;
        dma.ask(client, kFar - 0x10000 + offset, bytes);
        expected[client].emplace_back(image.begin() + static_cast<std::ptrdiff_t>(offset),
                                      image.begin() + static_cast<std::ptrdiff_t>(offset + bytes));
      } else {
        const Bytes data = random_bytes(bytes, rng());
        at += 16 * (rng() % 300);
        dma.give(client, at, data);
        std::copy(data.begin(), data.end(), target.begin() + static_cast<std::ptrdiff_t>(at));
        at += bytes;
      }
    }
    REQUIRE(at < target.size());
    dma.finish();
    CHECK(dma.taken[0]->packets == expected[0]);
    CHECK(dma.taken[1]->packets == expected[1]);
    CHECK(dma.memory.read(0, target.size()) == target);
    CHECK(dma.faults.empty());
    CHECK(dma.monitor().quiet());
    CHECK(dma.bench.errors() == 0);
  }
}

TEST_CASE("dma: a page copy runs at the speed of the bus", "[dma][rate]") {
  for (const std::uint64_t skew : {0U, 16U}) {
    for (const unsigned latency : {20U, 64U, 200U, 400U}) {
      Dma<Bus128> dma({.read_latency = latency, .write_latency = latency});
      constexpr std::uint64_t kPages = 128;
      const Bytes image = random_bytes(kPages * 4096, 4);
      dma.memory.write(0x100000 + skew, image);
      Copier<Bus128> copier(dma, 0x800000 + skew, 4096);
      dma.bench.add(copier);
      for (std::uint64_t page = 0; page < kPages; ++page) dma.ask(0, 0x100000 + skew + page * 4096, 4096);
      const auto cycles =
          dma.bench.run_until([&] { return dma.bench->written_o == kPages * 4096; }, 10 * kPages * 4096);
      const double rate = static_cast<double>(kPages * 4096) / static_cast<double>(cycles);
      const double steady = static_cast<double>(kPages * 4096) / static_cast<double>(cycles - 2 * latency - 256);
      fmt::print("copy of {} pages, latency {}, offset {}: {:.2f} bytes a cycle, {:.2f} without fill and drain\n", kPages,
                 latency, skew, rate, steady);
      CHECK(dma.memory.read(0x800000 + skew, image.size()) == image);
      CHECK(steady >= 15.8);
      CHECK(rate >= (latency <= 64 ? 15.5 : 15.0));
      CHECK(dma.monitor().most_reads() <= kOutstanding);
      CHECK(dma.bench.errors() == 0);
    }
  }
}

TEST_CASE("dma: a long write transfer runs at the speed of the bus", "[dma][rate]") {
  for (const unsigned latency : {64U, 400U}) {
    Dma<Bus128> dma({.write_latency = latency});
    const Bytes data = random_bytes(1 << 20, 5);
    dma.give(0, 0x10010, data);
    const auto cycles = dma.finish();
    fmt::print("one write of 1 MiB, latency {}: {:.2f} bytes a cycle\n", latency,
               static_cast<double>(data.size()) / static_cast<double>(cycles));
    CHECK(cycles < (1 << 16) + latency + 400);
    CHECK(dma.memory.read(0x10010, data.size()) == data);
    CHECK(dma.bench.errors() == 0);
  }
}

TEST_CASE("dma: a client that takes nothing does not hold up the other", "[dma]") {
  Dma<Bus128> dma({.read_latency = 10});
  const Bytes image = random_bytes(0x20000, 6);
  dma.memory.write(0, image);
  const unsigned slow = GENERATE(0U, 1U);
  dma.hold_read[slow] = true;
  dma.ask(slow, 0, 0x10000);
  dma.bench.ticks(3000);
  dma.ask(1 - slow, 0x10000, 0x4000);
  dma.bench.run_until([&] { return dma.taken[1 - slow]->packets.size() == 1; }, 3000);
  CHECK(dma.taken[1 - slow]->packets[0] == Bytes(image.begin() + 0x10000, image.begin() + 0x14000));
  dma.hold_read[slow] = false;
  dma.finish();
  CHECK(dma.taken[slow]->packets[0] == Bytes(image.begin(), image.begin() + 0x10000));
  CHECK(dma.bench.errors() == 0);
}

TEST_CASE("dma: clients take turns", "[dma]") {
  Dma<Bus128> dma;
  const Bytes image = random_bytes(0x20000, 7);
  dma.memory.write(0, image);
  dma.ask(0, 0, 0x20000);
  dma.bench.ticks(600);
  dma.ask(1, 0x100, 64);
  const auto wait = dma.bench.run_until([&] { return dma.taken[1]->packets.size() == 1; }, 2000);
  CHECK(wait < 1400);  // the data client's outstanding bursts come first, no more
  dma.finish();
  // Writes: whole transfers, one of each client in turn.
  for (unsigned i = 0; i < 4; ++i) {
    dma.give(0, 0x100000 + i * 4096, random_bytes(4096, 70 + i));
    dma.give(1, 0x200000 + i * 4096, random_bytes(64, 80 + i));
  }
  dma.finish();
  for (unsigned i = 0; i < 4; ++i) {
    CHECK(dma.memory.read(0x100000 + i * 4096, 4096) == random_bytes(4096, 70 + i));
    CHECK(dma.memory.read(0x200000 + i * 4096, 64) == random_bytes(64, 80 + i));
  }
  CHECK(dma.bench->written_o == 4 * 4096);
  CHECK(dma.bench.errors() == 0);
}

TEST_CASE("dma: a client's write is idle only when memory has answered it", "[dma]") {
  Dma<Bus128> dma({.write_latency = 300});
  dma.give(1, 0x40, random_bytes(32, 8));
  dma.bench.ticks(100);
  CHECK(dma.bench->wr_idle_o == 1);
  CHECK(dma.bench->idle_o == 0);
  dma.bench.run_until([&] { return dma.bench->wr_idle_o == 3; }, 300);
  CHECK(dma.memory.read(0x40, 32) == random_bytes(32, 8));
  CHECK(dma.bench.errors() == 0);
}
