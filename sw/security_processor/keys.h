// SPDX-License-Identifier: Apache-2.0
// Secrets in memory, and how a stream's key comes from them (docs/stream-format.md, section 6), by OpenSSL.
#pragma once
#include <stdexcept>
#include <variant>

#include "common/types.h"

namespace sealift::security_processor {

/// Wipes memory in a way that no compiler leaves out.
void wipe(Span bytes);

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
  void wipe() { security_processor::wipe(bytes_); }
  [[nodiscard]] Span span() { return bytes_; }
  [[nodiscard]] ConstSpan span() const { return bytes_; }

 private:
  std::array<std::uint8_t, N> bytes_{};
};

using Secret = SecretBytes<kSecretBytes>;
using PublicKey = std::array<std::uint8_t, 32>;

/// A key that cannot be had: a public key of small order, a header that names no key.
class KeyError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// X25519 between two static key pairs, one of this end and one of the other.
struct Exchange {
  Secret own_private;
  PublicKey peer_public{};
};

/// What the keys of a stream come from: nothing (algorithm none), a secret that both ends have, or an exchange.
using Credential = std::variant<std::monostate, Secret, Exchange>;
enum class KeySource : std::uint8_t { None, PreShared, Exchange };
inline KeySource source_of(const Credential& credential) { return static_cast<KeySource>(credential.index()); }
/// "pre-shared", "x25519": as the policy spells them.
std::string_view name(KeySource source);

/// A stream's key as the hardware takes it. Shorter keys are the first bytes.
struct StreamKey {
  SecretBytes<32> key, tweak;
};

/// Bytes of the key of an algorithm, and of its tweak key (0 but for XTS).
struct KeyLength {
  std::size_t key = 0, tweak = 0;
};
KeyLength key_length(Algorithm algorithm);

/// The first 80 bytes of the header of a stream.
std::array<std::uint8_t, 80> header_start(Algorithm algorithm, Order order, ConstSpan stream_id, ConstSpan salt,
                                          const PublicKey& key_exchange);

/// A private key of 32 random bytes, and its public key. Throw std::runtime_error when OpenSSL fails.
Secret make_private_key();
PublicKey public_key(const Secret& private_key);

/// RFC 7748, section 6.1. Throws KeyError where the result is zeros.
void x25519(const Secret& private_key, ConstSpan peer_public, Span shared32);
/// RFC 5869 with SHA-256. Throws std::runtime_error when OpenSSL fails.
void hkdf_sha256(ConstSpan secret, ConstSpan salt, ConstSpan info, Span out);

/// The key of the stream whose header begins with `header` (80 bytes), by this end's credential. The sender of an
/// exchange gives the private key that belongs to the header's key exchange field, the receiver gives none.
/// Throws KeyError, or std::runtime_error when OpenSSL fails.
StreamKey derive_key(const Credential& credential, const Secret* ephemeral, ConstSpan header);

/// Fills the span with random bytes of OpenSSL; throws std::runtime_error when there are none.
void random_bytes(Span bytes);

}  // namespace sealift::security_processor
