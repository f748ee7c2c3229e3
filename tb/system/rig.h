// SPDX-License-Identifier: Apache-2.0
// The verilated top with a security processor and a VMM played by the test, register by register, and golden streams.
#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>

#include "device/generated/sealift_regs.h"
#include "device/protocol.h"
#include "device/rtl_device.h"
#include "golden/reader.h"
#include "golden/writer.h"

namespace sealift::test {

using device::Port;

/// Where the tests put things. Not the addresses of the command, and beyond 32 bits.
inline constexpr std::uint64_t kGuest = 0x0012'0000'0000;
inline constexpr std::uint64_t kTarget = 0x0034'5600'0000;
inline constexpr std::uint64_t kStream = 0x4567'0000'0000;
inline constexpr std::uint64_t kMeta = 0x7abc'0000'0000;
inline constexpr std::uint64_t kList = 0x2468'0000'0000;
inline constexpr std::uint64_t kRecords = 0x1357'0000'0000;

inline Bytes load(const std::string& path, std::size_t at, std::size_t bytes) {
  std::ifstream in(path, std::ios::binary);
  Bytes all(bytes);
  in.seekg(static_cast<std::streamoff>(at));
  in.read(reinterpret_cast<char*>(all.data()), static_cast<std::streamsize>(bytes));
  if (!in) throw std::runtime_error("cannot read " + path);
  return all;
}

/// Random, zero, one word, sparse, few symbols, repeating, or a real page.
inline Bytes make_page(std::mt19937_64& rng) {
  Bytes page(kPageBytes, 0);
  switch (rng() % 9) {
    case 0:
      for (auto& b : page) b = static_cast<std::uint8_t>(rng());
      return page;
    case 1:
      return page;
    case 2: {
      const std::uint64_t word = rng();
      for (std::size_t at = 0; at < page.size(); at += 8) put_le(page, at, word);
      return page;
    }
    case 3:
      for (int i = 0; i < 20; ++i) page[rng() % page.size()] = static_cast<std::uint8_t>(rng());
      return page;
    case 4:
      for (auto& b : page) b = static_cast<std::uint8_t>("etaoin shrdlu"[rng() % 13]);
      return page;
    case 5:
      for (std::size_t at = 0; at < page.size(); ++at) {
        page[at] = at < 64 || rng() % 8 == 0 ? static_cast<std::uint8_t>(rng()) : page[at - 1 - rng() % 64];
      }
      return page;
    case 6:
      return load("data/dev-4k.bin", kPageBytes * (rng() % 1024), kPageBytes);
    default:
      return load("data/dev-run.bin", kPageBytes * (rng() % 1024), kPageBytes);
  }
}

/// Pages, with runs of equal fill pages among them.
inline Bytes make_pages(std::mt19937_64& rng, std::size_t count) {
  Bytes all;
  while (all.size() < count * kPageBytes) {
    const Bytes page = make_page(rng);
    const std::size_t times = golden::fill_word(page) ? 1 + rng() % 4 : 1;
    for (std::size_t i = 0; i < times && all.size() < count * kPageBytes; ++i) {
      all.insert(all.end(), page.begin(), page.end());
    }
  }
  return all;
}

inline Bytes make_bytes(std::mt19937_64& rng, std::size_t count) {
  Bytes out(count);
  for (auto& b : out) b = static_cast<std::uint8_t>(rng());
  return out;
}

/// What a stream is bound to.
struct Binding {
  golden::StreamHeader header;
  golden::Key key{};

