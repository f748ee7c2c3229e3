// SPDX-License-Identifier: Apache-2.0
#include <Vaes_core_1.h>
#include <Vaes_core_10.h>
#include <Vaes_core_14.h>
#include <Vaes_core_5.h>
#include <Vsm4_core_32.h>
#include <Vsm4_core_8.h>

#include <cstdio>
#include <string>

#include "common/bench.h"
#include "common/catch.h"
#include "golden.h"
#include "vectors.h"

using namespace sealift::tb;

namespace {

template <class Top>
struct Core {
  static constexpr bool kAes = requires(Top& top) { top.aes128_i; };
  Bench<Top> bench;

  Core() {
    bench->clear_i = 0;
    bench->load_i = 0;
    bench->in_valid_i = 0;
    bench.reset();
  }

  void load(bool aes128, std::span<const std::uint8_t> key) {
    if constexpr (kAes) bench->aes128_i = aes128;
    for (unsigned w = 0; w < (kAes ? 8 : 4); ++w) {
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

Block block_of(const std::string& text) {
  Block block{};
  const Bytes bytes = from_hex(text);
  std::copy(bytes.begin(), bytes.end(), block.begin());
  return block;
}

std::vector<Block> blocks_of(const Bytes& bytes) {
  std::vector<Block> blocks(bytes.size() / 16);
  for (std::size_t i = 0; i < 16 * blocks.size(); ++i) blocks[i / 16][i % 16] = bytes[i];
  return blocks;
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

TEMPLATE_TEST_CASE("aes_core: CAVP's vectors of single blocks", "[aes][vectors]", Vaes_core_14, Vaes_core_5) {
  Core<TestType> core;
  std::vector<Block> out;
  unsigned count = 0, inverse = 0;
  for (const char* kind : {"GFSbox", "KeySbox", "VarKey", "VarTxt", "MMT"}) {
    for (const char* bits : {"128", "256"}) {
      for (const Vector& v : read_vectors(std::string("AES/ECB/ECB") + kind + bits + ".rsp")) {
        if (!v.has("ENCRYPT")) {
          ++inverse;
          continue;
        }
        core.load(bits[0] == '1', v.hex("KEY"));
        core.run(blocks_of(v.hex("PLAINTEXT")), out);
        INFO(kind << bits << ", COUNT " << v.text("COUNT"));
        REQUIRE(out == blocks_of(v.hex("CIPHERTEXT")));
        ++count;
      }
    }
  }
  std::printf("aes_core: %u CAVP vectors that encrypt as they stand, %u that decrypt not applicable\n", count, inverse);
  CHECK(count == 709);
  CHECK(count == inverse);
  CHECK(core.bench.errors() == 0);
}

TEMPLATE_TEST_CASE("sm4_core: the vectors of the draft, the first of them the example of GB/T 32907", "[sm4][vectors]",
                   Vsm4_core_32, Vsm4_core_8) {
  Core<TestType> core;
  std::vector<Block> out;
  const auto ecb = read_vectors("SM4/draft-ribose-cfrg-sm4-10-ecb.txt");
  for (const Vector& v : ecb) {
    core.load(false, v.hex("KEY"));
    core.run(blocks_of(v.hex("PLAINTEXT")), out);
    CHECK(out == blocks_of(v.hex("CIPHERTEXT")));
  }
  const auto ctr = read_vectors("SM4/draft-ribose-cfrg-sm4-10-ctr.txt");
  for (const Vector& v : ctr) {  // their counters do not start at 1, so not through the crypto unit
    core.load(false, v.hex("KEY"));
    const Bytes plain = v.hex("PLAINTEXT");
    std::vector<Block> counters = blocks_of(v.hex("IV"));
    while (counters.size() < plain.size() / 16) {
      counters.push_back(counters.back());
      ++counters.back()[15];
    }
    core.run(counters, out);
    Bytes sealed = plain;
    for (std::size_t i = 0; i < sealed.size(); ++i) sealed[i] ^= out[i / 16][i % 16];
    CHECK((sealed == v.hex("CIPHERTEXT")));
  }
  std::printf("sm4_core: %zu vectors as they stand\n", ecb.size() + ctr.size());
  CHECK(ecb.size() == 4);
  CHECK(ctr.size() == 2);
  CHECK(core.bench.errors() == 0);
}

TEST_CASE("sm4_core: GB/T 32907, example 2: a block encrypted 1,000,000 times", "[sm4]") {
  Core<Vsm4_core_32> core;
  const Block key = block_of("0123456789abcdeffedcba9876543210");
  core.load(false, key);
  // Blocks 0, 1,000, 2,000, ... of the chain by OpenSSL; the core makes the thousand steps between them side by side.
  constexpr unsigned kSide = 32;
  std::vector<Block> chain(kSide + 1, key), out;
  for (unsigned part = 1; part <= kSide; ++part) {
    chain[part] = chain[part - 1];
    for (unsigned i = 0; i < 1'000'000 / kSide; ++i) chain[part] = encrypt_block(Alg::kSm4Ctr, key, chain[part]);
  }
  REQUIRE(chain.back() == block_of("595298c7c6fd271f0402f804c33d3f66"));
  std::vector<Block> now(chain.begin(), chain.end() - 1);
  for (unsigned i = 0; i < 1'000'000 / kSide; ++i) {
    core.run(now, out);
    now = out;
  }
  CHECK(now == std::vector<Block>(chain.begin() + 1, chain.end()));
  CHECK(core.bench.errors() == 0);
}
