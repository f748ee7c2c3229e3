// SPDX-License-Identifier: Apache-2.0
#include LANE_HEADER
#include LANE_ROOT

#include <algorithm>
#include <array>
#include <filesystem>

#include "common/catch.h"
#include "inflate/lane_bench.h"
#include "model/compress_model.h"

using namespace sealift::tb;

namespace {

using Lane = LaneBench<LANE_CLASS>;

Bytes random_page(std::mt19937_64& rng, unsigned alphabet) {
  Bytes page(kPage);
  for (auto& b : page) b = static_cast<std::uint8_t>(rng() % alphabet);
  return page;
}

/// Puts `n` literals of the fixed code.
void put_literals(BitWriter& out, const Code& code, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) code.put(out, static_cast<unsigned>(i * 7 % 256));
}

Bytes fixed_block(const std::function<void(BitWriter&, const Code&, const Code&)>& body) {
  BitWriter out;
  out.bits(3, 3);
  body(out, fixed_lit_len(), fixed_dist());
  return out.bytes();
}

/// A stream of one page in which `refused` comes after some literals, in front of other pages.
void check_refused(const Bytes& stream, Inflate why) {
  CHECK(zlib_verdict(stream).status == why);
  auto rng = make_rng(77);
  const Bytes good = zlib_deflate(random_page(rng, 30), 6);
  Lane lane;
  lane.check({good, stream, good, stream, stream, good}, "refused");
  CHECK(lane.out.packets.size() == 3);
}

}  // namespace

TEST_CASE("inflate: zlib at every level and strategy", "[inflate]") {
  Lane lane;
  std::vector<Bytes> streams;
  auto rng = make_rng(1);
  for (const int strategy : {Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED}) {
    const auto subset = pages(101, static_cast<std::size_t>(strategy));
    for (std::size_t i = 0; i < subset.size(); ++i) {
      streams.push_back(zlib_deflate(subset[i], static_cast<int>(i % 10), strategy));
    }
  }
  for (unsigned alphabet : {1U, 2U, 3U, 17U, 256U}) {
    for (int level : {0, 1, 6, 9}) streams.push_back(zlib_deflate(random_page(rng, alphabet), level));
  }
  lane.check(streams, "stream");
  CHECK(lane.out.packets.size() == streams.size());
}

TEST_CASE("inflate: zlib with every memLevel, windowBits and flush", "[inflate]") {
  Lane lane;
  std::vector<Bytes> streams;
  const auto subset = pages(173);
  for (int mem = 1; mem <= 9; ++mem) {
    for (int bits = 9; bits <= 15; ++bits) {
      const int nth = 7 * mem + bits;
      streams.push_back(
          zlib_deflate(subset[static_cast<std::size_t>(nth) % subset.size()], nth % 10, nth % 5, mem, bits));
    }
  }
  for (const int flush : {Z_FULL_FLUSH, Z_PARTIAL_FLUSH, Z_SYNC_FLUSH, Z_BLOCK}) {
    for (const std::size_t every : {40U, 333U, 1000U, 4095U}) {
      for (const int level : {0, 1, 6}) {
        const Bytes stream = zlib_deflate(subset[1], level, 0, 8, 15, every, flush);
        if (stream.size() < 8192) streams.push_back(stream);
      }
    }
  }
  lane.check(streams, "stream");
  CHECK(lane.out.packets.size() == streams.size());
}

TEST_CASE("inflate: libdeflate at every level", "[inflate]") {
  Lane lane;
  std::vector<Bytes> streams;
  const auto subset = pages(211, 5);
  for (int level = 0; level <= 12; ++level) {
    for (std::size_t i = 0; i < 2; ++i) {
      streams.push_back(libdeflate_deflate(subset[(static_cast<std::size_t>(level) + i) % subset.size()], level));
    }
  }
  lane.check(streams, "stream");
  CHECK(lane.out.packets.size() == streams.size());
}

