// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Types and constants that the blocks of Sealift share: the beat, records, jobs, statuses.
// docs/stream-format.md specifies the stream byte by byte; the structs here are its mirror.
package sealift_pkg;

  // ---------------------------------------------------------------- pages and beats
  localparam int unsigned AddrW = 64;
  localparam int unsigned PageShift = 12;
  localparam int unsigned PageBytes = 1 << PageShift;
  localparam int unsigned BlockBytes = 16;  // an AES block (FIPS 197, section 3.4) and a beat
  localparam int unsigned PageBeats = PageBytes / BlockBytes;
  localparam int unsigned LenW = 13;  // byte counts within a packet, 0..8191

  // One transfer of the internal stream. A packet is a sequence of beats that ends with `last`.
  // Byte 0 of the packet is data[7:0] of its first beat. Every beat but the last is full (bytes = 16);
  // the last carries 1..16 bytes. `bytes` = 0 is legal only in an empty packet, a lone beat with `last`.
  // Unused bytes are zero.
  typedef struct packed {
    logic         last;
    logic [4:0]   bytes;
    logic [127:0] data;
  } beat_t;

  // ---------------------------------------------------------------- what a stream names
  typedef enum logic [3:0] {
    AlgNone      = 4'd0,
    AlgAes256Gcm = 4'd1,
    AlgAes128Gcm = 4'd2,
    AlgAes256Ctr = 4'd3,
    AlgAes128Ctr = 4'd4,
    AlgAes256Xts = 4'd5,
    AlgAes128Xts = 4'd6,
    AlgSm4Gcm    = 4'd7,
    AlgSm4Ctr    = 4'd8
  } algorithm_e;

  typedef enum logic [2:0] {
    OrderCompressEncrypt = 3'd0,
    OrderEncryptCompress = 3'd1,
    OrderEncryptOnly     = 3'd2,
    OrderCompressOnly    = 3'd3,
    OrderCopy            = 3'd4
  } order_e;

  // How it is said which pages move (out), or where they land (in).
  typedef enum logic [2:0] {
    ListNone = 3'd0,  // one range; in: at target + guest physical address
    ListPages = 3'd1,  // out: 16 bytes an entry: guest page number, address
    ListRanges = 3'd2,  // out: 32 bytes an entry: address, guest page number, pages, 0
    ListBitmap = 3'd3,  // out: one bit a page of the source, 64-bit little-endian words, as KVM's dirty log
    ListTable = 3'd4  // in: 8 bytes an entry: address of the guest page of that number, 0 = none
  } list_e;

  typedef enum logic {
    DirOut = 1'b0,  // migrate-out: guest memory to stream
    DirIn  = 1'b1   // migrate-in: stream to guest memory
  } dir_e;

  // ---------------------------------------------------------------- the stream (docs/stream-format.md)
  localparam logic [63:0] StreamMagic = 64'h0054_4649_4C41_4553;  // "SEALIFT\0", byte 0 lowest
  localparam logic [15:0] StreamVersion = 16'd1;
  localparam int unsigned StreamHeaderBytes = 96;  // with its tag
  localparam int unsigned RecordHeaderBytes = 32;
  localparam int unsigned TagBytes = 16;
  localparam int unsigned MaxPayloadBytes   = 4608;  // inner block + 4,101 bytes of DEFLATE, to a 512-byte bucket
  localparam int unsigned MaxDeflateBytes   = PageBytes + 5;  // one stored block (RFC 1951, section 3.2.4)

  typedef enum logic [7:0] {
    RecPage = 8'd1,  // one page
    RecFill = 8'd2,  // a run of pages that repeat one 8-byte word
    RecMeta = 8'd3,  // a block of opaque metadata
    RecEnd  = 8'd4   // the totals
  } record_type_e;

  // The clear record header, two beats. Field order is from the last byte to the first, so that
  // {beat1, beat0} of the stream is this struct.
  typedef struct packed {
    logic [31:0] wire_len;     // bytes 28..31: encrypt_then_compress page: bytes of DEFLATE, else 0
    logic [31:0] count;        // bytes 24..27: pages (page 1, fill run n), else 0
    logic [63:0] seq;          // bytes 16..23
    logic [63:0] gpa;          // bytes 8..15: guest physical address; metadata offset; end 0
    logic [31:0] payload_len;  // bytes 4..7: a multiple of 16, 16..4608
    logic [15:0] zero1;        // bytes 2..3
    logic [7:0]  flags;        // byte 1: zero in version 1
    logic [7:0]  rtype;        // byte 0: record_type_e
  } record_hdr_t;

  typedef enum logic [7:0] {
    CodingRaw     = 8'd0,  // the body is the page as it is
    CodingDeflate = 8'd1,  // the body is RFC 1951
    CodingNone    = 8'd2   // there is no body (fill)
  } coding_e;

  // The inner block, first 16 bytes of every payload, inside the encryption.
  typedef struct packed {
    logic [63:0] fill;  // bytes 8..15: the repeated word of a fill run, else 0
    logic [7:0] zero;  // byte 7
    logic [7:0] coding;  // byte 6: coding_e
    logic [15:0] body_len;  // bytes 4..5: bytes of the body as encrypted, padding not counted
    logic [31:0]  crc;       // bytes 0..3: CRC-32 (IEEE 802.3, section 3.2.9) of the plain page, or of the plain body
  } inner_t;

  // ---------------------------------------------------------------- statuses
  // How a job ended. One code a reason; docs/programmers-guide.md lists them for firmware.
  typedef enum logic [7:0] {
    StatusOk         = 8'h00,
    // refused before it started
    StatusBadConfig  = 8'h01,  // order or padding unknown, or not possible with the algorithm
    StatusBadAlign   = 8'h02,  // an address or length that is not a multiple of what it must be
    StatusBadSlot    = 8'h03,  // slot empty, or bound to another direction or algorithm
    StatusSpent      = 8'h04,  // the slot's sequence counter is used up
    StatusPolicy     = 8'h05,  // the policy register forbids it
    StatusBusy       = 8'h06,  // a start while a job was running
    StatusBadAlg     = 8'h07,  // an algorithm that this build does not have
    StatusBroken     = 8'h08,  // a job before it on the same key slot failed
    // ended by memory
    StatusReadError  = 8'h10,  // RRESP other than OKAY
    StatusWriteError = 8'h11,  // BRESP other than OKAY
    StatusWindow     = 8'h12,  // an address outside every open memory window
    StatusDstFull    = 8'h13,  // the next record does not fit the target
    StatusTimeout    = 8'h14,  // memory did not answer in time
    StatusBadEntry   = 8'h15,  // an entry of a page list, range list or bitmap that is not legal
    StatusNoPage     = 8'h16,  // the page table has no legal address for a record's guest page
    // ended by the stream
    StatusBadMagic   = 8'h20,
    StatusBadVersion = 8'h21,
    StatusBadHeader  = 8'h22,  // stream header differs from what the slot and the job are bound to
    StatusBadTag     = 8'h23,  // a tag (or the CRC of an unsealed record) that does not match
    StatusBadSeq     = 8'h24,  // not the next sequence number
    StatusBadRecord  = 8'h25,  // type, flags, length or address that version 1 does not allow
    StatusTruncated  = 8'h26,  // the source ends inside a record, or before the end record
    StatusBadTotals  = 8'h27,  // the end record's totals differ from what came
    StatusAfterEnd   = 8'h28,  // a record after the end record
    // ended by the content of an authentic record
    StatusBadInner   = 8'h30,  // inner block not legal
    StatusBadDeflate = 8'h31,  // not a DEFLATE stream of one page
    StatusBadCrc     = 8'h32,  // the plain page differs from its CRC
    // ended by control
    StatusAborted    = 8'h40,
    StatusZeroized   = 8'h41,
    StatusFault      = 8'h42
  } status_e;

  typedef struct packed {
    logic valid;  // one-cycle pulse; the first of a job counts
    status_e code;
    logic [AddrW-1:0] addr;   // memory address, or the offset of the record in the source for stream errors
  } fault_t;

  // ---------------------------------------------------------------- engine lanes
  typedef enum logic {
    LevelDefault = 1'b0,
    LevelBest    = 1'b1
  } level_e;

  typedef enum logic [1:0] {
    BlockStored  = 2'd0,  // RFC 1951, section 3.2.4
    BlockFixed   = 2'd1,  // RFC 1951, section 3.2.6
    BlockDynamic = 2'd2   // RFC 1951, section 3.2.7
  } block_e;

  // What a compress lane says of a page before it sends the page's bytes.
  typedef struct packed {
    logic failed;  // what the lane made of the page did not give the page back: stored instead
    block_e kind;
    logic [LenW-1:0] bytes;  // bytes of DEFLATE that follow
  } compress_result_t;

  // Why a body is not a DEFLATE stream of one page. docs/inflate.md lists zlib's message beside each.
  typedef enum logic [4:0] {
    InflateOk             = 5'd0,
    InflateBadBlockType   = 5'd1,   // "invalid block type"
    InflateBadStoredLen   = 5'd2,   // "invalid stored block lengths"
    InflateTooManySymbols = 5'd3,   // "too many length or distance symbols"
    InflateBadCodeLengths = 5'd4,   // "invalid code lengths set"
    InflateBadRepeat      = 5'd5,   // "invalid bit length repeat"
    InflateNoEndOfBlock   = 5'd6,   // "invalid code -- missing end-of-block"
    InflateBadLitLenSet   = 5'd7,   // "invalid literal/lengths set"
    InflateBadDistSet     = 5'd8,   // "invalid distances set"
    InflateBadLitLenCode  = 5'd9,   // "invalid literal/length code"
    InflateBadDistCode    = 5'd10,  // "invalid distance code"
    InflateTooFarBack     = 5'd11,  // "invalid distance too far back"
    InflateTruncated      = 5'd12,  // input ends inside the stream
    InflateTooLong        = 5'd13,  // more output than one page
    InflateTooShort       = 5'd14,  // the stream ends before the page is full
    InflateTrailing       = 5'd15,  // bytes of input left after the final block
    InflateRunaway        = 5'd16   // more cycles than any stream can take: a fault of the hardware
  } inflate_status_e;

  typedef struct packed {
    inflate_status_e status;
    logic [LenW-1:0] bytes;   // bytes of the page that follow: 4096, or 0 on an error
  } inflate_result_t;

  // What came of a packet that was decompressed only to be checked.
  typedef struct packed {
    logic        page;  // 4,096 bytes
    logic [31:0] crc;
  } verdict_t;

  // ---------------------------------------------------------------- the cipher and the tag
  // One a packet: whole 16-byte blocks to encrypt or decrypt.
  typedef struct packed {
    logic        bypass;  // pass the packet unchanged
    logic [8:0]  blocks;  // 1..288
    logic [63:0] unit;    // number of the data unit (XTS)
    logic [63:0] seq;     // nonce = salt, seq (GCM, CTR)
  } cipher_cmd_t;

  // The data unit's number of a record in XTS: the guest page number, and numbers that no page has.
  function automatic logic [63:0] data_unit(logic [7:0] rtype, logic [AddrW-1:0] addr);
    unique case (rtype)
      RecMeta: return (64'd1 << 62) | (addr >> 4);
      RecEnd:  return 64'd1 << 63;
      default: return addr >> PageShift;
    endcase
  endfunction

  localparam logic [15:0] MaskXts = (16'd1 << AlgAes256Xts) | (16'd1 << AlgAes128Xts);

  // `algorithms` has bit i set if the build has the algorithm of value i. Also for codes that name none.
  function automatic logic alg_present(logic [15:0] algorithms, algorithm_e alg);
    return algorithms[alg];
  endfunction

  function automatic logic alg_is_xts(algorithm_e alg);
    return alg == AlgAes256Xts || alg == AlgAes128Xts;
  endfunction

  // Algorithms whose records carry a tag of the key; the others carry a CRC-32.
  function automatic logic alg_tagged(algorithm_e alg);
    return alg == AlgAes256Gcm || alg == AlgAes128Gcm || alg == AlgSm4Gcm;
  endfunction

  // One a record (or stream header) for the tag.
  typedef struct packed {
    logic        crc;        // CRC-32 in place of GCM's tag
    logic [2:0]  aad_beats;  // clear beats that lead the packet: 2 (record), 5 (stream header)
    logic [63:0] seq;        // for the encrypted first counter block
  } auth_cmd_t;

  // ---------------------------------------------------------------- a page on its way
  // Beside the data of a page (or run, or metadata block) goes one of these, in the same order.
  typedef struct packed {
    record_type_e rtype;
    logic [AddrW-1:0] gpa;
    logic [31:0] count;  // as in record_hdr_t
    logic [63:0] fill;  // the word of a fill run
    logic [31:0] crc;  // of one plain page, or of the plain body
    logic [LenW-1:0]   bytes;  // plain bytes that go with it: 4096 (page), 0 (fill), 16..4096 (metadata), 32 (end)
  } page_meta_t;

  // ---------------------------------------------------------------- a job (secure port)
  typedef struct packed {
    logic verify;  // out: decompress each page before it is sealed, and store it where it differs
    list_e list_kind;
    logic [AddrW-1:0] list_addr;  // address of the list, bitmap or table
    logic [AddrW-1:0] list_len;  // its bytes
    dir_e dir;
    algorithm_e alg;
    order_e order;
    level_e level;
    logic [2:0] pad;  // payload bucket: 0 = 16 bytes, 1 = 64, 2 = 128, 3 = 256, 4 = 512
    logic begin_stream;  // out: write the stream header first; in: the source starts with it
    logic end_stream;  // out: write the end record last; in: the source must end with it
    logic [3:0] slot;
    logic [AddrW-1:0] src;  // out: first byte of guest memory; in: first byte of stream
    logic [AddrW-1:0] src_len;  // bytes
    logic [AddrW-1:0] dst;  // out: where the stream goes; in: where guest address 0 is
    logic [AddrW-1:0] dst_len;  // out: room in bytes; in: bytes of guest memory
    logic [AddrW-1:0] gpa;  // out: guest physical address of the first page
    logic [AddrW-1:0] meta_addr;  // out: source of the metadata block; in: where metadata goes
    logic [12:0] meta_len;  // out: its bytes, a multiple of 16, 0 = none; in: room
  } job_t;

  // What a stream is bound to, from the key slot.
  typedef struct packed {
    logic [127:0] stream_id;   // byte 0 lowest
    logic [31:0]  salt;        // byte 0 lowest
    logic [255:0] kdf_public;  // byte 0 lowest; goes into the stream header as it is
  } stream_bind_t;

  // Totals of a stream so far, kept with its key slot, because a stream may span jobs.
  typedef struct packed {
    logic [63:0] records;  // records before this one (the stream header not counted)
    logic [63:0] pages;    // guest pages in page and fill records
    logic [63:0] payload;  // payload bytes
  } totals_t;

  // A record was made (out) or accepted (in): the slot takes the next sequence number and adds to its totals.
  typedef struct packed {
    logic        landed;   // a pulse of its own: memory has answered for one more record or stream header, whole
    logic valid;  // one-cycle pulse
    logic header;  // it was the stream header: not counted in the totals
    logic last;  // it was the end record: the stream is over
    logic [31:0] pages;
    logic [15:0] payload;  // payload bytes
  } commit_t;

  // Counts of one job, shown on both ports: of what memory has answered OKAY, in order, and of nothing else.
  typedef struct packed {
    logic [63:0] pages;  // guest pages in the target: in whole records (out), or delivered (in)
    logic [63:0] fill_pages;  // of those, in fill runs
    logic [63:0] records;
    logic [63:0] bytes_in;  // bytes of the source that the counted records hold
    logic [63:0] bytes_out;  // bytes of the target, from its start (out), that memory has taken
    logic [63:0]       body_bytes;    // bytes of page bodies, before padding, inner blocks and tags not counted
    logic [31:0] stored;  // page bodies by block kind
    logic [31:0] fixed;
    logic [31:0] dynamic_;
    logic [31:0] failed;  // pages that the lanes got wrong, and that were stored instead (out)
  } job_counts_t;

endpackage
