// SPDX-License-Identifier: Apache-2.0
// Writes a stream, page by page, in constant memory.
#pragma once
#include <functional>

#include "golden/deflate.h"
#include "golden/format.h"

namespace sealift::golden {

struct WriterOptions {
  std::optional<Key> key;  ///< the stream's key itself, in place of deriving it from a secret
  DeflateOptions deflate;
  std::uint32_t bucket = 16;     ///< payload lengths are rounded up to it: 16, 64, 128, 256 or 512 bytes
  std::uint32_t max_run = 1024;  ///< pages in one fill run at most; 0 writes fill pages like any other
};

/// A record for tests: sealed as it is given, legal or not.
struct RawRecord {
  RecordHeader header;  ///< travels as it is
  Inner inner;
  Bytes body;  ///< before encryption; in order 1 of a page record: the DEFLATE stream of the encrypted page
  Bytes padding;
  bool wired = false;  ///< order 1: `body` is not encrypted, because it is compressed ciphertext
};

class Writer {
 public:
  using Sink = std::function<void(ConstSpan)>;

  /// Writes the stream header at once. `secret` has 32 bytes where header.algorithm is not none, and is not kept.
  /// Throws std::invalid_argument on a header or options that section 1 does not allow.
  Writer(const StreamHeader& header, ConstSpan secret, const WriterOptions& options, Sink sink);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// One guest page; `address` a multiple of 4,096. Pages of one repeated word that follow each other become a run.
  void add_page(std::uint64_t address, ConstSpan page);
  /// 16 to 4,096 bytes, a multiple of 16.
  void add_metadata(std::uint64_t offset, ConstSpan bytes);
  /// Writes the run that is open, if any. add_metadata and finish do it too.
  void flush();
  /// Writes the end record. Nothing may follow.
  void finish();

  /// Seals and writes a record as given. header.sequence is taken as it is; the next number is counted on.
  void put_raw(const RawRecord& record);
  /// Sequence number of the next record.
  [[nodiscard]] std::uint64_t next_sequence() const;
  /// Encrypts as order 1 does, for tests that make such records by hand: whole blocks from the inner block on.
  void encrypt(const RecordHeader& record, Span inner_and_body);

  struct Totals {
    std::uint64_t records = 0;
    std::uint64_t pages = 0;
    std::uint64_t payload = 0;       ///< bytes
    std::uint64_t fill_pages = 0;    ///< of `pages`, those in runs
    std::uint64_t body_bytes = 0;    ///< of page records: DEFLATE, or the raw page
    std::uint64_t stream_bytes = 0;  ///< all that was written
  };
  [[nodiscard]] const Totals& totals() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sealift::golden
