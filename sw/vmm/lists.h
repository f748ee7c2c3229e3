// SPDX-License-Identifier: Apache-2.0
// The lists in memory by which a VMM says what moves and where it lands, byte for byte (docs/programmers-guide.md,
// section 7).
#pragma once
#include "common/types.h"

namespace sealift::vmm {

/// Pages that follow one another in memory and in the guest.
struct Range {
  std::uint64_t address = 0;     ///< of the first byte, a multiple of 4,096
  std::uint64_t guest_page = 0;  ///< number of the first page
  std::uint64_t pages = 0;
};

struct Page {
  std::uint64_t guest_page = 0;  ///< number
  std::uint64_t address = 0;     ///< a multiple of 4,096
};

Bytes page_list(std::span<const Page> pages);
Bytes range_list(std::span<const Range> ranges);
/// `addresses`: of the guest pages by number, 0 for none.
Bytes page_table(std::span<const std::uint64_t> addresses);

/// One bit a page, as KVM_GET_DIRTY_LOG gives it, filled up to the 16 bytes that the hardware reads at a time.
class DirtyBitmap {
 public:
  explicit DirtyBitmap(std::uint64_t pages);
  void set(std::uint64_t page);
  void set_all();
  void clear();
  [[nodiscard]] bool test(std::uint64_t page) const;
  [[nodiscard]] std::uint64_t count() const;
  [[nodiscard]] std::uint64_t pages() const { return pages_; }
  [[nodiscard]] const Bytes& bytes() const { return bytes_; }

 private:
  std::uint64_t pages_;
  Bytes bytes_;
};

}  // namespace sealift::vmm
