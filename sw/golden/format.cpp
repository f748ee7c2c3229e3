// SPDX-License-Identifier: Apache-2.0
#include "golden/format.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace sealift::golden {
namespace {
constexpr std::array<std::uint8_t, 8> kImageMagic{0x53, 0x4C, 0x49, 0x4D, 0x41, 0x47, 0x45, 0x00};
}

std::array<std::uint8_t, 80> StreamHeader::bytes() const {
  std::array<std::uint8_t, 80> out{};
  std::copy(kStreamMagic.begin(), kStreamMagic.end(), out.begin());
  put_le<std::uint16_t>(out, 8, kStreamVersion);
  put_le<std::uint16_t>(out, 10, kStreamHeaderBytes);
  out[12] = static_cast<std::uint8_t>(algorithm);
  out[13] = static_cast<std::uint8_t>(order);
  out[14] = 12;
  std::copy(stream_id.begin(), stream_id.end(), out.begin() + 16);
  std::copy(salt.begin(), salt.end(), out.begin() + 32);
  std::copy(key_exchange.begin(), key_exchange.end(), out.begin() + 48);
  return out;
}

Status StreamHeader::parse(ConstSpan in, StreamHeader& header) {
  if (!std::equal(kStreamMagic.begin(), kStreamMagic.end(), in.begin())) return Status::BadMagic;
  if (get_le<std::uint16_t>(in, 8) != kStreamVersion) return Status::BadVersion;
  if (get_le<std::uint16_t>(in, 10) != kStreamHeaderBytes || in[12] > static_cast<std::uint8_t>(Algorithm::Sm4Ctr) ||
      in[13] > static_cast<std::uint8_t>(Order::Copy) || in[14] != 12 || in[15] != 0) {
    return Status::BadHeader;
  }
  if (std::any_of(in.begin() + 36, in.begin() + 48, [](std::uint8_t b) { return b != 0; })) return Status::BadHeader;
  header.algorithm = static_cast<Algorithm>(in[12]);
  header.order = static_cast<Order>(in[13]);
  std::copy_n(in.begin() + 16, 16, header.stream_id.begin());
  std::copy_n(in.begin() + 32, 4, header.salt.begin());
  std::copy_n(in.begin() + 48, 32, header.key_exchange.begin());
  return match(header.order, header.algorithm) ? Status::Ok : Status::BadHeader;
}

std::array<std::uint8_t, kRecordHeaderBytes> RecordHeader::bytes() const {
  std::array<std::uint8_t, kRecordHeaderBytes> out{};
  out[0] = type;
  out[1] = flags;
  put_le(out, 2, reserved);
  put_le(out, 4, payload_length);
  put_le(out, 8, address);
  put_le(out, 16, sequence);
  put_le(out, 24, count);
  put_le(out, 28, wire_length);
  return out;
}

RecordHeader RecordHeader::parse(ConstSpan in) {
  return {in[0],
          in[1],
          get_le<std::uint16_t>(in, 2),
          get_le<std::uint32_t>(in, 4),
          get_le<std::uint64_t>(in, 8),
          get_le<std::uint64_t>(in, 16),
          get_le<std::uint32_t>(in, 24),
          get_le<std::uint32_t>(in, 28)};
}

Status RecordHeader::check(Order order) const {
  if (payload_length < kBlockBytes || payload_length > kMaxPayloadBytes || payload_length % kBlockBytes != 0) {
    return Status::BadRecord;
  }
  if (flags != 0 || reserved != 0) return Status::BadRecord;
  const bool wired = order == Order::EncryptThenCompress && type == static_cast<std::uint8_t>(RecordType::Page);
  if (wired) {
    if (wire_length == 0 || wire_length > kMaxDeflateBytes || kInnerBytes + wire_length > payload_length) {
      return Status::BadRecord;
    }
  } else if (wire_length != 0) {
    return Status::BadRecord;
  }
  bool good = false;
  switch (static_cast<RecordType>(type)) {
    case RecordType::Page:
      good = address % kPageBytes == 0 && count == 1;
      break;
    case RecordType::Fill:
      // The run must not wrap around the end of the address space.
      good = address % kPageBytes == 0 && count >= 1 &&
             count - 1 <= (std::numeric_limits<std::uint64_t>::max() - address) / kPageBytes;
      break;
    case RecordType::Metadata:
      good = address % kBlockBytes == 0 && count == 0;
      break;
    case RecordType::End:
      good = address == 0 && count == 0;
      break;
  }
  return good ? Status::Ok : Status::BadRecord;
}

