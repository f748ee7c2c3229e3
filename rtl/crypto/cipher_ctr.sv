// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Counter mode (NIST SP 800-38A, section 6.5; GCTR of SP 800-38D, section 6.5): key stream made
// ahead of the data, and the exclusive-or with it.
//
// Protocol: one command a packet, in order, before or with its data. Blocks of the key stream are
//           asked for as long as there is room for them, over packet boundaries, so that a packet
//           finds its first block ready.
// Latency:  one cycle once the key stream is there. Rate: a beat a cycle, packets back to back, as
//           far as the block cipher keeps up.
// Rules:    a packet has as many beats as its command says in `blocks`, or one empty beat if that
//           is 0. The last beat may be partial. clear_i drops everything and zeroes the key stream.
module cipher_ctr
  import crypto_pkg::*;
  import sealift_pkg::*;
#(
  parameter int unsigned StreamDepth = 32,  // blocks of key stream made ahead
  parameter int unsigned Packets     = 8    // commands taken ahead
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                clear_i,
  input  logic                ready_i,         // the key context is complete
  input  logic                gcm_i,           // payloads start with counter 2, else 1
  input  logic        [ 31:0] salt_i,
  input  logic                cmd_valid_i,
  output logic                cmd_ready_o,
  input  crypto_cmd_t         cmd_i,
  input  logic                in_valid_i,
  output logic                in_ready_o,
  input  beat_t               in_beat_i,
  output logic                out_valid_o,
  input  logic                out_ready_i,
  output beat_t               out_beat_o,
  // the block cipher
  output logic                block_valid_o,
  input  logic                block_ready_i,
  output logic        [127:0] block_o,
  input  logic                stream_valid_i,
  input  logic        [127:0] stream_block_i
);
  `include "sealift_assert.svh"

  localparam int unsigned CountW = $clog2(StreamDepth + 1);
  localparam int unsigned QueueW = $clog2(Packets + 1);

  typedef struct packed {
    logic [63:0] seq;
    logic [9:0]  blocks;
  } run_t;

  typedef struct packed {
    logic       plain;   // passes unchanged
    logic [9:0] blocks;
  } packet_t;

  // ---------------------------------------------------------------- commands
  logic plain, run_room, run_valid, run_take, packet_room, packet_valid, packet_done;
  run_t    run;
  packet_t packet;
  logic [QueueW-1:0] unused_runs, unused_packets;

  assign plain       = cmd_i.bypass || cmd_i.blocks == '0;
  assign cmd_ready_o = run_room && packet_room;

  prim_fifo #(
    .Width($bits(run_t)),
    .Depth(Packets)
  ) u_runs (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(cmd_valid_i && packet_room && !plain),
    .ready_o(run_room),
    .data_i ({cmd_i.seq, cmd_i.blocks}),
    .valid_o(run_valid),
    .ready_i(run_take),
    .data_o (run),
    .count_o(unused_runs)
  );

  prim_fifo #(
    .Width($bits(packet_t)),
    .Depth(Packets)
  ) u_packets (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(cmd_valid_i && run_room),
    .ready_o(packet_room),
    .data_i ({plain, cmd_i.blocks}),
    .valid_o(packet_valid),
    .ready_i(packet_done),
    .data_o (packet),
    .count_o(unused_packets)
  );

  // The data unit is for XTS.
  logic unused_unit;
  assign unused_unit = ^cmd_i.unit;

  // ---------------------------------------------------------------- counter blocks
  logic active_q, issue, last_issue, pop, stream_room;
  logic [      63:0] seq_q;
  logic [      31:0] counter_q;
  logic [       9:0] left_q;
  logic [CountW-1:0] reserved_q;  // blocks asked for and not yet used

  assign block_valid_o = active_q && ready_i && stream_room && reserved_q != CountW'(StreamDepth);
  assign block_o       = counter_block(salt_i, seq_q, counter_q);
  assign issue         = block_valid_o && block_ready_i;
  assign last_issue    = issue && left_q == 10'd1;
  assign run_take      = ready_i && (!active_q || last_issue);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      active_q   <= 1'b0;
      seq_q      <= '0;
      counter_q  <= '0;
      left_q     <= '0;
      reserved_q <= '0;
    end else if (clear_i) begin
      active_q   <= 1'b0;
      seq_q      <= '0;
      counter_q  <= '0;
      left_q     <= '0;
      reserved_q <= '0;
    end else begin
      if (run_take) active_q <= run_valid;
      if (run_take && run_valid) begin
        seq_q     <= run.seq;
        counter_q <= gcm_i ? 32'd2 : 32'd1;
        left_q    <= run.blocks;
      end else if (issue) begin
        counter_q <= counter_q + 1'b1;
        left_q    <= left_q - 1'b1;
      end
      if (issue != pop) reserved_q <= issue ? reserved_q + 1'b1 : reserved_q - 1'b1;
    end
  end

  // ---------------------------------------------------------------- key stream and data
  logic              stream_valid;
  logic [     127:0] stream;
  logic [CountW-1:0] unused_stream;

  crypto_fifo #(
    .Width(128),
    .Depth(StreamDepth)
  ) u_stream (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(stream_valid_i),
    .ready_o(stream_room),
    .data_i (stream_block_i),
    .valid_o(stream_valid),
    .ready_i(pop),
    .data_o (stream),
    .count_o(unused_stream)
  );

  logic out_room, take;
  beat_t       out_beat;
  logic  [1:0] unused_out;

  assign in_ready_o  = out_room && packet_valid && (packet.plain || stream_valid);
  assign take        = in_valid_i && in_ready_o;
  assign pop         = take && !packet.plain;
  assign packet_done = take && in_beat_i.last;

  always_comb begin
    out_beat = in_beat_i;
    if (pop) begin
      out_beat.data = in_beat_i.data ^ stream;
      // Unused bytes of a beat are zero.
      if (!in_beat_i.bytes[4]) out_beat.data &= ~('1 << {in_beat_i.bytes[3:0], 3'd0});
    end
  end

  crypto_fifo #(
    .Width($bits(beat_t)),
    .Depth(2)
  ) u_out (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(take),
    .ready_o(out_room),
    .data_i (out_beat),
    .valid_o(out_valid_o),
    .ready_i(out_ready_i),
    .data_o (out_beat_o),
    .count_o(unused_out)
  );

  // ---------------------------------------------------------------- rules
  logic [9:0] beats_q;  // beats of the packet so far

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) beats_q <= '0;
    else if (clear_i) beats_q <= '0;
    else if (take) beats_q <= in_beat_i.last ? '0 : beats_q + 1'b1;
  end

  `SL_ASSERT(StreamHasRoom, !stream_valid_i || stream_room || clear_i)
  `SL_ASSERT(LastWhenSaid, !pop || in_beat_i.last == (beats_q + 1'b1 == packet.blocks))
  `SL_ASSERT_STABLE(Out, out_valid_o, out_ready_i, out_beat_o, clear_i)
endmodule
