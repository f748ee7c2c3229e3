// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// The lanes of both directions. On the way out the inflate lanes check what the compress lanes make (verify_i).
//
// With verify_i, each page that is compressed is kept as it is, with its CRC-32; its packet is held and goes to the
// inflate lanes too. Only when these give a whole page of the same CRC does the packet go on; a page that differs goes
// on as a stored block, and its result says so (failed). So a fault in a compress lane costs bytes, never data.
// Without verify_i, both sides are the lanes' own.
//
// Protocol: comp_* as compress_lanes, infl_* as inflate_lanes (idle while verify_i).
// Latency:  with verify_i a page comes later by its time in an inflate lane. Rate: that of the lanes, at most
//           16 bytes a cycle; a page that failed goes out at 8.
// Rules:    verify_i changes only with nothing inside. clear_i drops everything, and what was kept of pages and
//           packets is overwritten. A lane that gives neither result nor data is waited for: the job's owner sees to that.
module verified_lanes
  import sealift_pkg::*;
#(
  parameter int unsigned CompressLanes = sealift_cfg_pkg::Cfg.CompressLanes,
  parameter int unsigned InflateLanes  = sealift_cfg_pkg::Cfg.InflateLanes,
  parameter int unsigned Pages         = sealift_cfg_pkg::Cfg.VerifyPages,
  parameter int unsigned HoldBeats     = sealift_cfg_pkg::Cfg.VerifyBeats
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             clear_i,
  input  logic             verify_i,
  input  level_e           level_i,
  input  logic             comp_in_valid_i,
  output logic             comp_in_ready_o,
  input  beat_t            comp_in_beat_i,
  output logic             comp_res_valid_o,
  input  logic             comp_res_ready_i,
  output compress_result_t comp_res_o,
  output logic             comp_out_valid_o,
  input  logic             comp_out_ready_i,
  output beat_t            comp_out_beat_o,
  input  logic             infl_in_valid_i,
  output logic             infl_in_ready_o,
  input  beat_t            infl_in_beat_i,
  output logic             infl_res_valid_o,
  input  logic             infl_res_ready_i,
  output inflate_result_t  infl_res_o,
  output logic             infl_out_valid_o,
  input  logic             infl_out_ready_i,
  output beat_t            infl_out_beat_o
);
  `include "sealift_assert.svh"
  import verify_pkg::*;

  localparam int unsigned Verdicts = 16;  // results that may be taken ahead of their data

  `SL_ASSERT_PARAM(HoldsAPacket, HoldBeats > MaxBeats && HoldBeats == 1 << $clog2(HoldBeats))

  // ---------------------------------------------------------------- the lanes
  logic made_in_valid, made_in_ready, made_res_valid, made_res_ready, made_valid, made_ready;
  compress_result_t made_res;
  beat_t            made_beat;
  logic back_in_valid, back_in_ready, checked_valid, judged;
  beat_t    back_in_beat;
  verdict_t checked;

  compress_lanes #(
    .Lanes(CompressLanes)
  ) u_compress_lanes (
    .clk_i,
    .rst_ni,
    .clear_i,
    .level_i,
    .in_valid_i (made_in_valid),
    .in_ready_o (made_in_ready),
    .in_beat_i  (comp_in_beat_i),
    .res_valid_o(made_res_valid),
    .res_ready_i(made_res_ready),
    .res_o      (made_res),
    .out_valid_o(made_valid),
    .out_ready_i(made_ready),
    .out_beat_o (made_beat)
  );

  inflate_lanes #(
    .Lanes(InflateLanes)
  ) u_inflate_lanes (
    .clk_i,
    .rst_ni,
    .clear_i,
    .verify_i,
    .in_valid_i     (back_in_valid),
    .in_ready_o     (back_in_ready),
    .in_beat_i      (back_in_beat),
    .res_valid_o    (infl_res_valid_o),
    .res_ready_i    (infl_res_ready_i),
    .res_o          (infl_res_o),
    .out_valid_o    (infl_out_valid_o),
    .out_ready_i    (infl_out_ready_i),
    .out_beat_o     (infl_out_beat_o),
    .verdict_valid_o(checked_valid),
    .verdict_ready_i(judged),
    .verdict_o      (checked)
  );

  // ---------------------------------------------------------------- the plain pages
  logic store_ready, crc_valid, plain_re, page_gone;
  logic [ 31:0] crc;
  logic [  7:0] plain_index;
  logic [127:0] plain;

  assign made_in_valid   = comp_in_valid_i && (store_ready || !verify_i);
  assign comp_in_ready_o = made_in_ready && (store_ready || !verify_i);

  verify_store #(
    .Pages(Pages)
  ) u_store (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i    (verify_i && comp_in_valid_i && made_in_ready),
    .ready_o    (store_ready),
    .data_i     (comp_in_beat_i.data),
    .crc_valid_o(crc_valid),
    .crc_ready_i(judged),
    .crc_o      (crc),
    .re_i       (plain_re),
    .beat_i     (plain_index),
    .data_o     (plain),
    .free_i     (page_gone)
  );

  // ---------------------------------------------------------------- their packets, two ways
  logic feed_res_ready, feed_ready, feed_valid, hold_valid, hold_ready;
  logic ticket_put, ticket_room, ticket_valid;
  ticket_t ticket_in, ticket;
  beat_t feed_beat, held_beat;
  logic held_valid, held_ready;
  logic [$clog2(Pages+4)-1:0] unused_used;

  verify_feed u_feed (
    .clk_i,
    .rst_ni,
    .clear_i,
    .res_valid_i   (verify_i && made_res_valid),
    .res_ready_o   (feed_res_ready),
    .res_i         (made_res),
    .in_valid_i    (verify_i && made_valid),
    .in_ready_o    (feed_ready),
    .in_beat_i     (made_beat),
    .infl_valid_o  (feed_valid),
    .infl_ready_i  (back_in_ready),
    .hold_valid_o  (hold_valid),
    .hold_ready_i  (hold_ready),
    .out_beat_o    (feed_beat),
    .ticket_valid_o(ticket_put),
    .ticket_ready_i(ticket_room),
    .ticket_o      (ticket_in)
  );

  assign back_in_valid   = verify_i ? feed_valid : infl_in_valid_i;
  assign back_in_beat    = verify_i ? feed_beat : infl_in_beat_i;
  assign infl_in_ready_o = back_in_ready && !verify_i;

  prim_fifo_ram #(
    .Width($bits(ticket_t)),
    .Depth(Pages)
  ) u_tickets (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(ticket_put),
    .ready_o(ticket_room),
    .data_i (ticket_in),
    .valid_o(ticket_valid),
    .ready_i(judged),
    .data_o (ticket),
    .used_o (unused_used)
  );

  hold_fifo #(
    .Width($bits(beat_t)),
    .Depth(HoldBeats),
    .Wipe (1'b1)
  ) u_hold (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i        (hold_valid),
    .ready_o        (hold_ready),
    .data_i         (feed_beat),
    .release_i      (judged),
    .release_count_i(($clog2(HoldBeats + 1))'(ticket.beats)),
    .valid_o        (held_valid),
    .ready_i        (held_ready),
    .data_o         (held_beat)
  );

  // ---------------------------------------------------------------- the verdict
  logic good, said_ready, cmd_ready;
  compress_result_t verdict, said;
  logic said_valid, cmd_valid, cmd_failed;
  logic [$clog2(Verdicts+1)-1:0] unused_said, unused_cmd;

  // Of the lanes' verdict, the page's CRC and the ticket, the last to come says when.
  assign judged = checked_valid && ticket_valid && crc_valid && said_ready && cmd_ready;
  assign good   = checked.page && checked.crc == crc && !ticket.broken;
  always_comb begin
    verdict        = ticket.result;
    verdict.failed = 1'b0;
    if (!good) verdict = '{failed: 1'b1, kind: BlockStored, bytes: LenW'(MaxDeflateBytes)};
  end

  prim_fifo #(
    .Width($bits(compress_result_t)),
    .Depth(Verdicts)
  ) u_said (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(judged),
    .ready_o(said_ready),
    .data_i (verdict),
    .valid_o(said_valid),
    .ready_i(verify_i && comp_res_ready_i),
    .data_o (said),
    .count_o(unused_said)
  );

  prim_fifo #(
    .Width(1),
    .Depth(Verdicts)
  ) u_commands (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(judged),
    .ready_o(cmd_ready),
    .data_i (verdict.failed),
    .valid_o(cmd_valid),
    .ready_i(page_gone),
    .data_o (cmd_failed),
    .count_o(unused_cmd)
  );

  // ---------------------------------------------------------------- what goes on
  logic  restored_valid;
  beat_t restored_beat;

  page_restore u_restore (
    .clk_i,
    .rst_ni,
    .clear_i,
    .cmd_valid_i (cmd_valid),
    .cmd_ready_o (page_gone),
    .failed_i    (cmd_failed),
    .held_valid_i(held_valid),
    .held_ready_o(held_ready),
    .held_beat_i (held_beat),
    .plain_re_o  (plain_re),
    .plain_beat_o(plain_index),
    .plain_i     (plain),
    .out_valid_o (restored_valid),
    .out_ready_i (verify_i && comp_out_ready_i),
    .out_beat_o  (restored_beat)
  );

  assign made_res_ready   = verify_i ? feed_res_ready : comp_res_ready_i;
  assign made_ready       = verify_i ? feed_ready : comp_out_ready_i;
  assign comp_res_valid_o = verify_i ? said_valid : made_res_valid;
  assign comp_res_o       = verify_i ? said : made_res;
  assign comp_out_valid_o = verify_i ? restored_valid : made_valid;
  assign comp_out_beat_o  = verify_i ? restored_beat : made_beat;

  `SL_ASSERT_STABLE(Result, comp_res_valid_o, comp_res_ready_i, comp_res_o, clear_i)
  `SL_ASSERT_STABLE(Data, comp_out_valid_o, comp_out_ready_i, comp_out_beat_o, clear_i)
  `SL_ASSERT(InflateIsFree, !(verify_i && infl_in_valid_i) || clear_i)

endmodule
