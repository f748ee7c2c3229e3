// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Masks of tags, E(J0) (NIST SP 800-38D, section 7.1, steps 2 and 6), made ahead of the records and
// kept in their order.
//
// Protocol: one request with the sequence number of each record, in order; the masks come out in
//           the same order.
// Rate:     a mask a cycle. Rules: Depth masks are made ahead; clear_i drops and zeroes them.
module cipher_mask
  import crypto_pkg::*;
#(
  parameter int unsigned Depth = 16
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         clear_i,
  input  logic         ready_i,        // the key context is complete
  input  logic [ 31:0] salt_i,
  input  logic         req_valid_i,
  output logic         req_ready_o,
  input  logic [ 63:0] req_seq_i,
  output logic         mask_valid_o,
  input  logic         mask_ready_i,
  output logic [127:0] mask_o,
  // the block cipher
  output logic         block_valid_o,
  input  logic         block_ready_i,
  output logic [127:0] block_o,
  input  logic         mask_valid_i,
  input  logic [127:0] mask_block_i
);
  `include "sealift_assert.svh"

  localparam int unsigned CountW = $clog2(Depth + 1);

  logic req_valid, issue, pop, mask_room;
  logic [      63:0] req_seq;
  logic [CountW-1:0] reserved_q;  // masks asked for and not yet used
  logic [       1:0] unused_reqs;
  logic [CountW-1:0] unused_masks;

  prim_fifo #(
    .Width(64),
    .Depth(2)
  ) u_reqs (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(req_valid_i),
    .ready_o(req_ready_o),
    .data_i (req_seq_i),
    .valid_o(req_valid),
    .ready_i(issue),
    .data_o (req_seq),
    .count_o(unused_reqs)
  );

  assign block_valid_o = req_valid && ready_i && mask_room && reserved_q != CountW'(Depth);
  assign block_o       = counter_block(salt_i, req_seq, 32'd1);
  assign issue         = block_valid_o && block_ready_i;
  assign pop           = mask_valid_o && mask_ready_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) reserved_q <= '0;
    else if (clear_i) reserved_q <= '0;
    else if (issue != pop) reserved_q <= issue ? reserved_q + 1'b1 : reserved_q - 1'b1;
  end

  crypto_fifo #(
    .Width(128),
    .Depth(Depth)
  ) u_masks (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(mask_valid_i),
    .ready_o(mask_room),
    .data_i (mask_block_i),
    .valid_o(mask_valid_o),
    .ready_i(mask_ready_i),
    .data_o (mask_o),
    .count_o(unused_masks)
  );

  `SL_ASSERT(MaskHasRoom, !mask_valid_i || mask_room || clear_i)
endmodule
