// SPDX-License-Identifier: Apache-2.0
// A writer of Sealift streams from docs/stream-format.md, with zlib and OpenSSL only, and with a handle on every
// field so that a test can make it wrong.
#pragma once
#include <openssl/evp.h>
#include <zlib.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <vector>

#include "common/stream.h"

namespace sealift::tb {

enum class Order : std::uint8_t { CompressEncrypt = 0, EncryptCompress = 1, EncryptOnly = 2, CompressOnly = 3, Copy = 4 };
enum class RecordType : std::uint8_t { Page = 1, Fill = 2, Meta = 3, End = 4 };

inline constexpr std::size_t kPage = 4096;

inline void put_le(Bytes& out, std::uint64_t value, unsigned bytes) {
  for (unsigned i = 0; i < bytes; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}
inline std::uint64_t get_le(std::span<const std::uint8_t> in, std::size_t at, unsigned bytes) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < bytes; ++i) value |= static_cast<std::uint64_t>(in[at + i]) << (8 * i);
  return value;
}
inline std::uint32_t zlib_crc(std::span<const std::uint8_t> data) {
  return static_cast<std::uint32_t>(crc32(0, data.data(), static_cast<uInt>(data.size())));
}
inline Bytes fill_page(std::uint64_t word) {
  Bytes page;
  for (std::size_t i = 0; i < kPage / 8; ++i) put_le(page, word, 8);
  return page;
}

inline Bytes deflate_raw(std::span<const std::uint8_t> in, int level = 9, int strategy = Z_DEFAULT_STRATEGY) {
  z_stream z{};
  if (deflateInit2(&z, level, Z_DEFLATED, -15, 9, strategy) != Z_OK) throw std::runtime_error("deflateInit2");
  Bytes out(in.size() + 64);
  z.next_in = const_cast<Bytef*>(in.data());
  z.avail_in = static_cast<uInt>(in.size());
  z.next_out = out.data();
  z.avail_out = static_cast<uInt>(out.size());
  if (deflate(&z, Z_FINISH) != Z_STREAM_END) throw std::runtime_error("deflate");
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}
/// One stored block (RFC 1951, section 3.2.4).
inline Bytes deflate_stored(std::span<const std::uint8_t> in) {
  Bytes out{1};
  put_le(out, in.size(), 2);
  put_le(out, ~in.size() & 0xffff, 2);
  out.insert(out.end(), in.begin(), in.end());
  return out;
}
/// The page, or nothing where the input is not exactly one DEFLATE stream of one page.
inline std::optional<Bytes> inflate_page(std::span<const std::uint8_t> in) {
  z_stream z{};
  if (inflateInit2(&z, -15) != Z_OK) throw std::runtime_error("inflateInit2");
  Bytes out(kPage + 1);
  z.next_in = const_cast<Bytef*>(in.data());
  z.avail_in = static_cast<uInt>(in.size());
  z.next_out = out.data();
  z.avail_out = static_cast<uInt>(out.size());
  const int result = inflate(&z, Z_FINISH);
  const bool good = result == Z_STREAM_END && z.avail_in == 0 && z.total_out == kPage;
  inflateEnd(&z);
  if (!good) return std::nullopt;
  out.resize(kPage);
  return out;
}

struct Binding {
  std::array<std::uint8_t, 32> key{};
  std::array<std::uint8_t, 16> id{};
  std::array<std::uint8_t, 4> salt{};
  std::array<std::uint8_t, 32> kdf_public{};
};

namespace detail {
struct CtxFree {
  void operator()(EVP_CIPHER_CTX* ctx) const { EVP_CIPHER_CTX_free(ctx); }
};
using Ctx = std::unique_ptr<EVP_CIPHER_CTX, CtxFree>;
inline void must(int ok) {
  if (ok != 1) throw std::runtime_error("OpenSSL");
}
}  // namespace detail

/// AES-256 in counter mode, first block with counter 2: both ways.
inline Bytes ctr(const Binding& bind, std::uint64_t seq, std::span<const std::uint8_t> in) {
  Bytes iv(bind.salt.begin(), bind.salt.end());
  put_le(iv, seq, 8);
  iv.insert(iv.end(), {0, 0, 0, 2});
  const detail::Ctx ctx(EVP_CIPHER_CTX_new());
  detail::must(EVP_EncryptInit_ex(ctx.get(), EVP_aes_256_ctr(), nullptr, bind.key.data(), iv.data()));
  Bytes out(in.size());
  int n = 0;
  if (!in.empty()) detail::must(EVP_EncryptUpdate(ctx.get(), out.data(), &n, in.data(), static_cast<int>(in.size())));
  return out;
}

