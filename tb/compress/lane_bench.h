// SPDX-License-Identifier: Apache-2.0
// Drives a compress lane with pages, checks each result and its data with zlib, and keeps the figures.
#pragma once
#include <zlib.h>

#include <cstdint>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/bench.h"
#include "common/stream.h"

namespace sealift::tb {

constexpr std::size_t kPage = 4096;

/// DEFLATE of one page by zlib, without wrapper.
inline Bytes zlib_deflate(const Bytes& page, int level) {
  z_stream z{};
  if (deflateInit2(&z, level, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK) throw std::runtime_error("deflateInit2");
  Bytes out(deflateBound(&z, static_cast<uLong>(page.size())));
  z.next_in = const_cast<Bytef*>(page.data());
  z.avail_in = static_cast<uInt>(page.size());
  z.next_out = out.data();
  z.avail_out = static_cast<uInt>(out.size());
  const int code = deflate(&z, Z_FINISH);
  out.resize(z.total_out);
  deflateEnd(&z);
  if (code != Z_STREAM_END) throw std::runtime_error("deflate");
  return out;
}

/// What zlib makes of a DEFLATE stream; empty when it refuses it or when bytes are left over.
inline Bytes zlib_inflate(const Bytes& data) {
  z_stream z{};
  if (inflateInit2(&z, -15) != Z_OK) throw std::runtime_error("inflateInit2");
  Bytes out(2 * kPage);
  z.next_in = const_cast<Bytef*>(data.data());
  z.avail_in = static_cast<uInt>(data.size());
  z.next_out = out.data();
  z.avail_out = static_cast<uInt>(out.size());
  const int code = inflate(&z, Z_FINISH);
  out.resize(z.total_out);
  const bool whole = code == Z_STREAM_END && z.avail_in == 0;
  inflateEnd(&z);
  return whole ? out : Bytes{};
}

inline std::vector<Bytes> read_pages(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("no " + path);
  std::vector<Bytes> pages;
  Bytes page(kPage);
  while (in.read(reinterpret_cast<char*>(page.data()), kPage)) pages.push_back(page);
  return pages;
}

#ifdef SEALIFT_DATA_DIR
/// Pages of a file of data/.
inline std::vector<Bytes> file_pages(const std::string& name) {
  return read_pages(std::string(SEALIFT_DATA_DIR) + "/" + name);
}
#endif

enum class Block : unsigned { kStored = 0, kFixed = 1, kDynamic = 2 };

struct LaneResult {
  Block kind = Block::kStored;
  unsigned bytes = 0;
};

template <class Top>
class LaneBench {
 public:
  explicit LaneBench(unsigned in_stall = 0, unsigned out_stall = 0, unsigned res_stall = 0)
      : source_(SEALIFT_BEAT_SOURCE(bench_, in, in_stall, 1)),
        sink_(SEALIFT_BEAT_SINK(bench_, out, out_stall, 2)),
        results_(
            [this](LaneResult& r) {
              r.bytes = bench_->res_o & 0x1fff;
              r.kind = static_cast<Block>((bench_->res_o >> 13) & 3);
              return bench_->res_valid_o != 0;
            },
            [this](bool ready) { bench_->res_ready_i = ready; }, res_stall, 3) {
    bench_->clear_i = 0;
    bench_->level_i = 0;
    bench_->in_valid_i = 0;
    bench_->out_ready_i = 0;
    bench_->res_ready_i = 0;
    bench_.reset();
    bench_.add(source_);
    bench_.add(results_);
    bench_.add(sink_);
  }

  /// Compresses pages one behind the other; returns the cycles it took.
  std::uint64_t run(const std::vector<Bytes>& pages) {
    const std::size_t target = sink_.packets.size() + pages.size();
    for (const Bytes& page : pages) source_.push_packet(page);
    return bench_.run_until([&] { return sink_.packets.size() == target && results_.items.size() == target; },
                            60000 + 40000 * pages.size());
  }

  /// Compresses pages; returns the bytes a cycle over the middle half of them, when the lane is full.
  double rate(const std::vector<Bytes>& pages) {
    const std::size_t before = packets();
    push(pages);
    const auto wait = [&](std::size_t n) {
      return bench_.run_until([&] { return packets() >= before + n; }, 60000 + 40000 * pages.size());
    };
    wait(pages.size() / 4);
    const auto cycles = wait(pages.size() / 4 + pages.size() / 2);
    bench_.run_until([&] { return packets() == before + pages.size() && results_.items.size() == packets(); },
                     60000 + 40000 * pages.size());
    return static_cast<double>(pages.size() / 2 * kPage) / static_cast<double>(cycles);
  }

  void push(const std::vector<Bytes>& pages) {
    for (const Bytes& page : pages) source_.push_packet(page);
  }

  /// Drops whatever the lane does, and what the bench still had for it.
  void clear() {
    source_.clear();
    bench_->in_valid_i = 0;
    bench_->clear_i = 1;
    bench_.tick();
    source_.clear();
    bench_->clear_i = 0;
    forget();
  }
  void forget() {
    sink_.packets.clear();
    results_.items.clear();
  }

  [[nodiscard]] std::size_t packets() const { return sink_.packets.size(); }
  /// The DEFLATE of packet n.
  [[nodiscard]] const Bytes& packet(std::size_t n) const { return sink_.packets.at(n); }
  [[nodiscard]] const LaneResult& result(std::size_t n) const { return results_.items.at(n); }
  Bench<Top>& bench() { return bench_; }
  void level(bool best) { bench_->level_i = best; }

 private:
  Bench<Top> bench_;
  PacketSource source_;
  PacketSink sink_;
  Sink<LaneResult> results_;
};

}  // namespace sealift::tb
