// SPDX-License-Identifier: Apache-2.0
// The stub of the security processor. It owns the secure port: it judges requests, installs keys, opens memory windows
// for just the job, starts it, and wipes what is over. It has no thread of its own: the harness calls service() while
// the secure interrupt is high.
#pragma once
#include <map>
#include <optional>
#include <set>

#include "security_processor/judgment.h"
#include "security_processor/keys.h"

namespace sealift::security_processor {

class SecurityProcessor {
 public:
  /// `device` must outlive it.
  SecurityProcessor(device::Device& device, Policy policy);
  SecurityProcessor(const SecurityProcessor&) = delete;
  SecurityProcessor& operator=(const SecurityProcessor&) = delete;

  /// Identifies the hardware, sets and locks its policy register, enables interrupts. Call once after reset.
  /// Throws std::runtime_error when the device is no Sealift or does not come out of its wipe.
  void boot();

  /// Hands over what the key of the stream that requests will name by `stream` comes from. It serves one stream: when
  /// the key is installed, it is wiped.
  void provision(std::uint32_t stream, Credential credential);

  /// Takes the secure port's interrupt: doorbell, end of job, fault.
  void service();

  /// Wipes every key in hardware and every secret here, and ends the running job.
  void zeroize();

  /// The last judgment, for logs and for the user at the command line.
  [[nodiscard]] const Judgment& last_judgment() const { return judgment_; }
  /// Cycle at which the last JOB_START was written.
  [[nodiscard]] std::uint64_t start_cycle() const { return start_cycle_; }
  [[nodiscard]] const device::Capabilities& capabilities() const { return caps_; }

 private:
  struct Stream {
    std::optional<Credential> credential;
    bool active = false;
    unsigned slot = 0;
    std::array<std::uint8_t, 16> id{};
    Direction direction = Direction::Out;
    Algorithm algorithm = Algorithm::None;
    Order order = Order::Copy;
  };

  void take_doorbell();
  void take_job_end();
  void take_fault();
  /// Throws Refusal, or std::runtime_error when the hardware refuses.
  void begin_stream(Stream& stream, const device::Request& request, const Judgment& judgment);
  void install_key(const Stream& stream, const StreamKey& key, ConstSpan header);
  void start(const Stream& stream, const device::Request& request, Direction direction);
  /// Opens the next window that is closed; none for no bytes.
  void open_window(std::uint64_t base, std::uint64_t bytes, bool read, bool write);
  void close_windows();
  void end_stream(std::uint32_t handle);
  void answer(bool accept, device::Reason reason);
  /// Refuses a request that was accepted and has not started, and ends its stream.
  void take_back(std::uint32_t handle, device::Reason reason, const std::string& text);
  [[nodiscard]] std::optional<unsigned> free_slot();

  device::Device& device_;
  Policy policy_;
  device::Capabilities caps_;
  std::map<std::uint32_t, Stream> streams_;
  std::set<std::array<std::uint8_t, 16>> received_;  // ids of streams that came in whole: none comes in twice
  std::optional<std::uint32_t> running_;             // handle of the stream whose job runs
  bool running_ends_ = false;
  unsigned windows_ = 0;  // open, from the first on
  Judgment judgment_;
  std::uint64_t start_cycle_ = 0;
};

}  // namespace sealift::security_processor
