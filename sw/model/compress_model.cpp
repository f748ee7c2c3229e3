// SPDX-License-Identifier: Apache-2.0
#include "model/compress_model.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <numeric>

namespace sealift::model {

namespace {

// compress_pkg
constexpr unsigned kLazyMax = 16;
constexpr unsigned kGoodLen = 5;
constexpr unsigned kFarOfThree = 1024;
constexpr unsigned kMaxMatch = 258;
constexpr unsigned kRunMax = 16;
constexpr unsigned kShortMax = 8;
constexpr unsigned kEndOfBlock = 256;
constexpr std::array<unsigned, 19> kClenOrder{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};

struct Symbol {
  unsigned symbol = 0;
  unsigned extra_bits = 0;
  unsigned extra = 0;
};

// RFC 1951, section 3.2.5
Symbol length_symbol(unsigned length) {
  const unsigned l = length - 3;
  if (l == 255) return {285, 0, 0};
  if (l < 8) return {257 + l, 0, 0};
  const unsigned bits = static_cast<unsigned>(std::bit_width(l)) - 3;
  return {257 + (bits + 1) * 4 + ((l >> bits) & 3), bits, l & ((1U << bits) - 1)};
}

Symbol distance_symbol(unsigned distance) {
  const unsigned d = distance - 1;
  if (d < 2) return {d, 0, 0};
  const unsigned bits = static_cast<unsigned>(std::bit_width(d)) - 2;
  return {(bits + 1) * 2 + ((d >> bits) & 1), bits, d & ((1U << bits) - 1)};
}

unsigned sort_key(unsigned count) {
  if (count < 16) return count;
  const unsigned e = static_cast<unsigned>(std::bit_width(count)) - 1;
  return (e - 3) * 16 + ((count >> (e - 4)) & 15);
}

class Bits {
 public:
  void put(std::uint64_t value, unsigned bits) {
    for (unsigned i = 0; i < bits; ++i) {
      if (count_ % 8 == 0) bytes_.push_back(0);
      if (((value >> i) & 1) != 0) bytes_.back() = static_cast<std::uint8_t>(bytes_.back() | (1U << (count_ % 8)));
      ++count_;
    }
  }
  /// A Huffman code: most significant bit first.
  void code(unsigned value, unsigned bits) {
    for (unsigned i = bits; i-- > 0;) put((value >> i) & 1, 1);
  }
  [[nodiscard]] std::uint64_t count() const { return count_; }
  std::vector<std::uint8_t> take() { return std::move(bytes_); }

