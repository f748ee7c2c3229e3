// SPDX-License-Identifier: Apache-2.0
// A 64-bit address space that holds only the pages that were written.
#pragma once
#include <array>
#include <memory>
#include <unordered_map>

#include "common/types.h"

namespace sealift::device {

class SparseMemory {
 public:
  void write(std::uint64_t address, ConstSpan bytes);
  void read(std::uint64_t address, Span bytes) const;
  /// Drops the pages that lie inside.
  void release(std::uint64_t address, std::uint64_t bytes);
  /// Pages held: how much memory this takes.
  [[nodiscard]] std::size_t pages() const { return pages_.size(); }

 private:
  using Page = std::array<std::uint8_t, kPageBytes>;
  std::unordered_map<std::uint64_t, std::unique_ptr<Page>> pages_;
};

}  // namespace sealift::device
