// SPDX-License-Identifier: Apache-2.0
#include "sealift/precopy.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "sealift/bench.h"
#include "sealift/terminal.h"

namespace sealift::command {
namespace {

using device::Kind;
using device::Request;
using device::RequestState;

constexpr std::uint64_t kReceiverBase = kGuestBase + 0x1000'0000'0000;
constexpr std::uint64_t kBitmapAddress = kListBase;
constexpr std::uint64_t kTableAddress = kListBase + 0x1'0000'0000;
constexpr std::uint64_t kGuestWriteBytes = 64;  // of a page, each time that the guest writes it

/// Runs a request and reads its completion record.
device::Completion run(Session& session, Request& request, std::uint32_t tag) {
  request.record = kRecordBase;
  request.tag = tag;
  const JobResult job = session.run(request);
  const auto& outcome = job.outcome;
  if (outcome.state == RequestState::Refused) {
    throw UserError(fmt::format("the security processor refused: {}", job.refusal));
  }
  if (!outcome.done()) {
    throw UserError(
        fmt::format("{} ({}, address {:#x})", explain(outcome.status), name(outcome.status), outcome.error_address));
  }
  const device::Completion completion = device::read_completion(session.device(), kRecordBase);
  session.device().release_memory(kRecordBase, kPageBytes);
  if (!completion.written || completion.tag != tag || completion.status != Status::Ok ||
      completion.bytes_out != outcome.counters.bytes_out) {
    throw UserError("the completion record is not that of the job");
  }
  return completion;
}

Request request_of(Session& session, const MigrateOptions& options) {
  Request request;
  request.algorithm = static_cast<std::uint8_t>(options.algorithm);
  request.order = static_cast<std::uint8_t>(options.order);
  request.level = options.level;
  request.pad = pad_of_bucket(options.bucket).value_or(0);
  request.stream = session.new_stream();
  return request;
}

}  // namespace

PrecopyResult precopy(Session& session, ConstSpan image, security_processor::Secret sender,
                      security_processor::Secret receiver, const PrecopyOptions& options) {
  device::Device& device = session.device();
  PrecopyResult result;
  result.pages = image.size() / kPageBytes;
  std::mt19937_64 random(options.seed);
  Bytes guest(image.begin(), image.end());
  device.write_memory(kGuestBase, guest);

  // The receiver has its frames where it likes.
  std::vector<std::uint64_t> table(result.pages);
  std::iota(table.begin(), table.end(), std::uint64_t{0});
  std::shuffle(table.begin(), table.end(), random);
  for (auto& entry : table) entry = kReceiverBase + entry * kPageBytes;
  const Bytes table_bytes = vmm::page_table(table);
  device.write_memory(kTableAddress, table_bytes);

  Request out = request_of(session, options.migrate);
  out.source_kind = Kind::Guest;
  out.target_kind = Kind::Stream;
  out.source = kGuestBase;
  out.source_bytes = guest.size();
  out.list_kind = device::ListKind::Bitmap;
  out.list = kBitmapAddress;
  Request in = request_of(session, options.migrate);
  in.source_kind = Kind::Stream;
  in.target_kind = Kind::Guest;
  in.target = kReceiverBase;
  in.target_bytes = guest.size();
  in.list_kind = device::ListKind::Table;
  in.list = kTableAddress;
  in.list_bytes = table_bytes.size();
  session.security_processor().provision(out.stream, std::move(sender));
  session.security_processor().provision(in.stream, std::move(receiver));

  vmm::DirtyBitmap dirty(result.pages);
  dirty.set_all();
  for (bool last = false; !last;) {
    const auto number = static_cast<std::uint32_t>(result.rounds.size());
    last = number + 1 >= options.rounds || (number > 0 && dirty.count() <= options.stop_pages);
    const std::uint64_t pages = dirty.count();
    device.write_memory(kBitmapAddress, dirty.bytes());
    out.begin_stream = number == 0;
    out.end_stream = last;
    out.list_bytes = dirty.bytes().size();
    out.target = kStreamBase;
    out.target_bytes = (pages + 2) * kMaxRecordBytes / kPageBytes * kPageBytes + kPageBytes;
    const device::Completion sent = run(session, out, 2 * number);
    PrecopyRound round;
    round.pages = sent.pages;
    round.stream_bytes = sent.bytes_out;
    round.cycles_out = sent.cycles;
    round.fill_pages = session.vmm().progress().fill_pages;

    // While the round was on its way the guest went on writing: what it wrote is the next round's.
    dirty.clear();
    if (!last) {
      const std::uint64_t writes = std::max<std::uint64_t>(1, pages * options.write_percent / 100);
      for (std::uint64_t i = 0; i < writes; ++i) {
        const std::uint64_t page = random() % result.pages;
        const std::uint64_t at = page * kPageBytes + random() % (kPageBytes - kGuestWriteBytes);
        for (std::uint64_t k = 0; k < kGuestWriteBytes; ++k) guest[at + k] = static_cast<std::uint8_t>(random());
        device.write_memory(kGuestBase + at, ConstSpan(guest).subspan(at, kGuestWriteBytes));
        dirty.set(page);
      }
    }

    in.begin_stream = out.begin_stream;
    in.end_stream = last;
    in.source = out.target;
    in.source_bytes = sent.bytes_out;
    const device::Completion landed = run(session, in, 2 * number + 1);
    round.cycles_in = landed.cycles;
    if (landed.pages != sent.pages || landed.last_sequence != sent.last_sequence) {
      throw UserError("the two ends count differently");
    }
    result.rounds.push_back(round);
    device.release_memory(out.target, out.target_bytes);
  }

  Bytes page(kPageBytes);
  for (std::uint64_t number = 0; number < result.pages; ++number) {
    device.read_memory(table[number], page);
    const ConstSpan expected = ConstSpan(guest).subspan(number * kPageBytes, kPageBytes);
    if (!std::equal(page.begin(), page.end(), expected.begin())) ++result.mismatches;
  }
  device.release_memory(kGuestBase, guest.size());
  device.release_memory(kReceiverBase, guest.size());
  return result;
}

int precopy(const PrecopyCommand& command) {
  const Bytes image = read_pages(command.pages);
  std::array<std::uint8_t, kSecretBytes> fresh{};
  security_processor::random_bytes(fresh);
  const auto secret = [&] {
    if (command.key_file) return read_key_file(*command.key_file);
    security_processor::Secret made;
    std::copy(fresh.begin(), fresh.end(), made.span().begin());
    return made;
  };
  Session session(make_device(command.backend), command.policy);
  const PrecopyResult result = precopy(session, image, secret(), secret(), command.options);
  std::vector<std::vector<std::string>> rows{
      {"round", "pages", "fill pages", "bytes of stream", "cycles out", "cycles in"}};
  PrecopyRound sum;
  for (const PrecopyRound& round : result.rounds) {
    rows.push_back({std::to_string(rows.size()), grouped(round.pages), grouped(round.fill_pages),
                    grouped(round.stream_bytes), grouped(round.cycles_out), grouped(round.cycles_in)});
    sum.pages += round.pages;
    sum.fill_pages += round.fill_pages;
    sum.stream_bytes += round.stream_bytes;
    sum.cycles_out += round.cycles_out;
    sum.cycles_in += round.cycles_in;
  }
  rows.push_back({"all", grouped(sum.pages), grouped(sum.fill_pages), grouped(sum.stream_bytes),
                  grouped(sum.cycles_out), grouped(sum.cycles_in)});
  print_table(rows);
  if (session.device().failures() != 0) {
    throw UserError(fmt::format("{} hardware assertions or bus checks failed", session.device().failures()));
  }
  if (result.mismatches != 0) throw UserError(fmt::format("{} pages of the receiver differ", result.mismatches));
  fmt::print("{} pages, the receiver equals the guest; seed {}\n", grouped(result.pages), command.options.seed);
  return 0;
}

}  // namespace sealift::command
