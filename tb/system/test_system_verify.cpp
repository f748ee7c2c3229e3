// SPDX-License-Identifier: Apache-2.0
// Compress and verify through the whole top: wires behind the compress lanes are stuck while jobs run.
#include <Vsealift_top.h>
#include <Vsealift_top___024root.h>

#include "common/catch.h"
#include "common/seed.h"
#include "rig.h"

using namespace sealift;
using namespace sealift::test;

namespace {

constexpr std::uint64_t kGpa = 0x40000;
constexpr std::uint64_t kStoredUsed = 16 + kPageBytes + 5;  // inner block and one stored block

/// What is stuck at one: a bit of the lanes' data, or one of the lengths that they say.
struct Stuck {
  unsigned data = 0, length = 0;
};

void stick(Rig& rig, const Stuck& stuck) {
  auto& root = *rig.device.model().rootp;
  root.sealift_top__DOT__u_datapath__DOT__u_lanes__DOT__made_beat__VforceEn[0] = stuck.data;
  root.sealift_top__DOT__u_datapath__DOT__u_lanes__DOT__made_beat__VforceVal[0] = stuck.data;
  root.sealift_top__DOT__u_datapath__DOT__u_lanes__DOT__made_res__VforceEn = static_cast<SData>(stuck.length);
  root.sealift_top__DOT__u_datapath__DOT__u_lanes__DOT__made_res__VforceVal = static_cast<SData>(stuck.length);
}

/// Pages that compress well, so that only those which failed are stored.
Bytes soft_pages(std::mt19937_64& rng, std::size_t count) {
  Bytes pages(count * kPageBytes);
  for (auto& b : pages) b = static_cast<std::uint8_t>('a' + std::min(rng() % 12, rng() % 12));
  return pages;
}

struct Sent {
  Ended ended;
  Opened opened;
};

Sent send(Rig& rig, const Binding& b, const Bytes& pages, bool verify) {
  rig.install(2, b, Direction::Out);
  rig.device.write_memory(kGuest, pages);
  Job job;
  job.order = b.header.order;
  job.algorithm = b.header.algorithm;
  job.slot = 2;
  job.verify = verify;
  job.source = kGuest;
  job.source_bytes = pages.size();
  job.target = kStream;
  job.target_bytes = 2 * pages.size() + 16384;
  job.gpa = kGpa;
  Sent sent;
  sent.ended = rig.run(job);
  REQUIRE(name(sent.ended.code) == name(Status::Ok));
  sent.opened = open_stream(rig.memory(kStream, sent.ended.counters.bytes_out), b);
  rig.clear(2);
  return sent;
}

}  // namespace

TEST_CASE("verify: what the compress lanes get wrong goes out stored, is counted, and opens to the same pages") {
  auto rng = tb::make_rng(700);
  Rig rig(Rig::calm(tb::run_seed()));
  for (const Order order : {Order::CompressThenEncrypt, Order::CompressOnly, Order::EncryptThenCompress}) {
    for (const Stuck stuck : {Stuck{}, Stuck{1U << (rng() % 32), 0}, Stuck{0, 1U << (rng() % 6)}}) {
      INFO(name(order) << ", stuck: data " << stuck.data << ", length " << stuck.length);
      const bool encrypted = order == Order::EncryptThenCompress;  // does not compress: every page is stored
      const Bytes pages = soft_pages(rng, 16);
      const Binding b = Binding::make(rng, order);
      stick(rig, stuck);
      const Sent sent = send(rig, b, pages, true);
      stick(rig, {});
      REQUIRE(name(sent.opened.status) == name(Status::Ok));
      REQUIRE(sent.opened.memory.size() == pages.size() / kPageBytes);
      for (const auto& [address, page] : sent.opened.memory) {
        const auto from = pages.begin() + static_cast<std::ptrdiff_t>(address - kGpa);
        const bool same = std::equal(page.begin(), page.end(), from);
        REQUIRE(same);
      }
      const auto& c = sent.ended.counters;
      const bool faulty = stuck.data != 0 || stuck.length != 0;
      if (!faulty) CHECK(c.unverified == 0);
      // The length of a stored block, 4,101, has a bit of its own set already.
      if (faulty && (!encrypted || stuck.data != 0)) CHECK(c.unverified > 0);
      if (!encrypted) {
        std::size_t stored = 0;
        for (const std::uint64_t used : sent.opened.payload_used) stored += used == kStoredUsed ? 1U : 0U;
        CHECK(c.unverified == stored);
        CHECK(c.stored == stored);
      }
    }
  }
  CHECK(rig.device.failures() == 0);
}

TEST_CASE("verify: without it, a fault of the compress lanes is found by the receiver alone") {
  auto rng = tb::make_rng(701);
  Rig rig(Rig::calm(tb::run_seed()));
  const Bytes pages = soft_pages(rng, 8);
  stick(rig, {1U << 20, 0});
  const Sent sent = send(rig, Binding::make(rng, Order::CompressThenEncrypt), pages, false);
  stick(rig, {});
  CHECK(sent.ended.counters.unverified == 0);
  // The stuck bit may lie in a page's stream, or behind its end, where zeros must be.
  const bool found = sent.opened.status == Status::BadDeflate || sent.opened.status == Status::BadCrc ||
                     sent.opened.status == Status::BadInner;
  INFO(name(sent.opened.status));
  CHECK(found);
  CHECK(rig.device.failures() == 0);
}
