// SPDX-License-Identifier: Apache-2.0
// When a stream is over, no byte of its secrets is left in the process: not of the key derived for it, not of the
// secret or private key that it came from, not of what two ends agreed on. The whole memory of this program is
// searched.
#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <functional>
#include <sstream>

#include "common/catch.h"
#include "device/golden_device.h"
#include "golden/cipher.h"
#include "golden/writer.h"
#include "security_processor/security_processor.h"
#include "vmm/vmm.h"

using namespace sealift;
using namespace sealift::security_processor;
using device::Kind;
using device::Request;
using device::RequestState;

namespace {

constexpr bool kSanitized =
#ifdef __SANITIZE_ADDRESS__
    true;
#else
    false;
#endif

constexpr std::uint64_t kGuest = 0x1'0000'0000;
constexpr std::uint64_t kStream = 0x4000'0000'0000;
constexpr std::size_t kPiece = 8;  // bytes in a row that count as a trace

/// Pieces of secrets, multiplied by an odd number: to look for them, they must not lie here themselves.
using Marks = std::vector<std::uint64_t>;
constexpr std::uint64_t kFactor = 0x9e3779b97f4a7c15;

std::uint64_t mark(const std::uint8_t* piece) {
  std::uint64_t value = 0;
  std::memcpy(&value, piece, sizeof value);
  return value * kFactor;
}

void add_marks(Marks& marks, ConstSpan secret) {
  for (std::size_t at = 0; at + kPiece <= secret.size(); at += kPiece) marks.push_back(mark(secret.data() + at));
}

/// Computes marks in another process, whose memory goes with it.
Marks elsewhere(const std::function<Marks()>& compute) {
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
  const pid_t child = ::fork();
  if (child == 0) {
    const Marks marks = compute();
    const auto bytes = marks.size() * sizeof(Marks::value_type);
    ::_exit(::write(ends[1], marks.data(), bytes) == static_cast<ssize_t>(bytes) ? 0 : 1);
  }
  ::close(ends[1]);
  Marks marks;
  for (std::uint64_t value = 0; ::read(ends[0], &value, sizeof value) == sizeof value;) marks.push_back(value);
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (status != 0 || marks.empty()) throw std::runtime_error("the marks could not be computed");
  return marks;
}

/// How often a piece lies anywhere in this process's memory.
std::size_t traces(const Marks& marks) {
  static Bytes buffer(std::size_t{1} << 20);
  const int memory = ::open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
  if (memory < 0) throw std::runtime_error("no /proc/self/mem");
  std::ifstream maps("/proc/self/maps");
  std::size_t found = 0;
  for (std::string line; std::getline(maps, line);) {
    std::istringstream words(line);
    std::uint64_t begin = 0, end = 0;
    char dash = 0;
    std::string rights;
    words >> std::hex >> begin >> dash >> end >> rights;
    if (rights.empty() || rights[0] != 'r' || line.find("[v") != std::string::npos) continue;
    for (std::uint64_t at = begin; at < end; at += buffer.size() - kPiece) {
      const auto wanted = std::min<std::uint64_t>(buffer.size(), end - at);
      const ssize_t n = ::pread(memory, buffer.data(), wanted, static_cast<off_t>(at));
      for (std::size_t i = 0; n >= 0 && i + kPiece <= static_cast<std::size_t>(n); ++i) {
        const std::uint64_t value = mark(buffer.data() + i);
        for (const auto m : marks) found += m == value ? 1 : 0;
      }
    }
  }
  ::close(memory);
  return found;
}

/// Bytes that lie nowhere in the program: they are computed.
void fill_secret(Span bytes, std::uint64_t seed) {
  std::uint64_t state = seed * kFactor + 1;
  for (auto& b : bytes) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    b = static_cast<std::uint8_t>(state >> 32);
  }
  wipe(Span(reinterpret_cast<std::uint8_t*>(&state), sizeof state));
}
Secret make_secret(std::uint64_t seed) {
  Secret secret;
  fill_secret(secret.span(), seed);
  return secret;
}

struct Machine {
  device::GoldenDevice device;
  SecurityProcessor processor;
  vmm::Vmm vmm;
  explicit Machine(Policy policy) : processor(device, std::move(policy)), vmm(device) {
    spdlog::set_level(spdlog::level::warn);
    processor.boot();
    vmm.open();
  }
  vmm::Outcome run(const Request& request) {
    vmm.submit(request);
    for (int i = 0; i < 100; ++i) {
      const auto lines = device.wait(1000);
      if (lines.secure) processor.service();
      if (lines.host && vmm.service()) {
        while (device.interrupts().secure) processor.service();
        return vmm.outcome();
      }
    }
    throw std::runtime_error("the request has no end");
  }
};

Request out_request(Algorithm algorithm) {
  Request request;
  request.begin_stream = true;
  request.algorithm = static_cast<std::uint8_t>(algorithm);
  request.source = kGuest;
  request.source_bytes = 3 * kPageBytes;
  request.target = kStream;
  request.target_bytes = 0x100000;
  request.stream = 1;
  return request;
}

Request in_request(Algorithm algorithm, std::uint64_t bytes) {
  Request request = out_request(algorithm);
  std::swap(request.source_kind, request.target_kind);
  request.source = kStream;
  request.source_bytes = bytes;
  request.target = kGuest;
  request.end_stream = true;
  return request;
}

Policy open_policy() {
  Policy policy = Policy::built_in();
  policy.allow_unprotected();
  return policy;
}

void add_key(Marks& marks, const golden::Key& key, Algorithm algorithm) {
  const std::size_t bytes = golden::key_bytes(algorithm);
  add_marks(marks, ConstSpan(key.key).first(bytes));
  if (golden::is_xts(algorithm)) add_marks(marks, ConstSpan(key.tweak).first(bytes));
}

