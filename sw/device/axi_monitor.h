// SPDX-License-Identifier: Apache-2.0
// Watches an AXI4 port and throws ProtocolError at the first breach of a rule, by master or slave.
#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "device/axi_layout.h"

namespace sealift::axi {

class ProtocolError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct MonitorRules {
  unsigned max_reads = ~0U;   // outstanding bursts of one ID
  unsigned max_writes = ~0U;
  /// Whether the byte range [first, last] may be touched; unset: any.
  std::function<bool(std::uint64_t first, std::uint64_t last, bool write)> allowed;
};

/// Rules checked (Arm IHI 0022H): payload stable while waiting, quiet after reset, INCR bursts of at most 256 beats
/// inside 4 KiB and inside the address space, AxSIZE no wider than the bus, WLAST on the last beat and only there,
/// strobes inside the transfer, RLAST and RID, B only after its last data, answers for what was asked and no more,
/// outstanding bursts as declared, and the allowed ranges.
class AxiMonitor {
 public:
  explicit AxiMonitor(unsigned data_bits, MonitorRules rules = {}) : layout_(data_bits), rules_(std::move(rules)) {}

  /// Every cycle, with all signals settled before the clock edge.
  void sample(const std::uint32_t* req, const std::uint32_t* rsp);
  /// After a reset: everything outstanding is forgotten, and nothing may be valid in the first cycle.
  void reset();
  MonitorRules& rules() { return rules_; }

  [[nodiscard]] std::uint64_t reads() const { return read_bursts_; }
  [[nodiscard]] std::uint64_t writes() const { return write_bursts_; }
  [[nodiscard]] unsigned most_reads() const { return most_reads_; }
  [[nodiscard]] unsigned most_writes() const { return most_writes_; }
  /// Nothing is outstanding and nothing waits.
  [[nodiscard]] bool quiet() const;

 private:
  struct Open {
    Ax ax;
    unsigned beat = 0;
    bool taken = false;
  };
  struct Held {
    bool waiting = false;
    std::vector<std::uint32_t> payload;
  };
  [[noreturn]] void fail(const std::string& what) const;
  void stable(const char* channel, Held& held, const std::uint32_t* words, bool valid, bool ready, unsigned at,
              unsigned bits);
  void address(const Ax& ax, bool write);
  void data(const std::uint32_t* req);

  Layout layout_;
  MonitorRules rules_;
  Held aw_, w_, ar_, b_, r_;
  std::deque<Open> reads_, writes_;  // taken reads; shown writes; oldest first
  std::size_t sending_ = 0;          // the first of writes_ whose data is not complete
  std::uint64_t cycle_ = 0, read_bursts_ = 0, write_bursts_ = 0;
  unsigned most_reads_ = 0, most_writes_ = 0;
  bool first_ = true;
};

}  // namespace sealift::axi
