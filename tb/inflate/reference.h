// SPDX-License-Identifier: Apache-2.0
// What a stream must give, by zlib's inflate alone, and makers of streams.
#pragma once
#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "common/stream.h"

namespace sealift::tb {

/// sealift_pkg::inflate_status_e.
enum class Inflate : unsigned {
  Ok = 0,
  BadBlockType,
  BadStoredLen,
  TooManySymbols,
  BadCodeLengths,
  BadRepeat,
  NoEndOfBlock,
  BadLitLenSet,
  BadDistSet,
  BadLitLenCode,
  BadDistCode,
  TooFarBack,
  Truncated,
  TooLong,
  TooShort,
  Trailing,
  Runaway  // of the hardware alone
};
constexpr unsigned kInflateStatuses = 17;
constexpr std::size_t kPage = 4096;

struct Expected {
  Inflate status = Inflate::Ok;
  Bytes page;  // whole, or none
};

/// zlib's verdict on a stream that must be one page.
Expected zlib_verdict(const Bytes& stream, std::size_t page_bytes = kPage);

/// deflate() with all its knobs; `flush_every` > 0 puts a flush of kind `flush` inside.
Bytes zlib_deflate(const Bytes& data, int level, int strategy = Z_DEFAULT_STRATEGY, int mem_level = 8,
                   int window_bits = 15, std::size_t flush_every = 0, int flush = Z_FULL_FLUSH);
Bytes libdeflate_deflate(const Bytes& data, int level);
/// `iterations` is zopfli's level; `split` allows several blocks.
Bytes zopfli_deflate(const Bytes& data, int iterations, bool split);

/// Bits as DEFLATE packs them: fields with the lowest bit first, codes with the highest.
class BitWriter {
 public:
  void bits(std::uint32_t value, unsigned n) {
    for (unsigned i = 0; i < n; ++i) bit((value >> i) & 1);
  }
  void code(std::uint32_t value, unsigned n) {
    for (unsigned i = n; i-- > 0;) bit((value >> i) & 1);
  }
  void align() {
    while (fill_ != 0) bit(0);
  }
  void byte(std::uint8_t value) { bits(value, 8); }
  [[nodiscard]] const Bytes& bytes() const { return bytes_; }
  [[nodiscard]] std::size_t size_bits() const { return bytes_.size() * 8 - (fill_ == 0 ? 0 : 8 - fill_); }

 private:
  void bit(std::uint32_t b) {
    if (fill_ == 0) bytes_.push_back(0);
    bytes_.back() = static_cast<std::uint8_t>(bytes_.back() | (b << fill_));
    fill_ = (fill_ + 1) % 8;
  }
  Bytes bytes_;
  unsigned fill_ = 0;
};

/// A Huffman code by its lengths (RFC 1951, section 3.2.2).
struct Code {
  std::vector<unsigned> lengths;
  std::vector<std::uint32_t> codes;

  Code() = default;
  explicit Code(std::vector<unsigned> len);
  void put(BitWriter& out, unsigned symbol) const { out.code(codes[symbol], lengths[symbol]); }
};

/// Writes the header of a dynamic block: counts, code length code, lengths. Runs are used at random with `rng`,
/// never without.
void put_dynamic_header(BitWriter& out, bool final, const Code& lit_len, const Code& dist, std::mt19937_64* rng);
void put_length(BitWriter& out, const Code& lit_len, unsigned length, bool long_258 = false);
void put_distance(BitWriter& out, const Code& dist, unsigned distance);
Code fixed_lit_len();
Code fixed_dist();
/// A complete code of random shape over `symbols` (2 or more), of at most `max_bits`.
std::vector<unsigned> random_lengths(std::mt19937_64& rng, std::size_t alphabet, const std::vector<unsigned>& symbols,
                                     unsigned max_bits);
/// A legal stream of exactly one page: blocks of every kind, codes of random shape.
Bytes random_stream(std::mt19937_64& rng, std::size_t page_bytes = kPage);

}  // namespace sealift::tb
