// SPDX-License-Identifier: Apache-2.0
#include <Vcrypto_unit_ecp5.h>
#include <Vcrypto_unit_ecp5___024root.h>
#include <Vcrypto_unit_full.h>
#include <Vcrypto_unit_full___024root.h>
#include <Vcrypto_unit_small.h>
#include <Vcrypto_unit_small___024root.h>
#include <fmt/format.h>

#include <bit>
#include <memory>
#include <set>

#include "unit.h"

using namespace sealift::tb;

namespace {

using Algs = std::vector<Alg>;

template <class Top>
struct Name {
  static Algs ctr() {
    return {Alg::kAes256Gcm, Alg::kAes128Gcm, Alg::kAes256Ctr, Alg::kAes128Ctr, Alg::kSm4Gcm, Alg::kSm4Ctr};
  }
  static Algs gcm() { return {Alg::kAes256Gcm, Alg::kAes128Gcm, Alg::kSm4Gcm}; }
  static Algs any() {
    Algs all = ctr();
    if (all.size() > 2) all.insert(all.end(), {Alg::kAes256Xts, Alg::kAes128Xts});
    return all;
  }
  static Algs xts() { return {Alg::kAes256Xts, Alg::kAes128Xts}; }
};
// As CfgEcp5.
template <>
Algs Name<Vcrypto_unit_ecp5>::ctr() {
  return {Alg::kAes256Gcm, Alg::kAes256Ctr};
}
template <>
Algs Name<Vcrypto_unit_ecp5>::gcm() {
  return {Alg::kAes256Gcm};
}

template <class Top>
struct Rate;
template <>
struct Rate<Vcrypto_unit_full> {
  static constexpr const char* kText = "14 rounds, 128 bits";
  static constexpr double kBlocksPerCycle = 1;
};
template <>
struct Rate<Vcrypto_unit_ecp5> {
  static constexpr const char* kText = "5 rounds, 64 bits";
  static constexpr double kBlocksPerCycle = 1.0 / 3;
};
template <>
struct Rate<Vcrypto_unit_small> {
  static constexpr const char* kText = "1 round, 32 bits";
  static constexpr double kBlocksPerCycle = 1.0 / 14;
};

Alg pick(std::mt19937_64& rng, const Algs& algs) { return algs[rng() % algs.size()]; }

}  // namespace

#define ALL_UNITS Vcrypto_unit_full, Vcrypto_unit_ecp5, Vcrypto_unit_small
#define NAMED_UNITS Vcrypto_unit_full, Vcrypto_unit_ecp5

TEMPLATE_TEST_CASE("cipher: every length 1 to 4112 against OpenSSL, with stalls", "[cipher]", NAMED_UNITS) {
  Unit<TestType> unit(15);
  auto rng = make_rng(10);
  std::vector<unsigned> lengths(4112);
  for (unsigned i = 0; i < lengths.size(); ++i) lengths[i] = i + 1;
  std::shuffle(lengths.begin(), lengths.end(), rng);
  std::size_t at = 0;
  while (at < lengths.size()) {
    const Algs algs = Name<TestType>::ctr();
    const Key key = random_key(rng, algs[at / 64 % algs.size()]);
    unit.load(key);
    std::vector<Bytes> want;
    const std::size_t end = std::min<std::size_t>(at + 64, lengths.size());
    for (; at < end; ++at) {
      const std::uint64_t seq = rng();
      const Bytes payload = random_bytes(rng, lengths[at]);
      unit.cipher(seq, payload);
      want.push_back(ctr(key, seq, payload));
    }
    unit.bench.run_until([&] { return unit.cipher_out.packets.size() == want.size(); }, 3000000);
    for (std::size_t i = 0; i < want.size(); ++i) REQUIRE((unit.cipher_out.packets[i] == want[i]));
    unit.cipher_out.packets.clear();
  }
  CHECK(unit.bench.errors() == 0);
}

