// SPDX-License-Identifier: Apache-2.0
// The lane with pages of 32 KiB, and so with all the history that DEFLATE has.
#include <Vinflate_lane_32k.h>

#include "common/catch.h"
#include "inflate/lane_bench.h"

using namespace sealift::tb;

namespace {

constexpr std::size_t kBig = 32768;

struct BigLane : LaneBench<Vinflate_lane_32k> {
  BigLane() : LaneBench(0, 0, 0, kBig) {}
};

}  // namespace

TEST_CASE("inflate 32k: zlib at every windowBits", "[inflate]") {
  BigLane lane;
  std::vector<Bytes> streams;
  const auto subset = pages(16, 3, kBig);
  for (int bits = 9; bits <= 15; ++bits) {
    streams.push_back(zlib_deflate(subset[static_cast<std::size_t>(bits) % subset.size()], 6, 0, 8, bits));
  }
  for (const int level : {0, 1, 9}) streams.push_back(zlib_deflate(subset[0], level));
  streams.push_back(libdeflate_deflate(subset[1 % subset.size()], 12));
  const auto cycles = lane.check(streams, "stream");
  fmt::print("32 KiB pages: {:.2f} bytes a cycle\n",
             static_cast<double>(kBig * streams.size()) / static_cast<double>(cycles));
  CHECK(lane.out.packets.size() == streams.size());
}

TEST_CASE("inflate 32k: random legal streams", "[inflate]") {
  BigLane lane;
  auto rng = make_rng(32);
  std::vector<Bytes> streams;
  for (int i = 0; i < 12; ++i) streams.push_back(random_stream(rng, kBig));
  lane.check(streams, "random");
  CHECK(lane.out.packets.size() == streams.size());
}

TEST_CASE("inflate 32k: the farthest match, and one byte farther", "[inflate]") {
  BigLane lane;
  std::vector<Bytes> streams;
  const Code ll = fixed_lit_len();
  const Code dd = fixed_dist();
  for (const unsigned before : {32768U - 3, 24577U, 32765U, 20000U}) {
    for (const unsigned farther : {0U, 1U}) {
      BitWriter out;
      out.bits(3, 3);
      for (unsigned i = 0; i < before; ++i) ll.put(out, i * 11 % 251);
      put_length(out, ll, 3);
      put_distance(out, dd, before + farther);
      for (std::size_t i = before + 3; i < kBig; ++i) ll.put(out, i % 256);
      ll.put(out, 256);
      streams.push_back(out.bytes());
      CHECK(zlib_verdict(streams.back(), kBig).status == (farther == 0 ? Inflate::Ok : Inflate::TooFarBack));
    }
  }
  lane.check(streams, "far");
}

TEST_CASE("inflate 32k: refused: too long, too short, trailing, cut", "[inflate]") {
  BigLane lane;
  std::vector<Bytes> streams;
  auto rng = make_rng(33);
  Bytes data(kBig + 1);
  for (auto& b : data) b = static_cast<std::uint8_t>(rng() % 20);
  for (const std::size_t n : {kBig + 1, kBig, kBig - 1, kPage, std::size_t{1}}) {
    const Bytes part(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(n));
    for (const int level : {0, 6}) streams.push_back(zlib_deflate(part, level));
  }
  streams.push_back(streams[3]);
  streams.back().push_back(0);
  streams.push_back(streams[3]);
  streams.back().pop_back();
  lane.check(streams, "refused");
  CHECK(lane.out.packets.size() == 2);
}
