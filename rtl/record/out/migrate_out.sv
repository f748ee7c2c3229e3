// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// The data path of migrate-out: guest pages from memory to a sealed stream (docs/stream-format.md).
// The DMA engines, the compress lanes, the cipher and the tag are outside, each behind a stream.
//
//   page_walk ► page_source ► fill_detect ► run_merge ► out_plan ► out_join ► cipher ► record_build ► tag ► out_close
//                                  │ page                              ▲ DEFLATE
//                                  └─────────► lanes ──────────────────┘            compress_then_encrypt, compress_only
//
//   ... ► out_join ► cipher ► out_split ► lanes ► out_join ► record_build ► ...      encrypt_then_compress
//
// encrypt_only and copy go past the lanes; compress_only and copy bypass the cipher (cipher_cmd_t.bypass).
//
// Protocol: start_i with job_i and bind_i, both stable until the job is over (done_o, or fault_o). clear_i drops
//           everything at once; it is needed after a fault, not after done_o. One read request a page; one write
//           command a job, whose packet holds all records and has `last` on the last one's last beat; a job that
//           writes nothing has neither. A record that does not fit the target ends the job: the records before it
//           go out whole, the packet is closed, and when memory has it, fault_o says StatusDstFull (out_close). An
//           entry of a list that is not legal does the same with StatusBadEntry.
// Rate:     16 bytes a cycle in every stream. A fill page costs 256 cycles of reading and nothing else, a page of
//           copy or encrypt_only 260 (its record on the wire).
// Rules:    control has checked the job: addresses and lengths (metadata of at most a page), algorithm and order,
//           seq_i 0 at begin_stream and not 0 otherwise.
//           seq_i and totals_i show a commit at the latest when the next one can come, and stay else.
module migrate_out
  import sealift_pkg::*;
  import sealift_axi_pkg::dma_req_t;
  import migrate_out_pkg::*;
