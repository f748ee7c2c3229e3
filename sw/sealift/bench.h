// SPDX-License-Identifier: Apache-2.0
// Measures a device on real pages: both directions, checked by the golden model, beside software on the same pages.
#pragma once
#include <nlohmann/json_fwd.hpp>

#include "sealift/migrate.h"

namespace sealift::command {

/// What software makes of the pages.
struct SoftwareFigures {
  std::uint64_t pages = 0, zero_pages = 0, fill_pages = 0;  ///< fill_pages: repeat one word, zero pages counted in
  std::vector<std::uint32_t> zlib6, zlib1;                  ///< bytes of DEFLATE by page; 0 for zero pages
  /// One thread, MB/s over the non-zero pages.
  double zlib6_mbps = 0, zlib1_mbps = 0, libdeflate1_mbps = 0, libdeflate6_mbps = 0, lz4_mbps = 0, seal_mbps = 0;
  double libdeflate1_ratio = 0, libdeflate6_ratio = 0, lz4_ratio = 0;
};

/// Every page on its own. `image` is whole pages.
SoftwareFigures measure_software(ConstSpan image);

/// A migration out, the golden model's look at the stream, a migration in, and the comparison.
struct BothWays {
  MigrateResult out, in;
  std::vector<std::uint32_t>
      body_bytes;                ///< of each page as it travelled: DEFLATE, or 4,096; 8 for fill; 0 for zero pages
  std::uint64_t mismatches = 0;  ///< pages that the golden model or the way back shows otherwise
  std::string trouble;           ///< why the golden model refused the stream, if it did
};

/// Progress of the two directions.
struct BothWaysWatch {
  Watch out, in;
};

BothWays both_ways(Session& session, ConstSpan image, const MigrateOptions& options, const BothWaysWatch& watch = {});

/// The fields that the README explains; over non-zero pages where it is a ratio.
nlohmann::json to_json(const BothWays& measured, const SoftwareFigures& software, const Session& session);

struct BenchOptions {
  std::string pages;
  std::string engine;  ///< empty, compress, inflate, seal, open
  MigrateOptions migrate;
  unsigned lanes = 0;               ///< 0: whatever the build has
  std::optional<unsigned> latency;  ///< of memory, in cycles
  bool json = false;
  std::string backend;
  security_processor::Policy policy;
};

/// The command; returns its exit code.
int bench(const BenchOptions& options);

/// Whole pages of a file. Throws UserError when it is empty, or not whole pages.
Bytes read_pages(const std::string& path);

}  // namespace sealift::command
