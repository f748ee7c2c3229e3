// SPDX-License-Identifier: Apache-2.0
// Policy, judgment, keys and jobs, over the golden device: no hardware in it.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <set>

#include "common/catch.h"
#include "common/seed.h"
#include "device/generated/sealift_regs.h"
#include "device/golden_device.h"
#include "golden/reader.h"
#include "golden/writer.h"
#include "security_processor/security_processor.h"
#include "sw/pages.h"
#include "vmm/vmm.h"

using namespace sealift;
using namespace sealift::security_processor;
using device::Kind;
using device::Port;
using device::Reason;
using device::Request;
using device::RequestState;

namespace {

constexpr std::uint64_t kGuest = 0x1'0000'0000;
constexpr std::uint64_t kStream = 0x4000'0000'0000;

const device::Capabilities kCaps{0x3, 0x1f, 1, 1, 8, 8, 128, 8, 8};

Request out_request(std::uint64_t pages = 4) {
  Request request;
  request.begin_stream = request.end_stream = true;
  request.source = kGuest;
  request.source_bytes = pages * kPageBytes;
  request.target = kStream;
  request.target_bytes = 0x100000;
  request.stream = 1;
  return request;
}

Request in_request(std::uint64_t stream_bytes) {
  Request request = out_request();
  std::swap(request.source_kind, request.target_kind);
  request.source = kStream;
  request.source_bytes = stream_bytes;
  request.target = kGuest;
  request.target_bytes = 0x100000;
  return request;
}

Secret make_secret(std::uint8_t seed) {
  Secret secret;
  for (std::size_t i = 0; i < kSecretBytes; ++i) secret.span()[i] = static_cast<std::uint8_t>(seed + 3 * i);
  return secret;
}

/// A machine of golden device, security processor and VMM.
struct Machine {
  device::GoldenDevice device;
  SecurityProcessor processor;
  vmm::Vmm vmm;
  explicit Machine(Policy policy = Policy::built_in()) : processor(device, std::move(policy)), vmm(device) {
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
    FAIL("the request has no end");
    return {};
  }

  std::uint32_t slot_status(unsigned slot) {
    device.write(Port::Secure, SEALIFT_SECURE_SLOT_SELECT, slot);
    return device.read(Port::Secure, SEALIFT_SECURE_SLOT_STATUS);
  }
  bool windows_closed() {
    for (std::uint32_t i = 0; i < 8; ++i) {
      if (device.read(Port::Secure, SEALIFT_SECURE_WINDOW_CTRL + i * SEALIFT_SECURE_WINDOW_STRIDE) != 0) return false;
    }
    return true;
  }
};

}  // namespace

TEST_CASE("policy: the built-in one allows what is sealed and nothing else", "[policy]") {
  const Policy policy = Policy::built_in();
  CHECK(policy.algorithms == 2);
  CHECK(policy.orders == 7);
  CHECK(policy.pads == 0x1f);
  CHECK_FALSE(policy.unauthenticated);
  CHECK(policy.lock_policy);
  CHECK(policy.memory.size() == 2);
}

TEST_CASE("policy: what is left out stays, what is unknown is refused with its line", "[policy]") {
  const Policy policy = Policy::parse("[jobs]\nmax_pages = 7\n", "p.toml");
  CHECK(policy.max_pages == 7);
  CHECK(policy.orders == 7);
  const auto message = [](const std::string& text) -> std::string {
    try {
      Policy::parse(text, "p.toml");
    } catch (const PolicyError& error) {
      return error.what();
    }
    return {};
  };
  CHECK(message("[jobs]\nmax_pagse = 7\n") == "p.toml:2: no such key: jobs.max_pagse");
  CHECK(message("[job]\n").find("p.toml:1: no such key: job") == 0);
  CHECK(message("[jobs]\nmax_pages = -1\n").find("p.toml:2: max_pages must be a number") == 0);
  CHECK(message("[jobs]\nmetadata = 1\n") == "p.toml:2: metadata must be true or false");
  CHECK(message("[orders]\nallowed = [\"copy\", \"sideways\"]\n") == "p.toml:2: no such order");
  CHECK(message("[algorithms]\nallowed = [\"rot13\"]\n") == "p.toml:2: no such algorithm");
  CHECK(message("[padding]\nallowed = [17]\n").find("p.toml:2: no such bucket") == 0);
  CHECK(message("jobs = 3\n") == "p.toml:1: jobs must be a table");
  CHECK(message("[[memory]]\nkind = \"moon\"\nbase = 0\nlimit = 1\n").find("kind must be") != std::string::npos);
  CHECK(message("[[memory]]\nkind = \"guest\"\nbase = 2\nlimit = 1\n").find("limit lies below base") !=
        std::string::npos);
  CHECK(message("[[memory]]\nkind = \"guest\"\nbase = 2\n").find("limit is missing") != std::string::npos);
  CHECK(message("[jobs\n").find("p.toml:1: ") == 0);
  CHECK_THROWS_AS(Policy::load("/nonexistent.toml"), PolicyError);
}

