// SPDX-License-Identifier: Apache-2.0
// Names and numbers of docs/stream-format.md and of rtl/pkg/sealift_pkg.sv, for all of the software.
// Values only, no behaviour: golden and driver share what the specification says and nothing that computes.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace sealift {

using Bytes = std::vector<std::uint8_t>;
using ConstSpan = std::span<const std::uint8_t>;
using Span = std::span<std::uint8_t>;

// docs/stream-format.md, sections 1, 2 and 4. All in bytes.
inline constexpr std::size_t kPageBytes = 4096;
inline constexpr std::size_t kBlockBytes = 16;
inline constexpr std::size_t kStreamHeaderBytes = 96;
inline constexpr std::size_t kRecordHeaderBytes = 32;
inline constexpr std::size_t kTagBytes = 16;
inline constexpr std::size_t kInnerBytes = 16;
inline constexpr std::size_t kMaxPayloadBytes = 4608;
inline constexpr std::size_t kMaxDeflateBytes = 4101;
inline constexpr std::size_t kMaxMetadataBytes = 4096;
inline constexpr std::size_t kEndBodyBytes = 32;
inline constexpr std::size_t kSecretBytes = 32;
inline constexpr std::size_t kMaxRecordBytes = kRecordHeaderBytes + kMaxPayloadBytes + kTagBytes;
inline constexpr std::array<std::uint8_t, 8> kStreamMagic{0x53, 0x45, 0x41, 0x4C, 0x49, 0x46, 0x54, 0x00};
inline constexpr std::uint16_t kStreamVersion = 1;

enum class Algorithm : std::uint8_t {
  None = 0,
  Aes256Gcm = 1,
  Aes128Gcm = 2,
  Aes256Ctr = 3,
  Aes128Ctr = 4,
  Aes256Xts = 5,
  Aes128Xts = 6,
  Sm4Gcm = 7,
  Sm4Ctr = 8,
};

enum class Order : std::uint8_t {
  CompressThenEncrypt = 0,
  EncryptThenCompress = 1,
  EncryptOnly = 2,
  CompressOnly = 3,
  Copy = 4,
};

enum class Direction : std::uint8_t { Out = 0, In = 1 };

enum class Level : std::uint8_t { Default = 0, Best = 1 };

enum class RecordType : std::uint8_t { Page = 1, Fill = 2, Metadata = 3, End = 4 };

enum class Coding : std::uint8_t { Raw = 0, Deflate = 1, None = 2 };

/// How a job, or the reading of a stream, ended: sealift_pkg::status_e, value for value.
enum class Status : std::uint8_t {
  Ok = 0x00,
  BadConfig = 0x01,
  BadAlign = 0x02,
  BadSlot = 0x03,
  Spent = 0x04,
  Policy = 0x05,
  Busy = 0x06,
  BadAlg = 0x07,
  Broken = 0x08,
  ReadError = 0x10,
  WriteError = 0x11,
  Window = 0x12,
  DstFull = 0x13,
  Timeout = 0x14,
  BadEntry = 0x15,
  NoPage = 0x16,
  BadMagic = 0x20,
  BadVersion = 0x21,
  BadHeader = 0x22,
  BadTag = 0x23,
  BadSeq = 0x24,
  BadRecord = 0x25,
  Truncated = 0x26,
  BadTotals = 0x27,
  AfterEnd = 0x28,
  BadInner = 0x30,
  BadDeflate = 0x31,
  BadCrc = 0x32,
  Aborted = 0x40,
  Zeroized = 0x41,
  Fault = 0x42,
};

/// All statuses, for tests and tables.
std::span<const Status> all_statuses();

/// "Ok", "BadTag", ...; "Unknown" for a number that is no status.
std::string_view name(Status status);
/// What the status says, for a person: "a tag does not match: wrong key, or the stream was changed".
std::string_view explain(Status status);

/// "aes-256-gcm", "none", ... as the command line and the policy spell them.
std::string_view name(Algorithm algorithm);
std::optional<Algorithm> algorithm_of(std::string_view text);
/// All of them, none first.
std::span<const Algorithm> all_algorithms();
/// "compress_then_encrypt", ...; order_of also takes hyphens.
std::string_view name(Order order);
std::optional<Order> order_of(std::string_view text);
std::string_view name(Direction direction);
std::string_view name(RecordType type);

constexpr bool encrypts(Order order) { return order <= Order::EncryptOnly; }
constexpr bool compresses(Order order) { return order != Order::EncryptOnly && order != Order::Copy; }

/// Section 3: the tag is one that only who has the key can make.
constexpr bool authenticates(Algorithm algorithm) {
  return algorithm == Algorithm::Aes256Gcm || algorithm == Algorithm::Aes128Gcm || algorithm == Algorithm::Sm4Gcm;
}

/// Section 1: orders that encrypt need an algorithm, the others need none.
constexpr bool match(Order order, Algorithm algorithm) { return encrypts(order) == (algorithm != Algorithm::None); }

/// The payload buckets of section 4 by their number in a job (sealift_pkg::job_t.pad).
inline constexpr std::array<std::uint32_t, 5> kPadBuckets{16, 64, 128, 256, 512};
std::optional<std::uint8_t> pad_of_bucket(std::uint32_t bytes);

/// Little-endian integers, as everywhere in the stream. `at` plus the size must lie inside.
template <class T>
constexpr T get_le(ConstSpan bytes, std::size_t at) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i)
    value = static_cast<T>(value | (static_cast<T>(bytes[at + i]) << (8 * i)));
  return value;
}
template <class T>
constexpr void put_le(Span bytes, std::size_t at, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) bytes[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

}  // namespace sealift
