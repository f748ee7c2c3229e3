// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Sorts the used symbols of an alphabet by count, ascending: a counting sort on a floating-point key.
//
// Protocol: start_i (with idle_o) sorts the counts that the read port returns in the cycle after read_o; done_o is a
//           pulse with info_o. The list is written to half half_i of the list memory, item by item.
// Latency:  Symbols + 88 + used symbols + 8 cycles.
// Rules:    the read port sets counts to zero behind (compress_tally). clear_i drops everything and wipes the
//           histogram: busy_o.
module compress_sort
  import compress_pkg::*;
#(
  parameter int unsigned Symbols = 286,
  localparam int unsigned SymBits = $clog2(Symbols)
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               clear_i,
  output logic               busy_o,
  input  logic               start_i,
  output logic               idle_o,
  output logic               done_o,
  output sort_info_t         info_o,
  output logic               read_o,
  output logic [SymBits-1:0] read_sym_o,
  input  logic [CountW-1:0]  read_count_i,
  output logic               list_we_o,
  output logic [SymBits-1:0] list_addr_o,
  output logic [SymBits-1:0] list_sym_o,
  output logic [CountW-1:0]  list_count_o
);
  typedef enum logic [2:0] {
    StIdle,
    StCollect,
    StDrain,    // the last counts come in
    StPrefix,   // histogram to first places
    StScatter,
    StFinish
  } state_e;

  state_e             state_q;
  logic [SymBits-1:0] sym_q, sym1_q, at_q;
  logic [SymBits:0]   num_q;
  logic               rd1_q;
  logic [1:0]         drain_q;
  sort_info_t         info_q;

  // First list, in the order of symbols.
  logic               l0_we, l0_re, l0_re_q;
  logic [SymBits-1:0] l0_sym;
  logic [CountW-1:0]  l0_count;

  assign l0_we = rd1_q && read_count_i != '0;
  assign l0_re = state_q == StScatter && at_q != num_q[SymBits-1:0];

  prim_ram_1r1w #(
    .Width(SymBits + CountW),
    .Depth(1 << SymBits)
  ) u_list0 (
    .clk_i,
    .we_i   (l0_we),
    .waddr_i(num_q[SymBits-1:0]),
    .wdata_i({sym1_q, read_count_i}),
    .re_i   (l0_re),
    .raddr_i(at_q),
    .rdata_o({l0_sym, l0_count})
  );

  // Histogram of keys, set to zero as it is read.
  logic              h_busy;
  logic              h_read, h_read_q;
  logic [KeyW-1:0]   key_q, key1_q;
  logic [CountW-1:0] h_count;
  assign h_read = state_q == StPrefix && key_q != KeyW'(NumKeys);

  compress_tally #(
    .Depth(1 << KeyW),
    .Width(CountW)
  ) u_hist (
    .clk_i,
    .rst_ni,
    .clear_i,
    .busy_o      (h_busy),
    .inc_i       (l0_we),
    .inc_half_i  (1'b0),
    .inc_sym_i   (sort_key(read_count_i)),
    .read_i      (h_read),
    .read_half_i (1'b0),
    .read_sym_i  (key_q),
    .read_count_o(h_count)
  );

  // Next place of each key.
  logic               o_we, o_re, o_same, o_fwd_q;
  logic [KeyW-1:0]    o_waddr, o_raddr;
  logic [SymBits-1:0] o_wdata, o_rdata, o_last_q, place, acc_q;
  logic [KeyW-1:0]    s_key_q;
  logic               s_valid_q;
  logic [SymBits-1:0] s_sym_q;
  logic [CountW-1:0]  s_count_q;

  assign o_raddr = sort_key(l0_count);
  assign o_same  = s_valid_q && s_key_q == o_raddr;
  assign o_re    = l0_re_q && !o_same;
  assign place   = o_fwd_q ? o_last_q : o_rdata;
  assign o_we    = h_read_q || s_valid_q;
  assign o_waddr = h_read_q ? key1_q : s_key_q;
  assign o_wdata = h_read_q ? acc_q : place + 1'b1;

  prim_ram_1r1w #(
    .Width(SymBits),
    .Depth(1 << KeyW)
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
  assign read_o       = state_q == StCollect;
  assign read_sym_o   = sym_q;
  assign idle_o       = state_q == StIdle && !h_busy;
  assign busy_o       = h_busy;
  assign info_o       = info_q;
  assign done_o       = state_q == StFinish && !l0_re_q && !s_valid_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q   <= StIdle;
      rd1_q     <= 1'b0;
      l0_re_q   <= 1'b0;
      h_read_q  <= 1'b0;
      s_valid_q <= 1'b0;
    end else if (clear_i) begin
      state_q   <= StIdle;
      rd1_q     <= 1'b0;
      l0_re_q   <= 1'b0;
      h_read_q  <= 1'b0;
      s_valid_q <= 1'b0;
    end else begin
      rd1_q     <= read_o;
      l0_re_q   <= l0_re;
      h_read_q  <= h_read;
      s_valid_q <= l0_re_q;
      unique case (state_q)
        StIdle:    if (start_i) state_q <= StCollect;
        StCollect: if (sym_q == SymBits'(Symbols - 1)) state_q <= StDrain;
        StDrain:   if (drain_q == 2'd3) state_q <= StPrefix;
        StPrefix:  if (key_q == KeyW'(NumKeys) && !h_read_q) state_q <= StScatter;
        StScatter: if (!l0_re) state_q <= StFinish;
        StFinish:  if (done_o) state_q <= StIdle;
        default:   state_q <= StIdle;
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    if (state_q == StIdle) begin
      sym_q   <= '0;
      num_q   <= '0;
      at_q    <= '0;
      key_q   <= '0;
      acc_q   <= '0;
      drain_q <= '0;
      if (start_i) info_q <= '0;
    end else begin
      if (read_o) sym_q <= sym_q + 1'b1;
      if (state_q == StDrain) drain_q <= drain_q + 1'b1;
      if (l0_we) begin
        num_q      <= num_q + 1'b1;
        info_q.num <= info_q.num + 1'b1;
        info_q.max <= 9'(sym1_q);
      end
      if (h_read) key_q <= key_q + 1'b1;
      if (h_read_q) acc_q <= acc_q + SymBits'(h_count);
      if (l0_re) at_q <= at_q + 1'b1;
    end
    sym1_q <= sym_q;
    key1_q <= key_q;
    if (l0_re_q) begin
      s_key_q   <= o_raddr;
      s_sym_q   <= l0_sym;
      s_count_q <= l0_count;
      o_fwd_q   <= o_same;
    end
    if (s_valid_q) o_last_q <= place + 1'b1;
  end

  logic unused_bits;
  assign unused_bits = ^{h_count};

endmodule
