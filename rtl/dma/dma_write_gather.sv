// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Gathers the beats of write transfers into bus words and cuts them into bursts.
//
// Protocol: client c starts a transfer with cmd (address of its first byte, a multiple of 16), then
//           sends full beats until `last`. Transfers of the two clients take turns, whole. A burst
//           ends at a multiple of BurstBytes or with `last`; burst_o leaves when all of its words
//           are in the buffer, whose words leave in the same order on word_o.
// Rate:     a beat a cycle, also from one transfer to the next.
// Rules:    clear_i drops everything. No path from the inputs to cmd_ready_o.
module dma_write_gather
  import dma_pkg::*;
  import sealift_pkg::*;
#(
  parameter int unsigned BufferBlocks = 512,  // two bursts or more: one gathers while one leaves
  localparam int unsigned WordW = 128 * Lanes + Lanes
) (
  input logic clk_i,
  input logic rst_ni,
  input logic clear_i,
  input logic [1:0] cmd_valid_i,
  output logic [1:0] cmd_ready_o,
  input logic [1:0][63:0] cmd_addr_i,
  input logic [1:0] in_valid_i,
  output logic [1:0] in_ready_o,
  input beat_t [1:0] in_beat_i,
  output logic burst_valid_o,
  input logic burst_ready_i,
  output burst_t burst_o,
  output logic word_valid_o,
  input logic word_ready_i,
  output logic [WordW-1:0] word_o,  // {blocks that hold data, data}
  output logic [1:0] busy_o,  // a transfer of the client has not been gathered whole
  output logic [1:0] burst_push_o  // a burst of the client has been gathered
);
  `include "sealift_assert.svh"

  localparam int unsigned PageBits = $clog2(BurstBlocks);
  localparam int unsigned UsedW = $clog2(BufferBlocks / Lanes + 4);

  // -------------------------------------------------------------- whose turn
  logic [1:0] head_valid, head_ready;
  logic [1:0][59:0] head_addr;
  logic active_q, client_q, turn_q, pick, load, room, accept, ends;
  logic wrapped_q, first_q, burst_ready, word_ready, word_push;
  logic   [       59:0] addr_q;
  logic   [       60:0] addr_next;
  logic   [        7:0] start_q;
  logic   [BlocksW-1:0] count_q;
  beat_t                beat;
  burst_t               burst;
  logic   [  UsedW-1:0] unused_used;
  logic   [        2:0] unused_bursts;

  for (genvar c = 0; c < 2; c++) begin : gen_client
    prim_skid #(
      .Width(60)
    ) u_commands (
      .clk_i,
      .rst_ni,
      .clear_i,
      .valid_i(cmd_valid_i[c]),
      .ready_o(cmd_ready_o[c]),
      .data_i (cmd_addr_i[c][63:4]),
      .valid_o(head_valid[c]),
      .ready_i(head_ready[c]),
      .data_o (head_addr[c])
    );
    assign in_ready_o[c]   = active_q && room && client_q == c[0];
    assign busy_o[c]       = cmd_valid_i[c] || head_valid[c] || (active_q && client_q == c[0]);
    assign burst_push_o[c] = accept && ends && client_q == c[0];
    assign head_ready[c]   = load && pick == c[0];

    `SL_ASSERT(CommandAligned, !cmd_valid_i[c] || cmd_addr_i[c][3:0] == '0)
    `SL_ASSERT(BeatFull, !in_valid_i[c] || in_beat_i[c].bytes == 5'd16)
    `SL_ASSERT_STABLE(Command, cmd_valid_i[c], cmd_ready_o[c], cmd_addr_i[c], clear_i)
    `SL_ASSERT_STABLE(In, in_valid_i[c], in_ready_o[c], in_beat_i[c], clear_i)
  end

  assign pick   = head_valid[1] && (turn_q || !head_valid[0]);
  assign load   = head_valid != '0 && (!active_q || (accept && beat.last));
  assign beat   = client_q ? in_beat_i[1] : in_beat_i[0];
  assign room   = burst_ready && word_ready;
  assign accept = (in_valid_i & in_ready_o) != '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      active_q <= 1'b0;
      client_q <= 1'b0;
      turn_q   <= 1'b0;
    end else if (clear_i) begin
      active_q <= 1'b0;
      client_q <= 1'b0;
      turn_q   <= 1'b0;
    end else if (load) begin
      active_q <= 1'b1;
      client_q <= pick;
      turn_q   <= !pick;
    end else if (accept && beat.last) begin
      active_q <= 1'b0;
    end
  end

  // -------------------------------------------------------------- where bursts end
  assign ends      = beat.last || addr_q[PageBits-1:0] == '1;
  assign addr_next = {1'b0, addr_q} + 1'b1;

  always_ff @(posedge clk_i) begin
    if (accept) begin
      addr_q    <= addr_next[59:0];
      wrapped_q <= wrapped_q || addr_next[60];
      first_q   <= ends;
      count_q   <= ends ? '0 : count_q + 1'b1;
      if (first_q) start_q <= addr_q[7:0];
    end
    if (load) begin
      addr_q    <= pick ? head_addr[1] : head_addr[0];
      wrapped_q <= 1'b0;
      first_q   <= 1'b1;
      count_q   <= '0;
    end
  end

  assign burst.wrapped = wrapped_q;
  assign burst.last    = beat.last;
  assign burst.client  = client_q;
  assign burst.blocks  = count_q + 1'b1;
  assign burst.addr    = {addr_q[59:8], first_q ? addr_q[7:0] : start_q, 4'h0};

  prim_fifo #(
    .Width($bits(burst_t)),
    .Depth(4)
  ) u_bursts (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(accept && ends),
    .ready_o(burst_ready),
    .data_i (burst),
    .valid_o(burst_valid_o),
    .ready_i(burst_ready_i),
    .data_o (burst_o),
    .count_o(unused_bursts)
  );

  // -------------------------------------------------------------- bus words
  logic [WordW-1:0] word;

  if (Lanes > 1) begin : gen_wide
    logic [   Lanes-1:0]        mask_q;
    logic [   Lanes-1:0][127:0] word_q;
    logic [LaneBits-1:0]        lane;
    assign lane      = addr_q[LaneBits-1:0];
    assign word_push = accept && (ends || lane == '1);
    // Bytes that are not written are zero: nothing of another word is left on the bus.
    for (genvar l = 0; l < Lanes; l++) begin : gen_lane
      assign word[128*l+:128]  = (lane == LaneBits'(l)) ? beat.data : mask_q[l] ? word_q[l] : '0;
      assign word[128*Lanes+l] = mask_q[l] || lane == LaneBits'(l);
      always_ff @(posedge clk_i) begin
        if (accept && lane == LaneBits'(l)) word_q[l] <= beat.data;
      end
      always_ff @(posedge clk_i or negedge rst_ni) begin
        if (!rst_ni) mask_q[l] <= 1'b0;
        else if (clear_i || word_push) mask_q[l] <= 1'b0;
        else if (accept && lane == LaneBits'(l)) mask_q[l] <= 1'b1;
      end
    end
  end else begin : gen_narrow
    assign word_push = accept;
    assign word      = {1'b1, beat.data};
  end

  logic unused_bytes;
  assign unused_bytes = &{1'b0, beat.bytes};

  prim_fifo_ram #(
    .Width(WordW),
    .Depth(BufferBlocks / Lanes)
  ) u_words (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(word_push),
    .ready_o(word_ready),
    .data_i (word),
    .valid_o(word_valid_o),
    .ready_i(word_ready_i),
    .data_o (word_o),
    .used_o (unused_used)
  );

endmodule
