// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// The job engine: takes one job, checks it, loads the key context, lets the data path run, and cleans up.
//
// Protocol: the first job of the queue, or with start_i entry_i, is taken into one register when none runs. The data path gets
//           job_o, the slot's values, then start_o (one cycle); it answers with dp_done_i when all of the job's work
//           was handed to DMA, or with fault_i. The job is over when dma_idle_i says that every write is answered, or
//           after a fault, an abort or zeroize when DMA has stopped (dma_abort_o is held until dma_idle_i). Then
//           clear_o and crypto_wipe_o pulse, the completion record is written if the job has one, and done_o tells.
// Rules:    the first of fault, abort and zeroize names the job's end, its address is kept. counts_i is kept
//           from before clear_o; records have the numbers from seq_i at start_o on, and land in order. An outgoing job that fails once started breaks its stream, because sequence numbers
//           may have been used beyond the last commit: slot_break_o. If DMA does not stop within timeout_i cycles
//           the job's end is told nevertheless, without a record, but the engine stays busy until the bus is quiet.
//           A completion record that cannot be written makes a good job a failed one; abort and zeroize are too late
//           for a job whose record is on its way.
//           A fault with StatusFault wipes all keys. The states are three bits apart; any other value
//           wipes all keys and data and ends in StFatal, which only reset leaves; so does upset_i.
module job_ctrl
  import control_pkg::*;
  import sealift_pkg::*;
