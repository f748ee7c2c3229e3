// SPDX-License-Identifier: Apache-2.0
// sealift_control with an AXI4-Lite driver on either port and a data path, cipher and DMA played by the test.
#pragma once
#include <Vsealift_control.h>
#include <Vsealift_control___024root.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "common/bench.h"
#include "common/stream.h"
#include "sealift_regs.h"

namespace sealift::tb {

using Top = Vsealift_control;

/// Bits [lsb, lsb + width) of a packed port.
template <class Words>
std::uint64_t get_bits(const Words& words, unsigned lsb, unsigned width) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < width; ++i) {
    value |= static_cast<std::uint64_t>((words[(lsb + i) / 32] >> ((lsb + i) % 32)) & 1U) << i;
  }
  return value;
}
template <class Words>
void set_bits(Words& words, unsigned lsb, unsigned width, std::uint64_t value) {
  for (unsigned i = 0; i < width; ++i) {
    const auto mask = static_cast<EData>(1U << ((lsb + i) % 32));
    if (((value >> i) & 1U) != 0) {
      words[(lsb + i) / 32] |= mask;
    } else {
      words[(lsb + i) / 32] &= ~mask;
    }
  }
}

enum Resp : unsigned { kOkay = 0, kSlvErr = 2 };

/// One AXI4-Lite port: one access of each direction at a time, with random waits, AW and W in any order.
class LitePort : public Agent {
 public:
  LitePort(std::function<void(const std::array<EData, 3>&)> put, std::function<std::uint64_t()> get,
           std::uint64_t stream)
      : put_(std::move(put)), get_(std::move(get)), rng_(make_rng(stream)) {}

  unsigned stall_percent = 0;

  void start_write(std::uint32_t addr, std::uint32_t value, unsigned strb) {
    waddr_ = addr;
    wdata_ = value;
    strb_ = strb;
    aw_wanted_ = w_wanted_ = true;
    ++b_wanted_;
  }
  /// Another one, put on the bus as soon as the one before it was taken.
  void follow_write(std::uint32_t addr, std::uint32_t value) {
    next_ = {addr, value};
    ++b_wanted_;
  }
  void start_read(std::uint32_t addr) {
    raddr_ = addr;
    ar_wanted_ = true;
    r_wanted_ = true;
  }
  [[nodiscard]] bool busy() const { return b_wanted_ != 0 || r_wanted_; }
  unsigned resp = 0;
  std::uint32_t data = 0;

  void drive() override {
    aw_ = aw_wanted_ && (aw_ || !stall());
    w_ = w_wanted_ && (w_ || !stall());
    ar_ = ar_wanted_ && (ar_ || !stall());
    b_ready_ = !stall();
    r_ready_ = !stall();
    std::array<EData, 3> req{};
    set_bits(req, 59, 12, waddr_);
    set_bits(req, 56, 3, 2);  // AxPROT is ignored
    set_bits(req, 55, 1, aw_);
    set_bits(req, 23, 32, wdata_);
    set_bits(req, 19, 4, strb_);
    set_bits(req, 18, 1, w_);
    set_bits(req, 17, 1, b_ready_);
    set_bits(req, 5, 12, raddr_);
    set_bits(req, 1, 1, ar_);
    set_bits(req, 0, 1, r_ready_);
    put_(req);
  }
  void sample() override {
    const std::uint64_t rsp = get_();
    const auto bit = [&](unsigned n) { return ((rsp >> n) & 1U) != 0; };
    if (bit(36)) {
      if (b_due_ == 0) throw std::runtime_error("write response before the write");
      const auto code = static_cast<unsigned>((rsp >> 37) & 3U);
      if (b_held_ && code != resp) throw std::runtime_error("write response changes while it waits");
      resp = code;
      b_held_ = !b_ready_;
      if (b_ready_) {
        --b_wanted_;
        --b_due_;
      }
    } else if (b_held_) {
      throw std::runtime_error("write response withdrawn");
    }
    if (bit(0)) {
      if (!r_wanted_ || ar_wanted_) throw std::runtime_error("read response before the address");
      const auto code = static_cast<unsigned>((rsp >> 1) & 3U);
      const auto value = static_cast<std::uint32_t>(rsp >> 3);
      if (r_held_ && (code != resp || value != data)) throw std::runtime_error("read data changes while it waits");
      resp = code;
      data = value;
      r_held_ = !r_ready_;
      if (r_ready_) r_wanted_ = false;
    } else if (r_held_) {
      throw std::runtime_error("read response withdrawn");
    }
    const bool writing = aw_wanted_ || w_wanted_;
    if (aw_ && bit(40)) aw_wanted_ = aw_ = false;
    if (w_ && bit(39)) w_wanted_ = w_ = false;
    if (writing && !aw_wanted_ && !w_wanted_) {
      ++b_due_;
      if (next_) {
        std::tie(waddr_, wdata_) = *next_;
        next_.reset();
        aw_wanted_ = w_wanted_ = true;
      }
    }
    if (ar_ && bit(35)) ar_wanted_ = ar_ = false;
  }

