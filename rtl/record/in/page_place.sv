// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Looks up in the job's page table where the pages of verified records land, ahead of their data.
//
// The table is read by lines of 8 entries; two are kept, and the next one is fetched when the upper half of one is in use
// by more than one page.
//
// Protocol: records (guest page number, pages) in, one place a page out, in order. bad: the entry is 0 or no multiple
//           of 4096; value is then the entry's address, else the page's. list_i and list_len_i stand still.
// Rate:     a page in 2 cycles inside a line and in ascending order; in any order one read of 64 bytes a page, which runs
//           ahead of the data by the records that are on their way.
// Rules:    control has checked that list_i and list_len_i are multiples of 16, the parser that the pages are in the table.
module page_place
  import sealift_pkg::*;
  import sealift_axi_pkg::dma_req_t;
  import migrate_in_pkg::*;
#(
  parameter int unsigned Records = 16  // that wait
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 clear_i,
  input  logic     [AddrW-1:0] list_i,
  input  logic     [AddrW-1:0] list_len_i,
  input  logic                 rec_valid_i,
  output logic                 rec_ready_o,
  input  logic     [PageW-1:0] rec_gpn_i,
  input  logic     [     31:0] rec_pages_i,
  output logic                 req_valid_o,
  input  logic                 req_ready_i,
  output dma_req_t             req_o,
  input  logic                 list_valid_i,
  output logic                 list_ready_o,
  input  beat_t                list_beat_i,
  output logic                 place_valid_o,
  input  logic                 place_ready_i,
  output place_t               place_o
);
  `include "sealift_assert.svh"

  localparam int unsigned EntryBytes = 8;
  localparam int unsigned LineBeats = 4;
  localparam int unsigned LineEntries = LineBeats * BlockBytes / EntryBytes;
  localparam int unsigned EntryW = $clog2(LineEntries);
  localparam int unsigned BeatW = $clog2(LineBeats);
  localparam int unsigned LineW = PageW - EntryW;
  localparam int unsigned LineShift = EntryW + $clog2(EntryBytes);
  localparam int unsigned Ahead = 8;  // places that wait

  typedef enum logic [1:0] {
    StNext = 2'd0,  // the next record
    StLook = 2'd1,  // is the page's line here?
    StGive = 2'd2   // its entry is
  } state_e;

  // ---------------------------------------------------------------- records in, places out
  logic rec_valid, rec_ready, place_push, place_room;
  logic [PageW-1:0] rec_gpn;
  logic [31:0] rec_pages;
  logic [$clog2(Records+4)-1:0] unused_rec_used;
  logic [$clog2(Ahead+1)-1:0] unused_place_count;
  place_t place;

  prim_fifo_ram #(
    .Width(PageW + 32),
    .Depth(Records)
  ) u_records (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(rec_valid_i),
    .ready_o(rec_ready_o),
    .data_i ({rec_gpn_i, rec_pages_i}),
    .valid_o(rec_valid),
    .ready_i(rec_ready),
    .data_o ({rec_gpn, rec_pages}),
    .used_o (unused_rec_used)
  );

  prim_fifo #(
    .Width($bits(place_t)),
    .Depth(Ahead)
  ) u_places (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(place_push),
    .ready_o(place_room),
    .data_i (place),
    .valid_o(place_valid_o),
    .ready_i(place_ready_i),
    .data_o (place_o),
    .count_o(unused_place_count)
  );

  // ---------------------------------------------------------------- pages of a record
  state_e state_q;
  logic [PageW-1:0] gpn_q;
  logic [31:0] left_q;
  logic missed_q;  // this page's line was not here
  logic [LineW-1:0] line, next_line;
  logic [1:0] here, next_here;
  logic hit, way, miss, ahead, victim, bad;
  logic [127:0] pair;
  logic [63:0] entry;

  logic [1:0][LineW-1:0] tag_q;
  logic [1:0] valid_q;

  assign line      = gpn_q[PageW-1:EntryW];
  assign next_line = line + 1'b1;
  for (genvar i = 0; i < 2; i++) begin : gen_way
    assign here[i]      = valid_q[i] && tag_q[i] == line;
    assign next_here[i] = valid_q[i] && tag_q[i] == next_line;
  end
  assign hit        = here != '0;
  assign way        = here[1];
  assign entry      = gpn_q[0] ? pair[127:64] : pair[63:0];
  assign bad        = entry == '0 || entry[PageShift-1:0] != '0;
  assign place      = '{bad: bad, value: bad ? list_i + {9'd0, gpn_q, 3'd0} : entry};
  assign place_push = state_q == StGive;
  assign rec_ready  = state_q == StNext;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q  <= StNext;
      gpn_q    <= '0;
      left_q   <= '0;
      missed_q <= 1'b0;
    end else if (clear_i) begin
      state_q  <= StNext;
      missed_q <= 1'b0;
    end else begin
      unique case (state_q)
        StNext: begin
          gpn_q  <= rec_gpn;
          left_q <= rec_pages;
          if (rec_valid) state_q <= StLook;
        end
        StLook: begin
          if (hit) state_q <= StGive;
          else missed_q <= 1'b1;
        end
        StGive: begin
          if (place_room) begin
            gpn_q    <= gpn_q + 1'b1;
            left_q   <= left_q - 1'b1;
            missed_q <= 1'b0;
            state_q  <= (left_q == 32'd1) ? StNext : StLook;
          end
        end
        default: state_q <= StNext;
      endcase
    end
  end

  // ---------------------------------------------------------------- lines, one on its way at a time
  logic asking_q, filling_q, fill_way_q;
  logic [BeatW-1:0] beat_q;
  logic [AddrW-1:0] offset, rest;

  assign miss = state_q == StLook && !hit && !filling_q;
  // The rest of the table is what lies behind the last entry of this line, too.
  assign ahead        = state_q == StLook && hit && !missed_q && gpn_q[EntryW-1] && next_here == '0 && !filling_q &&
                        (AddrW'(next_line) << LineShift) < list_len_i;
  // The line after the one in use takes the other's place; else they take turns.
  assign victim = ahead ? !way : !fill_way_q;
  assign offset = AddrW'(tag_q[fill_way_q]) << LineShift;
  assign rest = list_len_i - offset;
  assign req_valid_o = asking_q;
  assign req_o.addr = list_i + offset;
  assign req_o.bytes  = (rest < AddrW'(LineBeats * BlockBytes)) ? rest :
                        AddrW'(LineBeats * BlockBytes);
  assign list_ready_o = filling_q;

  prim_ram_1r1w #(
    .Width(128),
    .Depth(2 * LineBeats)
  ) u_lines (
    .clk_i,
    .we_i   (list_valid_i && list_ready_o),
    .waddr_i({fill_way_q, beat_q}),
    .wdata_i(list_beat_i.data),
    .re_i   (state_q == StLook && hit),
    .raddr_i({way, gpn_q[EntryW-1:1]}),
    .rdata_o(pair)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      tag_q      <= '0;
      valid_q    <= '0;
      asking_q   <= 1'b0;
      filling_q  <= 1'b0;
      fill_way_q <= 1'b0;
      beat_q     <= '0;
    end else if (clear_i) begin
      valid_q   <= '0;
      asking_q  <= 1'b0;
      filling_q <= 1'b0;
      beat_q    <= '0;
    end else begin
      if (asking_q && req_ready_i) asking_q <= 1'b0;
      if (list_valid_i && list_ready_o) begin
        beat_q <= beat_q + 1'b1;
        if (list_beat_i.last) begin
          beat_q              <= '0;
          filling_q           <= 1'b0;
          valid_q[fill_way_q] <= 1'b1;
        end
      end
      if (miss || ahead) begin
        tag_q[victim]   <= ahead ? next_line : line;
        valid_q[victim] <= 1'b0;
        fill_way_q      <= victim;
        asking_q        <= 1'b1;
        filling_q       <= 1'b1;
      end
    end
  end

  logic unused_bytes;
  assign unused_bytes = ^list_beat_i.bytes;

  `SL_ASSERT_STABLE(Req, req_valid_o, req_ready_i, req_o, clear_i)
  `SL_ASSERT_STABLE(Place, place_valid_o, place_ready_i, place_o, clear_i)
  `SL_ASSERT(InTable, !(miss && !clear_i) || (AddrW'(line) << LineShift) < list_len_i)

endmodule
