// SPDX-License-Identifier: Apache-2.0
// The second step: is a request a migrate-out or a migrate-in, and is it allowed?
#pragma once
#include <string>

#include "security_processor/keys.h"
#include "security_processor/policy.h"

namespace sealift::security_processor {

struct Judgment {
  bool accept = false;
  Direction direction = Direction::Out;
  device::Reason reason = device::Reason::None;  ///< of a refusal: what the host reads
  std::string text;                              ///< the same for a person, with the value at fault
  std::string requester;                         ///< who asked, by the policy's name
};

/// What the security processor knows of the stream that a request names.
struct StreamState {
  bool provisioned = false;            ///< it may begin
  KeySource source = KeySource::None;  ///< where its key comes from
  bool active = false;                 ///< begun, and neither over nor broken
  Direction direction = Direction::Out;
  Algorithm algorithm = Algorithm::None;
  Order order = Order::Copy;
};

struct Range {
  std::uint64_t base = 0, bytes = 0;
  bool operator==(const Range&) const = default;
};

/// The window that `bytes` bytes need: whole words of the bus, which is what memory sees and the firewall looks at.
Range window_of(std::uint64_t base, std::uint64_t bytes, const device::Capabilities& caps);

/// Judges from the request's configuration alone: no register is touched.
Judgment judge(const device::Request& request, const Policy& policy, const device::Capabilities& caps,
               const StreamState& stream);

}  // namespace sealift::security_processor
