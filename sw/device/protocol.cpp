// SPDX-License-Identifier: Apache-2.0
#include "device/protocol.h"

#include <fmt/format.h>

#include "device/generated/sealift_host_regs.h"
#include "device/generated/sealift_regs.h"

namespace sealift::device {

std::string_view name(Kind kind) { return kind == Kind::Guest ? "guest memory" : "stream"; }

std::string_view name(ListKind kind) {
  switch (kind) {
    case ListKind::None:
      return "no list";
    case ListKind::Pages:
      return "page list";
    case ListKind::Ranges:
      return "list of ranges";
    case ListKind::Bitmap:
      return "dirty bitmap";
    case ListKind::Table:
      return "page table";
  }
  return "unknown list";
}

std::string_view name(RequestState state) {
  switch (state) {
    case RequestState::Idle:
      return "idle";
    case RequestState::Requested:
      return "requested";
    case RequestState::Refused:
      return "refused";
    case RequestState::Accepted:
      return "accepted";
    case RequestState::Running:
      return "running";
    case RequestState::Done:
      return "done";
    case RequestState::Failed:
      return "failed";
  }
  return "unknown";
}

std::string_view explain(Reason reason) {
  switch (reason) {
    case Reason::None:
      return "no reason";
    case Reason::Kinds:
      return "source and target make neither a migrate-out nor a migrate-in";
    case Reason::Algorithm:
      return "the algorithm is unknown, absent or not allowed by the policy";
    case Reason::Order:
      return "the order is unknown, not allowed by the policy, or does not go with the algorithm";
    case Reason::Address:
      return "an address that this VMM may not name";
    case Reason::Length:
      return "a length that is zero, not a multiple, or too large";
    case Reason::Stream:
      return "the stream is unknown, over or broken";
    case Reason::Flags:
      return "begin or end does not fit the state of the stream";
    case Reason::Padding:
      return "the padding or level is unknown or not allowed by the policy";
    case Reason::Metadata:
      return "the metadata block is not allowed";
    case Reason::Key:
      return "no key for the stream, or no free key slot";
    case Reason::Policy:
      return "another rule of the policy forbids it";
    case Reason::Internal:
      return "the security processor failed";
  }
  return "a reason that this software does not know";
}

Counters& Counters::operator+=(const Counters& o) {
  pages += o.pages;
  fill_pages += o.fill_pages;
  records += o.records;
  bytes_in += o.bytes_in;
  bytes_out += o.bytes_out;
  body_bytes += o.body_bytes;
  stored += o.stored;
  fixed += o.fixed;
  dynamic += o.dynamic;
  unverified += o.unverified;
  cycles += o.cycles;
  stall_memory += o.stall_memory;
  stall_lane += o.stall_lane;
  stall_cipher += o.stall_cipher;
  stall_writer += o.stall_writer;
  return *this;
}

void write_request(Device& device, const Request& request) {
  sealift_host__REQ_CONFIG_t config{};
  config.f.source_kind = static_cast<std::uint32_t>(request.source_kind) & 1U;
  config.f.target_kind = static_cast<std::uint32_t>(request.target_kind) & 1U;
  config.f.begin_stream = request.begin_stream ? 1U : 0U;
  config.f.end_stream = request.end_stream ? 1U : 0U;
  config.f.algorithm = request.algorithm & 15U;
  config.f.order = request.order & 7U;
  config.f.effort = static_cast<std::uint32_t>(request.level) & 1U;
  config.f.pad = request.pad & 7U;
  config.f.list_kind = static_cast<std::uint32_t>(request.list_kind) & 7U;
  device.write(Port::Host, SEALIFT_HOST_REQ_CONFIG, config.w);
  device.write(Port::Host, SEALIFT_HOST_REQ_STREAM, request.stream);
  device.write(Port::Host, SEALIFT_HOST_REQ_META_LEN, request.metadata_bytes);
  device.write64(Port::Host, SEALIFT_HOST_REQ_SRC_LO, request.source);
  device.write64(Port::Host, SEALIFT_HOST_REQ_SRC_LEN_LO, request.source_bytes);
  device.write64(Port::Host, SEALIFT_HOST_REQ_DST_LO, request.target);
  device.write64(Port::Host, SEALIFT_HOST_REQ_DST_LEN_LO, request.target_bytes);
  device.write64(Port::Host, SEALIFT_HOST_REQ_GPA_LO, request.guest_address);
  device.write64(Port::Host, SEALIFT_HOST_REQ_META_ADDR_LO, request.metadata);
  device.write64(Port::Host, SEALIFT_HOST_REQ_LIST_LO, request.list);
  device.write64(Port::Host, SEALIFT_HOST_REQ_LIST_LEN_LO, request.list_bytes);
  device.write64(Port::Host, SEALIFT_HOST_REQ_RECORD_LO, request.record);
  device.write(Port::Host, SEALIFT_HOST_REQ_TAG, request.tag);
}

Request read_request(Device& device, Port port) {
  const auto word = [&](std::uint32_t offset) { return device.read(port, offset); };
  const auto wide = [&](std::uint32_t offset) { return word(offset) | (std::uint64_t{word(offset + 4)} << 32); };
  sealift_host__REQ_CONFIG_t config{};
  config.w = word(SEALIFT_HOST_REQ_CONFIG);
  Request request;
  request.source_kind = static_cast<Kind>(config.f.source_kind);
  request.target_kind = static_cast<Kind>(config.f.target_kind);
  request.begin_stream = config.f.begin_stream != 0;
  request.end_stream = config.f.end_stream != 0;
  request.algorithm = static_cast<std::uint8_t>(config.f.algorithm);
  request.order = static_cast<std::uint8_t>(config.f.order);
  request.level = static_cast<Level>(config.f.effort);
  request.pad = static_cast<std::uint8_t>(config.f.pad);
  request.stream = word(SEALIFT_HOST_REQ_STREAM);
  request.metadata_bytes = word(SEALIFT_HOST_REQ_META_LEN);
  request.source = wide(SEALIFT_HOST_REQ_SRC_LO);
  request.source_bytes = wide(SEALIFT_HOST_REQ_SRC_LEN_LO);
  request.target = wide(SEALIFT_HOST_REQ_DST_LO);
  request.target_bytes = wide(SEALIFT_HOST_REQ_DST_LEN_LO);
  request.guest_address = wide(SEALIFT_HOST_REQ_GPA_LO);
  request.metadata = wide(SEALIFT_HOST_REQ_META_ADDR_LO);
  request.list_kind = static_cast<ListKind>(config.f.list_kind);
  request.list = wide(SEALIFT_HOST_REQ_LIST_LO);
  request.list_bytes = wide(SEALIFT_HOST_REQ_LIST_LEN_LO);
  request.record = wide(SEALIFT_HOST_REQ_RECORD_LO);
  request.tag = word(SEALIFT_HOST_REQ_TAG);
  return request;
}

Capabilities read_capabilities(Device& device, Port port) {
  const std::uint32_t expected = port == Port::Host ? 0x54464C53 : 0x53464C53;
  if (const auto id = device.read(port, SEALIFT_HOST_ID); id != expected) {
    throw std::runtime_error(fmt::format("not a Sealift: its identification is {:#010x}", id));
  }
  if (const auto version = device.read(port, SEALIFT_HOST_VERSION); (version >> 8) != 1) {
    throw std::runtime_error(
        fmt::format("a Sealift of register map {:#x}, which this software does not know", version));
  }
  sealift_host__CAP_FORMATS_t formats{};
  sealift_host__CAP_UNITS_t units{};
  sealift_host__CAP_BUS_t bus{};
  formats.w = device.read(port, SEALIFT_HOST_CAP_FORMATS);
  units.w = device.read(port, SEALIFT_HOST_CAP_UNITS);
  bus.w = device.read(port, SEALIFT_HOST_CAP_BUS);
  Capabilities caps;
  caps.algorithms = static_cast<std::uint16_t>(formats.f.algorithms);
  caps.orders = static_cast<std::uint8_t>(formats.f.orders);
  caps.compress_lanes = static_cast<std::uint8_t>(units.f.compress_lanes);
  caps.inflate_lanes = static_cast<std::uint8_t>(units.f.inflate_lanes);
  caps.key_slots = static_cast<std::uint8_t>(units.f.key_slots);
  caps.windows = static_cast<std::uint8_t>(units.f.windows);
  caps.data_bits = static_cast<std::uint16_t>(bus.f.data_bits);
  caps.max_reads = static_cast<std::uint8_t>(bus.f.max_reads);
  caps.max_writes = static_cast<std::uint8_t>(bus.f.max_writes);
  sealift_host__CAP_JOBS_t jobs{};
  jobs.w = device.read(port, SEALIFT_HOST_CAP_JOBS);
  caps.queue = static_cast<std::uint8_t>(jobs.f.depth);
  caps.lists = static_cast<std::uint8_t>(jobs.f.lists);
  return caps;
}

Completion read_completion(Device& device, std::uint64_t address) {
  std::array<std::uint8_t, kCompletionBytes> bytes{};
  device.read_memory(address, bytes);
  const auto word = [&](std::size_t i) { return get_le<std::uint64_t>(bytes, 8 * i); };
  Completion c;
  c.pages = word(0);
  c.bytes_in = word(1);
  c.bytes_out = word(2);
  c.last_sequence = word(3);
  c.cycles = word(4);
  c.error_address = word(5);
  c.records = word(6);
  c.tag = get_le<std::uint32_t>(bytes, 56);
  c.status = static_cast<Status>(bytes[60]);
  c.written = bytes[63] != 0;
  return c;
}

Counters read_counters(Device& device, Port port) {
  Counters c;
  c.pages = device.read64(port, SEALIFT_HOST_PAGES_LO);
  c.fill_pages = device.read64(port, SEALIFT_HOST_FILL_PAGES_LO);
  c.records = device.read64(port, SEALIFT_HOST_RECORDS_LO);
  c.bytes_in = device.read64(port, SEALIFT_HOST_BYTES_IN_LO);
  c.bytes_out = device.read64(port, SEALIFT_HOST_BYTES_OUT_LO);
  c.body_bytes = device.read64(port, SEALIFT_HOST_BODY_BYTES_LO);
  c.stored = device.read(port, SEALIFT_HOST_STORED);
  c.fixed = device.read(port, SEALIFT_HOST_FIXED);
  c.dynamic = device.read(port, SEALIFT_HOST_DYNAMIC);
  c.unverified = device.read(port, SEALIFT_HOST_UNVERIFIED);
  c.cycles = device.read64(port, SEALIFT_HOST_CYCLES_LO);
  c.stall_memory = device.read64(port, SEALIFT_HOST_STALL_MEMORY_LO);
  c.stall_lane = device.read64(port, SEALIFT_HOST_STALL_LANE_LO);
  c.stall_cipher = device.read64(port, SEALIFT_HOST_STALL_CIPHER_LO);
  c.stall_writer = device.read64(port, SEALIFT_HOST_STALL_WRITER_LO);
  return c;
}

}  // namespace sealift::device
