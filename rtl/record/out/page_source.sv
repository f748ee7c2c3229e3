// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Asks memory for the job's metadata (if any), then for the pages of its ranges one by one, as far ahead as the page
// buffer has room, and says in the same order what was asked for.
//
// Protocol: start_i with the job's fields (stable from then on), then ranges until over_i; one read request and one
//           source_t a page, then a source_t with end_job. free_i returns room: buffer slots freed in this cycle.
// Rate:     a request a cycle, and a cycle a range. Rules: metadata of at most one page, checked by control.
module page_source
  import sealift_pkg::*;
  import sealift_axi_pkg::dma_req_t;
  import migrate_out_pkg::*;
#(
  parameter int unsigned Slots = 4
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 clear_i,
  input  logic                 start_i,
  input  logic                 range_valid_i,
  output logic                 range_ready_o,
  input  range_t               range_i,
  input  logic                 over_i,
  input  logic     [AddrW-1:0] meta_addr_i,
  input  logic     [ LenW-1:0] meta_len_i,
  input  logic     [      1:0] free_i,
  output logic                 req_valid_o,
  input  logic                 req_ready_i,
  output dma_req_t             req_o,
  output logic                 source_valid_o,
  input  logic                 source_ready_i,
  output source_t              source_o
);
  `include "sealift_assert.svh"

  localparam int unsigned CreditW = $clog2(Slots + 1);

  typedef enum logic [1:0] {
    StIdle = 2'd0,
    StMeta = 2'd1,
    StPage = 2'd2
  } state_e;

  state_e               state_q;
  range_t               range_q;  // what is left of it
  logic   [CreditW-1:0] credit_q;
  logic queue_ready, ask, asked, done, last;
  source_t                       source;
  logic    [$clog2(Slots+2)-1:0] unused_count;

  assign ask = (state_q == StMeta || (state_q == StPage && range_q.pages != '0)) && credit_q != '0;
  assign last = state_q == StPage && range_q.pages == '0 && over_i;
  assign range_ready_o = state_q == StPage && range_q.pages == '0;
  assign asked = req_valid_o && req_ready_i;
  assign done = last && queue_ready;

  // Room in the queue is lost only by a request of our own, so that valid stays once it is up.
  assign req_valid_o = ask && queue_ready;

  always_comb begin
    req_o.addr     = (state_q == StMeta) ? meta_addr_i : {range_q.addr, PageShift'(0)};
    req_o.bytes    = (state_q == StMeta) ? AddrW'(meta_len_i) : AddrW'(PageBytes);
    source.end_job = done;
    source.rtype   = (state_q == StMeta) ? RecMeta : RecPage;
    source.gpa     = (state_q == StMeta) ? '0 : {range_q.gpn, PageShift'(0)};
    source.bytes   = (state_q == StMeta) ? meta_len_i : LenW'(PageBytes);
  end

  prim_fifo #(
    .Width($bits(source_t)),
    .Depth(Slots + 1)
  ) u_queue (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(asked || done),
    .ready_o(queue_ready),
    .data_i (source),
    .valid_o(source_valid_o),
    .ready_i(source_ready_i),
    .data_o (source_o),
    .count_o(unused_count)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q  <= StIdle;
      range_q  <= '0;
      credit_q <= CreditW'(Slots);
    end else if (clear_i) begin
      state_q  <= StIdle;
      credit_q <= CreditW'(Slots);
    end else begin
      credit_q <= credit_q + CreditW'(free_i) - CreditW'(asked);
      unique case (state_q)
        StIdle: begin
          if (start_i) begin
            state_q <= (meta_len_i != '0) ? StMeta : StPage;
            range_q <= '0;
          end
        end
        StMeta:  if (asked) state_q <= StPage;
        StPage: begin
          if (range_valid_i && range_ready_o) begin
            range_q <= range_i;
          end else if (asked) begin
            range_q.addr  <= range_q.addr + 1'b1;
            range_q.gpn   <= range_q.gpn + 1'b1;
            range_q.pages <= range_q.pages - 1'b1;
          end
          if (done) state_q <= StIdle;
        end
        default: state_q <= StIdle;
      endcase
    end
  end

  `SL_ASSERT_STABLE(Req, req_valid_o, req_ready_i, req_o, clear_i)
  `SL_ASSERT(Credit, 32'(credit_q) <= Slots)

endmodule
