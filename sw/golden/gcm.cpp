// SPDX-License-Identifier: Apache-2.0
#include "golden/gcm.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>

namespace sealift::golden {
namespace {

struct Free {
  void operator()(EVP_CIPHER_CTX* p) const { EVP_CIPHER_CTX_free(p); }
  void operator()(EVP_KDF* p) const { EVP_KDF_free(p); }
  void operator()(EVP_KDF_CTX* p) const { EVP_KDF_CTX_free(p); }
};

void must(int rc, const char* what) {
  if (rc <= 0) throw std::runtime_error(std::string("OpenSSL: ") + what + " failed");
}

std::unique_ptr<EVP_CIPHER_CTX, Free> context(const Key& key, bool encrypt) {
  std::unique_ptr<EVP_CIPHER_CTX, Free> ctx(EVP_CIPHER_CTX_new());
  if (!ctx) throw std::bad_alloc();
  must(EVP_CipherInit_ex2(ctx.get(), EVP_aes_256_gcm(), key.data(), nullptr, encrypt ? 1 : 0, nullptr), "AES-256-GCM");
  return ctx;
}

void update(EVP_CIPHER_CTX* ctx, std::uint8_t* out, ConstSpan in) {
  if (in.empty()) return;
  int n = 0;
  must(EVP_CipherUpdate(ctx, out, &n, in.data(), static_cast<int>(in.size())), "update");
}

}  // namespace

Key derive_stream_key(ConstSpan secret, ConstSpan header) {
  if (secret.size() != kSecretBytes) throw std::invalid_argument("the secret has 32 bytes");
  if (header.size() < 48) throw std::invalid_argument("the header has at least 48 bytes");
  constexpr std::string_view kLabel = "sealift v1 stream key";
  Bytes info(kLabel.begin(), kLabel.end());
  info.insert(info.end(), header.begin(), header.begin() + 48);
  Bytes salt(header.begin() + 16, header.begin() + 32);

  std::unique_ptr<EVP_KDF, Free> kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
  if (!kdf) throw std::runtime_error("OpenSSL has no HKDF");
  std::unique_ptr<EVP_KDF_CTX, Free> ctx(EVP_KDF_CTX_new(kdf.get()));
  if (!ctx) throw std::bad_alloc();
  std::string digest = "SHA256";
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, const_cast<std::uint8_t*>(secret.data()), secret.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, salt.data(), salt.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.data(), info.size()),
      OSSL_PARAM_construct_end(),
  };
  Key key{};
  must(EVP_KDF_derive(ctx.get(), key.data(), key.size(), params), "HKDF");
  return key;
}

struct Gcm::Impl {
  std::unique_ptr<EVP_CIPHER_CTX, Free> seal, open;
  Bytes scratch;
};

Gcm::Gcm(const Key& key) : impl_(std::make_unique<Impl>()) {
  impl_->seal = context(key, true);
  impl_->open = context(key, false);
}
Gcm::~Gcm() = default;
Gcm::Gcm(Gcm&&) noexcept = default;
Gcm& Gcm::operator=(Gcm&&) noexcept = default;

Tag Gcm::seal(const Iv& iv, ConstSpan aad, Span data) {
  EVP_CIPHER_CTX* ctx = impl_->seal.get();
  must(EVP_CipherInit_ex2(ctx, nullptr, nullptr, iv.data(), 1, nullptr), "IV");
  int n = 0;
  must(EVP_CipherUpdate(ctx, nullptr, &n, aad.data(), static_cast<int>(aad.size())), "AAD");
  update(ctx, data.data(), data);
  std::uint8_t nothing[16];
  must(EVP_CipherFinal_ex(ctx, nothing, &n), "seal");
  Tag tag{};
  must(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, 16, tag.data()), "tag");
  return tag;
}

bool Gcm::open(const Iv& iv, ConstSpan aad, Span data, const Tag& expected) {
  EVP_CIPHER_CTX* ctx = impl_->open.get();
  must(EVP_CipherInit_ex2(ctx, nullptr, nullptr, iv.data(), 0, nullptr), "IV");
  int n = 0;
  must(EVP_CipherUpdate(ctx, nullptr, &n, aad.data(), static_cast<int>(aad.size())), "AAD");
  update(ctx, data.data(), data);
  Tag tag = expected;
  must(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, 16, tag.data()), "tag");
  std::uint8_t nothing[16];
  if (EVP_CipherFinal_ex(ctx, nothing, &n) > 0) return true;
  OPENSSL_cleanse(data.data(), data.size());
  return false;
}

void Gcm::crypt(const Iv& iv, Span data) {
  // GCM's encryption is counter mode from counter 2 on; the tag is not asked for.
  EVP_CIPHER_CTX* ctx = impl_->seal.get();
  must(EVP_CipherInit_ex2(ctx, nullptr, nullptr, iv.data(), 1, nullptr), "IV");
  update(ctx, data.data(), data);
}

Tag Gcm::tag(const Iv& iv, ConstSpan aad, ConstSpan travelled) {
  // Decrypt what travelled by counter mode, then seal that: the ciphertext is what travelled again, and OpenSSL has
  // taken its tag.
  Bytes& data = impl_->scratch;
  data.assign(travelled.begin(), travelled.end());
  crypt(iv, data);
  const Tag result = seal(iv, aad, data);
  if (!std::equal(data.begin(), data.end(), travelled.begin()))
    throw std::logic_error("counter mode is not its inverse");
  return result;
}

}  // namespace sealift::golden
