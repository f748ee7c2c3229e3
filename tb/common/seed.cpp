// SPDX-License-Identifier: Apache-2.0
#include "common/seed.h"

#include <cstdlib>

namespace sealift::tb {

std::uint64_t run_seed() {
  static const std::uint64_t seed = [] {
    if (const char* text = std::getenv("SEALIFT_SEED"); text != nullptr) {
      return static_cast<std::uint64_t>(std::strtoull(text, nullptr, 0));
    }
    return static_cast<std::uint64_t>(std::random_device{}());
  }();
  return seed;
}

std::mt19937_64 make_rng(std::uint64_t stream) {
  std::seed_seq seq{static_cast<std::uint32_t>(run_seed()), static_cast<std::uint32_t>(run_seed() >> 32),
                    static_cast<std::uint32_t>(stream), static_cast<std::uint32_t>(stream >> 32)};
  return std::mt19937_64{seq};
}

}  // namespace sealift::tb
