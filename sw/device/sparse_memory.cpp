// SPDX-License-Identifier: Apache-2.0
#include "device/sparse_memory.h"

#include <algorithm>
#include <cstddef>

namespace sealift::device {

void SparseMemory::write(std::uint64_t address, ConstSpan bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    const std::uint64_t to = address + at;
    const std::size_t offset = to % kPageBytes;
    const std::size_t n = std::min(kPageBytes - offset, bytes.size() - at);
    auto& page = pages_[to / kPageBytes];
    if (!page) page = std::make_unique<Page>();
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), n,
                page->begin() + static_cast<std::ptrdiff_t>(offset));
    at += n;
  }
}

void SparseMemory::read(std::uint64_t address, Span bytes) const {
  for (std::size_t at = 0; at < bytes.size();) {
    const std::uint64_t from = address + at;
    const std::size_t offset = from % kPageBytes;
    const std::size_t n = std::min(kPageBytes - offset, bytes.size() - at);
    const auto out = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    if (const auto it = pages_.find(from / kPageBytes); it != pages_.end()) {
      std::copy_n(it->second->begin() + static_cast<std::ptrdiff_t>(offset), n, out);
    } else {
      std::fill_n(out, n, std::uint8_t{0});
    }
    at += n;
  }
}

void SparseMemory::release(std::uint64_t address, std::uint64_t bytes) {
  const std::uint64_t first = address / kPageBytes;
  const std::uint64_t count = bytes / kPageBytes;
  if (count > pages_.size()) {
    std::erase_if(pages_, [&](const auto& entry) { return entry.first >= first && entry.first - first < count; });
  } else {
    for (std::uint64_t i = 0; i < count; ++i) pages_.erase(first + i);
  }
}

}  // namespace sealift::device
