// SPDX-License-Identifier: Apache-2.0
// How the records of one stream are encrypted and tagged: docs/stream-format.md, sections 3 and 4.
#pragma once
#include "golden/cipher.h"
#include "golden/format.h"

namespace sealift::golden {

class Protection {
 public:
  /// The key is not looked at with algorithm none.
  Protection(const StreamHeader& header, const Key& key);

  /// Of the stream header's first 80 bytes, as they travel.
  Tag header_tag(ConstSpan header80);
  /// Of a record: its header and its payload as they travel.
  Tag tag(ConstSpan record_header, ConstSpan payload);
  /// Compares in constant time.
  static bool same(const Tag& a, const Tag& b);

  /// The payload of a record from its inner block on, in place; whole blocks. Nothing with algorithm none.
  void encrypt(const RecordHeader& record, Span blocks);
  void decrypt(const RecordHeader& record, Span blocks);

 private:
  Tag tag_of(std::uint64_t sequence, ConstSpan header, ConstSpan payload);

  StreamHeader header_;
  std::optional<Cipher> cipher_;
};

/// Section 4: the number of the XTS data unit of a record.
std::uint64_t data_unit(const RecordHeader& record);

}  // namespace sealift::golden
