// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// The jobs that wait for the engine, first come first served.
//
// Protocol: push_i takes entry_i, only while !full_o; the first to go stands at head_o with valid/ready. head_code_o is
//           StatusOk, or why the job must not run any more: a job before it on the same key slot failed (fail_i
//           with fail_slot_i marks all that wait then), or drop_i gave up all that wait then.
// Latency:  a pushed job is at the head one cycle later.
module job_queue
  import control_pkg::*;
  import sealift_pkg::*;
#(
  parameter  int unsigned Depth  = 8,
  localparam int unsigned CountW = $clog2(Depth + 1)
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  logic                    push_i,
  output logic                    full_o,
  input  job_entry_t              entry_i,
  input  logic                    fail_i,
  input  logic       [       3:0] fail_slot_i,
  input  logic                    drop_i,
  output logic                    head_valid_o,
  input  logic                    head_ready_i,
  output job_entry_t              head_o,
  output status_e                 head_code_o,
  output logic       [CountW-1:0] count_o
);
  `include "sealift_assert.svh"
  `SL_ASSERT_PARAM(Depth, Depth >= 2)

  localparam int unsigned IndexW = $clog2(Depth);
  localparam logic [IndexW-1:0] Last = IndexW'(Depth - 1);

  logic [Depth-1:0][3:0] slot_q;
  logic [Depth-1:0] broken_q, dropped_q;
  logic [IndexW-1:0] put_q, get_q;
  logic ready, pop;

  assign full_o = !ready;
  assign pop    = head_valid_o && head_ready_i;

  prim_fifo #(
    .Width($bits(job_entry_t)),
    .Depth(Depth)
  ) u_entries (
    .clk_i,
    .rst_ni,
    .clear_i(1'b0),
    .valid_i(push_i),
    .ready_o(ready),
    .data_i (entry_i),
    .valid_o(head_valid_o),
    .ready_i(head_ready_i),
    .data_o (head_o),
    .count_o(count_o)
  );

  always_comb begin
    head_code_o = StatusOk;
    if (dropped_q[get_q]) head_code_o = StatusAborted;
    else if (broken_q[get_q]) head_code_o = StatusBroken;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      slot_q    <= '0;
      broken_q  <= '0;
      dropped_q <= '0;
      put_q     <= '0;
      get_q     <= '0;
    end else begin
      // Places that are empty are marked, too: a push clears its own.
      for (int unsigned i = 0; i < Depth; i++) begin
        if (fail_i && slot_q[i] == fail_slot_i) broken_q[i] <= 1'b1;
        if (drop_i) dropped_q[i] <= 1'b1;
      end
      if (push_i && ready) begin
        slot_q[put_q]    <= entry_i.job.slot;
        broken_q[put_q]  <= 1'b0;
        dropped_q[put_q] <= 1'b0;
        put_q            <= (put_q == Last) ? '0 : put_q + 1'b1;
      end
      if (pop) get_q <= (get_q == Last) ? '0 : get_q + 1'b1;
    end
  end

  `SL_ASSERT(PushFits, !push_i || ready)
endmodule
