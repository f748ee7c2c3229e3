// SPDX-License-Identifier: Apache-2.0
#include "security_processor/judgment.h"

#include <fmt/format.h>

#include <algorithm>

namespace sealift::security_processor {
namespace {

using device::Kind;
using device::Reason;
using device::Request;

bool in_memory(const Policy& policy, const device::Capabilities& caps, Kind kind, std::uint64_t base,
               std::uint64_t length) {
  if (length == 0) return true;
  const auto [address, bytes] = window_of(base, length, caps);
  for (const auto& range : policy.memory) {
    if (range.kind == kind && address >= range.base && address <= range.limit && bytes - 1 <= range.limit - address) {
      return true;
    }
  }
  return false;
}

/// Bytes of an entry; of a bitmap and a page table what the hardware reads at a time.
std::uint64_t entry_bytes(device::ListKind kind) { return kind == device::ListKind::Ranges ? 32 : 16; }

bool overlap(std::uint64_t a, std::uint64_t a_bytes, std::uint64_t b, std::uint64_t b_bytes) {
  if (a_bytes == 0 || b_bytes == 0) return false;
  return a <= b ? b - a < a_bytes : a - b < b_bytes;
}

}  // namespace

Range window_of(std::uint64_t base, std::uint64_t bytes, const device::Capabilities& caps) {
  const std::uint64_t word = std::max(caps.data_bits / 8U, 1U);
  const std::uint64_t first = base / word * word;
  return {first, (base - first + bytes + word - 1) / word * word};
}

Judgment judge(const Request& request, const Policy& policy, const device::Capabilities& caps,
               const StreamState& stream) {
  Judgment judgment;
  const auto refuse = [&](Reason reason, std::string text) {
    judgment.reason = reason;
    judgment.text = std::move(text);
    return judgment;
  };

  const auto requester = std::find_if(policy.requesters.begin(), policy.requesters.end(), [&](const Requester& r) {
    return request.stream >= r.first && request.stream <= r.last;
  });
  if (requester == policy.requesters.end()) {
    return refuse(Reason::Policy, fmt::format("stream {} belongs to nobody who may ask", request.stream));
  }
  judgment.requester = requester->name;

  // The direction follows from what source and target are.
  if (request.source_kind == request.target_kind) {
    return refuse(Reason::Kinds, fmt::format("from {} to {} is neither a migrate-out nor a migrate-in",
                                             name(request.source_kind), name(request.target_kind)));
  }
  judgment.direction = request.source_kind == Kind::Guest ? Direction::Out : Direction::In;
  const bool out = judgment.direction == Direction::Out;

  const auto algorithm = static_cast<Algorithm>(request.algorithm);
  if (request.algorithm > static_cast<std::uint8_t>(Algorithm::Sm4Ctr)) {
    return refuse(Reason::Algorithm, fmt::format("there is no algorithm of number {}", request.algorithm));
  }
  if (((caps.algorithms >> request.algorithm) & 1) == 0) {
    return refuse(Reason::Algorithm, fmt::format("this build does not have the algorithm {}", name(algorithm)));
  }
  if (((policy.algorithms >> request.algorithm) & 1) == 0) {
    return refuse(Reason::Algorithm, fmt::format("the policy does not allow the algorithm {}", name(algorithm)));
  }
  if (!authenticates(algorithm) && !policy.unauthenticated) {
    return refuse(Reason::Algorithm, fmt::format("the policy does not allow {}, which has no tag", name(algorithm)));
  }

  const auto order = static_cast<Order>(request.order);
  if (request.order > static_cast<std::uint8_t>(Order::Copy)) {
    return refuse(Reason::Order, fmt::format("there is no order of number {}", request.order));
  }
  if (((caps.orders >> request.order) & 1) == 0) {
    return refuse(Reason::Order, fmt::format("this build does not have the order {}", name(order)));
  }
  if (((policy.orders >> request.order) & 1) == 0) {
    return refuse(Reason::Order, fmt::format("the policy does not allow the order {}", name(order)));
  }
  if (!match(order, algorithm)) {
    return refuse(Reason::Order, fmt::format("order {} does not go with algorithm {}", name(order), name(algorithm)));
  }

  if (request.pad >= kPadBuckets.size()) {
    return refuse(Reason::Padding, fmt::format("there is no padding bucket of number {}", request.pad));
  }
  if (((policy.pads >> request.pad) & 1) == 0) {
    return refuse(Reason::Padding,
                  fmt::format("the policy does not allow padding to {} bytes", kPadBuckets[request.pad]));
  }
  if (((policy.levels >> static_cast<unsigned>(request.level)) & 1) == 0) {
    return refuse(Reason::Padding, fmt::format("the policy does not allow the level {}",
                                               request.level == Level::Best ? "best" : "default"));
  }

  const std::uint64_t unit = out ? kPageBytes : kBlockBytes;
  if (request.source_bytes % unit != 0) {
    return refuse(Reason::Length, fmt::format("source of {} bytes, not a multiple of {}", request.source_bytes, unit));
  }
  if (request.source_bytes == 0 && !(out && request.end_stream)) return refuse(Reason::Length, "empty source");
  if (request.source_bytes / kPageBytes > policy.max_pages) {
    return refuse(Reason::Length, fmt::format("source of {} bytes, more than the policy allows", request.source_bytes));
  }
  if (!out && request.target_bytes % kPageBytes != 0) {
    return refuse(Reason::Length,
                  fmt::format("guest memory of {} bytes, not a multiple of 4096", request.target_bytes));
  }

  const std::uint64_t target_unit = out ? kBlockBytes : kPageBytes;
  if (request.source % unit != 0 || request.target % target_unit != 0 || request.guest_address % kPageBytes != 0 ||
      request.metadata % kBlockBytes != 0) {
    return refuse(Reason::Address, "an address is not aligned");
  }
  if (!in_memory(policy, caps, request.source_kind, request.source, request.source_bytes)) {
    return refuse(Reason::Address, fmt::format("source {:#x}+{:#x} lies outside the {} that the policy opens",
                                               request.source, request.source_bytes, name(request.source_kind)));
  }
  if (!in_memory(policy, caps, request.target_kind, request.target, request.target_bytes)) {
    return refuse(Reason::Address, fmt::format("target {:#x}+{:#x} lies outside the {} that the policy opens",
                                               request.target, request.target_bytes, name(request.target_kind)));
  }
  if (overlap(request.source, request.source_bytes, request.target, request.target_bytes)) {
    return refuse(Reason::Address, "source and target overlap");
  }

  if (request.list_kind != device::ListKind::None) {
    const auto kind = request.list_kind;
    if (((caps.lists >> static_cast<unsigned>(kind)) & 1) == 0 || (kind == device::ListKind::Table) == out) {
      return refuse(Reason::Kinds, fmt::format("a {} is not for a {}", name(kind), name(judgment.direction)));
    }
    if (request.list_bytes == 0 || request.list_bytes % entry_bytes(kind) != 0) {
      return refuse(Reason::Length, fmt::format("{} of {} bytes, not a multiple of {}", name(kind), request.list_bytes,
                                                entry_bytes(kind)));
    }
    if (request.list_bytes / entry_bytes(kind) > policy.max_pages) {
      return refuse(Reason::Length,
                    fmt::format("{} of {} bytes, more than the policy allows", name(kind), request.list_bytes));
    }
    // Like metadata it lies in memory that is not the guest's.
    if (request.list % kBlockBytes != 0 || !in_memory(policy, caps, Kind::Stream, request.list, request.list_bytes) ||
        overlap(request.list, request.list_bytes, request.source, request.source_bytes) ||
        overlap(request.list, request.list_bytes, request.target, request.target_bytes)) {
      return refuse(Reason::Address, fmt::format("{} at {:#x} lies where it may not", name(kind), request.list));
    }
  }
  if (request.record != 0) {
    constexpr auto kBytes = device::kCompletionBytes;
    if (request.record % kBytes != 0 || !in_memory(policy, caps, Kind::Stream, request.record, kBytes) ||
        overlap(request.record, kBytes, request.source, request.source_bytes) ||
        overlap(request.record, kBytes, request.target, request.target_bytes) ||
        overlap(request.record, kBytes, request.list, request.list_bytes) ||
        overlap(request.record, kBytes, request.metadata, request.metadata_bytes)) {
      return refuse(Reason::Address, fmt::format("completion record at {:#x} lies where it may not", request.record));
    }
  }
  const unsigned windows = (request.source_bytes != 0 ? 1U : 0U) + 1U + (request.metadata_bytes != 0 ? 1U : 0U) +
                           (request.list_kind != device::ListKind::None ? 1U : 0U) + (request.record != 0 ? 1U : 0U);
  if (windows > caps.windows) {
    return refuse(Reason::Policy, fmt::format("it needs {} memory windows of {}", windows, caps.windows));
  }

  if (request.metadata_bytes != 0) {
    if (!policy.metadata) return refuse(Reason::Metadata, "the policy does not allow metadata");
    if (request.metadata_bytes > kMaxMetadataBytes || request.metadata_bytes % kBlockBytes != 0) {
      return refuse(Reason::Metadata, fmt::format("metadata of {} bytes", request.metadata_bytes));
    }
    // Metadata lies beside the stream, in memory that is not the guest's.
    if (!in_memory(policy, caps, Kind::Stream, request.metadata, request.metadata_bytes) ||
        overlap(request.metadata, request.metadata_bytes, request.source, request.source_bytes) ||
        overlap(request.metadata, request.metadata_bytes, request.target, request.target_bytes)) {
      return refuse(Reason::Metadata, fmt::format("metadata at {:#x} lies where it may not", request.metadata));
    }
  }

  if (request.begin_stream) {
    if (stream.active) return refuse(Reason::Flags, fmt::format("stream {} has begun already", request.stream));
    const bool keyed = algorithm != Algorithm::None;
    if (!stream.provisioned || (keyed && stream.source == KeySource::None)) {
      return refuse(Reason::Key, fmt::format("no secret for stream {}", request.stream));
    }
    if (keyed && ((policy.key_sources >> static_cast<unsigned>(stream.source)) & 1) == 0) {
      return refuse(Reason::Key, fmt::format("the policy does not allow {} keys", name(stream.source)));
    }
  } else {
    if (!stream.active)
      return refuse(Reason::Stream, fmt::format("stream {} is unknown, over or broken", request.stream));
    if (stream.direction != judgment.direction || stream.algorithm != algorithm || stream.order != order) {
      return refuse(Reason::Stream, fmt::format("stream {} was begun with another configuration", request.stream));
    }
  }
  judgment.accept = true;
  return judgment;
}

}  // namespace sealift::security_processor
