// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Look-ups of one step: up to Step literals, or fewer and then a match, in the bits at hand.
//
// Codes are found by comparison with the bounds of each length, not by table: a code's length, and whether
// it is a literal, come from registers alone, so the whole step is one path with no memory in it. Of the
// codes of one length the literals come first (symbols ascend, RFC 1951, section 3.2.2).
// The distance code's bounds serve the code length code of a block header, too (dist_i).
//
// Purely combinational. bits_i[63] is the first bit; have_i of them are real.
module inflate_decode #(
  parameter int unsigned Step = 2
) (
  input  logic                 [    63:0]       bits_i,
  input  logic                 [     6:0]       have_i,       // 0..64
  input  logic                                  sym_i,        // look for symbols
  input  logic                                  dist_i,       // a code length symbol
  input  logic                                  fixed_i,
  input  inflate_pkg::limits_t                  ll_limit_i,   // literal/length code, whole
  input  inflate_pkg::limits_t                  lit_limit_i,  // of these, the literals
  input  logic                 [    15:1][ 4:0] n_delta_i,    // other symbols: from code to rank
  input  logic                 [    31:0][ 4:0] n_sym_i,      // by rank: symbol - 256
  input  logic                 [    31:0][ 2:0] n_extra_i,    // and its extra bits
  input  inflate_pkg::limits_t                  d_limit_i,
  input  logic                 [    15:1][ 4:0] d_delta_i,
  input  logic                 [    31:0][ 4:0] d_sym_i,
  // literals
  output logic                 [     2:0]       nlit_o,
  output logic                 [Step-1:0][14:0] lit_code_o,
  output logic                 [Step-1:0][ 3:0] lit_len_o,
  output logic                 [     6:0]       lit_bits_o,
  // what follows them, if it is no literal
  output logic                                  other_o,      // there is something
  output logic                 [     6:0]       need_o,       // bits, literals included
  output logic                                  bad_code_o,
  output logic                                  eob_o,
  output logic                                  bad_dist_o,
  output logic                 [     4:0]       n_sym_o,
  output logic                 [     4:0]       n_raw_o,      // bits after the length code
  output logic                 [     4:0]       d_sym_o,
  output logic                 [     4:0]       d_rank_o,     // also of the code length symbol
  output logic                 [    12:0]       d_raw_o,      // bits after the distance code
  output logic                 [     3:0]       d_len_o       // 0: no such code
);

  logic [14:0] n_code;
  logic [ 3:0] n_len;
  logic [6:0] n_pos, n_at;

  // The literals.
  always_comb begin
    logic [14:0] code;
    logic [ 3:0] len;
    logic        stop;
    code       = '0;
    len        = '0;
    nlit_o     = '0;
    lit_code_o = '0;
    lit_len_o  = '0;
    n_pos      = '0;
    n_code     = '0;
    n_len      = '0;
    n_at       = '0;
    other_o    = 1'b0;
    stop       = !sym_i;
    for (int unsigned k = 0; k < Step; k++) begin
      if (!stop) begin
        code = 15'((bits_i << n_pos) >> (inflate_pkg::LookBits - 15));
        len = inflate_pkg::code_length(code, ll_limit_i);
        lit_code_o[k] = code;
        lit_len_o[k] = len;
        // Of use only if this one ends the step.
        n_code = code;
        n_len = len;
        n_at = n_pos;
        if (len != 4'd0 && {1'b0, code} < lit_limit_i[len] && n_pos + 7'(len) <= have_i) begin
          nlit_o = nlit_o + 3'd1;
          n_pos  = n_pos + 7'(len);
        end else begin
          stop    = 1'b1;
          other_o = 1'b1;
        end
      end
    end
  end
  assign lit_bits_o = n_pos;

  // The length, end of block, or code that does not exist.
  logic [4:0] n_rank, n_sym;
  logic       literal;  // a literal that did not fit into the bits at hand
  logic [2:0] n_extra;
  logic [6:0] x_pos, d_pos;
  assign literal = n_len != 4'd0 && {1'b0, n_code} < lit_limit_i[n_len];
  assign n_rank  = 5'(n_code >> (4'd15 - n_len)) + n_delta_i[(n_len==4'd0)?4'd1 : n_len];
  assign n_sym   = fixed_i ? n_rank : n_sym_i[n_rank];
  assign n_extra = fixed_i ? inflate_pkg::length_extra(n_rank) : n_extra_i[n_rank];
  assign x_pos   = n_at + 7'(n_len);
  assign n_raw_o = 5'((bits_i << x_pos) >> (inflate_pkg::LookBits - 5));
  assign n_sym_o = n_sym;
  assign d_pos   = dist_i ? 7'd0 : x_pos + 7'(n_extra);

  // The distance, or code length symbol.
  logic [63:0] d_bits;
  logic [14:0] d_code;
  logic [3:0] d_len, d_extra;
  logic [4:0] d_rank, d_sym;
  logic       bad_dist;
  logic [6:0] d_need;
  assign d_bits   = bits_i << d_pos;
  assign d_code   = d_bits[63:49];
  assign d_len    = inflate_pkg::code_length(d_code, d_limit_i);
  assign d_rank   = 5'(d_code >> (4'd15 - d_len)) + d_delta_i[(d_len == 4'd0) ? 4'd1 : d_len];
  assign d_sym    = fixed_i ? d_rank : d_sym_i[d_rank];
  assign d_extra  = inflate_pkg::dist_extra(d_sym);
  assign bad_dist = d_len == 4'd0 || d_sym >= 5'd30;
  assign d_raw_o  = 13'((d_bits << d_len) >> (inflate_pkg::LookBits - 13));
  assign d_sym_o  = d_sym;
  assign d_rank_o = d_rank;
  assign d_len_o  = d_len;
  assign d_need   = d_pos + ((d_len == 4'd0) ? 7'd1 : 7'(d_len));

  // How many bits it takes to know. A code that does not exist is known by its first bit: the only
  // incomplete codes are those of at most one symbol, of one bit.
  always_comb begin
    bad_code_o = 1'b0;
    eob_o      = 1'b0;
    bad_dist_o = 1'b0;
    need_o     = x_pos;
    if (other_o && !literal) begin
      if (n_len == 4'd0) begin
        bad_code_o = 1'b1;
        need_o     = n_at + 7'd1;
      end else if (n_sym >= 5'd30) begin
        bad_code_o = 1'b1;
      end else if (n_sym == 5'd0) begin
        eob_o = 1'b1;
      end else begin
        bad_dist_o = bad_dist;
        need_o     = d_need + (bad_dist ? 7'd0 : 7'(d_extra));
      end
    end
  end

endmodule
