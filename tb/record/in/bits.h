// SPDX-License-Identifier: Apache-2.0
// Packed structs as Verilator shows them: fields from the lowest bit up.
#pragma once
#include <verilated.h>

#include <cstdint>
#include <span>

namespace sealift::tb {

class BitWriter {
 public:
  explicit BitWriter(std::span<EData> words) : words_(words) {
    for (EData& w : words_) w = 0;
  }
  BitWriter& put(std::uint64_t value, unsigned bits) {
    for (unsigned i = 0; i < bits; ++i, ++at_) {
      if ((value >> i) & 1) words_[at_ / 32] |= EData{1} << (at_ % 32);
    }
    return *this;
  }
  BitWriter& bytes(std::span<const std::uint8_t> data) {
    for (const std::uint8_t b : data) put(b, 8);
    return *this;
  }

 private:
  std::span<EData> words_;
  std::size_t at_ = 0;
};

class BitReader {
 public:
  explicit BitReader(WDataInP words) : words_(words) {}
  std::uint64_t get(unsigned bits) {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < bits; ++i, ++at_) value |= static_cast<std::uint64_t>((words_[at_ / 32] >> (at_ % 32)) & 1) << i;
    return value;
  }

 private:
  WDataInP words_;
  std::size_t at_ = 0;
};

}  // namespace sealift::tb
