// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Watches a side of the bus for progress: after limit_i cycles of waiting without any, one pulse.
//
// limit_i = 0 turns it off. Rules: the count restarts with every progress_i and whenever nothing waits.
module dma_timeout (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        clear_i,
  input  logic [31:0] limit_i,
  input  logic        waiting_i,
  input  logic        progress_i,
  output logic        expired_o
);
  logic [31:0] count_q;

  assign expired_o = waiting_i && !progress_i && limit_i != '0 && count_q >= limit_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) count_q <= '0;
    else if (clear_i || !waiting_i || progress_i || expired_o) count_q <= '0;
    else count_q <= count_q + 1'b1;
  end

endmodule
