// SPDX-License-Identifier: Apache-2.0
#include "security_processor/keys.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <algorithm>
#include <memory>
#include <string_view>

namespace sealift::security_processor {
namespace {

template <auto Function>
struct Free {
  template <class T>
  void operator()(T* p) const {
    Function(p);
  }
};
using Pkey = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using PkeyContext = std::unique_ptr<EVP_PKEY_CTX, Free<EVP_PKEY_CTX_free>>;
using Kdf = std::unique_ptr<EVP_KDF, Free<EVP_KDF_free>>;
using KdfContext = std::unique_ptr<EVP_KDF_CTX, Free<EVP_KDF_CTX_free>>;

Pkey private_pkey(const Secret& key) {
  Pkey pkey(EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, key.span().data(), key.span().size()));
  if (!pkey) throw std::runtime_error("OpenSSL has no X25519");
  return pkey;
}

StreamKey expand(ConstSpan secret, ConstSpan header, std::string_view label, ConstSpan context) {
  Bytes info(label.begin(), label.end());
  info.insert(info.end(), context.begin(), context.end());
  const KeyLength length = key_length(static_cast<Algorithm>(header[12]));
  SecretBytes<64> material;
  hkdf_sha256(secret, header.subspan(16, 16), info, material.span().first(length.key + length.tweak));
  StreamKey key;
  std::copy_n(material.span().begin(), length.key, key.key.span().begin());
  std::copy_n(material.span().subspan(length.key).begin(), length.tweak, key.tweak.span().begin());
  return key;
}

/// Who is who: the header's key exchange field is the sender's.
StreamKey derive_exchanged(const Exchange& exchange, const Secret* ephemeral, ConstSpan header) {
  const bool sender = ephemeral != nullptr;
  const ConstSpan field = header.subspan(48, 32);
  if (std::all_of(field.begin(), field.end(), [](std::uint8_t b) { return b == 0; })) {
    throw KeyError("the stream carries no public key: its key was pre-shared");
  }
  SecretBytes<64> secret;
  x25519(sender ? *ephemeral : exchange.own_private, sender ? ConstSpan(exchange.peer_public) : field,
         secret.span().first(32));
  x25519(exchange.own_private, exchange.peer_public, secret.span().last(32));
  const PublicKey own = public_key(exchange.own_private);
  const PublicKey& from = sender ? own : exchange.peer_public;
  const PublicKey& to = sender ? exchange.peer_public : own;
  Bytes context(header.begin(), header.begin() + 80);
  context.insert(context.end(), from.begin(), from.end());
  context.insert(context.end(), to.begin(), to.end());
  return expand(secret.span(), header, "sealift v1 x25519 key", context);
}

}  // namespace

void wipe(Span bytes) { OPENSSL_cleanse(bytes.data(), bytes.size()); }

std::string_view name(KeySource source) {
  switch (source) {
    case KeySource::None:
      return "none";
    case KeySource::PreShared:
      return "pre-shared";
    case KeySource::Exchange:
      return "x25519";
  }
  return "unknown";
}

KeyLength key_length(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::None:
      break;
    case Algorithm::Aes256Gcm:
    case Algorithm::Aes256Ctr:
      return {32, 0};
    case Algorithm::Aes128Gcm:
    case Algorithm::Aes128Ctr:
    case Algorithm::Sm4Gcm:
    case Algorithm::Sm4Ctr:
      return {16, 0};
    case Algorithm::Aes256Xts:
      return {32, 32};
    case Algorithm::Aes128Xts:
      return {16, 16};
  }
  return {};
}

std::array<std::uint8_t, 80> header_start(Algorithm algorithm, Order order, ConstSpan stream_id, ConstSpan salt,
                                          const PublicKey& key_exchange) {
  std::array<std::uint8_t, 80> header{};
  std::copy(kStreamMagic.begin(), kStreamMagic.end(), header.begin());
  put_le<std::uint16_t>(header, 8, kStreamVersion);
  put_le<std::uint16_t>(header, 10, kStreamHeaderBytes);
  header[12] = static_cast<std::uint8_t>(algorithm);
  header[13] = static_cast<std::uint8_t>(order);
  header[14] = 12;  // pages of 4,096 bytes
  std::copy_n(stream_id.begin(), 16, header.begin() + 16);
  std::copy_n(salt.begin(), 4, header.begin() + 32);
  std::copy(key_exchange.begin(), key_exchange.end(), header.begin() + 48);
  return header;
}

Secret make_private_key() {
  Secret key;
  random_bytes(key.span());
  return key;
}

PublicKey public_key(const Secret& private_key) {
  PublicKey key{};
  std::size_t bytes = key.size();
  if (EVP_PKEY_get_raw_public_key(private_pkey(private_key).get(), key.data(), &bytes) != 1) {
    throw std::runtime_error("OpenSSL: X25519 failed");
  }
  return key;
}

void x25519(const Secret& private_key, ConstSpan peer_public, Span shared32) {
  const Pkey own = private_pkey(private_key);
  const Pkey peer(EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, peer_public.data(), peer_public.size()));
  const PkeyContext context(EVP_PKEY_CTX_new(own.get(), nullptr));
  if (!peer || !context || EVP_PKEY_derive_init(context.get()) != 1 ||
      EVP_PKEY_derive_set_peer(context.get(), peer.get()) != 1) {
    throw std::runtime_error("OpenSSL: X25519 failed");
  }
  std::size_t bytes = shared32.size();
  // OpenSSL refuses a result of zeros, as RFC 7748 advises: the peer's key has small order.
  if (EVP_PKEY_derive(context.get(), shared32.data(), &bytes) != 1 || bytes != shared32.size()) {
    throw KeyError("a public key of small order: anyone would know the secret");
  }
}

void hkdf_sha256(ConstSpan secret, ConstSpan salt, ConstSpan info, Span out) {
  const Kdf kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
  if (!kdf) throw std::runtime_error("OpenSSL has no HKDF");
  const KdfContext context(EVP_KDF_CTX_new(kdf.get()));
  if (!context) throw std::bad_alloc();
  char digest[] = "SHA256";
  std::uint8_t nothing = 0;  // OpenSSL takes no null pointer, even for no bytes
  const auto octets = [&](const char* parameter, ConstSpan bytes) {
    auto* data = bytes.empty() ? &nothing : const_cast<std::uint8_t*>(bytes.data());
    return OSSL_PARAM_construct_octet_string(parameter, data, bytes.size());
  };
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
                               octets(OSSL_KDF_PARAM_KEY, secret), octets(OSSL_KDF_PARAM_SALT, salt),
                               octets(OSSL_KDF_PARAM_INFO, info), OSSL_PARAM_construct_end()};
  if (EVP_KDF_derive(context.get(), out.data(), out.size(), params) <= 0) {
    throw std::runtime_error("OpenSSL: HKDF failed");
  }
}

StreamKey derive_key(const Credential& credential, const Secret* ephemeral, ConstSpan header) {
  if (const auto* exchange = std::get_if<Exchange>(&credential)) return derive_exchanged(*exchange, ephemeral, header);
  if (const auto* secret = std::get_if<Secret>(&credential)) {
    return expand(secret->span(), header, "sealift v1 stream key", header.first(48));
  }
  throw KeyError("there is no secret to derive a key from");
}

void random_bytes(Span bytes) {
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
    throw std::runtime_error("OpenSSL has no randomness");
}

}  // namespace sealift::security_processor
