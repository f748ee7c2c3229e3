// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Keeps the plain pages that are being compressed, and their CRC-32, until their packets are verified.
//
// Protocol: beats in, PageBeats a page; one CRC a page out; re_i reads beat beat_i of the oldest page, whose data
//           follows by one cycle and holds; free_i lets the oldest page go.
// Latency:  a page's CRC four cycles. Rate: a beat a cycle.
// Rules:    clear_i drops all pages. What they leave behind is overwritten within Pages * PageBeats cycles, a word a
//           cycle: with zeros from the top down where no new page is written, by new pages from the bottom up. It costs
//           no time, and a page can only be read once it is written whole.
module verify_store #(
  parameter int unsigned Pages = 64  // a power of two
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         clear_i,
  input  logic         valid_i,
  output logic         ready_o,
  input  logic [127:0] data_i,
  output logic         crc_valid_o,
  input  logic         crc_ready_i,
  output logic [ 31:0] crc_o,
  input  logic         re_i,
  input  logic [  7:0] beat_i,
  output logic [127:0] data_o,
  input  logic         free_i
);
  `include "sealift_assert.svh"
  import sealift_pkg::*;
  import crc32_pkg::*;

  localparam int unsigned PageBits = $clog2(Pages);
  localparam int unsigned BeatBits = $clog2(PageBeats);
  localparam int unsigned AddrBits = PageBits + BeatBits;
  localparam logic [AddrBits-1:0] Top = '1;

  `SL_ASSERT_PARAM(PowerOfTwo, Pages == 1 << PageBits && Pages > 1)

  logic [AddrBits-1:0] waddr_q, wipe_q;
  logic [PageBits-1:0] oldest_q;
  logic [  PageBits:0] used_q;
  logic push, first, last, wiping_q, crc_done_q, crc_room;
  logic [31:0] crc_q;
  logic [$clog2(Pages+4)-1:0] unused_used;

  assign ready_o = used_q != (PageBits + 1)'(Pages);
  assign push    = valid_i && ready_o && !clear_i;
  assign first   = waddr_q[BeatBits-1:0] == '0;
  assign last    = waddr_q[BeatBits-1:0] == BeatBits'(PageBeats - 1);

  prim_ram_1r1w #(
    .Width(128),
    .Depth(Pages * PageBeats)
  ) u_ram (
    .clk_i,
    .we_i   (push || wiping_q),
    .waddr_i(push ? waddr_q : wipe_q),
    .wdata_i(push ? data_i : '0),
    .re_i,
    .raddr_i({oldest_q, beat_i}),
    .rdata_o(data_o)
  );

  prim_fifo_ram #(
    .Width(32),
    .Depth(Pages)
  ) u_crc (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(crc_done_q),
    .ready_o(crc_room),
    .data_i (~crc_q),
    .valid_o(crc_valid_o),
    .ready_i(crc_ready_i),
    .data_o (crc_o),
    .used_o (unused_used)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      waddr_q    <= '0;
      wipe_q     <= Top;
      wiping_q   <= 1'b1;
      oldest_q   <= '0;
      used_q     <= '0;
      crc_q      <= Crc32Init;
      crc_done_q <= 1'b0;
    end else if (clear_i) begin
      waddr_q <= '0;
      wipe_q <= (wiping_q && wipe_q != '0) ? wipe_q - 1'b1 : Top;  // a long clear must not stop it
      wiping_q <= 1'b1;
      oldest_q <= '0;
      used_q <= '0;
      crc_q <= Crc32Init;
      crc_done_q <= 1'b0;
    end else begin
      crc_done_q <= push && last;
      if (push) begin
        waddr_q <= waddr_q + 1'b1;
        crc_q   <= crc32_block(first ? Crc32Init : crc_q, data_i);
      end
      if (free_i) oldest_q <= oldest_q + 1'b1;
      used_q <= used_q + (PageBits + 1)'(push && last) - (PageBits + 1)'(free_i);
      // What lies from waddr_q to wipe_q is old.
      if (wiping_q) begin
        if (wipe_q == waddr_q) wiping_q <= 1'b0;
        else if (!push) wipe_q <= wipe_q - 1'b1;
      end
    end
  end

  `SL_ASSERT(OldIsBetween, !wiping_q || wipe_q >= waddr_q)
  `SL_ASSERT(CrcHasRoom, !crc_done_q || crc_room || clear_i)
  `SL_ASSERT(FreesWhatIsHere, !free_i || used_q != '0 || clear_i)

endmodule