TEST_CASE("inflate: zopfli", "[inflate]") {
  Lane lane;
  std::vector<Bytes> streams;
  const auto subset = pages(211, 9);
  for (const int iterations : {1, 5, 15}) {
    for (std::size_t i = 0; i < 2; ++i) {
      streams.push_back(
          zopfli_deflate(subset[(static_cast<std::size_t>(iterations) + i) % subset.size()], iterations, i != 0));
    }
  }
  lane.check(streams, "stream");
  CHECK(lane.out.packets.size() == streams.size());
}

TEST_CASE("inflate: what the fuzzer found", "[inflate]") {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator("tb/inflate/corpus")) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<Bytes> streams;
  for (const auto& path : files) {
    std::ifstream file(path, std::ios::binary);
    streams.emplace_back((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  }
  REQUIRE(streams.size() > 20);
  Lane lane;
  lane.check(streams, "corpus");
}

TEST_CASE("inflate: random legal streams, with every mix of stalls", "[inflate]") {
  const auto in_stall = GENERATE(0U, 60U);
  const auto res_stall = GENERATE(0U, 90U);
  const auto out_stall = GENERATE(0U, 50U);
  Lane lane(in_stall, res_stall, out_stall);
  auto rng = make_rng(100 + in_stall + res_stall + out_stall);
  std::vector<Bytes> streams;
  for (int i = 0; i < 100; ++i) streams.push_back(random_stream(rng));
  lane.check(streams, "random");
  CHECK(lane.out.packets.size() == streams.size());
}

TEST_CASE("inflate: corrupted streams are accepted exactly where zlib accepts them", "[inflate]") {
  auto rng = make_rng(3);
  std::vector<Bytes> sources;
  for (const Bytes& page : pages(97)) sources.push_back(zlib_deflate(page, static_cast<int>(rng() % 10)));
  for (int i = 0; i < 20; ++i) sources.push_back(random_stream(rng));
  std::vector<Bytes> streams;
  for (int i = 0; i < 4000; ++i) {
    Bytes stream = sources[rng() % sources.size()];
    const std::size_t near = rng() % 2 == 0 ? std::min<std::size_t>(stream.size(), 120) : stream.size();
    const unsigned changes = 1 + static_cast<unsigned>(rng() % 3);
    for (unsigned c = 0; c < changes; ++c) {
      const std::size_t at = rng() % std::min(near, stream.size());
      switch (rng() % 5) {
        case 0:
          stream[at] = static_cast<std::uint8_t>(rng());
          break;
        case 1:
          stream.erase(stream.begin() + static_cast<std::ptrdiff_t>(at));
          break;
        case 2:
          stream.insert(stream.begin() + static_cast<std::ptrdiff_t>(at), static_cast<std::uint8_t>(rng()));
          break;
        default:
          stream[at] = static_cast<std::uint8_t>(stream[at] ^ (1U << (rng() % 8)));
          break;
      }
      if (stream.empty()) break;
    }
    if (rng() % 20 == 0) stream.push_back(static_cast<std::uint8_t>(rng()));
    if (stream.size() < 8192) streams.push_back(std::move(stream));
  }
  for (int i = 0; i < 1000; ++i) {  // noise
    Bytes stream(rng() % 200);
    for (auto& b : stream) b = static_cast<std::uint8_t>(rng());
    if (!stream.empty() && rng() % 2 == 0) stream[0] = static_cast<std::uint8_t>((stream[0] & ~6U) | 4U);
    streams.push_back(std::move(stream));
  }
  Lane lane(5, 20, 5);
  lane.check(streams, "corrupted");
  std::array<unsigned, kInflateStatuses> seen{};
  for (const LaneResult& r : lane.res.items) ++seen[r.status % kInflateStatuses];
  fmt::print("corrupted streams by status:");
  for (const unsigned n : seen) fmt::print(" {}", n);
  fmt::print("\n");
}

TEST_CASE("inflate: cut at every byte", "[inflate]") {
  auto rng = make_rng(4);
  Lane lane;
  std::vector<Bytes> streams;
  Bytes tiny(kPage, 'x');
  for (std::size_t i = 0; i < 100; ++i) tiny[i * 3] = static_cast<std::uint8_t>(i);
  for (const Bytes& whole : {zlib_deflate(tiny, 6), zlib_deflate(tiny, 6, Z_FIXED), zlib_deflate(tiny, 0),
                             zlib_deflate(tiny, 6, 0, 8, 15, 1500, Z_FULL_FLUSH), random_stream(rng)}) {
    const std::size_t every = whole.size() > 1000 ? 1 + whole.size() / 500 : 1;
    for (std::size_t n = 0; n <= whole.size(); n += (n < 40 || n + 40 > whole.size()) ? 1 : every) {
      streams.emplace_back(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n));
    }
    streams.push_back(whole);
    streams.back().push_back(0);
  }
  lane.check(streams, "cut");
}

