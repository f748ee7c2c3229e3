// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Checks the clear part of a stream and cuts it into records (docs/stream-format.md, sections 1, 2
// and 5).
//
// Every header is checked before anything else of its record is taken in, in the order of section
// 5; a header that is refused ends the parse with a fault descriptor in the place of the record.
// What passed is bounded: payload 16..4608 bytes inside the source, pages inside guest memory,
// DEFLATE inside the payload, so that nothing behind this block meets a number that it has not room
// for.
//
// Protocol: start_i (pulse), then beats of the source. Header, payload and tag go to the tag's
//           input, one packet a record; the payload also goes to the buffer; the record's
//           descriptor follows with the tag beat. After the last record comes a KindDone
//           descriptor.
// Rate:     a record of n beats takes n + 2 cycles.
// Rules:    payload bytes are looked at (is the padding zero?) but what was seen travels in the
//           descriptor, which the buffer holds until the tag was found good. valid never waits for
//           the same port's ready.
module record_parse
  import sealift_pkg::*;
  import migrate_in_pkg::*;
(
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 clear_i,
  input  logic                 start_i,
  input  job_t                 job_i,
  input  stream_bind_t         bind_i,
  input  logic         [ 63:0] seq_i,
  // the source
  input  logic                 valid_i,
  output logic                 ready_o,
  input  logic         [127:0] data_i,
  // the tag
  output logic                 auth_cmd_valid_o,
  input  logic                 auth_cmd_ready_i,
  output auth_cmd_t            auth_cmd_o,
  output logic                 auth_valid_o,
  input  logic                 auth_ready_i,
  output beat_t                auth_beat_o,
  // the payload, last on a record's last beat
  output logic                 buf_valid_o,
  input  logic                 buf_ready_i,
  output logic         [127:0] buf_data_o,
  output logic                 buf_last_o,
  // descriptors
  output logic                 desc_valid_o,
  input  logic                 desc_ready_i,
  output desc_t                desc_o,
  output logic                 waiting_o          // for the source
);
  `include "sealift_assert.svh"

  localparam logic [2:0] StreamAadBeats = 3'd5;
  localparam logic [2:0] RecordAadBeats = 3'd2;

  typedef enum logic [3:0] {
    StOff,
    StStreamCmd,  // its command first: the tag unit holds fewer beats than a stream header has
    StStream,     // stream header, five beats
    StHead0,      // record header, or the end of the source
    StHead1,
    StCheck,
    StJudge,
    StPayload,
    StTag,
    StMark        // a descriptor without a record
  } state_e;

  state_e state_q;
  logic [63:0] left_q, pos_q, seq_q;  // bytes left and taken, next sequence number
  logic begin_q, ended_q;  // stream header still to come; end record seen
  logic [2:0] index_q;
  logic [127:0] head0_q, head1_q;
  logic [8:0] beat_q, beats_q;  // payload beat, payload beats
  logic [12:0] wire_q;  // bytes of DEFLATE left
  logic cut_q, table_bad_q, seq_bad_q;
  desc_t       desc_q;
  record_hdr_t head;
  status_e     stream_fault;
  logic take, to_auth, auth_ready, auth_last, cmd_ready, cmd_valid, deflate;
  logic             table_bad;
  logic      [60:0] guest_pages;
  auth_cmd_t        cmd;
  beat_t            auth_beat;
  logic             unused_job;

  assign head = {head1_q, head0_q};
  assign deflate = desc_q.kind == KindPage && job_i.order == OrderEncryptCompress;
  assign unused_job = ^{job_i.verify, job_i.list_addr, job_i.list_len[2:0], job_i.dir, job_i.level, job_i.pad,
                        job_i.slot, job_i.src, job_i.dst, job_i.gpa, job_i.meta_addr,
                        job_i.meta_len, job_i.dst_len[11:0]};

  // ---------------------------------------------------------------- stream header, section 1
  always_comb begin
    stream_fault = StatusOk;
    unique case (index_q)
      3'd0: begin
        if (data_i[63:0] != StreamMagic) stream_fault = StatusBadMagic;
        else if (data_i[79:64] != StreamVersion) stream_fault = StatusBadVersion;
        else if (data_i[127:80] != {8'd0, 8'(PageShift), 8'(job_i.order), 8'(job_i.alg),
                                    16'(StreamHeaderBytes)}) begin
          stream_fault = StatusBadHeader;
        end
      end
      3'd1: if (data_i != bind_i.stream_id) stream_fault = StatusBadHeader;
      3'd2: if (data_i != 128'(bind_i.salt)) stream_fault = StatusBadHeader;
      3'd3: if (data_i != bind_i.kdf_public[127:0]) stream_fault = StatusBadHeader;
      default: if (data_i != bind_i.kdf_public[255:128]) stream_fault = StatusBadHeader;
    endcase
  end

  // ---------------------------------------------------------------- record header, section 2
  assign guest_pages = (job_i.list_kind == ListTable) ? job_i.list_len[63:3] :
                       61'(job_i.dst_len[63:PageShift]);
  always_comb begin
    table_bad = head.flags != '0 || head.zero1 != '0 || head.payload_len[3:0] != '0 ||
                head.payload_len == '0 || head.payload_len > 32'(MaxPayloadBytes);
    if (head.rtype == RecPage && job_i.order == OrderEncryptCompress) begin
      table_bad = table_bad || head.wire_len == '0 || head.wire_len > 32'(MaxDeflateBytes) ||
                  33'(head.wire_len) + 33'(BlockBytes) > 33'(head.payload_len);
    end else begin
      table_bad = table_bad || head.wire_len != '0;
    end
    unique case (head.rtype)
      RecPage, RecFill: begin
        table_bad = table_bad || head.gpa[PageShift-1:0] != '0 || head.count == '0 ||
                    (head.rtype == RecPage && head.count != 32'd1);
        // in whole pages, so that no sum can run over
        table_bad = table_bad || 61'(head.gpa[63:PageShift]) + 61'(head.count) > guest_pages;
      end
      RecMeta: table_bad = table_bad || head.gpa[3:0] != '0 || head.count != '0;
      RecEnd:  table_bad = table_bad || head.gpa != '0 || head.count != '0;
      default: table_bad = 1'b1;
    endcase
  end

  // ---------------------------------------------------------------- ports
  always_comb begin
    take = 1'b0;
    unique case (state_q)
      StStream:  take = auth_ready;
      StHead0:   take = auth_ready && left_q[63:5] != '0 && !begin_q && !ended_q;
      StHead1:   take = auth_ready;
      StPayload: take = auth_ready && buf_ready_i;
      StTag:     take = auth_ready && desc_ready_i;
      default:   take = 1'b0;
    endcase
  end
  assign ready_o   = take;
  assign waiting_o = !valid_i && take;

  assign auth_last = state_q == StTag;
  assign auth_beat = '{last: auth_last, bytes: 5'(BlockBytes), data: data_i};
  assign to_auth   = valid_i && take;

  prim_skid #(
    .Width($bits(beat_t))
  ) u_auth (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(to_auth),
    .ready_o(auth_ready),
    .data_i (auth_beat),
    .valid_o(auth_valid_o),
    .ready_i(auth_ready_i),
    .data_o (auth_beat_o)
  );

  assign cmd = '{
          crc: !alg_tagged(job_i.alg),
          aad_beats: (state_q == StStreamCmd) ? StreamAadBeats : RecordAadBeats,
          seq: (state_q == StStreamCmd) ? 64'd0 : seq_q
      };
  assign cmd_valid = state_q == StStreamCmd ||
                     (state_q == StJudge && !cut_q && !table_bad_q && !seq_bad_q);

  prim_skid #(
    .Width($bits(auth_cmd_t))
  ) u_cmd (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(cmd_valid),
    .ready_o(cmd_ready),
    .data_i (cmd),
    .valid_o(auth_cmd_valid_o),
    .ready_i(auth_cmd_ready_i),
    .data_o (auth_cmd_o)
  );

  assign buf_valid_o  = state_q == StPayload && valid_i && auth_ready;
  assign buf_data_o   = data_i;
  assign buf_last_o   = beat_q + 9'd1 == beats_q;
  assign desc_valid_o = state_q == StMark || (state_q == StTag && valid_i && auth_ready);
  assign desc_o       = desc_q;

  // ---------------------------------------------------------------- state
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q     <= StOff;
      left_q      <= '0;
      pos_q       <= '0;
      seq_q       <= '0;
      begin_q     <= 1'b0;
      ended_q     <= 1'b0;
      index_q     <= '0;
      head0_q     <= '0;
      head1_q     <= '0;
      beat_q      <= '0;
      beats_q     <= '0;
      wire_q      <= '0;
      cut_q       <= 1'b0;
      table_bad_q <= 1'b0;
      seq_bad_q   <= 1'b0;
      desc_q      <= '0;
    end else if (clear_i) begin
      state_q <= StOff;
    end else begin
      if (valid_i && take) begin
        left_q <= left_q - 64'(BlockBytes);
        pos_q  <= pos_q + 64'(BlockBytes);
      end
      unique case (state_q)
        StOff: begin
          if (start_i) begin
            left_q  <= job_i.src_len;
            pos_q   <= '0;
            seq_q   <= seq_i;
            begin_q <= job_i.begin_stream;
            ended_q <= 1'b0;
            index_q <= '0;
            state_q <= StHead0;
          end
        end

        StHead0: begin
          desc_q        <= '0;
          desc_q.offset <= pos_q;
          beat_q        <= '0;
          head0_q       <= data_i;
          if (begin_q) begin
            begin_q      <= 1'b0;
            desc_q.kind  <= KindHeader;
            desc_q.fault <= (left_q < 64'(StreamHeaderBytes)) ? StatusTruncated : StatusOk;
            state_q      <= (left_q < 64'(StreamHeaderBytes)) ? StMark : StStreamCmd;
          end else if (left_q == '0) begin
            desc_q.kind  <= KindDone;
            desc_q.fault <= (job_i.end_stream && !ended_q) ? StatusTruncated : StatusOk;
            state_q      <= StMark;
          end else if (ended_q) begin
            desc_q.fault <= StatusAfterEnd;
            state_q      <= StMark;
          end else if (left_q[63:5] == '0) begin
            desc_q.fault <= StatusTruncated;
            state_q      <= StMark;
          end else if (valid_i && take) begin
            state_q <= StHead1;
          end
        end

        StStreamCmd: begin
          if (cmd_ready) begin
            seq_q   <= seq_q + 64'd1;
            state_q <= StStream;
          end
        end

        StStream: begin
          if (valid_i && take) begin
            index_q <= index_q + 3'd1;
            if (stream_fault != StatusOk) begin
              desc_q.fault <= stream_fault;
              state_q      <= StMark;
            end else if (index_q == StreamAadBeats - 3'd1) begin
              state_q <= StTag;
            end
          end
        end

        StHead1: begin
          head1_q <= data_i;
          if (valid_i && take) state_q <= StCheck;
        end

        StCheck: begin
          // section 5: the source ends inside the record; then the table; then the sequence number
          cut_q           <= left_q < 64'(head.payload_len) + 64'(TagBytes);
          table_bad_q     <= table_bad;
          seq_bad_q       <= head.seq != seq_q;
          desc_q.kind     <= kind_e'(head.rtype[2:0]);
          desc_q.gpa      <= head.gpa;
          desc_q.seq      <= seq_q;
          desc_q.count    <= head.count;
          desc_q.payload  <= head.payload_len[12:0];
          desc_q.wire_len <= head.wire_len[12:0];
          beats_q         <= head.payload_len[12:4];
          wire_q          <= head.wire_len[12:0];
          state_q         <= StJudge;
        end

        StJudge: begin
          if (cut_q || table_bad_q || seq_bad_q) begin
            desc_q.fault <= cut_q ? StatusTruncated : table_bad_q ? StatusBadRecord : StatusBadSeq;
            state_q      <= StMark;
          end else if (cmd_ready) begin
            seq_q   <= seq_q + 64'd1;
            ended_q <= desc_q.kind == KindEnd;
            state_q <= StPayload;
          end
        end

        StPayload: begin
          if (valid_i && take) begin
            beat_q <= beat_q + 9'd1;
            if (data_i != '0) desc_q.used_beats <= beat_q + 9'd1;
            if (deflate && beat_q != '0) begin
              if (beat_q == 9'd1) desc_q.block <= first_block(data_i[2:1]);
              if (wire_q < 13'(BlockBytes)) begin
                wire_q <= '0;
                if (!rest_zero(data_i, wire_q[4:0])) desc_q.pad_bad <= 1'b1;
              end else begin
                wire_q <= wire_q - 13'(BlockBytes);
              end
            end
            if (buf_last_o) state_q <= StTag;
          end
        end

        StTag: if (valid_i && take) state_q <= StHead0;

        StMark: if (desc_ready_i) state_q <= StOff;

        default: state_q <= StOff;
      endcase
    end
  end

  `SL_ASSERT(PayloadBounded, state_q != StPayload || (beats_q >= 9'd1 && beats_q <= 9'd288))
  `SL_ASSERT(NotPastSource, state_q != StPayload || left_q >= 64'(TagBytes))
  `SL_ASSERT_STABLE(Buf, buf_valid_o, buf_ready_i, {buf_data_o, buf_last_o}, clear_i)
  `SL_ASSERT_STABLE(Desc, desc_valid_o, desc_ready_i, desc_o, clear_i)

endmodule
