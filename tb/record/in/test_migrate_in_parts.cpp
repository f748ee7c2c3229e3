// SPDX-License-Identifier: Apache-2.0
// The modules of migrate-in that have logic of their own, alone.
#include <Vhold_fifo.h>
#include <Vhold_fifo___024root.h>
#include <Vpage_check.h>
#include <Vrecord_parse.h>
#include <Vverify_buffer.h>
#include <fmt/format.h>

#include "bits.h"
#include "common/catch.h"
#include "common/stream.h"
#include "stream_writer.h"

using namespace sealift::tb;

namespace {

enum Kind : std::uint8_t { kHeader = 0, kPageKind = 1, kFill = 2, kMeta = 3, kEnd = 4, kDone = 5 };
constexpr std::uint8_t kOk = 0, kBadTag = 0x23, kBadSeq = 0x24, kBadRecord = 0x25, kTruncated = 0x26, kBadInner = 0x30,
                       kBadDeflate = 0x31, kBadCrc = 0x32;

/// migrate_in_pkg::desc_t
struct Desc {
  std::uint8_t kind = 0, fault = 0;
  std::uint64_t offset = 0, gpa = 0, seq = 0;
  std::uint32_t count = 0;
  unsigned payload = 0, wire_len = 0, used_beats = 0, pad_bad = 0, lane_bad = 0, block = 0, body_bytes = 0;
  std::uint32_t crc = 0;
  std::uint64_t fill = 0;
  bool operator==(const Desc&) const = default;
};

void put_desc(const Desc& d, EData* words) {
  BitWriter w(std::span<EData>(words, 12));
  w.put(d.fill, 64).put(d.crc, 32).put(d.body_bytes, 13).put(d.block, 2).put(d.lane_bad, 1).put(d.pad_bad, 1);
  w.put(d.used_beats, 9).put(d.wire_len, 13).put(d.payload, 13).put(d.count, 32).put(d.seq, 64).put(d.gpa, 64);
  w.put(d.offset, 64).put(d.fault, 8).put(d.kind, 3);
}
Desc get_desc(WDataInP words) {
  BitReader r(words);
  Desc d;
  d.fill = r.get(64);
  d.crc = static_cast<std::uint32_t>(r.get(32));
  d.body_bytes = static_cast<unsigned>(r.get(13));
  d.block = static_cast<unsigned>(r.get(2));
  d.lane_bad = static_cast<unsigned>(r.get(1));
  d.pad_bad = static_cast<unsigned>(r.get(1));
  d.used_beats = static_cast<unsigned>(r.get(9));
  d.wire_len = static_cast<unsigned>(r.get(13));
  d.payload = static_cast<unsigned>(r.get(13));
  d.count = static_cast<std::uint32_t>(r.get(32));
  d.seq = r.get(64);
  d.gpa = r.get(64);
  d.offset = r.get(64);
  d.fault = static_cast<std::uint8_t>(r.get(8));
  d.kind = static_cast<std::uint8_t>(r.get(3));
  return d;
}

struct Word {
  std::array<std::uint8_t, 16> data{};
  bool last = false;
};
void put_word(const Word& w, EData* words) {
  for (unsigned i = 0; i < 4; ++i) words[i] = 0;
  for (unsigned i = 0; i < 16; ++i) words[i / 4] |= static_cast<EData>(w.data[i]) << (8 * (i % 4));
}
Word get_word(WDataInP words) {
  Word w;
  for (unsigned i = 0; i < 16; ++i) w.data[i] = static_cast<std::uint8_t>(words[i / 4] >> (8 * (i % 4)));
  return w;
}

Bytes random_bytes(std::mt19937_64& rng, std::size_t n) {
  Bytes b(n);
  for (auto& x : b) x = static_cast<std::uint8_t>(rng());
  return b;
}

}  // namespace

// ------------------------------------------------------------------------------------------------ hold_fifo

