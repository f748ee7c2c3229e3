// SPDX-License-Identifier: Apache-2.0
#include "device/golden_device.h"

#include <algorithm>
#include <deque>
#include <optional>

#include "device/generated/sealift_regs.h"
#include "device/sparse_memory.h"
#include "golden/reader.h"
#include "golden/writer.h"

namespace sealift::device {
namespace {

constexpr unsigned kSlots = 8;
constexpr unsigned kWindows = 8;
constexpr std::uint32_t kCapOrders = 0x1fU << 16;
constexpr std::uint32_t kCapUnits = 1U | (1U << 8) | (kSlots << 16) | (kWindows << 24);
constexpr std::size_t kQueueDepth = 8;
constexpr std::uint32_t kCapJobs = kQueueDepth | (0x1fU << 8);
constexpr std::uint64_t kPageNumbers = std::uint64_t{1} << 52;
constexpr std::size_t kCompletionBytes = 64;
constexpr std::uint32_t kCapBus = 128U | (8U << 16) | (8U << 24);

enum class RequestState : std::uint32_t { Idle, Requested, Refused, Accepted, Running, Done, Failed };

struct Slot {
  bool valid = false;
  bool locked = false;
  bool ended = false;
  Direction direction = Direction::Out;
  Algorithm algorithm = Algorithm::None;
  golden::Key key{};
  golden::StreamHeader header;
  std::unique_ptr<golden::Writer> writer;
  std::unique_ptr<golden::Reader> reader;
  Bytes made;        // what the writer has written and no job has stored yet
  ConstSpan source;  // what the reader may take in this job
  std::uint64_t sequence = 0;
};

struct Counts {
  std::uint64_t pages = 0, fill_pages = 0, records = 0, bytes_in = 0, bytes_out = 0, body_bytes = 0;
  std::uint32_t stored = 0, fixed = 0, dynamic = 0;
  std::uint64_t cycles = 0;
};

/// The job registers, or a job taken from them.
struct JobWords {
  std::array<std::uint32_t, 16> first{1U << 28};  // JOB_CONFIG .. by (offset - 0x180) / 4
  std::array<std::uint32_t, 7> second{};          // JOB_LIST_LO .. by (offset - 0x1e0) / 4
  bool host = false;                              // it fulfils the host's request
  Status verdict = Status::Ok;                    // why it must not run any more

  [[nodiscard]] std::uint32_t word(std::uint32_t offset) const {
    return offset < SEALIFT_SECURE_JOB_LIST_LO ? first[(offset - SEALIFT_SECURE_JOB_CONFIG) / 4]
                                               : second[(offset - SEALIFT_SECURE_JOB_LIST_LO) / 4];
  }
  [[nodiscard]] std::uint64_t wide(std::uint32_t offset) const {
    return word(offset) | (std::uint64_t{word(offset + 4)} << 32);
  }
  [[nodiscard]] std::uint32_t slot() const { return (first[0] >> 16) & 15; }
};

/// Ends a job from inside.
struct JobEnd {
  Status status;
  std::uint64_t address;
};

bool in_range(std::uint32_t offset, std::uint32_t first, std::uint32_t last) {
  return offset >= first && offset <= last && offset % 4 == 0;
}

}  // namespace

struct GoldenDevice::Impl {
  std::uint16_t algorithms = 0;
  SparseMemory memory;
  std::uint64_t cycles = 0;
  std::optional<Status> fail_next;

  struct Registers {
    std::array<std::uint32_t, 16> request{};      // host REQ_CONFIG ..  by (offset - 0x40) / 4
    std::array<std::uint32_t, 7> request_list{};  // host REQ_LIST_LO .. by (offset - 0xc0) / 4
    std::uint32_t host_jobs = 0;                  // of the host, waiting and running
    std::uint32_t jobs_ended = 0, host_jobs_ended = 0;
    std::array<std::uint32_t, 2> host_moderation{}, secure_moderation{};  // IRQ_COUNT, IRQ_TIMER: without effect
    Status host_code = Status::Ok;
    RequestState state = RequestState::Idle;
    bool pending = false;
    bool doorbell_ignored = false;
    std::uint32_t reason = 0;
    std::uint32_t host_irq = 0, host_enable = 0;
    std::uint32_t secure_irq = 0, secure_enable = 0;
    std::uint32_t policy = 0x07, timeout = 0x00100000, judgment = 0;
    JobWords job;
    std::deque<JobWords> waiting;
    JobWords current;  // the job that runs, or ran last
    bool busy = false;
    Status job_code = Status::Ok, start_code = Status::Ok;
    std::uint64_t error_address = 0, last_sequence = 0;
    Counts counts;
    golden::Key stage_key;
    std::array<std::uint8_t, 32> stage_kdf{};
    std::array<std::uint8_t, 16> stage_id{};
    std::array<std::uint8_t, 4> stage_salt{};
    std::uint32_t staged = 0;  // word by word, bits as in KEY_STATUS
    std::uint32_t slot_config = 0, slot_select = 0, key_result = 0, key_refused = 0;
    std::array<std::array<std::uint32_t, 5>, kWindows> windows{};
  } r;
  std::array<Slot, kSlots> slots;

  [[nodiscard]] std::uint64_t job64(std::uint32_t offset) const { return r.current.wide(offset); }
  [[nodiscard]] std::uint32_t job_config() const { return r.current.first[0]; }
  [[nodiscard]] std::uint32_t metadata_bytes() const { return r.current.first[1] & 0x1fff; }
  [[nodiscard]] bool has(Algorithm algorithm) const {
    return ((algorithms >> static_cast<unsigned>(algorithm)) & 1) != 0;
  }

