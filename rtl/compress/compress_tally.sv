// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Counts of symbols for two pages, one being counted, one being read; or for one at a time.
//
// Protocol: inc_i adds one to inc_sym_i of half inc_half_i, one a cycle, any symbols in a row. The
//           count is in the memory three cycles later. read_i returns the count of read_sym_i of
//           half read_half_i in the next cycle and sets it to zero behind; the same symbol must
//           not be read in two cycles running.
// Rules:    the two halves must differ while both are used; with one, nothing is counted while it is
//           read (asserted). After reset and clear_i the memory is wiped: busy_o holds for Depth
//           cycles, in which nothing may be asked.
module compress_tally #(
  parameter int unsigned Depth = 256,
  parameter int unsigned Width = 13,
  parameter int unsigned Halves = 2,  // 1: what counts waits while the counts are read
  localparam int unsigned SymBits = $clog2(Depth)
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               clear_i,
  output logic               busy_o,
  input  logic               inc_i,
  input  logic               inc_half_i,
  input  logic [SymBits-1:0] inc_sym_i,
  input  logic               read_i,
  input  logic               read_half_i,
  input  logic [SymBits-1:0] read_sym_i,
  output logic [  Width-1:0] read_count_o
);
  logic busy_q;
  logic [SymBits-1:0] wipe_q;
  // 1: the count has been read; 2: it goes up
  logic inc1_q, inc2_q, half1_q, half2_q, near1_q, near2_q, late_q, read_q, read_half_q;
  logic [SymBits-1:0] sym1_q, sym2_q, read_sym_q;
  logic [Width-1:0] last_q, base_q, sum;
  logic near, late;  // the same symbol one or two cycles before: on its way to the memory
  logic [Halves-1:0] we, re;
  logic [Halves-1:0][SymBits-1:0] waddr, raddr;
  logic [Halves-1:0][Width-1:0] wdata, rdata;

  assign near = inc1_q && sym1_q == inc_sym_i && half1_q == inc_half_i;
  assign late = inc2_q && sym2_q == inc_sym_i && half2_q == inc_half_i;
  assign sum = (near2_q ? last_q : base_q) + 1'b1;
  assign busy_o = busy_q;
  assign read_count_o = rdata[(Halves>1)&&read_half_q];

  for (genvar h = 0; h < Halves; h++) begin : gen_half
    always_comb begin
      re[h] = (inc_i && !near && !late && inc_half_i == 1'(h)) || (read_i && read_half_i == 1'(h));
      raddr[h] = (read_i && read_half_i == 1'(h)) ? read_sym_i : inc_sym_i;
      we[h] = 1'b0;
      waddr[h] = sym2_q;
      wdata[h] = sum;
      if (busy_q) begin
        we[h]    = 1'b1;
        waddr[h] = wipe_q;
        wdata[h] = '0;
      end else if (inc2_q && half2_q == 1'(h)) begin
        we[h] = 1'b1;
      end else if (read_q && read_half_q == 1'(h)) begin
        we[h]    = 1'b1;
        waddr[h] = read_sym_q;
        wdata[h] = '0;
      end
    end

    prim_ram_1r1w #(
      .Width(Width),
      .Depth(Depth)
    ) u_ram (
      .clk_i,
      .we_i   (we[h]),
      .waddr_i(waddr[h]),
      .wdata_i(wdata[h]),
      .re_i   (re[h]),
      .raddr_i(raddr[h]),
      .rdata_o(rdata[h])
    );
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      busy_q <= 1'b1;
      wipe_q <= '0;
      inc1_q <= 1'b0;
      inc2_q <= 1'b0;
      read_q <= 1'b0;
    end else if (clear_i) begin
      busy_q <= 1'b1;
      wipe_q <= '0;
      inc1_q <= 1'b0;
      inc2_q <= 1'b0;
      read_q <= 1'b0;
    end else begin
      if (busy_q) begin
        wipe_q <= wipe_q + 1'b1;
        if (wipe_q == SymBits'(Depth - 1)) busy_q <= 1'b0;
      end
      inc1_q <= inc_i;
      inc2_q <= inc1_q;
      read_q <= read_i;
    end
  end

  always_ff @(posedge clk_i) begin
    half1_q <= inc_half_i;
    sym1_q  <= inc_sym_i;
    near1_q <= near;
    late_q  <= late;
    half2_q <= half1_q;
    sym2_q  <= sym1_q;
    near2_q <= near1_q;
    base_q  <= late_q ? last_q : rdata[(Halves>1)&&half1_q];
    if (inc2_q) last_q <= sum;
    if (read_i) begin
      read_half_q <= read_half_i;
      read_sym_q  <= read_sym_i;
    end
  end

  `include "sealift_assert.svh"
  `SL_ASSERT(OneAtATime, Halves > 1 || !(inc_i || inc1_q || inc2_q) || !(read_i || read_q))

endmodule
