// SPDX-License-Identifier: Apache-2.0
#include "device/device.h"

#include <fmt/format.h>

#include <map>

#include "device/generated/sealift_regs.h"

namespace sealift::device {
namespace {

struct NamedRegister {
  Port port;
  const char* name;
  std::uint32_t offset;
};

constexpr NamedRegister kRegisters[] = {
#include "register_names.inc"  // from generated/sealift_regs.h, by CMake
};

}  // namespace

ReadResult Device::try_read(Port port, std::uint32_t offset) {
  const ReadResult result = bus_read(port, offset);
  if (trace_) {
    const bool secret = is_secret(port, offset);
    trace_({port, false, offset, secret ? 0 : result.data, secret, result.response});
  }
  return result;
}

Response Device::try_write(Port port, std::uint32_t offset, std::uint32_t value) {
  const Response response = bus_write(port, offset, value);
  if (trace_) {
    const bool secret = is_secret(port, offset);
    trace_({port, true, offset, secret ? 0 : value, secret, response});
  }
  return response;
}

std::uint32_t Device::read(Port port, std::uint32_t offset) {
  const ReadResult result = try_read(port, offset);
  if (result.response != Response::Okay) throw BusError("read of " + register_name(port, offset) + " was refused");
  return result.data;
}

void Device::write(Port port, std::uint32_t offset, std::uint32_t value) {
  if (try_write(port, offset, value) != Response::Okay) {
    throw BusError("write of " + register_name(port, offset) + " was refused");
  }
}

std::uint64_t Device::read64(Port port, std::uint32_t offset) {
  std::uint32_t high = read(port, offset + 4);
  for (;;) {
    const std::uint32_t low = read(port, offset);
    const std::uint32_t again = read(port, offset + 4);
    if (again == high) return (std::uint64_t{high} << 32) | low;
    high = again;
  }
}

void Device::write64(Port port, std::uint32_t offset, std::uint64_t value) {
  write(port, offset, static_cast<std::uint32_t>(value));
  write(port, offset + 4, static_cast<std::uint32_t>(value >> 32));
}

bool is_secret(Port port, std::uint32_t offset) {
  const auto inside = [&](std::uint32_t base, std::uint32_t words) {
    return offset >= base && offset < base + 4 * words;
  };
  return port == Port::Secure && (inside(SEALIFT_SECURE_KEY, SEALIFT_SECURE_KEY_WORDS) ||
                                  inside(SEALIFT_SECURE_TWEAK_KEY, SEALIFT_SECURE_TWEAK_KEY_WORDS));
}

std::string register_name(Port port, std::uint32_t offset) {
  const auto indexed = [&](const char* name, std::uint32_t base, std::uint32_t words) -> std::string {
    if (port != Port::Secure || offset < base || offset >= base + 4 * words) return {};
    return fmt::format("secure.{}[{}]", name, (offset - base) / 4);
  };
  for (const auto& text : {indexed("KEY", SEALIFT_SECURE_KEY, SEALIFT_SECURE_KEY_WORDS),
                           indexed("TWEAK_KEY", SEALIFT_SECURE_TWEAK_KEY, SEALIFT_SECURE_TWEAK_KEY_WORDS),
                           indexed("KDF_PUBLIC", SEALIFT_SECURE_KDF_PUBLIC, SEALIFT_SECURE_KDF_PUBLIC_WORDS),
                           indexed("STREAM_ID", SEALIFT_SECURE_STREAM_ID, SEALIFT_SECURE_STREAM_ID_WORDS)}) {
    if (!text.empty()) return text;
  }
  std::uint32_t canonical = offset;
  std::string prefix = port == Port::Host ? "host." : "secure.";
  constexpr std::uint32_t kWindows = SEALIFT_SECURE_WINDOW_BASE_LO;
  if (port == Port::Secure && offset >= kWindows && offset < kWindows + 16 * SEALIFT_SECURE_WINDOW_STRIDE) {
    canonical = kWindows + (offset - kWindows) % SEALIFT_SECURE_WINDOW_STRIDE;
    for (const auto& reg : kRegisters) {
      if (reg.port == port && reg.offset == canonical) {
        return fmt::format("secure.WINDOW[{}].{}", (offset - kWindows) / SEALIFT_SECURE_WINDOW_STRIDE,
                           std::string_view(reg.name).substr(7));
      }
    }
  }
  for (const auto& reg : kRegisters) {
    if (reg.port == port && reg.offset == canonical) return prefix + reg.name;
  }
  return fmt::format("{}{:#05x}", prefix, offset);
}

std::string to_string(const Access& access) {
  const std::string value = access.secret ? "(hidden)" : fmt::format("{:#x}", access.value);
  return fmt::format("{} {} {}{}", access.write ? "write" : "read ", register_name(access.port, access.offset), value,
                     access.response == Response::Okay ? "" : "  refused");
}

}  // namespace sealift::device