TEST_CASE("hold_fifo: what is not released stays; a clear wipes the memory", "[in]") {
  Bench<Vhold_fifo> bench;
  PacketSource source(
      [&](const Beat& beat, bool valid) {
        bench->valid_i = valid;
        put_beat(beat, &bench->data_i[0]);
      },
      [&] { return bench->ready_o != 0; }, 20, 1);
  Sink<Beat> sink(
      [&](Beat& beat) {
        if (bench->valid_o) beat = get_beat(&bench->data_o[0]);
        return bench->valid_o != 0;
      },
      [&](bool ready) { bench->ready_i = ready; }, 20, 2);
  bench->clear_i = 0;
  bench->release_i = 0;
  bench->release_count_i = 0;
  bench->valid_i = 0;
  bench->ready_i = 0;
  bench.reset();
  bench.add(source);
  bench.add(sink);
  auto rng = make_rng(3);
  for (unsigned round = 0; round < 20; ++round) {
    const std::size_t n = 1 + rng() % 64;
    const Bytes data = random_bytes(rng, 16 * n);
    source.push_packet(data);
    bench.run_until([&] { return source.empty(); }, 2000);
    bench.ticks(10);
    REQUIRE(sink.items.empty());
    const std::size_t part = rng() % (n + 1);
    bench->release_i = 1;
    bench->release_count_i = static_cast<CData>(part);
    bench.tick();
    bench->release_i = 0;
    bench.ticks(300);
    REQUIRE(sink.items.size() == part);
    for (std::size_t i = 0; i < part; ++i) {
      REQUIRE(std::equal(sink.items[i].data.begin(), sink.items[i].data.end(),
                         data.begin() + static_cast<std::ptrdiff_t>(16 * i)));
    }
    sink.items.clear();
    bench->clear_i = 1;
    if (round % 2 == 0) {
      bench.tick();
      bench->clear_i = 0;
      bench.ticks(63);
      CHECK(bench->ready_o == 0);
      bench.ticks(2);
      CHECK(bench->ready_o == 1);
    } else {
      bench.ticks(66);  // a clear that is held on does not hold up the wipe
    }
    for (unsigned i = 0; i < 64; ++i) {
      for (unsigned w = 0; w < 5; ++w) REQUIRE(bench->rootp->hold_fifo__DOT__u_ram__DOT__mem[i][w] == 0);
    }
    bench->clear_i = 0;
    bench.ticks(66);
  }
  CHECK(bench.errors() == 0);
}

// ------------------------------------------------------------------------------------------------ record_parse

namespace {

struct Parse {
  Bench<Vrecord_parse> bench;
  Source<Word> source;
  PacketSink auth;
  Sink<std::pair<std::uint64_t, unsigned>> cmds;
  Sink<Word> payload;
  Sink<Desc> descs;
  Binding binding{};

  explicit Parse(unsigned stall)
      : source(
            [this](const Word& w, bool valid) {
              bench->valid_i = valid;
              put_word(w, &bench->data_i[0]);
            },
            [this] { return bench->ready_o != 0; }, stall, 1),
        auth(
            [this](Beat& beat) {
              if (bench->auth_valid_o) beat = get_beat(&bench->auth_beat_o[0]);
              return bench->auth_valid_o != 0;
            },
            [this](bool ready) { bench->auth_ready_i = ready; }, stall, 2),
        cmds(
            [this](std::pair<std::uint64_t, unsigned>& cmd) {
              BitReader r(&bench->auth_cmd_o[0]);
              cmd.first = r.get(64);
              cmd.second = static_cast<unsigned>(r.get(4));
              return bench->auth_cmd_valid_o != 0;
            },
            [this](bool ready) { bench->auth_cmd_ready_i = ready; }, stall, 3),
        payload(
            [this](Word& w) {
              w = get_word(&bench->buf_data_o[0]);
              w.last = bench->buf_last_o != 0;
              return bench->buf_valid_o != 0;
            },
            [this](bool ready) { bench->buf_ready_i = ready; }, stall, 4),
        descs(
            [this](Desc& d) {
              d = get_desc(&bench->desc_o[0]);
              return bench->desc_valid_o != 0;
            },
            [this](bool ready) { bench->desc_ready_i = ready; }, stall, 5) {
    bench->clear_i = 0;
    bench->start_i = 0;
    bench.reset();
    for (Agent* agent : std::initializer_list<Agent*>{&source, &auth, &cmds, &payload, &descs}) bench.add(*agent);
  }

