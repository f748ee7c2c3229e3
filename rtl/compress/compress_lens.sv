// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Code lengths by symbol, for several pages; a length not written since it was read is zero.
//
// Protocol: we_i[s] writes slot s; re_i returns the length in the next cycle and sets it to zero
//           behind. The same symbol must not be read in two cycles running.
// Rules:    a slot is written or read, not both; after reset and clear_i the memory is wiped:
//           busy_o holds for Depth cycles.
module compress_lens #(
  parameter  int unsigned Depth    = 512,
  parameter  int unsigned Slots    = 2,
  localparam int unsigned SymBits  = $clog2(Depth),
  localparam int unsigned SlotBits = (Slots > 1) ? $clog2(Slots) : 1
) (
  input  logic                             clk_i,
  input  logic                             rst_ni,
  input  logic                             clear_i,
  output logic                             busy_o,
  input  logic [   Slots-1:0]              we_i,
  input  logic [   Slots-1:0][SymBits-1:0] we_sym_i,
  input  logic [   Slots-1:0][        3:0] we_len_i,
  input  logic                             re_i,
  input  logic [SlotBits-1:0]              re_slot_i,
  input  logic [ SymBits-1:0]              re_sym_i,
  output logic [         3:0]              len_o
);
  logic busy_q, re_q;
  logic [SlotBits-1:0] slot_q;
  logic [SymBits-1:0] wipe_q, sym_q;
  logic [Slots-1:0][3:0] rdata;

  assign busy_o = busy_q;
  assign len_o  = rdata[slot_q];

  for (genvar h = 0; h < Slots; h++) begin : gen_slot
    logic               we;
    logic [SymBits-1:0] waddr;
    logic [        3:0] wdata;
    always_comb begin
      we    = 1'b0;
      waddr = sym_q;
      wdata = '0;
      if (busy_q) begin
        we    = 1'b1;
        waddr = wipe_q;
      end else if (we_i[h]) begin
        we    = 1'b1;
        waddr = we_sym_i[h];
        wdata = we_len_i[h];
      end else if (re_q && slot_q == SlotBits'(h)) begin
        we = 1'b1;
      end
    end
    prim_ram_1r1w #(
      .Width(4),
      .Depth(Depth)
    ) u_ram (
      .clk_i,
      .we_i   (we),
      .waddr_i(waddr),
      .wdata_i(wdata),
      .re_i   (re_i && re_slot_i == SlotBits'(h)),
      .raddr_i(re_sym_i),
      .rdata_o(rdata[h])
    );
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      busy_q <= 1'b1;
      wipe_q <= '0;
      re_q   <= 1'b0;
    end else if (clear_i) begin
      busy_q <= 1'b1;
      wipe_q <= '0;
      re_q   <= 1'b0;
    end else begin
      re_q <= re_i;
      if (busy_q) begin
        wipe_q <= wipe_q + 1'b1;
        if (wipe_q == SymBits'(Depth - 1)) busy_q <= 1'b0;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (re_i) begin
      slot_q <= re_slot_i;
      sym_q  <= re_sym_i;
    end
  end

endmodule