  void check_window(std::uint64_t address, std::uint64_t bytes, bool write) const {
    for (const auto& w : r.windows) {
      const std::uint64_t base = w[0] | (std::uint64_t{w[1]} << 32);
      const std::uint64_t limit = w[2] | (std::uint64_t{w[3]} << 32);
      if ((w[4] & 1) != 0 && (w[4] & (write ? 4U : 2U)) != 0 && address >= base && address <= limit &&
          bytes - 1 <= limit - address) {
        return;
      }
    }
    throw JobEnd{Status::Window, address};
  }

  // ---------------------------------------------------------------- jobs
  Status verdict() {
    if (r.current.verdict != Status::Ok) return r.current.verdict;
    const std::uint32_t config = job_config();
    const auto algorithm = static_cast<Algorithm>((config >> 4) & 15);
    const auto order = static_cast<Order>((config >> 8) & 7);
    const std::uint32_t number = (config >> 16) & 15;
    if (!has(algorithm)) return Status::BadAlg;
    if (order > Order::Copy || !match(order, algorithm) || ((config >> 12) & 7) >= kPadBuckets.size() || !list_fits()) {
      return Status::BadConfig;
    }
    if ((r.policy & (1U << static_cast<unsigned>(order))) == 0) return Status::Policy;
    if (!authenticates(algorithm) && (r.policy & 0x100) == 0) return Status::Policy;
    if (number >= kSlots) return Status::BadSlot;
    const Slot& slot = slots[number];
    const auto direction = static_cast<Direction>(config & 1);
    if (!slot.valid || slot.ended || slot.direction != direction || slot.algorithm != algorithm) return Status::BadSlot;
    const bool begin = (config & 4) != 0;
    if (begin == (slot.writer || slot.reader)) return Status::BadSlot;
    if (job64(SEALIFT_SECURE_JOB_DST_LO) % 16 != 0 || job64(SEALIFT_SECURE_JOB_SRC_LO) % 16 != 0)
      return Status::BadAlign;
    const std::uint64_t unit = direction == Direction::Out ? kPageBytes : kBlockBytes;
    if (job64(SEALIFT_SECURE_JOB_SRC_LEN_LO) % unit != 0) return Status::BadAlign;
    if (job64(SEALIFT_SECURE_JOB_RECORD_LO) % kCompletionBytes != 0) return Status::BadAlign;
    if (list_kind() != SEALIFT_LIST_NONE) {
      const std::uint64_t entry = list_kind() == SEALIFT_LIST_RANGES ? 32 : 16;
      const std::uint64_t bytes = job64(SEALIFT_SECURE_JOB_LIST_LEN_LO);
      if (bytes == 0 || bytes % entry != 0 || job64(SEALIFT_SECURE_JOB_LIST_LO) % 16 != 0) return Status::BadAlign;
    }
    return Status::Ok;
  }

  [[nodiscard]] std::uint32_t list_kind() const { return (job_config() >> 24) & 7; }
  [[nodiscard]] bool list_fits() const {
    if (list_kind() == SEALIFT_LIST_NONE) return true;
    return (list_kind() == SEALIFT_LIST_TABLE) == ((job_config() & 1) != 0) && list_kind() <= SEALIFT_LIST_TABLE;
  }

  /// The job's list, read whole.
  [[nodiscard]] Bytes read_list() {
    Bytes list(job64(SEALIFT_SECURE_JOB_LIST_LEN_LO));
    check_window(job64(SEALIFT_SECURE_JOB_LIST_LO), list.size(), false);
    memory.read(job64(SEALIFT_SECURE_JOB_LIST_LO), list);
    return list;
  }

  /// Calls `take(address, guest physical address)` for each page that the job moves. Returns the address of the entry
  /// that is not legal, if there is one.
  template <class Take>
  std::optional<std::uint64_t> each_page(const Take& take) {
    const std::uint64_t src = job64(SEALIFT_SECURE_JOB_SRC_LO), gpa = job64(SEALIFT_SECURE_JOB_GPA_LO);
    const std::uint64_t bytes = job64(SEALIFT_SECURE_JOB_SRC_LEN_LO), base = job64(SEALIFT_SECURE_JOB_LIST_LO);
    if (list_kind() == SEALIFT_LIST_NONE) {
      for (std::uint64_t at = 0; at < bytes; at += kPageBytes) take(src + at, gpa + at);
      return std::nullopt;
    }
    const Bytes list = read_list();
    const auto word = [&](std::size_t at) { return get_le<std::uint64_t>(list, at); };
    if (list_kind() == SEALIFT_LIST_BITMAP) {
      for (std::uint64_t page = 0; page < 8 * list.size(); ++page) {
        if ((list[page / 8] >> (page % 8) & 1) == 0) continue;
        if (page >= bytes / kPageBytes) return base + page / 64 * 8;
        take(src + page * kPageBytes, gpa + page * kPageBytes);
      }
      return std::nullopt;
    }
    const bool ranges = list_kind() == SEALIFT_LIST_RANGES;
    for (std::size_t at = 0; at < list.size(); at += ranges ? 32 : 16) {
      const std::uint64_t address = word(at + (ranges ? 0 : 8)), number = word(at + (ranges ? 8 : 0));
      const std::uint64_t pages = ranges ? word(at + 16) : 1;
      if (address % kPageBytes != 0 || number >= kPageNumbers || pages == 0 || pages > kPageNumbers - number ||
          pages > kPageNumbers - address / kPageBytes || (ranges && word(at + 24) != 0)) {
        return base + at;
      }
      for (std::uint64_t i = 0; i < pages; ++i) take(address + i * kPageBytes, (number + i) * kPageBytes);
    }
    return std::nullopt;
  }

