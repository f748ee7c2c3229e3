// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Proof: verify_buffer lets out no beat and no good descriptor of a record before the answer "good" for that record, and
// after the answer "bad" nothing more than what was good before.
//
// credit_q counts the beats of records that were found good, less those that left. Free: payload, descriptors, answers,
// readers, clear, reset. Assumed: what the parser keeps to, that a record's beats are all in the buffer before its
// descriptor is judged. Which beats leave, and in what order, is open/hold_fifo's.
module verify_buffer_proof
  import sealift_pkg::*;
  import migrate_in_pkg::*;
(
  input logic          clk_i,
  input logic          reset_i,
  input logic          clear_i,
  input logic          buf_valid_i,
  input logic  [127:0] buf_data_i,
  input logic          buf_last_i,
  input logic          desc_valid_i,
  input desc_t         desc_i,
  input logic          auth_ok_valid_i,
  input logic          auth_ok_i,
  input logic          desc_ready_i,
  input logic          ready_i
);
  `include "formal.svh"
`SL_FORMAL_RESET

  logic buf_ready, desc_ready, auth_ok_ready, desc_valid, valid;
  desc_t desc;
  beat_t beat;

  verify_buffer dut (
    .clk_i,
    .rst_ni,
    .clear_i,
    .buf_valid_i,
    .buf_ready_o    (buf_ready),
    .buf_data_i,
    .buf_last_i,
    .desc_valid_i,
    .desc_ready_o   (desc_ready),
    .desc_i,
    .auth_ok_valid_i,
    .auth_ok_ready_o(auth_ok_ready),
    .auth_ok_i,
    .desc_valid_o   (desc_valid),
    .desc_ready_i,
    .desc_o         (desc),
    .valid_o        (valid),
    .ready_i,
    .beat_o         (beat)
  );

  logic answer, good;
  logic bad_q;
  logic [11:0] credit_q;
  logic [1:0] good_q;  // good descriptors that have not left

  // A record needs a tag unless the parser itself found it wrong, or it is no record but the end of the source.
  function automatic logic claims(desc_t d);
    return d.fault == StatusOk && d.kind != KindDone;
  endfunction

  assign answer = auth_ok_valid_i && auth_ok_ready;
  assign good   = answer && auth_ok_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      bad_q    <= 1'b0;
      credit_q <= '0;
      good_q   <= '0;
    end else if (clear_i) begin
      bad_q    <= 1'b0;
      credit_q <= '0;
      good_q   <= '0;
    end else begin
      bad_q <= bad_q || (answer && !auth_ok_i);
      credit_q <= credit_q - 12'(valid && ready_i) +
                  ((good && dut.head.kind != KindHeader) ? 12'(dut.head.payload[12:4]) : '0);
      good_q <= good_q + 2'(good) - 2'(desc_valid && desc_ready_i && claims(desc));
    end
  end

  `SL_ASSUME(BeatsFirst, !dut.unlock || 11'(dut.head.payload[12:4]) <= dut.u_hold.held_q)

  `SL_ASSERT(NoBeatBeforeGood, !valid || credit_q != '0)
  `SL_ASSERT(NoDescBeforeGood, !(desc_valid && claims(desc)) || good_q != '0)
  `SL_ASSERT(NothingAfterBad, !bad_q || !answer)
  `SL_COVER(Out, valid && ready_i && beat.last)
  `SL_COVER(Bad, bad_q && valid)

  // -------------------------------------------------------------- what makes it inductive
  `SL_ASSERT(Dead, !bad_q || dut.dead_q)
  `SL_ASSERT(
      Credit,
      32'(credit_q) == 32'(dut.u_hold.free_q) + 32'(dut.u_hold.inflight_q) + 32'(dut.u_hold.out_count))
  `SL_ASSERT(
      HoldRoom,
      32'(dut.u_hold.inflight_q) + 32'(dut.u_hold.out_count) <= 2 && 32'(dut.u_hold.total_q) <= 1024 && 32'(dut.u_hold.held_q) + 32'(dut.u_hold.free_q) == 32'(dut.u_hold.total_q))
  desc_t [1:0] waiting;
  logic  [1:0] live;
  for (genvar i = 0; i < 2; i++) begin : gen_out
    assign waiting[i] = dut.u_out.u_fifo.mem[i];
    assign live[i] = 2'(1'(1'(i) - dut.u_out.u_fifo.rptr_q)) < dut.u_out.u_fifo.count_q;
  end
  `SL_ASSERT(
      OutCount,
      dut.u_out.u_fifo.count_q <= 2'd2 && 1'(dut.u_out.u_fifo.wptr_q - dut.u_out.u_fifo.rptr_q) == dut.u_out.u_fifo.count_q[0])
  `SL_ASSERT(GoodWaiting, 2'(live[0] && claims(waiting[0])) + 2'(live[1] && claims(waiting[1]
             )) == good_q)
endmodule
