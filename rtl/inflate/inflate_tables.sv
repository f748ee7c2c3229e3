// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Code tables of one block, and their making: counts by length, bounds (RFC 1951, section 3.2.2), ranks.
//
// The literal/length code is kept as two: literals, whose symbols go to a memory by length and place in it, as
// soon as their lengths are known; and the others (end of block, lengths), whose 32 symbols stay in registers by
// rank, as do the distances.
//
// Protocol: zero_i, then any number of count_i and of place_lit_i, once a literal, ascending; build_i for 15 cycles,
//           one for each length from 1 up, which turns the counts into bounds and into the rank of the first
//           symbol of each length; then place_n_i, place_d_i once a symbol, ascending. fixed_i sets the counts of section 3.2.6, to be built likewise; their symbols need no
//           places, for there the ranks are the symbols. One command at a time.
module inflate_tables (
  input logic clk_i,
  input logic rst_ni,
  input logic zero_i,
  input logic count_i,
  input logic [2:0] count_n_i,  // symbols of this length, by kind
  input logic [2:0] count_d_i,
  input logic [3:0] len_i,  // of count_i, place_n_i and place_d_i, not 0
  input logic build_i,
  input logic place_lit_i,
  input logic [3:0] lit_len_i,
  input logic [7:0] lit_i,
  input logic place_n_i,
  input logic place_d_i,
  input logic [4:0] sym_i,  // symbol - 256, distance
  input logic fixed_i,
  // verdict on the counts, after build_i
  output logic ll_bad_o,  // over-subscribed, or incomplete beyond one bit
  output logic d_bad_o,
  output logic d_incomplete_o,
  output logic d_none_o,
  // tables
  output logic fixed_o,
  output inflate_pkg::limits_t ll_limit_o,
  output inflate_pkg::limits_t lit_limit_o,
  output inflate_pkg::limits_t d_limit_o,
  output logic [15:1][7:0] lit_delta_o,
  output logic [15:1][4:0] n_delta_o,
  output logic [15:1][4:0] d_delta_o,
  output logic [31:0][4:0] n_sym_o,  // by rank: symbol - 256
  output logic [31:0][2:0] n_extra_o,  // and its extra bits
  output logic [31:0][4:0] d_sym_o,
  output logic lit_we_o,
  output logic [11:0] lit_waddr_o,  // length, place
  output logic [7:0] lit_wdata_o
);
  `include "sealift_assert.svh"

  localparam logic [15:0] Full = 16'h8000;

  inflate_pkg::limits_t ll_limit_q, lit_limit_q, d_limit_q;
  logic [15:1][7:0] lit_delta_q;
  logic [15:1][4:0] n_delta_q, d_delta_q;
  logic [31:0][4:0] n_sym_q, d_sym_q;
  logic [31:0][2:0] n_extra_q;
  logic             fixed_q;
  // Counts of each length, of literals: so far; after build_i the rank that the next symbol of this length gets.
  logic [15:1][8:0] lit_cnt_q;
  logic [15:1][5:0] n_cnt_q;
  logic [15:1][5:0] d_cnt_q;
  // First code of the length at hand, ranks given so far.
  logic [15:0] ll_first, d_first;
  logic [16:0] ll_end_q, d_end_q, room_q;  // of the length before
  logic [7:0] lit_rank_q;
  logic [5:0] n_rank_q;
  logic [5:0] d_rank_q;
  logic ll_over, d_over, ll_over_q, d_over_q, ll_long_q, d_long_q, d_any_q;

  // Of len_i, and of the length that is built: the counts pass by.
  logic [8:0] c_lit, b_lit;
  logic [5:0] c_n, c_d, b_n, b_d;
  logic [16:0] lit_end, ll_end, d_end;
  logic b_one;  // codes of one bit are built

  assign c_lit    = lit_cnt_q[lit_len_i];
  assign c_n      = n_cnt_q[len_i];
  assign c_d      = d_cnt_q[len_i];
  assign b_lit    = lit_cnt_q[1];
  assign b_n      = n_cnt_q[1];
  assign b_d      = d_cnt_q[1];
  assign b_one    = room_q[0];
  assign lit_end  = 17'(ll_first) + 17'(b_lit);
  assign ll_end   = lit_end + 17'(b_n);
  assign d_end    = 17'(d_first) + 17'(b_d);
  assign ll_first = 16'(ll_end_q << 1);
  assign d_first  = 16'(d_end_q << 1);

  always_ff @(posedge clk_i) begin
    if (zero_i || fixed_i) begin
      lit_cnt_q  <= '0;
      n_cnt_q    <= '0;
      d_cnt_q    <= '0;
      ll_end_q   <= '0;
      d_end_q    <= '0;
      room_q     <= 17'd1;
      lit_rank_q <= '0;
      n_rank_q   <= '0;
      d_rank_q   <= '0;
      ll_over_q  <= 1'b0;
      d_over_q   <= 1'b0;
      ll_long_q  <= 1'b0;
      d_long_q   <= 1'b0;
      d_any_q    <= 1'b0;
      if (fixed_i) begin
        lit_cnt_q[8] <= 9'd144;
        lit_cnt_q[9] <= 9'd112;
        n_cnt_q[7]   <= 6'd24;
        n_cnt_q[8]   <= 6'd8;
        d_cnt_q[5]   <= 6'd32;
      end
    end else if (build_i) begin
      lit_cnt_q  <= lit_cnt_q >> 9;
      n_cnt_q    <= {n_rank_q, n_cnt_q[15:2]};
      d_cnt_q    <= {d_rank_q, d_cnt_q[15:2]};
      lit_rank_q <= lit_rank_q + b_lit[7:0];
      n_rank_q   <= n_rank_q + b_n;
      d_rank_q   <= d_rank_q + b_d;
      ll_end_q   <= ll_end;
      d_end_q    <= d_end;
      room_q     <= room_q << 1;
      ll_over_q  <= ll_over;
      d_over_q   <= d_over;
      if (!b_one && (b_lit != '0 || b_n != '0)) ll_long_q <= 1'b1;
      if (!b_one && b_d != '0) d_long_q <= 1'b1;
      if (b_d != '0) d_any_q <= 1'b1;
    end else begin
      if (place_lit_i) lit_cnt_q[lit_len_i] <= c_lit + 9'd1;
      if (count_i) begin
        n_cnt_q[len_i] <= c_n + 6'(count_n_i);
        d_cnt_q[len_i] <= c_d + 6'(count_d_i);
      end
      if (place_n_i) n_cnt_q[len_i] <= c_n + 6'd1;
      if (place_d_i) d_cnt_q[len_i] <= c_d + 6'd1;
    end
  end

  // Lengths ascend, so each table is a shift register whose last place is 15. On its way a bound is doubled in
  // every cycle, so that it ends up left-justified.
  always_ff @(posedge clk_i) begin
    if (build_i) begin
      for (int unsigned l = 1; l < 15; l++) begin
        ll_limit_q[l]  <= ll_limit_q[l+1] << 1;
        lit_limit_q[l] <= lit_limit_q[l+1] << 1;
        d_limit_q[l]   <= d_limit_q[l+1] << 1;
      end
      ll_limit_q[15]  <= ll_end[15:0];
      lit_limit_q[15] <= lit_end[15:0];
      d_limit_q[15]   <= d_end[15:0];
      // From code to place; to symbol, if fixed.
      lit_delta_q     <= {(fixed_q ? lit_rank_q : 8'd0) - ll_first[7:0], lit_delta_q[15:2]};
      n_delta_q       <= {n_rank_q[4:0] - lit_end[4:0], n_delta_q[15:2]};
      d_delta_q       <= {d_rank_q[4:0] - d_first[4:0], d_delta_q[15:2]};
    end
    if (place_n_i) begin
      n_sym_q[c_n[4:0]]   <= sym_i;
      n_extra_q[c_n[4:0]] <= inflate_pkg::length_extra(sym_i);
    end
    if (place_d_i) d_sym_q[c_d[4:0]] <= sym_i;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) fixed_q <= 1'b0;
    else if (fixed_i || zero_i) fixed_q <= fixed_i;
  end

  assign lit_we_o       = place_lit_i;
  assign lit_waddr_o    = {lit_len_i, c_lit[7:0]};
  assign lit_wdata_o    = lit_i;

  // More codes than there is room for, up to the length before.
  assign ll_over        = ll_over_q || ll_end_q > room_q;
  assign d_over         = d_over_q || d_end_q > room_q;
  assign d_incomplete_o = d_limit_q[15] != Full;
  assign d_none_o       = !d_any_q;
  assign ll_bad_o       = ll_over || (ll_limit_q[15] != Full && ll_long_q);
  assign d_bad_o        = d_over || (d_incomplete_o && d_long_q);

  assign fixed_o        = fixed_q;
  assign ll_limit_o     = ll_limit_q;
  assign lit_limit_o    = lit_limit_q;
  assign d_limit_o      = d_limit_q;
  assign lit_delta_o    = lit_delta_q;
  assign n_delta_o      = n_delta_q;
  assign d_delta_o      = d_delta_q;
  assign n_sym_o        = n_sym_q;
  assign n_extra_o      = n_extra_q;
  assign d_sym_o        = d_sym_q;

  `SL_ASSERT(OneCommand, $countones({zero_i, count_i, build_i, place_n_i, place_d_i, fixed_i}) <= 1)
  `SL_ASSERT(LiteralsFirst,
             !place_lit_i || !(zero_i || build_i || place_n_i || place_d_i || fixed_i))

endmodule
