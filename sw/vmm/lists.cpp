// SPDX-License-Identifier: Apache-2.0
#include "vmm/lists.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <stdexcept>

namespace sealift::vmm {
namespace {

constexpr std::size_t kReadBytes = 16;  // the hardware reads lists by beats
constexpr std::uint64_t kReadPages = 8 * kReadBytes;

void append(Bytes& bytes, std::uint64_t value) {
  bytes.resize(bytes.size() + 8);
  put_le<std::uint64_t>(bytes, bytes.size() - 8, value);
}

}  // namespace

Bytes page_list(std::span<const Page> pages) {
  Bytes bytes;
  bytes.reserve(16 * pages.size());
  for (const Page& page : pages) {
    append(bytes, page.guest_page);
    append(bytes, page.address);
  }
  return bytes;
}

Bytes range_list(std::span<const Range> ranges) {
  Bytes bytes;
  bytes.reserve(32 * ranges.size());
  for (const Range& range : ranges) {
    append(bytes, range.address);
    append(bytes, range.guest_page);
    append(bytes, range.pages);
    append(bytes, 0);
  }
  return bytes;
}

Bytes page_table(std::span<const std::uint64_t> addresses) {
  Bytes bytes;
  bytes.reserve(8 * addresses.size() + 8);
  for (const std::uint64_t address : addresses) append(bytes, address);
  bytes.resize((bytes.size() + kReadBytes - 1) / kReadBytes * kReadBytes);
  return bytes;
}

DirtyBitmap::DirtyBitmap(std::uint64_t pages)
    : pages_(pages), bytes_((pages + kReadPages - 1) / kReadPages * kReadBytes) {}

void DirtyBitmap::set(std::uint64_t page) {
  if (page >= pages_) throw std::out_of_range("a page beyond the dirty bitmap");
  bytes_[page / 8] = static_cast<std::uint8_t>(bytes_[page / 8] | (1U << (page % 8)));
}

void DirtyBitmap::set_all() {
  for (std::uint64_t page = 0; page < pages_; ++page) set(page);
}

void DirtyBitmap::clear() { std::fill(bytes_.begin(), bytes_.end(), std::uint8_t{0}); }

bool DirtyBitmap::test(std::uint64_t page) const {
  return page < pages_ && ((bytes_[page / 8] >> (page % 8)) & 1U) != 0;
}

std::uint64_t DirtyBitmap::count() const {
  return std::accumulate(bytes_.begin(), bytes_.end(), std::uint64_t{0}, [](std::uint64_t sum, std::uint8_t byte) {
    return sum + static_cast<std::uint64_t>(std::popcount(byte));
  });
}

}  // namespace sealift::vmm