TEST_CASE("inflate: every distance and length", "[inflate]") {
  Lane lane;
  std::vector<Bytes> streams;
  const Code ll = fixed_lit_len();
  const Code dd = fixed_dist();
  for (unsigned back = 1; back <= 40; ++back) {
    BitWriter out;
    out.bits(3, 3);
    std::size_t pos = back + 20;
    put_literals(out, ll, pos);
    for (unsigned length = 3; pos + length <= kPage && length <= 90; ++length) {
      put_length(out, ll, length);
      put_distance(out, dd, back);
      pos += length;
      for (unsigned k = 0; k < length % 4 && pos < kPage; ++k, ++pos) ll.put(out, (length + k) % 256);
    }
    put_literals(out, ll, kPage - pos);
    ll.put(out, 256);
    streams.push_back(out.bytes());
  }
  for (unsigned length = 3; length <= 258; length += 5) {
    BitWriter out;
    out.bits(3, 3);
    std::size_t pos = 1000;
    put_literals(out, ll, pos);
    for (unsigned back = 1; pos + length <= kPage; back = back * 2 % 1000 + 1) {
      put_length(out, ll, length);
      put_distance(out, dd, back);
      pos += length;
    }
    put_literals(out, ll, kPage - pos);
    ll.put(out, 256);
    streams.push_back(out.bytes());
  }
  lane.check(streams, "stream");
  CHECK(lane.out.packets.size() == streams.size());
}

TEST_CASE("inflate: length 258 by both codes", "[inflate]") {
  const Bytes stream = fixed_block([](BitWriter& out, const Code& ll, const Code& dd) {
    put_literals(out, ll, kPage - 4 * 258);
    for (int i = 0; i < 4; ++i) {
      put_length(out, ll, 258, i % 2 == 0);
      put_distance(out, dd, static_cast<unsigned>(1 + 900 * i));
    }
    ll.put(out, 256);
  });
  Lane lane;
  lane.check({stream}, "258");
  CHECK(lane.out.packets.size() == 1);
}

TEST_CASE("inflate: empty blocks of every kind", "[inflate]") {
  auto rng = make_rng(5);
  const Bytes page = random_page(rng, 256);
  std::vector<Bytes> streams;
  for (unsigned kind = 0; kind < 3; ++kind) {
    for (unsigned n : {1U, 2U, 50U}) {
      BitWriter out;
      for (unsigned half = 0; half < 3; ++half) {
        for (unsigned i = 0; i < n; ++i) {
          const bool final = half == 2 && i + 1 == n;
          if (kind == 0) {
            out.bits(final ? 1 : 0, 3);
            out.align();
            out.bits(0xffff0000, 32);
          } else if (kind == 1) {
            out.bits(final ? 3 : 2, 3);
            fixed_lit_len().put(out, 256);
          } else {
            std::vector<unsigned> len(257, 0);
            len[256] = 1;
            const Code ll(len);
            put_dynamic_header(out, final, ll, Code(std::vector<unsigned>(1, 0)), &rng);
            ll.put(out, 256);
          }
        }
        if (half == 2) break;
        out.bits(0, 3);
        out.align();
        out.bits(2048, 16);
        out.bits(~2048U & 0xffff, 16);
        for (unsigned i = 0; i < 2048; ++i) out.byte(page[half * 2048 + i]);
      }
      streams.push_back(out.bytes());
    }
  }
  Lane lane;
  lane.check(streams, "stream");
  CHECK(lane.out.packets.size() == streams.size());
}

