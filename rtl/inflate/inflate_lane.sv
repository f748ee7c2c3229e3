// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Inflate lane: DEFLATE streams (RFC 1951) in, one a packet; pages of PageBytes (4,096) out, in order.
//
// The lane deals its packets out to Threads decoders in turn, each with its own input queue, tables and page
// buffers, so that one page's header and tables are read while another's symbols run, and collects what they
// give in the same order.
//
// Protocol: a packet of in_* is one stream of 1..8,191 bytes. res_* gives one result a packet, in order; out_*
//           gives a packet of PageBytes for each InflateOk, after its result was taken. Nothing of a
//           stream that is refused comes out. clear_i drops all pages; no later page can reach their bytes,
//           because a distance beyond the bytes of its own page is refused.
// Latency and rate: docs/inflate.md.
module inflate_lane #(
  parameter int unsigned Threads   = sealift_cfg_pkg::Cfg.InflateThreads,
  // Literals, or fewer and a match, that a thread decodes a cycle: 1..4; 0: one code a cycle.
  parameter int unsigned Step      = sealift_cfg_pkg::Cfg.InflateStep,
  // Output of a stream, and so the history: a power of two, 4,096..32,768.
  parameter int unsigned PageBytes = sealift_pkg::PageBytes
) (
  input  logic                         clk_i,
  input  logic                         rst_ni,
  input  logic                         clear_i,
  input  logic                         in_valid_i,
  output logic                         in_ready_o,
  input  sealift_pkg::beat_t           in_beat_i,
  output logic                         res_valid_o,
  input  logic                         res_ready_i,
  output sealift_pkg::inflate_result_t res_o,
  output logic                         out_valid_o,
  input  logic                         out_ready_i,
  output sealift_pkg::beat_t           out_beat_o
);
  `include "sealift_assert.svh"
  import sealift_pkg::*;

  localparam int unsigned ThreadBits = (Threads > 1) ? $clog2(Threads) : 1;
  typedef logic [ThreadBits-1:0] thread_t;
  localparam thread_t LastThread = ThreadBits'(Threads - 1);

  `SL_ASSERT_PARAM(StepInRange, Step <= inflate_pkg::MaxStep)
  `SL_ASSERT_PARAM(PageInRange, PageBytes inside {4096, 8192, 16384, 32768})

  logic [Threads-1:0] t_in_valid, t_in_ready, t_res_valid, t_res_ready;
  logic [Threads-1:0] t_out_valid, t_out_ready, t_out_last;
  logic            [Threads-1:0][127:0] t_out_data;
  inflate_result_t [Threads-1:0]        t_res;
  thread_t in_thread_q, res_thread_q, out_thread;
  logic order_ready, order_valid;
  logic [2:0] unused_count;

  for (genvar t = 0; t < Threads; t++) begin : gen_thread
    localparam int unsigned Beats = 512;  // 8 KiB
    logic valid, ready;
    beat_t beat;
    logic [$clog2(Beats+4)-1:0] unused_used;

    assign t_in_valid[t]  = in_valid_i && 32'(in_thread_q) == t;
    assign t_res_ready[t] = res_ready_i && order_ready && 32'(res_thread_q) == t;
    assign t_out_ready[t] = out_ready_i && order_valid && 32'(out_thread) == t;

    prim_fifo_ram #(
      .Width($bits(beat_t)),
      .Depth(Beats)
    ) u_in (
      .clk_i,
      .rst_ni,
      .clear_i,
      .valid_i(t_in_valid[t]),
      .ready_o(t_in_ready[t]),
      .data_i (in_beat_i),
      .valid_o(valid),
      .ready_i(ready),
      .data_o (beat),
      .used_o (unused_used)
    );

    inflate_thread #(
      .Step     ((Step == 0) ? 1 : Step),
      .Chain    (Step != 0),
      .PageBytes(PageBytes)
    ) u_thread (
      .clk_i,
      .rst_ni,
      .clear_i,
      .in_valid_i (valid),
      .in_ready_o (ready),
      .in_beat_i  (beat),
      .res_valid_o(t_res_valid[t]),
      .res_ready_i(t_res_ready[t]),
      .res_o      (t_res[t]),
      .out_valid_o(t_out_valid[t]),
      .out_ready_i(t_out_ready[t]),
      .out_last_o (t_out_last[t]),
      .out_data_o (t_out_data[t])
    );
  end

  assign in_ready_o  = t_in_ready[in_thread_q];
  // A result waits until the page's turn can be noted.
  assign res_valid_o = t_res_valid[res_thread_q] && order_ready;
  assign res_o       = t_res[res_thread_q];
  assign out_valid_o = order_valid && t_out_valid[out_thread];
  assign out_beat_o  = '{last: t_out_last[out_thread], bytes: 5'd16, data: t_out_data[out_thread]};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      in_thread_q  <= '0;
      res_thread_q <= '0;
    end else if (clear_i) begin
      in_thread_q  <= '0;
      res_thread_q <= '0;
    end else begin
      if (in_valid_i && in_ready_o && in_beat_i.last) begin
        in_thread_q <= (in_thread_q == LastThread) ? '0 : in_thread_q + 1'b1;
      end
      if (res_valid_o && res_ready_i) begin
        res_thread_q <= (res_thread_q == LastThread) ? '0 : res_thread_q + 1'b1;
      end
    end
  end

  // Threads whose pages are to go out, in order.
  prim_fifo #(
    .Width(ThreadBits),
    .Depth(4)
  ) u_order (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(res_valid_o && res_ready_i && res_o.status == InflateOk),
    .ready_o(order_ready),
    .data_i (res_thread_q),
    .valid_o(order_valid),
    .ready_i(out_valid_o && out_ready_i && out_beat_o.last),
    .data_o (out_thread),
    .count_o(unused_count)
  );

  `SL_ASSERT_STABLE(Res, res_valid_o, res_ready_i, res_o, clear_i)
  `SL_ASSERT_STABLE(Out, out_valid_o, out_ready_i, out_beat_o, clear_i)

endmodule