  static Binding make(std::mt19937_64& rng, Order order) {
    return make(rng, order, encrypts(order) ? Algorithm::Aes256Gcm : Algorithm::None);
  }
  static Binding make(std::mt19937_64& rng, Order order, Algorithm algorithm) {
    Binding b;
    b.header.order = order;
    b.header.algorithm = algorithm;
    for (auto& x : b.header.stream_id) x = static_cast<std::uint8_t>(rng());
    for (auto& x : b.header.salt) x = static_cast<std::uint8_t>(rng());
    for (auto& x : b.header.key_exchange) x = static_cast<std::uint8_t>(rng());
    for (auto& x : b.key.key) x = static_cast<std::uint8_t>(rng());
    for (auto& x : b.key.tweak) x = static_cast<std::uint8_t>(rng());
    return b;
  }
  [[nodiscard]] golden::ReaderOptions reader() const {
    golden::ReaderOptions options;
    if (header.algorithm != Algorithm::None) options.key = key;
    options.algorithm = header.algorithm;
    options.order = header.order;
    return options;
  }
};

/// What the golden reader makes of a stream.
struct Opened {
  Status status = Status::Ok;  ///< of the first refusal
  std::uint64_t offset = 0;    ///< of the refusal
  std::uint64_t pages = 0, fill_pages = 0, records = 0;
  std::uint64_t wire_bytes = 0;  ///< DEFLATE or raw bytes of page records
  golden::StreamHeader header;
  std::map<std::uint64_t, Bytes> memory;      ///< page address to page
  std::map<std::uint64_t, Bytes> metadata;    ///< offset to block
  std::vector<std::uint64_t> record_offsets;  ///< of the records that were taken
  std::vector<golden::RecordHeader> headers;  ///< of the same
  std::vector<std::uint64_t> payload_used;    ///< of the same: bytes of inner block and body, without padding
};

/// `target_pages`: those of the migrate-in, beyond which it refuses what the reader does not.
inline Opened open_stream(ConstSpan stream, const Binding& binding, std::uint64_t target_pages = ~std::uint64_t{0}) {
  Opened o;
  golden::Reader reader(golden::memory_source(stream), binding.reader());
  o.status = reader.open();
  o.header = reader.header();
  golden::Record record;
  while (o.status == Status::Ok && !reader.done()) {
    o.status = reader.next(record);
    if (o.status != Status::Ok) break;
    if (record.type <= RecordType::Fill && (record.header.address / kPageBytes > target_pages ||
                                            record.header.count > target_pages - record.header.address / kPageBytes)) {
      o.status = Status::BadRecord;
      o.offset = record.offset;
      return o;
    }
    o.record_offsets.push_back(record.offset);
    o.headers.push_back(record.header);
    const bool wired = record.header.wire_length != 0;
    o.payload_used.push_back(kInnerBytes + (wired ? record.header.wire_length : record.inner.body_length));
    ++o.records;
    switch (record.type) {
      case RecordType::Page:
        o.memory[record.header.address] = record.body;
        ++o.pages;
        o.wire_bytes += record.deflate.empty() ? kPageBytes : record.deflate.size();
        break;
      case RecordType::Fill: {
        const auto page = golden::fill_page(record.inner.fill);
        for (std::uint32_t i = 0; i < record.header.count; ++i) {
          o.memory[record.header.address + i * kPageBytes] = Bytes(page.begin(), page.end());
        }
        o.pages += record.header.count;
        o.fill_pages += record.header.count;
        break;
      }
      case RecordType::Metadata:
        o.metadata[record.header.address] = record.body;
        break;
      case RecordType::End:
        break;
    }
  }
  o.offset = reader.offset();
  return o;
}

struct Job {
  Direction direction = Direction::Out;
  Order order = Order::CompressThenEncrypt;
  Algorithm algorithm = Algorithm::Aes256Gcm;
  Level level = Level::Default;
  unsigned pad = 0;
  bool verify = true;
  bool begin = true, end = true;
  unsigned slot = 0;
  std::uint64_t source = 0, source_bytes = 0, target = 0, target_bytes = 0, gpa = 0, meta = 0;
  std::uint32_t meta_bytes = 0;
  bool by_host = false;  ///< asked for by the host, and accepted
  unsigned list_kind = SEALIFT_LIST_NONE;
  std::uint64_t list = 0, list_bytes = 0;
  std::uint64_t record = 0;  ///< address of the completion record
  std::uint32_t tag = 0;
};

/// A completion record as docs/programmers-guide.md, section 6, lays it out.
struct Completion {
  std::uint64_t pages = 0, bytes_in = 0, bytes_out = 0, last_sequence = 0, cycles = 0, address = 0, records = 0;
  std::uint32_t tag = 0;
  Status code = Status::Ok;
  std::uint8_t written = 0;
};

struct Ended {
  Status start = Status::Ok;
  Status code = Status::Ok;
  std::uint64_t address = 0, last_sequence = 0;
  device::Counters counters;
};

class Rig {
 public:
  explicit Rig(const device::RtlOptions& options) : device(options) { boot(); }
  static device::RtlOptions calm(std::uint64_t seed) {
    device::RtlOptions o;
    o.check_bus = true;
    o.read_latency = 20;
    o.write_latency = 20;
    o.seed = seed;
    return o;
  }
  static device::RtlOptions wild(std::mt19937_64& rng) {
    device::RtlOptions o;
    o.check_bus = true;
    o.wild_registers = true;
    o.read_latency = 1 + static_cast<unsigned>(rng() % 200);
    o.write_latency = 1 + static_cast<unsigned>(rng() % 200);
    o.stall_percent = static_cast<unsigned>(rng() % 60);
    o.seed = rng();
    return o;
  }

