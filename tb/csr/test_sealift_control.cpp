// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <bit>
#include <map>
#include <set>

#include "common/catch.h"
#include "control_bench.h"
#include "sealift_host_regs.h"
#include "sealift_secure_regs.h"

using namespace sealift::tb;

namespace {

constexpr unsigned kGcm = SEALIFT_ALGORITHM_AES_256_GCM;
constexpr unsigned kOut = SEALIFT_DIRECTION_MIGRATE_OUT;
constexpr unsigned kIn = SEALIFT_DIRECTION_MIGRATE_IN;
constexpr std::uint32_t kValid = 1U << 0, kLocked = 1U << 1, kBusy = 1U << 2, kEnded = 1U << 3, kSpent = 1U << 4,
                        kFresh = 1U << 6;

bool in(std::uint32_t addr, std::uint32_t first, std::uint32_t last) { return addr >= first && addr <= last; }

// The maps, written down a second time by hand: what may be read and written.
bool host_readable(std::uint32_t a) {
  return in(a, 0x000, 0x014) || in(a, 0x040, 0x048) || in(a, 0x050, 0x07c) || in(a, 0x084, 0x094) ||
         in(a, 0x0a8, 0x0b0) || in(a, 0x0c0, 0x0d8) || in(a, 0x100, 0x164);
}
bool host_writable(std::uint32_t a) {
  return in(a, 0x040, 0x048) || in(a, 0x050, 0x080) || a == 0x084 || a == 0x090 || a == 0x094 || in(a, 0x0a8, 0x0ac) ||
         in(a, 0x0c0, 0x0d8);
}
bool secure_readable(std::uint32_t a) {
  return in(a, 0x000, 0x014) || in(a, 0x040, 0x048) || in(a, 0x050, 0x080) || a == 0x088 || in(a, 0x090, 0x0b0) ||
         in(a, 0x0c0, 0x0d8) || in(a, 0x100, 0x164) || in(a, 0x180, 0x184) || in(a, 0x190, 0x1bc) || a == 0x1c8 ||
         in(a, 0x1d0, 0x1f8) || a == 0x254 || in(a, 0x25c, 0x268) || in(a, 0x278, 0x27c) || in(a, 0x400, 0x5fc);
}
bool secure_writable(std::uint32_t a) {
  return a == 0x084 || a == 0x088 || a == 0x090 || a == 0x094 || in(a, 0x09c, 0x0ac) || in(a, 0x180, 0x184) ||
         in(a, 0x190, 0x1c4) || a == 0x1cc || in(a, 0x1e0, 0x1f8) || in(a, 0x200, 0x258) || in(a, 0x280, 0x29c) ||
         a == 0x264 || in(a, 0x26c, 0x270) || in(a, 0x400, 0x5fc);
}

/// Reads all of a port; checks responses against the hand-written map.
std::map<std::uint32_t, std::uint32_t> read_all(Control& c, LitePort& port, bool (*readable)(std::uint32_t)) {
  std::map<std::uint32_t, std::uint32_t> values;
  for (std::uint32_t a = 0; a < 0x1000; a += 4) {
    const std::uint32_t value = c.read(port, a);
    INFO("address " << std::hex << a);
    REQUIRE(port.resp == (readable(a) ? kOkay : kSlvErr));
    if (!readable(a)) REQUIRE(value == 0);
    values[a] = value;
  }
  return values;
}

void finish(Control& c, std::vector<Commit> commits = {}) {
  c.dp.commits = std::move(commits);
  c.bench.run_until([&] { return c.dp.commits.empty(); }, 1000);
  c.dp.done = true;
  c.wait_idle();
}

}  // namespace

TEST_CASE("csr: identity and capabilities, under every mix of stalls", "[csr]") {
  Control c(GENERATE(0U, 40U, 80U));
  CHECK(c.hr(SEALIFT_HOST_ID) == 0x54464c53);
  CHECK(c.sr(SEALIFT_SECURE_ID) == 0x53464c53);
  CHECK(c.hr(SEALIFT_HOST_VERSION) == 0x100);
  CHECK(c.sr(SEALIFT_SECURE_VERSION) == 0x100);
  for (LitePort* port : {&c.host, &c.secure}) {
    CHECK(c.read(*port, SEALIFT_HOST_CAP_FORMATS) == 0x001f01ff);
    CHECK(c.read(*port, SEALIFT_HOST_CAP_UNITS) == ((8U << 24) | (8U << 16) | (4U << 8) | 3U));
    CHECK(c.read(*port, SEALIFT_HOST_CAP_BUS) == ((8U << 24) | (8U << 16) | 128U));
    CHECK(c.read(*port, SEALIFT_HOST_CAP_JOBS) == 0x1f08);
  }
  CHECK(c.sr(SEALIFT_SECURE_POLICY) == 0x07);
  CHECK(c.sr(SEALIFT_SECURE_TIMEOUT) == 0x100000);
  CHECK(c.bench.errors() == 0);
}

TEST_CASE("csr: byte strobes, a strobe of zero, and both directions at once", "[csr]") {
  Control c(30);
  CHECK(c.hw(SEALIFT_HOST_REQ_SRC_LO, 0x11223344) == kOkay);
  CHECK(c.hw(SEALIFT_HOST_REQ_SRC_LO, 0xaabbccdd, 0x5) == kOkay);
  CHECK(c.hr(SEALIFT_HOST_REQ_SRC_LO) == 0x11bb33dd);
  CHECK(c.hw(SEALIFT_HOST_REQ_SRC_LO, 0xffffffff, 0) == kOkay);
  CHECK(c.hr(SEALIFT_HOST_REQ_SRC_LO) == 0x11bb33dd);
  CHECK(c.hw(SEALIFT_HOST_DOORBELL, 1, 0) == kOkay);
  CHECK(c.host_state() == SEALIFT_REQUEST_STATE_IDLE);
  for (unsigned i = 0; i < 50; ++i) {
    c.host.start_write(SEALIFT_HOST_REQ_DST_LO, i, 0xf);
    c.secure.start_read(SEALIFT_SECURE_ID);
    c.bench.run_until([&] { return !c.host.busy() && !c.secure.busy(); }, 500);
    CHECK(c.secure.data == 0x53464c53);
  }
  CHECK(c.sr(SEALIFT_SECURE_REQ_DST_LO) == 49);
  CHECK(c.bench.errors() == 0);
}

TEST_CASE("csr: the generated headers agree", "[csr]") {
  CHECK(offsetof(sealift_host_t, STATUS) == SEALIFT_HOST_STATUS);
  CHECK(offsetof(sealift_secure_t, KEY) == SEALIFT_SECURE_KEY);
  CHECK(offsetof(sealift_secure_t, WINDOWS) == SEALIFT_SECURE_WINDOW_BASE_LO);
  sealift_secure__JOB_CONFIG_t config{};
  config.f.slot = 5;
  config.f.algorithm = kGcm;
  CHECK(config.w == ((5U << 16) | (1U << 4)));
}

TEST_CASE("csr: every address of both ports, in every state, host reaches nothing of the secure side", "[csr]") {
  Control c;
  c.stage(1);
  REQUIRE(c.install(2) == SEALIFT_KEY_RESULT_OK);
  c.stage(2);  // and something staged
  c.sw64(SEALIFT_SECURE_WINDOW_BASE_LO, 0x1000);
  Job job;
  job.slot = 2;
  const unsigned state = GENERATE(0U, 1U, 2U, 3U, 4U);
  if (state >= 1) c.hw(SEALIFT_HOST_DOORBELL, 1);
  if (state >= 2) c.sw(SEALIFT_SECURE_JUDGMENT, 1);
  if (state >= 3) c.run(job);
  if (state >= 4) finish(c);
  INFO("state " << state);

  const auto secure_before = read_all(c, c.secure, secure_readable);
  read_all(c, c.host, host_readable);
  // No key word is anywhere in what can be read.
  for (const auto& [addr, value] : secure_before) {
    for (const std::uint32_t word : c.staged_key) CHECK(value != word);
    for (const std::uint32_t word : c.staged_tweak) CHECK((word == 0 || value != word));
  }
  // The host writes everything everywhere.
  const unsigned starts = c.dp.starts, clears = c.dp.clears, wipes = c.dp.wipes, loads = c.dp.loads;
  auto rng = make_rng(77);
  for (unsigned pass = 0; pass < 2; ++pass) {
    for (std::uint32_t a = 0; a < 0x1000; a += 4) {
      INFO("address " << std::hex << a);
      const unsigned resp = c.hw(a, pass == 0 ? 0xffffffffU : static_cast<std::uint32_t>(rng()));
      REQUIRE(resp == (host_writable(a) ? kOkay : kSlvErr));
    }
  }
  CHECK(c.dp.starts == starts);
  CHECK(c.dp.clears == clears);
  CHECK(c.dp.wipes == wipes);
  CHECK(c.dp.loads == loads);
  const auto secure_after = read_all(c, c.secure, secure_readable);
  for (const auto& [addr, value] : secure_after) {
    INFO("address " << std::hex << addr);
    const bool mirror = in(addr, 0x040, 0x07c) && (state == 0 || state >= 3);
    const bool doorbell = addr == SEALIFT_SECURE_REQ_STATUS || addr == SEALIFT_SECURE_IRQ_STATE;
    const bool time = in(addr, SEALIFT_SECURE_CYCLES_LO, SEALIFT_SECURE_CYCLES_LO + 4) && state == 3;
    if (!mirror && !doorbell && !time) CHECK(value == secure_before.at(addr));
  }
  CHECK(c.bench.errors() == 0);
}

TEST_CASE("csr: every secure address takes or refuses a write as the map says", "[csr]") {
  Control c;
  for (std::uint32_t a = 0; a < 0x1000; a += 4) {
    INFO("address " << std::hex << a);
    REQUIRE(c.sw(a, 0) == (secure_writable(a) ? kOkay : kSlvErr));
  }
  CHECK(c.bench.errors() == 0);
}

