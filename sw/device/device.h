// SPDX-License-Identifier: Apache-2.0
// One Sealift accelerator as software sees it: registers of two ports, the memory that its DMA reaches, interrupts.
// Behind it sit the backends; security processor, VMM driver and command know nothing else of the hardware.
#pragma once
#include <functional>
#include <stdexcept>
#include <string>

#include "common/types.h"

namespace sealift::device {

enum class Port { Host, Secure };

/// AXI4-Lite responses (Arm IHI 0022H, A3.4.4).
enum class Response : std::uint8_t { Okay = 0, SlaveError = 2, DecodeError = 3 };

struct ReadResult {
  std::uint32_t data = 0;
  Response response = Response::Okay;
};

/// The level of the interrupt lines.
struct Interrupts {
  bool host = false;
  bool secure = false;
  bool alert = false;
  [[nodiscard]] bool any() const { return host || secure || alert; }
};

/// A register access that the device answered with an error.
class BusError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// One register access, for logs.
struct Access {
  Port port = Port::Host;
  bool write = false;
  std::uint32_t offset = 0;  ///< bytes
  std::uint32_t value = 0;   ///< zero for key material, which is never shown
  bool secret = false;       ///< key material
  Response response = Response::Okay;
};

class Device {
 public:
  Device() = default;
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;
  virtual ~Device() = default;

  /// Register accesses that hand back the response. `offset` in bytes, a multiple of 4 below 4,096.
  ReadResult try_read(Port port, std::uint32_t offset);
  Response try_write(Port port, std::uint32_t offset, std::uint32_t value);

  /// The same; throw BusError on any response but OKAY.
  std::uint32_t read(Port port, std::uint32_t offset);
  void write(Port port, std::uint32_t offset, std::uint32_t value);
  /// A pair of registers, low word at `offset`. Of a live counter the value is consistent.
  std::uint64_t read64(Port port, std::uint32_t offset);
  void write64(Port port, std::uint32_t offset, std::uint64_t value);

  /// Memory behind the AXI master, at any byte address. What was never written reads as zero.
  virtual void write_memory(std::uint64_t address, ConstSpan bytes) = 0;
  virtual void read_memory(std::uint64_t address, Span bytes) = 0;
  /// Gives memory back; its content is zero from now on. Both multiples of 4,096.
  virtual void release_memory(std::uint64_t address, std::uint64_t bytes) = 0;

  /// Lets time pass until an interrupt line is high, or for `limit` cycles.
  virtual Interrupts wait(std::uint64_t limit) = 0;
  [[nodiscard]] virtual Interrupts interrupts() const = 0;
  /// Clock cycles since construction; a backend without a clock estimates.
  [[nodiscard]] virtual std::uint64_t cycles() const = 0;
  virtual void reset() = 0;

  /// Waves from now on into an FST file; throws std::runtime_error where the build has none.
  virtual void start_waves(const std::string& path) = 0;
  virtual void stop_waves() = 0;
  /// Assertions of the hardware, and protocol checks of its bus, that failed so far.
  [[nodiscard]] virtual unsigned failures() const { return 0; }
  /// "rtl", "golden"
  [[nodiscard]] virtual std::string backend() const = 0;

  /// Sees every register access from now on; an empty function ends it. Key material is masked.
  using Trace = std::function<void(const Access&)>;
  void set_trace(Trace trace) { trace_ = std::move(trace); }
  [[nodiscard]] const Trace& trace() const { return trace_; }

 protected:
  virtual ReadResult bus_read(Port port, std::uint32_t offset) = 0;
  virtual Response bus_write(Port port, std::uint32_t offset, std::uint32_t value) = 0;

 private:
  Trace trace_;
};

/// Silences a device's trace for its own lifetime: for polls that would drown a log.
class Quiet {
 public:
  explicit Quiet(Device& device) : device_(device), trace_(device.trace()) { device_.set_trace({}); }
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;
  ~Quiet() { device_.set_trace(std::move(trace_)); }

 private:
  Device& device_;
  Device::Trace trace_;
};

/// "host.DOORBELL", "secure.WINDOW[1].CTRL"; the offset in hexadecimal where there is no register.
std::string register_name(Port port, std::uint32_t offset);
/// Key material, which no log may show.
bool is_secret(Port port, std::uint32_t offset);
/// "write host.DOORBELL 0x1"
std::string to_string(const Access& access);

}  // namespace sealift::device
