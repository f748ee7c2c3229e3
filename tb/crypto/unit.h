// SPDX-License-Identifier: Apache-2.0
// A verilated crypto_unit_tb with sources and sinks at all of its ports.
#pragma once
#include "common/bench.h"
#include "common/catch.h"
#include "golden.h"
#include "vectors.h"

namespace sealift::tb {

struct CipherCmd {
  bool bypass = false;
  std::uint64_t seq = 0;   // counter mode
  std::uint64_t unit = 0;  // XTS
  std::uint16_t blocks = 0;
};

struct AuthCmd {
  bool crc = false;
  std::uint8_t aad_beats = 0;
};

enum class Dir : std::uint8_t { kOut = 0, kIn = 1 };

template <class Top>
class Unit {
 public:
  Bench<Top> bench;
  Source<CipherCmd> cipher_cmd;
  PacketSource cipher_in;
  PacketSink cipher_out;
  Source<std::uint64_t> mask;
  Source<AuthCmd> auth_cmd;
  PacketSource auth_in;
  PacketSink auth_out;
  Sink<bool> auth_ok;

  explicit Unit(unsigned stall = 0)
      : cipher_cmd(
            [this](const CipherCmd& cmd, bool valid) {
              bench->cipher_cmd_valid_i = valid;
              bench->cipher_cmd_bypass_i = cmd.bypass;
              bench->cipher_cmd_seq_i = cmd.seq;
              bench->cipher_cmd_unit_i = cmd.unit;
              bench->cipher_cmd_blocks_i = cmd.blocks;
            },
            [this] { return bench->cipher_cmd_ready_o != 0; }, stall, 1),
        cipher_in(SEALIFT_BEAT_SOURCE(bench, cipher_in, stall, 2)),
        cipher_out(SEALIFT_BEAT_SINK(bench, cipher_out, stall, 3)),
        mask(
            [this](const std::uint64_t& seq, bool valid) {
              bench->mask_valid_i = valid;
              bench->mask_seq_i = seq;
            },
            [this] { return bench->mask_ready_o != 0; }, stall, 4),
        auth_cmd(
            [this](const AuthCmd& cmd, bool valid) {
              bench->auth_cmd_valid_i = valid;
              bench->auth_cmd_mode_i = cmd.crc;
              bench->auth_cmd_aad_beats_i = cmd.aad_beats;
            },
            [this] { return bench->auth_cmd_ready_o != 0; }, stall, 5),
        auth_in(SEALIFT_BEAT_SOURCE(bench, auth_in, stall, 6)),
        auth_out(SEALIFT_BEAT_SINK(bench, auth_out, stall, 7)),
        auth_ok(
            [this](bool& ok) {
              ok = bench->auth_ok_o != 0;
              return bench->auth_ok_valid_o != 0;
            },
            [this](bool ready) { bench->auth_ok_ready_i = ready; }, stall, 8) {
    bench->clear_i = 0;
    bench->wipe_i = 0;
    bench->load_i = 0;
    bench->dir_i = 0;
    bench->probe_i = 0;
    for (Agent* agent : agents()) agent->drive();
    bench.reset();
    for (Agent* agent : agents()) bench.add(*agent);
  }

  std::vector<Agent*> agents() {
    return {&cipher_cmd, &cipher_in, &cipher_out, &mask, &auth_cmd, &auth_in, &auth_out, &auth_ok};
  }

  void start_load(const Key& key) {
    REQUIRE(bench->load_ready_o == 1);
    bench->load_alg_i = static_cast<std::uint8_t>(key.alg);
    put(key.key, &bench->load_key_i[0]);
    put(key.tweak_key, &bench->load_tweak_key_i[0]);
    put(key.stream_id, &bench->load_stream_id_i[0]);
    bench->load_salt_i = static_cast<std::uint32_t>(key.salt[0]) | static_cast<std::uint32_t>(key.salt[1]) << 8 |
                         static_cast<std::uint32_t>(key.salt[2]) << 16 | static_cast<std::uint32_t>(key.salt[3]) << 24;
    bench->load_i = 1;
    bench.tick();
    bench->load_i = 0;
  }

  /// Returns the cycles until the context is ready.
  std::uint64_t load(const Key& key) {
    start_load(key);
    return bench.run_until([&] { return bench->ready_o != 0; }, 1000);
  }

  void cipher(std::uint64_t seq, const Bytes& payload, bool bypass = false) {
    cipher_cmd.push({bypass, seq, seq, static_cast<std::uint16_t>((payload.size() + 15) / 16)});
    cipher_in.push_packet(payload);
  }

  void seal(std::uint64_t seq, std::uint8_t aad_beats, const Bytes& beats, bool crc = false) {
    if (!crc) mask.push(seq);
    auth_cmd.push({crc, aad_beats});
    auth_in.push_packet(beats);
  }
  void seal(std::uint64_t seq, const Bytes& header, const Bytes& payload, bool crc = false) {
    seal(seq, static_cast<std::uint8_t>(header.size() / 16), join(header, payload), crc);
  }

  void check(std::uint64_t seq, std::uint8_t aad_beats, const Bytes& record, bool crc = false) {
    if (!crc) mask.push(seq);
    auth_cmd.push({crc, aad_beats});
    auth_in.push_packet(record);
  }

  static Bytes join(Bytes a, const Bytes& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
  }

  void pulse(CData& signal) {
    signal = 1;
    bench.tick();
    signal = 0;
  }

  void drop_agents() {
    cipher_cmd.clear();
    cipher_in.clear();
    mask.clear();
    auth_cmd.clear();
    auth_in.clear();
  }

  void set_dir(Dir dir) {
    bench.run_until([&] { return bench->auth_idle_o != 0; }, 1000);
    bench->dir_i = static_cast<CData>(dir);
  }

 private:
  template <std::size_t N>
  static void put(const std::array<std::uint8_t, N>& bytes, WDataOutP out) {
    for (std::size_t w = 0; w < N / 4; ++w) {
      out[w] = 0;
      for (std::size_t b = 0; b < 4; ++b) out[w] |= static_cast<EData>(bytes[4 * w + b]) << (8 * b);
    }
  }
};

}  // namespace sealift::tb
