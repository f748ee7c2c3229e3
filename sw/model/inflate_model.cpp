// SPDX-License-Identifier: Apache-2.0
#include "model/inflate_model.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <numeric>

namespace sealift::model {

namespace {

constexpr unsigned kMaxBits = 15;  // RFC 1951, section 3.2.7
constexpr unsigned kEndOfBlock = 256;

// Where the length of code length symbol i of the stream belongs (RFC 1951, section 3.2.7).
constexpr std::array<std::uint8_t, 19> kPreOrder = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};

/// Ends the decoding of a stream.
struct Refusal {
  InflateStatus status;
};

/// The bits of a packet. Beyond its end they read as 0 and may be looked at, not taken.
class Bits {
 public:
  explicit Bits(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  [[nodiscard]] std::size_t left() const { return 8 * bytes_.size() - at_; }
  [[nodiscard]] unsigned bit(std::size_t ahead) const {
    const std::size_t i = at_ + ahead;
    return i / 8 < bytes_.size() ? (bytes_[i / 8] >> (i % 8)) & 1U : 0U;
  }
  void need(std::size_t n) const {
    if (left() < n) throw Refusal{InflateStatus::kTruncated};
  }
  /// A plain field, first bit lowest.
  [[nodiscard]] unsigned look(unsigned n, std::size_t ahead = 0) const {
    unsigned value = 0;
    for (unsigned i = 0; i < n; ++i) value |= bit(ahead + i) << i;
    return value;
  }
  unsigned take(unsigned n) {
    need(n);
    const unsigned value = look(n);
    at_ += n;
    return value;
  }
  void align() { at_ = (at_ + 7) / 8 * 8; }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
};

/// A canonical code: the bound of each length and the symbols in the order of their codes.
class Code {
 public:
  Code() = default;
  explicit Code(std::span<const std::uint8_t> lengths) {
    for (const auto l : lengths) ++count_[l];
    count_[0] = 0;
    for (unsigned l = 1; l <= kMaxBits; ++l) {
      for (std::size_t s = 0; s < lengths.size(); ++s) {
        if (lengths[s] == l) symbols_.push_back(static_cast<std::uint16_t>(s));
      }
    }
  }

  [[nodiscard]] bool none() const { return symbols_.empty(); }
  [[nodiscard]] bool over_subscribed() const { return room() < 0; }
  [[nodiscard]] bool incomplete() const { return room() > 0; }
  /// Nothing longer than one bit: what may be incomplete.
  [[nodiscard]] bool at_most_one_bit() const { return std::accumulate(count_.begin() + 2, count_.end(), 0) == 0; }

  struct Hit {
    unsigned length = 0;  // 0: no such code
    unsigned symbol = 0;
  };
  [[nodiscard]] Hit find(const Bits& bits, std::size_t ahead) const {
    int code = 0;
    int first = 0;
    int rank = 0;
    for (unsigned l = 1; l <= kMaxBits; ++l) {
      code = code << 1 | static_cast<int>(bits.bit(ahead + l - 1));
      if (code - first < count_[l]) return {l, symbols_[static_cast<std::size_t>(rank + code - first)]};
      rank += count_[l];
      first = (first + count_[l]) << 1;
    }
    return {};
  }

 private:
  /// Code space left over, in codes of 15 bits.
  [[nodiscard]] int room() const {
    int left = 1 << kMaxBits;
    for (unsigned l = 1; l <= kMaxBits; ++l) left -= count_[l] << (kMaxBits - l);
    return left;
  }
  std::array<int, kMaxBits + 1> count_{};
  std::vector<std::uint16_t> symbols_;
};

unsigned length_extra(unsigned s) { return s < 8 || s == 28 ? 0 : s / 4 - 1; }
unsigned length_base(unsigned s) {
  if (s < 8) return 3 + s;
  return s == 28 ? 258 : 3 + ((4 + s % 4) << length_extra(s));
}
unsigned dist_extra(unsigned d) { return d < 2 ? 0 : d / 2 - 1; }
unsigned dist_base(unsigned d) { return d < 2 ? 1 + d : 1 + ((2 + d % 2) << dist_extra(d)); }

class Decoder {
 public:
  Decoder(std::span<const std::uint8_t> stream, std::size_t page_bytes, Inflated& out)
      : bits_(stream), page_bytes_(page_bytes), out_(out) {}

  void run() {
    bool final = false;
    while (!final) {
      bits_.need(3);
      final = bits_.take(1) != 0;
      switch (bits_.take(2)) {
        case 0:
          ++out_.stored;
          stored();
          break;
        case 1:
          ++out_.fixed;
          fixed();
          break;
        case 2:
          ++out_.dynamic;
          dynamic();
          break;
        default:
          throw Refusal{InflateStatus::kBadBlockType};
      }
    }
    if (out_.page.size() < page_bytes_) throw Refusal{InflateStatus::kTooShort};
    if (bits_.left() >= 8) throw Refusal{InflateStatus::kTrailing};
  }

 private:
  void put(std::uint8_t byte) {
    if (out_.page.size() == page_bytes_) throw Refusal{InflateStatus::kTooLong};
    out_.page.push_back(byte);
  }