  void run_out(Slot& slot) {
    const std::uint32_t config = job_config();
    Counts& counts = r.counts;
    if ((config & 4) != 0) {
      golden::WriterOptions options;
      options.key = slot.key;
      options.bucket = kPadBuckets[(config >> 12) & 7];
      options.deflate.level = (config & 2) != 0 ? 9 : 6;
      slot.header.order = static_cast<Order>((config >> 8) & 7);
      slot.writer = std::make_unique<golden::Writer>(slot.header, ConstSpan{}, options, [&slot](ConstSpan bytes) {
        slot.made.insert(slot.made.end(), bytes.begin(), bytes.end());
      });
    }
    golden::Writer& writer = *slot.writer;
    const golden::Writer::Totals before = writer.totals();
    if (const std::uint32_t length = metadata_bytes(); length != 0) {
      const std::uint64_t address = job64(SEALIFT_SECURE_JOB_META_ADDR_LO);
      check_window(address, length, false);
      Bytes metadata(length);
      memory.read(address, metadata);
      writer.add_metadata(0, metadata);
      counts.bytes_in += length;
    }
    const auto bad_entry = each_page([&](std::uint64_t address, std::uint64_t guest_address) {
      std::array<std::uint8_t, kPageBytes> page{};
      check_window(address, page.size(), false);
      memory.read(address, page);
      const auto made = writer.totals().body_bytes;
      writer.add_page(guest_address, page);
      const auto body = writer.totals().body_bytes - made;
      if (body != 0 && compresses(slot.header.order)) {
        // Only a stored block is longer than the page; zlib's kind of block is not looked at further.
        (body > kPageBytes ? counts.stored : counts.dynamic) += 1;
      }
      counts.bytes_in += page.size();
    });
    writer.flush();
    const golden::Writer::Totals after = writer.totals();
    const bool ends = (config & 8) != 0 && !bad_entry;
    if (ends) {
      writer.finish();
      slot.ended = true;
    }
    counts.pages = after.pages - before.pages;
    counts.fill_pages = after.fill_pages - before.fill_pages;
    counts.records = after.records - before.records + (ends ? 1 : 0);
    counts.body_bytes = after.body_bytes - before.body_bytes;
    slot.sequence = writer.next_sequence();
    r.last_sequence = slot.sequence - 1;
    const std::uint64_t dst = job64(SEALIFT_SECURE_JOB_DST_LO);
    if (slot.made.size() > job64(SEALIFT_SECURE_JOB_DST_LEN_LO)) throw JobEnd{Status::DstFull, dst};
    if (!slot.made.empty()) check_window(dst, slot.made.size(), true);
    memory.write(dst, slot.made);
    counts.bytes_out = slot.made.size();
    slot.made.clear();
    if (bad_entry) throw JobEnd{Status::BadEntry, *bad_entry};
  }

  void run_in(Slot& slot) {
    const std::uint32_t config = job_config();
    const std::uint64_t src = job64(SEALIFT_SECURE_JOB_SRC_LO);
    const std::uint64_t dst = job64(SEALIFT_SECURE_JOB_DST_LO);
    const std::uint64_t room = job64(SEALIFT_SECURE_JOB_DST_LEN_LO);
    Bytes source(job64(SEALIFT_SECURE_JOB_SRC_LEN_LO));
    if (!source.empty()) check_window(src, source.size(), false);
    memory.read(src, source);
    slot.source = source;
    slot.header.order = static_cast<Order>((config >> 8) & 7);
    const std::uint64_t base = slot.reader ? slot.reader->offset() : 0;
    const auto refuse = [&](Status status) {
      throw JobEnd{status, slot.reader->offset() - std::min(base, slot.reader->offset())};
    };
    if ((config & 4) != 0) {
      golden::ReaderOptions options;
      options.key = slot.key;
      options.algorithm = slot.algorithm;
      options.order = static_cast<Order>((config >> 8) & 7);
      slot.reader = std::make_unique<golden::Reader>(
          [&slot](Span out) {
            const std::size_t n = std::min(out.size(), slot.source.size());
            std::copy_n(slot.source.begin(), n, out.begin());
            slot.source = slot.source.subspan(n);
            return n;
          },
          std::move(options));
      const Status status = slot.reader->open();
      if (status == Status::BadMagic || status == Status::BadVersion || status == Status::Truncated) refuse(status);
      const auto agreed = slot.header.bytes();  // the hardware compares them all before it looks at the tag
      if (!std::equal(agreed.begin(), agreed.end(), source.begin())) refuse(Status::BadHeader);
      if (status != Status::Ok) refuse(status);
    }
    golden::Reader& reader = *slot.reader;
    Counts& counts = r.counts;
    golden::Record record;
    const bool must_end = (config & 8) != 0;
    std::optional<Bytes> table;
    if (list_kind() == SEALIFT_LIST_TABLE) table = read_list();
    while (!reader.done() && (must_end || !slot.source.empty())) {
      if (const Status status = reader.next(record); status != Status::Ok) refuse(status);
      const auto deliver = [&](std::uint64_t address, ConstSpan page) {
        std::uint64_t place = dst + address;
        if (table) {
          const std::uint64_t entry = address / kPageBytes * 8;
          if (entry >= table->size()) throw JobEnd{Status::BadRecord, record.offset - std::min(base, record.offset)};
          place = get_le<std::uint64_t>(*table, entry);
          if (place == 0 || place % kPageBytes != 0) {
            throw JobEnd{Status::NoPage, job64(SEALIFT_SECURE_JOB_LIST_LO) + entry};
          }
        } else if (address >= room || room - address < page.size()) {
          throw JobEnd{Status::Window, place};
        }
        check_window(place, page.size(), true);
        memory.write(place, page);
        counts.pages += 1;
        counts.bytes_out += page.size();
      };
      counts.records += 1;
      r.last_sequence = record.header.sequence;
      if (record.type == RecordType::Page) {
        deliver(record.header.address, record.body);
        counts.body_bytes += record.deflate.empty() ? record.body.size() : record.deflate.size();
      } else if (record.type == RecordType::Fill) {
        const auto page = golden::fill_page(record.inner.fill);
        for (std::uint64_t i = 0; i < record.header.count; ++i) {
          deliver(record.header.address + i * kPageBytes, page);
          counts.fill_pages += 1;
        }
      } else if (record.type == RecordType::Metadata) {
        const std::uint64_t limit = metadata_bytes();
        const std::uint64_t address = job64(SEALIFT_SECURE_JOB_META_ADDR_LO) + record.header.address;
        if (record.header.address + record.body.size() > limit) throw JobEnd{Status::DstFull, address};
        check_window(address, record.body.size(), true);
        memory.write(address, record.body);
      }
    }
    counts.bytes_in = source.size() - slot.source.size();
    slot.sequence = r.last_sequence + 1;
    slot.source = {};
    if (reader.done()) slot.ended = true;
  }

