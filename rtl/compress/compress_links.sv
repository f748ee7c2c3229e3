// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Links every position of a page to earlier ones: to the latest with the same hash of three bytes,
// and to the latest with the same hash of what the chains go by: four bytes, or within a run of one
// byte (its first bytes say nothing) that byte, how much of the run is left, and what ends it.
//
// Protocol: start_i (idle_o) begins a page; beats_i says how many lines of it are in the memory.
//           Positions get their links in order, one a cycle; links below built_o may be read by
//           the two link ports (data in the next cycle). A position without an earlier one is
//           linked to NoLink. page_* reads the page, while page_ready_i holds: a line of Bytes
//           bytes in the next cycle.
// Rules:    head entries carry the page's number modulo 32, and a 32nd of them is wiped behind
//           every page, so nothing of an earlier page is seen; after reset and clear_i all are
//           wiped: busy_o. Behind the page's end its beginning is hashed.
module compress_links
  import compress_pkg::*;
#(
  parameter int unsigned Sets  = 4096,
  parameter int unsigned Bytes = 16
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               clear_i,
  output logic               busy_o,
  input  logic               start_i,
  output logic               idle_o,
  input  logic [        8:0] beats_i,
  output logic [       12:0] built_o,
  input  logic               page_ready_i,  // the page may be read
  output logic               page_re_o,
  output logic [       11:0] page_addr_o,
  input  logic [8*Bytes-1:0] page_data_i,
  input  logic               first_re_i,
  input  logic [       11:0] first_addr_i,
  output logic [       11:0] three_o,       // the latest with the same three bytes
  output logic [       11:0] first_o,       // the first of the chain
  input  logic               next_re_i,     // the next of the chain
  input  logic [       11:0] next_addr_i,
  output logic               next_is_o,     // there is one
  output logic [       11:0] next_o
);
  localparam int unsigned HashBits = $clog2(Sets);
  localparam int unsigned Window = 16 + Bytes;
  localparam int unsigned ByteBits = $clog2(Bytes);

  typedef struct packed {
    logic        valid;
    logic [4:0]  epoch;
    logic [11:0] pos;
  } head_t;

  typedef enum logic [2:0] {
    StIdle,
    StRead,  // the first lines
    StLoad,  // the last of them comes
    StRun,
    StLast,  // the last links are written
    StWipe
  } state_e;

  function automatic logic [HashBits-1:0] fold(logic [11:0] h);
    return HashBits'(h ^ (h >> HashBits));
  endfunction

  state_e state_q;
  logic busy_q, wiping, avail, avail_q, prefetch;
  logic [        11:0] next_line;
  logic [         8:0] need;
  logic [        12:0] behind;  // the byte behind the next line to be read and its successor
  logic [HashBits-1:0] wipe_q;
  logic [         4:0] epoch_q;
  logic [12:0] q_q, built_q;
  logic [8*Window-1:0] bytes_q;  // from the position on; 17 of them at least are right
  logic [ByteBits-1:0] last;  // of a line
  logic line_q;  // a line was read

  // The next line and its successor must have come. A line is asked for some cycles behind the one
  // before; the first ones only when all of them are there.
  assign behind = (state_q == StRead) ? 13'(Window + Bytes) : {1'b0, next_line} + 13'(2 * Bytes);
  assign need = 9'((behind + 13'd15) >> 4);
  assign avail = page_ready_i && avail_q;
  assign last = '1;
  assign prefetch = state_q == StRun && q_q[ByteBits-1:0] == last - 1'b1;
  assign page_re_o = (state_q == StRead || prefetch) && avail;
  assign next_line = {q_q[11:ByteBits], ByteBits'(0)} + 12'(Window);
  assign page_addr_o = (state_q == StRead) ? q_q[11:0] : next_line;
  assign wiping = state_q == StWipe;

  // ---- what is hashed
  logic a_valid, r_valid_q, h_valid_q;
  logic [4:0] run, r_run_q;
  logic [7:0] run_end;
  logic [11:0] r_pos_q, h_pos_q;
  logic [23:0] r_three_q, h_three_q;
  logic [15:0] h_more_q;

  assign a_valid = state_q == StRun && (!prefetch || avail);
  always_comb begin
    run = 5'd16;
    for (int i = 15; i > 0; i--) if (bytes_q[8*i+:8] != bytes_q[7:0]) run = 5'(i);
    // Here bytes_q is one byte further on.
    run_end = bytes_q[23:16];
    for (int i = 4; i <= 16; i++) if (r_run_q == 5'(i)) run_end = bytes_q[8*(i-1)+:8];
  end

  always_ff @(posedge clk_i) begin
    r_pos_q   <= q_q[11:0];
    r_three_q <= bytes_q[23:0];
    r_run_q   <= run;
    h_pos_q   <= r_pos_q;
    h_three_q <= r_three_q;
    h_more_q  <= {run_end, (r_run_q >= 5'd4) ? 8'(r_run_q) : r_three_q[23:16]};
  end

  // ---- heads and links: [0] of three bytes, [1] of the chains
  logic b_valid_q;
  logic [11:0] b_pos_q, last_pos_q;
  logic [1:0][HashBits-1:0] h_hash, b_hash_q;
  logic [1:0] same, b_fwd_q, linked;
  logic w_valid_q, w_linked_q;  // links are written a cycle later
  logic [11:0] w_pos_q;
  logic [1:0][11:0] w_link_q;
  logic [1:0][11:0] link;

  assign h_hash[0] = fold(hash12(h_three_q));
  assign h_hash[1] = fold(
      hash12({h_more_q[7:0], h_three_q[15:0]}) ^ {h_more_q[15:8], 4'd0} ^ 12'(h_more_q[15:11])
  );

  for (genvar k = 0; k < 2; k++) begin : gen_head
    logic h_we;
    logic [HashBits-1:0] h_waddr;
    head_t h_rdata, h_wdata;

    assign same[k] = b_valid_q && b_hash_q[k] == h_hash[k];

    always_comb begin
      h_we    = b_valid_q;
      h_waddr = b_hash_q[k];
      h_wdata = '{valid: 1'b1, epoch: epoch_q, pos: b_pos_q};
      if (busy_q || wiping) begin
        h_we    = 1'b1;
        h_waddr = wipe_q;
        h_wdata = '0;
      end
      linked[k] = b_fwd_q[k] || (h_rdata.valid && h_rdata.epoch == epoch_q);
      link[k]   = !linked[k] ? NoLink : b_fwd_q[k] ? last_pos_q : h_rdata.pos;
    end

    prim_ram_1r1w #(
      .Width($bits(head_t)),
      .Depth(Sets)
    ) u_heads (
      .clk_i,
      .we_i   (h_we),
      .waddr_i(h_waddr),
      .wdata_i(h_wdata),
      .re_i   (h_valid_q && !same[k]),
      .raddr_i(h_hash[k]),
      .rdata_o(h_rdata)
    );
  end

  prim_ram_1r1w #(
    .Width(24),
    .Depth(4096)
  ) u_first (
    .clk_i,
    .we_i   (w_valid_q),
    .waddr_i(w_pos_q),
    .wdata_i(w_link_q),
    .re_i   (first_re_i),
    .raddr_i(first_addr_i),
    .rdata_o({first_o, three_o})
  );

  prim_ram_1r1w #(
    .Width(13),
    .Depth(4096)
  ) u_next (
    .clk_i,
    .we_i   (w_valid_q),
    .waddr_i(w_pos_q),
    .wdata_i({w_linked_q, w_link_q[1]}),
    .re_i   (next_re_i),
    .raddr_i(next_addr_i),
    .rdata_o({next_is_o, next_o})
  );

  assign busy_o  = busy_q;
  assign idle_o  = state_q == StIdle && !busy_q;
  assign built_o = built_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q   <= StIdle;
      busy_q    <= 1'b1;
      wipe_q    <= '0;
      epoch_q   <= '0;
      r_valid_q <= 1'b0;
      h_valid_q <= 1'b0;
      b_valid_q <= 1'b0;
      w_valid_q <= 1'b0;
      q_q       <= '0;
      built_q   <= '0;
    end else if (clear_i) begin
      state_q   <= StIdle;
      busy_q    <= 1'b1;
      wipe_q    <= '0;
      epoch_q   <= '0;
      r_valid_q <= 1'b0;
      h_valid_q <= 1'b0;
      b_valid_q <= 1'b0;
      w_valid_q <= 1'b0;
      q_q       <= '0;
      built_q   <= '0;
    end else begin
      r_valid_q <= a_valid;
      h_valid_q <= r_valid_q;
      b_valid_q <= h_valid_q;
      w_valid_q <= b_valid_q;
      if (w_valid_q) built_q <= built_q + 1'b1;
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
        StRead: begin
          // Here q_q counts the bytes asked for.
          if (avail) begin
            q_q <= q_q + 13'(Bytes);
            if (q_q == 13'(Window - Bytes)) begin
              q_q     <= '0;
              state_q <= StLoad;
            end
          end
        end
        StLoad:  state_q <= StRun;
        StRun: begin
          if (a_valid) begin
            q_q <= q_q + 1'b1;
            if (q_q == 13'd4093) state_q <= StLast;
          end
        end
        StLast: begin
          if (!r_valid_q && !h_valid_q) state_q <= StWipe;
          wipe_q <= {epoch_q, (HashBits - 5)'(0)};
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
    line_q  <= page_re_o;
    avail_q <= state_q != StIdle && (beats_i >= need || beats_i == 9'd256);
    if (line_q && state_q != StRun) begin
      bytes_q <= {page_data_i, bytes_q[8*Window-1:8*Bytes]};
    end else if (a_valid) begin
      bytes_q <= (q_q[ByteBits-1:0] == last) ? {page_data_i, bytes_q[8*17-1:8]} :
                                               {8'd0, bytes_q[8*Window-1:8]};
    end
    b_hash_q <= h_hash;
    b_pos_q  <= h_pos_q;
    b_fwd_q  <= same;
    if (b_valid_q) last_pos_q <= b_pos_q;
    w_pos_q    <= b_pos_q;
    w_link_q   <= link;
    w_linked_q <= linked[1];
  end

  `include "sealift_assert.svh"
  `SL_ASSERT_PARAM(SetsRange, Sets >= 256 && Sets <= 4096 && Sets == (1 << HashBits))

endmodule