TEST_CASE("csr: two keys cannot be told apart at either port nor, without a job, at any output", "[csr]") {
  std::array<std::vector<std::uint32_t>, 2> seen;
  for (unsigned k = 0; k < 2; ++k) {
    Control c;
    auto& log = seen[k];
    c.stage(5);
    // The same all around, another key.
    for (unsigned i = 0; i < 8; ++i) c.sw(SEALIFT_SECURE_KEY + 4 * i, k == 0 ? 0x01020304U : 0xf0e0d0c0U);
    const auto look = [&] {
      for (std::uint32_t a = 0; a < 0x1000; a += 4) {
        log.push_back(c.hr(a));
        log.push_back(c.sr(a));
      }
      for (unsigned i = 0; i < 8; ++i) log.push_back(c.bench->crypto_key_o[i] | c.bench->crypto_tweak_key_o[i]);
    };
    look();
    REQUIRE(c.install(0) == SEALIFT_KEY_RESULT_OK);
    look();
    c.run(Job{});
    CHECK(c.bench->crypto_key_o[0] == (k == 0 ? 0x01020304U : 0xf0e0d0c0U));
    finish(c, {{true, false, 0, 0}, {false, true, 1, 32}});
    look();
    CHECK(c.outputs_zero());
  }
  CHECK(seen[0] == seen[1]);
}

TEST_CASE("mailbox: request, judgment, start, done; registers are frozen on the way", "[csr]") {
  Control c;
  c.sw(SEALIFT_SECURE_IRQ_ENABLE, 7);
  c.hw(SEALIFT_HOST_IRQ_ENABLE, 3);
  c.stage(3);
  REQUIRE(c.install(1) == SEALIFT_KEY_RESULT_OK);
  c.hw(SEALIFT_HOST_REQ_CONFIG, 0x1c | (1U << 1) | (kGcm << 4) | (2U << 12));
  c.hw(SEALIFT_HOST_REQ_STREAM, 0xcafe);
  std::vector<std::uint32_t> words;
  for (std::uint32_t a = 0x50; a < 0x80; a += 4) words.push_back(a);
  for (std::uint32_t a = 0xc0; a <= 0xd8; a += 4) words.push_back(a);
  for (const std::uint32_t a : words) c.hw(a, 0xabc00000 + a);
  CHECK(c.host_state() == SEALIFT_REQUEST_STATE_IDLE);
  CHECK(c.sr(SEALIFT_SECURE_REQ_STATUS) == 0);
  c.hw(SEALIFT_HOST_DOORBELL, 1);
  CHECK(c.bench->irq_secure_o == 1);
  CHECK(c.sr(SEALIFT_SECURE_IRQ_STATE) == 1);
  c.sw(SEALIFT_SECURE_IRQ_STATE, 1);
  CHECK(c.bench->irq_secure_o == 0);
  CHECK(c.host_state() == SEALIFT_REQUEST_STATE_REQUESTED);
  CHECK(c.sr(SEALIFT_SECURE_REQ_STATUS) == ((1U << 4) | SEALIFT_REQUEST_STATE_REQUESTED));
  c.sw(SEALIFT_SECURE_REQ_ACK, 1);
  CHECK(c.sr(SEALIFT_SECURE_REQ_STATUS) == SEALIFT_REQUEST_STATE_REQUESTED);

  const auto frozen = [&] {
    for (const std::uint32_t a : words) {
      CHECK(c.hw(a, 0) == kOkay);
      CHECK(c.hr(a) == 0xabc00000 + a);
      CHECK(c.sr(a) == 0xabc00000 + a);
    }
    c.hw(SEALIFT_HOST_REQ_CONFIG, 0);
    c.hw(SEALIFT_HOST_REQ_STREAM, 0);
    CHECK(c.hr(SEALIFT_HOST_REQ_CONFIG) != 0);
    CHECK(c.sr(SEALIFT_SECURE_REQ_CONFIG) == c.hr(SEALIFT_HOST_REQ_CONFIG));
    CHECK(c.sr(SEALIFT_SECURE_REQ_STREAM) == 0xcafe);
    c.hw(SEALIFT_HOST_DOORBELL, 1);
    CHECK((c.hr(SEALIFT_HOST_STATUS) & 0x10) != 0);
    c.hw(SEALIFT_HOST_STATUS, 0x10);
    CHECK((c.hr(SEALIFT_HOST_STATUS) & 0x10) == 0);
  };
  frozen();
  c.sw(SEALIFT_SECURE_JUDGMENT, 1);
  CHECK(c.host_state() == SEALIFT_REQUEST_STATE_ACCEPTED);
  CHECK(c.bench->irq_host_o == 1);
  CHECK(c.hr(SEALIFT_HOST_IRQ_STATE) == 1);
  c.hw(SEALIFT_HOST_IRQ_STATE, 3);
  CHECK(c.bench->irq_host_o == 0);
  frozen();
  Job job;
  job.slot = 1;
  c.dp.counts = {7, 3, 5, 0x1'0000'0002, 0x2'0000'0003, 99};
  c.dp.kinds = {1, 2, 3, 4};
  c.run(job);
  CHECK(c.host_state() == SEALIFT_REQUEST_STATE_RUNNING);
  // The job is a copy: the host may write its next request.
  c.hw(SEALIFT_HOST_REQ_STREAM, 2);
  CHECK(c.hr(SEALIFT_HOST_REQ_STREAM) == 2);
  c.dp.stall = 0xf;
  c.bench.ticks(100);
  c.dp.stall = 0;
  // Progress is there while it runs.
  CHECK(c.hr64(SEALIFT_HOST_PAGES_LO) == 7);
  CHECK(c.hr64(SEALIFT_HOST_BYTES_IN_LO) == 0x1'0000'0002);
  const auto cycles = c.hr64(SEALIFT_HOST_CYCLES_LO);
  CHECK(c.hr64(SEALIFT_HOST_CYCLES_LO) > cycles);
  finish(c, {{true, false, 0, 0}, {false, false, 1, 64}, {false, true, 0, 48}});
  c.dp.counts = {};
  c.dp.kinds = {};
  c.bench.ticks(5);
  CHECK(c.host_state() == SEALIFT_REQUEST_STATE_DONE);
  CHECK(c.bench->irq_host_o == 1);
  CHECK(c.bench->irq_secure_o == 1);
  CHECK(c.hr(SEALIFT_HOST_IRQ_STATE) == 2);
  CHECK(c.sr(SEALIFT_SECURE_IRQ_STATE) == 2);
  for (LitePort* port : {&c.host, &c.secure}) {
    const auto r64 = [&](std::uint32_t a) { return c.read(*port, a) | (std::uint64_t{c.read(*port, a + 4)} << 32); };
    CHECK(r64(SEALIFT_HOST_PAGES_LO) == 7);
    CHECK(r64(SEALIFT_HOST_FILL_PAGES_LO) == 3);
    CHECK(r64(SEALIFT_HOST_RECORDS_LO) == 5);
    CHECK(r64(SEALIFT_HOST_BYTES_IN_LO) == 0x1'0000'0002);
    CHECK(r64(SEALIFT_HOST_BYTES_OUT_LO) == 0x2'0000'0003);
    CHECK(r64(SEALIFT_HOST_BODY_BYTES_LO) == 99);
    CHECK(c.read(*port, SEALIFT_HOST_STORED) == 1);
    CHECK(c.read(*port, SEALIFT_HOST_FIXED) == 2);
    CHECK(c.read(*port, SEALIFT_HOST_DYNAMIC) == 3);
    CHECK(c.read(*port, SEALIFT_HOST_UNVERIFIED) == 4);
    for (const std::uint32_t a : {SEALIFT_HOST_STALL_MEMORY_LO, SEALIFT_HOST_STALL_LANE_LO,
                                  SEALIFT_HOST_STALL_CIPHER_LO, SEALIFT_HOST_STALL_WRITER_LO}) {
      CHECK(r64(a) == 100);
    }
  }
  CHECK(c.sr64(SEALIFT_SECURE_JOB_LAST_SEQ_LO) == 2);
  CHECK(c.hw(SEALIFT_HOST_REQ_STREAM, 1) == kOkay);
  CHECK(c.hr(SEALIFT_HOST_REQ_STREAM) == 1);

  // A job of the security processor's own is not the host's business.
  c.stage(4);
  REQUIRE(c.install(3) == SEALIFT_KEY_RESULT_OK);
  job.slot = 3;
  c.dp.counts = {1000, 0, 0, 0, 0, 0};
  c.run(job);
  CHECK(c.host_state() == SEALIFT_REQUEST_STATE_DONE);
  CHECK(c.hr64(SEALIFT_HOST_PAGES_LO) == 0);
  CHECK(c.hr64(SEALIFT_HOST_CYCLES_LO) == 0);
  CHECK(c.sr64(SEALIFT_SECURE_PAGES_LO) == 1000);
  finish(c);
  CHECK(c.hr64(SEALIFT_HOST_PAGES_LO) == 0);
  CHECK(c.bench.errors() == 0);
}

TEST_CASE("mailbox: refusal with a reason, a judgment taken back, a job that is refused", "[csr]") {
  Control c;
  c.sw(SEALIFT_SECURE_JUDGMENT, 1);  // nothing to judge
  CHECK(c.host_state() == SEALIFT_REQUEST_STATE_IDLE);
  c.hw(SEALIFT_HOST_DOORBELL, 1);
  c.sw(SEALIFT_SECURE_JUDGMENT, SEALIFT_JUDGMENT_REASON_ADDRESS << 8);
  CHECK(c.hr(SEALIFT_HOST_STATUS) == (SEALIFT_REQUEST_STATE_REFUSED | (SEALIFT_JUDGMENT_REASON_ADDRESS << 8)));
  CHECK(c.sr(SEALIFT_SECURE_REQ_STATUS) == SEALIFT_REQUEST_STATE_REFUSED);
  c.hw(SEALIFT_HOST_REQ_STREAM, 5);
  CHECK(c.hr(SEALIFT_HOST_REQ_STREAM) == 5);
  c.hw(SEALIFT_HOST_DOORBELL, 1);
  CHECK(c.hr(SEALIFT_HOST_STATUS) == SEALIFT_REQUEST_STATE_REQUESTED);
  c.sw(SEALIFT_SECURE_JUDGMENT, 1);
  CHECK(c.host_state() == SEALIFT_REQUEST_STATE_ACCEPTED);
  c.sw(SEALIFT_SECURE_JUDGMENT, SEALIFT_JUDGMENT_REASON_KEY << 8);
  CHECK(c.hr(SEALIFT_HOST_STATUS) == (SEALIFT_REQUEST_STATE_REFUSED | (SEALIFT_JUDGMENT_REASON_KEY << 8)));
  c.hw(SEALIFT_HOST_DOORBELL, 1);
  c.sw(SEALIFT_SECURE_JUDGMENT, 1);
  c.start(Job{});  // no key installed
  CHECK(c.hr(SEALIFT_HOST_STATUS) == (SEALIFT_REQUEST_STATE_FAILED | (SEALIFT_JOB_CODE_BAD_SLOT << 16)));
  CHECK(c.bench.errors() == 0);
}

