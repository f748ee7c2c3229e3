// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Puts a payload together: the first block, the body from where the command says, zero blocks to its length.
//
// Protocol: one command and (BodyRaw, BodyLane) one body packet of cmd_i.bytes bytes a payload; packets out.
//           A body of no bytes has no packet.
// Latency:  one cycle. Rate: 16 bytes a cycle, without a gap between payloads.
module out_join
  import sealift_pkg::*;
  import migrate_out_pkg::*;
(
  input  logic              clk_i,
  input  logic              rst_ni,
  input  logic              clear_i,
  input  logic              cmd_valid_i,
  output logic              cmd_ready_o,
  input  join_cmd_t         cmd_i,
  input  logic              raw_valid_i,
  output logic              raw_ready_o,
  input  beat_t             raw_beat_i,
  input  logic              lane_valid_i,
  output logic              lane_ready_o,
  input  beat_t             lane_beat_i,
  input  logic      [255:0] end_body_i,
  output logic              out_valid_o,
  input  logic              out_ready_i,
  output beat_t             out_beat_o
);
  `include "sealift_assert.svh"

  logic [BeatsW-1:0] index_q;
  logic in_body, raw, lane, body_valid, valid, fire, skid_ready;
  logic body_last, unused_bytes;
  beat_t beat;

  // Beat 0 is the first block, so payload_beats() is one more than the last beat of the body.
  assign in_body      = cmd_valid_i && index_q != '0 && index_q < payload_beats(cmd_i.bytes);
  assign raw          = in_body && cmd_i.body == BodyRaw;
  assign lane         = in_body && cmd_i.body == BodyLane;
  assign body_valid   = raw ? raw_valid_i : lane ? lane_valid_i : 1'b1;
  assign valid        = cmd_valid_i && body_valid;
  assign fire         = valid && skid_ready;
  assign body_last    = raw ? raw_beat_i.last : lane_beat_i.last;
  // Lengths come with the command; unused bytes of a beat are zero.
  assign unused_bytes = ^{raw_beat_i.bytes, lane_beat_i.bytes, raw_beat_i.last, lane_beat_i.last};

  always_comb begin
    beat.last  = index_q == cmd_i.beats - 1'b1;
    beat.bytes = 5'(BlockBytes);
    beat.data  = '0;
    if (index_q == '0) begin
      beat.data = cmd_i.first;
    end else if (in_body) begin
      unique case (cmd_i.body)
        BodyRaw:  beat.data = raw_beat_i.data;
        BodyLane: beat.data = lane_beat_i.data;
        default:  beat.data = index_q[0] ? end_body_i[127:0] : end_body_i[255:128];
      endcase
    end
  end

  assign raw_ready_o  = raw && skid_ready;
  assign lane_ready_o = lane && skid_ready;
  assign cmd_ready_o  = fire && beat.last;

  prim_skid #(
    .Width($bits(beat_t))
  ) u_out (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(valid),
    .ready_o(skid_ready),
    .data_i (beat),
    .valid_o(out_valid_o),
    .ready_i(out_ready_i),
    .data_o (out_beat_o)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) index_q <= '0;
    else if (clear_i) index_q <= '0;
    else if (fire) index_q <= beat.last ? '0 : index_q + 1'b1;
  end

  `SL_ASSERT(BodyEnds,
             !(fire && (raw || lane)) || clear_i || body_last == (index_q == payload_beats(
             cmd_i.bytes) - 1'b1))
  `SL_ASSERT_STABLE(Out, out_valid_o, out_ready_i, out_beat_o, clear_i)

endmodule
