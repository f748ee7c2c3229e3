// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Sends what the compress lanes make two ways: to the inflate lanes and into the hold, with a ticket a packet.
//
// A compressor may be at fault here, so nothing is believed of it: a packet is cut at MaxBeats, an odd beat is made
// regular, bytes beyond a packet's end are zeroed, and a page with no packet gets one of a single zero byte, which
// does not inflate. Each of these, a result of no known kind, and a length other than the result's mark the ticket
// broken. What is passed on keeps every rule of a packet.
//
// Protocol: a result and its packet in (none where the result says 0 bytes); one packet and one ticket out, the
//           ticket with the packet's last beat. A beat goes out both ways at once.
// Latency:  none. Rate: a beat a cycle, and a cycle a packet.
module verify_feed
  import sealift_pkg::*;
  import verify_pkg::*;
(
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             clear_i,
  // from the compress lanes
  input  logic             res_valid_i,
  output logic             res_ready_o,
  input  compress_result_t res_i,
  input  logic             in_valid_i,
  output logic             in_ready_o,
  input  beat_t            in_beat_i,
  // both ways
  output logic             infl_valid_o,
  input  logic             infl_ready_i,
  output logic             hold_valid_o,
  input  logic             hold_ready_i,
  output beat_t            out_beat_o,
  output logic             ticket_valid_o,
  input  logic             ticket_ready_i,
  output ticket_t          ticket_o
);
  logic                          known_q;  // res_q is that of the packet which passes
  compress_result_t              res_q;
  logic                          drop_q;  // the rest of a packet that was cut
  logic                          odd_q;  // a beat before this one was odd
  logic             [CountW-1:0] index_q;
  logic             [  LenW-1:0] length;
  logic lost, cut, odd, room, valid, fire;

  assign res_ready_o = !known_q;
  assign lost = res_q.bytes == '0;
  assign cut = !in_beat_i.last && index_q == CountW'(MaxBeats - 1);
  assign odd         = in_beat_i.last ? in_beat_i.bytes == '0 || in_beat_i.bytes > 5'(BlockBytes) :
                                        in_beat_i.bytes != 5'(BlockBytes);

  always_comb begin
    out_beat_o.last  = in_beat_i.last || cut;
    out_beat_o.bytes = odd ? 5'(BlockBytes) : in_beat_i.bytes;
    for (int unsigned i = 0; i < BlockBytes; i++) begin
      out_beat_o.data[8*i+:8] = (i < 32'(out_beat_o.bytes)) ? in_beat_i.data[8*i+:8] : '0;
    end
    if (lost) out_beat_o = '{last: 1'b1, bytes: 5'd1, data: '0};
  end

  // Ready on either way does not fall until something is taken, so valid is stable.
  assign room = ticket_ready_i;
  assign valid = known_q && !drop_q && (lost || in_valid_i) && room;
  assign infl_valid_o = valid && hold_ready_i;
  assign hold_valid_o = valid && infl_ready_i;
  assign fire = infl_valid_o && infl_ready_i;
  assign in_ready_o = drop_q || (known_q && !lost && room && hold_ready_i && infl_ready_i);

  assign length = {index_q, 4'd0} + LenW'(out_beat_o.bytes);
  assign ticket_valid_o = fire && out_beat_o.last;
  assign ticket_o = '{
          broken:
          lost
          ||
          cut
          ||
          odd
          ||
          odd_q
          ||
          length
          !=
          res_q.bytes
          || 32'(
          res_q.bytes
          ) >
          MaxDeflateBytes
          || !(
          res_q.kind inside {BlockStored, BlockFixed, BlockDynamic}
          ),
          beats: index_q + 1'b1,
          result: res_q
      };

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      known_q <= 1'b0;
      res_q   <= '0;
      drop_q  <= 1'b0;
      odd_q   <= 1'b0;
      index_q <= '0;
    end else if (clear_i) begin
      known_q <= 1'b0;
      drop_q  <= 1'b0;
      odd_q   <= 1'b0;
      index_q <= '0;
    end else begin
      if (res_valid_i && res_ready_o) begin
        known_q <= 1'b1;
        res_q   <= res_i;
      end
      if (fire) begin
        odd_q   <= (odd_q || odd) && !out_beat_o.last;
        index_q <= out_beat_o.last ? '0 : index_q + 1'b1;
        if (out_beat_o.last) known_q <= 1'b0;
        if (cut && !lost) drop_q <= 1'b1;
      end
      if (drop_q && in_valid_i && in_beat_i.last) drop_q <= 1'b0;
    end
  end

endmodule
