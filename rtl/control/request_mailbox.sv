// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// The mailbox between VMM and security processor: one request at a time, from doorbell to its job's handing over; the
// jobs of as many requests as the queue takes may wait or run.
//
// Rules: the request's registers are frozen (freeze_o) from the doorbell until it is refused or its job was handed over
//        (handed_i, a copy was taken), so that what was judged is what is started. A job that is handed over
//        without an accepted request is the security processor's own: the host sees nothing of it (linked_o is low).
//        Outstanding is how many jobs there can be, waiting and running.
//        The states are three bits apart; any other value raises alert_o and ends in StError, which only reset
//        leaves: failed, frozen, deaf to the doorbell.
module request_mailbox
  import sealift_pkg::*;
#(
  parameter int unsigned Outstanding = 9
) (
  input  logic          clk_i,
  input  logic          rst_ni,
  input  logic          doorbell_i,
  input  logic          ack_i,
  input  logic          judge_i,
  input  logic          accept_i,
  input  logic    [7:0] reason_i,
  input  logic          handed_i,       // a job was queued or started
  input  logic          job_started_i,
  input  logic          job_done_i,
  input  logic          job_host_i,     // with both: it is the host's
  input  status_e       job_code_i,
  output logic    [2:0] state_o,        // request_state_e of sealift.rdl
  output logic    [7:0] reason_o,
  output status_e       job_code_o,
  output logic          accepted_o,     // a job that is handed over now is the host's
  output logic          freeze_o,
  output logic          pending_o,      // not acknowledged yet
  output logic          linked_o,       // the last job that started was the host's
  output logic          ignored_o,      // pulses: for the interrupts
  output logic          rung_o,
  output logic          judged_o,
  output logic          done_o,
  output logic          alert_o         // until reset
);
  typedef enum logic [6:0] {
    StIdle      = 7'b1101110,
    StRequested = 7'b1011101,
    StRefused   = 7'b0001111,
    StAccepted  = 7'b1010010,
    StRunning   = 7'b0101000,
    StDone      = 7'b1100001,
    StFailed    = 7'b0111011,
    StError     = 7'b0010100   // was disturbed
  } state_e;

  // As the ports show them: request_state_e of sealift.rdl.
  localparam logic [2:0] ShownIdle = 3'd0;
  localparam logic [2:0] ShownRequested = 3'd1;
  localparam logic [2:0] ShownRefused = 3'd2;
  localparam logic [2:0] ShownAccepted = 3'd3;
  localparam logic [2:0] ShownRunning = 3'd4;
  localparam logic [2:0] ShownDone = 3'd5;
  localparam logic [2:0] ShownFailed = 3'd6;

  localparam int unsigned CountW = $clog2(Outstanding + 1);

  (* fsm_encoding = "none" *)state_e state_q;
  state_e state_d;
  logic illegal, alert_q;
  logic pending_q, linked_q, handed, over;
  logic [CountW-1:0] jobs_q;  // of the host, waiting and running
  logic [7:0] reason_q;
  status_e    code_q;

  assign accepted_o = state_q == StAccepted;
  assign handed = handed_i && accepted_o;
  assign freeze_o = state_q inside {StRequested, StAccepted, StError} || illegal;
  assign rung_o = doorbell_i && !freeze_o;
  assign ignored_o = doorbell_i && freeze_o;
  assign judged_o  = judge_i && (state_q == StRequested ||
                                 (state_q == StAccepted && !accept_i && !handed_i));
  assign done_o = job_done_i && job_host_i;
  assign over = done_o && jobs_q == CountW'(1);

  always_comb begin
    state_d = state_q;
    illegal = 1'b0;
    unique case (state_q)
      StRequested: if (judge_i) state_d = accept_i ? StAccepted : StRefused;
      StAccepted: begin
        if (handed_i) state_d = StRunning;
        else if (judge_i && !accept_i) state_d = StRefused;
      end
      StRunning: begin
        if (doorbell_i) state_d = StRequested;
        else if (over) state_d = (job_code_i == StatusOk) ? StDone : StFailed;
      end
      StIdle, StRefused, StDone, StFailed: if (doorbell_i) state_d = StRequested;
      StError: state_d = StError;
      default: begin
        illegal = 1'b1;
        state_d = StError;
      end
    endcase
  end

  always_comb begin
    unique case (state_q)
      StIdle:      state_o = ShownIdle;
      StRequested: state_o = ShownRequested;
      StRefused:   state_o = ShownRefused;
      StAccepted:  state_o = ShownAccepted;
      StRunning:   state_o = ShownRunning;
      StDone:      state_o = ShownDone;
      default:     state_o = ShownFailed;
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q   <= StIdle;
      alert_q   <= 1'b0;
      pending_q <= 1'b0;
      linked_q  <= 1'b0;
      jobs_q    <= '0;
      reason_q  <= '0;
      code_q    <= StatusOk;
    end else begin
      state_q <= state_d;
      alert_q <= alert_o;
      if (rung_o) pending_q <= 1'b1;
      else if (ack_i || judge_i) pending_q <= 1'b0;
      jobs_q <= jobs_q + CountW'(handed) - CountW'(done_o);
      if (job_started_i) linked_q <= job_host_i;
      else if (rung_o && jobs_q == '0) linked_q <= 1'b0;
      if (rung_o) reason_q <= '0;
      else if (judged_o) reason_q <= accept_i ? 8'h00 : reason_i;
      if (done_o) code_q <= job_code_i;
      else if (rung_o) code_q <= StatusOk;
    end
  end

  assign alert_o    = alert_q || illegal || state_q == StError;
  assign reason_o   = reason_q;
  assign job_code_o = code_q;
  assign pending_o  = pending_q;
  assign linked_o   = linked_q;
endmodule
