// SPDX-License-Identifier: Apache-2.0
// Pages of every kind for the tests of the software.
#pragma once
#include <fstream>
#include <random>
#include <stdexcept>
#include <string>

#include "common/types.h"

namespace sealift::test {

/// Text-like, sparse, random or repeating bytes: one page.
inline Bytes make_page(std::mt19937_64& rng) {
  Bytes page(kPageBytes, 0);
  switch (rng() % 6) {
    case 0:  // does not shrink
      for (auto& b : page) b = static_cast<std::uint8_t>(rng());
      break;
    case 1:  // zero
      break;
    case 2: {  // one word
      const std::uint64_t word = rng();
      for (std::size_t at = 0; at < page.size(); at += 8) put_le(page, at, word);
      break;
    }
    case 3:  // few bytes
      for (int i = 0; i < 20; ++i) page[rng() % page.size()] = static_cast<std::uint8_t>(rng());
      break;
    case 4:  // few symbols
      for (auto& b : page) b = static_cast<std::uint8_t>("etaoin shrdlu"[rng() % 13]);
      break;
    default:  // words again and again
      for (std::size_t at = 0; at < page.size();) {
        if (at > 64 && rng() % 4 != 0) {
          const std::size_t length = std::min<std::size_t>(3 + rng() % 40, page.size() - at);
          const std::size_t distance = 1 + rng() % at;
          for (std::size_t i = 0; i < length; ++i, ++at) page[at] = page[at - distance];
        } else {
          page[at++] = static_cast<std::uint8_t>(rng());
        }
      }
  }
  return page;
}

inline Bytes read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path);
  return Bytes(std::istreambuf_iterator<char>(in), {});
}

}  // namespace sealift::test
