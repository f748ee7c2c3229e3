// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// A queue whose reader sees an item only after the writer's judge released it.
//
// Items are written one by one, and stay unseen until release_i lets `release_count_i` more of them
// out. Nothing is taken back: who does not want an item never releases it, and clears.
// Protocol: release_i at the earliest in the cycle after the last of its items was taken in.
// Latency:  three cycles from release to the output. Rate: an item a cycle. Rules: no path from
//           ready_i to ready_o; clear_i empties it at once.
module hold_fifo #(
  parameter int unsigned Width = 129,
  parameter int unsigned Depth = 1024,
  parameter bit Wipe = 1'b0,
  localparam int unsigned CountBits = $clog2(Depth + 1)
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 clear_i,
  input  logic                 valid_i,
  output logic                 ready_o,
  input  logic [    Width-1:0] data_i,
  input  logic                 release_i,
  input  logic [CountBits-1:0] release_count_i,
  output logic                 valid_o,
  input  logic                 ready_i,
  output logic [    Width-1:0] data_o
);
  `include "sealift_assert.svh"

  localparam int unsigned PtrBits = $clog2(Depth);

  logic [PtrBits-1:0] wptr_q, rptr_q;
  logic [CountBits-1:0] held_q;  // in the memory, not released
  logic [CountBits-1:0] free_q;  // released, still in the memory
  logic [CountBits-1:0] total_q;  // both
  logic push, fetch, inflight_q, pop, out_ready;
  logic               wiping_q;
  logic [PtrBits-1:0] wipe_q;
  logic [  Width-1:0] rdata;
  logic [        1:0] out_count;

  assign ready_o = total_q != CountBits'(Depth) && !wiping_q;
  assign push    = valid_i && ready_o;
  assign pop     = valid_o && ready_i;
  assign fetch   = free_q != '0 && (3'(out_count) + 3'(inflight_q) < 3'd2 || pop);

  prim_ram_1r1w #(
    .Width(Width),
    .Depth(Depth)
  ) u_ram (
    .clk_i,
    .we_i   (push || wiping_q),
    .waddr_i(wiping_q ? wipe_q : wptr_q),
    .wdata_i(wiping_q ? '0 : data_i),
    .re_i   (fetch),
    .raddr_i(rptr_q),
    .rdata_o(rdata)
  );

  prim_fifo #(
    .Width(Width),
    .Depth(2)
  ) u_out (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(inflight_q),
    .ready_o(out_ready),
    .data_i (rdata),
    .valid_o,
    .ready_i,
    .data_o,
    .count_o(out_count)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      wptr_q     <= '0;
      rptr_q     <= '0;
      held_q     <= '0;
      free_q     <= '0;
      total_q    <= '0;
      inflight_q <= 1'b0;
      wiping_q   <= Wipe;
      wipe_q     <= '0;
    end else if (clear_i) begin
      wptr_q <= '0;
      rptr_q <= '0;
      held_q <= '0;
      free_q <= '0;
      total_q <= '0;
      inflight_q <= 1'b0;
      wiping_q <= Wipe;
      wipe_q     <= (wiping_q && wipe_q != PtrBits'(Depth - 1)) ? wipe_q + 1'b1 : '0;  // a long clear must not stop it
    end else begin
      if (push) wptr_q <= (wptr_q == PtrBits'(Depth - 1)) ? '0 : wptr_q + 1'b1;
      if (fetch) rptr_q <= (rptr_q == PtrBits'(Depth - 1)) ? '0 : rptr_q + 1'b1;
      held_q     <= held_q + CountBits'(push) - (release_i ? release_count_i : '0);
      free_q     <= free_q - CountBits'(fetch) + (release_i ? release_count_i : '0);
      total_q    <= total_q + CountBits'(push) - CountBits'(fetch);
      inflight_q <= fetch;
      if (wiping_q) begin
        wipe_q   <= wipe_q + 1'b1;
        wiping_q <= wipe_q != PtrBits'(Depth - 1);
      end
    end
  end

  // What leaves was released; what was released was here.
  `SL_ASSERT(NothingHeldLeaves, !fetch || free_q != '0)
  `SL_ASSERT(ReleaseOfWhatIsHere, !release_i || release_count_i <= held_q || clear_i)
  `SL_ASSERT(CountsAgree, held_q + free_q == total_q || clear_i)
  `SL_ASSERT(OutHasRoom, !inflight_q || out_ready || clear_i)
  `SL_ASSERT_STABLE(Out, valid_o, ready_i, data_o, clear_i)

endmodule
