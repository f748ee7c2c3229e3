// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// GHASH (NIST SP 800-38D, section 6.4), `Bits` bits of a block a cycle.
//
// Protocol: each block taken with valid_i && ready_o makes state = (state ^ block) * H; with
//           first_i it starts from start_i instead of the state. state_o is the result of every
//           block taken, from when ready_o is high again.
// Latency, rate: a block in 128 / Bits cycles; with Bits = 128 ready_o never falls.
// Rules:    all values in the field's bit order (ghash_pkg::reflect); hash_key_i holds still;
//           clear_i zeroes the state.
module ghash
  import ghash_pkg::*;
#(
  parameter int unsigned Bits = sealift_cfg_pkg::Cfg.GhashBits
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         clear_i,
  input  logic [127:0] hash_key_i,
  input  logic         valid_i,
  output logic         ready_o,
  input  logic         first_i,
  input  logic [127:0] start_i,
  input  logic [127:0] block_i,
  output logic [127:0] state_o
);
  `include "sealift_assert.svh"
  `SL_ASSERT_PARAM(Bits, Bits == 128 || Bits == 64 || Bits == 32)

  logic [127:0] state_q;
  assign state_o = state_q;

  if (Bits == 128) begin : gen_whole
    assign ready_o = 1'b1;

    always_ff @(posedge clk_i) begin
      if (!rst_ni || clear_i) state_q <= '0;
      else if (valid_i) begin
        state_q <= reduce(clmul128((first_i ? start_i : state_q) ^ block_i, hash_key_i));
      end
    end
  end else begin : gen_digits
    // Horner's rule over the digits of the operand, highest first. The first digit is taken in the
    // cycle in which the block arrives.
    localparam int unsigned Digits = 128 / Bits;
    localparam int unsigned LeftW = $clog2(Digits);

    logic [127-Bits:0] rest_q;  // digits still to come
    logic [ LeftW-1:0] left_q;
    logic [127:0] operand, acc;
    logic [Bits-1:0] digit;

    assign ready_o = left_q == '0;
    assign operand = (first_i ? start_i : state_q) ^ block_i;
    assign digit   = ready_o ? operand[127-:Bits] : rest_q[127-Bits-:Bits];
    assign acc     = ready_o ? '0 : state_q;

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) left_q <= '0;
      else if (clear_i) left_q <= '0;
      else if (valid_i || !ready_o) left_q <= ready_o ? LeftW'(Digits - 1) : left_q - 1'b1;
    end

    always_ff @(posedge clk_i) begin
      if (!rst_ni || clear_i) begin
        state_q <= '0;
        rest_q  <= '0;
      end else if (valid_i || !ready_o) begin
        state_q <= reduce({64'd0, clmul128x64(hash_key_i, 64'(digit))} ^ 256'({acc, Bits'(0)}));
        rest_q  <= ready_o ? operand[127-Bits:0] : (128 - Bits)'({rest_q, Bits'(0)});
      end
    end
  end
endmodule
