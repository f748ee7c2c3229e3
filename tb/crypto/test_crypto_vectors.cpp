// SPDX-License-Identifier: Apache-2.0
// NIST CAVP vectors (GCM, XTS), RFC 3686's (CTR), through the crypto unit. Every vector of a file is counted: as it
// stands, carried over (below), or not applicable, with the reason.
#include <Vcrypto_unit_ecp5.h>
#include <Vcrypto_unit_full.h>
#include <fmt/format.h>

#include "unit.h"

using namespace sealift::tb;

namespace {

Bytes padded(Bytes bytes) {
  bytes.resize((bytes.size() + 15) / 16 * 16);
  return bytes;
}

Block exclusive_or(Block a, const Block& b) {
  for (unsigned i = 0; i < 16; ++i) a[i] ^= b[i];
  return a;
}

void set_key(Key& key, const Bytes& bytes) { std::copy(bytes.begin(), bytes.end(), key.key.begin()); }

/// The salt and the sequence number that make a 96-bit IV.
std::uint64_t set_iv(Key& key, const Bytes& iv) {
  std::copy_n(iv.begin(), 4, key.salt.begin());
  std::uint64_t seq = 0;
  for (unsigned i = 0; i < 8; ++i) seq |= static_cast<std::uint64_t>(iv[4 + i]) << (8 * i);
  return seq;
}

/// A GCM vector as the tag unit takes it. The unit's additional data is the stream id and whole header beats, its text
/// whole blocks, and it makes the length block itself. A vector of other lengths is carried over: its GHASH input, with
/// its own length block at the end, passes as stream id, header and payload, and what the unit's length block adds is
/// put on top of the vector's tag: one exclusive-or and one multiplication.
struct GcmCase {
  Key key;
  std::uint64_t seq = 0;
  Bytes beats;  // header and payload
  std::uint8_t aad_beats = 0;
  Bytes tag;  // the unit's, if the vector's is right
  bool carried = false;