  void stored() {
    bits_.align();
    bits_.need(32);
    const unsigned len = bits_.take(16);
    if (bits_.take(16) != (~len & 0xffffU)) throw Refusal{InflateStatus::kBadStoredLen};
    for (unsigned i = 0; i < len; ++i) {
      const auto byte = static_cast<std::uint8_t>(bits_.take(8));
      put(byte);
      out_.tokens.push_back({0, 0, byte});
    }
  }

  void fixed() {
    std::array<std::uint8_t, 288> len{};
    std::fill(len.begin(), len.begin() + 144, std::uint8_t{8});
    std::fill(len.begin() + 144, len.begin() + 256, std::uint8_t{9});
    std::fill(len.begin() + 256, len.begin() + 280, std::uint8_t{7});
    std::fill(len.begin() + 280, len.end(), std::uint8_t{8});
    std::array<std::uint8_t, 32> dist{};
    dist.fill(5);
    symbols(Code(len), Code(dist));
  }

  void dynamic() {
    bits_.need(14);
    const unsigned nlen = 257 + bits_.take(5);
    const unsigned ndist = 1 + bits_.take(5);
    const unsigned ncode = 4 + bits_.take(4);
    if (nlen > 286 || ndist > 30) throw Refusal{InflateStatus::kTooManySymbols};
    std::array<std::uint8_t, 19> pre_len{};
    for (unsigned i = 0; i < ncode; ++i) pre_len[kPreOrder[i]] = static_cast<std::uint8_t>(bits_.take(3));
    const Code pre(pre_len);
    if (pre.over_subscribed() || (pre.incomplete() && !pre.none())) throw Refusal{InflateStatus::kBadCodeLengths};

    std::vector<std::uint8_t> len;
    const std::size_t total = nlen + ndist;
    while (len.size() < total) {
      auto hit = pre.find(bits_, 0);
      if (pre.none()) hit = {1, 0};  // zlib reads a bit and takes length 0
      bits_.take(hit.length);
      if (hit.symbol < 16) {
        len.push_back(static_cast<std::uint8_t>(hit.symbol));
        continue;
      }
      const unsigned n = hit.symbol == 16 ? 2 : hit.symbol == 17 ? 3 : 7;
      const unsigned run = (hit.symbol == 18 ? 11 : 3) + bits_.take(n);
      if ((hit.symbol == 16 && len.empty()) || len.size() + run > total) throw Refusal{InflateStatus::kBadRepeat};
      len.insert(len.end(), run, hit.symbol == 16 ? len.back() : std::uint8_t{0});
    }
    if (len[kEndOfBlock] == 0) throw Refusal{InflateStatus::kNoEndOfBlock};
    const std::span<const std::uint8_t> lengths(len);
    const Code lit_len(lengths.first(nlen));
    const Code dist(lengths.subspan(nlen));
    const auto bad = [](const Code& code) {
      return code.over_subscribed() || (code.incomplete() && !code.at_most_one_bit());
    };
    if (bad(lit_len)) throw Refusal{InflateStatus::kBadLitLenSet};
    if (bad(dist)) throw Refusal{InflateStatus::kBadDistSet};
    symbols(lit_len, dist);
  }

  void symbols(const Code& lit_len, const Code& dist) {
    for (;;) {
      const auto hit = lit_len.find(bits_, 0);
      bits_.take(std::max(hit.length, 1U));
      if (hit.length == 0 || hit.symbol >= 286) throw Refusal{InflateStatus::kBadLitLenCode};
      if (hit.symbol == kEndOfBlock) return;
      if (hit.symbol < kEndOfBlock) {
        const auto byte = static_cast<std::uint8_t>(hit.symbol);
        put(byte);
        out_.tokens.push_back({0, 0, byte});
        continue;
      }
      const unsigned s = hit.symbol - 257;
      const unsigned length = length_base(s) + bits_.take(length_extra(s));
      const auto back = dist.find(bits_, 0);
      bits_.take(std::max(back.length, 1U));
      if (back.length == 0 || back.symbol >= 30) throw Refusal{InflateStatus::kBadDistCode};
      const unsigned distance = dist_base(back.symbol) + bits_.take(dist_extra(back.symbol));
      if (distance > out_.page.size()) throw Refusal{InflateStatus::kTooFarBack};
      if (out_.page.size() + length > page_bytes_) throw Refusal{InflateStatus::kTooLong};
      for (unsigned i = 0; i < length; ++i) put(out_.page[out_.page.size() - distance]);
      out_.tokens.push_back({static_cast<std::uint16_t>(length), static_cast<std::uint16_t>(distance), 0});
    }
  }

  Bits bits_;
  std::size_t page_bytes_;
  Inflated& out_;
};

}  // namespace

Inflated inflate_page(std::span<const std::uint8_t> stream, std::size_t page_bytes) {
  Inflated out;
  try {
    Decoder(stream, page_bytes, out).run();
  } catch (const Refusal& refusal) {
    out.status = refusal.status;
    out.page.clear();
  }
  return out;
}

}  // namespace sealift::model
