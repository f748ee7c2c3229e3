// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Test top: SM4 key expansion and cipher core, a block in and a block out.
module sm4_core_tb #(
  parameter int unsigned Stages = 32
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         clear_i,
  input  logic         load_i,
  input  logic [127:0] key_i,
  output logic         busy_o,
  input  logic         in_valid_i,
  output logic         in_ready_o,
  input  logic [127:0] in_block_i,
  input  logic [1:0]   in_use_i,
  output logic         out_valid_o,
  output logic [127:0] out_block_o,
  output logic [1:0]   out_use_o
);
  sm4_pkg::rk_t     rk;
  crypto_pkg::use_e out_use;

  sm4_key_expand u_expand (
    .clk_i,
    .rst_ni,
    .wipe_i(clear_i),
    .load_i,
    .key_i,
    .busy_o,
    .rk_o  (rk)
  );

  sm4_core #(
    .Stages(Stages)
  ) u_core (
    .clk_i,
    .rst_ni,
    .clear_i,
    .rk_i    (rk),
    .in_valid_i,
    .in_ready_o,
    .in_block_i,
    .in_use_i(crypto_pkg::use_e'(in_use_i)),
    .out_valid_o,
    .out_block_o,
    .out_use_o(out_use)
  );

  assign out_use_o = out_use;
endmodule