TEST_CASE("judgment: each rule has its reason", "[judgment]") {
  const Policy policy = Policy::built_in();
  const StreamState fresh{true, false, Direction::Out, Algorithm::None, Order::Copy};
  const auto reason = [&](const Request& request, const StreamState& stream, const Policy& with) {
    const Judgment judgment = judge(request, with, kCaps, stream);
    CHECK(judgment.accept == (judgment.reason == Reason::None));
    CHECK(judgment.text.empty() == judgment.accept);
    return judgment.reason;
  };
  const auto of = [&](const std::function<void(Request&)>& change, Request request = out_request()) {
    change(request);
    return reason(request, fresh, policy);
  };
  CHECK(of([](Request&) {}) == Reason::None);
  CHECK(judge(out_request(), policy, kCaps, fresh).direction == Direction::Out);
  CHECK(judge(in_request(4096), policy, kCaps, fresh).direction == Direction::In);
  CHECK(of([](Request&) {}, in_request(160)) == Reason::None);
  CHECK(of([](Request& r) { r.target_kind = Kind::Guest; }) == Reason::Kinds);
  CHECK(of([](Request& r) { r.source_kind = Kind::Stream; }) == Reason::Kinds);
  CHECK(of([](Request& r) { r.algorithm = 0; }) == Reason::Algorithm);
  CHECK(of([](Request& r) { r.algorithm = 2; }) == Reason::Algorithm);
  CHECK(of([](Request& r) { r.algorithm = 15; }) == Reason::Algorithm);
  CHECK(of([](Request& r) { r.order = 3; }) == Reason::Order);
  CHECK(of([](Request& r) { r.order = 7; }) == Reason::Order);
  CHECK(of([](Request& r) { r.pad = 5; }) == Reason::Padding);
  CHECK(of([](Request& r) { r.source_bytes = 4095; }) == Reason::Length);
  CHECK(of([&](Request& r) {
          r.source_bytes = (policy.max_pages + 1) * kPageBytes;
          r.target_bytes = 0;
        }) == Reason::Length);
  CHECK(of([](Request& r) {
          r.source_bytes = 0;
          r.end_stream = false;
        }) == Reason::Length);
  CHECK(of([](Request& r) { r.source_bytes = 0; }) == Reason::None);  // the end record alone
  CHECK(of([](Request& r) { r.source_bytes = 0; }, in_request(160)) == Reason::Length);
  CHECK(of([](Request& r) { r.source_bytes = 161; }, in_request(160)) == Reason::Length);
  CHECK(of([](Request& r) { r.target_bytes = 100; }, in_request(160)) == Reason::Length);
  CHECK(of([](Request& r) { r.source += 16; }) == Reason::Address);
  CHECK(of([](Request& r) { r.target += 8; }) == Reason::Address);
  CHECK(of([](Request& r) { r.guest_address = 16; }) == Reason::Address);
  CHECK(of([](Request& r) { r.source = kStream; }) == Reason::Address);
  CHECK(of([](Request& r) { r.target = kGuest; }) == Reason::Address);
  CHECK(of([](Request& r) { r.target = ~std::uint64_t{0xffff}; }) == Reason::Address);
  CHECK(of([](Request& r) {
          r.source = 0x3fff'ffff'f000;
          r.source_bytes = 2 * kPageBytes;
        }) == Reason::Address);
  CHECK(of([](Request& r) {
          r.metadata = 0x7000'0000'0000;
          r.metadata_bytes = 17;
        }) == Reason::Metadata);
  CHECK(of([](Request& r) {
          r.metadata = 0x7000'0000'0000;
          r.metadata_bytes = 4112;
        }) == Reason::Metadata);
  CHECK(of([](Request& r) {
          r.metadata = kGuest;
          r.metadata_bytes = 32;
        }) == Reason::Metadata);
  CHECK(of([](Request& r) {
          r.metadata = kStream;
          r.metadata_bytes = 32;
        }) == Reason::Metadata);
  CHECK(of([](Request& r) {
          r.metadata = 0x7000'0000'0000;
          r.metadata_bytes = 32;
        }) == Reason::None);
  CHECK(of([](Request& r) { r.begin_stream = false; }) == Reason::Stream);

  StreamState none = fresh;
  none.has_secret = false;
  CHECK(reason(out_request(), none, policy) == Reason::Key);
  const StreamState active{false, true, Direction::Out, Algorithm::Aes256Gcm, Order::CompressThenEncrypt};
  CHECK(reason(out_request(), active, policy) == Reason::Flags);
  Request next = out_request();
  next.begin_stream = false;
  CHECK(reason(next, active, policy) == Reason::None);
  next.order = 2;
  CHECK(reason(next, active, policy) == Reason::Stream);
  Request turned = in_request(160);
  turned.begin_stream = false;
  CHECK(reason(turned, active, policy) == Reason::Stream);

  Policy overlapping = policy;
  overlapping.memory.push_back({Kind::Guest, 0, 0x7fff'ffff'ffff});
  Request same = out_request();
  same.source = kStream;
  CHECK(reason(same, fresh, overlapping) == Reason::Address);

  Policy open = policy;
  open.allow_unprotected();
  Request plain = out_request();
  plain.algorithm = 0;
  CHECK(reason(plain, fresh, open) == Reason::Order);
  plain.order = 3;
  CHECK(reason(plain, fresh, open) == Reason::None);
  open.unauthenticated = false;  // naming the algorithm is not enough
  CHECK(reason(plain, fresh, open) == Reason::Algorithm);
}