/// The stream header in the device's memory.
Bytes header_of(Machine& machine) {
  Bytes header(80);
  machine.device.read_memory(kStream, header);
  return header;
}

}  // namespace

TEST_CASE("traces: a secret that lies here is found", "[traces]") {
  if (kSanitized) return;  // shadow memory is too large to search
  const Marks marks = elsewhere([] {
    Marks m;
    add_marks(m, make_secret(77).span());
    return m;
  });
  CHECK(marks.size() == 4);
  CHECK(traces(marks) == 0);
  Secret secret = make_secret(77);
  CHECK(traces(marks) >= 4);
  secret.wipe();
  CHECK(traces(marks) == 0);
}

TEST_CASE("traces: nothing is left of a stream with a pre-shared secret, out and in", "[traces]") {
  if (kSanitized) return;
  const auto algorithm = GENERATE(Algorithm::Aes256Gcm, Algorithm::Sm4Gcm, Algorithm::Aes256Xts);
  CAPTURE(name(algorithm));
  Machine machine(open_policy());
  machine.processor.provision(1, make_secret(1));
  Request request = out_request(algorithm);
  const auto first = machine.run(request);
  REQUIRE(first.done());
  const Bytes header = header_of(machine);
  const auto marks_of = [&](bool key, bool secret) {
    return elsewhere([&] {
      Marks m;
      const Secret shared = make_secret(1);
      if (key) add_key(m, golden::derive_stream_key(shared.span(), header), algorithm);
      if (secret) add_marks(m, shared.span());
      return m;
    });
  };
  const Marks key = marks_of(true, false), secret = marks_of(false, true);
  // While the stream runs the device has its key; the security processor keeps neither key nor secret.
  CHECK(traces(key) > 0);
  CHECK(traces(secret) == 0);
  Bytes stream(first.counters.bytes_out);
  machine.device.read_memory(kStream, stream);
  request.begin_stream = false;
  request.end_stream = true;
  request.guest_address = request.source_bytes;
  const auto second = machine.run(request);
  REQUIRE(second.done());
  CHECK(traces(key) == 0);
  CHECK(traces(secret) == 0);

  stream.resize(stream.size() + second.counters.bytes_out);
  machine.device.read_memory(kStream, Span(stream).subspan(first.counters.bytes_out));
  machine.device.write_memory(kStream, stream);
  machine.processor.provision(1, make_secret(1));
  CHECK(traces(secret) > 0);  // it waits for its stream
  REQUIRE(machine.run(in_request(algorithm, stream.size())).done());
  CHECK(traces(key) == 0);
  CHECK(traces(secret) == 0);
}

TEST_CASE("traces: nothing is left of a stream that failed, or was refused, or zeroized", "[traces]") {
  if (kSanitized) return;
  Machine machine(open_policy());
  const Marks secret = elsewhere([] {
    Marks m;
    add_marks(m, make_secret(1).span());
    return m;
  });
  const auto key_marks = [&] {
    const Bytes header = header_of(machine);
    return elsewhere([&] {
      Marks m;
      add_key(m, golden::derive_stream_key(make_secret(1).span(), header), Algorithm::Aes256Gcm);
      return m;
    });
  };
  machine.processor.provision(1, make_secret(1));
  REQUIRE(machine.run(out_request(Algorithm::Aes256Gcm)).done());
  const Marks zeroized = key_marks();
  CHECK(traces(zeroized) > 0);
  machine.processor.zeroize();
  CHECK(traces(zeroized) == 0);

  machine.processor.provision(1, make_secret(1));
  REQUIRE(machine.run(out_request(Algorithm::Aes256Gcm)).done());
  const Marks failed = key_marks();
  Request next = out_request(Algorithm::Aes256Gcm);
  next.begin_stream = false;
  machine.device.fail_next_job(Status::ReadError);
  CHECK(machine.run(next).state == RequestState::Failed);
  CHECK(traces(failed) == 0);
  CHECK(traces(secret) == 0);
}

TEST_CASE("traces: nothing is left of an X25519 exchange, at either end", "[traces]") {
  if (kSanitized) return;
  constexpr auto kAlgorithm = Algorithm::Aes256Gcm;
  Machine machine(open_policy());
  // Public keys alone; private ones are computed where they are used.
  const auto public_of = [](std::uint64_t seed) { return public_key(make_secret(seed)); };
  const PublicKey from = public_of(2), to = public_of(3);
  const auto exchange = [](std::uint64_t own, const PublicKey& peer) {
    return Credential(Exchange{make_secret(own), peer});
  };
  machine.processor.provision(1, exchange(2, to));
  Request request = out_request(kAlgorithm);
  request.end_stream = true;
  const auto made = machine.run(request);
  REQUIRE(made.done());
  const Bytes header = header_of(machine);
  const Marks marks = elsewhere([&] {
    Marks m;
    const Secret own = make_secret(3);
    add_marks(m, own.span());
    add_marks(m, make_secret(2).span());
    Bytes shared(32);
    x25519(own, ConstSpan(header).subspan(48, 32), shared);
    add_marks(m, shared);
    x25519(own, from, shared);
    add_marks(m, shared);
    add_key(m, golden::derive_exchanged_key(own.span(), from, header), kAlgorithm);
    return m;
  });
  CHECK(marks.size() == 20);
  CHECK(traces(marks) == 0);
  machine.processor.provision(1, exchange(3, from));
  CHECK(traces(marks) > 0);
  REQUIRE(machine.run(in_request(kAlgorithm, made.counters.bytes_out)).done());
  CHECK(traces(marks) == 0);
}
