// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Collects what lanes made, in the order in which lane_spread dealt: a result a packet, and the packet's data.
//
// Latency: none for results; data of packet n passes from the cycle after its result was taken. Rate: one beat a cycle.
// Rules:   a lane presents a result no later than its data; a result with has_data_i = 0 has no data packet;
//          up to Pending results may be taken ahead of their data.
module lane_gather #(
  parameter int unsigned Lanes   = 1,
  parameter int unsigned ResultW = 16,
  parameter int unsigned Pending = 16
) (
  input  logic                                          clk_i,
  input  logic                                          rst_ni,
  input  logic                                          clear_i,
  // from the lanes
  input  logic               [  Lanes-1:0]              res_valid_i,
  output logic               [  Lanes-1:0]              res_ready_o,
  input  logic               [  Lanes-1:0][ResultW-1:0] res_i,
  input  logic               [  Lanes-1:0]              has_data_i,
  input  logic               [  Lanes-1:0]              lane_valid_i,
  output logic               [  Lanes-1:0]              lane_ready_o,
  input  sealift_pkg::beat_t [  Lanes-1:0]              lane_beat_i,
  // to the consumer
  output logic                                          res_valid_o,
  input  logic                                          res_ready_i,
  output logic               [ResultW-1:0]              res_o,
  output logic                                          out_valid_o,
  input  logic                                          out_ready_i,
  output sealift_pkg::beat_t                            out_beat_o
);
  `include "sealift_assert.svh"

  localparam int unsigned IdxBits = (Lanes > 1) ? $clog2(Lanes) : 1;

  logic [IdxBits-1:0] turn_q;  // whose result is next
  logic [IdxBits-1:0] data_lane;  // whose data passes now
  logic data_known, order_ready, order_push;
  logic [$clog2(Pending + 1)-1:0] unused_count;

  assign res_valid_o = res_valid_i[turn_q] && order_ready;
  assign res_o       = res_i[turn_q];
  assign order_push  = res_valid_o && res_ready_i && has_data_i[turn_q];

  always_comb begin
    res_ready_o = '0;
    res_ready_o[turn_q] = res_ready_i && order_ready;
  end

  prim_fifo #(
    .Width(IdxBits),
    .Depth(Pending)
  ) u_order (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(order_push),
    .ready_o(order_ready),
    .data_i (turn_q),
    .valid_o(data_known),
    .ready_i(out_valid_o && out_ready_i && out_beat_o.last),
    .data_o (data_lane),
    .count_o(unused_count)
  );

  assign out_valid_o = data_known && lane_valid_i[data_lane];
  assign out_beat_o  = lane_beat_i[data_lane];

  always_comb begin
    lane_ready_o = '0;
    lane_ready_o[data_lane] = data_known && out_ready_i;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      turn_q <= '0;
    end else if (clear_i) begin
      turn_q <= '0;
    end else if (res_valid_o && res_ready_i) begin
      turn_q <= (turn_q == IdxBits'(Lanes - 1)) ? '0 : turn_q + 1'b1;
    end
  end

  `SL_ASSERT_STABLE(Result, res_valid_o, res_ready_i, res_o, clear_i)
  `SL_ASSERT_STABLE(Data, out_valid_o, out_ready_i, out_beat_o, clear_i)

endmodule
