// SPDX-License-Identifier: Apache-2.0
// The hardware itself: the verilated sealift_top with memory behind its AXI4 port.
#pragma once
#include <memory>

#include "device/axi_memory.h"
#include "device/device.h"

class Vsealift_top;

namespace sealift::device {

struct RtlOptions {
  unsigned read_latency = 64;   ///< cycles from a read's address to its first data
  unsigned write_latency = 64;  ///< cycles from a write's last data to its answer
  unsigned stall_percent = 0;   ///< of cycles in which each channel of the memory stalls
  bool check_bus = false;       ///< watch every AXI port for breaches of the protocol: slower
  bool wild_registers = false;  ///< random gaps and orders on the AXI4-Lite ports
  std::uint64_t seed = 1;       ///< of stalls, and of what registers hold before reset
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
  /// The model itself, for tests that put faults into it.
  Vsealift_top& model();

 protected:
  ReadResult bus_read(Port port, std::uint32_t offset) override;
  Response bus_write(Port port, std::uint32_t offset, std::uint32_t value) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sealift::device
