// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Block header of fixed and dynamic blocks: reads the code lengths (RFC 1951, section 3.2.7), makes the tables.
//
// Code lengths other than 0 are counted as they are read and noted as records of up to six equal ones. From these
// the literals are put in their places meanwhile, one a cycle; when all lengths are known, the bounds are built in
// 15 cycles, then the other symbols are put in their places.
//
// Protocol: fixed_i or dynamic_i for one cycle; busy_o until the tables are ready or fail_o, whose reason is
//           status_o. While busy_o, the next item has want_o bits; in a cycle with turn_i it is taken (go_o),
//           unless cut_i says that there are not so many. A decoder that takes two cycles for a look-up gives
//           turn_i in the second; what ends in _d_i is of the first. The symbol of a code length code is
//           on sym_* in the turn after the one that took it (lens_o).
// Bound:    19 cycles for a fixed block; for a dynamic one see docs/inflate.md.
module inflate_header (
  input logic clk_i,
  input logic rst_ni,
  input logic clear_i,
  input logic fixed_i,
  input logic dynamic_i,
  input logic [13:0] plain_i,  // the next bits as a number, first bit lowest
  input logic turn_i,
  input logic cut_i,
  input logic last_i,
  output logic busy_o,
  output logic fail_o,
  output sealift_pkg::inflate_status_e status_o,
  output logic [3:0] want_o,
  output logic go_o,
  // code length symbols
  output logic lens_o,
  output logic pre_o,  // the next items have want_o bits each
  output logic reads_o,  // there may be an item to take
  input logic [3:0] need_d_i,  // bits of the code at hand
  input logic none_i,  // it is none
  input logic [2:0] sym_d_i,  // the symbol before: its bits 4, 1 and 0
  input logic [4:0] sym_i,
  // tables
  output logic fixed_o,
  output inflate_pkg::limits_t ll_limit_o,
  output inflate_pkg::limits_t lit_limit_o,
  output inflate_pkg::limits_t d_limit_o,
  output logic [15:1][7:0] lit_delta_o,
  output logic [15:1][4:0] n_delta_o,
  output logic [15:1][4:0] d_delta_o,
  output logic [31:0][4:0] n_sym_o,
  output logic [31:0][2:0] n_extra_o,
  output logic [31:0][4:0] d_sym_o,
  output logic lit_we_o,
  output logic [11:0] lit_waddr_o,
  output logic [7:0] lit_wdata_o
);
  `include "sealift_assert.svh"
  import sealift_pkg::*;

  typedef enum logic [3:0] {
    StIdle,
    StDynamic,   // HLIT, HDIST, HCLEN
    StPreLens,   // lengths of the code length code
    StPreBuild,
    StPrePlace,
    StLens,      // code lengths
    StBuild,
    StPlace,
    StFixed
  } state_e;

  // Where the length of code length symbol i of the stream belongs (RFC 1951, section 3.2.7).
  localparam logic [18:0][4:0] PreOrder = {
    5'd15,
    5'd1,
    5'd14,
    5'd2,
    5'd13,
    5'd3,
    5'd12,
    5'd4,
    5'd11,
    5'd5,
    5'd10,
    5'd6,
    5'd9,
    5'd7,
    5'd8,
    5'd0,
    5'd18,
    5'd17,
    5'd16
  };

  // Of the places of the code length code: the last is written in the cycle before.
  localparam logic [4:0] PlacedAll = 5'd21;

  state_e state_q, state_d;
  logic [ 4:0]      hdist_q;  // as in the stream
  logic [ 3:0]      hclen_q;
  logic [18:0][2:0] pre_lens_q;
  logic [ 4:0]      i_q;  // code length code: index
  logic [ 3:0]      l_q;  // length that is built
  logic             sym_valid_q;  // a code length symbol is at hand:
  logic             none_q;  // there are no code length codes
  logic [ 4:0]      sym;
  logic [ 8:0]      at_q;  // code lengths so far
  logic [ 3:0]      prev_q;  // the last of them
  logic             has_eob_q;
  logic [8:0] nlen_q, total_q;  // literal/length codes, all codes
  logic [8:0] recs_q, rec_q;  // records written, read

  // The run of code lengths that the symbol at hand means.
  logic [3:0] run_len;
  logic [7:0] run;
  logic [9:0] run_end;

  // ---------------------------------------------------------------- tables
  // Symbols to count or to place go there by way of registers: a run by two, a symbol by two, too.
  logic zero, build, ll_bad, d_bad, d_incomplete, d_none;
  logic count, run_q, count_q;
  logic [8:0] run_at_q, run_stop;
  logic [3:0] run_len_q;
  logic [2:0] run_size_q;
  logic [2:0] count_n, count_d, count_n_q, count_d_q;
  logic [3:0] place_len, place_len_q, tab_len_q, lit_len_q;
  logic [8:0] place_sym, place_sym_q;
  logic place, place_q, place_pre_q, is_d, tab_lit_q, tab_n_q, tab_d_q;
  logic [4:0] tab_sym_q;
  logic [7:0] lit_q;

  inflate_tables u_tables (
    .clk_i,
    .rst_ni,
    .zero_i        (zero),
    .count_i       (count_q),
    .count_n_i     (count_n_q),
    .count_d_i     (count_d_q),
    .len_i         (tab_len_q),
    .build_i       (build),
    .place_lit_i   (tab_lit_q),
    .lit_len_i     (lit_len_q),
    .lit_i         (lit_q),
    .place_n_i     (tab_n_q),
    .place_d_i     (tab_d_q),
    .sym_i         (tab_sym_q),
    .fixed_i       (fixed_i && state_q == StIdle),
    .ll_bad_o      (ll_bad),
    .d_bad_o       (d_bad),
    .d_incomplete_o(d_incomplete),
    .d_none_o      (d_none),
    .fixed_o,
    .ll_limit_o,
    .lit_limit_o,
    .d_limit_o,
    .lit_delta_o,
    .n_delta_o,
    .d_delta_o,
    .n_sym_o,
    .n_extra_o,
    .d_sym_o,
    .lit_we_o,
    .lit_waddr_o,
    .lit_wdata_o
  );

  assign is_d = place_pre_q || place_sym_q >= nlen_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      run_q     <= 1'b0;
      count_q   <= 1'b0;
      place_q   <= 1'b0;
      tab_lit_q <= 1'b0;
      tab_n_q   <= 1'b0;
      tab_d_q   <= 1'b0;
    end else begin
      run_q     <= count && state_q == StLens && !clear_i;
      count_q   <= ((count && state_q == StPreLens) || run_q) && !clear_i;
      place_q   <= place && !clear_i;
      tab_lit_q <= place_q && !is_d && !place_sym_q[8] && !clear_i;
      tab_n_q   <= place_q && !is_d && place_sym_q[8] && !clear_i;
      tab_d_q   <= place_q && is_d && !clear_i;
    end
  end

  always_ff @(posedge clk_i) begin
    if (state_q == StDynamic) has_eob_q <= 1'b0;
    else if (run_q && run_at_q <= 9'd256 && run_stop > 9'd256) has_eob_q <= 1'b1;
    run_at_q    <= at_q;
    run_size_q  <= run[2:0];
    run_len_q   <= run_len;
    count_n_q   <= count_n;
    count_d_q   <= count_d;
    place_len_q <= place_len;
    place_sym_q <= place_sym;
    place_pre_q <= state_q == StPrePlace;
    lit_len_q   <= place_len_q;
    lit_q       <= place_sym_q[7:0];
    tab_sym_q   <= (is_d && !place_pre_q) ? 5'(place_sym_q - nlen_q) : place_sym_q[4:0];
    if (run_q) tab_len_q <= run_len_q;
    else if (place_q) tab_len_q <= place_len_q;
    else tab_len_q <= {1'b0, plain_i[2:0]};
  end

  // ---------------------------------------------------------------- the run that the symbol at hand means
  logic apply;  // the run is taken now
  logic last_len;  // it is the last, unless it has extra bits
  logic repeat_bad, repeat_bad_q;

  // A code length code without codes: zlib reads a bit and takes length 0.
  assign sym      = none_q ? 5'd0 : sym_i;
  assign last_len = sym_valid_q && at_q + 9'd1 == total_q;
  always_comb begin
    run_len = sym[3:0];
    run     = 8'd1;
    if (sym == 5'd16) begin
      run_len = prev_q;
      run     = 8'd3 + 8'(plain_i[1:0]);
    end else if (sym == 5'd17) begin
      run_len = 4'd0;
      run     = 8'd3 + 8'(plain_i[2:0]);
    end else if (sym == 5'd18) begin
      run_len = 4'd0;
      run     = 8'd11 + 8'(plain_i[6:0]);
    end
  end
  assign run_end    = 10'(at_q) + 10'(run);
  assign repeat_bad = (sym == 5'd16 && at_q == '0) || run_end > 10'(total_q);

  // How many of a run are literals, other symbols, distances. A run of lengths other than 0 is at most 6.
  logic [2:0] before_eob, beyond_ll;
  assign run_stop   = run_at_q + 9'(run_size_q);
  assign before_eob = 3'd0 - run_at_q[2:0];
  assign beyond_ll  = run_stop[2:0] - nlen_q[2:0];
  always_comb begin
    logic [2:0] count_lit;
    count_lit = run_size_q;
    count_d   = '0;
    if (run_at_q >= 9'd256) count_lit = '0;
    else if (run_stop > 9'd256) count_lit = before_eob;
    if (run_at_q >= nlen_q) count_d = run_size_q;
    else if (run_stop > nlen_q) count_d = beyond_ll;
    count_n = run_size_q - count_lit - count_d;
    if (!run_q) begin
      count_n = '0;
      count_d = 3'd1;
    end
  end

  // ---------------------------------------------------------------- records
  // One is read ahead of the one whose symbols are placed. Symbols other than literals wait for the bounds.
  logic rec_we, rec_re, rec_valid_q, rec_next, rec_place, recs_done, lits_done;
  logic [15:0] rec_rdata;
  logic [ 8:0] rec_sym_q;
  logic [ 3:0] rec_len_q;
  logic [ 2:0] rec_left_q;

  prim_ram_1r1w #(
    .Width(16),
    .Depth(512)
  ) u_recs (
    .clk_i,
    .we_i   (rec_we),
    .waddr_i(recs_q),
    .wdata_i({at_q, run_len, run[2:0]}),
    .re_i   (rec_re),
    .raddr_i(rec_q),
    .rdata_o(rec_rdata)
  );

  assign rec_place = rec_left_q != '0 && (state_q == StPlace || (state_q == StLens && !rec_sym_q[8]));
  assign rec_next = rec_valid_q && (rec_left_q == '0 || (rec_place && rec_left_q == 3'd1));
  assign rec_re = state_q inside {StLens, StPlace} && rec_q != recs_q && (!rec_valid_q || rec_next);
  assign recs_done = !rec_valid_q && rec_q == recs_q;
  assign lits_done = (rec_left_q == '0) ? recs_done : rec_sym_q[8];

  always_ff @(posedge clk_i) begin
    if (state_q == StDynamic) begin
      rec_q       <= '0;
      rec_valid_q <= 1'b0;
      rec_left_q  <= '0;
    end else begin
      if (rec_re) rec_q <= rec_q + 9'd1;
      rec_valid_q <= rec_re || (rec_valid_q && !rec_next);
      if (rec_next) begin
        {rec_sym_q, rec_len_q, rec_left_q} <= rec_rdata;
      end else if (rec_place) begin
        rec_sym_q  <= rec_sym_q + 9'd1;
        rec_left_q <= rec_left_q - 3'd1;
      end
    end
  end

  always_comb begin
    place_len = rec_len_q;
    place_sym = rec_sym_q;
    place     = rec_place;
    if (state_q == StPrePlace) begin
      place_len = (i_q < 5'd19) ? {1'b0, pre_lens_q[i_q]} : '0;
      place_sym = 9'(i_q);
      place     = i_q < 5'd19 && pre_lens_q[i_q] != '0;
    end
  end

  // ---------------------------------------------------------------- the controller
  always_comb begin
    unique case (state_q)
      StDynamic: want_o = 4'd14;
      StPreLens: want_o = 4'd3;
      StLens: begin
        want_o = last_len ? 4'd0 : need_d_i;
        if (at_q == total_q) want_o = 4'd0;
        // Extra bits come before the next symbol.
        else if (sym_valid_q && !none_q && sym_d_i[2]) begin
          want_o = (sym_d_i[1:0] == 2'd0) ? 4'd2 : sym_d_i[0] ? 4'd3 : 4'd7;
        end
      end
      default:   want_o = 4'd0;
    endcase
  end

  always_comb begin
    state_d  = state_q;
    fail_o   = 1'b0;
    status_o = InflateTruncated;
    go_o     = 1'b0;
    zero     = 1'b0;
    count    = 1'b0;
    build    = 1'b0;
    apply    = 1'b0;
    lens_o   = 1'b0;
    rec_we   = 1'b0;
    unique case (state_q)
      StIdle: begin
        if (fixed_i) state_d = StFixed;
        if (dynamic_i) state_d = StDynamic;
      end
      StDynamic: begin
        if (turn_i) begin
          if (cut_i) begin
            fail_o = last_i;
          end else begin
            go_o    = 1'b1;
            zero    = 1'b1;
            state_d = StPreLens;
            if (plain_i[4:0] > 5'd29 || plain_i[9:5] > 5'd29) begin
              fail_o   = 1'b1;
              status_o = InflateTooManySymbols;
            end
          end
        end
      end
      StPreLens: begin
        if (turn_i) begin
          if (cut_i) begin
            fail_o = last_i;
          end else begin
            go_o  = 1'b1;
            count = plain_i[2:0] != '0;
            if (i_q == 5'(hclen_q) + 5'd3) state_d = StPreBuild;
          end
        end
      end
      StPreBuild: begin
        build = l_q != 4'd0;
        if (l_q == 4'd15) state_d = StPrePlace;
      end
      StPrePlace: begin
        // The last of them is in its place before its symbol can be asked for; then the counts are cleared.
        if (i_q == 5'd19) state_d = StLens;
        if (d_bad || (d_incomplete && !d_none)) begin
          fail_o   = 1'b1;
          status_o = InflateBadCodeLengths;
        end
      end
      StLens: begin
        zero = i_q == PlacedAll;
        if (at_q == total_q) begin
          if (lits_done) state_d = StBuild;
        end else if (turn_i) begin
          if (sym_valid_q && sym[4]) begin
            if (cut_i) begin
              fail_o = last_i;
            end else begin
              go_o  = 1'b1;
              apply = 1'b1;
            end
          end else begin
            apply = sym_valid_q;
            if (!last_len) begin
              if (cut_i) begin
                fail_o = last_i;
              end else begin
                go_o   = 1'b1;
                lens_o = 1'b1;
              end
            end
          end
          // Of use only if there is no refusal.
          count  = apply && run_len != '0;
          rec_we = count;
        end
      end
      StBuild: begin
        build = l_q != 4'd0;
        if (l_q == 4'd15) state_d = StPlace;
      end
      StPlace: begin
        if (recs_done && rec_left_q == 3'd1) state_d = StIdle;
        if (!has_eob_q || ll_bad || d_bad) begin
          fail_o = 1'b1;
          status_o = !has_eob_q ? InflateNoEndOfBlock : ll_bad ? InflateBadLitLenSet : InflateBadDistSet;
        end
      end
      StFixed: begin
        build = l_q != 4'd0;
        if (l_q == 4'd15) state_d = StIdle;
      end
      default: state_d = StIdle;
    endcase
    // Found a cycle late; no other symbol has had a say since.
    if (repeat_bad_q) begin
      fail_o   = 1'b1;
      status_o = InflateBadRepeat;
    end
    if (fail_o) state_d = StIdle;
  end

  assign busy_o  = state_q != StIdle || place_q;
  assign pre_o   = state_q == StPreLens;
  assign reads_o = state_q inside {StDynamic, StPreLens, StLens};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q      <= StIdle;
      repeat_bad_q <= 1'b0;
    end else if (clear_i) begin
      state_q      <= StIdle;
      repeat_bad_q <= 1'b0;
    end else begin
      state_q      <= state_d;
      repeat_bad_q <= apply && sym[4] && repeat_bad && !fail_o;
    end
  end

  always_ff @(posedge clk_i) begin
    unique case (state_q)
      StIdle: begin
        l_q <= 4'd0;
      end
      StDynamic: begin
        nlen_q      <= 9'd257 + 9'(plain_i[4:0]);
        hdist_q     <= plain_i[9:5];
        none_q      <= 1'b0;
        hclen_q     <= plain_i[13:10];
        pre_lens_q  <= '0;
        i_q         <= '0;
        sym_valid_q <= 1'b0;
        at_q        <= '0;
        prev_q      <= '0;
        recs_q      <= '0;
      end
      StPreLens:
      if (turn_i && !cut_i) begin
        pre_lens_q[PreOrder[i_q]] <= plain_i[2:0];
        i_q                       <= i_q + 5'd1;
      end
      StPreBuild: begin
        total_q <= nlen_q + 9'(hdist_q) + 9'd1;
        l_q <= l_q + 4'd1;
        i_q <= '0;
      end
      StPrePlace: begin
        i_q <= i_q + 5'd1;
      end
      StLens: begin
        if (i_q <= PlacedAll) i_q <= i_q + 5'd1;
        if (apply) begin
          sym_valid_q <= 1'b0;
          at_q        <= run_end[8:0];
          prev_q      <= run_len;
          if (run_len != '0) recs_q <= recs_q + 9'd1;
        end
        if (lens_o) begin
          sym_valid_q <= 1'b1;
          none_q      <= none_i;
        end
      end
      StBuild, StFixed: l_q <= l_q + 4'd1;
      default:          ;
    endcase
  end

  `SL_ASSERT(TakesInTurn, !go_o || turn_i)

endmodule
