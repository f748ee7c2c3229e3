// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Proof: prim_fifo gives out what it took in, all of it, once, in order; so does prim_skid, which is one of depth 2.
//
// The reference is a shift register. Free: data, both handshakes, clear, reset.
module fifo #(
  parameter  int unsigned Depth   = 3,
  localparam int unsigned Width   = 4,
  localparam int unsigned PtrBits = $clog2(Depth)
) (
  input logic             clk_i,
  input logic             reset_i,
  input logic             clear_i,
  input logic             valid_i,
  input logic [Width-1:0] data_i,
  input logic             ready_i
);
  `include "formal.svh"
`SL_FORMAL_RESET

  logic ready, valid;
  logic [Width-1:0] data;
  logic [$clog2(Depth+1)-1:0] count;

  prim_fifo #(
    .Width(Width),
    .Depth(Depth)
  ) dut (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i,
    .ready_o(ready),
    .data_i,
    .valid_o(valid),
    .ready_i,
    .data_o (data),
    .count_o(count)
  );

  logic [Depth:0][Width-1:0] ref_q, ref_d;
  int unsigned held_q, held_d;
  logic push, pop;

  assign push = valid_i && ready;
  assign pop  = valid && ready_i;
  always_comb begin
    ref_d  = ref_q;
    held_d = held_q;
    if (push) begin
      ref_d[held_q] = data_i;
      held_d = held_d + 1;
    end
    if (pop) begin
      ref_d  = ref_d >> Width;
      held_d = held_d - 1;
    end
  end
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) held_q <= 0;
    else held_q <= clear_i ? 0 : held_d;
  end
  always_ff @(posedge clk_i) ref_q <= ref_d;

  `SL_ASSERT(Order, !valid || data == ref_q[0])
  `SL_ASSERT(Valid, valid == (held_q != 0))
  `SL_ASSERT(Ready, ready == (held_q != Depth))
  `SL_ASSERT(Count, 32'(count) == held_q && held_q <= Depth)
  `SL_COVER(Full, held_q == Depth && ready_i)
  `SL_COVER(Around, pop && push && dut.rptr_q == PtrBits'(Depth - 1))

  // -------------------------------------------------------------- what makes it inductive
  `SL_ASSERT(
      Pointers,
      32'(dut.rptr_q) < Depth && 32'(dut.wptr_q) < Depth && (32'(dut.rptr_q) + held_q) % Depth == 32'(dut.wptr_q))
  for (genvar i = 0; i < Depth; i++) begin : gen_item
    logic [Width-1:0] item;
    assign item = dut.mem[PtrBits'((32'(dut.rptr_q)+i)%Depth)];
    `SL_ASSERT(Item, i >= held_q || item == ref_q[i])
  end
endmodule