  void start(Order order, bool begin, bool end, const Bytes& stream, std::uint64_t dst_len, std::uint64_t seq) {
    bench->clear_i = 1;
    bench.tick();
    bench->clear_i = 0;
    source.clear();
    auth.packets.clear();
    cmds.items.clear();
    payload.items.clear();
    descs.items.clear();
    BitWriter(std::span<EData>(&bench->bind_i[0], 13)).bytes(binding.kdf_public).bytes(binding.salt).bytes(binding.id);
    BitWriter w(std::span<EData>(&bench->job_i[0], 18));
    w.put(0, 13).put(0, 64).put(0, 64).put(dst_len, 64).put(0, 64).put(stream.size(), 64).put(0, 64).put(0, 4);
    w.put(end, 1).put(begin, 1).put(0, 4).put(static_cast<unsigned>(order), 3);
    w.put(order <= Order::EncryptOnly ? 1 : 0, 4).put(1, 1);
    bench->seq_i = seq;
    for (std::size_t at = 0; at + 16 <= stream.size(); at += 16) {
      Word word;
      std::copy_n(stream.begin() + static_cast<std::ptrdiff_t>(at), 16, word.data.begin());
      source.push(word);
    }
    bench->start_i = 1;
    bench.tick();
    bench->start_i = 0;
  }
  void finish() {
    bench.run_until(
        [&] { return !descs.items.empty() && (descs.items.back().fault != 0 || descs.items.back().kind == kDone); },
        20000);
    bench.ticks(20);
    // what a stalled sink still holds back
    bench.run_until(
        [&] { return !bench->auth_valid_o && !bench->auth_cmd_valid_o && !bench->buf_valid_o && !bench->desc_valid_o; },
        20000);
  }
};

/// Section 5, for one record header at the start of what is left of the source.
std::uint8_t judge(std::span<const std::uint8_t> h, std::uint64_t left, std::uint64_t seq, Order order,
                   std::uint64_t dst_len) {
  const std::uint64_t len = get_le(h, 4, 4), gpa = get_le(h, 8, 8), count = get_le(h, 24, 4), wire = get_le(h, 28, 4);
  if (len + 48 > left) return kTruncated;
  bool bad = h[1] != 0 || h[2] != 0 || h[3] != 0 || len % 16 != 0 || len < 16 || len > 4608;
  bad = bad || (h[0] == 1 && order == Order::EncryptCompress ? wire < 1 || wire > 4101 || wire + 16 > len : wire != 0);
  const std::uint64_t room = dst_len / kPage;
  switch (h[0]) {
    case 1:
      bad = bad || gpa % kPage != 0 || count != 1 || gpa / kPage >= room;
      break;
    case 2:
      bad = bad || gpa % kPage != 0 || count == 0 || gpa / kPage > room || count > room - gpa / kPage;
      break;
    case 3:
      bad = bad || gpa % 16 != 0 || count != 0;
      break;
    case 4:
      bad = bad || gpa != 0 || count != 0;
      break;
    default:
      bad = true;
  }
  if (bad) return kBadRecord;
  return get_le(h, 16, 8) != seq ? kBadSeq : kOk;
}

}  // namespace

