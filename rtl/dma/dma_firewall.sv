// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Checks every burst against the memory windows before it can reach the bus.
//
// Protocol: bursts in and out with valid/ready; allowed_o goes with the burst. A burst is allowed
//           when all the bytes that its beats cover lie in one enabled window of its direction and
//           its transfer has not run past the end of the address space.
// Latency:  two cycles: one to take the burst, one to compare. Rate: a burst every three cycles
//           (bursts are rarely that short).
// Rules:    a read covers whole bus words at its end, because memory reads them; a write covers the
//           strobed bytes alone. windows_i must not change while a burst is inside or on the bus.
module dma_firewall
  import dma_pkg::*;
  import sealift_axi_pkg::*;
#(
  parameter int unsigned Windows = 8,
  parameter bit          Write   = 1'b0
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  clear_i,
  input  window_t [Windows-1:0] windows_i,
  input  logic                  valid_i,
  output logic                  ready_o,
  input  burst_t                burst_i,
  output logic                  valid_o,
  input  logic                  ready_i,
  output burst_t                burst_o,
  output logic                  allowed_o,
  output logic                  busy_o      // a burst is inside
);
  `include "sealift_assert.svh"

  logic taken_q, valid_q, allowed_q;
  burst_t burst_q;

  // A burst ends in the page where it starts, so its last address has the same upper bits.
  function automatic logic allowed(logic [63:0] addr, logic [BlocksW-1:0] blocks,
                                   window_t [Windows-1:0] windows);
    logic [63:0] last;
    logic        found;
    last = {addr[63:12], addr[11:0] + 12'({blocks, 4'h0} - 13'd1)};
    if (!Write) last |= BusMask;
    found = 1'b0;
    for (int unsigned i = 0; i < Windows; i++) begin
      if (windows[i].enable && (Write ? windows[i].write : windows[i].read) &&
          addr >= windows[i].base && last <= windows[i].limit) begin
        found = 1'b1;
      end
    end
    return found;
  endfunction

  assign ready_o   = !taken_q;
  assign valid_o   = valid_q;
  assign burst_o   = burst_q;
  assign allowed_o = allowed_q;

  always_ff @(posedge clk_i) begin
    if (valid_i && ready_o) burst_q <= burst_i;
    if (taken_q && !valid_q) begin
      allowed_q <= !burst_q.wrapped && allowed(burst_q.addr, burst_q.blocks, windows_i);
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      taken_q <= 1'b0;
      valid_q <= 1'b0;
    end else if (clear_i) begin
      taken_q <= 1'b0;
      valid_q <= 1'b0;
    end else if (!taken_q) begin
      taken_q <= valid_i;
    end else if (!valid_q) begin
      valid_q <= 1'b1;
    end else if (ready_i) begin
      taken_q <= 1'b0;
      valid_q <= 1'b0;
    end
  end

  assign busy_o = taken_q;

  `SL_ASSERT_STABLE(Out, valid_o, ready_i, {burst_o, allowed_o}, clear_i)

endmodule
