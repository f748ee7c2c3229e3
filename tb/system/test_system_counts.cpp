// SPDX-License-Identifier: Apache-2.0
// Jobs that are ended at random times, in both directions, by everything that can end one: what the counters, the
// completion record and the key slot say is what memory holds, no more and no less, and the next job works.
#include "common/catch.h"
#include "common/seed.h"
#include "rig.h"

using namespace sealift;
using namespace sealift::test;

namespace {

constexpr std::array<Order, 5> kOrders{Order::CompressThenEncrypt, Order::EncryptThenCompress, Order::EncryptOnly,
                                       Order::CompressOnly, Order::Copy};
constexpr std::uint64_t kPages = 14;
constexpr std::uint64_t kRoom = 1 << 17;
constexpr std::uint32_t kMetaBytes = 208;
constexpr std::uint8_t kUntouched = 0xee;
constexpr std::uint64_t kBurst = 4096;  // of the 128-bit bus; each ends at a multiple

enum class Cause : std::uint8_t {
  Abort,
  Zeroize,
  WriteError,
  WriteHang,
  WriteWindow,
  ReadError,
  ReadHang,
  ReadWindow,
  Full,
  Flip
};

struct Injection {
  Cause cause = Cause::Abort;
  std::uint64_t at = 0;  // cycles, or an offset in the source or the target

  [[nodiscard]] bool gap() const { return cause == Cause::WriteError || cause == Cause::WriteHang; }
};

constexpr std::uint64_t kTimeout = 2500;

/// Runs a job with something happening to it.
Ended disturb(Rig& rig, std::mt19937_64& rng, const Job& job, const Injection& what) {
  using axi::Trap;
  axi::AxiMemory& memory = rig.device.memory();
  rig.put(SEALIFT_SECURE_TIMEOUT, kTimeout);
  rig.prepare(job);
  const bool hang = what.cause == Cause::WriteHang || what.cause == Cause::ReadHang;
  const std::uint32_t resp = rng() % 2 == 0 ? axi::kSlvErr : axi::kDecErr;
  if (what.gap()) memory.add_trap(Trap{job.target + what.at, job.target + what.at, false, true, resp, hang});
  if (what.cause == Cause::ReadError || what.cause == Cause::ReadHang) {
    memory.add_trap(Trap{job.source + what.at, job.source + what.at, true, false, resp, hang});
  }
  if (what.cause == Cause::ReadWindow) rig.window(0, job.source, what.at, Rig::kRead);
  if (what.cause == Cause::WriteWindow) rig.window(1, job.target, what.at, Rig::kWrite);
  if (rig.go() != Status::Ok) throw std::runtime_error("the job does not start");
  if (what.cause == Cause::Abort || what.cause == Cause::Zeroize) {
    rig.device.run(what.at);
    rig.put(what.cause == Cause::Abort ? SEALIFT_SECURE_JOB_ABORT : SEALIFT_SECURE_ZEROIZE, 1);
  }
  const Ended e = rig.finish(job);
  memory.clear_traps();
  // What was swallowed is answered now, or in the middle of the next job.
  if (hang && rng() % 2 == 0) memory.release_hung();
  while ((rig.get(SEALIFT_SECURE_ZEROIZE) & 2) != 0) rig.device.run(4);
  return e;
}

std::optional<Status> code_of(Cause cause) {
  switch (cause) {
    case Cause::Abort:
      return Status::Aborted;
    case Cause::Zeroize:
      return Status::Zeroized;
    case Cause::WriteError:
      return Status::WriteError;
    case Cause::ReadError:
      return Status::ReadError;
    case Cause::WriteHang:
    case Cause::ReadHang:
      return Status::Timeout;
    case Cause::WriteWindow:
    case Cause::ReadWindow:
      return Status::Window;
    case Cause::Full:
      return Status::DstFull;
    default:
      return {};
  }
}

/// The completion record and the registers say the same.
void check_record(Rig& rig, const Job& job, const Ended& e) {
  const Completion c = rig.completion(job.record);
  CHECK(c.written == 1);
  CHECK(c.tag == job.tag);
  CHECK(name(c.code) == name(e.code));
  CHECK(c.address == e.address);
  CHECK(c.pages == e.counters.pages);
  CHECK(c.records == e.counters.records);
  CHECK(c.bytes_in == e.counters.bytes_in);
  CHECK(c.bytes_out == e.counters.bytes_out);
  CHECK(c.last_sequence == e.last_sequence);
}

bool all_are(const Bytes& bytes, std::uint8_t value) {
  return std::all_of(bytes.begin(), bytes.end(), [&](std::uint8_t b) { return b == value; });
}

/// Fill pages among others, no two pages in a row of the same word, so that records are many and runs are short.
Bytes guest_pages(std::mt19937_64& rng) {
  Bytes all = make_pages(rng, kPages - 4);
  for (unsigned i = 0; i < 4; ++i) {
    const auto fill = golden::fill_page(i % 2 == 0 ? 0 : rng());
    const auto at = static_cast<std::ptrdiff_t>(rng() % (all.size() / kPageBytes + 1) * kPageBytes);
    all.insert(all.begin() + at, fill.begin(), fill.end());
  }
  return all;
}

struct Bounds {
  std::uint64_t cycles, source, target;
};

Injection draw(std::mt19937_64& rng, Cause cause, const Bounds& bounds) {
  Injection what{cause, 0};
  switch (cause) {
    case Cause::Abort:
    case Cause::Zeroize:
      what.at = rng() % bounds.cycles;
      break;
    case Cause::ReadError:
    case Cause::ReadHang:
    case Cause::Flip:
      what.at = rng() % bounds.source;
      break;
    case Cause::ReadWindow:
      what.at = 16 + rng() % (bounds.source - 16) / 16 * 16;
      break;
    case Cause::WriteWindow:
    case Cause::Full:
      what.at = 16 + rng() % (bounds.target - 16) / 16 * 16;
      break;
    default:
      what.at = rng() % bounds.target;
      break;
  }
  return what;
}

class Out {
 public:
  Out(Rig& rig, std::mt19937_64& rng) : rig_(rig), rng_(rng) {}

