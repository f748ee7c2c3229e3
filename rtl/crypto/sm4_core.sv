// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// SM4 encryption of single blocks (GB/T 32907-2016, section 7.1) with `Stages` rounds in hardware:
// a ring of stages, round the which a block goes 32 / Stages times.
//
// Protocol: as aes_core: in by valid and ready, out by valid alone, in order, `use` beside it.
// Latency:  33 cycles. Rate: Stages blocks in 32 cycles.
// Rules:    rk_i stays as it is while a block is inside. clear_i drops every block and zeroes every
//           register that held one.
module sm4_core
  import sm4_pkg::*;
#(
  parameter int unsigned Stages = 32  // 1, 2, 4, 8, 16 or 32
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  input  logic                     clear_i,
  input  rk_t                      rk_i,
  input  logic                     in_valid_i,
  output logic                     in_ready_o,
  input  logic             [127:0] in_block_i,
  input  crypto_pkg::use_e         in_use_i,
  output logic                     out_valid_o,
  output logic             [127:0] out_block_o,
  output crypto_pkg::use_e         out_use_o
);
  `include "sealift_assert.svh"
  `SL_ASSERT_PARAM(Stages, Rounds % Stages == 0)

  localparam int unsigned Passes = Rounds / Stages;
  localparam int unsigned PassW = (Passes > 1) ? $clog2(Passes) : 1;

  // Stage s, pass p holds a block after round p * Stages + s.
  logic [Stages-1:0] valid_q, enter;
  logic [     127:0]            block  [Stages];
  logic [Stages-1:0][PassW-1:0] pass_q;
  logic [Stages-1:0][      1:0] use_q;
  logic last, again;

  assign last       = valid_q[Stages-1] && pass_q[Stages-1] == PassW'(Passes - 1);
  assign again      = Passes > 1 && valid_q[Stages-1] && !last;
  assign in_ready_o = !again;

  logic [      1:0] use_in;
  logic [PassW-1:0] pass_in;
  assign use_in  = again ? use_q[Stages-1] : in_use_i;
  assign pass_in = again ? pass_q[Stages-1] + PassW'(1) : PassW'(0);

  // Stages to be filled. Nothing ever stands still in the ring.
  assign enter   = {valid_q[Stages-1:0] << 1} | Stages'(again || in_valid_i);

  function automatic logic [31:0] key_of(input int unsigned s, input logic [PassW-1:0] pass);
    logic [31:0] k;
    k = '0;
    for (int unsigned p = 0; p < Passes; p++) begin
      if (Passes == 1 || pass == PassW'(p)) k |= rk_i[(p*Stages+s)%Rounds];
    end
    return k;
  endfunction

  for (genvar s = 0; s < Stages; s++) begin : gen_stage
    logic [127:0] block_q;

    if (s == 0) begin : gen_first
      always_ff @(posedge clk_i) begin
        if (!rst_ni || clear_i) block_q <= '0;
        else if (enter[0]) begin
          block_q <= again ? round(block[Stages-1], key_of(0, pass_q[Stages-1] + 1'b1)) :
              round(load_words(in_block_i), rk_i[0]);
        end
      end
    end else begin : gen_other
      always_ff @(posedge clk_i) begin
        if (!rst_ni || clear_i) block_q <= '0;
        else if (enter[s]) block_q <= round(block[s-1], key_of(s, pass_q[s-1]));
      end
    end

    assign block[s] = block_q;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q <= '0;
      pass_q  <= '0;
      use_q   <= '0;
    end else if (clear_i) begin
      valid_q <= '0;
      pass_q  <= '0;
      use_q   <= '0;
    end else begin
      valid_q <= enter;
      use_q   <= (use_q << 2) | (2 * Stages)'(use_in);
      if (Passes > 1) begin
        pass_q <= (pass_q << PassW) | (PassW * Stages)'(pass_in);
      end
    end
  end

  assign out_valid_o = last;
  assign out_block_o = store_words(block[Stages-1]);
  assign out_use_o   = crypto_pkg::use_e'(use_q[Stages-1]);

endmodule
