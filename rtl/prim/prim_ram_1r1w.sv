// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Memory with one write and one read port: the one place where Sealift's memories are made, so that an FPGA,
// an ASIC macro or ECC needs one change.
//
// Protocol: write on we_i; read data follows re_i by one cycle and holds until the next read.
// Rules:    a read of the word written in the same cycle returns unspecified data: users must not do it
//           (asserted), which spares the collision logic of a block RAM.
module prim_ram_1r1w #(
  parameter int unsigned Width = 128,
  parameter int unsigned Depth = 256,
  localparam int unsigned AddrBits = (Depth > 1) ? $clog2(Depth) : 1
) (
  input  logic                clk_i,
  input  logic                we_i,
  input  logic [AddrBits-1:0] waddr_i,
  input  logic [   Width-1:0] wdata_i,
  input  logic                re_i,
  input  logic [AddrBits-1:0] raddr_i,
  output logic [   Width-1:0] rdata_o
);
  `include "sealift_assert.svh"

  (* no_rw_check *) logic [Width-1:0] mem[Depth];
  logic [Width-1:0] rdata_q;

  always_ff @(posedge clk_i) begin
    if (we_i) mem[waddr_i] <= wdata_i;
  end

  always_ff @(posedge clk_i) begin
    if (re_i) rdata_q <= mem[raddr_i];
  end

  assign rdata_o = rdata_q;

  `SL_ASSERT(NoCollision, !(we_i && re_i && waddr_i == raddr_i), clk_i, 1'b0)

endmodule
