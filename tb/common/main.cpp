// SPDX-License-Identifier: Apache-2.0
// Catch2's main with two lines of our own: the seed, and how to rerun a failing case with waves.
#ifdef SEALIFT_CATCH2_V2
#define CATCH_CONFIG_RUNNER
#endif
#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <vector>

#include "common/bench.h"
#include "common/catch.h"
#include "common/seed.h"

int main(int argc, char* argv[]) {
  fmt::print("seed: SEALIFT_SEED={:#x}\n", sealift::tb::run_seed());
  std::fflush(stdout);
  Catch::Session session;
  return session.run(argc, argv);
}

namespace {

class RerunHint : public
#ifdef SEALIFT_CATCH2_V2
                  Catch::TestEventListenerBase {
  using Base = Catch::TestEventListenerBase;
#else
                  Catch::EventListenerBase {
  using Base = Catch::EventListenerBase;
#endif

 public:
  using Base::Base;

  void testCaseEnded(const Catch::TestCaseStats& stats) override {
    if (stats.totals.assertions.failed == 0) return;
    const std::string program = std::filesystem::read_symlink("/proc/self/exe").filename();
    const auto cycle = sealift::tb::last_cycle();
    const auto from = cycle > 2000 ? cycle - 2000 : 0;
    std::string name = stats
                           .testInfo
#ifdef SEALIFT_CATCH2_V2
                           .name;
#else
                           ->name;
#endif
    for (std::size_t at = 0; (at = name.find_first_of(",[", at)) != std::string::npos; at += 2) {
      name.insert(at, 1, '\\');  // Catch2 would take them for a list, or a tag
    }
    fmt::print("rerun with waves around the failure:\n  make waves TEST={} CASE='{}' SEED={:#x} FROM={} TO={}\n",
               program, name, sealift::tb::run_seed(), from, cycle + 100);
    std::fflush(stdout);
  }
};

CATCH_REGISTER_LISTENER(RerunHint)

}  // namespace
