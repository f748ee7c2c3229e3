// SPDX-License-Identifier: Apache-2.0
#include "golden/deflate.h"

#include <zlib.h>

#include <algorithm>
#include <new>
#include <stdexcept>

namespace sealift::golden {
namespace {

class Deflater {
 public:
  explicit Deflater(const DeflateOptions& options) {
    const int rc =
        ::deflateInit2(&stream_, options.level, Z_DEFLATED, -options.window_bits, options.mem_level, options.strategy);
    if (rc == Z_MEM_ERROR) throw std::bad_alloc();
    if (rc != Z_OK) throw std::invalid_argument("zlib does not take these options");
  }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;
  ~Deflater() { ::deflateEnd(&stream_); }

  Bytes run(ConstSpan plain) {
    Bytes out(::deflateBound(&stream_, static_cast<uLong>(plain.size())) + 64);
    stream_.next_in = const_cast<Bytef*>(plain.data());  // zlib's C interface; it does not write there
    stream_.avail_in = static_cast<uInt>(plain.size());
    stream_.next_out = out.data();
    stream_.avail_out = static_cast<uInt>(out.size());
    if (::deflate(&stream_, Z_FINISH) != Z_STREAM_END) throw std::runtime_error("deflate did not end");
    out.resize(stream_.total_out);
    return out;
  }

 private:
  z_stream stream_{};
};

class Inflater {
 public:
  Inflater() {
    if (::inflateInit2(&stream_, -15) != Z_OK) throw std::bad_alloc();
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { ::inflateEnd(&stream_); }
  z_stream& operator*() { return stream_; }

 private:
  z_stream stream_{};
};

Bytes stored(ConstSpan plain) {
  if (plain.size() > 0xffff) throw std::invalid_argument("too long for one stored block");
  Bytes out(5 + plain.size());  // RFC 1951, section 3.2.4: BFINAL 1, BTYPE 00, LEN, NLEN
  out[0] = 1;
  put_le<std::uint16_t>(out, 1, static_cast<std::uint16_t>(plain.size()));
  put_le<std::uint16_t>(out, 3, static_cast<std::uint16_t>(~plain.size()));
  std::copy(plain.begin(), plain.end(), out.begin() + 5);
  return out;
}

}  // namespace

Bytes deflate_bytes(ConstSpan plain, const DeflateOptions& options) {
  Bytes out = Deflater(options).run(plain);
  return out.size() <= plain.size() + 5 ? out : stored(plain);
}

bool inflate_exact(ConstSpan body, Span plain, std::string* why) {
  Inflater inflater;
  z_stream& stream = *inflater;
  stream.next_in = const_cast<Bytef*>(body.data());
  stream.avail_in = static_cast<uInt>(body.size());
  stream.next_out = plain.data();
  stream.avail_out = static_cast<uInt>(plain.size());
  int rc = ::inflate(&stream, Z_FINISH);
  // The output may be full before the end-of-block code was read: any byte more is one too many.
  std::uint8_t spill = 0;
  if (rc != Z_STREAM_END && rc != Z_DATA_ERROR && stream.avail_out == 0) {
    stream.next_out = &spill;
    stream.avail_out = 1;
    rc = ::inflate(&stream, Z_FINISH);
    if (stream.avail_out == 0) {
      if (why != nullptr) *why = "more than one page";
      return false;
    }
    stream.avail_out = 0;
  }
  const char* reason = nullptr;
  if (rc == Z_DATA_ERROR || rc == Z_NEED_DICT) {
    reason = stream.msg != nullptr ? stream.msg : "not DEFLATE";
  } else if (rc != Z_STREAM_END) {
    reason = "the body ends inside the DEFLATE stream";
  } else if (stream.total_out != plain.size()) {
    reason = "less than one page";
  } else if (stream.avail_in != 0) {
    reason = "bytes after the DEFLATE stream";
  }
  if (reason != nullptr && why != nullptr) *why = reason;
  return reason == nullptr;
}

std::uint32_t crc32(ConstSpan bytes, std::uint32_t state) {
  return static_cast<std::uint32_t>(::crc32(state, bytes.data(), static_cast<uInt>(bytes.size())));
}

}  // namespace sealift::golden
