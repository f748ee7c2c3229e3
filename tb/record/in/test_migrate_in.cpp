// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <string>

#include "common/catch.h"
#include "host.h"

using namespace sealift::tb;

namespace {

constexpr std::array kOrders{Order::CompressEncrypt, Order::EncryptCompress, Order::EncryptOnly, Order::CompressOnly,
                             Order::Copy};

enum Code : std::uint8_t {
  kDstFull = 0x13,
  kNoPage = 0x16,
  kBadMagic = 0x20,
  kBadVersion = 0x21,
  kBadHeader = 0x22,
  kBadTag = 0x23,
  kBadSeq = 0x24,
  kBadRecord = 0x25,
  kTruncated = 0x26,
  kBadTotals = 0x27,
  kAfterEnd = 0x28,
  kBadInner = 0x30,
  kBadDeflate = 0x31,
  kBadCrc = 0x32,
};

Binding make_binding(std::uint64_t stream) {
  auto rng = make_rng(stream);
  Binding b;
  for (auto& x : b.key) x = static_cast<std::uint8_t>(rng());
  for (auto& x : b.id) x = static_cast<std::uint8_t>(rng());
  for (auto& x : b.salt) x = static_cast<std::uint8_t>(rng());
  for (auto& x : b.kdf_public) x = static_cast<std::uint8_t>(rng());
  return b;
}

Bytes text_page(std::mt19937_64& rng, unsigned words = 40) {
  std::vector<std::string> dict;
  for (unsigned i = 0; i < words; ++i) dict.push_back(fmt::format("{:x} ", rng() % 100000));
  Bytes page;
  while (page.size() < kPage) {
    const auto& w = dict[rng() % dict.size()];
    page.insert(page.end(), w.begin(), w.end());
  }
  page.resize(kPage);
  return page;
}
Bytes random_page(std::mt19937_64& rng) {
  Bytes page(kPage);
  for (auto& x : page) x = static_cast<std::uint8_t>(rng());
  return page;
}
Bytes small_page(std::mt19937_64& rng) {
  Bytes page(kPage);
  page[rng() % kPage] = 1;
  return page;
}

/// A stream and what each of its records must write.
struct Scenario {
  StreamWriter writer;
  Job job;
  std::vector<std::vector<std::pair<std::uint64_t, Bytes>>> effects{};

  Scenario(Order order, std::uint64_t stream = 1) : writer(order, make_binding(stream)) { job.order = order; }

  [[nodiscard]] std::uint64_t place(std::uint64_t gpa) const {
    if (job.table.empty()) return job.dst + gpa;
    return gpa / kPage < job.table.size() ? job.table[gpa / kPage] : 0;
  }
  void header() { writer.header(); }
  void add(const Record& rec) {
    writer.add(rec);
    auto& effect = effects.emplace_back();
    if (rec.type == RecordType::Page) effect.emplace_back(place(rec.gpa), rec.body);
    if (rec.type == RecordType::Meta) effect.emplace_back(job.meta_addr + rec.gpa, rec.body);
    if (rec.type == RecordType::Fill) {
      for (std::uint32_t i = 0; i < std::min(rec.count, 1000U); ++i) {
        effect.emplace_back(place(rec.gpa + i * kPage), fill_page(rec.fill));
      }
    }
  }
  void end() { add(writer.end()); }
  Job whole() {
    Job j = job;
    j.src_len = writer.stream.size();
    return j;
  }
};

/// Exactly the first n records were delivered and committed, since record `from`.
void check_delivered(Host& host, const Scenario& s, std::size_t n, std::size_t from = 0) {
  std::map<std::uint64_t, Bytes> expected;
  std::uint64_t pages = 0;
  std::size_t writes = 0;
  std::uint64_t bytes = 0;
  for (std::size_t r = from; r < n; ++r) {
    for (const auto& [addr, data] : s.effects[r]) {
      expected[addr] = data;
      ++writes;
      bytes += data.size();
      if (addr < s.job.meta_addr || addr >= s.job.dst) ++pages;
    }
  }
  CHECK(host.memory == expected);
  CHECK(host.writes.size() == writes);
  CHECK(host.writes_at_end == writes);
  const Counts c = host.counts();
  CHECK(c.pages == pages);
  CHECK(c.records == n - from);
  CHECK(c.bytes_out == bytes);
  CHECK(host.records == n);
  CHECK(host.seq == n + (host.opened ? 1 : 0));
}

void check_done(Host& host, const Scenario& s, std::size_t n, std::size_t from = 0) {
  CHECK(host.done);
  CHECK(host.faults == 0);
  if (host.fault) FAIL_CHECK(fmt::format("fault {:#x} at {}", host.fault->code, host.fault->addr));
  check_delivered(host, s, n, from);
}

void check_fault(Host& host, const Scenario& s, std::uint8_t code, std::uint64_t addr, std::size_t n) {
  CHECK(!host.done);
  CHECK(host.faults == 1);
  REQUIRE(host.fault);
  CHECK(fmt::format("{:#x}", host.fault->code) == fmt::format("{:#x}", code));
  CHECK(host.fault->addr == addr);
  check_delivered(host, s, n);
}

/// A bit of everything.
Scenario mixed(Order order, std::uint64_t stream, std::size_t records, std::size_t bucket = 16) {
  Scenario s(order, stream);
  auto rng = make_rng(stream);
  s.header();
  Bytes meta(16 * (1 + rng() % 256));
  for (auto& x : meta) x = static_cast<std::uint8_t>(rng());
  Record m = s.writer.meta(0, meta);
  m.bucket = bucket;
  s.add(m);
  for (std::size_t i = 0; i < records; ++i) {
    const std::uint64_t at = rng() % 50;
    Record rec;
    switch (rng() % 7) {
      case 0:
      case 1:
        rec = s.writer.page(at, text_page(rng));
        break;
      case 2:
        rec = s.writer.page(at, random_page(rng));
        break;
      case 3:
        rec = s.writer.page(at, small_page(rng));
        break;
      case 4:
        rec = s.writer.run(at, 1 + static_cast<std::uint32_t>(rng() % 5), 0);
        break;
      case 5:
        rec = s.writer.run(at, 1, rng());
        break;
      default:
        rec = s.writer.meta(16 * (rng() % 100), Bytes(16 * (1 + rng() % 8), 0x5a));
        break;
    }
    if (rec.type == RecordType::Page && rng() % 4 == 0 &&
        (order == Order::CompressEncrypt || order == Order::CompressOnly)) {
      rec.deflate = rng() % 2 == 0 ? deflate_stored(rec.body) : deflate_raw(rec.body, 9, Z_FIXED);
      if (rec.deflate->size() > 4101) rec.deflate.reset();
    }
    rec.bucket = bucket;
    if (bucket == 16 && rng() % 4 == 0 && rec.body.size() < 4000) rec.more_padding = true;
    s.add(rec);
  }
  Record e = s.writer.end();
  e.bucket = bucket;
  s.add(e);
  return s;
}

}  // namespace

