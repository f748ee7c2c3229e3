// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Says how long a record is on the wire. encrypt_then_compress: a page waits here for its lane's result, and every
// payload gets a command for the join behind the lanes; other orders pass unchanged.
//
// Protocol: wire_t in and out, in order; a join command a record in encrypt_then_compress (its `first` is 0: the
//           encrypted inner block comes from the split). Latency: one cycle. Rate: a record a cycle.
module out_wire
  import sealift_pkg::*;
  import migrate_out_pkg::*;
(
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   clear_i,
  input  order_e                 order_i,
  input  logic             [2:0] pad_i,
  input  logic                   in_valid_i,
  output logic                   in_ready_o,
  input  wire_t                  in_i,
  input  logic                   res_valid_i,
  output logic                   res_ready_o,
  input  compress_result_t       res_i,
  output logic                   join_valid_o,
  input  logic                   join_ready_i,
  output join_cmd_t              join_o,
  output logic                   out_valid_o,
  input  logic                   out_ready_i,
  output wire_t                  out_o
);
  `include "sealift_assert.svh"

  logic active, need_res, go, join_ready, out_ready;
  join_cmd_t join_cmd;
  wire_t     rec;
  logic [1:0] unused_join_count, unused_out_count;

  assign active      = order_i == OrderEncryptCompress && !in_i.end_job;
  assign need_res    = active && in_i.rtype == RecPage;
  assign go          = in_valid_i && out_ready && join_ready && (!need_res || res_valid_i);

  assign in_ready_o  = go;
  assign res_ready_o = go && need_res;

  always_comb begin
    rec = in_i;
    if (need_res) begin
      rec.lane     = 1'b1;
      rec.kind     = res_i.kind;
      rec.failed   = res_i.failed;
      rec.bytes    = res_i.bytes;
      rec.wire_len = res_i.bytes;
    end
    if (active) rec.beats = bucket_beats(rec.bytes, pad_i);
    join_cmd.first = '0;
    join_cmd.body  = need_res ? BodyLane : BodyRaw;
    join_cmd.bytes = rec.bytes;
    join_cmd.beats = rec.beats;
  end

  prim_fifo #(
    .Width($bits(join_cmd_t)),
    .Depth(2)
  ) u_join (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(go && active),
    .ready_o(join_ready),
    .data_i (join_cmd),
    .valid_o(join_valid_o),
    .ready_i(join_ready_i),
    .data_o (join_o),
    .count_o(unused_join_count)
  );

  prim_fifo #(
    .Width($bits(wire_t)),
    .Depth(2)
  ) u_out (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(go),
    .ready_o(out_ready),
    .data_i (rec),
    .valid_o(out_valid_o),
    .ready_i(out_ready_i),
    .data_o (out_o),
    .count_o(unused_out_count)
  );

  `SL_ASSERT(ResBytes,
             !res_ready_o || clear_i || (res_i.bytes != '0 && 32'(res_i.bytes) <= MaxDeflateBytes))

endmodule
