// SPDX-License-Identifier: Apache-2.0
// The main job: bundled pages out, golden check, in, comparison, report.
#pragma once
#include "sealift/bench.h"

namespace sealift::command {

struct RunOptions {
  std::string pages = "data/dev-run.bin";
  std::string report = "build/report";  ///< folder of summary.json and index.html
  std::string waves;                    ///< FST file, or empty
  std::string backend;
  MigrateOptions migrate;
  security_processor::Policy policy;
};

/// The command; returns its exit code.
int run(const RunOptions& options);

}  // namespace sealift::command
