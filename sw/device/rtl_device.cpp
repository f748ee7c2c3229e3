// SPDX-License-Identifier: Apache-2.0
#include "device/rtl_device.h"

#include <Vsealift_top.h>
#include <fmt/format.h>
#include <verilated.h>
#if VM_TRACE
#include <verilated_fst_c.h>
#endif

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <utility>

#include "device/axi_lite.h"
#include "device/axi_memory.h"
#include "device/axi_monitor.h"

namespace sealift::device {
namespace {

constexpr unsigned kDataBits =
    axi::Layout::data_bits_of(sizeof(std::declval<Vsealift_top&>().axi_req_o) / sizeof(std::uint32_t));
static_assert(kDataBits != 0, "axi::Layout knows the model's request port");
constexpr std::uint64_t kBusLimit = 100000;  // cycles that a register access may take
constexpr int kResetCycles = 4;

axi::MemoryTiming timing_of(const RtlOptions& options) {
  axi::MemoryTiming timing;
  timing.read_latency = options.read_latency;
  timing.write_latency = options.write_latency;
  timing.ar_stall = timing.r_stall = timing.aw_stall = timing.w_stall = timing.b_stall = options.stall_percent;
  timing.seed = options.seed;
  return timing;
}

}  // namespace

struct RtlDevice::Impl {
  RtlOptions options;
  VerilatedContext context;
  std::unique_ptr<Vsealift_top> top;
#if VM_TRACE
  std::unique_ptr<VerilatedFstC> fst;
#endif
  axi::AxiMemory memory;
  std::optional<axi::AxiMonitor> monitor;
  axi::LiteMaster host, secure;
  axi::LiteMonitor host_monitor, secure_monitor;
  bool lite_active = false;
  std::uint64_t cycle = 0;
  int before_power = 0;  // assertions that failed before the first reset, when registers hold anything

  explicit Impl(const RtlOptions& with)
      : options(with),
        memory(kDataBits, timing_of(with)),
        host(with.wild_registers, with.seed),
        secure(with.wild_registers, with.seed + 1) {
    context.fatalOnError(false);
    context.errorLimit(1000);
    context.randReset(2);
    context.randSeed(static_cast<int>(with.seed & 0x7fffffff) | 1);
#if VM_TRACE
    context.traceEverOn(true);
#endif
    top = std::make_unique<Vsealift_top>(&context);
    if (with.check_bus) monitor.emplace(kDataBits);
    // The model's reset works by its edge: without one, the first clock edge would see random registers.
    top->clk_i = 0;
    top->rst_ni = 1;
    eval(0);
    reset();
  }
  ~Impl() {
    stop_waves();
    top->final();
#if VM_COVERAGE
    if (const char* dir = std::getenv("SEALIFT_COVERAGE_DIR"); dir != nullptr) {
      static int runs = 0;
      std::filesystem::create_directories(dir);
      context.coveragep()->write((std::string(dir) + "/top" + std::to_string(runs++) + ".dat").c_str());
    }
#endif
  }

  void stop_waves() {
#if VM_TRACE
    if (fst) {
      fst->close();
      fst.reset();
    }
#endif
  }

  void eval(std::uint64_t time) {
    context.time(time);
    top->eval();
#if VM_TRACE
    if (fst) fst->dump(time);
#endif
  }

  void reset() {
    memory.reset();
    host.reset();
    secure.reset();
    for (auto* port : {axi::port_words(top->host_req_i), axi::port_words(top->secure_req_i)}) std::fill_n(port, 3, 0U);
    std::fill_n(axi::port_words(top->axi_rsp_i), memory.layout().rsp_words(), 0U);
    top->rst_ni = 0;
    for (int i = 0; i < kResetCycles; ++i) {
      top->clk_i = 0;
      eval(2 * cycle);
      top->clk_i = 1;
      eval(2 * cycle + 1);
      ++cycle;
    }
    top->rst_ni = 1;
    if (monitor) {
      monitor->reset();
      host_monitor.reset();
      secure_monitor.reset();
    }
    lite_active = true;  // once through, so that the ports rest as the masters leave them
  }

