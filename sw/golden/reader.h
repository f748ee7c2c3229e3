// SPDX-License-Identifier: Apache-2.0
// Reads a stream, record by record, in constant memory, and refuses what section 5 of docs/stream-format.md refuses.
#pragma once
#include <functional>
#include <string>

#include "golden/deflate.h"
#include "golden/format.h"

namespace sealift::golden {

struct ReaderOptions {
  /// The pre-shared secret, 32 bytes; it is not kept. Without it, a sealed stream is read by its clear headers alone:
  /// no tag is verified and no payload is looked at.
  std::optional<Bytes> secret = {};
  std::optional<Algorithm> algorithm = {};  ///< what was agreed; anything else is BadHeader
  std::optional<Order> order = {};
  std::optional<Key> key = {};  ///< the stream's key itself, in place of deriving it from a secret
  /// X25519 in place of a secret: the receiver's private key, which is not kept, and the sender's public key.
  std::optional<Bytes> receiver_private = {};
  std::optional<Bytes> sender_public = {};
};

/// A record that was verified and decoded.
struct Record {
  RecordHeader header;
  std::uint64_t offset = 0;  ///< of the record in the stream, bytes
  RecordType type = RecordType::End;
  bool verified = false;  ///< false only without the secret: then the fields below are empty
  Inner inner;
  /// Page: its 4,096 plain bytes. Metadata, end: the body. Fill: empty.
  Bytes body;
  /// Page in orders 0, 1 and 3: the DEFLATE stream as it is (order 1: of the encrypted page).
  Bytes deflate;
};

class Reader {
 public:
  /// Fills the span and returns how many bytes it wrote; fewer than asked for only where the source ends.
  using Source = std::function<std::size_t(Span)>;

  Reader(Source source, ReaderOptions options);
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  /// Reads and verifies the stream header. Call once, first. BadConfig when the secret has not 32 bytes.
  Status open();
  [[nodiscard]] const StreamHeader& header() const;
  /// Reads the next record. After Ok with type End the stream was complete and done() holds.
  /// After a refusal every further call returns the same status.
  Status next(Record& record);
  [[nodiscard]] bool done() const;
  /// Bytes from the start of the stream to the header or record last looked at: where a refusal happened.
  [[nodiscard]] std::uint64_t offset() const;
  /// More about the last refusal, for a person; may be empty.
  [[nodiscard]] const std::string& detail() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Reads from memory; `bytes` must outlive the source.
Reader::Source memory_source(ConstSpan bytes);

}  // namespace sealift::golden