 private:
  std::vector<std::uint8_t> bytes_;
  std::uint64_t count_ = 0;
};

/// Canonical codes, RFC 1951, section 3.2.2.
std::vector<unsigned> canonical(std::span<const std::uint8_t> lengths) {
  std::array<unsigned, 17> next{};
  for (unsigned code = 0, length = 1; length <= 15; ++length) {
    next[length] = code;
    code = (code + static_cast<unsigned>(std::count(lengths.begin(), lengths.end(), length))) << 1;
  }
  std::vector<unsigned> codes(lengths.size());
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    if (lengths[i] != 0) codes[i] = next[lengths[i]]++;
  }
  return codes;
}

struct ClenToken {
  unsigned symbol = 0;
  unsigned extra = 0;
  unsigned extra_bits = 0;
};

/// RFC 1951, section 3.2.7; a run may go on from the literal/length codes into the distance codes.
std::vector<ClenToken> run_lengths(std::span<const std::uint8_t> lengths) {
  std::vector<ClenToken> tokens;
  for (std::size_t i = 0; i < lengths.size();) {
    const std::uint8_t value = lengths[i];
    std::size_t run = 1;
    while (i + run < lengths.size() && lengths[i + run] == value) ++run;
    i += run;
    if (value != 0) {
      tokens.push_back({value, 0, 0});
      --run;
    }
    const std::size_t most = value == 0 ? 138 : 6;
    while (run != 0) {
      const std::size_t n = std::min(run, most);
      if (value == 0 && n >= 11) {
        tokens.push_back({18, static_cast<unsigned>(n - 11), 7});
      } else if (n >= 3) {
        tokens.push_back({value == 0 ? 17U : 16U, static_cast<unsigned>(n - 3), value == 0 ? 3U : 2U});
      } else {
        for (std::size_t k = 0; k < n; ++k) tokens.push_back({value, 0, 0});
      }
      run -= n;
    }
  }
  return tokens;
}

/// compress_links: the latest earlier position with the same hash of three bytes, and with the same hash of what the
/// chains go by.
class Links {
 public:
  Links(std::span<const std::uint8_t> page, unsigned sets) {
    const unsigned hash_bits = static_cast<unsigned>(std::bit_width(sets)) - 1;
    std::vector<int> head3(sets, -1);
    std::vector<int> head4(sets, -1);
    for (unsigned q = 0; q < kPageBytes; ++q) {
      three_[q] = q;
      chain_[q] = q;
      if (q + 3 > kPageBytes) continue;
      // The bytes behind the page's end are those at its beginning.
      const auto byte = [&](unsigned i) -> std::uint32_t { return page[(q + i) % kPageBytes]; };
      unsigned run = 1;
      while (run < kRunMax && byte(run) == byte(0)) ++run;
      const unsigned hash3 = hash12(byte(0) | byte(1) << 8 | byte(2) << 16);
      std::uint32_t word = byte(0) | byte(1) << 8 | byte(2) << 16 | byte(3) << 24;
      // Within a run, its length and what ends it tell positions apart, not its first bytes.
      if (run >= 4) word = byte(0) | byte(1) << 8 | run << 16 | byte(run) << 24;
      const unsigned high = word >> 24;
      const unsigned hash4 = hash12(word & 0xffffff) ^ (high << 4) ^ (high >> 3);
      link(three_, head3, q, fold(hash3, hash_bits));
      link(chain_, head4, q, fold(hash4, hash_bits));
    }
  }
  [[nodiscard]] unsigned three(unsigned at) const { return three_[at]; }
  [[nodiscard]] unsigned chain(unsigned at) const { return chain_[at]; }

 private:
  static unsigned hash12(std::uint32_t b) {
    const unsigned high = b >> 12;
    return (b & 0xfff) ^ ((high << 5 | high >> 7) & 0xfff) ^ (b >> 16);
  }
  static unsigned fold(unsigned hash, unsigned bits) { return (hash ^ (hash >> bits)) & ((1U << bits) - 1); }
  static void link(std::array<unsigned, kPageBytes>& links, std::vector<int>& head, unsigned q, unsigned hash) {
    if (head[hash] >= 0) links[q] = static_cast<unsigned>(head[hash]);
    head[hash] = static_cast<int>(q);
  }

  std::array<unsigned, kPageBytes> three_{};
  std::array<unsigned, kPageBytes> chain_{};
};

class Matcher {
 public:
  Matcher(std::span<const std::uint8_t> page, const CompressParams& params)
      : page_(page), params_(params), links_(page, params.sets) {}

  std::vector<Token> run() {
    std::vector<Token> tokens = lazy();
    if (params_.best) tokens = optimal(tokens);
    return tokens;
  }

 private:
  struct Match {
    unsigned length = 0;
    unsigned distance = 0;
    [[nodiscard]] Token token() const {
      return {static_cast<std::uint16_t>(length), static_cast<std::uint16_t>(distance), 0};
    }
  };

  /// A byte more pays for four bits of distance.
  static bool worth_more(const Match& match, const Match& old) {
    return match.length >= old.length &&
           4 * (match.length - old.length) + static_cast<unsigned>(std::bit_width(old.distance)) >
               static_cast<unsigned>(std::bit_width(match.distance));
  }

  [[nodiscard]] unsigned equal(unsigned at, unsigned from) const {
    const unsigned most = std::min<unsigned>(kMaxMatch, kPageBytes - at);
    unsigned n = 0;
    while (n < most && page_[at + n] == page_[from + n]) ++n;
    return n;
  }

  /// Calls found(match) with every match that is longer than all before it; a long one ends the search.
  template <class Found>
  void search(unsigned at, unsigned limit, Found found) const {
    if (at + 3 > kPageBytes) return;
    const unsigned three = links_.three(at);
    const unsigned first = links_.chain(at);
    if (three == at) return;
    unsigned best = 0;
    unsigned from = three;
    // The nearest one of three bytes comes first, unless the chain begins with it.
    bool apart = three != first;
    for (unsigned n = 0; n < limit; ++n) {
      const unsigned length = equal(at, from);
      if (length > best) {
        best = length;
        found(Match{length, at - from});
      }
      if (length >= params_.compare) break;
      const unsigned next = apart ? first : links_.chain(from);
      if (next == (apart ? at : from)) break;
      from = next;
      apart = false;
    }
  }