TEST_CASE("inflate: a hostile stream of empty blocks ends", "[inflate]") {
  Lane lane;
  std::vector<Bytes> streams;
  {
    BitWriter out;  // fixed
    while (out.bytes().size() < 8191) {
      out.bits(2, 3);
      fixed_lit_len().put(out, 256);
    }
    streams.push_back(out.bytes());
    streams.back().resize(8191);
  }
  {
    Bytes stream;  // stored
    while (stream.size() + 5 <= 8191) stream.insert(stream.end(), {0, 0, 0, 0xff, 0xff});
    streams.push_back(stream);
  }
  {
    BitWriter out;  // dynamic, every symbol used
    std::vector<unsigned> len(286, 8);
    std::fill(len.begin() + 226, len.end(), 9U);
    std::vector<unsigned> dist(30, 5);
    dist[0] = dist[1] = 4;
    auto rng = make_rng(61);
    while (out.bytes().size() < 8000) {
      put_dynamic_header(out, false, Code(len), Code(dist), &rng);
      Code(len).put(out, 256);
    }
    streams.push_back(out.bytes());
  }
  {
    BitWriter out;  // dynamic, none but the end of block
    std::vector<unsigned> len(257, 0);
    len[256] = 1;
    auto rng = make_rng(6);
    while (out.bytes().size() < 8000) {
      put_dynamic_header(out, false, Code(len), Code(std::vector<unsigned>(1, 0)), &rng);
      Code(len).put(out, 256);
    }
    streams.push_back(out.bytes());
  }
  for (const Bytes& stream : streams) {
    const auto cycles = lane.check({stream}, "hostile");
    fmt::print("hostile stream of {} bytes: {} cycles\n", stream.size(), cycles);
    CHECK(cycles <= LANE_CYCLES_A_BIT * 8 * stream.size() + 2 * kPage);  // docs/inflate.md, section 5
  }
}

TEST_CASE("inflate: refused: block type 3", "[inflate]") {
  check_refused({0x07, 0, 0, 0}, Inflate::BadBlockType);
  check_refused({0x06}, Inflate::BadBlockType);
}

TEST_CASE("inflate: refused: stored lengths that differ", "[inflate]") {
  check_refused({0x01, 0x10, 0x00, 0xff, 0xff, 1, 2, 3}, Inflate::BadStoredLen);
}

TEST_CASE("inflate: refused: more than 286 length or 30 distance symbols", "[inflate]") {
  for (const unsigned hlit : {29U, 30U, 31U}) {
    for (const unsigned hdist : {29U, 30U, 31U}) {
      if (hlit == 29 && hdist == 29) continue;
      BitWriter out;
      out.bits(5, 3);
      out.bits(hlit, 5);
      out.bits(hdist, 5);
      out.bits(15, 4);
      for (int i = 0; i < 40; ++i) out.byte(0x55);
      check_refused(out.bytes(), Inflate::TooManySymbols);
    }
  }
}

namespace {

/// A dynamic header with these code length code lengths (in stream order), then `more` bytes.
Bytes pre_stream(const std::vector<unsigned>& pre, std::size_t more, std::uint8_t fill = 0) {
  BitWriter out;
  out.bits(5, 3);
  out.bits(0, 5);
  out.bits(0, 5);
  out.bits(static_cast<std::uint32_t>(pre.size() - 4), 4);
  for (const unsigned l : pre) out.bits(l, 3);
  for (std::size_t i = 0; i < more; ++i) out.byte(fill);
  return out.bytes();
}

/// A dynamic block with any lengths, legal or not, and a body.
Bytes dynamic_stream(const std::vector<unsigned>& ll, const std::vector<unsigned>& dist,
                     const std::function<void(BitWriter&, const Code&, const Code&)>& body) {
  BitWriter out;
  auto rng = make_rng(8);
  const Code l{ll};
  const Code d{dist};
  put_dynamic_header(out, true, l, d, &rng);
  body(out, l, d);
  return out.bytes();
}

std::vector<unsigned> some_lengths(const std::vector<std::pair<unsigned, unsigned>>& set, std::size_t n) {
  std::vector<unsigned> len(n, 0);
  for (const auto& [symbol, l] : set) len[symbol] = l;
  return len;
}

void no_body(BitWriter& out, const Code&, const Code&) {
  for (int i = 0; i < 8; ++i) out.byte(0);
}

}  // namespace