TEST_CASE("keys: a key is taken whole or not at all", "[csr]") {
  Control c;
  std::uint32_t refused = 0;
  const auto check = [&](unsigned slot, unsigned result) {
    CHECK(c.install(slot) == result);
    if (result != SEALIFT_KEY_RESULT_OK) ++refused;
    CHECK(c.sr(SEALIFT_SECURE_KEY_REFUSED) == refused);
    CHECK((c.sr(SEALIFT_SECURE_KEY_STATUS) >> 8) == 0);  // staging is wiped either way
    for (unsigned i = 0; i < 29; ++i) CHECK(c.bench->rootp->sealift_control__DOT__u_stage__DOT__data_q[i] == 0);
  };
  check(0, SEALIFT_KEY_RESULT_INCOMPLETE);
  for (unsigned missing = 0; missing < 13; ++missing) {  // one byte of one word
    c.stage(missing);
    c.sw(SEALIFT_SECURE_KEY_INSTALL, 15);  // wipes the staging
    ++refused;
    const auto word = [&](unsigned i, std::uint32_t addr) {
      c.sw(addr, 0x01010101, i == missing ? 0xfU & ~(1U << (missing % 4)) : 0xfU);
    };
    for (unsigned i = 0; i < 8; ++i) word(i, SEALIFT_SECURE_KEY + 4 * i);
    for (unsigned i = 0; i < 4; ++i) word(8 + i, SEALIFT_SECURE_STREAM_ID + 4 * i);
    word(12, SEALIFT_SECURE_SALT);
    INFO("missing " << missing);
    check(0, SEALIFT_KEY_RESULT_INCOMPLETE);
    CHECK((c.slot_status(0) & kValid) == 0);
  }
  c.stage(20);
  CHECK((c.sr(SEALIFT_SECURE_KEY_STATUS) >> 8) == 0x1fff);
  check(0, SEALIFT_KEY_RESULT_OK);
  CHECK(c.slot_status(0) == (kValid | kFresh | (kGcm << 8)));
  c.stage(21);
  check(0, SEALIFT_KEY_RESULT_VALID);
  c.stage(21);
  check(8, SEALIFT_KEY_RESULT_BAD_SLOT);
  CHECK(c.slot_status(8) == 0);
  for (unsigned alg = 9; alg < 16; ++alg) {
    c.stage(21, alg);
    check(1, SEALIFT_KEY_RESULT_BAD_ALG);
  }
  c.stage(22, SEALIFT_ALGORITHM_NONE, kIn);  // binds a stream, keeps no key
  check(1, SEALIFT_KEY_RESULT_OK);
  CHECK(c.slot_status(1) == (kValid | kFresh | (1U << 5)));
  for (unsigned i = 0; i < 16; ++i)
    CHECK(c.bench->rootp->sealift_control__DOT__u_slots__DOT__u_keys__DOT__mem[1][i] == 0);
  // lock
  c.sw(SEALIFT_SECURE_SLOT_LOCK, 0);
  CHECK(c.key_result() == SEALIFT_KEY_RESULT_OK);
  CHECK((c.slot_status(0) & kLocked) != 0);
  c.sw(SEALIFT_SECURE_SLOT_CLEAR, 0);
  CHECK(c.key_result() == SEALIFT_KEY_RESULT_LOCKED);
  CHECK((c.slot_status(0) & kValid) != 0);
  ++refused;
  c.stage(21);
  check(0, SEALIFT_KEY_RESULT_LOCKED);
  // clear and install again
  c.sw(SEALIFT_SECURE_SLOT_CLEAR, 1);
  CHECK(c.key_result() == SEALIFT_KEY_RESULT_OK);
  CHECK(c.slot_status(1) == 0);
  for (unsigned i = 0; i < 13; ++i)
    CHECK(c.bench->rootp->sealift_control__DOT__u_slots__DOT__u_bounds__DOT__mem[1][i] == 0);
  c.stage(23);
  check(1, SEALIFT_KEY_RESULT_OK);
  // a busy slot
  Job job;
  job.slot = 1;
  c.run(job);
  CHECK((c.slot_status(1) & kBusy) != 0);
  CHECK((c.slot_status(0) & kBusy) == 0);
  c.sw(SEALIFT_SECURE_SLOT_CLEAR, 1);
  CHECK(c.key_result() == SEALIFT_KEY_RESULT_BUSY);
  ++refused;
  c.stage(24);
  check(1, SEALIFT_KEY_RESULT_BUSY);
  c.stage(25);
  check(2, SEALIFT_KEY_RESULT_OK);  // another slot meanwhile
  finish(c);
  c.sw(SEALIFT_SECURE_SLOT_CLEAR, 1);
  CHECK(c.key_result() == SEALIFT_KEY_RESULT_OK);
  CHECK(c.bench.errors() == 0);
}

TEST_CASE("keys: a command in the cycle after a clear finds the store busy", "[csr]") {
  Control c;
  for (unsigned slot = 0; slot < 2; ++slot) {
    INFO("installed in slot " << slot << " while slot 0 is cleared");
    c.stage(30);
    REQUIRE(c.install(0) == SEALIFT_KEY_RESULT_OK);
    c.stage(31);
    c.secure.start_write(SEALIFT_SECURE_SLOT_CLEAR, 0, 0xf);
    c.secure.follow_write(SEALIFT_SECURE_KEY_INSTALL, slot);
    c.bench.run_until([&] { return !c.secure.busy(); }, 1000);
    c.bench.ticks(3);
    CHECK(c.key_result() == SEALIFT_KEY_RESULT_BUSY);
    CHECK((c.slot_status(0) & kValid) == 0);
    CHECK((c.slot_status(1) & kValid) == 0);
    for (unsigned i = 0; i < 16; ++i) {
      CHECK(c.bench->rootp->sealift_control__DOT__u_slots__DOT__u_keys__DOT__mem[0][i] == 0);
      CHECK(c.bench->rootp->sealift_control__DOT__u_slots__DOT__u_keys__DOT__mem[1][i] == 0);
    }
    c.stage(32);
    REQUIRE(c.install(slot) == SEALIFT_KEY_RESULT_OK);
    c.sw(SEALIFT_SECURE_SLOT_CLEAR, slot);
  }
}

TEST_CASE("keys: of each algorithm, what it takes is wanted, kept and given to the data path, and nothing else",
          "[csr]") {
  struct Takes {
    unsigned alg, key, tweak;  // words
  };
  const auto takes = GENERATE(Takes{SEALIFT_ALGORITHM_NONE, 0, 0}, Takes{SEALIFT_ALGORITHM_AES_256_GCM, 8, 0},
                              Takes{SEALIFT_ALGORITHM_AES_128_GCM, 4, 0}, Takes{SEALIFT_ALGORITHM_AES_256_CTR, 8, 0},
                              Takes{SEALIFT_ALGORITHM_AES_128_CTR, 4, 0}, Takes{SEALIFT_ALGORITHM_AES_256_XTS, 8, 8},
                              Takes{SEALIFT_ALGORITHM_AES_128_XTS, 4, 4}, Takes{SEALIFT_ALGORITHM_SM4_GCM, 4, 0},
                              Takes{SEALIFT_ALGORITHM_SM4_CTR, 4, 0});
  INFO("algorithm " << takes.alg);
  Control c;
  c.sw(SEALIFT_SECURE_POLICY, 0x11f);
  auto rng = make_rng(42);
  // One word of 16 is left out at a time; 16: none.
  for (unsigned missing = 0; missing <= 16; ++missing) {
    INFO("without word " << missing);
    for (unsigned i = 0; i < 16; ++i) {
      if (i == missing) continue;
      c.sw(i < 8 ? SEALIFT_SECURE_KEY + 4 * i : SEALIFT_SECURE_TWEAK_KEY + 4 * (i - 8), 0x1000 + i);
    }
    for (unsigned i = 0; i < 4; ++i) c.sw(SEALIFT_SECURE_STREAM_ID + 4 * i, static_cast<std::uint32_t>(rng()));
    c.sw(SEALIFT_SECURE_SALT, static_cast<std::uint32_t>(rng()));
    c.sw(SEALIFT_SECURE_SLOT_CONFIG, takes.alg);
    const std::uint32_t words = missing < 16 ? 0xffffU & ~(1U << missing) : 0xffffU;
    CHECK(c.sr(SEALIFT_SECURE_KEY_STATUS) >> 24 == words >> 8);
    CHECK(((c.sr(SEALIFT_SECURE_KEY_STATUS) >> 8) & 0xffU) == (words & 0xffU));
    const bool wanted = missing < takes.key || (missing >= 8 && missing < 8 + takes.tweak);
    REQUIRE(c.install(2) == (wanted ? SEALIFT_KEY_RESULT_INCOMPLETE : SEALIFT_KEY_RESULT_OK));
    if (wanted) continue;
    Job job;
    job.slot = 2;
    job.alg = takes.alg;
    job.order = takes.alg == 0 ? SEALIFT_ORDER_COPY : SEALIFT_ORDER_ENCRYPT_ONLY;
    c.run(job);
    CHECK(c.bench->crypto_alg_o == takes.alg);
    for (unsigned i = 0; i < 8; ++i) {
      CHECK(c.bench->crypto_key_o[i] == (i < takes.key ? 0x1000 + i : 0));
      CHECK(c.bench->crypto_tweak_key_o[i] == (i < takes.tweak ? 0x1008 + i : 0));
    }
    finish(c);
    CHECK(c.job_code() == SEALIFT_JOB_CODE_OK);
    CHECK(c.outputs_zero());
    c.sw(SEALIFT_SECURE_SLOT_CLEAR, 2);
  }
  CHECK(c.bench.errors() == 0);
}

TEST_CASE("keys: XTS with two equal keys is refused, as far as the algorithm looks at them", "[csr]") {
  Control c;
  const unsigned alg = GENERATE(unsigned{SEALIFT_ALGORITHM_AES_256_XTS}, unsigned{SEALIFT_ALGORITHM_AES_128_XTS},
                                unsigned{SEALIFT_ALGORITHM_AES_256_GCM});
  const unsigned words = alg == SEALIFT_ALGORITHM_AES_128_XTS ? 4 : 8;
  for (unsigned differs = 0; differs <= 8; ++differs) {  // 8: none
    c.stage(43, alg);
    for (unsigned i = 0; i < 8; ++i) {
      c.sw(SEALIFT_SECURE_TWEAK_KEY + 4 * i, c.staged_key[i] ^ (i == differs ? 1U << (4 * i) : 0U));
    }
    const bool equal = alg != SEALIFT_ALGORITHM_AES_256_GCM && differs >= words;
    CHECK(c.install(0) == (equal ? SEALIFT_KEY_RESULT_EQUAL : SEALIFT_KEY_RESULT_OK));
    CHECK((c.slot_status(0) & kValid) == (equal ? 0 : kValid));
    c.sw(SEALIFT_SECURE_SLOT_CLEAR, 0);
  }
  CHECK(c.bench.errors() == 0);
}

