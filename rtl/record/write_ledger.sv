// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// What is on its way to memory, until memory has answered for all of it.
//
// Protocol: one put for each item that is handed to the write client, in order: its beats, and what is to be known
//           of it then. land_valid_o (a pulse) with land_o when written_i has passed its end. An item of no beats
//           lands when those before it have.
//           empty_o: everything that was put has landed. settled_o: nothing that memory has answered is still to
//           land, so that counts made of land_o are exact in the next cycle.
// Latency:  four cycles from a put, or one from written_i, to landing. Rate: an item a cycle in, one every cycle out.
// Rules:    written_i counts from clear_i, in the order of the writes, and stops at the first that fails.
//           Where a burst holds n items, Depth must be more than n: the burst is not sent before it is whole.
module write_ledger
  import sealift_pkg::*;
#(
  parameter int unsigned Width  = 8,
  parameter int unsigned Depth  = 64,
  parameter int unsigned BeatsW = 9
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  input  logic              clear_i,
  input  logic              put_valid_i,
  output logic              put_ready_o,
  input  logic [BeatsW-1:0] put_beats_i,
  input  logic [ Width-1:0] put_data_i,
  input  logic [ AddrW-1:0] written_i,     // bytes
  output logic              land_valid_o,
  output logic [ Width-1:0] land_o,
  output logic              empty_o,
  output logic              settled_o
);
  `include "sealift_assert.svh"

  localparam int unsigned WrittenW = AddrW - $clog2(BlockBytes);

  logic [$clog2(Depth+4)-1:0] used;
  logic head_valid, due;
  logic [BeatsW-1:0] beats;
  logic [WrittenW-1:0] landed_q, ahead;
  logic unused_bytes;

  prim_fifo_ram #(
    .Width(BeatsW + Width),
    .Depth(Depth)
  ) u_items (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(put_valid_i),
    .ready_o(put_ready_o),
    .data_i ({put_beats_i, put_data_i}),
    .valid_o(head_valid),
    .ready_i(due),
    .data_o ({beats, land_o}),
    .used_o (used)
  );

  assign ahead        = written_i[AddrW-1-:WrittenW] - landed_q;
  assign due          = ahead >= WrittenW'(beats);
  assign land_valid_o = head_valid && due;
  assign empty_o      = used == '0;
  assign settled_o    = empty_o || (head_valid && !due);
  assign unused_bytes = ^written_i[AddrW-WrittenW-1:0];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) landed_q <= '0;
    else if (clear_i) landed_q <= '0;
    else if (land_valid_o) landed_q <= landed_q + WrittenW'(beats);
  end

  `SL_ASSERT(NotBeforeWritten, clear_i || landed_q <= written_i[AddrW-1-:WrittenW])

endmodule
