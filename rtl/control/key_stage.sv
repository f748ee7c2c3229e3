// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Staging of a key and of what its stream is bound to: written word by word by the security processor, never read.
//
// Protocol: write_i with a byte mask; word_i counts key (0..7), KDF public (8..15), stream id (16..19), salt (20),
//           tweak key (21..28).
// Rules:    every byte is tracked, so that a half-written key is seen; wipe_i zeroes all in one cycle.
module key_stage
  import control_pkg::*;
#(
  parameter bit HasXts = 1'b1  // without it there is no tweak key
) (
  input  logic           clk_i,
  input  logic           rst_ni,
  input  logic           wipe_i,
  input  logic           write_i,
  input  logic    [ 4:0] word_i,
  input  logic    [31:0] data_i,
  input  logic    [31:0] mask_i,         // whole bytes
  output staged_t        staged_o,
  output logic    [ 7:0] key_words_o,    // words written in full
  output logic    [ 7:0] tweak_words_o,
  output logic    [ 3:0] id_words_o,
  output logic           salt_word_o
);
  localparam int unsigned Words = HasXts ? 29 : 21;

  logic [Words-1:0][31:0] data_q;
  logic [Words-1:0][ 3:0] seen_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      data_q <= '0;
      seen_q <= '0;
    end else if (wipe_i) begin
      data_q <= '0;
      seen_q <= '0;
    end else if (write_i) begin
      for (int unsigned i = 0; i < Words; i++) begin
        if (word_i == 5'(i)) begin
          data_q[i] <= (data_q[i] & ~mask_i) | (data_i & mask_i);
          seen_q[i] <= seen_q[i] | {mask_i[24], mask_i[16], mask_i[8], mask_i[0]};
        end
      end
    end
  end

  always_comb begin
    for (int unsigned i = 0; i < 8; i++) key_words_o[i] = seen_q[i] == 4'hF;
    for (int unsigned i = 0; i < 4; i++) id_words_o[i] = seen_q[16+i] == 4'hF;
  end
  assign salt_word_o               = seen_q[20] == 4'hF;

  assign staged_o.key              = data_q[7:0];
  assign staged_o.bound.kdf_public = data_q[15:8];
  assign staged_o.bound.stream_id  = data_q[19:16];
  assign staged_o.bound.salt       = data_q[20];

  if (HasXts) begin : gen_tweak
    assign staged_o.tweak_key = data_q[28:21];
    always_comb begin
      for (int unsigned i = 0; i < 8; i++) tweak_words_o[i] = seen_q[21+i] == 4'hF;
    end
  end else begin : gen_no_tweak
    assign staged_o.tweak_key = '0;
    assign tweak_words_o      = '0;
  end

  // The KDF public value is zero with a pre-shared secret: it needs not be written.
  logic unused_seen;
  assign unused_seen = ^seen_q[15:8];
endmodule
