// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Inflate lanes side by side.
//
// Ports as those of inflate_lane; packets come out in the order in which they went in. With verify_i none comes out, but
// a verdict of each, in that order.
// Rate:  the sum of the lanes', at most 16 bytes a cycle without verify_i. Rules: verify_i stands still while a packet is inside.
module inflate_lanes #(
  parameter int unsigned Lanes = 1
) (
  input  logic                         clk_i,
  input  logic                         rst_ni,
  input  logic                         clear_i,
  input  logic                         verify_i,
  input  logic                         in_valid_i,
  output logic                         in_ready_o,
  input  sealift_pkg::beat_t           in_beat_i,
  output logic                         res_valid_o,
  input  logic                         res_ready_i,
  output sealift_pkg::inflate_result_t res_o,
  output logic                         out_valid_o,
  input  logic                         out_ready_i,
  output sealift_pkg::beat_t           out_beat_o,
  output logic                         verdict_valid_o,
  input  logic                         verdict_ready_i,
  output sealift_pkg::verdict_t        verdict_o
);
  `include "sealift_assert.svh"
  import sealift_pkg::*;

  localparam int unsigned TurnW = (Lanes > 1) ? $clog2(Lanes) : 1;

  logic [Lanes-1:0] lane_in_valid, lane_in_ready;
  beat_t lane_in_beat;
  logic [Lanes-1:0] lane_res_valid, lane_res_ready, lane_has_data;
  inflate_result_t [Lanes-1:0] lane_res;
  logic [Lanes-1:0] lane_out_valid, lane_out_ready;
  beat_t [Lanes-1:0] lane_out_beat;
  logic [Lanes-1:0] gather_res_ready, gather_out_ready, check_res_ready, check_out_ready;
  logic [Lanes-1:0] lane_verdict_valid, lane_verdict_ready;
  verdict_t [Lanes-1:0] lane_verdict;
  logic [TurnW-1:0] turn_q;  // whose verdict is next

  lane_spread #(
    .Lanes(Lanes)
  ) u_spread (
    .clk_i,
    .rst_ni,
    .clear_i,
    .in_valid_i,
    .in_ready_o,
    .in_beat_i,
    .out_valid_o(lane_in_valid),
    .out_ready_i(lane_in_ready),
    .out_beat_o (lane_in_beat)
  );

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    inflate_lane u_lane (
      .clk_i,
      .rst_ni,
      .clear_i,
      .in_valid_i (lane_in_valid[l]),
      .in_ready_o (lane_in_ready[l]),
      .in_beat_i  (lane_in_beat),
      .res_valid_o(lane_res_valid[l]),
      .res_ready_i(lane_res_ready[l]),
      .res_o      (lane_res[l]),
      .out_valid_o(lane_out_valid[l]),
      .out_ready_i(lane_out_ready[l]),
      .out_beat_o (lane_out_beat[l])
    );
    assign lane_has_data[l] = lane_res[l].status == InflateOk;
    assign lane_res_ready[l] = verify_i ? check_res_ready[l] : gather_res_ready[l];
    assign lane_out_ready[l] = verify_i ? check_out_ready[l] : gather_out_ready[l];
    assign lane_verdict_ready[l] = verdict_ready_i && turn_q == TurnW'(l);

    lane_verdict u_verdict (
      .clk_i,
      .rst_ni,
      .clear_i,
      .res_valid_i    (verify_i && lane_res_valid[l]),
      .res_ready_o    (check_res_ready[l]),
      .res_i          (lane_res[l]),
      .out_valid_i    (verify_i && lane_out_valid[l]),
      .out_ready_o    (check_out_ready[l]),
      .out_beat_i     (lane_out_beat[l]),
      .verdict_valid_o(lane_verdict_valid[l]),
      .verdict_ready_i(lane_verdict_ready[l]),
      .verdict_o      (lane_verdict[l])
    );
  end

  lane_gather #(
    .Lanes  (Lanes),
    .ResultW($bits(inflate_result_t))
  ) u_gather (
    .clk_i,
    .rst_ni,
    .clear_i,
    .res_valid_i (verify_i ? '0 : lane_res_valid),
    .res_ready_o (gather_res_ready),
    .res_i       (lane_res),
    .has_data_i  (lane_has_data),
    .lane_valid_i(verify_i ? '0 : lane_out_valid),
    .lane_ready_o(gather_out_ready),
    .lane_beat_i (lane_out_beat),
    .res_valid_o,
    .res_ready_i,
    .res_o,
    .out_valid_o,
    .out_ready_i,
    .out_beat_o
  );

  assign verdict_valid_o = lane_verdict_valid[turn_q];
  assign verdict_o       = lane_verdict[turn_q];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      turn_q <= '0;
    end else if (clear_i) begin
      turn_q <= '0;
    end else if (verdict_valid_o && verdict_ready_i) begin
      turn_q <= (turn_q == TurnW'(Lanes - 1)) ? '0 : turn_q + 1'b1;
    end
  end

  `SL_ASSERT_STABLE(Verdict, verdict_valid_o, verdict_ready_i, verdict_o, clear_i)

endmodule
