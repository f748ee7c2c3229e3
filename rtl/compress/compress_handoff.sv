// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Hands pages from one stage to the next, which work on the two halves of a double buffer (or more
// slots).
//
// Protocol: the producer may fill half fill_half_o while ready_o holds and hands it over with
//           push_i; the consumer reads half read_half_o while valid_o holds and gives it back with
//           pop_i. info goes along.
// Rules:    ready_o, once high, falls only with push_i.
module compress_handoff #(
  parameter int unsigned Width = 1,
  parameter int unsigned Slots = 2,  // a power of two
  localparam int unsigned SlotBits = (Slots > 1) ? $clog2(Slots) : 1
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                clear_i,
  input  logic                push_i,
  input  logic [   Width-1:0] info_i,
  output logic                ready_o,
  output logic [SlotBits-1:0] fill_half_o,
  output logic                valid_o,
  output logic [   Width-1:0] info_o,
  input  logic                pop_i,
  output logic [SlotBits-1:0] read_half_o
);
  logic [SlotBits-1:0] fill_q, read_q;
  logic [$clog2(Slots+1)-1:0] unused_count;

  prim_fifo #(
    .Width(Width),
    .Depth(Slots)
  ) u_fifo (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(push_i),
    .ready_o,
    .data_i (info_i),
    .valid_o,
    .ready_i(pop_i),
    .data_o (info_o),
    .count_o(unused_count)
  );

  assign fill_half_o = fill_q;
  assign read_half_o = read_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      fill_q <= '0;
      read_q <= '0;
    end else if (clear_i) begin
      fill_q <= '0;
      read_q <= '0;
    end else begin
      if (push_i && Slots > 1) fill_q <= fill_q + 1'b1;
      if (pop_i && Slots > 1) read_q <= read_q + 1'b1;
    end
  end

  `include "sealift_assert.svh"
  `SL_ASSERT(PushReady, !push_i || ready_o)
  `SL_ASSERT(PopValid, !pop_i || valid_o)

endmodule
