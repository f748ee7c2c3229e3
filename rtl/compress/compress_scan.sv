// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Walks over a page's code lengths in the order of symbols: assigns the canonical codes (RFC 1951,
// section 3.2.2) into the encoder's tables and turns the lengths into run-length tokens (section
// 3.2.7), which it counts.
//
// Protocol: starts when start_i holds (all inputs of a page are there and all outputs have room)
//           and ends with the pulse done_o and info_o; lit_* and dist_* of a page stay until
//           done_o.
// Latency:  symbols up to the highest used one, plus 40 and a few for runs.
// Rules:    clear_i drops everything.
module compress_scan
  import compress_pkg::*;
(
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               clear_i,
  input  logic               start_i,
  output logic               done_o,
  input  count_info_t        count_i,
  input  tree_info_t         lit_i,
  output logic               lit_re_o,
  output logic        [ 8:0] lit_sym_o,
  input  logic        [ 3:0] lit_len_i,
  input  tree_info_t         dist_i,
  output logic               dist_re_o,
  output logic        [ 4:0] dist_sym_o,
  input  logic        [ 3:0] dist_len_i,
  output scan_info_t         info_o,
  // the encoder's tables
  output logic               code_we_o,
  output logic               code_dist_o,  // a distance
  output logic        [ 8:0] code_sym_o,
  output logic        [ 3:0] code_len_o,
  output logic        [14:0] code_o,       // reversed, as it goes out
  // tokens
  output logic               tok_we_o,
  output logic        [ 8:0] tok_addr_o,
  output clen_token_t        tok_o
);
  typedef enum logic [2:0] {
    StIdle,
    StFirst,  // first code of each length
    StRun,
    StFlush,
    StDone
  } state_e;

  state_e              state_q;
  logic                in_dist_q;
  logic   [ 3:0]       d_q;
  logic   [14:0]       first_q;
  logic   [14:0][14:0] next_q;
  logic [8:0] last_sym, index_q, num_tok_q;

  // ---- the stream of lengths
  logic rd_re, rd_valid, rd_take, rd_end, rd_dist_q;
  logic [8:0] rd_addr, num_lit, num_all, num_lit_q;
  logic [3:0] len;

  assign num_lit    = lit_i.last_sym + 9'd1;
  assign num_all    = num_lit + dist_i.last_sym + 9'd1;
  assign lit_re_o   = rd_re && rd_addr < num_lit_q;
  assign lit_sym_o  = rd_addr;
  assign dist_re_o  = rd_re && rd_addr >= num_lit_q;
  assign dist_sym_o = 5'(rd_addr - num_lit_q);

  compress_reader #(
    .Width(4),
    .AddrW(9)
  ) u_reader (
    .clk_i,
    .rst_ni,
    .start_i   (start_i || clear_i),
    .num_i     (clear_i ? '0 : num_all),
    .mem_re_o  (rd_re),
    .mem_addr_o(rd_addr),
    .mem_data_i(rd_dist_q ? dist_len_i : lit_len_i),
    .valid_o   (rd_valid),
    .ready_i   (rd_take),
    .data_o    (len),
    .end_o     (rd_end)
  );

  // ---- runs
  logic have_q, emit;
  logic [3:0] value_q;
  logic [7:0] run_q, run_d;
  logic same, run_more;

  assign last_sym = in_dist_q ? dist_i.last_sym : lit_i.last_sym;
  assign same     = have_q && len == value_q;
  assign run_more = same && run_q != ((value_q == '0) ? 8'd138 : 8'd6);

  always_comb begin
    emit    = 1'b0;
    rd_take = 1'b0;
    run_d   = run_q;
    tok_o   = '{sym: 5'(value_q), extra: '0};
    if ((state_q == StRun && rd_valid) || state_q == StFlush) begin
      if (state_q == StRun && run_more) begin
        rd_take = 1'b1;
        run_d   = run_q + 1'b1;
      end else if (run_q != '0) begin
        emit  = 1'b1;
        run_d = '0;
        if (value_q == '0 && run_q >= 8'd11) begin
          tok_o = '{sym: 5'd18, extra: 7'(run_q - 8'd11)};
        end else if (run_q >= 8'd3) begin
          tok_o = '{sym: (value_q == '0) ? 5'd17 : 5'd16, extra: 7'(run_q - 8'd3)};
        end else begin
          run_d = run_q - 1'b1;
        end
      end else if (state_q == StRun) begin
        rd_take = 1'b1;
        emit    = len != '0;
        run_d   = 8'(len == '0);
        tok_o   = '{sym: 5'(len), extra: '0};
      end
    end
  end

  assign tok_we_o   = emit;
  assign tok_addr_o = num_tok_q;
  // codes are numbered a cycle behind
  logic code_we_q, code_dist_q;
  logic [8:0] code_sym_q;
  logic [3:0] code_len_q;

  assign code_we_o = code_we_q;
  assign code_dist_o = code_dist_q;
  assign code_sym_o = code_sym_q;
  assign code_len_o = code_len_q;
  assign code_o = reverse15(next_q[code_len_q-4'd1], code_len_q);
  assign done_o = state_q == StDone;
  assign info_o = '{
          body_bits: lit_i.bits + dist_i.bits + count_i.extra_bits,
          fixed_bits: count_i.fixed_bits,
          hlit: 5'(lit_i.last_sym - 9'd256),
          hdist: 5'(dist_i.last_sym),
          num_tokens: num_tok_q,
          tok_end: count_i.tok_end
      };

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StIdle;
    end else if (clear_i) begin
      state_q <= StIdle;
    end else begin
      unique case (state_q)
        StIdle:  if (start_i) state_q <= StFirst;
        StFirst: if (d_q == 4'd14) state_q <= StRun;
        StRun: begin
          if (rd_take && index_q == last_sym) state_q <= in_dist_q ? StFlush : StFirst;
        end
        StFlush: if (run_q == '0) state_q <= StDone;
        default: state_q <= StIdle;
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    rd_dist_q   <= dist_re_o;
    num_lit_q   <= num_lit;
    code_we_q   <= rd_take && len != '0;
    code_dist_q <= in_dist_q;
    code_sym_q  <= index_q;
    code_len_q  <= len;
    if (state_q == StIdle) begin
      in_dist_q <= 1'b0;
      d_q       <= '0;
      first_q   <= '0;
      index_q   <= '0;
      num_tok_q <= '0;
      have_q    <= 1'b0;
      run_q     <= '0;
    end else begin
      if (emit) num_tok_q <= num_tok_q + 1'b1;
      run_q <= run_d;
      if (rd_take) begin
        index_q <= index_q + 1'b1;
        have_q  <= 1'b1;
        value_q <= len;
      end
      if (code_we_q) next_q[code_len_q-4'd1] <= next_q[code_len_q-4'd1] + 1'b1;
      if (state_q == StFirst) begin
        d_q         <= d_q + 1'b1;
        next_q[d_q] <= first_q;
        first_q     <= 15'((first_q + (in_dist_q ? 15'(dist_i.bl[d_q]) : 15'(lit_i.bl[d_q]))) << 1);
      end
      if (state_q == StRun && rd_take && index_q == last_sym) begin
        in_dist_q <= 1'b1;
        index_q   <= '0;
        d_q       <= '0;
        first_q   <= '0;
      end
    end
  end

  `include "sealift_assert.svh"
  `SL_ASSERT(EndInFlush, state_q != StFlush || rd_end)

endmodule
