// SPDX-License-Identifier: Apache-2.0
#include "common/types.h"

#include <algorithm>
#include <string>
#include <utility>

namespace sealift {
namespace {

struct StatusText {
  Status status;
  std::string_view name;
  std::string_view text;
};

constexpr std::array kStatusTexts{
    StatusText{Status::Ok, "Ok", "done"},
    StatusText{Status::BadConfig, "BadConfig",
               "an order or padding that is unknown, or not possible with the algorithm"},
    StatusText{Status::BadAlign, "BadAlign", "an address or length that is not a multiple of what it must be"},
    StatusText{Status::BadSlot, "BadSlot", "the key slot is empty or bound to another use"},
    StatusText{Status::Spent, "Spent", "the key slot's sequence numbers are used up"},
    StatusText{Status::Policy, "Policy", "the policy forbids it"},
    StatusText{Status::Busy, "Busy", "a job was running already, or the queue is full"},
    StatusText{Status::BadAlg, "BadAlg", "an algorithm that this build does not have"},
    StatusText{Status::Broken, "Broken", "a job before it of the same stream failed"},
    StatusText{Status::ReadError, "ReadError", "memory answered a read with an error"},
    StatusText{Status::WriteError, "WriteError", "memory answered a write with an error"},
    StatusText{Status::Window, "Window", "an address outside every open memory window"},
    StatusText{Status::DstFull, "DstFull", "the next record does not fit the target"},
    StatusText{Status::Timeout, "Timeout", "memory did not answer in time"},
    StatusText{Status::BadEntry, "BadEntry", "an entry of the page list, range list or bitmap is not legal"},
    StatusText{Status::NoPage, "NoPage", "the page table has no address for the page"},
    StatusText{Status::BadMagic, "BadMagic", "not a Sealift stream"},
    StatusText{Status::BadVersion, "BadVersion", "a version of the stream that is not known here"},
    StatusText{Status::BadHeader, "BadHeader", "the stream header is not legal, or not the one agreed"},
    StatusText{Status::BadTag, "BadTag", "a tag does not match: wrong key, or the stream was changed"},
    StatusText{Status::BadSeq, "BadSeq", "record out of order: not the next sequence number"},
    StatusText{Status::BadRecord, "BadRecord", "a record header that version 1 does not allow"},
    StatusText{Status::Truncated, "Truncated", "the stream is cut: it ends before its end record"},
    StatusText{Status::BadTotals, "BadTotals", "the end record's totals differ from what came"},
    StatusText{Status::AfterEnd, "AfterEnd", "bytes after the end record"},
    StatusText{Status::BadInner, "BadInner", "the inner block or the padding of a record is not legal"},
    StatusText{Status::BadDeflate, "BadDeflate", "not a DEFLATE stream of one page"},
    StatusText{Status::BadCrc, "BadCrc", "the plain page differs from its CRC"},
    StatusText{Status::Aborted, "Aborted", "aborted"},
    StatusText{Status::Zeroized, "Zeroized", "the keys were wiped"},
    StatusText{Status::Fault, "Fault", "the hardware detected a fault in itself"},
};

constexpr auto kStatuses = [] {
  std::array<Status, kStatusTexts.size()> all{};
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = kStatusTexts[i].status;
  return all;
}();

const StatusText* find(Status status) {
  const auto* it = std::find_if(kStatusTexts.begin(), kStatusTexts.end(),
                                [&](const StatusText& text) { return text.status == status; });
  return it == kStatusTexts.end() ? nullptr : it;
}

constexpr std::array<std::pair<Algorithm, std::string_view>, 9> kAlgorithms{{
    {Algorithm::None, "none"},
    {Algorithm::Aes256Gcm, "aes-256-gcm"},
    {Algorithm::Aes128Gcm, "aes-128-gcm"},
    {Algorithm::Aes256Ctr, "aes-256-ctr"},
    {Algorithm::Aes128Ctr, "aes-128-ctr"},
    {Algorithm::Aes256Xts, "aes-256-xts"},
    {Algorithm::Aes128Xts, "aes-128-xts"},
    {Algorithm::Sm4Gcm, "sm4-gcm"},
    {Algorithm::Sm4Ctr, "sm4-ctr"},
}};

constexpr auto kAlgorithmList = [] {
  std::array<Algorithm, kAlgorithms.size()> all{};
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = kAlgorithms[i].first;
  return all;
}();

constexpr std::array<std::pair<Order, std::string_view>, 5> kOrders{{
    {Order::CompressThenEncrypt, "compress_then_encrypt"},
    {Order::EncryptThenCompress, "encrypt_then_compress"},
    {Order::EncryptOnly, "encrypt_only"},
    {Order::CompressOnly, "compress_only"},
    {Order::Copy, "copy"},
}};

template <class Table, class Value>
std::string_view name_in(const Table& table, Value value) {
  for (const auto& [key, text] : table) {
    if (key == value) return text;
  }
  return "unknown";
}

}  // namespace

std::span<const Status> all_statuses() { return kStatuses; }

std::string_view name(Status status) {
  const auto* text = find(status);
  return text == nullptr ? "Unknown" : text->name;
}

std::string_view explain(Status status) {
  const auto* text = find(status);
  return text == nullptr ? "a status that this software does not know" : text->text;
}

std::string_view name(Algorithm algorithm) { return name_in(kAlgorithms, algorithm); }

std::optional<Algorithm> algorithm_of(std::string_view text) {
  for (const auto& [key, known] : kAlgorithms) {
    if (known == text) return key;
  }
  return std::nullopt;
}

std::span<const Algorithm> all_algorithms() { return kAlgorithmList; }

std::string_view name(Order order) { return name_in(kOrders, order); }

std::optional<Order> order_of(std::string_view text) {
  std::string spelled(text);
  std::replace(spelled.begin(), spelled.end(), '-', '_');
  for (const auto& [key, known] : kOrders) {
    if (known == spelled) return key;
  }
  return std::nullopt;
}

std::string_view name(Direction direction) { return direction == Direction::Out ? "migrate-out" : "migrate-in"; }

std::string_view name(RecordType type) {
  switch (type) {
    case RecordType::Page:
      return "page";
    case RecordType::Fill:
      return "fill";
    case RecordType::Metadata:
      return "metadata";
    case RecordType::End:
      return "end";
  }
  return "unknown";
}

std::optional<std::uint8_t> pad_of_bucket(std::uint32_t bytes) {
  for (std::size_t i = 0; i < kPadBuckets.size(); ++i) {
    if (kPadBuckets[i] == bytes) return static_cast<std::uint8_t>(i);
  }
  return std::nullopt;
}

}  // namespace sealift
