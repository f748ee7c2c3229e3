// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// encrypt_then_compress: takes the encrypted inner block off a payload; the rest of a page goes on to the lanes,
// the rest of metadata and of the end record goes around them.
//
// Protocol: packets in, with one page_i bit each; first blocks out of a queue; two packet streams out. A payload
//           of one block makes no packet.
// Latency:  none for the packets, three cycles for first blocks. Rate: 16 bytes a cycle.
module out_split
  import sealift_pkg::*;
#(
  parameter int unsigned Depth = 16  // first blocks that may wait for the lanes
) (
  input  logic          clk_i,
  input  logic          rst_ni,
  input  logic          clear_i,
  input  logic          page_valid_i,
  output logic          page_ready_o,
  input  logic          page_i,
  input  logic          in_valid_i,
  output logic          in_ready_o,
  input  beat_t         in_beat_i,
  output logic          first_valid_o,
  input  logic          first_ready_i,
  output logic  [127:0] first_o,
  output logic          lane_valid_o,
  input  logic          lane_ready_i,
  output beat_t         lane_beat_o,
  output logic          raw_valid_o,
  input  logic          raw_ready_i,
  output beat_t         raw_beat_o
);
  `include "sealift_assert.svh"

  logic body_q, first, first_ready;
  logic [$clog2(Depth+4)-1:0] unused_used;

  assign first = page_valid_i && !body_q;
  assign lane_valid_o = in_valid_i && page_valid_i && body_q && page_i;
  assign raw_valid_o = in_valid_i && page_valid_i && body_q && !page_i;
  assign lane_beat_o = in_beat_i;
  assign raw_beat_o = in_beat_i;
  assign in_ready_o = page_valid_i && (!body_q ? first_ready : page_i ? lane_ready_i : raw_ready_i);
  assign page_ready_o = in_valid_i && in_ready_o && in_beat_i.last;

  prim_fifo_ram #(
    .Width(128),
    .Depth(Depth)
  ) u_first (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(in_valid_i && first),
    .ready_o(first_ready),
    .data_i (in_beat_i.data),
    .valid_o(first_valid_o),
    .ready_i(first_ready_i),
    .data_o (first_o),
    .used_o (unused_used)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) body_q <= 1'b0;
    else if (clear_i) body_q <= 1'b0;
    else if (in_valid_i && in_ready_o) body_q <= !in_beat_i.last;
  end

  // Stable unless the cipher withdraws its beat, which it does when its keys are wiped: clear_i follows.
  `SL_ASSERT_NEXT(Lane, lane_valid_o && !lane_ready_i && !clear_i,
                  !in_valid_i || (lane_valid_o && $stable(lane_beat_o)))
  `SL_ASSERT_NEXT(Raw, raw_valid_o && !raw_ready_i && !clear_i,
                  !in_valid_i || (raw_valid_o && $stable(raw_beat_o)))

endmodule
