// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Packs the decisions of a matcher into entries of the token stream and queues them.
//
// Protocol: while ready_o holds, one of lit_i, match_i and end_i may be given a cycle; then_i with
//           lit_i, or alone, gives a match that follows the literal (ready_o is low for the cycle
//           that it takes).
// Rules:    clear_i drops everything.
module compress_entries
  import compress_pkg::*;
#(
  parameter  int unsigned Step      = 4,
  parameter  int unsigned FifoDepth = 1024,
  localparam int unsigned TokW      = EntryW + 8 * Step,
  localparam int unsigned UsedW     = $clog2(FifoDepth + 4)
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             clear_i,
  output logic             ready_o,
  output logic [UsedW-1:0] used_o,         // entries in the queue
  input  logic             lit_i,
  input  logic [      7:0] byte_i,
  input  logic             match_i,
  input  logic             then_i,
  input  logic [      8:0] len_i,          // of match_i or then_i
  input  logic [     11:0] dist_i,
  input  logic             end_i,
  output logic             entry_valid_o,
  input  logic             entry_ready_i,
  output logic [ TokW-1:0] entry_o
);
  logic push, room, then_q, match, full;
  logic [       2:0] nlit_q;
  logic [8*Step-1:0] lits_q;
  logic [8:0] len_q, len;
  logic [11:0] dist_q, dist1;
  entry_t e;

  assign ready_o = room && !then_q;
  assign match   = match_i || then_q;
  assign full    = nlit_q == 3'(Step);
  assign push    = room && ((lit_i && full) || match || end_i);
  assign len     = then_q ? len_q : len_i;
  assign dist1   = (then_q ? dist_q : dist_i) - 12'd1;

  always_comb begin
    e       = '0;
    e.last  = end_i;
    e.match = match;
    e.nlit  = nlit_q;
    if (match) begin
      e.len3  = 8'(len - 9'd3);
      e.dist1 = dist1;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      nlit_q <= '0;
      then_q <= 1'b0;
    end else if (clear_i) begin
      nlit_q <= '0;
      then_q <= 1'b0;
    end else begin
      if (lit_i) nlit_q <= full ? 3'd1 : nlit_q + 1'b1;
      else if (push) nlit_q <= '0;
      if (then_i) then_q <= 1'b1;
      else if (room) then_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (lit_i) begin
      for (int unsigned k = 0; k < Step; k++) begin
        if (32'(nlit_q) == k || (k == 0 && full)) lits_q[8*k+:8] <= byte_i;
      end
    end
    if (then_i) begin
      len_q  <= len_i;
      dist_q <= dist_i;
    end
  end

  prim_fifo_ram #(
    .Width(TokW),
    .Depth(FifoDepth)
  ) u_fifo (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(push),
    .ready_o(room),
    .data_i ({e, lits_q}),
    .valid_o(entry_valid_o),
    .ready_i(entry_ready_i),
    .data_o (entry_o),
    .used_o
  );

  `include "sealift_assert.svh"
  `SL_ASSERT(OnlyWhenReady, !(lit_i || match_i || then_i || end_i) || ready_o)

endmodule
