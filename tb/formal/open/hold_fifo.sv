// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Proof: hold_fifo gives out what it took in, once, in order, and never an item that was not released.
//
// The reference is a shift register over the output stage, the word on its way and the memory. Free: data, both
// handshakes, releases, clear, reset. Assumed: nobody releases more than is held.
module hold_fifo_proof #(
  parameter  int unsigned Depth   = 4,
  localparam int unsigned Width   = 2,
  localparam int unsigned PtrBits = $clog2(Depth),
  localparam int unsigned CountW  = $clog2(Depth + 1),
  localparam int unsigned Room    = Depth + 3
) (
  input logic              clk_i,
  input logic              reset_i,
  input logic              clear_i,
  input logic              valid_i,
  input logic [ Width-1:0] data_i,
  input logic              release_i,
  input logic [CountW-1:0] release_count_i,
  input logic              ready_i
);
  `include "formal.svh"
`SL_FORMAL_RESET

  logic ready, valid;
  logic [Width-1:0] data;

  hold_fifo #(
    .Width(Width),
    .Depth(Depth)
  ) dut (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i,
    .ready_o(ready),
    .data_i,
    .release_i,
    .release_count_i,
    .valid_o(valid),
    .ready_i,
    .data_o (data)
  );

  logic [Room:0][Width-1:0] ref_q, ref_d;
  int unsigned inside_q, inside_d, freed_q;
  logic push, pop;

  assign push = valid_i && ready;
  assign pop  = valid && ready_i;
  always_comb begin
    ref_d    = ref_q;
    inside_d = inside_q;
    if (push) begin
      ref_d[inside_q] = data_i;
      inside_d = inside_d + 1;
    end
    if (pop) begin
      ref_d    = ref_d >> Width;
      inside_d = inside_d - 1;
    end
  end
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      inside_q <= 0;
      freed_q  <= 0;
    end else begin
      inside_q <= clear_i ? 0 : inside_d;
      freed_q  <= clear_i ? 0 : freed_q + (release_i ? 32'(release_count_i) : 0) - 32'(pop);
    end
  end
  always_ff @(posedge clk_i) ref_q <= ref_d;

  `SL_ASSUME(ReleaseOfWhatIsHere, !release_i || release_count_i <= dut.held_q)

  `SL_ASSERT(Order, !valid || data == ref_q[0])
  `SL_ASSERT(ReleasedOnly, !valid || freed_q != 0)
  `SL_COVER(Full, !ready && inside_q == Depth + 2)
  `SL_COVER(Held, pop && inside_q == 3 && freed_q == 1)

  // -------------------------------------------------------------- what makes it inductive
  int unsigned out, ahead, stored;
  logic [1:0][Width-1:0] out_item;
  assign out    = 32'(dut.u_out.count_q);
  assign ahead  = out + 32'(dut.inflight_q);
  assign stored = 32'(dut.total_q);
  `SL_ASSERT(Sum, ahead + stored == inside_q && ahead <= 2 && stored <= Depth)
  `SL_ASSERT(Freed, freed_q == ahead + 32'(dut.free_q) && 32'(dut.free_q) <= stored)
  `SL_ASSERT(NotWiping, !dut.wiping_q)
  `SL_ASSERT(OutPointers, 1'(dut.u_out.wptr_q - dut.u_out.rptr_q) == dut.u_out.count_q[0])
  `SL_ASSERT(Pointers, PtrBits'(32'(dut.rptr_q) + stored) == dut.wptr_q)
  for (genvar i = 0; i < 2; i++) begin : gen_out
    assign out_item[i] = dut.u_out.mem[1'(dut.u_out.rptr_q+1'(i))];
    `SL_ASSERT(Out, i >= out || out_item[i] == ref_q[i])
  end
  `SL_ASSERT(OnItsWay, !dut.inflight_q || dut.rdata == ref_q[out])
  for (genvar i = 0; i < Depth; i++) begin : gen_item
    logic [Width-1:0] item;
    assign item = dut.u_ram.mem[PtrBits'(32'(dut.rptr_q)+i)];
    `SL_ASSERT(Item, i >= stored || item == ref_q[ahead+i])
  end
endmodule
