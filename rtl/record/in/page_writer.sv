// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Delivers what passed every check: pages, runs and metadata to memory, the end record to its
// comparison.
//
// Protocol: one command and one packet a page (or metadata block). A record is committed and
//           counted when its last beat was handed on. A fault, or the end of the job, is shown once
//           memory has everything before it, so that the counts are exact then: what the write client
//           has gathered and not issued is dropped when a job ends with a fault.
//           Nothing follows a fault until clear_i.
// Rate:     257 cycles a page.
module page_writer
  import sealift_pkg::*;
  import migrate_in_pkg::*;
(
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                clear_i,
  input  job_t                job_i,
  input  totals_t             totals_i,
  input  logic                desc_valid_i,
  output logic                desc_ready_o,
  input  desc_t               desc_i,
  input  logic                valid_i,
  output logic                ready_o,
  input  logic        [127:0] data_i,
  // DMA write client
  output logic                wr_cmd_valid_o,
  input  logic                wr_cmd_ready_i,
  output logic        [ 63:0] wr_addr_o,
  output logic                wr_valid_o,
  input  logic                wr_ready_i,
  input  logic                wr_idle_i,       // memory has answered all that the client took
  output beat_t               wr_beat_o,
  // to control
  output commit_t             commit_o,
  output fault_t              fault_o,
  output logic                done_o,
  output job_counts_t         counts_o,        // bytes_in is zero here
  output logic                waiting_o        // for the write client
);
  `include "sealift_assert.svh"

  typedef enum logic [2:0] {
    StNext,
    StCmd,
    StBody,
    StEnd,
    StTotals,
    StDrain,   // everything in memory? then say how it ended
    StOver
  } state_e;

  state_e              state_q;
  logic        [ 63:0] addr_q;
  logic        [ 31:0] pages_q;  // left in this record
  logic        [  8:0] beats_q;  // left in this packet
  logic        [  8:0] packet_beats;
  status_e             fault_q;
  logic                end1_q;
  logic        [127:0] end_q;  // first half of the end record
  commit_t             commit_q;
  fault_t              fault_out_q;
  logic                done_q;
  job_counts_t         counts_q;
  logic cmd_ready, data_ready, data_valid, beat_done, packet_done, record_done, has_room;
  logic is_fill, is_meta;
  beat_t       out;
  logic  [1:0] unused_count;
  logic        unused_job;

  assign unused_job = ^{job_i.list_kind, job_i.list_addr, job_i.list_len,
                        job_i.dir, job_i.alg, job_i.level, job_i.pad, job_i.begin_stream,
                        job_i.end_stream, job_i.slot, job_i.src, job_i.src_len, job_i.dst_len,
                        job_i.gpa, desc_i.seq, desc_i.used_beats, desc_i.pad_bad,
                        desc_i.lane_bad, desc_i.crc};
  assign is_fill = desc_i.kind == KindFill;
  assign is_meta = desc_i.kind == KindMeta;
  assign packet_beats = is_meta ? desc_i.body_bytes[12:4] : 9'(PageBeats);
  // the metadata's room: the offset is compared first, so that the difference cannot run under
  assign has_room     = desc_i.gpa <= 64'(job_i.meta_len) &&
                        64'(desc_i.body_bytes) <= 64'(job_i.meta_len) - desc_i.gpa;

  prim_fifo #(
    .Width(64),
    .Depth(2)
  ) u_cmd (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(state_q == StCmd),
    .ready_o(cmd_ready),
    .data_i (addr_q),
    .valid_o(wr_cmd_valid_o),
    .ready_i(wr_cmd_ready_i),
    .data_o (wr_addr_o),
    .count_o(unused_count)
  );

  assign out = '{
          last: beats_q == 9'd1,
          bytes: 5'(BlockBytes),
          data: is_fill ? {2{desc_i.fill}} : data_i
      };
  assign data_valid = state_q == StBody && (is_fill || valid_i);

  prim_skid #(
    .Width($bits(beat_t))
  ) u_data (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(data_valid),
    .ready_o(data_ready),
    .data_i (out),
    .valid_o(wr_valid_o),
    .ready_i(wr_ready_i),
    .data_o (wr_beat_o)
  );

  assign beat_done   = data_valid && data_ready;
  assign packet_done = beat_done && beats_q == 9'd1;
  assign record_done = packet_done && (is_meta || pages_q == 32'd1);
  assign ready_o     = (state_q == StBody && !is_fill && data_ready) || state_q == StEnd;
  assign waiting_o   = wr_valid_o && !wr_ready_i;

  always_comb begin
    unique case (state_q)
      StNext:  desc_ready_o = desc_i.fault == StatusOk && desc_i.kind == KindHeader;
      StBody:  desc_ready_o = record_done;
      default: desc_ready_o = 1'b0;
    endcase
    if (state_q == StTotals && fault_q == StatusOk) desc_ready_o = 1'b1;
  end

  assign commit_o = commit_q;
  assign fault_o  = fault_out_q;
  assign done_o   = done_q;
  assign counts_o = counts_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q     <= StNext;
      addr_q      <= '0;
      pages_q     <= '0;
      beats_q     <= '0;
      fault_q     <= StatusOk;
      end1_q      <= 1'b0;
      end_q       <= '0;
      commit_q    <= '0;
      fault_out_q <= '0;
      done_q      <= 1'b0;
      counts_q    <= '0;
    end else if (clear_i) begin
      state_q     <= StNext;
      commit_q    <= '0;
      fault_out_q <= '0;
      fault_q     <= StatusOk;
      end1_q      <= 1'b0;
      end_q       <= '0;
      done_q      <= 1'b0;
      counts_q    <= '0;
    end else begin
      commit_q.valid    <= 1'b0;
      fault_out_q.valid <= 1'b0;
      if (beat_done) begin
        beats_q            <= beats_q - 9'd1;
        counts_q.bytes_out <= counts_q.bytes_out + 64'(BlockBytes);
      end
      if (record_done || (state_q == StTotals && fault_q == StatusOk)) begin
        commit_q <= '{
            valid: 1'b1,
            header: 1'b0,
            last: desc_i.kind == KindEnd,
            pages: is_meta ? 32'd0 : desc_i.count,
            payload: 16'(desc_i.payload)
        };
        counts_q.records <= counts_q.records + 64'd1;
      end
      unique case (state_q)
        StNext: begin
          fault_q <= desc_i.fault;
          addr_q  <= is_meta ? job_i.meta_addr + desc_i.gpa : job_i.dst + desc_i.gpa;
          pages_q <= desc_i.count;
          end1_q  <= 1'b0;
          if (desc_valid_i) begin
            if (desc_i.fault != StatusOk) begin
              state_q <= StDrain;
            end else begin
              unique case (desc_i.kind)
                KindPage, KindFill: state_q <= StCmd;
                KindMeta: begin
                  if (!has_room) fault_q <= StatusDstFull;
                  state_q <= has_room ? StCmd : StDrain;
                end
                KindEnd: state_q <= StEnd;
                KindHeader: begin
                  commit_q <= '{valid: 1'b1, header: 1'b1, last: 1'b0, pages: '0, payload: '0};
                end
                default: state_q <= StDrain;
              endcase
            end
          end
        end

        StCmd: begin
          beats_q <= packet_beats;
          if (cmd_ready) state_q <= StBody;
        end

        StBody: begin
          if (packet_done) begin
            addr_q  <= addr_q + 64'(PageBytes);
            pages_q <= pages_q - 32'd1;
            state_q <= record_done ? StNext : StCmd;
            if (!is_meta) counts_q.pages <= counts_q.pages + 64'd1;
            if (is_fill) counts_q.fill_pages <= counts_q.fill_pages + 64'd1;
            if (desc_i.kind == KindPage) begin
              counts_q.body_bytes <= counts_q.body_bytes +
                  ((job_i.order == OrderEncryptCompress) ? 64'(desc_i.wire_len) :
                                                           64'(desc_i.body_bytes));
              if (job_i.order inside {OrderCompressEncrypt, OrderEncryptCompress,
                                      OrderCompressOnly}) begin
                unique case (desc_i.block)
                  BlockStored: counts_q.stored <= counts_q.stored + 32'd1;
                  BlockFixed:  counts_q.fixed <= counts_q.fixed + 32'd1;
                  default:     counts_q.dynamic_ <= counts_q.dynamic_ + 32'd1;
                endcase
              end
            end
          end
        end

        StEnd: begin
          if (valid_i) begin
            end_q  <= data_i;
            end1_q <= 1'b1;
            if (end1_q) begin
              // by now every earlier record's commit is in the totals
              state_q <= StTotals;
              fault_q <= ({data_i, end_q} == {64'd0, totals_i.payload, totals_i.pages,
                                                       totals_i.records}) ?
                         StatusOk : StatusBadTotals;
            end
          end
        end

        StTotals: state_q <= (fault_q == StatusOk) ? StNext : StDrain;

        StDrain: begin
          if (!wr_cmd_valid_o && !wr_valid_o && wr_idle_i) begin
            done_q      <= fault_q == StatusOk;
            fault_out_q <= '{valid: fault_q != StatusOk, code: fault_q, addr: desc_i.offset};
            state_q     <= StOver;
          end
        end

        default: state_q <= StOver;
      endcase
    end
  end

  `SL_ASSERT(DoneOrFault, !(done_q && fault_out_q.valid))
  `SL_ASSERT_STABLE(Cmd, wr_cmd_valid_o, wr_cmd_ready_i, wr_addr_o, clear_i)
  `SL_ASSERT_STABLE(Data, wr_valid_o, wr_ready_i, wr_beat_o, clear_i)

endmodule
