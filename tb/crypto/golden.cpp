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
  const EVP_CIPHER* cipher = is_sm4(key.alg) ? EVP_sm4_ctr() : is_128(key.alg) ? EVP_aes_128_ctr() : EVP_aes_256_ctr();
  check(EVP_EncryptInit_ex(context.get(), cipher, nullptr, key.key.data(), iv.data()), "init");
  Bytes out(payload.size());
  int n = 0;
  check(EVP_EncryptUpdate(context.get(), out.data(), &n, payload.data(), static_cast<int>(payload.size())), "update");
  return out;
}

Bytes xts(const Key& key, std::uint64_t unit, const Bytes& in, bool encrypt) {
  std::array<std::uint8_t, 64> both{};
  const std::size_t half = is_128(key.alg) ? 16 : 32;
  std::copy_n(key.key.begin(), half, both.begin());
  std::copy_n(key.tweak_key.begin(), half, both.begin() + static_cast<std::ptrdiff_t>(half));
  std::array<std::uint8_t, 16> tweak{};
  for (unsigned i = 0; i < 8; ++i) tweak[i] = static_cast<std::uint8_t>(unit >> (8 * i));
  const auto context = open_context();
  const EVP_CIPHER* cipher = is_128(key.alg) ? EVP_aes_128_xts() : EVP_aes_256_xts();
  check(EVP_CipherInit_ex(context.get(), cipher, nullptr, both.data(), tweak.data(), encrypt ? 1 : 0), "init");
  Bytes out(in.size());
  int n = 0;
  check(EVP_CipherUpdate(context.get(), out.data(), &n, in.data(), static_cast<int>(in.size())), "update");
  return out;
}

Block gf_multiply(const Block& x, const Block& y) {
  // SP 800-38D, algorithm 1: bit by bit.
  Block v = y;
  Block z{};
  for (unsigned bit = 0; bit < 128; ++bit) {
    if ((x[bit / 8] >> (7 - bit % 8)) & 1) {
      for (unsigned i = 0; i < 16; ++i) z[i] ^= v[i];
    }
    const bool odd = (v[15] & 1) != 0;
    for (unsigned i = 15; i > 0; --i) v[i] = static_cast<std::uint8_t>((v[i] >> 1) | (v[i - 1] << 7));
    v[0] = static_cast<std::uint8_t>((v[0] >> 1) ^ (odd ? 0xe1 : 0));
  }
  return z;
}

Block gcm_lengths(std::size_t aad_bytes, std::size_t text_bytes) {
  Block lengths{};
  for (unsigned i = 0; i < 8; ++i) {
    lengths[7 - i] = static_cast<std::uint8_t>((8 * static_cast<std::uint64_t>(aad_bytes)) >> (8 * i));
    lengths[15 - i] = static_cast<std::uint8_t>((8 * static_cast<std::uint64_t>(text_bytes)) >> (8 * i));
  }
  return lengths;
}

Bytes composed_gcm_tag(Alg alg, std::span<const std::uint8_t> key, std::span<const std::uint8_t> iv, const Bytes& aad,
                       const Bytes& text) {
  const Block h = encrypt_block(alg, key, Block{});
  Block y{};
  const auto absorb = [&](const std::uint8_t* bytes, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) y[i] ^= bytes[i];
    y = gf_multiply(y, h);
  };
  for (const Bytes* part : {&aad, &text}) {
    for (std::size_t at = 0; at < part->size(); at += 16) {
      absorb(part->data() + at, std::min<std::size_t>(16, part->size() - at));
    }
  }
  absorb(gcm_lengths(aad.size(), text.size()).data(), 16);
  Block j0{};
  std::copy_n(iv.begin(), 12, j0.begin());
  j0[15] = 1;
  const Block mask = encrypt_block(alg, key, j0);
  Bytes tag(16);
  for (unsigned i = 0; i < 16; ++i) tag[i] = static_cast<std::uint8_t>(y[i] ^ mask[i]);
  return tag;
}

Bytes gcm_tag(const Key& key, std::uint64_t seq, const Bytes& header, const Bytes& payload) {
  const auto iv = iv_of(key, seq);
  Bytes aad(key.stream_id.begin(), key.stream_id.end());
  aad.insert(aad.end(), header.begin(), header.end());
  const Bytes composed = composed_gcm_tag(key.alg, key.key, iv, aad, payload);
  if (is_sm4(key.alg)) return composed;
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
  if (tag != composed) throw std::runtime_error("OpenSSL and the composed GCM disagree");
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
