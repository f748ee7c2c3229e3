// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// One inflate thread: a DEFLATE stream (RFC 1951) in, a page or the reason why not out.
//
// This is the controller: block headers, stored blocks, and the loop over symbols. The order of its checks is
// the order of the bits, as in zlib, so that each refusal has the reason that zlib would give; what zlib does
// not know comes where it shows: InflateTruncated when the next item needs bits beyond the end,
// InflateTooLong at the first byte too many, InflateTooShort before InflateTrailing at the end.
//
// Protocol: beats of a packet in, in_ready_o does not depend on in_valid_i. One result a packet on res_*;
//           InflateOk is followed by a page of full beats on out_*. After an error the rest of the packet is dropped.
// Rate:     Chain: up to Step literals, or fewer and a match, a cycle. Otherwise a literal a cycle, a match in
//           three, for a shorter path.
// Bound:    a packet of b bits costs 4 b cycles and a constant at most, by the states (docs/inflate.md) and by a
//           counter that ends a packet which takes longer with InflateRunaway.
module inflate_thread #(
  parameter int unsigned Step      = 2,
  parameter bit          Chain     = 1'b1,
  parameter int unsigned PageBytes = sealift_pkg::PageBytes
) (
  input  logic                                 clk_i,
  input  logic                                 rst_ni,
  input  logic                                 clear_i,
  input  logic                                 in_valid_i,
  output logic                                 in_ready_o,
  input  sealift_pkg::beat_t                   in_beat_i,
  output logic                                 res_valid_o,
  input  logic                                 res_ready_i,
  output sealift_pkg::inflate_result_t         res_o,
  output logic                                 out_valid_o,
  input  logic                                 out_ready_i,
  output logic                                 out_last_o,
  output logic                         [127:0] out_data_o
);
  `include "sealift_assert.svh"
  import sealift_pkg::*;

  typedef enum logic [3:0] {
    StBlock,      // 3 bits of block header
    StStoredLen,  // LEN
    StStoredNot,  // NLEN
    StStored,     // bytes of a stored block
    StHeader,     // code lengths and tables
    StSymbols,
    StDist,       // length's extra bits and distance code, or end of block: only if not Chain
    StDistExtra,  // extra bits of the distance: only if not Chain
    StEnd,        // after the final block
    StDone,       // the page's end is on its way to the copy unit
    StDrop        // rest of the packet
  } state_e;

  state_e state_q, state_d;
  inflate_status_e status_q, fail_status;
  logic fail, final_q;

  localparam int unsigned AtBits = $clog2(PageBytes);

  // ---------------------------------------------------------------- bits
  localparam int unsigned Look = Chain ? 96 : 64;
  localparam int unsigned MaxTake = Chain ? 64 : 31;
  localparam int unsigned TakeBytes = MaxTake / 8;  // of a stored block, a cycle

  logic [6:0] take;
  logic [63:0] look, look_plain;
  logic [6:0] have, have_step;
  logic last, drop, next, hold, wide_valid, wide_short, wide_take;
  logic [127:0] wide_data;
  logic [ 15:0] plain;  // the next bits as a number, first bit lowest

  inflate_reader #(
    .Look   (Look),
    .MaxTake(MaxTake)
  ) u_reader (
    .clk_i,
    .rst_ni,
    .clear_i,
    .in_valid_i,
    .in_ready_o,
    .in_beat_i,
    .look_o      (look),
    .have_o      (have),
    .last_o      (last),
    .take_i      (take),
    .hold_i      (hold),
    .wide_valid_o(wide_valid),
    .wide_short_o(wide_short),
    .wide_data_o (wide_data),
    .wide_take_i (wide_take),
    .drop_i      (drop),
    .next_i      (next)
  );
  assign have_step  = (have > 7'(inflate_pkg::LookBits)) ? 7'(inflate_pkg::LookBits) : have;
  assign look_plain = {<<{look}};
  assign plain      = look_plain[15:0];

  // ---------------------------------------------------------------- tables and look-ups
  logic head_busy, head_fail, head_fixed, head_dynamic, head_lens, fixed;
  inflate_status_e       head_status;
  logic            [3:0] head_take;
  inflate_pkg::limits_t ll_limit, lit_limit, d_limit;
  logic [15:1][7:0] lit_delta;
  logic [15:1][4:0] n_delta, d_delta;
  logic [31:0][4:0] n_syms, d_syms;
  logic [31:0][2:0] n_extras;
  logic             lit_we;
  logic [7:0] lit_waddr, lit_wdata;

  logic [     2:0]       nlit;
  logic [Step-1:0][14:0] lit_code;
  logic [Step-1:0][ 3:0] lit_len;
  logic [6:0] lit_bits, need, d_need;
  logic other, bad_code, eob, bad_dist;
  logic [4:0] n_sym, n_raw, d_sym, d_rank;
  logic [ 2:0] n_extra;
  logic [12:0] d_raw;
  logic [ 3:0] d_len;

  // Between the cycles of a match, if not Chain.
  logic [4:0] n_sym_q, n_raw_q, d_rank_q, d_sym_late;
  logic [2:0] n_extra_q;
  logic       in_match;

  inflate_header u_header (
    .clk_i,
    .rst_ni,
    .clear_i    (clear_i || runaway),
    .fixed_i    (head_fixed),
    .dynamic_i  (head_dynamic),
    .plain_i    (plain[13:0]),
    .have_i     (have),
    .last_i     (last),
    .busy_o     (head_busy),
    .fail_o     (head_fail),
    .status_o   (head_status),
    .take_o     (head_take),
    .lens_o     (head_lens),
    .d_len_i    (d_len),
    .d_rank_i   (d_rank),
    .fixed_o    (fixed),
    .ll_limit_o (ll_limit),
    .lit_limit_o(lit_limit),
    .d_limit_o  (d_limit),
    .lit_delta_o(lit_delta),
    .n_delta_o  (n_delta),
    .d_delta_o  (d_delta),
    .n_sym_o    (n_syms),
    .n_extra_o  (n_extras),
    .d_sym_o    (d_syms),
    .lit_we_o   (lit_we),
    .lit_waddr_o(lit_waddr),
    .lit_wdata_o(lit_wdata)
  );

  assign d_sym_late = fixed ? d_rank_q : d_syms[d_rank_q];
  assign in_match   = !Chain && state_q == StDist;

  inflate_decode #(
    .Step (Step),
    .Chain(Chain)
  ) u_decode (
    .bits_i     (look),
    .have_i     (have_step),
    .sym_i      (state_q == StSymbols),
    .dist_i     (state_q != StSymbols),
    .dist_pos_i (in_match ? n_extra_q : 3'd0),
    .fixed_i    (fixed),
    .ll_limit_i (ll_limit),
    .lit_limit_i(lit_limit),
    .n_delta_i  (n_delta),
    .n_sym_i    (n_syms),
    .n_extra_i  (n_extras),
    .d_limit_i  (d_limit),
    .d_delta_i  (d_delta),
    .d_sym_i    (d_syms),
    .nlit_o     (nlit),
    .lit_code_o (lit_code),
    .lit_len_o  (lit_len),
    .lit_bits_o (lit_bits),
    .other_o    (other),
    .need_o     (need),
    .bad_code_o (bad_code),
    .eob_o      (eob),
    .bad_dist_o (bad_dist),
    .n_sym_o    (n_sym),
    .n_extra_o  (n_extra),
    .n_raw_o    (n_raw),
    .d_sym_o    (d_sym),
    .d_rank_o   (d_rank),
    .d_raw_o    (d_raw),
    .d_len_o    (d_len),
    .d_need_o   (d_need)
  );

  // ---------------------------------------------------------------- symbols to bytes
  logic issue, issue_match, exp_room, exp_busy, exp_err, done, start;
  inflate_status_e            exp_status;
  logic            [AtBits:0] pos;
  logic step_valid, step_ready;
  inflate_pkg::step_t step;
  logic stored_valid, stored_ready;
  logic [  4:0] stored_bytes;
  logic [127:0] stored_data;

  inflate_expand #(
    .Step     (Step),
    .PageBytes(PageBytes)
  ) u_expand (
    .clk_i,
    .rst_ni,
    .clear_i,
    .start_i     (start),
    .valid_i     (issue),
    .nlit_i      ((state_q == StSymbols) ? nlit : 3'd0),
    .lit_code_i  (lit_code),
    .lit_len_i   (lit_len),
    .match_i     (issue_match),
    .n_sym_i     (Chain ? n_sym : n_sym_q),
    .n_raw_i     (Chain ? n_raw : n_raw_q),
    .d_sym_i     (Chain ? d_sym : d_sym_late),
    .d_raw_i     (Chain ? d_raw : look[63-:13]),
    .fixed_i     (fixed),
    .lit_delta_i (lit_delta),
    .stored_i    ((stored_valid && stored_ready) ? stored_bytes : 5'd0),
    .done_i      (done),
    .status_i    (status_q),
    .lit_we_i    (lit_we),
    .lit_waddr_i (lit_waddr),
    .lit_wdata_i (lit_wdata),
    .room_o      (exp_room),
    .busy_o      (exp_busy),
    .pos_o       (pos),
    .err_o       (exp_err),
    .status_o    (exp_status),
    .step_valid_o(step_valid),
    .step_ready_i(step_ready),
    .step_o      (step)
  );

  inflate_copy #(
    .PageBytes(PageBytes)
  ) u_copy (
    .clk_i,
    .rst_ni,
    .clear_i,
    .step_valid_i  (step_valid),
    .step_ready_o  (step_ready),
    .step_i        (step),
    .stored_valid_i(stored_valid),
    .stored_ready_o(stored_ready),
    .stored_bytes_i(stored_bytes),
    .stored_data_i (stored_data),
    .res_valid_o,
    .res_ready_i,
    .res_o,
    .out_valid_o,
    .out_ready_i,
    .out_last_o,
    .out_data_o
  );

  // ---------------------------------------------------------------- stored blocks
  // Bytes in the look-ahead go first; then 16 at a time past it, while so many are left.
  logic [15:0] stored_left_q;
  logic look_empty, wide;

  assign look_empty = have[6:3] == '0;
  assign hold       = state_q == StStored && stored_left_q >= 16'd16 && !wide_short;
  assign wide       = hold && look_empty;
  always_comb begin
    if (wide) begin
      stored_bytes = 5'd16;
      stored_data  = wide_data;
    end else begin
      stored_bytes = (have[6:3] > 4'(TakeBytes)) ? 5'(TakeBytes) : 5'(have[6:3]);
      if (stored_left_q < 16'(stored_bytes)) stored_bytes = stored_left_q[4:0];
      stored_data = {64'd0, look_plain};
    end
  end

  // ---------------------------------------------------------------- the bound
  // Cycles that the packet may still take: some to begin with, more for every bit of the look-ahead, one less in
  // each cycle in which no port waits for the other side. Above half of its range it takes no more.
  localparam int unsigned CyclesPerBit = 4;
  localparam int unsigned FirstCycles = PageBytes + 2 * (PageBytes / BlockBytes) + 64;
  localparam int unsigned CreditBits = 20;
  logic [CreditBits-1:0] credit_q;
  logic [6:0] taken_q;
  logic active, waits, runaway;

  assign waits = (in_ready_o && !in_valid_i) || (res_valid_o && !res_ready_i) || (out_valid_o && !out_ready_i);
  assign active = state_q != StDone && state_q != StDrop;
  assign runaway = active && credit_q == '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      credit_q <= CreditBits'(FirstCycles);
      taken_q  <= '0;
    end else if (clear_i || next) begin
      credit_q <= CreditBits'(FirstCycles);
      taken_q  <= '0;
    end else begin
      taken_q <= take;
      if (active && !runaway) begin
        credit_q <= credit_q + (credit_q[CreditBits-1] ? '0 : CreditBits'(CyclesPerBit * taken_q)) -
            CreditBits'(!waits);
      end
    end
  end

  // ---------------------------------------------------------------- the controller
  logic       cut;  // the next item needs more bits than there are
  logic [6:0] want;  // bits of the next item

  always_comb begin
    want = '0;
    unique case (state_q)
      // A stored block begins at a byte boundary.
      StBlock: want = 7'd3 + ((plain[2:1] == 2'd0) ? 7'(3'(have[2:0] - 3'd3)) : 7'd0);
      StStoredLen, StStoredNot: want = 7'd16;
      StSymbols: want = need;
      // The symbol may turn out to be the end of the block.
      StDist: want = (n_sym_q == 5'd0) ? 7'd0 : d_need;
      StDistExtra: want = 7'(inflate_pkg::dist_extra(d_sym_late));
      default: ;
    endcase
  end
  assign cut = have < want;

  assign head_fixed = state_q == StBlock && !cut && plain[2:1] == 2'd1;
  assign head_dynamic = state_q == StBlock && !cut && plain[2:1] == 2'd2;

  always_comb begin
    state_d      = state_q;
    fail         = 1'b0;
    fail_status  = InflateTruncated;
    take         = '0;
    drop         = 1'b0;
    next         = 1'b0;
    issue        = 1'b0;
    issue_match  = 1'b0;
    stored_valid = 1'b0;
    wide_take    = 1'b0;
    done         = 1'b0;
    start        = 1'b0;
    unique case (state_q)
      StBlock: begin
        if (cut) begin
          fail = last;
        end else begin
          take    = want;
          state_d = StHeader;
          unique case (plain[2:1])
            2'd0: state_d = StStoredLen;
            2'd1, 2'd2: ;
            default: begin
              fail        = 1'b1;
              fail_status = InflateBadBlockType;
            end
          endcase
        end
      end
      StStoredLen: begin
        if (have < 7'd32) begin
          fail = last;
        end else begin
          take    = want;
          state_d = StStoredNot;
        end
      end
      StStoredNot: begin
        take    = want;
        state_d = StStored;
        if (plain != ~stored_left_q) begin
          fail        = 1'b1;
          fail_status = InflateBadStoredLen;
        end
      end
      StStored: begin
        if (stored_left_q == '0) begin
          state_d = final_q ? StEnd : StBlock;
        end else if (!exp_busy) begin
          if (wide ? !wide_valid : look_empty) begin
            fail = last;
          end else if (17'(pos) + 17'(stored_bytes) > 17'(PageBytes)) begin
            fail        = 1'b1;
            fail_status = InflateTooLong;
          end else begin
            stored_valid = 1'b1;
            if (stored_ready) begin
              if (wide) wide_take = 1'b1;
              else take = 7'({stored_bytes, 3'b000});
              if (16'(stored_bytes) == stored_left_q) state_d = final_q ? StEnd : StBlock;
            end
          end
        end
      end
      StHeader: begin
        take = 7'(head_take);
        if (head_fail) begin
          fail        = 1'b1;
          fail_status = head_status;
        end else if (!head_busy) begin
          state_d = StSymbols;
        end
      end
      StSymbols: begin
        if (exp_room) begin
          if (!Chain) begin
            issue = nlit != '0;
            if (cut) begin
              fail = last;
            end else begin
              take = want;
              if (bad_code) begin
                fail        = 1'b1;
                fail_status = InflateBadLitLenCode;
              end else if (nlit == '0) begin
                state_d = StDist;
              end
            end
          end else if (other && need <= have_step && !bad_code && !bad_dist && !eob) begin
            issue       = 1'b1;
            issue_match = 1'b1;
            take        = need;
          end else if (nlit != '0) begin
            issue = 1'b1;
            take  = lit_bits;
          end else if (cut) begin
            fail = last;
          end else if (bad_code) begin
            fail        = 1'b1;
            fail_status = InflateBadLitLenCode;
          end else if (eob) begin
            take    = want;
            state_d = final_q ? StEnd : StBlock;
          end else begin
            fail        = 1'b1;
            fail_status = InflateBadDistCode;
          end
        end
      end
      StDist: begin
        if (n_sym_q >= 5'd30) begin
          fail        = 1'b1;
          fail_status = InflateBadLitLenCode;
        end else if (n_sym_q == 5'd0) begin
          state_d = final_q ? StEnd : StBlock;
        end else if (cut) begin
          fail = last;
        end else begin
          take    = want;
          state_d = StDistExtra;
          if (d_len == 4'd0) begin
            fail        = 1'b1;
            fail_status = InflateBadDistCode;
          end
        end
      end
      StDistExtra: begin
        // There is room: nothing was issued since the step began.
        if (d_sym_late >= 5'd30) begin
          fail        = 1'b1;
          fail_status = InflateBadDistCode;
        end else if (cut) begin
          fail = last;
        end else begin
          take        = want;
          issue       = 1'b1;
          issue_match = 1'b1;
          state_d     = StSymbols;
        end
      end
      StEnd: begin
        if (!exp_busy) begin
          fail = 1'b1;
          if (32'(pos) != PageBytes) fail_status = InflateTooShort;
          else if (!last || !look_empty) fail_status = InflateTrailing;
          else fail_status = InflateOk;
        end
      end
      StDone: begin
        if (!exp_busy && exp_room) begin
          done    = 1'b1;
          state_d = StDrop;
        end
      end
      StDrop: begin
        drop = !last;
        if (last) begin
          next    = 1'b1;
          start   = 1'b1;
          state_d = StBlock;
        end
      end
      default: state_d = StBlock;
    endcase
    if (runaway) begin
      fail        = 1'b1;
      fail_status = InflateRunaway;
    end
    // The older symbol is the one that counts.
    if (exp_err) begin
      fail        = 1'b1;
      fail_status = exp_status;
    end
    if (fail) state_d = StDone;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q  <= StBlock;
      status_q <= InflateOk;
    end else if (clear_i) begin
      state_q  <= StBlock;
      status_q <= InflateOk;
    end else begin
      state_q <= state_d;
      if (fail) status_q <= fail_status;
    end
  end

  always_ff @(posedge clk_i) begin
    unique case (state_q)
      StBlock:     final_q <= plain[0];
      StStoredLen: stored_left_q <= plain;
      StStored:
      if (stored_valid && stored_ready) begin
        stored_left_q <= stored_left_q - 16'(stored_bytes);
      end
      StSymbols: begin
        n_sym_q   <= n_sym;
        n_extra_q <= n_extra;
      end
      StDist: begin
        n_raw_q  <= look[63-:5];
        d_rank_q <= d_rank;
      end
      default:     ;
    endcase
  end

  `SL_ASSERT(IssueHasRoom, !issue || exp_room)
  `SL_ASSERT(NoErrorAtBlock, state_q != StBlock || !exp_err)
  `SL_ASSERT(LensInHeader, !head_lens || state_q == StHeader)
  `SL_ASSERT(TakesWhatIsThere, take <= have)

endmodule
