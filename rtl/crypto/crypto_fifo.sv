// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Small queue for key-dependent data: as prim_fifo, but what it held is overwritten with zeros, a
// word a cycle, after clear_i and after reset.
//
// Latency: one cycle from push to pop. Rate: one item a cycle.
// Rules:   no path from ready_i to ready_o. ready_o is low for Depth cycles after clear_i, and
//          count_o at once 0. While clear_i lasts, or comes again, the overwriting goes on where it
//          is. One write and one read port: small memories of an FPGA fit.
module crypto_fifo #(
  parameter int unsigned Width = 128,
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
  localparam int unsigned PtrBits = (Depth > 1) ? $clog2(Depth) : 1;
  localparam logic [PtrBits-1:0] Last = PtrBits'(Depth - 1);

  logic [Width-1:0] mem_q[Depth];
  logic [PtrBits-1:0] wptr_q, rptr_q;
  logic [CountBits-1:0] count_q;
  logic                 zeroing_q;  // wptr_q walks over the memory
  logic push, pop;

  assign ready_o = !zeroing_q && count_q != CountBits'(Depth);
  assign valid_o = count_q != '0;
  assign data_o  = mem_q[rptr_q];
  assign count_o = count_q;
  assign push    = valid_i && ready_o;
  assign pop     = valid_o && ready_i;

  always_ff @(posedge clk_i) begin
    if (push || zeroing_q) mem_q[wptr_q] <= zeroing_q ? '0 : data_i;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      zeroing_q <= 1'b1;
      wptr_q    <= '0;
      rptr_q    <= '0;
      count_q   <= '0;
    end else if (clear_i) begin
      zeroing_q <= 1'b1;
      wptr_q    <= (zeroing_q && wptr_q != Last) ? wptr_q + 1'b1 : '0;
      rptr_q    <= '0;
      count_q   <= '0;
    end else begin
      if (zeroing_q) zeroing_q <= wptr_q != Last;
      if (push || zeroing_q) wptr_q <= (wptr_q == Last) ? '0 : wptr_q + 1'b1;
      if (pop) rptr_q <= (rptr_q == Last) ? '0 : rptr_q + 1'b1;
      if (push && !pop) count_q <= count_q + 1'b1;
      if (pop && !push) count_q <= count_q - 1'b1;
    end
  end

endmodule
