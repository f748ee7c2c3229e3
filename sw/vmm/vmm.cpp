// SPDX-License-Identifier: Apache-2.0
#include "vmm/vmm.h"

#include <spdlog/spdlog.h>

#include "device/generated/sealift_host_regs.h"
#include "device/generated/sealift_regs.h"

namespace sealift::vmm {

using device::Port;
using device::RequestState;

device::Capabilities Vmm::open() {
  spdlog::info("boot: the VMM looks at the hardware");
  const auto caps = device::read_capabilities(device_, Port::Host);
  device_.write(Port::Host, SEALIFT_HOST_IRQ_ENABLE,
                SEALIFT_HOST__IRQ_ENABLE__JUDGED_bm | SEALIFT_HOST__IRQ_ENABLE__DONE_bm);
  return caps;
}

RequestState Vmm::state() {
  const auto status = device_.read(Port::Host, SEALIFT_HOST_STATUS);
  return static_cast<RequestState>((status & SEALIFT_HOST__STATUS__STATE_bm) >> SEALIFT_HOST__STATUS__STATE_bp);
}

void Vmm::submit(const device::Request& request) {
  switch (state()) {
    case RequestState::Requested:
    case RequestState::Accepted:
    case RequestState::Running:
      throw std::logic_error("a request is pending or running");
    default:
      break;
  }
  spdlog::info("request: {} {:#x}+{:#x} to {} {:#x}+{:#x}, {}, {}, stream {}{}{}", name(request.source_kind),
               request.source, request.source_bytes, name(request.target_kind), request.target, request.target_bytes,
               name(static_cast<Algorithm>(request.algorithm)), name(static_cast<Order>(request.order)), request.stream,
               request.begin_stream ? ", begin" : "", request.end_stream ? ", end" : "");
  if (request.list_kind != device::ListKind::None) {
    spdlog::info("         {} {:#x}+{:#x}", name(request.list_kind), request.list, request.list_bytes);
  }
  device::write_request(device_, request);
  device_.write(Port::Host, SEALIFT_HOST_DOORBELL, 1);
}

bool Vmm::service() {
  const auto pending = device_.read(Port::Host, SEALIFT_HOST_IRQ_STATE);
  if (pending != 0) device_.write(Port::Host, SEALIFT_HOST_IRQ_STATE, pending);
  const auto now = state();
  return now == RequestState::Refused || now == RequestState::Done || now == RequestState::Failed;
}

Outcome Vmm::outcome() {
  sealift_host__STATUS_t status{};
  status.w = device_.read(Port::Host, SEALIFT_HOST_STATUS);
  Outcome outcome;
  outcome.state = static_cast<RequestState>(status.f.state);
  outcome.reason = static_cast<device::Reason>(status.f.reason);
  if (outcome.state == RequestState::Failed) {
    outcome.status = static_cast<Status>(status.f.job_code);
    outcome.error_address = device_.read64(Port::Host, SEALIFT_HOST_ERROR_ADDR_LO);
  }
  outcome.counters = progress();
  return outcome;
}

}  // namespace sealift::vmm
