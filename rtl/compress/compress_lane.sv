// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// One compress lane: pages in, DEFLATE out (RFC 1951), one block a page, each page on its own.
//
// Protocol: in_* takes packets of exactly one page (256 full beats), level_i is sampled with a
//           page's first beat. For every page, in order, res_* presents a result and out_* one
//           packet, no result later than its data.
// Pipeline: matcher threads (a page each) -> token memory and counts -> sorter -> tree builder ->
//           code scan -> header -> encoder -> output; every arrow is a double buffer or a queue,
//           every stage has its own page.
// Latency:  the matcher's time for a page (about 5,000 cycles) and about 2,000. Rate: about a
//           byte a cycle and thread less waits: 6.5 with 12 threads.
// Rules:    the smallest of stored, fixed and dynamic goes out, at most 4,101 bytes. clear_i drops
//           everything and wipes the counters and match heads: in_ready_o is low meanwhile.
module compress_lane
  import sealift_pkg::*;
  import compress_pkg::*;
#(
  parameter int unsigned Threads = sealift_cfg_pkg::Cfg.CompressThreads,
  parameter int unsigned Step    = sealift_cfg_pkg::Cfg.CompressStep,
  parameter int unsigned Ways    = sealift_cfg_pkg::Cfg.CompressWays,
  parameter int unsigned WaysBest = sealift_cfg_pkg::Cfg.CompressWaysBest,
  parameter int unsigned Sets    = sealift_cfg_pkg::Cfg.CompressSets,
  parameter int unsigned Bytes = sealift_cfg_pkg::Cfg.CompressBytes
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             clear_i,
  input  level_e           level_i,
  input  logic             in_valid_i,
  output logic             in_ready_o,
  input  beat_t            in_beat_i,
  output logic             res_valid_o,
  input  logic             res_ready_i,
  output compress_result_t res_o,
  output logic             out_valid_o,
  input  logic             out_ready_i,
  output beat_t            out_beat_o
);
  localparam int unsigned TokW = EntryW + 8 * Step;
  // A page has at most 4096 / min(Step, 3) + 2 entries; all of a page must fit.
  localparam int unsigned TokDepth = (Threads > 4 || Step == 1) ? 8192 : (Step > 2) ? 2048 : 4096;
  localparam int unsigned FifoDepth = (Threads > 4) ? 1024 : (Threads > 1) ? 512 : 32;
  // A single thread leaves time to sort and build one page at a time.
  localparam int unsigned Halves = (Threads > 1) ? 2 : 1;
  localparam int unsigned CodeSlots = (Threads > 4) ? 4 : 2;
  localparam int unsigned TokBits = $clog2(TokDepth);
  localparam int unsigned ThreadW = (Threads > 1) ? $clog2(Threads) : 1;
  // A lane this wide outruns one tree builder.
  localparam int unsigned Trees = (Threads > 4) ? 3 : 1;
  localparam int unsigned RawSlots = (Threads == 1) ? 2 : 1 << $clog2(2 * Threads + 4);
  localparam int unsigned RawBits = $clog2(RawSlots);

  // ---------------------------------------------------------------- pages to threads, and a copy
  // of each page
  logic [ThreadW-1:0] in_thread_q;
  logic [        7:0] in_beat_q;
  logic [RawBits-1:0] raw_wslot_q, raw_rslot_q;
  logic [RawBits:0] raw_used_q;
  logic take, take_last, encode_done;
  logic [Threads-1:0] load_ready, threads_busy;
  logic busy, chosen_q;

  // A page goes to any thread that is free: one was chosen before it starts.
  assign in_ready_o = !busy && chosen_q && raw_used_q != (RawBits + 1)'(RawSlots);
  assign take       = in_valid_i && in_ready_o;
  assign take_last  = take && in_beat_q == 8'd255;

  logic         raw_re;
  logic [  7:0] raw_raddr;
  logic [127:0] raw_rdata;

  prim_ram_1r1w #(
    .Width(128),
    .Depth(256 * RawSlots)
  ) u_raw (
    .clk_i,
    .we_i   (take),
    .waddr_i({raw_wslot_q, in_beat_q}),
    .wdata_i(in_beat_i.data),
    .re_i   (raw_re),
    .raddr_i({raw_rslot_q, raw_raddr}),
    .rdata_o(raw_rdata)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      chosen_q    <= 1'b0;
      in_thread_q <= '0;
    end else if (clear_i) begin
      chosen_q    <= 1'b0;
      in_thread_q <= '0;
    end else if (take_last) begin
      chosen_q <= 1'b0;
    end else if (!chosen_q) begin
      for (int unsigned t = 0; t < Threads; t++) begin
        if (load_ready[t]) begin
          chosen_q    <= 1'b1;
          in_thread_q <= ThreadW'(t);
        end
      end
    end
  end

  // ---------------------------------------------------------------- matcher threads
  logic [ThreadW-1:0] drain;  // whose page is next in order
  logic drain_valid, order_ready;
  logic [RawBits:0] unused_order;
  logic [Threads-1:0] e_valid, e_ready;
  logic [Threads-1:0][TokW-1:0] e_entry;
  logic c_valid, c_ready;
  logic [TokW-1:0] c_entry;
  logic            c_last;

  for (genvar t = 0; t < Threads; t++) begin : gen_thread
    compress_match #(
      .Step(Step),
      .Depth(Ways),
      .DepthBest(WaysBest),
      .Sets(Sets),
      .Bytes(Bytes),
      .FifoDepth(FifoDepth),
      .SlowWalk(Threads == 1)
    ) u_match (
      .clk_i,
      .rst_ni,
      .clear_i,
      .busy_o       (threads_busy[t]),
      .level_i,
      .load_valid_i (take && in_thread_q == ThreadW'(t)),
      .load_ready_o (load_ready[t]),
      .load_data_i  (in_beat_i.data),
      .entry_valid_o(e_valid[t]),
      .entry_ready_i(e_ready[t]),
      .entry_o      (e_entry[t])
    );
    assign e_ready[t] = c_ready && drain_valid && drain == ThreadW'(t);
  end

  prim_fifo #(
    .Width(ThreadW),
    .Depth(RawSlots)
  ) u_order (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(take && in_beat_q == '0),
    .ready_o(order_ready),
    .data_i (in_thread_q),
    .valid_o(drain_valid),
    .ready_i(c_valid && c_ready && c_last),
    .data_o (drain),
    .count_o(unused_order)
  );

  assign c_valid = drain_valid && e_valid[drain];
  assign c_entry = e_entry[drain];
  assign c_last  = c_entry[TokW-1];  // entry_t's first field

  // ---------------------------------------------------------------- counts
  logic count_busy, count_push;
  count_info_t count_info, scan_count;
  logic lit_ready, lit_half, lit_read, lit_read_half;
  logic [       8:0] lit_sym;
  logic [CountW-1:0] lit_count;
  logic dist_ready, dist_half, dist_read, dist_read_half;
  logic [        4:0] dist_idx;
  logic [ CountW-1:0] dist_count;
  logic               tok_re;
  logic [TokBits-1:0] tok_addr;
  logic [   TokW-1:0] tok_data;
  logic [TokPtrW-1:0] tok_free;
  logic info_ready, info_valid, scan_done;
  logic [3:0] unused_info_count;

  compress_count #(
    .Step    (Step),
    .TokDepth(TokDepth),
    .Halves  (Halves)
  ) u_count (
    .clk_i,
    .rst_ni,
    .clear_i,
    .busy_o          (count_busy),
    .valid_i         (c_valid),
    .ready_o         (c_ready),
    .entry_i         (c_entry),
    .page_ready_i    (lit_ready && dist_ready && info_ready),
    .page_push_o     (count_push),
    .info_o          (count_info),
    .lit_half_i      (lit_half),
    .lit_read_i      (lit_read),
    .lit_read_half_i (lit_read_half),
    .lit_sym_i       (lit_sym),
    .lit_count_o     (lit_count),
    .dist_half_i     (dist_half),
    .dist_read_i     (dist_read),
    .dist_read_half_i(dist_read_half),
    .dist_sym_i      (dist_idx),
    .dist_count_o    (dist_count),
    .tok_re_i        (tok_re),
    .tok_addr_i      (tok_addr),
    .tok_data_o      (tok_data),
    .tok_free_i      (tok_free)
  );

  prim_fifo #(
    .Width($bits(count_info_t)),
    .Depth(8)
  ) u_count_info (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(count_push),
    .ready_o(info_ready),
    .data_i (count_info),
    .valid_o(info_valid),
    .ready_i(scan_done),
    .data_o (scan_count),
    .count_o(unused_info_count)
  );

  // ---------------------------------------------------------------- code lengths
  logic lit_busy, dist_busy, clen_busy;
  logic lit_codes, dist_codes, clen_codes, header_done;
  tree_info_t lit_info, dist_info, clen_info;
  logic lit_len_re, dist_len_re, clen_len_re;
  logic [8:0] lit_len_sym;
  logic [4:0] dist_len_sym, clen_len_sym;
  logic [3:0] lit_len, dist_len, clen_len;

  compress_alphabet #(
    .Symbols(NumLitLen),
    .MaxLen (15),
    .Trees  (Trees),
    .Halves (Halves)
  ) u_litlen (
    .clk_i,
    .rst_ni,
    .clear_i,
    .busy_o       (lit_busy),
    .page_push_i  (count_push),
    .page_ready_o (lit_ready),
    .page_half_o  (lit_half),
    .read_o       (lit_read),
    .read_half_o  (lit_read_half),
    .read_sym_o   (lit_sym),
    .read_count_i (lit_count),
    .codes_valid_o(lit_codes),
    .info_o       (lit_info),
    .codes_pop_i  (scan_done),
    .len_re_i     (lit_len_re),
    .len_sym_i    (lit_len_sym),
    .len_o        (lit_len)
  );

  compress_alphabet #(
    .Symbols (NumDist),
    .MaxLen  (15),
    .MaxCount(sealift_pkg::PageBytes / 3),
    .Halves  (Halves)
  ) u_dist (
    .clk_i,
    .rst_ni,
    .clear_i,
    .busy_o       (dist_busy),
    .page_push_i  (count_push),
    .page_ready_o (dist_ready),
    .page_half_o  (dist_half),
    .read_o       (dist_read),
    .read_half_o  (dist_read_half),
    .read_sym_o   (dist_idx),
    .read_count_i (dist_count),
    .codes_valid_o(dist_codes),
    .info_o       (dist_info),
    .codes_pop_i  (scan_done),
    .len_re_i     (dist_len_re),
    .len_sym_i    (dist_len_sym),
    .len_o        (dist_len)
  );

  // ---------------------------------------------------------------- codes and the run-length
  // tokens of lengths
  logic clen_ready, clen_half, clen_read, clen_read_half;
  logic [4:0] clen_sym;
  logic [CountW-1:0] clen_count;
  logic scan_start, scan_busy_q, ct_ready, ct_fill, ct_valid, ct_read;
  scan_info_t scan_info, header_scan;
  logic code_ready, code_valid, unused_code;
  logic [$clog2(CodeSlots)-1:0] code_fill, code_read;
  logic code_we, code_dist;
  logic [ 8:0] code_sym;
  logic [ 3:0] code_len;
  logic [14:0] code;
  logic ct_we, ct_re;
  logic [8:0] ct_waddr, ct_raddr;
  clen_token_t ct_wdata, ct_rdata;
  logic clen_tally_busy;
  logic ct_we_q, clen_half_q;
  logic [4:0] ct_sym_q;

  assign scan_start = !scan_busy_q && lit_codes && dist_codes && info_valid && clen_ready &&
                      ct_ready && code_ready;

  compress_scan u_scan (
    .clk_i,
    .rst_ni,
    .clear_i,
    .start_i    (scan_start),
    .done_o     (scan_done),
    .count_i    (scan_count),
    .lit_i      (lit_info),
    .lit_re_o   (lit_len_re),
    .lit_sym_o  (lit_len_sym),
    .lit_len_i  (lit_len),
    .dist_i     (dist_info),
    .dist_re_o  (dist_len_re),
    .dist_sym_o (dist_len_sym),
    .dist_len_i (dist_len),
    .info_o     (scan_info),
    .code_we_o  (code_we),
    .code_dist_o(code_dist),
    .code_sym_o (code_sym),
    .code_len_o (code_len),
    .code_o     (code),
    .tok_we_o   (ct_we),
    .tok_addr_o (ct_waddr),
    .tok_o      (ct_wdata)
  );

  compress_handoff #(
    .Width(1),
    .Slots(CodeSlots)
  ) u_codes (
    .clk_i,
    .rst_ni,
    .clear_i,
    .push_i     (scan_done),
    .info_i     (1'b0),
    .ready_o    (code_ready),
    .fill_half_o(code_fill),
    .valid_o    (code_valid),
    .info_o     (unused_code),
    .pop_i      (encode_done),
    .read_half_o(code_read)
  );

  compress_handoff #(
    .Width($bits(scan_info_t))
  ) u_clen_tokens (
    .clk_i,
    .rst_ni,
    .clear_i,
    .push_i     (scan_done),
    .info_i     (scan_info),
    .ready_o    (ct_ready),
    .fill_half_o(ct_fill),
    .valid_o    (ct_valid),
    .info_o     (header_scan),
    .pop_i      (header_done),
    .read_half_o(ct_read)
  );

  prim_ram_1r1w #(
    .Width($bits(clen_token_t)),
    .Depth(1024)
  ) u_clen_ram (
    .clk_i,
    .we_i   (ct_we),
    .waddr_i({ct_fill, ct_waddr}),
    .wdata_i(ct_wdata),
    .re_i   (ct_re),
    .raddr_i({ct_read, ct_raddr}),
    .rdata_o(ct_rdata)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) ct_we_q <= 1'b0;
    else ct_we_q <= ct_we && !clear_i;
  end
  always_ff @(posedge clk_i) begin
    clen_half_q <= clen_half;
    ct_sym_q    <= ct_wdata.sym;
  end

  compress_tally #(
    .Depth (32),
    .Width (CountW),
    .Halves(Halves)
  ) u_clen_tally (
    .clk_i,
    .rst_ni,
    .clear_i,
    .busy_o      (clen_tally_busy),
    .inc_i       (ct_we_q),
    .inc_half_i  (clen_half_q),
    .inc_sym_i   (ct_sym_q),
    .read_i      (clen_read),
    .read_half_i (clen_read_half),
    .read_sym_i  (clen_sym),
    .read_count_o(clen_count)
  );

  compress_alphabet #(
    .Symbols (NumClen),
    .MaxLen  (7),
    .MaxCount(NumLitLen + NumDist),
    .Halves  (Halves)
  ) u_clen (
    .clk_i,
    .rst_ni,
    .clear_i,
    .busy_o       (clen_busy),
    .page_push_i  (scan_done),
    .page_ready_o (clen_ready),
    .page_half_o  (clen_half),
    .read_o       (clen_read),
    .read_half_o  (clen_read_half),
    .read_sym_o   (clen_sym),
    .read_count_i (clen_count),
    .codes_valid_o(clen_codes),
    .info_o       (clen_info),
    .codes_pop_i  (header_done),
    .len_re_i     (clen_len_re),
    .len_sym_i    (clen_len_sym),
    .len_o        (clen_len)
  );

  // ---------------------------------------------------------------- header
  logic header_start, header_busy_q, head_ready, head_fill, head_valid, head_read;
  header_info_t header_info, encode_info;
  logic head_we, head_re;
  logic [6:0] head_waddr, head_raddr;
  logic [31:0] head_wdata, head_rdata;

  assign header_start = !header_busy_q && clen_codes && ct_valid && head_ready;

  compress_header u_header (
    .clk_i,
    .rst_ni,
    .clear_i,
    .start_i    (header_start),
    .done_o     (header_done),
    .scan_i     (header_scan),
    .clen_i     (clen_info),
    .len_re_o   (clen_len_re),
    .len_sym_o  (clen_len_sym),
    .len_i      (clen_len),
    .tok_re_o   (ct_re),
    .tok_addr_o (ct_raddr),
    .tok_i      (ct_rdata),
    .info_o     (header_info),
    .word_we_o  (head_we),
    .word_addr_o(head_waddr),
    .word_o     (head_wdata)
  );

  compress_handoff #(
    .Width($bits(header_info_t))
  ) u_heads (
    .clk_i,
    .rst_ni,
    .clear_i,
    .push_i     (header_done),
    .info_i     (header_info),
    .ready_o    (head_ready),
    .fill_half_o(head_fill),
    .valid_o    (head_valid),
    .info_o     (encode_info),
    .pop_i      (encode_done),
    .read_half_o(head_read)
  );

  prim_ram_1r1w #(
    .Width(32),
    .Depth(256)
  ) u_head_ram (
    .clk_i,
    .we_i   (head_we),
    .waddr_i({head_fill, head_waddr}),
    .wdata_i(head_wdata),
    .re_i   (head_re),
    .raddr_i({head_read, head_raddr}),
    .rdata_o(head_rdata)
  );

  // ---------------------------------------------------------------- encoder and output
  logic encode_start, encode_busy_q, out_free;
  logic                     word_we;
  logic             [  8:0] word_addr;
  logic             [127:0] word;
  compress_result_t         result;

  assign encode_start = !encode_busy_q && head_valid && code_valid && out_free;

  compress_encode #(
    .Step    (Step),
    .TokDepth(TokDepth),
    .Slots   (CodeSlots)
  ) u_encode (
    .clk_i,
    .rst_ni,
    .clear_i,
    .start_i         (encode_start),
    .done_o          (encode_done),
    .info_i          (encode_info),
    .code_we_i       (code_we),
    .code_half_i     (code_fill),
    .code_dist_i     (code_dist),
    .code_sym_i      (code_sym),
    .code_len_i      (code_len),
    .code_i          (code),
    .code_read_half_i(code_read),
    .head_re_o       (head_re),
    .head_addr_o     (head_raddr),
    .head_i          (head_rdata),
    .tok_re_o        (tok_re),
    .tok_addr_o      (tok_addr),
    .tok_i           (tok_data),
    .tok_free_o      (tok_free),
    .raw_re_o        (raw_re),
    .raw_addr_o      (raw_raddr),
    .raw_i           (raw_rdata),
    .word_we_o       (word_we),
    .word_addr_o     (word_addr),
    .word_o          (word)
  );

  assign result = '{
          failed: 1'b0,
          kind: encode_info.kind,
          bytes: LenW'((encode_info.bits + BitsW'(7)) >> 3)
      };

  compress_out #(
    .Slots((Threads == 1) ? 1 : 2)
  ) u_out (
    .clk_i,
    .rst_ni,
    .clear_i,
    .ready_o    (out_free),
    .push_i     (encode_done),
    .result_i   (result),
    .word_we_i  (word_we),
    .word_addr_i(word_addr),
    .word_i     (word),
    .res_valid_o,
    .res_ready_i,
    .res_o,
    .out_valid_o,
    .out_ready_i,
    .out_beat_o
  );

  assign busy = (|threads_busy) || count_busy || lit_busy || dist_busy || clen_busy ||
                clen_tally_busy;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      in_beat_q     <= '0;
      raw_wslot_q   <= '0;
      raw_rslot_q   <= '0;
      raw_used_q    <= '0;
      scan_busy_q   <= 1'b0;
      header_busy_q <= 1'b0;
      encode_busy_q <= 1'b0;
    end else if (clear_i) begin
      in_beat_q     <= '0;
      raw_wslot_q   <= '0;
      raw_rslot_q   <= '0;
      raw_used_q    <= '0;
      scan_busy_q   <= 1'b0;
      header_busy_q <= 1'b0;
      encode_busy_q <= 1'b0;
    end else begin
      if (take) in_beat_q <= in_beat_q + 1'b1;
      if (take_last) begin
        raw_wslot_q <= raw_wslot_q + 1'b1;
      end
      if (encode_done) raw_rslot_q <= raw_rslot_q + 1'b1;
      raw_used_q <= raw_used_q + (RawBits + 1)'(take_last) - (RawBits + 1)'(encode_done);
      if (scan_start) scan_busy_q <= 1'b1;
      else if (scan_done) scan_busy_q <= 1'b0;
      if (header_start) header_busy_q <= 1'b1;
      else if (header_done) header_busy_q <= 1'b0;
      if (encode_start) encode_busy_q <= 1'b1;
      else if (encode_done) encode_busy_q <= 1'b0;
    end
  end

  `include "sealift_assert.svh"
  `SL_ASSERT(OrderRoom, !take || in_beat_q != '0 || order_ready)
  `SL_ASSERT(FullBeats, !take || in_beat_i.bytes == 5'd16)
  `SL_ASSERT(PageLength, !take || in_beat_i.last == (in_beat_q == 8'd255))

endmodule
