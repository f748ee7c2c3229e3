// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Holds finished pages, Slots of them, and sends each as a result and a packet of beats.
//
// Protocol: the encoder fills a slot while ready_o holds and hands it over with push_i and
//           result_i. The result is presented with the first beat or earlier; either may be taken
//           first.
// Rate:     16 bytes a cycle. Rules: clear_i drops everything.
module compress_out
  import sealift_pkg::*;
#(
  parameter int unsigned Slots = 2  // 1 or 2
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  input  logic                     clear_i,
  output logic                     ready_o,
  input  logic                     push_i,
  input  compress_result_t         result_i,
  input  logic                     word_we_i,
  input  logic             [  8:0] word_addr_i,
  input  logic             [127:0] word_i,
  output logic                     res_valid_o,
  input  logic                     res_ready_i,
  output compress_result_t         res_o,
  output logic                     out_valid_o,
  input  logic                     out_ready_i,
  output beat_t                    out_beat_o
);
  localparam int unsigned AddrBits = $clog2(512 * Slots);

  logic fill, valid, half, pop, start, busy_q, res_q, end_s, re;
  compress_result_t result;
  logic [8:0] raddr, words, left_q;
  logic [127:0] rdata, data;

  compress_handoff #(
    .Width($bits(compress_result_t)),
    .Slots(Slots)
  ) u_pages (
    .clk_i,
    .rst_ni,
    .clear_i,
    .push_i,
    .info_i     (result_i),
    .ready_o,
    .fill_half_o(fill),
    .valid_o    (valid),
    .info_o     (result),
    .pop_i      (pop),
    .read_half_o(half)
  );

  prim_ram_1r1w #(
    .Width(128),
    .Depth(512 * Slots)
  ) u_words (
    .clk_i,
    .we_i   (word_we_i),
    .waddr_i(AddrBits'({fill, word_addr_i})),
    .wdata_i(word_i),
    .re_i   (re),
    .raddr_i(AddrBits'({half, raddr})),
    .rdata_o(rdata)
  );

  assign words = 9'((result.bytes + LenW'(15)) >> 4);
  assign start = valid && !busy_q;
  assign pop   = busy_q && end_s && !res_q;

  compress_reader #(
    .Width(128),
    .AddrW(9)
  ) u_reader (
    .clk_i,
    .rst_ni,
    .start_i   (start || clear_i),
    .num_i     (clear_i ? '0 : words),
    .mem_re_o  (re),
    .mem_addr_o(raddr),
    .mem_data_i(rdata),
    .valid_o   (out_valid_o),
    .ready_i   (out_ready_i),
    .data_o    (data),
    .end_o     (end_s)
  );

  assign res_valid_o = res_q;
  assign res_o = result;
  assign out_beat_o = '{
          last: left_q == 9'd1,
          bytes: (left_q == 9'd1) ? 5'((result.bytes - LenW'(1)) & LenW'(15)) + 5'd1 : 5'd16,
          data: data
      };

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      busy_q <= 1'b0;
      res_q  <= 1'b0;
      left_q <= '0;
    end else if (clear_i) begin
      busy_q <= 1'b0;
      res_q  <= 1'b0;
      left_q <= '0;
    end else begin
      if (start) begin
        busy_q <= 1'b1;
        res_q  <= 1'b1;
        left_q <= words;
      end else begin
        if (pop) busy_q <= 1'b0;
        if (res_ready_i) res_q <= 1'b0;
        if (out_valid_o && out_ready_i) left_q <= left_q - 1'b1;
      end
    end
  end

  `include "sealift_assert.svh"
  `SL_ASSERT_STABLE(Res, res_valid_o, res_ready_i, res_o, clear_i)
  `SL_ASSERT_STABLE(Out, out_valid_o, out_ready_i, out_beat_o, clear_i)

endmodule
