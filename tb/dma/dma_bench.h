// SPDX-License-Identifier: Apache-2.0
// dma_master between its clients, driven from queues, and an AXI memory with a monitor.
#pragma once
#include <Vdma_master_128.h>
#include <Vdma_master_256.h>
#include <Vdma_master_512.h>
#include <Vdma_master_64.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "axi/axi.h"
#include "common/bench.h"
#include "common/stream.h"

namespace sealift::tb {

struct Bus64 {
  using Top = Vdma_master_64;
  static constexpr unsigned kBits = 64;
};
struct Bus128 {
  using Top = Vdma_master_128;
  static constexpr unsigned kBits = 128;
};
struct Bus256 {
  using Top = Vdma_master_256;
  static constexpr unsigned kBits = 256;
};
struct Bus512 {
  using Top = Vdma_master_512;
  static constexpr unsigned kBits = 512;
};

inline constexpr std::uint32_t kReadError = 0x10;
inline constexpr std::uint32_t kWriteError = 0x11;
inline constexpr std::uint32_t kWindow = 0x12;
inline constexpr std::uint32_t kTimeout = 0x14;
inline constexpr unsigned kWindows = 8;
inline constexpr unsigned kOutstanding = 8;  // CfgSim

struct DmaRequest {
  std::uint64_t addr = 0;
  std::uint64_t bytes = 0;
};

struct Window {
  bool enable = false, read = false, write = false;
  std::uint64_t base = 0, limit = 0;
};

struct Fault {
  std::uint32_t code = 0;
  std::uint64_t addr = 0;
  bool operator==(const Fault&) const = default;
};

/// Percentages of stalled cycles: of the clients' ports.
struct ClientStalls {
  unsigned request = 0, take = 0, give = 0;
};

inline Bytes random_bytes(std::size_t n, std::uint64_t stream) {
  auto rng = make_rng(stream);
  Bytes bytes(n);
  for (auto& b : bytes) b = static_cast<std::uint8_t>(rng());
  return bytes;
}

template <class Bus>
class Dma {
 public:
  using Top = typename Bus::Top;

  explicit Dma(const axi::MemoryTiming& timing = {}, ClientStalls stalls = {})
      : memory(Bus::kBits, timing),
        port_(memory, req_words(), rsp_words()),
        monitor_(Bus::kBits, req_words(), rsp_words(),
                 {kOutstanding, kOutstanding,
                  [this](std::uint64_t first, std::uint64_t last, bool write) { return open(first, last, write); }}),
        stalls_(stalls),
        faults_(*this) {
    for (unsigned c = 0; c < 2; ++c) {
      requests.push_back(std::make_unique<Source<DmaRequest>>(
          [this, c](const DmaRequest& request, bool valid) {
            put(bench->rd_req_valid_i, c, valid);
            axi::put_bits(&bench->rd_req_i[0], 128 * c, 64, request.bytes);
            axi::put_bits(&bench->rd_req_i[0], 128 * c + 64, 64, request.addr);
          },
          [this, c] { return get(bench->rd_req_ready_o, c); }, stalls.request, 100 + c));
      taken.push_back(std::make_unique<PacketSink>(make_sink(c)));
      commands.push_back(std::make_unique<Source<std::uint64_t>>(
          [this, c](const std::uint64_t& addr, bool valid) {
            put(bench->wr_cmd_valid_i, c, valid);
            axi::put_bits(&bench->wr_cmd_addr_i[0], 64 * c, 64, addr);
          },
          [this, c] { return get(bench->wr_cmd_ready_o, c); }, stalls.request, 120 + c));
      given.push_back(std::make_unique<PacketSource>(
          [this, c](const Beat& beat, bool valid) {
            put(bench->wr_valid_i, c, valid);
            std::uint32_t words[5];
            put_beat(beat, words);
            if (!valid) words[4] = 16;
            for (unsigned i = 0; i < 5; ++i) {
              axi::put_bits(&bench->wr_beat_i[0], 134 * c + 32 * i, i < 4 ? 32 : 6, words[i]);
            }
          },
          [this, c] { return get(bench->wr_ready_o, c); }, stalls.give, 130 + c));
    }
    bench->clear_i = 0;
    bench->abort_i = 0;
    bench->timeout_i = 0;
    bench->rd_req_valid_i = 0;
    bench->rd_ready_i = 0;
    bench->wr_cmd_valid_i = 0;
    bench->wr_valid_i = 0;
    for (unsigned i = 0; i < memory.layout().rsp_words(); ++i) rsp_words()[i] = 0;
    open_all();
    bench.reset();
    bench.add(port_);
    for (unsigned c = 0; c < 2; ++c) {
      bench.add(*requests[c]);
      bench.add(*taken[c]);
      bench.add(*commands[c]);
      bench.add(*given[c]);
    }
    bench.add(monitor_);
    bench.add(faults_);
  }

