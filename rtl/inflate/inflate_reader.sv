// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Bit reader: shows the next bits of the packet at hand and drops as many as the decoder takes.
//
// Bits wait in a look-ahead register, first bit on top, so that Huffman codes read as they are, most
// significant bit first (RFC 1951, section 3.1.1), and plain fields are mirrored. It is refilled with 32 bits
// a cycle from the beats; the refill is placed before the shift, off the path that decides the shift.
// Bytes of a stored block can go past it, 16 at a time.
//
// Protocol: `have_o` bits of look_o are real, the rest is 0. go_i drops take_i of them, MaxTake at most. When
//           `last_o`, nothing comes after these. Without Both it is refilled in the cycles without shift_i, and
//           go_i comes in those with it, so that neither waits for the other's path. hold_i stops the refill;
//           wide_valid_o shows 16 bytes to be taken by wide_take_i, which needs have_o == 0 and hold_i. wide_short_o: the packet ends before 16 bytes.
//           drop_i throws the packet away up to its last beat; next_i, when last_o, starts on the next packet.
module inflate_reader #(
  parameter  int unsigned Look     = 96,
  parameter  int unsigned MaxTake  = 64,
  parameter  bit          Both     = 1'b1,
  localparam int unsigned TakeBits = $clog2(MaxTake + 1)
) (
  input  logic                       clk_i,
  input  logic                       rst_ni,
  input  logic                       clear_i,
  input  logic                       in_valid_i,
  output logic                       in_ready_o,
  input  sealift_pkg::beat_t         in_beat_i,
  output logic               [ 63:0] look_o,
  output logic               [  6:0] have_o,
  output logic                       last_o,
  input  logic                       shift_i,
  input  logic               [  6:0] take_i,
  input  logic                       go_i,
  input  logic                       hold_i,
  output logic                       wide_valid_o,
  output logic                       wide_short_o,
  output logic               [127:0] wide_data_o,
  input  logic                       wide_take_i,
  input  logic                       drop_i,
  input  logic                       next_i
);
  `include "sealift_assert.svh"

  // The beat at hand, its first word not yet taken; the beat after it is the one that waits at the input.
  logic [127:0] data_q;
  logic [  4:0] left_q;  // bytes of data_q not yet taken; 0: none
  logic [  1:0] word_q;
  logic         final_q;  // data_q is of the last beat
  logic         ended_q;  // all of the packet is taken from here
  logic [Look-1:0] look_q, filled;
  logic [6:0] have_q;

  logic fill, used_up, load, at_end;
  logic [ 4:0] fill_bytes;
  logic [31:0] word;
  logic [ 5:0] both;

  assign look_o = look_q[Look-1-:64];
  assign have_o = have_q;
  assign last_o = ended_q;

  // Words into the look-ahead.
  assign word = {<<{32'(data_q>>{word_q, 5'd0})}};
  assign fill = left_q != '0 && have_q <= 7'(Look - 32) && !hold_i && (Both || !shift_i);
  assign fill_bytes = (left_q > 5'd4) ? 5'd4 : left_q;
  assign filled = fill ? look_q | ({word, {(Look - 32) {1'b0}}} >> have_q) : look_q;

  // Sixteen bytes past it.
  assign wide_data_o = 128'({in_beat_i.data, data_q} >> {word_q, 5'd0});
  assign both = 6'(left_q) + ((in_valid_i && !final_q) ? 6'(in_beat_i.bytes) : 6'd0);
  assign wide_valid_o = left_q != '0 && both >= 6'd16;
  assign wide_short_o = ended_q ||
      (left_q != '0 && both < 6'd16 && (final_q || (in_valid_i && in_beat_i.last)));

  // A beat is taken when the one at hand is used up, or when the wide read runs into it.
  assign used_up = left_q == '0 || (fill && left_q <= 5'd4) || wide_take_i;
  assign at_end = left_q != '0 && final_q;
  assign in_ready_o = !ended_q && !at_end && (drop_i || used_up);
  assign load = in_valid_i && in_ready_o;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      left_q  <= '0;
      word_q  <= '0;
      final_q <= 1'b0;
      ended_q <= 1'b0;
      have_q  <= '0;
    end else if (clear_i || next_i) begin
      left_q  <= '0;
      word_q  <= '0;
      final_q <= 1'b0;
      ended_q <= 1'b0;
      have_q  <= '0;
    end else if (drop_i) begin
      left_q <= '0;
      if (at_end || (load && in_beat_i.last)) ended_q <= 1'b1;
    end else begin
      have_q <= have_q - (go_i ? take_i : 7'd0) + (fill ? {fill_bytes[3:0], 3'b000} : 7'd0);
      if (load) begin
        // After a wide read the first words of the new beat are gone already.
        left_q  <= in_beat_i.bytes;
        final_q <= in_beat_i.last;
        if (wide_take_i && word_q != '0) begin
          left_q <= in_beat_i.bytes - {1'b0, word_q, 2'b00};
          if (in_beat_i.bytes == {1'b0, word_q, 2'b00}) begin
            word_q  <= '0;
            ended_q <= in_beat_i.last;
          end
        end else begin
          word_q <= '0;
          if (in_beat_i.bytes == '0) ended_q <= in_beat_i.last;
        end
      end else if (wide_take_i || fill) begin
        left_q <= wide_take_i ? '0 : left_q - fill_bytes;
        word_q <= wide_take_i ? '0 : word_q + 2'd1;
        if (used_up && final_q) ended_q <= 1'b1;
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) look_q <= '0;
    else if (clear_i || next_i || drop_i) look_q <= '0;
    else if (Both) look_q <= filled << (go_i ? take_i[TakeBits-1:0] : '0);
    else if (!shift_i) look_q <= filled;
    else if (go_i) look_q <= look_q << take_i[TakeBits-1:0];
  end

  always_ff @(posedge clk_i) begin
    if (load) data_q <= in_beat_i.data;
  end

  `SL_ASSERT(TakesWhatIsThere, !go_i || take_i <= have_q || drop_i || clear_i)
  `SL_ASSERT(TakesAtMost, !go_i || 32'(take_i) <= MaxTake)
  `SL_ASSERT(ShiftsInTurn, Both || !go_i || shift_i)
  `SL_ASSERT(WideAlone, !wide_take_i || (wide_valid_o && have_q == '0 && hold_i))
  `SL_ASSERT(NextAfterLast, !next_i || last_o)

endmodule
