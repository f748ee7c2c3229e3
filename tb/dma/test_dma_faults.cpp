// SPDX-License-Identifier: Apache-2.0
// dma_master: windows, error responses, timeouts, abort and reset; after each of them the next job works.
#include "common/catch.h"
#include "dma/dma_bench.h"

using namespace sealift::tb;
namespace axi = sealift::axi;

namespace {

/// A transfer of every kind by every client.
template <class Bus>
void check_works(Dma<Bus>& dma, std::uint64_t stream) {
  const Bytes image = random_bytes(12288, stream);
  dma.memory.write(0x700010, image);
  dma.ask(0, 0x700010, 12288);
  dma.ask(1, 0x701000, 48);
  dma.give(0, 0x7f0010, random_bytes(9008, stream + 1));
  dma.give(1, 0x7e0020, random_bytes(32, stream + 2));
  dma.finish();
  REQUIRE(dma.taken[0]->packets.size() == 1);
  REQUIRE(dma.taken[1]->packets.size() == 1);
  CHECK(dma.taken[0]->packets[0] == image);
  CHECK(dma.taken[1]->packets[0] == Bytes(image.begin() + 4080, image.begin() + 4128));
  CHECK(dma.memory.read(0x7f0010, 9008) == random_bytes(9008, stream + 1));
  CHECK(dma.memory.read(0x7e0020, 32) == random_bytes(32, stream + 2));
  CHECK(dma.bench->written_o == 9008);
  CHECK(dma.faults.empty());
  CHECK(dma.bench.errors() == 0);
}

/// Runs until the bus is quiet after the one fault that is expected.
template <class Bus>
void expect_fault(Dma<Bus>& dma, const Fault& fault) {
  dma.bench.run_until([&] { return !dma.faults.empty() && dma.bench->idle_o; }, 20000);
  dma.bench.ticks(200);
  REQUIRE(dma.faults.size() == 1);
  CHECK(dma.faults[0].code == fault.code);
  CHECK(dma.faults[0].addr == fault.addr);
  CHECK(dma.bench->idle_o == 1);
}

}  // namespace

TEMPLATE_TEST_CASE("dma: the firewall lets a burst through only inside one open window", "[dma]", Bus64, Bus128, Bus256,
                   Bus512) {
  struct Case {
    const char* name;
    std::vector<Window> windows;
    bool write;
    std::uint64_t addr, bytes;
    bool refused;
    std::uint64_t at;  // the burst refused
  };
  const std::uint64_t top = ~std::uint64_t{0};
  const std::vector<Case> cases = {
      {"exact window", {{true, true, false, 0x5000, 0x5fff}}, false, 0x5000, 4096, false, 0},
      {"exact window, write", {{true, false, true, 0x5000, 0x5fff}}, true, 0x5000, 4096, false, 0},
      {"one block below", {{true, true, false, 0x5040, 0x5fff}}, false, 0x5030, 256, true, 0x5030},
      {"one byte short at the start", {{true, true, true, 0x5041, 0x5fff}}, true, 0x5040, 256, true, 0x5040},
      {"one byte short at the end", {{true, true, true, 0x5000, 0x5ffe}}, false, 0x5000, 4096, true, 0},
      {"one byte short at the end, write", {{true, true, true, 0x5000, 0x5ffe}}, true, 0x5c00, 1024, true, 0x5c00},
      {"write to the last block", {{true, true, true, 0x5000, 0x503f}}, true, 0x5010, 48, false, 0},
      {"write past the last block", {{true, true, true, 0x5000, 0x503e}}, true, 0x5010, 48, true, 0x5010},
      {"no window enabled", {{false, true, true, 0, top}}, false, 0x5000, 16, true, 0x5000},
      {"not for reading", {{true, false, true, 0, top}}, false, 0x5000, 16, true, 0x5000},
      {"not for writing", {{true, true, false, 0, top}}, true, 0x5000, 16, true, 0x5000},
      {"across two windows",
       {{true, true, true, 0x5000, 0x57ff}, {true, true, true, 0x5800, 0x5fff}},
       false,
       0x57c0,
       128,
       TestType::kBits != 64,
       0x57c0},
      {"second page outside", {{true, true, true, 0x5000, 0x5fff}}, false, 0x5f00, 512, true, 0x6000},
      {"second page outside, write", {{true, true, true, 0x5000, 0x5fff}}, true, 0x5f00, 512, true, 0x6000},
      {"end of the address space", {{true, true, true, 0, top}}, false, top - 4095, 4096, false, 0},
      {"end of the address space, write", {{true, true, true, 0, top}}, true, top - 4095, 4096, false, 0},
      {"around the address space", {{true, true, true, 0, top}}, false, top - 255, 512, true, 0},
      {"around the address space, write", {{true, true, true, 0, top}}, true, top - 255, 512, true, 0},
      {"huge", {{true, true, true, 0x5000, 0x6fff}}, false, 0x5000, top - 15, true, 0x7000},
      {"base above limit", {{true, true, true, 0x6000, 0x4fff}}, false, 0x5000, 16, true, 0x5000},
      {"last window of eight",
       {{}, {}, {}, {}, {}, {}, {}, {true, true, true, 0x5000, 0x5fff}},
       true,
       0x5ff0,
       16,
       false,
       0},
  };
  Dma<TestType> dma;
  std::uint64_t stream = 1000;
  for (const Case& c : cases) {
    INFO(c.name);
    dma.set_windows(c.windows);
    const auto bursts = dma.monitor().reads() + dma.monitor().writes();
    if (c.write)
      dma.give(0, c.addr, random_bytes(c.bytes, stream));
    else
      dma.ask(0, c.addr, c.bytes);
    if (c.refused) {
      const std::uint64_t at = c.name == std::string("one byte short at the end") && TestType::kBits == 64 ? 0x5800
                               : c.name == std::string("one byte short at the end")                        ? 0x5000
                                                                                                           : c.at;
      expect_fault(dma, {kWindow, at});
      if (at == c.addr) CHECK(dma.monitor().reads() + dma.monitor().writes() == bursts);
      dma.recover();
    } else {
      dma.finish();
      CHECK(dma.faults.empty());
      dma.recover();
    }
    dma.open_all();
    check_works(dma, stream++);
    dma.recover();
  }
  CHECK(dma.bench.errors() == 0);
}

