// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// CRC-32 (IEEE 802.3, section 3.2.9) of packets as they pass, and whether each was a whole page.
//
// Protocol: a beat with valid_i; valid_o pulses for each packet. Latency: two cycles from the last beat.
// Rate:     a beat a cycle.
module page_sum
  import sealift_pkg::*;
  import crc32_pkg::*;
(
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         clear_i,
  input  logic         valid_i,
  input  beat_t        beat_i,
  output logic         valid_o,
  output logic  [31:0] crc_o,
  output logic         page_o    // of 4,096 bytes
);
  localparam int unsigned CountW = $clog2(PageBeats + 2);

  logic beat_valid_q, done_q, page_q;
  beat_t beat_q;
  logic [31:0] crc_q, crc_next, sum_q;
  logic [CountW-1:0] beats_q;  // before this one; stops beyond a page

  assign crc_next = crc32_block(crc_q, beat_q.data);
  assign valid_o  = done_q;
  assign crc_o    = sum_q;
  assign page_o   = page_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      beat_valid_q <= 1'b0;
      beat_q       <= '0;
      done_q       <= 1'b0;
      page_q       <= 1'b0;
      sum_q        <= '0;
      crc_q        <= Crc32Init;
      beats_q      <= '0;
    end else if (clear_i) begin
      beat_valid_q <= 1'b0;
      beat_q       <= '0;
      done_q       <= 1'b0;
      sum_q        <= '0;
      crc_q        <= Crc32Init;
      beats_q      <= '0;
    end else begin
      beat_valid_q <= valid_i;
      if (valid_i) beat_q <= beat_i;
      done_q <= beat_valid_q && beat_q.last;
      if (beat_valid_q) begin
        crc_q <= beat_q.last ? Crc32Init : crc_next;
        if (beat_q.last) beats_q <= '0;
        else if (beats_q != CountW'(PageBeats)) beats_q <= beats_q + 1'b1;
        if (beat_q.last) begin
          sum_q  <= ~crc_next;
          page_q <= beats_q == CountW'(PageBeats - 1) && beat_q.bytes == 5'(BlockBytes);
        end
      end
    end
  end
endmodule
