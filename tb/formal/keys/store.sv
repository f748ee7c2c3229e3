// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Proofs on the key store, key_slots.
//
// Number: what a job is given, and what a commit uses up, is exactly the count of commits since the install of that
//         slot's key: it rises by one with each, and never repeats; an install needs an empty slot, whose key is zero.
// Wipe:   when the store is usable again after zeroize (or reset), every key bit of the memory, of its read register and
//         of the output register is zero; that is within Slots + 2 cycles, and never while zeroize_i is high.
// Quiet:  key_o is zero unless a job holds the slot.
// Free: all commands, keys, the job's handshake, zeroize and reset at any time. Assumed: the job's slot stands still
// while it is held or still being written back, and no commit comes at the very last number (the job engine ends a job
// 256 numbers before it).
module store
  import control_pkg::*;
  import sealift_pkg::*;
#(
  parameter int unsigned Slots = 4
) (
  input logic             clk_i,
  input logic             reset_i,
  input logic             zeroize_i,
  input logic             install_i,
  input logic             lock_i,
  input logic             clear_i,
  input logic       [3:0] cmd_slot_i,
  input algorithm_e       install_alg_i,
  input dir_e             install_dir_i,
  input logic             install_complete_i,
  input staged_t          staged_i,
  input logic       [3:0] select_i,
  input logic       [3:0] job_slot_i,
  input logic             hold_i,
  input logic             load_i,
  input logic             break_i,
  input commit_t          commit_i
);
  `include "formal.svh"
`SL_FORMAL_RESET

  localparam int unsigned SlotBits = $clog2(Slots);

  key_result_e result;
  slot_info_t select_info, job_info;
  logic select_busy, loaded, spent, scrubbing, alert;
  logic [63:0] select_seq, seq;
  logic [255:0] key, tweak_key;
  stream_bind_t bound;
  totals_t totals;

  key_slots #(
    .Slots     (Slots),
    .Algorithms(16'h01ff)
  ) dut (
    .clk_i,
    .rst_ni,
    .zeroize_i,
    .install_i,
    .lock_i,
    .clear_i,
    .cmd_slot_i,
    .install_alg_i,
    .install_dir_i,
    .install_complete_i,
    .staged_i,
    .result_o     (result),
    .select_i,
    .select_info_o(select_info),
    .select_busy_o(select_busy),
    .select_seq_o (select_seq),
    .job_slot_i,
    .job_info_o   (job_info),
    .hold_i,
    .load_i,
    .loaded_o     (loaded),
    .break_i,
    .commit_i,
    .key_o        (key),
    .tweak_key_o  (tweak_key),
    .bind_o       (bound),
    .seq_o        (seq),
    .totals_o     (totals),
    .spent_o      (spent),
    .scrubbing_o  (scrubbing),
    .alert_o      (alert)
  );

  // One command at a time, as the register that they come from has one field for it.
  `SL_ASSUME(OneCommand, 2'(install_i) + 2'(lock_i) + 2'(clear_i) <= 2'd1)
  `SL_ASSUME(LoadsAKey, !load_i || (hold_i && job_info.valid))
  `SL_ASSUME(CommitsHeld, !commit_i.valid || hold_i)
  `SL_ASSUME(HeldAnew, !hold_i || !dut.active_q || $past(hold_i))
  `SL_ASSUME(LoadsOnce, !load_i || !(dut.active_q || dut.load_pend_q || dut.load_q))
  `SL_ASSUME(SlotStill, !$past(rst_ni && (hold_i || dut.active_q || dut.load_pend_q || dut.load_q))
             || $stable(job_slot_i))
  `SL_ASSUME(SlotInRange, 32'(job_slot_i) < Slots)
  `SL_ASSUME(NotTheLast, !dut.commit || dut.seq_q != '1)

  logic ready;
  assign ready = dut.state_q == 6'b011001;
  `SL_ASSERT(States, dut.state_q inside {6'b000000, 6'b101010, 6'b011001} && !alert)

  // -------------------------------------------------------------- numbers
  logic [Slots-1:0][511:0] kept;
  logic [Slots-1:0][ 63:0] next_q;  // commits since the install
  for (genvar s = 0; s < Slots; s++) begin : gen_slot
    logic mine, installs;
    logic [63:0] stored, read;
    logic [63+$bits(totals_t):0] numbers;
    assign mine     = dut.active_q && dut.job_slot == SlotBits'(s);
    assign installs = dut.do_install && dut.cmd_slot == SlotBits'(s);
    assign numbers  = dut.u_numbers.mem[s];
    assign stored   = numbers[63:0];
    assign kept[s]  = dut.u_keys.mem[s];
    assign read     = 64'(dut.seq_rdata);
    always_ff @(posedge clk_i) begin
      if (installs) next_q[s] <= '0;
      else if (mine && commit_i.valid) next_q[s] <= next_q[s] + 64'd1;
    end
    `SL_ASSERT(Number, !(mine && dut.info_q[s].valid) || seq == next_q[s])
    `SL_ASSERT(InstallIntoEmpty, !installs || (!dut.info_q[s].valid && kept[s] == '0))
    // what makes it inductive
    `SL_ASSERT(HeldValid, !(mine && hold_i) || dut.info_q[s].valid)
    `SL_ASSERT(
        LoadsValid,
        !((dut.load_pend_q || dut.load_q) && dut.job_slot == SlotBits'(s)) || dut.info_q[s].valid)
    `SL_ASSERT(Stored, !dut.info_q[s].valid || (mine && dut.wb_q) || stored == next_q[s])
    `SL_ASSERT(Loading,
               !(dut.load_q && dut.job_slot == SlotBits'(s) && hold_i && ready && dut.info_q[s].valid) ||
                        read == next_q[s])
    `SL_ASSERT(EmptyIsZero,
               dut.info_q[s].valid || (dut.scrub && SlotBits'(s) >= dut.scrub_q) || kept[s] == '0)
  end

  // -------------------------------------------------------------- wiping
  logic [6:0] age_q;  // cycles of a wipe since zeroize_i
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) age_q <= '0;
    else if (zeroize_i) age_q <= '0;
    else if (scrubbing) age_q <= age_q + 1'b1;
  end
  `SL_ASSERT_NEXT(WipedWhenReady, scrubbing,
                  scrubbing || (dut.key_q == '0 && dut.key_rdata == '0 && kept == '0))
  `SL_ASSERT(WipedInTime, !scrubbing || 32'(age_q) <= Slots + 1)
  `SL_ASSERT_NEXT(WipeStarts, zeroize_i, scrubbing)
  `SL_ASSERT(Quiet, dut.active_q || (key == '0 && tweak_key == '0))
  `SL_ASSERT(NoKeyWhileWiping, !scrubbing || (key == '0 && tweak_key == '0 && !loaded))
  // what makes it inductive
  `SL_ASSERT(ScrubAge, !dut.scrub || 32'(age_q) <= 32'(dut.scrub_q))
  `SL_ASSERT(FlushAge, ready || dut.scrub || 32'(age_q) <= Slots)
  `SL_ASSERT(
      Inactive,
      ready || (!dut.active_q && !dut.wb_q && dut.info_q[0].valid == 1'b0 && dut.info_q[1].valid == 1'b0 && dut.info_q[2].valid == 1'b0 && dut.info_q[3].valid == 1'b0))
  `SL_ASSERT(FlushReads, ready || dut.scrub || dut.flush_q)
  `SL_ASSERT(LoadsAlone, 2'(dut.active_q) + 2'(dut.load_pend_q) + 2'(dut.load_q) <= 2'd1)
  `SL_ASSERT(WriteBackActive, !dut.wb_q || dut.active_q)

  `SL_COVER(TwoCommits, dut.active_q && seq == 64'd2)
  `SL_COVER(WipedMidJob, $past(dut.active_q && zeroize_i))
endmodule