TEST_CASE("dma: a read does not reach past a window inside a wide bus word", "[dma]") {
  // Memory reads whole bus words; on 512 bits the last word of this burst covers 0x5010..0x503f too.
  Dma<Bus512> dma;
  dma.set_windows({{true, true, true, 0x5000, 0x501f}});
  dma.ask(0, 0x5000, 32);
  expect_fault(dma, {kWindow, 0x5000});
  dma.recover();
  dma.give(0, 0x5000, random_bytes(32, 1));
  dma.finish();
  CHECK(dma.faults.empty());
  CHECK(dma.bench.errors() == 0);
}

TEMPLATE_TEST_CASE("dma: an error on any beat of a read ends it with the burst's address", "[dma]", Bus64, Bus128,
                   Bus256, Bus512) {
  auto rng = make_rng(20);
  const Bytes image = random_bytes(0x8000, 21);
  Dma<TestType> dma({.read_latency = 30, .r_stall = 10});
  dma.memory.write(0x10000, image);
  const std::uint64_t burst = TestType::kBits == 64 ? 2048 : 4096;
  for (int round = 0; round < 16; ++round) {
    const std::uint64_t bad = round == 0 ? 0 : round == 1 ? 0x7ff0 : 16 * (rng() % (image.size() / 16));
    dma.memory.add_trap(
        {0x10000 + bad, 0x10000 + bad, true, false, round % 2 == 0 ? axi::kSlvErr : axi::kDecErr, false});
    dma.ask(0, 0x10000, image.size());
    expect_fault(dma, {kReadError, 0x10000 + bad / burst * burst});
    CHECK(dma.monitor().quiet());
    CHECK(dma.taken[0]->packets.empty());
    dma.memory.clear_traps();
    dma.recover();
    check_works(dma, 30 + 3 * static_cast<std::uint64_t>(round));
    dma.recover();
  }
}

