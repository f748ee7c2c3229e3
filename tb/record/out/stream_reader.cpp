// SPDX-License-Identifier: Apache-2.0
#include "stream_reader.h"

#include <openssl/evp.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>

namespace sealift::tb {
namespace {

struct CtxDelete {
  void operator()(EVP_CIPHER_CTX* ctx) const { EVP_CIPHER_CTX_free(ctx); }
};
using Ctx = std::unique_ptr<EVP_CIPHER_CTX, CtxDelete>;

void require(bool ok, const std::string& what) {
  if (!ok) throw std::runtime_error("stream: " + what);
}

std::uint64_t le(std::span<const std::uint8_t> bytes, std::size_t at, unsigned n) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < n; ++i) value |= static_cast<std::uint64_t>(bytes[at + i]) << (8 * i);
  return value;
}

std::array<std::uint8_t, 12> nonce(const StreamBind& bind, std::uint64_t sequence) {
  std::array<std::uint8_t, 12> iv{};
  std::copy(bind.salt.begin(), bind.salt.end(), iv.begin());
  for (unsigned i = 0; i < 8; ++i) iv[4 + i] = static_cast<std::uint8_t>(sequence >> (8 * i));
  return iv;
}

std::uint32_t crc(std::span<const std::uint8_t> bytes) {
  return static_cast<std::uint32_t>(crc32(0, bytes.data(), static_cast<uInt>(bytes.size())));
}

void check_tag(const StreamBind& bind, std::uint64_t sequence, std::span<const std::uint8_t> clear,
               std::span<const std::uint8_t> payload, std::span<const std::uint8_t> tag) {
  if (bind.algorithm == 0) {
    Bytes all(clear.begin(), clear.end());
    all.insert(all.end(), payload.begin(), payload.end());
    require(le(tag, 0, 4) == crc(all), "CRC of the record");
    require(le(tag, 4, 8) == 0 && le(tag, 12, 4) == 0, "bytes after the CRC");
    return;
  }
  const Ctx ctx(EVP_CIPHER_CTX_new());
  const auto iv = nonce(bind, sequence);
  int n = 0;
  Bytes out(payload.size() + 16);
  Bytes want(tag.begin(), tag.end());
  EVP_DecryptInit_ex(ctx.get(), EVP_aes_256_gcm(), nullptr, bind.key.data(), iv.data());
  EVP_DecryptUpdate(ctx.get(), nullptr, &n, bind.stream_id.data(), 16);
  EVP_DecryptUpdate(ctx.get(), nullptr, &n, clear.data(), static_cast<int>(clear.size()));
  if (!payload.empty()) {
    EVP_DecryptUpdate(ctx.get(), out.data(), &n, payload.data(), static_cast<int>(payload.size()));
  }
  EVP_CIPHER_CTX_ctrl(ctx.get(), EVP_CTRL_GCM_SET_TAG, 16, want.data());
  require(EVP_DecryptFinal_ex(ctx.get(), out.data(), &n) == 1, "tag of record " + std::to_string(sequence));
}

Bytes inflate_page(std::span<const std::uint8_t> body) {
  z_stream z{};
  Bytes in(body.begin(), body.end());
  Bytes page(4096 + 16);
  require(inflateInit2(&z, -15) == Z_OK, "zlib");
  z.next_in = in.data();
  z.avail_in = static_cast<uInt>(in.size());
  z.next_out = page.data();
  z.avail_out = static_cast<uInt>(page.size());
  const int result = inflate(&z, Z_FINISH);
  inflateEnd(&z);
  require(result == Z_STREAM_END && z.avail_in == 0 && z.total_out == 4096, "DEFLATE of a page");
  page.resize(4096);
  return page;
}

void check_header(const Bytes& s, const StreamBind& bind) {
  require(s.size() >= 96, "ends inside the header");
  require(std::memcmp(s.data(), "SEALIFT\0", 8) == 0, "magic");
  require(le(s, 8, 2) == 1 && le(s, 10, 2) == 96, "version or header length");
  require(s[12] == bind.algorithm && s[13] == bind.order && s[14] == 12 && s[15] == 0, "header fields");
  require(std::equal(bind.stream_id.begin(), bind.stream_id.end(), s.begin() + 16), "stream id");
  require(std::equal(bind.salt.begin(), bind.salt.end(), s.begin() + 32), "salt");
  require(std::all_of(s.begin() + 36, s.begin() + 48, [](auto b) { return b == 0; }), "reserved bytes");
  require(std::equal(bind.kdf_public.begin(), bind.kdf_public.end(), s.begin() + 48), "key exchange");
  const std::span<const std::uint8_t> all(s);
  check_tag(bind, 0, all.first(80), {}, all.subspan(80, 16));
}

}  // namespace

