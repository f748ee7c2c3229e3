// SPDX-License-Identifier: Apache-2.0
// The inflate lane as an algorithm: for any packet the same verdict, and token for token the same page, as
// rtl/inflate, without its timing.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sealift::model {

/// sealift_pkg::inflate_status_e.
enum class InflateStatus : std::uint8_t {
  kOk = 0,
  kBadBlockType = 1,
  kBadStoredLen = 2,
  kTooManySymbols = 3,
  kBadCodeLengths = 4,
  kBadRepeat = 5,
  kNoEndOfBlock = 6,
  kBadLitLenSet = 7,
  kBadDistSet = 8,
  kBadLitLenCode = 9,
  kBadDistCode = 10,
  kTooFarBack = 11,
  kTruncated = 12,
  kTooLong = 13,
  kTooShort = 14,
  kTrailing = 15,
  kRunaway = 16  ///< of the hardware alone
};

/// A literal or stored byte (length 0) or a match.
struct InflateToken {
  std::uint16_t length = 0;
  std::uint16_t distance = 0;
  std::uint8_t literal = 0;
  bool operator==(const InflateToken&) const = default;
};

struct Inflated {
  InflateStatus status = InflateStatus::kOk;
  std::vector<std::uint8_t> page;    ///< empty unless kOk
  std::vector<InflateToken> tokens;  ///< up to the end or the refusal
  unsigned stored = 0;               ///< blocks by kind
  unsigned fixed = 0;
  unsigned dynamic = 0;
};

/// One packet of a lane whose pages have `page_bytes`.
Inflated inflate_page(std::span<const std::uint8_t> stream, std::size_t page_bytes = 4096);

}  // namespace sealift::model
