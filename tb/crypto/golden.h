// SPDX-License-Identifier: Apache-2.0
// What the crypto unit must produce, by OpenSSL and zlib alone.
#pragma once
#include <array>
#include <cstdint>
#include <random>
#include <span>

#include "common/stream.h"

namespace sealift::tb {

/// sealift_pkg::algorithm_e.
enum class Alg : std::uint8_t {
  kNone = 0,
  kAes256Gcm = 1,
  kAes128Gcm = 2,
  kAes256Ctr = 3,
  kAes128Ctr = 4,
  kAes256Xts = 5,
  kAes128Xts = 6,
  kSm4Gcm = 7,
  kSm4Ctr = 8
};

using Block = std::array<std::uint8_t, 16>;

/// What a key slot holds.
struct Key {
  Alg alg = Alg::kAes256Gcm;
  std::array<std::uint8_t, 32> key{};
  std::array<std::uint8_t, 32> tweak_key{};
  Block stream_id{};
  std::array<std::uint8_t, 4> salt{};
};

Bytes random_bytes(std::mt19937_64& rng, std::size_t n);
Key random_key(std::mt19937_64& rng, Alg alg);

/// One block through the block cipher.
Block encrypt_block(Alg alg, std::span<const std::uint8_t> key, const Block& in);

/// The payload of record `seq`, encrypted (or decrypted: it is the same).
Bytes ctr(const Key& key, std::uint64_t seq, const Bytes& payload);

/// The GCM tag over stream id || header as additional data and payload, which is ciphertext already.
Bytes gcm_tag(const Key& key, std::uint64_t seq, const Bytes& header, const Bytes& payload);

/// XTS over whole blocks, the packet as data unit `unit`.
Bytes xts(const Key& key, std::uint64_t unit, const Bytes& in, bool encrypt);

/// Multiplication in GCM's field, and the block that ends a GHASH.
Block gf_multiply(const Block& x, const Block& y);
Block gcm_lengths(std::size_t aad_bytes, std::size_t text_bytes);

/// GCM of any lengths, composed here from the block cipher: OpenSSL 3.0 has no SM4-GCM. gcm_tag checks it against
/// OpenSSL's AES-GCM at every call. `text` is ciphertext.
Bytes composed_gcm_tag(Alg alg, std::span<const std::uint8_t> key, std::span<const std::uint8_t> iv, const Bytes& aad,
                       const Bytes& text);

/// The tag of a record without authenticated cipher: CRC-32 and twelve zero bytes.
Bytes crc_tag(const Bytes& header, const Bytes& payload);

}  // namespace sealift::tb
