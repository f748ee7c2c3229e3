// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// AXI4 write master: streams of beats of two clients become INCR bursts.
//
// Protocol: client c starts a transfer with cmd (address), then sends full beats until `last`; see
//           dma_write_gather. AW leaves only when all data of the burst is in the buffer, so that
//           whatever happens upstream, the W data of every AW follows without help. W never runs
//           ahead of its AW and never waits for it to be accepted (A3.3.1).
// Outstanding: at most MaxWrites bursts, one ID, answered in order.
// Rate:     16 bytes a cycle (8 on a 64-bit bus).
// Errors:   as in dma_read: one pulse on fault_o, then as under stop_i nothing more is issued, and
//           bursts that have been issued complete. After a timeout the answers that are missing are
//           given up and the ID moves on.
// Counts:   written_o is the bytes of client 0 whose bursts were answered OKAY, since clear_i, up to the first burst
//           that was not: what comes after a gap in order does not count.
//           idle_o[c]: every transfer that client c began has been gathered, sent and answered.
// Rules:    clear_i only when quiet_o.
module dma_write
  import dma_pkg::*;
  import sealift_axi_pkg::*;
  import sealift_pkg::*;
#(
  parameter int unsigned MaxWrites    = 8,
  parameter int unsigned Windows      = 8,
  parameter int unsigned BufferBlocks = 512
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,
  input  logic                        clear_i,
  input  logic                        stop_i,
  input  logic    [       31:0]       timeout_i,
  input  window_t [Windows-1:0]       windows_i,
  input  logic    [        1:0]       cmd_valid_i,
  output logic    [        1:0]       cmd_ready_o,
  input  logic    [        1:0][63:0] cmd_addr_i,
  input  logic    [        1:0]       in_valid_i,
  output logic    [        1:0]       in_ready_o,
  input  beat_t   [        1:0]       in_beat_i,
  output ax_t                         aw_o,
  output logic                        aw_valid_o,
  input  logic                        aw_ready_i,
  output w_t                          w_o,
  output logic                        w_valid_o,
  input  logic                        w_ready_i,
  input  b_t                          b_i,
  input  logic                        b_valid_i,
  output logic                        b_ready_o,
  output fault_t                      fault_o,
  output logic                        quiet_o,
  output logic    [        1:0]       idle_o,
  output logic                        waiting_o,
  output logic    [       63:0]       written_o
);
  `include "sealift_assert.svh"

  localparam int unsigned WordW = 128 * Lanes + Lanes;
  localparam int unsigned PendingW = $clog2(MaxWrites + 8);

  // -------------------------------------------------------------- gather and check
  logic raw_valid, raw_ready, unused_busy, fw_valid, fw_ready, allowed;
  burst_t raw_burst, fw_burst;
  logic word_valid, word_ready;
  logic [WordW-1:0] word;
  logic [1:0] gather_busy, burst_push;

  dma_write_gather #(
    .BufferBlocks(BufferBlocks)
  ) u_gather (
    .clk_i,
    .rst_ni,
    .clear_i,
    .cmd_valid_i,
    .cmd_ready_o,
    .cmd_addr_i,
    .in_valid_i,
    .in_ready_o,
    .in_beat_i,
    .burst_valid_o(raw_valid),
    .burst_ready_i(raw_ready),
    .burst_o      (raw_burst),
    .word_valid_o (word_valid),
    .word_ready_i (word_ready),
    .word_o       (word),
    .busy_o       (gather_busy),
    .burst_push_o (burst_push)
  );

  dma_firewall #(
    .Windows(Windows),
    .Write  (1'b1)
  ) u_firewall (
    .clk_i,
    .rst_ni,
    .clear_i,
    .windows_i,
    .valid_i  (raw_valid),
    .ready_o  (raw_ready),
    .burst_i  (raw_burst),
    .valid_o  (fw_valid),
    .ready_i  (fw_ready),
    .burst_o  (fw_burst),
    .allowed_o(allowed),
    .busy_o   (unused_busy)
  );

  // -------------------------------------------------------------- AW
  ax_t aw_q, aw;
  logic aw_valid_q, issue, stop, give_up, flush;
  logic info_ready, info_valid, len_ready, len_valid, len_pop, mine, bad;
  burst_t              info;
  logic   [AxiIdW-1:0] id;
  logic   [       7:0] len;

  // Not in the cycle of a clear: nobody would know of the burst, nor send its data.
  assign issue      = fw_valid && allowed && !stop && !clear_i && info_ready && len_ready &&
                      (!aw_valid_q || aw_ready_i);
  // A refused burst stays where it is until clear_i: its words must not pass for another's.
  assign fw_ready = issue;
  assign aw = burst_ax(fw_burst.addr, fw_burst.blocks, id);
  assign aw_o = aw_q;
  assign aw_valid_o = aw_valid_q;

  always_ff @(posedge clk_i) begin
    if (issue) aw_q <= aw;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) aw_valid_q <= 1'b0;
    else if (issue) aw_valid_q <= 1'b1;
    else if (aw_ready_i) aw_valid_q <= 1'b0;
  end

  // -------------------------------------------------------------- W
  logic [7:0] sent_q;
  logic [1:0] unused_lens;
  logic       w_beat;

  prim_fifo #(
    .Width(8),
    .Depth(2)
  ) u_lens (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(issue),
    .ready_o(len_ready),
    .data_i (aw.len),
    .valid_o(len_valid),
    .ready_i(len_pop),
    .data_o (len),
    .count_o(unused_lens)
  );

  assign w_valid_o = len_valid && word_valid;
  assign w_o.last  = sent_q == len;
  assign w_beat    = w_valid_o && w_ready_i;
  assign len_pop   = w_beat && w_o.last;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) sent_q <= '0;
    else if (len_pop) sent_q <= '0;
    else if (w_beat) sent_q <= sent_q + 1'b1;
  end

  if (BusBytes < 16) begin : gen_halves
    assign w_o.data   = sent_q[0] ? word[127:64] : word[63:0];
    assign w_o.strb   = {8{word[128]}};
    assign word_ready = w_beat && sent_q[0];
  end else begin : gen_words
    for (genvar l = 0; l < Lanes; l++) begin : gen_lane
      assign w_o.strb[16*l+:16] = {16{word[128*Lanes+l]}};
    end
    assign w_o.data   = word[128*Lanes-1:0];
    assign word_ready = w_beat;
  end

  // -------------------------------------------------------------- B
  localparam int unsigned InfoCountW = $clog2(MaxWrites + 1);
  logic [InfoCountW-1:0]               unused_info_count;
  logic [           1:0][PendingW-1:0] pending_q;
  logic [          63:0]               written_q;
  logic gap_q, unused_info;

  prim_fifo #(
    .Width($bits(burst_t)),
    .Depth(MaxWrites)
  ) u_outstanding (
    .clk_i,
    .rst_ni,
    .clear_i(clear_i || flush),
    .valid_i(issue),
    .ready_o(info_ready),
    .data_i (fw_burst),
    .valid_o(info_valid),
    .ready_i(mine),
    .data_o (info),
    .count_o(unused_info_count)
  );

  assign b_ready_o   = 1'b1;
  assign mine        = b_valid_i && info_valid && b_i.id == id;
  assign bad         = mine && b_i.resp != RespOkay;
  assign unused_info = &{1'b0, info.wrapped, info.last};

  for (genvar c = 0; c < 2; c++) begin : gen_pending
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) pending_q[c] <= '0;
      else if (clear_i) pending_q[c] <= '0;
      else begin
        pending_q[c] <= pending_q[c] + PendingW'(burst_push[c]) -
                        PendingW'(mine && info.client == c[0]);
      end
    end
    assign idle_o[c] = !gather_busy[c] && pending_q[c] == '0;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) written_q <= '0;
    else if (clear_i) written_q <= '0;
    else if (mine && !bad && !info.client && !gap_q) begin
      written_q <= written_q + 64'({info.blocks, 4'h0});
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) gap_q <= 1'b0;
    else if (clear_i) gap_q <= 1'b0;
    else if (bad && !info.client) gap_q <= 1'b1;
  end

  // -------------------------------------------------------------- faults
  dma_fault #(
    .ErrorCode(StatusWriteError)
  ) u_fault (
    .clk_i,
    .rst_ni,
    .clear_i,
    .stop_i,
    .timeout_i,
    .outstanding_i (info_valid),
    .progress_i    (b_valid_i || w_beat || (aw_valid_q && aw_ready_i)),
    .stuck_i       (aw_valid_q || len_valid),
    .bad_i         (bad),
    .oldest_addr_i (info.addr),
    .refused_i     (fw_valid && !allowed),
    .refused_addr_i(fw_burst.addr),
    .stop_o        (stop),
    .give_up_o     (give_up),
    .flush_o       (flush),
    .id_o          (id),
    .fault_o
  );

  assign quiet_o = !aw_valid_q && !len_valid && !info_valid && !give_up;
  assign written_o = written_q;
  assign waiting_o = (aw_valid_q && !aw_ready_i) || (w_valid_o && !w_ready_i) ||
                     (fw_valid && !info_ready);

  `SL_ASSERT(ClearWhenQuiet, !clear_i || quiet_o)
  `SL_ASSERT_STABLE(Aw, aw_valid_o, aw_ready_i, aw_o)
  `SL_ASSERT_STABLE(W, w_valid_o, w_ready_i, w_o)

endmodule
