// SPDX-License-Identifier: Apache-2.0
// libFuzzer on the bit-exact model: its verdict and its page must be zlib's. The corpus it found is replayed
// through the RTL by test_inflate_lane. scripts/fuzz builds and runs it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <span>
#include <vector>

#include "inflate/reference.h"
#include "model/inflate_model.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 8191) return -1;  // no packet is longer
  const sealift::tb::Bytes stream(data, data + size);
  const auto expected = sealift::tb::zlib_verdict(stream);
  const auto got = sealift::model::inflate_page(stream);
  if (static_cast<unsigned>(got.status) != static_cast<unsigned>(expected.status)) std::abort();
  if (got.page != expected.page) std::abort();
  return 0;
}

// DEFLATE is made of bits: half of the mutations put a few in or take a few out, so that what follows keeps its
// meaning at another place in its byte. The others are libFuzzer's own.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  std::minstd_rand rng(seed);
  const auto below = [&rng](std::size_t n) { return static_cast<std::size_t>(rng()) % n; };
  if (size == 0 || below(2) == 0) return LLVMFuzzerMutate(data, size, max_size);

  std::vector<bool> bits;
  for (const std::uint8_t byte : std::span(data, size)) {
    for (unsigned i = 0; i < 8; ++i) bits.push_back(((byte >> i) & 1U) != 0);
  }
  const auto at = static_cast<std::ptrdiff_t>(below(bits.size()));
  const auto count = static_cast<std::ptrdiff_t>(1 + below(16));
  if (below(2) == 0) {
    bits.erase(bits.begin() + at, bits.begin() + std::min(at + count, static_cast<std::ptrdiff_t>(bits.size())));
  } else {
    for (std::ptrdiff_t i = 0; i < count; ++i) bits.insert(bits.begin() + at, below(2) != 0);
  }
  bits.resize(std::min((bits.size() + 7) / 8, max_size) * 8);
  std::fill(data, data + bits.size() / 8, std::uint8_t{0});
  for (std::size_t i = 0; i < bits.size(); ++i) {
    if (bits[i]) data[i / 8] = static_cast<std::uint8_t>(data[i / 8] | (1U << (i % 8)));
  }
  return bits.size() / 8;
}
