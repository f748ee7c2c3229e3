// SPDX-License-Identifier: Apache-2.0
#include "sealift/bench.h"

#include <fmt/format.h>
#include <libdeflate.h>
#include <lz4.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>

#include "golden/reader.h"
#include "golden/writer.h"
#include "sealift/terminal.h"

namespace sealift::command {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

security_processor::Secret random_secret() {
  security_processor::Secret secret;
  security_processor::random_bytes(secret.span());
  return secret;
}

security_processor::Secret copy_of(const security_processor::Secret& secret) {
  security_processor::Secret copy;
  std::copy(secret.span().begin(), secret.span().end(), copy.span().begin());
  return copy;
}

bool is_zero(ConstSpan page) {
  return std::all_of(page.begin(), page.end(), [](std::uint8_t b) { return b == 0; });
}

std::uint64_t sum(const std::vector<std::uint32_t>& values) {
  return std::accumulate(values.begin(), values.end(), std::uint64_t{0});
}

double ratio(std::uint64_t a, std::uint64_t b) {
  return b == 0 ? 0.0 : static_cast<double>(a) / static_cast<double>(b);
}

/// JSON figures with a sensible number of digits.
double rounded(double value) { return std::stod(fmt::format("{:.6g}", value)); }

template <class Compress>
double mbps(ConstSpan image, const std::vector<std::size_t>& pages, Compress compress, std::uint64_t& bytes) {
  const auto begin = Clock::now();
  for (const std::size_t page : pages) bytes += compress(image.subspan(page * kPageBytes, kPageBytes));
  const double seconds = seconds_since(begin);
  return seconds > 0 ? static_cast<double>(pages.size() * kPageBytes) / seconds / 1e6 : 0;
}

/// What the golden model finds in a stream of `image`.
void check_stream(ConstSpan stream, ConstSpan secret, ConstSpan image, BothWays& result) {
  golden::ReaderOptions options;
  options.secret = Bytes(secret.begin(), secret.end());
  golden::Reader reader(golden::memory_source(stream), std::move(options));
  const std::uint64_t pages = image.size() / kPageBytes;
  result.body_bytes.assign(pages, 0);
  std::vector<bool> good(pages, false);
  Status status = reader.open();
  golden::Record record;
  while (status == Status::Ok && !reader.done()) {
    status = reader.next(record);
    if (status != Status::Ok) break;
    const std::uint64_t first = record.header.address / kPageBytes;
    if (record.type == RecordType::Page && first < pages) {
      good[first] = std::equal(record.body.begin(), record.body.end(),
                               image.begin() + static_cast<std::ptrdiff_t>(first * kPageBytes));
      result.body_bytes[first] =
          static_cast<std::uint32_t>(record.deflate.empty() ? record.body.size() : record.deflate.size());
    } else if (record.type == RecordType::Fill) {
      const auto page = golden::fill_page(record.inner.fill);
      for (std::uint64_t i = first; i < first + record.header.count && i < pages; ++i) {
        good[i] = std::equal(page.begin(), page.end(), image.begin() + static_cast<std::ptrdiff_t>(i * kPageBytes));
        result.body_bytes[i] = record.inner.fill == 0 ? 0 : 8;
      }
    }
  }
  if (status != Status::Ok) {
    result.trouble = fmt::format("the golden model refuses the stream: {} at byte {} ({})", name(status),
                                 reader.offset(), explain(status));
  }
  result.mismatches += static_cast<std::uint64_t>(std::count(good.begin(), good.end(), false));
}

Bytes golden_stream(ConstSpan image, Order order, Algorithm algorithm, ConstSpan secret, int level) {
  golden::StreamHeader header;
  header.order = order;
  header.algorithm = algorithm;
  security_processor::random_bytes(header.stream_id);
  security_processor::random_bytes(header.salt);
  golden::WriterOptions options;
  options.deflate.level = level;
  Bytes stream;
  golden::Writer writer(header, secret, options,
                        [&](ConstSpan bytes) { stream.insert(stream.end(), bytes.begin(), bytes.end()); });
  for (std::uint64_t at = 0; at < image.size(); at += kPageBytes) writer.add_page(at, image.subspan(at, kPageBytes));
  writer.finish();
  return stream;
}

std::uint64_t differing_pages(ConstSpan a, ConstSpan b) {
  std::uint64_t differ = 0;
  for (std::size_t at = 0; at < a.size(); at += kPageBytes) {
    if (at + kPageBytes > b.size() || !std::equal(a.begin() + static_cast<std::ptrdiff_t>(at),
                                                  a.begin() + static_cast<std::ptrdiff_t>(at + kPageBytes),
                                                  b.begin() + static_cast<std::ptrdiff_t>(at))) {
      ++differ;
    }
  }
  return differ;
}

/// One engine between the DMA's two ends: the others are left out by the order, fill pages by the choice of pages.
nlohmann::json bench_engine(Session& session, ConstSpan image, const BenchOptions& options) {
  Bytes pages;
  for (std::size_t at = 0; at < image.size(); at += kPageBytes) {
    const ConstSpan page = image.subspan(at, kPageBytes);
    if (!golden::fill_word(page)) pages.insert(pages.end(), page.begin(), page.end());
  }
  if (pages.empty())
    throw UserError(fmt::format("{}: every page is a fill page: no work for an engine", options.pages));
  const bool cipher = options.engine == "seal" || options.engine == "open";
  const bool out = options.engine == "compress" || options.engine == "seal";
  MigrateOptions migrate = options.migrate;
  migrate.order = cipher ? Order::EncryptOnly : Order::CompressOnly;
  if (!cipher) migrate.algorithm = Algorithm::None;
  migrate.agreed_algorithm = migrate.algorithm;
  const auto secret = random_secret();
  nlohmann::json json;
  MigrateResult result;
  std::uint64_t mismatches = 0;
  ProgressLine line(options.engine, !options.json);
  const Watch watch = [&](std::uint64_t done, std::uint64_t all) {
    line.show(done, all == 0 ? pages.size() / kPageBytes : all);
  };
  if (out) {
    MemorySource source(pages, options.pages);
    MemoryTarget stream;
    result = migrate_out(session, source, stream, copy_of(secret), migrate, watch);
    BothWays check;
    check_stream(stream.bytes(), secret.span(), pages, check);
    mismatches = check.mismatches;
    if (!check.trouble.empty()) json["trouble"] = check.trouble;
    if (!cipher) json["ratio"] = rounded(ratio(pages.size(), sum(check.body_bytes)));
  } else {
    const Bytes stream = golden_stream(pages, migrate.order, migrate.algorithm, secret.span(), 6);
    MemorySource source(stream, options.pages);
    MemoryTarget image_out;
    result = migrate_in(session, source, image_out, copy_of(secret), migrate, watch);
    mismatches = differing_pages(pages, image_out.bytes());
  }
  json["engine"] = options.engine;
  json["pages"] = pages.size() / kPageBytes;
  json["bytes_in"] = result.counters.bytes_in;
  json["bytes_out"] = result.counters.bytes_out;
  json["cycles"] = result.cycles;
  json["bytes_per_cycle"] = rounded(ratio(pages.size(), result.cycles));
  json["sim_pages_per_second"] = rounded(ratio(pages.size(), kPageBytes) / std::max(result.seconds, 1e-9));
  json["mismatches"] = mismatches;
  json["backend"] = options.backend;
  return json;
}

}  // namespace

