// SPDX-License-Identifier: Apache-2.0
// The fixed-size parts of a stream, to and from bytes: docs/stream-format.md, sections 1, 2, 4 and 7.
#pragma once
#include "common/types.h"
#include "golden/cipher.h"

namespace sealift::golden {

/// Section 1, without magic, version and tag. Fields that version 1 fixes are not repeated here.
struct StreamHeader {
  Algorithm algorithm = Algorithm::Aes256Gcm;
  Order order = Order::CompressThenEncrypt;
  std::array<std::uint8_t, 16> stream_id{};
  std::array<std::uint8_t, 4> salt{};
  std::array<std::uint8_t, 32> key_exchange{};

  /// The first 80 bytes as they travel.
  [[nodiscard]] std::array<std::uint8_t, 80> bytes() const;
  /// Ok, BadMagic, BadVersion or BadHeader (a field out of the table; orders and algorithms that do not go together).
  static Status parse(ConstSpan bytes80, StreamHeader& header);
};

/// Section 2, as it travels.
struct RecordHeader {
  std::uint8_t type = 0;
  std::uint8_t flags = 0;
  std::uint16_t reserved = 0;
  std::uint32_t payload_length = 0;  ///< bytes
  std::uint64_t address = 0;         ///< guest physical address; offset of metadata; bytes
  std::uint64_t sequence = 0;
  std::uint32_t count = 0;        ///< pages
  std::uint32_t wire_length = 0;  ///< bytes of DEFLATE in a page record of order 1

  [[nodiscard]] std::array<std::uint8_t, kRecordHeaderBytes> bytes() const;
  static RecordHeader parse(ConstSpan bytes32);
  /// Ok or BadRecord: everything that section 2 fixes, the sequence number aside.
  [[nodiscard]] Status check(Order order) const;
};

/// Section 4, the inner block.
struct Inner {
  std::uint32_t crc = 0;
  std::uint16_t body_length = 0;  ///< bytes
  std::uint8_t coding = 0;
  std::uint8_t reserved = 0;
  std::uint64_t fill = 0;

  [[nodiscard]] std::array<std::uint8_t, kInnerBytes> bytes() const;
  static Inner parse(ConstSpan bytes16);
  /// Ok or BadInner: section 4's table, and the body inside the payload.
  [[nodiscard]] Status check(const RecordHeader& header, Order order) const;
};

/// Section 7: what the sealift command puts into the first record of a stream.
struct ImageInfo {
  std::uint64_t image_bytes = 0;
  std::uint64_t pages = 0;

  [[nodiscard]] std::array<std::uint8_t, 32> bytes() const;
  /// Nothing when the bytes are not such a block, or contradict themselves.
  static std::optional<ImageInfo> parse(ConstSpan bytes);
};

/// Section 3.
Iv make_iv(const std::array<std::uint8_t, 4>& salt, std::uint64_t sequence);

/// The word that a page repeats 512 times, if it does.
std::optional<std::uint64_t> fill_word(ConstSpan page);
/// A page that repeats a word.
std::array<std::uint8_t, kPageBytes> fill_page(std::uint64_t word);

}  // namespace sealift::golden