  void set_windows(const std::vector<Window>& windows) {
    windows_ = windows;
    for (unsigned i = 0; i < kWindows; ++i) {
      const Window window = i < windows.size() ? windows[i] : Window{};
      axi::put_bits(&bench->windows_i[0], 131 * i, 64, window.limit);
      axi::put_bits(&bench->windows_i[0], 131 * i + 64, 64, window.base);
      axi::put_bit(&bench->windows_i[0], 131 * i + 128, window.write);
      axi::put_bit(&bench->windows_i[0], 131 * i + 129, window.read);
      axi::put_bit(&bench->windows_i[0], 131 * i + 130, window.enable);
    }
  }
  void open_all() { set_windows({{true, true, true, 0, ~std::uint64_t{0}}}); }

  void ask(unsigned client, std::uint64_t addr, std::uint64_t bytes) { requests[client]->push({addr, bytes}); }
  void give(unsigned client, std::uint64_t addr, const Bytes& bytes) {
    commands[client]->push(addr);
    given[client]->push_packet(bytes);
  }
  [[nodiscard]] bool clients_empty() const {
    for (unsigned c = 0; c < 2; ++c) {
      if (!requests[c]->empty() || !commands[c]->empty() || !given[c]->empty()) return false;
    }
    return true;
  }
  /// Runs until everything queued is done.
  std::uint64_t finish(std::uint64_t limit = 200000) {
    return bench.run_until([&] { return clients_empty() && bench->idle_o; }, limit);
  }
  /// After a fault or an abort: waits for a quiet bus, then clears.
  void recover(std::uint64_t limit = 20000) {
    bench.run_until([&] { return bench->idle_o != 0; }, limit);
    bench->abort_i = 0;
    bench->clear_i = 1;
    bench.tick();  // the clients are cleared with the DMA and have nothing valid from the next cycle on
    bench->clear_i = 0;
    for (unsigned c = 0; c < 2; ++c) {
      requests[c]->clear();
      commands[c]->clear();
      given[c]->clear();
    }
    for (unsigned c = 0; c < 2; ++c) *taken[c] = make_sink(c);
    faults.clear();
  }
  Bench<Top> bench;
  axi::AxiMemory memory;
  std::vector<std::unique_ptr<Source<DmaRequest>>> requests;
  std::vector<std::unique_ptr<PacketSink>> taken;
  std::vector<std::unique_ptr<Source<std::uint64_t>>> commands;
  std::vector<std::unique_ptr<PacketSource>> given;
  std::vector<Fault> faults;
  bool hold_read[2] = {false, false};
  axi::AxiMonitor& monitor() { return monitor_.monitor; }
  /// Reset of the master and of what it talks to.
  void reset_all() {
    bench->rd_req_valid_i = bench->wr_cmd_valid_i = bench->wr_valid_i = 0;
    memory.reset();
    for (unsigned i = 0; i < memory.layout().rsp_words(); ++i) rsp_words()[i] = 0;
    bench.reset();
    monitor_.monitor.reset();
    for (unsigned c = 0; c < 2; ++c) *taken[c] = make_sink(c);
    faults.clear();
  }

 private:
  class FaultWatch : public Agent {
   public:
    explicit FaultWatch(Dma& dma) : dma_(dma) {}
    void drive() override {}
    void sample() override {
      const std::uint32_t* fault = &dma_.bench->fault_o[0];
      if (axi::get_bit(fault, 72)) {
        dma_.faults.push_back({static_cast<std::uint32_t>(axi::get_bits(fault, 64, 8)), axi::get_bits(fault, 0, 64)});
      }
    }

   private:
    Dma& dma_;
  };

  PacketSink make_sink(unsigned c) {
    return PacketSink(
        [this, c](Beat& beat) {
          const bool valid = get(bench->rd_valid_o, c) && !hold_read[c];
          if (valid) {
            std::uint32_t words[5];
            for (unsigned i = 0; i < 5; ++i) {
              words[i] = static_cast<std::uint32_t>(
                  axi::get_bits(&bench->rd_beat_o[0], 134 * c + 32 * i, i < 4 ? 32 : 6));
            }
            beat = get_beat(words);
          }
          return valid;
        },
        [this, c](bool ready) { put(bench->rd_ready_i, c, ready && !hold_read[c]); }, stalls_.take, 110 + c);
  }
  template <class Port>
  static void put(Port& port, unsigned bit, bool value) {
    port = static_cast<Port>((port & ~(1U << bit)) | ((value ? 1U : 0U) << bit));
  }
  template <class Port>
  static bool get(const Port& port, unsigned bit) {
    return ((port >> bit) & 1U) != 0;
  }
  std::uint32_t* rsp_words() { return port_words(bench->axi_rsp_i); }
  const std::uint32_t* req_words() { return port_words(bench->axi_req_o); }
  bool open(std::uint64_t first, std::uint64_t last, bool write) const {
    return std::any_of(windows_.begin(), windows_.end(), [&](const Window& w) {
      return w.enable && (write ? w.write : w.read) && first >= w.base && last <= w.limit;
    });
  }

  std::vector<Window> windows_;
  AxiMemoryAgent port_;
  AxiMonitorAgent monitor_;
  ClientStalls stalls_;
  FaultWatch faults_;
};

}  // namespace sealift::tb
