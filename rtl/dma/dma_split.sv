// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Cuts a read request into bursts that end at multiples of MaxBlocks * 16 bytes.
//
// Protocol: requests in, bursts out, both valid/ready; two requests wait while one is being cut.
// Latency:  three cycles. Rate: a burst every two cycles, and a cycle between requests.
// Rules:    addr and bytes are multiples of 16, bytes is not zero (asserted; an empty request
//           vanishes). A request that runs past the end of the address space goes on with `wrapped`
//           set, for the firewall to refuse.
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

  logic [59:0] addr_q, left_q, req_addr, req_left;
  logic [InW:0] room;
  logic busy_q, wrapped_q, head_valid, head_ready, fits, cut;
  logic              valid_q;
  burst_t            burst_q;
  logic   [60-InW:0] next_page;

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
  // Unless it is the last, a burst ends at a boundary: the next address needs no adder of its
  // length.
  assign next_page  = {1'b0, addr_q[59:InW]} + 1'b1;

  assign cut        = busy_q && !valid_q;
  assign valid_o    = valid_q;
  assign burst_o    = burst_q;
  assign busy_o     = busy_q || valid_q || head_valid || req_valid_i;

  always_ff @(posedge clk_i) begin
    if (head_valid && head_ready) begin
      addr_q    <= req_addr;
      left_q    <= req_left;
      wrapped_q <= 1'b0;
    end else if (cut) begin
      addr_q    <= {next_page[59-InW:0], InW'(0)};
      left_q    <= left_q - 60'(room);
      wrapped_q <= wrapped_q || next_page[60-InW];
    end
    if (cut) begin
      burst_q.wrapped <= wrapped_q;
      burst_q.last    <= fits;
      burst_q.client  <= Client;
      burst_q.blocks  <= fits ? BlocksW'(left_q[InW:0]) : BlocksW'(room);
      burst_q.addr    <= {addr_q, 4'h0};
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      busy_q  <= 1'b0;
      valid_q <= 1'b0;
    end else if (clear_i) begin
      busy_q  <= 1'b0;
      valid_q <= 1'b0;
    end else begin
      if (!busy_q) busy_q <= head_valid && req_left != '0;
      else if (cut && fits) busy_q <= 1'b0;
      if (!valid_q) valid_q <= busy_q;
      else if (ready_i) valid_q <= 1'b0;
    end
  end

  `SL_ASSERT(RequestAligned, !req_valid_i || (req_i.addr[3:0] == '0 && req_i.bytes[3:0] == '0))
  `SL_ASSERT(RequestNotEmpty, !req_valid_i || req_i.bytes != '0)
  `SL_ASSERT_STABLE(Request, req_valid_i, req_ready_o, req_i, clear_i)
  `SL_ASSERT_STABLE(Burst, valid_o, ready_i, burst_o, clear_i)

endmodule
