// SPDX-License-Identifier: Apache-2.0
// A verilated inflate_lane or inflate_lanes, whose ports are the same, beside zlib's verdict and the model's.
#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "common/bench.h"
#include "common/catch.h"
#include "common/stream.h"
#include "inflate/reference.h"
#include "model/inflate_model.h"

namespace sealift::tb {

struct LaneResult {
  unsigned status = 0;
  unsigned bytes = 0;
};

template <class Top>
struct LaneBench {
  Bench<Top> bench;
  PacketSource in;
  Sink<LaneResult> res;
  PacketSink out;
  std::size_t page_bytes;

  explicit LaneBench(unsigned in_stall = 0, unsigned res_stall = 0, unsigned out_stall = 0,
                     std::size_t page_bytes_ = kPage)
      : in(SEALIFT_BEAT_SOURCE(bench, in, in_stall, 1)),
        res(
            [this](LaneResult& r) {
              r.status = (bench->res_o >> 13) & 0x1f;
              r.bytes = bench->res_o & 0x1fff;
              return bench->res_valid_o != 0;
            },
            [this](bool ready) { bench->res_ready_i = ready; }, res_stall, 2),
        out(SEALIFT_BEAT_SINK(bench, out, out_stall, 3)),
        page_bytes(page_bytes_) {
    bench->clear_i = 0;
    if constexpr (requires { bench->verify_i; }) bench->verify_i = bench->verdict_ready_i = 0;
    bench->in_valid_i = 0;
    bench->res_ready_i = 0;
    bench->out_ready_i = 0;
    bench.reset();
    bench.add(in);
    bench.add(res);
    bench.add(out);
  }

  /// Runs the streams back to back and compares each with zlib's verdict. Returns the cycles it took.
  std::uint64_t check(const std::vector<Bytes>& streams, const std::string& what) {
    std::vector<Expected> expected;
    std::size_t pages = 0;
    std::uint64_t limit = 10000;
    for (const Bytes& stream : streams) {
      in.push_packet(stream);
      expected.push_back(zlib_verdict(stream, page_bytes));
      const auto model = model::inflate_page(stream, page_bytes);
      if (static_cast<unsigned>(model.status) != static_cast<unsigned>(expected.back().status) ||
          model.page != expected.back().page) {
        FAIL_CHECK(fmt::format("{}: the model says {}", what, static_cast<unsigned>(model.status)));
      }
      if (expected.back().status == Inflate::Ok) ++pages;
      limit += 50 * stream.size() + 10 * page_bytes;
    }
    const std::size_t res_at = res.items.size();
    const std::size_t out_at = out.packets.size();
    const auto cycles = bench.run_until(
        [&] { return res.items.size() >= res_at + streams.size() && out.packets.size() >= out_at + pages; }, limit);
    std::size_t page = out_at;
    for (std::size_t i = 0; i < streams.size(); ++i) {
      const LaneResult& got = res.items[res_at + i];
      const auto want = static_cast<unsigned>(expected[i].status);
      if (got.status != want || got.bytes != (want == 0 ? page_bytes % 8192 : 0)) {
        FAIL_CHECK(fmt::format("{} {}: status {} bytes {}, zlib says {}", what, i, got.status, got.bytes, want));
        break;
      }
      if (want != 0) continue;
      const Bytes& got_page = out.packets[page++];
      if (got_page != expected[i].page) {
        const auto at =
            std::mismatch(got_page.begin(), got_page.end(), expected[i].page.begin(), expected[i].page.end());
        FAIL_CHECK(fmt::format("{} {}: another page, from byte {}", what, i, at.first - got_page.begin()));
        break;
      }
    }
    CHECK(bench.errors() == 0);
    return cycles;
  }
};

/// Every `step`th page of the bundled ones.
inline std::vector<Bytes> pages(std::size_t step, std::size_t first = 0, std::size_t page_bytes = kPage) {
  std::ifstream file("data/dev-4k.bin", std::ios::binary);
  const Bytes all((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  REQUIRE(all.size() >= page_bytes);
  std::vector<Bytes> result;
  for (std::size_t at = first * page_bytes; at + page_bytes <= all.size(); at += step * page_bytes) {
    result.emplace_back(all.begin() + static_cast<std::ptrdiff_t>(at),
                        all.begin() + static_cast<std::ptrdiff_t>(at + page_bytes));
  }
  return result;
}

}  // namespace sealift::tb
