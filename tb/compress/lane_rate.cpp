// SPDX-License-Identifier: Apache-2.0
// What a lane does to the pages of a file: bytes a cycle under load, and the latency of a page alone.
// usage: lane_rate PAGES.bin STRIDE best|default
#include <fmt/format.h>

#include <cstdlib>
#include <string>

#include "lane_bench.h"
#include LANE_HEADER

using namespace sealift::tb;

int main(int argc, char** argv) {
  if (argc != 4) {
    fmt::print(stderr, "usage: lane_rate PAGES.bin STRIDE best|default\n");
    return 2;
  }
  std::vector<Bytes> pages;
  std::ifstream in(argv[1], std::ios::binary);
  const std::size_t stride = std::strtoul(argv[2], nullptr, 0);
  Bytes page(kPage);
  for (std::size_t i = 0; in.read(reinterpret_cast<char*>(page.data()), kPage); ++i) {
    if (i % stride == 0 && page != Bytes(kPage, 0)) pages.push_back(page);
  }
  LaneBench<LANE_TOP> lane;
  lane.level(std::string(argv[3]) == "best");
  const double rate = lane.rate(pages);
  std::uint64_t alone = 0;
  const std::size_t singles = std::min<std::size_t>(16, pages.size());
  for (std::size_t i = 0; i < singles; ++i) alone += lane.run({pages[i * pages.size() / singles]});
  fmt::print("{} {:.2f} {:.0f}\n", pages.size(), rate, static_cast<double>(alone) / static_cast<double>(singles));
  return lane.bench().errors() == 0 ? 0 : 1;
}