  device::RtlDevice device;
  bool precise_windows = true;  ///< opened for just the job, as the security processor does

  std::uint32_t get(std::uint32_t offset) { return device.read(Port::Secure, offset); }
  void put(std::uint32_t offset, std::uint32_t value) { device.write(Port::Secure, offset, value); }

  /// After reset: any order, algorithm none too, interrupts on.
  void boot() {
    for (int i = 0; (get(SEALIFT_SECURE_ZEROIZE) & 2) != 0; ++i) {
      if (i == 1000) throw std::runtime_error("the key store does not come out of its wipe");
    }
    put(SEALIFT_SECURE_POLICY, 0x11f);
    put(SEALIFT_SECURE_TIMEOUT, 20000);
    put(SEALIFT_SECURE_IRQ_ENABLE, 7);
    device.write(Port::Host, SEALIFT_HOST_IRQ_ENABLE, 3);
  }

  void install(unsigned slot, const Binding& b, Direction direction) {
    clear(slot);
    const auto stage = [&](std::uint32_t at, ConstSpan bytes) {
      for (std::size_t i = 0; i < bytes.size(); i += 4) {
        put(at + static_cast<std::uint32_t>(i), get_le<std::uint32_t>(bytes, i));
      }
    };
    stage(SEALIFT_SECURE_KEY, b.key.key);
    stage(SEALIFT_SECURE_TWEAK_KEY, b.key.tweak);
    stage(SEALIFT_SECURE_KDF_PUBLIC, b.header.key_exchange);
    stage(SEALIFT_SECURE_STREAM_ID, b.header.stream_id);
    stage(SEALIFT_SECURE_SALT, b.header.salt);
    put(SEALIFT_SECURE_SLOT_CONFIG,
        static_cast<std::uint32_t>(b.header.algorithm) | (static_cast<std::uint32_t>(direction) << 4));
    put(SEALIFT_SECURE_KEY_INSTALL, slot);
    const auto result = get(SEALIFT_SECURE_KEY_STATUS) & 7;
    if (result != 0) throw std::runtime_error(fmt::format("key refused: {}", result));
  }
  void clear(unsigned slot) { put(SEALIFT_SECURE_SLOT_CLEAR, slot); }
  std::uint32_t slot_status(unsigned slot) {
    put(SEALIFT_SECURE_SLOT_SELECT, slot);
    return get(SEALIFT_SECURE_SLOT_STATUS);
  }
  std::uint64_t slot_sequence(unsigned slot) {
    put(SEALIFT_SECURE_SLOT_SELECT, slot);
    return device.read64(Port::Secure, SEALIFT_SECURE_SLOT_SEQ_LO);
  }

  void window(unsigned n, std::uint64_t base, std::uint64_t bytes, unsigned rights) {
    const std::uint32_t at = n * SEALIFT_SECURE_WINDOW_STRIDE;
    put(SEALIFT_SECURE_WINDOW_CTRL + at, 0);
    if (bytes == 0) return;
    device.write64(Port::Secure, SEALIFT_SECURE_WINDOW_BASE_LO + at, base);
    device.write64(Port::Secure, SEALIFT_SECURE_WINDOW_LIMIT_LO + at, base + bytes - 1);
    put(SEALIFT_SECURE_WINDOW_CTRL + at, 1U | rights);
  }
  static constexpr unsigned kRead = 2, kWrite = 4;

  static device::Request request_of(const Job& job) {
    device::Request r;
    r.source_kind = job.direction == Direction::Out ? device::Kind::Guest : device::Kind::Stream;
    r.target_kind = job.direction == Direction::Out ? device::Kind::Stream : device::Kind::Guest;
    r.begin_stream = job.begin;
    r.end_stream = job.end;
    r.algorithm = static_cast<std::uint8_t>(job.algorithm);
    r.order = static_cast<std::uint8_t>(job.order);
    r.pad = static_cast<std::uint8_t>(job.pad);
    r.level = job.level;
    r.stream = 77;
    r.metadata_bytes = job.meta_bytes;
    r.source = job.source;
    r.source_bytes = job.source_bytes;
    r.target = job.target;
    r.target_bytes = job.target_bytes;
    r.guest_address = job.gpa;
    r.metadata = job.meta;
    return r;
  }

