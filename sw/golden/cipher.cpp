// SPDX-License-Identifier: Apache-2.0
#include "golden/cipher.h"

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
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(EVP_PKEY_CTX* p) const { EVP_PKEY_CTX_free(p); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, Free>;
using PublicOrPrivate = std::unique_ptr<EVP_PKEY, Free>;
using Block = std::array<std::uint8_t, 16>;

void must(int rc, const char* what) {
  if (rc <= 0) throw std::runtime_error(std::string("OpenSSL: ") + what + " failed");
}

void update(EVP_CIPHER_CTX* ctx, std::uint8_t* out, ConstSpan in) {
  if (in.empty()) return;
  int n = 0;
  must(EVP_CipherUpdate(ctx, out, &n, in.data(), static_cast<int>(in.size())), "update");
}

bool is_sm4(Algorithm algorithm) { return algorithm == Algorithm::Sm4Gcm || algorithm == Algorithm::Sm4Ctr; }

/// What OpenSSL calls it. SM4-GCM: its counter mode.
const EVP_CIPHER* cipher_of(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::None:
      break;
    case Algorithm::Aes256Gcm:
      return EVP_aes_256_gcm();
    case Algorithm::Aes128Gcm:
      return EVP_aes_128_gcm();
    case Algorithm::Aes256Ctr:
      return EVP_aes_256_ctr();
    case Algorithm::Aes128Ctr:
      return EVP_aes_128_ctr();
    case Algorithm::Aes256Xts:
      return EVP_aes_256_xts();
    case Algorithm::Aes128Xts:
      return EVP_aes_128_xts();
    case Algorithm::Sm4Gcm:
    case Algorithm::Sm4Ctr:
      return EVP_sm4_ctr();
  }
  throw std::invalid_argument("no such cipher");
}

/// A big-endian half of a block, and back.
std::uint64_t load_be(const std::uint8_t* bytes) {
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = (value << 8) | bytes[i];
  return value;
}
void store_be(std::uint8_t* bytes, std::uint64_t value) {
  for (int i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
}

/// SP 800-38D, 6.3 and 6.4: bit 0 of a block is the highest of its first byte.
class Ghash {
 public:
  explicit Ghash(const Block& hash_key) : h0_(load_be(hash_key.data())), h1_(load_be(hash_key.data() + 8)) {}

  void add(ConstSpan bytes) {
    for (std::size_t at = 0; at < bytes.size(); at += 16) {
      Block block{};
      std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), std::min<std::size_t>(16, bytes.size() - at),
                  block.begin());
      multiply(y0_ ^ load_be(block.data()), y1_ ^ load_be(block.data() + 8));
    }
  }
  Block finish(std::uint64_t aad_bytes, std::uint64_t text_bytes) {
    multiply(y0_ ^ (8 * aad_bytes), y1_ ^ (8 * text_bytes));
    Block out{};
    store_be(out.data(), y0_);
    store_be(out.data() + 8, y1_);
    return out;
  }

 private:
  /// Y = X * H.
  void multiply(std::uint64_t x0, std::uint64_t x1) {
    std::uint64_t z0 = 0, z1 = 0, v0 = h0_, v1 = h1_;
    for (unsigned i = 0; i < 128; ++i) {
      const std::uint64_t bit = ((i < 64 ? x0 : x1) >> (63 - i % 64)) & 1;
      z0 ^= bit * v0;
      z1 ^= bit * v1;
      const std::uint64_t low = v1 & 1;
      v1 = (v1 >> 1) | (v0 << 63);
      v0 = (v0 >> 1) ^ (low * 0xe100000000000000);
    }
    y0_ = z0;
    y1_ = z1;
  }

  std::uint64_t h0_, h1_, y0_ = 0, y1_ = 0;
};

/// GCM's counter block J0 counts from 1, and so does counter mode (RFC 3686); GCM's text begins at 2.
Block counter_block(const Iv& iv, std::uint8_t counter) {
  Block block{};
  std::copy(iv.begin(), iv.end(), block.begin());
  block[15] = counter;
  return block;
}

Key split(Algorithm algorithm, ConstSpan material) {
  const std::size_t bytes = key_bytes(algorithm);
  Key key;
  std::copy_n(material.begin(), bytes, key.key.begin());
  if (is_xts(algorithm)) std::copy_n(material.begin() + static_cast<std::ptrdiff_t>(bytes), bytes, key.tweak.begin());
  return key;
}

