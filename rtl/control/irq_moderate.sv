// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Gathers the ends of jobs into fewer interrupts.
//
// Protocol: ended_i pulses for each job, failed_i with it; fire_o pulses in the same cycle, or later: when jobs_i have
//           ended (0: no such limit), when timer_i cycles have passed since the first that was not told, or when
//           one failed. timer_i = 0 tells each at once, so that no end of a job can wait for ever.
module irq_moderate (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        ended_i,
  input  logic        failed_i,
  input  logic [ 7:0] jobs_i,
  input  logic [31:0] timer_i,
  output logic        fire_o
);
  `include "sealift_assert.svh"

  logic [ 7:0] held_q;  // ends that were not told
  logic [31:0] cycles_q;
  logic full, due;

  assign full   = jobs_i != '0 && {1'b0, held_q} + 9'd1 >= {1'b0, jobs_i};
  assign due    = held_q != '0 && cycles_q >= timer_i;
  assign fire_o = due || (ended_i && (timer_i == '0 || failed_i || full));

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      held_q   <= '0;
      cycles_q <= '0;
    end else begin
      if (fire_o) held_q <= '0;
      else if (ended_i && held_q != '1) held_q <= held_q + 1'b1;
      if (fire_o || held_q == '0) cycles_q <= 32'd1;
      else if (cycles_q != '1) cycles_q <= cycles_q + 1'b1;
    end
  end

  `SL_ASSERT(AtOnce, !(ended_i && timer_i == '0) || fire_o)
endmodule
