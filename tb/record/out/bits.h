// SPDX-License-Identifier: Apache-2.0
// Packed structs as Verilator shows them.
#pragma once
#include <verilated.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace sealift::tb {

/// Writes a packed struct field by field, the last field first.
class Packer {
 public:
  explicit Packer(unsigned words) : words_(words) {}
  Packer& add(std::uint64_t value, unsigned bits) {
    for (unsigned i = 0; i < bits; ++i, ++at_) words_[at_ / 32] |= static_cast<EData>((value >> i) & 1) << (at_ % 32);
    return *this;
  }
  template <std::size_t N>
  Packer& add(const std::array<std::uint8_t, N>& bytes) {
    for (const auto b : bytes) add(b, 8);
    return *this;
  }
  void to(WDataOutP out) const { std::copy(words_.begin(), words_.end(), out); }

 private:
  std::vector<EData> words_;
  unsigned at_ = 0;
};

inline std::uint64_t field(WDataInP words, unsigned lsb, unsigned bits) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < bits; ++i) {
    value |= static_cast<std::uint64_t>((words[(lsb + i) / 32] >> ((lsb + i) % 32)) & 1) << i;
  }
  return value;
}

}  // namespace sealift::tb
