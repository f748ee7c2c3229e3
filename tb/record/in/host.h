// SPDX-License-Identifier: Apache-2.0
// Everything around migrate_in: DMA, inflate lanes (zlib), cipher and tag (OpenSSL), key slot, and memory.
#pragma once
#include <Vmigrate_in.h>

#include <deque>
#include <map>
#include <optional>
#include <utility>

#include "bits.h"
#include "common/bench.h"
#include "common/stream.h"
#include "stream_writer.h"

namespace sealift::tb {

struct Job {
  Order order = Order::Copy;
  bool begin = true, end = true;
  std::uint64_t src_len = 0;
  std::uint64_t dst = 0x1'0000'0000, dst_len = 64 * kPage;
  std::uint64_t meta_addr = 0x9000'0000;
  std::uint16_t meta_len = 4096;
  std::vector<std::uint64_t> table{};  // page table: pages land by it when it is not empty
};

struct Counts {
  std::uint64_t pages, fill_pages, records, bytes_in, bytes_out, body_bytes;
  std::uint32_t stored, fixed, dynamic;
};

struct Fault {
  std::uint8_t code = 0;
  std::uint64_t addr = 0;
  bool operator==(const Fault&) const = default;
};

struct Speed {
  unsigned stall = 0;          // percent, on every port
  unsigned memory_delay = 20;  // cycles before the first beat
  unsigned tag_delay = 20;
  unsigned cipher_delay = 16;
  unsigned lane_delay = 100;             // from the last beat in to the result
  std::optional<unsigned> list_delay{};  // of the page table, if not memory_delay
};

class Host : public Agent {
 public:
  static constexpr std::uint64_t kSource = 0x7000'0000;
  static constexpr std::uint64_t kTable = 0x5'0000'0010;

  explicit Host(Bench<Vmigrate_in>& bench, Speed speed = {})
      : bench_(bench),
        speed_(speed),
        stall_rd_(speed.stall, 11),
        stall_wr_(speed.stall, 12),
        stall_cmd_(speed.stall, 13),
        stall_lane_in_(speed.stall, 14),
        stall_lane_out_(speed.stall, 15),
        stall_cph_in_(speed.stall, 16),
        stall_cph_out_(speed.stall, 17),
        stall_auth_in_(speed.stall, 18),
        stall_auth_ok_(speed.stall, 19) {
    bench_->clear_i = 0;
    bench_->start_i = 0;
    drive();
    bench_.reset();
    bench_.add(*this);
  }

  // the slot
  std::uint64_t seq = 0, records = 0, pages = 0, payload = 0;
  bool over = false, opened = false;
  // what came out
  std::map<std::uint64_t, Bytes> memory;                      // by address of the write
  std::vector<std::pair<std::uint64_t, std::size_t>> writes;  // address, bytes; answered ones
  std::optional<Fault> fault;
  std::optional<std::size_t> writes_at_end;  // taken when the end was first seen
  bool done = false;
  unsigned faults = 0;
  std::uint64_t stall_cycles[4] = {};
  unsigned list_requests = 0;
  std::optional<std::uint64_t> fails_at;  // the write to there is not answered OKAY
  bool failed = false;

  void bind(const Binding& binding) {
    bind_ = binding;
    BitWriter w(std::span<EData>(&bench_->bind_i[0], 13));
    w.bytes(binding.kdf_public).bytes(binding.salt).bytes(binding.id);
    seq = 0;
    records = pages = payload = 0;
    over = opened = false;
  }

  /// One cycle of clear_i; everything outside is cleared with it.
  void clear() {
    bench_->clear_i = 1;
    bench_.tick();
    bench_->clear_i = 0;
    drop();
  }

