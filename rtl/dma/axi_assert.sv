// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Protocol checks at an AXI4 master's port, for simulation and proof. It has no outputs: synthesis
// drops it.
//
// What it holds the master to (Arm IHI 0022H): stable payload while waiting (A3.2.1), nothing valid
// in the first cycle out of reset (A3.1.2), INCR bursts of full-width beats inside 4 KiB (A3.4.1),
// W beats only for an AW that has been shown, WLAST on the last beat and only there, strobes only
// inside the transfer (A3.4.3), no more outstanding than declared for an ID, and every burst inside
// a window (one cycle after it is shown; windows_i is still meanwhile). IDs change only when the
// master has given a transaction up.
module axi_assert
  import sealift_axi_pkg::*;
#(
  parameter int unsigned MaxReads  = 8,
  parameter int unsigned MaxWrites = 8,
  parameter int unsigned Windows   = 8
) (
  input logic                   clk_i,
  input logic                   rst_ni,
  input axi_req_t               req_i,
  input axi_rsp_t               rsp_i,
  input window_t  [Windows-1:0] windows_i
);
  `include "sealift_assert.svh"

  localparam int unsigned BusBytes = AxiDataW / 8;
  localparam int unsigned Depth = 4;  // bursts shown on AW whose data has not all been sent
  localparam int unsigned CountW = $clog2(((MaxReads > MaxWrites) ? MaxReads : MaxWrites) + 2);

  localparam logic [64:0] BusMask = 65'(BusBytes) - 65'd1;
  // The last word of a write may hold no more than one block of the transfer.
  localparam logic [64:0] Slack = (BusBytes > 16) ? 65'(BusBytes) - 65'd16 : 65'd0;
  localparam logic [2:0] BusSize = 3'($clog2(BusBytes));

  function automatic logic in_page(logic [11:0] addr, logic [7:0] len);
    return {2'b00, addr & ~BusMask[11:0]} + ((14'(len) + 14'd1) << BusSize) <= 14'd4096;
  endfunction

  // Written apart from the firewall on purpose: all bytes of the burst's beats, in 65 bits.
  function automatic logic in_window(logic [63:0] addr, logic [7:0] len, logic write,
                                     window_t [Windows-1:0] windows);
    logic [64:0] first, last;
    logic found;
    first = {1'b0, addr};
    last  = (first & ~BusMask) + ((65'(len) + 65'd1) << BusSize) - 65'd1 - (write ? Slack : 65'd0);
    found = 1'b0;
    for (int unsigned i = 0; i < Windows; i++) begin
      if (windows[i].enable && (write ? windows[i].write : windows[i].read) &&
          first >= {1'b0, windows[i].base} && last <= {1'b0, windows[i].limit}) begin
        found = 1'b1;
      end
    end
    return found;
  endfunction

  `SL_ASSERT_STABLE(Aw, req_i.aw_valid, rsp_i.aw_ready, req_i.aw)
  `SL_ASSERT_STABLE(W, req_i.w_valid, rsp_i.w_ready, req_i.w)
  `SL_ASSERT_STABLE(Ar, req_i.ar_valid, rsp_i.ar_ready, req_i.ar)
  `SL_ASSERT(AwPage, !req_i.aw_valid || in_page(req_i.aw.addr[11:0], req_i.aw.len))
  `SL_ASSERT(ArPage, !req_i.ar_valid || in_page(req_i.ar.addr[11:0], req_i.ar.len))
  `SL_ASSERT(AwPlain, !req_i.aw_valid || (req_i.aw.burst == BurstIncr && !req_i.aw.lock))
  `SL_ASSERT(AwSize, !req_i.aw_valid || (req_i.aw.size == BusSize && req_i.aw.addr[3:0] == '0))
  `SL_ASSERT(ArPlain, !req_i.ar_valid || (req_i.ar.burst == BurstIncr && !req_i.ar.lock))
  `SL_ASSERT(ArSize, !req_i.ar_valid || (req_i.ar.size == BusSize && req_i.ar.addr[3:0] == '0))

  // -------------------------------------------------------------- reset and windows
  logic running_q, aw_checked_q, ar_checked_q, aw_inside_q, ar_inside_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      running_q    <= 1'b0;
      aw_checked_q <= 1'b0;
      ar_checked_q <= 1'b0;
      aw_inside_q  <= 1'b1;
      ar_inside_q  <= 1'b1;
    end else begin
      running_q    <= 1'b1;
      aw_checked_q <= req_i.aw_valid && !rsp_i.aw_ready;
      ar_checked_q <= req_i.ar_valid && !rsp_i.ar_ready;
      if (req_i.aw_valid && !aw_checked_q)
        aw_inside_q <= in_window(req_i.aw.addr, req_i.aw.len, 1'b1, windows_i);
      if (req_i.ar_valid && !ar_checked_q)
        ar_inside_q <= in_window(req_i.ar.addr, req_i.ar.len, 1'b0, windows_i);
    end
  end

  `SL_ASSERT(QuietAfterReset, running_q || !(req_i.aw_valid || req_i.w_valid || req_i.ar_valid))
  `SL_ASSERT(AwWindow, aw_inside_q)
  `SL_ASSERT(ArWindow, ar_inside_q)

  // -------------------------------------------------------------- W against AW
  typedef struct packed {
    logic [7:0] len;
    logic [7:0] block;  // of the first byte, in its page
  } expect_t;

  expect_t [Depth-1:0] expect_q, owed;
  logic [2:0] owed_q, owed_now;
  logic [7:0] beat_q;
  logic aw_new, w_beat;
  logic [AxiStrbW-1:0] full, lanes;

  assign aw_new = req_i.aw_valid && !aw_checked_q;
  assign w_beat = req_i.w_valid && rsp_i.w_ready;

  always_comb begin
    owed     = expect_q;
    owed_now = owed_q;
    if (aw_new && owed_q != 3'(Depth)) begin
      owed[owed_q[1:0]] = '{len: req_i.aw.len, block: req_i.aw.addr[11:4]};
      owed_now = owed_q + 1'b1;
    end
    full  = '1;
    lanes = full;
    if (BusBytes > 16 && beat_q == '0) begin
      lanes = full << {owed[0].block & BusMask[11:4], 4'h0};
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      expect_q <= '0;
      owed_q   <= '0;
      beat_q   <= '0;
    end else if (w_beat && req_i.w.last) begin
      expect_q <= owed >> $bits(expect_t);
      owed_q   <= owed_now - 1'b1;
      beat_q   <= '0;
    end else begin
      expect_q <= owed;
      owed_q   <= owed_now;
      beat_q   <= beat_q + 8'(w_beat);
    end
  end

  `SL_ASSERT(WAsked, !req_i.w_valid || owed_now != '0)
  `SL_ASSERT(WLast, !req_i.w_valid || req_i.w.last == (beat_q == owed[0].len))
  `SL_ASSERT(WInside, !req_i.w_valid || (req_i.w.strb & ~lanes) == '0)
  `SL_ASSERT(WHole, !req_i.w_valid || req_i.w.last || req_i.w.strb == lanes)
  `SL_ASSERT(WAny, !req_i.w_valid || req_i.w.strb != '0)

  // -------------------------------------------------------------- outstanding, of the newest ID
  logic [CountW-1:0] reads_q, writes_q;
  logic [AxiIdW-1:0] read_id_q, write_id_q;
  logic ar_done, r_done, aw_done, b_done;

  assign ar_done = req_i.ar_valid && rsp_i.ar_ready;
  assign aw_done = req_i.aw_valid && rsp_i.aw_ready;
  assign r_done  = rsp_i.r_valid && req_i.r_ready && rsp_i.r.last && rsp_i.r.id == read_id_q &&
                   reads_q != '0;
  assign b_done = rsp_i.b_valid && req_i.b_ready && rsp_i.b.id == write_id_q && writes_q != '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      reads_q    <= '0;
      writes_q   <= '0;
      read_id_q  <= '0;
      write_id_q <= '0;
    end else begin
      if (ar_done && req_i.ar.id != read_id_q) begin
        read_id_q <= req_i.ar.id;
        reads_q   <= CountW'(1);
      end else begin
        reads_q <= reads_q + CountW'(ar_done) - CountW'(r_done);
      end
      if (aw_done && req_i.aw.id != write_id_q) begin
        write_id_q <= req_i.aw.id;
        writes_q   <= CountW'(1);
      end else begin
        writes_q <= writes_q + CountW'(aw_done) - CountW'(b_done);
      end
    end
  end

  `SL_ASSERT(ReadsBounded, 32'(reads_q) <= MaxReads)
  `SL_ASSERT(WritesBounded, 32'(writes_q) <= MaxWrites)

  logic unused_bits;
  assign unused_bits = &{1'b0, req_i.w.data, rsp_i.r.data, rsp_i.r.resp, rsp_i.b.resp,
                         req_i.ar.cache, req_i.ar.prot, req_i.ar.qos,
                         req_i.aw.cache, req_i.aw.prot, req_i.aw.qos};

endmodule
