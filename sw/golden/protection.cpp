// SPDX-License-Identifier: Apache-2.0
#include "golden/protection.h"

#include <openssl/crypto.h>

#include "golden/deflate.h"

namespace sealift::golden {

std::uint64_t data_unit(const RecordHeader& record) {
  switch (static_cast<RecordType>(record.type)) {
    case RecordType::Metadata:
      return (std::uint64_t{1} << 62) + record.address / kBlockBytes;
    case RecordType::End:
      return std::uint64_t{1} << 63;
    default:
      return record.address / kPageBytes;
  }
}

Protection::Protection(const StreamHeader& header, const Key& key) : header_(header) {
  if (header.algorithm != Algorithm::None) cipher_.emplace(header.algorithm, key);
}

Tag Protection::header_tag(ConstSpan header80) { return tag_of(0, header80, {}); }

Tag Protection::tag(ConstSpan record_header, ConstSpan payload) {
  return tag_of(RecordHeader::parse(record_header).sequence, record_header, payload);
}

Tag Protection::tag_of(std::uint64_t sequence, ConstSpan header, ConstSpan payload) {
  if (is_gcm(header_.algorithm)) {
    Bytes aad(header_.stream_id.begin(), header_.stream_id.end());
    aad.insert(aad.end(), header.begin(), header.end());
    return cipher_->tag(make_iv(header_.salt, sequence), aad, payload);
  }
  Tag tag{};
  put_le(tag, 0, payload.empty() ? crc32(header) : crc32(payload, crc32(header)));
  return tag;
}

bool Protection::same(const Tag& a, const Tag& b) { return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0; }

void Protection::encrypt(const RecordHeader& record, Span blocks) {
  if (cipher_) cipher_->encrypt(make_iv(header_.salt, record.sequence), data_unit(record), blocks);
}

void Protection::decrypt(const RecordHeader& record, Span blocks) {
  if (cipher_) cipher_->decrypt(make_iv(header_.salt, record.sequence), data_unit(record), blocks);
}

}  // namespace sealift::golden