Bytes gcm_ctr(const StreamBind& bind, std::uint64_t sequence, std::uint32_t counter,
              std::span<const std::uint8_t> data) {
  std::array<std::uint8_t, 16> block{};
  const auto iv = nonce(bind, sequence);
  std::copy(iv.begin(), iv.end(), block.begin());
  for (unsigned i = 0; i < 4; ++i) block[12 + i] = static_cast<std::uint8_t>(counter >> (24 - 8 * i));
  const Ctx ctx(EVP_CIPHER_CTX_new());
  Bytes out(data.size());
  int n = 0;
  EVP_EncryptInit_ex(ctx.get(), EVP_aes_256_ctr(), nullptr, bind.key.data(), block.data());
  EVP_EncryptUpdate(ctx.get(), out.data(), &n, data.data(), static_cast<int>(data.size()));
  return out;
}

std::array<std::uint8_t, 16> gcm_tag(const StreamBind& bind, std::uint64_t sequence, const Bytes& aad,
                                     const Bytes& ciphertext) {
  const Bytes plain = gcm_ctr(bind, sequence, 2, ciphertext);
  const Ctx ctx(EVP_CIPHER_CTX_new());
  const auto iv = nonce(bind, sequence);
  std::array<std::uint8_t, 16> tag{};
  Bytes out(plain.size() + 16);
  int n = 0;
  EVP_EncryptInit_ex(ctx.get(), EVP_aes_256_gcm(), nullptr, bind.key.data(), iv.data());
  EVP_EncryptUpdate(ctx.get(), nullptr, &n, aad.data(), static_cast<int>(aad.size()));
  if (!plain.empty()) EVP_EncryptUpdate(ctx.get(), out.data(), &n, plain.data(), static_cast<int>(plain.size()));
  EVP_EncryptFinal_ex(ctx.get(), out.data(), &n);
  EVP_CIPHER_CTX_ctrl(ctx.get(), EVP_CTRL_GCM_GET_TAG, 16, tag.data());
  return tag;
}

Bytes deflate_page(const Bytes& page) {
  z_stream z{};
  Bytes out(8192);
  Bytes in = page;
  require(deflateInit2(&z, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) == Z_OK, "zlib");
  z.next_in = in.data();
  z.avail_in = static_cast<uInt>(in.size());
  z.next_out = out.data();
  z.avail_out = static_cast<uInt>(out.size());
  const int result = deflate(&z, Z_FINISH);
  out.resize(z.total_out);
  deflateEnd(&z);
  require(result == Z_STREAM_END, "zlib");
  if (out.size() > page.size() + 5) {
    // One stored block (RFC 1951, section 3.2.4).
    out = {1, 0x00, 0x10, 0xff, 0xef};
    out.insert(out.end(), page.begin(), page.end());
  }
  return out;
}

