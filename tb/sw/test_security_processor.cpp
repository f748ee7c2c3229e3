// SPDX-License-Identifier: Apache-2.0
// Policy, judgment, keys and jobs, over the golden device: no hardware in it.
#include <fmt/format.h>
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
#include "vmm/lists.h"
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

const device::Capabilities kCaps{0x1ff, 0x1f, 1, 1, 8, 8, 128, 8, 8, 8, 0x1f};

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

Bytes from_hex(const std::string& text) {
  Bytes out;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    out.push_back(static_cast<std::uint8_t>(std::stoul(text.substr(i, 2), nullptr, 16)));
  }
  return out;
}

Secret secret_of(const std::string& hex) {
  const Bytes bytes = from_hex(hex);
  Secret secret;
  std::copy(bytes.begin(), bytes.end(), secret.span().begin());
  return secret;
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
  explicit Machine(Policy policy = Policy::built_in(), std::uint16_t algorithms = 0x1ff)
      : device(algorithms), processor(device, std::move(policy)), vmm(device) {
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
  CHECK(policy.algorithms == 0x86);  // AES-256-GCM, AES-128-GCM, SM4-GCM
  CHECK(policy.key_sources == 6);
  CHECK(policy.levels == 3);
  CHECK(policy.orders == 7);
  CHECK(policy.pads == 0x1f);
  CHECK_FALSE(policy.unauthenticated);
  CHECK(policy.lock_policy);
  CHECK(policy.memory.size() == 2);
  REQUIRE(policy.requesters.size() == 1);
  CHECK(policy.requesters[0].name == "vmm");
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
  CHECK(message("[levels]\nallowed = [\"highest\"]\n").find("p.toml:2: no such level") == 0);
  CHECK(message("[keys]\nsources = [\"post-it\"]\n").find("p.toml:2: no such source") == 0);
  CHECK(message("[[requester]]\nname = \"a\"\nfirst = 2\nlast = 1\n").find("last lies below first") !=
        std::string::npos);
  CHECK(message("[[requester]]\nfirst = 2\nlast = 3\n").find("name is missing") != std::string::npos);
  CHECK(message("[[requester]]\nname = \"a\"\nfirst = 0\nlast = 0x1_0000_0000\n").find("last must be a number") !=
        std::string::npos);
  CHECK(message("[[requester]]\nname = \"a\"\nuid = 0\n").find("no such key: requester.uid") != std::string::npos);
  CHECK(message("jobs = 3\n") == "p.toml:1: jobs must be a table");
  CHECK(message("[[memory]]\nkind = \"moon\"\nbase = 0\nlimit = 1\n").find("kind must be") != std::string::npos);
  CHECK(message("[[memory]]\nkind = \"guest\"\nbase = 2\nlimit = 1\n").find("limit lies below base") !=
        std::string::npos);
  CHECK(message("[[memory]]\nkind = \"guest\"\nbase = 2\n").find("limit is missing") != std::string::npos);
  CHECK(message("[jobs\n").find("p.toml:1: ") == 0);
  CHECK_THROWS_AS(Policy::load("/nonexistent.toml"), PolicyError);
}

TEST_CASE("judgment: a window holds whole words of the bus, and the policy must open all of them", "[judgment]") {
  const Policy policy = Policy::built_in();
  const StreamState fresh{true, KeySource::PreShared, false, Direction::Out, Algorithm::None, Order::Copy};
  device::Capabilities caps = kCaps;
  caps.data_bits = 128;
  CHECK(window_of(0x1010, 0x30, caps) == Range{0x1010, 0x30});
  caps.data_bits = 64;
  CHECK(window_of(0x1010, 0x30, caps) == Range{0x1010, 0x30});
  caps.data_bits = 256;
  CHECK(window_of(0x1000, 0x1000, caps) == Range{0x1000, 0x1000});
  CHECK(window_of(0x1010, 0x30, caps) == Range{0x1000, 0x40});
  caps.data_bits = 512;
  CHECK(window_of(0x1030, 0x20, caps) == Range{0x1000, 0x80});
  Policy narrow = policy;
  for (auto& range : narrow.memory) {
    if (range.kind == Kind::Stream) range.limit = in_request(160).source + 159;
  }
  CHECK(judge(in_request(160), narrow, caps, fresh).reason == Reason::Address);  // two words and a half
  caps.data_bits = 256;
  CHECK(judge(in_request(160), narrow, caps, fresh).reason == Reason::None);
}

TEST_CASE("judgment: each rule has its reason", "[judgment]") {
  const Policy policy = Policy::built_in();
  const StreamState fresh{true, KeySource::PreShared, false, Direction::Out, Algorithm::None, Order::Copy};
  std::set<Reason> seen;
  device::Capabilities caps = kCaps;
  const auto reason = [&](const Request& request, const StreamState& stream, const Policy& with) {
    const Judgment judgment = judge(request, with, caps, stream);
    seen.insert(judgment.reason);
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
  CHECK(of([](Request& r) { r.algorithm = 2; }) == Reason::None);
  CHECK(of([](Request& r) { r.algorithm = 3; }) == Reason::Algorithm);
  CHECK(of([](Request& r) { r.algorithm = 9; }) == Reason::Algorithm);
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
  none.provisioned = false;
  CHECK(reason(out_request(), none, policy) == Reason::Key);
  none = fresh;
  none.source = KeySource::None;
  CHECK(reason(out_request(), none, policy) == Reason::Key);
  const StreamState active{false,          KeySource::None,      true,
                           Direction::Out, Algorithm::Aes256Gcm, Order::CompressThenEncrypt};
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

  // What a policy can narrow, each with the words that the command shows.
  const auto words = [&](const std::string& toml, const Request& request, Reason expected) {
    const Policy narrow = Policy::parse(toml, "p.toml");
    CHECK(reason(request, fresh, narrow) == expected);
    return judge(request, narrow, caps, fresh).text;
  };
  CHECK(words("[algorithms]\nallowed = [\"sm4-gcm\"]\n", out_request(), Reason::Algorithm) ==
        "the policy does not allow the algorithm aes-256-gcm");
  CHECK(words(
            "[algorithms]\nallowed = [\"aes-256-gcm\", \"aes-256-ctr\"]\n",
            [] {
              Request r = out_request();
              r.algorithm = 3;
              return r;
            }(),
            Reason::Algorithm) == "the policy does not allow aes-256-ctr, which has no tag");
  CHECK(words("[orders]\nallowed = [\"encrypt_only\"]\n", out_request(), Reason::Order) ==
        "the policy does not allow the order compress_then_encrypt");
  CHECK(words("[padding]\nallowed = [512]\n", out_request(), Reason::Padding) ==
        "the policy does not allow padding to 16 bytes");
  CHECK(words("[levels]\nallowed = [\"best\"]\n", out_request(), Reason::Padding) ==
        "the policy does not allow the level default");
  CHECK(words("[keys]\nsources = [\"x25519\"]\n", out_request(), Reason::Key) ==
        "the policy does not allow pre-shared keys");
  CHECK(words("[jobs]\nmax_pages = 3\n", out_request(), Reason::Length) ==
        "source of 16384 bytes, more than the policy allows");
  CHECK(words("[[requester]]\nname = \"a\"\nfirst = 2\nlast = 9\n", out_request(), Reason::Policy) ==
        "stream 1 belongs to nobody who may ask");
  CHECK(words("requester = []\n", out_request(), Reason::Policy) == "stream 1 belongs to nobody who may ask");
  CHECK(words("memory = []\n", out_request(), Reason::Address) ==
        "source 0x100000000+0x4000 lies outside the guest memory that the policy opens");
  Request metadata = out_request();
  metadata.metadata = 0x7000'0000'0000;
  metadata.metadata_bytes = 32;
  CHECK(words("[jobs]\nmetadata = false\n", metadata, Reason::Metadata) == "the policy does not allow metadata");

  // What the build does not have is another refusal than what the policy does not want.
  caps.algorithms = 1U << 7;
  CHECK(reason(out_request(), fresh, policy) == Reason::Algorithm);
  CHECK(judge(out_request(), policy, caps, fresh).text == "this build does not have the algorithm aes-256-gcm");
  caps = kCaps;
  caps.orders = 1;
  Request other = out_request();
  other.order = 2;
  CHECK(reason(other, fresh, policy) == Reason::Order);
  CHECK(judge(other, policy, caps, fresh).text == "this build does not have the order encrypt_only");

  // Every reason was given. (Internal is given after the judgment, when hardware does not obey.)
  for (unsigned r = 0; r <= static_cast<unsigned>(Reason::Policy); ++r) {
    CAPTURE(explain(static_cast<Reason>(r)));
    CHECK(seen.count(static_cast<Reason>(r)) == 1);
  }
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

TEST_CASE("judgment: lists and completion records, where they may lie and what goes with what", "[sp]") {
  Policy policy = Policy::built_in();
  policy.max_pages = 100;
  StreamState state;
  state.provisioned = true;
  state.source = KeySource::PreShared;
  const auto reason = [&](const Request& request, unsigned windows = 8) {
    device::Capabilities caps = kCaps;
    caps.windows = static_cast<std::uint8_t>(windows);
    const Judgment judgment = judge(request, policy, caps, state);
    INFO(judgment.text);
    CHECK(judgment.accept == (judgment.reason == Reason::None));
    return judgment.reason;
  };
  Request good = out_request();
  good.list_kind = device::ListKind::Pages;
  good.list = 0x5000'0000'0000;
  good.list_bytes = 64;
  good.record = 0x5100'0000'0000;
  CHECK(reason(good) == Reason::None);
  CHECK(reason(good, 4) == Reason::None);
  CHECK(reason(good, 3) == Reason::Policy);
  const auto out = [&](auto change) {
    Request request = good;
    change(request);
    return reason(request);
  };
  CHECK(out([](Request& r) { r.list_kind = device::ListKind::Table; }) == Reason::Kinds);
  CHECK(out([](Request& r) { r.list_kind = static_cast<device::ListKind>(5); }) == Reason::Kinds);
  CHECK(out([](Request& r) { r.list_bytes = 0; }) == Reason::Length);
  CHECK(out([](Request& r) { r.list_bytes = 24; }) == Reason::Length);
  CHECK(out([](Request& r) { r.list_kind = device::ListKind::Ranges, r.list_bytes = 48; }) == Reason::Length);
  CHECK(out([](Request& r) { r.list_bytes = 16 * 101; }) == Reason::Length);
  CHECK(out([](Request& r) { r.list += 8; }) == Reason::Address);
  CHECK(out([](Request& r) { r.list = kGuest; }) == Reason::Address);            // guest memory
  CHECK(out([](Request& r) { r.list = kStream + 0x1000; }) == Reason::Address);  // the target
  CHECK(out([](Request& r) { r.list = 0x7fff'ffff'fff0; }) == Reason::Address);
  CHECK(out([](Request& r) { r.record += 32; }) == Reason::Address);
  CHECK(out([](Request& r) { r.record = kGuest; }) == Reason::Address);
  CHECK(out([](Request& r) { r.record = kStream; }) == Reason::Address);
  CHECK(out([](Request& r) { r.record = r.list; }) == Reason::Address);
  CHECK(out([](Request& r) { r.record = ~std::uint64_t{63}; }) == Reason::Address);
  Request in = in_request(4096);
  in.list_kind = device::ListKind::Table;
  in.list = good.list;
  in.list_bytes = 64;
  CHECK(reason(in) == Reason::None);
  in.list_kind = device::ListKind::Bitmap;
  CHECK(reason(in) == Reason::Kinds);
  device::Capabilities old = kCaps;
  old.lists = 1;
  CHECK(judge(good, policy, old, state).reason == Reason::Kinds);
}

TEST_CASE("vmm: every list, byte for byte", "[vmm]") {
  const std::array pages{vmm::Page{0x0102030405060708, 0xa000}, vmm::Page{9, 0xb000}};
  CHECK(vmm::page_list(pages) ==
        Bytes{8, 7, 6, 5, 4, 3, 2, 1, 0, 0xa0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0xb0, 0, 0, 0, 0, 0, 0});
  const std::array ranges{vmm::Range{0x1000, 2, 3}};
  CHECK(vmm::range_list(ranges) ==
        Bytes{0, 0x10, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  const std::array<std::uint64_t, 3> table{0x1000, 0, 0x3000};
  CHECK(vmm::page_table(table).size() == 32);
  CHECK(get_le<std::uint64_t>(vmm::page_table(table), 16) == 0x3000);
  vmm::DirtyBitmap bitmap(130);
  CHECK(bitmap.bytes().size() == 32);
  bitmap.set(0);
  bitmap.set(65);
  bitmap.set(129);
  CHECK(bitmap.count() == 3);
  CHECK(get_le<std::uint64_t>(bitmap.bytes(), 0) == 1);
  CHECK(get_le<std::uint64_t>(bitmap.bytes(), 8) == 2);
  CHECK(get_le<std::uint64_t>(bitmap.bytes(), 16) == 2);
  CHECK(bitmap.test(65));
  CHECK_FALSE(bitmap.test(66));
  CHECK_THROWS_AS(bitmap.set(130), std::out_of_range);
  bitmap.set_all();
  CHECK(bitmap.count() == 130);
  bitmap.clear();
  CHECK(bitmap.count() == 0);
}

TEST_CASE("security processor: opens windows for list and completion record, and for nothing else", "[sp]") {
  Machine machine;
  machine.processor.provision(1, make_secret(1));
  Request request = out_request(8);
  request.list_kind = device::ListKind::Bitmap;
  request.list = 0x5000'0000'0000;
  request.list_bytes = 16;
  request.record = 0x5100'0000'0000;
  request.tag = 0xbeef;
  machine.device.write_memory(request.list, Bytes{0x15});
  const auto outcome = machine.run(request);
  REQUIRE(outcome.done());
  CHECK(outcome.counters.pages == 3);
  const device::Completion completion = device::read_completion(machine.device, request.record);
  CHECK(completion.written);
  CHECK(completion.tag == 0xbeef);
  CHECK(completion.pages == 3);
  CHECK(completion.bytes_out == outcome.counters.bytes_out);
  CHECK(machine.windows_closed());
}

TEST_CASE("vmm: a second request waits for the first", "[vmm]") {
  Machine machine;
  machine.vmm.submit(out_request());
  CHECK_THROWS_AS(machine.vmm.submit(out_request()), std::logic_error);
}

TEST_CASE("security processor: two ends that know each other's public keys", "[sp]") {
  Machine sender, receiver;
  const Secret from = make_private_key(), to = make_private_key(), stranger = make_private_key();
  const auto exchange = [](const Secret& own, const Secret& peer) {
    Exchange e;
    std::copy(own.span().begin(), own.span().end(), e.own_private.span().begin());
    e.peer_public = public_key(peer);
    return Credential(std::move(e));
  };
  const Bytes image(4 * kPageBytes, 0x77);
  sender.device.write_memory(kGuest, image);
  sender.processor.provision(1, exchange(from, to));
  const auto made = sender.run(out_request());
  REQUIRE(made.done());
  Bytes stream(made.counters.bytes_out);
  sender.device.read_memory(kStream, stream);
  CHECK(std::any_of(stream.begin() + 48, stream.begin() + 80, [](std::uint8_t b) { return b != 0; }));

  const auto comes_in = [&](Credential credential, const Bytes& bytes) {
    receiver.processor.provision(1, std::move(credential));
    receiver.device.write_memory(kStream, bytes);
    return receiver.run(in_request(bytes.size()));
  };
  CHECK(comes_in(exchange(stranger, from), stream).status == Status::BadTag);  // for someone else
  CHECK(comes_in(exchange(to, stranger), stream).status == Status::BadTag);    // from someone else
  CHECK(comes_in(make_secret(1), stream).status == Status::BadHeader);         // not pre-shared
  Bytes forged = stream;
  std::fill(forged.begin() + 48, forged.begin() + 80, std::uint8_t{0});
  CHECK(comes_in(exchange(to, from), forged).reason == Reason::Key);  // no public key
  forged[48] = 1;
  CHECK(comes_in(exchange(to, from), forged).reason == Reason::Key);  // one of small order
  CHECK(receiver.processor.last_judgment().text.find("small order") != std::string::npos);
  for (std::size_t at = 48; at < 80; ++at) {
    forged = stream;
    forged[at] ^= static_cast<std::uint8_t>(at == 79 ? 0x80 : 1);
    CHECK(comes_in(exchange(to, from), forged).status == Status::BadTag);
  }
  CHECK(comes_in(exchange(to, from), stream).done());
  Bytes restored(image.size());
  receiver.device.read_memory(kGuest, restored);
  CHECK(restored == image);

  golden::ReaderOptions options;
  options.receiver_private = Bytes(to.span().begin(), to.span().end());
  const PublicKey known = public_key(from);
  options.sender_public = Bytes(known.begin(), known.end());
  golden::Reader reader(golden::memory_source(stream), options);
  CHECK(reader.open() == Status::Ok);
}

TEST_CASE("security processor: a stream that came in whole does not come in again", "[sp]") {
  Machine machine;
  machine.processor.provision(1, make_secret(1));
  const auto made = machine.run(out_request());
  REQUIRE(made.done());
  Bytes stream(made.counters.bytes_out);
  machine.device.read_memory(kStream, stream);
  const auto comes_in = [&](std::size_t bytes) {
    machine.device.write_memory(kStream, stream);
    machine.processor.provision(2, make_secret(1));
    Request request = in_request(bytes);
    request.stream = 2;
    return machine.run(request);
  };
  CHECK(comes_in(stream.size() - 16).status == Status::Truncated);  // not whole: may be tried again
  CHECK(comes_in(stream.size()).done());
  const auto again = comes_in(stream.size());
  CHECK(again.state == RequestState::Refused);
  CHECK(again.reason == Reason::Stream);
  CHECK(machine.processor.last_judgment().text == "this stream came in before: a replay");
  CHECK(machine.windows_closed());
}

TEST_CASE("security processor: every algorithm, through the registers, to the golden reader and back", "[sp]") {
  Policy policy = Policy::built_in();
  policy.allow_unprotected();
  for (const auto algorithm : all_algorithms()) {
    if (algorithm == Algorithm::None) continue;
    CAPTURE(name(algorithm));
    Machine machine(policy);
    auto rng = tb::make_rng(static_cast<std::uint64_t>(algorithm));
    Bytes image;
    for (int i = 0; i < 4; ++i) {
      for (const auto b : test::make_page(rng)) image.push_back(b);
    }
    machine.device.write_memory(kGuest, image);
    machine.processor.provision(1, make_secret(9));
    Request request = out_request();
    request.algorithm = static_cast<std::uint8_t>(algorithm);
    const auto made = machine.run(request);
    REQUIRE(made.done());
    Bytes stream(made.counters.bytes_out);
    machine.device.read_memory(kStream, stream);
    golden::ReaderOptions options;
    const Secret secret = make_secret(9);
    options.secret = Bytes(secret.span().begin(), secret.span().end());
    options.algorithm = algorithm;
    golden::Reader reader(golden::memory_source(stream), options);
    REQUIRE(reader.open() == Status::Ok);
    golden::Record record;
    while (!reader.done()) REQUIRE(reader.next(record) == Status::Ok);

    machine.device.release_memory(kGuest, image.size());
    Request back = in_request(stream.size());
    back.stream = 2;
    // Under another algorithm's name it is refused.
    machine.processor.provision(2, make_secret(9));
    const bool gcm = algorithm == Algorithm::Aes256Gcm;
    back.algorithm = static_cast<std::uint8_t>(gcm ? Algorithm::Sm4Gcm : Algorithm::Aes256Gcm);
    CHECK(machine.run(back).status == Status::BadHeader);
    machine.processor.provision(2, make_secret(9));
    back.algorithm = request.algorithm;
    REQUIRE(machine.run(back).done());
    Bytes restored(image.size());
    machine.device.read_memory(kGuest, restored);
    CHECK(restored == image);

    // Policy without the word for algorithms that have no tag, and a build without the algorithm.
    Policy tagged = policy;
    tagged.unauthenticated = false;
    Machine strict(tagged);
    strict.processor.provision(1, make_secret(9));
    const auto refused = strict.run(request);
    CHECK(refused.done() == authenticates(algorithm));
    if (!authenticates(algorithm)) CHECK(refused.reason == Reason::Algorithm);
    Machine lacking(policy, static_cast<std::uint16_t>(0x1ff & ~(1U << request.algorithm)));
    lacking.processor.provision(1, make_secret(9));
    CHECK(lacking.run(request).reason == Reason::Algorithm);
    CHECK(lacking.processor.last_judgment().text ==
          fmt::format("this build does not have the algorithm {}", name(algorithm)));
  }
}

TEST_CASE("golden device: keys are taken as the hardware takes them", "[device]") {
  device::GoldenDevice device(0x1ff & ~(1U << 4));
  const auto install = [&](unsigned algorithm, unsigned key_words, unsigned tweak_words, bool equal) {
    for (unsigned i = 0; i < key_words; ++i) device.write(Port::Secure, SEALIFT_SECURE_KEY + 4 * i, 5 + i);
    for (unsigned i = 0; i < tweak_words; ++i)
      device.write(Port::Secure, SEALIFT_SECURE_TWEAK_KEY + 4 * i, (equal ? 5 : 6) + i);
    for (unsigned i = 0; i < 4; ++i) device.write(Port::Secure, SEALIFT_SECURE_STREAM_ID + 4 * i, i);
    device.write(Port::Secure, SEALIFT_SECURE_SALT, 1);
    device.write(Port::Secure, SEALIFT_SECURE_SLOT_CONFIG, algorithm);
    device.write(Port::Secure, SEALIFT_SECURE_KEY_INSTALL, 0);
    const auto result = device.read(Port::Secure, SEALIFT_SECURE_KEY_STATUS) & 7;
    device.write(Port::Secure, SEALIFT_SECURE_SLOT_CLEAR, 0);
    return result;
  };
  CHECK(install(0, 0, 0, false) == SEALIFT_KEY_RESULT_OK);
  CHECK(install(1, 8, 0, false) == SEALIFT_KEY_RESULT_OK);
  CHECK(install(1, 7, 0, false) == SEALIFT_KEY_RESULT_INCOMPLETE);
  CHECK(install(2, 4, 0, false) == SEALIFT_KEY_RESULT_OK);
  CHECK(install(7, 3, 0, false) == SEALIFT_KEY_RESULT_INCOMPLETE);
  CHECK(install(4, 8, 0, false) == SEALIFT_KEY_RESULT_BAD_ALG);
  CHECK(install(9, 8, 8, false) == SEALIFT_KEY_RESULT_BAD_ALG);
  CHECK(install(5, 8, 8, false) == SEALIFT_KEY_RESULT_OK);
  CHECK(install(5, 8, 7, false) == SEALIFT_KEY_RESULT_INCOMPLETE);
  CHECK(install(5, 8, 8, true) == SEALIFT_KEY_RESULT_EQUAL);
  CHECK(install(6, 4, 4, false) == SEALIFT_KEY_RESULT_OK);
  CHECK(install(6, 8, 8, true) == SEALIFT_KEY_RESULT_EQUAL);
  for (std::uint32_t at = SEALIFT_SECURE_KEY; at < SEALIFT_SECURE_KEY + 32; at += 4) {
    CHECK(device.try_read(Port::Secure, at).data == 0);
    CHECK(device.try_read(Port::Secure, at - SEALIFT_SECURE_KEY + SEALIFT_SECURE_TWEAK_KEY).data == 0);
  }
}

TEST_CASE("keys: X25519 is RFC 7748's", "[keys]") {
  const auto result = [](const std::string& scalar, const std::string& u) {
    Bytes out(32);
    x25519(secret_of(scalar), from_hex(u), out);
    return out;
  };
  // Section 5.2
  CHECK(result("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
               "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c") ==
        from_hex("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"));
  CHECK(result("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
               "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493") ==
        from_hex("95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"));
  Bytes k = from_hex("0900000000000000000000000000000000000000000000000000000000000000"), u = k;
  for (int i = 0; i < 1000; ++i) {
    Secret scalar;
    std::copy(k.begin(), k.end(), scalar.span().begin());
    Bytes next(32);
    x25519(scalar, u, next);
    u = k;
    k = next;
    if (i == 0) CHECK(k == from_hex("422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"));
  }
  CHECK(k == from_hex("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51"));
  // Section 6.1
  const std::string alice = "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a";
  const std::string bob = "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb";
  const std::string alice_public = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a";
  const std::string bob_public = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f";
  const auto public_of = [](const std::string& key) {
    const PublicKey found = public_key(secret_of(key));
    return Bytes(found.begin(), found.end());
  };
  CHECK(public_of(alice) == from_hex(alice_public));
  CHECK(public_of(bob) == from_hex(bob_public));
  const Bytes shared = from_hex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
  CHECK(result(alice, bob_public) == shared);
  CHECK(result(bob, alice_public) == shared);
  // Points of small order: a secret that everyone knows.
  for (const char* point : {"0000000000000000000000000000000000000000000000000000000000000000",
                            "0100000000000000000000000000000000000000000000000000000000000000",
                            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"}) {
    CHECK_THROWS_AS(result(alice, point), KeyError);
  }
}

TEST_CASE("keys: HKDF-SHA-256 is RFC 5869's", "[keys]") {
  const auto result = [](const Bytes& secret, const Bytes& salt, const Bytes& info, std::size_t bytes) {
    Bytes out(bytes);
    hkdf_sha256(secret, salt, info, out);
    return out;
  };
  const auto counting = [](unsigned first, unsigned last) {
    Bytes out;
    for (unsigned i = first; i <= last; ++i) out.push_back(static_cast<std::uint8_t>(i));
    return out;
  };
  // Appendix A.1 to A.3
  CHECK(result(Bytes(22, 0x0b), counting(0, 0x0c), counting(0xf0, 0xf9), 42) ==
        from_hex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"));
  CHECK(
      result(counting(0, 0x4f), counting(0x60, 0xaf), counting(0xb0, 0xff), 82) ==
      from_hex(
          "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f"
          "09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"));
  CHECK(result(Bytes(22, 0x0b), {}, {}, 42) ==
        from_hex("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"));
}

TEST_CASE("keys: derivation is that of the golden model, by other code", "[keys]") {
  auto rng = tb::make_rng(3);
  for (const auto algorithm : all_algorithms()) {
    if (algorithm == Algorithm::None) continue;
    for (int i = 0; i < 4; ++i) {
      CAPTURE(name(algorithm));
      Bytes id(16), salt(4);
      for (auto& b : id) b = static_cast<std::uint8_t>(rng());
      for (auto& b : salt) b = static_cast<std::uint8_t>(rng());
      const auto same = [](const StreamKey& key, const golden::Key& expected) {
        return std::equal(expected.key.begin(), expected.key.end(), key.key.span().begin()) &&
               std::equal(expected.tweak.begin(), expected.tweak.end(), key.tweak.span().begin());
      };
      const auto seed = static_cast<std::uint8_t>(rng());
      const auto header = header_start(algorithm, Order::EncryptOnly, id, salt, {});
      CHECK(same(derive_key(make_secret(seed), nullptr, header),
                 golden::derive_stream_key(make_secret(seed).span(), header)));

      // The exchange: sender and receiver by this code, receiver by the golden model's.
      const Secret ephemeral = make_private_key(), from = make_private_key(), to = make_private_key();
      const auto exchanged = header_start(algorithm, Order::EncryptOnly, id, salt, public_key(ephemeral));
      const auto credential = [](const Secret& own, const Secret& peer) {
        Exchange exchange;
        std::copy(own.span().begin(), own.span().end(), exchange.own_private.span().begin());
        exchange.peer_public = public_key(peer);
        return Credential(std::move(exchange));
      };
      const golden::Key expected = golden::derive_exchanged_key(to.span(), public_key(from), exchanged);
      CHECK(same(derive_key(credential(from, to), &ephemeral, exchanged), expected));
      CHECK(same(derive_key(credential(to, from), nullptr, exchanged), expected));
      // Every bit of the header's first 80 bytes is in the key.
      auto changed = exchanged;
      changed[rng() % 12] ^= 1;
      CHECK_FALSE(same(derive_key(credential(to, from), nullptr, changed), expected));
      changed = exchanged;
      changed[16 + rng() % 63] ^= static_cast<std::uint8_t>(1U << (rng() % 8));
      CHECK_FALSE(same(derive_key(credential(to, from), nullptr, changed), expected));
      changed = exchanged;
      changed[79] ^= 0x80;  // a bit that X25519 itself ignores
      CHECK_FALSE(same(derive_key(credential(to, from), nullptr, changed), expected));
    }
  }
  CHECK_THROWS_AS(
      derive_key({}, nullptr, header_start(Algorithm::Aes256Gcm, Order::EncryptOnly, Bytes(16), Bytes(4), {})),
      KeyError);
}

TEST_CASE("keys: secrets are wiped when moved from and when wiped", "[sp]") {
  Secret a = make_secret(5);
  Secret b = std::move(a);
  CHECK(std::all_of(a.span().begin(), a.span().end(), [](std::uint8_t x) { return x == 0; }));
  CHECK(b.span()[0] == 5);
  b.wipe();
  CHECK(b.span()[0] == 0);
}
