// SPDX-License-Identifier: Apache-2.0
#include "golden/writer.h"

#include <algorithm>
#include <stdexcept>

#include "golden/protection.h"

namespace sealift::golden {

struct Writer::Impl {
  StreamHeader header;
  WriterOptions options;
  Sink sink;
  std::optional<Protection> protection;
  std::uint64_t sequence = 1;
  Totals totals;
  bool finished = false;
  // the run that is open
  std::uint64_t run_address = 0;
  std::uint64_t run_word = 0;
  std::uint32_t run_count = 0;

  void write(ConstSpan bytes) {
    sink(bytes);
    totals.stream_bytes += bytes.size();
  }

  [[nodiscard]] std::uint32_t padded(std::size_t bytes) const {
    return static_cast<std::uint32_t>((bytes + options.bucket - 1) / options.bucket * options.bucket);
  }

  void put(const RawRecord& record) {
    const auto head = record.header.bytes();
    Bytes payload(kInnerBytes);
    const auto inner = record.inner.bytes();
    std::copy(inner.begin(), inner.end(), payload.begin());
    payload.insert(payload.end(), record.body.begin(), record.body.end());
    const auto pad = [&] { payload.insert(payload.end(), record.padding.begin(), record.padding.end()); };
    if (header.order == Order::EncryptThenCompress) {
      protection->encrypt(record.header, record.wired ? Span(payload).first(kInnerBytes) : Span(payload));
      pad();
    } else {
      pad();
      protection->encrypt(record.header, payload);
    }
    write(head);
    write(payload);
    write(protection->tag(head, payload));
    sequence = record.header.sequence + 1;
  }

