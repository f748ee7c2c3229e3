// SPDX-License-Identifier: Apache-2.0
#include "device/axi_memory.h"

#include <algorithm>
#include <bit>
#include <stdexcept>
#include <string>

namespace sealift::axi {

void AxiMemory::Ring::push(const Burst& burst) {
  if (count_ == slots_.size()) {
    std::vector<Burst> grown(slots_.size() * 2);
    for (std::size_t i = 0; i < count_; ++i) grown[i] = at(i);
    slots_ = std::move(grown);
    head_ = 0;
  }
  slots_[(head_ + count_) & (slots_.size() - 1)] = burst;
  ++count_;
}

AxiMemory::AxiMemory(unsigned data_bits, MemoryTiming timing)
    : layout_(data_bits), timing_(timing), random_(timing.seed * 2 + 1) {
  if (data_bits < 32 || data_bits > 1024 || !std::has_single_bit(data_bits)) {
    throw std::invalid_argument("no such bus width: " + std::to_string(data_bits));
  }
}

std::uint32_t AxiMemory::next_random() {
  random_ ^= random_ << 13;
  random_ ^= random_ >> 7;
  random_ ^= random_ << 17;
  return static_cast<std::uint32_t>(random_ >> 24);
}

void AxiMemory::map(std::uint64_t base, std::span<std::uint8_t> bytes) {
  if (!bytes.empty()) regions_.push_back({base, bytes});
}

void AxiMemory::unmap_all() { regions_.clear(); }

void AxiMemory::release(std::uint64_t addr, std::uint64_t bytes) {
  const std::uint64_t count = bytes / kPage;
  if (count > pages_.size()) {
    std::erase_if(pages_, [&](const auto& page) { return page.first >= addr && page.first - addr < bytes; });
    return;
  }
  for (std::uint64_t i = 0; i < count; ++i) pages_.erase((addr & ~std::uint64_t{kPage - 1}) + i * kPage);
}

void AxiMemory::set_timing(const MemoryTiming& timing) {
  timing_ = timing;
  random_ = timing.seed * 2 + 1;
}

// The storage of the whole page around addr, or null when no page or only part of one is there.
std::uint8_t* AxiMemory::page_of(std::uint64_t addr, bool create) {
  const std::uint64_t base = addr & ~std::uint64_t{kPage - 1};
  for (const Region& region : regions_) {
    const std::uint64_t offset = base - region.base;
    if (base >= region.base && region.bytes.size() >= kPage && offset <= region.bytes.size() - kPage) {
      return region.bytes.data() + offset;
    }
    const std::uint64_t end = region.base + (region.bytes.size() - 1);
    if (region.base <= base + (kPage - 1) && end >= base) return nullptr;
  }
  const auto found = pages_.find(base);
  if (found != pages_.end()) return found->second->data();
  if (!create) return nullptr;
  auto page = std::make_unique<Page>();
  page->fill(0);
  return pages_.emplace(base, std::move(page)).first->second->data();
}

std::uint8_t* AxiMemory::byte_at(std::uint64_t addr, bool create) {
  for (const Region& region : regions_) {
    if (addr >= region.base && addr - region.base < region.bytes.size()) {
      return region.bytes.data() + (addr - region.base);
    }
  }
  const std::uint64_t base = addr & ~std::uint64_t{kPage - 1};
  auto found = pages_.find(base);
  if (found == pages_.end()) {
    if (!create) return nullptr;
    found = pages_.emplace(base, std::make_unique<Page>()).first;
    found->second->fill(0);
  }
  return found->second->data() + (addr - base);
}

void AxiMemory::write(std::uint64_t addr, std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const std::size_t offset = addr & (kPage - 1);
    const std::size_t n = std::min(bytes.size(), kPage - offset);
    if (std::uint8_t* page = page_of(addr, true); page != nullptr) {
      std::memcpy(page + offset, bytes.data(), n);
    } else {
      for (std::size_t i = 0; i < n; ++i) *byte_at(addr + i, true) = bytes[i];
    }
    addr += n;
    bytes = bytes.subspan(n);
  }
}

