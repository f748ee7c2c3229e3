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
#(
  parameter int unsigned ItemsDepth = 16,
  parameter bit SlowWalk = 1'b0  // a step in two cycles, so that what is read is not at once an address
) (
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
  output logic          [ 4:0] items_o,       // in the queue
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
    logic [8:0]  len;    // of a match, or 1
    logic [11:0] dist1;
  } choice_t;

  typedef struct packed {
    logic [11:0] pos;
    logic [8:0]  len;
    logic [11:0] distance;
  } op_t;

  state_e state_q;

  // ---- items
  logic item_valid, pop;
  optimal_item_t item;
  prim_fifo #(
    .Width($bits(optimal_item_t)),
    .Depth(ItemsDepth)
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
    .count_o(items_o)
  );

  // ---- 0: one length a cycle, together with the byte where the position three on, whose best is
  // known three cycles behind the byte of the position two on, is not too near
  logic op_lit, op_match, lit_done_q, len_on_q;
  logic [5:1] lit_q, match_q;  // how far each has come
  logic [8:0] op_len, next_len_q;
  logic [12:0] pos_q;  // the position of the last byte
  logic [11:0] op_pos;

  assign op_lit = state_q == StRun && item_valid && item.lit && !lit_done_q;
  assign op_match = state_q == StRun && item_valid && item.match &&
                    !(op_lit && op_len == 9'd3 && lit_q[1] && lit_q[2]);
  assign op_pos = op_lit ? pos_q[11:0] - 12'd1 : pos_q[11:0];
  always_comb begin
    op_len = item.len;
    if (len_on_q) op_len = next_len_q;
    else if (!item.long_match && 9'(item.from) <= ShortMax) op_len = 9'(item.from);
  end
  assign pop = op_match ? op_len == item.len : (op_lit && !item.match);

  // ---- counts and costs
  op_t [5:1] op_q;
  logic [7:0] lit_byte_q;
  len_sym_t len;
  dist_sym_t dsym;
  logic inc_lit_q, inc_match_q;  // in the first pass
  logic [CountW-1:0] num_lits_q, num_matches_q;
  logic [6:0] lit_total_q, dist_total_q, lit_cost, len_cost, dist_cost;

  assign len  = len_sym(8'(op_q[1].len - 9'd3));
  assign dsym = dist_sym(op_q[1].distance - 12'd1);

  compress_cost #(
    .Depth(256)
  ) u_lits (
    .clk_i,
    .rst_ni,
    .wipe_i,
    .wipe_sym_i(wipe_addr_i),
    .inc_i     (inc_lit_q),
    .look_i    (lit_q[1]),
    .sym_i     (lit_byte_q),
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
    .inc_i     (inc_match_q),
    .look_i    (match_q[1]),
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
    .inc_i     (inc_match_q),
    .look_i    (match_q[1]),
    .sym_i     (dsym.sym),
    .total_i   (dist_total_q),
    .cost_o    (dist_cost)
  );

  // ---- 1 to 4: costs are looked up, and beside them the cost at the match's end; 5: the cheaper one
  logic better;
  logic [4:2][4:0] extra_q;
  logic [CostW-1:0] ahead, sum_q, best_q, base;
  logic [6:0] lit_cost_q;
  choice_t choice_q;

  // Costs of the positions ahead: what was best of a position is written when the next one begins.
  prim_ram_1r1w #(
    .Width(CostW),
    .Depth(1 << RingBits)
  ) u_ahead (
    .clk_i,
    .we_i   (lit_q[5]),
    .waddr_i(RingBits'(op_q[5].pos + 12'd1)),
    .wdata_i(best_q),
    .re_i   (match_q[3]),
    .raddr_i(RingBits'(op_q[3].pos) + RingBits'(op_q[3].len)),
    .rdata_o(ahead)
  );

  assign base   = lit_q[5] ? best_q + CostW'(lit_cost_q) : best_q;
  assign better = match_q[5] && sum_q < base;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) {lit_q, match_q, inc_lit_q, inc_match_q} <= '0;
    else if (clear_i) {lit_q, match_q, inc_lit_q, inc_match_q} <= '0;
    else begin
      inc_lit_q <= lit_i;
      inc_match_q <= match_i;
      lit_q <= {lit_q[4:1], op_lit};
      match_q <= {match_q[4:1], op_match};
    end
  end

  always_ff @(posedge clk_i) begin
    op_q[5:2] <= op_q[4:1];
    op_q[1] <= '{
        pos: op_pos,
        len: (state_q == StCount) ? len_i : op_len,
        distance: (state_q == StCount) ? dist_i : item.distance
    };
    lit_byte_q <= (state_q == StCount) ? byte_i : item.lit_byte;
    extra_q <= {extra_q[3:2], 5'(len.ebits) + 5'(dsym.ebits)};
    lit_cost_q <= lit_cost;
    sum_q <= ahead + CostW'(len_cost) + CostW'(dist_cost) + CostW'({extra_q[4], 3'd0});
    if (state_q == StCount) begin
      best_q <= '0;
    end else if (better) begin
      best_q   <= sum_q;
      choice_q <= '{len: op_q[5].len, dist1: op_q[5].distance - 12'd1};
    end else if (lit_q[5]) begin
      best_q   <= base;
      choice_q <= '{len: 9'd1, dist1: '0};
    end
  end

  // ---- the steps chosen, the walk over them, and behind it the page's bytes
  logic choice_we, walk_re, walk_on_q, walk_valid_q, walk_take, token_valid_q, token_take;
  logic [11:0] choice_waddr;
  logic [12:0] walk_pos_q, walk_next, walk_addr, token_pos_q, token_end;
  choice_t read, step, token_q;
  logic walk_read;  // a step has been read

  assign choice_we    = (lit_q[5] && op_q[5].pos != '1) || state_q == StCommit;
  assign choice_waddr = (state_q == StCommit) ? '0 : op_q[5].pos + 12'd1;

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
    .rdata_o(read)
  );

  if (SlowWalk) begin : gen_slow
    choice_t read_q;
    logic    re_q;
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) re_q <= 1'b0;
      else re_q <= walk_re;
    end
    always_ff @(posedge clk_i) read_q <= read;
    assign step      = read_q;
    assign walk_read = re_q && state_q == StWalk;
  end else begin : gen_fast
    assign step      = read;
    assign walk_read = walk_re;
  end

  assign walk_take   = walk_valid_q && (!token_valid_q || ready_i);
  assign walk_next   = walk_pos_q + 13'(step.len);
  assign walk_addr   = walk_on_q ? walk_next : '0;
  assign walk_re     = state_q == StWalk && (!walk_on_q || walk_take);
  assign page_re_o   = walk_take;
  assign page_addr_o = walk_pos_q[11:0];
  assign token_take  = token_valid_q && ready_i;
  assign lit_o       = token_take && token_q.len == 9'd1;
  assign match_o     = token_take && token_q.len != 9'd1;
  assign len_o       = token_q.len;
  assign dist_o      = token_q.dist1 + 12'd1;
  assign done_o      = token_take && token_end[12];
  assign token_end   = token_pos_q + 13'(token_q.len);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q       <= StCount;
      walk_on_q     <= 1'b0;
      walk_valid_q  <= 1'b0;
      token_valid_q <= 1'b0;
    end else if (clear_i) begin
      state_q       <= StCount;
      walk_on_q     <= 1'b0;
      walk_valid_q  <= 1'b0;
      token_valid_q <= 1'b0;
    end else begin
      // The step behind the last one, read in advance, is none.
      if (done_o) walk_valid_q <= 1'b0;
      else if (walk_read) walk_valid_q <= 1'b1;
      else if (walk_take) walk_valid_q <= 1'b0;
      if (done_o) token_valid_q <= 1'b0;
      else if (walk_take) token_valid_q <= 1'b1;
      else if (ready_i) token_valid_q <= 1'b0;
      unique case (state_q)
        StCount:  if (start_i) state_q <= StRun;
        StRun: begin
          if (pos_q == '0 && !(item_valid || lit_q != '0)) state_q <= StCommit;
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
    if (walk_take) begin
      token_q     <= step;
      token_pos_q <= walk_pos_q;
    end
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
  assign unused_bits = ^{len, dsym, op_q, token_end};

  `include "sealift_assert.svh"
  `SL_ASSERT(CountOnly, state_q == StCount || !(lit_i || match_i || wipe_i))

endmodule
