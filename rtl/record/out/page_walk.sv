// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Says which pages a job moves, as ranges, in order: the job's one range, or what a list in memory names: a page list,
// a list of ranges, or a dirty bitmap (docs/programmers-guide.md, section 7).
//
// Protocol: start_i with the job's fields, stable from then on; the list is read ahead by requests that the DMA's list
//           client buffers; ranges with valid/ready; over_o (a level) when no other comes. An entry that is not legal
//           ends the walk: over_o with bad_o and the entry's address, for a bitmap that of the word.
// Latency:  of memory, once; then what a job reads of pages hides the list.
// Rate:     a page entry in 2 cycles, a range entry in 3; of a bitmap 128 pages a cycle where no bit is set, and a
//           run of set bits in 2 cycles: 18 pages a cycle where all are.
// Rules:    control has checked: src_i, pages_i and gpn_i do not run over the address space; list_i and list_len_i are
//           multiples of 16 (ranges: length of 32), and not zero where there is a list.
module page_walk
  import sealift_pkg::*;
  import sealift_axi_pkg::dma_req_t;
  import migrate_out_pkg::*;
(
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 clear_i,
  input  logic                 start_i,
  input  list_e                kind_i,
  input  logic     [PageW-1:0] src_i,          // page number
  input  logic     [PageW-1:0] pages_i,
  input  logic     [PageW-1:0] gpn_i,
  input  logic     [AddrW-1:0] list_i,
  input  logic     [AddrW-1:0] list_len_i,
  output logic                 req_valid_o,
  input  logic                 req_ready_i,
  output dma_req_t             req_o,
  input  logic                 list_valid_i,
  output logic                 list_ready_o,
  input  beat_t                list_beat_i,
  output logic                 range_valid_o,
  input  logic                 range_ready_i,
  output range_t               range_o,
  output logic                 over_o,
  output logic                 bad_o,
  output logic     [AddrW-1:0] bad_addr_o
);
  `include "sealift_assert.svh"

  localparam int unsigned ChunkBytes = 512;  // of a request: several fit the list client's buffer
  localparam int unsigned ChunkW = $clog2(ChunkBytes);
  localparam int unsigned WordW = 64;  // of a bitmap
  localparam int unsigned IndexW = $clog2(WordW);
  localparam int unsigned BlocksW = AddrW - 4;

  typedef enum logic [2:0] {
    StIdle  = 3'd0,
    StTake  = 3'd1,  // a beat of the list
    StMore  = 3'd2,  // the second beat of a range
    StJudge = 3'd3,  // is the entry legal?
    StBits  = 3'd4,  // the next run of set bits
    StRange = 3'd5,  // hand the range on
    StOver  = 3'd6
  } state_e;

  state_e state_q;

  // ---------------------------------------------------------------- requests, ahead of all else
  logic [BlocksW-1:0] ask_addr_q, ask_left_q;
  logic [ChunkW-4:0] ask_room, ask_blocks;

  // Requests end at multiples of a chunk.
  assign ask_room    = (ChunkW - 3)'(ChunkBytes / BlockBytes) - {1'b0, ask_addr_q[ChunkW-5:0]};
  assign ask_blocks  = (ask_left_q < BlocksW'(ask_room)) ? ask_left_q[ChunkW-4:0] : ask_room;
  assign req_valid_o = ask_left_q != '0;
  assign req_o.addr  = {ask_addr_q, 4'd0};
  assign req_o.bytes = {BlocksW'(ask_blocks), 4'd0};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      ask_addr_q <= '0;
      ask_left_q <= '0;
    end else if (clear_i) begin
      ask_left_q <= '0;
    end else if (start_i) begin
      ask_addr_q <= list_i[AddrW-1:4];
      ask_left_q <= (kind_i == ListNone) ? '0 : list_len_i[AddrW-1:4];
    end else if (req_valid_o && req_ready_i) begin
      ask_addr_q <= ask_addr_q + BlocksW'(ask_blocks);
      ask_left_q <= ask_left_q - BlocksW'(ask_blocks);
    end
  end

  // ---------------------------------------------------------------- entries
  logic [BlocksW-1:0] at_q, left_q;  // the beat that is taken next; how many are left
  logic [AddrW-1:0] entry_addr_q, entry_gpn_q, entry_pages_q;
  logic entry_zero_q;
  logic [AddrW-1:0] entry_at_q;
  logic bad_q, legal, take;
  logic [PageW:0] past_addr, past_gpn;
  range_t range_q;

  assign list_ready_o = state_q == StTake || state_q == StMore;
  assign take = list_valid_i && list_ready_o;

  // Neither may run past the last page of its address space.
  assign past_addr = {1'b0, entry_addr_q[AddrW-1:PageShift]} + {1'b0, entry_pages_q[PageW-1:0]};
  assign past_gpn = {1'b0, entry_gpn_q[PageW-1:0]} + {1'b0, entry_pages_q[PageW-1:0]};
  assign legal = entry_zero_q && entry_addr_q[PageShift-1:0] == '0 &&
                 entry_gpn_q[AddrW-1:PageW] == '0 && entry_pages_q[AddrW-1:PageW] == '0 &&
                 entry_pages_q != '0 &&
                 (!past_addr[PageW] || past_addr[PageW-1:0] == '0) &&
                 (!past_gpn[PageW] || past_gpn[PageW-1:0] == '0);

  // ---------------------------------------------------------------- the bitmap, a word at a time
  logic [2*WordW-1:0] bits_q;  // the word in work is the lower one
  logic half_q;  // it is the beat's upper one
  logic [PageW-IndexW-1:0] word_q;  // its number
  logic [PageW-1:0] rest_q;  // pages of the source from it on
  logic [WordW-1:0] in_reach, good, low, after;
  logic [WordW:0] sum;
  logic [IndexW-1:0] first;
  logic [IndexW:0] past, count;
  logic none, strange;

  function automatic logic [IndexW-1:0] index_of(logic [WordW-1:0] onehot);
    logic [IndexW-1:0] index;
    index = '0;
    for (int unsigned i = 0; i < WordW; i++) begin
      if (onehot[i]) index |= IndexW'(i);
    end
    return index;
  endfunction

  always_comb begin
    for (int unsigned i = 0; i < WordW; i++) in_reach[i] = PageW'(i) < rest_q;
  end
  // Adding the lowest bit carries through its run: the run's bits fall, the bit after it rises.
  assign good          = bits_q[WordW-1:0] & in_reach;
  assign strange       = (bits_q[WordW-1:0] & ~in_reach) != '0;
  assign none          = good == '0;
  assign low           = good & (~good + 1'b1);
  assign sum           = {1'b0, good} + {1'b0, low};
  assign after         = sum[WordW-1:0] & ~good;
  assign first         = index_of(low);
  assign past          = sum[WordW] ? (IndexW + 1)'(WordW) : {1'b0, index_of(after)};
  assign count         = past - {1'b0, first};

  // ---------------------------------------------------------------- states
  assign range_valid_o = state_q == StRange;
  assign range_o       = range_q;
  assign over_o        = state_q == StOver;
  assign bad_o         = bad_q;
  assign bad_addr_o    = entry_at_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q       <= StIdle;
      at_q          <= '0;
      left_q        <= '0;
      entry_addr_q  <= '0;
      entry_gpn_q   <= '0;
      entry_pages_q <= '0;
      entry_zero_q  <= 1'b0;
      entry_at_q    <= '0;
      bad_q         <= 1'b0;
      range_q       <= '0;
      bits_q        <= '0;
      half_q        <= 1'b0;
      word_q        <= '0;
      rest_q        <= '0;
    end else if (clear_i) begin
      state_q <= StIdle;
      bad_q   <= 1'b0;
    end else begin
      if (take) begin
        at_q   <= at_q + 1'b1;
        left_q <= left_q - 1'b1;
      end
      unique case (state_q)
        StIdle, StOver: begin
          if (start_i) begin
            at_q    <= list_i[AddrW-1:4];
            left_q  <= (kind_i == ListNone) ? '0 : list_len_i[AddrW-1:4];
            bad_q   <= 1'b0;
            word_q  <= '0;
            rest_q  <= pages_i;
            range_q <= '{addr: src_i, gpn: gpn_i, pages: pages_i};
            if (kind_i != ListNone) state_q <= StTake;
            else state_q <= (pages_i != '0) ? StRange : StOver;
          end
        end

        StTake: begin
          entry_at_q <= {at_q, 4'd0};
          entry_zero_q <= 1'b1;
          entry_gpn_q <= (kind_i == ListRanges) ? list_beat_i.data[127:64] : list_beat_i.data[63:0];
          entry_addr_q  <= (kind_i == ListRanges) ? list_beat_i.data[63:0] : list_beat_i.data[127:64];
          entry_pages_q <= AddrW'(1);
          bits_q <= list_beat_i.data;
          half_q <= 1'b0;
          if (take) begin
            if (kind_i == ListRanges) begin
              state_q <= StMore;
            end else if (kind_i == ListPages) begin
              state_q <= StJudge;
            end else if (list_beat_i.data != '0) begin
              state_q <= StBits;
            end else begin
              word_q <= word_q + (PageW - IndexW)'(2);
              rest_q <= (rest_q[PageW-1:IndexW+1] == '0) ? '0 : rest_q - PageW'(2 * WordW);
            end
          end else if (left_q == '0) begin
            state_q <= StOver;
          end
        end

        StMore: begin
          entry_pages_q <= list_beat_i.data[63:0];
          entry_zero_q  <= list_beat_i.data[127:64] == '0;
          if (take) state_q <= StJudge;
        end

        StJudge: begin
          range_q <= '{
              addr: entry_addr_q[AddrW-1:PageShift],
              gpn: entry_gpn_q[PageW-1:0],
              pages: entry_pages_q[PageW-1:0]
          };
          bad_q <= !legal;
          state_q <= legal ? StRange : StOver;
        end

        StBits: begin
          range_q <= '{
              addr: src_i + {word_q, first},
              gpn: gpn_i + {word_q, first},
              pages: PageW'(count)
          };
          if (!none) begin
            bits_q[WordW-1:0] <= bits_q[WordW-1:0] & (sum[WordW-1:0] | ~in_reach);
            state_q           <= StRange;
          end else if (strange) begin
            bad_q      <= 1'b1;
            entry_at_q <= entry_at_q | AddrW'({half_q, 3'd0});
            state_q    <= StOver;
          end else begin
            word_q <= word_q + 1'b1;
            rest_q <= (rest_q[PageW-1:IndexW] == '0) ? '0 : rest_q - PageW'(WordW);
            bits_q <= {WordW'(0), bits_q[2*WordW-1:WordW]};
            half_q <= 1'b1;
            if (half_q) state_q <= StTake;
          end
        end

        StRange: begin
          if (range_ready_i) begin
            if (kind_i == ListNone) state_q <= StOver;
            else state_q <= (kind_i == ListBitmap) ? StBits : StTake;
          end
        end

        default: state_q <= StIdle;
      endcase
    end
  end

  logic unused_bits;
  assign unused_bits = ^{list_i[3:0], list_len_i[3:0], list_beat_i.bytes, list_beat_i.last};

  `SL_ASSERT_STABLE(Req, req_valid_o, req_ready_i, req_o, clear_i)
  `SL_ASSERT_STABLE(Range, range_valid_o, range_ready_i, range_o, clear_i)
  `SL_ASSERT(RangeNotEmpty, !range_valid_o || range_o.pages != '0)
  `SL_ASSERT(BeatWanted, !take || clear_i || left_q != '0)

endmodule