TEST_CASE("security processor: a stream over two jobs, opened by the golden reader, leaves nothing behind", "[sp]") {
  Machine machine;
  auto rng = tb::make_rng(11);
  Bytes image;
  for (int i = 0; i < 8; ++i) {
    const Bytes page = test::make_page(rng);
    image.insert(image.end(), page.begin(), page.end());
  }
  machine.device.write_memory(kGuest, image);
  machine.processor.provision(1, make_secret(9));
  Request request = out_request();
  request.end_stream = false;
  const auto first = machine.run(request);
  REQUIRE(first.done());
  CHECK(first.counters.pages == 4);
  CHECK((machine.slot_status(0) & 1) == 1);
  CHECK(machine.windows_closed());
  Bytes stream(first.counters.bytes_out);
  machine.device.read_memory(kStream, stream);

  request.begin_stream = false;
  request.end_stream = true;
  request.source += 4 * kPageBytes;
  request.guest_address = 4 * kPageBytes;
  const auto second = machine.run(request);
  REQUIRE(second.done());
  Bytes rest(second.counters.bytes_out);
  machine.device.read_memory(kStream, rest);
  for (const auto b : rest) stream.push_back(b);
  CHECK((machine.slot_status(0) & 1) == 0);  // wiped with the stream's end
  CHECK(machine.windows_closed());

  golden::ReaderOptions options;
  const Secret secret = make_secret(9);
  options.secret = Bytes(secret.span().begin(), secret.span().end());
  golden::Reader reader(golden::memory_source(stream), options);
  REQUIRE(reader.open() == Status::Ok);
  golden::Record record;
  std::uint64_t pages = 0;
  while (!reader.done()) {
    REQUIRE(reader.next(record) == Status::Ok);
    pages += record.header.count;
  }
  CHECK(pages == 8);

  // The secret served its stream; it serves no other.
  CHECK(machine.run(out_request()).reason == Reason::Key);

  machine.processor.provision(2, make_secret(9));
  machine.device.write_memory(kStream, stream);
  machine.device.release_memory(kGuest, image.size());
  Request back = in_request(stream.size());
  back.stream = 2;
  REQUIRE(machine.run(back).done());
  Bytes restored(image.size());
  machine.device.read_memory(kGuest, restored);
  CHECK(restored == image);
}

