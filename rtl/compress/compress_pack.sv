// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Puts pieces of up to 128 bits together to words of 128 bits.
//
// Protocol: valid_i appends the low bits_i bits of data_i (the others are zero); flush_i writes
//           what is left. word_we_o pulses with word_o.
// Latency:  two cycles. Rate: one piece a cycle; flush_i alone in its cycle.
// Rules:    clear_i drops everything.
module compress_pack (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         clear_i,
  input  logic         valid_i,
  input  logic [  7:0] bits_i,
  input  logic [127:0] data_i,
  input  logic         flush_i,
  output logic         word_we_o,
  output logic [127:0] word_o
);
  logic [  6:0] fill_q;
  logic [  7:0] fill_d;
  logic [127:0] acc_q;
  logic [254:0] shifted_q;
  logic valid_q, full_q, flush_q;

  assign fill_d    = {1'b0, fill_q} + bits_i;
  assign word_we_o = (valid_q && full_q) || flush_q;
  assign word_o    = acc_q | (valid_q ? shifted_q[127:0] : '0);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      fill_q  <= '0;
      valid_q <= 1'b0;
      flush_q <= 1'b0;
    end else if (clear_i) begin
      fill_q  <= '0;
      valid_q <= 1'b0;
      flush_q <= 1'b0;
    end else begin
      valid_q <= valid_i;
      flush_q <= flush_i && fill_q != '0;
      if (flush_i) fill_q <= '0;
      else if (valid_i) fill_q <= fill_d[6:0];
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      acc_q <= '0;
    end else if (clear_i || flush_q) begin
      acc_q <= '0;
    end else if (valid_q) begin
      acc_q <= full_q ? {1'b0, shifted_q[254:128]} : word_o;
    end
  end

  always_ff @(posedge clk_i) begin
    if (valid_i) begin
      shifted_q <= 255'(data_i) << fill_q;
      full_q    <= fill_d[7];
    end
  end

endmodule
