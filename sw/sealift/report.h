// SPDX-License-Identifier: Apache-2.0
// The report of a run: one HTML page that needs nothing else.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "sealift/bench.h"

namespace sealift::command {

/// Ratio by page, throughput over time, and where the cycles went, as inline SVG, with the table above them.
std::string html_report(const nlohmann::json& summary, const BothWays& measured, const SoftwareFigures& software,
                        const std::string& title);

}  // namespace sealift::command
