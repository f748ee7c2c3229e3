// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Writes a job's completion record (docs/programmers-guide.md, section 6) by the DMA's second write client.
//
// Protocol: write_i (a level) until done_o, which pulses when memory has answered; all other inputs stand still meanwhile.
//           write_i may fall early, when the DMA is stopped and cleared; then there is no done_o.
// Latency:  five cycles of handing over, and memory's.
module job_record
  import control_pkg::*;
  import sealift_pkg::*;
(
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   write_i,
  output logic                   done_o,
  input  logic       [AddrW-1:0] addr_i,
  input  logic       [     31:0] tag_i,
  input  status_e                code_i,
  input  job_state_t             state_i,
  // DMA
  output logic                   cmd_valid_o,
  input  logic                   cmd_ready_i,
  output logic       [AddrW-1:0] cmd_addr_o,
  output logic                   valid_o,
  input  logic                   ready_i,
  output beat_t                  beat_o,
  input  logic                   idle_i
);
  `include "sealift_assert.svh"

  localparam logic [1:0] LastBeat = 2'd3;
  localparam logic [7:0] Written = 8'h01;  // in the last byte: what was zero before is there now

  logic asked_q, sent_q;
  logic [1:0] index_q;
  logic [3:0][127:0] record;

  logic unused_state;
  assign unused_state = ^state_i;

  assign record[0] = {state_i.counts.bytes_in, state_i.counts.pages};
  assign record[1] = {state_i.last_seq, state_i.counts.bytes_out};
  assign record[2] = {state_i.error_addr, 64'(state_i.cycles)};
  assign record[3] = {Written, 16'd0, code_i, tag_i, state_i.counts.records};

  assign cmd_valid_o = write_i && !asked_q;
  assign cmd_addr_o = addr_i;
  assign valid_o = write_i && asked_q && !sent_q;
  assign beat_o = '{last: index_q == LastBeat, bytes: 5'(BlockBytes), data: record[index_q]};
  assign done_o = write_i && sent_q && idle_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      asked_q <= 1'b0;
      sent_q  <= 1'b0;
      index_q <= '0;
    end else if (!write_i || done_o) begin
      asked_q <= 1'b0;
      sent_q  <= 1'b0;
      index_q <= '0;
    end else begin
      if (cmd_ready_i) asked_q <= 1'b1;
      if (valid_o && ready_i) begin
        index_q <= index_q + 1'b1;
        sent_q  <= index_q == LastBeat;
      end
    end
  end

  `SL_ASSERT_STABLE(Cmd, cmd_valid_o, cmd_ready_i, cmd_addr_o, !write_i)
  `SL_ASSERT_STABLE(Beat, valid_o, ready_i, beat_o, !write_i)
endmodule
