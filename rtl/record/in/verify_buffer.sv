// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Holds every record's payload until its tag was found good.
//
// Payload beats come in as they are read and wait in a memory; a record's descriptor waits in a
// queue. Only the answer "good" for the oldest record lets its beats and its descriptor out. The
// answer "bad" turns the descriptor into a fault, and after a fault nothing leaves this block until
// clear_i.
// Protocol: a record's descriptor comes after its last payload beat; its answer comes after that.
//           On the way out the descriptor leads; its beats may be taken at any time.
// Room:     1024 beats (3.5 records of the largest kind) and 16 records.
// Rate:     a beat a cycle, a record in two cycles.
module verify_buffer
  import sealift_pkg::*;
  import migrate_in_pkg::*;
(
  input  logic          clk_i,
  input  logic          rst_ni,
  input  logic          clear_i,
  // from the parser
  input  logic          buf_valid_i,
  output logic          buf_ready_o,
  input  logic  [127:0] buf_data_i,
  input  logic          buf_last_i,
  input  logic          desc_valid_i,
  output logic          desc_ready_o,
  input  desc_t         desc_i,
  // is the oldest record's tag good?
  input  logic          auth_ok_valid_i,
  output logic          auth_ok_ready_o,
  input  logic          auth_ok_i,
  // out
  output logic          desc_valid_o,
  input  logic          desc_ready_i,
  output desc_t         desc_o,
  output logic          valid_o,
  input  logic          ready_i,
  output beat_t         beat_o
);
  `include "sealift_assert.svh"

  localparam int unsigned Depth = 1024;
  localparam int unsigned CountBits = $clog2(Depth + 1);

  logic head_valid, head_pop, wants_tag, pass, dead_q, out_ready, unlock;
  desc_t head, judged;
  logic [4:0] unused_count;

  prim_fifo #(
    .Width($bits(desc_t)),
    .Depth(16)
  ) u_wait (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(desc_valid_i),
    .ready_o(desc_ready_o),
    .data_i (desc_i),
    .valid_o(head_valid),
    .ready_i(head_pop),
    .data_o (head),
    .count_o(unused_count)
  );

  assign wants_tag = head.fault == StatusOk && head.kind != KindDone;

  always_comb begin
    judged = head;
    if (wants_tag && !auth_ok_i) judged.fault = StatusBadTag;
  end

  assign pass            = head_valid && !dead_q && (!wants_tag || auth_ok_valid_i);
  assign head_pop        = pass && out_ready;
  assign auth_ok_ready_o = head_valid && !dead_q && wants_tag && out_ready;
  assign unlock          = head_pop && wants_tag && auth_ok_i && head.kind != KindHeader;

  prim_skid #(
    .Width($bits(desc_t))
  ) u_out (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(pass),
    .ready_o(out_ready),
    .data_i (judged),
    .valid_o(desc_valid_o),
    .ready_i(desc_ready_i),
    .data_o (desc_o)
  );

  logic [128:0] held;
  hold_fifo #(
    .Width(129),
    .Depth(Depth)
  ) u_hold (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i        (buf_valid_i),
    .ready_o        (buf_ready_o),
    .data_i         ({buf_last_i, buf_data_i}),
    .release_i      (unlock),
    .release_count_i(CountBits'(head.payload[12:4])),
    .valid_o,
    .ready_i,
    .data_o         (held)
  );
  assign beat_o = '{last: held[128], bytes: 5'(BlockBytes), data: held[127:0]};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) dead_q <= 1'b0;
    else if (clear_i) dead_q <= 1'b0;
    else if (head_pop && judged.fault != StatusOk) dead_q <= 1'b1;
  end

  `SL_ASSERT(OnlyGoodLeaves, !unlock || (auth_ok_valid_i && auth_ok_i && !dead_q))
  `SL_ASSERT_NEXT(DeadStaysDead, dead_q && !clear_i, dead_q && !unlock)
  `SL_ASSERT_STABLE(Desc, desc_valid_o, desc_ready_i, desc_o, clear_i)

endmodule
