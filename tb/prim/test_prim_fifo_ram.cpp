// SPDX-License-Identifier: Apache-2.0
#include <Vprim_fifo_ram.h>

#include "common/bench.h"
#include "common/catch.h"
#include "common/stream.h"

using namespace sealift::tb;

namespace {

struct Fifo {
  Bench<Vprim_fifo_ram> bench;
  PacketSource source;
  PacketSink sink;

  Fifo(unsigned in_stall, unsigned out_stall)
      : source(
            [this](const Beat& beat, bool valid) {
              bench->valid_i = valid;
              put_beat(beat, &bench->data_i[0]);
            },
            [this] { return bench->ready_o != 0; }, in_stall, 1),
        sink(
            [this](Beat& beat) {
              if (bench->valid_o) beat = get_beat(&bench->data_o[0]);
              return bench->valid_o != 0;
            },
            [this](bool ready) { bench->ready_i = ready; }, out_stall, 2) {
    bench->clear_i = 0;
    bench->valid_i = 0;
    bench->ready_i = 0;
    bench.reset();
    bench.add(source);
    bench.add(sink);
  }
};

Bytes random_bytes(std::size_t n, std::uint64_t stream) {
  auto rng = make_rng(stream);
  Bytes bytes(n);
  for (auto& b : bytes) b = static_cast<std::uint8_t>(rng());
  return bytes;
}

}  // namespace

TEST_CASE("prim_fifo_ram: order and content survive every mix of stalls", "[prim]") {
  const auto in_stall = GENERATE(0U, 30U, 80U);
  const auto out_stall = GENERATE(0U, 30U, 80U);
  Fifo fifo(in_stall, out_stall);
  const Bytes packet = random_bytes(5000, in_stall * 100 + out_stall);
  fifo.source.push_packet(packet);
  fifo.bench.run_until([&] { return fifo.sink.packets.size() == 1; }, 20000);
  CHECK(fifo.sink.packets[0] == packet);
  CHECK(fifo.bench->used_o == 0);
  CHECK(fifo.bench.errors() == 0);
}

TEST_CASE("prim_fifo_ram: one item a cycle", "[prim]") {
  Fifo fifo(0, 0);
  fifo.source.push_packet(random_bytes(16 * 1000, 7));
  const auto cycles = fifo.bench.run_until([&] { return fifo.sink.packets.size() == 1; }, 2000);
  CHECK(cycles <= 1010);
  CHECK(fifo.bench.errors() == 0);
}
