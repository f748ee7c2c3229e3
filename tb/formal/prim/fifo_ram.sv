// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Proof: prim_fifo_ram gives out what it took in, all of it, once, in order, and never reads the word it writes.
//
// The reference is a shift register over the output stage, the word on its way and the memory. Free: data, both
// handshakes, clear, reset.
module fifo_ram #(
  parameter  int unsigned Depth   = 4,
  localparam int unsigned Width   = 2,
  localparam int unsigned PtrBits = $clog2(Depth),
  localparam int unsigned Room    = Depth + 3
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
  logic [$clog2(Depth+4)-1:0] used;

  prim_fifo_ram #(
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
    .used_o (used)
  );

  logic [Room:0][Width-1:0] ref_q, ref_d;
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
  `SL_ASSERT(NoneFromNothing, !valid || held_q != 0)
  `SL_ASSERT(Used, 32'(used) == held_q)
  `SL_COVER(Full, !ready && held_q == Depth + 2)
  `SL_COVER(Around, pop && push && dut.rptr_q == PtrBits'(Depth - 1))

  // -------------------------------------------------------------- what makes it inductive
  int unsigned out, ahead, stored;
  logic [1:0][Width-1:0] out_item;
  assign out    = 32'(dut.u_out.count_q);
  assign ahead  = out + 32'(dut.inflight_q);
  assign stored = 32'(dut.ram_q);
  `SL_ASSERT(Sum, ahead + stored == held_q && ahead <= 2 && stored <= Depth)
  `SL_ASSERT(OutPointers, 1'(dut.u_out.wptr_q - dut.u_out.rptr_q) == dut.u_out.count_q[0])
  `SL_ASSERT(Pointers, PtrBits'(32'(dut.rptr_q) + stored) == dut.wptr_q)
  for (genvar i = 0; i < 2; i++) begin : gen_out
    assign out_item[i] = dut.u_out.mem[1'(dut.u_out.rptr_q+1'(i))];
    `SL_ASSERT(Out, i >= out || out_item[i] == ref_q[i])
  end
  `SL_ASSERT(OnItsWay, !dut.inflight_q || dut.ram_rdata == ref_q[out])
  for (genvar i = 0; i < Depth; i++) begin : gen_item
    logic [Width-1:0] item;
    assign item = dut.u_ram.mem[PtrBits'(32'(dut.rptr_q)+i)];
    `SL_ASSERT(Item, i >= stored || item == ref_q[ahead+i])
  end
endmodule
