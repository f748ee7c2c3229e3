// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Opens payloads: sends them through the cipher, checks the inner block and the padding, and lets
// the body go on.
//
// Protocol: descriptors and payload packets come in the same order, one packet a descriptor that
//           has data. The body follows as one packet (for a fill run: one beat of the word, marked
//           `fill`); the descriptor comes out after the body's last beat, with what the inner block
//           says, or with StatusBadInner, or StatusBadDeflate for a page whose lane_bad was set. A
//           record with a bad inner block gives no body. After a fault nothing comes until clear_i.
// Latency:  the cipher's. Rate: a beat a cycle, and three cycles a record.
// Rules:    order and algorithm are stable during a job. The cipher's command runs ahead of the
//           data.
module record_open
  import sealift_pkg::*;
  import migrate_in_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        clear_i,
  input  order_e      order_i,
  input  logic        bypass_i,
  // payloads
  input  logic        desc_valid_i,
  output logic        desc_ready_o,
  input  desc_t       desc_i,
  input  logic        valid_i,
  output logic        ready_o,
  input  beat_t       beat_i,
  // the cipher
  output logic        cph_cmd_valid_o,
  input  logic        cph_cmd_ready_i,
  output cipher_cmd_t cph_cmd_o,
  output logic        cph_in_valid_o,
  input  logic        cph_in_ready_i,
  output beat_t       cph_in_beat_o,
  input  logic        cph_out_valid_i,
  output logic        cph_out_ready_o,
  input  beat_t       cph_out_beat_i,
  // bodies
  output logic        desc_valid_o,
  input  logic        desc_ready_i,
  output desc_t       desc_o,
  output logic        valid_o,
  input  logic        ready_i,
  output body_t       body_o,
  output logic        waiting_o         // for the cipher
);
  `include "sealift_assert.svh"

  // ---------------------------------------------------------------- to the cipher
  logic cmd_ready, pend_ready, take, pend_valid, pend_pop;
  desc_t             pend;
  cipher_cmd_t       cmd;
  logic        [3:0] unused_pend_count;
  logic        [1:0] unused_cmd_count;

  // encrypt_then_compress: the page is inflated by now, whatever the payload's length was
  logic              inflated;
  assign inflated = desc_i.kind == KindPage && order_i == OrderEncryptCompress;
  assign cmd = '{
          bypass: bypass_i,
          blocks: inflated ? 9'(PageBeats + 1) : desc_i.payload[12:4],
          unit: data_unit(8'(desc_i.kind), desc_i.gpa),
          seq: desc_i.seq
      };
  assign desc_ready_o = cmd_ready && pend_ready;
  assign take = desc_valid_i && desc_ready_o;

  prim_fifo #(
    .Width($bits(cipher_cmd_t)),
    .Depth(2)
  ) u_cmd (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(take && has_data(desc_i.kind, desc_i.fault)),
    .ready_o(cmd_ready),
    .data_i (cmd),
    .valid_o(cph_cmd_valid_o),
    .ready_i(cph_cmd_ready_i),
    .data_o (cph_cmd_o),
    .count_o(unused_cmd_count)
  );

  prim_fifo #(
    .Width($bits(desc_t)),
    .Depth(8)
  ) u_pend (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(take),
    .ready_o(pend_ready),
    .data_i (desc_i),
    .valid_o(pend_valid),
    .ready_i(pend_pop),
    .data_o (pend),
    .count_o(unused_pend_count)
  );

  prim_skid #(
    .Width($bits(beat_t))
  ) u_in (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i,
    .ready_o,
    .data_i (beat_i),
    .valid_o(cph_in_valid_o),
    .ready_i(cph_in_ready_i),
    .data_o (cph_in_beat_o)
  );

  // ---------------------------------------------------------------- from the cipher
  typedef enum logic [2:0] {
    StInner,
    StCheck,
    StBody,
    StFill,
    StRest,   // what follows the body
    StDesc,
    StDead
  } state_e;

  state_e         state_q;
  inner_t         inner_q;
  logic           ended_q;  // the packet's last beat was taken
  logic           pad_bad_q;
  logic    [12:0] left_q;  // bytes of the body
  block_e         block_q;
  logic           first_q;
  status_e        fault_q;
  logic           clear_pad;  // the padding travels in clear, not encrypted
  logic inner_bad, body_last;
  logic  [ 4:0] here;  // bytes of the body in this beat
  logic         go;
  logic  [12:0] body_beats;
  logic         cph_ready;
  beat_t        out;
  logic         unused_framing;

  assign clear_pad      = order_i == OrderEncryptCompress;
  assign unused_framing = ^cph_out_beat_i.bytes;

  // The inner block as in the table of section 4.
  always_comb begin
    inner_bad = inner_q.zero != '0;
    unique case (pend.kind)
      KindPage: begin
        inner_bad = inner_bad || inner_q.fill != '0;
        if (order_i == OrderCompressEncrypt || order_i == OrderCompressOnly) begin
          inner_bad = inner_bad || inner_q.coding != CodingDeflate || inner_q.body_len == '0 ||
                      inner_q.body_len > 16'(MaxDeflateBytes);
        end else begin
          inner_bad = inner_bad || inner_q.coding != CodingRaw ||
                      inner_q.body_len != 16'(PageBytes);
        end
      end
      KindFill: inner_bad = inner_bad || inner_q.coding != CodingNone || inner_q.body_len != '0;
      KindMeta: begin
        inner_bad = inner_bad || inner_q.fill != '0 || inner_q.coding != CodingRaw ||
                    inner_q.body_len == '0 || inner_q.body_len[3:0] != '0 ||
                    inner_q.body_len > 16'(PageBytes);
      end
      default: begin
        inner_bad = inner_bad || inner_q.fill != '0 || inner_q.coding != CodingRaw ||
                    inner_q.body_len != 16'd32;
      end
    endcase
    // the body is inside the payload
    if (pend.kind != KindPage || !clear_pad) begin
      inner_bad = inner_bad || 17'(inner_q.body_len) + 17'(BlockBytes) > 17'(pend.payload);
    end
  end

  assign body_beats      = (inner_q.body_len[12:0] + 13'd15) >> 4;
  assign here            = (left_q >= 13'(BlockBytes)) ? 5'(BlockBytes) : left_q[4:0];
  assign body_last       = left_q <= 13'(BlockBytes);

  assign go              = ready_i;
  assign cph_out_ready_o = cph_ready;
  always_comb begin
    unique case (state_q)
      StInner: cph_ready = pend_valid && has_data(pend.kind, pend.fault);
      StBody:  cph_ready = go;
      StRest:  cph_ready = !ended_q;
      default: cph_ready = 1'b0;
    endcase
  end
  assign waiting_o = cph_ready && !cph_out_valid_i;

  assign valid_o = (state_q == StBody && cph_out_valid_i) || state_q == StFill;
  assign out = '{
          last: body_last,
          bytes: here,
          data: (state_q == StFill) ? {2{inner_q.fill}} : keep_bytes(cph_out_beat_i.data, here)
      };
  assign body_o = '{
          lane: inner_q.coding == CodingDeflate,
          fill: state_q == StFill,
          bad: 1'b0,
          beat: out
      };

  assign desc_valid_o = state_q == StDesc;
  always_comb begin
    desc_o            = pend;
    desc_o.body_bytes = inner_q.body_len[12:0];
    desc_o.crc        = inner_q.crc;
    desc_o.fill       = inner_q.fill;
    if (!clear_pad) desc_o.block = block_q;
    if (pend.fault == StatusOk) desc_o.fault = fault_q;
  end
  assign pend_pop = state_q == StDesc && desc_ready_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q   <= StInner;
      inner_q   <= '0;
      ended_q   <= 1'b0;
      pad_bad_q <= 1'b0;
      left_q    <= '0;
      block_q   <= BlockStored;
      first_q   <= 1'b0;
      fault_q   <= StatusOk;
    end else if (clear_i) begin
      state_q <= StInner;
      inner_q <= '0;
    end else begin
      unique case (state_q)
        StInner: begin
          pad_bad_q <= 1'b0;
          first_q   <= 1'b1;
          fault_q   <= StatusOk;
          if (pend_valid && !has_data(pend.kind, pend.fault)) begin
            state_q <= StDesc;
          end else if (cph_out_valid_i && cph_ready) begin
            inner_q <= cph_out_beat_i.data;
            ended_q <= cph_out_beat_i.last;
            state_q <= StCheck;
          end
        end

        StCheck: begin
          left_q <= (pend.kind == KindFill) ? 13'(BlockBytes) : inner_q.body_len[12:0];
          if (clear_pad) begin
            pad_bad_q <= (pend.kind == KindPage) ? pend.pad_bad :
                         (13'(pend.used_beats) > body_beats + 13'd1);
          end
          if (inner_bad) fault_q <= StatusBadInner;
          else if (pend.lane_bad) fault_q <= pend.pad_bad ? StatusBadInner : StatusBadDeflate;
          if (inner_bad || pend.lane_bad) state_q <= StDesc;
          else if (pend.kind == KindFill) state_q <= StFill;
          else state_q <= StBody;
        end

        StBody: begin
          if (cph_out_valid_i && cph_ready) begin
            first_q <= 1'b0;
            if (first_q) block_q <= first_block(cph_out_beat_i.data[2:1]);
            left_q  <= left_q - 13'(here);
            ended_q <= cph_out_beat_i.last;
            if (!clear_pad && !rest_zero(cph_out_beat_i.data, here)) pad_bad_q <= 1'b1;
            if (body_last) begin
              if (cph_out_beat_i.last) begin
                if (pad_bad_q || (!clear_pad && !rest_zero(cph_out_beat_i.data, here))) begin
                  fault_q <= StatusBadInner;
                end
                state_q <= StDesc;
              end else begin
                state_q <= StRest;
              end
            end
          end
        end

        StFill: begin
          if (go) state_q <= StRest;
        end

        StRest: begin
          if (ended_q) begin
            if (pad_bad_q) fault_q <= StatusBadInner;
            state_q <= StDesc;
          end else if (cph_out_valid_i) begin
            ended_q <= cph_out_beat_i.last;
            if (!clear_pad && cph_out_beat_i.data != '0) pad_bad_q <= 1'b1;
          end
        end

        StDesc: begin
          if (desc_ready_i) state_q <= (desc_o.fault == StatusOk) ? StInner : StDead;
        end

        default: state_q <= StDead;
      endcase
    end
  end

  // The packet that the cipher returns holds the body: the inner block was checked against its
  // length.
  `SL_ASSERT(BodyInPacket,
             !(state_q == StBody && cph_out_valid_i && cph_out_beat_i.last && !body_last))
  // Stable unless the cipher withdraws its beat, which it does when its keys are wiped: clear_i follows.
  `SL_ASSERT_NEXT(Body, valid_o && !ready_i && !clear_i,
                  (state_q == StBody && !cph_out_valid_i) || (valid_o && $stable(body_o)))
  `SL_ASSERT_STABLE(Desc, desc_valid_o, desc_ready_i, desc_o, clear_i)

endmodule
