// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Small first-in first-out queue in flip-flops.
//
// Latency: one cycle from push to pop. Rate: one item a cycle, also when full (Depth >= 2).
// Rules:   no path from ready_i to ready_o; clear_i empties it at once.
module prim_fifo #(
  parameter int unsigned Width = 8,
  parameter int unsigned Depth = 2,
  localparam int unsigned CountBits = $clog2(Depth + 1)
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 clear_i,
  input  logic                 valid_i,
  output logic                 ready_o,
  input  logic [    Width-1:0] data_i,
  output logic                 valid_o,
  input  logic                 ready_i,
  output logic [    Width-1:0] data_o,
  output logic [CountBits-1:0] count_o
);
  `include "sealift_assert.svh"

  localparam int unsigned PtrBits = (Depth > 1) ? $clog2(Depth) : 1;
  localparam logic [PtrBits-1:0] Last = PtrBits'(Depth - 1);

  logic [Width-1:0] mem[Depth];
  logic [PtrBits-1:0] wptr_q, rptr_q;
  logic [CountBits-1:0] count_q;
  logic push, pop;

  assign ready_o = count_q != CountBits'(Depth);
  assign valid_o = count_q != '0;
  assign data_o  = mem[rptr_q];
  assign count_o = count_q;
  assign push    = valid_i && ready_o;
  assign pop     = valid_o && ready_i;

  always_ff @(posedge clk_i) begin
    if (push) mem[wptr_q] <= data_i;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      wptr_q  <= '0;
      rptr_q  <= '0;
      count_q <= '0;
    end else if (clear_i) begin
      wptr_q  <= '0;
      rptr_q  <= '0;
      count_q <= '0;
    end else begin
      if (push) wptr_q <= (wptr_q == Last) ? '0 : wptr_q + 1'b1;
      if (pop) rptr_q <= (rptr_q == Last) ? '0 : rptr_q + 1'b1;
      if (push && !pop) count_q <= count_q + 1'b1;
      if (pop && !push) count_q <= count_q - 1'b1;
    end
  end

  `SL_ASSERT_STABLE(Out, valid_o, ready_i, data_o, clear_i)

endmodule