TEMPLATE_TEST_CASE("dma: an error on a write ends it, and the count of written bytes is exact", "[dma]", Bus64, Bus128,
                   Bus256, Bus512) {
  auto rng = make_rng(22);
  Dma<TestType> dma({.write_latency = 40, .aw_stall = 10, .w_stall = 10});
  const std::uint64_t burst = TestType::kBits == 64 ? 2048 : 4096;
  for (int round = 0; round < 12; ++round) {
    const std::uint64_t size = 0x8000;
    const std::uint64_t bad = round == 0 ? 0 : round == 1 ? size - 1 : rng() % size;
    const std::uint64_t base = 0x100000 + 0x10000 * static_cast<std::uint64_t>(round);
    const Bytes data = random_bytes(size, 300 + static_cast<std::uint64_t>(round));
    dma.memory.add_trap({base + bad, base + bad, false, true, round % 2 == 0 ? axi::kSlvErr : axi::kDecErr, false});
    dma.give(0, base, data);
    expect_fault(dma, {kWriteError, base + bad / burst * burst});
    CHECK(dma.monitor().quiet());
    // Every burst before the bad one counts; memory may have answered for later ones, which lie behind a gap.
    const Bytes after = dma.memory.read(base, size);
    std::uint64_t arrived = 0;
    for (std::uint64_t b = 0; b < size; b += burst) {
      const bool same = std::equal(data.begin() + static_cast<std::ptrdiff_t>(b),
                                   data.begin() + static_cast<std::ptrdiff_t>(b + burst),
                                   after.begin() + static_cast<std::ptrdiff_t>(b));
      if (!same) break;
      arrived += burst;
    }
    CHECK(dma.bench->written_o == arrived);
    CHECK(arrived == bad / burst * burst);
    dma.memory.clear_traps();
    dma.recover();
    check_works(dma, 400 + 3 * static_cast<std::uint64_t>(round));
    dma.recover();
  }
}

TEMPLATE_TEST_CASE("dma: abort at any time leaves the port legal, and the next job works", "[dma]", Bus64, Bus128,
                   Bus256, Bus512) {
  auto rng = make_rng(23);
  for (int round = 0; round < 24; ++round) {
    axi::MemoryTiming timing;
    timing.read_latency = static_cast<unsigned>(1 + rng() % 60);
    timing.write_latency = static_cast<unsigned>(1 + rng() % 60);
    timing.aw_stall = rng() % 2 == 0 ? 0 : 90;
    timing.w_stall = rng() % 2 == 0 ? 0 : 50;
    timing.ar_stall = rng() % 2 == 0 ? 0 : 90;
    timing.seed = rng();
    Dma<TestType> dma(timing);
    dma.ask(0, 0x10000, 0x8000);
    dma.ask(1, 0x30000, 0x2010);
    dma.give(0, 0x50010, random_bytes(0x4000, rng()));
    dma.give(1, 0x60000, random_bytes(48, rng()));
    dma.bench.ticks(round % 2 == 0 ? rng() % 60 : rng() % 1200);  // early, while addresses are still to be sent
    dma.bench->abort_i = 1;
    dma.bench.ticks(1 + rng() % 3);
    const auto reads = dma.monitor().reads(), writes = dma.monitor().writes();
    if (rng() % 2 == 0) dma.bench->abort_i = 0;  // a pulse is enough
    dma.bench.run_until([&] { return dma.bench->idle_o != 0; }, 20000);
    CHECK(dma.monitor().quiet());
    dma.bench.ticks(100);
    CHECK(dma.monitor().reads() == reads);
    CHECK(dma.monitor().writes() == writes);
    CHECK(dma.faults.empty());
    const std::uint64_t written = dma.bench->written_o;
    CHECK(written % 16 == 0);
    dma.recover();
    CHECK(dma.bench->written_o == 0);
    check_works(dma, 500 + 3 * static_cast<std::uint64_t>(round));
  }
}