 private:
  bool stall() { return rng_() % 100 < stall_percent; }

  std::function<void(const std::array<EData, 3>&)> put_;
  std::function<std::uint64_t()> get_;
  std::mt19937_64 rng_;
  std::uint32_t waddr_ = 0, raddr_ = 0, wdata_ = 0;
  unsigned strb_ = 0;
  unsigned b_wanted_ = 0, b_due_ = 0;  // responses to come in all, and of the writes that were taken
  std::optional<std::pair<std::uint32_t, std::uint32_t>> next_;
  bool aw_wanted_ = false, w_wanted_ = false, ar_wanted_ = false, r_wanted_ = false;
  bool aw_ = false, w_ = false, ar_ = false, b_ready_ = false, r_ready_ = false, b_held_ = false, r_held_ = false;
};

struct Commit {
  bool header = false;
  bool last = false;
  std::uint32_t pages = 0;
  std::uint16_t payload = 0;
};

/// What stands behind the control block: levels that the test sets, pulses that last one cycle, and what was seen.
class DataPath : public Agent {
 public:
  explicit DataPath(Top& top) : top_(top) {}

  // levels
  bool dma_idle = true;
  bool auto_crypto = true;  // ready some cycles after a load
  unsigned stall = 0;
  std::array<std::uint64_t, 6> counts{};  // pages, fill, records, in, out, body
  std::array<std::uint32_t, 4> kinds{};   // stored, fixed, dynamic, unverified
  // pulses
  bool done = false;
  std::vector<Commit> commits;  // one a cycle
  unsigned fault_code = 0;
  std::uint64_t fault_addr = 0;
  // seen
  unsigned starts = 0, clears = 0, loads = 0, wipes = 0;
  std::uint64_t abort_cycles = 0;
  // completion records: what memory got, how long it takes to answer, and whether it takes anything
  std::map<std::uint64_t, std::array<std::uint64_t, 8>> records;
  std::vector<std::uint64_t> record_order;
  unsigned record_latency = 10;
  bool record_ready = true;

  void drive() override {
    top_.crypto_ready_i = crypto_ready_;
    top_.dma_idle_i = dma_idle;
    top_.stall_i = static_cast<CData>(stall);
    for (unsigned i = 0; i < 6; ++i) set_bits(top_.counts_i, 512 - 64 * (i + 1), 64, counts[i]);
    for (unsigned i = 0; i < 4; ++i) set_bits(top_.counts_i, 96 - 32 * i, 32, kinds[i]);
    top_.dp_done_i = done;
    done = false;
    top_.commit_i = 0;
    if (!commits.empty()) {
      const Commit& c = commits.front();
      top_.commit_i = (std::uint64_t{3} << 50) | (std::uint64_t{c.header} << 49) | (std::uint64_t{c.last} << 48) |
                      (std::uint64_t{c.pages} << 16) | c.payload;
      commits.erase(commits.begin());
    }
    set_bits(top_.fault_i, 72, 1, fault_code != 0);
    set_bits(top_.fault_i, 64, 8, fault_code);
    set_bits(top_.fault_i, 0, 64, fault_addr);
    fault_code = 0;
    top_.rec_cmd_ready_i = record_ready;
    top_.rec_ready_i = record_ready;
    top_.rec_idle_i = record_wait_ == 0 && record_beats_ == 0;
  }
  void sample() override {
    starts += top_.start_o;
    clears += top_.clear_o;
    loads += top_.crypto_load_o;
    wipes += top_.crypto_wipe_o;
    abort_cycles += top_.dma_abort_o;
    if (top_.dma_abort_o) record_beats_ = record_wait_ = 0;
    if (record_wait_ > 0) --record_wait_;
    if (top_.rec_cmd_valid_o && record_ready) record_addr_ = top_.rec_addr_o;
    if (top_.rec_valid_o && record_ready) {
      for (unsigned i = 0; i < 2; ++i) record_[2 * record_beats_ + i] = get_bits(top_.rec_beat_o, 64 * i, 64);
      ++record_beats_;
      const bool last = get_bits(top_.rec_beat_o, 133, 1) != 0;
      if (last != (record_beats_ == 4)) throw std::runtime_error("a completion record has four beats");
      if (last) {
        records[record_addr_] = record_;
        record_order.push_back(record_addr_);
        record_beats_ = 0;
        record_wait_ = record_latency;
      }
    }
    if (top_.crypto_load_o) {
      crypto_ready_ = false;
      crypto_wait_ = 20;
    } else if (auto_crypto && crypto_wait_ > 0 && --crypto_wait_ == 0) {
      crypto_ready_ = true;
    }
    if (top_.crypto_wipe_o) {
      crypto_ready_ = false;
      crypto_wait_ = 0;
    }
  }

