// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Makes one item of consecutive fill pages: same word, each page where the one before ended, at most MaxRun pages.
//
// Protocol: items in, items out, in order. A run is held until the next item shows that it is over; the end_job
//           item ends it too.
// Latency:  none for what is no fill, when no run is held. Rate: an item a cycle.
module run_merge
  import sealift_pkg::*;
  import migrate_out_pkg::*;
#(
  parameter int unsigned MaxRun = 1 << 20
) (
  input  logic  clk_i,
  input  logic  rst_ni,
  input  logic  clear_i,
  input  logic  in_valid_i,
  output logic  in_ready_o,
  input  item_t in_i,
  output logic  out_valid_o,
  input  logic  out_ready_i,
  output item_t out_o
);
  `include "sealift_assert.svh"

  logic                   held_q;
  page_meta_t             run_q;
  logic       [AddrW-1:0] next_q;  // the page that would continue the run
  logic fill, joins;

  assign fill = !in_i.end_job && in_i.meta.rtype == RecFill;
  assign joins = fill && in_i.meta.fill == run_q.fill && in_i.meta.gpa == next_q &&
                 run_q.count != 32'(MaxRun);

  always_comb begin
    out_o       = in_i;
    out_valid_o = in_valid_i && !fill;
    in_ready_o  = fill || out_ready_i;
    if (held_q) begin
      out_o.end_job = 1'b0;
      out_o.meta    = run_q;
      out_valid_o   = in_valid_i && !joins;
      in_ready_o    = joins;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      held_q <= 1'b0;
      run_q  <= '0;
      next_q <= '0;
    end else if (clear_i) begin
      held_q <= 1'b0;
    end else if (held_q) begin
      if (in_valid_i && joins) begin
        run_q.count <= run_q.count + 1'b1;
        next_q      <= next_q + AddrW'(PageBytes);
      end
      if (out_valid_o && out_ready_i) held_q <= 1'b0;
    end else if (in_valid_i && fill) begin
      held_q <= 1'b1;
      run_q  <= in_i.meta;
      next_q <= in_i.meta.gpa + AddrW'(PageBytes);
    end
  end

  `SL_ASSERT_STABLE(Out, out_valid_o, out_ready_i, out_o, clear_i)

endmodule
