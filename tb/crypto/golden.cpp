// SPDX-License-Identifier: Apache-2.0
#include "golden.h"

#include <openssl/evp.h>
#include <zlib.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace sealift::tb {
namespace {

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

void check(int result, const char* what) {
  if (result <= 0) throw std::runtime_error(std::string("OpenSSL: ") + what);
}

Context open_context() {
  Context context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  if (!context) throw std::bad_alloc();
  return context;
}

bool is_128(Alg alg) { return alg == Alg::kAes128Gcm || alg == Alg::kAes128Ctr || alg == Alg::kAes128Xts; }
bool is_sm4(Alg alg) { return alg == Alg::kSm4Gcm || alg == Alg::kSm4Ctr; }
bool is_gcm(Alg alg) { return alg == Alg::kAes256Gcm || alg == Alg::kAes128Gcm || alg == Alg::kSm4Gcm; }

/// salt || seq, the 12 bytes of SP 800-38D and RFC 3686.
std::array<std::uint8_t, 16> iv_of(const Key& key, std::uint64_t seq) {
  std::array<std::uint8_t, 16> iv{};
  std::copy(key.salt.begin(), key.salt.end(), iv.begin());
  for (unsigned i = 0; i < 8; ++i) iv[4 + i] = static_cast<std::uint8_t>(seq >> (8 * i));
  return iv;
}

}  // namespace

Bytes random_bytes(std::mt19937_64& rng, std::size_t n) {
  Bytes bytes(n);
  for (auto& b : bytes) b = static_cast<std::uint8_t>(rng());
  return bytes;
}

Key random_key(std::mt19937_64& rng, Alg alg) {
  Key key;
  key.alg = alg;
  for (auto& b : key.key) b = static_cast<std::uint8_t>(rng());
  for (auto& b : key.tweak_key) b = static_cast<std::uint8_t>(rng());
  for (auto& b : key.stream_id) b = static_cast<std::uint8_t>(rng());
  for (auto& b : key.salt) b = static_cast<std::uint8_t>(rng());
  return key;
}

Block encrypt_block(Alg alg, std::span<const std::uint8_t> key, const Block& in) {
  const auto context = open_context();
  const EVP_CIPHER* cipher = is_sm4(alg) ? EVP_sm4_ecb() : is_128(alg) ? EVP_aes_128_ecb() : EVP_aes_256_ecb();
  check(EVP_EncryptInit_ex(context.get(), cipher, nullptr, key.data(), nullptr), "init");
  check(EVP_CIPHER_CTX_set_padding(context.get(), 0), "padding");
  Block out{};
  int n = 0;
  check(EVP_EncryptUpdate(context.get(), out.data(), &n, in.data(), 16), "update");
  return out;
}

Bytes ctr(const Key& key, std::uint64_t seq, const Bytes& payload) {
  auto iv = iv_of(key, seq);
  iv[15] = is_gcm(key.alg) ? 2 : 1;
  const auto context = open_context();
  const EVP_CIPHER* cipher = is_sm4(key.alg)    ? EVP_sm4_ctr()
                             : is_128(key.alg) ? EVP_aes_128_ctr()
                                               : EVP_aes_256_ctr();
  check(EVP_EncryptInit_ex(context.get(), cipher, nullptr, key.key.data(), iv.data()), "init");
  Bytes out(payload.size());
  int n = 0;
  check(EVP_EncryptUpdate(context.get(), out.data(), &n, payload.data(), static_cast<int>(payload.size())), "update");
  return out;
}

Bytes gcm_tag(const Key& key, std::uint64_t seq, const Bytes& header, const Bytes& payload) {
  const auto iv = iv_of(key, seq);
  const auto context = open_context();
  const EVP_CIPHER* cipher = is_128(key.alg) ? EVP_aes_128_gcm() : EVP_aes_256_gcm();
  check(EVP_EncryptInit_ex(context.get(), cipher, nullptr, key.key.data(), iv.data()), "init");
  int n = 0;
  check(EVP_EncryptUpdate(context.get(), nullptr, &n, key.stream_id.data(), 16), "additional data");
  check(EVP_EncryptUpdate(context.get(), nullptr, &n, header.data(), static_cast<int>(header.size())), "header");
  // GCM encrypts what it is given: from the plaintext of this ciphertext it makes the ciphertext and its tag.
  const Bytes plain = ctr(key, seq, payload);
  Bytes cipher_text(plain.size() + 16);
  if (!plain.empty()) {
    check(EVP_EncryptUpdate(context.get(), cipher_text.data(), &n, plain.data(), static_cast<int>(plain.size())),
          "update");
    cipher_text.resize(plain.size());
    if (cipher_text != payload) throw std::runtime_error("OpenSSL: counter mode and GCM disagree");
  }
  check(EVP_EncryptFinal_ex(context.get(), cipher_text.data(), &n), "final");
  Bytes tag(16);
  check(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, 16, tag.data()), "tag");
  return tag;
}

Bytes crc_tag(const Bytes& header, const Bytes& payload) {
  auto crc = crc32(0, header.data(), static_cast<uInt>(header.size()));
  // zlib starts afresh on a null pointer.
  if (!payload.empty()) crc = crc32(crc, payload.data(), static_cast<uInt>(payload.size()));
  Bytes tag(16);
  for (unsigned i = 0; i < 4; ++i) tag[i] = static_cast<std::uint8_t>(crc >> (8 * i));
  return tag;
}

}  // namespace sealift::tb
