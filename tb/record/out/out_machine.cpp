// SPDX-License-Identifier: Apache-2.0
#include "out_machine.h"

#include <zlib.h>

namespace sealift::tb {
namespace {

void check(bool ok, const char* what) {
  if (!ok) throw std::runtime_error(what);
}

}  // namespace

#define DRAIN_BEAT(name)                                                  \
  [this](Beat& beat) {                                                    \
    if (bench->name##_valid_o) beat = get_beat(&bench->name##_beat_o[0]); \
    return bench->name##_valid_o != 0;                                    \
  },                                                                      \
      [this](bool ready) { bench->name##_ready_i = ready; }
#define FEED_BEAT(name)                       \
  [this](const Beat& beat, bool valid) {      \
    bench->name##_valid_i = valid;            \
    put_beat(beat, &bench->name##_beat_i[0]); \
  },                                          \
      [this] { return bench->name##_ready_o != 0; }

Machine::Machine(const Setup& setup, const StreamBind& stream_bind)
    : bind(stream_bind),
      setup_(setup),
      rd_req_(
          [this](Request& r) {
            r = {field(&bench->rd_req_o[0], 64, 64), field(&bench->rd_req_o[0], 0, 64)};
            return bench->rd_req_valid_o != 0;
          },
          [this](bool ready) { bench->rd_req_ready_i = ready; }, setup.stall, 11),
      rd_(FEED_BEAT(rd), setup.stall, 12),
      list_req_(
          [this](Request& r) {
            r = {field(&bench->list_req_o[0], 64, 64), field(&bench->list_req_o[0], 0, 64)};
            return bench->list_req_valid_o != 0;
          },
          [this](bool ready) { bench->list_req_ready_i = ready; }, setup.stall, 24),
      list_(FEED_BEAT(list), setup.stall, 25),
      wr_cmd_(
          [this](std::uint64_t& addr) {
            addr = bench->wr_addr_o;
            return bench->wr_cmd_valid_o != 0;
          },
          [this](bool ready) { bench->wr_cmd_ready_i = ready; }, setup.stall, 13),
      wr_(DRAIN_BEAT(wr), setup.stall, 14),
      lane_in_(DRAIN_BEAT(lane_in), setup.stall, 15),
      lane_res_(
          [this](const LaneResult& r, bool valid) {
            bench->lane_res_valid_i = valid;
            bench->lane_res_i = static_cast<SData>(static_cast<unsigned>(r.failed) << 15 | r.kind << 13 | r.bytes);
          },
          [this] { return bench->lane_res_ready_o != 0; }, setup.stall, 16),
      lane_out_(FEED_BEAT(lane_out), setup.stall, 17),
      cph_cmd_(
          [this](CipherCmd& c) {
            const auto* w = &bench->cph_cmd_o[0];
            c = {field(w, 137, 1) != 0, static_cast<unsigned>(field(w, 128, 9)), field(w, 64, 64), field(w, 0, 64)};
            return bench->cph_cmd_valid_o != 0;
          },
          [this](bool ready) { bench->cph_cmd_ready_i = ready; }, setup.stall, 18),
      cph_in_(DRAIN_BEAT(cph_in), setup.stall, 19),
      cph_out_(FEED_BEAT(cph_out), setup.stall, 20),
      auth_cmd_(
          [this](AuthCmd& c) {
            const auto* w = &bench->auth_cmd_o[0];
            c = {field(w, 67, 1) != 0, static_cast<unsigned>(field(w, 64, 3)), field(w, 0, 64)};
            return bench->auth_cmd_valid_o != 0;
          },
          [this](bool ready) { bench->auth_cmd_ready_i = ready; }, setup.stall, 21),
      auth_in_(DRAIN_BEAT(auth_in), setup.stall, 22),
      auth_out_(FEED_BEAT(auth_out), setup.stall, 23),
      lane_free_(setup.lanes) {
  lane_in_.gate = [this] { return !lane_page_.empty() || lane_pages_ < setup_.lane_pages; };
  lane_out_.gate = [this] { return lane_res_.presented() > lane_sent_; };
  cph_in_.gate = [this] { return cipher_beats_.size() < 8 && cph_out_.queue.size() < 64; };
  auth_in_.gate = [this] { return auth_beats_.size() < 8 && auth_out_.queue.size() < 64; };
  cph_cmd_.gate = [this] { return cipher_cmds_.size() < 4; };
  auth_cmd_.gate = [this] { return auth_cmds_.size() < 4; };
  bench->clear_i = 0;
  bench->start_i = 0;
  bench.reset();
  bench.add(*this);
}

Result Machine::run(const Job& job, std::uint64_t limit) {
  job_ = job;
  result_ = {};
  answers_.clear();
  given_ = written_ = landed = 0;
  Packer fields(18);
  fields.add(job.meta_len, 13).add(job.meta_addr, 64).add(job.gpa, 64).add(job.dst_len, 64).add(job.dst, 64);
  fields.add(job.src_len, 64).add(job.src, 64).add(0, 4).add(job.end, 1).add(job.begin, 1).add(bind.pad, 3);
  fields.add(job.level, 1).add(bind.order, 3).add(bind.algorithm, 4).add(0, 1);
  fields.add(job.list_len, 64).add(job.list, 64).add(job.list_kind, 3);
  fields.to(&bench->job_i[0]);
  Packer stream(13);
  stream.add(bind.kdf_public).add(bind.salt).add(bind.stream_id);
  stream.to(&bench->bind_i[0]);
  bench->start_i = 1;
  bench.tick();
  bench->start_i = 0;
  const auto start = bench.cycle();
  while (!bench->done_o && !result_.fault && bench.cycle() - start < limit) bench.tick();
  result_.done = bench->done_o != 0;
  result_.cycles = bench.cycle() - start;
  // The counts are whole when memory has answered.
  while (result_.done && (!answers_.empty() || !bench->settled_o)) bench.tick();
  bench.tick();
  const auto* w = &bench->counts_o[0];
  result_.counts = {field(w, 448, 64), field(w, 384, 64), field(w, 320, 64), field(w, 256, 64), field(w, 192, 64),
                    field(w, 128, 64), field(w, 96, 32),  field(w, 64, 32),  field(w, 32, 32),  field(w, 0, 32)};
  if (result_.done) {
    check(rd_.queue.empty() && list_.queue.empty() && cipher_cmds_.empty() && cipher_beats_.empty() &&
              cph_out_.queue.empty() && auth_cmds_.empty() && auth_beats_.empty() && auth_out_.queue.empty() &&
              lane_pages_ == 0,
          "something is left in the models after the job");
  }
  return result_;
}

void Machine::clear() {
  bench->clear_i = 1;
  bench.tick();
  bench->clear_i = 0;
  rd_.clear();
  list_.clear();
  lane_res_.clear();
  lane_out_.clear();
  cph_out_.clear();
  auth_out_.clear();
  lane_page_.clear();
  std::fill(lane_free_.begin(), lane_free_.end(), 0);
  lane_pages_ = 0;
  lane_sent_ = 0;
  cipher_cmds_.clear();
  cipher_beats_.clear();
  keystream_.clear();
  cipher_at_ = 0;
  auth_cmds_.clear();
  auth_beats_.clear();
  auth_packet_.clear();
}

void Machine::drive() {
  const auto cycle = bench.cycle();
  Packer slot(6);
  slot.add(totals[2], 64).add(totals[1], 64).add(totals[0], 64).to(&bench->totals_i[0]);
  bench->seq_i = seq;
  // Memory answers a write some time after it took it.
  while (!answers_.empty() && cycle >= answers_.front().first) {
    written_ = std::min(answers_.front().second, answered_at_most);
    answers_.pop_front();
  }
  bench->written_i = written_;
  rd_req_.drive();
  rd_.drive(cycle);
  list_req_.drive();
  list_.drive(cycle);
  wr_cmd_.drive();
  wr_.drive();
  lane_in_.drive();
  lane_res_.drive(cycle);
  lane_out_.drive(cycle);
  cph_cmd_.drive();
  cph_in_.drive();
  cph_out_.drive(cycle);
  auth_cmd_.drive();
  auth_in_.drive();
  auth_out_.drive(cycle);
}

void Machine::sample() {
  const auto cycle = bench.cycle();
  if (bench->clear_i) return;
  if (const auto r = rd_req_.sample()) serve(*r, rd_);
  rd_.sample();
  if (const auto r = list_req_.sample()) serve(*r, list_);
  list_.sample();
  if (const auto addr = wr_cmd_.sample()) {
    check(*addr == job_.dst, "wrong write address");
    ++result_.commands;
  }
  if (const auto beat = wr_.sample()) {
    check(beat->bytes == 16, "short beat to memory");
    check(!result_.closed, "a beat after the packet's last");
    result_.written.insert(result_.written.end(), beat->data.begin(), beat->data.end());
    result_.closed = beat->last;
    given_ += 16;
    // By bursts, as on the bus.
    if (beat->last || given_ % kBurst == 0) answers_.emplace_back(cycle + 1 + setup_.mem_latency, given_);
  }
  if (const auto beat = lane_in_.sample()) lane_beat(*beat);
  lane_res_.sample();
  if (bench->lane_out_valid_i && bench->lane_out_ready_o && get_beat(&bench->lane_out_beat_i[0]).last) {
    ++lane_sent_;
    --lane_pages_;
  }
  lane_out_.sample();
  if (const auto cmd = cph_cmd_.sample()) {
    check(cmd->blocks >= 1 && cmd->blocks <= 288, "blocks of a cipher command");
    check(cmd->bypass == (bind.order >= 3), "bypass of the cipher");
    cipher_cmds_.push_back(*cmd);
  }
  if (const auto beat = cph_in_.sample()) cipher_beats_.push_back(*beat);
  cipher();
  cph_out_.sample();
  if (const auto cmd = auth_cmd_.sample()) {
    check(cmd->crc == (bind.algorithm == 0), "kind of tag");
    auth_cmds_.push_back(*cmd);
  }
  if (const auto beat = auth_in_.sample()) auth_beats_.push_back(*beat);
  if (!auth_beats_.empty() && !auth_cmds_.empty()) {
    const Beat beat = auth_beats_.front();
    auth_beats_.pop_front();
    tag(beat);
  }
  auth_out_.sample();
  if (bench->commit_o >> 50 & 1) {
    if (!(bench->commit_o >> 49 & 1)) {
      totals[0] += 1;
      totals[1] += bench->commit_o >> 16 & 0xffff'ffff;
      totals[2] += bench->commit_o & 0xffff;
    }
    ++seq;
  }
  landed += bench->commit_o >> 51 & 1;
  if (field(&bench->fault_o[0], 72, 1) != 0) {
    check(!result_.fault, "a second fault");
    check(written_ == given_, "a fault before memory has the records");
    result_.fault = {static_cast<unsigned>(field(&bench->fault_o[0], 64, 8)), field(&bench->fault_o[0], 0, 64)};
  }
}

void Machine::serve(const Request& request, Feed<Beat>& to) {
  check(request.addr % 16 == 0 && request.bytes % 16 == 0 && request.bytes != 0 &&
            request.addr + request.bytes <= memory.size(),
        "bad read request");
  const auto from = memory.begin() + static_cast<std::ptrdiff_t>(request.addr);
  for (const Beat& beat : to_beats(Bytes(from, from + static_cast<std::ptrdiff_t>(request.bytes)))) {
    to.queue.emplace_back(bench.cycle() + setup_.mem_latency, beat);
  }
}

void Machine::lane_beat(const Beat& beat) {
  if (lane_page_.empty()) {
    ++lane_pages_;
    most_lane_pages = std::max(most_lane_pages, lane_pages_);
  }
  check(beat.bytes == 16, "short beat to a lane");
  lane_page_.insert(lane_page_.end(), beat.data.begin(), beat.data.end());
  check(beat.last == (lane_page_.size() == 4096), "a lane gets pages");
  if (!beat.last) return;
  const Bytes body = deflate_page(lane_page_);
  lane_page_.clear();
  auto& free = lane_free_[lane_next_];
  lane_next_ = (lane_next_ + 1) % lane_free_.size();
  free = std::max(free, bench.cycle()) + setup_.lane_cycles;
  const bool fails = lane_made++ % 3 == 1;
  lane_failed += fails ? 1 : 0;
  lane_res_.queue.emplace_back(free, LaneResult{(body[0] >> 1) & 3U, static_cast<unsigned>(body.size()), fails});
  for (const Beat& b : to_beats(body)) lane_out_.queue.emplace_back(free, b);
}

void Machine::cipher() {
  if (cipher_beats_.empty() || cipher_cmds_.empty()) return;
  const CipherCmd& cmd = cipher_cmds_.front();
  Beat beat = cipher_beats_.front();
  cipher_beats_.pop_front();
  if (cipher_at_ == 0 && !cmd.bypass) keystream_ = gcm_ctr(bind, cmd.seq, 2, Bytes(16 * cmd.blocks));
  check(beat.bytes == 16, "the cipher takes whole blocks");
  check(beat.last == (cipher_at_ + 1 == cmd.blocks), "blocks of a cipher packet");
  if (!cmd.bypass) {
    for (std::size_t i = 0; i < 16; ++i) beat.data[i] ^= keystream_[16 * cipher_at_ + i];
  }
  cph_out_.queue.emplace_back(bench.cycle() + setup_.crypto_latency, beat);
  ++cipher_at_;
  if (beat.last) {
    cipher_at_ = 0;
    cipher_cmds_.pop_front();
  }
}

void Machine::tag(const Beat& in) {
  Beat beat = in;
  auth_packet_.insert(auth_packet_.end(), beat.data.begin(), beat.data.end());
  beat.last = false;
  const auto due = bench.cycle() + setup_.crypto_latency;
  auth_out_.queue.emplace_back(due, beat);
  if (!in.last) return;
  const AuthCmd& cmd = auth_cmds_.front();
  Beat end;
  end.bytes = 16;
  end.last = true;
  if (cmd.crc) {
    const auto crc = crc32(0, auth_packet_.data(), static_cast<uInt>(auth_packet_.size()));
    for (unsigned i = 0; i < 4; ++i) end.data[i] = static_cast<std::uint8_t>(crc >> (8 * i));
  } else {
    const auto split = auth_packet_.begin() + static_cast<std::ptrdiff_t>(16 * cmd.aad);
    Bytes aad(bind.stream_id.begin(), bind.stream_id.end());
    aad.insert(aad.end(), auth_packet_.begin(), split);
    end.data = gcm_tag(bind, cmd.seq, aad, Bytes(split, auth_packet_.end()));
  }
  auth_out_.queue.emplace_back(due + 1, end);
  auth_packet_.clear();
  auth_cmds_.pop_front();
}

}  // namespace sealift::tb
