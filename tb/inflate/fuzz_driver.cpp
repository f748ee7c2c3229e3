// SPDX-License-Identifier: Apache-2.0
// A small coverage-guided driver for fuzz_inflate_model.cpp where libFuzzer is not at hand. The fuzz target is
// compiled with -fsanitize-coverage=trace-pc; every input that reaches a new pair of neighbouring edges, or a new
// order of magnitude of a pair's count, is kept.
//
//   fuzz_driver CORPUS_DIR SECONDS [SEED]     reads and extends the corpus
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr std::size_t kMap = 1U << 16;
std::array<std::uint32_t, kMap> counts;
std::uintptr_t previous = 0;

using Bytes = std::vector<std::uint8_t>;

std::uint8_t magnitude(std::uint32_t n) {
  std::uint8_t m = 0;
  for (; n != 0; n >>= 2) ++m;
  return m;
}

class Fuzzer {
 public:
  Fuzzer(std::filesystem::path dir, std::uint64_t seed) : dir_(std::move(dir)), rng_(seed) {}

  /// Runs an input; keeps it when it reaches something new. Shorter inputs that reach the same are not sought.
  bool run(const Bytes& input) {
    counts.fill(0);
    previous = 0;
    {
      // What is in flight, for the case that the target aborts.
      std::ofstream(dir_ / ".current", std::ios::binary)
          .write(reinterpret_cast<const char*>(input.data()), static_cast<std::streamsize>(input.size()));
    }
    LLVMFuzzerTestOneInput(input.data(), input.size());
    bool fresh = false;
    for (std::size_t i = 0; i < kMap; ++i) {
      const std::uint8_t m = magnitude(counts[i]);
      if (m > seen_[i]) {
        seen_[i] = m;
        fresh = true;
      }
    }
    if (fresh) corpus_.push_back(input);
    return fresh;
  }

  Bytes mutate() {
    Bytes input = corpus_.empty() ? Bytes{3} : corpus_[rng_() % corpus_.size()];
    const unsigned n = 1 + static_cast<unsigned>(rng_() % 4);
    for (unsigned i = 0; i < n; ++i) {
      const std::size_t at = input.empty() ? 0 : rng_() % input.size();
      const auto here = input.begin() + static_cast<std::ptrdiff_t>(at);
      switch (rng_() % 7) {
        case 0:
          input.insert(here, static_cast<std::uint8_t>(rng_()));
          break;
        case 1:
          if (!input.empty()) input.erase(here);
          break;
        case 2:
          input.resize(at);
          break;
        case 3: {  // the tail of another
          const Bytes& other = corpus_[rng_() % corpus_.size()];
          if (other.empty()) break;
          input.resize(at);
          input.insert(input.end(), other.begin() + static_cast<std::ptrdiff_t>(rng_() % other.size()), other.end());
          break;
        }
        case 4:
          if (!input.empty()) input[at] = static_cast<std::uint8_t>(rng_());
          break;
        default:
          if (!input.empty()) input[at] = static_cast<std::uint8_t>(input[at] ^ (1U << (rng_() % 8)));
          break;
      }
    }
    if (input.size() > 1500) input.resize(1500);
    return input;
  }
  void save(const Bytes& input) {
    std::ofstream(dir_ / ("f" + std::to_string(saved_++)), std::ios::binary)
        .write(reinterpret_cast<const char*>(input.data()), static_cast<std::streamsize>(input.size()));
  }
  [[nodiscard]] std::size_t size() const { return corpus_.size(); }

 private:
  std::filesystem::path dir_;
  std::mt19937_64 rng_;
  std::vector<Bytes> corpus_;
  std::array<std::uint8_t, kMap> seen_{};
  unsigned saved_ = 0;
};

}  // namespace

extern "C" __attribute__((no_sanitize("coverage"))) void __sanitizer_cov_trace_pc() {
  const auto pc = reinterpret_cast<std::uintptr_t>(__builtin_return_address(0));
  ++counts[(pc ^ (previous >> 1)) % kMap];
  previous = pc;
}

int main(int argc, char* argv[]) {
  if (argc < 3) return 2;
  const std::filesystem::path dir = argv[1];
  Fuzzer fuzzer(dir, argc > 3 ? std::strtoull(argv[3], nullptr, 0) : 1);
  std::vector<Bytes> inputs = {{}, {3, 0}};
  for (const auto& entry : std::filesystem::directory_iterator(dir)) {
    std::ifstream file(entry.path(), std::ios::binary);
    inputs.emplace_back((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  }
  // Short ones first, so that the corpus is as small as what it reaches allows.
  std::sort(inputs.begin(), inputs.end(), [](const Bytes& a, const Bytes& b) { return a.size() < b.size(); });
  for (const auto& entry : std::filesystem::directory_iterator(dir)) std::filesystem::remove(entry.path());
  std::uint64_t runs = 0;
  for (const Bytes& input : inputs) {
    if (fuzzer.run(input)) fuzzer.save(input);
  }
  std::printf("%zu of %zu inputs kept\n", fuzzer.size(), inputs.size());
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(std::atoi(argv[2]));
  while (std::chrono::steady_clock::now() < end) {
    for (int i = 0; i < 100; ++i, ++runs) {
      const Bytes input = fuzzer.mutate();
      if (fuzzer.run(input)) fuzzer.save(input);
    }
  }
  std::filesystem::remove(dir / ".current");
  std::printf("%llu runs, corpus %zu\n", static_cast<unsigned long long>(runs), fuzzer.size());
}