  /// The first pass, and the only one of the default level: forward, lazy by one.
  std::vector<Token> lazy() const {
    const unsigned few = (params_.depth + 3) / 4;
    std::vector<Token> tokens;
    Match pending;
    unsigned last_length = 0;
    unsigned at = 0;
    while (at < kPageBytes) {
      Match found;
      search(at, params_.best || last_length >= kGoodLen ? few : params_.depth, [&](const Match& m) { found = m; });
      const bool good = found.length > 3 || (found.length == 3 && found.distance < kFarOfThree);
      const bool longer = good && (pending.length == 0 || worth_more(found, pending));
      last_length = found.length;
      if (longer) {
        if (pending.length != 0) tokens.push_back({0, 0, page_[at - 1]});
        if (found.length >= kLazyMax) {
          tokens.push_back(found.token());
          at += found.length;
          pending = {};
          last_length = 0;
        } else {
          pending = found;
          ++at;
        }
      } else if (pending.length != 0) {
        tokens.push_back(pending.token());
        at += pending.length - 1;
        pending = {};
        last_length = 0;
      } else {
        tokens.push_back({0, 0, page_[at]});
        ++at;
      }
    }
    return tokens;
  }

  /// compress_cost: what symbols of one alphabet take, in eighths of a bit, from their counts.
  class Costs {
   public:
    explicit Costs(std::size_t symbols) : counts_(symbols) {}
    void count(unsigned symbol) {
      ++counts_[symbol];
      ++total_;
    }
    [[nodiscard]] unsigned of(unsigned symbol) const {
      return static_cast<unsigned>(std::max(8, log2_8(total_) - log2_8(counts_[symbol])));
    }

   private:
    /// Eight times the logarithm, straight between powers of two.
    static int log2_8(unsigned value) {
      if (value == 0) return -8;
      const int e = std::bit_width(value) - 1;
      return e * 8 + static_cast<int>((value << 3 >> e) & 7);
    }
    std::vector<unsigned> counts_;
    unsigned total_ = 0;
  };

  /// The second pass of the best level, compress_optimal: from the page's end to its beginning, the cheapest way from
  /// each position on, by what symbols cost in the first pass.
  std::vector<Token> optimal(const std::vector<Token>& first_pass) const {
    Costs litlen(286);
    Costs dist(30);
    for (const Token& t : first_pass) {
      litlen.count(t.length == 0 ? t.literal : length_symbol(t.length).symbol);
      if (t.length != 0) dist.count(distance_symbol(t.distance).symbol);
    }
    std::array<unsigned, kPageBytes + 1> cost{};
    std::array<Match, kPageBytes> choice{};
    const auto relax = [&](unsigned at, unsigned length, unsigned distance) {
      const Symbol l = length_symbol(length);
      const Symbol d = distance_symbol(distance);
      const unsigned sum =
          litlen.of(l.symbol) + 8 * l.extra_bits + dist.of(d.symbol) + 8 * d.extra_bits + cost[at + length];
      if (sum < cost[at]) {
        cost[at] = sum;
        choice[at] = {length, distance};
      }
    };
    Match run;  // a long match at the position behind, that may be longer by this one
    for (unsigned at = kPageBytes; at-- > 0;) {
      cost[at] = litlen.of(page_[at]) + cost[at + 1];
      if (run.length != 0 && at >= run.distance && page_[at] == page_[at - run.distance]) {
        run.length = std::min(kMaxMatch, run.length + 1);
        relax(at, run.length, run.distance);
        continue;
      }
      run = {};
      unsigned from = 3;
      search(at, params_.depth_best, [&](const Match& m) {
        if (m.length < 3) return;
        if (m.length >= params_.compare) {
          run = m;
          from = m.length;
        }
        for (unsigned length = from; length <= std::min(m.length, kShortMax); ++length) relax(at, length, m.distance);
        if (m.length > kShortMax) relax(at, m.length, m.distance);
        from = m.length + 1;
      });
    }
    std::vector<Token> tokens;
    for (unsigned at = 0; at < kPageBytes;) {
      tokens.push_back(choice[at].length != 0 ? choice[at].token() : Token{0, 0, page_[at]});
      at += std::max(1U, choice[at].length);
    }
    return tokens;
  }

