// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// What the symbols of one alphabet take, in eighths of a bit, from how often they were counted.
//
// Protocol: wipe_i sets the count of wipe_sym_i to zero; inc_i adds one to that of sym_i, one a
//           cycle, any symbols in a row; look_i asks for sym_i, every cycle if need be: its cost_o
//           is there three cycles later. total_i is eight times the logarithm of all that was
//           counted.
// Rules:    one of the three at a time; look_i two cycles behind the last inc_i or later.
module compress_cost
  import compress_pkg::*;
#(
  parameter  int unsigned Depth   = 256,
  localparam int unsigned SymBits = $clog2(Depth)
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               wipe_i,
  input  logic [SymBits-1:0] wipe_sym_i,
  input  logic               inc_i,
  input  logic               look_i,
  input  logic [SymBits-1:0] sym_i,
  input  logic [        6:0] total_i,
  output logic [        6:0] cost_o
);
  logic inc_q, fwd_q, same;
  logic [SymBits-1:0] sym_q;
  logic [CountW-1:0] last_q, sum, rdata, count_q;
  logic signed [8:0] cost;

  // The symbol just behind is still on its way to the memory: its sum is taken from the register.
  assign same = inc_q && sym_q == sym_i;
  // The memory is wiped with minus one and one: no choice behind the adder.
  assign sum  = (wipe_i ? '1 : fwd_q ? last_q : rdata) + 1'b1;

  prim_ram_1r1w #(
    .Width(CountW),
    .Depth(Depth)
  ) u_counts (
    .clk_i,
    .we_i   (wipe_i || inc_q),
    .waddr_i(wipe_i ? wipe_sym_i : sym_q),
    .wdata_i(sum),
    .re_i   (look_i || (inc_i && !same)),
    .raddr_i(sym_i),
    .rdata_o(rdata)
  );

  // A symbol that was not met takes as if it had been met half a time; none takes less than a bit.
  assign cost = $signed(
      {2'b00, total_i}
  ) - ((count_q == '0) ? -9'sd8 : $signed(
      {2'b00, log2_8(count_q)}
  ));

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) inc_q <= 1'b0;
    else inc_q <= inc_i;
  end
  always_ff @(posedge clk_i) begin
    if (inc_i) begin
      sym_q <= sym_i;
      fwd_q <= same;
    end
    if (inc_q) last_q <= sum;
    count_q <= rdata;
    cost_o  <= (cost < 9'sd8) ? 7'd8 : cost[6:0];
  end

  `include "sealift_assert.svh"
  `SL_ASSERT(OneUse, $countones({wipe_i, inc_i, look_i}) <= 1)

endmodule
