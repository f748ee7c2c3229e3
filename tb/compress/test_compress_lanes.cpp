// SPDX-License-Identifier: Apache-2.0
// Four lanes of the sim configuration behind one bus of 16 bytes.
#include <Vcompress_lanes.h>
#include <fmt/format.h>

#include <algorithm>

#include "common/catch.h"
#include "hard_pages.h"
#include "model/compress_model.h"

using namespace sealift::tb;
namespace model = sealift::model;

namespace {

using Lanes = LaneBench<Vcompress_lanes>;

model::CompressParams params_of(bool best) {
  model::CompressParams params;
  params.best = best;
  return params;
}

void check(const Lanes& lanes, const std::vector<Bytes>& pages, bool best) {
  REQUIRE(lanes.packets() == pages.size());
  for (std::size_t i = 0; i < pages.size(); ++i) {
    INFO("page " << i);
    CHECK(lanes.result(i).bytes == lanes.packet(i).size());
    const bool inflates = zlib_inflate(lanes.packet(i)) == pages[i];
    REQUIRE(inflates);
    const bool as_model = lanes.packet(i) == model::compress_page(pages[i], params_of(best)).bytes;
    REQUIRE(as_model);
  }
}

std::vector<Bytes> guest_pages(std::size_t stride) {
  std::vector<Bytes> pages;
  const auto dev = file_pages("dev-4k.bin");
  for (std::size_t i = 0; i < dev.size(); i += stride) pages.push_back(dev[i]);
  return pages;
}

}  // namespace

TEST_CASE("compress_lanes: four lanes fill the bus", "[compress]") {
  const auto pages = guest_pages(2);
  Lanes lanes;
  const double rate = lanes.rate(pages);
  fmt::print("4 lanes, default level: {:.2f} bytes a cycle\n", rate);
  CHECK(rate >= 15.0);
  check(lanes, pages, false);
  CHECK(lanes.bench().errors() == 0);
}

TEST_CASE("compress_lanes: order and bits under stalls, across a clear", "[compress]") {
  auto rng = make_rng(1);
  auto pages = guest_pages(32);
  for (const auto& [name, page] : hard_pages(rng, false)) {
    if (rng() % 3 == 0) pages.push_back(page);
  }
  std::shuffle(pages.begin(), pages.end(), rng);
  Lanes lanes(20, 40, 30);
  lanes.push(pages);
  lanes.bench().ticks(rng() % 4000 + 100);
  lanes.clear();
  lanes.run(pages);
  check(lanes, pages, false);
  CHECK(lanes.bench().errors() == 0);
}
