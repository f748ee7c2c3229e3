// SPDX-License-Identifier: Apache-2.0
// The lane in the configuration that it was built for: LANE_TOP names the verilated class, the others its parameters
// and the least it must reach.
#include <fmt/format.h>

#include <algorithm>

#include "common/catch.h"
#include "deflate_parse.h"
#include "hard_pages.h"
#include LANE_HEADER

using namespace sealift::tb;
namespace model = sealift::model;

namespace {

using Lane = LaneBench<LANE_TOP>;

// The model's parameters are those of the lane that was built.
model::CompressParams params_of(bool best) {
  model::CompressParams params;
  params.depth = LANE_WAYS;
  params.depth_best = LANE_WAYS_BEST;
  params.sets = LANE_SETS;
  params.compare = LANE_BYTES;
  params.best = best;
  return params;
}

/// Tokens, then code lengths, then bits: the first difference is named.
void check_model(const Bytes& data, const Bytes& page, bool best) {
  const model::Compressed want = model::compress_page(page, params_of(best));
  if (data == want.bytes) return;
  const Parsed got = DeflateParser(data).parse();
  CHECK(static_cast<unsigned>(got.kind) == static_cast<unsigned>(want.kind));
  if (got.kind != model::BlockKind::kStored) {
    std::size_t at = 0;
    const std::size_t n = std::min(got.tokens.size(), want.tokens.size());
    for (std::size_t i = 0; i < n; ++i) {
      const model::Token& g = got.tokens[i];
      const model::Token& w = want.tokens[i];
      INFO("token " << i << " at position " << at << ": length " << g.length << " distance " << g.distance
                    << " literal " << unsigned{g.literal} << ", model: length " << w.length << " distance "
                    << w.distance << " literal " << unsigned{w.literal});
      REQUIRE(g == w);
      at += std::max<std::size_t>(1, g.length);
    }
    CHECK(got.tokens.size() == want.tokens.size());
  }
  if (got.kind == model::BlockKind::kDynamic) {
    CHECK(got.litlen == want.litlen);
    CHECK(got.dist == want.dist);
  }
  FAIL("the bits differ from the model's");
}

void check_page(const Lane& lane, std::size_t n, const std::string& name, const Bytes& page, bool best) {
  INFO("page " << n << ": " << name);
  const Bytes& data = lane.packet(n);
  CHECK(lane.result(n).bytes == data.size());
  CHECK(data.size() <= kPage + 5);
  CHECK((data[0] & 1) == 1);  // the only block
  CHECK(static_cast<Block>((data[0] >> 1) & 3) == lane.result(n).kind);
  check_model(data, page, best);
  const bool inflates = zlib_inflate(data) == page;
  REQUIRE(inflates);
}

void check_pages(Lane& lane, const std::vector<NamedPage>& pages, bool best = false) {
  lane.level(best);
  std::vector<Bytes> in;
  for (const auto& [name, page] : pages) in.push_back(page);
  lane.forget();
  lane.run(in);
  for (std::size_t i = 0; i < pages.size(); ++i) check_page(lane, i, pages[i].first, pages[i].second, best);
  CHECK(lane.bench().errors() == 0);
}

/// A mixture that has every kind of block.
std::vector<NamedPage> mixed_pages(std::mt19937_64& rng, std::size_t n) {
  const auto hard = hard_pages(rng, false);
  const auto dev = file_pages("dev-4k.bin");
  std::vector<NamedPage> pages;
  for (std::size_t i = 0; i < n; ++i) {
    if (rng() % 2 == 0) {
      pages.push_back(hard[rng() % hard.size()]);
    } else {
      const std::size_t k = rng() % dev.size();
      pages.emplace_back("dev-4k " + std::to_string(k), dev[k]);
    }
  }
  return pages;
}

}  // namespace

TEST_CASE("compress_lane: hard pages", "[compress]") {
  auto rng = make_rng(1);
  Lane lane;
  check_pages(lane, hard_pages(rng, false));
}