TEST_CASE("keys: the data path gets what was staged, numbers go on, outputs are zero without a job", "[csr]") {
  Control c;
  c.stage(40);
  const auto key = c.staged_key, kdf = c.staged_kdf;
  const auto id = c.staged_id;
  const auto salt = c.staged_salt;
  REQUIRE(c.install(5) == SEALIFT_KEY_RESULT_OK);
  c.stage(41, kGcm, kIn);
  REQUIRE(c.install(6) == SEALIFT_KEY_RESULT_OK);
  CHECK(c.outputs_zero());
  Job job;
  job.slot = 5;
  job.end = false;
  std::uint64_t seq = 0, records = 0, pages = 0, payload = 0;
  for (unsigned round = 0; round < 4; ++round) {
    job.begin = round == 0;
    job.end = round == 3;
    job.verify = round % 2 == 0;
    c.run(job);
    for (unsigned i = 0; i < 8; ++i) CHECK(c.bench->crypto_key_o[i] == key[i]);
    for (unsigned i = 0; i < 8; ++i) CHECK(get_bits(c.bench->bind_o, 32 * i, 32) == kdf[i]);
    CHECK(get_bits(c.bench->bind_o, 256, 32) == salt);
    for (unsigned i = 0; i < 4; ++i) CHECK(get_bits(c.bench->bind_o, 288 + 32 * i, 32) == id[i]);
    for (unsigned i = 0; i < 4; ++i) CHECK(c.bench->crypto_stream_id_o[i] == id[i]);
    CHECK(c.bench->crypto_salt_o == salt);
    CHECK(c.bench->crypto_alg_o == kGcm);
    CHECK(c.bench->seq_o == seq);
    CHECK(get_bits(c.bench->totals_o, 128, 64) == records);
    CHECK(get_bits(c.bench->totals_o, 64, 64) == pages);
    CHECK(get_bits(c.bench->totals_o, 0, 64) == payload);
    // job_o, field by field from the top
    CHECK(get_bits(c.bench->job_o, 546, 1) == unsigned{job.verify});
    CHECK(get_bits(c.bench->job_o, 414, 1) == job.dir);
    CHECK(get_bits(c.bench->job_o, 410, 4) == job.alg);
    CHECK(get_bits(c.bench->job_o, 407, 3) == job.order);
    CHECK(get_bits(c.bench->job_o, 402, 1) == unsigned{job.begin});
    CHECK(get_bits(c.bench->job_o, 401, 1) == unsigned{job.end});
    CHECK(get_bits(c.bench->job_o, 397, 4) == job.slot);
    CHECK(get_bits(c.bench->job_o, 333, 64) == job.src);
    CHECK(get_bits(c.bench->job_o, 269, 64) == job.src_len);
    CHECK(get_bits(c.bench->job_o, 205, 64) == job.dst);
    CHECK(get_bits(c.bench->job_o, 141, 64) == job.dst_len);
    CHECK(get_bits(c.bench->job_o, 77, 64) == job.gpa);
    CHECK(get_bits(c.bench->job_o, 13, 64) == job.meta_addr);
    CHECK(get_bits(c.bench->job_o, 0, 13) == job.meta_len);
    std::vector<Commit> commits;
    if (round == 0) commits.push_back({true, false, 0, 0});
    for (unsigned i = 0; i < 5; ++i)
      commits.push_back({false, round == 3 && i == 4, i + round, static_cast<std::uint16_t>(16 * i)});
    for (const Commit& commit : commits) {
      ++seq;
      if (!commit.header) {
        ++records;
        pages += commit.pages;
        payload += commit.payload;
      }
    }
    c.dp.commits = commits;
    c.bench.run_until([&] { return c.dp.commits.empty(); }, 100);
    c.bench.ticks(2);
    CHECK(c.bench->seq_o == seq);
    CHECK(c.slot_seq(5) == seq);  // while it runs
    CHECK(c.slot_seq(6) == 0);
    finish(c);
    CHECK(c.job_code() == SEALIFT_JOB_CODE_OK);
    CHECK(c.outputs_zero());
    CHECK(c.slot_seq(5) == seq);
    CHECK(c.sr64(SEALIFT_SECURE_JOB_LAST_SEQ_LO) == seq - 1);
  }
  CHECK((c.slot_status(5) & kEnded) != 0);
  CHECK((c.slot_status(5) & kFresh) == 0);
  CHECK(c.bench.errors() == 0);
}

TEST_CASE("jobs: each refusal", "[csr]") {
  Control c;
  c.stage(50);
  REQUIRE(c.install(0) == SEALIFT_KEY_RESULT_OK);
  c.stage(51, kGcm, kIn);
  REQUIRE(c.install(1) == SEALIFT_KEY_RESULT_OK);
  c.stage(52, SEALIFT_ALGORITHM_NONE);
  REQUIRE(c.install(2) == SEALIFT_KEY_RESULT_OK);
  c.sw(SEALIFT_SECURE_IRQ_ENABLE, 7);
  const auto refused = [&](auto&& change, unsigned code) {
    Job job;
    change(job);
    c.start(job);
    c.bench.ticks(5);
    CHECK(c.job_code() == code);
    CHECK(c.start_code() == code);
    CHECK_FALSE(c.busy());
    CHECK(c.bench->irq_secure_o == 1);
    c.sw(SEALIFT_SECURE_IRQ_STATE, 7);
    CHECK(c.dp.starts == 0);
    CHECK(c.dp.loads == 0);
  };
  const unsigned config = SEALIFT_JOB_CODE_BAD_CONFIG, align = SEALIFT_JOB_CODE_BAD_ALIGN;
  for (unsigned alg = 9; alg < 16; ++alg) refused([&](Job& j) { j.alg = alg; }, SEALIFT_JOB_CODE_BAD_ALG);
  refused([](Job& j) { j.order = 5; }, config);
  refused([](Job& j) { j.order = 7; }, config);
  refused([](Job& j) { j.pad = 5; }, config);
  refused([](Job& j) { j.alg = 0; }, config);
  refused([](Job& j) { j.order = SEALIFT_ORDER_COPY; }, config);
  refused([](Job& j) { j.src += 16; }, align);
  refused([](Job& j) { j.src += 1; }, align);
  refused([](Job& j) { j.src_len += 2048; }, align);
  refused([](Job& j) { j.dst += 8; }, align);
  refused([](Job& j) { j.dst_len += 8; }, align);
  refused([](Job& j) { j.gpa += 16; }, align);
  refused([](Job& j) { j.meta_addr += 4; }, align);
  refused([](Job& j) { j.meta_len = 8; }, align);
  refused([](Job& j) { j.meta_len = 4112; }, align);
  refused([](Job& j) { j.record = 0x1020; }, align);
  const auto list = [](Job& j, unsigned kind, std::uint64_t at, std::uint64_t bytes) {
    j.list_kind = kind;
    j.list = at;
    j.list_len = bytes;
  };
  refused([&](Job& j) { list(j, SEALIFT_LIST_TABLE, 0x1000, 64); }, config);
  refused([&](Job& j) { list(j, 5, 0x1000, 64); }, config);
  refused([&](Job& j) { list(j, 7, 0x1000, 64); }, config);
  refused([&](Job& j) { list(j, SEALIFT_LIST_PAGES, 0x1008, 64); }, align);
  refused([&](Job& j) { list(j, SEALIFT_LIST_PAGES, 0x1000, 24); }, align);
  refused([&](Job& j) { list(j, SEALIFT_LIST_RANGES, 0x1000, 48); }, align);
  refused([&](Job& j) { list(j, SEALIFT_LIST_BITMAP, 0x1000, 0); }, align);
  refused([](Job& j) { j.src = ~std::uint64_t{0x1fff}; }, align);  // over the end of the address space
  refused([](Job& j) { j.gpa = ~std::uint64_t{0x2fff}; }, align);
  const auto in_job = [](Job& j) {
    j.dir = kIn;
    j.slot = 1;
    j.src = 0x10;
    j.src_len = 0x30;
    j.dst = 0x1000;
    j.dst_len = 0x2000;
    j.gpa = 5;  // has no meaning on the way in
  };
  refused([&](Job& j) { in_job(j), j.src = 8; }, align);
  refused([&](Job& j) { in_job(j), j.src_len = 8; }, align);
  refused([&](Job& j) { in_job(j), j.dst = 16; }, align);
  refused([&](Job& j) { in_job(j), j.dst_len = 0x800; }, align);
  refused([&](Job& j) { in_job(j), j.dst = ~std::uint64_t{0xfff}; }, align);
  refused([&](Job& j) { in_job(j), list(j, SEALIFT_LIST_BITMAP, 0x1000, 64); }, config);
  refused([&](Job& j) { in_job(j), list(j, SEALIFT_LIST_TABLE, 0x1000, 8); }, align);
  const unsigned slot = SEALIFT_JOB_CODE_BAD_SLOT;
  refused([&](Job& j) { in_job(j), j.slot = 0; }, slot);  // direction
  refused([](Job& j) { j.slot = 1; }, slot);              // direction
  refused([](Job& j) { j.slot = 2; }, slot);              // algorithm
  refused([](Job& j) { j.slot = 3; }, slot);              // empty
  refused([](Job& j) { j.slot = 9; }, slot);              // not there
  refused([](Job& j) { j.begin = false; }, slot);         // must begin
  const unsigned policy = SEALIFT_JOB_CODE_POLICY;
  const auto copy = [](Job& j) {
    j.alg = 0;
    j.slot = 2;
    j.order = SEALIFT_ORDER_COPY;
  };
  refused(copy, policy);
  c.sw(SEALIFT_SECURE_POLICY, 0x1f);
  refused(copy, policy);  // order allowed, no tag not
  c.sw(SEALIFT_SECURE_POLICY, 0x10e);
  refused([](Job&) {}, policy);
  refused(copy, policy);
  c.sw(SEALIFT_SECURE_POLICY, 0x11f);
  // spent
  auto& info = c.bench->rootp->sealift_control__DOT__u_slots__DOT__info_q;
  set_bits(info, 0 * 10 + 5, 1, 1);
  CHECK((c.slot_status(0) & kSpent) != 0);
  refused([](Job&) {}, SEALIFT_JOB_CODE_SPENT);
  set_bits(info, 0 * 10 + 5, 1, 0);
  CHECK((c.slot_status(0) & kSpent) == 0);
  // and now one that passes; busy meanwhile
  Job job;
  copy(job);
  c.run(job);
  CHECK(c.dp.loads == 0);  // no cipher, no key context
  CHECK(c.outputs_zero() == false);
  const unsigned starts = c.dp.starts;
  c.start(Job{});
  CHECK(c.start_code() == SEALIFT_JOB_CODE_BUSY);
  CHECK(c.job_code() == SEALIFT_JOB_CODE_OK);
  CHECK(c.busy());
  finish(c, {{true, false, 0, 0}, {false, true, 0, 48}});
  CHECK(c.dp.starts == starts);
  CHECK(c.job_code() == SEALIFT_JOB_CODE_OK);
  // its stream is over
  job.begin = false;
  c.start(job);
  CHECK(c.job_code() == SEALIFT_JOB_CODE_BAD_SLOT);
  CHECK(c.bench.errors() == 0);
}