Bytes read_pages(const std::string& path) {
  InputFile file(path);
  if (file.size() == 0) throw UserError(fmt::format("{}: the file is empty", path));
  if (file.size() % kPageBytes != 0) {
    throw UserError(fmt::format("{}: its length, {} bytes, is not a multiple of 4096", path, file.size()));
  }
  Bytes bytes(file.size());
  if (file.read_at(0, bytes) != bytes.size())
    throw UserError(fmt::format("{}: it became shorter while it was read", path));
  return bytes;
}

SoftwareFigures measure_software(ConstSpan image) {
  SoftwareFigures figures;
  figures.pages = image.size() / kPageBytes;
  figures.zlib6.assign(figures.pages, 0);
  figures.zlib1.assign(figures.pages, 0);
  std::vector<std::size_t> some;
  for (std::size_t i = 0; i < figures.pages; ++i) {
    const ConstSpan page = image.subspan(i * kPageBytes, kPageBytes);
    const bool zero = is_zero(page);
    if (zero) ++figures.zero_pages;
    if (golden::fill_word(page)) ++figures.fill_pages;
    if (!zero) some.push_back(i);
  }
  std::uint64_t bytes = 0;
  const auto with_zlib = [&](int level, std::vector<std::uint32_t>& sizes) {
    std::size_t at = 0;
    return mbps(
        image, some,
        [&](ConstSpan page) {
          sizes[some[at]] = static_cast<std::uint32_t>(golden::deflate_bytes(page, {level, 0, 8, 15}).size());
          return sizes[some[at++]];
        },
        bytes);
  };
  figures.zlib6_mbps = with_zlib(6, figures.zlib6);
  figures.zlib1_mbps = with_zlib(1, figures.zlib1);

  Bytes room(2 * kPageBytes);
  const auto with_libdeflate = [&](int level, double& out_ratio) {
    const std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> compressor(
        libdeflate_alloc_compressor(level), libdeflate_free_compressor);
    std::uint64_t out = 0;
    const double speed = mbps(
        image, some,
        [&](ConstSpan page) {
          return libdeflate_deflate_compress(compressor.get(), page.data(), page.size(), room.data(), room.size());
        },
        out);
    out_ratio = ratio(some.size() * kPageBytes, out);
    return speed;
  };
  figures.libdeflate1_mbps = with_libdeflate(1, figures.libdeflate1_ratio);
  figures.libdeflate6_mbps = with_libdeflate(6, figures.libdeflate6_ratio);

  std::uint64_t out = 0;
  figures.lz4_mbps = mbps(
      image, some,
      [&](ConstSpan page) {
        const int n =
            LZ4_compress_default(reinterpret_cast<const char*>(page.data()), reinterpret_cast<char*>(room.data()),
                                 static_cast<int>(page.size()), static_cast<int>(room.size()));
        return static_cast<std::uint64_t>(std::min<int>(n, static_cast<int>(kPageBytes)));
      },
      out);
  figures.lz4_ratio = ratio(some.size() * kPageBytes, out);

  golden::Cipher cipher(Algorithm::Aes256Gcm, {});
  std::uint64_t sequence = 0;
  out = 0;
  figures.seal_mbps = mbps(
      image, some,
      [&](ConstSpan page) {
        std::copy(page.begin(), page.end(), room.begin());
        const std::array<std::uint8_t, 48> aad{};
        cipher.seal(golden::make_iv({}, ++sequence), aad, Span(room).first(kPageBytes));
        return page.size();
      },
      out);
  return figures;
}

