// SPDX-License-Identifier: Apache-2.0
// Images of any size through a device, a chunk at a time, in constant memory.
#pragma once
#include <functional>

#include "sealift/files.h"
#include "sealift/session.h"
#include "vmm/lists.h"

namespace sealift::command {

struct MigrateOptions {
  Algorithm algorithm = Algorithm::Aes256Gcm;
  Order order = Order::CompressThenEncrypt;
  Level level = Level::Default;
  std::uint32_t bucket = 16;         ///< payload lengths round up to it, bytes
  bool pad = false;                  ///< out: fill an image up to whole pages
  std::uint32_t chunk_pages = 1024;  ///< guest pages of one job
  bool metadata = true;              ///< out: write the image's length
  /// In: what was agreed. Without it, what the header says goes, as the policy allows; without a tag it must be agreed.
  std::optional<Algorithm> agreed_algorithm;
  std::optional<Order> agreed_order;
  /// Out: only these pages travel.
  std::optional<vmm::DirtyBitmap> selection;
  /// In: the image onto which the stream's pages go; without it a stream of selected pages is refused.
  Source* onto = nullptr;
};

/// One look at a running migration.
struct Sample {
  std::uint64_t cycles = 0;  ///< of jobs alone
  std::uint64_t pages = 0;
  std::uint64_t bytes_in = 0, bytes_out = 0;
};

struct MigrateResult {
  device::Counters counters;  ///< sums over all jobs
  std::uint64_t cycles = 0;   ///< from each job's start to its completion interrupt, summed
  std::uint64_t jobs = 0;
  std::uint64_t image_bytes = 0;
  std::uint64_t stream_bytes = 0;
  std::uint64_t pages = 0;
  double seconds = 0;  ///< wall clock, all of it
  std::vector<Sample> samples;
};

/// Sees progress: pages done of pages in all (0 where nobody knows).
using Watch = std::function<void(std::uint64_t done, std::uint64_t all)>;

/// Reads an image, writes its stream. Throws UserError with one line on whatever goes wrong; the target is then to be
/// thrown away.
MigrateResult migrate_out(Session& session, Source& image, Target& stream, security_processor::Credential credential,
                          const MigrateOptions& options, const Watch& watch = {});

/// Reads a stream, writes its image.
MigrateResult migrate_in(Session& session, Source& stream, Target& image, security_processor::Credential credential,
                         const MigrateOptions& options, const Watch& watch = {});

}  // namespace sealift::command