  void round(Cause cause, Order order) {
    const Binding b = Binding::make(rng_, order);
    pages_ = guest_pages(rng_);
    meta_ = make_bytes(rng_, rng_() % 2 == 0 ? kMetaBytes : 0);
    rig_.device.write_memory(kGuest, pages_);
    rig_.device.write_memory(kMeta, meta_);
    const unsigned pad = static_cast<unsigned>(rng_() % 5);
    const Ended good = whole(b, 1, pad);
    const Injection what = draw(rng_, cause, {good.counters.cycles + 200, pages_.size(), good.counters.bytes_out});
    INFO("out, cause " << static_cast<int>(cause) << " at " << what.at << " of " << good.counters.cycles
                       << " cycles, order " << name(order));
    const unsigned slot = 2;
    rig_.install(slot, b, Direction::Out);
    Job job = job_of(b, slot, pad);
    job.by_host = rng_() % 3 == 0;
    if (cause == Cause::Full) job.target_bytes = what.at;
    const Ended e = disturb(rig_, rng_, job, what);
    check_record(rig_, job, e);
    check(b, good, what, job, e);
    whole(Binding::make(rng_, kOrders[rng_() % kOrders.size()]), 1, 0);
    rig_.device.memory().release_hung();
  }

 private:
  Job job_of(const Binding& b, unsigned slot, unsigned pad) {
    rig_.fill_memory(kStream, kRoom, kUntouched);
    rig_.fill_memory(kRecords, 64, 0);
    Job j;
    j.order = b.header.order;
    j.algorithm = b.header.algorithm;
    j.pad = pad;
    j.slot = slot;
    j.source = kGuest;
    j.source_bytes = pages_.size();
    j.gpa = 5 * kPageBytes;
    j.target = kStream;
    j.target_bytes = kRoom;
    j.meta = kMeta;
    j.meta_bytes = static_cast<std::uint32_t>(meta_.size());
    j.record = kRecords;
    j.tag = static_cast<std::uint32_t>(rng_());
    return j;
  }
  Ended whole(const Binding& b, unsigned slot, unsigned pad) {
    rig_.install(slot, b, Direction::Out);
    rig_.put(SEALIFT_SECURE_TIMEOUT, 20000);
    const Job job = job_of(b, slot, pad);
    const Ended e = rig_.run(job);
    REQUIRE(name(e.code) == name(Status::Ok));
    check_record(rig_, job, e);
    const Opened o = open_stream(rig_.memory(kStream, e.counters.bytes_out), b);
    CHECK(name(o.status) == name(Status::Ok));
    CHECK(o.pages == kPages);
    CHECK(o.offset + kRecordHeaderBytes + o.headers.back().payload_length + kTagBytes == e.counters.bytes_out);
    CHECK(e.counters.bytes_in == pages_.size() + meta_.size());
    CHECK(e.last_sequence == e.counters.records);
    return e;
  }
  void check(const Binding& b, const Ended& good, const Injection& what, const Job& job, const Ended& e) {
    const std::uint64_t bytes = e.counters.bytes_out;
    REQUIRE(bytes <= job.target_bytes);
    const Opened o = open_stream(rig_.memory(kStream, bytes), b);
    // It may have been ended when everything was in memory.
    const bool all = bytes == good.counters.bytes_out;
    CHECK(name(o.status) == name(all ? Status::Ok : Status::Truncated));
    if (e.code != Status::Ok) {
      CHECK(name(e.code) == name(*code_of(what.cause)));
    } else {
      CHECK((what.cause == Cause::Abort || what.cause == Cause::Zeroize));
    }
    CHECK(e.counters.pages == o.pages);
    CHECK(e.counters.fill_pages == o.fill_pages);
    CHECK(e.counters.records == o.records);
    CHECK(e.counters.body_bytes == o.wire_bytes);
    CHECK(e.last_sequence == o.records);
    std::uint64_t meta = 0;
    for (const auto& [at, block] : o.metadata) meta += block.size();
    CHECK(e.counters.bytes_in == o.pages * kPageBytes + meta);
    if (what.gap()) {
      CHECK(bytes == what.at / kBurst * kBurst);
      CHECK(e.address == kStream + bytes);
      CHECK(all_are(rig_.memory(kStream + bytes, std::min(kBurst, good.counters.bytes_out - bytes)), kUntouched));
    } else {
      CHECK(all_are(rig_.memory(kStream + bytes, kRoom - bytes), kUntouched));
    }
    // The next number is beyond all that were used, and the slot takes no other job.
    if (what.cause == Cause::Zeroize) {
      CHECK((rig_.slot_status(job.slot) & 1) == 0);
    } else if (e.code != Status::Ok) {
      CHECK((rig_.slot_status(job.slot) & 8) != 0);
      CHECK(rig_.slot_sequence(job.slot) >= (bytes < 96 ? 0 : o.records + 1));
      Job again = job;
      again.begin = again.by_host = false;
      again.record = 0;
      CHECK(name(rig_.run(again).start) == name(Status::BadSlot));
    }
  }

