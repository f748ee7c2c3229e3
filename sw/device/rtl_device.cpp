// SPDX-License-Identifier: Apache-2.0
#include "device/rtl_device.h"

#include <Vsealift_top.h>
#include <verilated.h>
#if VM_TRACE
#include <verilated_fst_c.h>
#endif

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "device/axi_lite.h"
#include "device/axi_monitor.h"

namespace sealift::device {

namespace {
constexpr unsigned kDataBits = SEALIFT_AXI_DATA_W;
constexpr std::uint64_t kAnswerLimit = 10000;  // cycles that a register access may take
}  // namespace

struct RtlDevice::Impl {
  explicit Impl(const RtlOptions& options)
      : memory(kDataBits, options.timing),
        monitor(kDataBits),
        host(options.wild_registers, options.seed),
        secure(options.wild_registers, options.seed + 1) {
    context.fatalOnError(false);
    context.errorLimit(1000);
    context.randReset(2);
    context.randSeed(static_cast<int>(options.seed & 0x7fffffff) | 1);
#if VM_TRACE
    context.traceEverOn(true);
#endif
    top = std::make_unique<Vsealift_top>(&context);
    top->clk_i = 0;
  }
  ~Impl() {
    top->final();
#if VM_COVERAGE
    if (const char* dir = std::getenv("SEALIFT_COVERAGE_DIR"); dir != nullptr) {
      static int runs = 0;
      std::filesystem::create_directories(dir);
      context.coveragep()->write((std::string(dir) + "/top" + std::to_string(runs++) + ".dat").c_str());
    }
#endif
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void eval(std::uint64_t time) {
    context.time(time);
    top->eval();
#if VM_TRACE
    if (waves) waves->dump(time);
#endif
  }

  void tick() {
    memory.drive(axi::port_words(top->axi_rsp_i));
    if (registers_busy) {
      host.drive(axi::port_words(top->host_req_i));
      secure.drive(axi::port_words(top->secure_req_i));
    }
    top->clk_i = 0;
    eval(2 * cycle);
#ifdef SEALIFT_CHECKED
    monitor.sample(axi::port_words(top->axi_req_o), axi::port_words(top->axi_rsp_i));
    host_monitor.sample(axi::port_words(top->host_req_i), top->host_rsp_o);
    secure_monitor.sample(axi::port_words(top->secure_req_i), top->secure_rsp_o);
#endif
    memory.sample(axi::port_words(top->axi_req_o));
    if (registers_busy) {
      host.sample(top->host_rsp_o);
      secure.sample(top->secure_rsp_o);
    }
    top->clk_i = 1;
    eval(2 * cycle + 1);
    ++cycle;
  }

  axi::LiteResult finish(axi::LiteMaster& master, axi::LiteMaster::Ticket ticket) {
    registers_busy = true;
    for (std::uint64_t waited = 0; !master.done(ticket); ++waited) {
      if (waited > kAnswerLimit) throw std::runtime_error("a register access got no answer");
      tick();
    }
    tick();  // the master takes its ready away
    registers_busy = false;
    return master.take(ticket);
  }

  [[nodiscard]] Interrupts interrupts() const {
    return {.host = top->irq_host_o != 0, .secure = top->irq_secure_o != 0, .alert = top->alert_o != 0};
  }

  VerilatedContext context;
  std::unique_ptr<Vsealift_top> top;
  axi::AxiMemory memory;
  axi::AxiMonitor monitor;
  axi::LiteMaster host, secure;
  axi::LiteMonitor host_monitor, secure_monitor;
  bool registers_busy = true;
  std::uint64_t cycle = 0;
#if VM_TRACE
  std::unique_ptr<VerilatedFstC> waves;
#endif
};

RtlDevice::RtlDevice(const RtlOptions& options) : impl_(std::make_unique<Impl>(options)) { RtlDevice::reset(); }

RtlDevice::~RtlDevice() { RtlDevice::stop_waves(); }

void RtlDevice::reset() {
  impl_->memory.reset();
  impl_->monitor.reset();
  impl_->host.reset();
  impl_->secure.reset();
  impl_->host_monitor.reset();
  impl_->secure_monitor.reset();
  impl_->registers_busy = true;
  impl_->top->rst_ni = 0;
  for (int i = 0; i < 4; ++i) {
    impl_->top->clk_i = 0;
    impl_->eval(2 * impl_->cycle);
    impl_->top->clk_i = 1;
    impl_->eval(2 * impl_->cycle + 1);
    ++impl_->cycle;
  }
  impl_->top->rst_ni = 1;
  run(2);
}

void RtlDevice::write_memory(std::uint64_t address, ConstSpan bytes) { impl_->memory.write(address, bytes); }
void RtlDevice::read_memory(std::uint64_t address, Span bytes) { impl_->memory.read(address, bytes); }
void RtlDevice::release_memory(std::uint64_t address, std::uint64_t bytes) { impl_->memory.release(address, bytes); }

void RtlDevice::run(std::uint64_t n) {
  for (std::uint64_t i = 0; i < n; ++i) impl_->tick();
}

Interrupts RtlDevice::wait(std::uint64_t limit) {
  for (std::uint64_t i = 0; i < limit && !impl_->interrupts().any(); ++i) impl_->tick();
  return impl_->interrupts();
}

Interrupts RtlDevice::interrupts() const { return impl_->interrupts(); }
std::uint64_t RtlDevice::cycles() const { return impl_->cycle; }
unsigned RtlDevice::failures() const { return static_cast<unsigned>(impl_->context.errorCount()); }
axi::AxiMemory& RtlDevice::memory() { return impl_->memory; }

ReadResult RtlDevice::bus_read(Port port, std::uint32_t offset) {
  axi::LiteMaster& master = port == Port::Host ? impl_->host : impl_->secure;
  const axi::LiteResult result = impl_->finish(master, master.post_read(offset));
  return {.data = result.data, .response = static_cast<Response>(result.resp)};
}

Response RtlDevice::bus_write(Port port, std::uint32_t offset, std::uint32_t value) {
  axi::LiteMaster& master = port == Port::Host ? impl_->host : impl_->secure;
  return static_cast<Response>(impl_->finish(master, master.post_write(offset, value)).resp);
}

void RtlDevice::start_waves([[maybe_unused]] const std::string& path) {
#if VM_TRACE
  impl_->waves = std::make_unique<VerilatedFstC>();
  impl_->top->trace(impl_->waves.get(), 99);
  impl_->waves->open(path.c_str());
#else
  throw std::runtime_error("this build writes no waves; use: make waves");
#endif
}

void RtlDevice::stop_waves() {
#if VM_TRACE
  if (impl_->waves) impl_->waves->close();
  impl_->waves.reset();
#endif
}

}  // namespace sealift::device
