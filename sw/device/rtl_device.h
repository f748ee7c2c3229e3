// SPDX-License-Identifier: Apache-2.0
// The RTL itself as a device: sealift_top under Verilator, behind a model of memory.
#pragma once
#include <memory>
#include <string>

#include "device/axi_memory.h"
#include "device/device.h"

namespace sealift::device {

struct RtlOptions {
  axi::MemoryTiming timing{.read_latency = 64, .write_latency = 64};  ///< cycles of memory latency, and stalls
  std::uint64_t seed = 1;                                              ///< of what is random at power-on
  bool wild_registers = false;  ///< random gaps and orders on the AXI4-Lite ports
};

class RtlDevice : public Device {
 public:
  explicit RtlDevice(const RtlOptions& options = {});
  ~RtlDevice() override;

  void write_memory(std::uint64_t address, ConstSpan bytes) override;
  void read_memory(std::uint64_t address, Span bytes) override;
  void release_memory(std::uint64_t address, std::uint64_t bytes) override;
  Interrupts wait(std::uint64_t limit) override;
  [[nodiscard]] Interrupts interrupts() const override;
  [[nodiscard]] std::uint64_t cycles() const override;
  void reset() override;
  void start_waves(const std::string& path) override;
  void stop_waves() override;
  [[nodiscard]] unsigned failures() const override;
  [[nodiscard]] std::string backend() const override { return "rtl"; }

  /// Lets `n` cycles pass.
  void run(std::uint64_t n);
  /// The memory model, for tests that inject latency and errors.
  axi::AxiMemory& memory();

 protected:
  ReadResult bus_read(Port port, std::uint32_t offset) override;
  Response bus_write(Port port, std::uint32_t offset, std::uint32_t value) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sealift::device