  void run_job() {
    Slot& slot = slots[r.current.slot()];
    Status status = Status::Ok;
    std::uint64_t address = 0;
    try {
      if (fail_next) {
        const Status forced = *fail_next;
        fail_next.reset();
        throw JobEnd{forced, 0};
      }
      if (slot.direction == Direction::Out) {
        run_out(slot);
      } else {
        run_in(slot);
      }
    } catch (const JobEnd& end) {
      status = end.status;
      address = end.address;
      slot.ended = true;
      slot.source = {};
    }
    r.counts.cycles = 64 + (r.counts.bytes_in + r.counts.bytes_out) / 16;
    cycles += r.counts.cycles;
    end_job(status, address);
  }

  /// The job is over; those that wait follow.
  void end_job(Status status, std::uint64_t address) {
    r.busy = false;
    r.job_code = status;
    r.error_address = address;
    complete();
    r.jobs_ended += 1;
    if (r.current.host) {
      r.host_jobs_ended += 1;
      r.host_jobs -= 1;
      r.host_code = r.job_code;
      r.host_irq |= 2;
      if (r.state == RequestState::Running && r.host_jobs == 0) {
        r.state = r.job_code == Status::Ok ? RequestState::Done : RequestState::Failed;
      }
    }
    r.secure_irq |= 2;
    if (r.job_code != Status::Ok) {
      for (auto& job : r.waiting) {
        if (job.slot() == r.current.slot() && job.verdict == Status::Ok) job.verdict = Status::Broken;
      }
    }
    if (r.waiting.empty()) return;
    const JobWords next = r.waiting.front();
    r.waiting.pop_front();
    take(next);
  }

  /// docs/programmers-guide.md, section 6.
  void complete() {
    const std::uint64_t address = job64(SEALIFT_SECURE_JOB_RECORD_LO);
    if (address == 0 || address % kCompletionBytes != 0) return;
    std::array<std::uint8_t, kCompletionBytes> record{};
    const Counts& c = r.counts;
    const std::array<std::uint64_t, 7> words{c.pages,  c.bytes_in,      c.bytes_out, r.last_sequence,
                                             c.cycles, r.error_address, c.records};
    for (std::size_t i = 0; i < words.size(); ++i) put_le<std::uint64_t>(record, 8 * i, words[i]);
    put_le<std::uint32_t>(record, 56, r.current.word(SEALIFT_SECURE_JOB_TAG));
    record[60] = static_cast<std::uint8_t>(r.job_code);
    record[63] = 1;
    try {
      check_window(address, record.size(), true);
      memory.write(address, record);
    } catch (const JobEnd& end) {
      if (r.job_code != Status::Ok) return;
      r.job_code = end.status;
      r.error_address = end.address;
    }
  }

  /// Takes a job that may run, or ends one that may not. Returns which.
  Status take(const JobWords& job) {
    r.current = job;
    r.counts = {};
    r.last_sequence = 0;
    r.job_code = Status::Ok;
    r.error_address = 0;
    const Status status = verdict();
    r.busy = true;
    if (status != Status::Ok) end_job(status, 0);
    return status;
  }

  JobWords hand_over() {
    JobWords job = r.job;
    job.host = r.state == RequestState::Accepted;
    if (job.host) {
      r.state = RequestState::Running;
      r.host_jobs += 1;
    }
    return job;
  }

  void start_job() {
    r.start_code = Status::Busy;
    if (!r.busy) r.start_code = take(hand_over());
  }

