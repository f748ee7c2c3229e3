// SPDX-License-Identifier: Apache-2.0
// Streams that must be refused, through the whole top: the status, the offset and the counts are those of the golden
// reader, memory holds what came before the refusal and nothing else, and the next stream goes through.
#include "common/catch.h"
#include "common/seed.h"
#include "golden/protection.h"
#include "rig.h"

using namespace sealift;
using namespace sealift::test;

namespace {

constexpr std::array<Order, 5> kOrders{Order::CompressThenEncrypt, Order::EncryptThenCompress, Order::EncryptOnly,
                                       Order::CompressOnly, Order::Copy};
constexpr std::uint64_t kTargetPages = 12;
constexpr std::uint64_t kTargetBytes = kTargetPages * kPageBytes;
constexpr std::uint32_t kMetaRoom = 256;

/// The golden reader's verdict, and what hardware adds: it knows the stream's header and the size of the target.
Opened expect(ConstSpan stream, const Binding& b) {
  Opened o = open_stream(stream, b, kTargetPages);
  if (o.status == Status::Ok) return o;
  const auto whole = b.header.bytes();
  if (o.offset == 0) {
    const bool known = o.status == Status::BadMagic || o.status == Status::BadVersion || o.status == Status::Truncated;
    if (!known && !std::equal(whole.begin(), whole.end(), stream.begin())) o.status = Status::BadHeader;
    return o;
  }
  const std::uint64_t left = stream.size() - o.offset;
  if (o.status == Status::AfterEnd || left < kRecordHeaderBytes) return o;
  const auto head = golden::RecordHeader::parse(stream.subspan(o.offset, kRecordHeaderBytes));
  const bool pages = head.type == static_cast<std::uint8_t>(RecordType::Page) ||
                     head.type == static_cast<std::uint8_t>(RecordType::Fill);
  if (left - kRecordHeaderBytes < std::uint64_t{head.payload_length} + kTagBytes) {
    o.status = Status::Truncated;  // section 5: before the table
  } else if (pages && (head.address / kPageBytes > kTargetPages || head.count > kTargetPages ||
                       head.address / kPageBytes + head.count > kTargetPages)) {
    o.status = Status::BadRecord;
  }
  return o;
}

struct Setup {
  Rig rig;
  std::mt19937_64 rng;
  unsigned jobs = 0;

  explicit Setup(unsigned stream, std::optional<device::RtlOptions> options = {})
      : rig(options ? *options : Rig::calm(tb::run_seed() + stream)), rng(tb::make_rng(stream)) {
    rig.precise_windows = false;
    rig.window(0, kStream, 1 << 20, Rig::kRead);
    rig.window(1, kTarget, kTargetBytes, Rig::kWrite);
    rig.window(2, kMeta, kMetaRoom, Rig::kWrite);
  }
  ~Setup() = default;

  Job job(const Binding& b, unsigned slot, std::uint64_t bytes) const {
    Job j;
    j.direction = Direction::In;
    j.order = b.header.order;
    j.algorithm = b.header.algorithm;
    j.slot = slot;
    j.source = kStream;
    j.source_bytes = bytes;
    j.target = kTarget;
    j.target_bytes = kTargetBytes;
    j.meta = kMeta;
    j.meta_bytes = kMetaRoom;
    return j;
  }

