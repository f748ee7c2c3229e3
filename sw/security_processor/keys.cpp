// SPDX-License-Identifier: Apache-2.0
#include "security_processor/keys.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string_view>

namespace sealift::security_processor {

void wipe(Span bytes) { OPENSSL_cleanse(bytes.data(), bytes.size()); }

std::array<std::uint8_t, 48> header_start(Algorithm algorithm, Order order, ConstSpan stream_id, ConstSpan salt) {
  std::array<std::uint8_t, 48> header{};
  std::copy(kStreamMagic.begin(), kStreamMagic.end(), header.begin());
  put_le<std::uint16_t>(header, 8, kStreamVersion);
  put_le<std::uint16_t>(header, 10, kStreamHeaderBytes);
  header[12] = static_cast<std::uint8_t>(algorithm);
  header[13] = static_cast<std::uint8_t>(order);
  header[14] = 12;  // pages of 4,096 bytes
  std::copy_n(stream_id.begin(), 16, header.begin() + 16);
  std::copy_n(salt.begin(), 4, header.begin() + 32);
  return header;
}

StreamKey derive_key(const Secret& secret, ConstSpan header) {
  constexpr std::string_view kLabel = "sealift v1 stream key";
  Bytes info(kLabel.begin(), kLabel.end());
  for (std::size_t i = 0; i < 48; ++i) info.push_back(header[i]);
  Bytes salt(16);
  std::copy_n(header.begin() + 16, 16, salt.begin());
  const std::unique_ptr<EVP_KDF, decltype(&EVP_KDF_free)> kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr), EVP_KDF_free);
  if (!kdf) throw std::runtime_error("OpenSSL has no HKDF");
  const std::unique_ptr<EVP_KDF_CTX, decltype(&EVP_KDF_CTX_free)> context(EVP_KDF_CTX_new(kdf.get()), EVP_KDF_CTX_free);
  if (!context) throw std::bad_alloc();
  char digest[] = "SHA256";
  const ConstSpan ikm = secret.span();
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, const_cast<std::uint8_t*>(ikm.data()), ikm.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, salt.data(), salt.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.data(), info.size()),
      OSSL_PARAM_construct_end(),
  };
  StreamKey key;
  if (EVP_KDF_derive(context.get(), key.span().data(), key.span().size(), params) <= 0) {
    throw std::runtime_error("OpenSSL: HKDF failed");
  }
  return key;
}

void random_bytes(Span bytes) {
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
    throw std::runtime_error("OpenSSL has no randomness");
}

}  // namespace sealift::security_processor
