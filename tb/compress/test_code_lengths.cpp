// SPDX-License-Identifier: Apache-2.0
// Code lengths against the optimum under the same limit, computed here by package-merge. The lane's are the model's:
// test_compress_lane compares them page by page.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <random>
#include <vector>

#include "common/catch.h"
#include "hard_pages.h"
#include "model/compress_model.h"

using namespace sealift::tb;
namespace model = sealift::model;

namespace {

/// What the best code with no length above `limit` takes (Larmore and Hirschberg): the cost of the 2n - 2 cheapest
/// items of the last list, in which each level packs the pairs of the one before and adds the symbols.
std::uint64_t package_merge(const std::vector<unsigned>& counts, unsigned limit) {
  std::vector<std::uint64_t> symbols;
  for (unsigned c : counts) {
    if (c != 0) symbols.push_back(c);
  }
  if (symbols.size() < 2) return symbols.empty() ? 0 : symbols[0];
  std::sort(symbols.begin(), symbols.end());
  std::vector<std::uint64_t> list = symbols;
  for (unsigned level = 1; level < limit; ++level) {
    std::vector<std::uint64_t> pairs;
    for (std::size_t i = 0; i + 1 < list.size(); i += 2) pairs.push_back(list[i] + list[i + 1]);
    std::vector<std::uint64_t> next(symbols.size() + pairs.size());
    std::merge(symbols.begin(), symbols.end(), pairs.begin(), pairs.end(), next.begin());
    list = std::move(next);
  }
  return std::accumulate(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(2 * symbols.size() - 2),
                         std::uint64_t{0});
}

/// Checks the lengths of an alphabet; returns their cost against the optimum.
double check_lengths(const std::vector<unsigned>& counts, unsigned limit) {
  const auto lengths = model::code_lengths(counts, limit);
  std::uint64_t cost = 0;
  std::uint64_t kraft = 0;
  std::size_t used = 0;
  for (std::size_t s = 0; s < counts.size(); ++s) {
    CHECK((lengths[s] != 0) == (counts[s] != 0));
    CHECK(lengths[s] <= limit);
    if (counts[s] == 0) continue;
    ++used;
    cost += std::uint64_t{counts[s]} * lengths[s];
    kraft += std::uint64_t{1} << (limit - lengths[s]);
  }
  if (used > 1) CHECK(kraft == std::uint64_t{1} << limit);
  const std::uint64_t best = package_merge(counts, limit);
  CHECK(cost >= best);
  return best == 0 ? 1.0 : static_cast<double>(cost) / static_cast<double>(best);
}

void check_all(const std::string& name, const std::vector<std::vector<unsigned>>& alphabets, unsigned limit) {
  double worst = 1;
  for (const auto& counts : alphabets) worst = std::max(worst, check_lengths(counts, limit));
  fmt::print("{}: {} alphabets, at worst {:.4f} of the optimum\n", name, alphabets.size(), worst);
  CHECK(worst <= 1.01);
}

}  // namespace

TEST_CASE("code lengths: package-merge itself", "[compress]") {
  // Huffman's 1, 1, 2, 3, 5 without a limit: lengths 4, 4, 3, 2, 1.
  CHECK(package_merge({1, 1, 2, 3, 5}, 15) == 4 + 4 + 6 + 6 + 5);
  // With three bits: 3, 3, 3, 3, 1.
  CHECK(package_merge({1, 1, 2, 3, 5}, 3) == 3 + 3 + 6 + 9 + 5);
  CHECK(package_merge({7, 0, 0}, 15) == 7);
}

TEST_CASE("code lengths: within a hundredth of the optimum", "[compress]") {
  auto rng = make_rng(1);
  std::vector<std::vector<unsigned>> litlen;
  std::vector<std::vector<unsigned>> dist;
  std::vector<std::vector<unsigned>> clen;
  const auto add = [&](const Bytes& page, bool best) {
    model::CompressParams params;
    params.best = best;
    const auto out = model::compress_page(page, params);
    litlen.emplace_back(out.litlen_counts.begin(), out.litlen_counts.end());
    dist.emplace_back(out.dist_counts.begin(), out.dist_counts.end());
    clen.emplace_back(out.clen_counts.begin(), out.clen_counts.end());
  };
  for (const char* file : {"dev-4k.bin", "dev-run.bin"}) {
    const auto pages = file_pages(file);
    for (std::size_t i = 0; i < pages.size(); i += 8) add(pages[i], i % 16 == 0);
  }
  for (const auto& [name, page] : hard_pages(rng, false)) add(page, false);
  check_all("literals and lengths of pages", litlen, 15);
  check_all("distances of pages", dist, 15);
  check_all("code lengths of pages", clen, 7);
}

TEST_CASE("code lengths: counts that want longer codes", "[compress]") {
  auto rng = make_rng(2);
  // A page has 4,096 symbols at most and their end; a header has at most 316 code lengths.
  const auto skewed = [&](std::size_t symbols, unsigned total, double ratio) {
    std::vector<unsigned> counts(symbols);
    double want = 1;
    unsigned left = total;
    for (std::size_t i = 0; i < symbols && left != 0; ++i, want *= ratio) {
      const unsigned c = std::clamp(static_cast<unsigned>(want), 1U, left);
      counts[i] = c;
      left -= c;
    }
    std::shuffle(counts.begin(), counts.end(), rng);
    return counts;
  };
  std::vector<std::vector<unsigned>> litlen;
  std::vector<std::vector<unsigned>> clen;
  for (int i = 0; i < 3000; ++i) {
    const double ratio = 1.0 + static_cast<double>(rng() % 1000) / 1000.0;
    litlen.push_back(skewed(20 + rng() % 267, 4097, ratio));
    clen.push_back(skewed(4 + rng() % 16, 40 + static_cast<unsigned>(rng() % 277), ratio));
  }
  std::vector<unsigned> fibonacci(286);
  unsigned a = 1;
  unsigned b = 1;
  for (unsigned i = 0; i < 16; ++i) {
    fibonacci[i * 17] = a;
    a = std::exchange(b, a + b);
  }
  litlen.push_back(fibonacci);
  check_all("skewed literals and lengths", litlen, 15);
  check_all("skewed code lengths", clen, 7);
}