void AxiMemory::read(std::uint64_t addr, std::span<std::uint8_t> bytes) const {
  auto& self = const_cast<AxiMemory&>(*this);  // look-ups without `create` change nothing
  while (!bytes.empty()) {
    const std::size_t offset = addr & (kPage - 1);
    const std::size_t n = std::min(bytes.size(), kPage - offset);
    if (const std::uint8_t* page = self.page_of(addr, false); page != nullptr) {
      std::memcpy(bytes.data(), page + offset, n);
    } else {
      for (std::size_t i = 0; i < n; ++i) {
        const std::uint8_t* byte = self.byte_at(addr + i, false);
        bytes[i] = byte == nullptr ? std::uint8_t{0} : *byte;
      }
    }
    addr += n;
    bytes = bytes.subspan(n);
  }
}

std::vector<std::uint8_t> AxiMemory::read(std::uint64_t addr, std::size_t n) const {
  std::vector<std::uint8_t> bytes(n);
  read(addr, bytes);
  return bytes;
}

AxiMemory::Burst AxiMemory::begin(const Ax& ax, bool write) {
  Burst burst;
  burst.ax = ax;
  burst.page = page_of(ax.addr, write);
  const std::uint64_t size = std::uint64_t{1} << ax.size;
  const std::uint64_t last = (ax.addr & ~(size - 1)) + (ax.len + 1) * size - 1;
  for (const Trap& trap : traps_) {
    if (!(write ? trap.writes : trap.reads) || trap.last < ax.addr || trap.first > last) continue;
    burst.trapped = true;
    if (trap.hang) burst.hang = true;
    if (!trap.hang && burst.resp == kOkay) burst.resp = trap.resp;
  }
  // Behind a transaction that is never answered, none with its ID is.
  std::uint32_t& stuck = write ? stuck_writes_ : stuck_reads_;
  if (burst.hang) stuck |= 1U << ax.id;
  burst.hang = ((stuck >> ax.id) & 1U) != 0;
  return burst;
}

// One read beat into the response's words.
void AxiMemory::fetch(const Burst& burst, std::uint32_t* rsp) {
  const unsigned bytes = layout_.bytes();
  const std::uint64_t size = std::uint64_t{1} << burst.ax.size;
  const std::uint64_t start = (burst.ax.addr & ~(size - 1)) + burst.beat * size;
  const std::uint64_t word = start & ~std::uint64_t{bytes - 1};
  std::uint32_t resp = kOkay;
  if (burst.trapped) {
    for (const Trap& trap : traps_) {
      if (trap.reads && !trap.hang && trap.first < start + size && trap.last >= start && resp == kOkay) {
        resp = trap.resp;
      }
    }
  }
  if (burst.page != nullptr && resp == kOkay) {
    put_words(rsp, Layout::r_data, burst.page + (word & (kPage - 1)), bytes / 4);
  } else {
    std::array<std::uint8_t, 128> data{};
    if (resp == kOkay) read(word, std::span(data).first(bytes));
    put_words(rsp, Layout::r_data, data.data(), bytes / 4);
  }
  put_bits(rsp, Layout::r_resp, 2, resp);
  put_bit(rsp, Layout::r_last, burst.beat == burst.ax.len);
  put_bits(rsp, layout_.r_id, Layout::kId, burst.ax.id);
}

// One write beat from the request's words.
void AxiMemory::store(Burst& burst, const std::uint32_t* req) {
  const unsigned bytes = layout_.bytes();
  const std::uint64_t size = std::uint64_t{1} << burst.ax.size;
  const std::uint64_t start = (burst.ax.addr & ~(size - 1)) + burst.beat * size;
  const std::uint64_t word = start & ~std::uint64_t{bytes - 1};
  const std::uint64_t strobes = get_bits(req, layout_.w_strb, std::min(bytes, 64U));
  counts_.written_bytes += static_cast<unsigned>(std::popcount(strobes));
  if (burst.resp != kOkay || burst.hang) return;
  const std::uint64_t all = bytes >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bytes) - 1;
  if (burst.page != nullptr && strobes == all) {
    get_words(req, layout_.w_data, burst.page + (word & (kPage - 1)), bytes / 4);
    return;
  }
  std::array<std::uint8_t, 128> data;
  get_words(req, layout_.w_data, data.data(), bytes / 4);
  for (unsigned i = 0; i < bytes; ++i) {
    if ((strobes >> i) & 1) {
      std::uint8_t* byte = burst.page != nullptr ? burst.page + ((word + i) & (kPage - 1)) : byte_at(word + i, true);
      *byte = data[i];
    }
  }
}

