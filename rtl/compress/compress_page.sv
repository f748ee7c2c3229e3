// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// One page in two banks of 16-byte lines, so that any 17 bytes in a row are read at once.
//
// Protocol: we_i writes a line. re_i reads from byte addr_i on: the 16 bytes there come in the
//           next cycle.
module compress_page (
  input  logic         clk_i,
  input  logic         we_i,
  input  logic [  7:0] waddr_i,
  input  logic [127:0] wdata_i,
  input  logic         re_i,
  input  logic [ 11:0] addr_i,
  output logic [151:0] data_o    // 19 bytes, of which 17 at least are right
);
  logic [127:0] even, odd;
  logic [255:0] window;
  logic         swap_q;
  logic [  3:0] shift_q;
  logic [  6:0] even_addr;

  assign even_addr = addr_i[11:5] + 7'(addr_i[4]);

  prim_ram_1r1w #(
    .Width(128),
    .Depth(128)
  ) u_even (
    .clk_i,
    .we_i   (we_i && !waddr_i[0]),
    .waddr_i(waddr_i[7:1]),
    .wdata_i,
    .re_i,
    .raddr_i(even_addr),
    .rdata_o(even)
  );
  prim_ram_1r1w #(
    .Width(128),
    .Depth(128)
  ) u_odd (
    .clk_i,
    .we_i   (we_i && waddr_i[0]),
    .waddr_i(waddr_i[7:1]),
    .wdata_i,
    .re_i,
    .raddr_i(addr_i[11:5]),
    .rdata_o(odd)
  );

  always_ff @(posedge clk_i) begin
    if (re_i) begin
      swap_q  <= addr_i[4];
      shift_q <= addr_i[3:0];
    end
  end

  assign window = swap_q ? {even, odd} : {odd, even};
  assign data_o = 152'(window >> {shift_q, 3'b000});

endmodule