  void push_job() {
    r.start_code = Status::Ok;
    if (!r.busy) {
      take(hand_over());
    } else if (r.waiting.size() == kQueueDepth) {
      r.start_code = Status::Busy;
    } else {
      r.waiting.push_back(hand_over());
    }
  }

  void abort(std::uint32_t value) {
    if ((value & 2) != 0) {
      for (auto& job : r.waiting) job.verdict = Status::Aborted;
    }
    if ((value & 1) != 0 && r.busy) {
      slots[r.current.slot()].ended = true;
      end_job(Status::Aborted, 0);
    }
  }

  void zeroize() {
    for (auto& slot : slots) {
      slot = Slot{};
    }
    r.stage_key = {};
    r.staged = 0;
    if (r.busy) end_job(Status::Zeroized, 0);
  }

  // ---------------------------------------------------------------- keys
  void key_result(std::uint32_t result) {
    r.key_result = result;
    if (result != SEALIFT_KEY_RESULT_OK) ++r.key_refused;
  }

  /// What must have been staged, as in KEY_STATUS.
  static std::uint32_t needed(Algorithm algorithm) {
    std::uint32_t words = 0x1f0000;  // stream id and salt
    if (algorithm == Algorithm::None) return words;
    const std::uint32_t key = golden::key_bytes(algorithm) == 32 ? 0xff : 0x0f;
    words |= key << 8;
    if (golden::is_xts(algorithm)) words |= key << 24;
    return words;
  }

  void install(std::uint32_t number) {
    const auto algorithm = static_cast<Algorithm>(r.slot_config & 15);
    std::uint32_t result = SEALIFT_KEY_RESULT_OK;
    if (number >= kSlots) {
      result = SEALIFT_KEY_RESULT_BAD_SLOT;
    } else if (slots[number].locked) {
      result = SEALIFT_KEY_RESULT_LOCKED;
    } else if (slots[number].valid) {
      result = SEALIFT_KEY_RESULT_VALID;
    } else if (!has(algorithm)) {
      result = SEALIFT_KEY_RESULT_BAD_ALG;
    } else if ((r.staged & needed(algorithm)) != needed(algorithm)) {
      result = SEALIFT_KEY_RESULT_INCOMPLETE;
    } else if (golden::is_xts(algorithm) &&
               std::equal(r.stage_key.key.begin(),
                          r.stage_key.key.begin() + static_cast<std::ptrdiff_t>(golden::key_bytes(algorithm)),
                          r.stage_key.tweak.begin())) {
      result = SEALIFT_KEY_RESULT_EQUAL;
    } else {
      Slot slot;
      slot.valid = true;
      slot.direction = static_cast<Direction>((r.slot_config >> 4) & 1);
      slot.algorithm = algorithm;
      slot.key = r.stage_key;
      slot.header.algorithm = algorithm;
      slot.header.stream_id = r.stage_id;
      slot.header.salt = r.stage_salt;
      slot.header.key_exchange = r.stage_kdf;
      slots[number] = std::move(slot);
    }
    r.stage_key = {};
    r.stage_kdf.fill(0);
    r.staged = 0;
    key_result(result);
  }

  void lock(std::uint32_t number) {
    if (number >= kSlots) return key_result(SEALIFT_KEY_RESULT_BAD_SLOT);
    slots[number].locked = true;
    key_result(SEALIFT_KEY_RESULT_OK);
  }

  void clear(std::uint32_t number) {
    if (number >= kSlots) return key_result(SEALIFT_KEY_RESULT_BAD_SLOT);
    if (slots[number].locked) return key_result(SEALIFT_KEY_RESULT_LOCKED);
    if (r.busy && r.current.slot() == number) return key_result(SEALIFT_KEY_RESULT_BUSY);
    slots[number] = Slot{};
    key_result(SEALIFT_KEY_RESULT_OK);
  }

  // ---------------------------------------------------------------- registers
  [[nodiscard]] std::optional<std::uint32_t> read_counts(std::uint32_t offset) const {
    const Counts& c = r.counts;
    const std::array<std::uint64_t, 6> wide{c.pages, c.fill_pages, c.records, c.bytes_in, c.bytes_out, c.body_bytes};
    if (in_range(offset, SEALIFT_HOST_PAGES_LO, SEALIFT_HOST_BODY_BYTES_HI)) {
      const std::uint32_t i = (offset - SEALIFT_HOST_PAGES_LO) / 4;
      return static_cast<std::uint32_t>(wide[i / 2] >> (i % 2 * 32));
    }
    switch (offset) {
      case SEALIFT_HOST_STORED:
        return c.stored;
      case SEALIFT_HOST_FIXED:
        return c.fixed;
      case SEALIFT_HOST_DYNAMIC:
        return c.dynamic;
      case SEALIFT_HOST_UNVERIFIED:
        return 0;  // zlib is not at fault
      case SEALIFT_HOST_CYCLES_LO:
        return static_cast<std::uint32_t>(c.cycles);
      case SEALIFT_HOST_CYCLES_HI:
        return static_cast<std::uint32_t>(c.cycles >> 32);
      default:
        break;
    }
    if (in_range(offset, SEALIFT_HOST_STALL_MEMORY_LO, SEALIFT_HOST_STALL_WRITER_HI)) return 0;
    return std::nullopt;
  }

