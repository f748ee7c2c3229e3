// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Deals packets out to lanes in turn: packet n goes to lane n modulo Lanes.
//
// Latency: none (combinational), rate: one beat a cycle.
// Rules:   the turn passes when `last` is taken; clear_i starts again at lane 0.
module lane_spread #(
  parameter int unsigned Lanes = 1
) (
  input  logic                           clk_i,
  input  logic                           rst_ni,
  input  logic                           clear_i,
  input  logic                           in_valid_i,
  output logic                           in_ready_o,
  input  sealift_pkg::beat_t             in_beat_i,
  output logic               [Lanes-1:0] out_valid_o,
  input  logic               [Lanes-1:0] out_ready_i,
  output sealift_pkg::beat_t             out_beat_o
);
  logic [Lanes-1:0] turn_q, turn_next;  // one-hot

  if (Lanes == 1) begin : gen_one
    assign turn_next = turn_q;
  end else begin : gen_many
    assign turn_next = {turn_q[Lanes-2:0], turn_q[Lanes-1]};
  end

  assign out_valid_o = in_valid_i ? turn_q : '0;
  assign in_ready_o  = |(out_ready_i & turn_q);
  assign out_beat_o  = in_beat_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      turn_q <= Lanes'(1);
    end else if (clear_i) begin
      turn_q <= Lanes'(1);
    end else if (in_valid_i && in_ready_o && in_beat_i.last) begin
      turn_q <= turn_next;
    end
  end
endmodule
