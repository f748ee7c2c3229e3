// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Makes records of payloads: the clear header in front, the command for the tag behind; the stream header first,
// where the job begins a stream. Checks that each fits what is left of the target, and commits its number.
//
// Protocol: start_i; per record one wire_t and one payload packet in; per record one auth_cmd_t and one packet
//           (header beats, payload) out; wire_t.end_job ends the job. made_valid_o (a pulse, only while
//           made_ready_i) says that a record was begun; over_o rises when no other will be, and stays until
//           clear_i or start_i; full_o with it: the next record does not fit, full_addr_o is where it would start.
// Latency:  a beat one cycle. Rate: a record in payload + 3 cycles, as long as it takes on the wire with its tag.
// Rules:    a number is committed before any byte made with it leaves; a record that does not fit is neither
//           committed nor begun. The stream header has the number that the slot had at start_i, which control
//           sees to be 0.
module record_build
  import sealift_pkg::*;
  import migrate_out_pkg::*;
(
  input  logic                     clk_i,
  input  logic                     rst_ni,
  input  logic                     clear_i,
  input  logic                     start_i,
  input  algorithm_e               alg_i,
  input  order_e                   order_i,
  input  logic                     begin_stream_i,
  input  logic         [AddrW-1:0] dst_i,
  input  logic         [AddrW-5:0] dst_beats_i,       // room in beats
  input  stream_bind_t             bind_i,
  input  logic         [     63:0] seq_i,
  input  logic                     wire_valid_i,
  output logic                     wire_ready_o,
  input  wire_t                    wire_i,
  input  logic                     pay_valid_i,
  output logic                     pay_ready_o,
  input  beat_t                    pay_beat_i,
  output logic                     auth_cmd_valid_o,
  input  logic                     auth_cmd_ready_i,
  output auth_cmd_t                auth_cmd_o,
  output logic                     auth_valid_o,
  input  logic                     auth_ready_i,
  output beat_t                    auth_beat_o,
  output commit_t                  commit_o,
  output logic                     made_valid_o,
  input  logic                     made_ready_i,
  output made_t                    made_o,
  output logic                     over_o,
  output logic                     full_o,
  output logic         [AddrW-1:0] full_addr_o
);
  `include "sealift_assert.svh"

  localparam int unsigned HeaderBeats = StreamHeaderBytes / BlockBytes - 1;  // the tag not counted
  localparam int unsigned RoomW = AddrW - 4;
  localparam logic [BeatsW-1:0] StreamBeats = BeatsW'(HeaderBeats + 1);
  localparam logic [BeatsW-1:0] AroundBeats = 9'd3;  // record header and tag

  typedef enum logic [2:0] {
    StIdle    = 3'd0,
    StFirst   = 3'd1,  // does the stream header fit?
    StHeader  = 3'd2,  // the stream header's beats
    StNext    = 3'd3,  // does the record fit?
    StRecord  = 3'd4,  // the record header's beats
    StPayload = 3'd5,
    StOver    = 3'd6,
    StFull    = 3'd7
  } state_e;

  state_e              state_q;
  logic    [      2:0] index_q;
  logic    [     63:0] seq_q;
  logic    [RoomW-1:0] room_q;
  logic    [AddrW-1:0] addr_q;
  commit_t             commit_q;

  logic cmd_ready, beat_ready, beat_valid, fire, fits, ask, begin_rec;
  logic        [BeatsW-1:0] size;
  logic                     pages;
  auth_cmd_t                cmd;
  beat_t                    beat;
  record_hdr_t              hdr;
  logic        [     639:0] stream_hdr;
  logic        [       1:0] unused_cmd_count;

  assign stream_hdr = {
    bind_i.kdf_public,
    96'd0,
    bind_i.salt,
    bind_i.stream_id,
    8'd0,
    8'(PageShift),
    8'(order_i),
    8'(alg_i),
    16'(StreamHeaderBytes),
    StreamVersion,
    StreamMagic
  };

  always_comb begin
    hdr.wire_len    = 32'(wire_i.wire_len);
    hdr.count       = wire_i.count;
    hdr.seq         = wire_i.seq;
    hdr.gpa         = wire_i.gpa;
    hdr.payload_len = 32'({wire_i.beats, 4'd0});
    hdr.zero1       = '0;
    hdr.flags       = '0;
    hdr.rtype       = wire_i.rtype;
  end

  assign size = (state_q == StFirst) ? StreamBeats : wire_i.beats + AroundBeats;
  assign fits = RoomW'(size) <= room_q;
  assign ask = state_q == StFirst || (state_q == StNext && wire_valid_i && !wire_i.end_job);
  assign begin_rec = ask && fits && cmd_ready && made_ready_i;

  assign pages = wire_i.rtype == RecPage || wire_i.rtype == RecFill;
  assign made_valid_o = begin_rec;
  always_comb begin
    made_o.meta   = state_q == StNext && wire_i.rtype == RecMeta;
    made_o.beats  = size;
    made_o.header = state_q == StFirst;
    made_o.page   = !made_o.header && wire_i.rtype == RecPage;
    made_o.fill   = !made_o.header && wire_i.rtype == RecFill;
    made_o.lane   = !made_o.header && wire_i.lane;
    made_o.kind   = wire_i.kind;
    made_o.failed = wire_i.failed;
    made_o.count  = wire_i.count;
    made_o.bytes  = wire_i.bytes;

    cmd.crc       = !alg_tagged(alg_i);
    cmd.aad_beats = made_o.header ? 3'(HeaderBeats) : 3'd2;
    cmd.seq       = made_o.header ? seq_q : wire_i.seq;
  end

  always_comb begin
    beat.last  = 1'b0;
    beat.bytes = 5'(BlockBytes);
    beat.data  = pay_beat_i.data;
    beat_valid = 1'b0;
    unique case (state_q)
      StHeader: begin
        beat_valid = 1'b1;
        beat.last  = index_q == 3'(HeaderBeats - 1);
        unique case (index_q)
          3'd0:    beat.data = stream_hdr[127:0];
          3'd1:    beat.data = stream_hdr[255:128];
          3'd2:    beat.data = stream_hdr[383:256];
          3'd3:    beat.data = stream_hdr[511:384];
          default: beat.data = stream_hdr[639:512];
        endcase
      end
      StRecord: begin
        beat_valid = 1'b1;
        beat.data  = index_q[0] ? hdr[255:128] : hdr[127:0];
      end
      StPayload: begin
        beat_valid = pay_valid_i;
        beat.last  = pay_beat_i.last;
      end
      default: beat_valid = 1'b0;
    endcase
  end

  assign fire = beat_valid && beat_ready;
  assign pay_ready_o = state_q == StPayload && beat_ready;
  assign wire_ready_o = (state_q == StPayload && fire && beat.last) ||
                        (state_q == StNext && wire_i.end_job);
  assign commit_o = commit_q;
  assign over_o = state_q == StOver || state_q == StFull;
  assign full_o = state_q == StFull;
  assign full_addr_o = addr_q;

  prim_fifo #(
    .Width($bits(auth_cmd_t)),
    .Depth(2)
  ) u_cmd (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(begin_rec),
    .ready_o(cmd_ready),
    .data_i (cmd),
    .valid_o(auth_cmd_valid_o),
    .ready_i(auth_cmd_ready_i),
    .data_o (auth_cmd_o),
    .count_o(unused_cmd_count)
  );

  prim_skid #(
    .Width($bits(beat_t))
  ) u_out (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(beat_valid),
    .ready_o(beat_ready),
    .data_i (beat),
    .valid_o(auth_valid_o),
    .ready_i(auth_ready_i),
    .data_o (auth_beat_o)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q  <= StIdle;
      index_q  <= '0;
      seq_q    <= '0;
      room_q   <= '0;
      addr_q   <= '0;
      commit_q <= '0;
    end else if (clear_i) begin
      state_q  <= StIdle;
      index_q  <= '0;
      commit_q <= '0;
    end else begin
      commit_q <= '0;
      if (begin_rec) begin
        room_q           <= room_q - RoomW'(size);
        addr_q           <= addr_q + AddrW'({size, 4'd0});
        commit_q.valid   <= 1'b1;
        commit_q.header  <= made_o.header;
        commit_q.last    <= !made_o.header && wire_i.rtype == RecEnd;
        commit_q.pages   <= (!made_o.header && pages) ? wire_i.count : '0;
        commit_q.payload <= made_o.header ? '0 : 16'({wire_i.beats, 4'd0});
      end
      unique case (state_q)
        StIdle, StOver: begin
          if (start_i) begin
            state_q <= begin_stream_i ? StFirst : StNext;
            index_q <= '0;
            seq_q   <= seq_i;
            room_q  <= dst_beats_i;
            addr_q  <= dst_i;
          end
        end
        StFirst: begin
          if (!fits) state_q <= StFull;
          else if (begin_rec) state_q <= StHeader;
        end
        StHeader: begin
          if (fire) index_q <= beat.last ? '0 : index_q + 1'b1;
          if (fire && beat.last) state_q <= StNext;
        end
        StNext: begin
          if (wire_valid_i && wire_i.end_job) state_q <= StOver;
          else if (ask && !fits) state_q <= StFull;
          else if (begin_rec) state_q <= StRecord;
        end
        StRecord: begin
          if (fire) index_q <= index_q[0] ? '0 : index_q + 1'b1;
          if (fire && index_q[0]) state_q <= StPayload;
        end
        StPayload: if (fire && beat.last) state_q <= StNext;
        StFull:    state_q <= StFull;  // until clear_i
        default:   state_q <= StIdle;
      endcase
    end
  end

  `SL_ASSERT_STABLE(Auth, auth_valid_o, auth_ready_i, auth_beat_o, clear_i)
  `SL_ASSERT_STABLE(Cmd, auth_cmd_valid_o, auth_cmd_ready_i, auth_cmd_o, clear_i)
  `SL_ASSERT(Payload, !(state_q == StPayload && fire) || clear_i || pay_beat_i.bytes == 5'd16)

endmodule
