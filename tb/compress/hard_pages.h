// SPDX-License-Identifier: Apache-2.0
// Pages that are hard on a compressor, by name.
#pragma once
#include <array>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "lane_bench.h"

namespace sealift::tb {

using NamedPage = std::pair<std::string, Bytes>;

inline Bytes random_page(std::mt19937_64& rng) {
  Bytes page(kPage);
  for (auto& b : page) b = static_cast<std::uint8_t>(rng());
  return page;
}

/// Text of words with a skewed choice.
inline Bytes text_page(std::mt19937_64& rng) {
  static const std::vector<std::string> words{"the", "page", "of",    "memory", "is",   "sealed", "and",   "sent",
                                              "to",  "a",    "host",  "which",  "then", "opens",  "every", "record",
                                              "in",  "turn", "until", "end",    "has",  "come"};
  Bytes page;
  while (page.size() < kPage) {
    const auto a = rng() % words.size();
    const auto b = rng() % words.size();
    for (char c : words[std::min(a, b)]) page.push_back(static_cast<std::uint8_t>(c));
    page.push_back(rng() % 12 == 0 ? '\n' : ' ');
  }
  page.resize(kPage);
  return page;
}

/// An x86-64 page table: entries that differ in the frame and in few flags.
inline Bytes table_page(std::mt19937_64& rng) {
  Bytes page(kPage);
  std::uint64_t frame = rng() % (1U << 20);
  for (std::size_t i = 0; i < kPage; i += 8) {
    frame = rng() % 8 == 0 ? rng() % (1U << 20) : frame + 1;
    const std::uint64_t entry = rng() % 10 == 0 ? 0 : (frame << 12) | (rng() % 4 == 0 ? 0x067 : 0x025) | (1ULL << 63);
    for (std::size_t b = 0; b < 8; ++b) page[i + b] = static_cast<std::uint8_t>(entry >> (8 * b));
  }
  return page;
}

/// Bytes whose counts are Fibonacci numbers, shuffled: an unlimited code would be longer than 15 bits.
inline Bytes fibonacci_page(std::mt19937_64& rng) {
  Bytes page;
  std::array<unsigned, 17> fib{};
  unsigned a = 1;
  unsigned b = 1;
  for (auto& f : fib) {
    f = a;
    b = std::exchange(a, b) + b;
  }
  std::uint8_t value = 7;
  for (unsigned f : fib) {
    for (unsigned i = 0; i < f && page.size() < kPage; ++i) page.push_back(value);
    value = static_cast<std::uint8_t>(value + 13);
  }
  while (page.size() < kPage) page.push_back(value);
  std::shuffle(page.begin(), page.end(), rng);
  return page;
}

/// The pages of the compressor's issue, by name; `every` distance, length and period when full.
inline std::vector<NamedPage> hard_pages(std::mt19937_64& rng, bool full) {
  std::vector<NamedPage> pages;
  for (unsigned v : {0U, 1U, 143U, 144U, 255U}) {
    pages.emplace_back("all bytes " + std::to_string(v), Bytes(kPage, static_cast<std::uint8_t>(v)));
  }
  for (std::size_t period = 2; period <= 64; period += full ? 1 : (period < 8 ? 1 : 7)) {
    Bytes page = random_page(rng);
    for (std::size_t i = period; i < kPage; ++i) page[i] = page[i - period];
    pages.emplace_back("period " + std::to_string(period), page);
  }
  for (int i = 0; i < 3; ++i) pages.emplace_back("random", random_page(rng));
  for (std::size_t distance = 1; distance <= 4093; distance += full ? 1 : 211) {
    Bytes page = random_page(rng);
    const std::size_t from = rng() % (4094 - distance);
    const std::size_t most = std::min<std::size_t>(300, kPage - from - distance);
    const std::size_t length = 3 + rng() % (most - 2);
    for (std::size_t i = 0; i < length; ++i) page[from + distance + i] = page[from + i];
    pages.emplace_back("a repeat at distance " + std::to_string(distance), page);
  }
  for (std::size_t length = 3; length <= 258; ++length) {
    // Many lengths a page: a run of a random block repeated at once with the length wanted.
    Bytes page = random_page(rng);
    std::size_t at = 300;
    std::size_t l = length;
    while (at + l < kPage) {
      for (std::size_t i = 0; i < l; ++i) page[at + i] = page[at - 260 + i % 260];
      at += l + 5;
      ++l;
      if (l > 258) l = 3;
    }
    pages.emplace_back("matches from length " + std::to_string(length), page);
    if (!full) length += 24;
  }
  {
    Bytes page(kPage);
    for (std::size_t i = 0; i < kPage; ++i)
      page[i] = static_cast<std::uint8_t>(i % 7 == 3 ? 0 : (i * 167) >> (i / 1024));
    pages.emplace_back("all literals", page);
    std::array<std::uint8_t, 256> order{};
    for (unsigned i = 0; i < 256; ++i) order[i] = static_cast<std::uint8_t>(i);
    Bytes each;
    for (int i = 0; i < 16; ++i) {
      std::shuffle(order.begin(), order.end(), rng);
      each.insert(each.end(), order.begin(), order.end());
    }
    pages.emplace_back("all 256 literals equally", each);
  }
  {
    // A repeat for each distance code, over a base that has no other repeats.
    Bytes page = random_page(rng);
    static const std::array<unsigned, 24> base{1,  2,  3,   4,   5,   7,   9,   13,  17,   25,   33,   49,
                                               65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073};
    std::size_t at = 3500;
    for (unsigned distance : base) {
      for (std::size_t i = 0; i < 6; ++i) page[at + i] = page[at + i - distance];
      at += 6 + 9;
    }
    pages.emplace_back("all distance codes", page);
  }
  for (int i = 0; i < 2; ++i) pages.emplace_back("Fibonacci counts", fibonacci_page(rng));
  for (int i = 0; i < 3; ++i) pages.emplace_back("text", text_page(rng));
  for (int i = 0; i < 3; ++i) pages.emplace_back("page table", table_page(rng));
  {
    Bytes text;
    while (text.size() < 5 * kPage) {
      const Bytes more = text_page(rng);
      text.insert(text.end(), more.begin(), more.end());
    }
    while (text.size() < 64 * kPage && zlib_deflate(text, 9).size() < kPage + 16) {
      const Bytes more = text_page(rng);
      text.insert(text.end(), more.begin(), more.end());
    }
    Bytes packed = zlib_deflate(text, 9);
    packed.resize(kPage);
    pages.emplace_back("already compressed", packed);
  }
  {
    std::ifstream in("/proc/self/exe", std::ios::binary);
    Bytes page(kPage);
    in.read(reinterpret_cast<char*>(page.data()), kPage);
    pages.emplace_back("ELF", page);
    in.seekg(64 * 1024);
    in.read(reinterpret_cast<char*>(page.data()), kPage);
    pages.emplace_back("ELF, further in", page);
  }
  // A run to the end that is a little longer, or shorter, than the longest match.
  for (std::size_t length = 240; length <= 276; length += full ? 1 : 2) {
    Bytes page = random_page(rng);
    std::fill(page.end() - static_cast<std::ptrdiff_t>(length + 1), page.end(), std::uint8_t{0});
    pages.emplace_back("a run of " + std::to_string(length) + " at the end", page);
  }
  for (unsigned n : {1U, 2U, 3U, 255U, 4095U}) {
    Bytes page(kPage, 0);
    for (std::size_t i = 0; i < n; ++i) page[kPage - 1 - i * (kPage / (n + 1))] = static_cast<std::uint8_t>(rng());
    pages.emplace_back("zero but " + std::to_string(n), page);
  }
  {
    Bytes page(kPage, 0);  // runs that end in a few bytes and go on: four long matches, five literals
    page[825] = 80;
    page[826] = 55;
    page[827] = 53;
    page[1496] = 1;
    pages.emplace_back("zero but four in two places", page);
  }
  for (int i = 0; i < (full ? 1000 : 40); ++i) {
    Bytes page(kPage, i % 4 == 0 ? static_cast<std::uint8_t>(rng()) : std::uint8_t{0});
    for (std::size_t place = 0, n = 1 + rng() % 6; place < n; ++place) {
      const std::size_t at = rng() % (kPage - 4);
      for (std::size_t k = 0, m = 1 + rng() % 4; k < m; ++k) page[at + k] = static_cast<std::uint8_t>(rng());
    }
    pages.emplace_back("runs of one byte, " + std::to_string(i), page);
  }
  return pages;
}

}  // namespace sealift::tb
