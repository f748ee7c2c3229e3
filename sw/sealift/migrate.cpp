// SPDX-License-Identifier: Apache-2.0
#include "sealift/migrate.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <limits>

namespace sealift::command {
namespace {

using device::Kind;
using device::Request;
using device::RequestState;

constexpr std::array<std::uint8_t, 8> kImageMagic{0x53, 0x4C, 0x49, 0x4D, 0x41, 0x47, 0x45, 0x00};
constexpr std::size_t kImageInfoBytes = 32;
constexpr std::uint64_t kGuestLimit = 0x2000'0000'0000;  // bytes of guest memory behind kGuestBase at most
constexpr std::uint64_t kPageMask = kPageBytes - 1;

std::uint64_t round_up(std::uint64_t bytes, std::uint64_t unit) { return (bytes + unit - 1) / unit * unit; }

bool is_stream_status(Status status) {
  return static_cast<unsigned>(status) >= 0x20 && static_cast<unsigned>(status) < 0x40;
}

/// One line for a job that did not end well. `base`: where the job's source lies in the file.
UserError failure(const std::string& file, const JobResult& result, std::uint64_t base) {
  const auto& outcome = result.outcome;
  if (outcome.state == RequestState::Refused) {
    return UserError(fmt::format("{}: the security processor refused: {}", file,
                                 result.refusal.empty() ? std::string(explain(outcome.reason)) : result.refusal));
  }
  if (is_stream_status(outcome.status)) {
    return UserError(fmt::format("{}: {} ({}, in the record at byte {})", file, explain(outcome.status),
                                 name(outcome.status), base + outcome.error_address));
  }
  return UserError(fmt::format("{}: {} ({}, address {:#x})", file, explain(outcome.status), name(outcome.status),
                               outcome.error_address));
}

UserError stream_failure(const std::string& file, Status status, std::uint64_t offset) {
  return UserError(fmt::format("{}: {} ({}, in the record at byte {})", file, explain(status), name(status), offset));
}

/// Sums jobs, takes samples, shows progress.
class Tally {
 public:
  Tally(MigrateResult& result, std::uint64_t all_pages, const Watch& watch)
      : result_(result), all_(all_pages), watch_(watch), begin_(std::chrono::steady_clock::now()) {
    if (watch_) watch_(0, all_);
  }
  void set_all(std::uint64_t pages) { all_ = pages; }

  Session::Progress progress() {
    return [this](const device::Counters& counters, std::uint64_t cycles) { look(counters, cycles); };
  }

  void add(const JobResult& job) {
    look(job.outcome.counters, job.cycles);
    result_.counters += job.outcome.counters;
    result_.cycles += job.cycles;
    result_.jobs += 1;
  }

  void end() {
    result_.pages = result_.counters.pages;
    result_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  }

 private:
  void look(const device::Counters& counters, std::uint64_t cycles) {
    Sample sample{result_.cycles + cycles, result_.counters.pages + counters.pages,
                  result_.counters.bytes_in + counters.bytes_in, result_.counters.bytes_out + counters.bytes_out};
    // Samples are for plots: thinned out by half when they become many, so that memory stays constant.
    if (result_.samples.size() >= 4096) {
      for (std::size_t i = 0; i < result_.samples.size() / 2; ++i) result_.samples[i] = result_.samples[2 * i];
      result_.samples.resize(result_.samples.size() / 2);
    }
    if (result_.samples.empty() || sample.cycles > result_.samples.back().cycles) result_.samples.push_back(sample);
    if (watch_) watch_(sample.pages, all_);
  }

  MigrateResult& result_;
  std::uint64_t all_;
  const Watch& watch_;
  std::chrono::steady_clock::time_point begin_;
};

/// The records of a stream by their clear headers, for cutting it into jobs at record boundaries. It trusts nothing:
/// what it gets wrong, the hardware refuses.
class Scanner {
 public:
  explicit Scanner(Source& stream) : stream_(stream) {}

  struct Range {
    std::uint64_t address;
    std::uint64_t pages;
  };
  struct Chunk {
    std::uint64_t offset = 0;  // in the stream
    Bytes bytes;
    std::vector<Range> ranges;      // guest pages that the records name
    std::uint64_t end_address = 0;  // behind the last of them
    bool last = false;              // nothing comes after it
    bool metadata = false;          // a metadata record is among them
  };