TEMPLATE_TEST_CASE("cipher: bypassed, empty and short packets between others", "[cipher]", ALL_UNITS) {
  Unit<TestType> unit(20);
  auto rng = make_rng(11);
  const Key key = random_key(rng, Alg::kAes256Gcm);
  unit.load(key);
  std::vector<Bytes> want;
  for (unsigned i = 0; i < 400; ++i) {
    const bool bypass = rng() % 3 == 0;
    const Bytes payload = random_bytes(rng, rng() % 4 == 0 ? 0 : rng() % 100);
    const std::uint64_t seq = rng();
    unit.cipher(seq, payload, bypass);
    want.push_back(bypass ? payload : ctr(key, seq, payload));
  }
  unit.bench.run_until([&] { return unit.cipher_out.packets.size() == want.size(); }, 200000);
  CHECK((unit.cipher_out.packets == want));
  CHECK(unit.bench.errors() == 0);
}

TEMPLATE_TEST_CASE("cipher: without a key, a bypassed packet passes and another one waits", "[cipher]", NAMED_UNITS) {
  Unit<TestType> unit;
  auto rng = make_rng(12);
  const Bytes payload = random_bytes(rng, 100);
  unit.cipher(0, payload, true);
  unit.bench.run_until([&] { return unit.cipher_out.packets.size() == 1; }, 100);
  CHECK((unit.cipher_out.packets[0] == payload));
  unit.cipher(1, payload);
  unit.bench.ticks(200);
  CHECK(unit.cipher_out.packets.size() == 1);
  const Key key = random_key(rng, Alg::kAes256Gcm);
  unit.load(key);
  unit.bench.run_until([&] { return unit.cipher_out.packets.size() == 2; }, 300);
  CHECK((unit.cipher_out.packets[1] == ctr(key, 1, payload)));
  CHECK(unit.bench.errors() == 0);
}

TEMPLATE_TEST_CASE("cipher: XTS of every whole number of blocks against OpenSSL, both ways, with stalls", "[cipher]",
                   Vcrypto_unit_full, Vcrypto_unit_small) {
  for (const unsigned stall : {0U, 15U}) {
    Unit<TestType> unit(stall);
    auto rng = make_rng(13 + stall);
    for (unsigned job = 0; job < 8; ++job) {
      const Key key = random_key(rng, Name<TestType>::xts()[job % 2]);
      const bool encrypt = job / 2 % 2 == 0;
      unit.bench->dir_i = encrypt ? 0 : 1;
      unit.load(key);
      std::vector<Bytes> want;
      for (unsigned blocks = job; blocks <= 257; blocks += 8) {
        const std::uint64_t page = rng() >> (rng() % 64);
        const bool bypass = rng() % 8 == 0;
        const Bytes payload = random_bytes(rng, 16 * blocks);
        unit.cipher(page, payload, bypass);
        want.push_back(bypass || blocks == 0 ? payload : xts(key, page, payload, encrypt));
      }
      unit.bench.run_until([&] { return unit.cipher_out.packets.size() == want.size(); }, 300000);
      REQUIRE((unit.cipher_out.packets == want));
      unit.cipher_out.packets.clear();
    }
    CHECK(unit.bench.errors() == 0);
  }
}

TEST_CASE("cipher: the example of IEEE 1619-2007, vector 1", "[cipher]") {
  Unit<Vcrypto_unit_full> unit;
  Key key;
  key.alg = Alg::kAes128Xts;
  unit.load(key);
  unit.cipher(0, Bytes(32, 0));
  unit.bench.run_until([&] { return unit.cipher_out.packets.size() == 1; }, 300);
  CHECK((unit.cipher_out.packets[0] == from_hex("917cf69ebd68b2ec9b9fe9a3eadda692cd43d2f59598ed858c02c2652fbf922e")));
  CHECK(unit.bench.errors() == 0);
}