  /// One stream into fresh memory; everything about its end is checked. `installed`: what the slot gets, if not `b`.
  Ended deliver(ConstSpan stream, const Binding& b, const Opened& o, const Binding* installed = nullptr) {
    const unsigned slot = jobs++ % 4;
    rig.install(slot, installed != nullptr ? *installed : b, Direction::In);
    rig.device.write_memory(kStream, stream);
    rig.fill_memory(kTarget - kPageBytes, kTargetBytes + 2 * kPageBytes, 0x5a);
    rig.fill_memory(kMeta, kMetaRoom + 16, 0x5a);
    const std::uint64_t before = rig.device.memory().counts().written_bytes;
    Job j = job(b, slot, stream.size());
    j.by_host = rng() % 4 == 0;
    const Ended e = rig.run(j);
    REQUIRE(e.start == Status::Ok);
    CHECK(name(e.code) == name(o.status));
    CHECK(e.address == (o.status == Status::Ok ? 0 : o.offset));
    CHECK(e.counters.pages == o.pages);
    CHECK(e.counters.fill_pages == o.fill_pages);
    // The reader does not give out an end record that something follows; hardware has taken it by then.
    const std::uint64_t records = o.records + (o.status == Status::AfterEnd ? 1 : 0);
    CHECK(e.counters.records == records);
    const bool header_taken = o.status == Status::Ok || o.offset != 0;
    CHECK(rig.slot_sequence(slot) == (header_taken ? records + 1 : 0));
    std::uint64_t meta_bytes = 0;
    Bytes meta(kMetaRoom + 16, 0x5a);
    for (const auto& [at, block] : o.metadata) {
      meta_bytes += block.size();
      std::copy(block.begin(), block.end(), meta.begin() + static_cast<std::ptrdiff_t>(at));
    }
    CHECK(difference(rig.memory(kMeta, meta.size()), meta).value_or(~0UL) == ~0UL);
    CHECK(e.counters.bytes_out == o.pages * kPageBytes + meta_bytes);
    CHECK(rig.device.memory().counts().written_bytes - before == o.pages * kPageBytes + meta_bytes);
    Bytes target(kTargetBytes + 2 * kPageBytes, 0x5a);
    for (const auto& [at, page] : o.memory) {
      std::copy(page.begin(), page.end(), target.begin() + static_cast<std::ptrdiff_t>(kPageBytes + at));
    }
    CHECK(difference(rig.memory(kTarget - kPageBytes, target.size()), target).value_or(~0UL) == ~0UL);
    CHECK((rig.get(SEALIFT_SECURE_JOB_STATUS) & 1) == 0);
    return e;
  }
  Ended deliver(ConstSpan stream, const Binding& b) { return deliver(stream, b, expect(stream, b)); }

  /// A whole stream goes through.
  void good(Order order) {
    const Binding b = Binding::make(rng, order);
    const Bytes stream = write_stream(b, make_pages(rng, 3), 0, {}, 16);
    const Opened o = expect(stream, b);
    REQUIRE(o.status == Status::Ok);
    deliver(stream, b, o);
  }
  void over() {
    CHECK(rig.device.failures() == 0);
    CHECK(!rig.device.interrupts().alert);
    CHECK(rig.get(SEALIFT_SECURE_ALERT) == 0);
  }
};

/// One sparse page: a short body.
Bytes small_page(std::mt19937_64& rng) {
  Bytes page(kPageBytes, 0);
  for (int i = 0; i < 3; ++i) page[rng() % kPageBytes] = static_cast<std::uint8_t>(1 + rng() % 255);
  return page;
}

/// Metadata, a page, a run of two, a page, the end: as few bytes as the order allows.
Bytes small_stream(std::mt19937_64& rng, const Binding& b, bool metadata = true) {
  Bytes pages = small_page(rng);
  const auto fill = golden::fill_page(rng());
  for (int i = 0; i < 2; ++i) pages.insert(pages.end(), fill.begin(), fill.end());
  const Bytes last = small_page(rng);
  pages.insert(pages.end(), last.begin(), last.end());
  return write_stream(b, pages, kPageBytes * (rng() % 8), {9}, 16, metadata ? make_bytes(rng, 32) : Bytes{});
}

using golden::RawRecord;

/// A page record as the writer would make it, to be spoilt.
RawRecord page_record(const golden::Writer& writer, golden::Protection& protection, const Binding& b,
                      std::uint64_t address, ConstSpan page, const golden::DeflateOptions& deflate) {
  RawRecord r;
  r.header.type = 1;
  r.header.address = address;
  r.header.sequence = writer.next_sequence();
  r.header.count = 1;
  r.inner.crc = golden::crc32(page);
  r.inner.body_length = kPageBytes;
  if (b.header.order == Order::EncryptThenCompress) {
    Bytes cipher(kInnerBytes + kPageBytes);
    std::copy(page.begin(), page.end(), cipher.begin() + kInnerBytes);
    protection.encrypt(r.header, cipher);
    r.body = golden::deflate_bytes(ConstSpan(cipher).subspan(kInnerBytes), deflate);
    r.header.wire_length = static_cast<std::uint32_t>(r.body.size());
    r.wired = true;
  } else if (compresses(b.header.order)) {
    r.body = golden::deflate_bytes(page, deflate);
    r.inner.coding = 1;
    r.inner.body_length = static_cast<std::uint16_t>(r.body.size());
  } else {
    r.body.assign(page.begin(), page.end());
  }
  return r;
}

/// Lengths and padding after the body was changed.
void fit(RawRecord& r) {
  const std::size_t bytes = kInnerBytes + r.body.size();
  r.header.payload_length = static_cast<std::uint32_t>((bytes + 15) / 16 * 16);
  r.padding.assign(r.header.payload_length - bytes, 0);
  if (r.header.type != 1) return;
  if (r.wired) {
    r.header.wire_length = static_cast<std::uint32_t>(r.body.size());
  } else {
    r.inner.body_length = static_cast<std::uint16_t>(r.body.size());
  }
}

/// Two pages, the record that `make` gives, one more page and the end.
Bytes spoilt_stream(std::mt19937_64& rng, const Binding& b,
                    const std::function<RawRecord(golden::Writer&, golden::Protection&)>& make) {
  Bytes out;
  golden::WriterOptions options;
  options.key = b.key;
  golden::Writer writer(b.header, {}, options,
                        [&](ConstSpan part) { out.insert(out.end(), part.begin(), part.end()); });
  golden::Protection protection(b.header, b.key);
  for (std::uint64_t i = 0; i < 2; ++i) writer.add_page(i * kPageBytes, make_page(rng));
  writer.flush();
  writer.put_raw(make(writer, protection));
  writer.add_page(5 * kPageBytes, make_page(rng));
  writer.finish();
  return out;
}

}  // namespace

