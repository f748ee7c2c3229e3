// SPDX-License-Identifier: Apache-2.0
// Packets over a valid/ready port of beats (sealift_pkg::beat_t), with random stalls, and the protocol checks.
#pragma once
#include <verilated.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/bench.h"

namespace sealift::tb {

using Bytes = std::vector<std::uint8_t>;

/// sealift_pkg::beat_t as Verilator shows it: 134 bits in five words.
struct Beat {
  std::array<std::uint8_t, 16> data{};
  std::uint8_t bytes = 0;
  bool last = false;
};

inline void put_beat(const Beat& beat, WDataOutP out) {
  for (unsigned w = 0; w < 4; ++w) {
    out[w] = 0;
    for (unsigned b = 0; b < 4; ++b) out[w] |= static_cast<EData>(beat.data[4 * w + b]) << (8 * b);
  }
  out[4] = static_cast<EData>(beat.bytes) | (beat.last ? 0x20U : 0U);
}

inline Beat get_beat(WDataInP in) {
  Beat beat;
  for (unsigned i = 0; i < 16; ++i) beat.data[i] = static_cast<std::uint8_t>(in[i / 4] >> (8 * (i % 4)));
  beat.bytes = static_cast<std::uint8_t>(in[4] & 0x1f);
  beat.last = ((in[4] >> 5) & 1) != 0;
  return beat;
}

inline std::vector<Beat> to_beats(const Bytes& packet) {
  std::vector<Beat> beats;
  std::size_t at = 0;
  do {
    Beat beat;
    const std::size_t n = std::min<std::size_t>(16, packet.size() - at);
    std::copy_n(packet.begin() + static_cast<std::ptrdiff_t>(at), n, beat.data.begin());
    beat.bytes = static_cast<std::uint8_t>(n);
    at += n;
    beat.last = at == packet.size();
    beats.push_back(beat);
  } while (at < packet.size());
  return beats;
}

/// When a port stalls: the percentage of cycles, with now and then a long run of them.
class Stalls {
 public:
  Stalls(unsigned percent, std::uint64_t stream) : percent_(percent), rng_(make_rng(stream)) {}
  bool next() {
    if (percent_ == 0) return false;
    if (run_ > 0) {
      --run_;
      return true;
    }
    if (rng_() % 200 == 0) run_ = static_cast<unsigned>(rng_() % 50);
    return rng_() % 100 < percent_;
  }

 private:
  unsigned percent_;
  unsigned run_ = 0;
  std::mt19937_64 rng_;
};

/// Drives any valid/ready port from a queue of items.
template <class Item>
class Source : public Agent {
 public:
  /// put(item, valid): sets the port's payload and valid; ready(): reads its ready.
  Source(std::function<void(const Item&, bool)> put, std::function<bool()> ready, unsigned stall_percent = 0,
         std::uint64_t stream = 1)
      : put_(std::move(put)), ready_(std::move(ready)), stalls_(stall_percent, stream) {}
  void push(Item item) { queue_.push_back(std::move(item)); }
  [[nodiscard]] bool empty() const { return queue_.empty(); }
  [[nodiscard]] std::size_t size() const { return queue_.size(); }
  void clear() {
    queue_.clear();
    valid_ = false;
  }

  void drive() override {
    if (!valid_ && !queue_.empty() && !stalls_.next()) valid_ = true;
    put_(valid_ ? queue_.front() : Item{}, valid_);
  }
  void sample() override {
    if (valid_ && ready_()) {
      queue_.pop_front();
      valid_ = false;
    }
  }

 private:
  std::function<void(const Item&, bool)> put_;
  std::function<bool()> ready_;
  Stalls stalls_;
  std::deque<Item> queue_;
  bool valid_ = false;
};

/// Takes items from any valid/ready port.
template <class Item>
class Sink : public Agent {
 public:
  /// get(item): reads payload, returns valid; ready(r): sets ready.
  Sink(std::function<bool(Item&)> get, std::function<void(bool)> ready, unsigned stall_percent = 0,
       std::uint64_t stream = 2)
      : get_(std::move(get)), set_ready_(std::move(ready)), stalls_(stall_percent, stream) {}
  std::deque<Item> items;

  void drive() override {
    ready_ = !stalls_.next();
    set_ready_(ready_);
  }
  void sample() override {
    Item item;
    if (get_(item) && ready_) items.push_back(std::move(item));
  }

 private:
  std::function<bool(Item&)> get_;
  std::function<void(bool)> set_ready_;
  Stalls stalls_;
  bool ready_ = false;
};

/// A source of packets.
class PacketSource : public Source<Beat> {
 public:
  using Source::Source;
  void push_packet(const Bytes& packet) {
    for (const Beat& beat : to_beats(packet)) push(beat);
  }
};

/// A sink that puts packets together and checks the rules of beat_t.
class PacketSink : public Sink<Beat> {
 public:
  using Sink::Sink;
  std::vector<Bytes> packets;
  /// Forgets every packet, and the one that is on its way.
  void clear() {
    packets.clear();
    items.clear();
    current_.clear();
  }

  void sample() override {
    Sink::sample();
    while (!items.empty()) {
      const Beat beat = items.front();
      items.pop_front();
      if (beat.bytes > 16 || (!beat.last && beat.bytes != 16) || (beat.bytes == 0 && !current_.empty())) {
        throw std::runtime_error("beat with " + std::to_string(beat.bytes) + " bytes, last " +
                                 std::to_string(static_cast<int>(beat.last)));
      }
      for (unsigned i = beat.bytes; i < 16; ++i) {
        if (beat.data[i] != 0) throw std::runtime_error("unused bytes of a beat are not zero");
      }
      current_.insert(current_.end(), beat.data.begin(), beat.data.begin() + beat.bytes);
      if (beat.last) {
        packets.push_back(std::move(current_));
        current_.clear();
      }
    }
  }

 private:
  Bytes current_;
};

/// Shorthands for ports named <name>_valid_i, <name>_ready_o, <name>_beat_i (and the reverse).
#define SEALIFT_BEAT_SOURCE(bench, name, stall, stream)            \
  ::sealift::tb::PacketSource(                                     \
      [&](const ::sealift::tb::Beat& beat, bool valid) {           \
        (bench)->name##_valid_i = valid;                           \
        ::sealift::tb::put_beat(beat, &(bench)->name##_beat_i[0]); \
      },                                                           \
      [&] { return (bench)->name##_ready_o != 0; }, stall, stream)
#define SEALIFT_BEAT_SINK(bench, name, stall, stream)                                            \
  ::sealift::tb::PacketSink(                                                                     \
      [&](::sealift::tb::Beat& beat) {                                                           \
        if ((bench)->name##_valid_o) beat = ::sealift::tb::get_beat(&(bench)->name##_beat_o[0]); \
        return (bench)->name##_valid_o != 0;                                                     \
      },                                                                                         \
      [&](bool ready) { (bench)->name##_ready_i = ready; }, stall, stream)

}  // namespace sealift::tb