TEST_CASE("jobs: policy and windows lock until reset, windows stand still while a job runs", "[csr]") {
  Control c;
  const auto window = [](unsigned i, unsigned reg) { return SEALIFT_SECURE_WINDOW_BASE_LO + 0x20 * i + reg; };
  for (unsigned i = 0; i < 16; ++i) {
    c.sw64(window(i, 0), 0x1'1000'0000U + i);
    c.sw64(window(i, 8), 0x1'2000'0000U + i);
    c.sw(window(i, 16), 1 + 2 * (i % 2) + 4 * (i / 2 % 2));
  }
  for (unsigned i = 0; i < 16; ++i) {
    const bool there = i < 8;
    CHECK(c.sr64(window(i, 0)) == (there ? 0x1'1000'0000U + i : 0));
    CHECK(c.sr64(window(i, 8)) == (there ? 0x1'2000'0000U + i : 0));
    CHECK(c.sr(window(i, 16)) == (there ? 1 + 2 * (i % 2) + 4 * (i / 2 % 2) : 0));
    CHECK(c.sr(window(i, 20)) == 0);
    if (there) {
      CHECK(get_bits(c.bench->windows_o, 131 * i, 64) == 0x1'2000'0000U + i);
      CHECK(get_bits(c.bench->windows_o, 131 * i + 64, 64) == 0x1'1000'0000U + i);
      CHECK(get_bits(c.bench->windows_o, 131 * i + 128, 3) == (4 | (i % 2 ? 2 : 0) | (i / 2 % 2 ? 1 : 0)));
    }
  }
  c.sw(window(3, 16), 0xf);
  c.sw(window(3, 16), 0);
  c.sw(window(3, 0), 0);
  CHECK(c.sr(window(3, 16)) == 0xf);
  CHECK(c.sr64(window(3, 0)) == 0x1'1000'0003U);
  c.sw(SEALIFT_SECURE_POLICY, 0x80000003);
  c.sw(SEALIFT_SECURE_POLICY, 0x11f);
  CHECK(c.sr(SEALIFT_SECURE_POLICY) == 0x80000003);
  c.stage(60);
  REQUIRE(c.install(0) == SEALIFT_KEY_RESULT_OK);
  c.run(Job{});
  c.sw(window(1, 0), 0);
  c.sw(window(1, 16), 0);
  CHECK(c.sr64(window(1, 0)) == 0x1'1000'0001);
  CHECK(c.sr(window(1, 16)) != 0);
  c.sw(SEALIFT_SECURE_TIMEOUT, 77);
  CHECK(c.bench->timeout_o == 0x100000);
  finish(c);
  c.bench.ticks(2);
  CHECK(c.bench->timeout_o == 77);
  c.sw(window(1, 0), 0);
  CHECK(c.sr64(window(1, 0)) == 0x1'0000'0000);
  c.reset();
  c.bench.ticks(20);
  CHECK(c.sr(SEALIFT_SECURE_POLICY) == 7);
  CHECK(c.sr(window(3, 16)) == 0);
  CHECK(c.bench.errors() == 0);
}

