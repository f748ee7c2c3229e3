// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Passes held packets on; in place of one that failed it sends the plain page as one stored block (RFC 1951, 3.2.4).
//
// Protocol: a command a packet (failed_i), taken when the packet that goes out for it has left; the held packet in,
//           passed on or dropped; reads of the plain page's beats, whose data follow by one cycle and hold.
// Latency:  none. Rate: a beat a cycle; in a page that failed, a beat every two.
module page_restore
  import sealift_pkg::*;
(
  input  logic          clk_i,
  input  logic          rst_ni,
  input  logic          clear_i,
  input  logic          cmd_valid_i,
  output logic          cmd_ready_o,
  input  logic          failed_i,
  input  logic          held_valid_i,
  output logic          held_ready_o,
  input  beat_t         held_beat_i,
  output logic          plain_re_o,
  output logic  [  7:0] plain_beat_o,
  input  logic  [127:0] plain_i,
  output logic          out_valid_o,
  input  logic          out_ready_i,
  output beat_t         out_beat_o
);
  `include "sealift_assert.svh"

  // Final block, stored; LEN, NLEN; byte 0 lowest.
  localparam int unsigned HeaderBytes = MaxDeflateBytes - PageBytes;
  localparam int unsigned HeaderBits = 8 * HeaderBytes;
  localparam logic [15:0] StoredLen = 16'(PageBytes);
  localparam logic [HeaderBits-1:0] Header = {~StoredLen, StoredLen, 8'h01};

  typedef enum logic [1:0] {
    StHeld = 2'd0,  // the held packet passes, or is dropped
    StRead = 2'd1,
    StSend = 2'd2,
    StTail = 2'd3   // the bytes that the header has pushed out of the last beat
  } state_e;

  state_e                  state_q;
  logic   [           7:0] index_q;
  logic   [HeaderBits-1:0] carry_q;
  logic                    held_last;

  assign held_last    = held_valid_i && held_ready_o && held_beat_i.last;
  assign held_ready_o = state_q == StHeld && cmd_valid_i && (failed_i || out_ready_i);
  assign plain_re_o   = state_q == StRead;
  assign plain_beat_o = index_q;

  always_comb begin
    out_valid_o = 1'b0;
    out_beat_o  = held_beat_i;
    unique case (state_q)
      StHeld:  out_valid_o = cmd_valid_i && !failed_i && held_valid_i;
      StRead:  out_valid_o = 1'b0;
      StSend: begin
        out_valid_o = 1'b1;
        out_beat_o = '{
            last: 1'b0,
            bytes: 5'(BlockBytes),
            data: {plain_i[127-HeaderBits:0], carry_q}
        };
      end
      StTail: begin
        out_valid_o = 1'b1;
        out_beat_o  = '{last: 1'b1, bytes: 5'(HeaderBytes), data: 128'(carry_q)};
      end
      default: out_valid_o = 1'b0;
    endcase
  end

  assign cmd_ready_o = (held_last && !failed_i) || (state_q == StTail && out_ready_i);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StHeld;
      index_q <= '0;
      carry_q <= '0;
    end else if (clear_i) begin
      state_q <= StHeld;
      index_q <= '0;
      carry_q <= '0;
    end else begin
      unique case (state_q)
        StHeld: begin
          carry_q <= Header;
          if (held_last && failed_i) state_q <= StRead;
        end
        StRead:  state_q <= StSend;
        StSend: begin
          if (out_ready_i) begin
            carry_q <= plain_i[127-:HeaderBits];
            index_q <= index_q + 1'b1;
            state_q <= (index_q == 8'(PageBeats - 1)) ? StTail : StRead;
          end
        end
        StTail:  if (out_ready_i) state_q <= StHeld;
        default: state_q <= StHeld;
      endcase
    end
  end

  `SL_ASSERT_STABLE(Out, out_valid_o, out_ready_i, out_beat_o, clear_i)

endmodule