  void start(const Job& job, const Bytes& source) {
    source_ = source;
    source_.resize((source.size() + 15) / 16 * 16);
    memory.clear();
    writes.clear();
    fault.reset();
    faults = 0;
    for (auto& s : stall_cycles) s = 0;
    table_ = job.table;
    table_.resize((table_.size() + 1) / 2 * 2);
    BitWriter w(std::span<EData>(&bench_->job_i[0], 18));
    w.put(job.meta_len, 13).put(job.meta_addr, 64).put(0, 64).put(job.dst_len, 64).put(job.dst, 64);
    w.put(job.src_len, 64).put(kSource, 64).put(3, 4).put(job.end, 1).put(job.begin, 1).put(0, 3).put(0, 1);
    w.put(static_cast<unsigned>(job.order), 3).put(job.order <= Order::EncryptOnly ? 1 : 0, 4).put(1, 1);
    w.put(8 * table_.size(), 64).put(table_.empty() ? 0 : kTable, 64).put(table_.empty() ? 0 : 4, 3);
    bench_->start_i = 1;
    bench_.tick();
    bench_->start_i = 0;
    done = failed = false;
    writes_at_end.reset();
    answers_.clear();
    written_ = 0;
  }

  /// Runs to the end of the job and a little on, to see that nothing follows.
  std::uint64_t finish(std::uint64_t limit = 200000) {
    const auto cycles = bench_.run_until([&] { return done || fault; }, limit);
    bench_.ticks(40);
    return cycles;
  }

  std::uint64_t run(const Job& job, const Bytes& source) {
    start(job, source);
    return finish();
  }

  Counts counts() {
    BitReader r(&bench_->counts_o[0]);
    Counts c{};
    r.get(32);  // failed, of the way out
    c.dynamic = static_cast<std::uint32_t>(r.get(32));
    c.fixed = static_cast<std::uint32_t>(r.get(32));
    c.stored = static_cast<std::uint32_t>(r.get(32));
    c.body_bytes = r.get(64);
    c.bytes_out = r.get(64);
    c.bytes_in = r.get(64);
    c.records = r.get(64);
    c.fill_pages = r.get(64);
    c.pages = r.get(64);
    return c;
  }

  void drive() override {
    auto& t = bench_.top();
    const auto now = bench_.cycle();
    // slot
    t.seq_i = seq;
    BitWriter(std::span<EData>(&t.totals_i[0], 6)).put(payload, 64).put(pages, 64).put(records, 64);
    // DMA read
    t.rd_req_ready_i = !stall_cmd_.next();
    if (!rd_valid_ && rd_left_ > 0 && now >= rd_from_ && !stall_rd_.next()) rd_valid_ = true;
    t.rd_valid_i = rd_valid_;
    Beat beat;
    if (rd_valid_) {
      std::copy_n(source_.begin() + static_cast<std::ptrdiff_t>(rd_at_), 16, beat.data.begin());
      beat.bytes = 16;
      beat.last = rd_left_ == 16;
    }
    put_beat(beat, &t.rd_beat_i[0]);
    // DMA list
    t.list_req_ready_i = !stall_cmd_.next();
    if (!list_valid_ && !list_out_.empty() && now >= list_out_.front().first && !stall_rd_.next()) list_valid_ = true;
    t.list_valid_i = list_valid_;
    put_beat(list_valid_ ? list_out_.front().second : Beat{}, &t.list_beat_i[0]);
    // DMA write
    t.wr_cmd_ready_i = !stall_cmd_.next();
    t.wr_ready_i = !stall_wr_.next();
    while (!answers_.empty() && now >= answers_.front().first) {
      const auto& write = answers_.front().second;
      failed = failed || write.first == fails_at;
      if (!failed) {
        writes.push_back(write);
        written_ += write.second;
      }
      answers_.pop_front();
    }
    t.written_i = written_;
    // lanes
    t.lane_in_ready_i = lane_results_.size() < 16 && !stall_lane_in_.next();
    t.lane_res_valid_i = 0;
    t.lane_res_i = 0;
    if (!lane_results_.empty() && now >= lane_results_.front().first) {
      const bool ok = lane_results_.front().second.has_value();
      t.lane_res_valid_i = 1;
      t.lane_res_i = ok ? 4096 : (12U << 13);
    }
    if (!lane_valid_ && !lane_out_.empty() && !stall_lane_out_.next()) lane_valid_ = true;
    t.lane_out_valid_i = lane_valid_;
    put_beat(lane_valid_ ? lane_out_.front() : Beat{}, &t.lane_out_beat_i[0]);
    // cipher
    t.cph_cmd_ready_i = cph_cmds_.size() < 4 && !stall_cmd_.next();
    t.cph_in_ready_i = !cph_cmds_.empty() && cph_out_.size() < 32 && !stall_cph_in_.next();
    if (!cph_valid_ && !cph_out_.empty() && now >= cph_out_.front().first && !stall_cph_out_.next()) cph_valid_ = true;
    t.cph_out_valid_i = cph_valid_;
    put_beat(cph_valid_ ? cph_out_.front().second : Beat{}, &t.cph_out_beat_i[0]);
    // tag
    t.auth_cmd_ready_i = auth_cmds_.size() < 4 && !stall_cmd_.next();
    // As the tag unit: two beats at most before the record's command.
    t.auth_in_ready_i =
        (!auth_cmds_.empty() || (auth_packets_.empty() && auth_packet_.size() < 32)) && !stall_auth_in_.next();
    if (!auth_valid_ && !auth_ok_.empty() && now >= auth_ok_.front().first && !stall_auth_ok_.next())
      auth_valid_ = true;
    t.auth_ok_valid_i = auth_valid_;
    t.auth_ok_i = auth_valid_ && auth_ok_.front().second;
  }