  void tick() {
    if (lite_active) {
      host.drive(axi::port_words(top->host_req_i));
      secure.drive(axi::port_words(top->secure_req_i));
    }
    memory.drive(axi::port_words(top->axi_rsp_i));
    top->clk_i = 0;
    eval(2 * cycle);
    memory.sample(axi::port_words(top->axi_req_o));
    if (monitor) {
      monitor->sample(axi::port_words(top->axi_req_o), axi::port_words(top->axi_rsp_i));
      host_monitor.sample(axi::port_words(top->host_req_i), top->host_rsp_o);
      secure_monitor.sample(axi::port_words(top->secure_req_i), top->secure_rsp_o);
    }
    if (lite_active) {
      host.sample(top->host_rsp_o);
      secure.sample(top->secure_rsp_o);
    }
    top->clk_i = 1;
    eval(2 * cycle + 1);
    ++cycle;
  }

  axi::LiteResult finish(axi::LiteMaster& master, axi::LiteMaster::Ticket ticket, Port port, std::uint32_t offset) {
    lite_active = true;
    const std::uint64_t begin = cycle;
    while (!master.done(ticket)) {
      if (cycle - begin > kBusLimit) throw BusError("no answer from " + register_name(port, offset));
      tick();
    }
    if (host.idle() && secure.idle()) {
      tick();  // takes the valid lines back
      lite_active = false;
    }
    return master.take(ticket);
  }

  axi::LiteMaster& master(Port port) { return port == Port::Host ? host : secure; }

  [[nodiscard]] Interrupts lines() const {
    Interrupts now;
    now.host = top->irq_host_o != 0;
    now.secure = top->irq_secure_o != 0;
    now.alert = top->alert_o != 0;
    return now;
  }
};

RtlDevice::RtlDevice(const RtlOptions& options) : impl_(std::make_unique<Impl>(options)) {}
RtlDevice::~RtlDevice() = default;

void RtlDevice::write_memory(std::uint64_t address, ConstSpan bytes) { impl_->memory.write(address, bytes); }
void RtlDevice::read_memory(std::uint64_t address, Span bytes) { impl_->memory.read(address, bytes); }

void RtlDevice::release_memory(std::uint64_t address, std::uint64_t bytes) {
  // Bursts on their way point into the pages.
  for (std::uint64_t begin = impl_->cycle; !impl_->memory.idle();) {
    if (impl_->cycle - begin > kBusLimit) throw BusError("the memory port does not come to rest");
    impl_->tick();
  }
  impl_->memory.release(address, bytes);
}

Interrupts RtlDevice::wait(std::uint64_t limit) {
  Impl& d = *impl_;
  for (std::uint64_t i = 0; i < limit; ++i) {
    if ((d.top->irq_host_o | d.top->irq_secure_o | d.top->alert_o) != 0) break;
    d.tick();
  }
  return d.lines();
}

void RtlDevice::run(std::uint64_t n) {
  for (std::uint64_t i = 0; i < n; ++i) impl_->tick();
}

axi::AxiMemory& RtlDevice::memory() { return impl_->memory; }
Vsealift_top& RtlDevice::model() { return *impl_->top; }

Interrupts RtlDevice::interrupts() const { return impl_->lines(); }
std::uint64_t RtlDevice::cycles() const { return impl_->cycle; }
void RtlDevice::reset() { impl_->reset(); }

void RtlDevice::start_waves(const std::string& path) {
#if VM_TRACE
  impl_->stop_waves();
  impl_->fst = std::make_unique<VerilatedFstC>();
  impl_->top->trace(impl_->fst.get(), 99);
  impl_->fst->open(path.c_str());
  if (!impl_->fst->isOpen()) throw std::runtime_error(path + ": cannot be written");
#else
  static_cast<void>(path);
  throw std::runtime_error("this build has no waves: make waves, or configure with -DSEALIFT_WAVES=ON");
#endif
}

void RtlDevice::stop_waves() { impl_->stop_waves(); }

unsigned RtlDevice::failures() const {
  return static_cast<unsigned>(impl_->context.errorCount() - impl_->before_power);
}

ReadResult RtlDevice::bus_read(Port port, std::uint32_t offset) {
  auto& master = impl_->master(port);
  const auto result = impl_->finish(master, master.post_read(offset), port, offset);
  return {result.data, static_cast<Response>(result.resp)};
}

Response RtlDevice::bus_write(Port port, std::uint32_t offset, std::uint32_t value) {
  auto& master = impl_->master(port);
  const auto result = impl_->finish(master, master.post_write(offset, value), port, offset);
  return static_cast<Response>(result.resp);
}

}  // namespace sealift::device