  /// The host's part, up to the doorbell.
  void ask(const Job& job) {
    device::write_request(device, request_of(job));
    device.write(Port::Host, SEALIFT_HOST_IRQ_STATE, 3);
    device.write(Port::Host, SEALIFT_HOST_DOORBELL, 1);
  }
  [[nodiscard]] device::RequestState host_state() {
    return static_cast<device::RequestState>(device.read(Port::Host, SEALIFT_HOST_STATUS) & 7);
  }

  /// Everything but JOB_START.
  void prepare(const Job& job) {
    if (job.by_host) {
      ask(job);
      put(SEALIFT_SECURE_JUDGMENT, 1);
      device.write(Port::Host, SEALIFT_HOST_IRQ_STATE, 1);
    }
    put(SEALIFT_SECURE_IRQ_STATE, 7);
    const bool out = job.direction == Direction::Out;
    if (precise_windows) {
      window(0, job.source, job.source_bytes, kRead);
      window(1, job.target, job.target_bytes, kWrite);
      window(2, job.meta, job.meta_bytes, out ? kRead : kWrite);
      window(3, job.list, job.list_bytes, kRead);
      window(4, job.record, job.record == 0 ? 0 : 64, kWrite);
    }
    write_job(job);
  }
  void write_job(const Job& job) {
    put(SEALIFT_SECURE_JOB_CONFIG, static_cast<std::uint32_t>(job.direction) |
                                       (static_cast<std::uint32_t>(job.level) << 1) | (job.begin ? 4U : 0U) |
                                       (job.end ? 8U : 0U) | (static_cast<std::uint32_t>(job.algorithm) << 4) |
                                       (static_cast<std::uint32_t>(job.order) << 8) | (job.pad << 12) |
                                       (job.slot << 16) | (job.list_kind << 24) | (job.verify ? 1U << 28 : 0U));
    put(SEALIFT_SECURE_JOB_META_LEN, job.meta_bytes);
    device.write64(Port::Secure, SEALIFT_SECURE_JOB_SRC_LO, job.source);
    device.write64(Port::Secure, SEALIFT_SECURE_JOB_SRC_LEN_LO, job.source_bytes);
    device.write64(Port::Secure, SEALIFT_SECURE_JOB_DST_LO, job.target);
    device.write64(Port::Secure, SEALIFT_SECURE_JOB_DST_LEN_LO, job.target_bytes);
    device.write64(Port::Secure, SEALIFT_SECURE_JOB_GPA_LO, job.gpa);
    device.write64(Port::Secure, SEALIFT_SECURE_JOB_META_ADDR_LO, job.meta);
    device.write64(Port::Secure, SEALIFT_SECURE_JOB_LIST_LO, job.list);
    device.write64(Port::Secure, SEALIFT_SECURE_JOB_LIST_LEN_LO, job.list_bytes);
    device.write64(Port::Secure, SEALIFT_SECURE_JOB_RECORD_LO, job.record);
    put(SEALIFT_SECURE_JOB_TAG, job.tag);
  }
  /// Queues it; what became of that.
  Status push(const Job& job) {
    write_job(job);
    put(SEALIFT_SECURE_JOB_PUSH, 1);
    device.run(4);
    return static_cast<Status>((get(SEALIFT_SECURE_JOB_STATUS) >> 16) & 0xff);
  }
  Completion completion(std::uint64_t at) {
    const Bytes b = memory(at, 64);
    const auto word = [&](std::size_t i) { return get_le<std::uint64_t>(b, 8 * i); };
    return {word(0),
            word(1),
            word(2),
            word(3),
            word(4),
            word(5),
            word(6),
            get_le<std::uint32_t>(b, 56),
            static_cast<Status>(b[60]),
            b[63]};
  }
  /// Waits until no job runs or waits.
  void drain() {
    const std::uint64_t begin = device.cycles();
    while ((get(SEALIFT_SECURE_JOB_STATUS) & 0x0f000001) != 0) {
      device.run(64);
      if (device.cycles() - begin > kPatience) throw std::runtime_error("the jobs do not end");
    }
  }
  /// JOB_START; what became of it.
  Status go() {
    put(SEALIFT_SECURE_JOB_START, 1);
    device.run(8);
    return static_cast<Status>((get(SEALIFT_SECURE_JOB_STATUS) >> 16) & 0xff);
  }