  Rig& rig_;
  std::mt19937_64& rng_;
  Bytes pages_, meta_;
};

class In {
 public:
  In(Rig& rig, std::mt19937_64& rng) : rig_(rig), rng_(rng) {}

  void round(Cause cause, Order order) {
    const Binding b = Binding::make(rng_, order);
    Bytes stream = make(b);
    const Bytes sound = stream;
    const std::uint64_t target = kPages * kPageBytes;
    const Injection what = draw(rng_, cause, {kPages * 320 + 1500, stream.size(), target});
    INFO("in, cause " << static_cast<int>(cause) << " at " << what.at << ", order " << name(order) << ", stream of "
                      << stream.size());
    if (cause == Cause::Flip) stream[what.at] ^= static_cast<std::uint8_t>(1U << (rng_() % 8));
    const unsigned slot = 3;
    rig_.install(slot, b, Direction::In);
    rig_.device.write_memory(kStream, stream);
    rig_.fill_memory(kTarget, target, kUntouched);
    rig_.fill_memory(kMeta, kMetaBytes, kUntouched);
    rig_.fill_memory(kRecords, 64, 0);
    Job job = job_of(b, slot, stream.size());
    job.by_host = rng_() % 3 == 0;
    const Ended e = disturb(rig_, rng_, job, what);
    check_record(rig_, job, e);
    const Opened o = open_stream(sound, b);
    check(o, what, job, e);
    if (what.cause == Cause::Zeroize) {
      rig_.install(slot, b, Direction::In);
    } else if (e.code != Status::Ok && e.counters.bytes_in == sound.size()) {
      // The abort came when all had been taken: nothing is left, and the slot is at its stream's end.
      CHECK(name(e.code) == name(Status::Aborted));
      CHECK(difference(rig_.memory(kTarget, target), pages_).value_or(~0UL) == ~0UL);
    } else if (e.code != Status::Ok) {
      // On from the first record that was not accepted, as it should have been.
      rig_.device.write_memory(kStream, sound);
      rig_.put(SEALIFT_SECURE_TIMEOUT, 20000);
      Job rest = job_of(b, slot, stream.size() - e.counters.bytes_in);
      rest.begin = e.counters.bytes_in == 0;
      rest.source += e.counters.bytes_in;
      const Ended after = rig_.run(rest);
      CHECK(name(after.code) == name(Status::Ok));
      CHECK(after.counters.records + e.counters.records == o.records);
      CHECK(after.counters.bytes_in + e.counters.bytes_in == sound.size());
      CHECK(after.last_sequence == o.records);
      CHECK(difference(rig_.memory(kTarget, target), pages_).value_or(~0UL) == ~0UL);
    }
    rig_.device.memory().release_hung();
  }