Key expand(ConstSpan secret, ConstSpan header, std::string_view label, ConstSpan context) {
  const auto algorithm = static_cast<Algorithm>(header[12]);
  Bytes info(label.begin(), label.end());
  info.insert(info.end(), context.begin(), context.end());
  Bytes salt(header.begin() + 16, header.begin() + 32);
  const std::unique_ptr<EVP_KDF, Free> kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
  if (!kdf) throw std::runtime_error("OpenSSL has no HKDF");
  const std::unique_ptr<EVP_KDF_CTX, Free> ctx(EVP_KDF_CTX_new(kdf.get()));
  if (!ctx) throw std::bad_alloc();
  std::string digest = "SHA256";
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, const_cast<std::uint8_t*>(secret.data()), secret.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, salt.data(), salt.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.data(), info.size()),
      OSSL_PARAM_construct_end(),
  };
  std::array<std::uint8_t, 64> material{};
  must(EVP_KDF_derive(ctx.get(), material.data(), key_bytes(algorithm) * (is_xts(algorithm) ? 2 : 1), params), "HKDF");
  Key key = split(algorithm, material);
  OPENSSL_cleanse(material.data(), material.size());
  return key;
}

void agree(EVP_PKEY* own, ConstSpan peer, Span shared) {
  const PublicOrPrivate other(EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, peer.data(), peer.size()));
  if (!other) throw std::runtime_error("not an X25519 public key");
  const std::unique_ptr<EVP_PKEY_CTX, Free> ctx(EVP_PKEY_CTX_new(own, nullptr));
  if (!ctx) throw std::bad_alloc();
  must(EVP_PKEY_derive_init(ctx.get()), "X25519");
  must(EVP_PKEY_derive_set_peer(ctx.get(), other.get()), "X25519");
  std::size_t bytes = shared.size();
  must(EVP_PKEY_derive(ctx.get(), shared.data(), &bytes), "X25519");  // fails on a result of zeros
}

}  // namespace

Key::~Key() { OPENSSL_cleanse(this, sizeof *this); }

std::size_t key_bytes(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::Aes256Gcm:
    case Algorithm::Aes256Ctr:
    case Algorithm::Aes256Xts:
      return 32;
    case Algorithm::Aes128Gcm:
    case Algorithm::Aes128Ctr:
    case Algorithm::Aes128Xts:
    case Algorithm::Sm4Gcm:
    case Algorithm::Sm4Ctr:
      return 16;
    case Algorithm::None:
      break;
  }
  throw std::invalid_argument("no key for this algorithm");
}

bool is_gcm(Algorithm algorithm) {
  return algorithm == Algorithm::Aes256Gcm || algorithm == Algorithm::Aes128Gcm || algorithm == Algorithm::Sm4Gcm;
}

bool is_xts(Algorithm algorithm) { return algorithm == Algorithm::Aes256Xts || algorithm == Algorithm::Aes128Xts; }

Key derive_stream_key(ConstSpan secret, ConstSpan header) {
  if (secret.size() != kSecretBytes) throw std::invalid_argument("the secret has 32 bytes");
  if (header.size() < 48) throw std::invalid_argument("the header has at least 48 bytes");
  return expand(secret, header, "sealift v1 stream key", header.first(48));
}

Key derive_exchanged_key(ConstSpan receiver_private, ConstSpan sender_public, ConstSpan header) {
  if (receiver_private.size() != 32 || sender_public.size() != 32) throw std::invalid_argument("X25519 keys: 32 bytes");
  if (header.size() < 80) throw std::invalid_argument("the header has at least 80 bytes");
  const PublicOrPrivate own(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, receiver_private.data(), receiver_private.size()));
  if (!own) throw std::runtime_error("not an X25519 private key");
  std::array<std::uint8_t, 32> receiver_public{};
  std::size_t bytes = receiver_public.size();
  must(EVP_PKEY_get_raw_public_key(own.get(), receiver_public.data(), &bytes), "X25519");
  Bytes context(header.begin(), header.begin() + 80);
  context.insert(context.end(), sender_public.begin(), sender_public.end());
  context.insert(context.end(), receiver_public.begin(), receiver_public.end());
  std::array<std::uint8_t, 64> secret{};
  agree(own.get(), header.subspan(48, 32), Span(secret).first(32));
  agree(own.get(), sender_public, Span(secret).last(32));
  Key key = expand(secret, header, "sealift v1 x25519 key", context);
  OPENSSL_cleanse(secret.data(), secret.size());
  return key;
}

struct Cipher::Impl {
  Algorithm algorithm;
  Context encrypt, decrypt;
  Context ecb;  // GCM: one block, for the hash key and the mask of a composed tag
  Bytes scratch;