TEST_CASE("cipher: the example of RFC 8998, appendix A.1 (SM4-GCM)", "[cipher]") {
  Unit<Vcrypto_unit_full> unit;
  Key key;
  key.alg = Alg::kSm4Gcm;
  const Bytes bytes = from_hex("0123456789abcdeffedcba9876543210");
  std::copy(bytes.begin(), bytes.end(), key.key.begin());
  const Bytes iv = from_hex("00001234567800000000abcd");
  std::copy_n(iv.begin(), 4, key.salt.begin());
  std::uint64_t seq = 0;
  for (unsigned i = 0; i < 8; ++i) seq |= static_cast<std::uint64_t>(iv[4 + i]) << (8 * i);
  const Bytes plain = from_hex(
      "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccddddddddddddddddeeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeee"
      "aaaaaaaaaaaaaaaa");
  const Bytes sealed = from_hex(
      "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397"
      "b4024a2691233b8d");
  unit.load(key);
  unit.cipher(seq, plain);
  unit.bench.run_until([&] { return unit.cipher_out.packets.size() == 1; }, 300);
  CHECK((unit.cipher_out.packets[0] == sealed));
  // Its additional data is not whole blocks, as ours always is: the golden's composed GCM is checked with it.
  CHECK((composed_gcm_tag(Alg::kSm4Gcm, key.key, iv, from_hex("feedfacedeadbeeffeedfacedeadbeefabaddad2"), sealed) ==
         from_hex("83de3541e4c2b58177e065a9bf7b62ec")));
  CHECK(unit.bench.errors() == 0);
}

TEMPLATE_TEST_CASE("seal: records and stream headers against OpenSSL GCM, with stalls", "[auth]", ALL_UNITS) {
  for (const unsigned stall : {0U, 20U}) {
    Unit<TestType> unit(stall);
    auto rng = make_rng(20 + stall);
    for (unsigned job = 0; job < 12; ++job) {
      const Key key = random_key(rng, pick(rng, Name<TestType>::gcm()));
      unit.load(key);
      std::vector<Bytes> want;
      for (unsigned i = 0; i < 20; ++i) {
        const std::uint64_t seq = i == 0 ? 0 : rng();
        const Bytes header = random_bytes(rng, i == 0 ? 80 : 32);
        const Bytes payload = random_bytes(rng, i == 0 ? 0 : 16 * (rng() % (i % 5 == 0 ? 289 : 12)));
        unit.seal(seq, header, payload);
        want.push_back(unit.join(unit.join(header, payload), gcm_tag(key, seq, header, payload)));
      }
      unit.bench.run_until([&] { return unit.auth_out.packets.size() == want.size(); }, 300000);
      REQUIRE((unit.auth_out.packets == want));
      unit.auth_out.packets.clear();
    }
    CHECK(unit.auth_ok.items.empty());
    CHECK(unit.bench.errors() == 0);
  }
}

TEMPLATE_TEST_CASE("seal and check: CRC records against zlib, without a key", "[auth]", ALL_UNITS) {
  Unit<TestType> unit(20);
  auto rng = make_rng(30);
  std::vector<Bytes> want;
  for (unsigned i = 0; i < 60; ++i) {
    const Bytes header = random_bytes(rng, i == 0 ? 80 : 32);
    const Bytes payload = random_bytes(rng, 16 * (rng() % 40));
    unit.seal(i, header, payload, true);
    want.push_back(unit.join(unit.join(header, payload), crc_tag(header, payload)));
  }
  unit.bench.run_until([&] { return unit.auth_out.packets.size() == want.size(); }, 100000);
  REQUIRE((unit.auth_out.packets == want));
  unit.set_dir(Dir::kIn);
  std::deque<bool> verdicts;
  for (unsigned i = 0; i < want.size(); ++i) {
    const bool spoil = rng() % 2 == 0;
    if (spoil) want[i][rng() % want[i].size()] ^= static_cast<std::uint8_t>(1U << rng() % 8);
    unit.check(i, i == 0 ? 5 : 2, want[i], true);
    verdicts.push_back(!spoil);
  }
  unit.bench.run_until([&] { return unit.auth_ok.items.size() == want.size(); }, 100000);
  CHECK((unit.auth_ok.items == verdicts));
  CHECK(unit.bench.errors() == 0);
}

