// SPDX-License-Identifier: Apache-2.0
// Memory behind an AXI4 port: the model that tests and the simulator's device share.
//
// Each cycle: drive(rsp) before the clock edge sets what the slave shows; sample(req) at the edge, with the master's
// outputs settled, takes the handshakes. Both work on the words of the flattened packed structs (axi_layout.h).
// Reads are answered `read_latency` cycles after their address was taken, as fast as one beat a cycle; writes
// `write_latency` cycles after their last data. Answers come in order, whatever the IDs are.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "device/axi_layout.h"

namespace sealift::axi {

/// How the memory behaves. Percentages are of cycles in which a channel stalls.
struct MemoryTiming {
  unsigned read_latency = 1;
  unsigned write_latency = 1;
  unsigned max_reads = 64;  // bursts taken and not answered
  unsigned max_writes = 64;
  unsigned ar_stall = 0;
  unsigned r_stall = 0;
  unsigned aw_stall = 0;
  unsigned w_stall = 0;
  unsigned b_stall = 0;
  std::uint64_t seed = 1;
};

/// What the port has carried since reset().
struct MemoryCounts {
  std::uint64_t read_bursts = 0;
  std::uint64_t read_beats = 0;
  std::uint64_t write_bursts = 0;
  std::uint64_t write_beats = 0;
  std::uint64_t written_bytes = 0;  // by strobes
};

/// An address range that does not answer as memory should.
struct Trap {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  bool reads = true;
  bool writes = true;
  std::uint32_t resp =
      kSlvErr;        // of each read beat, or each write burst, that touches it; such a write changes nothing
  bool hang = false;  // instead: never answered, nor is anything after it with the same ID
};

class AxiMemory {
 public:
  explicit AxiMemory(unsigned data_bits, MemoryTiming timing = {});

  /// Lets [base, base + bytes.size()) lie in the caller's buffer, which must outlive the memory. Addresses outside all
  /// such ranges are sparse: zero until written.
  void map(std::uint64_t base, std::span<std::uint8_t> bytes);
  void unmap_all();
  /// Drops the sparse pages that lie inside: they read as zero again. Only while idle().
  void release(std::uint64_t addr, std::uint64_t bytes);
  void set_timing(const MemoryTiming& timing);
  void add_trap(const Trap& trap) { traps_.push_back(trap); }
  void clear_traps() { traps_.clear(); }
  /// Answers at last (in order) what a hanging trap has swallowed.
  void release_hung();

  void write(std::uint64_t addr, std::span<const std::uint8_t> bytes);
  void read(std::uint64_t addr, std::span<std::uint8_t> bytes) const;
  [[nodiscard]] std::vector<std::uint8_t> read(std::uint64_t addr, std::size_t n) const;

  /// The caller leaves the words alone between calls (reset() for words that were cleared).
  void drive(std::uint32_t* rsp);
  void sample(const std::uint32_t* req);
  /// Forgets what is on its way, as a reset does; the contents stay.
  void reset();

  [[nodiscard]] bool idle() const { return reads_.empty() && writes_.empty() && answers_.empty(); }
  [[nodiscard]] const MemoryCounts& counts() const { return counts_; }
  [[nodiscard]] const Layout& layout() const { return layout_; }

 private:
  static constexpr std::size_t kPage = 4096;
  static constexpr std::size_t kEarly = 4;  // beats taken before their address
  using Page = std::array<std::uint8_t, kPage>;
  struct Region {
    std::uint64_t base;
    std::span<std::uint8_t> bytes;
  };
  struct Burst {
    Ax ax;
    std::uint64_t due = 0;
    std::uint8_t* page = nullptr;  // its whole page lies here, or null: byte by byte
    std::uint32_t beat = 0;
    std::uint32_t resp = kOkay;
    bool trapped = false;
    bool hang = false;
  };
  /// A queue that keeps its storage.
  class Ring {
   public:
    Ring() : slots_(64) {}
    [[nodiscard]] bool empty() const { return count_ == 0; }
    [[nodiscard]] std::size_t size() const { return count_; }
    Burst& front() { return slots_[head_]; }
    Burst& at(std::size_t i) { return slots_[(head_ + i) & (slots_.size() - 1)]; }
    void push(const Burst& burst);
    void pop() {
      head_ = (head_ + 1) & (slots_.size() - 1);
      --count_;
    }
    void clear() { count_ = 0; }

   private:
    std::vector<Burst> slots_;
    std::size_t head_ = 0;
    std::size_t count_ = 0;
  };

  [[nodiscard]] std::uint8_t* page_of(std::uint64_t addr, bool create);
  [[nodiscard]] std::uint8_t* byte_at(std::uint64_t addr, bool create);
  [[nodiscard]] Burst begin(const Ax& ax, bool write);
  void fetch(const Burst& burst, std::uint32_t* rsp);
  void store(Burst& burst, const std::uint32_t* req);
  void take_data(const std::uint32_t* req);
  bool stall(unsigned percent) { return percent != 0 && next_random() % 100 < percent; }
  std::uint32_t next_random();

  Layout layout_;
  MemoryTiming timing_;
  std::vector<Region> regions_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Page>> pages_;
  std::vector<Trap> traps_;
  std::vector<Burst> hung_reads_, hung_writes_;
  std::uint32_t stuck_reads_ = 0, stuck_writes_ = 0;  // IDs that a hanging trap has stopped
  Ring reads_, writes_, answers_;                     // AR taken; AW taken, data to come; data taken, answer to come
  std::vector<std::uint32_t> early_;  // beats of data that came before their address: whole request words
  std::size_t early_count_ = 0;
  std::uint64_t cycle_ = 0;
  std::uint64_t random_;
  MemoryCounts counts_;
  const std::uint32_t* port_ = nullptr;  // the words that hold shown_
  unsigned shown_ = 0;
  bool ar_ready_ = false, aw_ready_ = false, w_ready_ = false, r_valid_ = false, b_valid_ = false;
};

}  // namespace sealift::axi
