// SPDX-License-Identifier: Apache-2.0
// Takes a DEFLATE block apart into code lengths and tokens, so that a difference can be named.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <utility>
#include <vector>

#include "model/compress_model.h"

namespace sealift::tb {

struct Parsed {
  model::BlockKind kind = model::BlockKind::kStored;
  std::array<std::uint8_t, 286> litlen{};
  std::array<std::uint8_t, 30> dist{};
  std::vector<model::Token> tokens;
};

class DeflateParser {
 public:
  explicit DeflateParser(const std::vector<std::uint8_t>& data) : data_(data) {}

  Parsed parse() {
    Parsed out;
    if (bits(1) != 1) throw std::runtime_error("not the last block");
    out.kind = static_cast<model::BlockKind>(bits(2));
    if (out.kind == model::BlockKind::kStored) return out;
    std::vector<std::uint8_t> lit(288);
    std::vector<std::uint8_t> dist(30, 5);
    if (out.kind == model::BlockKind::kFixed) {
      for (unsigned s = 0; s < 288; ++s) lit[s] = s < 144 ? 8 : s < 256 ? 9 : s < 280 ? 7 : 8;
    } else {
      const unsigned num_lit = bits(5) + 257;
      const unsigned num_dist = bits(5) + 1;
      const unsigned num_clen = bits(4) + 4;
      static constexpr std::array<unsigned, 19> kOrder{16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                       11, 4,  12, 3, 13, 2, 14, 1, 15};
      std::vector<std::uint8_t> clen(19);
      for (unsigned i = 0; i < num_clen; ++i) clen[kOrder[i]] = static_cast<std::uint8_t>(bits(3));
      const Codes codes(clen);
      std::vector<std::uint8_t> all;
      while (all.size() < num_lit + num_dist) {
        const unsigned s = symbol(codes);
        if (s < 16) {
          all.push_back(static_cast<std::uint8_t>(s));
        } else {
          const std::uint8_t value = s == 16 ? all.back() : std::uint8_t{0};
          all.insert(all.end(), s == 16 ? 3 + bits(2) : s == 17 ? 3 + bits(3) : 11 + bits(7), value);
        }
      }
      std::fill(lit.begin(), lit.end(), std::uint8_t{0});
      std::fill(dist.begin(), dist.end(), std::uint8_t{0});
      std::copy_n(all.begin(), num_lit, lit.begin());
      std::copy_n(all.begin() + num_lit, num_dist, dist.begin());
      std::copy_n(lit.begin(), 286, out.litlen.begin());
      std::copy_n(dist.begin(), 30, out.dist.begin());
    }
    const Codes lits(lit);
    const Codes dists(dist);
    for (;;) {
      const unsigned s = symbol(lits);
      if (s == 256) return out;
      model::Token t;
      if (s < 256) {
        t.literal = static_cast<std::uint8_t>(s);
      } else {
        unsigned length = 258;
        if (s < 265) {
          length = s - 254;
        } else if (s < 285) {
          const unsigned e = (s - 261) / 4;
          length = ((4 + (s - 261) % 4) << e) + 3 + bits(e);
        }
        const unsigned d = symbol(dists);
        unsigned distance = d + 1;
        if (d >= 4) {
          const unsigned e = d / 2 - 1;
          distance = ((2 + d % 2) << e) + 1 + bits(e);
        }
        t.length = static_cast<std::uint16_t>(length);
        t.distance = static_cast<std::uint16_t>(distance);
      }
      out.tokens.push_back(t);
    }
  }

 private:
  /// Canonical codes by (length, value).
  struct Codes : std::map<std::pair<unsigned, unsigned>, unsigned> {
    explicit Codes(const std::vector<std::uint8_t>& lengths) {
      unsigned code = 0;
      for (unsigned length = 1; length <= 15; ++length, code <<= 1) {
        for (unsigned s = 0; s < lengths.size(); ++s) {
          if (lengths[s] == length) (*this)[{length, code++}] = s;
        }
      }
    }
  };

  unsigned bits(unsigned n) {
    unsigned value = 0;
    for (unsigned i = 0; i < n; ++i, ++at_) {
      value |= ((static_cast<unsigned>(data_.at(at_ / 8)) >> (at_ % 8)) & 1U) << i;
    }
    return value;
  }
  unsigned symbol(const Codes& codes) {
    unsigned code = 0;
    for (unsigned length = 1; length <= 15; ++length) {
      code = code << 1 | bits(1);
      if (const auto it = codes.find({length, code}); it != codes.end()) return it->second;
    }
    throw std::runtime_error("no such code");
  }

  const std::vector<std::uint8_t>& data_;
  std::size_t at_ = 0;
};

}  // namespace sealift::tb