void AxiMemory::drive(std::uint32_t* rsp) {
  ar_ready_ = reads_.size() < timing_.max_reads && !stall(timing_.ar_stall);
  aw_ready_ = writes_.size() + answers_.size() < timing_.max_writes && !stall(timing_.aw_stall);
  w_ready_ = (!writes_.empty() || early_count_ < kEarly) && !stall(timing_.w_stall);
  if (!r_valid_ && !reads_.empty() && reads_.front().due <= cycle_ && !stall(timing_.r_stall)) {
    fetch(reads_.front(), rsp);
    r_valid_ = true;
  }
  if (!b_valid_ && !answers_.empty() && answers_.front().due <= cycle_ && !stall(timing_.b_stall)) {
    put_bits(rsp, layout_.b_resp, 2, answers_.front().resp);
    put_bits(rsp, layout_.b_id, Layout::kId, answers_.front().ax.id);
    b_valid_ = true;
  }
  // Most cycles are like the one before: the words are touched only where something changes.
  const unsigned shown = (ar_ready_ ? 1U : 0U) | (aw_ready_ ? 2U : 0U) | (w_ready_ ? 4U : 0U) | (r_valid_ ? 8U : 0U) |
                         (b_valid_ ? 16U : 0U);
  if (shown == shown_ && rsp == port_) return;
  shown_ = shown;
  port_ = rsp;
  put_bit(rsp, layout_.ar_ready, ar_ready_);
  put_bit(rsp, layout_.aw_ready, aw_ready_);
  put_bit(rsp, layout_.w_ready, w_ready_);
  put_bit(rsp, Layout::r_valid, r_valid_);
  put_bit(rsp, layout_.b_valid, b_valid_);
}

void AxiMemory::sample(const std::uint32_t* req) {
  ++cycle_;
  if (r_valid_ && get_bit(req, Layout::r_ready)) {
    r_valid_ = false;
    ++counts_.read_beats;
    Burst& burst = reads_.front();
    if (burst.beat == burst.ax.len)
      reads_.pop();
    else
      ++burst.beat;
  }
  if (ar_ready_ && get_bit(req, Layout::ar_valid)) {
    Burst burst = begin(Layout::get_ax(req, layout_.ar), false);
    burst.due = cycle_ + timing_.read_latency - 1;
    ++counts_.read_bursts;
    if (burst.hang)
      hung_reads_.push_back(burst);
    else
      reads_.push(burst);
  }
  if (b_valid_ && get_bit(req, layout_.b_ready)) {
    b_valid_ = false;
    answers_.pop();
  }
  if (aw_ready_ && get_bit(req, layout_.aw_valid)) {
    writes_.push(begin(Layout::get_ax(req, layout_.aw), true));
    ++counts_.write_bursts;
  }
  // Data may come before its address is taken (A3.3): some of it waits for that here.
  while (early_count_ != 0 && !writes_.empty()) {
    const std::vector<std::uint32_t> words(early_.begin(), early_.begin() + layout_.req_words());
    early_.erase(early_.begin(), early_.begin() + layout_.req_words());
    --early_count_;
    take_data(words.data());
  }
  if (w_ready_ && get_bit(req, layout_.w_valid)) {
    ++counts_.write_beats;
    if (writes_.empty()) {
      early_.insert(early_.end(), req, req + layout_.req_words());
      ++early_count_;
    } else {
      take_data(req);
    }
  }
}

void AxiMemory::take_data(const std::uint32_t* req) {
  Burst& burst = writes_.front();
  store(burst, req);
  if (burst.beat++ != burst.ax.len) return;
  burst.due = cycle_ + timing_.write_latency - 1;
  if (burst.hang)
    hung_writes_.push_back(burst);
  else
    answers_.push(burst);
  writes_.pop();
}

void AxiMemory::reset() {
  reads_.clear();
  writes_.clear();
  answers_.clear();
  hung_reads_.clear();
  hung_writes_.clear();
  stuck_reads_ = stuck_writes_ = 0;
  early_.clear();
  early_count_ = 0;
  r_valid_ = b_valid_ = ar_ready_ = aw_ready_ = w_ready_ = false;
  counts_ = {};
  port_ = nullptr;
}

void AxiMemory::release_hung() {
  for (Burst& burst : hung_reads_) {
    burst.hang = false;
    burst.due = cycle_;
    reads_.push(burst);
  }
  for (Burst& burst : hung_writes_) {
    burst.hang = false;
    burst.due = cycle_;
    answers_.push(burst);
  }
  hung_reads_.clear();
  hung_writes_.clear();
  stuck_reads_ = stuck_writes_ = 0;
}

}  // namespace sealift::axi
