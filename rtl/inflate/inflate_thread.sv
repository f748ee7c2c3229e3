// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// One inflate thread: a DEFLATE stream (RFC 1951) in, a page or the reason why not out.
//
// This is the controller: block headers, code lengths, and the loop over symbols. The order of its checks is
// the order of the bits, as in zlib, so that each refusal has the reason that zlib would give; what zlib does
// not know comes where it shows: InflateTruncated when the next item needs bits beyond the end,
// InflateTooLong at the first byte too many, InflateTooShort before InflateTrailing at the end.
//
// Protocol: beats of a packet in, in_ready_o does not depend on in_valid_i. One result a packet on res_*;
//           InflateOk is followed by 256 full beats on out_*. After an error the rest of the packet is dropped.
// Bound:    every state either takes at least one bit of the packet, or gives at least one byte of the page,
//           or lasts a fixed number of cycles, at most once a block; see docs/inflate.md.
module inflate_thread #(
  parameter int unsigned Step = 2
) (
  input  logic                         clk_i,
  input  logic                         rst_ni,
  input  logic                         clear_i,
  input  logic                         in_valid_i,
  output logic                         in_ready_o,
  input  sealift_pkg::beat_t           in_beat_i,
  output logic                         res_valid_o,
  input  logic                         res_ready_i,
  output sealift_pkg::inflate_result_t res_o,
  output logic                         out_valid_o,
  input  logic                         out_ready_i,
  output logic                         out_last_o,
  output logic [127:0]                 out_data_o
);
  `include "sealift_assert.svh"
  import sealift_pkg::*;

  typedef enum logic [3:0] {
    StBlock,      // 3 bits of block header
    StStoredLen,  // LEN and NLEN
    StStored,     // bytes of a stored block
    StDynamic,    // HLIT, HDIST, HCLEN
    StPreLens,    // lengths of the code length code
    StPreBuild,
    StPreCheck,
    StPrePlace,
    StLens,       // code lengths
    StBuild,
    StCheck,
    StPlace,
    StSymbols,
    StEnd,        // after the final block
    StDone,       // the page's end is on its way to the copy unit
    StDrop        // rest of the packet
  } state_e;

  // Where the length of code length symbol i of the stream belongs (RFC 1951, section 3.2.7).
  localparam logic [18:0][4:0] PreOrder = {
    5'd15, 5'd1, 5'd14, 5'd2, 5'd13, 5'd3, 5'd12, 5'd4, 5'd11, 5'd5, 5'd10, 5'd6, 5'd9, 5'd7, 5'd8, 5'd0,
    5'd18, 5'd17, 5'd16
  };

  state_e          state_q, state_d;
  inflate_status_e status_q, fail_status;
  logic            fail, final_q;

  // ---------------------------------------------------------------- bits
  logic [7:0]   take;
  logic [127:0] window;
  logic [8:0]   have;
  logic [2:0]   align;
  logic         last, drop, next;
  logic [6:0]   have_look;
  logic [13:0]  plain;  // the next bits as a number, first bit lowest

  inflate_reader u_reader (
    .clk_i,
    .rst_ni,
    .clear_i,
    .in_valid_i,
    .in_ready_o,
    .in_beat_i,
    .take_i  (take),
    .drop_i  (drop),
    .next_i  (next),
    .window_o(window),
    .have_o  (have),
    .align_o (align),
    .last_o  (last)
  );
  assign have_look = (have > 9'(inflate_pkg::LookBits)) ? 7'(inflate_pkg::LookBits) : have[6:0];
  assign plain     = {<<{window[127:114]}};

  // ---------------------------------------------------------------- tables and look-ups
  logic                        zero, count, build, place, place_lit, place_n, place_d, load_fixed;
  logic [2:0]                  count_lit, count_n, count_d;
  logic [3:0]                  tab_len, l_q;
  logic [7:0]                  tab_sym;
  logic                        ll_bad, d_bad, d_incomplete, d_none, fixed;
  inflate_pkg::limits_t        ll_limit, lit_limit, d_limit;
  logic [15:1][7:0]            lit_delta;
  logic [15:1][4:0]            n_delta, d_delta;
  logic [31:0][4:0]            n_syms, d_syms;
  logic                        lit_we;
  logic [7:0]                  lit_waddr, lit_wdata;

  inflate_tables u_tables (
    .clk_i,
    .rst_ni,
    .zero_i        (zero),
    .count_i       (count),
    .count_lit_i   (count_lit),
    .count_n_i     (count_n),
    .count_d_i     (count_d),
    .len_i         (tab_len),
    .build_i       (build),
    .l_i           (l_q),
    .place_lit_i   (place_lit),
    .place_n_i     (place_n),
    .place_d_i     (place_d),
    .sym_i         (tab_sym),
    .fixed_i       (load_fixed),
    .ll_bad_o      (ll_bad),
    .d_bad_o       (d_bad),
    .d_incomplete_o(d_incomplete),
    .d_none_o      (d_none),
    .fixed_o       (fixed),
    .ll_limit_o    (ll_limit),
    .lit_limit_o   (lit_limit),
    .d_limit_o     (d_limit),
    .lit_delta_o   (lit_delta),
    .n_delta_o     (n_delta),
    .d_delta_o     (d_delta),
    .n_sym_o       (n_syms),
    .d_sym_o       (d_syms),
    .lit_we_o      (lit_we),
    .lit_waddr_o   (lit_waddr),
    .lit_wdata_o   (lit_wdata)
  );

  logic [2:0]                            nlit;
  logic [Step-1:0][14:0] lit_code;
  logic [Step-1:0][3:0]  lit_len;
  logic [6:0]                            lit_bits, need;
  logic                                  other, bad_code, eob, bad_dist;
  logic [4:0]                            n_sym, n_raw, d_sym;
  logic [12:0]                           d_raw;
  logic [3:0]                            d_len;

  inflate_decode #(
    .Step(Step)
  ) u_decode (
    .bits_i     (window[127:64]),
    .have_i     (have_look),
    .sym_i      (state_q == StSymbols),
    .pre_i      (state_q == StLens),
    .fixed_i    (fixed),
    .ll_limit_i (ll_limit),
    .lit_limit_i(lit_limit),
    .n_delta_i  (n_delta),
    .n_sym_i    (n_syms),
    .d_limit_i  (d_limit),
    .d_delta_i  (d_delta),
    .d_sym_i    (d_syms),
    .nlit_o     (nlit),
    .lit_code_o (lit_code),
    .lit_len_o  (lit_len),
    .lit_bits_o (lit_bits),
    .other_o    (other),
    .need_o     (need),
    .bad_code_o (bad_code),
    .eob_o      (eob),
    .bad_dist_o (bad_dist),
    .n_sym_o    (n_sym),
    .n_raw_o    (n_raw),
    .d_sym_o    (d_sym),
    .d_raw_o    (d_raw),
    .d_len_o    (d_len)
  );

  // ---------------------------------------------------------------- symbols to bytes
  logic                   issue, issue_match, exp_room, exp_busy, exp_err, done, start;
  inflate_status_e        exp_status;
  logic [12:0]            pos;
  logic                   step_valid, step_ready;
  inflate_pkg::step_t     step;
  logic                   stored_valid, stored_ready;
  logic [4:0]             stored_bytes;
  logic [127:0]           stored_data;

  inflate_expand #(
    .Step(Step)
  ) u_expand (
    .clk_i,
    .rst_ni,
    .clear_i,
    .start_i     (start),
    .valid_i     (issue),
    .nlit_i      (nlit),
    .lit_code_i  (lit_code),
    .lit_len_i   (lit_len),
    .match_i     (issue_match),
    .n_sym_i     (n_sym),
    .n_raw_i     (n_raw),
    .d_sym_i     (d_sym),
    .d_raw_i     (d_raw),
    .fixed_i     (fixed),
    .lit_delta_i (lit_delta),
    .stored_i    ((stored_valid && stored_ready) ? stored_bytes : 5'd0),
    .done_i      (done),
    .status_i    (status_q),
    .lit_we_i    (lit_we),
    .lit_waddr_i (lit_waddr),
    .lit_wdata_i (lit_wdata),
    .room_o      (exp_room),
    .busy_o      (exp_busy),
    .pos_o       (pos),
    .err_o       (exp_err),
    .status_o    (exp_status),
    .step_valid_o(step_valid),
    .step_ready_i(step_ready),
    .step_o      (step)
  );

  inflate_copy u_copy (
    .clk_i,
    .rst_ni,
    .clear_i,
    .step_valid_i  (step_valid),
    .step_ready_o  (step_ready),
    .step_i        (step),
    .stored_valid_i(stored_valid),
    .stored_ready_o(stored_ready),
    .stored_bytes_i(stored_bytes),
    .stored_data_i (stored_data),
    .res_valid_o,
    .res_ready_i,
    .res_o,
    .out_valid_o,
    .out_ready_i,
    .out_last_o,
    .out_data_o
  );

  // ---------------------------------------------------------------- code lengths of a block
  logic [4:0]       hlit_q, hdist_q;   // as in the stream
  logic [3:0]       hclen_q;
  logic [18:0][2:0] pre_lens_q;
  logic [4:0]       i_q;               // code length code: index
  logic [8:0]       at_q;              // code lengths so far
  logic [3:0]       prev_q;
  logic             has_eob_q;
  logic [8:0]       nlen, total, recs_q, rec_q;
  logic             rec_we, rec_re;
  logic [15:0]      rec_rdata;
  logic [2:0]       rep_q;             // symbols of the record that are placed

  // Run at hand in StLens.
  logic [3:0]       run_len;
  logic [7:0]       run;
  logic [9:0]       run_end;
  logic [6:0]       run_need;
  logic [6:0]       rep_bits;          // after the code
  logic [9:0]       nlen_x, at_x;

  assign nlen  = 9'd257 + 9'(hlit_q);
  assign total = nlen + 9'(hdist_q) + 9'd1;

  assign rep_bits = 7'(window[127:110] >> (5'd11 - 5'(d_len))) ;
  always_comb begin
    logic [6:0] value;
    value    = {<<{rep_bits}};
    run_len  = d_sym[3:0];
    run      = 8'd1;
    run_need = 7'(d_len);
    if (d_len == 4'd0) begin
      // A code length code without codes: zlib reads a bit and takes length 0.
      run_len  = 4'd0;
      run_need = 7'd1;
    end else if (d_sym == 5'd16) begin
      run_len  = prev_q;
      run      = 8'd3 + 8'(value[1:0]);
      run_need = 7'(d_len) + 7'd2;
    end else if (d_sym == 5'd17) begin
      run_len  = 4'd0;
      run      = 8'd3 + 8'(value[2:0]);
      run_need = 7'(d_len) + 7'd3;
    end else if (d_sym == 5'd18) begin
      run_len  = 4'd0;
      run      = 8'd11 + 8'(value);
      run_need = 7'(d_len) + 7'd7;
    end
  end
  assign at_x    = 10'(at_q);
  assign nlen_x  = 10'(nlen);
  assign run_end = at_x + 10'(run);

  // How many of the run are literals, other symbols, distances. A run of lengths other than 0 is at most 6.
  always_comb begin
    logic [2:0] r;
    r         = run[2:0];
    count_lit = r;
    count_d   = '0;
    if (at_x >= 10'd256) count_lit = '0;
    else if (run_end > 10'd256) count_lit = 3'(10'd256 - at_x);
    if (at_x >= nlen_x) count_d = r;
    else if (run_end > nlen_x) count_d = 3'(run_end - nlen_x);
    count_n = r - count_lit - count_d;
    if (state_q == StPreLens) begin
      count_lit = '0;
      count_n   = '0;
      count_d   = 3'd1;
    end
  end

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

  // Symbol at hand in StPlace.
  logic [8:0] place_sym;
  logic       rec_end;
  assign place_sym = rec_rdata[15:7] + 9'(rep_q);
  assign rec_end   = rep_q + 3'd1 == rec_rdata[2:0];

  always_comb begin
    tab_len   = run_len;
    tab_sym   = place_sym[7:0];
    place_lit = 1'b0;
    place_n   = 1'b0;
    place_d   = 1'b0;
    unique case (state_q)
      StPreLens:  tab_len = {1'b0, plain[2:0]};
      StPrePlace: begin
        tab_len = {1'b0, pre_lens_q[i_q]};
        tab_sym = 8'(i_q);
        place_d = i_q != 5'd19 && pre_lens_q[i_q] != '0;
      end
      StPlace: begin
        tab_len = rec_rdata[6:3];
        if (place_sym >= nlen) begin
          place_d = 1'b1;
          tab_sym = 8'(place_sym - nlen);
        end else if (place_sym[8]) begin
          place_n = 1'b1;
        end else begin
          place_lit = 1'b1;
        end
      end
      default: ;
    endcase
  end
  assign place = place_lit || place_n || place_d;

  // ---------------------------------------------------------------- the controller
  logic [15:0] stored_left_q;
  logic [7:0]  avail_bytes;
  logic [7:0]  pad;

  assign pad         = 8'(3'(-(align + 3'd3)));  // to the byte boundary after 3 bits
  assign avail_bytes = 8'(have >> 3);
  assign stored_data = {<<{window}};
  always_comb begin
    stored_bytes = (avail_bytes > 8'd16) ? 5'd16 : avail_bytes[4:0];
    if (stored_left_q < 16'(stored_bytes)) stored_bytes = stored_left_q[4:0];
  end

  always_comb begin
    state_d      = state_q;
    fail         = 1'b0;
    fail_status  = InflateTruncated;
    take         = '0;
    drop         = 1'b0;
    next         = 1'b0;
    zero         = 1'b0;
    count        = 1'b0;
    build        = 1'b0;
    load_fixed   = 1'b0;
    issue        = 1'b0;
    issue_match  = 1'b0;
    stored_valid = 1'b0;
    done         = 1'b0;
    start        = 1'b0;
    rec_we       = 1'b0;
    rec_re       = 1'b0;
    unique case (state_q)
      StBlock: begin
        if (have < 9'd3) begin
          fail = last;
        end else begin
          take = 8'd3;
          unique case (plain[2:1])
            2'd0: begin
              take    = 8'd3 + pad;
              state_d = StStoredLen;
            end
            2'd1: begin
              load_fixed = 1'b1;
              state_d    = StSymbols;
            end
            2'd2: state_d = StDynamic;
            default: begin
              fail        = 1'b1;
              fail_status = InflateBadBlockType;
            end
          endcase
        end
      end
      StStoredLen: begin
        if (have < 9'd32) begin
          fail = last;
        end else begin
          take = 8'd32;
          if (window[127:112] != ~window[111:96]) begin
            fail        = 1'b1;
            fail_status = InflateBadStoredLen;
          end else begin
            state_d = StStored;
          end
        end
      end
      StStored: begin
        if (stored_left_q == '0) begin
          state_d = final_q ? StEnd : StBlock;
        end else if (!exp_busy) begin
          if (stored_bytes == '0) begin
            fail = last;
          end else if (14'(pos) + 14'(stored_bytes) > 14'(PageBytes)) begin
            fail        = 1'b1;
            fail_status = InflateTooLong;
          end else begin
            stored_valid = 1'b1;
            if (stored_ready) begin
              take = {stored_bytes, 3'b000};
              if (16'(stored_bytes) == stored_left_q) state_d = final_q ? StEnd : StBlock;
            end
          end
        end
      end
      StDynamic: begin
        if (have < 9'd14) begin
          fail = last;
        end else begin
          take    = 8'd14;
          zero    = 1'b1;
          state_d = StPreLens;
          if (plain[4:0] > 5'd29 || plain[9:5] > 5'd29) begin
            fail        = 1'b1;
            fail_status = InflateTooManySymbols;
          end
        end
      end
      StPreLens: begin
        if (have < 9'd3) begin
          fail = last;
        end else begin
          take  = 8'd3;
          count = plain[2:0] != '0;
          if (i_q == 5'(hclen_q) + 5'd3) state_d = StPreBuild;
        end
      end
      StPreBuild: begin
        build = 1'b1;
        if (l_q == 4'd15) state_d = StPreCheck;
      end
      StPreCheck: begin
        state_d = StPrePlace;
        if (d_bad || (d_incomplete && !d_none)) begin
          fail        = 1'b1;
          fail_status = InflateBadCodeLengths;
        end
      end
      StPrePlace: begin
        if (i_q == 5'd19) begin
          zero    = 1'b1;
          state_d = StLens;
        end
      end
      StLens: begin
        if (at_q == total) begin
          state_d = StBuild;
          rec_re  = 1'b1;
          if (!has_eob_q) begin
            fail        = 1'b1;
            fail_status = InflateNoEndOfBlock;
          end
        end else if (have < 9'(run_need)) begin
          fail = last;
        end else begin
          take = 8'(run_need);
          if ((d_len != 4'd0 && d_sym == 5'd16 && at_q == '0) || run_end > 10'(total)) begin
            fail        = 1'b1;
            fail_status = InflateBadRepeat;
          end else begin
            count  = run_len != '0;
            rec_we = run_len != '0;
          end
        end
      end
      StBuild: begin
        build = 1'b1;
        if (l_q == 4'd15) state_d = StCheck;
      end
      StCheck: begin
        state_d = StPlace;
        if (ll_bad || d_bad) begin
          fail        = 1'b1;
          fail_status = ll_bad ? InflateBadLitLenSet : InflateBadDistSet;
        end
      end
      StPlace: begin
        if (rec_end) begin
          rec_re = rec_q != recs_q;
          if (rec_q == recs_q) state_d = StSymbols;
        end
      end
      StSymbols: begin
        if (exp_room) begin
          if (other && need <= have_look && !bad_code && !bad_dist && !eob) begin
            issue       = 1'b1;
            issue_match = 1'b1;
            take        = 8'(need);
          end else if (nlit != '0) begin
            issue = 1'b1;
            take  = 8'(lit_bits);
          end else if (need > have_look) begin
            fail = last;
          end else if (bad_code) begin
            fail        = 1'b1;
            fail_status = InflateBadLitLenCode;
          end else if (bad_dist) begin
            fail        = 1'b1;
            fail_status = InflateBadDistCode;
          end else begin
            take    = 8'(need);
            state_d = final_q ? StEnd : StBlock;
          end
        end
      end
      StEnd: begin
        if (!exp_busy) begin
          fail = 1'b1;
          if (pos != 13'(PageBytes)) fail_status = InflateTooShort;
          else if (!last || avail_bytes != '0) fail_status = InflateTrailing;
          else fail_status = InflateOk;
        end
      end
      StDone: begin
        if (!exp_busy && exp_room) begin
          done    = 1'b1;
          state_d = StDrop;
        end
      end
      StDrop: begin
        drop = 1'b1;
        if (last) begin
          next    = 1'b1;
          start   = 1'b1;
          state_d = StBlock;
        end
      end
      default: state_d = StBlock;
    endcase
    // The older symbol is the one that counts.
    if (exp_err) begin
      fail        = 1'b1;
      fail_status = exp_status;
    end
    if (fail) state_d = StDone;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q  <= StBlock;
      status_q <= InflateOk;
    end else if (clear_i) begin
      state_q  <= StBlock;
      status_q <= InflateOk;
    end else begin
      state_q <= state_d;
      if (fail) status_q <= fail_status;
    end
  end

  always_ff @(posedge clk_i) begin
    unique case (state_q)
      StBlock: begin
        final_q <= plain[0];
      end
      StStoredLen: stored_left_q <= {<<{window[127:112]}};
      StStored: if (stored_valid && stored_ready) begin
        stored_left_q <= stored_left_q - 16'(stored_bytes);
      end
      StDynamic: begin
        hlit_q     <= plain[4:0];
        hdist_q    <= plain[9:5];
        hclen_q    <= plain[13:10];
        pre_lens_q <= '0;
        i_q        <= '0;
        l_q        <= 4'd1;
        at_q       <= '0;
        prev_q     <= '0;
        has_eob_q  <= 1'b0;
        recs_q     <= '0;
        rec_q      <= '0;
        rep_q      <= '0;
      end
      StPreLens: if (take != '0) begin
        pre_lens_q[PreOrder[i_q]] <= plain[2:0];
        i_q                       <= i_q + 5'd1;
      end
      StPreBuild: begin
        l_q <= (l_q == 4'd15) ? 4'd1 : l_q + 4'd1;
        i_q <= '0;
      end
      StPrePlace: i_q <= i_q + 5'd1;
      StLens: begin
        if (at_q == total) rec_q <= 9'd1;
        else if (take != '0) begin
          at_q   <= run_end[8:0];
          prev_q <= run_len;
          if (run_len != '0) recs_q <= recs_q + 9'd1;
          if (run_len != '0 && at_q <= 9'd256 && run_end > 10'd256) has_eob_q <= 1'b1;
        end
      end
      StBuild: l_q <= l_q + 4'd1;
      StPlace: begin
        rep_q <= rec_end ? '0 : rep_q + 3'd1;
        if (rec_re) rec_q <= rec_q + 9'd1;
      end
      default: ;
    endcase
  end

  `SL_ASSERT(PlaceSomething, state_q != StPlace || place)
  `SL_ASSERT(PlainEnough, take == '0 || 9'(take) <= have)

endmodule