  static bool is_request(std::uint32_t offset) {
    return in_range(offset, SEALIFT_HOST_REQ_CONFIG, SEALIFT_HOST_REQ_META_ADDR_HI) && offset != 0x4c;
  }

  static bool is_request_list(std::uint32_t offset) {
    return in_range(offset, SEALIFT_HOST_REQ_LIST_LO, SEALIFT_HOST_REQ_TAG);
  }

  /// Where a job register lies, or nothing.
  std::uint32_t* job_word(std::uint32_t offset) {
    if (in_range(offset, SEALIFT_SECURE_JOB_CONFIG, SEALIFT_SECURE_JOB_META_ADDR_HI) && offset != 0x188 &&
        offset != 0x18c) {
      return &r.job.first[(offset - SEALIFT_SECURE_JOB_CONFIG) / 4];
    }
    if (in_range(offset, SEALIFT_SECURE_JOB_LIST_LO, SEALIFT_SECURE_JOB_TAG)) {
      return &r.job.second[(offset - SEALIFT_SECURE_JOB_LIST_LO) / 4];
    }
    return nullptr;
  }

  [[nodiscard]] std::optional<std::uint32_t> read_common(std::uint32_t offset) const {
    switch (offset) {
      case SEALIFT_HOST_VERSION:
        return 0x100;
      case SEALIFT_HOST_CAP_FORMATS:
        return algorithms | kCapOrders;
      case SEALIFT_HOST_CAP_UNITS:
        return kCapUnits;
      case SEALIFT_HOST_CAP_BUS:
        return kCapBus;
      case SEALIFT_HOST_CAP_JOBS:
        return kCapJobs;
      default:
        break;
    }
    if (is_request(offset)) return r.request[(offset - SEALIFT_HOST_REQ_CONFIG) / 4];
    if (is_request_list(offset)) return r.request_list[(offset - SEALIFT_HOST_REQ_LIST_LO) / 4];
    return read_counts(offset);
  }

  [[nodiscard]] std::optional<std::uint32_t> read_host(std::uint32_t offset) const {
    switch (offset) {
      case SEALIFT_HOST_ID:
        return 0x54464C53;
      case SEALIFT_HOST_STATUS:
        return static_cast<std::uint32_t>(r.state) | (r.doorbell_ignored ? 0x10U : 0U) | (r.reason << 8) |
               (std::uint32_t{static_cast<std::uint8_t>(r.host_code)} << 16);
      case SEALIFT_HOST_ERROR_ADDR_LO:
        return static_cast<std::uint32_t>(r.error_address);
      case SEALIFT_HOST_ERROR_ADDR_HI:
        return static_cast<std::uint32_t>(r.error_address >> 32);
      case SEALIFT_HOST_IRQ_STATE:
        return r.host_irq;
      case SEALIFT_HOST_IRQ_ENABLE:
        return r.host_enable;
      case SEALIFT_HOST_IRQ_COUNT:
        return r.host_moderation[0];
      case SEALIFT_HOST_IRQ_TIMER:
        return r.host_moderation[1];
      case SEALIFT_HOST_JOBS_ENDED:
        return r.host_jobs_ended;
      default:
        return read_common(offset);
    }
  }

  std::optional<std::uint32_t> read_secure(std::uint32_t offset) {
    if (const std::uint32_t* word = job_word(offset)) return *word;
    if (offset >= SEALIFT_SECURE_WINDOW_BASE_LO && offset < SEALIFT_SECURE_WINDOW_BASE_LO + 0x200) {
      const std::uint32_t n = (offset - SEALIFT_SECURE_WINDOW_BASE_LO) / SEALIFT_SECURE_WINDOW_STRIDE;
      const std::uint32_t w = (offset - SEALIFT_SECURE_WINDOW_BASE_LO) % SEALIFT_SECURE_WINDOW_STRIDE / 4;
      if (w >= 5 || offset % 4 != 0) return std::nullopt;
      return n < kWindows ? r.windows[n][w] : 0;
    }
    const Slot* slot = r.slot_select < kSlots ? &slots[r.slot_select] : nullptr;
    switch (offset) {
      case SEALIFT_SECURE_ID:
        return 0x53464C53;
      case SEALIFT_SECURE_REQ_STATUS:
        return static_cast<std::uint32_t>(r.state) | (r.pending ? 0x10U : 0U);
      case SEALIFT_SECURE_JUDGMENT:
        return r.judgment;
      case SEALIFT_SECURE_IRQ_STATE:
        return r.secure_irq;
      case SEALIFT_SECURE_IRQ_ENABLE:
        return r.secure_enable;
      case SEALIFT_SECURE_ALERT:
      case SEALIFT_SECURE_ZEROIZE:
        return 0;
      case SEALIFT_SECURE_POLICY:
        return r.policy;
      case SEALIFT_SECURE_TIMEOUT:
        return r.timeout;
      case SEALIFT_SECURE_IRQ_COUNT:
        return r.secure_moderation[0];
      case SEALIFT_SECURE_IRQ_TIMER:
        return r.secure_moderation[1];
      case SEALIFT_SECURE_JOBS_ENDED:
        return r.jobs_ended;
      case SEALIFT_SECURE_JOB_STATUS:
        return (r.busy ? 1U : 0U) | (static_cast<std::uint32_t>(r.waiting.size()) << 24) |
               (std::uint32_t{static_cast<std::uint8_t>(r.job_code)} << 8) |
               (std::uint32_t{static_cast<std::uint8_t>(r.start_code)} << 16);
      case SEALIFT_SECURE_JOB_ERROR_ADDR_LO:
        return static_cast<std::uint32_t>(r.error_address);
      case SEALIFT_SECURE_JOB_ERROR_ADDR_HI:
        return static_cast<std::uint32_t>(r.error_address >> 32);
      case SEALIFT_SECURE_JOB_LAST_SEQ_LO:
        return static_cast<std::uint32_t>(r.last_sequence);
      case SEALIFT_SECURE_JOB_LAST_SEQ_HI:
        return static_cast<std::uint32_t>(r.last_sequence >> 32);
      case SEALIFT_SECURE_SLOT_CONFIG:
        return r.slot_config;
      case SEALIFT_SECURE_KEY_STATUS:
        return r.key_result | r.staged;
      case SEALIFT_SECURE_KEY_REFUSED:
        return r.key_refused;
      case SEALIFT_SECURE_SLOT_SELECT:
        return r.slot_select;
      case SEALIFT_SECURE_SLOT_STATUS:
        if (slot == nullptr) return 0;
        return (slot->valid ? 1U : 0U) | (slot->locked ? 2U : 0U) | (slot->ended ? 8U : 0U) |
               (static_cast<std::uint32_t>(slot->direction) << 5) | (static_cast<std::uint32_t>(slot->algorithm) << 8);
      case SEALIFT_SECURE_SLOT_SEQ_LO:
        return slot == nullptr ? 0 : static_cast<std::uint32_t>(slot->sequence);
      case SEALIFT_SECURE_SLOT_SEQ_HI:
        return slot == nullptr ? 0 : static_cast<std::uint32_t>(slot->sequence >> 32);
      default:
        return read_common(offset);
    }
  }

