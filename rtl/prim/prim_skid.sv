// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Two-deep register slice that cuts every path of a valid/ready stream, forward and back.
//
// Latency: one cycle. Rate: one item a cycle. Rules: clear_i empties it at once.
module prim_skid #(
  parameter int unsigned Width = 8
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             clear_i,
  input  logic             valid_i,
  output logic             ready_o,
  input  logic [Width-1:0] data_i,
  output logic             valid_o,
  input  logic             ready_i,
  output logic [Width-1:0] data_o
);
  logic [1:0] unused_count;

  prim_fifo #(
    .Width(Width),
    .Depth(2)
  ) u_fifo (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i,
    .ready_o,
    .data_i,
    .valid_o,
    .ready_i,
    .data_o,
    .count_o(unused_count)
  );
endmodule