  GcmCase(Alg alg, const Vector& v) {
    key.alg = alg;
    set_key(key, v.hex("Key"));
    const Bytes iv = v.hex("IV"), aad = v.hex("AAD"), text = v.hex("CT"), given = v.hex("Tag");
    seq = set_iv(key, iv);
    // A shorter tag is the first bytes of the whole one.
    tag = composed_gcm_tag(alg, key.key, iv, aad, text);
    std::copy(given.begin(), given.end(), tag.begin());

    Bytes blocks = padded(aad);
    const Bytes rest = padded(text);
    blocks.insert(blocks.end(), rest.begin(), rest.end());
    carried = aad.empty() || aad.size() % 16 != 0 || aad.size() > 128 || text.size() % 16 != 0 || blocks.size() < 32;
    if (!carried) {
      aad_beats = static_cast<std::uint8_t>(aad.size() / 16 - 1);
    } else {
      const Block lengths = gcm_lengths(aad.size(), text.size());
      blocks.insert(blocks.end(), lengths.begin(), lengths.end());
      if (blocks.size() == 16) blocks.insert(blocks.begin(), 16, 0);
      aad_beats = static_cast<std::uint8_t>(std::min<std::size_t>(2, blocks.size() / 16 - 1));
      Block j0{};
      std::copy_n(iv.begin(), 12, j0.begin());
      j0[15] = 1;
      const Block mask = encrypt_block(alg, key.key, j0);
      Block hash{};
      std::copy_n(tag.begin(), 16, hash.begin());
      hash = exclusive_or(hash, mask);
      hash = exclusive_or(hash, gcm_lengths(16U * (aad_beats + 1U), blocks.size() - 16U * (aad_beats + 1U)));
      hash = exclusive_or(gf_multiply(hash, encrypt_block(alg, key.key, Block{})), mask);
      std::copy(hash.begin(), hash.end(), tag.begin());
    }
    std::copy_n(blocks.begin(), 16, key.stream_id.begin());
    beats.assign(blocks.begin() + 16, blocks.end());
  }
};

struct Counts {
  unsigned as_it_stands = 0, carried = 0, other = 0;
  void print(const std::string& file, const char* how, const char* why) const {
    fmt::print("{}: {} vectors as they stand, {} {}, {} not applicable{}{}\n", file, as_it_stands, carried, how, other,
               other != 0 ? ": " : "", other != 0 ? why : "");
  }
};

template <class Top>
void gcm_file(Alg alg, const std::string& file, bool decrypts) {
  Unit<Top> unit;
  if (decrypts) unit.set_dir(Dir::kIn);
  Counts counts;
  for (const Vector& v : read_vectors(file)) {
    if (v.number("IVlen") != 96) {
      ++counts.other;
      continue;
    }
    const GcmCase c(alg, v);
    ++(c.carried ? counts.carried : counts.as_it_stands);
    unit.load(c.key);
    const bool fails = v.has("FAIL");
    INFO(file << ", Count " << v.text("Count") << ", PTlen " << v.text("PTlen") << ", AADlen " << v.text("AADlen")
              << ", Taglen " << v.text("Taglen"));
    const Bytes from = fails ? Bytes{} : v.hex(decrypts ? "CT" : "PT");
    if (!fails) unit.cipher(c.seq, from);
    if (decrypts) {
      unit.check(c.seq, c.aad_beats, unit.join(c.beats, c.tag));
    } else {
      unit.seal(c.seq, c.aad_beats, c.beats);
    }
    unit.bench.run_until(
        [&] {
          return unit.cipher_out.packets.size() == (fails ? 0 : 1) &&
                 (decrypts ? unit.auth_ok.items.size() : unit.auth_out.packets.size()) == 1;
        },
        1000);
    if (!fails) REQUIRE((unit.cipher_out.packets[0] == v.hex(decrypts ? "PT" : "CT")));
    if (decrypts) {
      REQUIRE(unit.auth_ok.items[0] == !fails);
    } else {
      REQUIRE((unit.auth_out.packets[0] == unit.join(c.beats, c.tag)));
    }
    unit.cipher_out.packets.clear();
    unit.auth_out.packets.clear();
    unit.auth_ok.items.clear();
    unit.bench.ticks(4);
  }
  CHECK(unit.bench.errors() == 0);
  counts.print(file, "with their lengths carried over", "IV of other than 96 bits");
  // 25 lengths, 7 tag lengths, 15 vectors each; 3 lengths of IV
  CHECK(counts.as_it_stands + counts.carried == 2625);
  CHECK(counts.other == 2 * 2625);
}

template <class Top>
void xts_file(Alg alg, const std::string& file, bool number) {
  Unit<Top> unit;
  Counts counts;
  auto rng = make_rng(80);
  for (const Vector& v : read_vectors(file)) {
    const Bytes plain = v.hex("PT"), sealed = v.hex("CT");
    if (v.number("DataUnitLen") % 128 != 0) {
      ++counts.other;
      continue;
    }
    ++(number ? counts.as_it_stands : counts.carried);
    const bool encrypt = v.has("ENCRYPT");
    unit.set_dir(encrypt ? Dir::kOut : Dir::kIn);
    const Bytes both = v.hex("Key");
    const std::size_t half = both.size() / 2;
    Key key;
    key.alg = alg;
    std::copy_n(both.begin(), half, key.key.begin());
    std::copy_n(both.begin() + static_cast<std::ptrdiff_t>(half), half, key.tweak_key.begin());
    Bytes in = encrypt ? plain : sealed;
    Bytes out = encrypt ? sealed : plain;
    std::uint64_t data_unit = 0;
    if (number) {
      data_unit = v.number("DataUnitSeqNumber");
    } else {
      // A number of 128 bits, beyond the unit's 64: the difference of its tweaks from those of another number goes onto
      // the blocks on both sides of the cipher.
      data_unit = rng();
      Block wide{}, narrow{};
      const Bytes i = v.hex("i");
      std::copy_n(i.begin(), 16, wide.begin());
      for (unsigned b = 0; b < 8; ++b) narrow[b] = static_cast<std::uint8_t>(data_unit >> (8 * b));
      Block tweak = exclusive_or(encrypt_block(alg, key.tweak_key, wide), encrypt_block(alg, key.tweak_key, narrow));
      for (std::size_t at = 0; at < in.size(); at += 16) {
        for (unsigned b = 0; b < 16; ++b) {
          in[at + b] ^= tweak[b];
          out[at + b] ^= tweak[b];
        }
        unsigned carry = 0;  // IEEE 1619, section 5.2
        for (auto& b : tweak) {
          const unsigned next = b >> 7;
          b = static_cast<std::uint8_t>((b << 1) | carry);
          carry = next;
        }
        if (carry != 0) tweak[0] ^= 0x87;
      }
    }
    unit.load(key);
    unit.cipher(data_unit, in);
    unit.bench.run_until([&] { return unit.cipher_out.packets.size() == 1; }, 1000);
    INFO(file << ", COUNT " << v.text("COUNT"));
    REQUIRE((unit.cipher_out.packets[0] == out));
    unit.cipher_out.packets.clear();
  }
  CHECK(unit.bench.errors() == 0);
  counts.print(file, "with their tweak carried over", "data unit not of whole blocks");
  CHECK(counts.as_it_stands + counts.carried == 600);
  CHECK(counts.other == 400);
}

template <class Top>
void ctr_file(Alg alg, const std::string& file) {
  Unit<Top> unit;
  Counts counts;
  for (const Vector& v : read_vectors(file)) {
    Key key;
    key.alg = alg;
    set_key(key, v.hex("KEY"));
    const Bytes iv = v.hex("IV");
    REQUIRE((Bytes(iv.begin() + 12, iv.end()) == Bytes{0, 0, 0, 1}));
    const std::uint64_t seq = set_iv(key, iv);
    unit.load(key);
    for (const char* from : {"PLAINTEXT", "CIPHERTEXT"}) unit.cipher(seq, v.hex(from));
    unit.bench.run_until([&] { return unit.cipher_out.packets.size() == 2; }, 1000);
    CHECK((unit.cipher_out.packets == std::vector<Bytes>{v.hex("CIPHERTEXT"), v.hex("PLAINTEXT")}));
    unit.cipher_out.packets.clear();
    ++counts.as_it_stands;
  }
  CHECK(unit.bench.errors() == 0);
  counts.print(file, "otherwise", "");
  CHECK(counts.as_it_stands == 3);
}

}  // namespace