TEST_CASE("migrate_in: every order, bucket and mix of stalls", "[in]") {
  const auto stall = GENERATE(0U, 20U, 60U);
  for (const Order order : kOrders) {
    Bench<Vmigrate_in> bench;
    Host host(bench, {.stall = stall, .memory_delay = 30});
    for (const std::size_t bucket : {16, 64, 128, 256, 512}) {
      INFO("order " << static_cast<int>(order) << " bucket " << bucket);
      Scenario s = mixed(order, bucket + stall, 12, bucket);
      host.bind(s.writer.bind());
      host.run(s.whole(), s.writer.stream);
      check_done(host, s, s.effects.size());
      CHECK(host.opened);
      CHECK(host.over);
      CHECK(host.counts().bytes_in == s.writer.stream.size());
      CHECK(host.payload == s.writer.payload);
      CHECK(host.pages == s.writer.pages);
      if (host.fault || !host.done) host.clear();
    }
    CHECK(bench.errors() == 0);
  }
}

TEST_CASE("migrate_in: counts and commits are of what memory has answered for, wherever it fails", "[in]") {
  for (const Order order : kOrders) {
    Bench<Vmigrate_in> bench;
    Host host(bench, {.stall = 10, .memory_delay = 150});
    auto rng = make_rng(300 + static_cast<std::uint64_t>(order));
    for (unsigned round = 0; round < 8; ++round) {
      Scenario s(order, 310 + round);
      s.header();
      s.add(s.writer.meta(0, Bytes(16 * (1 + rng() % 20), 0x77)));
      for (std::uint64_t i = 0; i < 6; ++i) {
        if (i % 2 == 1) {
          s.add(s.writer.run(8 * i, 1 + static_cast<std::uint32_t>(rng() % 6), rng()));
        } else {
          s.add(s.writer.page(8 * i, text_page(rng)));
        }
      }
      s.end();
      // The record whose n-th write fails.
      const std::size_t bad = rng() % (s.effects.size() - 1);
      const std::size_t nth = rng() % s.effects[bad].size();
      INFO("order " << static_cast<int>(order) << " record " << bad << " write " << nth);
      host.bind(s.writer.bind());
      host.fails_at = s.effects[bad][nth].first;
      host.start(s.whole(), s.writer.stream);
      bench.run_until([&] { return host.failed; }, 200000);
      bench.ticks(500);
      CHECK(bench->settled_o == 1);
      CHECK(!host.done);
      CHECK(host.faults == 0);
      std::uint64_t pages = bad != 0 ? nth : 0, bytes = 0;
      for (std::size_t r = 0; r <= bad; ++r) {
        for (std::size_t w = 0; w < (r == bad ? nth : s.effects[r].size()); ++w) bytes += s.effects[r][w].second.size();
        if (r != 0 && r != bad) pages += s.effects[r].size();
      }
      const Counts c = host.counts();
      CHECK(c.records == bad);
      CHECK(c.pages == pages);
      CHECK(c.bytes_out == bytes);
      CHECK(c.bytes_in == s.writer.starts[bad]);
      CHECK(host.records == bad);
      CHECK(host.seq == bad + 1);
      // Again, from the record that was not accepted.
      host.clear();
      host.fails_at.reset();
      Job job = s.job;
      job.begin = false;
      const Bytes rest(s.writer.stream.begin() + static_cast<std::ptrdiff_t>(s.writer.starts[bad]),
                       s.writer.stream.end());
      job.src_len = rest.size();
      host.run(job, rest);
      check_done(host, s, s.effects.size(), bad);
      host.clear();
    }
    CHECK(bench.errors() == 0);
  }
}

TEST_CASE("migrate_in: one stream in many jobs, cut at records", "[in]") {
  for (const Order order : kOrders) {
    INFO("order " << static_cast<int>(order));
    Bench<Vmigrate_in> bench;
    Host host(bench, {.stall = 10});
    auto rng = make_rng(77);
    Scenario s = mixed(order, 500 + static_cast<std::uint64_t>(order), 16);
    host.bind(s.writer.bind());
    const Bytes& stream = s.writer.stream;
    std::size_t first = 0;
    std::size_t at = 0;
    while (first < s.effects.size()) {
      const std::size_t next = std::min(s.effects.size(), first + rng() % 5);
      const std::size_t stop = next == s.effects.size() ? stream.size() : s.writer.starts[next];
      Job job = s.job;
      job.begin = at == 0;
      job.end = next == s.effects.size();
      job.src_len = stop - at;
      host.run(job, Bytes(stream.begin() + static_cast<std::ptrdiff_t>(at),
                          stream.begin() + static_cast<std::ptrdiff_t>(stop)));
      check_done(host, s, next, first);
      CHECK(host.over == job.end);
      first = next;
      at = stop;
    }
    CHECK(bench.errors() == 0);
  }
}

