// SPDX-License-Identifier: Apache-2.0
#include "golden/reader.h"

#include <openssl/crypto.h>

#include <algorithm>

#include "golden/protection.h"

namespace sealift::golden {

struct Reader::Impl {
  Source source;
  ReaderOptions options;
  StreamHeader header;
  std::optional<Protection> protection;  // none without the secret of a sealed stream
  bool opened = false;
  bool done = false;
  Status status = Status::Ok;
  std::uint64_t offset = 0;  // of what is looked at
  std::uint64_t at = 0;      // of the source
  std::uint64_t sequence = 1;
  std::uint64_t records = 0;
  std::uint64_t pages = 0;
  std::uint64_t payload = 0;
  std::string detail;
  Bytes cipher_inner;  // order 1: a page's inner block as it travelled

  void wipe() {
    for (auto* secret : {&options.secret, &options.receiver_private}) {
      if (*secret) OPENSSL_cleanse((*secret)->data(), (*secret)->size());
      secret->reset();
    }
    options.key.reset();
  }

  bool read(Span bytes) {
    const std::size_t n = source(bytes);
    at += n;
    return n == bytes.size();
  }

  Status refuse(Status why, std::string text = {}) {
    status = why;
    detail = std::move(text);
    return why;
  }

  /// The stream's key by whatever the options have; nothing without any of it.
  std::optional<Key> find_key(ConstSpan head) {
    if (options.key) return options.key;
    if (options.receiver_private && options.sender_public) {
      return derive_exchanged_key(*options.receiver_private, *options.sender_public, head);
    }
    if (options.secret) return derive_stream_key(*options.secret, head);
    return std::nullopt;
  }

  Status open() {
    std::array<std::uint8_t, kStreamHeaderBytes> bytes{};
    if (!read(bytes)) return refuse(Status::Truncated, "the source ends inside the stream header");
    const ConstSpan head = ConstSpan(bytes).first(80);
    if (const Status bad = StreamHeader::parse(head, header); bad != Status::Ok) return refuse(bad);
    if (options.algorithm && *options.algorithm != header.algorithm) {
      return refuse(Status::BadHeader, "algorithm " + std::string(name(header.algorithm)) + " was not agreed");
    }
    if (options.order && *options.order != header.order) {
      return refuse(Status::BadHeader, "order " + std::string(name(header.order)) + " was not agreed");
    }
    Tag tag{};
    std::copy_n(bytes.begin() + 80, kTagBytes, tag.begin());
    std::optional<Key> key;
    if (header.algorithm == Algorithm::None) {
      key.emplace();
    } else if (options.secret && options.secret->size() != kSecretBytes) {
      return refuse(Status::BadConfig, "the secret has 32 bytes");
    } else {
      key = find_key(head);
    }
    wipe();
    if (!key) return Status::Ok;
    protection.emplace(header, *key);
    if (!Protection::same(protection->header_tag(head), tag)) return refuse(Status::BadTag, "stream header");
    return Status::Ok;
  }

  /// Reads header, payload and tag; everything that section 5 refuses up to the sequence number.
  Status fetch(Record& record, std::array<std::uint8_t, kRecordHeaderBytes>& head, Bytes& body, Tag& tag) {
    offset = at;
    const std::size_t n = source(head);
    at += n;
    if (n == 0) return refuse(Status::Truncated, "the source ends before the end record");
    if (n < head.size()) return refuse(Status::Truncated, "the source ends inside a record header");
    record.header = RecordHeader::parse(head);
    record.offset = offset;
    const auto length = record.header.payload_length;
    if (length < kBlockBytes || length > kMaxPayloadBytes || length % kBlockBytes != 0) {
      return refuse(Status::BadRecord, "payload length");
    }
    body.resize(length);
    if (!read(body) || !read(tag)) return refuse(Status::Truncated, "the source ends inside a record");
    if (record.header.check(header.order) != Status::Ok) return refuse(Status::BadRecord);
    record.type = static_cast<RecordType>(record.header.type);
    if (record.header.sequence != sequence) {
      return refuse(Status::BadSeq, "sequence number " + std::to_string(record.header.sequence) + " in place of " +
                                        std::to_string(sequence));
    }
    return Status::Ok;
  }

