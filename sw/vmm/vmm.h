// SPDX-License-Identifier: Apache-2.0
// The host's side of a migration: writes a request, rings the doorbell, and reads what became of it. It touches the
// host port alone.
#pragma once
#include "device/protocol.h"

namespace sealift::vmm {

/// What became of a request.
struct Outcome {
  device::RequestState state = device::RequestState::Idle;
  device::Reason reason = device::Reason::None;  ///< of a refusal
  Status status = Status::Ok;                    ///< of a failed job
  std::uint64_t error_address = 0;  ///< of a failed job: memory address, or offset in the source for stream errors
  device::Counters counters;
  [[nodiscard]] bool done() const { return state == device::RequestState::Done; }
};

class Vmm {
 public:
  /// `device` must outlive the driver.
  explicit Vmm(device::Device& device) : device_(device) {}

  /// Reads what the build has and enables the interrupts of the host port. Throws std::runtime_error when the device
  /// is no Sealift.
  device::Capabilities open();

  /// Writes the request and rings the doorbell. Throws std::logic_error while one is pending or running.
  void submit(const device::Request& request);
  /// Takes the host port's interrupt: acknowledges it and reads the state. True when the request is over.
  bool service();
  /// Reads status and counters of a request that is over.
  Outcome outcome();
  /// Counters of the running job.
  device::Counters progress() { return device::read_counters(device_, device::Port::Host); }

 private:
  device::RequestState state();
  device::Device& device_;
};

}  // namespace sealift::vmm
