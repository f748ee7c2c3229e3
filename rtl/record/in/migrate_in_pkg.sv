// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// What goes from stage to stage of migrate-in, beside the data.
package migrate_in_pkg;
  import sealift_pkg::*;

  // The four record types keep their numbers; the others are marks in the sequence of records.
  typedef enum logic [2:0] {
    KindHeader = 3'd0,  // the stream header was authentic; no data
    KindPage   = 3'd1,
    KindFill   = 3'd2,
    KindMeta   = 3'd3,
    KindEnd    = 3'd4,
    KindDone   = 3'd5   // the source is used up; no data
  } kind_e;

  // One a record, in order. A fault rides in the place of the record that it refuses: whoever
  // finds one sets `fault`, sends the descriptor without data, and sends nothing after it.
  typedef struct packed {
    kind_e            kind;
    status_e          fault;
    logic [AddrW-1:0] offset;      // of the record in the job's source
    logic [AddrW-1:0] gpa;
    logic [63:0]      seq;
    logic [31:0]      count;
    logic [LenW-1:0]  payload;     // bytes
    logic [LenW-1:0]  wire_len;    // encrypt_then_compress page: bytes of DEFLATE, else 0
    logic [8:0]       used_beats;  // payload beats up to the last that is not zero as it travels
    logic             pad_bad;     // encrypt_then_compress page: a byte after the DEFLATE not zero
    logic             lane_bad;    // encrypt_then_compress page: the DEFLATE is not valid
    block_e           block;       // first DEFLATE block of a page
    logic [LenW-1:0]  body_bytes;  // from here on: of the inner block
    logic [31:0]      crc;
    logic [63:0]      fill;
  } desc_t;

  localparam int unsigned PageW = AddrW - PageShift;  // page numbers

  // Where a page lands by the page table.
  typedef struct packed {
    logic             bad;    // nowhere
    logic [AddrW-1:0] value;  // the page's address; of what is bad the entry's
  } place_t;

  // What is known of a page, a block of metadata, or a record of neither, once memory has answered for it.
  typedef struct packed {
    logic            record;   // with it the record is whole
    logic            header;   // it was the stream header
    logic            last;     // it was the end record
    logic            page;     // it is a page
    logic            fill;     // of a run
    logic            lane;     // a lane has seen it; `block` says what
    block_e          block;
    logic [31:0]     pages;    // of the record
    logic [LenW-1:0] payload;
    logic [LenW-1:0] body;     // bytes of the page's body
  } landing_t;

  // A body on its way: a beat and what it is.
  typedef struct packed {
    logic  lane;  // goes through an inflate lane
    logic  fill;  // one beat that stands for a page of its word: counts for the CRC, is not stored
    logic  bad;   // an empty packet in the place of a page: not valid DEFLATE
    beat_t beat;
  } body_t;

  // Does a payload go with this descriptor?
  function automatic logic has_data(kind_e kind, status_e fault);
    return fault == StatusOk && kind != KindHeader && kind != KindDone;
  endfunction

  // The first `bytes` bytes of a beat, the others zero; and whether those others were zero.
  function automatic logic [127:0] keep_bytes(logic [127:0] data, logic [4:0] bytes);
    logic [127:0] kept;
    for (int unsigned i = 0; i < 16; i++) begin
      kept[8*i+:8] = (5'(i) < bytes) ? data[8*i+:8] : 8'h00;
    end
    return kept;
  endfunction

  function automatic logic rest_zero(logic [127:0] data, logic [4:0] bytes);
    return keep_bytes(data, bytes) == data;
  endfunction

  // The kind of the first block of a DEFLATE stream (RFC 1951, section 3.2.3).
  function automatic block_e first_block(logic [1:0] btype);
    unique case (btype)
      2'b00:   return BlockStored;
      2'b01:   return BlockFixed;
      default: return BlockDynamic;
    endcase
  endfunction

endpackage