  static constexpr std::uint64_t kPatience = 2'000'000;

  /// Waits for the end of a job that was started, and reads what became of it.
  Ended finish(const Job& job) {
    const std::uint64_t begin = device.cycles();
    for (;;) {
      if ((get(SEALIFT_SECURE_IRQ_STATE) & 2) != 0) break;
      // A host interrupt alone must not make this a busy loop.
      for (int i = 0; i < 64 && !device.interrupts().secure; ++i) device.run(8);
      if (device.cycles() - begin > kPatience) throw std::runtime_error("the job does not end");
    }
    if (!device.interrupts().secure) throw std::runtime_error("job_done without an interrupt");
    put(SEALIFT_SECURE_IRQ_STATE, 2);
    Ended e;
    const auto status = get(SEALIFT_SECURE_JOB_STATUS);
    e.code = static_cast<Status>((status >> 8) & 0xff);
    e.start = static_cast<Status>((status >> 16) & 0xff);
    e.address = device.read64(Port::Secure, SEALIFT_SECURE_JOB_ERROR_ADDR_LO);
    e.last_sequence = device.read64(Port::Secure, SEALIFT_SECURE_JOB_LAST_SEQ_LO);
    e.counters = device::read_counters(device, Port::Secure);
    if (job.by_host) check_host(e);
    return e;
  }

  Ended run(const Job& job) {
    prepare(job);
    const Status start = go();
    if (start != Status::Ok) {
      Ended e;
      e.start = e.code = start;
      return e;
    }
    return finish(job);
  }

  /// Reads a range of memory.
  Bytes memory(std::uint64_t at, std::uint64_t bytes) {
    Bytes out(bytes);
    device.read_memory(at, out);
    return out;
  }
  void fill_memory(std::uint64_t at, std::uint64_t bytes, std::uint8_t value) {
    device.write_memory(at, Bytes(bytes, value));
  }

 private:
  /// The host's view of the end of its job is that of the security processor.
  void check_host(const Ended& e) {
    const auto wrong = [](const char* what) {
      throw std::runtime_error(std::string("the host port differs: ") + what);
    };
    const auto irq = device.read(Port::Host, SEALIFT_HOST_IRQ_STATE);
    if ((irq & 2) == 0 || !device.interrupts().host) wrong("interrupt");
    device.write(Port::Host, SEALIFT_HOST_IRQ_STATE, irq);
    const auto status = device.read(Port::Host, SEALIFT_HOST_STATUS);
    const auto state = e.code == Status::Ok ? device::RequestState::Done : device::RequestState::Failed;
    if (static_cast<device::RequestState>(status & 7) != state) wrong("state");
    if (((status >> 16) & 0xff) != static_cast<std::uint32_t>(e.code)) wrong("job_code");
    if (device.read64(Port::Host, SEALIFT_HOST_ERROR_ADDR_LO) != e.address) wrong("error address");
    const auto c = device::read_counters(device, Port::Host);
    if (c.pages != e.counters.pages || c.fill_pages != e.counters.fill_pages || c.records != e.counters.records ||
        c.bytes_in != e.counters.bytes_in || c.bytes_out != e.counters.bytes_out || c.cycles != e.counters.cycles) {
      wrong("counters");
    }
  }
};

/// Where two ranges begin to differ; nothing where they do not. (Catch would print all of them.)
inline std::optional<std::size_t> difference(const Bytes& a, const Bytes& b) {
  if (a == b) return std::nullopt;
  const auto at = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  return static_cast<std::size_t>(at.first - a.begin());
}

/// A whole stream by the golden writer.
inline Bytes write_stream(const Binding& b, ConstSpan pages, std::uint64_t gpa, const golden::DeflateOptions& deflate,
                          std::uint32_t bucket, ConstSpan metadata = {}, std::uint32_t max_run = 1024) {
  Bytes out;
  golden::WriterOptions options;
  options.key = b.key;
  options.deflate = deflate;
  options.bucket = bucket;
  options.max_run = max_run;
  golden::Writer writer(b.header, {}, options,
                        [&](ConstSpan part) { out.insert(out.end(), part.begin(), part.end()); });
  if (!metadata.empty()) writer.add_metadata(0, metadata);
  for (std::size_t at = 0; at < pages.size(); at += kPageBytes) {
    writer.add_page(gpa + at, pages.subspan(at, kPageBytes));
  }
  writer.finish();
  return out;
}

}  // namespace sealift::test
