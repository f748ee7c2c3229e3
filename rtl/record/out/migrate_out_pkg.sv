// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// What the modules of migrate-out pass to each other.
package migrate_out_pkg;
  import sealift_pkg::*;

  localparam int unsigned BeatsW = 9;  // beats of a payload, 1..288

  localparam int unsigned PageW = AddrW - PageShift;  // page numbers

  // Pages that follow one another in memory and in the guest; at least one.
  typedef struct packed {
    logic [PageW-1:0] addr;   // page numbers: where it lies, and the guest's own
    logic [PageW-1:0] gpn;
    logic [PageW-1:0] pages;
  } range_t;

  // A read that was asked for, in the order of the reads; end_job follows the last one, alone.
  typedef struct packed {
    logic             end_job;
    record_type_e     rtype;    // RecPage or RecMeta
    logic [AddrW-1:0] gpa;
    logic [LenW-1:0]  bytes;
  } source_t;

  // A record to be, before it has a number; end_job follows the last one, alone.
  typedef struct packed {
    logic       end_job;
    page_meta_t meta;
  } item_t;

  typedef enum logic [1:0] {
    BodyRaw  = 2'd0,  // as it comes from the stage before
    BodyLane = 2'd1,  // DEFLATE from a lane
    BodyEnd  = 2'd2   // the totals
  } body_e;

  // A payload: its first block, a body, zero blocks up to `beats`.
  typedef struct packed {
    logic [127:0]      first;
    body_e             body;
    logic [LenW-1:0]   bytes;  // of the body
    logic [BeatsW-1:0] beats;  // of the payload, first block and padding included
  } join_cmd_t;

  // A record that has its number; end_job follows the last one, alone.
  typedef struct packed {
    logic              end_job;
    record_type_e      rtype;
    logic              lane;      // a lane made the body; `kind` says how
    block_e            kind;
    logic              failed;    // what the lane made was replaced
    logic [AddrW-1:0]  gpa;
    logic [31:0]       count;
    logic [63:0]       seq;
    logic [LenW-1:0]   wire_len;
    logic [LenW-1:0]   bytes;     // of the body
    logic [BeatsW-1:0] beats;     // of the payload
  } wire_t;

  // What the job's counts need of a record.
  typedef struct packed {
    logic              meta;
    logic [BeatsW-1:0] beats;   // of the record on the wire
    logic              header;
    logic              page;
    logic              fill;
    logic              lane;
    block_e            kind;
    logic              failed;
    logic [31:0]       count;
    logic [LenW-1:0]   bytes;
  } made_t;

  // Beats of inner block and body.
  function automatic logic [BeatsW-1:0] payload_beats(logic [LenW-1:0] bytes);
    return BeatsW'((bytes + LenW'(BlockBytes - 1)) >> 4) + BeatsW'(1);
  endfunction

  // Rounded up to the job's bucket: 1, 4, 8, 16 or 32 beats.
  function automatic logic [BeatsW-1:0] bucket_beats(logic [LenW-1:0] bytes, logic [2:0] pad);
    logic [BeatsW-1:0] mask;
    unique case (pad)
      3'd0:    mask = BeatsW'(0);
      3'd1:    mask = BeatsW'(3);
      3'd2:    mask = BeatsW'(7);
      3'd3:    mask = BeatsW'(15);
      default: mask = BeatsW'(31);
    endcase
    return (payload_beats(bytes) + mask) & ~mask;
  endfunction

endpackage
