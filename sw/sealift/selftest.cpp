// SPDX-License-Identifier: Apache-2.0
#include "sealift/selftest.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "golden/writer.h"
#include "sealift/bench.h"
#include "sealift/precopy.h"

namespace sealift::command {
namespace {

/// Pages of each kind: zero, one word, one byte set, text that repeats, counted words, noise.
Bytes sample_image(std::size_t pages) {
  Bytes image(pages * kPageBytes, 0);
  std::uint64_t state = 0x5ea11f7;
  const auto noise = [&] {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return static_cast<std::uint8_t>(state >> 24);
  };
  constexpr std::string_view kText = "a page of guest memory travels sealed and comes back as it was; ";
  for (std::size_t p = 0; p < pages; ++p) {
    const Span page = Span(image).subspan(p * kPageBytes, kPageBytes);
    switch (p % 6) {
      case 0:
        break;
      case 1:
        for (std::size_t i = 0; i < page.size(); ++i) page[i] = static_cast<std::uint8_t>(0x11 * (i % 8));
        break;
      case 2:
        page[p % kPageBytes] = 1;
        break;
      case 3:
        for (std::size_t i = 0; i < page.size(); ++i)
          page[i] = static_cast<std::uint8_t>(kText[(i * (1 + i / 700)) % kText.size()]);
        break;
      case 4:
        for (std::size_t i = 0; i < page.size(); i += 4)
          put_le<std::uint32_t>(page, i, static_cast<std::uint32_t>(p * 1000 + i));
        break;
      default:
        for (auto& b : page) b = noise();
    }
  }
  return image;
}

security_processor::Secret test_secret(std::uint8_t first) {
  security_processor::Secret secret;
  for (std::size_t i = 0; i < kSecretBytes; ++i) secret.span()[i] = static_cast<std::uint8_t>(first + i);
  return secret;
}

}  // namespace

int selftest(const std::string& backend, const security_processor::Policy& policy) {
  security_processor::Policy open = policy;
  open.allow_unprotected();
  Session session(make_device(backend), open);
  const Bytes image = sample_image(24);
  int failed = 0;
  const auto check = [&](const std::string& what, const std::function<std::string()>& body) {
    std::string trouble;
    try {
      trouble = body();
    } catch (const std::exception& error) {
      trouble = error.what();
    }
    fmt::print("  {:<72} {}\n", what, trouble.empty() ? "ok" : "FAILED: " + trouble);
    failed += trouble.empty() ? 0 : 1;
  };

  // Every order, and every algorithm that the build has.
  std::vector<std::pair<Order, Algorithm>> kinds{{Order::CompressThenEncrypt, Algorithm::Aes256Gcm},
                                                 {Order::EncryptThenCompress, Algorithm::Aes256Gcm},
                                                 {Order::EncryptOnly, Algorithm::Aes256Gcm},
                                                 {Order::CompressOnly, Algorithm::None},
                                                 {Order::Copy, Algorithm::None}};
  for (const auto algorithm : all_algorithms()) {
    const bool there = ((session.capabilities().algorithms >> static_cast<unsigned>(algorithm)) & 1) != 0;
    if (there && algorithm > Algorithm::Aes256Gcm) kinds.emplace_back(Order::CompressThenEncrypt, algorithm);
  }
  for (const auto& [order, algorithm] : kinds) {
    const std::string kind =
        algorithm == Algorithm::None ? std::string(name(order)) : fmt::format("{}, {}", name(order), name(algorithm));
    MigrateOptions options;
    options.order = order;
    options.algorithm = algorithm;
    options.agreed_algorithm = algorithm;
    options.chunk_pages = 10;
    check(fmt::format("{}: out, golden check, in", kind), [&] {
      const BothWays both = both_ways(session, image, options);
      if (!both.trouble.empty()) return both.trouble;
      return both.mismatches == 0 ? std::string{} : fmt::format("{} pages differ", both.mismatches);
    });
    check(fmt::format("{}: a stream of zlib -9 and OpenSSL comes in", kind), [&] {
      golden::StreamHeader header;
      header.order = options.order;
      header.algorithm = options.algorithm;
      security_processor::random_bytes(header.stream_id);
      golden::WriterOptions writing;
      writing.deflate.level = 9;
      Bytes stream;
      golden::Writer writer(header, test_secret(1).span(), writing,
                            [&](ConstSpan bytes) { stream.insert(stream.end(), bytes.begin(), bytes.end()); });
      for (std::size_t at = 0; at < image.size(); at += kPageBytes)
        writer.add_page(at, ConstSpan(image).subspan(at, kPageBytes));
      writer.finish();
      MemorySource source(stream, "stream");
      MemoryTarget restored;
      migrate_in(session, source, restored, test_secret(1), options);
      return restored.bytes() == image ? std::string{} : std::string("the image differs");
    });
    check(fmt::format("{}: one flipped bit is refused", kind), [&] {
      MemorySource source(image, "image");
      MemoryTarget made;
      migrate_out(session, source, made, test_secret(2), options);
      Bytes stream = made.bytes();
      stream[stream.size() * 2 / 3] ^= 4;
      MemorySource bad(stream, "stream");
      MemoryTarget restored;
      try {
        migrate_in(session, bad, restored, test_secret(2), options);
      } catch (const UserError&) {
        return std::string{};
      }
      return std::string("it was taken");
    });
  }
  check("a wrong key is refused", [&] {
    MigrateOptions options;
    MemorySource source(image, "image");
    MemoryTarget made;
    migrate_out(session, source, made, test_secret(3), options);
    MemorySource back(made.bytes(), "stream");
    MemoryTarget restored;
    try {
      migrate_in(session, back, restored, test_secret(4), options);
    } catch (const UserError&) {
      return restored.bytes().empty() ? std::string{} : std::string("pages were delivered");
    }
    return std::string("it was taken");
  });
  check("pre-copy: dirty rounds by bitmap, landing by a page table", [&] {
    PrecopyOptions options;
    options.write_percent = 40;
    const PrecopyResult result = precopy(session, image, test_secret(5), test_secret(5), options);
    if (result.rounds.size() < 2) return std::string("there was one round");
    return result.mismatches == 0 ? std::string{} : fmt::format("{} pages differ", result.mismatches);
  });
  const auto exchange = [](std::uint8_t own, std::uint8_t peer) {
    return security_processor::Exchange{test_secret(own), security_processor::public_key(test_secret(peer))};
  };
  check("x25519: out, in, and not from another sender", [&] {
    MigrateOptions options;
    MemorySource source(image, "image");
    MemoryTarget made;
    migrate_out(session, source, made, exchange(5, 6), options);
    MemorySource back(made.bytes(), "stream");
    MemoryTarget restored;
    bool refused = false;
    try {
      migrate_in(session, back, restored, exchange(6, 7), options);
    } catch (const UserError&) {
      refused = true;
    }
    if (!refused) return std::string("a stream of another sender was taken");
    migrate_in(session, back, restored, exchange(6, 5), options);
    return restored.bytes() == image ? std::string{} : std::string("the image differs");
  });
  check("no hardware assertion or bus check failed", [&] {
    return session.device().failures() == 0 ? std::string{} : fmt::format("{} failed", session.device().failures());
  });
  fmt::print("{}\n", failed == 0 ? "all good" : fmt::format("{} checks failed", failed));
  return failed == 0 ? 0 : 1;
}

}  // namespace sealift::command
