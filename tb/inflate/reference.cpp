// SPDX-License-Identifier: Apache-2.0
#include "inflate/reference.h"

#include <libdeflate.h>
#include <zopfli/zopfli.h>

#include <array>
#include <cstdlib>
#include <map>
#include <memory>
#include <stdexcept>

namespace sealift::tb {

namespace {

const std::map<std::string, Inflate>& messages() {
  static const std::map<std::string, Inflate> map = {
      {"invalid block type", Inflate::BadBlockType},
      {"invalid stored block lengths", Inflate::BadStoredLen},
      {"too many length or distance symbols", Inflate::TooManySymbols},
      {"invalid code lengths set", Inflate::BadCodeLengths},
      {"invalid bit length repeat", Inflate::BadRepeat},
      {"invalid code -- missing end-of-block", Inflate::NoEndOfBlock},
      {"invalid literal/lengths set", Inflate::BadLitLenSet},
      {"invalid distances set", Inflate::BadDistSet},
      {"invalid literal/length code", Inflate::BadLitLenCode},
      {"invalid distance code", Inflate::BadDistCode},
      {"invalid distance too far back", Inflate::TooFarBack},
  };
  return map;
}

// RFC 1951, section 3.2.5.
constexpr std::array<unsigned, 29> kLengthBase = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                                  31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
constexpr std::array<unsigned, 29> kLengthExtra = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                                   2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
constexpr std::array<unsigned, 19> kPreOrder = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};

unsigned length_symbol(unsigned length) {
  if (length == 258) return 28;
  unsigned s = 27;
  while (kLengthBase[s] > length) --s;
  return s;
}

unsigned dist_base(unsigned symbol) { return symbol < 2 ? 1 + symbol : 1 + ((2 + (symbol & 1)) << (symbol / 2 - 1)); }
unsigned dist_extra(unsigned symbol) { return symbol < 2 ? 0 : symbol / 2 - 1; }

unsigned distance_symbol(unsigned distance) {
  unsigned s = 29;
  while (dist_base(s) > distance) --s;
  return s;
}

}  // namespace

Expected zlib_verdict(const Bytes& stream, std::size_t page_bytes) {
  Expected expected;
  Bytes out(2 * page_bytes);
  z_stream z{};
  if (inflateInit2(&z, -15) != Z_OK) throw std::runtime_error("inflateInit2");
  Bytes in = stream;
  in.push_back(0);  // never an empty vector
  z.next_in = in.data();
  z.avail_in = static_cast<uInt>(stream.size());
  z.next_out = out.data();
  z.avail_out = static_cast<uInt>(out.size());
  const int ret = inflate(&z, Z_SYNC_FLUSH);
  const std::size_t total = z.total_out;
  const std::size_t left = z.avail_in;
  const std::string message = z.msg != nullptr ? z.msg : "";
  inflateEnd(&z);
  if (total > page_bytes) {
    expected.status = Inflate::TooLong;
  } else if (ret == Z_DATA_ERROR) {
    expected.status = messages().at(message);
  } else if (ret != Z_STREAM_END) {
    expected.status = Inflate::Truncated;
  } else if (total < page_bytes) {
    expected.status = Inflate::TooShort;
  } else if (left != 0) {
    expected.status = Inflate::Trailing;
  } else {
    out.resize(page_bytes);
    expected.page = out;
  }
  return expected;
}