TEST_CASE("inflate: refused: code length codes that are no code", "[inflate]") {
  check_refused(pre_stream({1, 1, 1, 0}, 50), Inflate::BadCodeLengths);  // over-subscribed
  check_refused(pre_stream({1, 0, 0, 0}, 50), Inflate::BadCodeLengths);  // one code: incomplete
  check_refused(pre_stream({2, 2, 2, 0}, 50), Inflate::BadCodeLengths);  // incomplete
  check_refused(pre_stream({7, 7, 7, 7, 7, 7, 7}, 50), Inflate::BadCodeLengths);
}

TEST_CASE("inflate: a code length code without codes reads as lengths 0", "[inflate]") {
  check_refused(pre_stream({0, 0, 0, 0}, 50, 0xff), Inflate::NoEndOfBlock);
  check_refused(pre_stream({0, 0, 0, 0}, 20, 0xff), Inflate::Truncated);
  check_refused(pre_stream({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 31, 0), Inflate::Truncated);
}

TEST_CASE("inflate: refused: repeats of nothing and past the end", "[inflate]") {
  check_refused(pre_stream({1, 0, 0, 1}, 60, 0xff), Inflate::BadRepeat);  // symbol 16 first
  check_refused(pre_stream({0, 0, 1, 1}, 60, 0xff), Inflate::BadRepeat);  // 138 zeros twice is too many
}

TEST_CASE("inflate: refused: no end of block", "[inflate]") {
  check_refused(dynamic_stream(some_lengths({{0, 1}, {1, 1}}, 257), {1}, no_body), Inflate::NoEndOfBlock);
}

TEST_CASE("inflate: refused: literal/length sets", "[inflate]") {
  check_refused(dynamic_stream(some_lengths({{0, 1}, {1, 1}, {256, 1}}, 257), {1}, no_body), Inflate::BadLitLenSet);
  check_refused(dynamic_stream(some_lengths({{0, 1}, {256, 2}}, 257), {1}, no_body), Inflate::BadLitLenSet);
  check_refused(dynamic_stream(some_lengths({{256, 2}}, 257), {1}, no_body), Inflate::BadLitLenSet);
  check_refused(dynamic_stream(some_lengths({{256, 15}}, 257), {1}, no_body), Inflate::BadLitLenSet);
  check_refused(dynamic_stream(std::vector<unsigned>(286, 1), {1}, no_body), Inflate::BadLitLenSet);
  check_refused(dynamic_stream(std::vector<unsigned>(286, 15), {1}, no_body), Inflate::BadLitLenSet);
  // Both sets are bad: the first counts.
  check_refused(dynamic_stream(some_lengths({{256, 2}}, 257), {2}, no_body), Inflate::BadLitLenSet);
}

TEST_CASE("inflate: refused: distance sets", "[inflate]") {
  const auto ll = some_lengths({{0, 1}, {256, 1}}, 257);
  check_refused(dynamic_stream(ll, {2}, no_body), Inflate::BadDistSet);
  check_refused(dynamic_stream(ll, {1, 2}, no_body), Inflate::BadDistSet);
  check_refused(dynamic_stream(ll, {1, 1, 1}, no_body), Inflate::BadDistSet);
  check_refused(dynamic_stream(ll, std::vector<unsigned>(30, 15), no_body), Inflate::BadDistSet);
  check_refused(dynamic_stream(ll, std::vector<unsigned>(30, 2), no_body), Inflate::BadDistSet);
}

TEST_CASE("inflate: refused: literal/length codes that are none", "[inflate]") {
  for (const unsigned s : {286U, 287U}) {
    check_refused(fixed_block([s](BitWriter& out, const Code& ll, const Code&) {
                    put_literals(out, ll, 5);
                    ll.put(out, s);
                    out.bits(0, 32);
                  }),
                  Inflate::BadLitLenCode);
  }
  // A block whose only code is the end, and then the other bit.
  check_refused(dynamic_stream(some_lengths({{256, 1}}, 257), {1},
                               [](BitWriter& out, const Code&, const Code&) { out.bits(1, 1); }),
                Inflate::BadLitLenCode);
}

TEST_CASE("inflate: refused: distance codes that are none", "[inflate]") {
  for (const unsigned s : {30U, 31U}) {
    check_refused(fixed_block([s](BitWriter& out, const Code& ll, const Code& dd) {
                    put_literals(out, ll, 5);
                    put_length(out, ll, 3);
                    dd.put(out, s);
                    out.bits(0, 32);
                  }),
                  Inflate::BadDistCode);
  }
  const auto ll = some_lengths({{0, 2}, {256, 2}, {257, 1}}, 258);
  const auto match = [](unsigned bit) {
    return [bit](BitWriter& out, const Code& l, const Code&) {
      l.put(out, 0);
      l.put(out, 257);
      out.bits(bit, 1);
      l.put(out, 256);
    };
  };
  check_refused(dynamic_stream(ll, {1}, match(1)), Inflate::BadDistCode);  // one code, the other bit
  check_refused(dynamic_stream(ll, {0}, match(0)), Inflate::BadDistCode);  // no codes
  check_refused(dynamic_stream(ll, {0}, match(1)), Inflate::BadDistCode);
}

TEST_CASE("inflate: a single distance code, and none, are accepted", "[inflate]") {
  Lane lane;
  const auto ll = some_lengths({{0, 2}, {256, 2}, {285, 1}}, 286);
  const auto one = dynamic_stream(ll, {1}, [](BitWriter& out, const Code& l, const Code& d) {
    for (std::size_t i = 0; i < kPage - 15 * 258; ++i) l.put(out, 0);
    for (int i = 0; i < 15; ++i) {
      l.put(out, 285);
      d.put(out, 0);
    }
    l.put(out, 256);
  });
  const auto none = dynamic_stream(ll, {0}, [](BitWriter& out, const Code& l, const Code&) {
    for (std::size_t i = 0; i < kPage; ++i) l.put(out, 0);
    l.put(out, 256);
  });
  lane.check({one, none, one, none}, "stream");
  CHECK(lane.out.packets.size() == 4);
}

TEST_CASE("inflate: refused: distances beyond this page's bytes, whatever came before", "[inflate]") {
  for (const unsigned n : {0U, 1U, 2U, 5U, 100U}) {
    for (const unsigned more : {1U, 2U, 3000U}) {
      check_refused(fixed_block([n, more](BitWriter& out, const Code& ll, const Code& dd) {
                      put_literals(out, ll, n);
                      put_length(out, ll, 10);
                      put_distance(out, dd, n + more);
                      ll.put(out, 256);
                    }),
                    Inflate::TooFarBack);
    }
  }
}

TEST_CASE("inflate: refused: too long, too short, trailing, empty", "[inflate]") {
  for (const std::size_t n : {4097U, 4098U, 4099U, 4100U}) {
    check_refused(fixed_block([n](BitWriter& out, const Code& ll, const Code&) {
                    put_literals(out, ll, n);
                    ll.put(out, 256);
                  }),
                  Inflate::TooLong);
  }
  for (const std::size_t n : {4095U, 4094U, 4093U, 3839U, 4096U}) {
    check_refused(fixed_block([n](BitWriter& out, const Code& ll, const Code& dd) {
                    put_literals(out, ll, n);
                    put_length(out, ll, 258);
                    put_distance(out, dd, 100);
                    ll.put(out, 256);
                  }),
                  Inflate::TooLong);
  }
  for (const std::size_t n : {0U, 1U, 4095U}) {
    check_refused(fixed_block([n](BitWriter& out, const Code& ll, const Code&) {
                    put_literals(out, ll, n);
                    ll.put(out, 256);
                    out.bits(0, 80);
                  }),
                  Inflate::TooShort);
  }
  Bytes stored = {0x01, 0x01, 0x10, 0xfe, 0xef};
  stored.resize(5 + 4096);
  check_refused(stored, Inflate::Truncated);
  stored.resize(5 + 4097);
  check_refused(stored, Inflate::TooLong);
  stored = {0x01, 0x00, 0x10, 0xff, 0xef};
  for (const std::size_t n : {1U, 11U, 12U, 100U}) {
    stored.resize(5 + 4096 + n);
    check_refused(stored, Inflate::Trailing);
  }
  check_refused({}, Inflate::Truncated);
  check_refused({0x03}, Inflate::Truncated);
}

TEST_CASE("inflate: clear in the middle leaves nothing behind", "[inflate]") {
  Lane lane;
  auto rng = make_rng(9);
  const auto subset = pages(60);
  for (int i = 0; i < 40; ++i) {
    for (int k = 0; k < 4; ++k) lane.in.push_packet(zlib_deflate(subset[rng() % subset.size()], 6));
    lane.bench.ticks(rng() % 4000);
    lane.in.clear();
    lane.bench->in_valid_i = 0;
    lane.bench->clear_i = 1;
    lane.bench.ticks(1);
    lane.bench->clear_i = 0;
    lane.res.items.clear();
    lane.out.packets.clear();
    lane.out = PacketSink(SEALIFT_BEAT_SINK(lane.bench, out, 0, 3));
    lane.check({random_stream(rng), zlib_deflate(subset[rng() % subset.size()], 6)}, "after clear");
  }
}

TEST_CASE("inflate: a packet that takes more cycles than any can is ended, the next ones are whole", "[inflate]") {
  // The counter of the cycles that are left is upset; no stream brings it to zero.
  for (const std::size_t when : {100U, 700U, 1500U}) {
    Lane lane;
    const auto subset = pages(100);
    for (const Bytes& page : subset) lane.in.push_packet(zlib_deflate(page, 6));
    lane.bench.ticks(when);
    REQUIRE(lane.res.items.empty());
    lane.bench->rootp->inflate_lane__DOT__gen_thread__BRA__0__KET____DOT__u_thread__DOT__credit_q = 0;
    lane.bench.run_until([&] { return lane.out.packets.size() == subset.size() - 1; }, 100000);
    CHECK(lane.res.items[0].status == static_cast<unsigned>(Inflate::Runaway));
    CHECK(lane.res.items[0].bytes == 0);
    for (std::size_t i = 1; i < subset.size(); ++i) CHECK(lane.out.packets[i - 1] == subset[i]);
    CHECK(lane.bench.errors() == 0);
  }
}

namespace {

struct Kind {
  const char* name;
  std::function<Bytes(const Bytes&)> make;
  double least;  // bytes a cycle
};

std::vector<Kind> kinds() {
  return {
      {"zlib -6", [](const Bytes& page) { return zlib_deflate(page, 6); }, LANE_RATE},
      {"zlib -6 fixed", [](const Bytes& page) { return zlib_deflate(page, 6, Z_FIXED); }, LANE_RATE},
      {"zlib Huffman only", [](const Bytes& page) { return zlib_deflate(page, 6, Z_HUFFMAN_ONLY); }, LANE_RATE / 2},
      {"stored", [](const Bytes& page) { return zlib_deflate(page, 0); }, LANE_RATE_STORED},
      {"zero pages", [](const Bytes&) { return zlib_deflate(Bytes(kPage, 0), 6); }, LANE_RATE_STORED},
      {"compress_page", [](const Bytes& page) { return sealift::model::compress_page(page, {}).bytes; }, LANE_RATE},
  };
}

#define LANE_INSIDE(name) rootp->inflate_lane__DOT__gen_thread__BRA__0__KET____DOT__u_thread__DOT__##name

/// Where the cycles of the first thread's page go, by the states of inflate_thread and inflate_header.
class Profile : public Agent {
 public:
  enum Part : unsigned { kBlock, kStored, kPre, kLens, kBuild, kPlace, kSteps, kNoRoom, kNoBits, kEnd, kParts };

  explicit Profile(Lane& lane) : lane_(lane) {}
  void drive() override {}
  void sample() override {
    ++cycles_;
    if (first_byte == 0 && lane_.bench->LANE_INSIDE(u_copy__DOT__m_valid_q) != 0) first_byte = cycles_;
    if (first_beat == 0 && lane_.bench->out_valid_o != 0) first_beat = cycles_;
    const Part now = part();
    if (now == kBlock && last_ == kEnd) return;  // the page is decoded
    last_ = now;
    ++parts[now];
  }

  std::array<std::uint64_t, kParts> parts{};
  std::uint64_t first_byte = 0;  // is in the page's buffer
  std::uint64_t first_beat = 0;  // of the page is at the output

 private:
  [[nodiscard]] Part part() const {
    const unsigned state = lane_.bench->LANE_INSIDE(state_q);
    if (state < 3) return kBlock;
    if (state == 3) return kStored;
    if (state == 4) {
      const unsigned header = lane_.bench->LANE_INSIDE(u_header__DOT__state_q);
      return header < 5 ? kPre : header == 5 ? kLens : header == 7 ? kPlace : kBuild;
    }
    if (state > 8) return kEnd;
    if (lane_.bench->LANE_INSIDE(go) != 0) return kSteps;
    return lane_.bench->LANE_INSIDE(exp_room) != 0 ? kNoBits : kNoRoom;
  }
  Lane& lane_;
  Part last_ = kBlock;
  std::uint64_t cycles_ = 0;
};

}  // namespace

TEST_CASE("inflate: where the cycles of a page go", "[inflate][speed]") {
  fmt::print("{:18}|{:>6}|{:>6}|{:>6}|{:>6}|{:>6}|{:>6}|{:>6}|{:>6}|{:>6}|{:>6}|{:>10}|{:>10}\n", "a page alone",
             "block", "stored", "pre", "lens", "build", "place", "steps", "copy", "bits", "end", "first byte",
             "first beat");
  const auto subset = pages(24);
  for (const Kind& kind : kinds()) {
    std::array<std::uint64_t, Profile::kParts> parts{};
    std::vector<std::uint64_t> first_byte;
    std::vector<std::uint64_t> first_beat;
    for (const Bytes& page : subset) {
      Lane lane;
      Profile profile(lane);
      lane.bench.add(profile);
      lane.check({kind.make(page)}, kind.name);
      for (std::size_t i = 0; i < parts.size(); ++i) parts[i] += profile.parts[i];
      first_byte.push_back(profile.first_byte);
      first_beat.push_back(profile.first_beat);
    }
    fmt::print("{:18}", kind.name);
    for (unsigned i = 0; i < Profile::kParts; ++i) {
      fmt::print("|{:6.1f}", static_cast<double>(parts[i]) / static_cast<double>(subset.size()));
    }
    std::sort(first_byte.begin(), first_byte.end());
    std::sort(first_beat.begin(), first_beat.end());
    fmt::print("|{:10}|{:10}\n", first_byte[first_byte.size() / 2], first_beat[first_beat.size() / 2]);
    CHECK(first_byte[first_byte.size() / 2] <= LANE_FIRST_BYTE);
  }
}

TEST_CASE("inflate: speed on pages", "[inflate][speed]") {
  const auto subset = pages(8);
  for (const Kind& kind : kinds()) {
    std::vector<Bytes> streams;
    for (const Bytes& page : subset) streams.push_back(kind.make(page));
    const auto cycles = Lane().check(streams, kind.name);
    const auto latency = Lane().check({streams[0]}, kind.name);
    const double rate = static_cast<double>(kPage * streams.size()) / static_cast<double>(cycles);
    fmt::print("{:18} {:6.1f} cycles a page, {:5.2f} bytes a cycle; first page alone {} cycles\n", kind.name,
               static_cast<double>(cycles) / static_cast<double>(streams.size()), rate, latency);
    CHECK(rate >= kind.least);
  }
}
