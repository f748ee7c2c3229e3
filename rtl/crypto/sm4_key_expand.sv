// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// SM4 key expansion (GB/T 32907-2016, section 7.3): the 32 round keys of a key, held until wiped.
//
// Protocol: load_i takes key_i; busy_o falls when the keys are complete. Latency: 33 cycles.
// Rules:    wipe_i zeroes every key in one cycle; load_i while busy restarts.
module sm4_key_expand
  import sm4_pkg::*;
(
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         wipe_i,
  input  logic         load_i,
  input  logic [127:0] key_i,
  output logic         busy_o,
  output rk_t          rk_o
);
  // Round keys come in at the top and move down. The top four words are what the next one is made
  // of: at first those of the key itself, which fall out at the bottom in the end.
  rk_t         rk_q;
  logic [ 4:0] round_q;
  logic        busy_q;
  logic [31:0] made;

  always_comb begin
    made = '0;
    if (busy_q) made = next_key(rk_q[Rounds-1:Rounds-4], round_q);
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      round_q <= '0;
      busy_q  <= 1'b0;
    end else if (wipe_i) begin
      round_q <= '0;
      busy_q  <= 1'b0;
    end else if (load_i) begin
      round_q <= '0;
      busy_q  <= 1'b1;
    end else if (busy_q) begin
      round_q <= round_q + 1'b1;
      busy_q  <= round_q != 5'(Rounds - 1);
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || wipe_i) rk_q <= '0;
    else if (load_i) rk_q <= {load_words(key_i) ^ Fk, {(32 * (Rounds - 4)) {1'b0}}};
    else if (busy_q) rk_q <= {made, rk_q[Rounds-1:1]};
  end

  assign busy_o = busy_q;
  assign rk_o   = rk_q;
endmodule
