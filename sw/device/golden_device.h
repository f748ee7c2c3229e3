// SPDX-License-Identifier: Apache-2.0
// The register protocol of Sealift (rtl/csr/sealift.rdl) with the golden library in place of the engines: software
// only, for `--backend golden` and for tests of what drives a device. A job runs whole in wait(); cycles are an
// estimate of 16 bytes each.
#pragma once
#include <memory>

#include "device/device.h"

namespace sealift::device {

class GoldenDevice : public Device {
 public:
  /// `algorithms`: bit n for algorithm n that the build is to have; tests leave some out.
  explicit GoldenDevice(std::uint16_t algorithms = 0x1ff);
  ~GoldenDevice() override;

  void write_memory(std::uint64_t address, ConstSpan bytes) override;
  void read_memory(std::uint64_t address, Span bytes) override;
  void release_memory(std::uint64_t address, std::uint64_t bytes) override;
  Interrupts wait(std::uint64_t limit) override;
  [[nodiscard]] Interrupts interrupts() const override;
  [[nodiscard]] std::uint64_t cycles() const override;
  void reset() override;
  void start_waves(const std::string& path) override;
  void stop_waves() override {}
  [[nodiscard]] std::string backend() const override { return "golden"; }

  /// Pages of memory held, for tests of constant memory.
  [[nodiscard]] std::size_t resident_pages() const;
  /// The next job ends with this status in place of running, for tests.
  void fail_next_job(Status status);

 protected:
  ReadResult bus_read(Port port, std::uint32_t offset) override;
  Response bus_write(Port port, std::uint32_t offset, std::uint32_t value) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sealift::device