TEMPLATE_TEST_CASE("check: good records pass, with stalls; a record in another's place does not", "[auth]", ALL_UNITS) {
  Unit<TestType> unit(20);
  auto rng = make_rng(40);
  unit.set_dir(Dir::kIn);
  for (unsigned job = 0; job < 6; ++job) {
    const Key key = random_key(rng, pick(rng, Name<TestType>::gcm()));
    unit.load(key);
    std::deque<bool> want;
    for (unsigned i = 0; i < 40; ++i) {
      const Bytes header = random_bytes(rng, i == 0 ? 80 : 32);
      const Bytes payload = random_bytes(rng, 16 * (rng() % (i % 10 == 0 ? 289 : 12)));
      const bool other_seq = i % 7 == 3;
      unit.check(i, static_cast<std::uint8_t>(header.size() / 16),
                 unit.join(unit.join(header, payload), gcm_tag(key, other_seq ? i + 1 : i, header, payload)));
      want.push_back(!other_seq);
    }
    // The same record under another stream id.
    Key other = key;
    other.stream_id[rng() % 16] ^= static_cast<std::uint8_t>(1U << rng() % 8);
    const Bytes header = random_bytes(rng, 32);
    unit.check(7, 2, unit.join(header, gcm_tag(other, 7, header, {})));
    want.push_back(false);
    unit.bench.run_until([&] { return unit.auth_ok.items.size() == want.size(); }, 300000);
    CHECK((unit.auth_ok.items == want));
    unit.auth_ok.items.clear();
  }
  CHECK(unit.auth_out.packets.empty());
  CHECK(unit.bench.errors() == 0);
}