#(
  parameter int unsigned Slots = sealift_cfg_pkg::Cfg.PageSlots,  // pages in the page buffer
  parameter int unsigned Beside = sealift_cfg_pkg::Cfg.PagesAhead  // records that wait for the lanes
) (
  input logic clk_i,
  input logic rst_ni,
  input logic clear_i,
  input logic start_i,
  input job_t job_i,
  input stream_bind_t bind_i,
  input logic [63:0] seq_i,
  input totals_t totals_i,
  output commit_t commit_o,
  // memory
  output logic rd_req_valid_o,
  input logic rd_req_ready_i,
  output dma_req_t rd_req_o,
  input logic rd_valid_i,
  output logic rd_ready_o,
  input beat_t rd_beat_i,
  output logic list_req_valid_o,
  input logic list_req_ready_i,
  output dma_req_t list_req_o,
  input logic list_valid_i,
  output logic list_ready_o,
  input beat_t list_beat_i,
  output logic wr_cmd_valid_o,
  input logic wr_cmd_ready_i,
  output logic [AddrW-1:0] wr_addr_o,
  output logic wr_valid_o,
  input logic wr_ready_i,
  output beat_t wr_beat_o,
  input logic [AddrW-1:0] written_i,  // bytes that memory has answered OKAY, before the first that it did not
  // compress lanes
  output level_e lane_level_o,
  output logic lane_in_valid_o,
  input logic lane_in_ready_i,
  output beat_t lane_in_beat_o,
  input logic lane_res_valid_i,
  output logic lane_res_ready_o,
  input compress_result_t lane_res_i,
  input logic lane_out_valid_i,
  output logic lane_out_ready_o,
  input beat_t lane_out_beat_i,
  // cipher
  output logic cph_cmd_valid_o,
  input logic cph_cmd_ready_i,
  output cipher_cmd_t cph_cmd_o,
  output logic cph_in_valid_o,
  input logic cph_in_ready_i,
  output beat_t cph_in_beat_o,
  input logic cph_out_valid_i,
  output logic cph_out_ready_o,
  input beat_t cph_out_beat_i,
  // tag
  output logic auth_cmd_valid_o,
  input logic auth_cmd_ready_i,
  output auth_cmd_t auth_cmd_o,
  output logic auth_in_valid_o,
  input logic auth_in_ready_i,
  output beat_t auth_in_beat_o,
  input logic auth_out_valid_i,
  output logic auth_out_ready_o,
  input beat_t auth_out_beat_i,
  // how it goes
  output fault_t fault_o,
  output logic done_o,
  output logic settled_o,  // all that memory has answered is counted
  output job_counts_t counts_o,
  output logic stall_mem_o,  // a read is due and has no data
  output logic stall_lane_o,  // the lanes do not take a page's beat
  output logic stall_cipher_o,  // the cipher does not take a payload's beat
  output logic stall_writer_o  // the writer does not take a beat
);
  `include "sealift_assert.svh"

  logic compress_first, encrypt_first;
  logic unused_job;
  assign compress_first = job_i.order == OrderCompressEncrypt || job_i.order == OrderCompressOnly;
  assign encrypt_first = job_i.order == OrderEncryptCompress;
  assign lane_level_o = job_i.level;
  assign unused_job = ^{job_i.dir, job_i.slot, job_i.src[PageShift-1:0], job_i.src_len[PageShift-1:0],
                        job_i.gpa[PageShift-1:0], job_i.dst_len[3:0], job_i.verify};

  // ---------------------------------------------------------------- pages in
  logic source_valid, source_ready;
  source_t    source;
  logic [1:0] slots_freed;
  logic found_valid, found_ready, merged_valid, merged_ready, item_valid, item_ready;
  item_t found, merged, item;
  logic page_valid, page_ready, page_is_page, page_to_lane;
  beat_t                        page_beat;
  logic  [$clog2(Beside+4)-1:0] unused_items_used;

  logic range_valid, range_ready, walk_over, walk_bad;
  range_t             range;
  logic   [AddrW-1:0] walk_bad_addr;

  page_walk u_walk (
    .clk_i,
    .rst_ni,
    .clear_i,
    .start_i,
    .kind_i       (job_i.list_kind),
    .src_i        (job_i.src[AddrW-1:PageShift]),
    .pages_i      (job_i.src_len[AddrW-1:PageShift]),
    .gpn_i        (job_i.gpa[AddrW-1:PageShift]),
    .list_i       (job_i.list_addr),
    .list_len_i   (job_i.list_len),
    .req_valid_o  (list_req_valid_o),
    .req_ready_i  (list_req_ready_i),
    .req_o        (list_req_o),
    .list_valid_i,
    .list_ready_o,
    .list_beat_i,
    .range_valid_o(range_valid),
    .range_ready_i(range_ready),
    .range_o      (range),
    .over_o       (walk_over),
    .bad_o        (walk_bad),
    .bad_addr_o   (walk_bad_addr)
  );

  page_source #(
    .Slots(Slots)
  ) u_source (
    .clk_i,
    .rst_ni,
    .clear_i,
    .start_i,
    .range_valid_i (range_valid),
    .range_ready_o (range_ready),
    .range_i       (range),
    .over_i        (walk_over),
    .meta_addr_i   (job_i.meta_addr),
    .meta_len_i    (job_i.meta_len),
    .free_i        (slots_freed),
    .req_valid_o   (rd_req_valid_o),
    .req_ready_i   (rd_req_ready_i),
    .req_o         (rd_req_o),
    .source_valid_o(source_valid),
    .source_ready_i(source_ready),
    .source_o      (source)
  );

  fill_detect #(
    .Slots(Slots)
  ) u_fill (
    .clk_i,
    .rst_ni,
    .clear_i,
    .source_valid_i(source_valid),
    .source_ready_o(source_ready),
    .source_i      (source),
    .rd_valid_i,
    .rd_ready_o,
    .rd_beat_i,
    .item_valid_o  (found_valid),
    .item_ready_i  (found_ready),
    .item_o        (found),
    .out_valid_o   (page_valid),
    .out_ready_i   (page_ready),
    .out_beat_o    (page_beat),
    .out_page_o    (page_is_page),
    .free_o        (slots_freed)
  );

  run_merge u_merge (
    .clk_i,
    .rst_ni,
    .clear_i,
    .in_valid_i (found_valid),
    .in_ready_o (found_ready),
    .in_i       (found),
    .out_valid_o(merged_valid),
    .out_ready_i(merged_ready),
    .out_o      (merged)
  );

  // In the orders that compress first, this is what goes beside the lanes.
  prim_fifo_ram #(
    .Width($bits(item_t)),
    .Depth(Beside)
  ) u_items (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(merged_valid),
    .ready_o(merged_ready),
    .data_i (merged),
    .valid_o(item_valid),
    .ready_i(item_ready),
    .data_o (item),
    .used_o (unused_items_used)
  );

  // ---------------------------------------------------------------- payloads
  logic plan_join_valid, plan_join_ready, plan_wire_valid, plan_wire_ready;
  logic split_page_valid, split_page_ready, split_page;
  join_cmd_t         plan_join;
  wire_t             plan_wire;
  logic      [255:0] end_body;
  logic plan_res_ready, wire_res_ready;
  logic raw_ready, plan_lane_ready, wire_lane_ready;

  out_plan #(
    .Depth(Beside)
  ) u_plan (
    .clk_i,
    .rst_ni,
    .clear_i,
    .start_i,
    .order_i       (job_i.order),
    .pad_i         (job_i.pad),
    .begin_stream_i(job_i.begin_stream),
    .end_stream_i  (job_i.end_stream && !walk_bad),
    .seq_i,
    .totals_i,
    .item_valid_i  (item_valid),
    .item_ready_o  (item_ready),
    .item_i        (item),
    .res_valid_i   (lane_res_valid_i),
    .res_ready_o   (plan_res_ready),
    .res_i         (lane_res_i),
    .join_valid_o  (plan_join_valid),
    .join_ready_i  (plan_join_ready),
    .join_o        (plan_join),
    .cph_valid_o   (cph_cmd_valid_o),
    .cph_ready_i   (cph_cmd_ready_i),
    .cph_o         (cph_cmd_o),
    .wire_valid_o  (plan_wire_valid),
    .wire_ready_i  (plan_wire_ready),
    .wire_o        (plan_wire),
    .split_valid_o (split_page_valid),
    .split_ready_i (split_page_ready),
    .split_page_o  (split_page),
    .end_body_o    (end_body)
  );

  assign page_to_lane = compress_first && page_is_page;

  out_join u_plan_join (
    .clk_i,
    .rst_ni,
    .clear_i,
    .cmd_valid_i (plan_join_valid),
    .cmd_ready_o (plan_join_ready),
    .cmd_i       (plan_join),
    .raw_valid_i (page_valid && !page_to_lane),
    .raw_ready_o (raw_ready),
    .raw_beat_i  (page_beat),
    .lane_valid_i(lane_out_valid_i),
    .lane_ready_o(plan_lane_ready),
    .lane_beat_i (lane_out_beat_i),
    .end_body_i  (end_body),
    .out_valid_o (cph_in_valid_o),
    .out_ready_i (cph_in_ready_i),
    .out_beat_o  (cph_in_beat_o)
  );

  // ---------------------------------------------------------------- behind the cipher
  logic split_ready, first_valid, split_lane_valid, split_raw_valid, split_raw_ready;
  logic [127:0] first;
  beat_t split_lane_beat, split_raw_beat, lane_feed_beat;
  logic lane_feed_valid, lane_feed_ready;
  logic wire_valid, wire_ready, wire_join_valid, wire_join_ready;
  wire_t wire_rec;
  join_cmd_t wire_join, wire_join_first;
  logic wire_pay_valid, pay_ready;
  beat_t wire_pay_beat;

  out_split #(
    .Depth(Beside)
  ) u_split (
    .clk_i,
    .rst_ni,
    .clear_i,
    .page_valid_i (split_page_valid),
    .page_ready_o (split_page_ready),
    .page_i       (split_page),
    .in_valid_i   (cph_out_valid_i && encrypt_first),
    .in_ready_o   (split_ready),
    .in_beat_i    (cph_out_beat_i),
    .first_valid_o(first_valid),
    .first_ready_i(wire_join_ready),
    .first_o      (first),
    .lane_valid_o (split_lane_valid),
    .lane_ready_i (lane_feed_ready),
    .lane_beat_o  (split_lane_beat),
    .raw_valid_o  (split_raw_valid),
    .raw_ready_i  (split_raw_ready),
    .raw_beat_o   (split_raw_beat)
  );

  assign lane_feed_valid = encrypt_first ? split_lane_valid : page_valid && page_to_lane;
  assign lane_feed_beat  = encrypt_first ? split_lane_beat : page_beat;
  assign page_ready      = page_to_lane ? lane_feed_ready : raw_ready;

  prim_skid #(
    .Width($bits(beat_t))
  ) u_lane_in (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(lane_feed_valid),
    .ready_o(lane_feed_ready),
    .data_i (lane_feed_beat),
    .valid_o(lane_in_valid_o),
    .ready_i(lane_in_ready_i),
    .data_o (lane_in_beat_o)
  );

  out_wire u_wire (
    .clk_i,
    .rst_ni,
    .clear_i,
    .order_i     (job_i.order),
    .pad_i       (job_i.pad),
    .in_valid_i  (plan_wire_valid),
    .in_ready_o  (plan_wire_ready),
    .in_i        (plan_wire),
    .res_valid_i (lane_res_valid_i),
    .res_ready_o (wire_res_ready),
    .res_i       (lane_res_i),
    .join_valid_o(wire_join_valid),
    .join_ready_i(wire_join_ready),
    .join_o      (wire_join),
    .out_valid_o (wire_valid),
    .out_ready_i (wire_ready),
    .out_o       (wire_rec)
  );

  always_comb begin
    wire_join_first       = wire_join;
    wire_join_first.first = first;
  end

  out_join u_wire_join (
    .clk_i,
    .rst_ni,
    .clear_i,
    .cmd_valid_i (wire_join_valid && first_valid),
    .cmd_ready_o (wire_join_ready),
    .cmd_i       (wire_join_first),
    .raw_valid_i (split_raw_valid),
    .raw_ready_o (split_raw_ready),
    .raw_beat_i  (split_raw_beat),
    .lane_valid_i(lane_out_valid_i),
    .lane_ready_o(wire_lane_ready),
    .lane_beat_i (lane_out_beat_i),
    .end_body_i  (end_body),
    .out_valid_o (wire_pay_valid),
    .out_ready_i (pay_ready),
    .out_beat_o  (wire_pay_beat)
  );

  assign lane_res_ready_o = plan_res_ready || wire_res_ready;
  assign lane_out_ready_o = plan_lane_ready || wire_lane_ready;
  assign cph_out_ready_o  = encrypt_first ? split_ready : pay_ready;

  // ---------------------------------------------------------------- records out
  logic made_valid, made_ready, over, full, landed;
  commit_t             built;
  made_t               made;
  logic    [AddrW-1:0] full_addr;

  record_build u_build (
    .clk_i,
    .rst_ni,
    .clear_i,
    .start_i,
    .alg_i         (job_i.alg),
    .order_i       (job_i.order),
    .begin_stream_i(job_i.begin_stream),
    .dst_i         (job_i.dst),
    .dst_beats_i   (job_i.dst_len[AddrW-1:4]),
    .bind_i,
    .seq_i,
    .wire_valid_i  (wire_valid),
    .wire_ready_o  (wire_ready),
    .wire_i        (wire_rec),
    .pay_valid_i   (encrypt_first ? wire_pay_valid : cph_out_valid_i),
    .pay_ready_o   (pay_ready),
    .pay_beat_i    (encrypt_first ? wire_pay_beat : cph_out_beat_i),
    .auth_cmd_valid_o,
    .auth_cmd_ready_i,
    .auth_cmd_o,
    .auth_valid_o  (auth_in_valid_o),
    .auth_ready_i  (auth_in_ready_i),
    .auth_beat_o   (auth_in_beat_o),
    .commit_o      (built),
    .made_valid_o  (made_valid),
    .made_ready_i  (made_ready),
    .made_o        (made),
    .over_o        (over),
    .full_o        (full),
    .full_addr_o   (full_addr)
  );

  out_close u_close (
    .clk_i,
    .rst_ni,
    .clear_i,
    .start_i,
    .dst_i       (job_i.dst),
    .made_valid_i(made_valid),
    .made_ready_o(made_ready),
    .made_i      (made),
    .over_i      (over),
    .full_i      (full),
    .full_addr_i (full_addr),
    .bad_list_i  (walk_bad),
    .bad_addr_i  (walk_bad_addr),
    .in_valid_i  (auth_out_valid_i),
    .in_ready_o  (auth_out_ready_o),
    .in_beat_i   (auth_out_beat_i),
    .wr_cmd_valid_o,
    .wr_cmd_ready_i,
    .wr_addr_o,
    .wr_valid_o,
    .wr_ready_i,
    .wr_beat_o,
    .written_i,
    .fault_o,
    .done_o,
    .landed_o    (landed),
    .settled_o,
    .counts_o
  );

  // A number is used up when its record is begun; that the record is in memory is known much later.
  always_comb begin
    commit_o        = built;
    commit_o.landed = landed;
  end

  assign stall_mem_o    = source_valid && !source.end_job && rd_ready_o && !rd_valid_i;
  assign stall_lane_o   = lane_in_valid_o && !lane_in_ready_i;
  assign stall_cipher_o = cph_in_valid_o && !cph_in_ready_i;
  assign stall_writer_o = wr_valid_o && !wr_ready_i;

  `SL_ASSERT_STABLE(ListReq, list_req_valid_o, list_req_ready_i, list_req_o, clear_i)
  `SL_ASSERT_STABLE(Req, rd_req_valid_o, rd_req_ready_i, rd_req_o, clear_i)
  `SL_ASSERT_STABLE(LaneIn, lane_in_valid_o, lane_in_ready_i, lane_in_beat_o, clear_i)
  `SL_ASSERT_STABLE(CphCmd, cph_cmd_valid_o, cph_cmd_ready_i, cph_cmd_o, clear_i)

endmodule