  std::span<const std::uint8_t> page_;
  CompressParams params_;
  Links links_;
};

}  // namespace

std::vector<Token> match_page(std::span<const std::uint8_t> page, const CompressParams& params) {
  return Matcher(page, params).run();
}

std::vector<std::uint8_t> code_lengths(std::span<const unsigned> counts, unsigned max_length) {
  std::vector<std::uint8_t> lengths(counts.size());
  // The sorter: by key, then by symbol.
  std::vector<unsigned> list;
  for (unsigned s = 0; s < counts.size(); ++s) {
    if (counts[s] != 0) list.push_back(s);
  }
  std::stable_sort(list.begin(), list.end(),
                   [&](unsigned a, unsigned b) { return sort_key(counts[a]) < sort_key(counts[b]); });
  const std::size_t n = list.size();
  if (n < 2) {
    if (n == 1) lengths[list[0]] = 1;
    return lengths;
  }
  // The tree builder: two queues; a leaf goes before an inner node of the same weight, and weighs something at least.
  const unsigned floor = std::accumulate(counts.begin(), counts.end(), 0U) >> max_length;
  const auto leaf_weight = [&](std::size_t i) { return std::max(counts[list[i]], floor); };
  std::vector<unsigned> weight;
  std::vector<std::size_t> parent(n - 1);
  std::size_t leaf = 0;
  std::size_t node = 0;
  for (std::size_t made = 0; made + 1 < n; ++made) {
    unsigned sum = 0;
    for (int pick = 0; pick < 2; ++pick) {
      if (leaf < n && (node == weight.size() || leaf_weight(leaf) <= weight[node])) {
        sum += leaf_weight(leaf++);
      } else {
        sum += weight[node];
        parent[node++] = made;
      }
    }
    weight.push_back(sum);
  }
  std::vector<unsigned> depth(n - 1);
  std::vector<unsigned> inner(n + 1);
  inner[0] = 1;
  for (std::size_t i = n - 2; i-- > 0;) {
    depth[i] = depth[parent[i]] + 1;
    ++inner[depth[i]];
  }
  std::vector<int> of_length(max_length + 1);
  for (unsigned d = 1; d <= n; ++d) {
    const int leaves = 2 * static_cast<int>(inner[d - 1]) - static_cast<int>(inner[d]);
    of_length[std::min(d, max_length)] += leaves;
  }
  // The limit: leaves move until Kraft's sum fits.
  int kraft = 0;
  for (unsigned d = 1; d <= max_length; ++d) kraft += of_length[d] << (max_length - d);
  for (; kraft > 1 << max_length; --kraft) {
    unsigned give = max_length - 1;
    while (of_length[give] == 0) --give;
    --of_length[give];
    of_length[give + 1] += 2;
    --of_length[max_length];
  }
  std::size_t next = 0;
  for (unsigned d = max_length; d > 0; --d) {
    for (int k = 0; k < of_length[d]; ++k) lengths[list[next++]] = static_cast<std::uint8_t>(d);
  }
  return lengths;
}