TEST_CASE("vectors: CAVP GCM, every one with a 96-bit IV", "[vectors]") {
  SECTION("AES-128 encrypt") { gcm_file<Vcrypto_unit_full>(Alg::kAes128Gcm, "AES/GCM/gcmEncryptExtIV128.rsp", false); }
  SECTION("AES-128 decrypt") { gcm_file<Vcrypto_unit_full>(Alg::kAes128Gcm, "AES/GCM/gcmDecrypt128.rsp", true); }
  SECTION("AES-256 encrypt") { gcm_file<Vcrypto_unit_full>(Alg::kAes256Gcm, "AES/GCM/gcmEncryptExtIV256.rsp", false); }
  SECTION("AES-256 decrypt") { gcm_file<Vcrypto_unit_full>(Alg::kAes256Gcm, "AES/GCM/gcmDecrypt256.rsp", true); }
}

TEST_CASE("vectors: CAVP GCM in the ecp5 configuration", "[vectors]") {
  SECTION("encrypt") { gcm_file<Vcrypto_unit_ecp5>(Alg::kAes256Gcm, "AES/GCM/gcmEncryptExtIV256.rsp", false); }
  SECTION("decrypt") { gcm_file<Vcrypto_unit_ecp5>(Alg::kAes256Gcm, "AES/GCM/gcmDecrypt256.rsp", true); }
}

TEST_CASE("vectors: CAVP XTS, every one of whole blocks", "[vectors]") {
  const std::string by_number = "AES/XTS/tweak-dataunitseqno/", by_tweak = "AES/XTS/tweak-128hexstr/";
  SECTION("AES-128") {
    xts_file<Vcrypto_unit_full>(Alg::kAes128Xts, by_number + "XTSGenAES128.rsp", true);
    xts_file<Vcrypto_unit_full>(Alg::kAes128Xts, by_tweak + "XTSGenAES128.rsp", false);
  }
  SECTION("AES-256") {
    xts_file<Vcrypto_unit_full>(Alg::kAes256Xts, by_number + "XTSGenAES256.rsp", true);
    xts_file<Vcrypto_unit_full>(Alg::kAes256Xts, by_tweak + "XTSGenAES256.rsp", false);
  }
}

TEST_CASE("vectors: RFC 3686, AES in counter mode", "[vectors]") {
  ctr_file<Vcrypto_unit_full>(Alg::kAes128Ctr, "AES/CTR/aes-128-ctr.txt");
  ctr_file<Vcrypto_unit_full>(Alg::kAes256Ctr, "AES/CTR/aes-256-ctr.txt");
  ctr_file<Vcrypto_unit_ecp5>(Alg::kAes256Ctr, "AES/CTR/aes-256-ctr.txt");
}