 private:
  Top& top_;
  bool crypto_ready_ = false;
  unsigned crypto_wait_ = 0;
  std::array<std::uint64_t, 8> record_{};
  std::uint64_t record_addr_ = 0;
  unsigned record_beats_ = 0, record_wait_ = 0;
};

/// A job as the security processor writes it.
struct Job {
  unsigned dir = SEALIFT_DIRECTION_MIGRATE_OUT;
  unsigned level = 0;
  bool begin = true;
  bool end = true;
  unsigned alg = SEALIFT_ALGORITHM_AES_256_GCM;
  unsigned order = SEALIFT_ORDER_COMPRESS_THEN_ENCRYPT;
  unsigned pad = 0;
  bool verify = true;
  unsigned slot = 0;
  std::uint64_t src = 0x1'0000'1000, src_len = 0x4000, dst = 0x2'0000'0010, dst_len = 0x8000, gpa = 0x7000;
  std::uint64_t meta_addr = 0x3'0000'0000;
  std::uint32_t meta_len = 32;
  unsigned list_kind = 0;
  std::uint64_t list = 0, list_len = 0;
  std::uint64_t record = 0;
  std::uint32_t tag = 0;
};

/// RAM contents, key registers and states inside, by the model's own names.
#define SEALIFT_INSIDE(name) rootp->sealift_control__DOT__##name

class Control {
 public:
  Bench<Top> bench;
  LitePort host, secure;
  DataPath dp;

  explicit Control(unsigned stall_percent = 0, bool wait_scrub = true)
      : host([this](const auto& req) { std::copy(req.begin(), req.end(), &bench->host_req_i[0]); },
             [this] { return bench->host_rsp_o; }, 11),
        secure([this](const auto& req) { std::copy(req.begin(), req.end(), &bench->secure_req_i[0]); },
               [this] { return bench->secure_rsp_o; }, 12),
        dp(bench.top()) {
    host.stall_percent = secure.stall_percent = stall_percent;
    reset();
    bench.add(host);
    bench.add(secure);
    bench.add(dp);
    if (wait_scrub) bench.ticks(20);
  }
  void reset() {
    host.drive();
    secure.drive();
    dp.drive();
    bench.reset();
  }

  // ------------------------------------------------------------ accesses
  unsigned write(LitePort& port, std::uint32_t addr, std::uint32_t data, unsigned strb = 0xf) {
    port.start_write(addr, data, strb);
    bench.run_until([&] { return !port.busy(); }, 1000);
    bench.ticks(3);  // let a command take effect
    return port.resp;
  }
  std::uint32_t read(LitePort& port, std::uint32_t addr) {
    port.start_read(addr);
    bench.run_until([&] { return !port.busy(); }, 1000);
    return port.data;
  }
  unsigned sw(std::uint32_t addr, std::uint32_t data, unsigned strb = 0xf) { return write(secure, addr, data, strb); }
  std::uint32_t sr(std::uint32_t addr) { return read(secure, addr); }
  unsigned hw(std::uint32_t addr, std::uint32_t data, unsigned strb = 0xf) { return write(host, addr, data, strb); }
  std::uint32_t hr(std::uint32_t addr) { return read(host, addr); }
  void sw64(std::uint32_t addr, std::uint64_t data) {
    sw(addr, static_cast<std::uint32_t>(data));
    sw(addr + 4, static_cast<std::uint32_t>(data >> 32));
  }
  std::uint64_t sr64(std::uint32_t addr) { return sr(addr) | (std::uint64_t{sr(addr + 4)} << 32); }
  std::uint64_t hr64(std::uint32_t addr) { return hr(addr) | (std::uint64_t{hr(addr + 4)} << 32); }

