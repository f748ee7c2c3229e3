// SPDX-License-Identifier: Apache-2.0
// A reader of Sealift streams for tests, written from docs/stream-format.md with zlib and OpenSSL only.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

namespace sealift::tb {

using Bytes = std::vector<std::uint8_t>;

/// What both ends of a stream agreed on.
struct StreamBind {
  std::array<std::uint8_t, 32> key{};
  std::array<std::uint8_t, 16> stream_id{};
  std::array<std::uint8_t, 4> salt{};
  std::array<std::uint8_t, 32> kdf_public{};
  unsigned algorithm = 1;
  unsigned order = 0;
  unsigned pad = 0;  // bucket of the sender: 0..4
};

struct StreamRecord {
  unsigned type = 0;
  std::uint64_t address = 0;
  std::uint64_t sequence = 0;
  std::uint32_t count = 0;
  std::uint32_t payload_length = 0;
  std::uint32_t body_bytes = 0;  // of the body on the wire, padding not counted
};

struct ReadStream {
  std::vector<StreamRecord> records;
  std::map<std::uint64_t, Bytes> pages;  // by guest physical address
  std::map<std::uint64_t, Bytes> metadata;
  std::size_t consumed = 0;
  bool ended = false;
};

/// Reads a stream, throws std::runtime_error on whatever the specification does not allow.
/// An incomplete stream (no end record) is taken only when `complete` is false.
ReadStream read_stream(const Bytes& stream, const StreamBind& bind, bool complete = true);

/// AES-256 in counter mode with GCM's counter blocks: the first block of `data` has counter `counter`.
Bytes gcm_ctr(const StreamBind& bind, std::uint64_t sequence, std::uint32_t counter,
              std::span<const std::uint8_t> data);

/// GCM's tag over a ciphertext that may have come from anywhere.
std::array<std::uint8_t, 16> gcm_tag(const StreamBind& bind, std::uint64_t sequence, const Bytes& aad,
                                     const Bytes& ciphertext);

/// One raw DEFLATE stream; at most 4,101 bytes.
Bytes deflate_page(const Bytes& page);

}  // namespace sealift::tb
