// SPDX-License-Identifier: Apache-2.0
#include <Vaes_core_1.h>
#include <Vaes_core_10.h>
#include <Vaes_core_14.h>
#include <Vaes_core_5.h>

#include <cstdio>
#include <string>

#include "common/bench.h"
#include "common/catch.h"
#include "golden.h"

using namespace sealift::tb;

namespace {

template <class Top>
struct Core {
  Bench<Top> bench;

  Core() {
    bench->clear_i = 0;
    bench->load_i = 0;
    bench->in_valid_i = 0;
    bench.reset();
  }

  void load(bool aes128, std::span<const std::uint8_t> key) {
    bench->aes128_i = aes128;
    for (unsigned w = 0; w < 8; ++w) {
      bench->key_i[w] = 0;
      for (unsigned b = 0; b < 4 && 4 * w + b < key.size(); ++b) {
        bench->key_i[w] |= static_cast<EData>(key[4 * w + b]) << (8 * b);
      }
    }
    bench->load_i = 1;
    bench.tick();
    bench->load_i = 0;
    bench.run_until([&] { return bench->busy_o == 0; }, 100);
  }

  /// Blocks through the core as fast as it takes them; returns the cycles from the first in to the last out.
  std::uint64_t run(const std::vector<Block>& in, std::vector<Block>& out) {
    const auto start = bench.cycle();
    std::size_t at = 0;
    out.clear();
    while (out.size() < in.size()) {
      bench->in_valid_i = at < in.size();
      if (at < in.size()) {
        for (unsigned w = 0; w < 4; ++w) {
          bench->in_block_i[w] = 0;
          for (unsigned b = 0; b < 4; ++b) bench->in_block_i[w] |= static_cast<EData>(in[at][4 * w + b]) << (8 * b);
        }
        bench->in_use_i = static_cast<CData>(at % 3);
      }
      if (bench->out_valid_o) {
        Block block{};
        for (unsigned i = 0; i < 16; ++i) {
          block[i] = static_cast<std::uint8_t>(bench->out_block_o[i / 4] >> (8 * (i % 4)));
        }
        REQUIRE(bench->out_use_o == out.size() % 3);
        out.push_back(block);
      }
      const bool taken = at < in.size() && bench->in_ready_o;
      bench.tick();
      if (taken) ++at;
      REQUIRE(bench.cycle() - start < 100 * in.size() + 1000);
    }
    bench->in_valid_i = 0;
    return bench.cycle() - start;
  }
};

Bytes from_hex(const std::string& text) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoul(text.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

Block block_of(const std::string& text) {
  Block block{};
  const Bytes bytes = from_hex(text);
  std::copy(bytes.begin(), bytes.end(), block.begin());
  return block;
}

}  // namespace

TEMPLATE_TEST_CASE("aes_core: the examples of FIPS 197, appendices B and C", "[aes]", Vaes_core_14, Vaes_core_10,
                   Vaes_core_5, Vaes_core_1) {
  Core<TestType> core;
  std::vector<Block> out;
  core.load(true, from_hex("2b7e151628aed2a6abf7158809cf4f3c"));
  core.run({block_of("3243f6a8885a308d313198a2e0370734")}, out);
  CHECK(out[0] == block_of("3925841d02dc09fbdc118597196a0b32"));
  core.load(true, from_hex("000102030405060708090a0b0c0d0e0f"));
  core.run({block_of("00112233445566778899aabbccddeeff")}, out);
  CHECK(out[0] == block_of("69c4e0d86a7b0430d8cdb78070b4c55a"));
  core.load(false, from_hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"));
  core.run({block_of("00112233445566778899aabbccddeeff")}, out);
  CHECK(out[0] == block_of("8ea2b7ca516745bfeafc49904b496089"));
  CHECK(core.bench.errors() == 0);
}

TEMPLATE_TEST_CASE("aes_core: random keys and blocks against OpenSSL, in order", "[aes]", Vaes_core_14, Vaes_core_10,
                   Vaes_core_5, Vaes_core_1) {
  Core<TestType> core;
  auto rng = make_rng(1);
  for (unsigned round = 0; round < 20; ++round) {
    const bool aes128 = round % 2 == 1;
    const Bytes key = random_bytes(rng, aes128 ? 16 : 32);
    std::vector<Block> in(100);
    for (auto& block : in) {
      for (auto& b : block) b = static_cast<std::uint8_t>(rng());
    }
    std::vector<Block> out;
    core.load(aes128, key);
    const auto cycles = core.run(in, out);
    for (std::size_t i = 0; i < in.size(); ++i) {
      REQUIRE(out[i] == encrypt_block(aes128 ? Alg::kAes128Gcm : Alg::kAes256Gcm, key, in[i]));
    }
    if (round < 2) {
      std::printf("aes_core %s AES-%s: %zu blocks in %llu cycles\n", typeid(TestType).name(), aes128 ? "128" : "256",
                  in.size(), static_cast<unsigned long long>(cycles));
    }
  }
  CHECK(core.bench.errors() == 0);
}
