// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// One page in two banks of lines, so that any Bytes bytes in a row are read at once.
//
// Protocol: we_i writes 16 bytes. re_i reads from byte addr_i on: the Bytes bytes there come in the
//           next cycle; behind the page's end follows its beginning.
module compress_page #(
  parameter int unsigned Bytes = 16  // 8 or 16
) (
  input  logic               clk_i,
  input  logic               we_i,
  input  logic [        7:0] waddr_i,
  input  logic [      127:0] wdata_i,
  input  logic               re_i,
  input  logic [       11:0] addr_i,
  output logic [8*Bytes-1:0] line_o,   // the whole line that addr_i was in
  output logic [8*Bytes-1:0] data_o
);
  localparam int unsigned Lines = sealift_pkg::PageBytes / Bytes / 2;  // in a bank
  localparam int unsigned LineBits = $clog2(Lines);
  localparam int unsigned ByteBits = $clog2(Bytes);

  logic [1:0] we;
  logic [1:0][LineBits-1:0] waddr, raddr;
  logic [1:0][8*Bytes-1:0] wdata, rdata;
  logic [8*Bytes-1:0] keep, turned;
  logic swap_q;
  logic [ByteBits-1:0] shift_q;

  // The line that addr_i is in, and the one behind it.
  assign raddr[0] = addr_i[11-:LineBits] + LineBits'(addr_i[ByteBits]);
  assign raddr[1] = addr_i[11-:LineBits];

  if (Bytes == 16) begin : gen_line
    assign we    = {we_i && waddr_i[0], we_i && !waddr_i[0]};
    assign waddr = {2{waddr_i[7:1]}};
    assign wdata = {2{wdata_i}};
  end else begin : gen_half
    assign we    = {2{we_i}};
    assign waddr = {2{waddr_i}};
    assign wdata = wdata_i;
  end

  for (genvar b = 0; b < 2; b++) begin : gen_bank
    prim_ram_1r1w #(
      .Width(8 * Bytes),
      .Depth(Lines)
    ) u_ram (
      .clk_i,
      .we_i   (we[b]),
      .waddr_i(waddr[b]),
      .wdata_i(wdata[b]),
      .re_i,
      .raddr_i(raddr[b]),
      .rdata_o(rdata[b])
    );
  end

  always_ff @(posedge clk_i) begin
    if (re_i) begin
      swap_q  <= addr_i[ByteBits];
      shift_q <= addr_i[ByteBits-1:0];
    end
  end

  // Bytes in front of the first one are taken from the line behind, then the line is turned.
  assign keep   = {8 * Bytes{1'b1}} << {shift_q, 3'b000};
  assign line_o = rdata[swap_q];
  assign turned = (rdata[swap_q] & keep) | (rdata[!swap_q] & ~keep);
  assign data_o = (8 * Bytes)'({turned, turned} >> {shift_q, 3'b000});

  `include "sealift_assert.svh"
  `SL_ASSERT_PARAM(BytesRange, Bytes == 8 || Bytes == 16)

endmodule
