// SPDX-License-Identifier: Apache-2.0
#include "device/axi_monitor.h"

#include <algorithm>

namespace sealift::axi {

void AxiMonitor::fail(const std::string& what) const {
  throw ProtocolError("AXI4, cycle " + std::to_string(cycle_) + ": " + what);
}

void AxiMonitor::reset() {
  for (Held* held : {&aw_, &w_, &ar_, &b_, &r_}) held->waiting = false;
  reads_.clear();
  writes_.clear();
  sending_ = 0;
  first_ = true;
}

bool AxiMonitor::quiet() const { return reads_.empty() && writes_.empty() && !ar_.waiting; }

void AxiMonitor::stable(const char* channel, Held& held, const std::uint32_t* words, bool valid, bool ready,
                        unsigned at, unsigned bits) {
  if (held.waiting) {
    if (!valid) fail(std::string(channel) + "VALID withdrawn before " + channel + "READY");
    for (unsigned i = 0; i < bits; i += 32) {
      if (get_bits(words, at + i, std::min(32U, bits - i)) != held.payload[i / 32]) {
        fail(std::string(channel) + " payload changed while waiting");
      }
    }
  }
  const bool waits = valid && !ready;
  if (waits && !held.waiting) {
    held.payload.resize((bits + 31) / 32);
    for (unsigned i = 0; i < bits; i += 32) {
      held.payload[i / 32] = static_cast<std::uint32_t>(get_bits(words, at + i, std::min(32U, bits - i)));
    }
  }
  held.waiting = waits;
}

void AxiMonitor::address(const Ax& ax, bool write) {
  const std::string name = write ? "AW" : "AR";
  const std::uint64_t size = std::uint64_t{1} << ax.size;
  if (size > layout_.bytes()) fail(name + "SIZE wider than the bus");
  if (ax.burst != 1) fail(name + "BURST is not INCR");
  const std::uint64_t aligned = ax.addr & ~(size - 1);
  const std::uint64_t last = aligned + (ax.len + 1) * size - 1;
  if (last < aligned) fail(name + " wraps around the address space");
  if (aligned / 4096 != last / 4096) fail(name + " burst crosses 4 KiB");
  if ((ax.rest & 0x800U) != 0) fail(name + "LOCK is set");
  if (!write && rules_.allowed && !rules_.allowed(ax.addr, last, false)) {
    fail(name + " of a forbidden address " + std::to_string(ax.addr));
  }
}

void AxiMonitor::data(const std::uint32_t* req) {
  if (sending_ == writes_.size()) fail("W without AW");
  Open& burst = writes_[sending_];
  const Ax& ax = burst.ax;
  const bool last = get_bit(req, layout_.w_last);
  if (last != (burst.beat == ax.len)) fail(last ? "WLAST too early" : "WLAST missing");
  const std::uint64_t size = std::uint64_t{1} << ax.size;
  const std::uint64_t word = (ax.addr & ~std::uint64_t{layout_.bytes() - 1});
  const std::uint64_t start = (ax.addr & ~(size - 1)) + burst.beat * size;
  const std::uint64_t low = burst.beat == 0 ? ax.addr : start;
  const std::uint64_t strobes = get_bits(req, layout_.w_strb, std::min(64U, layout_.bytes()));
  const std::uint64_t base = start & ~std::uint64_t{layout_.bytes() - 1};
  if (base < word) fail("W past the end of the address space");
  for (unsigned i = 0; i < layout_.bytes(); ++i) {
    if (((strobes >> i) & 1) == 0) continue;
    const std::uint64_t addr = base + i;
    if (addr < low || addr - start >= size) fail("WSTRB outside the transfer");
    if (rules_.allowed && !rules_.allowed(addr, addr, true)) fail("W to a forbidden address " + std::to_string(addr));
    // Neighbours with the same answer are not asked again: whole 16-byte blocks.
    if (addr % 16 == 0 && ((strobes >> i) & 0xffff) == 0xffff && (!rules_.allowed || rules_.allowed(addr, addr + 15, true))) {
      i += 15;
    }
  }
}

void AxiMonitor::sample(const std::uint32_t* req, const std::uint32_t* rsp) {
  const bool aw_valid = get_bit(req, layout_.aw_valid), aw_ready = get_bit(rsp, layout_.aw_ready);
  const bool w_valid = get_bit(req, layout_.w_valid), w_ready = get_bit(rsp, layout_.w_ready);
  const bool ar_valid = get_bit(req, Layout::ar_valid), ar_ready = get_bit(rsp, layout_.ar_ready);
  const bool b_valid = get_bit(rsp, layout_.b_valid), b_ready = get_bit(req, layout_.b_ready);
  const bool r_valid = get_bit(rsp, Layout::r_valid), r_ready = get_bit(req, Layout::r_ready);
  ++cycle_;
  if (first_) {
    first_ = false;
    if (aw_valid || w_valid || ar_valid) fail("VALID in the first cycle out of reset");
  }
  if (!(aw_valid || w_valid || ar_valid || b_valid || r_valid)) {
    if (!(aw_.waiting || w_.waiting || ar_.waiting || b_.waiting || r_.waiting)) return;
  }
  const bool aw_new = aw_valid && !aw_.waiting;
  const bool ar_new = ar_valid && !ar_.waiting;
  stable("AW", aw_, req, aw_valid, aw_ready, layout_.aw, Layout::kAx);
  stable("W", w_, req, w_valid, w_ready, layout_.w_last, layout_.data + layout_.bytes() + 1);
  stable("AR", ar_, req, ar_valid, ar_ready, layout_.ar, Layout::kAx);
  stable("B", b_, rsp, b_valid, b_ready, layout_.b_resp, 2 + Layout::kId);
  stable("R", r_, rsp, r_valid, r_ready, Layout::r_last, layout_.data + 3 + Layout::kId);

  // Answers first: none may come in the cycle in which its request is taken.
  if (r_valid) {
    const auto id = get_bits(rsp, layout_.r_id, Layout::kId);
    const auto open = std::find_if(reads_.begin(), reads_.end(), [&](const Open& o) { return o.ax.id == id; });
    if (open == reads_.end()) fail("R that nobody asked for");
    const bool last = get_bit(rsp, Layout::r_last);
    if (last != (open->beat == open->ax.len)) fail(last ? "RLAST too early" : "RLAST missing");
    if (r_ready) {
      ++open->beat;
      if (last) reads_.erase(open);
    }
  }
  if (b_valid) {
    const auto id = get_bits(rsp, layout_.b_id, Layout::kId);
    const auto open = std::find_if(writes_.begin(), writes_.end(), [&](const Open& o) { return o.ax.id == id; });
    if (open == writes_.end()) fail("B that nobody asked for");
    if (!open->taken || open->beat <= open->ax.len) fail("B before the burst's address and data");
    if (b_ready) {
      writes_.erase(open);
      --sending_;
    }
  }
  if (aw_new) {
    const Ax ax = Layout::get_ax(req, layout_.aw);
    address(ax, true);
    writes_.push_back({ax});
    ++write_bursts_;
    const auto same = std::count_if(writes_.begin(), writes_.end(), [&](const Open& o) { return o.ax.id == ax.id; });
    most_writes_ = std::max(most_writes_, static_cast<unsigned>(same));
    if (static_cast<std::uint64_t>(same) > rules_.max_writes) fail("more writes outstanding than declared");
  }
  if (aw_valid && aw_ready) {
    for (Open& open : writes_) {
      if (!open.taken) {
        open.taken = true;
        break;
      }
    }
  }
  if (w_valid) {
    data(req);
    if (w_ready && writes_[sending_].beat++ == writes_[sending_].ax.len) ++sending_;
  }
  if (ar_new) {
    const Ax ax = Layout::get_ax(req, layout_.ar);
    address(ax, false);
    ++read_bursts_;
    const auto same = std::count_if(reads_.begin(), reads_.end(), [&](const Open& o) { return o.ax.id == ax.id; }) + 1;
    most_reads_ = std::max(most_reads_, static_cast<unsigned>(same));
    if (static_cast<std::uint64_t>(same) > rules_.max_reads) fail("more reads outstanding than declared");
  }
  if (ar_valid && ar_ready) reads_.push_back({Layout::get_ax(req, layout_.ar)});
}

}  // namespace sealift::axi
