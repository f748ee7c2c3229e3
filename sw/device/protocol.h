// SPDX-License-Identifier: Apache-2.0
// What the VMM and the security processor tell each other through the registers: rtl/csr/sealift.rdl in C++.
#pragma once
#include "device/device.h"

namespace sealift::device {

enum class Kind : std::uint8_t { Guest = 0, Stream = 1 };
std::string_view name(Kind kind);

/// How it is said which pages move (out), or where they land (in).
enum class ListKind : std::uint8_t {
  None = 0,    ///< one range; in: at target + guest physical address
  Pages = 1,   ///< out: a page list
  Ranges = 2,  ///< out: a list of ranges
  Bitmap = 3,  ///< out: a dirty bitmap
  Table = 4,   ///< in: a page table
};
std::string_view name(ListKind kind);

/// A migration request, as the VMM writes it and the security processor reads it.
struct Request {
  Kind source_kind = Kind::Guest;
  Kind target_kind = Kind::Stream;
  bool begin_stream = false;
  bool end_stream = false;
  std::uint8_t algorithm = 1;  ///< sealift::Algorithm, as it stands in the register: judged, not trusted
  std::uint8_t order = 0;      ///< sealift::Order, the same
  std::uint8_t pad = 0;        ///< number of the payload bucket
  Level level = Level::Default;
  std::uint32_t stream = 0;          ///< handle, agreed between VMM and security processor
  std::uint32_t metadata_bytes = 0;  ///< out: of the block; in: room for one
  std::uint64_t source = 0;          ///< address
  std::uint64_t source_bytes = 0;
  std::uint64_t target = 0;  ///< address; in: where guest physical address 0 is
  std::uint64_t target_bytes = 0;
  std::uint64_t guest_address = 0;  ///< out: of the first page
  std::uint64_t metadata = 0;       ///< address of the metadata block
  /// With a list of pages or ranges, source and its bytes say where its pages may lie; with a page table, target and
  /// its bytes where they may land.
  ListKind list_kind = ListKind::None;
  std::uint64_t list = 0;  ///< address
  std::uint64_t list_bytes = 0;
  std::uint64_t record = 0;  ///< address of the completion record, 0 = none
  std::uint32_t tag = 0;     ///< comes back in it
};

enum class RequestState : std::uint8_t { Idle, Requested, Refused, Accepted, Running, Done, Failed };
std::string_view name(RequestState state);

/// Why a request is refused.
enum class Reason : std::uint8_t {
  None = 0,
  Kinds = 1,
  Algorithm = 2,
  Order = 3,
  Address = 4,
  Length = 5,
  Stream = 6,
  Flags = 7,
  Padding = 8,
  Metadata = 9,
  Key = 10,
  Policy = 11,
  Internal = 255,
};
/// "the policy does not allow the algorithm, or there is none of that number"
std::string_view explain(Reason reason);

/// What a build has.
struct Capabilities {
  std::uint16_t algorithms = 0;  ///< bit n: algorithm n
  std::uint8_t orders = 0;       ///< bit n: order n
  std::uint8_t compress_lanes = 0, inflate_lanes = 0, key_slots = 0, windows = 0;
  std::uint16_t data_bits = 0;
  std::uint8_t max_reads = 0, max_writes = 0;
  std::uint8_t queue = 0;  ///< jobs that can wait
  std::uint8_t lists = 0;  ///< bit n: list kind n
};

/// Counts of one job. Bytes, pages and cycles.
struct Counters {
  std::uint64_t pages = 0, fill_pages = 0, records = 0;
  std::uint64_t bytes_in = 0, bytes_out = 0, body_bytes = 0;
  std::uint32_t stored = 0, fixed = 0, dynamic = 0;  ///< page bodies by kind of DEFLATE block
  std::uint32_t unverified = 0;  ///< out: pages that did not decompress to themselves, and went out stored
  std::uint64_t cycles = 0;
  std::uint64_t stall_memory = 0, stall_lane = 0, stall_cipher = 0, stall_writer = 0;

  Counters& operator+=(const Counters& other);
};

/// What a job leaves in memory at its end.
struct Completion {
  bool written = false;
  Status status = Status::Ok;
  std::uint32_t tag = 0;
  std::uint64_t pages = 0, records = 0, bytes_in = 0, bytes_out = 0, cycles = 0;
  std::uint64_t last_sequence = 0;
  std::uint64_t error_address = 0;
};
inline constexpr std::size_t kCompletionBytes = 64;
Completion read_completion(Device& device, std::uint64_t address);

/// Both ports show these at the same offsets.
void write_request(Device& device, const Request& request);  // host port only
Request read_request(Device& device, Port port);
/// Throws std::runtime_error when the port is not a Sealift of register map version 1.
Capabilities read_capabilities(Device& device, Port port);
Counters read_counters(Device& device, Port port);

}  // namespace sealift::device
