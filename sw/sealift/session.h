// SPDX-License-Identifier: Apache-2.0
// One device with its security processor and its VMM: takes requests through the four steps.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "device/device.h"
#include "security_processor/security_processor.h"
#include "vmm/vmm.h"

namespace sealift::command {

/// Where the simulated machine has what. The policy opens these ranges.
inline constexpr std::uint64_t kGuestBase = 0x0001'0000'0000;
inline constexpr std::uint64_t kStreamBase = 0x4000'0000'0000;
inline constexpr std::uint64_t kMetadataBase = 0x7000'0000'0000;
inline constexpr std::uint64_t kListBase = 0x7100'0000'0000;
inline constexpr std::uint64_t kRecordBase = 0x7200'0000'0000;

struct JobResult {
  vmm::Outcome outcome;
  std::string refusal;       ///< of a refused request: the security processor's words
  std::uint64_t cycles = 0;  ///< from the job's start to its completion interrupt
};

/// When a job ran: clock cycles of the device from its construction.
struct JobSpan {
  bool out = true;
  std::uint64_t start = 0, end = 0;
};

class Session {
 public:
  Session(std::unique_ptr<device::Device> device, security_processor::Policy policy);

  /// Called now and then while a job runs, with the cycles since its start.
  using Progress = std::function<void(const device::Counters&, std::uint64_t cycles)>;

  /// Request, judgment, start, migration; returns when it is over. Throws std::runtime_error when the device hangs, or
  /// raises its alert.
  JobResult run(const device::Request& request, const Progress& progress = {});

  device::Device& device() { return *device_; }
  security_processor::SecurityProcessor& security_processor() { return *security_processor_; }
  vmm::Vmm& vmm() { return *vmm_; }
  [[nodiscard]] const device::Capabilities& capabilities() const { return caps_; }
  /// The jobs that ended so far.
  [[nodiscard]] const std::vector<JobSpan>& jobs() const { return jobs_; }
  /// A handle that no stream of this session had.
  std::uint32_t new_stream() { return next_stream_++; }

 private:
  std::unique_ptr<device::Device> device_;
  std::unique_ptr<security_processor::SecurityProcessor> security_processor_;
  std::unique_ptr<vmm::Vmm> vmm_;
  device::Capabilities caps_;
  std::uint32_t next_stream_ = 1;
  std::vector<JobSpan> jobs_;
};

/// "rtl" or "golden". `latency`: cycles in which the rtl device's memory answers, where not the usual ones. Throws
/// UserError for a backend that is not in this build, and for a latency of a device without memory timing.
std::unique_ptr<device::Device> make_device(const std::string& backend, std::optional<unsigned> latency = {});
/// "rtl" where the build has it.
std::string default_backend();

}  // namespace sealift::command