BothWays both_ways(Session& session, ConstSpan image, const MigrateOptions& options, const BothWaysWatch& watch) {
  BothWays result;
  const auto secret = random_secret();
  MemorySource source(image, "pages");
  MemoryTarget stream;
  result.out = migrate_out(session, source, stream, copy_of(secret), options, watch.out);
  check_stream(stream.bytes(), secret.span(), image, result);
  MemorySource back(stream.bytes(), "stream");
  MemoryTarget restored;
  MigrateOptions agreed = options;
  agreed.agreed_algorithm = options.algorithm;
  result.in = migrate_in(session, back, restored, copy_of(secret), agreed, watch.in);
  result.mismatches += differing_pages(image, restored.bytes());
  return result;
}

nlohmann::json to_json(const BothWays& measured, const SoftwareFigures& software, const Session& session) {
  const std::uint64_t bytes = software.pages * kPageBytes;
  const std::uint64_t some = (software.pages - software.zero_pages) * kPageBytes;
  const auto& caps = session.capabilities();
  const auto where = [](const MigrateResult& result) {
    const auto& c = result.counters;
    return nlohmann::json{{"jobs", result.jobs},
                          {"records", c.records},
                          {"job_cycles", c.cycles},
                          {"stall_memory", c.stall_memory},
                          {"stall_lane", c.stall_lane},
                          {"stall_cipher", c.stall_cipher},
                          {"stall_writer", c.stall_writer},
                          {"seconds", rounded(result.seconds)}};
  };
  nlohmann::json json;
  json["pages"] = software.pages;
  json["zero_pages"] = software.zero_pages;
  json["fill_pages"] = software.fill_pages;
  json["bytes_in"] = bytes;
  json["bytes_out"] = measured.out.stream_bytes;
  json["payload_bytes"] = sum(measured.body_bytes);
  json["ratio"] = rounded(ratio(some, sum(measured.body_bytes)));
  json["ratio_zlib6"] = rounded(ratio(some, sum(software.zlib6)));
  json["ratio_zlib1"] = rounded(ratio(some, sum(software.zlib1)));
  json["cycles_out"] = measured.out.cycles;
  json["cycles_in"] = measured.in.cycles;
  json["bytes_per_cycle_out"] = rounded(ratio(bytes, measured.out.cycles));
  json["bytes_per_cycle_in"] = rounded(ratio(bytes, measured.in.cycles));
  json["sim_pages_per_second"] =
      rounded(static_cast<double>(software.pages) / std::max(measured.out.seconds + measured.in.seconds, 1e-9));
  json["sim_cycles_per_second"] = rounded(static_cast<double>(measured.out.cycles + measured.in.cycles) /
                                          std::max(measured.out.seconds + measured.in.seconds, 1e-9));
  json["mismatches"] = measured.mismatches;
  if (!measured.trouble.empty()) json["trouble"] = measured.trouble;
  json["blocks"] = {{"stored", measured.out.counters.stored},
                    {"fixed", measured.out.counters.fixed},
                    {"dynamic", measured.out.counters.dynamic}};
  json["unverified"] = measured.out.counters.unverified;
  json["out"] = where(measured.out);
  json["in"] = where(measured.in);
  json["software"] = {{"zlib6_mb_per_s", rounded(software.zlib6_mbps)},
                      {"zlib1_mb_per_s", rounded(software.zlib1_mbps)},
                      {"libdeflate6_mb_per_s", rounded(software.libdeflate6_mbps)},
                      {"libdeflate6_ratio", rounded(software.libdeflate6_ratio)},
                      {"libdeflate1_mb_per_s", rounded(software.libdeflate1_mbps)},
                      {"libdeflate1_ratio", rounded(software.libdeflate1_ratio)},
                      {"lz4_mb_per_s", rounded(software.lz4_mbps)},
                      {"lz4_ratio", rounded(software.lz4_ratio)},
                      {"seal_aes_256_gcm_mb_per_s", rounded(software.seal_mbps)}};
  json["lanes"] = {{"compress", caps.compress_lanes}, {"inflate", caps.inflate_lanes}};
  return json;
}

