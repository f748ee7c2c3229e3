// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// SM4 encryption of single blocks (GB/T 32907-2016, section 7.1) with `Stages` rounds in hardware: a ring of stages,
// round the which a block goes 32 / Stages times.
//
// Protocol: as aes_core: in by valid and ready, out by valid alone, in order, `use` beside it.
// Latency:  33 cycles. Rate: Stages blocks in 32 cycles.
// Rules:    rk_i stays as it is while a block is inside. clear_i drops every block and zeroes every register that held
//           one.
module sm4_core
  import sm4_pkg::*;
#(
  parameter int unsigned Stages = 32  // 1, 2, 4, 8, 16 or 32
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             clear_i,
  input  logic [31:0]      rk_i[Rounds],
  input  logic             in_valid_i,
  output logic             in_ready_o,
  input  logic [127:0]     in_block_i,
  input  crypto_pkg::use_e in_use_i,
  output logic             out_valid_o,
  output logic [127:0]     out_block_o,
  output crypto_pkg::use_e out_use_o
);
  `include "sealift_assert.svh"
  `SL_ASSERT_PARAM(Stages, Rounds % Stages == 0)

  localparam int unsigned Passes = Rounds / Stages;
  localparam int unsigned PassW = (Passes > 1) ? $clog2(Passes) : 1;

  // Stage s, pass p holds a block after round p * Stages + s.
  logic [Stages-1:0] valid_q, enter;
  logic [PassW-1:0]  pass_q[Stages];
  logic [127:0]      block_q[Stages];
  crypto_pkg::use_e  use_q[Stages];
  logic              last, again;

  assign last       = valid_q[Stages-1] && pass_q[Stages-1] == PassW'(Passes - 1);
  assign again      = Passes > 1 && valid_q[Stages-1] && !last;
  assign in_ready_o = !again;

  always_comb begin
    enter = '0;
    for (int unsigned s = 1; s < Stages; s++) enter[s] = valid_q[s-1];
    enter[0] = again || (in_valid_i && in_ready_o);
  end

  function automatic logic [31:0] key_of(input int unsigned s, input logic [PassW-1:0] pass);
    logic [31:0] k;
    k = '0;
    for (int unsigned p = 0; p < Passes; p++) begin
      if (Passes == 1 || pass == PassW'(p)) k |= rk_i[(p*Stages+s)%Rounds];
    end
    return k;
  endfunction

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      for (int unsigned s = 0; s < Stages; s++) block_q[s] <= '0;
    end else begin
      if (again) block_q[0] <= round(block_q[Stages-1], key_of(0, pass_q[Stages-1] + 1'b1));
      else if (in_valid_i) block_q[0] <= round(load_words(in_block_i), rk_i[0]);
      for (int unsigned s = 1; s < Stages; s++) begin
        if (valid_q[s-1]) block_q[s] <= round(block_q[s-1], key_of(s, pass_q[s-1]));
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q <= '0;
      for (int unsigned s = 0; s < Stages; s++) begin
        pass_q[s] <= '0;
        use_q[s]  <= crypto_pkg::UseStream;
      end
    end else if (clear_i) begin
      valid_q <= '0;
    end else begin
      valid_q <= enter;
      if (enter[0]) begin
        pass_q[0] <= again ? pass_q[Stages-1] + 1'b1 : '0;
        use_q[0]  <= again ? use_q[Stages-1] : in_use_i;
      end
      for (int unsigned s = 1; s < Stages; s++) begin
        if (enter[s]) begin
          pass_q[s] <= pass_q[s-1];
          use_q[s]  <= use_q[s-1];
        end
      end
    end
  end

  assign out_valid_o = last;
  assign out_block_o = store_words(block_q[Stages-1]);
  assign out_use_o   = use_q[Stages-1];

endmodule