/// The tag over header and payload as it travels: GCM's, or the CRC-32.
inline Bytes make_tag(const Binding& bind, bool gcm, std::uint64_t seq, std::span<const std::uint8_t> header,
                      std::span<const std::uint8_t> payload) {
  if (!gcm) {
    Bytes all(header.begin(), header.end());
    all.insert(all.end(), payload.begin(), payload.end());
    Bytes tag;
    put_le(tag, zlib_crc(all), 4);
    tag.resize(16);
    return tag;
  }
  // GCM seals what decrypts to the payload, and so gives the tag over the payload.
  const Bytes plain = ctr(bind, seq, payload);
  Bytes iv(bind.salt.begin(), bind.salt.end());
  put_le(iv, seq, 8);
  const detail::Ctx ctx(EVP_CIPHER_CTX_new());
  detail::must(EVP_EncryptInit_ex(ctx.get(), EVP_aes_256_gcm(), nullptr, bind.key.data(), iv.data()));
  int n = 0;
  detail::must(EVP_EncryptUpdate(ctx.get(), nullptr, &n, bind.id.data(), 16));
  detail::must(EVP_EncryptUpdate(ctx.get(), nullptr, &n, header.data(), static_cast<int>(header.size())));
  Bytes sealed(plain.size());
  if (!plain.empty()) {
    detail::must(EVP_EncryptUpdate(ctx.get(), sealed.data(), &n, plain.data(), static_cast<int>(plain.size())));
  }
  if (!std::equal(sealed.begin(), sealed.end(), payload.begin(), payload.end())) throw std::runtime_error("GCM");
  std::array<std::uint8_t, 16> unused{};
  detail::must(EVP_EncryptFinal_ex(ctx.get(), unused.data(), &n));
  Bytes tag(16);
  detail::must(EVP_CIPHER_CTX_ctrl(ctx.get(), EVP_CTRL_GCM_GET_TAG, 16, tag.data()));
  return tag;
}

/// One record, with every field open to change. What is not set is as the format wants it.
struct Record {
  RecordType type = RecordType::Page;
  std::uint64_t gpa = 0;
  std::uint32_t count = 1;
  Bytes body{};            // the plain page, metadata, or end body
  std::uint64_t fill = 0;  // fill run
  std::size_t bucket = 16;
  // wrong on purpose
  std::optional<std::uint8_t> raw_type{}, flags{}, coding{}, inner_zero{};
  std::optional<std::uint16_t> zero1{};
  std::optional<std::uint32_t> payload_len{}, wire_len{}, crc{};
  std::optional<std::uint16_t> body_len{};
  std::optional<std::uint64_t> inner_fill{}, seq{};
  std::optional<Bytes> deflate{};     // in place of the page's
  std::size_t pad_dirty = 0;          // this byte of the padding, from 1, is set
  bool more_padding = false;          // one bucket more than needed
  bool tag_bad = false;
};

class StreamWriter {
 public:
  StreamWriter(Order order, Binding bind) : order_(order), bind_(bind) {}

  [[nodiscard]] bool gcm() const { return order_ <= Order::EncryptOnly; }
  [[nodiscard]] Order order() const { return order_; }
  [[nodiscard]] const Binding& bind() const { return bind_; }
  Bytes stream;
  std::vector<std::size_t> starts;  // of the records
  std::uint64_t seq = 1, records = 0, pages = 0, payload = 0;

  /// patch: a byte to change before the tag is made, -1 for none.
  void header(int patch = -1) {
    Bytes h{'S', 'E', 'A', 'L', 'I', 'F', 'T', 0, 1, 0, 96, 0};
    h.push_back(gcm() ? 1 : 0);
    h.push_back(static_cast<std::uint8_t>(order_));
    h.push_back(12);
    h.push_back(0);
    h.insert(h.end(), bind_.id.begin(), bind_.id.end());
    h.insert(h.end(), bind_.salt.begin(), bind_.salt.end());
    h.resize(48);
    h.insert(h.end(), bind_.kdf_public.begin(), bind_.kdf_public.end());
    if (patch >= 0) h[static_cast<std::size_t>(patch)] ^= 1;
    const Bytes tag = make_tag(bind_, gcm(), 0, h, {});
    h.insert(h.end(), tag.begin(), tag.end());
    stream.insert(stream.end(), h.begin(), h.end());
  }

