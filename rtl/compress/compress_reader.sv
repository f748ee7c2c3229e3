// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Reads a run of words from a memory and presents them as a stream, one a cycle.
//
// Protocol: start_i restarts at address 0 and ends after num_i words. mem_* is the read port, data
//           one cycle later.
// Rules:    start_i drops what is under way.
module compress_reader #(
  parameter int unsigned Width = 22,
  parameter int unsigned AddrW = 9
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             start_i,
  input  logic [AddrW-1:0] num_i,
  output logic             mem_re_o,
  output logic [AddrW-1:0] mem_addr_o,
  input  logic [Width-1:0] mem_data_i,
  output logic             valid_o,
  input  logic             ready_i,
  output logic [Width-1:0] data_o,
  output logic             end_o        // every word has been taken
);
  logic [AddrW-1:0] at_q, num_q;
  logic inflight_q, room;
  logic [2:0] count;

  assign mem_re_o = at_q != num_q && !start_i && 32'(count) + 32'(inflight_q) < 4;
  assign mem_addr_o = at_q;
  assign end_o = at_q == num_q && !inflight_q && !valid_o;

  prim_fifo #(
    .Width(Width),
    .Depth(4)
  ) u_fifo (
    .clk_i,
    .rst_ni,
    .clear_i(start_i),
    .valid_i(inflight_q),
    .ready_o(room),
    .data_i (mem_data_i),
    .valid_o,
    .ready_i,
    .data_o,
    .count_o(count)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      at_q       <= '0;
      num_q      <= '0;
      inflight_q <= 1'b0;
    end else if (start_i) begin
      at_q       <= '0;
      num_q      <= num_i;
      inflight_q <= 1'b0;
    end else begin
      inflight_q <= mem_re_o;
      if (mem_re_o) at_q <= at_q + 1'b1;
    end
  end

  `include "sealift_assert.svh"
  `SL_ASSERT(Room, !inflight_q || room || start_i)

endmodule