  Block encrypt_block(const Block& in) {
    Block out{};
    update(ecb.get(), out.data(), in);
    return out;
  }

  void crypt(EVP_CIPHER_CTX* ctx, const Iv& iv, std::uint64_t unit, Span data) {
    Block start{};
    if (is_xts(algorithm)) {
      put_le(start, 0, unit);
    } else {
      start = counter_block(iv, is_gcm(algorithm) ? 2 : 1);
    }
    // OpenSSL's GCM takes the 12 bytes of the IV and counts by itself; the tag is not asked for.
    must(EVP_CipherInit_ex2(ctx, nullptr, nullptr, start.data(), -1, nullptr), "IV");
    update(ctx, data.data(), data);
  }
};

Cipher::Cipher(Algorithm algorithm, const Key& key) : impl_(std::make_unique<Impl>()) {
  impl_->algorithm = algorithm;
  std::array<std::uint8_t, 64> both{};
  const std::size_t bytes = key_bytes(algorithm);
  std::copy_n(key.key.begin(), bytes, both.begin());
  if (is_xts(algorithm)) std::copy_n(key.tweak.begin(), bytes, both.begin() + static_cast<std::ptrdiff_t>(bytes));
  const auto context = [&](const EVP_CIPHER* cipher, int encrypts) {
    Context ctx(EVP_CIPHER_CTX_new());
    if (!ctx) throw std::bad_alloc();
    must(EVP_CipherInit_ex2(ctx.get(), cipher, both.data(), nullptr, encrypts, nullptr), "key");
    must(EVP_CIPHER_CTX_set_padding(ctx.get(), 0), "padding");
    return ctx;
  };
  impl_->encrypt = context(cipher_of(algorithm), 1);
  impl_->decrypt = context(cipher_of(algorithm), 0);
  if (is_gcm(algorithm)) {
    impl_->ecb = context(is_sm4(algorithm) ? EVP_sm4_ecb() : bytes == 16 ? EVP_aes_128_ecb() : EVP_aes_256_ecb(), 1);
  }
  OPENSSL_cleanse(both.data(), both.size());
}

Cipher::~Cipher() = default;
Cipher::Cipher(Cipher&&) noexcept = default;
Cipher& Cipher::operator=(Cipher&&) noexcept = default;

void Cipher::encrypt(const Iv& iv, std::uint64_t unit, Span data) {
  impl_->crypt(impl_->encrypt.get(), iv, unit, data);
}

void Cipher::decrypt(const Iv& iv, std::uint64_t unit, Span data) {
  // Counter mode is its own inverse.
  impl_->crypt(is_xts(impl_->algorithm) ? impl_->decrypt.get() : impl_->encrypt.get(), iv, unit, data);
}

Tag Cipher::tag(const Iv& iv, ConstSpan aad, ConstSpan travelled) {
  if (!is_gcm(impl_->algorithm)) throw std::logic_error("an algorithm without a tag");
  if (impl_->algorithm == Algorithm::Sm4Gcm) return composed_tag(iv, aad, travelled);
  // Decrypt what travelled by counter mode, then seal that: the ciphertext is what travelled again, and OpenSSL has
  // taken its tag.
  Bytes& data = impl_->scratch;
  data.assign(travelled.begin(), travelled.end());
  decrypt(iv, 0, data);
  const Tag result = seal(iv, aad, data);
  if (!std::equal(data.begin(), data.end(), travelled.begin()))
    throw std::logic_error("counter mode is not its inverse");
  return result;
}

Tag Cipher::composed_tag(const Iv& iv, ConstSpan aad, ConstSpan travelled) {
  if (!is_gcm(impl_->algorithm)) throw std::logic_error("an algorithm without a tag");
  Ghash hash(impl_->encrypt_block({}));
  hash.add(aad);
  hash.add(travelled);
  Tag tag = hash.finish(aad.size(), travelled.size());
  const Block mask = impl_->encrypt_block(counter_block(iv, 1));
  for (std::size_t i = 0; i < tag.size(); ++i) tag[i] ^= mask[i];
  return tag;
}

Tag Cipher::seal(const Iv& iv, ConstSpan aad, Span data) {
  if (!is_gcm(impl_->algorithm)) throw std::logic_error("an algorithm without a tag");
  if (impl_->algorithm == Algorithm::Sm4Gcm) {
    encrypt(iv, 0, data);
    return composed_tag(iv, aad, data);
  }
  EVP_CIPHER_CTX* ctx = impl_->encrypt.get();
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

}  // namespace sealift::golden
