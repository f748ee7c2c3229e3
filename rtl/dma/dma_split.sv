// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Cuts a read request into bursts that end at multiples of MaxBlocks * 16 bytes.
//
// Protocol: requests in, bursts out, both valid/ready; two requests wait while one is being cut.
// Latency:  two cycles. Rate: a burst a cycle, and a cycle between requests.
// Rules:    addr and bytes are multiples of 16, bytes is not zero (asserted; an empty request vanishes).
//           A request that runs past the end of the address space goes on with `wrapped` set, for the
//           firewall to refuse.
module dma_split
  import dma_pkg::*;
  import sealift_axi_pkg::*;
#(
  parameter int unsigned MaxBlocks = 256,
  parameter bit          Client    = 1'b0
) (
  input  logic     clk_i,
  input  logic     rst_ni,
  input  logic     clear_i,
  input  logic     req_valid_i,
  output logic     req_ready_o,
  input  dma_req_t req_i,
  output logic     valid_o,
  input  logic     ready_i,
  output burst_t   burst_o,
  output logic     busy_o
);
  `include "sealift_assert.svh"

  localparam int unsigned InW = $clog2(MaxBlocks);

  logic [59:0]   addr_q, left_q, req_addr, req_left;
  logic [InW:0]  room;
  logic          busy_q, wrapped_q, head_valid, head_ready, fits;
  logic [60-InW:0] next_page;

  prim_skid #(
    .Width(120)
  ) u_requests (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(req_valid_i),
    .ready_o(req_ready_o),
    .data_i ({req_i.addr[63:4], req_i.bytes[63:4]}),
    .valid_o(head_valid),
    .ready_i(head_ready),
    .data_o ({req_addr, req_left})
  );

  assign head_ready = !busy_q;
  assign room       = (InW + 1)'(MaxBlocks) - {1'b0, addr_q[InW-1:0]};
  assign fits       = left_q[59:InW+1] == '0 && left_q[InW:0] <= room;
  // Unless it is the last, a burst ends at a boundary: the next address needs no adder of its length.
  assign next_page  = {1'b0, addr_q[59:InW]} + 1'b1;

  assign valid_o         = busy_q;
  assign busy_o          = busy_q || head_valid || req_valid_i;
  assign burst_o.wrapped = wrapped_q;
  assign burst_o.last    = fits;
  assign burst_o.client  = Client;
  assign burst_o.blocks  = fits ? BlocksW'(left_q[InW:0]) : BlocksW'(room);
  assign burst_o.addr    = {addr_q, 4'h0};

  always_ff @(posedge clk_i) begin
    if (head_valid && head_ready) begin
      addr_q    <= req_addr;
      left_q    <= req_left;
      wrapped_q <= 1'b0;
    end else if (valid_o && ready_i) begin
      addr_q    <= {next_page[59-InW:0], InW'(0)};
      left_q    <= left_q - 60'(room);
      wrapped_q <= wrapped_q || next_page[60-InW];
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) busy_q <= 1'b0;
    else if (clear_i) busy_q <= 1'b0;
    else if (!busy_q) busy_q <= head_valid && req_left != '0;
    else if (ready_i && fits) busy_q <= 1'b0;
  end

  `SL_ASSERT(RequestAligned, !req_valid_i || (req_i.addr[3:0] == '0 && req_i.bytes[3:0] == '0))
  `SL_ASSERT(RequestNotEmpty, !req_valid_i || req_i.bytes != '0)
  `SL_ASSERT_STABLE(Request, req_valid_i, req_ready_o, req_i, clear_i)
  `SL_ASSERT_STABLE(Burst, valid_o, ready_i, burst_o, clear_i)

endmodule
