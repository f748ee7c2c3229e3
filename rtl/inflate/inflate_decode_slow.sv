// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Look-up of one code in two cycles, for a part where the path counts: in the first its length is found, by the
// bounds of each length as in inflate_decode, in the second its rank; the symbol of a rank is looked up in the
// first cycle of the next code. Both codes, literal/length and distance (or code length), are looked for at once.
//
// Protocol: sample_i in the first cycle; what ends in _d_o is of that cycle, the rest of the second.
//           rank_i takes the ranks of the second cycle.
module inflate_decode_slow (
  input  logic                             clk_i,
  input  logic                             sample_i,
  input  logic                             rank_i,
  input  logic                 [14:0]      bits_i,       // bits_i[14] is the first
  input  logic                             fixed_i,
  input  inflate_pkg::limits_t             ll_limit_i,   // literal/length code, whole
  input  inflate_pkg::limits_t             lit_limit_i,  // of these, the literals
  input  logic                 [15:1][4:0] n_delta_i,    // other symbols: from code to rank
  input  logic                 [31:0][4:0] n_sym_i,      // by rank: symbol - 256
  input  logic                 [31:0][2:0] n_extra_i,    // and its extra bits
  input  inflate_pkg::limits_t             d_limit_i,
  input  logic                 [15:1][4:0] d_delta_i,
  input  logic                 [31:0][4:0] d_sym_i,
  // first cycle: bits to take for the code at hand (1 if there is none), symbols of the code before
  output logic                 [ 3:0]      n_need_d_o,
  output logic                 [ 3:0]      d_need_d_o,
  output logic                 [ 2:0]      n_extra_d_o,
  output logic                 [ 4:0]      d_sym_d_o,
  // second cycle
  output logic                 [14:0]      code_o,
  output logic                 [ 3:0]      n_len_o,      // 0: no such code
  output logic                 [ 3:0]      d_len_o,
  output logic                             literal_o,
  // the same, of the code before
  output logic                 [ 4:0]      n_sym_o,
  output logic                 [ 2:0]      n_extra_o,
  output logic                 [ 4:0]      d_sym_o
);
  logic [14:0] code_q;
  logic [3:0] n_len, d_len, n_len_q, d_len_q;
  logic [3:0] n_at_q, d_at_q;  // lengths as indices: 1 if there is no such code
  logic [4:0] n_rank_q, d_rank_q, n_sym_q, d_sym_q, n_sym, d_sym;
  logic [2:0] n_extra_q, n_extra;

  assign n_len       = inflate_pkg::code_length(bits_i, ll_limit_i);
  assign d_len       = inflate_pkg::code_length(bits_i, d_limit_i);
  assign n_need_d_o  = (n_len == 4'd0) ? 4'd1 : n_len;
  assign d_need_d_o  = (d_len == 4'd0) ? 4'd1 : d_len;
  assign n_sym       = fixed_i ? n_rank_q : n_sym_i[n_rank_q];
  assign n_extra     = fixed_i ? inflate_pkg::length_extra(n_rank_q) : n_extra_i[n_rank_q];
  assign d_sym       = fixed_i ? d_rank_q : d_sym_i[d_rank_q];
  assign n_extra_d_o = n_extra;
  assign d_sym_d_o   = d_sym;

  assign literal_o   = n_len_q != 4'd0 && {1'b0, code_q} < lit_limit_i[n_at_q];

  always_ff @(posedge clk_i) begin
    if (sample_i) begin
      code_q    <= bits_i;
      n_len_q   <= n_len;
      d_len_q   <= d_len;
      n_at_q    <= n_need_d_o;
      d_at_q    <= d_need_d_o;
      n_sym_q   <= n_sym;
      n_extra_q <= n_extra;
      d_sym_q   <= d_sym;
    end
    if (rank_i) begin
      n_rank_q <= 5'(code_q >> (4'd15 - n_len_q)) + n_delta_i[n_at_q];
      d_rank_q <= 5'(code_q >> (4'd15 - d_len_q)) + d_delta_i[d_at_q];
    end
  end

  assign code_o    = code_q;
  assign n_len_o   = n_len_q;
  assign d_len_o   = d_len_q;
  assign n_sym_o   = n_sym_q;
  assign n_extra_o = n_extra_q;
  assign d_sym_o   = d_sym_q;

endmodule
