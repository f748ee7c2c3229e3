// SPDX-License-Identifier: Apache-2.0
// The AXI models themselves: a scripted port in C++, no RTL. A monitor that misses a breach is worth nothing, so each
// rule is broken once here.
#include <fmt/format.h>

#include <ctime>
#include <functional>
#include <vector>

#include "axi/axi.h"
#include "common/catch.h"

using namespace sealift::tb;
using namespace sealift::axi;

namespace {

void put_ax(std::uint32_t* req, unsigned at, std::uint64_t addr, unsigned len, unsigned size, unsigned id = 0,
            unsigned burst = 1, unsigned rest = 0) {
  put_bits(req, at, 12, rest);
  put_bits(req, at + 12, 2, burst);
  put_bits(req, at + 14, 3, size);
  put_bits(req, at + 17, 8, len);
  put_bits(req, at + 25, 64, addr);
  put_bits(req, at + 89, 4, id);
}

/// Both sides of a port, moved by hand.
struct Port {
  explicit Port(unsigned bits, MonitorRules rules = {})
      : layout(bits), req(layout.req_words() + 1), rsp(layout.rsp_words() + 1), monitor(bits, std::move(rules)) {
    size = static_cast<unsigned>(std::countr_zero(bits / 8));
    put_bit(req.data(), Layout::r_ready, true);
    put_bit(req.data(), layout.b_ready, true);
    ready(true);
    cycle();
  }
  void ready(bool value) {
    for (const unsigned bit : {layout.ar_ready, layout.aw_ready, layout.w_ready}) put_bit(rsp.data(), bit, value);
  }
  void cycle() { monitor.sample(req.data(), rsp.data()); }
  void ar(std::uint64_t addr, unsigned len, unsigned id = 0) {
    put_ax(req.data(), layout.ar, addr, len, size, id);
    put_bit(req.data(), Layout::ar_valid, true);
  }
  void no_ar() { put_bit(req.data(), Layout::ar_valid, false); }
  void aw(std::uint64_t addr, unsigned len, unsigned id = 0) {
    put_ax(req.data(), layout.aw, addr, len, size, id);
    put_bit(req.data(), layout.aw_valid, true);
  }
  void no_aw() { put_bit(req.data(), layout.aw_valid, false); }
  void w(bool last, std::uint64_t strobes) {
    put_bit(req.data(), layout.w_valid, true);
    put_bit(req.data(), layout.w_last, last);
    put_bits(req.data(), layout.w_strb, layout.bytes(), strobes);
  }
  void no_w() { put_bit(req.data(), layout.w_valid, false); }
  void r(bool last, unsigned id = 0) {
    put_bit(rsp.data(), Layout::r_valid, true);
    put_bit(rsp.data(), Layout::r_last, last);
    put_bits(rsp.data(), layout.r_id, 4, id);
  }
  void no_r() { put_bit(rsp.data(), Layout::r_valid, false); }
  void b(unsigned id = 0) {
    put_bit(rsp.data(), layout.b_valid, true);
    put_bits(rsp.data(), layout.b_id, 4, id);
  }
  void no_b() { put_bit(rsp.data(), layout.b_valid, false); }

  Layout layout;
  std::vector<std::uint32_t> req, rsp;
  AxiMonitor monitor;
  unsigned size = 0;
};

}  // namespace

TEST_CASE("axi: bit fields", "[axi]") {
  auto rng = make_rng(1);
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::uint32_t> words(8), before(8);
    for (auto& word : words) word = static_cast<std::uint32_t>(rng());
    before = words;
    const unsigned width = static_cast<unsigned>(1 + rng() % 64), at = static_cast<unsigned>(rng() % (256 - 96));
    const std::uint64_t value = width == 64 ? rng() : rng() & ((std::uint64_t{1} << width) - 1);
    put_bits(words.data(), at, width, value);
    REQUIRE(get_bits(words.data(), at, width) == value);
    for (unsigned bit = 0; bit < 256; ++bit) {
      const bool expected =
          bit >= at && bit < at + width ? ((value >> (bit - at)) & 1) != 0 : get_bit(before.data(), bit);
      REQUIRE(get_bit(words.data(), bit) == expected);
    }
    std::uint8_t data[16], again[16];
    for (auto& byte : data) byte = static_cast<std::uint8_t>(rng());
    before = words;
    put_words(words.data(), at, data, 4);
    get_words(words.data(), at, again, 4);
    REQUIRE(std::equal(data, data + 16, again));
    for (unsigned bit = 0; bit < 256; ++bit) {
      if (bit < at || bit >= at + 128) REQUIRE(get_bit(words.data(), bit) == get_bit(before.data(), bit));
    }
  }
}

