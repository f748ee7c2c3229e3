// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Reads the job's source: one DMA request for all of it, and its beats.
//
// Protocol: start_i (pulse) with job_i; beats follow in order. An empty source makes no request.
// Latency:  one cycle. Rate: a beat a cycle. Rules: no path from ready_i to ready_o.
module record_fetch
  import sealift_pkg::*;
  import sealift_axi_pkg::*;
(
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 clear_i,
  input  logic                 start_i,
  input  logic     [AddrW-1:0] src_i,
  input  logic     [AddrW-1:0] src_len_i,
  // DMA read client
  output logic                 rd_req_valid_o,
  input  logic                 rd_req_ready_i,
  output dma_req_t             rd_req_o,
  input  logic                 rd_valid_i,
  output logic                 rd_ready_o,
  input  beat_t                rd_beat_i,
  // to the parser
  output logic                 valid_o,
  input  logic                 ready_i,
  output logic     [    127:0] data_o
);
  `include "sealift_assert.svh"

  logic     req_q;
  dma_req_t req;
  logic     unused_framing;

  assign req            = '{addr: src_i, bytes: src_len_i};
  assign rd_req_valid_o = req_q;
  assign rd_req_o       = req;
  assign unused_framing = ^{rd_beat_i.last, rd_beat_i.bytes};

  prim_skid #(
    .Width(128)
  ) u_in (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(rd_valid_i),
    .ready_o(rd_ready_o),
    .data_i (rd_beat_i.data),
    .valid_o,
    .ready_i,
    .data_o
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      req_q <= 1'b0;
    end else if (clear_i) begin
      req_q <= 1'b0;
    end else begin
      if (start_i) req_q <= src_len_i != '0;
      else if (rd_req_ready_i) req_q <= 1'b0;
    end
  end

  `SL_ASSERT_STABLE(Req, rd_req_valid_o, rd_req_ready_i, rd_req_o, clear_i)

endmodule
