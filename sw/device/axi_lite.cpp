// SPDX-License-Identifier: Apache-2.0
#include "device/axi_lite.h"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace sealift::axi {

namespace {

bool rsp_bit(std::uint64_t rsp, unsigned at) { return ((rsp >> at) & 1) != 0; }
std::uint64_t rsp_bits(std::uint64_t rsp, unsigned at, unsigned width) {
  return (rsp >> at) & ((std::uint64_t{1} << width) - 1);
}

}  // namespace

bool LiteMaster::pause() {
  if (!wild_) return false;
  random_ ^= random_ << 13;
  random_ ^= random_ >> 7;
  random_ ^= random_ << 17;
  return (random_ >> 20) % 100 < 40;
}

LiteMaster::Ticket LiteMaster::post_write(std::uint32_t addr, std::uint32_t data, std::uint32_t strobes) {
  const Access access{next_++, addr, data, strobes};
  addresses_.push_back(access);
  datas_.push_back(access);
  return access.ticket;
}

LiteMaster::Ticket LiteMaster::post_read(std::uint32_t addr) {
  reads_.push_back({next_++, addr, 0, 0});
  return reads_.back().ticket;
}

LiteResult LiteMaster::take(Ticket ticket) {
  const auto found = results_.find(ticket);
  if (found == results_.end()) throw std::logic_error("AXI4-Lite access is not done");
  const LiteResult result = found->second;
  results_.erase(found);
  return result;
}

void LiteMaster::reset() {
  addresses_.clear();
  datas_.clear();
  reads_.clear();
  writes_out_.clear();
  reads_out_.clear();
  results_.clear();
  aw_valid_ = w_valid_ = ar_valid_ = b_ready_ = r_ready_ = false;
}

void LiteMaster::drive(std::uint32_t* req) {
  if (!aw_valid_ && !addresses_.empty() && writes_out_.size() < in_flight_ && !pause()) {
    aw_valid_ = true;
    put_bits(req, layout_.aw_addr(), layout_.addr, addresses_.front().addr);
    put_bits(req, layout_.aw_prot(), 3, 0);
  }
  // Data goes on its own, ahead of its address or after it, for at most in_flight_ unanswered writes.
  const bool room = addresses_.size() + writes_out_.size() < datas_.size() + in_flight_;
  if (!w_valid_ && !datas_.empty() && room && !pause()) {
    w_valid_ = true;
    put_bits(req, layout_.w_data(), 32, datas_.front().data);
    put_bits(req, layout_.w_strb(), 4, datas_.front().strobes);
  }
  if (!ar_valid_ && !reads_.empty() && reads_out_.size() < in_flight_ && !pause()) {
    ar_valid_ = true;
    put_bits(req, LiteLayout::ar_addr, layout_.addr, reads_.front().addr);
    put_bits(req, LiteLayout::ar_prot, 3, 0);
  }
  b_ready_ = !pause();
  r_ready_ = !pause();
  put_bit(req, layout_.aw_valid(), aw_valid_);
  put_bit(req, layout_.w_valid(), w_valid_);
  put_bit(req, LiteLayout::ar_valid, ar_valid_);
  put_bit(req, layout_.b_ready(), b_ready_);
  put_bit(req, LiteLayout::r_ready, r_ready_);
}

void LiteMaster::sample(std::uint64_t rsp) {
  if (b_ready_ && rsp_bit(rsp, LiteLayout::b_valid)) {
    if (writes_out_.empty()) throw ProtocolError("AXI4-Lite: B that nobody asked for");
    results_[writes_out_.front()] = {0, static_cast<std::uint32_t>(rsp_bits(rsp, LiteLayout::b_resp, 2))};
    writes_out_.pop_front();
  }
  if (r_ready_ && rsp_bit(rsp, LiteLayout::r_valid)) {
    if (reads_out_.empty()) throw ProtocolError("AXI4-Lite: R that nobody asked for");
    results_[reads_out_.front()] = {static_cast<std::uint32_t>(rsp_bits(rsp, LiteLayout::r_data, 32)),
                                    static_cast<std::uint32_t>(rsp_bits(rsp, LiteLayout::r_resp, 2))};
    reads_out_.pop_front();
  }
  if (aw_valid_ && rsp_bit(rsp, LiteLayout::aw_ready)) {
    writes_out_.push_back(addresses_.front().ticket);
    addresses_.pop_front();
    aw_valid_ = false;
  }
  if (w_valid_ && rsp_bit(rsp, LiteLayout::w_ready)) {
    datas_.pop_front();
    w_valid_ = false;
  }
  if (ar_valid_ && rsp_bit(rsp, LiteLayout::ar_ready)) {
    reads_out_.push_back(reads_.front().ticket);
    reads_.pop_front();
    ar_valid_ = false;
  }
}

void LiteMonitor::fail(const char* what) const {
  throw ProtocolError("AXI4-Lite, cycle " + std::to_string(cycle_) + ": " + what);
}

void LiteMonitor::sample(const std::uint32_t* req, std::uint64_t rsp) {
  ++cycle_;
  const bool b_valid = rsp_bit(rsp, LiteLayout::b_valid), b_ready = get_bit(req, layout_.b_ready());
  const bool r_valid = rsp_bit(rsp, LiteLayout::r_valid), r_ready = get_bit(req, LiteLayout::r_ready);
  const std::uint64_t b = rsp_bits(rsp, LiteLayout::b_resp, 2);
  const std::uint64_t r = rsp_bits(rsp, LiteLayout::r_resp, 34);
  if (b_waiting_ && (!b_valid || b != b_held_)) fail("B changed while waiting");
  if (r_waiting_ && (!r_valid || r != r_held_)) fail("R changed while waiting");
  if (b_valid && b_ >= std::min(aw_, w_)) fail("B before its AW and W were taken, or that nobody asked for");
  if (r_valid && r_ >= ar_) fail("R before its AR was taken, or that nobody asked for");
  if ((b_valid && b == kExOkay) || (r_valid && (r & 3) == kExOkay)) fail("EXOKAY");
  b_waiting_ = b_valid && !b_ready;
  r_waiting_ = r_valid && !r_ready;
  b_held_ = b;
  r_held_ = r;
  if (b_valid && b_ready) ++b_;
  if (r_valid && r_ready) ++r_;
  const bool aw_valid = get_bit(req, layout_.aw_valid()), w_valid = get_bit(req, layout_.w_valid());
  const bool ar_valid = get_bit(req, LiteLayout::ar_valid);
  if (aw_valid && rsp_bit(rsp, LiteLayout::aw_ready)) ++aw_;
  if (w_valid && rsp_bit(rsp, LiteLayout::w_ready)) ++w_;
  if (ar_valid && rsp_bit(rsp, LiteLayout::ar_ready)) ++ar_;
  // The slave owes something once both halves of a write are shown or taken.
  const bool write_owed = (aw_ + (aw_valid ? 1 : 0) > b_) && (w_ + (w_valid ? 1 : 0) > b_) && !b_valid;
  const bool read_owed = (ar_ > r_ || ar_valid) && !r_valid;
  write_wait_ = write_owed ? write_wait_ + 1 : 0;
  read_wait_ = read_owed ? read_wait_ + 1 : 0;
  if (write_wait_ > patience_) fail("no answer to a write");
  if (read_wait_ > patience_) fail("no answer to a read");
}

}  // namespace sealift::axi
