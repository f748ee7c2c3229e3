// SPDX-License-Identifier: Apache-2.0
// Where the fields of sealift_axi_pkg's packed structs lie in the words of a flattened port (bit 0 of word 0 first:
// the last field of a packed struct is the lowest), and access to them.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace sealift::axi {

/// `width` (at most 64) bits from bit `at` of a port's words.
inline std::uint64_t get_bits(const std::uint32_t* words, unsigned at, unsigned width) {
  const unsigned word = at / 32;
  const unsigned shift = at % 32;
  std::uint64_t value = words[word] >> shift;
  if (shift + width > 32) value |= static_cast<std::uint64_t>(words[word + 1]) << (32 - shift);
  if (shift + width > 64) value |= static_cast<std::uint64_t>(words[word + 2]) << (64 - shift);
  return width == 64 ? value : value & ((std::uint64_t{1} << width) - 1);
}

inline bool get_bit(const std::uint32_t* words, unsigned at) { return ((words[at / 32] >> (at % 32)) & 1U) != 0; }

inline void put_bit(std::uint32_t* words, unsigned at, bool value) {
  const std::uint32_t mask = std::uint32_t{1} << (at % 32);
  words[at / 32] = value ? (words[at / 32] | mask) : (words[at / 32] & ~mask);
}

inline void put_bits(std::uint32_t* words, unsigned at, unsigned width, std::uint64_t value) {
  while (width > 0) {
    const unsigned shift = at % 32;
    const unsigned n = width < 32 - shift ? width : 32 - shift;
    const std::uint32_t mask = (n == 32 ? ~std::uint32_t{0} : (std::uint32_t{1} << n) - 1) << shift;
    words[at / 32] = (words[at / 32] & ~mask) | ((static_cast<std::uint32_t>(value) << shift) & mask);
    value = n == 64 ? 0 : value >> n;
    at += n;
    width -= n;
  }
}

/// `words32` 32-bit words of data from or to any bit position.
inline void get_words(const std::uint32_t* words, unsigned at, std::uint8_t* out, unsigned words32) {
  const unsigned shift = at % 32;
  words += at / 32;
  for (unsigned i = 0; i < words32; ++i) {
    const std::uint32_t value = shift == 0 ? words[i] : (words[i] >> shift) | (words[i + 1] << (32 - shift));
    std::memcpy(out + 4 * i, &value, 4);
  }
}

inline void put_words(std::uint32_t* words, unsigned at, const std::uint8_t* in, unsigned words32) {
  const unsigned shift = at % 32;
  words += at / 32;
  if (shift == 0) {
    std::memcpy(words, in, std::size_t{4} * words32);
    return;
  }
  const std::uint32_t low = (std::uint32_t{1} << shift) - 1;
  std::uint32_t carry = words[0] & low;
  for (unsigned i = 0; i < words32; ++i) {
    std::uint32_t value = 0;
    std::memcpy(&value, in + 4 * i, 4);
    words[i] = carry | (value << shift);
    carry = value >> (32 - shift);
  }
  words[words32] = (words[words32] & ~low) | carry;
}

/// Fields of one AR or AW.
struct Ax {
  std::uint64_t addr = 0;
  std::uint32_t id = 0;
  std::uint32_t len = 0;
  std::uint32_t size = 0;
  std::uint32_t burst = 0;
  std::uint32_t rest = 0;  // lock, cache, prot, qos
  bool operator==(const Ax&) const = default;
};

/// axi_req_t and axi_rsp_t for one width of the data bus.
struct Layout {
  explicit constexpr Layout(unsigned data_bits)
      : data(data_bits),
        ar(2),
        b_ready(ar + kAx),
        w_valid(b_ready + 1),
        w_last(w_valid + 1),
        w_strb(w_last + 1),
        w_data(w_strb + data / 8),
        aw_valid(w_data + data),
        aw(aw_valid + 1),
        req_bits(aw + kAx),
        r_id(r_data + data),
        ar_ready(r_id + kId),
        b_valid(ar_ready + 1),
        b_resp(b_valid + 1),
        b_id(b_resp + 2),
        w_ready(b_id + kId),
        aw_ready(w_ready + 1),
        rsp_bits(aw_ready + 1) {}

  static constexpr unsigned kId = 4;
  static constexpr unsigned kAx = 93;
  unsigned data;
  // request
  static constexpr unsigned r_ready = 0;
  static constexpr unsigned ar_valid = 1;
  unsigned ar, b_ready, w_valid, w_last, w_strb, w_data, aw_valid, aw, req_bits;
  // response
  static constexpr unsigned r_valid = 0;
  static constexpr unsigned r_last = 1;
  static constexpr unsigned r_resp = 2;
  static constexpr unsigned r_data = 4;
  unsigned r_id, ar_ready, b_valid, b_resp, b_id, w_ready, aw_ready, rsp_bits;

  [[nodiscard]] constexpr unsigned bytes() const { return data / 8; }
  [[nodiscard]] constexpr unsigned req_words() const { return (req_bits + 31) / 32; }
  [[nodiscard]] constexpr unsigned rsp_words() const { return (rsp_bits + 31) / 32; }

  /// The width of the bus whose request port has so many words; 0: none has.
  [[nodiscard]] static constexpr unsigned data_bits_of(std::size_t request_words) {
    for (unsigned data = 64; data <= 512; data *= 2) {
      if (Layout(data).req_words() == request_words) return data;
    }
    return 0;
  }

  [[nodiscard]] static Ax get_ax(const std::uint32_t* req, unsigned at) {
    Ax ax;
    ax.rest = static_cast<std::uint32_t>(get_bits(req, at, 12));
    ax.burst = static_cast<std::uint32_t>(get_bits(req, at + 12, 2));
    ax.size = static_cast<std::uint32_t>(get_bits(req, at + 14, 3));
    ax.len = static_cast<std::uint32_t>(get_bits(req, at + 17, 8));
    ax.addr = get_bits(req, at + 25, 64);
    ax.id = static_cast<std::uint32_t>(get_bits(req, at + 89, 4));
    return ax;
  }
};

inline constexpr std::uint32_t kOkay = 0;
inline constexpr std::uint32_t kExOkay = 1;
inline constexpr std::uint32_t kSlvErr = 2;
inline constexpr std::uint32_t kDecErr = 3;

/// The ports of a verilated top: one word, or an array of them.
inline const std::uint32_t* port_words(const std::uint32_t& port) { return &port; }
inline std::uint32_t* port_words(std::uint32_t& port) { return &port; }
template <class Wide>
auto port_words(Wide& wide) -> decltype(&wide[0]) {
  return &wide[0];
}

}  // namespace sealift::axi