TEST_CASE("record_parse: a stream is cut into records, each with its descriptor", "[in]") {
  for (const unsigned stall : {0U, 40U}) {
    Parse parse(stall);
    auto rng = make_rng(21);
    StreamWriter w(Order::EncryptCompress, {});
    w.header();
    w.add(w.meta(0, Bytes(48, 9)));
    w.add(w.page(3, random_bytes(rng, kPage), 64));
    w.add(w.run(9, 7, 1));
    w.add(w.end());
    parse.start(Order::EncryptCompress, true, true, w.stream, 1 << 20, 0);
    parse.finish();
    REQUIRE(parse.descs.items.size() == 6);
    REQUIRE(parse.auth.packets.size() == 5);
    REQUIRE(parse.cmds.items.size() == 5);
    CHECK(parse.auth.packets[0] == Bytes(w.stream.begin(), w.stream.begin() + 96));
    CHECK(parse.cmds.items[0] == std::pair<std::uint64_t, unsigned>{0, 5});
    Bytes payload;
    for (std::size_t r = 0; r < 4; ++r) {
      const std::size_t at = w.starts[r];
      const std::size_t len = get_le(w.stream, at + 4, 4);
      CHECK(parse.auth.packets[r + 1] == Bytes(w.stream.begin() + static_cast<std::ptrdiff_t>(at),
                                               w.stream.begin() + static_cast<std::ptrdiff_t>(at + 48 + len)));
      CHECK(parse.cmds.items[r + 1] == std::pair<std::uint64_t, unsigned>{r + 1, 2});
      const Desc& d = parse.descs.items[r + 1];
      CHECK(d.kind == w.stream[at]);
      CHECK(d.fault == kOk);
      CHECK(d.offset == at);
      CHECK(d.gpa == get_le(w.stream, at + 8, 8));
      CHECK(d.seq == r + 1);
      CHECK(d.count == get_le(w.stream, at + 24, 4));
      CHECK(d.payload == len);
      CHECK(d.wire_len == get_le(w.stream, at + 28, 4));
      CHECK(d.pad_bad == 0);
      payload.insert(payload.end(), w.stream.begin() + static_cast<std::ptrdiff_t>(at + 32),
                     w.stream.begin() + static_cast<std::ptrdiff_t>(at + 32 + len));
    }
    CHECK(parse.descs.items[1].used_beats == 4);
    CHECK(parse.descs.items[3].used_beats == 1);
    CHECK(parse.descs.items[5].kind == kDone);
    Bytes seen;
    std::size_t lasts = 0;
    for (const Word& word : parse.payload.items) {
      seen.insert(seen.end(), word.data.begin(), word.data.end());
      if (word.last) ++lasts;
    }
    CHECK(seen == payload);
    CHECK(lasts == 4);
    CHECK(parse.bench.errors() == 0);
  }
}