  /// The next chunk: whole records, about `pages` guest pages.
  Chunk next(std::uint64_t pages) {
    Chunk chunk;
    chunk.offset = at_;
    if (at_ == 0) take(chunk, kStreamHeaderBytes);
    std::uint64_t taken = 0;
    std::array<std::uint8_t, kRecordHeaderBytes> header{};
    for (;;) {
      if (stream_.read_at(at_, header) < header.size()) return rest(std::move(chunk));
      const bool full = taken >= pages || chunk.bytes.size() >= (pages + 1) * kMaxRecordBytes;
      if (full && static_cast<RecordType>(header[0]) != RecordType::End) break;
      const auto payload = get_le<std::uint32_t>(header, 4);
      if (payload > kMaxPayloadBytes) return rest(std::move(chunk));
      const std::size_t size = kRecordHeaderBytes + payload + kTagBytes;
      const std::uint64_t address = get_le<std::uint64_t>(header, 8) & ~kPageMask;
      const auto type = static_cast<RecordType>(header[0]);
      const std::uint64_t count = type == RecordType::Page   ? 1
                                  : type == RecordType::Fill ? get_le<std::uint32_t>(header, 24)
                                                             : 0;
      // A run that would make the job much larger than asked for waits for a job of its own.
      if (taken > 0 && taken + count > 2 * pages) break;
      if (take(chunk, size) < size) return rest(std::move(chunk));
      if (count > 0) {
        if (address < kGuestLimit) {
          const std::uint64_t room = (kGuestLimit - address) / kPageBytes;
          chunk.ranges.push_back({address, std::min(count, room)});
          chunk.end_address = std::max(chunk.end_address, address + std::min(count, room) * kPageBytes);
        }
        taken += count;
      }
      if (type == RecordType::Metadata) chunk.metadata = true;
      if (type == RecordType::End) return rest(std::move(chunk));
    }
    return chunk;
  }

 private:
  std::size_t take(Chunk& chunk, std::size_t bytes) {
    const std::size_t before = chunk.bytes.size();
    chunk.bytes.resize(before + bytes);
    const std::size_t n = stream_.read_at(at_, Span(chunk.bytes).subspan(before));
    chunk.bytes.resize(before + n);
    at_ += n;
    return n;
  }

  /// What follows, one record's worth of it, ends the chunk: the hardware is to see that something follows, or that the
  /// stream is cut.
  Chunk rest(Chunk chunk) {
    take(chunk, kMaxRecordBytes);
    chunk.last = true;
    return chunk;
  }

