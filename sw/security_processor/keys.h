// SPDX-License-Identifier: Apache-2.0
// Secrets in memory, and the derivation of a stream's key (docs/stream-format.md, section 6), by OpenSSL.
#pragma once
#include "common/types.h"

namespace sealift::security_processor {

/// Fixed-size secret bytes that are wiped when they go.
template <std::size_t N>
class SecretBytes {
 public:
  SecretBytes() = default;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  SecretBytes(SecretBytes&& other) noexcept : bytes_(other.bytes_) { other.wipe(); }
  SecretBytes& operator=(SecretBytes&& other) noexcept {
    if (this != &other) {
      bytes_ = other.bytes_;
      other.wipe();
    }
    return *this;
  }
  ~SecretBytes() { wipe(); }
  void wipe();
  [[nodiscard]] Span span() { return bytes_; }
  [[nodiscard]] ConstSpan span() const { return bytes_; }

 private:
  std::array<std::uint8_t, N> bytes_{};
};

using Secret = SecretBytes<kSecretBytes>;
using StreamKey = SecretBytes<32>;

/// Wipes memory in a way that no compiler leaves out.
void wipe(Span bytes);

template <std::size_t N>
void SecretBytes<N>::wipe() {
  security_processor::wipe(bytes_);
}

/// The first 48 bytes of the header of a stream.
std::array<std::uint8_t, 48> header_start(Algorithm algorithm, Order order, ConstSpan stream_id, ConstSpan salt);

/// HKDF-SHA-256 as section 6 says. `header` is the first 48 bytes of the stream header.
/// Throws std::runtime_error when OpenSSL fails.
StreamKey derive_key(const Secret& secret, ConstSpan header);

/// Fills the span with random bytes of OpenSSL; throws std::runtime_error when there are none.
void random_bytes(Span bytes);

}  // namespace sealift::security_processor