TEST_CASE("migrate_in: each refusal, with its code, its offset and what came before", "[in]") {
  struct Bad {
    std::string name;
    std::uint8_t code;
    std::function<void(Record&)> change;
    RecordType type = RecordType::Page;
    std::vector<Order> orders{kOrders.begin(), kOrders.end()};
  };
  const std::vector<Order> inflating{Order::CompressEncrypt, Order::EncryptCompress, Order::CompressOnly};
  const std::vector<Order> direct{Order::CompressEncrypt, Order::CompressOnly};
  const std::vector<Order> raw{Order::EncryptCompress, Order::EncryptOnly, Order::Copy};
  const std::vector<Order> one{Order::EncryptCompress};
  const std::vector<Order> not_one{Order::CompressEncrypt, Order::EncryptOnly, Order::CompressOnly, Order::Copy};
  const std::vector<Bad> bads{
      {"type 0", kBadRecord, [](Record& r) { r.raw_type = 0; }},
      {"type 5", kBadRecord, [](Record& r) { r.raw_type = 5; }},
      {"type 0x81", kBadRecord, [](Record& r) { r.raw_type = 0x81; }},
      {"flags", kBadRecord, [](Record& r) { r.flags = 0x80; }},
      {"reserved", kBadRecord, [](Record& r) { r.zero1 = 0x0100; }},
      {"payload 0", kBadRecord, [](Record& r) { r.payload_len = 0; }},
      {"payload not of 16", kBadRecord, [](Record& r) { r.payload_len = 40; }},
      {"payload too long, in the source", kBadRecord, [](Record& r) { r.payload_len = 4624; }},
      {"payload beyond the source", kTruncated, [](Record& r) { r.payload_len = 0xfffffff0; }},
      {"payload shorter", kBadTag, [](Record& r) { r.payload_len = 16; }, RecordType::Meta},
      {"address in a page", kBadRecord, [](Record& r) { r.gpa += 2048; }},
      {"address beyond memory", kBadRecord, [](Record& r) { r.gpa = 64 * kPage; }},
      {"address at the top", kBadRecord, [](Record& r) { r.gpa = 0xffff'ffff'ffff'f000; }},
      {"page count 0", kBadRecord, [](Record& r) { r.count = 0; }},
      {"page count 2", kBadRecord, [](Record& r) { r.count = 2; }},
      {"run of none", kBadRecord, [](Record& r) { r.count = 0; }, RecordType::Fill},
      {"run beyond memory", kBadRecord, [](Record& r) { r.count = 65; }, RecordType::Fill},
      {"run without end", kBadRecord,
       [](Record& r) {
         r.count = 0xffffffff;
         r.gpa = 0xffff'ffff'ffff'f000;
       },
       RecordType::Fill},
      {"metadata offset", kBadRecord, [](Record& r) { r.gpa = 8; }, RecordType::Meta},
      {"metadata count", kBadRecord, [](Record& r) { r.count = 1; }, RecordType::Meta},
      {"metadata beyond its room", kDstFull, [](Record& r) { r.gpa = 4096 - 16; }, RecordType::Meta},
      {"metadata far beyond its room", kDstFull, [](Record& r) { r.gpa = 0xffff'ffff'ffff'fff0; }, RecordType::Meta},
      {"end address", kBadRecord, [](Record& r) { r.gpa = 4096; }, RecordType::End},
      {"end count", kBadRecord, [](Record& r) { r.count = 1; }, RecordType::End},
      {"wire length", kBadRecord, [](Record& r) { r.wire_len = 1; }, RecordType::Page, not_one},
      {"wire length of a run", kBadRecord, [](Record& r) { r.wire_len = 1; }, RecordType::Fill},
      {"wire length 0", kBadRecord, [](Record& r) { r.wire_len = 0; }, RecordType::Page, one},
      {"wire length beyond the payload", kBadRecord, [](Record& r) { r.wire_len = 4600; }, RecordType::Page, one},
      {"wire length huge", kBadRecord, [](Record& r) { r.wire_len = 0xfffffff0; }, RecordType::Page, one},
      {"sequence number again", kBadSeq, [](Record& r) { r.seq = 2; }},
      {"sequence number skipped", kBadSeq, [](Record& r) { r.seq = 4; }},
      {"sequence number high", kBadSeq, [](Record& r) { r.seq = 3 + (1ULL << 63); }},
      {"table before sequence number", kBadRecord,
       [](Record& r) {
         r.seq = 9;
         r.flags = 1;
       }},
      {"sequence number before tag", kBadSeq,
       [](Record& r) {
         r.seq = 9;
         r.tag_bad = true;
       }},
      {"tag", kBadTag, [](Record& r) { r.tag_bad = true; }},
      {"tag of a run", kBadTag, [](Record& r) { r.tag_bad = true; }, RecordType::Fill},
      {"tag of metadata", kBadTag, [](Record& r) { r.tag_bad = true; }, RecordType::Meta},
      {"tag of the end", kBadTag, [](Record& r) { r.tag_bad = true; }, RecordType::End},
      {"tag before inner block", kBadTag,
       [](Record& r) {
         r.tag_bad = true;
         r.inner_zero = 1;
       }},
      {"inner reserved", kBadInner, [](Record& r) { r.inner_zero = 1; }},
      {"inner reserved of a run", kBadInner, [](Record& r) { r.inner_zero = 1; }, RecordType::Fill},
      {"coding 3", kBadInner, [](Record& r) { r.coding = 3; }},
      {"coding raw", kBadInner, [](Record& r) { r.coding = 0; }, RecordType::Page, direct},
      {"coding DEFLATE", kBadInner, [](Record& r) { r.coding = 1; }, RecordType::Page, raw},
      {"coding of metadata", kBadInner, [](Record& r) { r.coding = 1; }, RecordType::Meta},
      {"coding of a run", kBadInner, [](Record& r) { r.coding = 0; }, RecordType::Fill},
      {"coding of the end", kBadInner, [](Record& r) { r.coding = 2; }, RecordType::End},
      {"body length 0", kBadInner, [](Record& r) { r.body_len = 0; }},
      {"body length long", kBadInner,
       [](Record& r) {
         r.body_len = 4102;
         r.bucket = 512;
       }},
      {"body length 4095", kBadInner, [](Record& r) { r.body_len = 4095; }, RecordType::Page, raw},
      {"body beyond the payload", kBadInner, [](Record& r) { r.body_len = 4000; }, RecordType::Page, direct},
      {"body one byte beyond the payload", kBadInner,
       [](Record& r) { r.body_len = static_cast<std::uint16_t>((deflate_raw(r.body).size() + 15) / 16 * 16 + 1); },
       RecordType::Page, direct},
      {"metadata body one beat beyond the payload", kBadInner, [](Record& r) { r.body_len = 80; }, RecordType::Meta},
      {"end in too short a payload", kBadInner,
       [](Record& r) {
         r.body.resize(16);
         r.body_len = 32;
       },
       RecordType::End},
      {"body of a run", kBadInner, [](Record& r) { r.body_len = 16; }, RecordType::Fill},
      {"metadata body beyond the payload", kBadInner, [](Record& r) { r.body_len = 4096; }, RecordType::Meta},
      {"metadata body not of 16", kBadInner, [](Record& r) { r.body_len = 24; }, RecordType::Meta},
      {"metadata body 0", kBadInner, [](Record& r) { r.body_len = 0; }, RecordType::Meta},
      {"end body", kBadInner, [](Record& r) { r.body_len = 16; }, RecordType::End},
      {"fill word in a page", kBadInner, [](Record& r) { r.inner_fill = 1ULL << 63; }},
      {"fill word in metadata", kBadInner, [](Record& r) { r.inner_fill = 1; }, RecordType::Meta},
      {"fill word in the end", kBadInner, [](Record& r) { r.inner_fill = 1; }, RecordType::End},
      {"padding, first byte", kBadInner,
       [](Record& r) {
         r.bucket = 512;
         r.pad_dirty = 1;
       }},
      {"padding, second beat", kBadInner,
       [](Record& r) {
         r.bucket = 512;
         r.pad_dirty = 20;
       }},
      {"padding, last beat", kBadInner,
       [](Record& r) {
         r.more_padding = true;
         r.pad_dirty = 16;
         r.body.resize(kPage);
       }},
      {"padding of a run", kBadInner,
       [](Record& r) {
         r.bucket = 64;
         r.pad_dirty = 48;
       },
       RecordType::Fill},
      {"padding of metadata", kBadInner,
       [](Record& r) {
         r.bucket = 512;
         r.pad_dirty = 1;
       },
       RecordType::Meta},
      {"padding of the end", kBadInner,
       [](Record& r) {
         r.bucket = 64;
         r.pad_dirty = 16;
       },
       RecordType::End},
      {"not DEFLATE", kBadDeflate, [](Record& r) { r.deflate = Bytes(100, 0xff); }, RecordType::Page, inflating},
      {"DEFLATE too short", kBadDeflate, [](Record& r) { r.deflate = deflate_raw(Bytes(4095)); }, RecordType::Page,
       inflating},
      {"DEFLATE too long", kBadDeflate, [](Record& r) { r.deflate = deflate_raw(Bytes(4097)); }, RecordType::Page,
       inflating},
      {"DEFLATE with a tail", kBadDeflate,
       [](Record& r) {
         r.deflate = deflate_raw(Bytes(4096));
         r.deflate->push_back(0);
       },
       RecordType::Page, inflating},
      {"inner block before DEFLATE", kBadInner,
       [](Record& r) {
         r.deflate = Bytes(100, 0xff);
         r.inner_zero = 1;
       },
       RecordType::Page, inflating},
      {"padding before DEFLATE", kBadInner,
       [](Record& r) {
         r.deflate = Bytes(100, 0xff);
         r.bucket = 64;
         r.pad_dirty = 2;
       },
       RecordType::Page, inflating},
      {"DEFLATE before CRC", kBadDeflate,
       [](Record& r) {
         r.deflate = Bytes(100, 0xff);
         r.crc = 1;
       },
       RecordType::Page, inflating},
      {"CRC", kBadCrc, [](Record& r) { r.crc = zlib_crc(r.body) ^ 1; }},
      {"CRC of a run", kBadCrc, [](Record& r) { r.crc = zlib_crc(fill_page(r.fill)) ^ 0x80000000; }, RecordType::Fill},
      {"CRC of metadata", kBadCrc, [](Record& r) { r.crc = zlib_crc(r.body) ^ 1; }, RecordType::Meta},
      {"CRC of the end", kBadCrc, [](Record& r) { r.crc = zlib_crc(r.body) ^ 1; }, RecordType::End},
      {"total of records", kBadTotals, [](Record& r) { r.body[0] ^= 1; }, RecordType::End},
      {"total of pages", kBadTotals, [](Record& r) { r.body[8] ^= 1; }, RecordType::End},
      {"total of payload", kBadTotals, [](Record& r) { r.body[23] ^= 1; }, RecordType::End},
      {"last total", kBadTotals, [](Record& r) { r.body[31] ^= 1; }, RecordType::End},
  };
  const auto stall = GENERATE(0U, 30U);
  for (const Order order : kOrders) {
    Bench<Vmigrate_in> bench;
    Host host(bench, {.stall = stall});
    auto rng = make_rng(5);
    const Bytes a = text_page(rng);
    const Bytes b = random_page(rng);
    const Bytes c = text_page(rng, 300);
    for (const Bad& bad : bads) {
      if (std::find(bad.orders.begin(), bad.orders.end(), order) == bad.orders.end()) continue;
      INFO(bad.name << ", order " << static_cast<int>(order));
      Scenario s(order);
      s.header();
      s.add(s.writer.page(3, a));
      s.add(s.writer.run(7, 2, 0x0123456789abcdef));
      Record rec;
      switch (bad.type) {
        case RecordType::Page:
          rec = s.writer.page(1, c);
          break;
        case RecordType::Fill:
          rec = s.writer.run(0, 3, 0x55);
          break;
        case RecordType::Meta:
          rec = s.writer.meta(16, Bytes(64, 7));
          break;
        default:
          rec = s.writer.end();
          break;
      }
      bad.change(rec);
      s.add(rec);
      s.add(s.writer.page(3, b));
      s.add(s.writer.page(4, b));
      s.end();
      host.bind(s.writer.bind());
      Job job = s.whole();
      host.run(job, s.writer.stream);
      check_fault(host, s, bad.code, s.writer.starts[2], 2);
      host.clear();
    }
    CHECK(bench.errors() == 0);
  }
}

TEST_CASE("migrate_in: the stream header, the ends of the source, and what follows the end", "[in]") {
  for (const Order order : kOrders) {
    INFO("order " << static_cast<int>(order));
    Bench<Vmigrate_in> bench;
    Host host(bench);
    auto rng = make_rng(6);
    const Bytes a = text_page(rng);
    // any field of the header, with a tag that fits
    for (int i = 0; i < 80; ++i) {
      Scenario s(order);
      s.writer.header(i);
      s.add(s.writer.page(3, a));
      s.end();
      INFO("byte " << i);
      host.bind(s.writer.bind());
      host.run(s.whole(), s.writer.stream);
      check_fault(host, s, i < 8 ? kBadMagic : i < 10 ? kBadVersion : kBadHeader, 0, 0);
      CHECK(!host.opened);
      host.clear();
    }
    Scenario s(order);
    s.header();
    s.add(s.writer.page(3, a));
    s.add(s.writer.run(1, 2, 5));
    host.bind(s.writer.bind());
    // no end record though one was promised
    host.run(s.whole(), s.writer.stream);
    check_fault(host, s, kTruncated, s.writer.stream.size(), 2);
    host.clear();
    // an empty source
    host.bind(s.writer.bind());
    host.run(s.job, {});
    check_fault(host, s, kTruncated, 0, 0);
    host.clear();
    Job job = s.job;
    job.begin = job.end = false;
    host.run(job, {});
    check_done(host, s, 0);
    // bytes after the end record, whatever they are
    s.end();
    const std::size_t stop = s.writer.stream.size();
    s.add(s.writer.page(5, a));
    for (const std::size_t more : {std::size_t{16}, std::size_t{32}, std::size_t{64}, s.writer.stream.size() - stop}) {
      for (const bool wants_end : {false, true}) {
        INFO("bytes after the end " << more);
        host.bind(s.writer.bind());
        job = s.job;
        job.end = wants_end;
        job.src_len = stop + more;
        host.run(job, s.writer.stream);
        check_fault(host, s, kAfterEnd, stop, 3);
        CHECK(host.over);
        host.clear();
      }
    }
    // an end record where none was promised is taken
    host.bind(s.writer.bind());
    job = s.job;
    job.end = false;
    job.src_len = stop;
    host.run(job, s.writer.stream);
    check_done(host, s, 3);
    CHECK(bench.errors() == 0);
  }
}

TEST_CASE("migrate_in: records out of order, repeated, left out, or of another stream", "[in]") {
  for (const Order order : kOrders) {
    INFO("order " << static_cast<int>(order));
    Bench<Vmigrate_in> bench;
    Host host(bench, {.stall = 20});
    auto rng = make_rng(8);
    Scenario s(order);
    s.header();
    for (unsigned i = 0; i < 5; ++i) s.add(s.writer.page(i, i % 2 == 0 ? text_page(rng) : small_page(rng)));
    s.end();
    const auto piece = [&](std::size_t i) {
      const auto from = s.writer.stream.begin() + static_cast<std::ptrdiff_t>(s.writer.starts[i]);
      const auto to = i + 1 < s.writer.starts.size()
                          ? s.writer.stream.begin() + static_cast<std::ptrdiff_t>(s.writer.starts[i + 1])
                          : s.writer.stream.end();
      return Bytes(from, to);
    };
    const std::vector<std::pair<std::vector<std::size_t>, std::size_t>> orders{{{0, 2, 1, 3, 4, 5}, 1},
                                                                               {{0, 1, 1, 2, 3, 4, 5}, 2},
                                                                               {{0, 1, 2, 4, 5}, 3},
                                                                               {{1, 0, 2, 3, 4, 5}, 0},
                                                                               {{0, 5}, 1}};
    for (const auto& [sequence, good] : orders) {
      Bytes stream(s.writer.stream.begin(), s.writer.stream.begin() + 96);
      std::size_t bad_at = 0;
      for (std::size_t i = 0; i < sequence.size(); ++i) {
        if (i == good) bad_at = stream.size();
        const Bytes p = piece(sequence[i]);
        stream.insert(stream.end(), p.begin(), p.end());
      }
      host.bind(s.writer.bind());
      Job job = s.job;
      job.src_len = stream.size();
      host.run(job, stream);
      check_fault(host, s, kBadSeq, bad_at, good);
      host.clear();
    }
    // a record of another stream under the same number
    if (order <= Order::EncryptOnly) {
      Scenario other(order, 2);
      other.header();
      for (unsigned i = 0; i < 5; ++i) other.add(other.writer.page(i, text_page(rng)));
      other.end();
      Bytes stream(s.writer.stream.begin(), s.writer.stream.begin() + static_cast<std::ptrdiff_t>(s.writer.starts[2]));
      const std::size_t bad_at = stream.size();
      stream.insert(stream.end(), other.writer.stream.begin() + static_cast<std::ptrdiff_t>(other.writer.starts[2]),
                    other.writer.stream.end());
      host.bind(s.writer.bind());
      Job job = s.job;
      job.src_len = stream.size();
      host.run(job, stream);
      check_fault(host, s, kBadTag, bad_at, 2);
      host.clear();
    }
    CHECK(bench.errors() == 0);
  }
}

namespace {

/// What section 5 says of the clear part of a record in which one bit of a good stream was turned.
std::uint8_t flipped_status(const Scenario& s, const Bytes& stream, std::size_t record, std::size_t bit) {
  const std::size_t at = s.writer.starts[record];
  const std::size_t byte = bit / 8 - at;
  const std::uint64_t len = get_le(stream, at + 4, 4);
  if (at + 48 + len > stream.size()) return kTruncated;
  if (byte < 4) return kBadRecord;
  const auto type = static_cast<RecordType>(stream[at]);
  if (byte < 8) {
    return len % 16 != 0 || len == 0 || len > 4608 || get_le(stream, at + 28, 4) + 16 > len ? kBadRecord : kBadTag;
  }
  if (byte < 16) {
    const std::uint64_t gpa = get_le(stream, at + 8, 8);
    if (type == RecordType::End) return kBadRecord;
    if (type == RecordType::Meta) return gpa % 16 != 0 ? kBadRecord : kBadTag;
    return gpa % kPage != 0 || gpa + get_le(stream, at + 24, 4) * kPage > s.job.dst_len ? kBadRecord : kBadTag;
  }
  if (byte < 24) return kBadSeq;
  if (byte < 28) {
    const std::uint64_t count = get_le(stream, at + 24, 4);
    if (type != RecordType::Fill || count == 0) return kBadRecord;
    return get_le(stream, at + 8, 8) + count * kPage > s.job.dst_len ? kBadRecord : kBadTag;
  }
  if (byte < 32) {
    if (type != RecordType::Page || s.writer.order() != Order::EncryptCompress) return kBadRecord;
    const std::uint64_t wire = get_le(stream, at + 28, 4);
    return wire == 0 || wire > 4101 || wire + 16 > len ? kBadRecord : kBadTag;
  }
  return kBadTag;
}

}  // namespace

TEST_CASE("migrate_in: one bit turned, at every position of a small stream", "[in]") {
  for (const Order order : kOrders) {
    Bench<Vmigrate_in> bench;
    Host host(bench, {.memory_delay = 2, .tag_delay = 4, .cipher_delay = 4, .lane_delay = 4});
    auto rng = make_rng(9);
    Scenario s(order);
    s.header();
    s.add(s.writer.meta(32, Bytes(32, 0x77)));
    const bool small = order == Order::CompressEncrypt || order == Order::CompressOnly;
    if (small) s.add(s.writer.page(2, small_page(rng)));
    s.add(s.writer.run(5, 1, 0x77));
    s.end();
    std::vector<std::size_t> bits;
    for (std::size_t bit = 0; bit < s.writer.stream.size() * 8; ++bit) bits.push_back(bit);
    if (!small) {
      // the page is long here: its header whole, then some of its bits
      s = Scenario(order);
      s.header();
      s.add(s.writer.page(2, random_page(rng)));
      s.add(s.writer.run(5, 1, 0x77));
      s.end();
      bits.clear();
      const std::size_t body = (s.writer.starts[0] + 32) * 8;
      const std::size_t tag = (s.writer.starts[1] - 16) * 8;
      for (std::size_t bit = 0; bit < s.writer.stream.size() * 8; ++bit) {
        if (bit < body || bit >= tag || rng() % 250 == 0) bits.push_back(bit);
      }
    }
    unsigned wrong = 0;
    for (const std::size_t bit : bits) {
      Bytes stream = s.writer.stream;
      stream[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
      std::size_t record = 0;
      std::uint8_t code = 0;
      std::uint64_t at = 0;
      if (bit / 8 < 96) {
        const std::size_t byte = bit / 8;
        code = byte < 8 ? kBadMagic : byte < 10 ? kBadVersion : byte < 80 ? kBadHeader : kBadTag;
      } else {
        while (record + 1 < s.writer.starts.size() && s.writer.starts[record + 1] <= bit / 8) ++record;
        code = flipped_status(s, stream, record, bit);
        at = s.writer.starts[record];
      }
      host.bind(s.writer.bind());
      host.start(s.whole(), stream);
      bench.run_until([&] { return host.done || host.fault; }, 20000);
      bench.ticks(4);
      std::map<std::uint64_t, Bytes> expected;
      for (std::size_t r = 0; r < record; ++r) {
        for (const auto& [addr, data] : s.effects[r]) expected[addr] = data;
      }
      if (host.done || !(host.fault == Fault{code, at}) || host.memory != expected || host.records != record) {
        if (wrong++ < 5) {
          FAIL_CHECK(fmt::format("order {} bit {} of byte {}: code {:#x} at {}, expected {:#x} at {}",
                                 static_cast<int>(order), bit % 8, bit / 8, host.fault ? host.fault->code : 0,
                                 host.fault ? host.fault->addr : 0, code, at));
        }
      }
      host.clear();
    }
    CHECK(wrong == 0);
    CHECK(bench.errors() == 0);
  }
}

TEST_CASE("migrate_in: a stream cut at every multiple of 16", "[in]") {
  for (const Order order : kOrders) {
    INFO("order " << static_cast<int>(order));
    Bench<Vmigrate_in> bench;
    Host host(bench, {.memory_delay = 2, .tag_delay = 4, .cipher_delay = 4, .lane_delay = 4});
    auto rng = make_rng(10);
    Scenario s(order);
    s.header();
    s.add(s.writer.meta(0, Bytes(48, 1)));
    s.add(s.writer.page(2, small_page(rng)));
    s.add(s.writer.run(5, 2, 0));
    s.end();
    for (std::size_t cut = 0; cut < s.writer.stream.size(); cut += 16) {
      INFO("cut at " << cut);
      std::size_t n = 0;
      std::size_t at = cut < 96 ? 0 : 96;
      for (std::size_t r = 0; r < s.writer.starts.size(); ++r) {
        const std::size_t stop = r + 1 < s.writer.starts.size() ? s.writer.starts[r + 1] : s.writer.stream.size();
        if (stop <= cut) {
          n = r + 1;
          at = stop;
        }
      }
      host.bind(s.writer.bind());
      Job job = s.job;
      job.src_len = cut;
      host.run(job, Bytes(s.writer.stream.begin(), s.writer.stream.begin() + static_cast<std::ptrdiff_t>(cut)));
      check_fault(host, s, kTruncated, at, n);
      host.clear();
    }
    CHECK(bench.errors() == 0);
  }
}

TEST_CASE("migrate_in: cleared in the middle, then a good job", "[in]") {
  auto rng = make_rng(12);
  for (const Order order : kOrders) {
    INFO("order " << static_cast<int>(order));
    Bench<Vmigrate_in> bench;
    Host host(bench, {.stall = 10});
    Scenario s = mixed(order, 900, 10);
    for (unsigned i = 0; i < 12; ++i) {
      host.bind(s.writer.bind());
      host.start(s.whole(), s.writer.stream);
      bench.ticks(rng() % 4000);
      host.clear();
      host.bind(s.writer.bind());
      host.run(s.whole(), s.writer.stream);
      check_done(host, s, s.effects.size());
      if (host.fault || !host.done) host.clear();
    }
    CHECK(bench.errors() == 0);
  }
}

namespace {

/// A page table whose pages lie anywhere, no two in the same place.
std::vector<std::uint64_t> random_table(std::mt19937_64& rng, std::size_t pages) {
  std::vector<std::uint64_t> table(pages);
  for (std::size_t i = 0; i < pages; ++i) table[i] = 0x10'0000'0000 + (i << 24) + (rng() % 4096 + 1) * kPage;
  return table;
}

}  // namespace

TEST_CASE("migrate_in: pages land by the page table", "[in]") {
  const auto stall = GENERATE(0U, 30U);
  for (const Order order : kOrders) {
    Bench<Vmigrate_in> bench;
    Host host(bench, {.stall = stall, .memory_delay = 30});
    auto rng = make_rng(900 + static_cast<std::uint64_t>(order));
    for (unsigned round = 0; round < 4; ++round) {
      INFO("order " << static_cast<int>(order) << " round " << round);
      Scenario s(order, 901 + round);
      s.job.table = random_table(rng, 1 + rng() % 60);
      const std::uint64_t guest = s.job.table.size();
      s.job.dst_len = 0;  // has no meaning
      s.header();
      for (unsigned i = 0; i < 12; ++i) {
        Record r{};
        r.gpa = rng() % guest * kPage;
        switch (rng() % 4) {
          case 0:
            r.type = RecordType::Fill;
            r.fill = rng();
            r.count = static_cast<std::uint32_t>(1 + rng() % (guest - r.gpa / kPage));
            break;
          case 1:
            r.type = RecordType::Meta;
            r.count = 0;
            r.gpa = 32;
            r.body.assign(64, static_cast<std::uint8_t>(i));
            break;
          default:
            r.type = RecordType::Page;
            r.body = text_page(rng);
        }
        s.add(r);
      }
      s.end();
      host.bind(s.writer.bind());
      host.run(s.whole(), s.writer.stream);
      CHECK(host.done);
      if (host.fault) FAIL_CHECK(fmt::format("fault {:#x} at {}", host.fault->code, host.fault->addr));
      std::map<std::uint64_t, Bytes> expected;  // a later record of the same page wins
      for (const auto& effect : s.effects) {
        for (const auto& [addr, data] : effect) expected[addr] = data;
      }
      CHECK((host.memory == expected));
      CHECK(host.counts().pages == s.writer.pages);
      if (host.fault || !host.done) host.clear();
    }
    CHECK(bench.errors() == 0);
  }
}

TEST_CASE("migrate_in: a page without a place, and one beyond the page table", "[in]") {
  for (const Order order : kOrders) {
    for (const std::uint64_t entry : {std::uint64_t{0}, std::uint64_t{0x12'3456'7800}, std::uint64_t{0x12'3456'7001}}) {
      for (const bool fill : {false, true}) {
        INFO("order " << static_cast<int>(order) << " entry " << entry << " fill " << fill);
        Bench<Vmigrate_in> bench;
        Host host(bench, {.stall = 10});
        auto rng = make_rng(950);
        Scenario s(order);
        s.job.table = random_table(rng, 21);
        s.job.table[13] = entry;
        s.header();
        const auto page = [&](std::uint64_t gpn) {
          Record r{};
          r.type = RecordType::Page;
          r.gpa = gpn * kPage;
          r.body = text_page(rng);
          s.add(r);
        };
        page(20);
        page(3);
        if (fill) {
          Record r{};
          r.type = RecordType::Fill;
          r.gpa = 10 * kPage;
          r.count = 6;
          s.add(r);
        } else {
          page(13);
        }
        page(1);
        s.end();
        host.bind(s.writer.bind());
        host.run(s.whole(), s.writer.stream);
        REQUIRE(host.fault);
        CHECK(host.fault->code == kNoPage);
        CHECK(host.fault->addr == Host::kTable + 13 * 8);
        CHECK(host.counts().records == 2);
        CHECK(host.seq == 3);
        CHECK(host.counts().pages == (fill ? 5 : 2));  // the pages of the run before it were delivered
        CHECK(host.counts().bytes_out == (fill ? 5 : 2) * kPage);
        CHECK(host.writes.size() == (fill ? 5 : 2));
        host.clear();
        // The first page beyond the table, and a run over its end.
        Scenario beyond(order);
        beyond.job.table = random_table(rng, 22);
        beyond.header();
        Record r{};
        r.type = fill ? RecordType::Fill : RecordType::Page;
        r.gpa = (fill ? 20 : 22) * kPage;
        r.count = fill ? 3 : 1;
        if (!fill) r.body = text_page(rng);
        beyond.writer.add(r);
        host.bind(beyond.writer.bind());
        host.run(beyond.whole(), beyond.writer.stream);
        REQUIRE(host.fault);
        CHECK(host.fault->code == kBadRecord);
        CHECK(host.writes.empty());
        CHECK(bench.errors() == 0);
      }
    }
  }
}

TEST_CASE("migrate_in: what a page table costs", "[in]") {
  const auto cycles_of = [](bool table, bool in_order, unsigned delay) {
    Bench<Vmigrate_in> bench;
    Host host(bench, {.memory_delay = 64, .list_delay = delay});
    auto rng = make_rng(990);
    constexpr unsigned kPages = 60;
    Scenario s(Order::Copy);
    if (table) s.job.table = random_table(rng, 4096);
    s.job.dst_len = 4096 * kPage;
    s.header();
    for (unsigned i = 0; i < kPages; ++i) {
      Record r{};
      r.type = RecordType::Page;
      r.gpa = (in_order ? i : rng() % 4096) * kPage;
      r.body = small_page(rng);
      s.add(r);
    }
    s.end();
    host.bind(s.writer.bind());
    const auto cycles = host.run(s.whole(), s.writer.stream);
    CHECK(host.done);
    CHECK(bench.errors() == 0);
    return cycles;
  };
  const auto base = cycles_of(false, true, 0);
  for (const unsigned delay : {64U, 200U, 400U}) {
    const auto ordered = cycles_of(true, true, delay), random = cycles_of(true, false, delay);
    fmt::print("copy, page table, entries after {} cycles: {:+.1f} % in order, {:+.1f} % in random order\n", delay,
               100.0 * (static_cast<double>(ordered) / static_cast<double>(base) - 1),
               100.0 * (static_cast<double>(random) / static_cast<double>(base) - 1));
    CHECK(ordered <= base + 2 * delay + 60);
    if (delay <= 200) CHECK(random <= base + base / 50);
  }
}

TEST_CASE("migrate_in: counts of a job", "[in]") {
  Bench<Vmigrate_in> bench;
  Host host(bench);
  auto rng = make_rng(13);
  for (const Order order : kOrders) {
    INFO("order " << static_cast<int>(order));
    Scenario s(order);
    s.header();
    const Bytes a = text_page(rng);
    std::uint64_t body = 0;
    std::array<std::uint32_t, 3> kinds{};
    for (unsigned i = 0; i < 6; ++i) {
      Record rec = s.writer.page(i, a);
      if (order == Order::CompressEncrypt || order == Order::CompressOnly) {
        rec.deflate = i < 1 ? deflate_stored(a) : i < 3 ? deflate_raw(a, 9, Z_FIXED) : deflate_raw(a);
        body += rec.deflate->size();
        ++kinds[i < 1 ? 0 : i < 3 ? 1 : 2];
      }
      s.add(rec);
      if (order == Order::EncryptCompress) {
        body += get_le(s.writer.stream, s.writer.starts.back() + 28, 4);
        ++kinds[(s.writer.stream[s.writer.starts.back() + 48] >> 1) & 3];
      }
      if (order == Order::EncryptOnly || order == Order::Copy) body += kPage;
    }
    s.add(s.writer.run(10, 5, 0));
    s.end();
    host.bind(s.writer.bind());
    host.run(s.whole(), s.writer.stream);
    check_done(host, s, s.effects.size());
    const Counts c = host.counts();
    CHECK(c.fill_pages == 5);
    CHECK(c.body_bytes == body);
    CHECK(c.stored == kinds[0]);
    CHECK(c.fixed == kinds[1]);
    CHECK(c.dynamic == kinds[2]);
    CHECK(c.bytes_in == s.writer.stream.size());
  }
  CHECK(bench.errors() == 0);
}

TEST_CASE("migrate_in: rates", "[in]") {
  const auto measure = [](Order order, const std::function<void(Scenario&, unsigned)>& add, unsigned count) {
    std::array<std::uint64_t, 2> cycles{};
    for (unsigned round = 0; round < 2; ++round) {
      Bench<Vmigrate_in> bench;
      // the data come after the wipe of the page buffer, or its end would count as speed
      Host host(bench, {.memory_delay = 600, .tag_delay = 20, .cipher_delay = 20, .lane_delay = 1});
      Scenario s(order);
      s.header();
      for (unsigned i = 0; i < count * (round + 1); ++i) add(s, i);
      s.end();
      host.bind(s.writer.bind());
      cycles[round] = host.run(s.whole(), s.writer.stream);
      check_done(host, s, s.effects.size());
      CHECK(bench.errors() == 0);
    }
    return static_cast<double>(cycles[1] - cycles[0]) / count;
  };
  auto rng = make_rng(14);
  const Bytes text = text_page(rng);
  const Bytes noise = random_page(rng);
  const auto page = [&](const Bytes& data) {
    return [&](Scenario& s, unsigned i) { s.add(s.writer.page(i % 64, data)); };
  };
  const auto report = [](const char* what, double cycles) {
    fmt::print("rate: {:<42} {:8.1f} cycles a record, {:6.2f} bytes of guest memory a cycle\n", what, cycles,
               4096 / cycles);
  };
  const double copy = measure(Order::Copy, page(noise), 40);
  report("copy", copy);
  CHECK(4096 / copy >= 15.5);
  const double sealed = measure(Order::EncryptOnly, page(noise), 40);
  report("encrypt_only", sealed);
  CHECK(4096 / sealed >= 15.5);
  const double etc = measure(Order::EncryptCompress, page(noise), 40);
  report("encrypt_then_compress, lanes for free", etc);
  CHECK(etc <= 270);
  const double cte = measure(Order::CompressEncrypt, page(text), 40);
  report("compress_then_encrypt, text, lanes for free", cte);
  CHECK(cte <= 270);
  const double runs = measure(Order::Copy, [](Scenario& s, unsigned i) { s.add(s.writer.run(i % 64, 1, 0)); }, 40);
  report("runs of one page", runs);
  CHECK(runs <= 264);
  const double small = measure(
      Order::CompressEncrypt, [](Scenario& s, unsigned i) { s.add(s.writer.meta(16 * (i % 100), Bytes(16, 1))); }, 200);
  fmt::print("rate: {:<42} {:8.1f} cycles a record\n", "smallest metadata records, tag 20 cycles", small);
  CHECK(small <= 12);
}
