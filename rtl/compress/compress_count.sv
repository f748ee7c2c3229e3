// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Takes the token stream, keeps it in the token memory and counts its symbols.
//
// Protocol: entries (compress_pkg::entry_t and literals) come in page by page, one a cycle. A page
//           starts when page_ready_i holds; page_push_o hands its counts (half page_half_i) and
//           info_o over. The encoder reads the token memory by the tok port and gives room back
//           with tok_free_i, the pointer it has read up to.
// Rules:    clear_i drops everything; busy_o while counters are wiped.
module compress_count
  import compress_pkg::*;
#(
  parameter int unsigned Step = 4,
  parameter int unsigned TokDepth = 4096,
  parameter int unsigned Halves = 2,  // pages that are counted or whose counts are read
  localparam int unsigned TokW = EntryW + 8 * Step,
  localparam int unsigned TokBits = $clog2(TokDepth)
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  logic                      clear_i,
  output logic                      busy_o,
  input  logic                      valid_i,
  output logic                      ready_o,
  input  logic        [   TokW-1:0] entry_i,
  input  logic                      page_ready_i,
  output logic                      page_push_o,
  output count_info_t               info_o,
  // counts of literals and lengths, and of distances: in the next cycle, zero behind
  input  logic                      lit_half_i,
  input  logic                      lit_read_i,
  input  logic                      lit_read_half_i,
  input  logic        [        8:0] lit_sym_i,
  output logic        [ CountW-1:0] lit_count_o,
  input  logic                      dist_half_i,
  input  logic                      dist_read_i,
  input  logic                      dist_read_half_i,
  input  logic        [        4:0] dist_sym_i,
  output logic        [ CountW-1:0] dist_count_o,
  // token memory
  input  logic                      tok_re_i,
  input  logic        [TokBits-1:0] tok_addr_i,
  output logic        [   TokW-1:0] tok_data_o,
  input  logic        [TokPtrW-1:0] tok_free_i
);
  entry_t e_in, e_q;
  logic [8*Step-1:0] lits_in, lits_q;
  logic valid_q, counted_q;
  logic [TokPtrW-1:0] wptr_q, used;
  logic take, open_q, full;
  logic        [2:0] close_q;
  count_info_t       info_q;
  len_sym_t          len;
  dist_sym_t         dsym;

  assign {e_in, lits_in} = entry_i;
  assign used    = wptr_q - tok_free_i;
  assign full    = used >= TokPtrW'(TokDepth - 1);
  assign ready_o = open_q && !full;
  assign take    = valid_i && ready_o;

  prim_ram_1r1w #(
    .Width(TokW),
    .Depth(TokDepth)
  ) u_tokens (
    .clk_i,
    .we_i   (take),
    .waddr_i(wptr_q[TokBits-1:0]),
    .wdata_i(entry_i),
    .re_i   (tok_re_i),
    .raddr_i(tok_addr_i),
    .rdata_o(tok_data_o)
  );

  // ---- counters: one memory a literal of the step, one for lengths, one for distances
  logic [    Step:0]             lane_busy;
  logic [  Step-1:0][CountW-1:0] lane_count;
  logic [CountW-1:0]             len_count;
  logic                          dist_busy;
  logic [       8:0]             sym_q;
  // of the entry, a cycle behind it
  logic match_q, last_q;
  logic [4:0] len_sym_q, dist_sym_q, extra_q;
  logic [6:0] fixed_q;

  assign len  = len_sym(e_q.len3);
  assign dsym = dist_sym(e_q.dist1);

  for (genvar k = 0; k < Step; k++) begin : gen_lane
    compress_tally #(
      .Depth (256),
      .Width (CountW),
      .Halves(Halves)
    ) u_tally (
      .clk_i,
      .rst_ni,
      .clear_i,
      .busy_o      (lane_busy[k]),
      .inc_i       (valid_q && 32'(e_q.nlit) > k),
      .inc_half_i  (lit_half_i),
      .inc_sym_i   (lits_q[8*k+:8]),
      .read_i      (lit_read_i && !lit_sym_i[8]),
      .read_half_i (lit_read_half_i),
      .read_sym_i  (lit_sym_i[7:0]),
      .read_count_o(lane_count[k])
    );
  end

  // Index 0 is the end of the block, which comes once; lengths follow.
  compress_tally #(
    .Depth (32),
    .Width (CountW),
    .Halves(Halves)
  ) u_len (
    .clk_i,
    .rst_ni,
    .clear_i,
    .busy_o      (lane_busy[Step]),
    .inc_i       (counted_q && (match_q || last_q)),
    .inc_half_i  (lit_half_i),
    .inc_sym_i   (len_sym_q),
    .read_i      (lit_read_i && lit_sym_i[8]),
    .read_half_i (lit_read_half_i),
    .read_sym_i  (lit_sym_i[4:0]),
    .read_count_o(len_count)
  );

  compress_tally #(
    .Depth (32),
    .Width (CountW),
    .Halves(Halves)
  ) u_dist (
    .clk_i,
    .rst_ni,
    .clear_i,
    .busy_o      (dist_busy),
    .inc_i       (counted_q && match_q),
    .inc_half_i  (dist_half_i),
    .inc_sym_i   (dist_sym_q),
    .read_i      (dist_read_i),
    .read_half_i (dist_read_half_i),
    .read_sym_i  (dist_sym_i),
    .read_count_o(dist_count_o)
  );

  always_comb begin
    lit_count_o = '0;
    for (int unsigned k = 0; k < Step; k++) lit_count_o = lit_count_o + lane_count[k];
    if (sym_q[8]) lit_count_o = len_count;
  end

  // ---- what a fixed block would take (RFC 1951, section 3.2.6)
  logic [6:0] fixed;
  logic [5:0] ref_bits, ref_q;  // a match takes them, extra bits included
  logic [4:0] extra;

  assign extra = 5'(len.ebits) + 5'(dsym.ebits);
  always_comb begin
    fixed = '0;
    for (int unsigned k = 0; k < Step; k++) begin
      if (32'(e_q.nlit) > k) fixed = fixed + ((lits_q[8*k+:8] < 8'd144) ? 7'd8 : 7'd9);
    end
    ref_bits = e_q.match ? 6'd12 + 6'(len.sym > 5'd22) + 6'(extra) : 6'd0;
    if (e_q.last) ref_bits = 6'd10;  // three bits of header, seven of the end
  end

  assign busy_o      = (|lane_busy) || dist_busy;
  assign page_push_o = close_q == 3'd4;
  assign info_o      = info_q;

  // A page opens when there are counters for it, and closes when its last count is in the memory.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q   <= 1'b0;
      counted_q <= 1'b0;
      open_q    <= 1'b0;
      close_q <= '0;
      wptr_q  <= '0;
    end else if (clear_i) begin
      valid_q   <= 1'b0;
      counted_q <= 1'b0;
      open_q    <= 1'b0;
      close_q <= '0;
      wptr_q  <= '0;
    end else begin
      valid_q   <= take;
      counted_q <= valid_q;
      if (take) wptr_q <= wptr_q + 1'b1;
      if (take && e_in.last) begin
        open_q  <= 1'b0;
        close_q <= 3'd1;
      end else if (close_q != '0) begin
        close_q <= (close_q == 3'd4) ? 3'd0 : close_q + 1'b1;
      end else if (!open_q) begin
        open_q <= page_ready_i && !busy_o;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (take) begin
      e_q    <= e_in;
      lits_q <= lits_in;
    end
    if (lit_read_i) sym_q <= lit_sym_i;
    match_q    <= e_q.match;
    last_q     <= e_q.last;
    len_sym_q  <= e_q.last ? 5'd0 : len.sym + 5'd1;
    dist_sym_q <= dsym.sym;
    extra_q    <= e_q.match ? extra : '0;
    ref_q      <= ref_bits;
    fixed_q    <= fixed;
    if (!open_q && close_q == '0) begin
      info_q <= '0;
    end else begin
      if (valid_q) info_q.tok_end <= wptr_q;
      if (counted_q) begin
        info_q.extra_bits <= info_q.extra_bits + BitsW'(extra_q);
        info_q.fixed_bits <= info_q.fixed_bits + BitsW'(fixed_q) + BitsW'(ref_q);
      end
    end
  end

  logic unused_bits;
  assign unused_bits = ^{len, dsym, sym_q};

endmodule
