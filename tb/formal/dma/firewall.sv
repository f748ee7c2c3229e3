// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Proof: a burst that dma_firewall allows touches no byte outside the open windows and does not run past the end of
// the address space.
//
// Free: bursts, windows (while no burst is inside), clear, reset at any time. Assumed: what dma/port proves of bursts,
// that they lie in one 4 KiB page.
module firewall
  import dma_pkg::*;
  import sealift_axi_pkg::*;
#(
  parameter int unsigned Windows = 2,
  parameter bit          Write   = 1'b0
) (
  input logic                  clk_i,
  input logic                  reset_i,
  input logic                  clear_i,
  input window_t [Windows-1:0] windows_i,
  input logic                  valid_i,
  input burst_t                burst_i,
  input logic                  ready_i
);
  `include "formal.svh"
`SL_FORMAL_RESET

  logic ready, valid, allowed, busy;
  burst_t burst;

  dma_firewall #(
    .Windows(Windows),
    .Write  (Write)
  ) dut (
    .clk_i,
    .rst_ni,
    .clear_i,
    .windows_i,
    .valid_i,
    .ready_o  (ready),
    .burst_i,
    .valid_o  (valid),
    .ready_i,
    .burst_o  (burst),
    .allowed_o(allowed),
    .busy_o   (busy)
  );

  function automatic logic in_page(burst_t b);
    return b.addr[3:0] == '0 && b.blocks != '0 && 10'(b.addr[11:4]) + 10'(b.blocks) <= 10'd256;
  endfunction

  `SL_ASSUME(InPage, in_page(burst_i))
  `SL_ASSUME(WindowsStill, !$past(busy && rst_ni) || $stable(windows_i))

  // Every byte of the burst: StaysInPage keeps the sum inside the lower 12 bits.
  logic [63:0] last;
  logic [ 8:0] past;
  logic        inside_window;

  assign past = 9'(burst.addr[11:4]) + 9'(burst.blocks);
  assign last = {burst.addr[63:12], 8'(past - 1'b1), 4'hF} | (Write ? '0 : 64'(BusBytes - 1));

  always_comb begin
    inside_window = 1'b0;
    for (int unsigned i = 0; i < Windows; i++) begin
      if (windows_i[i].enable && (Write ? windows_i[i].write : windows_i[i].read) &&
          windows_i[i].base <= burst.addr && last <= windows_i[i].limit) begin
        inside_window = 1'b1;
      end
    end
  end

  `SL_ASSERT(Taken, !valid || busy)
  `SL_ASSERT(StaysInPage, !busy || in_page(burst))
  `SL_ASSERT(NoWrap, !(valid && allowed) || !burst.wrapped)
  `SL_ASSERT(InWindow, !(valid && allowed) || inside_window)
  `SL_COVER(Allowed, valid && allowed && burst.blocks == 9'd256)
  `SL_COVER(LastPage, valid && allowed && burst.addr[63:12] == '1 && last[11:0] == '1)
  `SL_COVER(Refused, valid && !allowed && !burst.wrapped)
endmodule
