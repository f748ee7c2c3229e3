// SPDX-License-Identifier: Apache-2.0
// The one source of randomness of a test run: a seed that is printed and can be given back.
#pragma once
#include <cstdint>
#include <random>

namespace sealift::tb {

/// The seed of this run: the environment's SEALIFT_SEED, or a fresh one. The same for the whole process.
std::uint64_t run_seed();

/// A generator for one use, from the run's seed and a number of the caller's choice, so that a test case
/// does not depend on which cases ran before it.
std::mt19937_64 make_rng(std::uint64_t stream);

}  // namespace sealift::tb
