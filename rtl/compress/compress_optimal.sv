// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// The second pass of the best level: the cheapest way through a page. From the page's end to its
// beginning, every position gets its cheapest next step (its byte, or a match at some length) by
// what the symbols of the first pass cost; then the steps are walked from the beginning.
//
// Protocol: wipe_i, for 256 addresses, before the page; lit_i, byte_i, match_i, len_i and dist_i
//           count the first pass. start_i begins the second pass, whose items (optimal_item_t)
//           come in from position 4095 down to 0. Then tokens come out of lit_o and match_o while
//           ready_i holds; page_re_o reads the page at page_addr_o for the byte of lit_o, which is
//           there one cycle later. done_o is a pulse behind the last token.
// Rate:     a length a cycle, a token a cycle.
// Rules:    clear_i drops everything.
module compress_optimal
  import compress_pkg::*;
(
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 clear_i,
  input  logic                 wipe_i,
  input  logic          [ 7:0] wipe_addr_i,
  input  logic                 lit_i,
  input  logic          [ 7:0] byte_i,
  input  logic                 match_i,
  input  logic          [ 8:0] len_i,
  input  logic          [11:0] dist_i,
  input  logic                 start_i,
  input  logic                 item_valid_i,
  output logic                 item_ready_o,
  input  optimal_item_t        item_i,
  output logic                 page_re_o,
  output logic          [11:0] page_addr_o,
  input  logic                 ready_i,
  output logic                 lit_o,
  output logic                 match_o,
  output logic          [ 8:0] len_o,
  output logic          [11:0] dist_o,
  output logic                 done_o
);
  localparam int unsigned CostW = 20;  // of a page, in eighths of a bit
  localparam int unsigned RingBits = 9;  // a match reaches 258 positions on

  typedef enum logic [1:0] {
    StCount,
    StRun,
    StCommit,  // the choice at position 0
    StWalk
  } state_e;

  typedef struct packed {
    logic        match;
    logic [7:0]  len3;
    logic [11:0] dist1;
  } choice_t;

  state_e state_q;

  // ---- items
  logic item_valid, pop;
  optimal_item_t item;
  logic [4:0] unused_count;
  prim_fifo #(
    .Width($bits(optimal_item_t)),
    .Depth(16)
  ) u_items (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(item_valid_i),
    .ready_o(item_ready_o),
    .data_i (item_i),
    .valid_o(item_valid),
    .ready_i(pop),
    .data_o (item),
    .count_o(unused_count)
  );

  // ---- 0: one length a cycle, together with the byte where the position three on, whose best is
  // known three cycles behind the byte of the position two on, is not too near
  logic op_lit, op_match, lit_done_q, len_on_q, lit1_q, lit2_q;
  logic [8:0] op_len, next_len_q;
  logic [12:0] pos_q;  // the position of the last byte
  logic [11:0] op_pos;

  assign op_lit = state_q == StRun && item_valid && item.lit && !lit_done_q;
  assign op_match = state_q == StRun && item_valid && item.match &&
                    !(op_lit && op_len == 9'd3 && lit1_q && lit2_q);
  assign op_pos = op_lit ? pos_q[11:0] - 12'd1 : pos_q[11:0];
  always_comb begin
    op_len = item.len;
    if (len_on_q) op_len = next_len_q;
    else if (!item.long_match && 9'(item.from) <= ShortMax) op_len = 9'(item.from);
  end
  assign pop = op_match ? op_len == item.len : (op_lit && !item.match);

  // ---- counts and costs
  len_sym_t len;
  dist_sym_t dsym;
  logic [8:0] look_len;
  logic [11:0] look_dist;
  logic [CountW-1:0] num_lits_q, num_matches_q;
  logic [6:0] lit_total_q, dist_total_q, lit_cost, len_cost, dist_cost;

  assign look_len  = (state_q == StCount) ? len_i : op_len;
  assign look_dist = (state_q == StCount) ? dist_i : item.distance;
  assign len       = len_sym(8'(look_len - 9'd3));
  assign dsym      = dist_sym(look_dist - 12'd1);

  compress_cost #(
    .Depth(256)
  ) u_lits (
    .clk_i,
    .rst_ni,
    .wipe_i,
    .wipe_sym_i(wipe_addr_i),
    .inc_i     (lit_i),
    .look_i    (op_lit),
    .sym_i     ((state_q == StCount) ? byte_i : item.lit_byte),
    .total_i   (lit_total_q),
    .cost_o    (lit_cost)
  );
  compress_cost #(
    .Depth(32)
  ) u_lens (
    .clk_i,
    .rst_ni,
    .wipe_i,
    .wipe_sym_i(wipe_addr_i[4:0]),
    .inc_i     (match_i),
    .look_i    (op_match),
    .sym_i     (len.sym),
    .total_i   (lit_total_q),
    .cost_o    (len_cost)
  );
  compress_cost #(
    .Depth(32)
  ) u_dists (
    .clk_i,
    .rst_ni,
    .wipe_i,
    .wipe_sym_i(wipe_addr_i[4:0]),
    .inc_i     (match_i),
    .look_i    (op_match),
    .sym_i     (dsym.sym),
    .total_i   (dist_total_q),
    .cost_o    (dist_cost)
  );

  // ---- 1: costs have been read; 2: sums; 3: the cheaper one
  logic match1_q, match2_q, better;
  logic [11:0] pos1_q, pos2_q, dist1_q, dist2_q;
  logic [8:0] len1_q, len2_q;
  logic [4:0] extra1_q;
  logic [CostW-1:0] ahead, sum2_q, best_q, base;
  logic    [6:0] lit2_cost_q;
  choice_t       choice_q;

  // Costs of the positions ahead: what was best of a position is written when the next one begins.
  prim_ram_1r1w #(
    .Width(CostW),
    .Depth(1 << RingBits)
  ) u_ahead (
    .clk_i,
    .we_i   (lit2_q),
    .waddr_i(RingBits'(pos2_q + 12'd1)),
    .wdata_i(best_q),
    .re_i   (op_match),
    .raddr_i(RingBits'(op_pos) + RingBits'(op_len)),
    .rdata_o(ahead)
  );

  assign base   = lit2_q ? best_q + CostW'(lit2_cost_q) : best_q;
  assign better = match2_q && sum2_q < base;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      {lit1_q, match1_q, lit2_q, match2_q} <= '0;
    end else if (clear_i) begin
      {lit1_q, match1_q, lit2_q, match2_q} <= '0;
    end else begin
      lit1_q   <= op_lit;
      match1_q <= op_match;
      lit2_q   <= lit1_q;
      match2_q <= match1_q;
    end
  end

  always_ff @(posedge clk_i) begin
    if (op_lit || op_match) begin
      pos1_q   <= op_pos;
      len1_q   <= op_len;
      dist1_q  <= item.distance;
      extra1_q <= 5'(len.ebits) + 5'(dsym.ebits);
    end
    if (lit1_q || match1_q) begin
      pos2_q      <= pos1_q;
      len2_q      <= len1_q;
      dist2_q     <= dist1_q;
      lit2_cost_q <= lit_cost;
      sum2_q      <= ahead + CostW'(len_cost) + CostW'(dist_cost) + CostW'({extra1_q, 3'd0});
    end
    if (state_q == StCount) begin
      best_q <= '0;
    end else if (better) begin
      best_q   <= sum2_q;
      choice_q <= '{match: 1'b1, len3: 8'(len2_q - 9'd3), dist1: dist2_q - 12'd1};
    end else if (lit2_q) begin
      best_q   <= base;
      choice_q <= '0;
    end
  end

  // ---- the steps chosen, and the walk over them
  logic choice_we, walk_re, walk_on_q, walk_valid_q, walk_take;
  logic [11:0] choice_waddr;
  logic [12:0] walk_pos_q, walk_next, walk_addr;
  choice_t step;

  assign choice_we    = (lit2_q && pos2_q != '1) || state_q == StCommit;
  assign choice_waddr = (state_q == StCommit) ? '0 : pos2_q + 12'd1;

  prim_ram_1r1w #(
    .Width($bits(choice_t)),
    .Depth(sealift_pkg::PageBytes)
  ) u_choices (
    .clk_i,
    .we_i   (choice_we),
    .waddr_i(choice_waddr),
    .wdata_i(choice_q),
    .re_i   (walk_re),
    .raddr_i(walk_addr[11:0]),
    .rdata_o(step)
  );

  assign walk_take   = walk_valid_q && ready_i;
  assign walk_next   = walk_pos_q + (step.match ? 13'(step.len3) + 13'd3 : 13'd1);
  assign walk_addr   = walk_on_q ? walk_next : '0;
  assign walk_re     = state_q == StWalk && (!walk_on_q || walk_take) && !walk_addr[12];
  assign page_re_o   = walk_re;
  assign page_addr_o = walk_addr[11:0];
  assign lit_o       = walk_take && !step.match;
  assign match_o     = walk_take && step.match;
  assign len_o       = 9'(step.len3) + 9'd3;
  assign dist_o      = step.dist1 + 12'd1;
  assign done_o      = walk_take && walk_next[12];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q      <= StCount;
      walk_on_q    <= 1'b0;
      walk_valid_q <= 1'b0;
    end else if (clear_i) begin
      state_q      <= StCount;
      walk_on_q    <= 1'b0;
      walk_valid_q <= 1'b0;
    end else begin
      if (walk_re) walk_valid_q <= 1'b1;
      else if (walk_take) walk_valid_q <= 1'b0;
      unique case (state_q)
        StCount:  if (start_i) state_q <= StRun;
        StRun: begin
          if (pos_q == '0 && !(item_valid || lit1_q || lit2_q)) state_q <= StCommit;
        end
        StCommit: state_q <= StWalk;
        default: begin
          walk_on_q <= !done_o;
          if (done_o) state_q <= StCount;
        end
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    if (walk_re) walk_pos_q <= walk_addr;
    if (wipe_i) begin
      num_lits_q    <= '0;
      num_matches_q <= '0;
    end else begin
      if (lit_i) num_lits_q <= num_lits_q + 1'b1;
      if (match_i) num_matches_q <= num_matches_q + 1'b1;
    end
    lit_total_q  <= log2_8(num_lits_q + num_matches_q);
    dist_total_q <= log2_8(num_matches_q);
    if (state_q == StCount) begin
      pos_q      <= 13'(sealift_pkg::PageBytes);
      lit_done_q <= 1'b0;
      len_on_q   <= 1'b0;
    end else begin
      if (op_lit) pos_q <= pos_q - 13'd1;
      lit_done_q <= !pop && (lit_done_q || op_lit);
      len_on_q   <= !pop && (len_on_q || op_match);
      if (op_match) next_len_q <= (op_len >= ShortMax) ? item.len : op_len + 9'd1;
    end
  end

  logic unused_bits;
  assign unused_bits = ^{len, dsym, pos2_q};

  `include "sealift_assert.svh"
  `SL_ASSERT(CountOnly, state_q == StCount || !(lit_i || match_i || wipe_i))

endmodule
