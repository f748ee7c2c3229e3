// SPDX-License-Identifier: Apache-2.0
// What a lane does to the non-zero pages of files: their number, size against zlib -6, bytes a cycle under load, and
// the cycles that a page alone takes. usage: lane_rate STRIDE best|default PAGES.bin...
#include <fmt/format.h>

#include <cstdlib>
#include <string>

#include "lane_bench.h"
#include LANE_HEADER

using namespace sealift::tb;

int main(int argc, char** argv) {
  if (argc < 4) {
    fmt::print(stderr, "usage: lane_rate STRIDE best|default PAGES.bin...\n");
    return 2;
  }
  std::vector<Bytes> pages;
  const std::size_t stride = std::strtoul(argv[1], nullptr, 0);
  for (int file = 3; file < argc; ++file) {
    const auto all = read_pages(argv[file]);
    for (std::size_t i = 0; i < all.size(); i += stride) {
      if (all[i] != Bytes(kPage, 0)) pages.push_back(all[i]);
    }
  }
  LaneBench<LANE_TOP> lane;
  lane.level(std::string(argv[2]) == "best");
  const double rate = lane.rate(pages);
  std::size_t zlib = 0;
  std::size_t out = 0;
  for (std::size_t i = 0; i < pages.size(); ++i) {
    if (zlib_inflate(lane.packet(i)) != pages[i]) throw std::runtime_error("a page does not inflate to itself");
    zlib += zlib_deflate(pages[i], 6).size();
    out += lane.packet(i).size();
  }
  std::uint64_t alone = 0;
  const std::size_t singles = std::min<std::size_t>(16, pages.size());
  for (std::size_t i = 0; i < singles; ++i) alone += lane.run({pages[i * pages.size() / singles]});
  fmt::print("{} {:.4f} {:.2f} {}\n", pages.size(), static_cast<double>(zlib) / static_cast<double>(out), rate,
             alone / singles);
  return lane.bench().errors() == 0 ? 0 : 1;
}