TEST_CASE("record_parse: hostile headers", "[in]") {
  Parse parse(0);
  auto rng = make_rng(22);
  const auto pick = [&](std::initializer_list<std::uint64_t> values) {
    return *(values.begin() + rng() % values.size());
  };
  std::array<unsigned, 256> seen{};
  for (unsigned i = 0; i < 6000; ++i) {
    const Order order = rng() % 2 == 0 ? Order::EncryptCompress : Order::Copy;
    const std::uint64_t pages = 1 + rng() % 100;
    const std::uint64_t seq = rng() % 3 == 0 ? rng() : 1;
    // a good header, then up to three fields made worse
    Bytes h;
    const std::uint64_t type = 1 + rng() % 4;
    std::array<std::uint64_t, 8> f{type, 0, 0, 16 * (1 + rng() % 288), 0, seq, 0, 0};
    if (type <= 2) f[4] = kPage * (rng() % pages);
    if (type == 3) f[4] = 16 * (rng() % 1000);
    if (type == 1) f[6] = 1;
    if (type == 2) f[6] = 1 + rng() % (pages - f[4] / kPage);
    if (type == 1 && order == Order::EncryptCompress) {
      f[3] = std::max<std::uint64_t>(f[3], 32);
      f[7] = std::min<std::uint64_t>(1 + rng() % (f[3] - 16), 4101);
    }
    for (auto n = rng() % 4; n > 0; --n) {
      const std::size_t which = rng() % 8;
      const std::uint64_t any = rng();
      switch (which) {
        case 0:
          f[0] = rng() % 8 == 0 ? any & 0xff : rng() % 6;
          break;
        case 1:
          f[1] = 1ULL << (any % 8);
          break;
        case 2:
          f[2] = 1ULL << (any % 16);
          break;
        case 3:
          f[3] = pick({0, 8, 16, 4592, 4608, 4609, 4624, 8192 + 16, 0x10010, 0x80000010, 0xfffffff0, 0xffffffff});
          break;
        case 4:
          f[4] = pick({0, 16, 2048, pages * kPage, (pages - 1) * kPage, 0xffff'ffff'ffff'f000, 1ULL << 63, any, 8});
          break;
        case 5:
          f[5] = pick({seq + 1, seq - 1, seq ^ (1ULL << (any % 64)), any, 0});
          break;
        case 6:
          f[6] = pick({0, 1, 2, pages, pages + 1, 0xffffffff, 0x80000000, any & 0xffffffff});
          break;
        default:
          f[7] = pick({0, 1, f[3] - 16, f[3] - 15, f[3], 4101, 4102, 0x2001, 0xffffffff, 0xfffffff1, 1ULL << 13});
          break;
      }
    }
    const std::array<unsigned, 8> sizes{1, 1, 2, 4, 8, 8, 4, 4};
    for (std::size_t k = 0; k < 8; ++k) put_le(h, f[k], sizes[k]);
    const std::uint64_t len = get_le(h, 4, 4);
    // the source ends here, a little before, or somewhere behind
    Bytes stream = h;
    const std::uint64_t tail = rng() % 4 == 0 ? 16 * (rng() % 320)
                               : len <= 4700  ? 16 + (len + 15) / 16 * 16
                                              : 5000 / 16 * 16;
    stream.resize(32 + tail, 0x5a);
    const std::uint8_t code = judge(h, stream.size(), seq, order, pages * kPage);
    parse.start(order, false, false, stream, pages * kPage, seq);
    parse.bench.run_until([&] { return !parse.descs.items.empty(); }, 1000);
    const Desc& d = parse.descs.items.front();
    INFO(fmt::format("type {} flags {} zero {} len {:#x} gpa {:#x} seq {:#x} count {:#x} wire {:#x} of {} pages {}",
                     h[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7], stream.size(), pages));
    REQUIRE(fmt::format("{:#x}", d.fault) == fmt::format("{:#x}", code));
    REQUIRE(d.offset == 0);
    if (code != kOk) {
      parse.bench.ticks(4);
      REQUIRE(parse.cmds.items.empty());
      REQUIRE(parse.payload.items.empty());
      REQUIRE(parse.descs.items.size() == 1);
    }
    ++seen[code];
  }
  for (const std::uint8_t code : {kOk, kBadRecord, kBadSeq, kTruncated}) CHECK(seen[code] > 50);
  CHECK(parse.bench.errors() == 0);
}

// ------------------------------------------------------------------------------------------------ verify_buffer

TEST_CASE("verify_buffer: nothing leaves before the tag was good, and nothing after a bad one", "[in]") {
  const auto stall = GENERATE(0U, 40U);
  for (unsigned round = 0; round < 30; ++round) {
    Bench<Vverify_buffer> bench;
    auto rng = make_rng(100 * stall + round);
    Source<Word> data(
        [&](const Word& w, bool valid) {
          bench->buf_valid_i = valid;
          bench->buf_last_i = w.last;
          put_word(w, &bench->buf_data_i[0]);
        },
        [&] { return bench->buf_ready_o != 0; }, stall, 1);
    Source<Desc> descs(
        [&](const Desc& d, bool valid) {
          bench->desc_valid_i = valid;
          put_desc(d, &bench->desc_i[0]);
        },
        [&] { return bench->desc_ready_o != 0; }, stall, 2);
    Source<bool> oks(
        [&](const bool& ok, bool valid) {
          bench->auth_ok_valid_i = valid;
          bench->auth_ok_i = ok;
        },
        [&] { return bench->auth_ok_ready_o != 0; }, stall, 3);
    Sink<Desc> out(
        [&](Desc& d) {
          d = get_desc(&bench->desc_o[0]);
          return bench->desc_valid_o != 0;
        },
        [&](bool ready) { bench->desc_ready_i = ready; }, stall, 4);
    PacketSink beats(
        [&](Beat& beat) {
          if (bench->valid_o) beat = get_beat(&bench->beat_o[0]);
          return bench->valid_o != 0;
        },
        [&](bool ready) { bench->ready_i = ready; }, stall, 5);
    bench->clear_i = 0;
    bench.reset();
    for (Agent* agent : std::initializer_list<Agent*>{&data, &descs, &oks, &out, &beats}) bench.add(*agent);
    const std::size_t bad_at = round % 3 == 0 ? 1000 : rng() % 12;
    std::vector<Desc> sent;
    std::vector<Bytes> sent_data;
    for (std::size_t i = 0; i < 12; ++i) {
      Desc d;
      d.kind = i == 0 ? std::uint8_t{kHeader} : static_cast<std::uint8_t>(1 + rng() % 4);
      d.seq = i;
      d.offset = rng();
      d.payload = i == 0 ? 0 : static_cast<unsigned>(16 * (1 + rng() % 288));
      const Bytes payload = random_bytes(rng, d.payload);
      const auto words = to_beats(payload);
      for (std::size_t k = 0; k < d.payload / 16; ++k) data.push(Word{words[k].data, words[k].last});
      bench.run_until([&] { return data.empty(); }, 20000);
      descs.push(d);
      bench.ticks(rng() % 30);
      REQUIRE(out.items.size() == std::min(i, bad_at + 1));
      REQUIRE(beats.packets.size() <= std::min(i, bad_at));
      oks.push(i != bad_at);
      bench.ticks(200 + 2 * d.payload / 16);
      if (i == bad_at) d.fault = kBadTag;
      if (i <= bad_at) sent.push_back(d);
      if (i < bad_at && i != 0) sent_data.push_back(payload);
      if (i > bad_at) {
        oks.clear();
        break;
      }
    }
    bench.ticks(2000);
    CHECK(std::vector<Desc>(out.items.begin(), out.items.end()) == sent);
    CHECK(beats.packets == sent_data);
    CHECK(bench.errors() == 0);
  }
}

// ------------------------------------------------------------------------------------------------ page_check

namespace {

struct Body {
  Beat beat{};
  bool fill = false, bad = false;
};

struct Check {
  Bench<Vpage_check> bench;
  Source<Body> bodies;
  Source<Desc> descs;
  Sink<Desc> out;
  Sink<Word> data;

  explicit Check(unsigned stall)
      : bodies(
            [this](const Body& b, bool valid) {
              bench->valid_i = valid;
              put_beat(b.beat, &bench->body_i[0]);
              bench->body_i[4] |= (b.bad ? 0x40U : 0U) | (b.fill ? 0x80U : 0U);
            },
            [this] { return bench->ready_o != 0; }, stall, 1),
        descs(
            [this](const Desc& d, bool valid) {
              bench->desc_valid_i = valid;
              put_desc(d, &bench->desc_i[0]);
            },
            [this] { return bench->desc_ready_o != 0; }, stall, 2),
        out(
            [this](Desc& d) {
              d = get_desc(&bench->desc_o[0]);
              return bench->desc_valid_o != 0;
            },
            [this](bool ready) { bench->desc_ready_i = ready; }, stall, 3),
        data(
            [this](Word& w) {
              w = get_word(&bench->data_o[0]);
              return bench->valid_o != 0;
            },
            [this](bool ready) { bench->ready_i = ready; }, stall, 4) {
    bench->clear_i = 0;
    bench.reset();
    for (Agent* agent : std::initializer_list<Agent*>{&bodies, &descs, &out, &data}) bench.add(*agent);
  }
  void body(const Bytes& bytes, bool fill = false) {
    for (const Beat& beat : to_beats(fill ? Bytes(bytes.begin(), bytes.begin() + 16) : bytes)) {
      bodies.push(Body{beat, fill, false});
    }
  }
};

}  // namespace

TEST_CASE("page_check: only bodies with their CRC leave, in order", "[in]") {
  const auto stall = GENERATE(0U, 40U);
  for (unsigned round = 0; round < 24; ++round) {
    Check check(stall);
    auto rng = make_rng(1000 + 100 * stall + round);
    const std::size_t wrong_at = round % 3 == 0 ? 1000 : rng() % 10;
    std::vector<Desc> expected;
    Bytes expected_data;
    for (std::size_t i = 0; i < 10; ++i) {
      Desc d;
      d.kind = static_cast<std::uint8_t>(1 + rng() % 4);
      d.offset = rng();
      Bytes bytes = random_bytes(rng, d.kind == kPageKind ? kPage : d.kind == kMeta ? 16 * (1 + rng() % 256) : 32);
      if (d.kind == kFill) bytes = fill_page(rng());
      d.body_bytes = d.kind == kFill ? 0 : static_cast<unsigned>(bytes.size());
      d.crc = zlib_crc(bytes);
      std::uint8_t fault = kOk;
      if (i == wrong_at) {
        switch (rng() % 4) {
          case 0:
            d.crc ^= 1U << (rng() % 32);
            fault = kBadCrc;
            break;
          case 1:
            bytes[rng() % (d.kind == kFill ? 16 : bytes.size())] ^= 1;
            fault = kBadCrc;
            break;
          case 2:
            d.fault = fault = kBadInner;
            break;
          default:
            fault = kBadDeflate;
            break;
        }
      }
      if (fault == kBadDeflate) {
        check.bodies.push(Body{Beat{.data = {}, .bytes = 0, .last = true}, false, true});
      } else {
        check.body(bytes, d.kind == kFill);
      }
      check.descs.push(d);
      if (i <= wrong_at) {
        d.fault = fault;
        expected.push_back(d);
      }
      if (i < wrong_at && d.kind != kFill) expected_data.insert(expected_data.end(), bytes.begin(), bytes.end());
    }
    check.bench.run_until([&] { return check.out.items.size() == expected.size(); }, 40000);
    check.bench.ticks(1500);
    CHECK(std::vector<Desc>(check.out.items.begin(), check.out.items.end()) == expected);
    Bytes seen;
    for (const Word& w : check.data.items) seen.insert(seen.end(), w.data.begin(), w.data.end());
    CHECK(seen == expected_data);
    CHECK(check.bench.errors() == 0);
  }
}

TEST_CASE("page_check: pages at a beat a cycle", "[in]") {
  Check check(0);
  auto rng = make_rng(31);
  for (unsigned i = 0; i < 20; ++i) {
    const Bytes page = random_bytes(rng, kPage);
    Desc d;
    d.kind = kPageKind;
    d.body_bytes = kPage;
    d.crc = zlib_crc(page);
    check.body(page);
    check.descs.push(d);
  }
  const auto cycles = check.bench.run_until([&] { return check.data.items.size() == 20 * 256; }, 20000);
  fmt::print("rate: page_check {:.1f} cycles a page\n", static_cast<double>(cycles - 512 - 256) / 20);
  CHECK(cycles <= 512 + 21 * 256 + 40);  // the wipe after reset, then one page of latency
  CHECK(check.bench.errors() == 0);
}
