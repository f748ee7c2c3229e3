// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Takes what an inflate lane gives and says of each packet, in order, whether it was a page, and the page's CRC-32.
//
// Latency: four cycles from a page's last beat. Rate: a beat a cycle, so that as many lanes are judged side by side.
module lane_verdict
  import sealift_pkg::*;
(
  input  logic            clk_i,
  input  logic            rst_ni,
  input  logic            clear_i,
  input  logic            res_valid_i,
  output logic            res_ready_o,
  input  inflate_result_t res_i,
  input  logic            out_valid_i,
  output logic            out_ready_o,
  input  beat_t           out_beat_i,
  output logic            verdict_valid_o,
  input  logic            verdict_ready_i,
  output verdict_t        verdict_o
);
  `include "sealift_assert.svh"

  localparam int unsigned Few = 4;  // results and sums that may wait
  localparam int unsigned CountW = $clog2(Few + 1);

  logic known, has_page, sum_push, sum_valid, sum_ready, fire, unused_bytes;
  logic [CountW-1:0] unused_count, sum_count;
  verdict_t sum_in, sum;

  assign unused_bytes    = ^res_i.bytes;
  assign out_ready_o     = sum_count < CountW'(Few - 2);  // room for those on their way
  assign verdict_valid_o = known && (sum_valid || !has_page);
  assign verdict_o       = has_page ? sum : '0;
  assign fire            = verdict_valid_o && verdict_ready_i;

  prim_fifo #(
    .Width(1),
    .Depth(Few)
  ) u_known (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(res_valid_i),
    .ready_o(res_ready_o),
    .data_i (res_i.status == InflateOk),
    .valid_o(known),
    .ready_i(fire),
    .data_o (has_page),
    .count_o(unused_count)
  );

  page_sum u_sum (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(out_valid_i && out_ready_o),
    .beat_i (out_beat_i),
    .valid_o(sum_push),
    .crc_o  (sum_in.crc),
    .page_o (sum_in.page)
  );

  prim_fifo #(
    .Width($bits(verdict_t)),
    .Depth(Few)
  ) u_sums (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(sum_push),
    .ready_o(sum_ready),
    .data_i (sum_in),
    .valid_o(sum_valid),
    .ready_i(fire && has_page),
    .data_o (sum),
    .count_o(sum_count)
  );

  `SL_ASSERT(SumHasRoom, !sum_push || sum_ready || clear_i)
  `SL_ASSERT_STABLE(Verdict, verdict_valid_o, verdict_ready_i, verdict_o, clear_i)
endmodule
