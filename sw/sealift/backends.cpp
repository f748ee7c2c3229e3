// SPDX-License-Identifier: Apache-2.0
// Which devices a build of the command can make.
#include "device/golden_device.h"
#include "sealift/files.h"
#include "sealift/session.h"
#ifdef SEALIFT_HAVE_RTL
#include "device/rtl_device.h"
#endif

namespace sealift::command {

std::unique_ptr<device::Device> make_device(const std::string& backend, std::optional<unsigned> latency) {
  if (latency && backend != "rtl") throw UserError("--latency is of the simulated memory: --backend rtl");
  if (backend == "golden") return std::make_unique<device::GoldenDevice>();
#ifdef SEALIFT_HAVE_RTL
  if (backend == "rtl") {
    device::RtlOptions options;
    if (latency) options.read_latency = options.write_latency = *latency;
    return std::make_unique<device::RtlDevice>(options);
  }
#endif
  throw UserError("backend " + backend + " is not in this build");
}

std::string default_backend() {
#ifdef SEALIFT_HAVE_RTL
  return "rtl";
#else
  return "golden";
#endif
}

}  // namespace sealift::command
