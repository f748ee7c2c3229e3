// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// AXI4 read master: requests of two clients become INCR bursts, their data comes back as streams of
// beats.
//
// Protocol: client c asks with req (addr, bytes: multiples of 16, bytes > 0) and gets the bytes in
//           order on out, `last` on the last beat of each request. Bursts of the two clients take
//           turns; each client has a buffer, and a burst is issued only when its client's buffer
//           has room for all of it. So the R channel is never held up, and a client that stops
//           taking data cannot stop the other.
// Outstanding: at most MaxReads bursts, one ID, answered in order.
// Rate:     16 bytes a cycle (8 on a 64-bit bus) while DataBlocks covers latency plus one burst.
// Errors:   a burst outside the windows (never issued), a response other than OKAY, or timeout_i
//           cycles without an answer give one pulse on fault_o and stop this side, as stop_i does:
//           nothing more is issued, outstanding bursts are drained and dropped. After a timeout,
//           what is outstanding is given up and the ID moves on, so that a late answer is known as
//           such and dropped.
// Rules:    clear_i only when quiet_o. busy_o: a request is in work or its data still in the
//           buffer.
module dma_read
  import dma_pkg::*;
  import sealift_axi_pkg::*;
  import sealift_pkg::*;
#(
  parameter int unsigned MaxReads   = 8,
  parameter int unsigned Windows    = 8,
  parameter int unsigned DataBlocks = 1024,  // buffer of client 0, in beats of 16 bytes
  parameter int unsigned ListBlocks = 256    // buffer of client 1
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   clear_i,
  input  logic                   stop_i,
  input  logic     [       31:0] timeout_i,
  input  window_t  [Windows-1:0] windows_i,
  input  logic     [        1:0] req_valid_i,
  output logic     [        1:0] req_ready_o,
  input  dma_req_t [        1:0] req_i,
  output logic     [        1:0] out_valid_o,
  input  logic     [        1:0] out_ready_i,
  output beat_t    [        1:0] out_beat_o,
  output ax_t                    ar_o,
  output logic                   ar_valid_o,
  input  logic                   ar_ready_i,
  input  r_t                     r_i,
  input  logic                   r_valid_i,
  output logic                   r_ready_o,
  output fault_t                 fault_o,
  output logic                   quiet_o,
  output logic                   busy_o,
  output logic                   waiting_o
);
  `include "sealift_assert.svh"

  localparam int unsigned Depth[2] = '{DataBlocks, ListBlocks};

  // -------------------------------------------------------------- requests to bursts, in turn
  burst_t [1:0] cut;
  logic [1:0] cut_valid, cut_ready, cut_busy, room, kept, able, grant;
  logic [1:0] block_push, buffer_ready;
  logic turn_q, fw_in_ready, fw_busy, fw_valid, fw_ready, allowed;
  burst_t         fw_burst;
  logic   [127:0] block;
  logic block_valid, block_last;

  for (genvar c = 0; c < 2; c++) begin : gen_client
    localparam int unsigned MaxBlocks = (Depth[c] < BurstBlocks) ? Depth[c] : BurstBlocks;
    localparam int unsigned CountW = $clog2(Depth[c] + 4);
    logic [CountW-1:0] free_q, unused_used;
    logic pop;

    dma_split #(
      .MaxBlocks(MaxBlocks),
      .Client   (c[0])
    ) u_split (
      .clk_i,
      .rst_ni,
      .clear_i,
      .req_valid_i(req_valid_i[c]),
      .req_ready_o(req_ready_o[c]),
      .req_i      (req_i[c]),
      .valid_o    (cut_valid[c]),
      .ready_i    (cut_ready[c]),
      .burst_o    (cut[c]),
      .busy_o     (cut_busy[c])
    );

    prim_fifo_ram #(
      .Width(129),
      .Depth(Depth[c])
    ) u_buffer (
      .clk_i,
      .rst_ni,
      .clear_i,
      .valid_i(block_push[c]),
      .ready_o(buffer_ready[c]),
      .data_i ({block_last, block}),
      .valid_o(out_valid_o[c]),
      .ready_i(out_ready_i[c]),
      .data_o ({out_beat_o[c].last, out_beat_o[c].data}),
      .used_o (unused_used)
    );
    assign out_beat_o[c].bytes = 5'd16;
    assign pop                 = out_valid_o[c] && out_ready_i[c];
    assign room[c]             = 32'(free_q) >= 32'(cut[c].blocks);
    assign kept[c]             = 32'(free_q) != Depth[c];

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) free_q <= CountW'(Depth[c]);
      else if (clear_i) free_q <= CountW'(Depth[c]);
      else free_q <= free_q + CountW'(pop) - (cut_ready[c] ? CountW'(cut[c].blocks) : '0);
    end

    `SL_ASSERT(BufferHasRoom, !block_push[c] || buffer_ready[c])
  end

  assign able      = cut_valid & room;
  assign grant     = {able[1] && (turn_q || !able[0]), able[0] && !(turn_q && able[1])};
  assign cut_ready = fw_in_ready ? grant : 2'b00;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) turn_q <= 1'b0;
    else if (clear_i) turn_q <= 1'b0;
    else if (cut_ready != '0) turn_q <= cut_ready[0];
  end

  dma_firewall #(
    .Windows(Windows),
    .Write  (1'b0)
  ) u_firewall (
    .clk_i,
    .rst_ni,
    .clear_i,
    .windows_i,
    .valid_i  (grant != '0),
    .ready_o  (fw_in_ready),
    .burst_i  (grant[1] ? cut[1] : cut[0]),
    .valid_o  (fw_valid),
    .ready_i  (fw_ready),
    .burst_o  (fw_burst),
    .allowed_o(allowed),
    .busy_o   (fw_busy)
  );

  // -------------------------------------------------------------- AR
  ax_t ar_q;
  logic ar_valid_q, issue, stop, give_up, flush;
  logic info_ready, info_valid, done, bad, progress;
  burst_t              info;
  logic   [AxiIdW-1:0] id;

  // Not in the cycle of a clear: nobody would know of the burst.
  assign issue      = fw_valid && allowed && !stop && !clear_i && info_ready &&
                      (!ar_valid_q || ar_ready_i);
  assign fw_ready = issue || stop || !allowed;
  assign ar_o = ar_q;
  assign ar_valid_o = ar_valid_q;

  always_ff @(posedge clk_i) begin
    if (issue) ar_q <= burst_ax(fw_burst.addr, fw_burst.blocks, id);
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) ar_valid_q <= 1'b0;
    else if (issue) ar_valid_q <= 1'b1;
    else if (ar_ready_i) ar_valid_q <= 1'b0;
  end

  // -------------------------------------------------------------- R
  localparam int unsigned InfoCountW = $clog2(MaxReads + 1);
  logic [InfoCountW-1:0] unused_info_count;

  prim_fifo #(
    .Width($bits(burst_t)),
    .Depth(MaxReads)
  ) u_outstanding (
    .clk_i,
    .rst_ni,
    .clear_i(clear_i || flush),
    .valid_i(issue),
    .ready_o(info_ready),
    .data_i (fw_burst),
    .valid_o(info_valid),
    .ready_i(done),
    .data_o (info),
    .count_o(unused_info_count)
  );

  dma_read_data u_data (
    .clk_i,
    .rst_ni,
    .clear_i      (clear_i || flush),
    .id_i         (id),
    .burst_valid_i(info_valid),
    .first_i      (info.addr[11:4]),
    .blocks_i     (info.blocks),
    .last_i       (info.last),
    .done_o       (done),
    .r_i,
    .r_valid_i,
    .r_ready_o,
    .block_valid_o(block_valid),
    .block_o      (block),
    .block_last_o (block_last),
    .bad_o        (bad),
    .progress_o   (progress)
  );

  logic unused_info;
  assign unused_info = info.wrapped;
  assign block_push  = (block_valid && !bad && !stop) ? {info.client, !info.client} : 2'b00;

  // -------------------------------------------------------------- faults
  dma_fault #(
    .ErrorCode(StatusReadError)
  ) u_fault (
    .clk_i,
    .rst_ni,
    .clear_i,
    .stop_i,
    .timeout_i,
    .outstanding_i (info_valid),
    .progress_i    (progress || (ar_valid_q && ar_ready_i)),
    .stuck_i       (ar_valid_q),
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

  assign quiet_o   = !ar_valid_q && !info_valid && !give_up;
  assign busy_o    = cut_busy != '0 || fw_busy || !quiet_o || kept != '0;
  assign waiting_o = info_valid && !progress;

  `SL_ASSERT(ClearWhenQuiet, !clear_i || quiet_o)
  `SL_ASSERT_STABLE(Ar, ar_valid_o, ar_ready_i, ar_o)

endmodule