TEST_CASE("compress_lane: hard pages, every distance, length and period", "[.][slow]") {
  auto rng = make_rng(1);
  Lane lane;
  check_pages(lane, hard_pages(rng, true));
}

TEST_CASE("compress_lane: any mix of stalls", "[compress]") {
  const auto in_stall = GENERATE(0U, 50U);
  const auto out_stall = GENERATE(0U, 60U);
  auto rng = make_rng(100 + in_stall + out_stall);
  Lane lane(in_stall, out_stall, out_stall == 0 ? 50U : 0U);
  check_pages(lane, mixed_pages(rng, 24));
}

TEST_CASE("compress_lane: the best level", "[compress]") {
  auto rng = make_rng(3);
  Lane lane;
  check_pages(lane, mixed_pages(rng, 24), true);
}

TEST_CASE("compress_lane: nothing of an earlier page or job matters", "[compress]") {
  auto rng = make_rng(4);
  const auto pages = mixed_pages(rng, 40);
  Lane lane;
  check_pages(lane, pages);
  std::vector<Bytes> first;
  for (std::size_t i = 0; i < pages.size(); ++i) first.push_back(lane.packet(i));
  // In another order, behind a clear in the middle of other work.
  std::vector<Bytes> in;
  for (auto it = pages.rbegin(); it != pages.rend(); ++it) in.push_back(it->second);
  lane.forget();
  lane.push(in);
  lane.bench().ticks(rng() % 3000 + 100);
  lane.clear();
  lane.run(in);
  for (std::size_t i = 0; i < pages.size(); ++i) CHECK(lane.packet(i) == first[pages.size() - 1 - i]);
  CHECK(lane.bench().errors() == 0);
}

TEST_CASE("compress_lane: ratio and rate on guest pages", "[compress]") {
  const auto best = GENERATE(false, true);
  const auto file = GENERATE("dev-4k.bin", "dev-run.bin");
  const auto dev = file_pages(file);
  std::vector<Bytes> in;
  std::size_t zlib = 0;
  const std::size_t stride = LANE_STRIDE * (best ? 2 : 1);
  for (std::size_t i = 0; i < dev.size(); i += stride) {
    if (dev[i] == Bytes(kPage, 0)) continue;
    in.push_back(dev[i]);
    zlib += zlib_deflate(dev[i], 6).size();
  }
  Lane lane;
  lane.level(best);
  const double rate = lane.rate(in);
  std::size_t out = 0;
  std::array<unsigned, 3> kinds{};
  for (std::size_t i = 0; i < in.size(); ++i) {
    check_page(lane, i, file, in[i], best);
    out += lane.packet(i).size();
    ++kinds[static_cast<unsigned>(lane.result(i).kind)];
  }
  const double against = static_cast<double>(zlib) / static_cast<double>(out);
  fmt::print(
      "{}, {} level: {} pages, ratio {:.3f}, {:.4f} of zlib -6, {:.2f} bytes a cycle; {} stored, {} fixed, {} "
      "dynamic\n",
      file, best ? "best" : "default", in.size(), static_cast<double>(in.size() * kPage) / static_cast<double>(out),
      against, rate, kinds[0], kinds[1], kinds[2]);
  CHECK(against >= (best ? 1.003 : 0.988));
  CHECK(rate >= (best ? LANE_RATE_BEST : LANE_RATE));
  CHECK(lane.bench().errors() == 0);
}

TEST_CASE("compress_lane: rate on random pages", "[compress]") {
  auto rng = make_rng(5);
  std::vector<Bytes> in;
  for (int i = 0; i < 48; ++i) in.push_back(random_page(rng));
  Lane lane;
  const double rate = lane.rate(in);
  fmt::print("random bytes: {:.2f} bytes a cycle\n", rate);
  CHECK(rate >= LANE_RATE_RANDOM);
  for (std::size_t i = 0; i < in.size(); ++i) CHECK(lane.result(i).kind == Block::kStored);
}
