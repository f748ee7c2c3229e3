// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Page buffer that tells fill pages from others: takes what memory answers, one packet a source_t, says of each
// what it is, and passes on the data of those that have to travel.
//
// A page is a fill if its 512 words of 8 bytes are equal. A fill costs its 256 read beats and nothing else: the
// slot that it was written to is used again. The CRC-32 of every page and metadata block is taken on the way in.
//
// Latency: an item leaves two cycles after the last beat came in, its first data beat three cycles after.
// Rate:    16 bytes a cycle in and out at the same time, without a gap between pages.
// Rules:   at most Slots packets may be asked for and not freed (free_o: slots freed in this cycle); items and
//          data packets come in the same order; out_page_o says of a data beat whether it is a page's or metadata's.
module fill_detect
  import sealift_pkg::*;
  import migrate_out_pkg::*;
  import crc32_pkg::*;
#(
  parameter int unsigned Slots = 4  // a power of two, at least 2
) (
  input  logic          clk_i,
  input  logic          rst_ni,
  input  logic          clear_i,
  input  logic          source_valid_i,
  output logic          source_ready_o,
  input  source_t       source_i,
  input  logic          rd_valid_i,
  output logic          rd_ready_o,
  input  beat_t         rd_beat_i,
  output logic          item_valid_o,
  input  logic          item_ready_i,
  output item_t         item_o,
  output logic          out_valid_o,
  input  logic          out_ready_i,
  output beat_t         out_beat_o,
  output logic          out_page_o,
  output logic    [1:0] free_o
);
  `include "sealift_assert.svh"
  `SL_ASSERT_PARAM(Slots, Slots >= 2 && (Slots & (Slots - 1)) == 0)

  localparam int unsigned SlotW = $clog2(Slots);
  localparam int unsigned IndexW = $clog2(PageBeats);
  localparam int unsigned ItemDepth = 4;

  // ---------------------------------------------------------------- in
  logic [ SlotW-1:0] wslot_q;
  logic [IndexW-1:0] windex_q;
  logic [      63:0] word_q;
  logic [      31:0] crc_q;
  logic              same_q;
  logic take, first, last, same, fill, item_room, end_job;
  logic [63:0] word;
  // The item of the packet that ended in the last cycle: it waits one cycle for its CRC.
  logic fin_q, fin_fill_q;
  source_t       fin_source_q;
  item_t         item;
  logic    [2:0] item_count;
  logic unused_item_ready, unused_bits;

  assign item_room      = item_count < 3'(ItemDepth - 1);
  assign rd_ready_o     = source_valid_i && !source_i.end_job && item_room;
  assign take           = rd_valid_i && rd_ready_o;
  assign first          = windex_q == '0;
  assign last           = windex_q == IndexW'(source_i.bytes[LenW-1:4] - 1'b1);
  assign word           = first ? rd_beat_i.data[63:0] : word_q;
  assign same           = rd_beat_i.data == {word, word} && (first || same_q);
  assign fill           = same && source_i.rtype == RecPage;
  assign end_job        = source_valid_i && source_i.end_job && item_room && !fin_q;
  assign source_ready_o = (take && last) || end_job;
  assign unused_bits    = ^{rd_beat_i.bytes, rd_beat_i.last, fin_source_q.end_job};

  always_comb begin
    item.end_job    = !fin_q;
    item.meta.rtype = fin_fill_q ? RecFill : fin_source_q.rtype;
    item.meta.gpa   = fin_source_q.gpa;
    item.meta.count = (fin_source_q.rtype == RecPage) ? 32'd1 : '0;
    item.meta.fill  = fin_fill_q ? word_q : '0;
    item.meta.crc   = ~crc_q;
    item.meta.bytes = fin_fill_q ? '0 : fin_source_q.bytes;
  end

  prim_fifo #(
    .Width($bits(item_t)),
    .Depth(ItemDepth)
  ) u_items (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(fin_q || end_job),
    .ready_o(unused_item_ready),
    .data_i (item),
    .valid_o(item_valid_o),
    .ready_i(item_ready_i),
    .data_o (item_o),
    .count_o(item_count)
  );

  always_ff @(posedge clk_i) begin
    if (take) begin
      word_q       <= word;
      same_q       <= same;
      crc_q        <= crc32_block(first ? Crc32Init : crc_q, rd_beat_i.data);
      fin_source_q <= source_i;
    end
  end

  // ---------------------------------------------------------------- out
  logic [ SlotW-1:0]             rslot_q;
  logic [IndexW-1:0]             rindex_q;
  logic [   SlotW:0]             full_q;  // slots that hold a packet
  logic [ Slots-1:0][IndexW-1:0] slot_last_q;
  logic [ Slots-1:0]             slot_page_q;
  logic store, fetch, fetch_last, inflight_q, inflight_last_q;
  logic          inflight_page_q;
  logic  [127:0] ram_rdata;
  logic  [  1:0] out_count;
  logic          unused_out_ready;
  beat_t         inflight;

  assign store = take && last && !fill;
  assign fetch      = full_q != '0 &&
                      (32'(out_count) + 32'(inflight_q) < 2 || (out_valid_o && out_ready_i));
  assign fetch_last = fetch && rindex_q == slot_last_q[rslot_q];
  assign free_o = 2'(fetch_last) + 2'(fin_q && fin_fill_q);

  prim_ram_1r1w #(
    .Width(128),
    .Depth(Slots * PageBeats)
  ) u_ram (
    .clk_i,
    .we_i   (take),
    .waddr_i({wslot_q, windex_q}),
    .wdata_i(rd_beat_i.data),
    .re_i   (fetch),
    .raddr_i({rslot_q, rindex_q}),
    .rdata_o(ram_rdata)
  );

  assign inflight = '{last: inflight_last_q, bytes: 5'(BlockBytes), data: ram_rdata};

  prim_fifo #(
    .Width($bits(beat_t) + 1),
    .Depth(2)
  ) u_out (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(inflight_q),
    .ready_o(unused_out_ready),
    .data_i ({inflight_page_q, inflight}),
    .valid_o(out_valid_o),
    .ready_i(out_ready_i),
    .data_o ({out_page_o, out_beat_o}),
    .count_o(out_count)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      wslot_q         <= '0;
      windex_q        <= '0;
      fin_q           <= 1'b0;
      fin_fill_q      <= 1'b0;
      rslot_q         <= '0;
      rindex_q        <= '0;
      full_q          <= '0;
      slot_last_q     <= '0;
      slot_page_q     <= '0;
      inflight_q      <= 1'b0;
      inflight_last_q <= 1'b0;
      inflight_page_q <= 1'b0;
    end else if (clear_i) begin
      wslot_q    <= '0;
      windex_q   <= '0;
      fin_q      <= 1'b0;
      fin_fill_q <= 1'b0;
      rslot_q    <= '0;
      rindex_q   <= '0;
      full_q     <= '0;
      inflight_q <= 1'b0;
    end else begin
      if (take) windex_q <= last ? '0 : windex_q + 1'b1;
      fin_q      <= take && last;
      fin_fill_q <= take && last && fill;
      if (store) begin
        wslot_q              <= wslot_q + 1'b1;
        slot_last_q[wslot_q] <= windex_q;
        slot_page_q[wslot_q] <= source_i.rtype == RecPage;
      end
      if (fetch) rindex_q <= fetch_last ? '0 : rindex_q + 1'b1;
      if (fetch_last) rslot_q <= rslot_q + 1'b1;
      full_q          <= full_q + (SlotW + 1)'(store) - (SlotW + 1)'(fetch_last);
      inflight_q      <= fetch;
      inflight_last_q <= fetch_last;
      inflight_page_q <= slot_page_q[rslot_q];
    end
  end

  `SL_ASSERT_STABLE(Out, out_valid_o, out_ready_i, {out_page_o, out_beat_o}, clear_i)
  `SL_ASSERT_STABLE(Item, item_valid_o, item_ready_i, item_o, clear_i)
  `SL_ASSERT(ReadLast, !take || clear_i || (rd_beat_i.last == last && rd_beat_i.bytes == 5'd16))
  `SL_ASSERT(SlotFree, !take || clear_i || 32'(full_q) < Slots)
  `SL_ASSERT(ItemRoom, !fin_q || unused_item_ready || clear_i)

endmodule