  /// Fills in lengths, sequence number and padding, writes and counts.
  void put_legal(RawRecord record, std::uint64_t pages) {
    const std::size_t bytes = kInnerBytes + record.body.size();
    record.header.payload_length = padded(bytes);
    record.header.sequence = sequence;
    record.padding.assign(record.header.payload_length - bytes, 0);
    put(record);
    totals.records += 1;
    totals.pages += pages;
    totals.payload += record.header.payload_length;
  }
};

Writer::Writer(const StreamHeader& header, ConstSpan secret, const WriterOptions& options, Sink sink)
    : impl_(std::make_unique<Impl>()) {
  if (header.algorithm > Algorithm::Sm4Ctr || !match(header.order, header.algorithm)) {
    throw std::invalid_argument("algorithm and order do not go together");
  }
  if (!pad_of_bucket(options.bucket)) throw std::invalid_argument("buckets are 16, 64, 128, 256 or 512 bytes");
  impl_->header = header;
  impl_->options = options;
  impl_->options.key.reset();
  impl_->sink = std::move(sink);
  const auto bytes = header.bytes();
  Key key;
  if (options.key) {
    key = *options.key;
  } else if (header.algorithm != Algorithm::None) {
    key = derive_stream_key(secret, bytes);
  }
  impl_->protection.emplace(header, key);
  impl_->write(bytes);
  impl_->write(impl_->protection->header_tag(bytes));
}

Writer::~Writer() = default;

void Writer::add_page(std::uint64_t address, ConstSpan page) {
  Impl& w = *impl_;
  if (page.size() != kPageBytes) throw std::invalid_argument("a page has 4,096 bytes");
  if (address % kPageBytes != 0) throw std::invalid_argument("a page's address is a multiple of 4,096");
  if (w.finished) throw std::logic_error("the stream is finished");
  if (w.options.max_run != 0) {
    if (const auto word = fill_word(page)) {
      const bool follows = w.run_count > 0 && w.run_count < w.options.max_run && w.run_word == *word &&
                           w.run_address + std::uint64_t{w.run_count} * kPageBytes == address;
      if (!follows) {
        flush();
        w.run_address = address;
        w.run_word = *word;
      }
      ++w.run_count;
      return;
    }
  }
  flush();
  RawRecord record;
  record.header.type = static_cast<std::uint8_t>(RecordType::Page);
  record.header.address = address;
  record.header.count = 1;
  record.inner.crc = crc32(page);
  record.inner.body_length = kPageBytes;
  record.inner.coding = static_cast<std::uint8_t>(Coding::Raw);
  switch (w.header.order) {
    case Order::CompressThenEncrypt:
    case Order::CompressOnly:
      record.body = deflate_bytes(page, w.options.deflate);
      record.inner.coding = static_cast<std::uint8_t>(Coding::Deflate);
      record.inner.body_length = static_cast<std::uint16_t>(record.body.size());
      break;
    case Order::EncryptThenCompress: {
      Bytes cipher(kInnerBytes + kPageBytes);
      std::copy(page.begin(), page.end(), cipher.begin() + kInnerBytes);
      record.header.sequence = w.sequence;
      w.protection->encrypt(record.header, cipher);
      record.body = deflate_bytes(ConstSpan(cipher).subspan(kInnerBytes), w.options.deflate);
      record.header.wire_length = static_cast<std::uint32_t>(record.body.size());
      record.wired = true;
      break;
    }
    case Order::EncryptOnly:
    case Order::Copy:
      record.body.assign(page.begin(), page.end());
      break;
  }
  w.totals.body_bytes += record.body.size();
  w.put_legal(std::move(record), 1);
}

void Writer::add_metadata(std::uint64_t offset, ConstSpan bytes) {
  if (bytes.size() < kBlockBytes || bytes.size() > kMaxMetadataBytes || bytes.size() % kBlockBytes != 0) {
    throw std::invalid_argument("metadata comes in 16 to 4,096 bytes, a multiple of 16");
  }
  if (offset % kBlockBytes != 0) throw std::invalid_argument("metadata's offset is a multiple of 16");
  if (impl_->finished) throw std::logic_error("the stream is finished");
  flush();
  RawRecord record;
  record.header.type = static_cast<std::uint8_t>(RecordType::Metadata);
  record.header.address = offset;
  record.inner.crc = crc32(bytes);
  record.inner.body_length = static_cast<std::uint16_t>(bytes.size());
  record.body.assign(bytes.begin(), bytes.end());
  impl_->put_legal(std::move(record), 0);
}

void Writer::flush() {
  Impl& w = *impl_;
  if (w.run_count == 0) return;
  RawRecord record;
  record.header.type = static_cast<std::uint8_t>(RecordType::Fill);
  record.header.address = w.run_address;
  record.header.count = w.run_count;
  record.inner.crc = crc32(fill_page(w.run_word));
  record.inner.coding = static_cast<std::uint8_t>(Coding::None);
  record.inner.fill = w.run_word;
  const auto pages = w.run_count;
  w.run_count = 0;
  w.totals.fill_pages += pages;
  w.put_legal(std::move(record), pages);
}

void Writer::finish() {
  Impl& w = *impl_;
  if (w.finished) throw std::logic_error("the stream is finished");
  flush();
  RawRecord record;
  record.header.type = static_cast<std::uint8_t>(RecordType::End);
  record.body.assign(kEndBodyBytes, 0);
  put_le(record.body, 0, w.totals.records);
  put_le(record.body, 8, w.totals.pages);
  put_le(record.body, 16, w.totals.payload);
  record.inner.crc = crc32(record.body);
  record.inner.body_length = kEndBodyBytes;
  const Totals before = w.totals;
  w.put_legal(std::move(record), 0);
  const auto stream_bytes = w.totals.stream_bytes;
  w.totals = before;  // the end record does not count itself
  w.totals.stream_bytes = stream_bytes;
  w.finished = true;
}

void Writer::put_raw(const RawRecord& record) { impl_->put(record); }

std::uint64_t Writer::next_sequence() const { return impl_->sequence; }

void Writer::encrypt(const RecordHeader& record, Span inner_and_body) {
  impl_->protection->encrypt(record, inner_and_body);
}

const Writer::Totals& Writer::totals() const { return impl_->totals; }

}  // namespace sealift::golden