TEST_CASE("jobs: faults, first one wins; DMA stops before the data path is wiped", "[csr]") {
  Control c;
  const unsigned dir = GENERATE(kOut, kIn);
  c.stage(70, kGcm, dir);
  REQUIRE(c.install(0) == SEALIFT_KEY_RESULT_OK);
  Job job;
  job.dir = dir;
  job.dst = 0x1000;
  const bool in_drain = GENERATE(false, true);
  c.run(job);
  CHECK(c.dp.loads == 1);
  c.dp.commits = {{true, false, 0, 0}, {false, false, 1, 16}};
  c.dp.counts = {1, 0, 1, 0, 0, 0};
  c.bench.ticks(5);
  c.dp.dma_idle = false;
  if (in_drain) {
    c.dp.done = true;
    c.bench.ticks(20);
  }
  const unsigned clears = c.dp.clears, wipes = c.dp.wipes;
  c.dp.fault_code = SEALIFT_JOB_CODE_WRITE_ERROR;
  c.dp.fault_addr = 0x1234'5678'9abc'def0;
  c.bench.tick();
  c.dp.fault_code = SEALIFT_JOB_CODE_BAD_TAG;
  c.dp.fault_addr = 1;
  c.bench.ticks(50);
  CHECK(c.bench->dma_abort_o == 1);
  CHECK(c.dp.clears == clears);
  CHECK(c.busy());
  c.dp.dma_idle = true;
  c.wait_idle();
  CHECK(c.dp.clears == clears + 1);
  CHECK(c.dp.wipes == wipes + 1);
  c.dp.counts = {};
  CHECK(c.bench->dma_abort_o == 0);
  CHECK(c.job_code() == SEALIFT_JOB_CODE_WRITE_ERROR);
  CHECK(c.sr64(SEALIFT_SECURE_JOB_ERROR_ADDR_LO) == 0x1234'5678'9abc'def0);
  CHECK(c.hr64(SEALIFT_HOST_ERROR_ADDR_LO) == 0);  // not the host's job
  CHECK(c.sr64(SEALIFT_SECURE_PAGES_LO) == 1);
  CHECK(c.slot_seq(0) == 2);
  CHECK(c.outputs_zero());
  // A broken outgoing stream cannot go on under the same numbers; an incoming one can.
  CHECK((c.slot_status(0) & kEnded) == (dir == kOut ? kEnded : 0));
  job.begin = false;
  if (dir == kOut) {
    c.start(job);
    CHECK(c.job_code() == SEALIFT_JOB_CODE_BAD_SLOT);
  } else {
    c.run(job);
    CHECK(c.bench->seq_o == 2);
    finish(c);
    CHECK(c.job_code() == SEALIFT_JOB_CODE_OK);
  }
  CHECK(c.sr64(SEALIFT_SECURE_JOB_ERROR_ADDR_LO) == 0);
  CHECK(c.bench.errors() == 0);
}

TEST_CASE("jobs: abort in every state", "[csr]") {
  Control c;
  for (unsigned slot = 0; slot < 8; ++slot) {
    c.stage(80 + slot);
    REQUIRE(c.install(slot) == SEALIFT_KEY_RESULT_OK);
  }
  c.sw(SEALIFT_SECURE_JOB_ABORT, 1);
  CHECK(c.job_code() == SEALIFT_JOB_CODE_OK);
  // The distance from start to abort in cycles: check, load, cipher, start, run.
  Job job;
  c.write_job(job);
  for (unsigned at = 0; at < 60; ++at) {
    job.slot = at % 8;
    c.stage(80 + job.slot);
    c.sw(SEALIFT_SECURE_SLOT_CLEAR, job.slot);
    REQUIRE(c.install(job.slot) == SEALIFT_KEY_RESULT_OK);
    c.sw(SEALIFT_SECURE_JOB_CONFIG, (1U << 2) | (1U << 3) | (kGcm << 4) | (job.slot << 16));
    c.sw(SEALIFT_SECURE_JOB_ABORT, 0);
    c.secure.start_write(SEALIFT_SECURE_JOB_START, 1, 0xf);
    c.bench.run_until([&] { return !c.secure.busy(); }, 100);
    c.bench.ticks(at);
    c.secure.start_write(SEALIFT_SECURE_JOB_ABORT, 1, 0xf);
    c.bench.run_until([&] { return !c.secure.busy(); }, 100);
    c.bench.ticks(3);
    c.wait_idle(40);
    INFO("after " << at << " cycles");
    CHECK(c.job_code() == SEALIFT_JOB_CODE_ABORTED);
    CHECK(c.outputs_zero());
  }
  CHECK(c.bench.errors() == 0);
}

TEST_CASE("jobs: memory that never stops is told after the timeout, the engine stays busy until it does", "[csr]") {
  Control c;
  c.stage(90);
  REQUIRE(c.install(0) == SEALIFT_KEY_RESULT_OK);
  c.sw(SEALIFT_SECURE_TIMEOUT, 100);
  c.sw(SEALIFT_SECURE_IRQ_ENABLE, 2);
  c.run(Job{});
  c.dp.dma_idle = false;
  c.dp.fault_code = SEALIFT_JOB_CODE_TIMEOUT;
  c.bench.ticks(90);
  CHECK(c.bench->irq_secure_o == 0);
  c.bench.ticks(30);
  CHECK(c.bench->irq_secure_o == 1);
  CHECK(c.job_code() == SEALIFT_JOB_CODE_TIMEOUT);
  CHECK(c.busy());
  c.sw(SEALIFT_SECURE_IRQ_STATE, 2);
  c.sw(SEALIFT_SECURE_JOB_START, 1);
  CHECK(c.start_code() == SEALIFT_JOB_CODE_BUSY);
  c.dp.dma_idle = true;
  c.wait_idle();
  CHECK(c.job_code() == SEALIFT_JOB_CODE_TIMEOUT);
  CHECK(c.bench->irq_secure_o == 0);  // told once
  CHECK(c.outputs_zero());
  CHECK(c.bench.errors() == 0);
}

TEST_CASE("zeroize: every key bit is gone within 64 cycles, in every state of a job", "[csr]") {
  Control c;
  const unsigned at = GENERATE(0U, 3U, 4U, 5U, 6U, 7U, 8U, 10U, 20U, 40U, 200U);
  const unsigned stall = GENERATE(0U, 1U);  // bursts outstanding
  for (unsigned slot = 0; slot < 8; ++slot) {
    c.stage(100 + slot);
    REQUIRE(c.install(slot) == SEALIFT_KEY_RESULT_OK);
  }
  c.sw(SEALIFT_SECURE_SLOT_LOCK, 4);
  c.stage(120);
  Job job;
  job.slot = 3;
  c.write_job(job);
  c.dp.dma_idle = stall == 0;
  if (at > 0) {
    c.secure.start_write(SEALIFT_SECURE_JOB_START, 1, 0xf);
    c.bench.run_until([&] { return !c.secure.busy(); }, 100);
    c.bench.ticks(at);
  }
  CHECK_FALSE(c.key_store_empty());
  const unsigned wipes = c.dp.wipes;
  c.secure.start_write(SEALIFT_SECURE_ZEROIZE, 1, 0xf);
  const auto cycle = c.bench.cycle();
  c.bench.run_until([&] { return c.dp.wipes != wipes; }, 10);
  c.bench.tick();
  CHECK(c.outputs_zero());  // at once
  c.bench.run_until([&] { return c.key_store_empty(); }, 64);
  const auto cycles = c.bench.cycle() - cycle;
  CHECK(cycles <= 64);
  if (at == 200 && stall == 1) fmt::print("zeroize: {} cycles from the write's address to the last bit\n", cycles);
  c.bench.run_until([&] { return !c.secure.busy(); }, 100);
  c.bench.ticks(20);
  for (unsigned slot = 0; slot < 8; ++slot) CHECK((c.slot_status(slot) & ~kBusy) == (slot == 4 ? kLocked : 0));
  CHECK((c.sr(SEALIFT_SECURE_ZEROIZE) & 2U) == 0);
  if (at > 0) {
    if (stall == 1) CHECK(c.busy());
    c.dp.dma_idle = true;
    c.wait_idle();
    CHECK(c.job_code() == SEALIFT_JOB_CODE_ZEROIZED);
  }
  // Works again, apart from the locked slot.
  c.dp.dma_idle = true;
  c.stage(130);
  CHECK(c.install(4) == SEALIFT_KEY_RESULT_LOCKED);
  c.stage(131);
  CHECK(c.install(3) == SEALIFT_KEY_RESULT_OK);
  c.run(job);
  finish(c);
  CHECK(c.job_code() == SEALIFT_JOB_CODE_OK);
  CHECK(c.bench.errors() == 0);
}

TEST_CASE("reset: wipes keys, also what a memory kept", "[csr]") {
  Control c;
  c.stage(140);
  REQUIRE(c.install(7) == SEALIFT_KEY_RESULT_OK);
  Job job;
  job.slot = 7;
  c.run(job);
  c.reset();
  CHECK(c.outputs_zero());
  c.bench.run_until([&] { return c.key_store_empty(); }, 64);
  // Before the memories are wiped nothing can be installed or used.
  c.reset();
  c.sw(SEALIFT_SECURE_SLOT_CLEAR, 0);
  CHECK(c.slot_status(7) == 0);
  CHECK(c.bench.errors() == 0);
}

TEST_CASE("numbers: a slot near its end refuses, a job that gets there ends", "[csr]") {
  Control c;
  c.stage(150, kGcm, kIn);
  REQUIRE(c.install(0) == SEALIFT_KEY_RESULT_OK);
  Job job;
  job.dir = kIn;
  job.dst = 0x1000;
  c.run(job);
  c.bench->rootp->sealift_control__DOT__u_slots__DOT__seq_q = 0xffff'ffff'ffff'fefe;
  c.dp.commits = {{false, false, 1, 16}};
  c.bench.ticks(10);
  CHECK(c.busy());
  c.dp.commits = {{false, false, 1, 16}};
  c.wait_idle();
  CHECK(c.job_code() == SEALIFT_JOB_CODE_SPENT);
  CHECK(c.slot_seq(0) == 0xffff'ffff'ffff'ff00);
  CHECK((c.slot_status(0) & kSpent) != 0);
  job.begin = false;
  c.start(job);
  CHECK(c.job_code() == SEALIFT_JOB_CODE_SPENT);
  CHECK(c.bench.errors() == 0);
}

TEST_CASE("alert: each illegal state wipes all keys, ends the job and cannot be left but by reset", "[csr]") {
  const bool mid_job = GENERATE(false, true);
  using Machine = Control::Machine;
  struct Encoding {
    Machine machine;
    unsigned bits;
    std::set<unsigned> legal;
  };
  const std::array<Encoding, 3> encodings{
      {{Machine::Job, 8, {0xe6, 0x3d, 0x56, 0xfa, 0xab, 0x27, 0xe1, 0x32, 0x09, 0xdc, 0x68, 0x85}},
       {Machine::Keys, 6, {0x00, 0x2a, 0x19, 0x07}},
       {Machine::Mailbox, 7, {0x6e, 0x5d, 0x0f, 0x52, 0x28, 0x61, 0x3b, 0x14}}}};
  Control c;
  const auto hit = [&](Machine machine, unsigned code) {
    INFO("machine " << static_cast<unsigned>(machine) << " code " << std::hex << code);
    c.reset();
    c.bench.ticks(15);
    c.sw(SEALIFT_SECURE_IRQ_ENABLE, 4);
    c.stage(160);
    REQUIRE(c.install(1) == SEALIFT_KEY_RESULT_OK);
    Job job;
    job.slot = 1;
    if (mid_job) c.run(job);
    CHECK(c.bench->alert_o == 0);
    const unsigned wipes = c.dp.wipes;
    c.upset(machine, code);
    c.bench.tick();
    CHECK(c.outputs_zero());
    CHECK(c.bench->alert_o == 1);
    c.bench.ticks(61);
    CHECK(c.key_store_empty());
    CHECK(c.dp.wipes > wipes);
    CHECK(c.bench->irq_secure_o == 1);
    CHECK((c.sr(SEALIFT_SECURE_ALERT) & 3U) == (machine == Machine::Keys ? 2U : 1U));
    CHECK(c.job_code() == SEALIFT_JOB_CODE_FAULT);
    const unsigned starts = c.dp.starts;
    c.stage(161);
    c.install(2);
    job.slot = 2;
    c.start(job);
    c.bench.ticks(60);
    CHECK(c.start_code() == SEALIFT_JOB_CODE_FAULT);
    CHECK(c.dp.starts == starts);
    CHECK(c.bench->alert_o == 1);
    if (machine != Machine::Mailbox) return;
    // The host is told that its request failed, and is not heard any more.
    CHECK(c.host_state() == SEALIFT_REQUEST_STATE_FAILED);
    c.hw(SEALIFT_HOST_DOORBELL, 1);
    CHECK(c.host_state() == SEALIFT_REQUEST_STATE_FAILED);
    CHECK((c.sr(SEALIFT_SECURE_REQ_STATUS) & 0x10U) == 0);
  };
  for (const Encoding& e : encodings) {
    // Three bits apart: one upset, or two, cannot lead from one state to another.
    for (const unsigned one : e.legal) {
      for (const unsigned other : e.legal) CHECK((one == other || std::popcount(one ^ other) >= 3));
    }
    for (unsigned code = 0; code < 1U << e.bits; ++code) {
      if (e.legal.count(code) == 0) hit(e.machine, code);
    }
  }
  c.reset();
  CHECK(c.bench->alert_o == 0);
  CHECK(c.bench.errors() == 0);
}

TEST_CASE("alert: a fault that the data path detects in itself wipes all keys", "[csr]") {
  Control c;
  c.stage(170);
  REQUIRE(c.install(1) == SEALIFT_KEY_RESULT_OK);
  Job job;
  job.slot = 1;
  const bool mid_job = GENERATE(false, true);
  if (mid_job) c.run(job);
  c.dp.fault_code = SEALIFT_JOB_CODE_FAULT;
  c.bench.ticks(30);
  CHECK(c.key_store_empty());
  CHECK(c.bench->alert_o == 1);
  CHECK(c.sr(SEALIFT_SECURE_ALERT) == 4);
  CHECK(c.job_code() == (mid_job ? SEALIFT_JOB_CODE_FAULT : SEALIFT_JOB_CODE_OK));
  c.stage(171);
  CHECK(c.install(1) == SEALIFT_KEY_RESULT_OK);
  CHECK(c.bench.errors() == 0);
}

TEST_CASE("random: keys, locks and jobs against a model", "[csr]") {
  struct Slot {
    bool valid = false, locked = false, ended = false, fresh = false;
    unsigned dir = 0, alg = 0;
    std::uint64_t seq = 0;
  };
  Control c(20);
  auto rng = make_rng(1000);
  std::array<Slot, 8> slots;
  std::uint32_t refused = 0;
  c.sw(SEALIFT_SECURE_POLICY, 0x11f);
  const auto expect = [&](bool ok) {
    if (!ok) ++refused;
    CHECK((c.key_result() == SEALIFT_KEY_RESULT_OK) == ok);
  };
  for (unsigned step = 0; step < 400; ++step) {
    const unsigned n = static_cast<unsigned>(rng() % 9);  // 8 is out of range
    Slot* s = n < 8 ? &slots[n] : nullptr;
    switch (rng() % 12) {
      case 0:
      case 1:
      case 2:
      case 3: {
        const unsigned alg = rng() % 4 == 0 ? 0 : 1, dir = static_cast<unsigned>(rng() % 2);
        c.stage(step, alg, dir);
        const bool ok = s != nullptr && !s->locked && !s->valid;
        c.install(n);
        expect(ok);
        if (ok) *s = {true, false, false, true, dir, alg, 0};
        break;
      }
      case 4: {
        c.sw(SEALIFT_SECURE_SLOT_CLEAR, n);
        const bool ok = s != nullptr && !s->locked;
        expect(ok);
        if (ok) *s = {};
        break;
      }
      case 5: {
        if (rng() % 8 != 0) break;
        c.sw(SEALIFT_SECURE_SLOT_LOCK, n);
        const bool ok = s != nullptr && !s->locked;
        expect(ok);
        if (ok) s->locked = true;
        break;
      }
      case 6: {
        if (rng() % 10 != 0) break;
        c.sw(SEALIFT_SECURE_ZEROIZE, 1);
        c.bench.ticks(20);
        for (Slot& slot : slots) {
          const bool locked = slot.locked;
          slot = {};
          slot.locked = locked;
        }
        break;
      }
      default: {
        if (s == nullptr) break;
        Job job;
        job.slot = n;
        job.dir = rng() % 8 == 0 ? 1 - s->dir : s->dir;
        job.alg = s->alg;
        job.order = s->alg == 0 ? SEALIFT_ORDER_COPY : SEALIFT_ORDER_ENCRYPT_ONLY;
        job.begin = rng() % 8 == 0 ? s->fresh : !s->fresh;
        if (rng() % 4 != 0) job.begin = s->fresh;
        job.dst = 0x1000;
        const bool ok = s->valid && job.dir == s->dir && job.begin == s->fresh && !s->ended;
        if (!ok) {
          c.start(job);
          CHECK(c.job_code() == SEALIFT_JOB_CODE_BAD_SLOT);
          break;
        }
        c.run(job);
        CHECK(c.bench->seq_o == s->seq);
        std::vector<Commit> commits;
        if (s->fresh) commits.push_back({true, false, 0, 0});
        const unsigned records = static_cast<unsigned>(rng() % 20);
        for (unsigned i = 0; i < records; ++i) commits.push_back({false, false, 1, 16});
        if (rng() % 4 == 0) {
          commits.push_back({false, true, 0, 16});
          s->ended = true;
        }
        s->seq += commits.size();
        if (!commits.empty()) s->fresh = false;
        c.dp.commits = commits;
        c.bench.run_until([&] { return c.dp.commits.empty(); }, 1000);
        if (rng() % 4 == 0) {
          c.dp.fault_code = SEALIFT_JOB_CODE_READ_ERROR;
          c.wait_idle();
          CHECK(c.job_code() == SEALIFT_JOB_CODE_READ_ERROR);
          if (s->dir == kOut) s->ended = true;
        } else {
          finish(c);
          CHECK(c.job_code() == SEALIFT_JOB_CODE_OK);
        }
        break;
      }
    }
    const unsigned look = static_cast<unsigned>(rng() % 8);
    const Slot& l = slots[look];
    const std::uint32_t status = (l.valid ? kValid : 0) | (l.locked ? kLocked : 0) | (l.ended ? kEnded : 0) |
                                 (l.fresh ? kFresh : 0) | (l.dir << 5) | (l.alg << 8);
    CHECK(c.slot_status(look) == status);
    CHECK(c.slot_seq(look) == l.seq);
    CHECK(c.sr(SEALIFT_SECURE_KEY_REFUSED) == refused);
    CHECK(c.outputs_zero());
  }
  CHECK(c.bench.errors() == 0);
}

TEST_CASE("queue: jobs run in order, each with its record, and the ninth that waits is refused", "[csr]") {
  Control c(GENERATE(0U, 30U));
  c.sw(SEALIFT_SECURE_IRQ_ENABLE, 2);
  for (unsigned slot = 0; slot < 3; ++slot) {
    c.stage(200 + slot);
    REQUIRE(c.install(slot) == SEALIFT_KEY_RESULT_OK);
  }
  const auto job_of = [](unsigned i) {
    Job job;
    job.slot = i % 3;
    job.begin = i < 3;
    job.end = false;
    job.src = 0x10000 * (i + 1);
    job.record = 0x40 * (i + 1);
    job.tag = 0xabc0 + i;
    return job;
  };
  REQUIRE(c.push(job_of(0)) == SEALIFT_JOB_CODE_OK);
  c.bench.run_until([&] { return c.dp.starts == 1; }, 500);
  for (unsigned i = 1; i <= 8; ++i) {
    CHECK(c.push(job_of(i)) == SEALIFT_JOB_CODE_OK);
    CHECK(c.waiting() == i);
  }
  CHECK(c.push(job_of(9)) == SEALIFT_JOB_CODE_BUSY);
  CHECK(c.waiting() == 8);
  c.start(job_of(9));  // not past those that wait
  CHECK(c.start_code() == SEALIFT_JOB_CODE_BUSY);
  CHECK(c.dp.starts == 1);
  std::array<std::uint64_t, 3> sequences{};
  for (unsigned i = 0; i <= 8; ++i) {
    c.bench.run_until([&] { return c.dp.starts == i + 1; }, 500);
    CHECK(get_bits(c.bench->job_o, 13 + 64 * 5, 64) == 0x10000 * (i + 1));
    CHECK(c.dp.records.size() == i);
    c.dp.counts = {i + 1, i, 3 * i, 0x1'0000'0000U + i, 0x2'0000'0000U + i, 5};
    std::vector<Commit> commits(i + 1, Commit{i < 3, false, 1, 16});
    c.dp.commits = commits;
    sequences[i % 3] += i + 1;
    c.bench.run_until([&] { return c.dp.commits.empty(); }, 100);
    c.dp.dma_idle = false;
    c.dp.done = true;
    c.bench.ticks(60);
    CHECK(c.dp.records.size() == i);  // not before memory has the data
    c.dp.dma_idle = true;
    c.bench.run_until([&] { return c.dp.records.size() == i + 1; }, 100);
    CHECK(c.bench->irq_secure_o == 0);  // nor the interrupt before memory has the record
    c.bench.run_until([&] { return c.bench->irq_secure_o != 0; }, 100);
    c.dp.counts = {};
    const auto& r = c.dp.records.at(0x40 * (i + 1));
    CHECK(r[0] == i + 1);
    CHECK(r[1] == 0x1'0000'0000U + i);
    CHECK(r[2] == 0x2'0000'0000U + i);
    CHECK(r[3] == sequences[i % 3] - 1);
    CHECK((r[4] > 60 && r[4] < 2000));
    CHECK(r[5] == 0);
    CHECK(r[6] == 3 * i);
    CHECK(r[7] == ((1ULL << 56) | (0xabc0 + i)));
    c.sw(SEALIFT_SECURE_IRQ_STATE, 2);
    CHECK(c.sr(SEALIFT_SECURE_JOBS_ENDED) == i + 1);
  }
  c.wait_idle();
  CHECK(c.dp.starts == 9);
  CHECK(c.waiting() == 0);
  CHECK_FALSE(c.busy());
  CHECK(c.bench.errors() == 0);
}

TEST_CASE("queue: a failed job's successors of the same stream are refused, others run", "[csr]") {
  Control c;
  const unsigned dir = GENERATE(kOut, kIn);
  const bool refused_at_start = GENERATE(false, true);
  for (unsigned slot = 0; slot < 2; ++slot) {
    c.stage(210 + slot, kGcm, dir);
    REQUIRE(c.install(slot) == SEALIFT_KEY_RESULT_OK);
  }
  const auto job_of = [&](unsigned i, unsigned slot, bool begin) {
    Job job;
    job.dir = dir;
    job.dst = 0x1000;
    job.slot = slot;
    job.begin = begin;
    job.end = false;
    job.record = 0x40 * (i + 1);
    job.tag = i;
    return job;
  };
  const auto code_of = [&](unsigned i) {
    return static_cast<unsigned>(c.dp.records.at(0x40 * (i + 1))[7] >> 32 & 0xff);
  };
  Job first = job_of(0, 0, true);
  Job hold = job_of(9, 1, true);  // holds the engine while the others are queued
  REQUIRE(c.push(hold) == SEALIFT_JOB_CODE_OK);
  c.bench.run_until([&] { return c.dp.starts == 1; }, 500);
  if (refused_at_start) first.pad = 7;
  REQUIRE(c.push(first) == SEALIFT_JOB_CODE_OK);
  REQUIRE(c.push(job_of(1, 0, false)) == SEALIFT_JOB_CODE_OK);
  REQUIRE(c.push(job_of(2, 1, false)) == SEALIFT_JOB_CODE_OK);
  REQUIRE(c.push(job_of(3, 0, false)) == SEALIFT_JOB_CODE_OK);
  REQUIRE(c.push(job_of(4, 1, false)) == SEALIFT_JOB_CODE_OK);
  c.dp.commits = {{true, false, 0, 0}};
  c.bench.ticks(4);
  c.dp.done = true;
  unsigned starts = 2;
  if (!refused_at_start) {
    c.bench.run_until([&] { return c.dp.starts == starts; }, 500);
    c.bench.ticks(4);
    c.dp.commits = {{true, false, 0, 0}, {false, false, 1, 16}};
    c.bench.ticks(4);
    c.dp.fault_code = SEALIFT_JOB_CODE_READ_ERROR;
    c.dp.fault_addr = 0x7777;
    ++starts;
  }
  for (const unsigned i : {2U, 4U}) {
    INFO("job " << i);
    c.bench.run_until([&] { return c.dp.starts == starts; }, 500);
    ++starts;
    c.bench.ticks(4);
    c.dp.commits = {{false, false, 1, 16}};
    c.bench.ticks(4);
    c.dp.done = true;
    c.bench.run_until([&] { return c.dp.records.count(0x40 * (i + 1)) != 0; }, 500);
  }
  c.wait_idle();
  CHECK(code_of(0) == (refused_at_start ? SEALIFT_JOB_CODE_BAD_CONFIG : SEALIFT_JOB_CODE_READ_ERROR));
  CHECK(c.dp.records.at(0x40)[5] == (refused_at_start ? 0 : 0x7777));
  CHECK(code_of(1) == SEALIFT_JOB_CODE_BROKEN);
  CHECK(code_of(2) == SEALIFT_JOB_CODE_OK);
  CHECK(code_of(3) == SEALIFT_JOB_CODE_BROKEN);
  CHECK(code_of(4) == SEALIFT_JOB_CODE_OK);
  CHECK(c.dp.record_order == std::vector<std::uint64_t>{0x280, 0x40, 0x80, 0xc0, 0x100, 0x140});
  // What is pushed after it was told is judged on its own.
  CHECK(c.push(job_of(5, 0, refused_at_start)) == SEALIFT_JOB_CODE_OK);
  if (dir == kOut && !refused_at_start) {
    c.wait_idle();
    CHECK(code_of(5) == SEALIFT_JOB_CODE_BAD_SLOT);
  } else {
    c.bench.run_until([&] { return c.dp.starts == starts; }, 500);
    finish(c, {{true, false, 0, 0}});
    CHECK(code_of(5) == SEALIFT_JOB_CODE_OK);
  }
  CHECK(c.bench.errors() == 0);
}

TEST_CASE("queue: abort of the running job, and of those that wait", "[csr]") {
  Control c;
  for (unsigned slot = 0; slot < 3; ++slot) {
    c.stage(220 + slot);
    REQUIRE(c.install(slot) == SEALIFT_KEY_RESULT_OK);
  }
  Job job;
  for (unsigned i = 0; i < 3; ++i) {
    job.slot = i;
    job.record = 0x40 * (i + 1);
    REQUIRE(c.push(job) == SEALIFT_JOB_CODE_OK);
  }
  c.bench.run_until([&] { return c.dp.starts == 1; }, 500);
  const bool all = GENERATE(false, true);
  c.sw(SEALIFT_SECURE_JOB_ABORT, all ? 3 : 1);
  if (!all) {
    c.bench.run_until([&] { return c.dp.starts == 2; }, 500);
    finish(c);
    c.bench.run_until([&] { return c.dp.starts == 3; }, 500);
    finish(c);
  }
  c.bench.run_until([&] { return c.dp.records.size() == 3; }, 1000);
  c.wait_idle();
  for (unsigned i = 0; i < 3; ++i) {
    CHECK((c.dp.records.at(0x40 * (i + 1))[7] >> 32 & 0xff) ==
          (i == 0 || all ? SEALIFT_JOB_CODE_ABORTED : SEALIFT_JOB_CODE_OK));
  }
  CHECK(c.dp.starts == (all ? 1 : 3));
  CHECK(c.bench.errors() == 0);
}

TEST_CASE("record: memory that refuses it fails the job, abort and zeroize do not lose it", "[csr]") {
  Control c;
  const unsigned how = GENERATE(0U, 1U, 2U);
  const unsigned dir = GENERATE(kOut, kIn);
  c.stage(230, kGcm, dir);
  REQUIRE(c.install(0) == SEALIFT_KEY_RESULT_OK);
  Job job;
  job.dir = dir;
  job.dst = 0x1000;
  job.end = false;
  job.record = 0x1000;
  c.dp.record_latency = 200;
  c.run(job);
  c.dp.counts = {7, 0, 0, 0, 0, 0};
  c.dp.commits = {{true, false, 0, 0}};
  c.bench.ticks(3);
  c.dp.done = true;
  c.bench.run_until([&] { return c.dp.records.size() == 1; }, 500);
  c.dp.counts = {};
  const auto record = c.dp.records.at(0x1000);
  CHECK(c.sr(SEALIFT_SECURE_JOBS_ENDED) == 0);
  if (how == 0) {
    c.dp.fault_code = SEALIFT_JOB_CODE_WRITE_ERROR;
    c.dp.fault_addr = 0x1000;
  } else if (how == 1) {
    c.sw(SEALIFT_SECURE_JOB_ABORT, 1);
  } else {
    c.sw(SEALIFT_SECURE_ZEROIZE, 1);
  }
  c.bench.run_until([&] { return !c.inside_busy(); }, 500);
  c.bench.ticks(3);
  CHECK(c.sr(SEALIFT_SECURE_JOBS_ENDED) == 1);
  CHECK(c.job_code() == (how == 0 ? SEALIFT_JOB_CODE_WRITE_ERROR : SEALIFT_JOB_CODE_OK));
  CHECK(c.sr64(SEALIFT_SECURE_JOB_ERROR_ADDR_LO) == (how == 0 ? 0x1000 : 0));
  CHECK(c.sr64(SEALIFT_SECURE_PAGES_LO) == 7);
  CHECK(record[0] == 7);
  if (how < 2) CHECK(((c.slot_status(0) & kEnded) != 0) == (how == 0 && dir == kOut));
  CHECK(c.bench.errors() == 0);
}

TEST_CASE("record: written whenever an abort comes, with the code that the registers say", "[csr]") {
  unsigned good = 0;
  constexpr unsigned kCycles = 40;
  for (unsigned wait = 0; wait < kCycles; ++wait) {
    INFO("abort " << wait << " cycles after the work was done");
    Control c;
    c.stage(231, kGcm, kIn);
    REQUIRE(c.install(0) == SEALIFT_KEY_RESULT_OK);
    Job job;
    job.dir = kIn;
    job.dst = 0x1000;
    job.end = false;
    job.record = 0x1000;
    c.dp.record_latency = 30;
    c.run(job);
    c.dp.commits = {{true, false, 0, 0}};
    c.bench.ticks(3);
    c.dp.done = true;
    c.bench.ticks(wait);
    c.sw(SEALIFT_SECURE_JOB_ABORT, 1);
    c.bench.run_until([&] { return !c.inside_busy(); }, 500);
    c.bench.ticks(3);
    REQUIRE(c.dp.records.size() == 1);
    const std::uint32_t code = c.job_code();
    CHECK((c.dp.records.at(0x1000)[7] >> 32U & 0xffU) == code);
    CHECK((code == SEALIFT_JOB_CODE_OK || code == SEALIFT_JOB_CODE_ABORTED));
    good += code == SEALIFT_JOB_CODE_OK ? 1 : 0;
    CHECK(c.bench.errors() == 0);
  }
  CHECK(good > 0);
  CHECK(good < kCycles);
}

TEST_CASE("irq: moderated by count and timer on both ports, a failure at once", "[csr]") {
  Control c;
  c.sw(SEALIFT_SECURE_IRQ_ENABLE, 2);
  c.hw(SEALIFT_HOST_IRQ_ENABLE, 2);
  c.stage(240, kGcm, kIn);
  REQUIRE(c.install(0) == SEALIFT_KEY_RESULT_OK);
  bool begin = true;
  const auto job = [&](bool good) {
    c.hw(SEALIFT_HOST_DOORBELL, 1);
    c.sw(SEALIFT_SECURE_JUDGMENT, 1);
    Job j;
    j.dir = kIn;
    j.dst = 0x1000;
    j.begin = begin;
    j.end = false;
    c.run(j);
    if (begin) c.dp.commits = {{true, false, 0, 0}};
    begin = false;
    c.bench.ticks(3);
    if (good) {
      c.dp.done = true;
    } else {
      c.dp.fault_code = SEALIFT_JOB_CODE_READ_ERROR;
    }
    c.wait_idle();
  };
  const auto lines = [&] { return c.bench->irq_secure_o + 2 * c.bench->irq_host_o; };
  const auto acknowledge = [&] {
    c.sw(SEALIFT_SECURE_IRQ_STATE, 7);
    c.hw(SEALIFT_HOST_IRQ_STATE, 3);
  };
  c.sw(SEALIFT_SECURE_IRQ_COUNT, 3);
  job(true);
  CHECK(lines() == 3);  // without a timer nothing is held back
  acknowledge();
  c.sw(SEALIFT_SECURE_IRQ_TIMER, 5000);
  for (unsigned i = 0; i < 3; ++i) {
    CHECK((lines() & 1) == 0);
    job(true);
    CHECK((lines() & 2) != 0);
    c.hw(SEALIFT_HOST_IRQ_STATE, 3);
  }
  CHECK(lines() == 1);
  acknowledge();
  c.hw(SEALIFT_HOST_IRQ_TIMER, 2000);  // the timer alone
  job(true);
  const auto begin_cycle = c.bench.cycle();
  CHECK(lines() == 0);
  c.bench.run_until([&] { return lines() == 2; }, 2100);
  CHECK(c.bench.cycle() - begin_cycle > 1900);
  c.bench.run_until([&] { return lines() == 3; }, 3100);
  CHECK(c.bench.cycle() - begin_cycle > 4900);
  acknowledge();
  job(true);
  job(false);
  CHECK(lines() == 3);
  acknowledge();
  c.bench.ticks(6000);
  CHECK(lines() == 0);
  CHECK(c.sr(SEALIFT_SECURE_JOBS_ENDED) == 7);
  CHECK(c.hr(SEALIFT_HOST_JOBS_ENDED) == 7);
  CHECK(c.bench.errors() == 0);
}

TEST_CASE("mailbox: requests go on while jobs of the host wait and run", "[csr]") {
  Control c;
  for (unsigned slot = 0; slot < 3; ++slot) {
    c.stage(250 + slot);
    REQUIRE(c.install(slot) == SEALIFT_KEY_RESULT_OK);
  }
  Job job;
  c.dp.counts = {1, 0, 0, 0, 0, 0};
  for (unsigned i = 0; i < 2; ++i) {
    c.hw(SEALIFT_HOST_REQ_TAG, i);
    c.hw(SEALIFT_HOST_DOORBELL, 1);
    CHECK(c.host_state() == SEALIFT_REQUEST_STATE_REQUESTED);
    CHECK(c.sr(SEALIFT_SECURE_REQ_TAG) == i);
    c.sw(SEALIFT_SECURE_JUDGMENT, 1);
    job.slot = i;
    REQUIRE(c.push(job) == SEALIFT_JOB_CODE_OK);
    CHECK(c.host_state() == SEALIFT_REQUEST_STATE_RUNNING);
  }
  c.hw(SEALIFT_HOST_DOORBELL, 1);  // and one that stays where it is
  job.slot = 2;                    // the security processor's own
  REQUIRE(c.push(job) == SEALIFT_JOB_CODE_OK);
  CHECK(c.hr64(SEALIFT_HOST_PAGES_LO) == 1);
  c.dp.fault_code = SEALIFT_JOB_CODE_READ_ERROR;
  c.bench.run_until([&] { return c.dp.starts == 2; }, 500);
  CHECK(c.host_state() == SEALIFT_REQUEST_STATE_REQUESTED);
  CHECK(c.hr(SEALIFT_HOST_JOBS_ENDED) == 1);
  CHECK(((c.hr(SEALIFT_HOST_STATUS) >> 16) & 0xff) == SEALIFT_JOB_CODE_READ_ERROR);
  CHECK((c.hr(SEALIFT_HOST_IRQ_STATE) & 2) != 0);
  c.bench.ticks(3);
  c.dp.done = true;
  c.bench.run_until([&] { return c.dp.starts == 3; }, 500);
  c.bench.ticks(3);
  CHECK(c.hr(SEALIFT_HOST_JOBS_ENDED) == 2);
  CHECK(c.hr64(SEALIFT_HOST_PAGES_LO) == 0);  // its own
  finish(c);
  CHECK(c.hr(SEALIFT_HOST_JOBS_ENDED) == 2);
  CHECK(c.sr(SEALIFT_SECURE_JOBS_ENDED) == 3);
  c.sw(SEALIFT_SECURE_JUDGMENT, SEALIFT_JUDGMENT_REASON_POLICY << 8);
  CHECK(c.host_state() == SEALIFT_REQUEST_STATE_REFUSED);
  CHECK(c.bench.errors() == 0);
}