  // ------------------------------------------------------------ keys
  void stage(std::uint64_t stream, unsigned alg = SEALIFT_ALGORITHM_AES_256_GCM, unsigned dir = 0) {
    auto rng = make_rng(stream);
    for (unsigned i = 0; i < 8; ++i)
      sw(SEALIFT_SECURE_KEY + 4 * i, staged_key[i] = static_cast<std::uint32_t>(rng()) | 1U);
    for (unsigned i = 0; i < 4; ++i)
      sw(SEALIFT_SECURE_STREAM_ID + 4 * i, staged_id[i] = static_cast<std::uint32_t>(rng()));
    for (unsigned i = 0; i < 8; ++i)
      sw(SEALIFT_SECURE_KDF_PUBLIC + 4 * i, staged_kdf[i] = static_cast<std::uint32_t>(rng()));
    if (alg == SEALIFT_ALGORITHM_AES_256_XTS || alg == SEALIFT_ALGORITHM_AES_128_XTS) {
      for (unsigned i = 0; i < 8; ++i)
        sw(SEALIFT_SECURE_TWEAK_KEY + 4 * i, staged_tweak[i] = static_cast<std::uint32_t>(rng()) | 1U);
    }
    sw(SEALIFT_SECURE_SALT, staged_salt = static_cast<std::uint32_t>(rng()));
    sw(SEALIFT_SECURE_SLOT_CONFIG, alg | (dir << 4));
  }
  unsigned install(unsigned slot) {
    sw(SEALIFT_SECURE_KEY_INSTALL, slot);
    return key_result();
  }
  unsigned key_result() { return sr(SEALIFT_SECURE_KEY_STATUS) & 7U; }
  std::uint32_t slot_status(unsigned slot) {
    sw(SEALIFT_SECURE_SLOT_SELECT, slot);
    return sr(SEALIFT_SECURE_SLOT_STATUS);
  }
  std::uint64_t slot_seq(unsigned slot) {
    sw(SEALIFT_SECURE_SLOT_SELECT, slot);
    return sr64(SEALIFT_SECURE_SLOT_SEQ_LO);
  }
  std::array<std::uint32_t, 8> staged_key{}, staged_tweak{}, staged_kdf{};
  std::array<std::uint32_t, 4> staged_id{};
  std::uint32_t staged_salt = 0;

  // ------------------------------------------------------------ jobs
  void write_job(const Job& job) {
    sw(SEALIFT_SECURE_JOB_CONFIG, job.dir | (job.level << 1) | (unsigned{job.begin} << 2) | (unsigned{job.end} << 3) |
                                      (job.alg << 4) | (job.order << 8) | (job.pad << 12) | (job.slot << 16) |
                                      (job.list_kind << 24) | (unsigned{job.verify} << 28));
    sw(SEALIFT_SECURE_JOB_META_LEN, job.meta_len);
    sw64(SEALIFT_SECURE_JOB_SRC_LO, job.src);
    sw64(SEALIFT_SECURE_JOB_SRC_LEN_LO, job.src_len);
    sw64(SEALIFT_SECURE_JOB_DST_LO, job.dst);
    sw64(SEALIFT_SECURE_JOB_DST_LEN_LO, job.dst_len);
    sw64(SEALIFT_SECURE_JOB_GPA_LO, job.gpa);
    sw64(SEALIFT_SECURE_JOB_META_ADDR_LO, job.meta_addr);
    sw64(SEALIFT_SECURE_JOB_LIST_LO, job.list);
    sw64(SEALIFT_SECURE_JOB_LIST_LEN_LO, job.list_len);
    sw64(SEALIFT_SECURE_JOB_RECORD_LO, job.record);
    sw(SEALIFT_SECURE_JOB_TAG, job.tag);
  }
  void start(const Job& job) {
    write_job(job);
    sw(SEALIFT_SECURE_JOB_START, 1);
  }
  /// Queues it; what became of that.
  unsigned push(const Job& job) {
    write_job(job);
    sw(SEALIFT_SECURE_JOB_PUSH, 1);
    return start_code();
  }
  unsigned waiting() { return (sr(SEALIFT_SECURE_JOB_STATUS) >> 24) & 0xfU; }
  void wait_start() {
    const unsigned before = dp.starts;
    bench.run_until([&] { return dp.starts != before; }, 500);
  }
  /// Starts and waits until the data path was started.
  void run(const Job& job) {
    write_job(job);
    const unsigned before = dp.starts;
    sw(SEALIFT_SECURE_JOB_START, 1);
    bench.run_until([&] { return dp.starts != before; }, 500);
    bench.ticks(2);
  }
  [[nodiscard]] bool busy() { return (sr(SEALIFT_SECURE_JOB_STATUS) & 1U) != 0; }
  unsigned job_code() { return (sr(SEALIFT_SECURE_JOB_STATUS) >> 8) & 0xffU; }
  unsigned start_code() { return (sr(SEALIFT_SECURE_JOB_STATUS) >> 16) & 0xffU; }
  unsigned host_state() { return hr(SEALIFT_HOST_STATUS) & 7U; }
  void wait_idle(std::uint64_t limit = 500) {
    bench.run_until([&] { return !inside_busy(); }, limit);
    bench.ticks(3);
  }
  bool inside_busy() { return bench->SEALIFT_INSIDE(u_job__DOT__slot_hold_o) != 0; }

