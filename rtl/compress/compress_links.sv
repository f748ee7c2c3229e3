// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Links every position of a page to the latest earlier one with the same hash of three bytes.
//
// Protocol: start_i (page in memory, idle_o) begins; positions get their links in order, one a cycle but for two
//           cycles in 18; links below built_o may be read by the link port (data in the next cycle). A position
//           without an earlier one is linked to itself. page_* reads the page: 18 bytes in the next cycle.
// Rules:    head entries carry the page's number modulo 16 and a sixteenth of them is wiped a page, before its
//           links are made, so nothing of an earlier page is seen; after reset and clear_i all are wiped: busy_o.
module compress_links #(
  parameter int unsigned Sets = 4096
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         clear_i,
  output logic         busy_o,
  input  logic         wipe_i,       // a page starts to come in: wipe its sixteenth
  input  logic         start_i,
  output logic         idle_o,
  output logic [12:0]  built_o,
  output logic         page_re_o,
  output logic [11:0]  page_addr_o,
  input  logic [143:0] page_data_i,
  input  logic         link_re_i,
  input  logic [11:0]  link_addr_i,
  output logic [11:0]  link_o
);
  localparam int unsigned HashBits = $clog2(Sets);

  typedef struct packed {
    logic        valid;
    logic [3:0]  epoch;
    logic [11:0] pos;
  } head_t;

  typedef enum logic [1:0] {
    StIdle,
    StRead,
    StLoad,
    StRun
  } state_e;

  function automatic logic [HashBits-1:0] hash(logic [23:0] b);
    logic [11:0] h;
    h = b[11:0] ^ {b[18:12], b[23:19]} ^ 12'(b[23:16]);
    return HashBits'(h ^ (h >> HashBits));
  endfunction

  state_e              state_q;
  logic                busy_q, wiping_q;
  logic [HashBits-1:0] wipe_q;
  logic [3:0]          epoch_q;
  logic [12:0]         q_q, built_q;
  logic [143:0]        bytes_q;
  logic                a_valid, b_valid_q, b_fwd_q, same, h_we;
  logic [HashBits-1:0] a_hash, b_hash_q, h_waddr;
  logic [11:0]         b_pos_q, last_pos_q, link;
  head_t               h_rdata, h_wdata;

  assign a_valid = state_q == StRun;
  assign a_hash  = hash(bytes_q[23:0]);
  assign same    = b_valid_q && b_hash_q == a_hash;

  always_comb begin
    h_we    = b_valid_q;
    h_waddr = b_hash_q;
    h_wdata = '{valid: 1'b1, epoch: epoch_q, pos: b_pos_q};
    if (busy_q || wiping_q) begin
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
  ) u_links (
    .clk_i,
    .we_i   (b_valid_q),
    .waddr_i(b_pos_q),
    .wdata_i(link),
    .re_i   (link_re_i),
    .raddr_i(link_addr_i),
    .rdata_o(link_o)
  );

  assign busy_o      = busy_q;
  assign idle_o      = state_q == StIdle && !busy_q && !wiping_q && !b_valid_q;
  assign built_o     = built_q;
  assign page_re_o   = state_q == StRead;
  assign page_addr_o = q_q[11:0];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q   <= StIdle;
      busy_q    <= 1'b1;
      wiping_q  <= 1'b0;
      wipe_q    <= '0;
      epoch_q   <= '0;
      b_valid_q <= 1'b0;
      q_q       <= '0;
      built_q   <= '0;
    end else if (clear_i) begin
      state_q   <= StIdle;
      busy_q    <= 1'b1;
      wiping_q  <= 1'b0;
      wipe_q    <= '0;
      epoch_q   <= '0;
      b_valid_q <= 1'b0;
      q_q       <= '0;
      built_q   <= '0;
    end else begin
      b_valid_q <= a_valid;
      if (b_valid_q) built_q <= built_q + 1'b1;
      if (busy_q || wiping_q) begin
        wipe_q <= wipe_q + 1'b1;
        if (wipe_q == '1) busy_q <= 1'b0;
        if (wipe_q[HashBits-5:0] == '1) wiping_q <= 1'b0;
      end else if (wipe_i) begin
        epoch_q  <= epoch_q + 1'b1;
        wiping_q <= 1'b1;
        wipe_q   <= {epoch_q + 1'b1, (HashBits - 4)'(0)};
        built_q  <= '0;
      end
      unique case (state_q)
        StIdle: begin
          q_q <= '0;
          if (start_i) state_q <= StRead;
        end
        StRead: state_q <= StLoad;
        StLoad: state_q <= StRun;
        StRun: begin
          q_q <= q_q + 1'b1;
          if (q_q == 13'd4093) state_q <= StIdle;
          else if (q_q[3:0] == 4'd15) state_q <= StRead;
        end
        default: state_q <= StIdle;
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    if (state_q == StLoad) bytes_q <= page_data_i;
    else if (state_q == StRun) bytes_q <= {8'd0, bytes_q[143:8]};
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