std::array<std::uint8_t, kInnerBytes> Inner::bytes() const {
  std::array<std::uint8_t, kInnerBytes> out{};
  put_le(out, 0, crc);
  put_le(out, 4, body_length);
  out[6] = coding;
  out[7] = reserved;
  put_le(out, 8, fill);
  return out;
}

Inner Inner::parse(ConstSpan in) {
  return {get_le<std::uint32_t>(in, 0), get_le<std::uint16_t>(in, 4), in[6], in[7], get_le<std::uint64_t>(in, 8)};
}

Status Inner::check(const RecordHeader& header, Order order) const {
  const auto type = static_cast<RecordType>(header.type);
  if (reserved != 0 || (type != RecordType::Fill && fill != 0)) return Status::BadInner;
  const auto code = static_cast<Coding>(coding);
  std::size_t travels = body_length;
  bool good = false;
  switch (type) {
    case RecordType::Page:
      if (order == Order::CompressThenEncrypt || order == Order::CompressOnly) {
        good = code == Coding::Deflate && body_length >= 1 && body_length <= kMaxDeflateBytes;
      } else {
        good = code == Coding::Raw && body_length == kPageBytes;
        if (order == Order::EncryptThenCompress) travels = header.wire_length;
      }
      break;
    case RecordType::Fill:
      good = code == Coding::None && body_length == 0;
      break;
    case RecordType::Metadata:
      good = code == Coding::Raw && body_length >= kBlockBytes && body_length <= kMaxMetadataBytes &&
             body_length % kBlockBytes == 0;
      break;
    case RecordType::End:
      good = code == Coding::Raw && body_length == kEndBodyBytes;
      break;
  }
  return good && kInnerBytes + travels <= header.payload_length ? Status::Ok : Status::BadInner;
}

std::array<std::uint8_t, 32> ImageInfo::bytes() const {
  std::array<std::uint8_t, 32> out{};
  std::copy(kImageMagic.begin(), kImageMagic.end(), out.begin());
  put_le(out, 8, image_bytes);
  put_le(out, 16, pages);
  return out;
}

std::optional<ImageInfo> ImageInfo::parse(ConstSpan in) {
  if (in.size() != 32 || !std::equal(kImageMagic.begin(), kImageMagic.end(), in.begin())) return std::nullopt;
  const ImageInfo info{get_le<std::uint64_t>(in, 8), get_le<std::uint64_t>(in, 16)};
  const std::uint64_t needed = info.image_bytes / kPageBytes + (info.image_bytes % kPageBytes != 0 ? 1 : 0);
  if (needed != info.pages || get_le<std::uint64_t>(in, 24) != 0) return std::nullopt;
  return info;
}

Iv make_iv(const std::array<std::uint8_t, 4>& salt, std::uint64_t sequence) {
  Iv iv{};
  std::copy(salt.begin(), salt.end(), iv.begin());
  put_le(iv, 4, sequence);
  return iv;
}

std::optional<std::uint64_t> fill_word(ConstSpan page) {
  // A page that repeats its first word equals itself shifted by a word.
  if (std::memcmp(page.data(), page.data() + 8, page.size() - 8) != 0) return std::nullopt;
  return get_le<std::uint64_t>(page, 0);
}

std::array<std::uint8_t, kPageBytes> fill_page(std::uint64_t word) {
  std::array<std::uint8_t, kPageBytes> page{};
  for (std::size_t at = 0; at < kPageBytes; at += 8) put_le(page, at, word);
  return page;
}

}  // namespace sealift::golden
