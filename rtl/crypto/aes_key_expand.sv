// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// AES key expansion (FIPS 197, section 5.2): every round key of one AES-128 or AES-256 key, held
// until wiped.
//
// Protocol: load_i takes key_i and aes128_i; busy_o falls when the keys are complete. A round key
//           is rk_o[round].
// Latency:  15 cycles; 28 with S-boxes in block RAM. rk_o shifts while busy_o.
// Rules:    wipe_i zeroes every key in one cycle; load_i while busy restarts.
module aes_key_expand
  import aes_pkg::*;
#(
  parameter bit SboxRom = 1'b0
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         wipe_i,
  input  logic         load_i,
  input  logic         aes128_i,
  input  logic [255:0] key_i,
  output logic         busy_o,
  output rk_t          rk_o
);
  // Round keys come in at the top and move down until key 0 is at the bottom, so that the two
  // latest are always the top ones. AES-128 has four fewer; zeros push them down.
  rk_t        rk_q;
  logic [7:0] rcon_q;
  logic [3:0] step_q;
  logic busy_q, aes128_q;

  // S-box and round constant in, the four words of the next round key out.
  function automatic logic [127:0] next_key(input logic [127:0] older, input logic [31:0] t);
    logic [31:0] w0, w1, w2;
    w0 = older[31:0] ^ t;
    w1 = older[63:32] ^ w0;
    w2 = older[95:64] ^ w1;
    return {older[127:96] ^ w2, w2, w1, w0};
  endfunction

  logic rotate, step, pad;
  logic [31:0] newest, last_word, sub;
  logic [127:0] older, made;

  // AES-256 rotates and takes a round constant every second key only.
  assign rotate    = aes128_q || !step_q[0];
  assign newest    = rk_q[MaxRounds][127:96];
  assign older     = aes128_q ? rk_q[MaxRounds] : rk_q[MaxRounds-1];
  assign last_word = rotate ? {newest[7:0], newest[31:8]} : newest;
  assign pad       = aes128_q && step_q >= 4'(Rounds128);

  if (SboxRom) begin : gen_rom
    logic second_q;  // the S-boxes have answered

    aes_sbox_rom #(
      .Bytes(4)
    ) u_sub (
      .clk_i,
      .clear_i(!rst_ni || wipe_i || load_i || !busy_q),
      .en_i   (1'b1),
      .data_i (last_word),
      .data_o (sub)
    );

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) second_q <= 1'b0;
      else if (wipe_i || load_i) second_q <= 1'b0;
      else second_q <= busy_q && !second_q;
    end

    assign step = second_q;
  end else begin : gen_logic
    always_comb begin
      sub = '0;
      if (busy_q) sub = sub_word(last_word);
    end

    assign step = busy_q;
  end

  assign made = pad ? '0 : next_key(older, sub ^ (rotate ? 32'(rcon_q) : 32'd0));

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      step_q   <= '0;
      busy_q   <= 1'b0;
      aes128_q <= 1'b0;
    end else if (wipe_i) begin
      step_q   <= '0;
      busy_q   <= 1'b0;
      aes128_q <= 1'b0;
    end else if (load_i) begin
      step_q   <= '0;
      busy_q   <= 1'b1;
      aes128_q <= aes128_i;
    end else if (step) begin
      step_q <= step_q + 1'b1;
      busy_q <= step_q != (aes128_q ? 4'(MaxRounds - 1) : 4'(MaxRounds - 2));
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || wipe_i) begin
      rk_q   <= '0;
      rcon_q <= '0;
    end else if (load_i) begin
      rk_q   <= {aes128_i ? {key_i[127:0], 128'd0} : key_i, {(128 * (MaxRounds - 1)) {1'b0}}};
      rcon_q <= 8'h01;
    end else if (step) begin
      rk_q <= {made, rk_q[MaxRounds:1]};
      if (rotate) rcon_q <= {rcon_q[6:0], 1'b0} ^ (rcon_q[7] ? 8'h1b : 8'h00);
    end
  end

  assign busy_o = busy_q;
  assign rk_o   = rk_q;
endmodule