  void sample() override {
    auto& t = bench_.top();
    const auto now = bench_.cycle();
    // slot
    const std::uint64_t commit = t.commit_o;
    if ((commit >> 50) & 1) {
      ++seq;
      if ((commit >> 49) & 1) {
        opened = true;
      } else {
        ++records;
        payload += commit & 0xffff;
        pages += (commit >> 16) & 0xffffffff;
        over = ((commit >> 48) & 1) != 0;
      }
    }
    BitReader f(&t.fault_o[0]);
    const auto addr = f.get(64);
    const auto code = f.get(8);
    if (f.get(1) != 0) {
      ++faults;
      if (!fault) fault = Fault{static_cast<std::uint8_t>(code), addr};
    }
    done = t.done_o != 0;
    if ((done || fault) && !writes_at_end) writes_at_end = writes.size();
    stall_cycles[0] += t.stall_memory_o;
    stall_cycles[1] += t.stall_lane_o;
    stall_cycles[2] += t.stall_cipher_o;
    stall_cycles[3] += t.stall_writer_o;
    if (t.clear_i) return;

    // DMA read
    if (rd_valid_ && t.rd_ready_o) {
      rd_valid_ = false;
      rd_at_ += 16;
      rd_left_ -= 16;
    }
    if (t.rd_req_valid_o && t.rd_req_ready_i) {
      BitReader r(&t.rd_req_o[0]);
      const auto bytes = r.get(64);
      const auto from = r.get(64);
      if (rd_left_ != 0) throw std::runtime_error("a read request before the end of the last");
      if (from < kSource || from + bytes > kSource + source_.size())
        throw std::runtime_error("read outside the source");
      rd_at_ = from - kSource;
      rd_left_ = bytes;
      rd_from_ = now + speed_.memory_delay;
    }
    // DMA list
    if (list_valid_ && t.list_ready_o) {
      list_valid_ = false;
      list_out_.pop_front();
    }
    if (t.list_req_valid_o && t.list_req_ready_i) {
      BitReader r(&t.list_req_o[0]);
      const auto bytes = r.get(64);
      const auto from = r.get(64);
      ++list_requests;
      if (bytes == 0 || bytes % 16 != 0 || from < kTable || from + bytes > kTable + 8 * table_.size()) {
        throw std::runtime_error("read outside the table");
      }
      for (std::uint64_t at = 0; at < bytes; at += 16) {
        Beat entries;
        entries.bytes = 16;
        entries.last = at + 16 == bytes;
        for (unsigned i = 0; i < 16; ++i) {
          entries.data[i] = static_cast<std::uint8_t>(table_[(from - kTable + at) / 8 + i / 8] >> (8 * (i % 8)));
        }
        list_out_.emplace_back(now + speed_.list_delay.value_or(speed_.memory_delay), entries);
      }
    }
    // DMA write
    if (t.wr_cmd_valid_o && t.wr_cmd_ready_i) wr_cmds_.push_back(t.wr_addr_o);
    if (t.wr_valid_o && t.wr_ready_i) {
      const Beat beat = get_beat(&t.wr_beat_o[0]);
      if (beat.bytes != 16) throw std::runtime_error("a partial write beat");
      wr_packet_.insert(wr_packet_.end(), beat.data.begin(), beat.data.end());
      if (beat.last) wr_packets_.push_back(std::exchange(wr_packet_, {}));
    }
    while (!wr_cmds_.empty() && !wr_packets_.empty()) {
      answers_.emplace_back(now + speed_.memory_delay, std::pair(wr_cmds_.front(), wr_packets_.front().size()));
      memory[wr_cmds_.front()] = std::move(wr_packets_.front());
      wr_cmds_.pop_front();
      wr_packets_.pop_front();
    }
    // lanes
    if (t.lane_in_valid_o && t.lane_in_ready_i) {
      const Beat beat = get_beat(&t.lane_in_beat_o[0]);
      check(beat);
      lane_packet_.insert(lane_packet_.end(), beat.data.begin(), beat.data.begin() + beat.bytes);
      if (beat.last) {
        lane_results_.emplace_back(now + speed_.lane_delay, inflate_page(lane_packet_));
        lane_packet_.clear();
      }
    }
    if (lane_valid_ && t.lane_out_ready_o) {
      lane_valid_ = false;
      lane_out_.pop_front();
    }
    if (t.lane_res_valid_i && t.lane_res_ready_o) {
      if (lane_results_.front().second) {
        for (const Beat& b : to_beats(*lane_results_.front().second)) lane_out_.push_back(b);
      }
      lane_results_.pop_front();
    }
    // cipher
    if (cph_valid_ && t.cph_out_ready_o) {
      cph_valid_ = false;
      cph_out_.pop_front();
    }
    if (t.cph_in_valid_o && t.cph_in_ready_i) {
      Beat beat = get_beat(&t.cph_in_beat_o[0]);
      check(beat);
      if (beat.bytes != 16) throw std::runtime_error("a partial beat to the cipher");
      CipherCmd& cmd = cph_cmds_.front();
      if (!cmd.bypass) {
        for (unsigned i = 0; i < 16; ++i) beat.data[i] ^= cmd.stream.at(16 * cmd.at + i);
      }
      ++cmd.at;
      if (beat.last != (cmd.at == cmd.blocks)) throw std::runtime_error("cipher command and packet differ in length");
      if (beat.last) cph_cmds_.pop_front();
      cph_out_.emplace_back(now + speed_.cipher_delay, beat);
    }
    if (t.cph_cmd_valid_o && t.cph_cmd_ready_i) {
      BitReader r(&t.cph_cmd_o[0]);
      CipherCmd cmd;
      const auto number = r.get(64);
      r.get(64);
      cmd.blocks = r.get(9);
      cmd.bypass = r.get(1) != 0;
      if (!cmd.bypass) cmd.stream = ctr(bind_, number, Bytes(cmd.blocks * 16));
      cph_cmds_.push_back(std::move(cmd));
    }
    // tag
    if (auth_valid_ && t.auth_ok_ready_o) {
      auth_valid_ = false;
      auth_ok_.pop_front();
    }
    if (t.auth_cmd_valid_o && t.auth_cmd_ready_i) {
      BitReader r(&t.auth_cmd_o[0]);
      AuthCmd cmd{};
      cmd.seq = r.get(64);
      cmd.aad = r.get(3);
      cmd.crc = r.get(1) != 0;
      auth_cmds_.push_back(cmd);
    }
    if (t.auth_in_valid_o && t.auth_in_ready_i) {
      const Beat beat = get_beat(&t.auth_in_beat_o[0]);
      check(beat);
      auth_packet_.insert(auth_packet_.end(), beat.data.begin(), beat.data.end());
      if (beat.last) auth_packets_.push_back(std::exchange(auth_packet_, {}));
    }
    while (!auth_cmds_.empty() && !auth_packets_.empty()) {
      const AuthCmd cmd = auth_cmds_.front();
      const Bytes& p = auth_packets_.front();
      const std::span<const std::uint8_t> all(p);
      const auto head = all.first(16 * cmd.aad);
      const auto body = all.subspan(16 * cmd.aad, p.size() - 16 - 16 * cmd.aad);
      const Bytes tag = make_tag(bind_, !cmd.crc, cmd.seq, head, body);
      auth_ok_.emplace_back(now + speed_.tag_delay, std::equal(tag.begin(), tag.end(), p.end() - 16));
      auth_cmds_.pop_front();
      auth_packets_.pop_front();
    }
  }