  /// Tag, decryption and, in order 1, decompression. Leaves inner block, body and padding.
  Status unseal(Record& record, ConstSpan head, Bytes& travelled, const Tag& tag, std::size_t& travels) {
    if (!Protection::same(protection->tag(head, travelled), tag)) return refuse(Status::BadTag);
    const bool wired = header.order == Order::EncryptThenCompress;
    const bool wired_page = wired && record.type == RecordType::Page;
    // Order 1: inner block and body are one message of the cipher, and the padding is in clear.
    Bytes plain = travelled;
    protection->decrypt(record.header, wired ? Span(plain).first(kInnerBytes) : Span(plain));
    record.inner = Inner::parse(plain);
    if (record.inner.check(record.header, header.order) != Status::Ok) return refuse(Status::BadInner);
    travels = wired_page ? record.header.wire_length : record.inner.body_length;
    const auto end = static_cast<std::ptrdiff_t>(kInnerBytes + travels);
    if (std::any_of(plain.begin() + end, plain.end(), [](std::uint8_t b) { return b != 0; })) {
      return refuse(Status::BadInner, "padding is not zero");
    }
    if (wired && !wired_page) {
      std::copy_n(travelled.begin(), end, plain.begin());
      protection->decrypt(record.header, Span(plain).first(kInnerBytes + travels));
    }
    if (wired_page) cipher_inner.assign(travelled.begin(), travelled.begin() + kInnerBytes);
    travelled = std::move(plain);
    return Status::Ok;
  }

  Status decode(Record& record, ConstSpan body) {
    const auto crc = record.inner.crc;
    switch (record.type) {
      case RecordType::Page: {
        record.body.resize(kPageBytes);
        std::string why;
        if (header.order == Order::EncryptThenCompress) {
          record.deflate.assign(body.begin(), body.end());
          Bytes cipher(kInnerBytes + kPageBytes);
          if (!inflate_exact(body, Span(cipher).subspan(kInnerBytes), &why)) return refuse(Status::BadDeflate, why);
          std::copy(cipher_inner.begin(), cipher_inner.end(), cipher.begin());
          protection->decrypt(record.header, cipher);
          std::copy(cipher.begin() + kInnerBytes, cipher.end(), record.body.begin());
        } else if (compresses(header.order)) {
          record.deflate.assign(body.begin(), body.end());
          if (!inflate_exact(body, record.body, &why)) return refuse(Status::BadDeflate, why);
        } else {
          std::copy(body.begin(), body.end(), record.body.begin());
        }
        if (crc32(record.body) != crc) return refuse(Status::BadCrc);
        break;
      }
      case RecordType::Fill:
        if (crc32(fill_page(record.inner.fill)) != crc) return refuse(Status::BadCrc);
        break;
      case RecordType::Metadata:
      case RecordType::End:
        record.body.assign(body.begin(), body.end());
        if (crc32(record.body) != crc) return refuse(Status::BadCrc);
        break;
    }
    return Status::Ok;
  }

  Status next(Record& out) {
    std::array<std::uint8_t, kRecordHeaderBytes> head{};
    Bytes travelled;
    Tag tag{};
    Record record;
    if (const Status bad = fetch(record, head, travelled, tag); bad != Status::Ok) return bad;
    if (protection) {
      std::size_t travels = 0;
      if (const Status bad = unseal(record, head, travelled, tag, travels); bad != Status::Ok) return bad;
      if (const Status bad = decode(record, ConstSpan(travelled).subspan(kInnerBytes, travels)); bad != Status::Ok) {
        return bad;
      }
      record.verified = true;
    }
    if (record.type == RecordType::End) {
      if (protection &&
          (get_le<std::uint64_t>(record.body, 0) != records || get_le<std::uint64_t>(record.body, 8) != pages ||
           get_le<std::uint64_t>(record.body, 16) != payload || get_le<std::uint64_t>(record.body, 24) != 0)) {
        return refuse(Status::BadTotals);
      }
      std::array<std::uint8_t, 1> more{};
      if (source(more) != 0) {
        offset = at;
        return refuse(Status::AfterEnd);
      }
      done = true;
    } else {
      records += 1;
      pages += record.header.count;
      payload += record.header.payload_length;
    }
    ++sequence;
    out = std::move(record);
    return Status::Ok;
  }
};

Reader::Reader(Source source, ReaderOptions options) : impl_(std::make_unique<Impl>()) {
  impl_->source = std::move(source);
  impl_->options = std::move(options);
}

Reader::~Reader() { impl_->wipe(); }

Status Reader::open() {
  if (impl_->opened) return impl_->status;
  impl_->opened = true;
  return impl_->open();
}

const StreamHeader& Reader::header() const { return impl_->header; }

Status Reader::next(Record& record) {
  if (!impl_->opened) open();
  if (impl_->status != Status::Ok) return impl_->status;
  if (impl_->done) return impl_->refuse(Status::AfterEnd, "read past the end record");
  return impl_->next(record);
}

bool Reader::done() const { return impl_->done && impl_->status == Status::Ok; }
std::uint64_t Reader::offset() const { return impl_->offset; }
const std::string& Reader::detail() const { return impl_->detail; }

Reader::Source memory_source(ConstSpan bytes) {
  return [bytes, at = std::size_t{0}](Span out) mutable {
    const std::size_t n = std::min(out.size(), bytes.size() - at);
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), n, out.begin());
    at += n;
    return n;
  };
}

}  // namespace sealift::golden
