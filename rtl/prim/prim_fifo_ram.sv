// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Deep first-in first-out queue in a memory, with a count of what it holds and of the room it has.
//
// Latency: three cycles from push to pop when empty. Rate: one item a cycle.
// Rules:   no path from ready_i to ready_o; clear_i empties it at once (contents are unreachable afterwards);
//          `used_o` counts every item inside, the output stage included.
module prim_fifo_ram #(
  parameter int unsigned Width = 134,
  parameter int unsigned Depth = 512,
  localparam int unsigned CountBits = $clog2(Depth + 4)
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
  output logic [CountBits-1:0] used_o
);
  `include "sealift_assert.svh"

  localparam int unsigned PtrBits = $clog2(Depth);

  logic [PtrBits-1:0] wptr_q, rptr_q;
  logic [CountBits-1:0] ram_q, used_q;  // items in the memory; items in all
  logic push, fetch, inflight_q, pop;
  logic [Width-1:0] ram_rdata;
  logic             out_ready;
  logic [      1:0] out_count;

  assign ready_o = ram_q != CountBits'(Depth);
  assign push    = valid_i && ready_o;
  assign pop     = valid_o && ready_i;
  // The output stage holds two; what is on its way counts.
  assign fetch   = ram_q != '0 && (32'(out_count) + 32'(inflight_q) < 2 || pop);
  assign used_o  = used_q;

  prim_ram_1r1w #(
    .Width(Width),
    .Depth(Depth)
  ) u_ram (
    .clk_i,
    .we_i   (push),
    .waddr_i(wptr_q),
    .wdata_i(data_i),
    .re_i   (fetch),
    .raddr_i(rptr_q),
    .rdata_o(ram_rdata)
  );

  prim_fifo #(
    .Width(Width),
    .Depth(2)
  ) u_out (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(inflight_q),
    .ready_o(out_ready),
    .data_i (ram_rdata),
    .valid_o,
    .ready_i,
    .data_o,
    .count_o(out_count)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      wptr_q     <= '0;
      rptr_q     <= '0;
      ram_q      <= '0;
      used_q     <= '0;
      inflight_q <= 1'b0;
    end else if (clear_i) begin
      wptr_q     <= '0;
      rptr_q     <= '0;
      ram_q      <= '0;
      used_q     <= '0;
      inflight_q <= 1'b0;
    end else begin
      if (push) wptr_q <= (wptr_q == PtrBits'(Depth - 1)) ? '0 : wptr_q + 1'b1;
      if (fetch) rptr_q <= (rptr_q == PtrBits'(Depth - 1)) ? '0 : rptr_q + 1'b1;
      ram_q      <= ram_q + CountBits'(push) - CountBits'(fetch);
      used_q     <= used_q + CountBits'(push) - CountBits'(pop);
      inflight_q <= fetch;
    end
  end

  `SL_ASSERT(OutHasRoom, !inflight_q || out_ready || clear_i)

endmodule