TEST_CASE("a wrong key, and a slot bound to another stream") {
  Setup s(200);
  for (const Order order : {Order::CompressThenEncrypt, Order::EncryptThenCompress, Order::EncryptOnly}) {
    INFO("order " << name(order));
    const Binding b = Binding::make(s.rng, order);
    const Bytes stream = small_stream(s.rng, b);
    Opened refused;
    for (int what = 0; what < 4; ++what) {
      INFO("differs: " << what);
      Binding other = b;
      if (what == 0) other.key.key[s.rng() % 32] ^= static_cast<std::uint8_t>(1U << (s.rng() % 8));
      if (what == 1) other.header.stream_id[s.rng() % 16] ^= 0x10;
      if (what == 2) other.header.salt[s.rng() % 4] ^= 0x80;
      if (what == 3) other.header.key_exchange[s.rng() % 32] ^= 0x01;
      refused.status = what == 0 ? Status::BadTag : Status::BadHeader;
      s.deliver(stream, b, refused, &other);
    }
    s.deliver(stream, b);
  }
  s.over();
}

TEST_CASE("one flipped bit at every byte of a stream") {
  Setup s(201);
  const auto flip = [&](const Bytes& stream, const Binding& b, std::size_t at) {
    const unsigned bit = static_cast<unsigned>(s.rng() % 8);
    INFO("order " << name(b.header.order) << ", byte " << at << " of " << stream.size() << ", bit " << bit);
    Bytes bad = stream;
    bad[at] ^= static_cast<std::uint8_t>(1U << bit);
    const Opened o = expect(bad, b);
    REQUIRE(o.status != Status::Ok);
    s.deliver(bad, b, o);
    // Again from the record that was refused, as it should have been.
    if (s.rng() % 8 == 0 && o.offset != 0) {
      const Opened all = expect(stream, b);
      const unsigned slot = (s.jobs - 1) % 4;
      s.rig.device.write_memory(kStream, stream);
      Job j = s.job(b, slot, stream.size() - o.offset);
      j.source += o.offset;
      j.begin = false;
      const Ended e = s.rig.run(j);
      CHECK(name(e.code) == name(Status::Ok));
      CHECK(e.counters.pages + o.pages == all.pages);
      for (const auto& [address, page] : all.memory)
        CHECK(difference(s.rig.memory(kTarget + address, kPageBytes), page).value_or(~0UL) == ~0UL);
    }
  };
  {
    const Binding b = Binding::make(s.rng, Order::CompressThenEncrypt);
    const Bytes stream = small_stream(s.rng, b);
    for (std::size_t at = 0; at < stream.size(); ++at) flip(stream, b, at);
  }
  for (const Order order : {Order::EncryptThenCompress, Order::EncryptOnly, Order::CompressOnly, Order::Copy}) {
    const Binding b = Binding::make(s.rng, order);
    const Bytes stream = small_stream(s.rng, b);
    // every third byte of the stream header and of the first records' clear parts, others at random
    for (std::size_t at = s.rng() % 3; at < 96 + 80 + 48; at += 3 + s.rng() % 9) flip(stream, b, at);
    for (int i = 0; i < 8; ++i) flip(stream, b, s.rng() % stream.size());
  }
  s.good(Order::CompressThenEncrypt);
  s.over();
}

