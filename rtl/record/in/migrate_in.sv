// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Migrate-in: from the stream in memory to guest pages in memory. Outside are the DMA engines, the
// inflate lanes, the cipher and the tag; here is everything between them.
//
//   compress_then_encrypt, encrypt_only, compress_only, copy:
//     fetch > parse > verify > open (cipher, inner block) > lanes or around them > check > write
//   encrypt_then_compress:
//     fetch > parse > verify > split > lanes or around them > join > open > check > write
//
// Protocol: start_i (pulse) with job_i, bind_i stable until the job is over and seq_i valid then.
//           The job is over with done_o (a level, until clear_i or start_i) or with a fault_o
//           pulse, after which nothing moves until clear_i. The cipher, the tag, the lanes and DMA
//           are to be cleared with it.
// Order:    descriptors run beside the data through every stage, and a fault travels in the place
//           of the record that it refuses: all records before it are delivered, nothing of it or
//           after it.
// Rate:     262 cycles for a page in `copy` (15.6 bytes of guest memory a cycle).
module migrate_in
  import sealift_pkg::*;
  import sealift_axi_pkg::*;
  import migrate_in_pkg::*;
#(
  parameter int unsigned Beside = sealift_cfg_pkg::Cfg.PagesAhead  // records that wait for the lanes
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   clear_i,
  input  logic                   start_i,
  input  job_t                   job_i,
  input  stream_bind_t           bind_i,
  input  logic            [63:0] seq_i,
  input  totals_t                totals_i,
  output commit_t                commit_o,
  // DMA read client
  output logic                   rd_req_valid_o,
  input  logic                   rd_req_ready_i,
  output dma_req_t               rd_req_o,
  input  logic                   rd_valid_i,
  output logic                   rd_ready_o,
  input  beat_t                  rd_beat_i,
  // DMA list client
  output logic                   list_req_valid_o,
  input  logic                   list_req_ready_i,
  output dma_req_t               list_req_o,
  input  logic                   list_valid_i,
  output logic                   list_ready_o,
  input  beat_t                  list_beat_i,
  // DMA write client
  output logic                   wr_cmd_valid_o,
  input  logic                   wr_cmd_ready_i,
  output logic            [63:0] wr_addr_o,
  output logic                   wr_valid_o,
  input  logic                   wr_ready_i,
  output beat_t                  wr_beat_o,
  input  logic            [63:0] written_i,         // bytes answered OKAY before the first other
  // inflate lanes
  output logic                   lane_in_valid_o,
  input  logic                   lane_in_ready_i,
  output beat_t                  lane_in_beat_o,
  input  logic                   lane_res_valid_i,
  output logic                   lane_res_ready_o,
  input  inflate_result_t        lane_res_i,
  input  logic                   lane_out_valid_i,
  output logic                   lane_out_ready_o,
  input  beat_t                  lane_out_beat_i,
  // cipher
  output logic                   cph_cmd_valid_o,
  input  logic                   cph_cmd_ready_i,
  output cipher_cmd_t            cph_cmd_o,
  output logic                   cph_in_valid_o,
  input  logic                   cph_in_ready_i,
  output beat_t                  cph_in_beat_o,
  input  logic                   cph_out_valid_i,
  output logic                   cph_out_ready_o,
  input  beat_t                  cph_out_beat_i,
  // tag
  output logic                   auth_cmd_valid_o,
  input  logic                   auth_cmd_ready_i,
  output auth_cmd_t              auth_cmd_o,
  output logic                   auth_in_valid_o,
  input  logic                   auth_in_ready_i,
  output beat_t                  auth_in_beat_o,
  input  logic                   auth_ok_valid_i,
  output logic                   auth_ok_ready_o,
  input  logic                   auth_ok_i,
  // how it goes
  output fault_t                 fault_o,
  output logic                   done_o,
  output logic                   settled_o,         // what memory has answered is counted
  output job_counts_t            counts_o,
  output logic                   stall_memory_o,
  output logic                   stall_lane_o,
  output logic                   stall_cipher_o,
  output logic                   stall_writer_o
);

  logic clear, start_q, inflate_first;
  assign clear         = clear_i || start_i;  // a job starts clean
  assign inflate_first = job_i.order == OrderEncryptCompress;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) start_q <= 1'b0;
    else start_q <= start_i && !clear_i;
  end

  // ---------------------------------------------------------------- fetch, parse, verify
  logic src_valid, src_ready;
  logic [127:0] src_data;
  logic buf_valid, buf_ready, buf_last, parsed_valid, parsed_ready;
  logic  [127:0] buf_data;
  desc_t         parsed;
  logic ver_desc_valid, ver_desc_ready, ver_valid, ver_ready;
  desc_t ver_desc;
  beat_t ver_beat;

  record_fetch u_fetch (
    .clk_i,
    .rst_ni,
    .clear_i  (clear),
    .start_i  (start_q),
    .src_i    (job_i.src),
    .src_len_i(job_i.src_len),
    .rd_req_valid_o,
    .rd_req_ready_i,
    .rd_req_o,
    .rd_valid_i,
    .rd_ready_o,
    .rd_beat_i,
    .valid_o  (src_valid),
    .ready_i  (src_ready),
    .data_o   (src_data)
  );

  record_parse u_parse (
    .clk_i,
    .rst_ni,
    .clear_i     (clear),
    .start_i     (start_q),
    .job_i,
    .bind_i,
    .seq_i,
    .valid_i     (src_valid),
    .ready_o     (src_ready),
    .data_i      (src_data),
    .auth_cmd_valid_o,
    .auth_cmd_ready_i,
    .auth_cmd_o,
    .auth_valid_o(auth_in_valid_o),
    .auth_ready_i(auth_in_ready_i),
    .auth_beat_o (auth_in_beat_o),
    .buf_valid_o (buf_valid),
    .buf_ready_i (buf_ready),
    .buf_data_o  (buf_data),
    .buf_last_o  (buf_last),
    .desc_valid_o(parsed_valid),
    .desc_ready_i(parsed_ready),
    .desc_o      (parsed),
    .waiting_o   (stall_memory_o)
  );

  verify_buffer u_verify (
    .clk_i,
    .rst_ni,
    .clear_i     (clear),
    .buf_valid_i (buf_valid),
    .buf_ready_o (buf_ready),
    .buf_data_i  (buf_data),
    .buf_last_i  (buf_last),
    .desc_valid_i(parsed_valid),
    .desc_ready_o(parsed_ready),
    .desc_i      (parsed),
    .auth_ok_valid_i,
    .auth_ok_ready_o,
    .auth_ok_i,
    .desc_valid_o(ver_desc_valid),
    .desc_ready_i(ver_desc_ready),
    .desc_o      (ver_desc),
    .valid_o     (ver_valid),
    .ready_i     (ver_ready),
    .beat_o      (ver_beat)
  );

  // ---------------------------------------------------------------- the order switch
  logic split_desc_valid, split_desc_ready, split_valid, split_ready, split_in_ready;
  logic  split_in_desc_ready;
  desc_t split_desc;
  body_t split_body;
  logic join_desc_valid, join_desc_ready, join_valid, join_ready, join_in_ready;
  logic  join_in_desc_ready;
  desc_t join_desc;
  beat_t join_beat;
  logic open_in_desc_ready, open_in_ready, open_desc_valid, open_desc_ready;
  logic open_valid, open_ready;
  desc_t open_desc;
  body_t open_body;
  logic lq_in_ready, lq_valid, lq_ready;
  body_t lq_body;
  logic way_in_ready, way_valid, way_ready;
  desc_t way_desc;
  logic chk_in_ready, chk_in_desc_ready;

  assign ver_desc_ready = inflate_first ? split_in_desc_ready : open_in_desc_ready;
  assign ver_ready      = inflate_first ? split_in_ready : open_in_ready;

  wire_split u_split (
    .clk_i,
    .rst_ni,
    .clear_i     (clear),
    .desc_valid_i(ver_desc_valid && inflate_first),
    .desc_ready_o(split_in_desc_ready),
    .desc_i      (ver_desc),
    .valid_i     (ver_valid && inflate_first),
    .ready_o     (split_in_ready),
    .beat_i      (ver_beat),
    .desc_valid_o(split_desc_valid),
    .desc_ready_i(split_desc_ready),
    .desc_o      (split_desc),
    .valid_o     (split_valid),
    .ready_i     (split_ready),
    .body_o      (split_body)
  );

  // What goes beside the lanes. From here on a record is known to be authentic, so this is
  // where its places are looked up in the page table.
  logic [$clog2(Beside+4)-1:0] unused_way_used;
  logic way_push, way_room, wants_place, place_room, place_valid, place_ready;
  desc_t  way_in;
  place_t place;

  assign way_push = inflate_first ? split_desc_valid : open_desc_valid;
  assign way_in = inflate_first ? split_desc : open_desc;
  assign wants_place  = job_i.list_kind == ListTable && way_in.fault == StatusOk &&
                        (way_in.kind == KindPage || way_in.kind == KindFill);
  assign way_in_ready = way_room && (!wants_place || place_room);

  page_place #(
    .Records(Beside)
  ) u_place (
    .clk_i,
    .rst_ni,
    .clear_i      (clear),
    .list_i       (job_i.list_addr),
    .list_len_i   (job_i.list_len),
    .rec_valid_i  (way_push && wants_place && way_room),
    .rec_ready_o  (place_room),
    .rec_gpn_i    (way_in.gpa[AddrW-1:PageShift]),
    .rec_pages_i  (way_in.count),
    .req_valid_o  (list_req_valid_o),
    .req_ready_i  (list_req_ready_i),
    .req_o        (list_req_o),
    .list_valid_i,
    .list_ready_o,
    .list_beat_i,
    .place_valid_o(place_valid),
    .place_ready_i(place_ready),
    .place_o      (place)
  );

  prim_fifo_ram #(
    .Width($bits(desc_t)),
    .Depth(Beside)
  ) u_way (
    .clk_i,
    .rst_ni,
    .clear_i(clear),
    .valid_i(way_push && (!wants_place || place_room)),
    .ready_o(way_room),
    .data_i (way_in),
    .valid_o(way_valid),
    .ready_i(way_ready),
    .data_o (way_desc),
    .used_o (unused_way_used)
  );
  assign split_desc_ready = way_in_ready;
  assign way_ready        = inflate_first ? join_in_desc_ready : chk_in_desc_ready;

  lane_queue #(
    .Packets(2 * Beside)
  ) u_lanes (
    .clk_i,
    .rst_ni,
    .clear_i  (clear),
    .valid_i  (inflate_first ? split_valid : open_valid),
    .ready_o  (lq_in_ready),
    .body_i   (inflate_first ? split_body : open_body),
    .lane_in_valid_o,
    .lane_in_ready_i,
    .lane_in_beat_o,
    .lane_res_valid_i,
    .lane_res_ready_o,
    .lane_res_i,
    .lane_out_valid_i,
    .lane_out_ready_o,
    .lane_out_beat_i,
    .valid_o  (lq_valid),
    .ready_i  (lq_ready),
    .body_o   (lq_body),
    .waiting_o(stall_lane_o)
  );
  assign split_ready = lq_in_ready;
  assign lq_ready    = inflate_first ? join_in_ready : chk_in_ready;

  wire_join u_join (
    .clk_i,
    .rst_ni,
    .clear_i     (clear),
    .desc_valid_i(way_valid && inflate_first),
    .desc_ready_o(join_in_desc_ready),
    .desc_i      (way_desc),
    .valid_i     (lq_valid && inflate_first),
    .ready_o     (join_in_ready),
    .body_i      (lq_body),
    .desc_valid_o(join_desc_valid),
    .desc_ready_i(join_desc_ready),
    .desc_o      (join_desc),
    .valid_o     (join_valid),
    .ready_i     (join_ready),
    .beat_o      (join_beat)
  );
  assign join_desc_ready = open_in_desc_ready;
  assign join_ready      = open_in_ready;

  record_open u_open (
    .clk_i,
    .rst_ni,
    .clear_i     (clear),
    .order_i     (job_i.order),
    .bypass_i    (job_i.alg == AlgNone),
    .desc_valid_i(inflate_first ? join_desc_valid : ver_desc_valid),
    .desc_ready_o(open_in_desc_ready),
    .desc_i      (inflate_first ? join_desc : ver_desc),
    .valid_i     (inflate_first ? join_valid : ver_valid),
    .ready_o     (open_in_ready),
    .beat_i      (inflate_first ? join_beat : ver_beat),
    .cph_cmd_valid_o,
    .cph_cmd_ready_i,
    .cph_cmd_o,
    .cph_in_valid_o,
    .cph_in_ready_i,
    .cph_in_beat_o,
    .cph_out_valid_i,
    .cph_out_ready_o,
    .cph_out_beat_i,
    .desc_valid_o(open_desc_valid),
    .desc_ready_i(open_desc_ready),
    .desc_o      (open_desc),
    .valid_o     (open_valid),
    .ready_i     (open_ready),
    .body_o      (open_body),
    .waiting_o   (stall_cipher_o)
  );
  assign open_desc_ready = inflate_first ? chk_in_desc_ready : way_in_ready;
  assign open_ready      = inflate_first ? chk_in_ready : lq_in_ready;

  // ---------------------------------------------------------------- check, write
  logic chk_desc_valid, chk_desc_ready, chk_valid, chk_ready;
  desc_t         chk_desc;
  logic  [127:0] chk_data;

  page_check u_check (
    .clk_i,
    .rst_ni,
    .clear_i     (clear),
    .valid_i     (inflate_first ? open_valid : lq_valid),
    .ready_o     (chk_in_ready),
    .body_i      (inflate_first ? open_body : lq_body),
    .desc_valid_i(inflate_first ? open_desc_valid : way_valid),
    .desc_ready_o(chk_in_desc_ready),
    .desc_i      (inflate_first ? open_desc : way_desc),
    .desc_valid_o(chk_desc_valid),
    .desc_ready_i(chk_desc_ready),
    .desc_o      (chk_desc),
    .valid_o     (chk_valid),
    .ready_i     (chk_ready),
    .data_o      (chk_data)
  );

  page_writer u_write (
    .clk_i,
    .rst_ni,
    .clear_i      (clear),
    .job_i,
    .totals_i,
    .desc_valid_i (chk_desc_valid),
    .desc_ready_o (chk_desc_ready),
    .desc_i       (chk_desc),
    .valid_i      (chk_valid),
    .ready_o      (chk_ready),
    .data_i       (chk_data),
    .place_valid_i(place_valid),
    .place_ready_o(place_ready),
    .place_i      (place),
    .wr_cmd_valid_o,
    .wr_cmd_ready_i,
    .wr_addr_o,
    .wr_valid_o,
    .wr_ready_i,
    .wr_beat_o,
    .written_i,
    .commit_o,
    .fault_o,
    .done_o,
    .settled_o,
    .counts_o,
    .waiting_o    (stall_writer_o)
  );

endmodule