Bytes zlib_deflate(const Bytes& data, int level, int strategy, int mem_level, int window_bits, std::size_t flush_every,
                   int flush) {
  z_stream z{};
  if (deflateInit2(&z, level, Z_DEFLATED, -window_bits, mem_level, strategy) != Z_OK) {
    throw std::runtime_error("deflateInit2");
  }
  Bytes in = data;
  Bytes out(3 * data.size() + 1000);
  z.next_in = in.data();
  z.next_out = out.data();
  z.avail_out = static_cast<uInt>(out.size());
  std::size_t at = 0;
  while (flush_every != 0 && at + flush_every < data.size()) {
    z.avail_in = static_cast<uInt>(flush_every);
    if (deflate(&z, flush) != Z_OK) throw std::runtime_error("deflate");
    at += flush_every;
  }
  z.avail_in = static_cast<uInt>(data.size() - at);
  if (deflate(&z, Z_FINISH) != Z_STREAM_END) throw std::runtime_error("deflate");
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

Bytes libdeflate_deflate(const Bytes& data, int level) {
  const std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> compressor(
      libdeflate_alloc_compressor(level), &libdeflate_free_compressor);
  Bytes out(libdeflate_deflate_compress_bound(compressor.get(), data.size()));
  out.resize(libdeflate_deflate_compress(compressor.get(), data.data(), data.size(), out.data(), out.size()));
  return out;
}

Bytes zopfli_deflate(const Bytes& data, int iterations, bool split) {
  ZopfliOptions options;
  ZopfliInitOptions(&options);
  options.numiterations = iterations;
  options.blocksplitting = split ? 1 : 0;
  unsigned char* out = nullptr;
  std::size_t size = 0;
  ZopfliCompress(&options, ZOPFLI_FORMAT_DEFLATE, data.data(), data.size(), &out, &size);
  const std::unique_ptr<unsigned char, decltype(&std::free)> owner(out, &std::free);
  return Bytes(out, out + size);
}

Code::Code(std::vector<unsigned> len) : lengths(std::move(len)), codes(lengths.size()) {
  std::uint32_t next = 0;
  for (unsigned l = 1; l <= 15; ++l) {
    for (std::size_t s = 0; s < lengths.size(); ++s) {
      if (lengths[s] == l) codes[s] = next++;
    }
    next <<= 1;
  }
}

Code fixed_lit_len() {
  std::vector<unsigned> len(288, 8);
  for (std::size_t s = 144; s < 256; ++s) len[s] = 9;
  for (std::size_t s = 256; s < 280; ++s) len[s] = 7;
  return Code(len);
}
Code fixed_dist() { return Code(std::vector<unsigned>(32, 5)); }

void put_dynamic_header(BitWriter& out, bool final, const Code& lit_len, const Code& dist, std::mt19937_64* rng) {
  std::size_t nlen = lit_len.lengths.size();
  std::size_t ndist = dist.lengths.size();
  while (nlen > 257 && lit_len.lengths[nlen - 1] == 0) --nlen;
  while (ndist > 1 && dist.lengths[ndist - 1] == 0) --ndist;
  std::vector<unsigned> lens(lit_len.lengths.begin(), lit_len.lengths.begin() + static_cast<std::ptrdiff_t>(nlen));
  lens.insert(lens.end(), dist.lengths.begin(), dist.lengths.begin() + static_cast<std::ptrdiff_t>(ndist));
  struct Item {
    unsigned symbol, extra, bits;
  };
  std::vector<Item> items;
  std::vector<bool> used(19, false);
  for (std::size_t i = 0; i < lens.size();) {
    std::size_t run = 1;
    while (i + run < lens.size() && lens[i + run] == lens[i]) ++run;
    Item item{lens[i], 0, 0};
    std::size_t n = 1;
    const bool use_run = rng != nullptr && (*rng)() % 4 != 0;
    if (use_run && lens[i] == 0 && run >= 11) {
      n = std::min<std::size_t>(run, 138);
      item = {18, static_cast<unsigned>(n - 11), 7};
    } else if (use_run && lens[i] == 0 && run >= 3) {
      n = std::min<std::size_t>(run, 10);
      item = {17, static_cast<unsigned>(n - 3), 3};
    } else if (use_run && i > 0 && lens[i - 1] == lens[i] && run >= 3) {
      n = std::min<std::size_t>(run, 3 + (*rng)() % 4);
      item = {16, static_cast<unsigned>(n - 3), 2};
    }
    items.push_back(item);
    used[item.symbol] = true;
    i += n;
  }
  std::vector<unsigned> symbols;
  for (unsigned s = 0; s < 19; ++s) {
    if (used[s] || (rng != nullptr && (*rng)() % 8 == 0)) symbols.push_back(s);
  }
  for (unsigned s = 0; symbols.size() < 2; ++s) {
    if (!used[s]) symbols.push_back(s);
  }
  auto local = std::mt19937_64(1);
  const Code pre(random_lengths(rng != nullptr ? *rng : local, 19, symbols, 7));
  std::size_t ncode = 19;
  while (ncode > 4 && pre.lengths[kPreOrder[ncode - 1]] == 0) --ncode;
  out.bits(final ? 1 : 0, 1);
  out.bits(2, 2);
  out.bits(static_cast<std::uint32_t>(nlen - 257), 5);
  out.bits(static_cast<std::uint32_t>(ndist - 1), 5);
  out.bits(static_cast<std::uint32_t>(ncode - 4), 4);
  for (std::size_t i = 0; i < ncode; ++i) out.bits(pre.lengths[kPreOrder[i]], 3);
  for (const Item& item : items) {
    pre.put(out, item.symbol);
    out.bits(item.extra, item.bits);
  }
}

void put_length(BitWriter& out, const Code& lit_len, unsigned length, bool long_258) {
  const unsigned s = long_258 ? 27 : length_symbol(length);
  lit_len.put(out, 257 + s);
  out.bits(length - kLengthBase[s], kLengthExtra[s]);
}

void put_distance(BitWriter& out, const Code& dist, unsigned distance) {
  const unsigned s = distance_symbol(distance);
  dist.put(out, s);
  out.bits(distance - dist_base(s), dist_extra(s));
}

std::vector<unsigned> random_lengths(std::mt19937_64& rng, std::size_t alphabet, const std::vector<unsigned>& symbols,
                                     unsigned max_bits) {
  std::vector<unsigned> leaves = {0};
  const bool deep = rng() % 3 == 0;  // prefer the deepest leaf
  while (leaves.size() < symbols.size()) {
    std::size_t at = rng() % leaves.size();
    if (deep && rng() % 4 != 0) at = leaves.size() - 1;
    for (std::size_t i = 0; leaves[at] >= max_bits; ++i) at = (at + 1) % leaves.size();
    ++leaves[at];
    leaves.push_back(leaves[at]);
  }
  std::shuffle(leaves.begin(), leaves.end(), rng);
  std::vector<unsigned> lengths(alphabet, 0);
  for (std::size_t i = 0; i < symbols.size(); ++i) lengths[symbols[i]] = leaves[i];
  return lengths;
}

Bytes random_stream(std::mt19937_64& rng, std::size_t page_bytes) {
  BitWriter out;
  unsigned pos = 0;
  auto pick = [&rng](unsigned n) { return static_cast<unsigned>(rng() % n); };
  for (;;) {
    unsigned room = static_cast<unsigned>(page_bytes) - pos;
    unsigned size = pick(4) == 0 ? room : pick(std::min(room, 1500U) + 1);
    const unsigned kind = pick(8);
    const bool final = size == room && pick(8) != 0;
    if (kind == 0) {
      out.bits(final ? 1 : 0, 1);
      out.bits(0, 2);
      out.align();
      out.bits(size, 16);
      out.bits(~size & 0xffff, 16);
      for (unsigned i = 0; i < size; ++i) out.byte(static_cast<std::uint8_t>(rng()));
      pos += size;
    } else {
      Code ll = fixed_lit_len();
      Code dd = fixed_dist();
      if (kind <= 2) {
        out.bits(final ? 1 : 0, 1);
        out.bits(1, 2);
      } else {
        std::vector<unsigned> symbols;
        const unsigned density = 1 + pick(8);
        for (unsigned s = 0; s < 286; ++s) {
          if (s == 256 || pick(8) < density) symbols.push_back(s);
        }
        if (pick(6) == 0) symbols = {256, pick(256)};
        if (pick(10) == 0) symbols = {256};
        std::vector<unsigned> len(286, 0);
        if (symbols.size() == 1) {
          len[256] = 1;
        } else {
          len = random_lengths(rng, 286, symbols, 15);
        }
        ll = Code(len);
        std::vector<unsigned> dsymbols;
        for (unsigned s = 0; s < 30; ++s) {
          if (pick(3) == 0 || (s < 12 && pick(2) == 0)) dsymbols.push_back(s);
        }
        if (pick(6) == 0) dsymbols = {pick(10)};
        if (pick(10) == 0) dsymbols.clear();
        std::vector<unsigned> dlen(30, 0);
        if (dsymbols.size() == 1) {
          dlen[dsymbols[0]] = 1;
        } else if (!dsymbols.empty()) {
          dlen = random_lengths(rng, 30, dsymbols, 15);
        }
        dd = Code(dlen);
        put_dynamic_header(out, final, ll, dd, &rng);
      }
      std::vector<unsigned> literals;
      std::vector<unsigned> lengths;
      std::vector<unsigned> distances;
      for (unsigned s = 0; s < 256; ++s) {
        if (ll.lengths[s] != 0) literals.push_back(s);
      }
      for (unsigned s = 0; s < 29; ++s) {
        if (ll.lengths[257 + s] != 0) lengths.push_back(s);
      }
      for (unsigned s = 0; s < 30; ++s) {
        if (dd.lengths[s] != 0) distances.push_back(s);
      }
      const unsigned end = pos + size;
      const unsigned mix = pick(10);
      for (unsigned misses = 0; pos < end && misses < 50;) {
        if (!literals.empty() && (pick(10) < mix || pos == 0)) {
          ll.put(out, literals[pick(static_cast<unsigned>(literals.size()))]);
          ++pos;
          continue;
        }
        ++misses;
        if (lengths.empty() || distances.empty()) {
          if (literals.empty()) break;
          continue;
        }
        const unsigned s = lengths[pick(static_cast<unsigned>(lengths.size()))];
        const unsigned extra = pick(1U << kLengthExtra[s]);
        const unsigned d = distances[pick(static_cast<unsigned>(distances.size()))];
        const unsigned dextra = pick(1U << dist_extra(d));
        if (dist_base(d) + dextra > pos || kLengthBase[s] + extra > page_bytes - pos) continue;
        ll.put(out, 257 + s);
        out.bits(extra, kLengthExtra[s]);
        dd.put(out, d);
        out.bits(dextra, dist_extra(d));
        pos += kLengthBase[s] + extra;
        misses = 0;
      }
      ll.put(out, 256);
    }
    if (final && pos == page_bytes) return out.bytes();
    if (final || out.bytes().size() > page_bytes + 3000) {  // too short a page, or too much: begin again
      out = BitWriter();
      pos = 0;
    }
  }
}

}  // namespace sealift::tb