TEST_CASE("a stream cut at every 16 bytes") {
  Setup s(202);
  for (const Order order : {Order::CompressThenEncrypt, Order::CompressOnly}) {
    const Binding b = Binding::make(s.rng, order);
    const Bytes stream = small_stream(s.rng, b);
    for (std::size_t cut = 0; cut < stream.size(); cut += 16) {
      INFO("order " << name(order) << ", " << cut << " of " << stream.size() << " bytes");
      const Opened o = expect(ConstSpan(stream).first(cut), b);
      REQUIRE(o.status == Status::Truncated);
      s.deliver(ConstSpan(stream).first(cut), b, o);
    }
    s.deliver(stream, b);
  }
  s.over();
}

TEST_CASE("unknown versions, records swapped, repeated, dropped, and bytes after the end") {
  Setup s(203);
  for (const Order order : kOrders) {
    const Binding b = Binding::make(s.rng, order);
    const Bytes stream = small_stream(s.rng, b);
    const Opened whole = expect(stream, b);
    REQUIRE(whole.status == Status::Ok);
    INFO("order " << name(order));
    const auto refuse = [&](const Bytes& bad, const std::string& what, std::optional<Status> status = {}) {
      INFO(what);
      const Opened o = expect(bad, b);
      REQUIRE(o.status != Status::Ok);
      if (status) REQUIRE(name(o.status) == name(*status));
      s.deliver(bad, b, o);
    };
    for (const std::uint16_t version : {std::uint16_t{0}, std::uint16_t{2}, std::uint16_t{0x100}}) {
      Bytes bad = stream;
      put_le(bad, 8, version);
      refuse(bad, "version " + std::to_string(version), Status::BadVersion);
    }
    std::vector<Bytes> records;
    for (std::size_t i = 0; i < whole.record_offsets.size(); ++i) {
      const auto from = static_cast<std::ptrdiff_t>(whole.record_offsets[i]);
      const auto to = static_cast<std::ptrdiff_t>(i + 1 < whole.record_offsets.size() ? whole.record_offsets[i + 1]
                                                                                      : stream.size());
      records.emplace_back(stream.begin() + from, stream.begin() + to);
    }
    const auto join = [&](const std::vector<std::size_t>& order_of) {
      Bytes out(stream.begin(), stream.begin() + 96);
      for (const std::size_t i : order_of) out.insert(out.end(), records[i].begin(), records[i].end());
      return out;
    };
    std::vector<std::size_t> all(records.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    const std::size_t n = s.rng() % (all.size() - 1);
    auto list = all;
    std::swap(list[n], list[n + 1]);
    refuse(join(list), "swapped " + std::to_string(n), Status::BadSeq);
    list = all;
    list.insert(list.begin() + static_cast<std::ptrdiff_t>(n), n);
    refuse(join(list), "repeated " + std::to_string(n), Status::BadSeq);
    list = all;
    list.erase(list.begin() + static_cast<std::ptrdiff_t>(n));
    refuse(join(list), "dropped " + std::to_string(n), Status::BadSeq);
    list = all;
    list.pop_back();
    refuse(join(list), "no end", Status::Truncated);
    list = all;
    list.push_back(n);
    refuse(join(list), "a record after the end", Status::AfterEnd);
    Bytes longer = stream;
    longer.resize(longer.size() + 16);
    refuse(longer, "16 bytes after the end", Status::AfterEnd);
    // A record of another stream of the same key (another id): its tag does not fit.
    Binding twin = b;
    if (encrypts(order)) {
      twin.header.stream_id[0] ^= 1;
      Bytes mixed = small_stream(s.rng, twin);
      std::copy(stream.begin(), stream.begin() + 96, mixed.begin());
      refuse(mixed, "records of another stream", Status::BadTag);
    }
  }
  s.good(Order::EncryptOnly);
  s.over();
}

TEST_CASE("records that are sealed well and not legal") {
  Setup s(204);
  using Spoil = std::function<void(RawRecord&)>;
  struct Case {
    const char* what;
    Spoil spoil;
  };
  const std::vector<Case> cases{
      {"type 0", [](RawRecord& r) { r.header.type = 0; }},
      {"type 5", [](RawRecord& r) { r.header.type = 5; }},
      {"type 0x81", [](RawRecord& r) { r.header.type = 0x81; }},
      {"flags", [](RawRecord& r) { r.header.flags = 0x40; }},
      {"reserved", [](RawRecord& r) { r.header.reserved = 0x8000; }},
      {"address not a page", [](RawRecord& r) { r.header.address += 16; }},
      {"address outside the target", [](RawRecord& r) { r.header.address = kTargetBytes; }},
      {"address at the top", [](RawRecord& r) { r.header.address = ~std::uint64_t{0xfff}; }},
      {"count 0", [](RawRecord& r) { r.header.count = 0; }},
      {"count 2", [](RawRecord& r) { r.header.count = 2; }},
      {"sequence number behind", [](RawRecord& r) { r.header.sequence -= 1; }},
      {"sequence number ahead", [](RawRecord& r) { r.header.sequence += std::uint64_t{1} << 40; }},
      {"wire length", [](RawRecord& r) { r.header.wire_length ^= 0x1000; }},
      {"crc", [](RawRecord& r) { r.inner.crc ^= 0x00010000; }},
      {"coding 0 or 1", [](RawRecord& r) { r.inner.coding ^= 1; }},
      {"coding 2", [](RawRecord& r) { r.inner.coding = 2; }},
      {"coding 0x81", [](RawRecord& r) { r.inner.coding |= 0x80; }},
      {"inner reserved", [](RawRecord& r) { r.inner.reserved = 1; }},
      {"fill word of a page", [](RawRecord& r) { r.inner.fill = std::uint64_t{1} << 63; }},
      {"body length 0", [](RawRecord& r) { r.inner.body_length = 0; }},
      {"body length beyond the payload", [](RawRecord& r) { r.inner.body_length = 0x1fff; }},
      {"body length 0xffff", [](RawRecord& r) { r.inner.body_length = 0xffff; }},
      {"padding not zero",
       [](RawRecord& r) {
         r.padding.insert(r.padding.end(), 16, 0);
         r.header.payload_length += 16;
         r.padding.back() = 1;
       }},
      {"payload length 0", [](RawRecord& r) { r.header.payload_length = 0; }},
      {"payload length not a block", [](RawRecord& r) { r.header.payload_length += 8; }},
      {"payload too long",
       [](RawRecord& r) {
         const std::size_t bytes = kInnerBytes + r.body.size();
         r.header.payload_length = kMaxPayloadBytes + 16;
         r.padding.assign(r.header.payload_length - bytes, 0);
       }},
  };
  for (const Order order : kOrders) {
    const Binding b = Binding::make(s.rng, order);
    for (const auto& c : cases) {
      INFO("order " << name(order) << ": " << c.what);
      const Bytes page = small_page(s.rng);
      const Bytes stream = spoilt_stream(s.rng, b, [&](golden::Writer& w, golden::Protection& protection) {
        RawRecord r = page_record(w, protection, b, 3 * kPageBytes, page, {});
        fit(r);
        c.spoil(r);
        return r;
      });
      s.deliver(stream, b);
    }
    s.good(order);
  }
  s.over();
}

TEST_CASE("fill runs, metadata and end records that are sealed well and not legal") {
  Setup s(205);
  for (const Order order : {Order::CompressThenEncrypt, Order::EncryptThenCompress, Order::Copy}) {
    const Binding b = Binding::make(s.rng, order);
    const auto refuse = [&](const char* what, RawRecord r) {
      INFO("order " << name(order) << ": " << what);
      const Bytes stream = spoilt_stream(s.rng, b, [&](golden::Writer& w, golden::Protection&) {
        r.header.sequence = w.next_sequence();
        return r;
      });
      const Opened o = expect(stream, b);
      REQUIRE(o.status != Status::Ok);
      s.deliver(stream, b, o);
    };
    RawRecord fill;
    fill.header.type = 2;
    fill.header.payload_length = 16;
    fill.header.address = 2 * kPageBytes;
    fill.header.count = 3;
    fill.inner.coding = 2;
    fill.inner.fill = s.rng();
    fill.inner.crc = golden::crc32(golden::fill_page(fill.inner.fill));
    auto r = fill;
    r.inner.crc ^= 1;
    refuse("crc of a run", r);
    r = fill;
    r.inner.fill ^= std::uint64_t{1} << 40;
    refuse("word of a run", r);
    r = fill;
    r.header.count = 0;
    refuse("a run of none", r);
    r = fill;
    r.header.count = kTargetPages - 1;
    refuse("a run one page beyond the target", r);
    r = fill;
    r.header.count = 0xffffffff;
    refuse("the longest run", r);
    r = fill;
    r.inner.body_length = 16;
    r.body.assign(16, 0);
    r.header.payload_length = 32;
    refuse("a run with a body", r);
    r = fill;
    r.inner.coding = 0;
    refuse("coding of a run", r);

    RawRecord meta;
    meta.header.type = 3;
    meta.header.address = 32;
    meta.body = make_bytes(s.rng, 64);
    meta.inner.body_length = 64;
    meta.inner.crc = golden::crc32(meta.body);
    meta.header.payload_length = 80;
    r = meta;
    r.inner.crc ^= 0x80000000;
    refuse("crc of metadata", r);
    r = meta;
    r.header.count = 1;
    refuse("count of metadata", r);
    r = meta;
    r.header.address = 8;
    refuse("offset of metadata", r);
    r = meta;
    r.inner.body_length = 60;
    refuse("length of metadata", r);
    r = meta;
    r.inner.coding = 1;
    refuse("coding of metadata", r);

    RawRecord end;
    end.header.type = 4;
    end.body.assign(32, 0);
    end.inner.body_length = 32;
    end.header.payload_length = 48;
    for (std::size_t field = 0; field < 4; ++field) {
      // Right totals are those of the golden writer, one bit of one of which is spoilt.
      for (const unsigned bit : {0U, 63U}) {
        INFO("order " << name(order) << ": total " << field << ", bit " << bit);
        Bytes out;
        golden::WriterOptions options;
        options.key = b.key;
        golden::Writer w(b.header, {}, options,
                         [&](ConstSpan part) { out.insert(out.end(), part.begin(), part.end()); });
        for (std::uint64_t i = 0; i < 2; ++i) w.add_page(i * kPageBytes, make_page(s.rng));
        w.flush();
        r = end;
        put_le(r.body, 0, w.totals().records);
        put_le(r.body, 8, w.totals().pages);
        put_le(r.body, 16, w.totals().payload);
        r.body[8 * field + bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        r.inner.crc = golden::crc32(r.body);
        r.header.sequence = w.next_sequence();
        w.put_raw(r);
        const Opened o = expect(out, b);
        REQUIRE(name(o.status) == name(Status::BadTotals));
        s.deliver(out, b, o);
      }
    }
    r = end;
    r.inner.crc = 1;
    refuse("crc of the end", r);
    r = end;
    r.header.address = kPageBytes;
    refuse("address of the end", r);
    // Metadata beyond its room is the job's fault, not the stream's.
    r = meta;
    r.header.address = kMetaRoom - 48;
    const Bytes stream = spoilt_stream(s.rng, b, [&](golden::Writer& w, golden::Protection&) {
      r.header.sequence = w.next_sequence();
      return r;
    });
    Opened o = expect(stream, b);  // refused after it, by its totals
    const auto full = std::find_if(o.headers.begin(), o.headers.end(), [](const auto& h) { return h.type == 3; });
    REQUIRE(full != o.headers.end());
    const auto n = static_cast<std::size_t>(full - o.headers.begin());
    o.status = Status::DstFull;
    o.offset = o.record_offsets[n];
    o.records = n;
    o.pages = o.fill_pages = 0;
    for (std::size_t i = 0; i < n; ++i) {
      o.pages += o.headers[i].count;
      o.fill_pages += o.headers[i].type == 2 ? o.headers[i].count : 0;
    }
    o.metadata.clear();
    o.memory.erase(5 * kPageBytes);
    INFO("order " << name(order) << ": metadata beyond its room");
    s.deliver(stream, b, o);
  }
  s.over();
}

TEST_CASE("bodies that are not DEFLATE, and DEFLATE with bits flipped") {
  Setup s(206);
  for (const Order order : {Order::CompressThenEncrypt, Order::CompressOnly, Order::EncryptThenCompress}) {
    const Binding b = Binding::make(s.rng, order);
    const auto one = [&](const std::string& what, const std::function<void(Bytes&)>& spoil, bool refused) {
      INFO("order " << name(order) << ": " << what);
      const Bytes page = make_page(s.rng);
      const Bytes stream = spoilt_stream(s.rng, b, [&](golden::Writer& w, golden::Protection& protection) {
        RawRecord r = page_record(w, protection, b, 3 * kPageBytes, page, {static_cast<int>(s.rng() % 10)});
        spoil(r.body);
        fit(r);
        return r;
      });
      const Opened o = expect(stream, b);
      if (refused) REQUIRE(o.status != Status::Ok);
      s.deliver(stream, b, o);
    };
    one("cut", [](Bytes& x) { x.resize(x.size() - 1); }, true);
    one(
        "one byte more",
        [](Bytes& x) {
          if (x.size() < kMaxDeflateBytes)
            x.push_back(0);
          else
            x.back() ^= 1;
        },
        true);
    one("block type 3", [](Bytes& x) { x[0] |= 7; }, true);
    one("a short page", [](Bytes& x) { x = golden::deflate_bytes(Bytes(kPageBytes - 1, 7)); }, true);
    one("a long page", [](Bytes& x) { x = golden::deflate_bytes(Bytes(kPageBytes + 1, 7)); }, true);
    one("bytes that are nothing", [&](Bytes& x) { x = make_bytes(s.rng, 1 + s.rng() % 4000); }, true);
    for (int i = 0; i < 8; ++i) {
      one(
          "flip",
          [&](Bytes& x) {
            x[s.rng() % std::min<std::size_t>(x.size(), 200)] ^= static_cast<std::uint8_t>(1U << (s.rng() % 8));
          },
          false);
    }
  }
  s.good(Order::CompressThenEncrypt);
  s.over();
}

TEST_CASE("refusals under random stalls, latencies and register accesses") {
  for (unsigned i = 0; i < 5; ++i) {
    auto rng = tb::make_rng(220 + i);
    Setup s(230 + i, Rig::wild(rng));
    for (unsigned k = 0; k < 5; ++k) {
      const Order order = kOrders[rng() % kOrders.size()];
      const Binding b = Binding::make(rng, order);
      const Bytes stream = write_stream(b, make_pages(rng, 5), 0, {9}, kPadBuckets[rng() % 5]);
      Bytes bad = stream;
      const std::size_t at = rng() % bad.size();
      bad[at] ^= static_cast<std::uint8_t>(1U << (rng() % 8));
      INFO("order " << name(order) << ", byte " << at << " of " << bad.size());
      s.deliver(bad, b);
    }
    s.good(kOrders[rng() % kOrders.size()]);
    s.over();
  }
}
