// SPDX-License-Identifier: Apache-2.0
// A pre-copy migration, played through: a guest that goes on writing, rounds by dirty bitmap, a receiver that lands
// pages by a page table.
#pragma once
#include "sealift/migrate.h"

namespace sealift::command {

struct PrecopyOptions {
  MigrateOptions migrate;
  std::uint64_t seed = 1;        ///< of what the guest writes, and of where the receiver's pages lie
  unsigned rounds = 8;           ///< at most
  unsigned write_percent = 25;   ///< pages that the guest writes while a round runs, of those that the round sends
  std::uint64_t stop_pages = 4;  ///< so few dirty pages are left: the guest stops, the last round goes out
};

struct PrecopyRound {
  std::uint64_t pages = 0, fill_pages = 0;
  std::uint64_t stream_bytes = 0;
  std::uint64_t cycles_out = 0, cycles_in = 0;  ///< by the completion records
};

struct PrecopyResult {
  std::vector<PrecopyRound> rounds;
  std::uint64_t pages = 0;       ///< of the guest
  std::uint64_t mismatches = 0;  ///< pages of the receiver that differ from the guest's in the end
};

/// `secrets`: the same secret for either side. Throws UserError with one line on whatever goes wrong.
PrecopyResult precopy(Session& session, ConstSpan image, security_processor::Secret sender,
                      security_processor::Secret receiver, const PrecopyOptions& options);

struct PrecopyCommand {
  std::string pages;
  std::optional<std::string> key_file;
  PrecopyOptions options;
  std::string backend;
  security_processor::Policy policy;
};

/// The command; returns its exit code.
int precopy(const PrecopyCommand& command);

}  // namespace sealift::command
