// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// encrypt_then_compress, first half: takes the DEFLATE out of a page's payload.
//
// In:  verified descriptors and payloads. Out: for a page two packets, the encrypted inner block,
//      then the DEFLATE for a lane, cut to its length; for other records the payload as it is. The
//      descriptor goes out beside them, not later than the first packet.
// Rate: a beat a cycle, and one cycle a record.
module wire_split
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
  input  beat_t beat_i,
  output logic  desc_valid_o,
  input  logic  desc_ready_i,
  output desc_t desc_o,
  output logic  valid_o,
  input  logic  ready_i,
  output body_t body_o
);
  `include "sealift_assert.svh"

  typedef enum logic [1:0] {
    StDesc,
    StInner,    // a page's inner block
    StDeflate,  // and its DEFLATE, then padding
    StWhole     // another record's payload
  } state_e;

  state_e        state_q;
  logic   [12:0] left_q;  // bytes of DEFLATE
  logic   [ 4:0] here;
  logic deflate_last, padding, unused_framing;

  assign here           = (left_q >= 13'(BlockBytes)) ? 5'(BlockBytes) : left_q[4:0];
  assign deflate_last   = left_q <= 13'(BlockBytes);
  assign padding        = left_q == '0;
  assign unused_framing = ^beat_i.bytes;

  assign desc_valid_o   = state_q == StDesc && desc_valid_i;
  assign desc_ready_o   = state_q == StDesc && desc_ready_i;
  assign desc_o         = desc_i;

  assign ready_o        = state_q != StDesc && (ready_i || (state_q == StDeflate && padding));
  assign valid_o        = state_q != StDesc && valid_i && !(state_q == StDeflate && padding);

  always_comb begin
    body_o = '{lane: 1'b0, fill: 1'b0, bad: 1'b0, beat: beat_i};
    unique case (state_q)
      StInner: body_o.beat.last = 1'b1;
      StDeflate: begin
        body_o.lane = 1'b1;
        body_o.beat = '{last: deflate_last, bytes: here, data: keep_bytes(beat_i.data, here)};
      end
      default: ;
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StDesc;
      left_q  <= '0;
    end else if (clear_i) begin
      state_q <= StDesc;
      left_q  <= '0;
    end else begin
      unique case (state_q)
        StDesc: begin
          left_q <= desc_i.wire_len;
          if (desc_valid_i && desc_ready_i && has_data(desc_i.kind, desc_i.fault)) begin
            state_q <= (desc_i.kind == KindPage) ? StInner : StWhole;
          end
        end
        StInner: if (valid_i && ready_o) state_q <= StDeflate;
        StDeflate: begin
          if (valid_i && ready_o) begin
            left_q <= left_q - 13'(here);
            if (beat_i.last) state_q <= StDesc;
          end
        end
        default: if (valid_i && ready_o && beat_i.last) state_q <= StDesc;
      endcase
    end
  end

  // The parser bounded the DEFLATE by the payload.
  `SL_ASSERT(DeflateInPayload, !(state_q == StDeflate && valid_i && beat_i.last && !deflate_last))
  `SL_ASSERT_STABLE(Body, valid_o, ready_i, body_o, clear_i)

endmodule
