// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Holds every plain body until its CRC-32 was found good.
//
// Bodies are stored as they come while their CRC is taken (IEEE 802.3, section 3.2.9). Of a fill run
// comes one beat; it is added to the CRC as often as a page has beats, and is not stored. The descriptor, which comes after its body, brings the
// CRC that must come out. Only then do descriptor and body go on; a body that is not what it must
// be becomes a fault, and after a fault nothing leaves this block until clear_i.
// After reset and clear_i it takes nothing in for 512 cycles, while its memory is wiped.
// Room:  512 beats, two pages. Latency: five cycles from the last beat to the first out.
// Rate:  a beat a cycle. Rules: bodies are whole beats here (pages, metadata, end record).
module page_check
  import sealift_pkg::*;
  import migrate_in_pkg::*;
  import crc32_pkg::*;
(
  input  logic          clk_i,
  input  logic          rst_ni,
  input  logic          clear_i,
  input  logic          valid_i,
  output logic          ready_o,
  input  body_t         body_i,
  input  logic          desc_valid_i,
  output logic          desc_ready_o,
  input  desc_t         desc_i,
  output logic          desc_valid_o,
  input  logic          desc_ready_i,
  output desc_t         desc_o,
  output logic          valid_o,
  input  logic          ready_i,
  output logic  [127:0] data_o
);
  `include "sealift_assert.svh"

  localparam int unsigned Depth = 2 * PageBeats;
  localparam int unsigned CountBits = $clog2(Depth + 1);
  localparam int unsigned BeatBits = 9;

  typedef struct packed {
    logic                bad;
    logic [BeatBits-1:0] beats;
    logic [31:0]         crc;
  } result_t;

  // ---------------------------------------------------------------- bodies in
  logic hold_ready, result_ready, accept;
  logic [31:0] crc_q;
  logic [BeatBits-1:0] beats_q;
  logic sum_q, sum_last_q, sum_bad_q;  // a beat to add to the CRC, one cycle after it came
  logic [127:0] sum_data_q;
  logic [ 31:0] crc_next;
  logic [  7:0] again_q;  // times that a fill's beat is to be added yet
  logic result_valid_q, result_valid, result_pop;
  result_t result_q, result;
  logic [2:0] result_count;
  logic unused_body, unused_result_ready;

  // Room for the two results on their way.
  assign result_ready = result_count < 3'd2;
  assign ready_o      = hold_ready && result_ready && again_q == '0;
  assign accept       = valid_i && ready_o;
  assign unused_body  = ^{body_i.lane, body_i.beat.bytes};

  always_comb begin
    crc_next = crc_q;
    if (sum_q && !sum_bad_q) crc_next = crc32_block(crc_q, sum_data_q);
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      crc_q          <= Crc32Init;
      beats_q        <= '0;
      sum_q          <= 1'b0;
      sum_last_q     <= 1'b0;
      sum_bad_q      <= 1'b0;
      sum_data_q     <= '0;
      again_q        <= '0;
      result_valid_q <= 1'b0;
      result_q       <= '0;
    end else if (clear_i) begin
      crc_q          <= Crc32Init;
      beats_q        <= '0;
      sum_q          <= 1'b0;
      sum_data_q     <= '0;
      again_q        <= '0;
      result_valid_q <= 1'b0;
    end else begin
      sum_q          <= accept || again_q != '0;
      result_valid_q <= 1'b0;
      if (again_q != '0) begin
        again_q    <= again_q - 1'b1;
        sum_last_q <= again_q == 8'd1;
      end
      if (accept) begin
        again_q    <= body_i.fill ? 8'(PageBeats - 1) : '0;
        sum_last_q <= body_i.beat.last && !body_i.fill;
        sum_bad_q  <= body_i.bad;
        sum_data_q <= body_i.beat.data;
      end
      if (sum_q) begin
        crc_q   <= sum_last_q ? Crc32Init : crc_next;
        beats_q <= sum_last_q ? '0 : beats_q + 1'b1;
        if (sum_last_q) begin
          result_valid_q <= 1'b1;
          result_q       <= '{bad: sum_bad_q, beats: beats_q + 1'b1, crc: ~crc_next};
        end
      end
    end
  end

  prim_fifo #(
    .Width($bits(result_t)),
    .Depth(4)
  ) u_result (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(result_valid_q),
    .ready_o(unused_result_ready),
    .data_i (result_q),
    .valid_o(result_valid),
    .ready_i(result_pop),
    .data_o (result),
    .count_o(result_count)
  );

  // ---------------------------------------------------------------- judged in order
  logic head_valid, head_pop, pass, out_ready, dead_q, unlock;
  desc_t head, judged;
  logic [BeatBits-1:0] beats_wanted;

  prim_skid #(
    .Width($bits(desc_t))
  ) u_desc (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(desc_valid_i),
    .ready_o(desc_ready_o),
    .data_i (desc_i),
    .valid_o(head_valid),
    .ready_i(head_pop),
    .data_o (head)
  );

  always_comb begin
    unique case (head.kind)
      KindPage, KindFill: beats_wanted = BeatBits'(PageBeats);
      default:            beats_wanted = head.body_bytes[12:4];
    endcase
    judged = head;
    if (has_data(head.kind, head.fault)) begin
      if (result.bad || result.beats != beats_wanted) judged.fault = StatusBadDeflate;
      else if (result.crc != head.crc) judged.fault = StatusBadCrc;
    end
  end

  assign pass       = head_valid && !dead_q && (!has_data(head.kind, head.fault) || result_valid);
  assign head_pop   = pass && out_ready;
  assign result_pop = head_pop && has_data(head.kind, head.fault);
  assign unlock     = result_pop && judged.fault == StatusOk && head.kind != KindFill;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) dead_q <= 1'b0;
    else if (clear_i) dead_q <= 1'b0;
    else if (head_pop && judged.fault != StatusOk) dead_q <= 1'b1;
  end

  prim_skid #(
    .Width($bits(desc_t))
  ) u_out (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(pass),
    .ready_o(out_ready),
    .data_i (judged),
    .valid_o(desc_valid_o),
    .ready_i(desc_ready_i),
    .data_o (desc_o)
  );

  hold_fifo #(
    .Width(128),
    .Depth(Depth),
    .Wipe (1'b1)
  ) u_hold (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i        (accept && !body_i.fill && !body_i.bad),
    .ready_o        (hold_ready),
    .data_i         (body_i.beat.data),
    .release_i      (unlock),
    .release_count_i(CountBits'(beats_wanted)),
    .valid_o,
    .ready_i,
    .data_o
  );

  `SL_ASSERT(FillIsOneBeat, !(accept && body_i.fill) || body_i.beat.last || clear_i)
  `SL_ASSERT(ResultHasRoom, !result_valid_q || unused_result_ready)
  `SL_ASSERT(OnlyGoodLeaves, !unlock || (result_valid && result.crc == head.crc && !dead_q))
  `SL_ASSERT_NEXT(DeadStaysDead, dead_q && !clear_i, dead_q && !unlock)
  `SL_ASSERT_STABLE(Desc, desc_valid_o, desc_ready_i, desc_o, clear_i)

endmodule
