// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// XTS (IEEE 1619-2007, section 5.3) with the packet as data unit: every block is whitened with its
// tweak before and after the block cipher.
//
// Protocol: as cipher_ctr: one command a packet, in order; the data unit's number is `unit`, 128
//           bits little endian (section 5.1). The first tweaks of packets to come are made ahead,
//           by a small cipher core of its own.
// Latency:  the block cipher's and 4 cycles. Rate: a beat a cycle, packets back to back, while
//           packets have more blocks than a first tweak takes cycles (14 / TweakRounds).
// Rules:    whole blocks only: payloads are, so there is no ciphertext stealing. clear_i drops and
//           zeroes everything.
module cipher_xts
  import crypto_pkg::*;
  import sealift_pkg::*;
#(
  parameter int unsigned TweakRounds = 4,   // AES rounds in hardware for first tweaks
  parameter int unsigned Depth       = 32,  // blocks in the cipher and behind it
  parameter int unsigned Packets     = 8    // commands taken ahead
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 clear_i,
  input  logic                 ready_i,         // the key context is complete
  input  logic                 aes128_i,
  input  aes_pkg::rk_t         tweak_rk_i,
  input  logic                 cmd_valid_i,
  output logic                 cmd_ready_o,
  input  crypto_cmd_t          cmd_i,
  input  logic                 in_valid_i,
  output logic                 in_ready_o,
  input  beat_t                in_beat_i,
  output logic                 out_valid_o,
  input  logic                 out_ready_i,
  output beat_t                out_beat_o,
  // the block cipher
  output logic                 block_valid_o,
  input  logic                 block_ready_i,
  output logic         [127:0] block_o,
  input  logic                 result_valid_i,
  input  logic         [127:0] result_i
);
  `include "sealift_assert.svh"

  localparam int unsigned Tweaks = 4;  // first tweaks made ahead
  localparam int unsigned QueueW = $clog2(Packets + 1);
  localparam int unsigned TweakW = $clog2(Tweaks + 1);
  localparam int unsigned CountW = $clog2(Depth + 1);

  // ---------------------------------------------------------------- commands
  logic plain, unit_room, unit_valid, unit_take;
  logic packet_room, packet_valid, packet_plain, packet_done;
  logic [63:0] unit;
  logic [QueueW-1:0] unused_units, unused_packets;
  logic unused_cmd;

  assign plain       = cmd_i.bypass || cmd_i.blocks == '0;
  assign cmd_ready_o = unit_room && packet_room;
  assign unused_cmd  = ^cmd_i.seq;

  prim_fifo #(
    .Width(64),
    .Depth(Packets)
  ) u_units (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(cmd_valid_i && packet_room && !plain),
    .ready_o(unit_room),
    .data_i (cmd_i.unit),
    .valid_o(unit_valid),
    .ready_i(unit_take),
    .data_o (unit),
    .count_o(unused_units)
  );

  prim_fifo #(
    .Width(1),
    .Depth(Packets)
  ) u_packets (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(cmd_valid_i && unit_room),
    .ready_o(packet_room),
    .data_i (plain),
    .valid_o(packet_valid),
    .ready_i(packet_done),
    .data_o (packet_plain),
    .count_o(unused_packets)
  );

  // ---------------------------------------------------------------- first tweaks
  logic core_valid, core_ready, made, tweak_room, tweak_valid, tweak_take;
  logic [127:0] made_tweak, first_tweak;
  logic [TweakW-1:0] reserved_q, unused_tweaks;
  use_e unused_use;

  assign core_valid = unit_valid && ready_i && tweak_room && reserved_q != TweakW'(Tweaks);
  assign unit_take  = core_valid && core_ready;

  aes_core #(
    .Rounds (TweakRounds),
    .SboxRom(1'b0)
  ) u_tweak (
    .clk_i,
    .rst_ni,
    .clear_i,
    .aes128_i,
    .rk_i       (tweak_rk_i),
    .in_valid_i (core_valid),
    .in_ready_o (core_ready),
    .in_block_i ({64'd0, unit}),
    .in_use_i   (UseStream),
    .out_valid_o(made),
    .out_block_o(made_tweak),
    .out_use_o  (unused_use)
  );

  crypto_fifo #(
    .Width(128),
    .Depth(Tweaks)
  ) u_tweaks (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(made),
    .ready_o(tweak_room),
    .data_i (made_tweak),
    .valid_o(tweak_valid),
    .ready_i(tweak_take),
    .data_o (first_tweak),
    .count_o(unused_tweaks)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) reserved_q <= '0;
    else if (clear_i) reserved_q <= '0;
    else if (unit_take != tweak_take) begin
      reserved_q <= unit_take ? reserved_q + 1'b1 : reserved_q - 1'b1;
    end
  end

  // ---------------------------------------------------------------- into the block cipher
  typedef struct packed {
    logic         plain;
    logic         last;
    logic [4:0]   bytes;
    logic [127:0] data;   // the tweak, or the data of a packet that passes
  } side_t;

  logic beat_valid, take, whole, result_room, side_room, side_valid, side_take;
  beat_t beat;
  side_t side;
  logic  first_q;
  logic [127:0] tweak_q, tweak;
  logic [1:0] unused_in;
  logic [CountW-1:0] unused_sides, unused_results;

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
    .ready_i(take),
    .data_o (beat),
    .count_o(unused_in)
  );

  assign tweak         = first_q ? first_tweak : tweak_q;
  assign whole         = beat_valid && packet_valid && side_room && result_room;
  assign block_valid_o = whole && !packet_plain && (!first_q || tweak_valid);
  assign block_o       = beat.data ^ tweak;
  assign take          = packet_plain ? whole : block_valid_o && block_ready_i;
  assign tweak_take    = take && !packet_plain && first_q;
  assign packet_done   = take && beat.last;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) first_q <= 1'b1;
    else if (clear_i) first_q <= 1'b1;
    else if (take) first_q <= beat.last;
  end

  // Section 5.2: times x, modulo x^128 + x^7 + x^2 + x + 1.
  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) tweak_q <= '0;
    else if (take) tweak_q <= {tweak[126:0], 1'b0} ^ (tweak[127] ? 128'h87 : 128'd0);
  end

  // Room here is room for the results, too.
  crypto_fifo #(
    .Width($bits(side_t)),
    .Depth(Depth)
  ) u_sides (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(take),
    .ready_o(side_room),
    .data_i ({packet_plain, beat.last, beat.bytes, packet_plain ? beat.data : tweak}),
    .valid_o(side_valid),
    .ready_i(side_take),
    .data_o (side),
    .count_o(unused_sides)
  );

  // ---------------------------------------------------------------- out of it
  logic result_valid, out_room;
  logic [127:0] result, out_data;
  logic [1:0] unused_out;

  crypto_fifo #(
    .Width(128),
    .Depth(Depth)
  ) u_results (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(result_valid_i),
    .ready_o(result_room),
    .data_i (result_i),
    .valid_o(result_valid),
    .ready_i(side_take && !side.plain),
    .data_o (result),
    .count_o(unused_results)
  );

  assign side_take = side_valid && out_room && (side.plain || result_valid);
  assign out_data  = side.plain ? side.data : side.data ^ result;

  crypto_fifo #(
    .Width($bits(beat_t)),
    .Depth(2)
  ) u_out (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(side_take),
    .ready_o(out_room),
    .data_i ({side.last, side.bytes, out_data}),
    .valid_o(out_valid_o),
    .ready_i(out_ready_i),
    .data_o (out_beat_o),
    .count_o(unused_out)
  );

  `SL_ASSERT(TweakHasRoom, !made || tweak_room || clear_i)
  `SL_ASSERT(ResultHasRoom, !result_valid_i || result_room || clear_i)
  `SL_ASSERT(WholeBlocks, !take || packet_plain || beat.bytes == 5'(BlockBytes))
  `SL_ASSERT_STABLE(Out, out_valid_o, out_ready_i, out_beat_o, clear_i)
endmodule
