// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// From codes to literals and matches: ranks, the literal memory, bases and extra bits, and the two checks
// that depend on the page so far.
//
// Protocol: valid_i is a step of the decoder, to be given only while room_o. Two cycles later it goes to
//           step_*, unless it breaks the page's bounds: then err_o for one cycle, one cycle after valid_i,
//           or two if Slow, which has a register before the checks and takes a step every other cycle;
//           the step is dropped and so is one that is given in the cycle of err_o. pos_o counts the bytes
//           of the page that passed. start_i begins a page.
// Rate:     one step a cycle.
module inflate_expand #(
  parameter  int unsigned Step      = 2,
  parameter  bit          Slow      = 1'b0,
  parameter  int unsigned PageBytes = sealift_pkg::PageBytes,
  localparam int unsigned AtBits    = $clog2(PageBytes)
) (
  input logic clk_i,
  input logic rst_ni,
  input logic clear_i,
  input logic start_i,
  // from the decoder
  input logic valid_i,
  input logic [2:0] nlit_i,
  input logic [Step-1:0][14:0] lit_code_i,
  input logic [Step-1:0][3:0] lit_len_i,
  input logic match_i,
  input logic [4:0] n_sym_i,
  input logic [4:0] n_raw_i,
  input logic [4:0] d_sym_i,
  input logic [12:0] d_raw_i,
  input logic fixed_i,
  input logic [15:1][7:0] lit_delta_i,
  // stored bytes that went past this unit
  input logic [4:0] stored_i,
  // end of the page
  input logic done_i,  // only while room_o and !busy_o
  input sealift_pkg::inflate_status_e status_i,
  // literals by place
  input logic lit_we_i,
  input logic [11:0] lit_waddr_i,  // length, place
  input logic [7:0] lit_wdata_i,
  output logic room_o,
  output logic busy_o,  // a step is inside
  output logic [AtBits:0] pos_o,  // valid while !busy_o
  output logic err_o,
  output sealift_pkg::inflate_status_e status_o,
  output logic step_valid_o,
  input logic step_ready_i,
  output inflate_pkg::step_t step_o
);
  import sealift_pkg::*;

  // Slow is for a part that has memories of 16 words in its cells.
  localparam int unsigned Depth = Slow ? 16 : 8;
  localparam logic [16:0] Page = 17'(PageBytes);

  // A step before its checks.
  typedef struct packed {
    logic fixed;
    logic [2:0] nlit;
    logic [inflate_pkg::MaxStep-1:0][7:0] lits;  // places
    logic is_match;
    logic [8:0] length;
    logic [15:0] distance;
  } checked_t;

  logic e_valid_q, x_valid, f_valid_q;
  logic [     2:0]       e_nlit_q;
  logic [Step-1:0][14:0] e_code_q;
  logic [Step-1:0][ 3:0] e_len_q;
  logic e_match_q, e_fixed_q;
  logic [4:0] e_n_sym_q, e_n_raw_q, e_d_sym_q;
  logic [12:0] e_d_raw_q;
  inflate_pkg::step_t f_step_q, f_step, fifo_in;
  logic            f_fixed_q;
  logic [AtBits:0] pos_q;
  logic [16:0] lit_pos, end_pos;
  logic [ 8:0] e_length;
  logic [15:0] e_distance;
  logic [inflate_pkg::MaxStep-1:0][7:0] e_rank, lit_rdata;
  logic [$clog2(Depth+1)-1:0] count;
  logic                       fifo_ready;

  // Stage E: ranks, length, distance, checks. The order of the checks is the order of the bytes.
  assign e_length   = e_match_q ? inflate_pkg::match_length(e_n_sym_q, e_n_raw_q) : 9'd0;
  assign e_distance = inflate_pkg::match_distance(e_d_sym_q, e_d_raw_q);

  checked_t e, x;
  assign e = '{
          fixed: e_fixed_q,
          nlit: e_nlit_q,
          lits: e_rank,
          is_match: e_match_q,
          length: e_length,
          distance: e_distance
      };
  if (Slow) begin : gen_x
    logic x_valid_q;
    checked_t x_q;
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) x_valid_q <= 1'b0;
      else x_valid_q <= e_valid_q && !err_o && !clear_i;
    end
    always_ff @(posedge clk_i) begin
      if (e_valid_q) x_q <= e;
    end
    assign x_valid = x_valid_q;
    assign x       = x_q;
  end else begin : gen_no_x
    assign x_valid = e_valid_q;
    assign x       = e;
  end

  assign lit_pos = 17'(pos_q) + 17'(x.nlit);
  assign end_pos = lit_pos + 17'(x.length);
  always_comb begin
    err_o    = 1'b0;
    status_o = InflateTooLong;
    if (x_valid) begin
      if (lit_pos > Page) begin
        err_o = 1'b1;
      end else if (x.is_match && 17'(x.distance) > lit_pos) begin
        err_o    = 1'b1;
        status_o = InflateTooFarBack;
      end else if (end_pos > Page) begin
        err_o = 1'b1;
      end
    end
  end

  for (genvar k = 0; k < inflate_pkg::MaxStep; k++) begin : gen_lit
    if (k < Step) begin : gen_ram
      assign e_rank[k] = 8'(e_code_q[k] >> (4'd15 - e_len_q[k])) +
          lit_delta_i[(e_len_q[k] == 4'd0) ? 4'd1 : e_len_q[k]];
      prim_ram_1r1w #(
        .Width(8),
        .Depth(16 * 256)
      ) u_ram (
        .clk_i,
        .we_i   (lit_we_i),
        .waddr_i(lit_waddr_i),
        .wdata_i(lit_wdata_i),
        .re_i   (e_valid_q && 3'(k) < e_nlit_q),
        .raddr_i({e_len_q[k], e_rank[k]}),
        .rdata_o(lit_rdata[k])
      );
    end else begin : gen_none
      assign e_rank[k]    = '0;
      assign lit_rdata[k] = '0;
    end
  end

  // Stage F: literals are there.
  always_comb begin
    f_step = f_step_q;
    if (!f_fixed_q) f_step.lits = lit_rdata;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      e_valid_q <= 1'b0;
      f_valid_q <= 1'b0;
      pos_q     <= '0;
    end else if (clear_i) begin
      e_valid_q <= 1'b0;
      f_valid_q <= 1'b0;
      pos_q     <= '0;
    end else begin
      e_valid_q <= valid_i && !err_o;
      f_valid_q <= x_valid && !err_o;
      if (start_i) pos_q <= '0;
      else if (x_valid && !err_o) pos_q <= end_pos[AtBits:0];
      else pos_q <= pos_q + (AtBits + 1)'(stored_i);
    end
  end

  always_ff @(posedge clk_i) begin
    if (valid_i) begin
      e_nlit_q  <= nlit_i;
      e_code_q  <= lit_code_i;
      e_len_q   <= lit_len_i;
      e_match_q <= match_i;
      e_n_sym_q <= n_sym_i;
      e_n_raw_q <= n_raw_i;
      e_d_sym_q <= d_sym_i;
      e_d_raw_q <= d_raw_i;
      e_fixed_q <= fixed_i;
    end
    if (x_valid) begin
      f_fixed_q <= x.fixed;
      f_step_q <= '{
          done: 1'b0,  // see fifo_in
          status: InflateOk,
          nlit: x.nlit,
          lits: x.lits,
          len: x.length,
          back: 16'(x.distance[AtBits:0])
      };
    end
  end

  // At the end of a page nothing but the status counts.
  always_comb begin
    fifo_in        = f_step;
    fifo_in.done   = !f_valid_q;
    fifo_in.status = status_i;
  end

  prim_fifo #(
    .Width($bits(inflate_pkg::step_t)),
    .Depth(Depth)
  ) u_fifo (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(f_valid_q || done_i),
    .ready_o(fifo_ready),
    .data_i (fifo_in),
    .valid_o(step_valid_o),
    .ready_i(step_ready_i),
    .data_o (step_o),
    .count_o(count)
  );

  assign busy_o = e_valid_q || x_valid || f_valid_q;
  assign room_o = 32'(count) + 32'(e_valid_q) + 32'(Slow && x_valid) + 32'(f_valid_q) < Depth;
  assign pos_o  = pos_q;

  `include "sealift_assert.svh"
  `SL_ASSERT(FifoHasRoom, !(f_valid_q || done_i) || fifo_ready)
  `SL_ASSERT(OneAtATime, !done_i || !busy_o)
  `SL_ASSERT(InsidePage, 17'(pos_q) <= Page)

endmodule