ReadStream read_stream(const Bytes& s, const StreamBind& bind, bool complete) {
  ReadStream result;
  const std::span<const std::uint8_t> all(s);
  check_header(s, bind);
  std::size_t at = 96;
  std::uint64_t sequence = 1;
  std::uint64_t pages = 0;
  std::uint64_t payloads = 0;
  const bool deflates = bind.order == 0 || bind.order == 3;
  const bool encrypts = bind.order <= 2;
  static constexpr std::array<std::size_t, 5> kBuckets{16, 64, 128, 256, 512};
  const std::size_t bucket = kBuckets.at(bind.pad);
  while (at < s.size()) {
    require(!result.ended, "bytes after the end record");
    require(s.size() - at >= 32, "ends inside a record header");
    const auto header = all.subspan(at, 32);
    StreamRecord r;
    r.type = header[0];
    r.payload_length = static_cast<std::uint32_t>(le(header, 4, 4));
    r.address = le(header, 8, 8);
    r.sequence = le(header, 16, 8);
    r.count = static_cast<std::uint32_t>(le(header, 24, 4));
    const std::size_t wire = le(header, 28, 4);
    require(r.type >= 1 && r.type <= 4, "type");
    require(le(header, 1, 3) == 0, "flags or reserved");
    require(r.payload_length % 16 == 0 && r.payload_length >= 16 && r.payload_length <= 4608, "payload length");
    require(s.size() - at >= 48 + r.payload_length, "ends inside a record");
    require(r.type == 3 ? r.address % 16 == 0 : r.address % 4096 == 0, "address");
    require(r.type != 4 || r.address == 0, "address of the end record");
    require(r.type == 1 ? r.count == 1 : r.type == 2 ? r.count >= 1 : r.count == 0, "count");
    require((bind.order == 1 && r.type == 1) ? (wire >= 1 && wire <= 4101) : wire == 0, "wire length");
    require(r.sequence == sequence, "sequence number");
    const auto travels = all.subspan(at + 32, r.payload_length);
    check_tag(bind, sequence, header, travels, all.subspan(at + 32 + r.payload_length, 16));

    // What it says inside.
    Bytes plain(travels.begin(), travels.end());
    if (encrypts && bind.order != 1) plain = gcm_ctr(bind, sequence, 2, travels);
    const Bytes inner =
        bind.order == 1 ? gcm_ctr(bind, sequence, 2, travels.first(16)) : Bytes(plain.begin(), plain.begin() + 16);
    const std::size_t body_length = le(inner, 4, 2);
    const unsigned coding = inner[6];
    const std::uint64_t fill = le(inner, 8, 8);
    require(inner[7] == 0, "reserved byte of the inner block");
    require(coding == (r.type == 2 ? 2U : (r.type == 1 && deflates) ? 1U : 0U), "coding");
    require(r.type == 2 || fill == 0, "fill word");
    if (r.type == 1)
      require(coding == 1 ? (body_length >= 1 && body_length <= 4101) : body_length == 4096, "body length");
    if (r.type == 2) require(body_length == 0, "body of a fill");
    if (r.type == 3) require(body_length % 16 == 0 && body_length >= 16 && body_length <= 4096, "metadata length");
    if (r.type == 4) require(body_length == 32, "end record length");
    const std::size_t on_wire = wire != 0 ? wire : body_length;
    r.body_bytes = static_cast<std::uint32_t>(on_wire);
    require(16 + on_wire <= r.payload_length, "body longer than payload");
    require(r.payload_length == (16 + on_wire + bucket - 1) / bucket * bucket, "bucket");
    require(std::all_of(plain.begin() + 16 + static_cast<std::ptrdiff_t>(on_wire), plain.end(),
                        [](auto b) { return b == 0; }),
            "padding");
    Bytes body(plain.begin() + 16, plain.begin() + 16 + static_cast<std::ptrdiff_t>(on_wire));
    if (r.type == 1 && bind.order == 1) body = inflate_page(body);
    if (bind.order == 1) body = gcm_ctr(bind, sequence, 3, body);
    if (coding == 1) body = inflate_page(body);
    if (r.type == 2) {
      body.resize(4096);
      for (std::size_t i = 0; i < 4096; ++i) body[i] = inner[8 + i % 8];
    }
    require(crc(body) == le(inner, 0, 4), "CRC-32 of the plain body");

    switch (r.type) {
      case 1:
        result.pages[r.address] = body;
        break;
      case 2:
        for (std::uint64_t i = 0; i < r.count; ++i) result.pages[r.address + 4096 * i] = body;
        break;
      case 3:
        result.metadata[r.address] = body;
        break;
      default:
        require(le(body, 0, 8) == sequence - 1 && le(body, 8, 8) == pages && le(body, 16, 8) == payloads &&
                    le(body, 24, 8) == 0,
                "totals of the end record");
        result.ended = true;
    }
    pages += r.count;
    payloads += r.payload_length;
    ++sequence;
    at += 48 + r.payload_length;
    result.records.push_back(r);
  }
  require(result.ended || !complete, "no end record");
  result.consumed = at;
  return result;
}

}  // namespace sealift::tb
