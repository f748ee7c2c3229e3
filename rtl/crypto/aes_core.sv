// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// AES of single blocks (FIPS 197, section 5.1; 5.3 if Inverse) with `Rounds` rounds in hardware: a
// ring of stages, round the which a block goes as often as its key size asks.
//
// Protocol: a block enters with in_valid_i && in_ready_o and comes out on out_valid_o, which cannot
//           be stalled: who asks for a block has reserved the room for it. `use` travels with the
//           block. Blocks keep their order.
// Latency:  rounds + 1 cycles. Rate: a block a cycle when Rounds holds all of them (14, or 10 for
//           AES-128 alone), else Rounds blocks in Rounds * ceil(rounds / Rounds) cycles.
// Rules:    rk_i and aes128_i stay as they are while a block is inside. clear_i drops every block
//           and zeroes every register that held one. An idle stage costs a simulator one test of
//           its valid bit.
module aes_core
  import aes_pkg::*;
#(
  parameter int unsigned Rounds = sealift_cfg_pkg::Cfg.AesRounds,
  parameter bit Inverse = 1'b0,  // decrypts
  parameter bit SboxRom = Rounds < MaxRounds  // S-boxes in block RAM rather than in logic
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  input  logic                     clear_i,
  input  logic                     aes128_i,
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
  `SL_ASSERT_PARAM(Rounds, Rounds >= 1 && Rounds <= MaxRounds)

  localparam int unsigned Passes = (MaxRounds + Rounds - 1) / Rounds;
  localparam int unsigned PassW = (Passes > 1) ? $clog2(Passes) : 1;
  // Stage and pass of the last round.
  localparam int unsigned Exit256 = (MaxRounds - 1) % Rounds;
  localparam int unsigned Exit128 = (Rounds128 - 1) % Rounds;
  localparam logic [PassW-1:0] ExitPass256 = PassW'((MaxRounds - 1) / Rounds);
  localparam logic [PassW-1:0] ExitPass128 = PassW'((Rounds128 - 1) / Rounds);

  // Stage s, pass p holds a block of round p * Rounds + s + 1 between SubBytes and ShiftRows.
  logic [Rounds-1:0] valid_q, exit, enter;
  logic [127:0] sub[Rounds];
  logic [Rounds-1:0][PassW-1:0] pass_q;
  logic [Rounds-1:0][1:0] use_q;
  logic zero;
  logic out_valid_q;
  logic [127:0] out_q;
  crypto_pkg::use_e out_use_q;
  logic again;  // the block of the last stage goes round once more

  assign zero       = clear_i || !rst_ni;
  assign again      = Passes > 1 && valid_q[Rounds-1] && !exit[Rounds-1];
  assign in_ready_o = !again;

  always_comb begin
    exit = '0;
    if (aes128_i) exit[Exit128] = valid_q[Exit128] && pass_q[Exit128] == ExitPass128;
    else exit[Exit256] = valid_q[Exit256] && pass_q[Exit256] == ExitPass256;
  end

  logic [      1:0] use_in;
  logic [PassW-1:0] pass_in;
  assign use_in  = again ? use_q[Rounds-1] : in_use_i;
  assign pass_in = again ? pass_q[Rounds-1] + PassW'(1) : PassW'(0);

  // Stages to be filled. Nothing ever stands still in the ring.
  assign enter   = {(valid_q & ~exit) << 1} | Rounds'(again || in_valid_i);

  // Decryption takes the round keys in reverse.
  logic [127:0] first_key, last_key;
  assign first_key = !Inverse ? rk_i[0] : aes128_i ? rk_i[Rounds128] : rk_i[MaxRounds];
  assign last_key  = Inverse ? rk_i[0] : aes128_i ? rk_i[Rounds128] : rk_i[MaxRounds];

  function automatic logic [127:0] key_of(input int unsigned s, input logic [PassW-1:0] pass);
    logic [127:0] k;
    int unsigned round;
    k = '0;
    for (int unsigned p = 0; p < Passes; p++) begin
      round = p * Rounds + s + 1;
      if (round <= MaxRounds && (Passes == 1 || pass == PassW'(p))) begin
        if (!Inverse) k |= rk_i[round%(MaxRounds+1)];
        else if (!aes128_i) k |= rk_i[(2*MaxRounds+1-round)%(MaxRounds+1)];
        else if (round <= Rounds128) k |= rk_i[(Rounds128+MaxRounds+1-round)%(MaxRounds+1)];
      end
    end
    return k;
  endfunction

  function automatic logic [127:0] shifted(input logic [127:0] block);
    return Inverse ? inv_shift_rows(block) : shift_rows(block);
  endfunction

  function automatic logic [127:0] substituted(input logic [127:0] block);
    return Inverse ? inv_sub_bytes(block) : sub_bytes(block);
  endfunction

  // The round that stage s holds, finished; the last one, which has no MixColumns, ends at the
  // output instead.
  function automatic logic [127:0] round_of(input int unsigned s, input logic [127:0] block,
                                            input logic [PassW-1:0] pass);
    if (Inverse) return inv_mix_columns(inv_shift_rows(block) ^ key_of(s, pass));
    return mix_columns(shift_rows(block)) ^ key_of(s, pass);
  endfunction

  if (SboxRom) begin : gen_rom
    for (genvar s = 0; s < Rounds; s++) begin : gen_stage
      logic [127:0] next;
      if (s == 0) begin : gen_first
        assign next = again ? round_of(
            Rounds - 1, sub[Rounds-1], pass_q[Rounds-1]
        ) : in_block_i ^ first_key;
      end else begin : gen_other
        assign next = round_of(s - 1, sub[s-1], pass_q[s-1]);
      end

      aes_sbox_rom #(
        .Inverse(Inverse)
      ) u_sub (
        .clk_i,
        .clear_i(zero),
        .en_i   (enter[s]),
        .data_i (next),
        .data_o (sub[s])
      );
    end
  end else begin : gen_logic
    for (genvar s = 0; s < Rounds; s++) begin : gen_stage
      logic [127:0] sub_q;

      if (s == 0) begin : gen_first
        always_ff @(posedge clk_i) begin
          if (zero) sub_q <= '0;
          else if (enter[0]) begin
            sub_q <= substituted(
                again ? round_of(
                    Rounds - 1, sub[Rounds-1], pass_q[Rounds-1]) : in_block_i ^ first_key
            );
          end
        end
      end else begin : gen_other
        always_ff @(posedge clk_i) begin
          if (zero) sub_q <= '0;
          else if (enter[s]) sub_q <= substituted(round_of(s - 1, sub[s-1], pass_q[s-1]));
        end
      end

      assign sub[s] = sub_q;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q     <= '0;
      pass_q      <= '0;
      use_q       <= '0;
      out_valid_q <= 1'b0;
      out_use_q   <= crypto_pkg::UseStream;
    end else if (clear_i) begin
      valid_q     <= '0;
      pass_q      <= '0;
      use_q       <= '0;
      out_valid_q <= 1'b0;
      out_use_q   <= crypto_pkg::UseStream;
    end else begin
      valid_q     <= enter;
      use_q       <= (use_q << 2) | (2 * Rounds)'(use_in);
      out_valid_q <= exit != '0;
      if (exit != '0) out_use_q <= crypto_pkg::use_e'(aes128_i ? use_q[Exit128] : use_q[Exit256]);
      if (Passes > 1) begin
        pass_q <= (pass_q << PassW) | (PassW * Rounds)'(pass_in);
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (zero) out_q <= '0;
    else if (exit != '0) begin
      out_q <= shifted(aes128_i ? sub[Exit128] : sub[Exit256]) ^ last_key;
    end
  end

  assign out_valid_o = out_valid_q;
  assign out_block_o = out_q;
  assign out_use_o   = out_use_q;

  `SL_ASSERT(OneExit, $onehot0(exit))

endmodule
