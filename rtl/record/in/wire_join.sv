// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// encrypt_then_compress, second half: puts a page's encrypted inner block and its inflated
// ciphertext together.
//
// In:  the descriptors and packets of wire_split, the DEFLATE inflated. Out: the descriptor, then
//      one packet of inner block and encrypted page for a page, the payload as it is for other
//      records. A page whose DEFLATE was not valid goes on with zeros and lane_bad, so that its
//      inner block is judged first.
// Rate: a beat a cycle, and three cycles a page.
module wire_join
  import sealift_pkg::*;
  import migrate_in_pkg::*;
(
  input  logic  clk_i,
  input  logic  rst_ni,
  input  logic  clear_i,
  input  logic  desc_valid_i,
  output logic  desc_ready_o,
  input  desc_t desc_i,
  input  logic  valid_i,
  output logic  ready_o,
  input  body_t body_i,
  output logic  desc_valid_o,
  input  logic  desc_ready_i,
  output desc_t desc_o,
  output logic  valid_o,
  input  logic  ready_i,
  output beat_t beat_o
);
  `include "sealift_assert.svh"

  typedef enum logic [2:0] {
    StTake,   // a page's inner block
    StDesc,   // the descriptor goes on
    StInner,
    StPage,
    StZeros,
    StWhole
  } state_e;

  state_e         state_q;
  logic   [127:0] inner_q;
  logic   [  8:0] beat_q;
  logic page, page_last, unused_marks;

  assign page         = has_data(desc_i.kind, desc_i.fault) && desc_i.kind == KindPage;
  assign page_last    = beat_q == 9'(PageBeats - 1);
  assign unused_marks = ^{body_i.lane, body_i.fill};

  // A page's descriptor waits until the lane has spoken.
  assign desc_valid_o = state_q == StDesc && desc_valid_i && (!page || valid_i);
  assign desc_ready_o = state_q == StDesc && desc_ready_i && (!page || valid_i);
  always_comb begin
    desc_o          = desc_i;
    desc_o.lane_bad = page && body_i.bad;
  end

  always_comb begin
    beat_o = body_i.beat;
    unique case (state_q)
      StInner: begin
        valid_o = 1'b1;
        ready_o = 1'b0;
        beat_o  = '{last: 1'b0, bytes: 5'(BlockBytes), data: inner_q};
      end
      StPage, StWhole: begin
        valid_o = valid_i;
        ready_o = ready_i;
      end
      StZeros: begin
        valid_o = valid_i;
        ready_o = ready_i && page_last;  // the empty packet goes with the last zeros
        beat_o  = '{last: page_last, bytes: 5'(BlockBytes), data: '0};
      end
      StTake: begin
        valid_o = 1'b0;
        ready_o = desc_valid_i && page;
      end
      default: begin
        valid_o = 1'b0;
        ready_o = 1'b0;
      end
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StTake;
      inner_q <= '0;
      beat_q  <= '0;
    end else if (clear_i) begin
      state_q <= StTake;
      inner_q <= '0;
    end else begin
      unique case (state_q)
        StTake: begin
          beat_q <= '0;
          if (desc_valid_i && !page) begin
            state_q <= StDesc;
          end else if (valid_i && ready_o) begin
            inner_q <= body_i.beat.data;
            state_q <= StDesc;
          end
        end
        StDesc: begin
          if (desc_valid_i && desc_ready_o) begin
            if (!has_data(desc_i.kind, desc_i.fault)) state_q <= StTake;
            else state_q <= page ? StInner : StWhole;
          end
        end
        StInner: if (ready_i) state_q <= body_i.bad ? StZeros : StPage;
        StPage:  if (valid_i && ready_i && body_i.beat.last) state_q <= StTake;
        StWhole: if (valid_i && ready_i && body_i.beat.last) state_q <= StTake;
        StZeros: begin
          if (valid_i && ready_i) begin
            beat_q <= beat_q + 9'd1;
            if (page_last) state_q <= StTake;
          end
        end
        default: state_q <= StTake;
      endcase
    end
  end

  `SL_ASSERT_STABLE(Out, valid_o, ready_i, beat_o, clear_i)
  `SL_ASSERT_STABLE(Desc, desc_valid_o, desc_ready_i, desc_o, clear_i)

endmodule