  Source& stream_;
  std::uint64_t at_ = 0;
};

}  // namespace

MigrateResult migrate_out(Session& session, Source& image, Target& stream, security_processor::Credential credential,
                          const MigrateOptions& options, const Watch& watch) {
  const std::uint64_t size = image.size();
  if (size == 0) throw UserError(fmt::format("{}: the image is empty", image.name()));
  if (size % kPageBytes != 0 && !options.pad) {
    throw UserError(
        fmt::format("{}: its length, {} bytes, is not a multiple of 4096; --pad fills it up", image.name(), size));
  }
  const auto bucket = pad_of_bucket(options.bucket);
  if (!bucket) throw UserError("payloads are padded to 16, 64, 128, 256 or 512 bytes");
  const std::uint64_t pages = round_up(size, kPageBytes) / kPageBytes;
  if (pages * kPageBytes > kGuestLimit) throw UserError(fmt::format("{}: the image is too large", image.name()));
  device::Device& device = session.device();

  Request request;
  request.source_kind = Kind::Guest;
  request.target_kind = Kind::Stream;
  request.algorithm = static_cast<std::uint8_t>(options.algorithm);
  request.order = static_cast<std::uint8_t>(options.order);
  request.level = options.level;
  request.pad = *bucket;
  request.stream = session.new_stream();
  session.security_processor().provision(request.stream, std::move(credential));

  MigrateResult result;
  result.image_bytes = size;
  Tally tally(result, options.selection ? options.selection->count() : pages, watch);
  Bytes buffer;
  bool begun = false;
  for (std::uint64_t first = 0; first < pages; first += options.chunk_pages) {
    const std::uint64_t count = std::min<std::uint64_t>(options.chunk_pages, pages - first);
    const bool last = first + count == pages;
    request.list_kind = device::ListKind::None;
    if (options.selection) {
      vmm::DirtyBitmap chunk(count);
      for (std::uint64_t page = 0; page < count; ++page) {
        if (options.selection->test(first + page)) chunk.set(page);
      }
      if (chunk.count() == 0 && !last) continue;
      request.list_kind = device::ListKind::Bitmap;
      request.list = kListBase;
      request.list_bytes = chunk.bytes().size();
      device.write_memory(kListBase, chunk.bytes());
    }
    const std::uint64_t offset = first * kPageBytes;
    buffer.assign(count * kPageBytes, 0);
    const std::uint64_t expected = std::min<std::uint64_t>(buffer.size(), size - offset);
    if (image.read_at(offset, buffer) != expected) {
      throw UserError(fmt::format("{}: it became shorter while it was read", image.name()));
    }
    request.begin_stream = !begun;
    request.end_stream = last;
    request.guest_address = offset;
    request.source = kGuestBase + offset;
    request.source_bytes = buffer.size();
    request.target = kStreamBase;
    // Every page in a record of its own, stream header, metadata and end record.
    request.target_bytes = round_up(count * kMaxRecordBytes + kStreamHeaderBytes + 2 * kMaxRecordBytes, kPageBytes);
    request.metadata_bytes = 0;
    if (!begun && options.metadata) {
      std::array<std::uint8_t, kImageInfoBytes> info{};
      std::copy(kImageMagic.begin(), kImageMagic.end(), info.begin());
      put_le<std::uint64_t>(info, 8, size);
      put_le<std::uint64_t>(info, 16, pages);
      put_le<std::uint64_t>(info, 24, options.selection ? 1 : 0);
      device.write_memory(kMetadataBase, info);
      request.metadata = kMetadataBase;
      request.metadata_bytes = kImageInfoBytes;
    }
    device.write_memory(request.source, buffer);
    const JobResult job = session.run(request, tally.progress());
    if (!job.outcome.done()) throw failure(image.name(), job, offset);
    tally.add(job);
    const std::uint64_t written = job.outcome.counters.bytes_out;
    if (written > request.target_bytes)
      throw UserError("the device counts more bytes of stream than there is room for");
    buffer.resize(written);
    device.read_memory(request.target, buffer);
    stream.write_at(result.stream_bytes, buffer);
    result.stream_bytes += written;
    device.release_memory(request.source, count * kPageBytes);
    device.release_memory(request.target, request.target_bytes);
    begun = true;
  }
  device.release_memory(kMetadataBase, kPageBytes);
  device.release_memory(kListBase, round_up(options.chunk_pages / 8 + kBlockBytes, kPageBytes));
  tally.end();
  return result;
}

MigrateResult migrate_in(Session& session, Source& stream, Target& image, security_processor::Credential credential,
                         const MigrateOptions& options, const Watch& watch) {
  if (stream.size() == 0) throw UserError(fmt::format("{}: the stream is empty", stream.name()));
  device::Device& device = session.device();

  // The clear header says which algorithm and order to ask for; the hardware verifies it before it believes it.
  std::array<std::uint8_t, kStreamHeaderBytes> header{};
  const std::size_t header_bytes = stream.read_at(0, header);
  const bool is_stream = header_bytes == header.size() &&
                         std::equal(kStreamMagic.begin(), kStreamMagic.end(), header.begin()) &&
                         get_le<std::uint16_t>(header, 8) == kStreamVersion;
  Request request;
  request.source_kind = Kind::Stream;
  request.target_kind = Kind::Guest;
  request.algorithm = static_cast<std::uint8_t>(Algorithm::Aes256Gcm);
  request.order = static_cast<std::uint8_t>(Order::CompressThenEncrypt);
  if (is_stream) {
    const auto algorithm = static_cast<Algorithm>(header[12]);
    const auto order = static_cast<Order>(header[13]);
    const auto differs = [&](std::string_view what, std::string_view says) {
      return UserError(fmt::format("{}: its header says {} {}, which was not agreed ({})", stream.name(), what, says,
                                   name(Status::BadHeader)));
    };
    if (algorithm > Algorithm::Sm4Ctr || order > Order::Copy) {
      throw stream_failure(stream.name(), Status::BadHeader, 0);
    }
    if (options.agreed_algorithm && *options.agreed_algorithm != algorithm) {
      throw differs("algorithm", name(algorithm));
    }
    if (!options.agreed_algorithm && !authenticates(algorithm)) {
      throw UserError(
          fmt::format("{}: its header says algorithm {}, which has no tag against changes: it must be "
                      "agreed, by --algorithm {}",
                      stream.name(), name(algorithm), name(algorithm)));
    }
    if (options.agreed_order && *options.agreed_order != order) throw differs("order", name(order));
    request.algorithm = header[12];
    request.order = header[13];
  }
  request.stream = session.new_stream();
  session.security_processor().provision(request.stream, std::move(credential));

  MigrateResult result;
  result.stream_bytes = stream.size();
  Tally tally(result, 0, watch);
  Scanner scanner(stream);
  std::optional<std::uint64_t> image_pages;
  bool selected = false;
  std::uint64_t highest = 0;
  Bytes buffer;
  if (options.onto != nullptr) {
    highest = options.onto->size();
    buffer.resize(256 * kPageBytes);
    for (std::uint64_t at = 0; at < highest; at += buffer.size()) {
      const std::size_t n = options.onto->read_at(at, buffer);
      image.write_at(at, ConstSpan(buffer).first(n));
    }
  }
  for (bool last = false; !last;) {
    Scanner::Chunk chunk = scanner.next(options.chunk_pages);
    last = chunk.last;
    // A stream is a multiple of 16 bytes long. What is over belongs to a cut record, or stands behind the end record.
    const std::size_t odd = chunk.bytes.size() % kBlockBytes;
    chunk.bytes.resize(chunk.bytes.size() - odd);
    if (chunk.bytes.empty()) throw stream_failure(stream.name(), Status::Truncated, chunk.offset);
    std::uint64_t guest_bytes = std::max<std::uint64_t>(chunk.end_address, kPageBytes);
    if (image_pages) guest_bytes = std::min(guest_bytes, std::max<std::uint64_t>(*image_pages, 1) * kPageBytes);

    request.begin_stream = chunk.offset == 0;
    request.end_stream = last;
    request.source = kStreamBase;
    request.source_bytes = chunk.bytes.size();
    request.target = kGuestBase;
    request.target_bytes = guest_bytes;
    request.metadata = kMetadataBase;
    request.metadata_bytes = chunk.metadata ? static_cast<std::uint32_t>(kMaxMetadataBytes) : 0;
    device.write_memory(request.source, chunk.bytes);
    const JobResult job = session.run(request, tally.progress());
    if (!job.outcome.done()) throw failure(stream.name(), job, chunk.offset);
    tally.add(job);
    if (odd != 0) {
      throw stream_failure(stream.name(), Status::AfterEnd, chunk.offset + chunk.bytes.size());
    }

    if (chunk.metadata && request.begin_stream) {
      std::array<std::uint8_t, kImageInfoBytes> info{};
      device.read_memory(kMetadataBase, info);
      if (std::equal(kImageMagic.begin(), kImageMagic.end(), info.begin())) {
        result.image_bytes = get_le<std::uint64_t>(info, 8);
        image_pages = get_le<std::uint64_t>(info, 16);
        selected = get_le<std::uint64_t>(info, 24) != 0;
        if (selected && options.onto == nullptr) {
          throw UserError(fmt::format("{}: it holds only some pages of an image; --onto names the image they go onto",
                                      stream.name()));
        }
        if (result.image_bytes > kGuestLimit || round_up(result.image_bytes, kPageBytes) / kPageBytes != *image_pages) {
          throw UserError(fmt::format("{}: its metadata contradicts itself", stream.name()));
        }
        tally.set_all(*image_pages);
      }
    }
    for (const auto& range : chunk.ranges) {
      if (image_pages && range.address / kPageBytes + range.pages > *image_pages) {
        throw UserError(fmt::format("{}: a page at {:#x} lies outside the image of {} bytes", stream.name(),
                                    range.address, result.image_bytes));
      }
      highest = std::max(highest, range.address + range.pages * kPageBytes);
      for (std::uint64_t done = 0; done < range.pages * kPageBytes; done += buffer.size()) {
        buffer.resize(std::min<std::uint64_t>(range.pages * kPageBytes - done, 256 * kPageBytes));
        device.read_memory(kGuestBase + range.address + done, buffer);
        image.write_at(range.address + done, buffer);
      }
    }
    // Only now: a later record of the chunk may have replaced an earlier one.
    for (const auto& range : chunk.ranges) {
      device.release_memory(kGuestBase + range.address, range.pages * kPageBytes);
    }
    device.release_memory(kStreamBase, round_up(request.source_bytes, kPageBytes));
    device.release_memory(kMetadataBase, kPageBytes);
  }
  tally.end();
  if (!image_pages) {
    result.image_bytes = highest;
  } else if (!selected && result.pages < *image_pages) {
    throw UserError(fmt::format("{}: it holds {} pages of an image of {}", stream.name(), result.pages, *image_pages));
  }
  image.resize(result.image_bytes);
  return result;
}

}  // namespace sealift::command
