// SPDX-License-Identifier: Apache-2.0
// Clock, reset, waves and assertion count around one verilated top.
//
//   Bench<Vprim_fifo> bench;
//   StreamSource source(...); bench.add(source);      // agents drive before the clock edge and sample at it
//   bench.reset(); bench.run_until([&] { return sink.packets() == 3; }, 10000);
//   CHECK(bench.errors() == 0);                        // no RTL assertion failed
//
// Waves: SEALIFT_WAVES_FILE names an FST file, SEALIFT_WAVES_FROM and _TO bound the cycles written
// (only in a build with SEALIFT_WAVES=ON).
#pragma once
#include <verilated.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>
#if VM_TRACE
#include <verilated_fst_c.h>
#endif

#include "common/seed.h"

namespace sealift::tb {

/// The cycle that the most recent bench reached: for the hint of a failing test.
inline std::uint64_t& last_cycle() {
  static std::uint64_t cycle = 0;
  return cycle;
}

/// Something that drives or watches ports of the top.
class Agent {
 public:
  virtual ~Agent() = default;
  /// Sets inputs for the coming edge. Sees registered outputs only.
  virtual void drive() = 0;
  /// Inputs and combinational outputs are settled; the edge comes next.
  virtual void sample() = 0;
};

template <class Top>
class Bench {
 public:
  Bench() : context_(std::make_unique<VerilatedContext>()) {
    context_->fatalOnError(false);
    context_->errorLimit(1000);
    context_->randReset(2);
    context_->randSeed(static_cast<int>(run_seed() & 0x7fffffff) | 1);
    const char* file = std::getenv("SEALIFT_WAVES_FILE");
#if VM_TRACE
    context_->traceEverOn(file != nullptr);
#endif
    top_ = std::make_unique<Top>(context_.get());
#if VM_TRACE
    if (file != nullptr) {
      fst_ = std::make_unique<VerilatedFstC>();
      top_->trace(fst_.get(), 99);
      fst_->open(file);
      if (const char* from = std::getenv("SEALIFT_WAVES_FROM")) from_ = std::strtoull(from, nullptr, 0);
      if (const char* to = std::getenv("SEALIFT_WAVES_TO")) to_ = std::strtoull(to, nullptr, 0);
    }
#else
    if (file != nullptr) throw std::runtime_error("waves need a build with -DSEALIFT_WAVES=ON (use: make waves)");
#endif
    top_->clk_i = 0;
    top_->rst_ni = 1;  // so that the reset's edge is seen before the first clock edge
    top_->eval();
  }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;
  ~Bench() {
    top_->final();
#if VM_TRACE
    if (fst_) fst_->close();
#endif
#if VM_COVERAGE
    if (const char* dir = std::getenv("SEALIFT_COVERAGE_DIR")) {
      static int runs = 0;
      std::filesystem::create_directories(dir);
      context_->coveragep()->write((std::string(dir) + "/" + std::to_string(runs++) + ".dat").c_str());
    }
#endif
  }

  Top* operator->() { return top_.get(); }
  Top& top() { return *top_; }
  VerilatedContext& context() { return *context_; }
  [[nodiscard]] std::uint64_t cycle() const { return cycle_; }

  /// Agents run in the order in which they were added; they must outlive the bench's last tick.
  void add(Agent& agent) { agents_.push_back(&agent); }

  void tick() {
    for (Agent* agent : agents_) agent->drive();
    top_->clk_i = 0;
    eval(2 * cycle_);
    for (Agent* agent : agents_) agent->sample();
    top_->clk_i = 1;
    eval(2 * cycle_ + 1);
    ++cycle_;
    last_cycle() = cycle_;
  }
  void ticks(std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) tick();
  }

  /// Holds rst_ni low for some cycles. Agents stay still meanwhile.
  void reset(int cycles = 4) {
    std::vector<Agent*> agents;
    agents.swap(agents_);
    top_->rst_ni = 0;
    ticks(static_cast<std::uint64_t>(cycles));
    top_->rst_ni = 1;
    agents_.swap(agents);
    if (!powered_) before_power_ = context_->errorCount();
    powered_ = true;
  }

  /// Ticks until done() holds; throws when it does not within `limit` cycles.
  std::uint64_t run_until(const std::function<bool()>& done, std::uint64_t limit) {
    const std::uint64_t start = cycle_;
    while (!done()) {
      if (cycle_ - start >= limit) {
        throw std::runtime_error("no end after " + std::to_string(limit) + " cycles (cycle " + std::to_string(cycle_) +
                                 ")");
      }
      tick();
    }
    return cycle_ - start;
  }

  /// RTL assertions that failed since the first reset (before it, registers hold anything).
  [[nodiscard]] int errors() { return context_->errorCount() - before_power_; }

 private:
  void eval(std::uint64_t time) {
    context_->time(time);
    top_->eval();
#if VM_TRACE
    if (fst_ && cycle_ >= from_ && cycle_ <= to_) fst_->dump(time);
#endif
  }

  std::unique_ptr<VerilatedContext> context_;
  std::unique_ptr<Top> top_;
#if VM_TRACE
  std::unique_ptr<VerilatedFstC> fst_;
  std::uint64_t from_ = 0;
  std::uint64_t to_ = ~std::uint64_t{0};
#endif
  std::vector<Agent*> agents_;
  std::uint64_t cycle_ = 0;
  bool powered_ = false;
  int before_power_ = 0;
};

}  // namespace sealift::tb