TEMPLATE_TEST_CASE("check: every flipped bit of a record is refused", "[auth]", NAMED_UNITS) {
  Unit<TestType> unit;
  auto rng = make_rng(41);
  unit.set_dir(Dir::kIn);
  const Key key = random_key(rng, Alg::kAes256Gcm);
  unit.load(key);
  const Bytes header = random_bytes(rng, 32);
  const Bytes payload = random_bytes(rng, 64);
  const Bytes record = unit.join(unit.join(header, payload), gcm_tag(key, 5, header, payload));
  std::deque<bool> want;
  for (std::size_t bit = 0; bit <= 8 * record.size(); ++bit) {
    Bytes spoilt = record;
    if (bit < 8 * record.size()) spoilt[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    unit.check(5, 2, spoilt);
    want.push_back(bit == 8 * record.size());
  }
  unit.bench.run_until([&] { return unit.auth_ok.items.size() == want.size(); }, 100000);
  CHECK((unit.auth_ok.items == want));
  CHECK(unit.bench.errors() == 0);
}

TEMPLATE_TEST_CASE("rates: payload encrypted and sealed, checked and decrypted, at the same time", "[rate]",
                   NAMED_UNITS) {
  struct Want {
    std::size_t bytes;
    unsigned records;
    double rate;
  };
  auto rng = make_rng(50);
  Algs algs = {Alg::kAes256Gcm};
  if (Rate<TestType>::kBlocksPerCycle == 1) algs = {Alg::kAes256Gcm, Alg::kAes256Ctr, Alg::kAes256Xts, Alg::kSm4Gcm};
  for (const Alg alg : algs) {
    const bool gcm = alg == Alg::kAes256Gcm || alg == Alg::kSm4Gcm;
    for (const Want& want : {Want{4096, 40, 15}, Want{1024, 100, 14}, Want{64, 400, 6}}) {
      for (const Dir dir : {Dir::kOut, Dir::kIn}) {
        Unit<TestType> unit;
        unit.set_dir(dir);
        const Key key = random_key(rng, alg);
        const auto load = unit.load(key);
        std::vector<Bytes> records;
        std::vector<Bytes> plains;
        for (unsigned i = 1; i <= want.records; ++i) {
          const Bytes header = random_bytes(rng, 32);
          const Bytes plain = random_bytes(rng, want.bytes);
          const Bytes sealed = alg == Alg::kAes256Xts ? xts(key, i, plain, true) : ctr(key, i, plain);
          const Bytes tag = gcm ? gcm_tag(key, i, header, sealed) : crc_tag(header, sealed);
          const Bytes record = unit.join(unit.join(header, sealed), tag);
          if (dir == Dir::kOut) {
            unit.cipher(i, plain);
            unit.seal(i, header, sealed, !gcm);
          } else {
            unit.cipher(i, sealed);
            unit.check(i, 2, record, !gcm);
          }
          records.push_back(record);
          plains.push_back(plain);
        }
        const auto cycles = unit.bench.run_until(
            [&] {
              return unit.cipher_out.packets.size() == want.records &&
                     (dir == Dir::kOut ? unit.auth_out.packets.size() : unit.auth_ok.items.size()) == want.records;
            },
            2000000);
        if (dir == Dir::kOut) {
          CHECK((unit.auth_out.packets == records));
        } else {
          CHECK((unit.cipher_out.packets == plains));
          CHECK((unit.auth_ok.items == std::deque<bool>(want.records, true)));
        }
        const double rate = static_cast<double>(want.bytes * want.records) / static_cast<double>(cycles);
        fmt::print("{}, algorithm {}, {}: records of {:4} bytes: {:5.2f} payload bytes a cycle (load {} cycles)\n",
                   Rate<TestType>::kText, static_cast<unsigned>(alg), dir == Dir::kOut ? "out" : "in ", want.bytes,
                   rate, load);
        if (Rate<TestType>::kBlocksPerCycle == 1) {
          CHECK(rate >= want.rate);
        } else if (want.bytes == 4096) {
          CHECK(rate >= 4);
        }
        CHECK(unit.bench.errors() == 0);
      }
    }
  }
}

TEMPLATE_TEST_CASE("clear: drops a job at any moment and keeps the key", "[control]", ALL_UNITS) {
  Unit<TestType> unit(10);
  auto rng = make_rng(60);
  const Key key = random_key(rng, Alg::kAes256Gcm);
  unit.load(key);
  for (unsigned round = 0; round < 40; ++round) {
    for (unsigned i = 0; i < 8; ++i) {
      unit.cipher(rng(), random_bytes(rng, 16 * (1 + rng() % 20)));
      unit.seal(rng(), random_bytes(rng, 32), random_bytes(rng, 16 * (rng() % 20)));
    }
    unit.bench.ticks(rng() % 200);
    unit.drop_agents();
    unit.pulse(unit.bench->clear_i);
    unit.cipher_out = PacketSink(SEALIFT_BEAT_SINK(unit.bench, cipher_out, 10, 3));
    unit.auth_out = PacketSink(SEALIFT_BEAT_SINK(unit.bench, auth_out, 10, 7));
    CHECK(unit.bench->auth_idle_o == 1);
    const Bytes header = random_bytes(rng, 32);
    const Bytes payload = random_bytes(rng, 16 * (1 + rng() % 20));
    unit.cipher(round, payload);
    unit.seal(round, header, payload);
    unit.bench.run_until([&] { return unit.cipher_out.packets.size() == 1 && unit.auth_out.packets.size() == 1; },
                         5000);
    REQUIRE((unit.cipher_out.packets[0] == ctr(key, round, payload)));
    REQUIRE((unit.auth_out.packets[0] == unit.join(unit.join(header, payload), gcm_tag(key, round, header, payload))));
    unit.cipher_out.packets.clear();
    unit.auth_out.packets.clear();
  }
  CHECK(unit.bench.errors() == 0);
}

TEMPLATE_TEST_CASE("clear while a key is being loaded does not lose the load", "[control]", ALL_UNITS) {
  auto rng = make_rng(61);
  Unit<TestType> unit;
  for (unsigned delay = 0; delay < 60; ++delay) {
    const Key key = random_key(rng, Alg::kAes256Gcm);
    unit.start_load(key);
    unit.bench.ticks(delay);
    unit.pulse(unit.bench->clear_i);
    unit.bench.run_until([&] { return unit.bench->ready_o != 0; }, 1000);
    const Bytes header = random_bytes(rng, 32);
    unit.seal(1, header, {});
    unit.bench.run_until([&] { return unit.auth_out.packets.size() == 1; }, 1000);
    REQUIRE((unit.auth_out.packets[0] == unit.join(header, gcm_tag(key, 1, header, {}))));
    unit.auth_out.packets.clear();
  }
  CHECK(unit.bench.errors() == 0);
}

TEMPLATE_TEST_CASE("wipe: nothing of a key is left, at any moment, and the next key works", "[control]", ALL_UNITS) {
  auto rng = make_rng(70);
  Unit<TestType> unit;
  for (unsigned round = 0; round < 60; ++round) {
    const Key key = random_key(rng, pick(rng, Name<TestType>::any()));
    unit.start_load(key);
    unit.bench.ticks(rng() % 40);
    if (round % 2 == 0) {
      unit.bench.run_until([&] { return unit.bench->ready_o != 0; }, 1000);
      unit.cipher(rng(), random_bytes(rng, 640));
      unit.mask.push(1);
      unit.bench.ticks(rng() % 100);
    }
    unit.bench->probe_i = 1;
    unit.bench.tick();
    CHECK(unit.bench->key_residue_o == 1);
    unit.drop_agents();
    unit.pulse(unit.bench->wipe_i);
    unit.bench->probe_i = 1;
    unit.bench->eval();
    CHECK(unit.bench->key_residue_o == 0);
    CHECK(unit.bench->ready_o == 0);
    unit.bench.ticks(42);  // the queues are overwritten word by word
    CHECK(unit.bench->key_residue_o == 0);
    CHECK(unit.bench->data_residue_o == 0);
    unit.bench->probe_i = 0;
    unit.cipher_out = PacketSink(SEALIFT_BEAT_SINK(unit.bench, cipher_out, 0, 3));
  }
  const Key key = random_key(rng, Alg::kAes256Gcm);
  unit.load(key);
  const Bytes payload = random_bytes(rng, 100);
  unit.cipher(3, payload);
  unit.bench.run_until([&] { return unit.cipher_out.packets.size() == 1; }, 1000);
  CHECK((unit.cipher_out.packets[0] == ctr(key, 3, payload)));
  CHECK(unit.bench.errors() == 0);
}

namespace {

/// Something in every part of the unit, at a moment of its own.
template <class Top>
void fill(Unit<Top>& unit, std::mt19937_64& rng) {
  unit.load(random_key(rng, pick(rng, Name<Top>::any())));
  for (unsigned i = 0; i < 3; ++i) {
    unit.cipher(rng(), random_bytes(rng, 640));
    unit.seal(rng(), random_bytes(rng, 32), random_bytes(rng, 64));
  }
  unit.mask.push(rng());
  unit.bench.ticks(20 + rng() % 200);
  unit.drop_agents();
}

/// Nothing of a key now, and nothing made with one when the queues have been overwritten, word by word.
template <class Top>
void check_wiped(Unit<Top>& unit) {
  unit.bench->probe_i = 1;
  unit.bench->eval();
  CHECK(unit.bench->key_residue_o == 0);
  CHECK(unit.bench->ready_o == 0);
  unit.bench.ticks(44);
  CHECK(unit.bench->key_residue_o == 0);
  CHECK(unit.bench->data_residue_o == 0);
  unit.bench->probe_i = 0;
  unit.cipher_out = PacketSink(SEALIFT_BEAT_SINK(unit.bench, cipher_out, 0, 3));
  unit.auth_out = PacketSink(SEALIFT_BEAT_SINK(unit.bench, auth_out, 0, 7));
}

template <class Top>
void check_works(Unit<Top>& unit, std::mt19937_64& rng) {
  const Key key = random_key(rng, Alg::kAes256Gcm);
  unit.load(key);
  const Bytes payload = random_bytes(rng, 100);
  unit.cipher(3, payload);
  unit.bench.run_until([&] { return unit.cipher_out.packets.size() == 1; }, 1000);
  CHECK((unit.cipher_out.packets[0] == ctr(key, 3, payload)));
  unit.cipher_out.packets.clear();
}

}  // namespace

TEMPLATE_TEST_CASE("wipe and clear: together, one after the other, held on", "[control]", ALL_UNITS) {
  auto rng = make_rng(73);
  Unit<TestType> unit;
  for (unsigned round = 0; round < 60; ++round) {
    const unsigned how = round % 5;
    INFO("round " << round << " how " << how);
    fill(unit, rng);
    auto& wipe = unit.bench->wipe_i;
    auto& clear = unit.bench->clear_i;
    wipe = how == 1 ? 0 : 1;
    clear = how == 2 ? 0 : 1;
    unit.bench.tick();
    if (how == 1) {  // clear, then wipe
      clear = 0;
      unit.bench.ticks(rng() % 3);
      wipe = 1;
      unit.bench.tick();
    }
    wipe = 0;
    if (how == 2) {  // wipe, then clear while the queues are overwritten
      unit.bench.ticks(rng() % 20);
      clear = 1;
      unit.bench.tick();
    }
    if (how == 4) {  // again and again: the overwriting gets to its end all the same
      for (unsigned i = 0; i < 20; ++i) {
        clear = 1;
        unit.bench.ticks(1 + rng() % 3);
        clear = 0;
        unit.bench.tick();
      }
    }
    if (how != 3) clear = 0;  // 3: held on
    check_wiped(unit);
    clear = 0;
    unit.bench.ticks(44);
    if (round % 6 == 0) check_works(unit, rng);
  }
  CHECK(unit.bench.errors() == 0);
}

namespace {

// upset.vlt
template <class Top>
void upset(Unit<Top>& unit, unsigned code) {
  auto* root = unit.bench->rootp;
  root->crypto_unit_tb__DOT__u_dut__DOT__u_keys__DOT__state_q__VforceVal = static_cast<CData>(code);
  root->crypto_unit_tb__DOT__u_dut__DOT__u_keys__DOT__state_q__VforceEn = 0xff;
  unit.bench.tick();
  root->crypto_unit_tb__DOT__u_dut__DOT__u_keys__DOT__state_q__VforceEn = 0;
}

}  // namespace

TEMPLATE_TEST_CASE("upset: each illegal state of the key logic wipes all of it and is told until it is wiped",
                   "[control]", ALL_UNITS) {
  const std::set<unsigned> legal{0x0b, 0x15, 0x1e, 0x26, 0x2d, 0x33, 0x38};
  for (const unsigned one : legal) {
    for (const unsigned other : legal) CHECK((one == other || std::popcount(one ^ other) >= 3));
  }
  auto rng = make_rng(74);
  Unit<TestType> unit;
  for (unsigned code = 0; code < 64; ++code) {
    if (legal.count(code) != 0) continue;
    for (const bool loading : {false, true}) {
      INFO("code " << code << " loading " << loading);
      if (loading) {
        unit.start_load(random_key(rng, pick(rng, Name<TestType>::any())));
        unit.bench.ticks(rng() % 40);
      } else {
        fill(unit, rng);
      }
      upset(unit, code);
      unit.bench.tick();
      CHECK(unit.bench->fault_o == 1);
      check_wiped(unit);
      // No key is taken before somebody has seen it.
      CHECK(unit.bench->fault_o == 1);
      CHECK(unit.bench->load_ready_o == 0);
      unit.pulse(unit.bench->wipe_i);
      CHECK(unit.bench->fault_o == 0);
      unit.bench.ticks(44);
      if (code % 8 == 0) check_works(unit, rng);
    }
  }
  CHECK(unit.bench.errors() == 0);
}

TEMPLATE_TEST_CASE("reset leaves nothing of a key", "[control]", NAMED_UNITS) {
  auto rng = make_rng(71);
  Unit<TestType> unit;
  unit.load(random_key(rng, Alg::kAes256Gcm));
  unit.cipher(1, random_bytes(rng, 640));
  unit.bench.ticks(30);
  unit.drop_agents();
  for (Agent* agent : unit.agents()) agent->drive();
  unit.bench.reset(2);
  unit.bench->probe_i = 1;
  unit.bench.ticks(1);
  CHECK(unit.bench->key_residue_o == 0);
  unit.bench.ticks(42);
  CHECK(unit.bench->key_residue_o == 0);
  CHECK(unit.bench->data_residue_o == 0);
  CHECK(unit.bench.errors() == 0);
}

TEMPLATE_TEST_CASE("an algorithm that the unit does not have never becomes ready", "[control]", NAMED_UNITS) {
  auto rng = make_rng(72);
  Unit<TestType> unit;
  unit.load(random_key(rng, Alg::kAes256Gcm));
  unit.start_load(random_key(rng, Alg::kNone));
  unit.bench->probe_i = 1;
  unit.bench.ticks(100);
  CHECK(unit.bench->ready_o == 0);
  CHECK(unit.bench->key_residue_o == 0);
  CHECK(unit.bench->load_ready_o == 1);
  CHECK(unit.bench.errors() == 0);
}
