// SPDX-License-Identifier: Apache-2.0
// migrate_out with everything around it played in C++: memory behind the DMA ports, compress lanes (zlib),
// cipher and tag (OpenSSL, zlib's crc32), the key slot.
#pragma once
#include <Vmigrate_out.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "bits.h"
#include "common/bench.h"
#include "common/stream.h"
#include "stream_reader.h"

namespace sealift::tb {

struct Job {
  unsigned level = 0;
  bool begin = true;
  bool end = true;
  std::uint64_t src = 0x10000;
  std::uint64_t src_len = 0;
  std::uint64_t dst = 0x8000'0000;
  std::uint64_t dst_len = 1 << 24;
  std::uint64_t gpa = 0;
  std::uint64_t meta_addr = 0x1000;
  unsigned meta_len = 0;
  unsigned list_kind = 0;
  std::uint64_t list = 0;
  std::uint64_t list_len = 0;
};

struct Counts {
  std::uint64_t pages, fill_pages, records, bytes_in, bytes_out, body_bytes, stored, fixed, dynamic, failed;
};

struct Result {
  bool done = false;
  bool closed = false;  // the write packet had its `last`
  unsigned commands = 0;
  std::optional<std::pair<unsigned, std::uint64_t>> fault;
  Bytes written;
  Counts counts{};
  std::uint64_t cycles = 0;
};

inline constexpr std::uint64_t kBurst = 512;  // bytes that memory answers at once

struct Setup {
  unsigned stall = 0;         // per cent, on every port
  unsigned mem_latency = 40;  // cycles
  unsigned lanes = 4;
  unsigned lane_cycles = 300;  // a lane's time for a page
  unsigned lane_pages = 8;     // pages inside all lanes at most
  unsigned crypto_latency = 20;
};

/// A valid/ready output of the model: items that are due from some cycle on.
template <class Item>
class Feed {
 public:
  Feed(std::function<void(const Item&, bool)> put, std::function<bool()> ready, unsigned stall, std::uint64_t stream)
      : put_(std::move(put)), ready_(std::move(ready)), stalls_(stall, stream) {}
  std::deque<std::pair<std::uint64_t, Item>> queue;
  std::uint64_t taken = 0;
  std::function<bool()> gate = [] { return true; };
  [[nodiscard]] std::uint64_t presented() const { return taken + (valid_ ? 1 : 0); }
  void drive(std::uint64_t cycle) {
    if (!valid_ && !queue.empty() && queue.front().first <= cycle && gate() && !stalls_.next()) valid_ = true;
    put_(valid_ ? queue.front().second : Item{}, valid_);
  }
  bool sample() {
    if (!valid_ || !ready_()) return false;
    queue.pop_front();
    valid_ = false;
    ++taken;
    return true;
  }
  void clear() {
    queue.clear();
    valid_ = false;
    taken = 0;
  }

 private:
  std::function<void(const Item&, bool)> put_;
  std::function<bool()> ready_;
  Stalls stalls_;
  bool valid_ = false;
};

/// A valid/ready input of the model.
template <class Item>
class Drain {
 public:
  Drain(std::function<bool(Item&)> get, std::function<void(bool)> ready, unsigned stall, std::uint64_t stream)
      : get_(std::move(get)), ready_(std::move(ready)), stalls_(stall, stream) {}
  std::function<bool()> gate = [] { return true; };
  void drive() {
    is_ready_ = gate() && !stalls_.next();
    ready_(is_ready_);
  }
  std::optional<Item> sample() {
    Item item{};
    if (get_(item) && is_ready_) return item;
    return std::nullopt;
  }

 private:
  std::function<bool(Item&)> get_;
  std::function<void(bool)> ready_;
  Stalls stalls_;
  bool is_ready_ = false;
};

class Machine : public Agent {
 public:
  std::uint64_t lane_made = 0, lane_failed = 0;  // pages of the lanes; of those, said to have failed verification
  struct Request {
    std::uint64_t addr, bytes;
  };
  struct LaneResult {
    unsigned kind, bytes;
    bool failed;
  };
  struct CipherCmd {
    bool bypass;
    unsigned blocks;
    std::uint64_t unit, seq;
  };
  struct AuthCmd {
    bool crc;
    unsigned aad;
    std::uint64_t seq;
  };

  explicit Machine(const Setup& setup, const StreamBind& bind);
  Bench<Vmigrate_out> bench;
  StreamBind bind;
  Bytes memory = Bytes(1 << 20);
  std::uint64_t seq = 0;
  std::array<std::uint64_t, 3> totals{};  // records, pages, payload
  unsigned most_lane_pages = 0;
  std::uint64_t landed = 0;                            // records and headers that landed in this job
  std::uint64_t answered_at_most = ~std::uint64_t{0};  // bytes that memory answers for; then it fails

  /// Starts a job and runs it until it is done, faulted, or `limit` cycles passed.
  Result run(const Job& job, std::uint64_t limit = 400'000);
  /// clear_i for a cycle; drops what is in the models.
  void clear();
  [[nodiscard]] unsigned reads_in_flight() const { return static_cast<unsigned>(rd_.queue.size() / 256); }

  void drive() override;
  void sample() override;

 private:
  void serve(const Request& request, Feed<Beat>& to);
  void lane_beat(const Beat& beat);
  void cipher();
  void tag(const Beat& beat);

  Setup setup_;
  Job job_;
  Result result_;
  Drain<Request> rd_req_;
  Feed<Beat> rd_;
  Drain<Request> list_req_;
  Feed<Beat> list_;
  Drain<std::uint64_t> wr_cmd_;
  Drain<Beat> wr_;
  Drain<Beat> lane_in_;
  Feed<LaneResult> lane_res_;
  Feed<Beat> lane_out_;
  Drain<CipherCmd> cph_cmd_;
  Drain<Beat> cph_in_;
  Feed<Beat> cph_out_;
  Drain<AuthCmd> auth_cmd_;
  Drain<Beat> auth_in_;
  Feed<Beat> auth_out_;

  Bytes lane_page_;
  std::vector<std::uint64_t> lane_free_;
  std::size_t lane_next_ = 0;
  unsigned lane_pages_ = 0;  // inside
  std::uint64_t lane_sent_ = 0;
  std::deque<CipherCmd> cipher_cmds_;
  std::deque<Beat> cipher_beats_;
  Bytes keystream_;
  unsigned cipher_at_ = 0;
  std::deque<AuthCmd> auth_cmds_;
  std::deque<Beat> auth_beats_;
  Bytes auth_packet_;
  std::deque<std::pair<std::uint64_t, std::uint64_t>> answers_;  // cycle, bytes written by then
  std::uint64_t given_ = 0, written_ = 0;
};

}  // namespace sealift::tb
