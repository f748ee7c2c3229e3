// SPDX-License-Identifier: Apache-2.0
#include "sealift/session.h"

#include <spdlog/spdlog.h>

namespace sealift::command {
namespace {
constexpr std::uint64_t kSlice = 20000;          // cycles between two looks at the progress
constexpr std::uint64_t kHangLimit = 3'000'000;  // cycles without progress; memory's own time limit is shorter
}  // namespace

Session::Session(std::unique_ptr<device::Device> device, security_processor::Policy policy)
    : device_(std::move(device)) {
  device_->set_trace([](const device::Access& access) { spdlog::debug("  {}", device::to_string(access)); });
  security_processor_ = std::make_unique<security_processor::SecurityProcessor>(*device_, std::move(policy));
  vmm_ = std::make_unique<vmm::Vmm>(*device_);
  security_processor_->boot();
  caps_ = vmm_->open();
}

JobResult Session::run(const device::Request& request, const Progress& progress) {
  JobResult result;
  vmm_->submit(request);
  std::uint64_t moved = 0;
  std::uint64_t moved_at = device_->cycles();
  for (bool over = false;;) {
    const device::Interrupts lines = device_->wait(kSlice);
    const std::uint64_t now = device_->cycles();
    if (lines.alert) {
      security_processor_->service();
      throw std::runtime_error("the hardware raised its alert");
    }
    if (lines.secure) security_processor_->service();
    if (lines.host && vmm_->service()) {
      over = true;
      result.cycles = now - security_processor_->start_cycle();
    }
    if (over && !device_->interrupts().secure) break;
    if (lines.any()) continue;
    const device::Quiet quiet(*device_);
    const device::Counters counters = vmm_->progress();
    if (progress) progress(counters, now - security_processor_->start_cycle());
    if (const auto sum = counters.pages + counters.records + counters.bytes_in + counters.bytes_out; sum != moved) {
      moved = sum;
      moved_at = now;
    } else if (now - moved_at > kHangLimit) {
      throw std::runtime_error("the device does not move: no end of the job in sight");
    }
  }
  result.outcome = vmm_->outcome();
  if (result.outcome.state == device::RequestState::Refused) {
    result.refusal = security_processor_->last_judgment().text;
    result.cycles = 0;
    return result;
  }
  const std::uint64_t start = security_processor_->start_cycle();
  jobs_.push_back({request.source_kind == device::Kind::Guest, start, start + result.cycles});
  if (progress) progress(result.outcome.counters, result.cycles);
  return result;
}

}  // namespace sealift::command
