// SPDX-License-Identifier: Apache-2.0
// The compress lane as an algorithm: the same tokens, code lengths and bits as rtl/compress for any page and any
// parameters, without its timing.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace sealift::model {

inline constexpr std::size_t kPageBytes = 4096;

/// compress_match's parameters that change what comes out, and the level.
struct CompressParams {
  unsigned depth = 16;       ///< candidates a position at the default level (Ways)
  unsigned depth_best = 16;  ///< and at the best
  unsigned sets = 4096;      ///< hash heads (Sets)
  unsigned compare = 16;     ///< bytes compared at once; as many equal ones end a search (Bytes)
  bool best = false;
};

/// A literal (length 0) or a match.
struct Token {
  std::uint16_t length = 0;
  std::uint16_t distance = 0;
  std::uint8_t literal = 0;
  bool operator==(const Token&) const = default;
};

enum class BlockKind : std::uint8_t { kStored = 0, kFixed = 1, kDynamic = 2 };

/// Everything that is decided of a page, stage by stage.
struct Compressed {
  std::vector<Token> tokens;
  std::array<unsigned, 286> litlen_counts{};
  std::array<unsigned, 30> dist_counts{};
  std::array<unsigned, 19> clen_counts{};
  std::array<std::uint8_t, 286> litlen{};  ///< code lengths
  std::array<std::uint8_t, 30> dist{};
  std::array<std::uint8_t, 19> clen{};
  BlockKind kind = BlockKind::kStored;
  std::uint64_t header_bits = 0;
  std::uint64_t dynamic_bits = 0;
  std::uint64_t fixed_bits = 0;
  std::vector<std::uint8_t> bytes;  ///< the DEFLATE
};

/// compress_links and compress_match.
std::vector<Token> match_page(std::span<const std::uint8_t> page, const CompressParams& params);

/// compress_sort and compress_tree: code lengths from counts.
std::vector<std::uint8_t> code_lengths(std::span<const unsigned> counts, unsigned max_length);

/// The whole lane.
Compressed compress_page(std::span<const std::uint8_t> page, const CompressParams& params);

}  // namespace sealift::model