Compressed compress_page(std::span<const std::uint8_t> page, const CompressParams& params) {
  assert(page.size() == kPageBytes);
  Compressed out;
  out.tokens = match_page(page, params);

  auto& litlen = out.litlen_counts;
  auto& dist = out.dist_counts;
  litlen[kEndOfBlock] = 1;
  std::uint64_t extra = 0;
  std::uint64_t fixed = 3 + 7;
  for (const Token& t : out.tokens) {
    if (t.length == 0) {
      ++litlen[t.literal];
      fixed += t.literal < 144 ? 8 : 9;
    } else {
      const Symbol l = length_symbol(t.length);
      const Symbol d = distance_symbol(t.distance);
      ++litlen[l.symbol];
      ++dist[d.symbol];
      extra += l.extra_bits + d.extra_bits;
      fixed += (l.symbol < 280 ? 7U : 8U) + 5U;
    }
  }
  out.fixed_bits = fixed + extra;

  const auto lit_lengths = code_lengths(litlen, 15);
  const auto dist_lengths = code_lengths(dist, 15);
  std::copy(lit_lengths.begin(), lit_lengths.end(), out.litlen.begin());
  std::copy(dist_lengths.begin(), dist_lengths.end(), out.dist.begin());
  std::size_t num_lit = 286;
  while (out.litlen[num_lit - 1] == 0) --num_lit;
  std::size_t num_dist = 30;
  while (num_dist > 1 && out.dist[num_dist - 1] == 0) --num_dist;

  std::vector<std::uint8_t> all(out.litlen.begin(), out.litlen.begin() + static_cast<std::ptrdiff_t>(num_lit));
  all.insert(all.end(), out.dist.begin(), out.dist.begin() + static_cast<std::ptrdiff_t>(num_dist));
  const auto runs = run_lengths(all);
  auto& clen = out.clen_counts;
  for (const ClenToken& t : runs) ++clen[t.symbol];
  const auto clen_lengths = code_lengths(clen, 7);
  std::copy(clen_lengths.begin(), clen_lengths.end(), out.clen.begin());
  unsigned num_clen = 19;
  while (out.clen[kClenOrder[num_clen - 1]] == 0) --num_clen;

  // A dynamic block, RFC 1951, section 3.2.7
  Bits dynamic;
  dynamic.put(1, 1);
  dynamic.put(2, 2);
  dynamic.put(num_lit - 257, 5);
  dynamic.put(num_dist - 1, 5);
  dynamic.put(num_clen - 4, 4);
  for (unsigned i = 0; i < num_clen; ++i) dynamic.put(out.clen[kClenOrder[i]], 3);
  const auto clen_codes = canonical(out.clen);
  for (const ClenToken& t : runs) {
    dynamic.code(clen_codes[t.symbol], out.clen[t.symbol]);
    dynamic.put(t.extra, t.extra_bits);
  }
  out.header_bits = dynamic.count();
  out.dynamic_bits = out.header_bits + extra;
  for (std::size_t s = 0; s < litlen.size(); ++s) out.dynamic_bits += litlen[s] * out.litlen[s];
  for (std::size_t s = 0; s < dist.size(); ++s) out.dynamic_bits += dist[s] * out.dist[s];

  constexpr std::uint64_t kStoredBits = 8 * (kPageBytes + 5);
  out.kind = BlockKind::kDynamic;
  std::uint64_t smallest = out.dynamic_bits;
  if (out.fixed_bits <= smallest) {
    out.kind = BlockKind::kFixed;
    smallest = out.fixed_bits;
  }
  if (kStoredBits <= smallest) out.kind = BlockKind::kStored;

  if (out.kind == BlockKind::kStored) {
    out.bytes = {0x01, 0x00, 0x10, 0xff, 0xef};
    out.bytes.insert(out.bytes.end(), page.begin(), page.end());
    return out;
  }

  std::array<std::uint8_t, 288> lit_len{};
  std::array<std::uint8_t, 30> dist_len{};
  Bits bits;
  if (out.kind == BlockKind::kDynamic) {
    bits = std::move(dynamic);
    std::copy(out.litlen.begin(), out.litlen.end(), lit_len.begin());
    dist_len = out.dist;
  } else {
    bits.put(3, 3);
    for (unsigned s = 0; s < 288; ++s) lit_len[s] = s < 144 ? 8 : s < 256 ? 9 : s < 280 ? 7 : 8;
    dist_len.fill(5);
  }
  const auto lit_codes = canonical(lit_len);
  const auto dist_codes = canonical(dist_len);
  for (const Token& t : out.tokens) {
    if (t.length == 0) {
      bits.code(lit_codes[t.literal], lit_len[t.literal]);
      continue;
    }
    const Symbol l = length_symbol(t.length);
    const Symbol d = distance_symbol(t.distance);
    bits.code(lit_codes[l.symbol], lit_len[l.symbol]);
    bits.put(l.extra, l.extra_bits);
    bits.code(dist_codes[d.symbol], dist_len[d.symbol]);
    bits.put(d.extra, d.extra_bits);
  }
  bits.code(lit_codes[kEndOfBlock], lit_len[kEndOfBlock]);
  out.bytes = bits.take();
  return out;
}

}  // namespace sealift::model
