// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Sorts the used symbols of an alphabet by count, ascending: a counting sort on a floating-point
// key, in two steps, each on a page of its own unless Halves is 1: collecting the used symbols, and
// placing them.
//
// Protocol: start_i (with idle_o) collects the counts that the read port returns in the cycle
//           after read_o; taken_o is a pulse when they have been read. While list_ready_i holds, a
//           page is placed in the list memory, item by item; done_o is a pulse with info_o.
// Latency:  Symbols + 6 cycles to taken_o, keys (145 for 4,096) + used symbols + 7 from there to
//           done_o.
// Rules:    the read port sets counts to zero behind (compress_tally). clear_i drops everything
//           and wipes the histogram: busy_o.
module compress_sort
  import compress_pkg::*;
#(
  parameter int unsigned Symbols = 286,
  parameter int unsigned MaxCount = 4096,  // of a symbol
  parameter int unsigned Halves = 2,  // 1: the next page is collected when this one is placed
  localparam int unsigned SymBits = $clog2(Symbols)
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  input  logic                     clear_i,
  output logic                     busy_o,
  input  logic                     start_i,
  output logic                     idle_o,
  output logic                     taken_o,
  input  logic                     list_ready_i,
  output logic                     done_o,
  output sort_info_t               info_o,
  output logic                     read_o,
  output logic       [SymBits-1:0] read_sym_o,
  input  logic       [ CountW-1:0] read_count_i,
  output logic                     list_we_o,
  output logic       [SymBits-1:0] list_addr_o,
  output logic       [SymBits-1:0] list_sym_o,
  output logic       [ CountW-1:0] list_count_o
);
  localparam int unsigned NumKeys = 32'(sort_key(CountW'(MaxCount))) + 1;
  localparam int unsigned KeyBits = $clog2(NumKeys);
  localparam int unsigned ListBits = $clog2(Halves << SymBits);
  localparam int unsigned HistW = $clog2(Symbols + 1);  // so many symbols have a key

  typedef enum logic [1:0] {
    CoIdle,
    CoRun,
    CoDrain,  // the last counts come in
    CoWait    // until the other half is free
  } collect_e;
  typedef enum logic [1:0] {
    PlIdle,
    PlPrefix,   // histogram to first places
    PlScatter,
    PlFinish
  } place_e;

  collect_e co_q;
  place_e   pl_q;
  logic a_q, b_q;  // the half that is collected, and the one that is placed
  logic [1:0] full_q;
  logic [SymBits-1:0] sym_q, sym1_q, sym2_q, at_q;
  logic rd1_q, rd2_q;
  logic       [CountW-1:0] count2_q;  // read, of sym2_q
  logic       [       1:0] drain_q;
  sort_info_t              collect_q;  // of the page that is collected
  sort_info_t [       1:0] info_q;
  sort_info_t              info;

  // First list, in the order of symbols.
  logic l0_we, l0_re, l0_re_q;
  logic [SymBits-1:0] l0_sym;
  logic [ CountW-1:0] l0_count;

  assign l0_we = rd2_q && count2_q != '0;
  assign info  = info_q[b_q];
  assign l0_re = pl_q == PlScatter && at_q != info.num[SymBits-1:0];

  prim_ram_1r1w #(
    .Width(SymBits + CountW),
    .Depth(Halves << SymBits)
  ) u_list0 (
    .clk_i,
    .we_i   (l0_we),
    .waddr_i(ListBits'({a_q, collect_q.num[SymBits-1:0]})),
    .wdata_i({sym2_q, count2_q}),
    .re_i   (l0_re),
    .raddr_i(ListBits'({b_q, at_q})),
    .rdata_o({l0_sym, l0_count})
  );

  // Histogram of keys, set to zero as it is read.
  logic h_busy;
  logic h_read, h_read_q;
  logic [KeyBits-1:0] key_q, key1_q;
  logic [HistW-1:0] h_count;
  assign h_read = pl_q == PlPrefix && key_q != KeyBits'(NumKeys);

  compress_tally #(
    .Depth (1 << KeyBits),
    .Width (HistW),
    .Halves(Halves)
  ) u_hist (
    .clk_i,
    .rst_ni,
    .clear_i,
    .busy_o      (h_busy),
    .inc_i       (l0_we),
    .inc_half_i  (a_q),
    .inc_sym_i   (KeyBits'(sort_key(count2_q))),
    .read_i      (h_read),
    .read_half_i (b_q),
    .read_sym_i  (key_q),
    .read_count_o(h_count)
  );

  // Next place of each key.
  logic o_we, o_re, o_same, o_fwd_q;
  logic [KeyBits-1:0] o_waddr, o_raddr;
  logic [SymBits-1:0] o_wdata, o_rdata, o_last_q, o_known, place;
  logic [SymBits-1:0] acc_q;  // the first place of a key, less one
  logic [KeyBits-1:0] s_key_q;
  logic               k_valid_q;
  logic [SymBits-1:0] k_sym_q;
  logic [ CountW-1:0] k_count_q;
  logic               s_valid_q;
  logic [SymBits-1:0] s_sym_q;
  logic [ CountW-1:0] s_count_q;

  assign o_raddr = KeyBits'(sort_key(k_count_q));
  assign o_same  = s_valid_q && s_key_q == o_raddr;
  assign o_re    = k_valid_q && !o_same;
  assign place   = o_fwd_q ? o_last_q : o_rdata;
  assign o_we    = h_read_q || s_valid_q;
  assign o_waddr = h_read_q ? key1_q : s_key_q;
  // What was known before the read takes one choice less on the way to the adder.
  assign o_known = h_read_q ? acc_q : o_last_q;
  assign o_wdata = ((h_read_q || o_fwd_q) ? o_known : o_rdata) + 1'b1;

  prim_ram_1r1w #(
    .Width(SymBits),
    .Depth(1 << KeyBits)
  ) u_place (
    .clk_i,
    .we_i   (o_we),
    .waddr_i(o_waddr),
    .wdata_i(o_wdata),
    .re_i   (o_re),
    .raddr_i(o_raddr),
    .rdata_o(o_rdata)
  );

  assign list_we_o    = s_valid_q;
  assign list_addr_o  = place;
  assign list_sym_o   = s_sym_q;
  assign list_count_o = s_count_q;
  assign read_o       = co_q == CoRun;
  assign read_sym_o   = sym_q;
  assign idle_o       = co_q == CoIdle && !h_busy;
  assign busy_o       = h_busy;
  assign taken_o      = co_q == CoDrain && drain_q == 2'd3;
  assign info_o       = info;
  assign done_o       = pl_q == PlFinish && !l0_re_q && !k_valid_q && !s_valid_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      co_q      <= CoIdle;
      pl_q      <= PlIdle;
      a_q       <= 1'b0;
      b_q       <= 1'b0;
      full_q    <= '0;
      rd1_q     <= 1'b0;
      rd2_q     <= 1'b0;
      l0_re_q   <= 1'b0;
      h_read_q  <= 1'b0;
      k_valid_q <= 1'b0;
      s_valid_q <= 1'b0;
    end else if (clear_i) begin
      co_q      <= CoIdle;
      pl_q      <= PlIdle;
      a_q       <= 1'b0;
      b_q       <= 1'b0;
      full_q    <= '0;
      rd1_q     <= 1'b0;
      rd2_q     <= 1'b0;
      l0_re_q   <= 1'b0;
      h_read_q  <= 1'b0;
      k_valid_q <= 1'b0;
      s_valid_q <= 1'b0;
    end else begin
      rd1_q     <= read_o;
      rd2_q     <= rd1_q;
      l0_re_q   <= l0_re;
      h_read_q  <= h_read;
      k_valid_q <= l0_re_q;
      s_valid_q <= k_valid_q;
      unique case (co_q)
        CoIdle:  if (start_i) co_q <= CoRun;
        CoRun:   if (sym_q == SymBits'(Symbols - 1)) co_q <= CoDrain;
        CoDrain: begin
          if (taken_o) begin
            a_q         <= (Halves > 1) && !a_q;
            full_q[a_q] <= 1'b1;
            co_q        <= CoWait;
          end
        end
        CoWait:  if (!full_q[a_q]) co_q <= CoIdle;
        default: co_q <= CoIdle;
      endcase
      unique case (pl_q)
        PlIdle:    if (full_q[b_q] && list_ready_i) pl_q <= PlPrefix;
        PlPrefix:  if (key_q == KeyBits'(NumKeys) && !h_read_q) pl_q <= PlScatter;
        PlScatter: if (!l0_re) pl_q <= PlFinish;
        PlFinish: begin
          if (done_o) begin
            b_q         <= (Halves > 1) && !b_q;
            full_q[b_q] <= 1'b0;
            pl_q        <= PlIdle;
          end
        end
        default:   pl_q <= PlIdle;
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    if (co_q == CoIdle) begin
      sym_q     <= '0;
      drain_q   <= '0;
      collect_q <= '0;
    end else begin
      if (read_o) sym_q <= sym_q + 1'b1;
      if (co_q == CoDrain) drain_q <= drain_q + 1'b1;
      if (l0_we) begin
        collect_q.num <= collect_q.num + 1'b1;
        collect_q.total <= collect_q.total + count2_q;
        collect_q.last_sym <= 9'(sym2_q);
      end
    end
    if (taken_o) info_q[a_q] <= collect_q;
    if (pl_q == PlIdle) begin
      at_q  <= '0;
      key_q <= '0;
      acc_q <= '1;
    end else begin
      if (h_read) key_q <= key_q + 1'b1;
      if (h_read_q) acc_q <= acc_q + SymBits'(h_count);
      if (l0_re) at_q <= at_q + 1'b1;
    end
    sym1_q <= sym_q;
    sym2_q <= sym1_q;
    count2_q <= read_count_i;
    key1_q <= key_q;
    k_sym_q <= l0_sym;
    k_count_q <= l0_count;
    if (k_valid_q) begin
      s_key_q   <= o_raddr;
      s_sym_q   <= k_sym_q;
      s_count_q <= k_count_q;
      o_fwd_q   <= o_same;
    end
    if (s_valid_q) o_last_q <= place + 1'b1;
  end

  `include "sealift_assert.svh"
  `SL_ASSERT(CountInRange, !l0_we || count2_q <= CountW'(MaxCount))

endmodule
