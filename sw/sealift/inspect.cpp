// SPDX-License-Identifier: Apache-2.0
#include "sealift/inspect.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "golden/reader.h"
#include "sealift/files.h"
#include "sealift/terminal.h"

namespace sealift::command {
namespace {

std::string hex(ConstSpan bytes) {
  std::string out;
  for (const auto b : bytes) out += fmt::format("{:02x}", b);
  return out;
}

struct Counts {
  std::uint64_t records = 0, payload = 0;
};

}  // namespace

int inspect(const InspectOptions& options) {
  InputFile file(options.stream);
  if (file.size() == 0) throw UserError(fmt::format("{}: the stream is empty", options.stream));
  golden::ReaderOptions reading;
  const auto bytes_of = [](ConstSpan span) { return Bytes(span.begin(), span.end()); };
  if (const auto* secret = std::get_if<security_processor::Secret>(&options.credential)) {
    reading.secret = bytes_of(secret->span());
  } else if (const auto* exchange = std::get_if<security_processor::Exchange>(&options.credential)) {
    reading.receiver_private = bytes_of(exchange->own_private.span());
    reading.sender_public = bytes_of(exchange->peer_public);
  }
  std::uint64_t at = 0;
  golden::Reader reader(
      [&](Span bytes) {
        const std::size_t n = file.read_at(at, bytes);
        at += n;
        return n;
      },
      std::move(reading));

  Status status = reader.open();
  std::array<Counts, 5> types{};
  std::uint64_t pages = 0, fill_pages = 0, body = 0;
  bool verified = true;
  std::optional<golden::ImageInfo> image;
  nlohmann::json list = nlohmann::json::array();
  const bool opened = status == Status::Ok;
  golden::Record record;
  if (opened && options.records && !options.json) {
    fmt::print("{:>10} {:>8} {:<9} {:>18} {:>8} {:>8}\n", "byte", "number", "type", "address", "pages", "payload");
  }
  while (status == Status::Ok && !reader.done()) {
    status = reader.next(record);
    if (status != Status::Ok) break;
    auto& counts = types[static_cast<std::size_t>(record.type)];
    counts.records += 1;
    counts.payload += record.header.payload_length;
    pages += record.header.count;
    if (record.type == RecordType::Fill) fill_pages += record.header.count;
    if (record.type == RecordType::Page) body += record.deflate.empty() ? record.body.size() : record.deflate.size();
    if (record.type == RecordType::Metadata && record.header.address == 0 && record.verified) {
      image = golden::ImageInfo::parse(record.body);
    }
    verified = verified && record.verified;
    if (options.records) {
      if (options.json) {
        list.push_back({{"offset", record.offset},
                        {"sequence", record.header.sequence},
                        {"type", name(record.type)},
                        {"address", record.header.address},
                        {"count", record.header.count},
                        {"payload_length", record.header.payload_length},
                        {"wire_length", record.header.wire_length}});
        if (record.verified) list.back()["body_length"] = record.inner.body_length;
      } else {
        fmt::print("{:>10} {:>8} {:<9} {:>#18x} {:>8} {:>8}\n", record.offset, record.header.sequence,
                   name(record.type), record.header.address, record.header.count, record.header.payload_length);
      }
    }
  }

  const auto count_of = [&](RecordType type) { return types[static_cast<std::size_t>(type)]; };
  if (opened) {
    const auto& header = reader.header();
    const bool keyed = header.algorithm != Algorithm::None;
    const bool exchanged = keyed && header.key_exchange != std::array<std::uint8_t, 32>{};
    if (options.json) {
      nlohmann::json json{{"version", kStreamVersion},
                          {"algorithm", name(header.algorithm)},
                          {"order", name(header.order)},
                          {"stream_id", hex(header.stream_id)},
                          {"salt", hex(header.salt)},
                          {"key_exchange", exchanged ? hex(header.key_exchange) : ""},
                          {"bytes", file.size()},
                          {"pages", pages},
                          {"fill_pages", fill_pages},
                          {"complete", status == Status::Ok},
                          {"verified", verified && status == Status::Ok},
                          {"status", name(status)}};
      for (const auto type : {RecordType::Page, RecordType::Fill, RecordType::Metadata, RecordType::End}) {
        json["records"][std::string(name(type))] = {{"count", count_of(type).records},
                                                    {"payload", count_of(type).payload}};
      }
      if (verified) json["body_bytes"] = body;
      if (image) json["image_bytes"] = image->image_bytes;
      if (options.records) json["list"] = list;
      fmt::print("{}\n", json.dump(2));
    } else {
      std::vector<std::vector<std::string>> rows{{"stream", options.stream},
                                                 {"algorithm", std::string(name(header.algorithm))},
                                                 {"order", std::string(name(header.order))},
                                                 {"stream id", hex(header.stream_id)},
                                                 {"salt", hex(header.salt)},
                                                 {"key", exchanged ? "x25519, " + hex(header.key_exchange)
                                                         : keyed   ? "pre-shared"
                                                                   : "none"},
                                                 {"bytes", grouped(file.size())},
                                                 {"pages", grouped(pages)},
                                                 {"  in fill runs", grouped(fill_pages)}};
      for (const auto type : {RecordType::Page, RecordType::Fill, RecordType::Metadata, RecordType::End}) {
        rows.push_back({fmt::format("records: {}", name(type)), grouped(count_of(type).records)});
      }
      if (image) rows.push_back({"image", grouped(image->image_bytes) + " bytes"});
      if (verified && pages > fill_pages && body > 0) {
        rows.push_back(
            {"ratio of the page records", fmt::format("{:.3f}", static_cast<double>((pages - fill_pages) * kPageBytes) /
                                                                    static_cast<double>(body))});
      }
      rows.push_back({"verified", status != Status::Ok ? "no"
                                  : !verified          ? "no: only the clear headers, without a key"
                                  : authenticates(header.algorithm)
                                      ? "yes, every tag and every page"
                                      : "every checksum; this algorithm has no tag against changes"});
      print_table(rows);
    }
  }
  if (status != Status::Ok) {
    throw UserError(fmt::format("{}: {} ({}, in the record at byte {}{}{})", options.stream, explain(status),
                                name(status), reader.offset(), reader.detail().empty() ? "" : ": ", reader.detail()));
  }
  return 0;
}

}  // namespace sealift::command
