// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// The end of migrate-out: strings the tagged records together to the one packet that the DMA writes, closes it,
// and counts what went into it.
//
// The last beat of a record waits until it is known whether another record follows: `last` goes on the last beat
// of the job, or of the last record that fits the target. It costs no time: the record that follows is begun before
// its first beat gets here.
//
// Protocol: made_* for each record that was begun, over_i when there is no other, then its packet. One write
//           command, with the first record; none if the job has no record.
//           done_o: every beat of the job was accepted by the writer; until start_i or clear_i.
//           full (the record at full_addr_i does not fit): `last` goes on the last record before it; when memory
//           has answered for that packet, one pulse of fault_o; done_o stays low.
//           bad_list_i (the entry at bad_addr_i is not legal; from before over_i on) ends the job in the same way.
// Latency:  one cycle. Rate: 16 bytes a cycle.
//           landed_o (a pulse): memory has answered for one more record, or the stream header.
// Rules:    counts are of the records that are in memory whole, and of the bytes that memory has answered for, in
//           order: written_i. They are exact, whatever ends the job, once settled_o is high; those of records survive
//           clear_i and begin anew with start_i.
module out_close
  import sealift_pkg::*;
  import migrate_out_pkg::*;
#(
  parameter int unsigned Depth  = 8,   // records between the record header's making and here
  parameter int unsigned Flight = 128  // records on their way to memory
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  logic                    clear_i,
  input  logic                    start_i,
  input  logic        [AddrW-1:0] dst_i,
  input  logic                    made_valid_i,
  output logic                    made_ready_o,
  input  made_t                   made_i,
  input  logic                    over_i,
  input  logic                    full_i,
  input  logic        [AddrW-1:0] full_addr_i,
  input  logic                    bad_list_i,
  input  logic        [AddrW-1:0] bad_addr_i,
  input  logic                    in_valid_i,
  output logic                    in_ready_o,
  input  beat_t                   in_beat_i,
  output logic                    wr_cmd_valid_o,
  input  logic                    wr_cmd_ready_i,
  output logic        [AddrW-1:0] wr_addr_o,
  output logic                    wr_valid_o,
  input  logic                    wr_ready_i,
  output beat_t                   wr_beat_o,
  input  logic        [AddrW-1:0] written_i,       // bytes that memory has answered for
  output fault_t                  fault_o,
  output logic                    done_o,
  output logic                    landed_o,
  output logic                    settled_o,
  output job_counts_t             counts_o
);
  `include "sealift_assert.svh"

  logic [$clog2(Depth+1)-1:0] made_count;
  localparam int unsigned LeastRecordBytes = RecordHeaderBytes + BlockBytes + TagBytes;
  `SL_ASSERT_PARAM(Flight, Flight > PageBytes / LeastRecordBytes)

  logic made_valid, tail, known, skid_ready, put_ready, drained, tell, ledger_empty;
  made_t made, landed;
  beat_t beat;
  logic running_q, begun_q, cmd_q, faulted_q, unused_landed;
  job_counts_t counts_q;

  prim_fifo #(
    .Width($bits(made_t)),
    .Depth(Depth)
  ) u_made (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(made_valid_i),
    .ready_o(made_ready_o),
    .data_i (made_i),
    .valid_o(made_valid),
    .ready_i(tail),
    .data_o (made),
    .count_o(made_count)
  );

  // The last beat of a record: is it the last of the job? And is there room to keep the record in mind?
  assign known = !in_beat_i.last || ((over_i || made_count > 1) && put_ready);
  assign tail  = in_valid_i && in_ready_o && in_beat_i.last;
  always_comb begin
    beat      = in_beat_i;
    beat.last = in_beat_i.last && over_i && made_count == 1;
  end
  assign in_ready_o = skid_ready && known;

  prim_skid #(
    .Width($bits(beat_t))
  ) u_out (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(in_valid_i && known),
    .ready_o(skid_ready),
    .data_i (beat),
    .valid_o(wr_valid_o),
    .ready_i(wr_ready_i),
    .data_o (wr_beat_o)
  );

  write_ledger #(
    .Width ($bits(made_t)),
    .Depth (Flight),
    .BeatsW(BeatsW)
  ) u_ledger (
    .clk_i,
    .rst_ni,
    .clear_i     (clear_i || start_i),
    .put_valid_i (tail),
    .put_ready_o (put_ready),
    .put_beats_i (made.beats),
    .put_data_i  (made),
    .written_i,
    .land_valid_o(landed_o),
    .land_o      (landed),
    .empty_o     (ledger_empty),
    .settled_o
  );

  assign unused_landed = ^landed.beats;
  assign wr_cmd_valid_o = cmd_q;
  assign wr_addr_o = dst_i;
  assign drained = running_q && over_i && made_count == '0 && !wr_valid_o && !cmd_q;
  assign done_o = drained && !full_i && !bad_list_i;
  assign tell = drained && (full_i || bad_list_i) && ledger_empty && !faulted_q;
  assign fault_o = full_i ?
      '{valid: tell, code: StatusDstFull, addr: full_addr_i} :
      '{valid: tell, code: StatusBadEntry, addr: bad_addr_i};

  always_comb begin
    counts_o           = counts_q;
    counts_o.bytes_out = written_i;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      running_q <= 1'b0;
      begun_q   <= 1'b0;
      cmd_q     <= 1'b0;
      faulted_q <= 1'b0;
    end else if (clear_i) begin
      running_q <= 1'b0;
      begun_q   <= 1'b0;
      cmd_q     <= 1'b0;
      faulted_q <= 1'b0;
    end else if (start_i) begin
      running_q <= 1'b1;
      begun_q   <= 1'b0;
    end else begin
      if (tell) faulted_q <= 1'b1;
      if (cmd_q && wr_cmd_ready_i) cmd_q <= 1'b0;
      if (made_valid_i && made_ready_o && !begun_q) begin
        begun_q <= 1'b1;
        cmd_q   <= 1'b1;
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      counts_q <= '0;
    end else if (start_i) begin
      counts_q <= '0;
    end else begin
      if (landed_o) begin
        if (!landed.header) counts_q.records <= counts_q.records + 1'b1;
        if (landed.page || landed.fill) begin
          counts_q.pages    <= counts_q.pages + 64'(landed.count);
          counts_q.bytes_in <= counts_q.bytes_in + (64'(landed.count) << PageShift);
        end
        if (landed.meta) counts_q.bytes_in <= counts_q.bytes_in + 64'(landed.bytes);
        if (landed.fill) counts_q.fill_pages <= counts_q.fill_pages + 64'(landed.count);
        if (landed.page) counts_q.body_bytes <= counts_q.body_bytes + 64'(landed.bytes);
        if (landed.lane && landed.kind == BlockStored) counts_q.stored <= counts_q.stored + 1'b1;
        if (landed.lane && landed.kind == BlockFixed) counts_q.fixed <= counts_q.fixed + 1'b1;
        if (landed.lane && landed.kind == BlockDynamic)
          counts_q.dynamic_ <= counts_q.dynamic_ + 1'b1;
        if (landed.lane && landed.failed) counts_q.failed <= counts_q.failed + 1'b1;
      end
    end
  end

  `SL_ASSERT_STABLE(Wr, wr_valid_o, wr_ready_i, wr_beat_o, clear_i)
  `SL_ASSERT_STABLE(WrCmd, wr_cmd_valid_o, wr_cmd_ready_i, wr_addr_o, clear_i)
  `SL_ASSERT(TailIsMade, !tail || made_valid || clear_i)

endmodule