 private:
  struct Write {
    std::uint64_t address;
    Bytes bytes;
    bool page, last;  // last of its record
  };

  Bytes make(const Binding& b) {
    pages_ = guest_pages(rng_);
    meta_ = make_bytes(rng_, rng_() % 2 == 0 ? kMetaBytes : 0);
    return write_stream(b, pages_, 0, {static_cast<int>(1 + rng_() % 9)}, kPadBuckets[rng_() % 5], meta_, 3);
  }
  Job job_of(const Binding& b, unsigned slot, std::uint64_t bytes) {
    Job j;
    j.direction = Direction::In;
    j.order = b.header.order;
    j.algorithm = b.header.algorithm;
    j.slot = slot;
    j.source = kStream;
    j.source_bytes = bytes;
    j.target = kTarget;
    j.target_bytes = kPages * kPageBytes;
    j.meta = kMeta;
    j.meta_bytes = kMetaBytes;
    j.record = kRecords;
    j.tag = static_cast<std::uint32_t>(rng_());
    return j;
  }
  void check(const Opened& o, const Injection& what, const Job& job, const Ended& e) {
    if (e.code == Status::Ok) {
      CHECK((what.cause == Cause::Abort || what.cause == Cause::Zeroize));
    } else if (const auto code = code_of(what.cause)) {
      CHECK(name(e.code) == name(*code));
    }
    // The writes that the stream asks for, in order.
    std::vector<Write> writes;
    for (const auto& h : o.headers) {
      if (h.type == static_cast<std::uint8_t>(RecordType::Metadata)) writes.push_back({kMeta, meta_, false, true});
      for (std::uint32_t i = 0; i < h.count; ++i) {
        const auto from = pages_.begin() + static_cast<std::ptrdiff_t>(h.address + i * kPageBytes);
        writes.push_back(
            {kTarget + h.address + i * kPageBytes, Bytes(from, from + kPageBytes), true, i + 1 == h.count});
      }
    }
    std::uint64_t pages = 0, records = 0, bytes = 0;
    std::size_t n = 0;
    for (; n < writes.size() && bytes < e.counters.bytes_out; ++n) {
      bytes += writes[n].bytes.size();
      pages += writes[n].page ? 1 : 0;
      records += writes[n].last ? 1 : 0;
    }
    if (e.code == Status::Ok) ++records;  // the end record
    CHECK(e.counters.bytes_out == bytes);
    CHECK(e.counters.pages == pages);
    // An end record has nothing in memory: it may have been accepted before the job was ended.
    const bool ended = n == writes.size() && e.counters.records == records + 1;
    CHECK((e.counters.records == records || ended));
    records = e.counters.records;
    const std::uint64_t taken = records < o.record_offsets.size() ? o.record_offsets[records] : job.source_bytes;
    const bool opened = e.counters.bytes_in != 0;
    CHECK(e.counters.bytes_in == (opened ? taken : 0));
    CHECK((opened || records == 0));
    CHECK(e.last_sequence == records);
    if (what.cause != Cause::Zeroize) CHECK(rig_.slot_sequence(job.slot) == (opened ? records + 1 : 0));
    // What was counted is there, and nothing else is; beyond a gap memory may have answered for more.
    std::size_t wrong = 0;
    for (std::size_t w = 0; w < writes.size(); ++w) {
      const Bytes found = rig_.memory(writes[w].address, writes[w].bytes.size());
      if (w < n ? found != writes[w].bytes : (!what.gap() || w == n) && !all_are(found, kUntouched)) ++wrong;
    }
    CHECK(wrong == 0);
    if (what.gap()) {
      REQUIRE(n < writes.size());
      CHECK(writes[n].address == kTarget + what.at / kPageBytes * kPageBytes);
      CHECK(e.address == writes[n].address);
    }
  }