int bench(const BenchOptions& options) {
  const Bytes image = read_pages(options.pages);
  security_processor::Policy policy = options.policy;
  policy.allow_unprotected();  // engines are measured without a cipher, too; nothing here leaves the machine
  Session session(make_device(options.backend, options.latency), policy);
  const auto& caps = session.capabilities();
  if (options.lanes != 0 && (options.lanes != caps.compress_lanes || options.lanes != caps.inflate_lanes)) {
    throw UserError(
        fmt::format("this build has {} compress and {} inflate lanes", caps.compress_lanes, caps.inflate_lanes));
  }
  nlohmann::json json;
  if (!options.engine.empty()) {
    json = bench_engine(session, image, options);
  } else {
    ProgressLine out("migrate-out", !options.json), in("migrate-in", !options.json);
    const BothWays measured =
        both_ways(session, image, options.migrate,
                  {[&](auto done, auto all) { out.show(done, all); },
                   [&](auto done, auto all) { in.show(done, all == 0 ? image.size() / kPageBytes : all); }});
    json = to_json(measured, measure_software(image), session);
    json["backend"] = options.backend;
    json["level"] = options.migrate.level == Level::Best ? "best" : "default";
    json["order"] = name(options.migrate.order);
    json["algorithm"] = name(options.migrate.algorithm);
  }
  json["hardware_failures"] = session.device().failures();
  if (options.json) {
    fmt::print("{}\n", json.dump(2));
  } else {
    std::vector<std::vector<std::string>> rows{{"figure", "value"}};
    for (const auto& [key, value] : json.items()) {
      if (!value.is_object()) rows.push_back({key, value.is_string() ? value.get<std::string>() : value.dump()});
    }
    print_table(rows);
  }
  return json["mismatches"] == 0 && session.device().failures() == 0 ? 0 : 1;
}

}  // namespace sealift::command