TEST_CASE("security processor: every stream has its own id, salt and key", "[sp]") {
  Machine machine;
  std::set<Bytes> ids;
  for (int i = 0; i < 5; ++i) {
    machine.processor.provision(1, make_secret(1));
    const auto outcome = machine.run(out_request(1));
    REQUIRE(outcome.done());
    Bytes header(36);
    machine.device.read_memory(kStream, header);
    ids.insert(Bytes(header.begin() + 16, header.end()));
  }
  CHECK(ids.size() == 5);
}

TEST_CASE("security processor: a refused request starts nothing, and says why", "[sp]") {
  Machine machine;
  Request request = out_request();
  request.order = 4;
  const auto outcome = machine.run(request);
  CHECK(outcome.state == RequestState::Refused);
  CHECK(outcome.reason == Reason::Order);
  CHECK(machine.processor.last_judgment().text == "the policy does not allow the order copy");
  CHECK((machine.device.read(Port::Secure, SEALIFT_SECURE_JOB_STATUS) & 1) == 0);
  CHECK(machine.windows_closed());
}

TEST_CASE("security processor: a failed job ends its stream and wipes the slot", "[sp]") {
  Machine machine;
  machine.processor.provision(1, make_secret(1));
  machine.device.fail_next_job(Status::ReadError);
  Request request = out_request();
  request.end_stream = false;
  const auto outcome = machine.run(request);
  CHECK(outcome.state == RequestState::Failed);
  CHECK(outcome.status == Status::ReadError);
  CHECK((machine.slot_status(0) & 1) == 0);
  request.begin_stream = false;
  CHECK(machine.run(request).reason == Reason::Stream);
}

TEST_CASE("security processor: slots run out, and come back", "[sp]") {
  Machine machine;
  Request request = out_request(1);
  request.end_stream = false;
  for (std::uint32_t i = 0; i < 8; ++i) {
    request.stream = i;
    machine.processor.provision(i, make_secret(static_cast<std::uint8_t>(i)));
    REQUIRE(machine.run(request).done());
  }
  request.stream = 8;
  machine.processor.provision(8, make_secret(8));
  CHECK(machine.run(request).reason == Reason::Key);
  Request end = request;
  end.stream = 3;
  end.begin_stream = false;
  end.end_stream = true;
  REQUIRE(machine.run(end).done());
  CHECK(machine.run(request).done());
}

TEST_CASE("security processor: slots locked by policy stay", "[sp]") {
  Policy policy = Policy::built_in();
  policy.lock_slots = true;
  Machine machine(policy);
  machine.processor.provision(1, make_secret(1));
  REQUIRE(machine.run(out_request()).done());
  CHECK((machine.slot_status(0) & 3) == 3);
  machine.processor.provision(1, make_secret(2));
  REQUIRE(machine.run(out_request()).done());
  CHECK((machine.slot_status(1) & 3) == 3);
}

TEST_CASE("security processor: zeroize wipes every key and every secret", "[sp]") {
  Machine machine;
  machine.processor.provision(1, make_secret(1));
  machine.processor.provision(2, make_secret(1));
  Request request = out_request();
  request.end_stream = false;
  REQUIRE(machine.run(request).done());
  machine.processor.zeroize();
  CHECK((machine.slot_status(0) & 1) == 0);
  request.begin_stream = false;
  CHECK(machine.run(request).reason == Reason::Stream);
  request.begin_stream = true;
  request.stream = 2;
  CHECK(machine.run(request).reason == Reason::Key);
}

