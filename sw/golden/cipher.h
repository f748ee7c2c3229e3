// SPDX-License-Identifier: Apache-2.0
// The eight algorithms of docs/stream-format.md, and the derivation of their keys, by OpenSSL. OpenSSL 3.0 has no
// SM4-GCM: that one is composed of its SM4 and of GHASH as SP 800-38D writes it, bit by bit.
#pragma once
#include <memory>

#include "common/types.h"

namespace sealift::golden {

using Iv = std::array<std::uint8_t, 12>;
using Tag = std::array<std::uint8_t, 16>;

/// A stream's key, wiped when it goes. Shorter keys are the first bytes, and zeros follow.
struct Key {
  std::array<std::uint8_t, 32> key{};
  std::array<std::uint8_t, 32> tweak{};  ///< XTS: the second key

  Key() = default;
  Key(const Key&) = default;
  Key& operator=(const Key&) = default;
  ~Key();
  bool operator==(const Key&) const = default;
};

/// Bytes of a key, and of a tweak key where there is one.
std::size_t key_bytes(Algorithm algorithm);
bool is_gcm(Algorithm algorithm);
bool is_xts(Algorithm algorithm);

/// docs/stream-format.md, section 6, with a pre-shared secret of 32 bytes. `header` is the stream header, of which the
/// first 48 bytes count. Throws std::invalid_argument on other lengths, std::runtime_error when OpenSSL fails.
Key derive_stream_key(ConstSpan secret, ConstSpan header);

/// The same with X25519, by the receiver: its own private key and the sender's public key, 32 bytes each; `header` is
/// the first 80 bytes of the stream header. Throws std::runtime_error when a public key is not one.
Key derive_exchanged_key(ConstSpan receiver_private, ConstSpan sender_public, ConstSpan header);

/// One key of one algorithm. Errors of OpenSSL itself are std::runtime_error.
class Cipher {
 public:
  /// Throws std::invalid_argument on algorithm none.
  Cipher(Algorithm algorithm, const Key& key);
  ~Cipher();
  Cipher(Cipher&&) noexcept;
  Cipher& operator=(Cipher&&) noexcept;

  /// In place; whole blocks of 16 bytes. GCM and CTR look at `iv`, XTS at `unit`.
  void encrypt(const Iv& iv, std::uint64_t unit, Span data);
  void decrypt(const Iv& iv, std::uint64_t unit, Span data);
  /// GCM alone: the tag over `aad` and `travelled` as if `travelled` were the output of the cipher.
  Tag tag(const Iv& iv, ConstSpan aad, ConstSpan travelled);
  /// The same by GHASH written out over one-block encryptions, for tests: it is what SM4-GCM is made of.
  Tag composed_tag(const Iv& iv, ConstSpan aad, ConstSpan travelled);
  /// GCM alone: encrypts in place and returns the tag.
  Tag seal(const Iv& iv, ConstSpan aad, Span data);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sealift::golden
