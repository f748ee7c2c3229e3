// SPDX-License-Identifier: Apache-2.0
// What the security processor allows, read from TOML (policy.toml shows every key).
#pragma once
#include <stdexcept>
#include <string>
#include <vector>

#include "device/protocol.h"

namespace sealift::security_processor {

/// A policy that cannot be read; what() is one line that names the place.
class PolicyError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct MemoryRange {
  device::Kind kind = device::Kind::Guest;
  std::uint64_t base = 0;   ///< first byte
  std::uint64_t limit = 0;  ///< last byte
};

/// A VMM, by the handles of its streams.
struct Requester {
  std::string name;
  std::uint32_t first = 0, last = 0;
};

struct Policy {
  std::uint16_t algorithms = 0;  ///< bit n: algorithm n
  std::uint8_t key_sources = 0;  ///< bit n: KeySource n
  std::uint8_t orders = 0;       ///< bit n: order n
  std::uint8_t levels = 0;       ///< bit n: level n
  std::uint8_t pads = 0;         ///< bit n: bucket number n
  bool unauthenticated = false;
  std::uint64_t max_pages = 0;
  bool metadata = true;
  bool lock_policy = true;
  bool lock_slots = false;
  bool verify_pages = true;  ///< out: each page is decompressed again before it is sealed
  std::uint32_t timeout_cycles = 0;
  std::vector<Requester> requesters;
  std::vector<MemoryRange> memory;

  /// The policy that is built in.
  static Policy built_in();
  /// Reads TOML over the built-in policy. Unknown keys are errors. Throws PolicyError.
  static Policy parse(const std::string& text, const std::string& name);
  static Policy load(const std::string& path);

  /// Allows what is not protected against change, too: algorithms without a tag, none among them, with its orders.
  void allow_unprotected();
};

}  // namespace sealift::security_processor
