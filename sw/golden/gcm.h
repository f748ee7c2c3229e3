// SPDX-License-Identifier: Apache-2.0
// AES-256-GCM (NIST SP 800-38D) and HKDF-SHA-256 (RFC 5869), by OpenSSL.
#pragma once
#include <array>
#include <memory>

#include "common/types.h"

namespace sealift::golden {

using Key = std::array<std::uint8_t, 32>;
using Iv = std::array<std::uint8_t, 12>;
using Tag = std::array<std::uint8_t, 16>;

/// docs/stream-format.md, section 6. `header` is the stream header, of which the first 48 bytes count; `secret` has
/// 32 bytes. The caller wipes the key. Throws std::runtime_error when OpenSSL fails.
Key derive_stream_key(ConstSpan secret, ConstSpan header);

/// One key. Errors of OpenSSL itself are std::runtime_error.
class Gcm {
 public:
  explicit Gcm(const Key& key);
  ~Gcm();
  Gcm(Gcm&&) noexcept;
  Gcm& operator=(Gcm&&) noexcept;

  /// Encrypts `data` in place and returns the tag over `aad` and the ciphertext.
  Tag seal(const Iv& iv, ConstSpan aad, Span data);
  /// Decrypts `data` in place; false, and `data` zeroed, when the tag does not match.
  bool open(const Iv& iv, ConstSpan aad, Span data, const Tag& tag);
  /// Encrypts or decrypts by counter mode alone (first counter block 2), with no tag.
  void crypt(const Iv& iv, Span data);
  /// The tag over `aad` and `travelled` as if `travelled` were the output of the cipher.
  Tag tag(const Iv& iv, ConstSpan aad, ConstSpan travelled);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sealift::golden