TEST_CASE("security processor: the hardware's own policy refuses what a broken judgment lets through", "[sp]") {
  Machine machine;  // locks orders 0..2 into the hardware
  machine.device.write(Port::Secure, SEALIFT_SECURE_POLICY, 0x11f);
  CHECK(machine.device.read(Port::Secure, SEALIFT_SECURE_POLICY) == 0x80000007);
  Policy open = Policy::built_in();
  open.allow_unprotected();
  SecurityProcessor other(machine.device, open);
  other.boot();
  other.provision(1, make_secret(1));
  Request request = out_request();
  request.algorithm = 0;
  request.order = 4;
  machine.vmm.submit(request);
  other.service();
  CHECK(machine.vmm.service());
  const auto outcome = machine.vmm.outcome();
  CHECK(outcome.state == RequestState::Failed);
  CHECK(outcome.status == Status::Policy);
  CHECK(other.last_judgment().text.find("Policy") != std::string::npos);
  CHECK(machine.windows_closed());
  CHECK((machine.slot_status(0) & 1) == 0);
}

TEST_CASE("security processor: a request that comes while a job runs is judged after it", "[sp]") {
  Machine machine;
  machine.processor.provision(1, make_secret(1));
  machine.processor.provision(2, make_secret(2));
  machine.vmm.submit(out_request());
  machine.processor.service();
  Request second = out_request();
  second.stream = 2;
  device::write_request(machine.device, second);
  machine.device.write(Port::Host, SEALIFT_HOST_DOORBELL, 1);
  machine.processor.service();
  const auto state = [&] {
    return static_cast<RequestState>(machine.device.read(Port::Secure, SEALIFT_SECURE_REQ_STATUS) & 7);
  };
  CHECK(state() == RequestState::Requested);
  machine.vmm.service();
  machine.device.wait(1000);
  machine.processor.service();
  CHECK(state() == RequestState::Running);
  machine.vmm.service();
  machine.device.wait(1000);
  machine.processor.service();
  CHECK(state() == RequestState::Done);
  CHECK(machine.device.read(Port::Host, SEALIFT_HOST_JOBS_ENDED) == 2);
  CHECK(machine.windows_closed());
}

TEST_CASE("security processor: no log shows key material", "[sp]") {
  Machine machine;
  std::size_t secrets = 0;
  std::vector<std::string> lines;
  machine.device.set_trace([&](const device::Access& access) {
    if (access.secret) {
      ++secrets;
      CHECK(access.value == 0);
    }
    lines.push_back(device::to_string(access));
  });
  machine.processor.provision(1, make_secret(1));
  REQUIRE(machine.run(out_request()).done());
  CHECK(secrets == 8);
  CHECK(std::count(lines.begin(), lines.end(), "write host.DOORBELL 0x1") == 1);
  CHECK(std::count(lines.begin(), lines.end(), "write secure.KEY[7] (hidden)") == 1);
  CHECK(std::count(lines.begin(), lines.end(), "write secure.WINDOW[1].CTRL 0x5") == 1);
}

TEST_CASE("vmm: a second request waits for the first", "[vmm]") {
  Machine machine;
  machine.vmm.submit(out_request());
  CHECK_THROWS_AS(machine.vmm.submit(out_request()), std::logic_error);
}

TEST_CASE("keys: derivation is that of the golden model, by other code", "[sp]") {
  auto rng = tb::make_rng(3);
  for (int i = 0; i < 20; ++i) {
    Bytes id(16), salt(4);
    for (auto& b : id) b = static_cast<std::uint8_t>(rng());
    for (auto& b : salt) b = static_cast<std::uint8_t>(rng());
    const Secret secret = make_secret(static_cast<std::uint8_t>(rng()));
    const auto header = header_start(Algorithm::Aes256Gcm, Order::EncryptOnly, id, salt);
    const StreamKey key = derive_key(secret, header);
    const golden::Key expected = golden::derive_stream_key(secret.span(), header);
    CHECK(std::equal(expected.key.begin(), expected.key.end(), key.span().begin()));
  }
}

TEST_CASE("keys: secrets are wiped when moved from and when wiped", "[sp]") {
  Secret a = make_secret(5);
  Secret b = std::move(a);
  CHECK(std::all_of(a.span().begin(), a.span().end(), [](std::uint8_t x) { return x == 0; }));
  CHECK(b.span()[0] == 5);
  b.wipe();
  CHECK(b.span()[0] == 0);
}