#(
  parameter logic [15:0] Algorithms = sealift_cfg_pkg::Cfg.Algorithms | 16'd1
) (
  input logic clk_i,
  input logic rst_ni,
  input logic start_i,  // entry_i, refused while a job runs or waits
  input job_entry_t entry_i,
  input logic queued_i,  // the first that waits
  output logic queued_take_o,
  input job_entry_t queued_entry_i,
  input status_e queued_code_i,  // StatusOk, or why it must not run
  input logic push_i,  // one was queued, or refused for want of room
  input logic push_full_i,
  input logic abort_i,
  input logic zeroize_i,
  input logic key_alert_i,
  input logic upset_i,  // another state machine of control was disturbed
  input logic [4:0] allowed_orders_i,
  input logic allow_untagged_i,
  input logic [31:0] timeout_i,
  output job_state_t state_o,
  output logic started_o,  // pulses: a job was taken, a job is over
  output logic done_o,
  output logic host_o,  // with both: it is the host's
  output status_e done_code_o,  // with done_o
  output logic key_wipe_o,  // all keys
  output logic fsm_alert_o,
  output logic dp_alert_o,
  // key store
  input slot_info_t slot_i,  // of job_o.slot
  output logic slot_hold_o,
  output logic slot_load_o,
  input logic slot_loaded_i,
  output logic slot_break_o,
  input logic slot_spent_i,
  input logic [63:0] seq_i,
  input logic landed_i,  // one more record is in memory
  // data path
  output job_t job_o,
  output logic start_o,
  output logic clear_o,
  input logic dp_done_i,
  input fault_t fault_i,
  input job_counts_t counts_i,
  input logic [3:0] stall_i,  // memory, lane, cipher, writer
  output logic crypto_load_o,
  input logic crypto_ready_i,
  output logic crypto_wipe_o,
  output logic dma_abort_o,
  input logic dma_idle_i,
  // completion record
  output logic report_o,  // see job_record
  input logic report_done_i,
  output logic [AddrW-1:0] record_o,
  output logic [31:0] tag_o
);
  `include "sealift_assert.svh"

  typedef enum logic [7:0] {
    StIdle   = 8'b11100110,
    StCheck  = 8'b00111101,  // may it start?
    StLoad   = 8'b01010110,  // slot to registers, then to the cipher
    StCrypto = 8'b11111010,  // the cipher prepares its key context
    StStart  = 8'b10101011,
    StRun    = 8'b00100111,
    StDrain  = 8'b11100001,  // done: writes are still to be answered
    StAbort  = 8'b00110010,  // ended early: bursts on the bus finish
    StHung   = 8'b00001001,  // the end was told, but the bus is not quiet yet
    StClear  = 8'b11011100,  // wipes the data path
    StReport = 8'b01101000,  // writes the completion record
    StFatal  = 8'b10000101   // this state machine was disturbed
  } state_e;

  // Cycles after a start or an abort before ready and idle are believed.
  localparam logic [2:0] Settle = 3'd4;

  (* fsm_encoding = "none" *) state_e state_q;
  state_e state_d;
  job_entry_t entry_q;
  job_t job;
  status_e end_q, code_q, start_code_q, check_status, verdict, given_q;
  logic [AddrW-1:0] addr_q;
  logic [63:0] last_seq_q, next_seq_q;
  logic        [CycleW-1:0] cycles_q;
  stalls_t                  stalls_q;
  job_counts_t              counts_q;
  logic        [       2:0] settle_q;
  logic        [      31:0] patience_q;
  logic told_q, dp_alert_q, fatal_q, started_q, direct_q, reported_q;
  logic illegal, settled, stop, ends, tell, in_job, take, dp_fault, out_of_patience;
  logic record_aligned, wants_record, reporting;
  status_e             stop_code;
  logic    [AddrW-1:0] stop_addr;

  job_check #(
    .Algorithms(Algorithms)
  ) u_check (
    .job_i           (job),
    .record_aligned_i(record_aligned),
    .slot_i,
    .allowed_orders_i,
    .allow_untagged_i,
    .status_o        (check_status)
  );

  assign job            = entry_q.job;
  assign record_aligned = entry_q.record[$clog2(RecordBytes)-1:0] == '0;
  assign wants_record   = entry_q.record != '0 && record_aligned && !reported_q && !told_q;
  assign verdict        = (given_q != StatusOk) ? given_q : check_status;

  // ---------------------------------------------------------------- what ends a job early
  assign dp_fault       = fault_i.valid && fault_i.code == StatusFault;
  assign reporting      = state_q == StReport || reported_q;
  // While the record is written only its own failure counts.
  assign ends           = in_job && !told_q && stop && (!reporting || fault_i.valid);
  assign stop           = zeroize_i || fault_i.valid || slot_spent_i || abort_i;

  always_comb begin
    stop_addr = '0;
    if (zeroize_i) begin
      stop_code = StatusZeroized;
    end else if (fault_i.valid) begin
      stop_code = fault_i.code;
      stop_addr = fault_i.addr;
    end else if (slot_spent_i) begin
      stop_code = StatusSpent;
    end else begin
      stop_code = StatusAborted;
    end
  end

  // ---------------------------------------------------------------- states
  assign settled         = settle_q == Settle;
  assign out_of_patience = timeout_i != '0 && patience_q >= timeout_i;

  always_comb begin
    state_d       = state_q;
    illegal       = 1'b0;
    report_o      = 1'b0;
    take          = 1'b0;
    tell          = 1'b0;
    in_job        = 1'b1;
    slot_load_o   = 1'b0;
    slot_break_o  = 1'b0;
    start_o       = 1'b0;
    clear_o       = 1'b0;
    crypto_load_o = 1'b0;
    crypto_wipe_o = zeroize_i || dp_fault;
    dma_abort_o   = 1'b0;
    unique case (state_q)
      StIdle: begin
        in_job  = 1'b0;
        clear_o = zeroize_i;
        take    = (start_i || queued_i) && !zeroize_i;
        if (take) state_d = StCheck;
      end
      StCheck: begin
        if (stop || verdict != StatusOk) begin
          tell    = !wants_record;
          state_d = wants_record ? StReport : StIdle;
        end else begin
          slot_load_o = 1'b1;
          state_d     = StLoad;
        end
      end
      StLoad: begin
        if (stop) begin
          state_d = StAbort;
        end else if (slot_loaded_i) begin
          crypto_load_o = job.alg != AlgNone;
          state_d       = (job.alg != AlgNone) ? StCrypto : StStart;
        end
      end
      StCrypto: begin
        if (stop) state_d = StAbort;
        else if (settled && crypto_ready_i) state_d = StStart;
      end
      StStart: begin
        start_o = !stop;
        state_d = stop ? StAbort : StRun;
      end
      StRun: begin
        slot_break_o = stop && job.dir == DirOut;
        if (stop) state_d = StAbort;
        else if (dp_done_i) state_d = StDrain;
      end
      StDrain: begin
        slot_break_o = stop && job.dir == DirOut;
        if (stop) state_d = StAbort;
        else if (settled && dma_idle_i) state_d = StClear;
      end
      StAbort: begin
        dma_abort_o = 1'b1;
        if (settled && dma_idle_i) begin
          state_d = StClear;
        end else if (out_of_patience) begin
          tell    = 1'b1;
          state_d = StHung;
        end
      end
      StHung: begin
        dma_abort_o = 1'b1;
        if (dma_idle_i) state_d = StClear;
      end
      StClear: begin
        clear_o       = 1'b1;
        crypto_wipe_o = 1'b1;
        tell          = !told_q && !wants_record;
        state_d       = wants_record ? StReport : StIdle;
      end
      StReport: begin
        report_o     = settled && !fault_i.valid;
        slot_break_o = fault_i.valid && started_q && job.dir == DirOut;
        if (fault_i.valid) begin
          state_d = StAbort;
        end else if (report_done_i) begin
          tell    = 1'b1;
          state_d = StIdle;
        end
      end
      StFatal: begin
        tell          = !told_q;
        dma_abort_o   = 1'b1;
        clear_o       = dma_idle_i;
        crypto_wipe_o = 1'b1;
      end
      default: begin
        illegal       = 1'b1;
        dma_abort_o   = 1'b1;
        crypto_wipe_o = 1'b1;
        state_d       = StFatal;
      end
    endcase
    if (key_alert_i || upset_i || fatal_q) state_d = StFatal;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) state_q <= StIdle;
    else state_q <= state_d;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      fatal_q    <= 1'b0;
      dp_alert_q <= 1'b0;
      settle_q   <= '0;
      patience_q <= '0;
    end else begin
      fatal_q    <= fatal_q || illegal || upset_i;
      dp_alert_q <= dp_alert_q || dp_fault;
      if (state_d != state_q) settle_q <= '0;
      else if (!settled) settle_q <= settle_q + 1'b1;
      if (state_q != StAbort) patience_q <= '0;
      else if (patience_q != '1) patience_q <= patience_q + 1'b1;
    end
  end

  // ---------------------------------------------------------------- the job and its end
  always_comb begin
    if (state_q == StFatal) done_code_o = StatusFault;
    else if (state_q == StCheck) done_code_o = stop ? stop_code : verdict;
    else done_code_o = end_q;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      entry_q      <= '0;
      given_q      <= StatusOk;
      direct_q     <= 1'b0;
      started_q    <= 1'b0;
      reported_q   <= 1'b0;
      end_q        <= StatusOk;
      code_q       <= StatusOk;
      start_code_q <= StatusOk;
      addr_q       <= '0;
      last_seq_q   <= '0;
      next_seq_q   <= '0;
      cycles_q     <= '0;
      told_q       <= 1'b0;
    end else begin
      if (push_i) start_code_q <= push_full_i ? StatusBusy : StatusOk;
      if (start_i && !(take && !queued_i)) start_code_q <= StatusBusy;
      if ((push_i || start_i) && state_q == StFatal) start_code_q <= StatusFault;
      if (take) begin
        entry_q    <= queued_i ? queued_entry_i : entry_i;
        given_q    <= queued_i ? queued_code_i : StatusOk;
        direct_q   <= !queued_i;
        started_q  <= 1'b0;
        reported_q <= 1'b0;
        end_q      <= StatusOk;
        code_q     <= StatusOk;
        if (!queued_i) start_code_q <= StatusOk;
        addr_q     <= '0;
        last_seq_q <= '0;
        cycles_q   <= CycleW'(1);
        told_q     <= 1'b0;
      end else begin
        if (in_job && !told_q && !reporting) cycles_q <= cycles_q + 1'b1;
        if (start_o) next_seq_q <= seq_i;
        if (in_job && landed_i) begin
          last_seq_q <= next_seq_q;
          next_seq_q <= next_seq_q + 1'b1;
        end
        if (ends && end_q == StatusOk) begin
          end_q  <= stop_code;
          addr_q <= stop_addr;
        end
        if (state_q == StStart) started_q <= 1'b1;
        if (state_q == StReport) reported_q <= 1'b1;
        if (state_q == StCheck && !stop) begin
          end_q <= verdict;
          if (direct_q) start_code_q <= verdict;
        end
        if (tell) begin
          told_q <= 1'b1;
          code_q <= done_code_o;
        end
        if (illegal || (state_q == StIdle && state_d == StFatal)) told_q <= 1'b0;
      end
    end
  end

  // ---------------------------------------------------------------- counters
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      stalls_q <= '0;
      counts_q <= '0;
    end else if (take) begin
      stalls_q <= '0;
      counts_q <= '0;
    end else begin
      if (state_q == StRun || state_q == StDrain) begin
        if (stall_i[0]) stalls_q.memory <= stalls_q.memory + 1'b1;
        if (stall_i[1]) stalls_q.lane <= stalls_q.lane + 1'b1;
        if (stall_i[2]) stalls_q.cipher <= stalls_q.cipher + 1'b1;
        if (stall_i[3]) stalls_q.writer <= stalls_q.writer + 1'b1;
      end
      if (state_q == StRun || state_q == StDrain ||
          ((state_q == StAbort || state_q == StHung) && !reported_q)) begin
        counts_q <= counts_i;
      end
    end
  end

  // ---------------------------------------------------------------- outputs
  assign job_o              = job;
  assign queued_take_o      = take && queued_i;
  assign host_o             = take ? (queued_i ? queued_entry_i.host : entry_i.host) : entry_q.host;
  assign record_o           = entry_q.record;
  assign tag_o              = entry_q.tag;
  assign started_o          = take;
  assign done_o             = tell;
  assign slot_hold_o        = in_job && state_q != StFatal && !illegal;
  assign key_wipe_o         = zeroize_i || dp_fault || illegal || (upset_i && !fatal_q);
  assign fsm_alert_o        = fatal_q || illegal || upset_i;
  assign dp_alert_o         = dp_alert_q;

  assign state_o.busy       = in_job && state_q != StFatal;
  assign state_o.code       = code_q;
  assign state_o.start_code = start_code_q;
  assign state_o.error_addr = addr_q;
  assign state_o.last_seq   = last_seq_q;
  assign state_o.cycles     = cycles_q;
  assign state_o.stalls     = stalls_q;
  assign state_o.counts     = counts_q;

  `SL_ASSERT(FaultHasCode, !fault_i.valid || fault_i.code != StatusOk)
  `SL_ASSERT(StartOnlyWithKey, !start_o || slot_loaded_i)
  `SL_ASSERT_NEXT(StartIsAPulse, start_o, !start_o)
endmodule