  // ------------------------------------------------------------ upsets (upset.vlt)
  enum class Machine : std::uint8_t { Job, Keys, Mailbox };
  /// Puts a state machine into a state, for one cycle.
  void upset(Machine machine, unsigned code) {
    auto* root = bench->rootp;
    CData& enable = machine == Machine::Keys  ? root->sealift_control__DOT__u_slots__DOT__state_q__VforceEn
                    : machine == Machine::Job ? root->sealift_control__DOT__u_job__DOT__state_q__VforceEn
                                              : root->sealift_control__DOT__u_mailbox__DOT__state_q__VforceEn;
    CData& value = machine == Machine::Keys  ? root->sealift_control__DOT__u_slots__DOT__state_q__VforceVal
                   : machine == Machine::Job ? root->sealift_control__DOT__u_job__DOT__state_q__VforceVal
                                             : root->sealift_control__DOT__u_mailbox__DOT__state_q__VforceVal;
    value = static_cast<CData>(code);
    enable = 0xff;
    bench.tick();
    enable = 0;
    bench.tick();
  }

  // ------------------------------------------------------------ a look inside
  /// Whether any bit of a key, stream id, salt or number is left in the key store, staging or outputs.
  bool key_store_empty() {
    auto* root = bench->rootp;
    const auto zero = [](const auto& words, unsigned n) {
      for (unsigned i = 0; i < n; ++i) {
        if (words[i] != 0) return false;
      }
      return true;
    };
    bool empty = true;
    for (unsigned s = 0; s < 8; ++s) {
      empty = empty && zero(root->sealift_control__DOT__u_slots__DOT__u_keys__DOT__mem[s], 16);
      empty = empty && zero(root->sealift_control__DOT__u_slots__DOT__u_bounds__DOT__mem[s], 13);
      empty = empty && zero(root->sealift_control__DOT__u_slots__DOT__u_numbers__DOT__mem[s], 8);
    }
    empty = empty && zero(root->sealift_control__DOT__u_slots__DOT__u_keys__DOT__rdata_q, 16);
    empty = empty && zero(root->sealift_control__DOT__u_slots__DOT__u_bounds__DOT__rdata_q, 13);
    empty = empty && zero(root->sealift_control__DOT__u_slots__DOT__key_q, 16);
    empty = empty && zero(root->sealift_control__DOT__u_stage__DOT__data_q, 29);
    empty = empty && zero(bench->crypto_key_o, 8) && zero(bench->crypto_tweak_key_o, 8) && zero(bench->bind_o, 13);
    return empty;
  }
  bool outputs_zero() {
    for (unsigned i = 0; i < 8; ++i) {
      if (bench->crypto_key_o[i] != 0 || bench->crypto_tweak_key_o[i] != 0) return false;
    }
    for (unsigned i = 0; i < 13; ++i) {
      if (bench->bind_o[i] != 0) return false;
    }
    return bench->seq_o == 0 && get_bits(bench->totals_o, 0, 64) == 0;
  }
};

}  // namespace sealift::tb