 private:
  struct CipherCmd {
    bool bypass = false;
    std::uint64_t blocks = 0;
    std::uint64_t at = 0;
    Bytes stream{};
  };
  struct AuthCmd {
    std::uint64_t seq;
    std::uint64_t aad;
    bool crc;
  };

  static void check(const Beat& beat) {
    if (beat.bytes > 16 || beat.bytes == 0 || (!beat.last && beat.bytes != 16)) throw std::runtime_error("bad beat");
    for (unsigned i = beat.bytes; i < 16; ++i) {
      if (beat.data[i] != 0) throw std::runtime_error("unused bytes of a beat are not zero");
    }
  }

  void drop() {
    rd_left_ = 0;
    rd_valid_ = list_valid_ = lane_valid_ = cph_valid_ = auth_valid_ = false;
    list_out_.clear();
    wr_cmds_.clear();
    wr_packets_.clear();
    wr_packet_.clear();
    answers_.clear();
    written_ = 0;
    lane_packet_.clear();
    lane_results_.clear();
    lane_out_.clear();
    cph_cmds_.clear();
    cph_out_.clear();
    auth_cmds_.clear();
    auth_packet_.clear();
    auth_packets_.clear();
    auth_ok_.clear();
  }

  Bench<Vmigrate_in>& bench_;
  Speed speed_;
  Stalls stall_rd_, stall_wr_, stall_cmd_, stall_lane_in_, stall_lane_out_, stall_cph_in_, stall_cph_out_,
      stall_auth_in_, stall_auth_ok_;
  Binding bind_;
  Bytes source_;
  std::uint64_t rd_left_ = 0, rd_at_ = 0, rd_from_ = 0;
  std::vector<std::uint64_t> table_;
  std::deque<std::pair<std::uint64_t, Beat>> list_out_;
  bool list_valid_ = false;
  std::uint64_t written_ = 0;
  bool rd_valid_ = false, lane_valid_ = false, cph_valid_ = false, auth_valid_ = false;
  std::deque<std::uint64_t> wr_cmds_;
  std::deque<Bytes> wr_packets_;
  std::deque<std::pair<std::uint64_t, std::pair<std::uint64_t, std::size_t>>> answers_;  // cycle; the write
  Bytes wr_packet_, lane_packet_, auth_packet_;
  std::deque<std::pair<std::uint64_t, std::optional<Bytes>>> lane_results_;
  std::deque<Beat> lane_out_;
  std::deque<CipherCmd> cph_cmds_;
  std::deque<std::pair<std::uint64_t, Beat>> cph_out_;
  std::deque<AuthCmd> auth_cmds_;
  std::deque<Bytes> auth_packets_;
  std::deque<std::pair<std::uint64_t, bool>> auth_ok_;
};

}  // namespace sealift::tb
