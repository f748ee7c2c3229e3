// SPDX-License-Identifier: Apache-2.0
#include "security_processor/security_processor.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "device/generated/sealift_regs.h"
#include "device/generated/sealift_secure_regs.h"

namespace sealift::security_processor {

using device::Port;
using device::Reason;
using device::Request;

namespace {
constexpr auto kPort = Port::Secure;
constexpr unsigned kWindowsNeeded = 3;  // source, target, metadata
constexpr int kPolls = 100000;

/// A request that is refused for what came to light after it was accepted.
class Refusal : public std::runtime_error {
 public:
  Refusal(Reason why, const std::string& text) : std::runtime_error(text), reason(why) {}
  Reason reason;
};
}  // namespace

SecurityProcessor::SecurityProcessor(device::Device& device, Policy policy)
    : device_(device), policy_(std::move(policy)) {}

void SecurityProcessor::boot() {
  spdlog::info("boot: the security processor looks at the hardware and sets its policy");
  caps_ = device::read_capabilities(device_, kPort);
  if (caps_.windows < kWindowsNeeded) throw std::runtime_error("the device has too few memory windows");
  for (int i = 0; (device_.read(kPort, SEALIFT_SECURE_ZEROIZE) & SEALIFT_SECURE__ZEROIZE__BUSY_bm) != 0; ++i) {
    if (i == kPolls) throw std::runtime_error("the key store does not come out of its wipe");
  }
  std::uint32_t policy = policy_.orders & SEALIFT_SECURE__POLICY__ORDERS_bm;
  if (policy_.unauthenticated) policy |= SEALIFT_SECURE__POLICY__ALLOW_UNTAGGED_bm;
  if (policy_.lock_policy) policy |= SEALIFT_SECURE__POLICY__LOCK_bm;
  device_.write(kPort, SEALIFT_SECURE_POLICY, policy);
  device_.write(kPort, SEALIFT_SECURE_TIMEOUT, policy_.timeout_cycles);
  device_.write(kPort, SEALIFT_SECURE_IRQ_ENABLE,
                SEALIFT_SECURE__IRQ_ENABLE__DOORBELL_bm | SEALIFT_SECURE__IRQ_ENABLE__JOB_DONE_bm |
                    SEALIFT_SECURE__IRQ_ENABLE__FAULT_bm);
}

void SecurityProcessor::provision(std::uint32_t stream, Credential credential) {
  streams_[stream].credential = std::move(credential);
}

void SecurityProcessor::service() {
  const auto pending = device_.read(kPort, SEALIFT_SECURE_IRQ_STATE);
  // Acknowledged first: what comes meanwhile is not lost.
  if (pending != 0) device_.write(kPort, SEALIFT_SECURE_IRQ_STATE, pending);
  if ((pending & SEALIFT_SECURE__IRQ_STATE__FAULT_bm) != 0) take_fault();
  if ((pending & SEALIFT_SECURE__IRQ_STATE__JOB_DONE_bm) != 0) take_job_end();
  if ((pending & SEALIFT_SECURE__IRQ_STATE__DOORBELL_bm) != 0) take_doorbell();
}

void SecurityProcessor::answer(bool accept, Reason reason) {
  sealift_secure__JUDGMENT_t judgment{};
  judgment.f.accept = accept ? 1 : 0;
  judgment.f.reason = static_cast<std::uint8_t>(reason);
  device_.write(kPort, SEALIFT_SECURE_JUDGMENT, judgment.w);
}

void SecurityProcessor::take_doorbell() {
  // Windows are opened for just one job: a request that comes while one runs is judged after it.
  if (running_) return;
  const auto status = device_.read(kPort, SEALIFT_SECURE_REQ_STATUS);
  if ((status & SEALIFT_SECURE__REQ_STATUS__PENDING_bm) == 0) return;
  spdlog::info("judgment: of the request that rang");
  device_.write(kPort, SEALIFT_SECURE_REQ_ACK, 1);
  const Request request = device::read_request(device_, kPort);
  const auto found = streams_.find(request.stream);
  StreamState state;
  if (found != streams_.end()) {
    const Stream& stream = found->second;
    state = {stream.credential.has_value(),
             stream.credential ? source_of(*stream.credential) : KeySource::None,
             stream.active,
             stream.direction,
             stream.algorithm,
             stream.order};
  }
  judgment_ = judge(request, policy_, caps_, state);
  std::optional<unsigned> slot;
  if (judgment_.accept && request.begin_stream) {
    slot = free_slot();
    if (!slot) {
      judgment_.accept = false;
      judgment_.reason = Reason::Key;
      judgment_.text = "no key slot is free";
    }
  }
  if (!judgment_.accept) {
    spdlog::info("judgment: refused, {}", judgment_.text);
    answer(false, judgment_.reason);
    return;
  }
  spdlog::info("judgment: accepted, a {} that {} asks for", name(judgment_.direction), judgment_.requester);
  answer(true, Reason::None);

  Stream& stream = found->second;
  try {
    spdlog::info("start: {}windows, job, go", request.begin_stream ? "key, " : "");
    if (request.begin_stream) {
      stream.slot = *slot;
      begin_stream(stream, request, judgment_);
    }
    start(stream, request, judgment_.direction);
    running_ = request.stream;
    running_ends_ = request.end_stream;
    spdlog::info("migration: the job runs");
  } catch (const Refusal& refusal) {
    take_back(request.stream, refusal.reason, refusal.what());
  } catch (const std::exception& error) {
    take_back(request.stream, Reason::Internal, error.what());
  }
}

void SecurityProcessor::take_back(std::uint32_t handle, Reason reason, const std::string& text) {
  judgment_.accept = false;
  judgment_.reason = reason;
  judgment_.text = text;
  spdlog::info("start: failed, {}", text);
  answer(false, reason);
  close_windows();
  end_stream(handle);
}

std::optional<unsigned> SecurityProcessor::free_slot() {
  for (unsigned slot = 0; slot < caps_.key_slots; ++slot) {
    device_.write(kPort, SEALIFT_SECURE_SLOT_SELECT, slot);
    const auto status = device_.read(kPort, SEALIFT_SECURE_SLOT_STATUS);
    if ((status & (SEALIFT_SECURE__SLOT_STATUS__VALID_bm | SEALIFT_SECURE__SLOT_STATUS__LOCKED_bm)) == 0) return slot;
  }
  return std::nullopt;
}

void SecurityProcessor::begin_stream(Stream& stream, const Request& request, const Judgment& judgment) {
  stream.direction = judgment.direction;
  stream.algorithm = static_cast<Algorithm>(request.algorithm);
  stream.order = static_cast<Order>(request.order);

  // Out: a fresh id, salt and key pair. In: those of the stream, whose header the hardware verifies with the key
  // derived here.
  std::array<std::uint8_t, 80> header{};
  std::optional<Secret> ephemeral;
  const bool exchanges = source_of(*stream.credential) == KeySource::Exchange;
  if (judgment.direction == Direction::Out) {
    std::array<std::uint8_t, 20> fresh{};
    random_bytes(fresh);
    PublicKey field{};
    if (exchanges) {
      ephemeral = make_private_key();
      field = public_key(*ephemeral);
    }
    header = header_start(stream.algorithm, stream.order, ConstSpan(fresh).first(16), ConstSpan(fresh).last(4), field);
  } else {
    device_.read_memory(request.source, Span(header).first(std::min<std::size_t>(header.size(), request.source_bytes)));
    // What the hardware will compare: not the source's own words for what was judged.
    header[12] = request.algorithm;
    header[13] = request.order;
    if (!exchanges) std::fill(header.begin() + 48, header.end(), std::uint8_t{0});
  }
  std::copy_n(header.begin() + 16, stream.id.size(), stream.id.begin());
  if (judgment.direction == Direction::In && stream.algorithm != Algorithm::None && received_.count(stream.id) != 0) {
    throw Refusal(Reason::Stream, "this stream came in before: a replay");
  }
  try {
    StreamKey key;
    if (stream.algorithm != Algorithm::None) {
      key = derive_key(*stream.credential, ephemeral ? &*ephemeral : nullptr, header);
    }
    stream.credential.reset();
    install_key(stream, key, header);
  } catch (const KeyError& error) {
    throw Refusal(Reason::Key, error.what());
  }
  stream.active = true;
  if (policy_.lock_slots) device_.write(kPort, SEALIFT_SECURE_SLOT_LOCK, stream.slot);
}

void SecurityProcessor::install_key(const Stream& stream, const StreamKey& key, ConstSpan header) {
  const auto stage = [&](std::uint32_t offset, ConstSpan bytes) {
    for (std::size_t at = 0; at < bytes.size(); at += 4) {
      device_.write(kPort, offset + static_cast<std::uint32_t>(at), get_le<std::uint32_t>(bytes, at));
    }
  };
  const KeyLength length = key_length(stream.algorithm);
  stage(SEALIFT_SECURE_KEY, key.key.span().first(length.key));
  stage(SEALIFT_SECURE_TWEAK_KEY, key.tweak.span().first(length.tweak));
  stage(SEALIFT_SECURE_STREAM_ID, header.subspan(16, 16));
  stage(SEALIFT_SECURE_SALT, header.subspan(32, 4));
  stage(SEALIFT_SECURE_KDF_PUBLIC, header.subspan(48, 32));
  sealift_secure__SLOT_CONFIG_t config{};
  config.f.algorithm = static_cast<std::uint8_t>(stream.algorithm) & 15U;
  config.f.direction = static_cast<std::uint8_t>(stream.direction) & 1U;
  device_.write(kPort, SEALIFT_SECURE_SLOT_CONFIG, config.w);
  device_.write(kPort, SEALIFT_SECURE_KEY_INSTALL, stream.slot);
  const auto result = device_.read(kPort, SEALIFT_SECURE_KEY_STATUS) & SEALIFT_SECURE__KEY_STATUS__RESULT_bm;
  if (result != SEALIFT_KEY_RESULT_OK) {
    throw std::runtime_error(fmt::format("the hardware refused the key: result {}", result));
  }
}

void SecurityProcessor::open_window(std::uint64_t base, std::uint64_t bytes, bool read, bool write) {
  if (bytes == 0) return;
  const std::uint32_t at = windows_++ * SEALIFT_SECURE_WINDOW_STRIDE;
  const Range window = window_of(base, bytes, caps_);
  device_.write64(kPort, SEALIFT_SECURE_WINDOW_BASE_LO + at, window.base);
  device_.write64(kPort, SEALIFT_SECURE_WINDOW_LIMIT_LO + at, window.base + window.bytes - 1);
  device_.write(kPort, SEALIFT_SECURE_WINDOW_CTRL + at, 1U | (read ? 2U : 0U) | (write ? 4U : 0U));
}

void SecurityProcessor::close_windows() {
  while (windows_ > 0) device_.write(kPort, SEALIFT_SECURE_WINDOW_CTRL + --windows_ * SEALIFT_SECURE_WINDOW_STRIDE, 0);
}

void SecurityProcessor::start(const Stream& stream, const Request& request, Direction direction) {
  const bool out = direction == Direction::Out;
  const bool has_list = request.list_kind != device::ListKind::None;
  open_window(request.source, request.source_bytes, true, false);
  open_window(request.target, request.target_bytes, false, true);
  open_window(request.metadata, request.metadata_bytes, out, !out);
  open_window(request.list, has_list ? request.list_bytes : 0, true, false);
  open_window(request.record, request.record != 0 ? device::kCompletionBytes : 0, false, true);

  sealift_secure__JOB_CONFIG_t config{};
  config.f.direction = out ? 0 : 1;
  config.f.effort = static_cast<std::uint8_t>(request.level) & 1U;
  config.f.begin_stream = request.begin_stream ? 1 : 0;
  config.f.end_stream = request.end_stream ? 1 : 0;
  config.f.algorithm = request.algorithm & 15U;
  config.f.order = request.order & 7U;
  config.f.pad = request.pad & 7U;
  config.f.slot = stream.slot & 15U;
  config.f.list_kind = static_cast<std::uint8_t>(request.list_kind) & 7U;
  config.f.verify = policy_.verify_pages ? 1 : 0;
  device_.write(kPort, SEALIFT_SECURE_JOB_CONFIG, config.w);
  device_.write(kPort, SEALIFT_SECURE_JOB_META_LEN, request.metadata_bytes);
  device_.write64(kPort, SEALIFT_SECURE_JOB_SRC_LO, request.source);
  device_.write64(kPort, SEALIFT_SECURE_JOB_SRC_LEN_LO, request.source_bytes);
  device_.write64(kPort, SEALIFT_SECURE_JOB_DST_LO, request.target);
  device_.write64(kPort, SEALIFT_SECURE_JOB_DST_LEN_LO, request.target_bytes);
  device_.write64(kPort, SEALIFT_SECURE_JOB_GPA_LO, request.guest_address);
  device_.write64(kPort, SEALIFT_SECURE_JOB_META_ADDR_LO, request.metadata);
  device_.write64(kPort, SEALIFT_SECURE_JOB_LIST_LO, request.list);
  device_.write64(kPort, SEALIFT_SECURE_JOB_LIST_LEN_LO, request.list_bytes);
  device_.write64(kPort, SEALIFT_SECURE_JOB_RECORD_LO, request.record);
  device_.write(kPort, SEALIFT_SECURE_JOB_TAG, request.tag);
  start_cycle_ = device_.cycles();
  device_.write(kPort, SEALIFT_SECURE_JOB_START, 1);
  sealift_secure__JOB_STATUS_t status{};
  status.w = device_.read(kPort, SEALIFT_SECURE_JOB_STATUS);
  if (status.f.start_code != 0) {
    const auto code = static_cast<Status>(status.f.start_code);
    throw std::runtime_error(fmt::format("the hardware refused the job: {} ({})", name(code), explain(code)));
  }
}

void SecurityProcessor::take_job_end() {
  if (!running_) return;
  sealift_secure__JOB_STATUS_t status{};
  status.w = device_.read(kPort, SEALIFT_SECURE_JOB_STATUS);
  const auto code = static_cast<Status>(status.f.code);
  spdlog::info("migration: the job ended, {} ({})", name(code), explain(code));
  close_windows();
  const auto handle = *running_;
  running_.reset();
  const auto found = streams_.find(handle);
  if (code == Status::Ok && running_ends_ && found != streams_.end() && found->second.direction == Direction::In) {
    received_.insert(found->second.id);
  }
  if (code != Status::Ok || running_ends_) end_stream(handle);
  take_doorbell();
}

void SecurityProcessor::end_stream(std::uint32_t handle) {
  const auto found = streams_.find(handle);
  if (found == streams_.end()) return;
  if (found->second.active && !policy_.lock_slots) {
    device_.write(kPort, SEALIFT_SECURE_SLOT_CLEAR, found->second.slot);
  }
  streams_.erase(found);  // its secret, if any, is wiped with it
}

void SecurityProcessor::take_fault() {
  const auto alert = device_.read(kPort, SEALIFT_SECURE_ALERT);
  spdlog::error("the hardware detected a fault in itself and wiped its keys: ALERT {:#x}", alert);
  streams_.clear();
}

void SecurityProcessor::zeroize() {
  spdlog::info("zeroize: all keys are wiped");
  device_.write(kPort, SEALIFT_SECURE_ZEROIZE, 1);
  streams_.clear();
}

}  // namespace sealift::security_processor
