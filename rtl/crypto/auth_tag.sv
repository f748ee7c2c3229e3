// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// The tag of records as they travel: appended (dir_i = DirOut, seal) or compared (DirIn, check).
//
// Protocol: one command a record, in order, before or with its data.
//   seal:  a packet of header and payload comes in; the packet with its tag as one more beat goes
//          out at out_*.
//   check: a packet of header, payload and tag comes in; one ok_o a record goes out, and no data:
//          whoever buffers the record watches the same beats.
//   A Gcm record takes one mask from mask_*, in order (NIST SP 800-38D, section 7.1); additional
//   data is the stream id (in y0_i already) and the header beats. A Crc record takes none.
// Latency:  seal passes a beat in 4 cycles. ok_o follows the tag beat by 3 cycles, or 2 + 128 /
//           GhashBits.
// Rate:     a record of n payload beats takes n + 3 cycles with GhashBits = 128, back to back, tag
//           included; in Gcm mode with fewer bits, (n + 3) * 128 / GhashBits.
// Rules:    every beat is full. dir_i changes only when idle_o. clear_i drops everything.
module auth_tag
  import crypto_pkg::*;
  import sealift_pkg::*;
#(
  parameter int unsigned GhashBits = sealift_cfg_pkg::Cfg.GhashBits,
  parameter int unsigned Verdicts = 4  // ok bits kept for the taker
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             clear_i,
  input  dir_e             dir_i,
  output logic             idle_o,
  input  logic             cmd_valid_i,
  output logic             cmd_ready_o,
  input  tag_cmd_t         cmd_i,
  input  logic             in_valid_i,
  output logic             in_ready_o,
  input  beat_t            in_beat_i,
  output logic             out_valid_o,
  input  logic             out_ready_i,
  output beat_t            out_beat_o,
  output logic             ok_valid_o,
  input  logic             ok_ready_i,
  output logic             ok_o,
  input  logic             mask_valid_i,
  output logic             mask_ready_o,
  input  logic     [127:0] mask_i,
  // the key context
  input  logic             ready_i,
  input  logic     [127:0] hash_key_i,
  input  logic     [127:0] y0_i,
  input  logic             start_valid_i,
  output logic             start_ready_o,
  input  logic     [127:0] start_block_i,
  output logic     [127:0] start_state_o
);
  `include "sealift_assert.svh"

  // A beat every second cycle, or rarer, needs less room to keep its pace.
  localparam int unsigned OutDepth = (GhashBits == 128) ? 4 : 3;

  // ---------------------------------------------------------------- what comes in
  logic cmd_valid, beat_valid, beat_take, record_done;
  tag_cmd_t cmd;
  beat_t    beat;
  logic [1:0] unused_cmds, in_count;

  prim_fifo #(
    .Width($bits(tag_cmd_t)),
    .Depth(2)
  ) u_cmds (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(cmd_valid_i),
    .ready_o(cmd_ready_o),
    .data_i (cmd_i),
    .valid_o(cmd_valid),
    .ready_i(record_done),
    .data_o (cmd),
    .count_o(unused_cmds)
  );

  crypto_fifo #(
    .Width($bits(beat_t)),
    .Depth(2)
  ) u_in (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(in_valid_i),
    .ready_o(in_ready_o),
    .data_i (in_beat_i),
    .valid_o(beat_valid),
    .ready_i(beat_take),
    .data_o (beat),
    .count_o(in_count)
  );

  // ---------------------------------------------------------------- control
  logic gcm, step_ready, mask_ok, out_ok, verdict_room;
  logic tag_beat;  // the beat at hand is the tag to compare
  logic absorb;  // takes a beat into the tag
  logic close;  // takes the length block; of the record at hand no more follows
  logic close_q;  // closed, tag not out yet
  logic close_gcm_q;
  logic finish;  // the tag is complete
  logic first_q;  // the next beat is the record's first
  logic lengths_q;  // seal: every beat is in, the length block is next
  logic [9:0] beats_q;  // beats of the record so far

  logic hash_ready;
  logic delay_valid_q;
  beat_t delay_q;
  logic [$clog2(OutDepth+1)-1:0] out_count;

  assign gcm        = cmd.mode == AuthGcm;
  assign tag_beat   = dir_i == DirIn && beat.last;
  assign step_ready = cmd_valid && hash_ready && (!gcm || ready_i);
  assign mask_ok    = !gcm || mask_valid_i;
  // Room for what is under way and one more, the last place kept for a tag.
  assign out_ok     = 32'(out_count) + 32'(delay_valid_q) + 32'(close_q) <= OutDepth - 2;

  always_comb begin
    beat_take = 1'b0;
    absorb    = 1'b0;
    close     = 1'b0;
    if (step_ready) begin
      if (dir_i == DirIn) begin
        beat_take = beat_valid && (!beat.last || (mask_ok && verdict_room && !close_q));
        absorb    = beat_take && !beat.last;
        close     = beat_take && beat.last;
      end else if (lengths_q) begin
        close = mask_ok && out_ok && !close_q;
      end else begin
        beat_take = beat_valid && out_ok;
        absorb    = beat_take;
      end
    end
  end

  assign record_done  = close;
  assign finish       = close_q && (!close_gcm_q || hash_ready);
  assign mask_ready_o = finish && close_gcm_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      close_q     <= 1'b0;
      close_gcm_q <= 1'b0;
      first_q     <= 1'b1;
      lengths_q   <= 1'b0;
      beats_q     <= '0;
    end else if (clear_i) begin
      close_q     <= 1'b0;
      close_gcm_q <= 1'b0;
      first_q     <= 1'b1;
      lengths_q   <= 1'b0;
      beats_q     <= '0;
    end else begin
      if (close) begin
        close_q     <= 1'b1;
        close_gcm_q <= gcm;
        first_q     <= 1'b1;
        lengths_q   <= 1'b0;
        beats_q     <= '0;
      end else begin
        if (finish) close_q <= 1'b0;
        if (absorb) begin
          first_q   <= 1'b0;
          lengths_q <= dir_i == DirOut && beat.last;
          beats_q   <= beats_q + 1'b1;
        end
      end
    end
  end

  // ---------------------------------------------------------------- the tag itself
  logic [127:0] block, state, tag;
  logic [63:0] aad_bits, text_bits;
  logic [31:0] crc_q;

  // SP 800-38D, section 7.1, step 5: bit lengths of additional data (the stream id is its first
  // block) and ciphertext.
  assign aad_bits  = (64'(cmd.aad_beats) + 64'd1) << 7;
  assign text_bits = (64'(beats_q) - 64'(cmd.aad_beats)) << 7;

  function automatic logic [63:0] swap_bytes(input logic [63:0] a);
    return {a[7:0], a[15:8], a[23:16], a[31:24], a[39:32], a[47:40], a[55:48], a[63:56]};
  endfunction

  always_comb begin
    block = '0;
    if (start_valid_i) block = start_block_i;
    else if (close) block = ghash_pkg::reflect({swap_bytes(text_bits), swap_bytes(aad_bits)});
    else if (absorb) block = ghash_pkg::reflect(beat.data);
  end

  ghash #(
    .Bits(GhashBits)
  ) u_ghash (
    .clk_i,
    .rst_ni,
    .clear_i,
    .hash_key_i,
    .valid_i(start_valid_i || (gcm && (absorb || close))),
    .ready_o(hash_ready),
    .first_i(start_valid_i || first_q),
    .start_i(start_valid_i ? '0 : y0_i),
    .block_i(block),
    .state_o(state)
  );

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) crc_q <= '0;
    else if (absorb && !gcm) crc_q <= ghash_pkg::crc_block(first_q ? '1 : crc_q, beat.data);
  end

  always_comb begin
    tag = '0;
    if (finish) tag = close_gcm_q ? ghash_pkg::reflect(state) ^ mask_i : {96'd0, ~crc_q};
  end

  assign start_ready_o = hash_ready;
  assign start_state_o = state;

  // ---------------------------------------------------------------- seal: the record, then its tag
  // One register delays the data, so that the next record's first beat does not meet the tag at the
  // queue.
  beat_t out_beat;
  logic  out_room;

  logic  pass;
  assign pass = absorb && dir_i == DirOut;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) delay_valid_q <= 1'b0;
    else if (clear_i) delay_valid_q <= 1'b0;
    else delay_valid_q <= pass;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) delay_q <= '0;
    else if (pass) delay_q <= '{last: 1'b0, bytes: beat.bytes, data: beat.data};
  end

  assign out_beat = delay_valid_q ? delay_q : '{last: 1'b1, bytes: 5'(BlockBytes), data: tag};

  crypto_fifo #(
    .Width($bits(beat_t)),
    .Depth(OutDepth)
  ) u_out (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(delay_valid_q || (finish && dir_i == DirOut)),
    .ready_o(out_room),
    .data_i (out_beat),
    .valid_o(out_valid_o),
    .ready_i(out_ready_i),
    .data_o (out_beat_o),
    .count_o(out_count)
  );

  // ---------------------------------------------------------------- check: one verdict a record
  logic [                 127:0] given_q;  // the tag that came
  logic [$clog2(Verdicts+1)-1:0] verdict_count;
  logic                          verdict_ready;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) given_q <= '0;
    else if (beat_take && tag_beat) given_q <= beat.data;
  end

  prim_fifo #(
    .Width(1),
    .Depth(Verdicts)
  ) u_verdicts (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(finish && dir_i == DirIn),
    .ready_o(verdict_ready),
    .data_i (tag == given_q),
    .valid_o(ok_valid_o),
    .ready_i(ok_ready_i),
    .data_o (ok_o),
    .count_o(verdict_count)
  );

  assign verdict_room = 32'(verdict_count) + 32'(close_q) < Verdicts;
  assign idle_o = first_q && !lengths_q && !close_q && !delay_valid_q && in_count == '0
                  && out_count == '0 && !ok_valid_o;

  `SL_ASSERT(OutHasRoom, !(delay_valid_q || (finish && dir_i == DirOut)) || out_room || clear_i)
  `SL_ASSERT(OneSource, !(delay_valid_q && finish && dir_i == DirOut))
  `SL_ASSERT(VerdictHasRoom, !(finish && dir_i == DirIn) || verdict_ready || clear_i)
  `SL_ASSERT(MaskThere, !finish || !close_gcm_q || mask_valid_i || clear_i)
  `SL_ASSERT(FullBeats, !absorb || beat.bytes == 5'(BlockBytes))
  `SL_ASSERT(StartWhenIdle, !start_valid_i || (!absorb && !close && !close_q))
  `SL_ASSERT_STABLE(Out, out_valid_o, out_ready_i, out_beat_o, clear_i)
  `SL_ASSERT_STABLE(Ok, ok_valid_o, ok_ready_i, ok_o, clear_i)
endmodule
