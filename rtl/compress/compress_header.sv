// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Builds the header of a dynamic block (RFC 1951, section 3.2.7) in words of 32 bits, and decides
// which kind of block is the smallest.
//
// Protocol: starts when start_i holds and ends with the pulse done_o and info_o; inputs stay until
//           done_o. len_* and tok_* are read ports with data in the next cycle.
// Latency:  about 60 cycles and one a token.
// Rules:    clear_i drops everything.
module compress_header
  import compress_pkg::*;
(
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                clear_i,
  input  logic                start_i,
  output logic                done_o,
  input  scan_info_t          scan_i,
  input  tree_info_t          clen_i,
  output logic                len_re_o,
  output logic         [ 4:0] len_sym_o,
  input  logic         [ 3:0] len_i,
  output logic                tok_re_o,
  output logic         [ 8:0] tok_addr_o,
  input  clen_token_t         tok_i,
  output header_info_t        info_o,
  output logic                word_we_o,
  output logic         [ 6:0] word_addr_o,
  output logic         [31:0] word_o
);
  typedef enum logic [3:0] {
    StIdle,
    StFirst,   // first code of each length
    StLens,    // codes of the 19 symbols
    StTail,    // how many of them are sent
    StCounts,
    StOrder,   // their lengths
    StTokens,
    StFlush,
    StSum,
    StDone
  } state_e;

  localparam logic [BitsW-1:0] StoredBits = BitsW'(8 * sealift_pkg::MaxDeflateBytes);

  state_e state_q;
  logic [4:0] i_q, i1_q, hclen_q;
  logic             re_q;
  logic [ 6:0]      first_q;
  logic [ 6:0][6:0] next_q;
  logic [18:0][2:0] len_q;
  logic [18:0][6:0] code_q;
  logic [14:0]      rev;

  // ---- tokens
  logic t_valid, t_end;
  clen_token_t token;
  logic [3:0] t_ebits;

  compress_reader #(
    .Width($bits(clen_token_t)),
    .AddrW(9)
  ) u_tokens (
    .clk_i,
    .rst_ni,
    .start_i   (start_i || clear_i),
    .num_i     (clear_i ? '0 : scan_i.num_tokens),
    .mem_re_o  (tok_re_o),
    .mem_addr_o(tok_addr_o),
    .mem_data_i(tok_i),
    .valid_o   (t_valid),
    .ready_i   (state_q == StTokens),
    .data_o    (token),
    .end_o     (t_end)
  );

  always_comb begin
    unique case (token.sym)
      5'd16:   t_ebits = 4'd2;
      5'd17:   t_ebits = 4'd3;
      5'd18:   t_ebits = 4'd7;
      default: t_ebits = 4'd0;
    endcase
  end

  // ---- bits to words
  logic [16:0] put, put_q;
  logic [4:0] put_bits, put_bits_q;
  logic [62:0] acc_d;
  logic [31:0] acc_q;
  logic [ 5:0] fill_d;
  logic [ 4:0] fill_q;
  logic [ 6:0] words_q;
  logic        full;

  always_comb begin
    put      = '0;
    put_bits = '0;
    unique case (state_q)
      StCounts: begin
        // BFINAL, BTYPE = 10, HLIT, HDIST, HCLEN
        put      = {hclen_q[3:0], scan_i.hdist, scan_i.hlit, 2'b10, 1'b1};
        put_bits = 5'd17;
      end
      StOrder: begin
        put      = 17'(len_q[clen_order(i_q)]);
        put_bits = 5'd3;
      end
      StTokens: begin
        if (t_valid) begin
          put      = 17'(code_q[token.sym]) | (17'(token.extra) << len_q[token.sym]);
          put_bits = 5'(len_q[token.sym]) + 5'(t_ebits);
        end
      end
      default: ;
    endcase
    fill_d = 6'(fill_q) + 6'(put_bits_q);
    acc_d  = 63'(acc_q) | (63'(put_q) << fill_q);
    full   = fill_d[5];
  end

  logic [BitsW-1:0] header_bits, dynamic_q;
  assign header_bits = {5'd0, words_q, 5'd0} + BitsW'(fill_q);
  assign rev         = reverse15(15'(next_q[len_i[2:0]-3'd1]), len_i);

  assign len_re_o    = state_q == StLens && i_q != 5'd19;
  assign len_sym_o   = i_q;
  assign word_we_o   = full || state_q == StFlush;
  assign word_addr_o = words_q;
  assign word_o      = full ? acc_d[31:0] : acc_q;
  assign done_o      = state_q == StDone;

  header_info_t info;
  always_comb begin
    info           = '0;
    info.tok_end   = scan_i.tok_end;
    info.words     = words_q + 7'(fill_q != '0);
    info.last_bits = (fill_q == '0) ? 6'd32 : 6'(fill_q);
    info.kind      = sealift_pkg::BlockDynamic;
    info.bits      = dynamic_q;
    if (scan_i.fixed_bits <= dynamic_q) begin
      info.kind = sealift_pkg::BlockFixed;
      info.bits = scan_i.fixed_bits;
    end
    if (StoredBits <= info.bits) begin
      info.kind = sealift_pkg::BlockStored;
      info.bits = StoredBits;
    end
  end

  always_ff @(posedge clk_i) begin
    dynamic_q <= header_bits + scan_i.body_bits;
    info_o    <= info;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StIdle;
      re_q    <= 1'b0;
    end else if (clear_i) begin
      state_q <= StIdle;
      re_q    <= 1'b0;
    end else begin
      re_q <= len_re_o;
      unique case (state_q)
        StIdle:   if (start_i) state_q <= StFirst;
        StFirst:  if (i_q == 5'd6) state_q <= StLens;
        StLens:   if (i_q == 5'd19 && !re_q) state_q <= StTail;
        StTail:   if (len_q[clen_order(i_q)] != '0) state_q <= StCounts;
        StCounts: state_q <= StOrder;
        StOrder:  if (i_q == hclen_q + 5'd3) state_q <= StTokens;
        StTokens: if (t_end) state_q <= StFlush;
        StFlush:  state_q <= StSum;
        StSum:    state_q <= StDone;
        default:  state_q <= StIdle;
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    i1_q       <= i_q;
    put_q      <= put;
    put_bits_q <= put_bits;
    unique case (state_q)
      StIdle: begin
        i_q     <= '0;
        first_q <= '0;
        acc_q   <= '0;
        fill_q  <= '0;
        words_q <= '0;
      end
      StFirst: begin
        next_q[i_q[2:0]] <= first_q;
        first_q          <= 7'((first_q + 7'(clen_i.bl[4'(i_q)])) << 1);
        i_q              <= (i_q == 5'd6) ? 5'd0 : i_q + 1'b1;
      end
      StLens: begin
        if (len_re_o) i_q <= i_q + 1'b1;
        else if (!re_q) i_q <= 5'd18;
        if (re_q) begin
          len_q[i1_q]  <= len_i[2:0];
          code_q[i1_q] <= rev[6:0];
          if (len_i != '0) next_q[len_i[2:0]-3'd1] <= next_q[len_i[2:0]-3'd1] + 1'b1;
        end
      end
      StTail: begin
        if (len_q[clen_order(i_q)] != '0) begin
          hclen_q <= i_q - 5'd3;
          i_q     <= '0;
        end else begin
          i_q <= i_q - 1'b1;
        end
      end
      StOrder: i_q <= i_q + 1'b1;
      default: ;
    endcase
    if (state_q != StIdle) begin
      fill_q <= fill_d[4:0];
      acc_q  <= full ? {1'b0, acc_d[62:32]} : acc_d[31:0];
      if (full) words_q <= words_q + 1'b1;
    end
  end

  logic unused_bits;
  assign unused_bits = ^{clen_i, rev};

endmodule