  [[nodiscard]] bool frozen() const { return r.state == RequestState::Requested || r.state == RequestState::Accepted; }

  bool write_host(std::uint32_t offset, std::uint32_t value) {
    if (is_request(offset)) {
      if (frozen()) return true;
      if (offset == SEALIFT_HOST_REQ_CONFIG) value &= 0x7007fff;
      if (offset == SEALIFT_HOST_REQ_META_LEN) value &= 0x1fff;
      r.request[(offset - SEALIFT_HOST_REQ_CONFIG) / 4] = value;
      return true;
    }
    if (is_request_list(offset)) {
      if (!frozen()) r.request_list[(offset - SEALIFT_HOST_REQ_LIST_LO) / 4] = value;
      return true;
    }
    switch (offset) {
      case SEALIFT_HOST_DOORBELL:
        if ((value & 1) == 0) return true;
        if (frozen()) {
          r.doorbell_ignored = true;
          return true;
        }
        r.state = RequestState::Requested;
        r.pending = true;
        r.reason = 0;
        r.host_code = Status::Ok;
        if (r.host_jobs == 0) {
          r.counts = {};
          r.error_address = 0;
        }
        r.secure_irq |= 1;
        return true;
      case SEALIFT_HOST_STATUS:
        if ((value & 0x10) != 0) r.doorbell_ignored = false;
        return true;
      case SEALIFT_HOST_IRQ_STATE:
        r.host_irq &= ~value;
        return true;
      case SEALIFT_HOST_IRQ_ENABLE:
        r.host_enable = value & 3;
        return true;
      case SEALIFT_HOST_IRQ_COUNT:
        r.host_moderation[0] = value & 0xff;
        return true;
      case SEALIFT_HOST_IRQ_TIMER:
        r.host_moderation[1] = value;
        return true;
      default:
        return false;
    }
  }

  void judge(std::uint32_t value) {
    r.judgment = value & 0xff01;
    if (r.state == RequestState::Requested || (r.state == RequestState::Accepted && (value & 1) == 0)) {
      r.pending = false;
      r.state = (value & 1) != 0 ? RequestState::Accepted : RequestState::Refused;
      r.reason = (value & 1) != 0 ? 0 : (value >> 8) & 0xff;
      r.host_irq |= 1;
    }
  }

  template <std::size_t N>
  static void stage(std::array<std::uint8_t, N>& to, std::uint32_t at, std::uint32_t value) {
    put_le<std::uint32_t>(to, at, value);
  }

