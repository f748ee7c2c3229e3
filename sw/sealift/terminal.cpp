// SPDX-License-Identifier: Apache-2.0
#include "sealift/terminal.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace sealift::command {

ProgressLine::ProgressLine(std::string title, bool wanted)
    : title_(std::move(title)),
      on_(wanted && ::isatty(STDERR_FILENO) != 0),
      begin_(std::chrono::steady_clock::now()),
      last_(begin_ - std::chrono::seconds(1)) {}

ProgressLine::~ProgressLine() {
  if (shown_) fmt::print(stderr, "\r\x1b[K");
}

void ProgressLine::show(std::uint64_t done, std::uint64_t all) {
  if (!on_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now - last_ < std::chrono::milliseconds(80) && done != all) return;
  last_ = now;
  shown_ = true;
  const double seconds = std::chrono::duration<double>(now - begin_).count();
  const double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0;
  if (all == 0) {
    fmt::print(stderr, "\r{:<12} {:>10} pages  {:>8.0f} pages/s\x1b[K", title_, done, rate);
  } else {
    constexpr std::size_t kWidth = 32;
    const double part = std::min(1.0, static_cast<double>(done) / static_cast<double>(all));
    const auto full = static_cast<std::size_t>(part * kWidth);
    const double left = rate > 0 ? static_cast<double>(all - std::min(done, all)) / rate : 0;
    fmt::print(stderr, "\r{:<12} [{:-<{}}{: <{}}] {:>3.0f} %  {:>6.0f} pages/s  {:.0f} s left\x1b[K", title_, "", full,
               "", kWidth - full, part * 100, rate, left);
  }
  std::fflush(stderr);
}

void print_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (std::size_t r = 0; r < rows.size(); ++r) {
    std::string line;
    for (std::size_t i = 0; i < rows[r].size(); ++i) {
      line += i == 0 ? fmt::format("  {:<{}}", rows[r][i], widths[i]) : fmt::format("  {:>{}}", rows[r][i], widths[i]);
    }
    fmt::print("{}\n", line);
    if (r == 0) {
      std::string rule;
      for (const auto width : widths) rule += "  " + std::string(width, '-');
      fmt::print("{}\n", rule);
    }
  }
}

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

}  // namespace sealift::command
