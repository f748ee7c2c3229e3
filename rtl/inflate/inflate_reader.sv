// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Bit reader: shows the next 128 bits of the packet at hand and drops as many as the decoder takes.
//
// Beats are kept bit-reversed, so that the next bit of the stream is always the top bit: Huffman codes
// read as they are, most significant bit first (RFC 1951, section 3.1.1), plain fields are mirrored.
//
// Protocol: `have_o` bits of the window are real, the rest is anything. take_i <= have_o. When `last_o`,
//           nothing comes after these. drop_i throws the packet away up to its last beat; next_i, when
//           last_o, starts on the next packet.
// Rate:     128 bits a cycle. Latency: a beat taken from in_* shows in the next cycle.
module inflate_reader (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               clear_i,
  input  logic               in_valid_i,
  output logic               in_ready_o,
  input  sealift_pkg::beat_t in_beat_i,
  input  logic [7:0]         take_i,
  input  logic               drop_i,
  input  logic               next_i,
  output logic [127:0]       window_o,
  output logic [8:0]         have_o,
  output logic [2:0]         align_o,  // bit offset within a byte
  output logic               last_o
);
  `include "sealift_assert.svh"

  logic [127:0] b0_q, b1_q;
  logic [6:0]   pos_q;
  logic [8:0]   have_q;
  logic [1:0]   beats_q, beats_left;
  logic         last_q;
  logic [7:0]   pos_d;
  logic         load;

  assign window_o = 128'(({b0_q, b1_q} << pos_q) >> 128);
  assign have_o   = have_q;
  assign align_o  = pos_q[2:0];
  assign last_o   = last_q;

  assign pos_d      = {1'b0, pos_q} + take_i;
  assign beats_left = beats_q - 2'(pos_d[7]);
  assign in_ready_o = !last_q && (beats_left != 2'd2 || drop_i);
  assign load       = in_valid_i && in_ready_o;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      pos_q   <= '0;
      have_q  <= '0;
      beats_q <= '0;
      last_q  <= 1'b0;
    end else if (clear_i || next_i) begin
      pos_q   <= '0;
      have_q  <= '0;
      beats_q <= '0;
      last_q  <= 1'b0;
    end else begin
      pos_q   <= pos_d[6:0];
      have_q  <= have_q - 9'(take_i) + (load ? {1'b0, in_beat_i.bytes, 3'b000} : 9'd0);
      beats_q <= drop_i ? '0 : beats_left + 2'(load);
      if (load) last_q <= in_beat_i.last;
    end
  end

  always_ff @(posedge clk_i) begin
    if (load && beats_left == 2'd0) b0_q <= {<<{in_beat_i.data}};
    else if (pos_d[7]) b0_q <= b1_q;
    if (load && beats_left == 2'd1) b1_q <= {<<{in_beat_i.data}};
  end

  `SL_ASSERT(TakesWhatIsThere, 9'(take_i) <= have_q || drop_i || clear_i)
  `SL_ASSERT(TakesABeatAtMost, take_i <= 8'd128)
  `SL_ASSERT(NextAfterLast, !next_i || last_q)

endmodule
