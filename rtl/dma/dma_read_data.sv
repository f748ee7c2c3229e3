// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Turns the beats of the R channel into 16-byte blocks, burst by burst.
//
// Protocol: burst_valid_i, first_i, blocks_i, last_i describe the oldest outstanding burst; done_o
//           pops it with its last block. A block leaves with block_valid_o and cannot be refused:
//           the requester has kept room for it. bad_o marks a beat with a response other than OKAY,
//           or with RLAST in the wrong place.
// Rules:    r_ready_o does not depend on the R channel (A3.2.1: no combinational path from an input
//           of the port to an output). Beats with an ID other than id_i answer reads that were
//           given up: they are taken and dropped. Rate: a block a cycle, half of it on a 64-bit
//           bus.
module dma_read_data
  import dma_pkg::*;
  import sealift_axi_pkg::*;
(
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               clear_i,
  input  logic [ AxiIdW-1:0] id_i,
  input  logic               burst_valid_i,
  input  logic [        7:0] first_i,        // its first block, in its page
  input  logic [BlocksW-1:0] blocks_i,
  input  logic               last_i,
  output logic               done_o,
  input  r_t                 r_i,
  input  logic               r_valid_i,
  output logic               r_ready_o,
  output logic               block_valid_o,
  output logic [      127:0] block_o,
  output logic               block_last_o,
  output logic               bad_o,
  output logic               progress_o      // memory has sent something
);
  r_t r;
  logic r_valid, take, mine, full, ends;
  logic [BlocksW-1:0] done_q;
  logic [        7:0] lane;

  assign mine = r_valid && burst_valid_i && r.id == id_i;
  assign lane = (first_i + done_q[7:0]) & LaneMask;
  assign ends = done_q + 1'b1 == blocks_i;

  if (BusBytes > 16) begin : gen_wide
    prim_skid #(
      .Width($bits(r_t))
    ) u_skid (
      .clk_i,
      .rst_ni,
      .clear_i(1'b0),
      .valid_i(r_valid_i),
      .ready_o(r_ready_o),
      .data_i (r_i),
      .valid_o(r_valid),
      .ready_i(take),
      .data_o (r)
    );
    assign full    = 1'b1;
    assign take    = !mine || ends || lane == LaneMask;
    assign block_o = r.data[128 * 32'(lane[LaneBits-1:0]) +: 128];
  end else begin : gen_narrow
    // Room for all that is outstanding is kept, so there is never a reason to wait.
    assign r_ready_o = 1'b1;
    assign r_valid   = r_valid_i;
    assign r         = r_i;
    assign take      = 1'b1;
    logic unused_lane;
    assign unused_lane = &{1'b0, lane};
    if (BusBytes < 16) begin : gen_halves
      logic        half_q;
      logic [63:0] low_q;
      assign full    = half_q;
      assign block_o = {r.data[63:0], low_q};
      always_ff @(posedge clk_i) begin
        if (mine && !half_q) low_q <= r.data[63:0];
      end
      always_ff @(posedge clk_i or negedge rst_ni) begin
        if (!rst_ni) half_q <= 1'b0;
        else if (clear_i) half_q <= 1'b0;
        else if (mine) half_q <= !half_q;
      end
    end else begin : gen_whole
      assign full    = 1'b1;
      assign block_o = r.data[127:0];
    end
  end

  assign block_valid_o = mine && full;
  assign block_last_o  = ends && last_i;
  assign done_o        = mine && full && ends;
  assign progress_o    = r_valid;
  assign bad_o         = mine && (r.resp != RespOkay || (take && r.last != (full && ends)));

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) done_q <= '0;
    else if (clear_i || done_o) done_q <= '0;
    else if (block_valid_o) done_q <= done_q + 1'b1;
  end

endmodule
