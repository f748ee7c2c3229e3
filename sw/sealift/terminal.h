// SPDX-License-Identifier: Apache-2.0
// What a person at a terminal sees.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace sealift::command {

/// One line on stderr that shows how far a job is; nothing where stderr is no terminal.
class ProgressLine {
 public:
  explicit ProgressLine(std::string title, bool wanted = true);
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  ~ProgressLine();
  /// `all` 0: not known.
  void show(std::uint64_t done, std::uint64_t all);

 private:
  std::string title_;
  bool on_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point begin_, last_;
};

/// A table of aligned columns on stdout; the first row is its head.
void print_table(const std::vector<std::vector<std::string>>& rows);

/// "4,194,304"
std::string grouped(std::uint64_t number);

}  // namespace sealift::command
