// SPDX-License-Identifier: Apache-2.0
// DEFLATE (RFC 1951) of one page, by zlib.
#pragma once
#include <string>

#include "common/types.h"

namespace sealift::golden {

/// How zlib compresses. The defaults are zlib's own; tests vary the rest to get every kind of block.
struct DeflateOptions {
  int level = 6;         ///< 0 (stored) .. 9
  int strategy = 0;      ///< Z_DEFAULT_STRATEGY 0, Z_FILTERED 1, Z_HUFFMAN_ONLY 2, Z_RLE 3, Z_FIXED 4
  int mem_level = 9;     ///< 1 .. 9; a small one gives several blocks a page
  int window_bits = 15;  ///< 9 .. 15
};

/// Compresses `plain` on its own into one raw DEFLATE stream of at most plain.size() + 5 bytes: one stored block where
/// the options' own result is longer. Throws std::invalid_argument on options that zlib does not take.
Bytes deflate_bytes(ConstSpan plain, const DeflateOptions& options = {});

/// Decompresses `body`, which must be one raw DEFLATE stream of exactly body.size() bytes whose output is exactly
/// plain.size() bytes. Returns false when it is not, with zlib's message in `why` if given.
bool inflate_exact(ConstSpan body, Span plain, std::string* why = nullptr);

/// CRC-32 as zlib computes it; `state` continues an earlier one.
std::uint32_t crc32(ConstSpan bytes, std::uint32_t state = 0);

}  // namespace sealift::golden
