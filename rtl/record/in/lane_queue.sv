// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// The inflate lanes with a way around them, in order.
//
// Each packet says whether it is DEFLATE for a lane or passes as it is. Packets come out in the
// order in which they came in: a page for DEFLATE that was valid, an empty packet marked `bad` for
// DEFLATE that was not, the same packet for one that went around.
// Room:  Packets packets on the way (encrypt_then_compress takes two a page), twice as many beats beside the lanes.
// Rate:  a beat a cycle, and one cycle a page.
module lane_queue
  import sealift_pkg::*;
  import migrate_in_pkg::*;
#(
  parameter int unsigned Packets = 32
) (
  input  logic            clk_i,
  input  logic            rst_ni,
  input  logic            clear_i,
  input  logic            valid_i,
  output logic            ready_o,
  input  body_t           body_i,
  // the lanes
  output logic            lane_in_valid_o,
  input  logic            lane_in_ready_i,
  output beat_t           lane_in_beat_o,
  input  logic            lane_res_valid_i,
  output logic            lane_res_ready_o,
  input  inflate_result_t lane_res_i,
  input  logic            lane_out_valid_i,
  output logic            lane_out_ready_o,
  input  beat_t           lane_out_beat_i,
  // out
  output logic            valid_o,
  input  logic            ready_i,
  output body_t           body_o,
  output logic            waiting_o          // for the lanes
);
  `include "sealift_assert.svh"

  // ---------------------------------------------------------------- in
  logic first_q, route_ready, lane_ready, around_ready, accept;
  logic around_valid, around_pop;
  body_t around;
  localparam int unsigned AroundBeats = 2 * Packets;
  logic [    $clog2(Packets+1)-1:0] unused_route_count;
  logic [$clog2(AroundBeats+4)-1:0] unused_around_used;

  assign ready_o = (!first_q || route_ready) && (body_i.lane ? lane_ready : around_ready);
  assign accept  = valid_i && ready_o;

  prim_skid #(
    .Width($bits(beat_t))
  ) u_lane_in (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(accept && body_i.lane),
    .ready_o(lane_ready),
    .data_i (body_i.beat),
    .valid_o(lane_in_valid_o),
    .ready_i(lane_in_ready_i),
    .data_o (lane_in_beat_o)
  );

  prim_fifo_ram #(
    .Width($bits(body_t)),
    .Depth(AroundBeats)
  ) u_around (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(accept && !body_i.lane),
    .ready_o(around_ready),
    .data_i (body_i),
    .valid_o(around_valid),
    .ready_i(around_pop),
    .data_o (around),
    .used_o (unused_around_used)
  );

  logic route_valid, route_pop, route_lane;
  prim_fifo #(
    .Width(1),
    .Depth(Packets)
  ) u_route (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(accept && first_q),
    .ready_o(route_ready),
    .data_i (body_i.lane),
    .valid_o(route_valid),
    .ready_i(route_pop),
    .data_o (route_lane),
    .count_o(unused_route_count)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) first_q <= 1'b1;
    else if (clear_i) first_q <= 1'b1;
    else if (accept) first_q <= body_i.beat.last;
  end

  // ---------------------------------------------------------------- out
  typedef enum logic [1:0] {
    StPick,
    StPage,  // a lane's page
    StBad    // in the place of one
  } state_e;

  state_e state_q;
  logic out_ready, out_valid;
  body_t out;
  logic  unused_result;

  assign unused_result = ^lane_res_i.bytes;
  assign lane_res_ready_o = state_q == StPick && route_valid && route_lane;
  assign lane_out_ready_o = state_q == StPage && out_ready;
  assign waiting_o        = (lane_res_ready_o && !lane_res_valid_i) ||
                            (state_q == StPage && !lane_out_valid_i);

  always_comb begin
    out       = around;
    out_valid = 1'b0;
    unique case (state_q)
      StPick: out_valid = route_valid && !route_lane && around_valid;
      StPage: begin
        out_valid = lane_out_valid_i;
        out       = '{lane: 1'b1, fill: 1'b0, bad: 1'b0, beat: lane_out_beat_i};
      end
      default: begin
        out_valid = state_q == StBad;
        out = '{
            lane: 1'b1,
            fill: 1'b0,
            bad: 1'b1,
            beat: '{last: 1'b1, bytes: 5'd0, data: '0}
        };
      end
    endcase
  end
  assign around_pop = state_q == StPick && route_valid && !route_lane && out_ready;
  assign route_pop  = out_valid && out_ready && out.beat.last;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StPick;
    end else if (clear_i) begin
      state_q <= StPick;
    end else begin
      unique case (state_q)
        StPick: begin
          if (lane_res_valid_i && lane_res_ready_o) begin
            state_q <= (lane_res_i.status == InflateOk) ? StPage : StBad;
          end
        end
        default: if (route_pop) state_q <= StPick;
      endcase
    end
  end

  prim_skid #(
    .Width($bits(body_t))
  ) u_out (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(out_valid),
    .ready_o(out_ready),
    .data_i (out),
    .valid_o,
    .ready_i,
    .data_o (body_o)
  );

  `SL_ASSERT(RoutesLead, !around_valid || route_valid)

endmodule