TEMPLATE_TEST_CASE("dma: memory that never answers ends the job by the timeout", "[dma]", Bus64, Bus128, Bus256,
                   Bus512) {
  const bool write = GENERATE(false, true);
  const bool late = GENERATE(false, true);  // the answers come after all, in the next job
  Dma<TestType> dma({.read_latency = 10, .write_latency = 10});
  dma.bench->timeout_i = 500;
  const std::uint64_t burst = TestType::kBits == 64 ? 2048 : 4096;
  for (int round = 0; round < 3; ++round) {
    dma.memory.add_trap({0x12800, 0x12800, true, true, axi::kOkay, true});
    if (write)
      dma.give(0, 0x10000, random_bytes(0x6000, 24));
    else
      dma.ask(0, 0x10000, 0x6000);
    expect_fault(dma, {kTimeout, 0x12800 / burst * burst});
    if (write) CHECK(dma.bench->written_o == 0x12800 / burst * burst - 0x10000);
    dma.memory.clear_traps();
    dma.recover();
    if (late) dma.memory.release_hung();
    check_works(dma, 600 + 3 * static_cast<std::uint64_t>(round));
    dma.recover();
  }
  CHECK(dma.bench.errors() == 0);
}

TEST_CASE("dma: a fault on one side stops the other", "[dma]") {
  const bool write_fails = GENERATE(false, true);
  Dma<Bus128> dma({.read_latency = 50, .write_latency = 50, .ar_stall = 80, .aw_stall = 80});
  dma.set_windows({{true, !write_fails, write_fails, 0x800000, 0x800fff}, {true, true, true, 0, 0x7fffff}});
  dma.ask(0, write_fails ? 0x100000 : 0x900000, 0x8000);
  dma.ask(1, 0x200000, 0x4000);
  dma.give(0, write_fails ? 0x900000 : 0x300000, random_bytes(0x8000, 27));
  dma.give(1, 0x400000, random_bytes(64, 28));
  expect_fault(dma, {kWindow, 0x900000});
  const auto bursts = dma.monitor().reads() + dma.monitor().writes();
  CHECK(bursts < 4 + 4);  // of eight and more on either side
  dma.bench.ticks(2000);
  CHECK(dma.monitor().reads() + dma.monitor().writes() == bursts);
  CHECK(dma.monitor().quiet());
  dma.open_all();
  dma.recover();
  check_works(dma, 950);
}

TEST_CASE("dma: slow memory is not a timeout, and zero turns the timeout off", "[dma]") {
  Dma<Bus128> dma(
      {.read_latency = 450, .write_latency = 450, .ar_stall = 90, .r_stall = 90, .aw_stall = 90, .w_stall = 90});
  dma.bench->timeout_i = 500;
  check_works(dma, 700);
  dma.recover();
  dma.bench->timeout_i = 0;
  dma.memory.add_trap({0x10000, 0x10fff, true, true, axi::kOkay, true});
  dma.ask(0, 0x10000, 16);
  dma.bench.ticks(5000);
  CHECK(dma.faults.empty());
  CHECK(dma.bench->idle_o == 0);
  dma.memory.clear_traps();
  dma.memory.release_hung();
  dma.finish();
  CHECK(dma.taken[0]->packets.size() == 1);
  CHECK(dma.bench.errors() == 0);
}

TEST_CASE("dma: an address that memory does not take stays on the bus after the timeout", "[dma]") {
  Dma<Bus128> dma({.ar_stall = 100, .aw_stall = 100});
  dma.bench->timeout_i = 200;
  const bool write = GENERATE(false, true);
  if (write)
    dma.give(0, 0x10000, random_bytes(64, 25));
  else
    dma.ask(0, 0x10000, 64);
  dma.bench.run_until([&] { return !dma.faults.empty(); }, 1000);
  CHECK(dma.faults[0] == Fault{kTimeout, 0x10000});
  dma.bench.ticks(1000);
  CHECK(dma.bench->idle_o == 0);  // withdrawing it would break the bus
  dma.memory.set_timing({});
  dma.recover();
  check_works(dma, 800);
}

TEST_CASE("dma: reset in the middle", "[dma]") {
  auto rng = make_rng(26);
  Dma<Bus128> dma({.read_latency = 20, .write_latency = 20, .w_stall = 30});
  for (int round = 0; round < 20; ++round) {
    dma.ask(0, 0x10000, 0x4000);
    dma.give(0, 0x50010, random_bytes(0x2000, rng()));
    dma.bench.ticks(1 + rng() % 900);
    for (unsigned c = 0; c < 2; ++c) {
      dma.requests[c]->clear();
      dma.commands[c]->clear();
      dma.given[c]->clear();
    }
    dma.reset_all();
    check_works(dma, 900 + 3 * static_cast<std::uint64_t>(round));
    dma.recover();
  }
}
