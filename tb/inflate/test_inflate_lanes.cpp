// SPDX-License-Identifier: Apache-2.0
// Four lanes side by side.
#include <Vinflate_lanes4.h>

#include "common/catch.h"
#include "inflate/lane_bench.h"
#include "model/compress_model.h"

using namespace sealift::tb;
using Lanes = LaneBench<Vinflate_lanes4>;

TEST_CASE("inflate lanes: pages and refusals in order, with stalls", "[inflate]") {
  Lanes lanes(20, 40, 30);
  auto rng = make_rng(41);
  std::vector<Bytes> streams;
  for (int i = 0; i < 60; ++i) {
    streams.push_back(random_stream(rng));
    if (rng() % 3 == 0) streams.back().resize(rng() % streams.back().size());
    if (rng() % 5 == 0) streams.push_back({0x07});
  }
  lanes.check(streams, "mixed");
}

TEST_CASE("inflate lanes: four give 15 bytes a cycle", "[inflate][speed]") {
  std::vector<Bytes> zlib;
  std::vector<Bytes> ours;
  std::vector<Bytes> stored;
  for (const Bytes& page : pages(4)) {
    zlib.push_back(zlib_deflate(page, 6));
    ours.push_back(sealift::model::compress_page(page, {}).bytes);
    stored.push_back(zlib_deflate(page, 0));
  }
  for (const auto* streams : {&zlib, &ours, &stored}) {
    Lanes lanes;
    const auto cycles = lanes.check(*streams, "speed");
    const double rate = static_cast<double>(kPage * streams->size()) / static_cast<double>(cycles);
    fmt::print("4 lanes, {}: {:.2f} bytes a cycle\n",
               streams == &zlib   ? "zlib -6"
               : streams == &ours ? "compress_page"
                                  : "stored",
               rate);
    CHECK(rate >= 15);
  }
}