  void add(const Record& rec) {
    starts.push_back(stream.size());
    const bool page = rec.type == RecordType::Page;
    const bool deflates = order_ == Order::CompressEncrypt || order_ == Order::CompressOnly;
    const std::uint64_t number = seq;
    // body as it is encrypted
    Bytes body = rec.body;
    std::uint8_t coding = 0;
    if (page && deflates) {
      body = rec.deflate ? *rec.deflate : deflate_raw(rec.body);
      coding = 1;
    }
    if (rec.type == RecordType::Fill) coding = 2;
    Bytes inner;
    put_le(inner, rec.crc.value_or(zlib_crc(rec.type == RecordType::Fill ? fill_page(rec.fill) : rec.body)), 4);
    put_le(inner, rec.body_len.value_or(static_cast<std::uint16_t>(body.size())), 2);
    inner.push_back(rec.coding.value_or(coding));
    inner.push_back(rec.inner_zero.value_or(0));
    put_le(inner, rec.inner_fill.value_or(rec.fill), 8);
    Bytes pay = inner;
    pay.insert(pay.end(), body.begin(), body.end());
    std::uint32_t wire = 0;
    if (order_ == Order::EncryptCompress) {
      pay = ctr(bind_, number, pay);
      if (page) {
        const Bytes page_ct(pay.begin() + 16, pay.end());
        Bytes z = rec.deflate ? *rec.deflate : deflate_raw(page_ct);
        if (!rec.deflate && z.size() > kPage + 5) z = deflate_stored(page_ct);
        wire = static_cast<std::uint32_t>(z.size());
        pay.resize(16);
        pay.insert(pay.end(), z.begin(), z.end());
      }
    }
    const std::size_t used = pay.size();
    pay.resize((used + rec.bucket - 1) / rec.bucket * rec.bucket + (rec.more_padding ? rec.bucket : 0));
    if (rec.pad_dirty != 0) pay.at(used + rec.pad_dirty - 1) ^= 0x10;
    if (order_ == Order::CompressEncrypt || order_ == Order::EncryptOnly) pay = ctr(bind_, number, pay);

    Bytes h;
    h.push_back(rec.raw_type.value_or(static_cast<std::uint8_t>(rec.type)));
    h.push_back(rec.flags.value_or(0));
    put_le(h, rec.zero1.value_or(0), 2);
    put_le(h, rec.payload_len.value_or(static_cast<std::uint32_t>(pay.size())), 4);
    put_le(h, rec.gpa, 8);
    put_le(h, rec.seq.value_or(number), 8);
    put_le(h, rec.count, 4);
    put_le(h, rec.wire_len.value_or(wire), 4);
    Bytes tag = make_tag(bind_, gcm(), number, h, pay);
    if (rec.tag_bad) tag[0] ^= 1;
    stream.insert(stream.end(), h.begin(), h.end());
    stream.insert(stream.end(), pay.begin(), pay.end());
    stream.insert(stream.end(), tag.begin(), tag.end());
    ++seq;
    ++records;
    payload += pay.size();
    if (page || rec.type == RecordType::Fill) pages += rec.count;
  }

  Record page(std::uint64_t number, const Bytes& data, std::size_t bucket = 16) const {
    Record rec;
    rec.gpa = number * kPage;
    rec.body = data;
    rec.bucket = bucket;
    return rec;
  }
  Record run(std::uint64_t number, std::uint32_t count, std::uint64_t word) const {
    Record rec;
    rec.type = RecordType::Fill;
    rec.gpa = number * kPage;
    rec.count = count;
    rec.fill = word;
    return rec;
  }
  Record meta(std::uint64_t offset, const Bytes& data) const {
    Record rec;
    rec.type = RecordType::Meta;
    rec.gpa = offset;
    rec.count = 0;
    rec.body = data;
    return rec;
  }
  Record end() const {
    Record rec;
    rec.type = RecordType::End;
    rec.count = 0;
    put_le(rec.body, records, 8);
    put_le(rec.body, pages, 8);
    put_le(rec.body, payload, 8);
    put_le(rec.body, 0, 8);
    return rec;
  }

 private:
  Order order_;
  Binding bind_;
};

}  // namespace sealift::tb
