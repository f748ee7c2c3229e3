// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Writes a page's DEFLATE block: header, coded tokens, end of block; or the page itself.
//
// Protocol: starts when start_i holds and ends with the pulse done_o; inputs stay until done_o.
//           head_*, tok_* and raw_* are read ports with data in the next cycle; code_* writes the
//           code tables of the half that is not being read; word_* writes the page's output.
// Rate:     one step (its literals and its match) a cycle; a stored page 16 bytes a cycle.
// Rules:    clear_i drops everything.
module compress_encode
  import compress_pkg::*;
#(
  parameter  int unsigned Step     = 4,
  parameter  int unsigned TokDepth = 4096,
  parameter  int unsigned Slots    = 2,                  // pages whose codes are held
  localparam int unsigned TokW     = EntryW + 8 * Step,
  localparam int unsigned TokBits  = $clog2(TokDepth),
  localparam int unsigned SlotBits = $clog2(Slots)
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,
  input  logic                        clear_i,
  input  logic                        start_i,
  output logic                        done_o,
  input  header_info_t                info_i,
  input  logic                        code_we_i,
  input  logic         [SlotBits-1:0] code_half_i,
  input  logic                        code_dist_i,
  input  logic         [         8:0] code_sym_i,
  input  logic         [         3:0] code_len_i,
  input  logic         [        14:0] code_i,
  input  logic         [SlotBits-1:0] code_read_half_i,
  output logic                        head_re_o,
  output logic         [         6:0] head_addr_o,
  input  logic         [        31:0] head_i,
  output logic                        tok_re_o,
  output logic         [ TokBits-1:0] tok_addr_o,
  input  logic         [    TokW-1:0] tok_i,
  output logic         [ TokPtrW-1:0] tok_free_o,
  output logic                        raw_re_o,
  output logic         [         7:0] raw_addr_o,
  input  logic         [       127:0] raw_i,
  output logic                        word_we_o,
  output logic         [         8:0] word_addr_o,
  output logic         [       127:0] word_o
);
  typedef enum logic [2:0] {
    StIdle,
    StHeader,
    StTokens,
    StRaw,
    StDrain,
    StFlush,
    StDone
  } state_e;

  typedef struct packed {
    logic [3:0]  len;
    logic [14:0] code;
  } code_t;

  localparam logic [3:0] LastDrain = 4'd8;  // the pipeline is empty behind it

  state_e               state_q;
  logic   [        3:0] drain_q;
  logic   [TokPtrW-1:0] rptr_q;
  logic   [        8:0] i_q;
  logic fixed, stored;

  assign fixed       = info_i.kind == sealift_pkg::BlockFixed;
  assign stored      = info_i.kind == sealift_pkg::BlockStored;
  assign tok_free_o  = rptr_q;
  assign done_o      = state_q == StDone;

  assign head_re_o   = state_q == StHeader && info_i.kind == sealift_pkg::BlockDynamic;
  assign head_addr_o = i_q[6:0];
  assign raw_re_o    = state_q == StRaw;
  assign raw_addr_o  = i_q[7:0];
  assign tok_re_o    = state_q == StTokens && rptr_q != info_i.tok_end;
  assign tok_addr_o  = rptr_q[TokBits-1:0];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StIdle;
      rptr_q  <= '0;
    end else if (clear_i) begin
      state_q <= StIdle;
      rptr_q  <= '0;
    end else begin
      if (tok_re_o) rptr_q <= rptr_q + 1'b1;
      unique case (state_q)
        StIdle:   if (start_i) state_q <= StHeader;
        StHeader: begin
          if (stored) begin
            state_q <= StRaw;
            rptr_q  <= info_i.tok_end;
          end else if (fixed || i_q[6:0] == info_i.words - 1'b1) begin
            state_q <= StTokens;
          end
        end
        StTokens: if (!tok_re_o) state_q <= StDrain;
        StRaw:    if (i_q == 9'd255) state_q <= StDrain;
        StDrain:  if (drain_q == LastDrain) state_q <= StFlush;
        StFlush:  if (drain_q == 4'd1) state_q <= StDone;
        default:  state_q <= StIdle;
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    unique case (state_q)
      StHeader: i_q <= stored ? '0 : i_q + 1'b1;
      StRaw:    i_q <= i_q + 1'b1;
      default:  i_q <= '0;
    endcase
    unique case (state_q)
      StDrain: drain_q <= (drain_q == LastDrain) ? '0 : drain_q + 1'b1;
      StFlush: drain_q <= drain_q + 1'b1;
      default: drain_q <= '0;
    endcase
  end

  // ---- 0: an entry, header word or raw beat has been read; 1: the entry, from a register. What is
  // not an entry comes before all entries, and takes a shorter way to the packer.
  logic t0_valid_q, t1_valid_q, h1_valid_q, r1_valid_q, s1_valid_q;
  logic [5:0] h1_bits_q;
  entry_t t0, t1_q;
  logic [8*Step-1:0] t0_lits, t1_lits_q;
  len_sym_t  t1_len_q;
  dist_sym_t t1_dist_q;

  assign {t0, t0_lits} = tok_i;
  always_ff @(posedge clk_i) begin
    t1_q      <= t0;
    t1_lits_q <= t0_lits;
    t1_len_q  <= len_sym(t0.len3);
    t1_dist_q <= dist_sym(t0.dist1);
  end

  // ---- 2: codes have been read; they are written from registers
  logic code_we_q, code_dist_q;
  logic [SlotBits-1:0] code_half_q;
  logic [8:0] code_sym_q;
  code_t code_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) code_we_q <= 1'b0;
    else code_we_q <= code_we_i;
  end
  always_ff @(posedge clk_i) begin
    code_dist_q <= code_dist_i;
    code_half_q <= code_half_i;
    code_sym_q  <= code_sym_i;
    code_q      <= '{len: code_len_i, code: code_i};
  end

  logic t2_valid_q, o2_valid_q;
  logic      [       7:0] o2_bits_q;
  logic      [     127:0] o2_data_q;
  entry_t                 t2_q;
  logic      [8*Step-1:0] t2_lits_q;
  len_sym_t               t2_len_q;
  dist_sym_t              t2_dist_q;
  code_t     [  Step-1:0] c_lit;
  code_t c_len, c_dist;

  for (genvar k = 0; k < Step; k++) begin : gen_lit
    prim_ram_1r1w #(
      .Width($bits(code_t)),
      .Depth(256 * Slots)
    ) u_codes (
      .clk_i,
      .we_i   (code_we_q && !code_dist_q && !code_sym_q[8]),
      .waddr_i({code_half_q, code_sym_q[7:0]}),
      .wdata_i(code_q),
      .re_i   (t1_valid_q && !fixed),
      .raddr_i({code_read_half_i, t1_lits_q[8*k+:8]}),
      .rdata_o(c_lit[k])
    );
  end
  prim_ram_1r1w #(
    .Width($bits(code_t)),
    .Depth(32 * Slots)
  ) u_len_codes (
    .clk_i,
    .we_i   (code_we_q && !code_dist_q && code_sym_q[8]),
    .waddr_i({code_half_q, code_sym_q[4:0]}),
    .wdata_i(code_q),
    .re_i   (t1_valid_q && !fixed),
    .raddr_i({code_read_half_i, t1_q.last ? 5'd0 : t1_len_q.sym + 5'd1}),
    .rdata_o(c_len)
  );
  prim_ram_1r1w #(
    .Width($bits(code_t)),
    .Depth(32 * Slots)
  ) u_dist_codes (
    .clk_i,
    .we_i   (code_we_q && code_dist_q),
    .waddr_i({code_half_q, code_sym_q[4:0]}),
    .wdata_i(code_q),
    .re_i   (t1_valid_q && !fixed),
    .raddr_i({code_read_half_i, t1_dist_q.sym}),
    .rdata_o(c_dist)
  );

  // RFC 1951, section 3.2.6
  function automatic code_t fixed_lit(logic [7:0] lit);
    if (lit < 8'd144) return '{len: 4'd8, code: reverse15(15'h030 + 15'(lit), 4'd8)};
    return '{len: 4'd9, code: reverse15(15'h190 + 15'(lit) - 15'd144, 4'd9)};
  endfunction
  function automatic code_t fixed_len(logic [4:0] sym);  // less 256
    if (sym < 5'd24) return '{len: 4'd7, code: reverse15(15'(sym), 4'd7)};
    return '{len: 4'd8, code: reverse15(15'h0c0 + 15'(sym) - 15'd24, 4'd8)};
  endfunction

  // ---- 3: the codes of either kind of block; 4: literals put together, the match put together;
  // 5: both; then the packer
  code_t [Step-1:0] lit3_q;
  code_t len3_q, dist3_q;
  logic match3_q, last3_q;
  len_sym_t  t3_len_q;
  dist_sym_t t3_dist_q;
  logic [15*Step-1:0] lit_bits, lit4_q;
  logic [6:0] lit_num, lit4_num_q;
  logic [44:0] ref_bits, ref4_q;
  logic [5:0] ref_num, ref4_num_q;
  logic t3_valid_q, t4_valid_q, t5_valid_q;
  logic [  7:0] o5_bits_q;
  logic [127:0] o5_data_q;

  always_comb begin
    lit_bits = '0;
    lit_num  = '0;
    for (int unsigned k = 0; k < Step; k++) begin
      lit_bits = lit_bits | ((15 * Step)'(lit3_q[k].code) << lit_num);
      lit_num  = lit_num + 7'(lit3_q[k].len);
    end
    ref_bits = '0;
    ref_num  = '0;
    if (match3_q) begin
      ref_bits = 45'(dist3_q.code) | (45'(t3_dist_q.extra) << dist3_q.len);
      ref_bits = 45'(t3_len_q.extra) | (ref_bits << t3_len_q.ebits);
      ref_bits = 45'(len3_q.code) | (ref_bits << len3_q.len);
      ref_num  = 6'(len3_q.len) + 6'(t3_len_q.ebits) + 6'(dist3_q.len) + 6'(t3_dist_q.ebits);
    end else if (last3_q) begin
      ref_bits = 45'(len3_q.code);
      ref_num  = 6'(len3_q.len);
    end
  end

  always_ff @(posedge clk_i) begin
    for (int unsigned k = 0; k < Step; k++) begin
      lit3_q[k] <= (32'(t2_q.nlit) <= k) ? '0 : fixed ? fixed_lit(t2_lits_q[8*k+:8]) : c_lit[k];
    end
    len3_q    <= fixed ? fixed_len(t2_q.last ? 5'd0 : t2_len_q.sym + 5'd1) : c_len;
    dist3_q   <= fixed ? '{len: 4'd5, code: reverse15(15'(t2_dist_q.sym), 4'd5)} : c_dist;
    t3_len_q  <= t2_len_q;
    t3_dist_q <= t2_dist_q;
    match3_q  <= t2_q.match;
    last3_q   <= t2_q.last;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      {t0_valid_q, t1_valid_q, h1_valid_q, r1_valid_q, s1_valid_q} <= '0;
      {t2_valid_q, o2_valid_q, t3_valid_q, t4_valid_q, t5_valid_q} <= '0;
    end else if (clear_i) begin
      {t0_valid_q, t1_valid_q, h1_valid_q, r1_valid_q, s1_valid_q} <= '0;
      {t2_valid_q, o2_valid_q, t3_valid_q, t4_valid_q, t5_valid_q} <= '0;
    end else begin
      t0_valid_q <= tok_re_o;
      t1_valid_q <= t0_valid_q;
      h1_valid_q <= head_re_o;
      r1_valid_q <= raw_re_o;
      s1_valid_q <= state_q == StHeader && (stored || fixed);
      t2_valid_q <= t1_valid_q;
      o2_valid_q <= h1_valid_q || r1_valid_q || s1_valid_q;
      t3_valid_q <= t2_valid_q;
      t4_valid_q <= t3_valid_q;
      t5_valid_q <= t4_valid_q || o2_valid_q;
    end
  end

  always_ff @(posedge clk_i) begin
    h1_bits_q <= (i_q[6:0] == info_i.words - 1'b1) ? info_i.last_bits : 6'd32;
    if (t1_valid_q) begin
      t2_q      <= t1_q;
      t2_lits_q <= t1_lits_q;
      t2_len_q  <= t1_len_q;
      t2_dist_q <= t1_dist_q;
    end
    if (h1_valid_q) begin
      o2_bits_q <= 8'(h1_bits_q);
      o2_data_q <= 128'(head_i);
    end else if (r1_valid_q) begin
      o2_bits_q <= 8'd128;
      o2_data_q <= raw_i;
    end else if (s1_valid_q) begin
      // BFINAL, BTYPE = 01; or BTYPE = 00, LEN = 4096 and its complement behind a whole byte
      o2_bits_q <= stored ? 8'd40 : 8'd3;
      o2_data_q <= stored ? 128'hef_ff10_0001 : 128'd3;
    end
    lit4_q     <= lit_bits;
    lit4_num_q <= lit_num;
    ref4_q     <= ref_bits;
    ref4_num_q <= ref_num;
    if (t4_valid_q) begin
      o5_bits_q <= 8'(lit4_num_q) + 8'(ref4_num_q);
      o5_data_q <= 128'(lit4_q) | (128'(ref4_q) << lit4_num_q);
    end else begin
      o5_bits_q <= o2_bits_q;
      o5_data_q <= o2_data_q;
    end
  end

  compress_pack u_pack (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(t5_valid_q),
    .bits_i (o5_bits_q),
    .data_i (o5_data_q),
    .flush_i(state_q == StFlush && drain_q == '0),
    .word_we_o,
    .word_o
  );

  logic [8:0] word_q;
  assign word_addr_o = word_q;
  always_ff @(posedge clk_i) begin
    if (state_q == StIdle) word_q <= '0;
    else if (word_we_o) word_q <= word_q + 1'b1;
  end

  logic unused_bits;
  assign unused_bits = ^{info_i, t2_q, t3_len_q, t3_dist_q};

  `include "sealift_assert.svh"
  `SL_ASSERT_PARAM(StepRange, Step >= 1 && Step <= 5)
  `SL_ASSERT(
      DrainEmpty,
      state_q != StFlush || !(t0_valid_q || t1_valid_q || t2_valid_q || t3_valid_q || t4_valid_q || t5_valid_q))

endmodule
