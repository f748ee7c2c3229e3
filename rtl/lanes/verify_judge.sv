// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Compares what a packet inflates to with the page that was compressed: whole, and of the same CRC-32.
//
// Protocol: a ticket, a CRC and an inflate result a packet, and the inflated page where the result has one; out comes
//           a verdict a packet: what to tell of it and whether it failed.
// Latency:  one cycle from a page's last beat to the verdict. Rate: 16 bytes a cycle.
module verify_judge
  import sealift_pkg::*;
  import verify_pkg::*;
(
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  logic                    clear_i,
  input  logic                    res_valid_i,
  output logic                    res_ready_o,
  input  inflate_result_t         res_i,
  input  logic                    in_valid_i,
  output logic                    in_ready_o,
  input  beat_t                   in_beat_i,
  input  logic                    ticket_valid_i,
  input  ticket_t                 ticket_i,
  input  logic                    crc_valid_i,
  input  logic             [31:0] crc_i,
  output logic                    verdict_valid_o,  // takes the ticket and the CRC
  input  logic                    verdict_ready_i,
  output compress_result_t        verdict_o
);
  import crc32_pkg::*;

  localparam int unsigned QueueDepth = 4;
  localparam int unsigned BeatBits = $clog2(PageBeats);

  logic data_valid, data, whole, pop;  // the result in front: it has data, and is of a whole page
  logic free, take, page_end, retire, good;
  logic done_q, whole_q, first_q;
  logic [BeatBits-1:0] index_q;
  logic [31:0] crc_q;
  logic [$clog2(QueueDepth+1)-1:0] unused_count;

  prim_fifo #(
    .Width(2),
    .Depth(QueueDepth)
  ) u_results (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(res_valid_i),
    .ready_o(res_ready_o),
    .data_i ({res_i.status == InflateOk, res_i.bytes == LenW'(PageBytes)}),
    .valid_o(data_valid),
    .ready_i(pop),
    .data_o ({data, whole}),
    .count_o(unused_count)
  );

  assign free            = !done_q || retire;
  assign in_ready_o      = data_valid && data && free;
  assign take            = in_valid_i && in_ready_o;
  assign page_end        = data_valid && free && (data ? take && in_beat_i.last : 1'b1);
  assign pop             = page_end;

  assign good            = whole_q && !ticket_i.broken && ~crc_q == crc_i;
  assign verdict_valid_o = done_q && ticket_valid_i && crc_valid_i;
  assign retire          = verdict_valid_o && verdict_ready_i;

  always_comb begin
    verdict_o        = ticket_i.result;
    verdict_o.failed = 1'b0;
    if (!good) verdict_o = '{failed: 1'b1, kind: BlockStored, bytes: LenW'(MaxDeflateBytes)};
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      done_q  <= 1'b0;
      whole_q <= 1'b0;
      first_q <= 1'b1;
      index_q <= '0;
      crc_q   <= Crc32Init;
    end else if (clear_i) begin
      done_q  <= 1'b0;
      whole_q <= 1'b0;
      first_q <= 1'b1;
      index_q <= '0;
      crc_q   <= Crc32Init;
    end else begin
      if (retire) done_q <= 1'b0;
      if (take) begin
        first_q <= in_beat_i.last;
        index_q <= in_beat_i.last ? '0 : index_q + 1'b1;
        crc_q   <= crc32_block(first_q ? Crc32Init : crc_q, in_beat_i.data);
      end
      if (page_end) begin
        done_q  <= 1'b1;
        whole_q <= data && whole && index_q == BeatBits'(PageBeats - 1);
      end
    end
  end

  logic unused_bytes;
  assign unused_bytes = ^{in_beat_i.bytes, ticket_i.beats};

endmodule