  Rig& rig_;
  std::mt19937_64& rng_;
  Bytes pages_, meta_;
};

}  // namespace

TEST_CASE("system: a migrate-out that is ended at any time counts what memory holds", "[system]") {
  auto rng = tb::make_rng(700);
  unsigned n = 0;
  for (const bool calm : {true, false, false}) {
    Rig rig(calm ? Rig::calm(tb::run_seed()) : Rig::wild(rng));
    Out out(rig, rng);
    for (const Cause cause : {Cause::Abort, Cause::Zeroize, Cause::WriteError, Cause::WriteHang, Cause::WriteWindow,
                              Cause::ReadError, Cause::ReadHang, Cause::ReadWindow, Cause::Full, Cause::Abort}) {
      out.round(cause, kOrders[n++ % kOrders.size()]);
    }
    ++n;  // another order for each cause
    CHECK(rig.device.failures() == 0);
    CHECK(rig.get(SEALIFT_SECURE_ALERT) == 0);
  }
}

TEST_CASE("system: a migrate-in that is ended at any time counts what memory holds", "[system]") {
  auto rng = tb::make_rng(701);
  unsigned n = 0;
  for (const bool calm : {true, false, false, false}) {
    Rig rig(calm ? Rig::calm(tb::run_seed()) : Rig::wild(rng));
    In in(rig, rng);
    for (const Cause cause : {Cause::Abort, Cause::Zeroize, Cause::WriteError, Cause::WriteHang, Cause::WriteWindow,
                              Cause::ReadError, Cause::ReadHang, Cause::ReadWindow, Cause::Flip, Cause::Abort}) {
      in.round(cause, kOrders[n++ % kOrders.size()]);
    }
    ++n;
    CHECK(rig.device.failures() == 0);
    CHECK(rig.get(SEALIFT_SECURE_ALERT) == 0);
  }
}
