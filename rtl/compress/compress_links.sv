// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Links every position of a page to the latest earlier one with the same hash of three bytes.
//
// Protocol: start_i (idle_o) begins a page; beats_i says how many lines of it are in the memory.
//           Positions get their links in order, one a cycle; links below built_o may be read by
//           the two link ports (data in the next cycle). A position without an earlier one is
//           linked to itself. page_* reads the page: 18 bytes from an aligned address in the next
//           cycle.
// Rules:    head entries carry the page's number modulo 32, and a 32nd of them is wiped behind
//           every page, so nothing of an earlier page is seen; after reset and clear_i all are
//           wiped: busy_o.
module compress_links
  import compress_pkg::*;
#(
  parameter int unsigned Sets = 4096
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         clear_i,
  output logic         busy_o,
  input  logic         start_i,
  output logic         idle_o,
  input  logic [  8:0] beats_i,
  output logic [ 12:0] built_o,
  output logic         page_re_o,
  output logic [ 11:0] page_addr_o,
  input  logic [143:0] page_data_i,
  input  logic         first_re_i,
  input  logic [ 11:0] first_addr_i,
  output logic [ 11:0] first_o,
  input  logic         next_re_i,
  input  logic [ 11:0] next_addr_i,
  output logic [ 11:0] next_o
);
  localparam int unsigned HashBits = $clog2(Sets);

  typedef struct packed {
    logic        valid;
    logic [4:0]  epoch;
    logic [11:0] pos;
  } head_t;

  typedef enum logic [2:0] {
    StIdle,
    StRead,  // the first line
    StLoad,
    StRun,
    StLast,  // the last link is written
    StWipe
  } state_e;

  function automatic logic [HashBits-1:0] hash(logic [23:0] b);
    logic [11:0] h;
    h = hash12(b);
    return HashBits'(h ^ (h >> HashBits));
  endfunction

  state_e state_q;
  logic busy_q, wiping, avail, prefetch;
  logic [         8:0] need;
  logic [HashBits-1:0] wipe_q;
  logic [         4:0] epoch_q;
  logic [12:0] q_q, built_q;
  logic [143:0] bytes_q;
  logic a_valid, b_valid_q, b_fwd_q, same, h_we;
  logic [HashBits-1:0] a_hash, b_hash_q, h_waddr;
  logic [11:0] b_pos_q, last_pos_q, link;
  head_t h_rdata, h_wdata;

  // The line behind the one in hand (the first one at the start) and its successor must have come.
  assign need     = (state_q == StRead) ? 9'd2 : 9'(q_q[11:4]) + 9'd3;
  assign avail    = beats_i >= need || beats_i == 9'd256;
  assign prefetch = state_q == StRun && q_q[3:0] == 4'd14;
  assign wiping   = state_q == StWipe;

  assign a_valid  = state_q == StRun && (!prefetch || avail);
  assign a_hash   = hash(bytes_q[23:0]);
  assign same     = b_valid_q && b_hash_q == a_hash;

  always_comb begin
    h_we    = b_valid_q;
    h_waddr = b_hash_q;
    h_wdata = '{valid: 1'b1, epoch: epoch_q, pos: b_pos_q};
    if (busy_q || wiping) begin
      h_we    = 1'b1;
      h_waddr = wipe_q;
      h_wdata = '0;
    end
    link = b_pos_q;
    if (b_fwd_q) link = last_pos_q;
    else if (h_rdata.valid && h_rdata.epoch == epoch_q) link = h_rdata.pos;
  end

  prim_ram_1r1w #(
    .Width($bits(head_t)),
    .Depth(Sets)
  ) u_heads (
    .clk_i,
    .we_i   (h_we),
    .waddr_i(h_waddr),
    .wdata_i(h_wdata),
    .re_i   (a_valid && !same),
    .raddr_i(a_hash),
    .rdata_o(h_rdata)
  );

  prim_ram_1r1w #(
    .Width(12),
    .Depth(4096)
  ) u_first (
    .clk_i,
    .we_i   (b_valid_q),
    .waddr_i(b_pos_q),
    .wdata_i(link),
    .re_i   (first_re_i),
    .raddr_i(first_addr_i),
    .rdata_o(first_o)
  );

  prim_ram_1r1w #(
    .Width(12),
    .Depth(4096)
  ) u_next (
    .clk_i,
    .we_i   (b_valid_q),
    .waddr_i(b_pos_q),
    .wdata_i(link),
    .re_i   (next_re_i),
    .raddr_i(next_addr_i),
    .rdata_o(next_o)
  );

  assign busy_o      = busy_q;
  assign idle_o      = state_q == StIdle && !busy_q;
  assign built_o     = built_q;
  assign page_re_o   = (state_q == StRead || prefetch) && avail;
  assign page_addr_o = (state_q == StRead) ? '0 : {q_q[11:4] + 8'd1, 4'd0};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q   <= StIdle;
      busy_q    <= 1'b1;
      wipe_q    <= '0;
      epoch_q   <= '0;
      b_valid_q <= 1'b0;
      q_q       <= '0;
      built_q   <= '0;
    end else if (clear_i) begin
      state_q   <= StIdle;
      busy_q    <= 1'b1;
      wipe_q    <= '0;
      epoch_q   <= '0;
      b_valid_q <= 1'b0;
      q_q       <= '0;
      built_q   <= '0;
    end else begin
      b_valid_q <= a_valid;
      if (b_valid_q) built_q <= built_q + 1'b1;
      if (busy_q) begin
        wipe_q <= wipe_q + 1'b1;
        if (wipe_q == '1) busy_q <= 1'b0;
      end
      unique case (state_q)
        StIdle: begin
          if (start_i) begin
            state_q <= StRead;
            epoch_q <= epoch_q + 1'b1;
            q_q     <= '0;
            built_q <= '0;
          end
        end
        StRead:  if (avail) state_q <= StLoad;
        StLoad:  state_q <= StRun;
        StRun: begin
          if (a_valid) begin
            q_q <= q_q + 1'b1;
            if (q_q == 13'd4093) state_q <= StLast;
          end
        end
        StLast: begin
          state_q <= StWipe;
          wipe_q  <= {epoch_q, (HashBits - 5)'(0)};
        end
        StWipe: begin
          wipe_q <= wipe_q + 1'b1;
          if (wipe_q[HashBits-6:0] == '1) state_q <= StIdle;
        end
        default: state_q <= StIdle;
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    if (state_q == StLoad || (a_valid && q_q[3:0] == 4'd15)) bytes_q <= page_data_i;
    else if (a_valid) bytes_q <= {8'd0, bytes_q[143:8]};
    if (a_valid) begin
      b_hash_q <= a_hash;
      b_pos_q  <= q_q[11:0];
      b_fwd_q  <= same;
    end
    if (b_valid_q) last_pos_q <= b_pos_q;
  end

  `include "sealift_assert.svh"
  `SL_ASSERT_PARAM(SetsRange, Sets >= 256 && Sets <= 4096 && Sets == (1 << HashBits))

endmodule
