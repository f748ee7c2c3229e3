// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Delivers what passed every check: pages, runs and metadata to memory, the end record to its
// comparison.
//
// Protocol: one command and one packet a page (or metadata block). A page is counted, and a record committed and
//           counted, when memory has answered for all of it, in order: written_i. So the counts are exact, whatever
//           ends the job, once settled_o is high. A fault, or the end of the job, is shown when memory has
//           everything before it. Nothing follows a fault until clear_i.
//           With a page table each page waits for its place; a page that has none ends the job, the pages of its
//           run before it are delivered and counted.
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
  // the page table's answers, one a page
  input  logic                place_valid_i,
  output logic                place_ready_o,
  input  place_t              place_i,
  // DMA write client
  output logic                wr_cmd_valid_o,
  input  logic                wr_cmd_ready_i,
  output logic        [ 63:0] wr_addr_o,
  output logic                wr_valid_o,
  input  logic                wr_ready_i,
  output beat_t               wr_beat_o,
  input  logic        [ 63:0] written_i,       // bytes answered OKAY, before the first that was not
  // to control
  output commit_t             commit_o,
  output fault_t              fault_o,
  output logic                done_o,
  output logic                settled_o,       // all that memory has answered is counted
  output job_counts_t         counts_o,
  output logic                waiting_o        // for the write client
);
  `include "sealift_assert.svh"

  localparam int unsigned Flight = 64;  // pages and records on their way to memory
  localparam logic [1:0] CommitCycles = 2'd2;  // from the last landing until the totals have it
  localparam int unsigned AroundBytes = RecordHeaderBytes + TagBytes;  // of a payload

  typedef enum logic [2:0] {
    StNext,
    StCmd,
    StBody,
    StEnd,
    StWait,    // for what was before the end record
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
  logic        [255:0] end_q;  // the end record
  logic        [  1:0] wait_q;
  commit_t             commit_q;
  fault_t              fault_out_q;
  logic                done_q;
  job_counts_t         counts_q;
  logic cmd_ready, data_ready, data_valid, beat_done, packet_done, record_done, has_room;
  logic is_fill, is_meta, by_table, go;
  logic put_valid, put_ready, land_valid, ledger_empty, known, header_done, end_done, totals_good;
  logic [8:0] put_beats;
  landing_t put, landed;
  logic        nowhere_q;  // the page table has no place
  beat_t       out;
  logic  [1:0] unused_count;
  logic        unused_job;

  assign unused_job = ^{job_i.verify, job_i.list_addr, job_i.list_len,
                        job_i.dir, job_i.alg, job_i.level, job_i.pad, job_i.begin_stream,
                        job_i.end_stream, job_i.slot, job_i.src, job_i.src_len, job_i.dst_len,
                        job_i.gpa, desc_i.seq, desc_i.used_beats, desc_i.pad_bad,
                        desc_i.lane_bad, desc_i.crc};
  assign is_fill = desc_i.kind == KindFill;
  assign is_meta = desc_i.kind == KindMeta;
  assign packet_beats = is_meta ? desc_i.body_bytes[12:4] : 9'(PageBeats);
  assign by_table = job_i.list_kind == ListTable && !is_meta;
  assign go = state_q == StCmd && (!by_table || (place_valid_i && !place_i.bad));
  assign place_ready_o = state_q == StCmd && by_table && (place_i.bad || cmd_ready);
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
    .valid_i(go),
    .ready_o(cmd_ready),
    .data_i (by_table ? place_i.value : addr_q),
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
  // The last beat waits for room to keep its packet in mind.
  assign known = beats_q != 9'd1 || put_ready;
  assign data_valid = state_q == StBody && (is_fill || valid_i) && known;

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
  assign ready_o     = (state_q == StBody && !is_fill && data_ready && known) || state_q == StEnd;
  assign waiting_o   = wr_valid_o && !wr_ready_i;

  always_comb begin
    unique case (state_q)
      StNext:  desc_ready_o = desc_i.fault == StatusOk && desc_i.kind == KindHeader && put_ready;
      StBody:  desc_ready_o = record_done;
      default: desc_ready_o = end_done;
    endcase
  end

  // ---------------------------------------------------------------- what memory is still to answer for
  assign header_done = state_q == StNext && desc_valid_i && desc_i.fault == StatusOk &&
                       desc_i.kind == KindHeader && put_ready;
  assign totals_good = end_q == {64'd0, totals_i.payload, totals_i.pages, totals_i.records};
  assign end_done = state_q == StTotals && totals_good && put_ready;
  assign put_valid = packet_done || header_done || end_done;

  always_comb begin
    put_beats = packet_done ? packet_beats : '0;
    put.record = record_done || header_done || end_done;
    put.header = header_done;
    put.last = end_done;
    put.page = packet_done && !is_meta;
    put.fill = is_fill;
    put.lane    = desc_i.kind == KindPage && job_i.order inside {OrderCompressEncrypt,
                                                                 OrderEncryptCompress,
                                                                 OrderCompressOnly};
    put.block = desc_i.block;
    put.pages = put.page ? desc_i.count : '0;
    put.payload = desc_i.payload;
    put.body    = (desc_i.kind != KindPage) ? '0 :
                  (job_i.order == OrderEncryptCompress) ? desc_i.wire_len : desc_i.body_bytes;
  end

  write_ledger #(
    .Width($bits(landing_t)),
    .Depth(Flight)
  ) u_ledger (
    .clk_i,
    .rst_ni,
    .clear_i,
    .put_valid_i (put_valid),
    .put_ready_o (put_ready),
    .put_beats_i (put_beats),
    .put_data_i  (put),
    .written_i,
    .land_valid_o(land_valid),
    .land_o      (landed),
    .empty_o     (ledger_empty),
    .settled_o
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      commit_q <= '0;
      counts_q <= '0;
    end else if (clear_i) begin
      commit_q <= '0;
      counts_q <= '0;
    end else begin
      commit_q.landed <= 1'b0;
      commit_q.valid  <= 1'b0;
      if (land_valid) begin
        if (landed.record) begin
          commit_q <= '{
              landed: 1'b1,
              valid: 1'b1,
              header: landed.header,
              last: landed.last,
              pages: landed.pages,
              payload: landed.header ? '0 : 16'(landed.payload)
          };
          counts_q.bytes_in <= counts_q.bytes_in + (landed.header ? 64'(StreamHeaderBytes) :
                                                    64'(landed.payload) + 64'(AroundBytes));
          if (!landed.header) counts_q.records <= counts_q.records + 64'd1;
        end
        if (landed.page) counts_q.pages <= counts_q.pages + 64'd1;
        if (landed.fill) counts_q.fill_pages <= counts_q.fill_pages + 64'd1;
        counts_q.body_bytes <= counts_q.body_bytes + 64'(landed.body);
        if (landed.lane) begin
          unique case (landed.block)
            BlockStored: counts_q.stored <= counts_q.stored + 32'd1;
            BlockFixed:  counts_q.fixed <= counts_q.fixed + 32'd1;
            default:     counts_q.dynamic_ <= counts_q.dynamic_ + 32'd1;
          endcase
        end
      end
    end
  end

  assign commit_o = commit_q;
  assign fault_o  = fault_out_q;
  assign done_o   = done_q;

  always_comb begin
    counts_o           = counts_q;
    counts_o.bytes_out = written_i;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q     <= StNext;
      addr_q      <= '0;
      pages_q     <= '0;
      beats_q     <= '0;
      fault_q     <= StatusOk;
      nowhere_q   <= 1'b0;
      end1_q      <= 1'b0;
      end_q       <= '0;
      wait_q      <= '0;
      fault_out_q <= '0;
      done_q      <= 1'b0;
    end else if (clear_i) begin
      state_q     <= StNext;
      fault_out_q <= '0;
      fault_q     <= StatusOk;
      nowhere_q   <= 1'b0;
      end1_q      <= 1'b0;
      end_q       <= '0;
      wait_q      <= '0;
      done_q      <= 1'b0;
    end else begin
      fault_out_q.valid <= 1'b0;
      if (beat_done) beats_q <= beats_q - 9'd1;
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
                KindHeader: state_q <= StNext;
                default: state_q <= StDrain;
              endcase
            end
          end
        end

        StCmd: begin
          beats_q <= packet_beats;
          if (by_table && place_valid_i && place_i.bad) begin
            fault_q   <= StatusNoPage;
            nowhere_q <= 1'b1;
            addr_q    <= place_i.value;
            state_q   <= StDrain;
          end else if (go && cmd_ready) begin
            state_q <= StBody;
          end
        end

        StBody: begin
          if (packet_done) begin
            addr_q  <= addr_q + 64'(PageBytes);
            pages_q <= pages_q - 32'd1;
            state_q <= record_done ? StNext : StCmd;
          end
        end

        StEnd: begin
          if (valid_i) begin
            end_q  <= {data_i, end_q[255:128]};
            end1_q <= 1'b1;
            if (end1_q) state_q <= StWait;
          end
        end

        StWait: begin
          wait_q <= ledger_empty ? wait_q + 2'd1 : '0;
          if (wait_q == CommitCycles) state_q <= StTotals;
        end

        StTotals: begin
          if (!totals_good) begin
            fault_q <= StatusBadTotals;
            state_q <= StDrain;
          end else if (end_done) begin
            state_q <= StNext;
          end
        end

        StDrain: begin
          if (ledger_empty) begin
            done_q <= fault_q == StatusOk;
            fault_out_q <= '{
                valid: fault_q != StatusOk,
                code: fault_q,
                addr: nowhere_q ? addr_q : desc_i.offset
            };
            state_q <= StOver;
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
