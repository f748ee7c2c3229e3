// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Counts of symbols for two pages: one being counted, one being read.
//
// Protocol: inc_i adds one to inc_sym_i of half inc_half_i, one a cycle, any symbols in a row. The
//           count is in the memory two cycles later. read_i returns the count of read_sym_i of
//           half read_half_i in the next cycle and sets it to zero behind; the same symbol must
//           not be read in two cycles running.
// Rules:    the two halves must differ while both are used. After reset and clear_i the memory is
//           wiped: busy_o holds for Depth cycles, in which nothing may be asked.
module compress_tally #(
  parameter  int unsigned Depth   = 256,
  parameter  int unsigned Width   = 13,
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
  logic               busy_q;
  logic [SymBits-1:0] wipe_q;
  logic inc_q, inc_half_q, fwd_q, read_q, read_half_q;
  logic [SymBits-1:0] inc_sym_q, read_sym_q;
  logic [Width-1:0] last_q, old, sum;
  logic same;
  logic [1:0] we, re;
  logic [1:0][SymBits-1:0] waddr, raddr;
  logic [1:0][Width-1:0] wdata, rdata;

  // The symbol just behind is still on its way to the memory: its sum is taken from the register.
  assign same = inc_q && inc_sym_q == inc_sym_i && inc_half_q == inc_half_i;
  assign old = fwd_q ? last_q : rdata[inc_half_q];
  assign sum = old + 1'b1;
  assign busy_o = busy_q;
  assign read_count_o = rdata[read_half_q];

  for (genvar h = 0; h < 2; h++) begin : gen_half
    always_comb begin
      re[h]    = (inc_i && !same && inc_half_i == 1'(h)) || (read_i && read_half_i == 1'(h));
      raddr[h] = (read_i && read_half_i == 1'(h)) ? read_sym_i : inc_sym_i;
      we[h]    = 1'b0;
      waddr[h] = inc_sym_q;
      wdata[h] = sum;
      if (busy_q) begin
        we[h]    = 1'b1;
        waddr[h] = wipe_q;
        wdata[h] = '0;
      end else if (inc_q && inc_half_q == 1'(h)) begin
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
      inc_q  <= 1'b0;
      read_q <= 1'b0;
      fwd_q  <= 1'b0;
    end else if (clear_i) begin
      busy_q <= 1'b1;
      wipe_q <= '0;
      inc_q  <= 1'b0;
      read_q <= 1'b0;
      fwd_q  <= 1'b0;
    end else begin
      if (busy_q) begin
        wipe_q <= wipe_q + 1'b1;
        if (wipe_q == SymBits'(Depth - 1)) busy_q <= 1'b0;
      end
      inc_q  <= inc_i;
      read_q <= read_i;
      fwd_q  <= inc_i && same;
    end
  end

  always_ff @(posedge clk_i) begin
    if (inc_i) begin
      inc_half_q <= inc_half_i;
      inc_sym_q  <= inc_sym_i;
    end
    if (inc_q) last_q <= sum;
    if (read_i) begin
      read_half_q <= read_half_i;
      read_sym_q  <= read_sym_i;
    end
  end

endmodule
