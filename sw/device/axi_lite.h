// SPDX-License-Identifier: Apache-2.0
// An AXI4-Lite master (lite_req_t, lite_rsp_t of sealift_axi_pkg) and a monitor of the slave it talks to.
#pragma once
#include <cstdint>
#include <deque>
#include <unordered_map>

#include "device/axi_layout.h"
#include "device/axi_monitor.h"

namespace sealift::axi {

/// Bit positions of lite_req_t and lite_rsp_t, for one address width.
struct LiteLayout {
  explicit constexpr LiteLayout(unsigned addr_bits = 12) : addr(addr_bits) {}
  unsigned addr;
  static constexpr unsigned r_ready = 0;
  static constexpr unsigned ar_valid = 1;
  static constexpr unsigned ar_prot = 2;
  static constexpr unsigned ar_addr = 5;
  [[nodiscard]] constexpr unsigned b_ready() const { return ar_addr + addr; }
  [[nodiscard]] constexpr unsigned w_valid() const { return b_ready() + 1; }
  [[nodiscard]] constexpr unsigned w_strb() const { return w_valid() + 1; }
  [[nodiscard]] constexpr unsigned w_data() const { return w_strb() + 4; }
  [[nodiscard]] constexpr unsigned aw_valid() const { return w_data() + 32; }
  [[nodiscard]] constexpr unsigned aw_prot() const { return aw_valid() + 1; }
  [[nodiscard]] constexpr unsigned aw_addr() const { return aw_prot() + 3; }
  static constexpr unsigned r_valid = 0;
  static constexpr unsigned r_resp = 1;
  static constexpr unsigned r_data = 3;
  static constexpr unsigned ar_ready = 35;
  static constexpr unsigned b_valid = 36;
  static constexpr unsigned b_resp = 37;
  static constexpr unsigned w_ready = 39;
  static constexpr unsigned aw_ready = 40;
};

struct LiteResult {
  std::uint32_t data = 0;
  std::uint32_t resp = kOkay;
};

/// Sends queued accesses in order, reads and writes apart. Results are kept until they are taken.
class LiteMaster {
 public:
  using Ticket = std::uint64_t;
  /// `wild`: random gaps, AW and W in any order, answers kept waiting, up to `in_flight` accesses of a kind at once.
  explicit LiteMaster(bool wild = false, std::uint64_t seed = 1, unsigned in_flight = 2, unsigned addr_bits = 12)
      : layout_(addr_bits), wild_(wild), in_flight_(wild ? in_flight : 1), random_(seed * 2 + 1) {}

  Ticket post_write(std::uint32_t addr, std::uint32_t data, std::uint32_t strobes = 0xf);
  Ticket post_read(std::uint32_t addr);
  [[nodiscard]] bool done(Ticket ticket) const { return results_.contains(ticket); }
  /// Takes the result of a ticket that is done.
  LiteResult take(Ticket ticket);
  /// Nothing queued and nothing outstanding.
  [[nodiscard]] bool idle() const {
    return addresses_.empty() && datas_.empty() && reads_.empty() && writes_out_.empty() && reads_out_.empty();
  }

  /// Before the clock edge: sets the master's signals.
  void drive(std::uint32_t* req);
  /// At the edge: takes handshakes. lite_rsp_t has 41 bits: Verilator shows it as one 64-bit integer.
  void sample(std::uint64_t rsp);
  void reset();

 private:
  struct Access {
    Ticket ticket = 0;
    std::uint32_t addr = 0;
    std::uint32_t data = 0;
    std::uint32_t strobes = 0;
  };
  bool pause();

  LiteLayout layout_;
  bool wild_;
  unsigned in_flight_;
  std::uint64_t random_;
  Ticket next_ = 1;
  std::deque<Access> addresses_, datas_, reads_;  // to be sent on AW, W, AR
  std::deque<Ticket> writes_out_, reads_out_;     // AW taken, AR taken; oldest first
  std::unordered_map<Ticket, LiteResult> results_;
  bool aw_valid_ = false, w_valid_ = false, ar_valid_ = false, b_ready_ = false, r_ready_ = false;
};

/// Rules of an AXI4-Lite slave: answers stable while waiting, one an access, not before (or in the cycle in which) all
/// of its request was taken, never EXOKAY, within `patience` cycles.
class LiteMonitor {
 public:
  explicit LiteMonitor(unsigned patience = 1000, unsigned addr_bits = 12) : layout_(addr_bits), patience_(patience) {}
  void sample(const std::uint32_t* req, std::uint64_t rsp);
  void reset() { *this = LiteMonitor(patience_, layout_.addr); }

 private:
  [[noreturn]] void fail(const char* what) const;

  LiteLayout layout_;
  unsigned patience_;
  std::uint64_t cycle_ = 0;
  std::uint64_t aw_ = 0, w_ = 0, b_ = 0, ar_ = 0, r_ = 0;  // handshakes
  unsigned write_wait_ = 0, read_wait_ = 0;
  bool b_waiting_ = false, r_waiting_ = false;
  std::uint64_t b_held_ = 0, r_held_ = 0;
};

}  // namespace sealift::axi
