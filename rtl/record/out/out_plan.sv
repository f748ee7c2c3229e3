// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Gives each item its sequence number and says how its payload is made: the inner block, where the body comes
// from, how long it gets, and what the cipher has to do. Appends the end record where the job asks for it.
//
// Protocol: items in, in order, the last one with end_job; for every record one join_cmd_t, cipher_cmd_t, wire_t
//           and (encrypt_then_compress only) one is-page bit for the split behind the cipher, each from its own
//           queue, all in the same order; the last wire_t has end_job and comes alone. In the orders that compress
//           first, a page waits here for its lane's result.
// Latency:  one cycle to the queues, three to the wire queue. Rate: a record a cycle.
// Rules:    seq_i and totals_i are the key slot's, live. Numbers are counted up here from what seq_i was at
//           start_i, because in encrypt_then_compress a record needs its number long before it is known whole
//           and committed; the end record waits until every record before it was committed (seq_i has caught up).
module out_plan
  import sealift_pkg::*;
  import migrate_out_pkg::*;
  import crc32_pkg::*;
#(
  parameter int unsigned Depth = 16  // records that may wait for the lanes (encrypt_then_compress)
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  input  logic                     clear_i,
  input  logic                     start_i,
  input  order_e                   order_i,
  input  logic             [  2:0] pad_i,
  input  logic                     begin_stream_i,
  input  logic                     end_stream_i,
  input  logic             [ 63:0] seq_i,
  input  totals_t                  totals_i,
  input  logic                     item_valid_i,
  output logic                     item_ready_o,
  input  item_t                    item_i,
  input  logic                     res_valid_i,
  output logic                     res_ready_o,
  input  compress_result_t         res_i,
  output logic                     join_valid_o,
  input  logic                     join_ready_i,
  output join_cmd_t                join_o,
  output logic                     cph_valid_o,
  input  logic                     cph_ready_i,
  output cipher_cmd_t              cph_o,
  output logic                     wire_valid_o,
  input  logic                     wire_ready_i,
  output wire_t                    wire_o,
  output logic                     split_valid_o,
  input  logic                     split_ready_i,
  output logic                     split_page_o,
  output logic             [255:0] end_body_o
);
  `include "sealift_assert.svh"

  localparam int unsigned EndBytes = 32;

  typedef enum logic [1:0] {
    StItems = 2'd0,  // as the items come
    StEndCrc = 2'd1,  // the totals are taken: their CRC
    StEndSend = 2'd2,
    StOver = 2'd3  // pass end_job on
  } state_e;

  state_e         state_q;
  logic   [ 63:0] seq_q;
  logic   [255:0] body_q;
  logic   [ 31:0] crc_q;
  logic           crc_second_q;

  logic compress_first, encrypt_first, clear_text, room, need_res, go, finish;
  logic join_ready, cph_ready, wire_ready, split_ready;
  page_meta_t             meta;
  inner_t                 inner;
  join_cmd_t              join_cmd;
  cipher_cmd_t            cph;
  wire_t                  rec;
  logic        [LenW-1:0] bytes;

  assign compress_first = order_i == OrderCompressEncrypt || order_i == OrderCompressOnly;
  assign encrypt_first = order_i == OrderEncryptCompress;
  assign clear_text = order_i == OrderCompressOnly || order_i == OrderCopy;

  assign room = join_ready && cph_ready && wire_ready && split_ready;
  assign need_res = compress_first && item_i.meta.rtype == RecPage && state_q == StItems;
  // A record is made; the job's last mark is passed on.
  assign go       = room && ((state_q == StItems && item_valid_i && !item_i.end_job &&
                              (!need_res || res_valid_i)) || state_q == StEndSend);
  assign finish   = wire_ready && item_valid_i && item_i.end_job &&
                    ((state_q == StItems && !end_stream_i) || state_q == StOver);

  assign item_ready_o = (go && state_q == StItems) || finish;
  assign res_ready_o = go && need_res;

  always_comb begin
    meta = item_i.meta;
    if (state_q == StEndSend) begin
      meta.rtype = RecEnd;
      meta.gpa   = '0;
      meta.count = '0;
      meta.fill  = '0;
      meta.crc   = ~crc_q;
      meta.bytes = LenW'(EndBytes);
    end
    bytes          = need_res ? res_i.bytes : meta.bytes;

    inner.fill     = meta.fill;
    inner.zero     = '0;
    inner.coding   = need_res ? CodingDeflate : (meta.rtype == RecFill) ? CodingNone : CodingRaw;
    inner.body_len = 16'(bytes);
    inner.crc      = meta.crc;

    join_cmd.first = inner;
    join_cmd.body  = need_res ? BodyLane : (meta.rtype == RecEnd) ? BodyEnd : BodyRaw;
    join_cmd.bytes = bytes;
    join_cmd.beats = encrypt_first ? payload_beats(bytes) : bucket_beats(bytes, pad_i);

    cph.bypass     = clear_text;
    cph.blocks     = join_cmd.beats;
    cph.unit       = data_unit(meta.rtype, meta.gpa);
    cph.seq        = seq_q;

    rec.end_job    = finish;
    rec.rtype      = meta.rtype;
    rec.lane       = need_res;
    rec.kind       = need_res ? res_i.kind : BlockStored;
    rec.failed     = need_res && res_i.failed;
    rec.gpa        = meta.gpa;
    rec.count      = meta.count;
    rec.seq        = seq_q;
    rec.wire_len   = '0;
    rec.bytes      = bytes;
    rec.beats      = join_cmd.beats;
  end

  logic [                  1:0] unused_join_count;
  logic [                  2:0] unused_cph_count;
  logic [  $clog2(Depth+4)-1:0] unused_wire_used;
  logic [$clog2(2*Depth+1)-1:0] unused_split_count;

  prim_fifo #(
    .Width($bits(join_cmd_t)),
    .Depth(2)
  ) u_join (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(go),
    .ready_o(join_ready),
    .data_i (join_cmd),
    .valid_o(join_valid_o),
    .ready_i(join_ready_i),
    .data_o (join_o),
    .count_o(unused_join_count)
  );

  prim_fifo #(
    .Width($bits(cipher_cmd_t)),
    .Depth(4)
  ) u_cph (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(go),
    .ready_o(cph_ready),
    .data_i (cph),
    .valid_o(cph_valid_o),
    .ready_i(cph_ready_i),
    .data_o (cph_o),
    .count_o(unused_cph_count)
  );

  prim_fifo_ram #(
    .Width($bits(wire_t)),
    .Depth(Depth)
  ) u_wire (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(go || finish),
    .ready_o(wire_ready),
    .data_i (rec),
    .valid_o(wire_valid_o),
    .ready_i(wire_ready_i),
    .data_o (wire_o),
    .used_o (unused_wire_used)
  );

  prim_fifo #(
    .Width(1),
    .Depth(2 * Depth)
  ) u_split (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(go && encrypt_first),
    .ready_o(split_ready),
    .data_i (meta.rtype == RecPage),
    .valid_o(split_valid_o),
    .ready_i(split_ready_i),
    .data_o (split_page_o),
    .count_o(unused_split_count)
  );

  assign end_body_o = body_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q      <= StItems;
      seq_q        <= '0;
      body_q       <= '0;
      crc_q        <= '0;
      crc_second_q <= 1'b0;
    end else if (clear_i) begin
      state_q      <= StItems;
      crc_second_q <= 1'b0;
    end else begin
      if (start_i) seq_q <= seq_i + 64'(begin_stream_i);
      else if (go) seq_q <= seq_q + 1'b1;
      unique case (state_q)
        StItems: begin
          if (item_valid_i && item_i.end_job && end_stream_i && seq_q == seq_i) begin
            state_q <= StEndCrc;
            body_q  <= {64'd0, totals_i.payload, totals_i.pages, totals_i.records};
            crc_q   <= Crc32Init;
          end
        end
        StEndCrc: begin
          crc_q        <= crc32_block(crc_q, crc_second_q ? body_q[255:128] : body_q[127:0]);
          crc_second_q <= !crc_second_q;
          if (crc_second_q) state_q <= StEndSend;
        end
        StEndSend: if (go) state_q <= StOver;
        StOver:    if (finish) state_q <= StItems;
        default:   state_q <= StItems;
      endcase
    end
  end

  `SL_ASSERT(ResBytes,
             !res_ready_o || clear_i || (res_i.bytes != '0 && 32'(res_i.bytes) <= MaxDeflateBytes))

endmodule
