// SPDX-License-Identifier: Apache-2.0
// Files as the command reads and writes them: errors in one line, and no output left half written.
#pragma once
#include <stdexcept>
#include <string>

#include "common/types.h"
#include "security_processor/keys.h"
#include "vmm/lists.h"

namespace sealift::command {

/// Ends the command: what() is the one line for stderr, without "sealift: ".
class UserError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Bytes that can be read at any place: a file, or memory in tests and benches.
class Source {
 public:
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  virtual ~Source() = default;
  [[nodiscard]] virtual std::uint64_t size() const = 0;
  /// Reads up to bytes.size() bytes at `offset`; fewer only at the end.
  virtual std::size_t read_at(std::uint64_t offset, Span bytes) = 0;
  /// For messages.
  [[nodiscard]] virtual std::string name() const = 0;
};

/// Bytes that can be written at any place. What is never written reads as zero.
class Target {
 public:
  Target() = default;
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;
  virtual ~Target() = default;
  virtual void write_at(std::uint64_t offset, ConstSpan bytes) = 0;
  /// Sets the length.
  virtual void resize(std::uint64_t bytes) = 0;
};

/// A regular file, opened for reading. Throws UserError where there is none.
class InputFile : public Source {
 public:
  explicit InputFile(std::string path);
  ~InputFile() override;
  [[nodiscard]] std::uint64_t size() const override { return size_; }
  std::size_t read_at(std::uint64_t offset, Span bytes) override;
  [[nodiscard]] std::string name() const override { return path_; }

 private:
  std::string path_;
  int fd_ = -1;
  std::uint64_t size_ = 0;
};

/// A file that appears under its name only when commit() is called: until then it is a temporary one beside it, which
/// goes with the object, and with signals that end the program. One at a time is guarded against signals.
class OutputFile : public Target {
 public:
  explicit OutputFile(std::string path);
  ~OutputFile() override;
  void write_at(std::uint64_t offset, ConstSpan bytes) override;
  void resize(std::uint64_t bytes) override;
  void commit();
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  [[noreturn]] void fail(const char* what) const;
  std::string path_;
  std::string temporary_;
  int fd_ = -1;
};

/// Throws UserError when both name the same existing file.
void must_differ(const std::string& in, const std::string& out);

class MemorySource : public Source {
 public:
  MemorySource(ConstSpan bytes, std::string name) : bytes_(bytes), name_(std::move(name)) {}
  [[nodiscard]] std::uint64_t size() const override { return bytes_.size(); }
  std::size_t read_at(std::uint64_t offset, Span bytes) override;
  [[nodiscard]] std::string name() const override { return name_; }

 private:
  ConstSpan bytes_;
  std::string name_;
};

class MemoryTarget : public Target {
 public:
  void write_at(std::uint64_t offset, ConstSpan bytes) override;
  void resize(std::uint64_t bytes) override { bytes_.resize(bytes); }
  [[nodiscard]] const Bytes& bytes() const { return bytes_; }

 private:
  Bytes bytes_;
};

/// Pages of an image by number: a text of numbers and ranges ("7", "16-31"), separated by white space; a '#' starts a
/// comment. Throws UserError where it names what is not there.
vmm::DirtyBitmap read_pages_list(const std::string& path, std::uint64_t pages);
/// One bit a page, 64-bit little-endian words, as KVM_GET_DIRTY_LOG gives it.
vmm::DirtyBitmap read_bitmap(const std::string& path, std::uint64_t pages);

/// A key file is exactly 32 raw bytes.
security_processor::Secret read_key_file(const std::string& path);

/// X25519 keys travel as one line of text, so that none is taken for another, or for a key file:
/// "sealift-x25519-private " or "sealift-x25519-public " and 64 hexadecimal digits.
security_processor::Secret read_private_key(const std::string& path);
security_processor::PublicKey read_public_key(const std::string& path);
/// Writes a new private key, which only its owner may read, and its public key beside it at path + ".pub". Throws
/// UserError where one of the files is there already.
void write_key_pair(const std::string& path);

/// A whole small file, text or JSON, by the way of OutputFile.
void write_file(const std::string& path, const std::string& text);

}  // namespace sealift::command
