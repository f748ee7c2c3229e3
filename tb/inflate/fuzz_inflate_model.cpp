// SPDX-License-Identifier: Apache-2.0
// libFuzzer on the bit-exact model: its verdict and its page must be zlib's. The corpus it found is replayed
// through the RTL by test_inflate_lane. Build: see docs/inflate.md.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "inflate/reference.h"
#include "model/inflate_model.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 8191) return 0;
  const sealift::tb::Bytes stream(data, data + size);
  const auto expected = sealift::tb::zlib_verdict(stream);
  const auto got = sealift::model::inflate_page(stream);
  if (static_cast<unsigned>(got.status) != static_cast<unsigned>(expected.status)) std::abort();
  if (got.page != expected.page) std::abort();
  return 0;
}