  bool write_secure(std::uint32_t offset, std::uint32_t value) {
    if (std::uint32_t* word = job_word(offset)) {
      *word = value;
      return true;
    }
    if (in_range(offset, SEALIFT_SECURE_KEY, SEALIFT_SECURE_KEY + 28)) {
      stage(r.stage_key.key, offset - SEALIFT_SECURE_KEY, value);
      r.staged |= 0x100U << ((offset - SEALIFT_SECURE_KEY) / 4);
      return true;
    }
    if (in_range(offset, SEALIFT_SECURE_TWEAK_KEY, SEALIFT_SECURE_TWEAK_KEY + 28)) {
      stage(r.stage_key.tweak, offset - SEALIFT_SECURE_TWEAK_KEY, value);
      r.staged |= 0x1000000U << ((offset - SEALIFT_SECURE_TWEAK_KEY) / 4);
      return true;
    }
    if (in_range(offset, SEALIFT_SECURE_KDF_PUBLIC, SEALIFT_SECURE_KDF_PUBLIC + 28)) {
      stage(r.stage_kdf, offset - SEALIFT_SECURE_KDF_PUBLIC, value);
      return true;
    }
    if (in_range(offset, SEALIFT_SECURE_STREAM_ID, SEALIFT_SECURE_STREAM_ID + 12)) {
      stage(r.stage_id, offset - SEALIFT_SECURE_STREAM_ID, value);
      r.staged |= 0x10000U << ((offset - SEALIFT_SECURE_STREAM_ID) / 4);
      return true;
    }
    if (offset >= SEALIFT_SECURE_WINDOW_BASE_LO && offset < SEALIFT_SECURE_WINDOW_BASE_LO + 0x200) {
      const std::uint32_t n = (offset - SEALIFT_SECURE_WINDOW_BASE_LO) / SEALIFT_SECURE_WINDOW_STRIDE;
      const std::uint32_t w = (offset - SEALIFT_SECURE_WINDOW_BASE_LO) % SEALIFT_SECURE_WINDOW_STRIDE / 4;
      if (w >= 5 || offset % 4 != 0) return false;
      if (n < kWindows && (r.windows[n][4] & 8) == 0) r.windows[n][w] = w == 4 ? value & 15 : value;
      return true;
    }
    switch (offset) {
      case SEALIFT_SECURE_REQ_ACK:
        if ((value & 1) != 0) r.pending = false;
        return true;
      case SEALIFT_SECURE_JUDGMENT:
        judge(value);
        return true;
      case SEALIFT_SECURE_IRQ_STATE:
        r.secure_irq &= ~value;
        return true;
      case SEALIFT_SECURE_IRQ_ENABLE:
        r.secure_enable = value & 7;
        return true;
      case SEALIFT_SECURE_ZEROIZE:
        if ((value & 1) != 0) zeroize();
        return true;
      case SEALIFT_SECURE_POLICY:
        if ((r.policy & 0x80000000U) == 0) r.policy = value & 0x8000011fU;
        return true;
      case SEALIFT_SECURE_TIMEOUT:
        r.timeout = value;
        return true;
      case SEALIFT_SECURE_IRQ_COUNT:
        r.secure_moderation[0] = value & 0xff;
        return true;
      case SEALIFT_SECURE_IRQ_TIMER:
        r.secure_moderation[1] = value;
        return true;
      case SEALIFT_SECURE_JOB_START:
        if ((value & 1) != 0) start_job();
        return true;
      case SEALIFT_SECURE_JOB_PUSH:
        if ((value & 1) != 0) push_job();
        return true;
      case SEALIFT_SECURE_JOB_ABORT:
        abort(value);
        return true;
      case SEALIFT_SECURE_SALT:
        stage(r.stage_salt, 0, value);
        r.staged |= 0x100000;
        return true;
      case SEALIFT_SECURE_SLOT_CONFIG:
        r.slot_config = value & 0x1f;
        return true;
      case SEALIFT_SECURE_KEY_INSTALL:
        install(value & 15);
        return true;
      case SEALIFT_SECURE_SLOT_SELECT:
        r.slot_select = value & 15;
        return true;
      case SEALIFT_SECURE_SLOT_LOCK:
        lock(value & 15);
        return true;
      case SEALIFT_SECURE_SLOT_CLEAR:
        clear(value & 15);
        return true;
      default:
        return false;
    }
  }
};

GoldenDevice::GoldenDevice(std::uint16_t algorithms) : impl_(std::make_unique<Impl>()) {
  impl_->algorithms = algorithms;
}
GoldenDevice::~GoldenDevice() = default;

void GoldenDevice::write_memory(std::uint64_t address, ConstSpan bytes) { impl_->memory.write(address, bytes); }
void GoldenDevice::read_memory(std::uint64_t address, Span bytes) { impl_->memory.read(address, bytes); }
void GoldenDevice::release_memory(std::uint64_t address, std::uint64_t bytes) { impl_->memory.release(address, bytes); }

Interrupts GoldenDevice::interrupts() const {
  Interrupts lines;
  lines.host = (impl_->r.host_irq & impl_->r.host_enable) != 0;
  lines.secure = (impl_->r.secure_irq & impl_->r.secure_enable) != 0;
  return lines;
}

Interrupts GoldenDevice::wait(std::uint64_t limit) {
  Interrupts lines = interrupts();
  if (lines.any()) return lines;
  if (impl_->r.busy) {
    impl_->run_job();
    return interrupts();
  }
  impl_->cycles += limit;
  return lines;
}

std::uint64_t GoldenDevice::cycles() const { return impl_->cycles; }

void GoldenDevice::reset() {
  impl_->r = {};
  for (auto& slot : impl_->slots) slot = Slot{};
}

void GoldenDevice::start_waves(const std::string&) {
  throw std::runtime_error("the golden backend has no waves; they need --backend rtl");
}

std::size_t GoldenDevice::resident_pages() const { return impl_->memory.pages(); }
void GoldenDevice::fail_next_job(Status status) { impl_->fail_next = status; }

ReadResult GoldenDevice::bus_read(Port port, std::uint32_t offset) {
  impl_->cycles += 4;
  const auto value = port == Port::Host ? impl_->read_host(offset) : impl_->read_secure(offset);
  if (!value) return {0, Response::SlaveError};
  return {*value, Response::Okay};
}

Response GoldenDevice::bus_write(Port port, std::uint32_t offset, std::uint32_t value) {
  impl_->cycles += 4;
  const bool good = port == Port::Host ? impl_->write_host(offset, value) : impl_->write_secure(offset, value);
  return good ? Response::Okay : Response::SlaveError;
}

}  // namespace sealift::device