TEST_CASE("axi: the monitor lets legal traffic pass", "[axi]") {
  Port port(128, {2, 2, {}});
  port.ready(false);
  port.ar(0x1000, 1);
  port.aw(0x20f0, 0);
  port.w(true, 0xffff);
  port.cycle();
  port.ready(true);
  port.cycle();
  port.no_ar();
  port.no_aw();
  port.no_w();
  port.b();
  port.r(false);
  port.cycle();
  port.no_b();
  port.r(true);
  port.cycle();
  port.no_r();
  port.cycle();
  CHECK(port.monitor.quiet());
}

TEST_CASE("axi: the monitor notices every breach", "[axi]") {
  struct Breach {
    const char* what;
    std::function<void(Port&)> make;
  };
  const std::vector<Breach> breaches = {
      {"VALID in the first cycle",
       [](Port& p) {
         p.monitor.reset();
         p.ar(0, 0);
         p.cycle();
       }},
      {"ARVALID withdrawn",
       [](Port& p) {
         p.ready(false);
         p.ar(0, 0);
         p.cycle();
         p.no_ar();
         p.cycle();
       }},
      {"AWVALID withdrawn",
       [](Port& p) {
         p.ready(false);
         p.aw(0, 0);
         p.cycle();
         p.no_aw();
         p.cycle();
       }},
      {"WVALID withdrawn",
       [](Port& p) {
         p.ready(false);
         p.aw(0, 0);
         p.w(true, 1);
         p.cycle();
         p.no_w();
         p.cycle();
       }},
      {"AR payload changed",
       [](Port& p) {
         p.ready(false);
         p.ar(0, 0);
         p.cycle();
         p.ar(16, 0);
         p.cycle();
       }},
      {"AW payload changed",
       [](Port& p) {
         p.ready(false);
         p.aw(0, 0);
         p.cycle();
         p.aw(0, 1);
         p.cycle();
       }},
      {"W payload changed",
       [](Port& p) {
         p.ready(false);
         p.aw(0, 0);
         p.w(true, 1);
         p.cycle();
         p.w(true, 3);
         p.cycle();
       }},
      {"crosses 4 KiB",
       [](Port& p) {
         p.ar(0xff0, 1);
         p.cycle();
       }},
      {"crosses 4 KiB",
       [](Port& p) {
         p.aw(0x10, 255);
         p.cycle();
       }},
      {"wraps around",
       [](Port& p) {
         p.ar(~std::uint64_t{15}, 1);
         p.cycle();
       }},
      {"not INCR",
       [](Port& p) {
         p.ar(0, 0);
         put_ax(p.req.data(), p.layout.ar, 0, 0, 4, 0, 2);
         p.cycle();
       }},
      {"wider than the bus",
       [](Port& p) {
         p.ar(0, 0);
         put_ax(p.req.data(), p.layout.ar, 0, 0, 5);
         p.cycle();
       }},
      {"W without AW",
       [](Port& p) {
         p.w(true, 1);
         p.cycle();
       }},
      {"WLAST too early",
       [](Port& p) {
         p.aw(0, 1);
         p.w(true, 1);
         p.cycle();
       }},
      {"WLAST missing",
       [](Port& p) {
         p.aw(0, 0);
         p.w(false, 1);
         p.cycle();
       }},
      {"WSTRB outside",
       [](Port& p) {
         p.aw(8, 0);
         p.w(true, 0xffff);
         p.cycle();
       }},
      {"B that nobody",
       [](Port& p) {
         p.b();
         p.cycle();
       }},
      {"B before",
       [](Port& p) {
         p.aw(0, 0);
         p.cycle();
         p.no_aw();
         p.b();
         p.cycle();
       }},
      {"B that nobody",
       [](Port& p) {
         p.aw(0, 0);
         p.w(true, 1);
         p.b();
         p.cycle();
       }},
      {"B that nobody",
       [](Port& p) {
         p.aw(0, 0);
         p.w(true, 1);
         p.cycle();
         p.no_aw();
         p.no_w();
         p.b(1);
         p.cycle();
       }},
      {"R that nobody",
       [](Port& p) {
         p.r(true);
         p.cycle();
       }},
      {"R that nobody",
       [](Port& p) {
         p.ar(0, 0);
         p.r(true);
         p.cycle();
       }},
      {"R that nobody",
       [](Port& p) {
         p.ar(0, 0, 2);
         p.cycle();
         p.no_ar();
         p.r(true, 3);
         p.cycle();
       }},
      {"RLAST too early",
       [](Port& p) {
         p.ar(0, 1);
         p.cycle();
         p.no_ar();
         p.r(true);
         p.cycle();
       }},
      {"RLAST missing",
       [](Port& p) {
         p.ar(0, 0);
         p.cycle();
         p.no_ar();
         p.r(false);
         p.cycle();
       }},
      {"BVALID withdrawn",
       [](Port& p) {
         p.aw(0, 0);
         p.w(true, 1);
         p.cycle();
         p.no_aw();
         p.no_w();
         put_bit(p.req.data(), p.layout.b_ready, false);
         p.b();
         p.cycle();
         p.no_b();
         p.cycle();
       }},
      {"R payload changed",
       [](Port& p) {
         p.ar(0, 0);
         p.cycle();
         p.no_ar();
         put_bit(p.req.data(), Layout::r_ready, false);
         p.r(true);
         p.cycle();
         put_bits(p.rsp.data(), Layout::r_data, 8, 0x55);
         p.cycle();
       }},
      {"more reads",
       [](Port& p) {
         for (unsigned i = 0; i < 3; ++i) {
           p.ar(0, i);
           p.cycle();
           p.no_ar();
           p.cycle();
           p.ar(0, 0);
           p.cycle();
           p.no_ar();
           p.cycle();
         }
       }},
      {"more writes",
       [](Port& p) {
         for (unsigned i = 0; i < 3; ++i) {
           p.aw(0, 0);
           p.w(true, 1);
           p.cycle();
           p.no_aw();
           p.no_w();
           p.cycle();
         }
       }},
      {"AR of a forbidden",
       [](Port& p) {
         p.ar(0x8000 - 16, 1);
         p.cycle();
       }},
      {"AR of a forbidden",
       [](Port& p) {
         p.ar(0x8000, 0);
         p.cycle();
       }},
      {"W to a forbidden",
       [](Port& p) {
         p.aw(0x8000, 0);
         p.w(true, 1);
         p.cycle();
       }},
  };
  for (const Breach& breach : breaches) {
    INFO(breach.what);
    Port port(128, {2, 2, [](std::uint64_t, std::uint64_t last, bool) { return last < 0x8000 || last > 0xf000'0000; }});
    std::string message;
    try {
      breach.make(port);
    } catch (const ProtocolError& error) {
      message = error.what();
    }
    // The two forbidden reads cross the page first when they start below it.
    const bool as_expected =
        message.find(breach.what) != std::string::npos || message.find("crosses") != std::string::npos;
    CHECK(message != "");
    if (std::string(breach.what).find("forbidden") == std::string::npos) {
      CHECK(message.find(std::string(breach.what).substr(0, 8)) != std::string::npos);
    } else {
      CHECK(as_expected);
    }
  }
}

TEST_CASE("axi: memory keeps what is written, in mapped, sparse and mixed pages", "[axi]") {
  AxiMemory memory(128);
  std::vector<std::uint8_t> buffer(10000, 0xee);
  memory.map(0x10100, buffer);  // not aligned to pages: its first and last page are mixed
  auto rng = make_rng(5);
  std::vector<std::uint8_t> image(20000);
  for (auto& byte : image) byte = static_cast<std::uint8_t>(rng());
  memory.write(0xf000, image);
  CHECK(memory.read(0xf000, image.size()) == image);
  CHECK(std::equal(buffer.begin(), buffer.end(), image.begin() + 0x1100));
  CHECK(memory.read(0x9999'0000, 3) == std::vector<std::uint8_t>(3, 0));
}

TEST_CASE("axi: memory answers after its latency, and at a beat a cycle", "[axi]") {
  AxiMemory memory(128, {.read_latency = 10, .write_latency = 10});
  const Layout layout(128);
  std::vector<std::uint32_t> req(layout.req_words() + 1), rsp(layout.rsp_words() + 1);
  put_bit(req.data(), Layout::r_ready, true);
  put_ax(req.data(), layout.ar, 0x1000, 3, 4);
  put_bit(req.data(), Layout::ar_valid, true);
  std::vector<unsigned> beats;
  for (unsigned cycle = 0; cycle < 30; ++cycle) {
    memory.drive(rsp.data());
    if (get_bit(rsp.data(), Layout::r_valid)) beats.push_back(cycle);
    memory.sample(req.data());
    put_bit(req.data(), Layout::ar_valid, false);
  }
  CHECK(beats == std::vector<unsigned>{10, 11, 12, 13});
}

TEST_CASE("axi: the memory model is fast when it idles and when it moves data", "[axi][rate]") {
  AxiMemory memory(128, {.read_latency = 64});
  const Layout layout(128);
  std::vector<std::uint32_t> req(layout.req_words() + 1), rsp(layout.rsp_words() + 1);
  put_bit(req.data(), Layout::r_ready, true);
  put_bit(req.data(), layout.b_ready, true);
  const auto run = [&](std::uint64_t cycles) {
    const std::clock_t start = std::clock();  // of this process: the machine may have other work
    for (std::uint64_t i = 0; i < cycles; ++i) {
      memory.drive(rsp.data());
      memory.sample(req.data());
    }
    return static_cast<double>(cycles) / 1e6 / (static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
  };
  const double idle = run(2'000'000);
  put_ax(req.data(), layout.ar, 0x1000, 255, 4);
  put_bit(req.data(), Layout::ar_valid, true);
  put_ax(req.data(), layout.aw, 0x2000, 255, 4);
  put_bit(req.data(), layout.aw_valid, true);
  put_bits(req.data(), layout.w_strb, 16, 0xffff);
  put_bit(req.data(), layout.w_valid, true);
  const double busy = run(1'000'000);
  fmt::print("AXI memory model: {:.1f} M idle cycles a second, {:.1f} M with a read and a write beat in each\n", idle,
             busy);
  CHECK(memory.counts().read_beats > 900'000);
  CHECK(memory.counts().write_beats > 900'000);
}

// ------------------------------------------------------------------ AXI4-Lite

namespace {

/// A slave of sixteen registers in C++, with a random temper.
struct LiteSlave {
  LiteLayout layout;
  std::uint32_t registers[16] = {};
  std::deque<std::uint32_t> aw, ar;
  std::deque<std::pair<std::uint32_t, std::uint32_t>> w;
  std::mt19937_64 rng = make_rng(9);
  std::uint64_t rsp = 0;
  bool ready[3] = {};
  bool b = false, r = false;
  std::uint64_t b_resp = 0, r_word = 0;

  void drive() {
    for (bool& one : ready) one = rng() % 3 == 0;
    if (!b && !aw.empty() && !w.empty() && rng() % 4 == 0) {
      const std::uint32_t addr = aw.front();
      b = true;
      b_resp = addr >= 64 ? kSlvErr : kOkay;
      if (addr < 64) {
        std::uint32_t mask = 0;
        for (unsigned i = 0; i < 4; ++i) mask |= ((w.front().second >> i) & 1) != 0 ? 0xffU << (8 * i) : 0;
        registers[addr / 4] = (registers[addr / 4] & ~mask) | (w.front().first & mask);
      }
      aw.pop_front();
      w.pop_front();
    }
    if (!r && !ar.empty() && rng() % 4 == 0) {
      r = true;
      r_word = ar.front() >= 64 ? kSlvErr : std::uint64_t{registers[ar.front() / 4]} << 2;
      ar.pop_front();
    }
    rsp = std::uint64_t{r} | r_word << 1 | std::uint64_t{ready[0]} << 35 | std::uint64_t{b} << 36 | b_resp << 37 |
          std::uint64_t{ready[1]} << 39 | std::uint64_t{ready[2]} << 40;
  }
  void sample(const std::uint32_t* req) {
    if (b && get_bit(req, layout.b_ready())) b = false;
    if (r && get_bit(req, LiteLayout::r_ready)) r = false;
    if (ready[0] && get_bit(req, LiteLayout::ar_valid)) {
      ar.push_back(static_cast<std::uint32_t>(get_bits(req, LiteLayout::ar_addr, 12)));
    }
    if (ready[1] && get_bit(req, layout.w_valid())) {
      w.emplace_back(get_bits(req, layout.w_data(), 32), get_bits(req, layout.w_strb(), 4));
    }
    if (ready[2] && get_bit(req, layout.aw_valid())) {
      aw.push_back(static_cast<std::uint32_t>(get_bits(req, layout.aw_addr(), 12)));
    }
  }
};

}  // namespace

TEST_CASE("lite: accesses arrive in order, with their strobes and results", "[axi]") {
  const bool wild = GENERATE(false, true);
  LiteMaster master(wild, 3);
  LiteMonitor monitor;
  LiteSlave slave;
  std::uint32_t req[3] = {};
  const auto tick = [&] {
    slave.drive();
    master.drive(req);
    monitor.sample(req, slave.rsp);
    const auto rsp = slave.rsp;
    slave.sample(req);
    master.sample(rsp);
  };
  const auto wait = [&](auto ticket) {
    for (int i = 0; i < 10000 && !master.done(ticket); ++i) tick();
    return master.take(ticket);
  };
  auto rng = make_rng(10);
  std::uint32_t mirror[16] = {};
  for (int i = 0; i < 300; ++i) {
    std::vector<LiteMaster::Ticket> tickets;
    for (int k = 0; k < 4; ++k) {
      const auto index = static_cast<std::uint32_t>(rng() % 16);
      const auto data = static_cast<std::uint32_t>(rng()), strobes = static_cast<std::uint32_t>(rng() % 16);
      for (unsigned byte = 0; byte < 4; ++byte) {
        if (((strobes >> byte) & 1) != 0)
          mirror[index] = (mirror[index] & ~(0xffU << (8 * byte))) | (data & (0xffU << (8 * byte)));
      }
      tickets.push_back(master.post_write(4 * index, data, strobes));
    }
    for (const auto ticket : tickets) REQUIRE(wait(ticket).resp == kOkay);
    const auto index = static_cast<std::uint32_t>(rng() % 16);
    REQUIRE(wait(master.post_read(4 * index)).data == mirror[index]);
  }
  CHECK(wait(master.post_write(0x100, 1)).resp == kSlvErr);
  CHECK(wait(master.post_read(0x100)).resp == kSlvErr);
  CHECK(master.idle());
}

TEST_CASE("lite: the monitor notices every breach", "[axi]") {
  const LiteLayout layout;
  std::uint32_t req[3] = {};
  const auto aw = [&](bool on) { put_bit(req, layout.aw_valid(), on); };
  const auto w = [&](bool on) { put_bit(req, layout.w_valid(), on); };
  const auto ar = [&](bool on) { put_bit(req, LiteLayout::ar_valid, on); };
  constexpr std::uint64_t kTake = std::uint64_t{1} << 35 | std::uint64_t{1} << 39 | std::uint64_t{1} << 40;
  constexpr std::uint64_t kB = std::uint64_t{1} << 36;
  SECTION("B before W") {
    LiteMonitor monitor;
    aw(true);
    monitor.sample(req, kTake);
    aw(false);
    CHECK_THROWS_AS(monitor.sample(req, kTake | kB), ProtocolError);
  }
  SECTION("B in the cycle in which the last half is taken") {
    LiteMonitor monitor;
    aw(true);
    w(true);
    CHECK_THROWS_AS(monitor.sample(req, kTake | kB), ProtocolError);
  }
  SECTION("R in the cycle of AR") {
    LiteMonitor monitor;
    ar(true);
    CHECK_THROWS_AS(monitor.sample(req, kTake | 1), ProtocolError);
  }
  SECTION("R withdrawn, R changed, R with EXOKAY") {
    for (const std::uint64_t bad : {std::uint64_t{0}, std::uint64_t{1 | 8}, std::uint64_t{1 | 2}}) {
      LiteMonitor monitor;
      ar(true);
      monitor.sample(req, kTake);
      ar(false);
      monitor.sample(req, kTake | 1);
      CHECK_THROWS_AS(monitor.sample(req, kTake | bad), ProtocolError);
    }
  }
  SECTION("two answers to one access") {
    LiteMonitor monitor;
    put_bit(req, LiteLayout::r_ready, true);
    ar(true);
    monitor.sample(req, kTake);
    ar(false);
    monitor.sample(req, kTake | 1);
    CHECK_THROWS_AS(monitor.sample(req, kTake | 1), ProtocolError);
  }
  SECTION("no answer") {
    LiteMonitor monitor(20);
    ar(true);
    monitor.sample(req, kTake);
    ar(false);
    CHECK_THROWS_AS(
        [&] {
          for (int i = 0; i < 30; ++i) monitor.sample(req, kTake);
        }(),
        ProtocolError);
  }
}
