// SPDX-License-Identifier: Apache-2.0
// AXI models as agents of a Bench. Add a monitor after what drives the port.
//
//   axi::AxiMemory memory(128, {.read_latency = 64});
//   AxiMemoryAgent agent(memory, port_words(bench->axi_req_o), port_words(bench->axi_rsp_i));
//   AxiMonitorAgent monitor(128, port_words(bench->axi_req_o), port_words(bench->axi_rsp_i));
//   bench.add(agent); bench.add(monitor);
//   LiteAgent csr(port_words(bench->lite_req_i), bench->lite_rsp_o);
#pragma once
#include <utility>

#include "common/bench.h"
#include "device/axi_lite.h"
#include "device/axi_memory.h"
#include "device/axi_monitor.h"

namespace sealift::tb {

using axi::port_words;

class AxiMemoryAgent : public Agent {
 public:
  AxiMemoryAgent(axi::AxiMemory& memory, const std::uint32_t* req, std::uint32_t* rsp)
      : memory_(memory), req_(req), rsp_(rsp) {}
  void drive() override { memory_.drive(rsp_); }
  void sample() override { memory_.sample(req_); }

 private:
  axi::AxiMemory& memory_;
  const std::uint32_t* req_;
  std::uint32_t* rsp_;
};

class AxiMonitorAgent : public Agent {
 public:
  AxiMonitorAgent(unsigned data_bits, const std::uint32_t* req, const std::uint32_t* rsp, axi::MonitorRules rules = {})
      : monitor(data_bits, std::move(rules)), req_(req), rsp_(rsp) {}
  axi::AxiMonitor monitor;
  void drive() override {}
  void sample() override { monitor.sample(req_, rsp_); }

 private:
  const std::uint32_t* req_;
  const std::uint32_t* rsp_;
};

/// An AXI4-Lite master with its slave's monitor.
class LiteAgent : public Agent {
 public:
  LiteAgent(std::uint32_t* req, const QData& rsp, bool wild = false, std::uint64_t seed = 1)
      : master(wild, seed), req_(req), rsp_(rsp) {}
  axi::LiteMaster master;
  axi::LiteMonitor monitor;
  void drive() override { master.drive(req_); }
  void sample() override {
    monitor.sample(req_, rsp_);
    master.sample(rsp_);
  }

  /// One access to its end.
  template <class Top>
  axi::LiteResult write(Bench<Top>& bench, std::uint32_t addr, std::uint32_t data, std::uint32_t strobes = 0xf) {
    const auto ticket = master.post_write(addr, data, strobes);
    bench.run_until([&] { return master.done(ticket); }, 10000);
    return master.take(ticket);
  }
  template <class Top>
  axi::LiteResult read(Bench<Top>& bench, std::uint32_t addr) {
    const auto ticket = master.post_read(addr);
    bench.run_until([&] { return master.done(ticket); }, 10000);
    return master.take(ticket);
  }

 private:
  std::uint32_t* req_;
  const QData& rsp_;
};

}  // namespace sealift::tb
