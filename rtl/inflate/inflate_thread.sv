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
// Rate:     Chain: up to Step literals, or fewer and a match, a cycle. Otherwise every item of the stream takes two
//           cycles, for a path half as long: in the first its bits are counted and the look-ahead is refilled,
//           in the second (`turn`) they are taken. A literal is an item, a match three, or four if its length
//           has extra bits.
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
    StLength,     // what symbol it was; its extra bits, or the distance code: only if not Chain
    StDist,       // distance code after extra bits: only if not Chain
    StDistExtra,  // extra bits of the distance: only if not Chain
    StEnd,        // after the final block
    StDone,       // the page's end is on its way to the copy unit
    StDrop        // rest of the packet
  } state_e;

  state_e state_q, state_d;
  inflate_status_e status_q, fail_status;
  logic fail, final_q, runaway;
  logic cut, last_item;  // there are not as many bits as the item has; nor will there be

  localparam int unsigned AtBits = $clog2(PageBytes);

  // ---------------------------------------------------------------- bits
  localparam int unsigned Look = Chain ? 96 : 64;
  localparam int unsigned MaxTake = Chain ? 64 : 24;
  localparam int unsigned TakeBytes = MaxTake / 8;  // of a stored block, a cycle

  logic [6:0] take;
  logic go;
  logic [63:0] look, look_plain;
  logic [6:0] have, have_step;
  logic last, turn, shift, drop, next, hold, wide_valid, wide_short, wide_take;
  logic [127:0] wide_data;
  logic [ 15:0] plain;  // the next bits as a number, first bit lowest

  inflate_reader #(
    .Look   (Look),
    .MaxTake(MaxTake),
    .Both   (Chain)
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
    .shift_i     (shift),
    .take_i      (take),
    .go_i        (go),
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
  logic
      head_busy,
      head_fail,
      head_fixed,
      head_dynamic,
      head_lens,
      head_go,
      head_pre,
      head_reads,
      fixed;
  inflate_status_e       head_status;
  logic            [3:0] head_want;
  inflate_pkg::limits_t ll_limit, lit_limit, d_limit;
  logic [15:1][7:0] lit_delta;
  logic [15:1][4:0] n_delta, d_delta;
  logic [31:0][4:0] n_syms, d_syms;
  logic [    31:0][ 2:0] n_extras;
  logic                  lit_we;
  logic [    11:0]       lit_waddr;
  logic [     7:0]       lit_wdata;

  logic [     2:0]       nlit;
  logic [Step-1:0][14:0] lit_code;
  logic [Step-1:0][ 3:0] lit_len;
  logic [6:0] lit_bits, need;
  logic other, bad_code, eob, bad_dist;
  logic [4:0] n_sym, n_raw, d_sym;
  logic [12:0] d_raw;
  // Code length symbols; if not Chain, also what else is known in the first of the two cycles.
  logic [3:0] n_need_d, d_need_d;
  logic [2:0] n_extra, n_extra_d;
  logic [4:0] code_sym, d_sym_d;
  logic no_dist;

  inflate_header u_header (
    .clk_i,
    .rst_ni,
    .clear_i    (clear_i || runaway),
    .fixed_i    (head_fixed),
    .dynamic_i  (head_dynamic),
    .plain_i    (plain[13:0]),
    .turn_i     (turn && state_q == StHeader),
    .cut_i      (cut),
    .last_i     (last_item),
    .busy_o     (head_busy),
    .fail_o     (head_fail),
    .status_o   (head_status),
    .want_o     (head_want),
    .go_o       (head_go),
    .lens_o     (head_lens),
    .pre_o      (head_pre),
    .reads_o    (head_reads),
    .need_d_i   (d_need_d),
    .none_i     (no_dist),
    .sym_d_i    ({d_sym_d[4], d_sym_d[1:0]}),
    .sym_i      (code_sym),
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

  if (Chain) begin : gen_chain
    logic [4:0] d_rank, d_rank_q;
    logic [3:0] d_len;

    inflate_decode #(
      .Step(Step)
    ) u_decode (
      .bits_i     (look),
      .have_i     (have_step),
      .sym_i      (state_q == StSymbols),
      .dist_i     (state_q != StSymbols),
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
      .n_raw_o    (n_raw),
      .d_sym_o    (d_sym),
      .d_rank_o   (d_rank),
      .d_raw_o    (d_raw),
      .d_len_o    (d_len)
    );

    always_ff @(posedge clk_i) begin
      if (head_lens) d_rank_q <= d_rank;
    end
    assign code_sym  = d_syms[d_rank_q];
    assign d_sym_d   = code_sym;
    assign no_dist   = d_len == 4'd0;
    assign d_need_d  = no_dist ? 4'd1 : d_len;
    assign n_need_d  = '0;
    assign n_extra   = '0;
    assign n_extra_d = '0;
  end else begin : gen_slow
    logic [14:0] code;
    logic [3:0] n_len, d_len;
    logic [4:0] n_sym_now, n_sym_q, n_raw_q;
    logic literal;

    inflate_decode_slow u_decode (
      .clk_i,
      .sample_i   (!turn && state_q != StBlock),
      .rank_i     (go),
      .bits_i     (look[63-:15]),
      .fixed_i    (fixed),
      .ll_limit_i (ll_limit),
      .lit_limit_i(lit_limit),
      .n_delta_i  (n_delta),
      .n_sym_i    (n_syms),
      .n_extra_i  (n_extras),
      .d_limit_i  (d_limit),
      .d_delta_i  (d_delta),
      .d_sym_i    (d_syms),
      .n_need_d_o (n_need_d),
      .d_need_d_o (d_need_d),
      .n_extra_d_o(n_extra_d),
      .d_sym_d_o  (d_sym_d),
      .code_o     (code),
      .n_len_o    (n_len),
      .d_len_o    (d_len),
      .literal_o  (literal),
      .n_sym_o    (n_sym_now),
      .n_extra_o  (n_extra),
      .d_sym_o    (d_sym)
    );

    always_ff @(posedge clk_i) begin
      if (state_q == StLength && go) begin
        n_sym_q <= n_sym_now;
        n_raw_q <= look[63-:5];
      end
    end
    assign code_sym = d_sym;
    assign no_dist  = d_len == 4'd0;
    assign nlit     = {2'd0, state_q == StSymbols && literal};
    assign lit_code = code;
    assign lit_len  = n_len;
    assign lit_bits = '0;
    assign other    = 1'b0;
    assign need     = '0;
    // In StSymbols a code that does not exist; in StLength what the symbol was.
    assign bad_code = (state_q == StSymbols) ? n_len == 4'd0 : n_sym_now >= 5'd30;
    assign eob      = n_sym_now == 5'd0;
    assign bad_dist = d_sym >= 5'd30;
    assign n_sym    = n_sym_q;
    assign n_raw    = n_raw_q;
    assign d_raw    = look[63-:13];
  end

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
    .Slow     (!Chain),
    .PageBytes(PageBytes)
  ) u_expand (
    .clk_i,
    .rst_ni,
    .clear_i,
    .start_i     (start),
    .valid_i     (issue),
    .nlit_i      (nlit),
    .lit_code_i  (lit_code),
    .lit_len_i   (lit_len),
    .match_i     (issue_match),
    .n_sym_i     (n_sym),
    .n_raw_i     (n_raw),
    .d_sym_i     (d_sym),
    .d_raw_i     (d_raw),
    .fixed_i     (fixed),
    .lit_delta_i (lit_delta),
    .stored_i    (stored_valid ? stored_bytes : 5'd0),
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
    .Slow     (!Chain),
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
  logic look_empty, wide, wide_no;
  logic [3:0] narrow;  // bytes from the look-ahead

  // The bytes at hand: where they are, how many, and what keeps them from being taken. Known in the first cycle.
  typedef struct packed {
    logic       wide;
    logic [4:0] bytes;
    logic       none;    // not there yet
    logic       over;    // more than the page has room for
    logic       closed;  // steps before them are on their way
    logic       last;    // of the block
  } stored_t;
  stored_t stored_d, stored;

  assign look_empty = have[6:3] == '0;
  assign hold       = state_q == StStored && stored_left_q >= 16'd16 && !wide_no;
  assign wide       = hold && look_empty;
  always_comb begin
    narrow = (have[6:3] > 4'(TakeBytes)) ? 4'(TakeBytes) : have[6:3];
    if (stored_left_q < 16'(narrow)) narrow = stored_left_q[3:0];
    stored_d.wide   = wide;
    stored_d.bytes  = wide ? 5'd16 : 5'(narrow);
    stored_d.none   = wide ? !wide_valid : narrow == '0;
    stored_d.over   = 17'(pos) + 17'(stored_d.bytes) > 17'(PageBytes);
    stored_d.closed = exp_busy || !stored_ready;
    stored_d.last   = 16'(stored_d.bytes) == stored_left_q;
  end
  assign stored_bytes = stored.bytes;
  assign stored_data  = stored.wide ? wide_data : {64'd0, look_plain};

  // ---------------------------------------------------------------- the item at hand
  logic [6:0]
      want, item, have_item;  // its bits; bits to take; bits that there were when they were counted

  always_comb begin
    want = '0;
    unique case (state_q)
      // A stored block begins at a byte boundary.
      StBlock: want = 7'd3 + ((plain[2:1] == 2'd0) ? 7'(3'(have[2:0] - 3'd3)) : 7'd0);
      StStoredLen, StStoredNot: want = 7'd16;
      StStored: want = {narrow, 3'b000};
      StHeader: want = 7'(head_want);
      StSymbols: want = Chain ? need : 7'(n_need_d);
      StLength: want = (n_extra_d != 3'd0) ? 7'(n_extra_d) : 7'(d_need_d);
      StDist: want = 7'(d_need_d);
      StDistExtra: want = 7'(inflate_pkg::dist_extra(d_sym_d));
      default: ;
    endcase
  end

  if (Chain) begin : gen_one_cycle
    assign turn      = 1'b1;
    assign shift     = 1'b1;
    assign item      = want;
    assign have_item = have;
    assign last_item = last;
    assign stored    = stored_d;
    assign wide_no   = wide_short;
    logic unused_head;
    assign unused_head = &{head_pre, head_reads};
  end else begin : gen_two_cycles
    logic turn_q, last_q, wide_no_q;
    logic [6:0] want_q, have_q;
    stored_t stored_q;
    // The states that take bits; the first of their two cycles comes first. Fields of a known size go on with the
    // second, while they last.
    logic reads, more;
    assign more = head_pre && !cut && !look_empty;
    always_comb begin
      unique case (state_q)
        StBlock:               reads = have != '0 || last;
        StHeader:              reads = head_reads;
        StEnd, StDone, StDrop: reads = 1'b0;
        default:               reads = 1'b1;
      endcase
    end
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) turn_q <= 1'b0;
      else turn_q <= reads && (!turn_q || more) && !fail && !clear_i;
    end
    always_ff @(posedge clk_i) begin
      if (reads && !turn_q) begin
        want_q    <= want;
        have_q    <= have;
        last_q    <= last;
        stored_q  <= stored_d;
        wide_no_q <= wide_short;
      end
    end
    assign turn      = turn_q;
    assign shift     = turn_q;
    assign item      = want_q;
    assign have_item = have_q;
    assign last_item = last_q;
    assign stored    = stored_q;
    assign wide_no   = wide_no_q;
  end
  assign cut = have_item < item;

  // ---------------------------------------------------------------- the bound
  // Cycles that the packet may still take: some to begin with, more for every bit of the look-ahead, one less in
  // each cycle in which no port waits for the other side. Above half of its range it takes no more.
  localparam int unsigned CyclesPerBit = Chain ? 4 : 6;
  localparam int unsigned FirstCycles = (Chain ? 1 : 2) * PageBytes + 2 * (PageBytes / BlockBytes) + 64;
  localparam int unsigned CreditBits = 20;
  logic [CreditBits-1:0] credit_q;
  logic [6:0] taken_q;
  logic active, waits, runaway_q;

  assign waits = (in_ready_o && !in_valid_i) || (res_valid_o && !res_ready_i) || (out_valid_o && !out_ready_i);
  assign active = state_q != StDone && state_q != StDrop;
  assign runaway = runaway_q && active;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      credit_q  <= CreditBits'(FirstCycles);
      taken_q   <= '0;
      runaway_q <= 1'b0;
    end else if (clear_i || next) begin
      credit_q  <= CreditBits'(FirstCycles);
      taken_q   <= '0;
      runaway_q <= 1'b0;
    end else begin
      taken_q   <= go ? take : '0;
      runaway_q <= credit_q == '0;
      if (active && credit_q != '0) begin
        credit_q <= credit_q + (credit_q[CreditBits-1] ? '0 : CreditBits'(CyclesPerBit * taken_q)) -
            CreditBits'(!waits);
      end
    end
  end

  // ---------------------------------------------------------------- the controller
  assign head_fixed   = state_q == StBlock && turn && !cut && plain[2:1] == 2'd1;
  assign head_dynamic = state_q == StBlock && turn && !cut && plain[2:1] == 2'd2;

  always_comb begin
    state_d      = state_q;
    fail         = 1'b0;
    fail_status  = InflateTruncated;
    take         = item;
    go           = 1'b0;
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
        if (turn) begin
          if (cut) begin
            fail = last_item;
          end else begin
            go      = 1'b1;
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
      end
      StStoredLen: begin
        if (turn) begin
          if (have_item < 7'd32) begin
            fail = last_item;
          end else begin
            go      = 1'b1;
            state_d = StStoredNot;
          end
        end
      end
      StStoredNot: begin
        if (turn) begin
          go      = 1'b1;
          state_d = StStored;
          if (plain != ~stored_left_q) begin
            fail        = 1'b1;
            fail_status = InflateBadStoredLen;
          end
        end
      end
      StStored: begin
        if (turn) begin
          if (stored_left_q == '0) begin
            state_d = final_q ? StEnd : StBlock;
          end else if (!stored.closed) begin
            if (stored.none) begin
              fail = last_item && !stored.wide;
            end else if (stored.over) begin
              fail        = 1'b1;
              fail_status = InflateTooLong;
            end else begin
              stored_valid = 1'b1;
              wide_take    = stored.wide;
              go           = !stored.wide;
              if (stored.last) state_d = final_q ? StEnd : StBlock;
            end
          end
        end
      end
      StHeader: begin
        go = head_go;
        if (head_fail) begin
          fail        = 1'b1;
          fail_status = head_status;
        end else if (!head_busy) begin
          state_d = StSymbols;
        end
      end
      StSymbols: begin
        if (turn && exp_room) begin
          if (!Chain) begin
            if (cut) begin
              fail = last_item;
            end else begin
              go    = 1'b1;
              issue = nlit != '0;
              if (bad_code) begin
                fail        = 1'b1;
                fail_status = InflateBadLitLenCode;
              end else if (nlit == '0) begin
                state_d = StLength;
              end
            end
          end else if (other && need <= have_step && !bad_code && !bad_dist && !eob) begin
            issue       = 1'b1;
            issue_match = 1'b1;
            go          = 1'b1;
          end else if (nlit != '0) begin
            issue = 1'b1;
            go    = 1'b1;
            take  = lit_bits;
          end else if (cut) begin
            fail = last_item;
          end else if (bad_code) begin
            fail        = 1'b1;
            fail_status = InflateBadLitLenCode;
          end else if (eob) begin
            go      = 1'b1;
            state_d = final_q ? StEnd : StBlock;
          end else begin
            fail        = 1'b1;
            fail_status = InflateBadDistCode;
          end
        end
      end
      StLength, StDist: begin
        if (turn) begin
          if (state_q == StLength && bad_code) begin
            fail        = 1'b1;
            fail_status = InflateBadLitLenCode;
          end else if (state_q == StLength && eob) begin
            state_d = final_q ? StEnd : StBlock;
          end else if (cut) begin
            fail = last_item;
          end else begin
            go      = 1'b1;
            state_d = StDistExtra;
            if (state_q == StLength && n_extra != 3'd0) begin
              state_d = StDist;
            end else if (no_dist) begin
              fail        = 1'b1;
              fail_status = InflateBadDistCode;
            end
          end
        end
      end
      StDistExtra: begin
        // There is room: nothing was issued since the step began.
        if (turn) begin
          if (bad_dist) begin
            fail        = 1'b1;
            fail_status = InflateBadDistCode;
          end else if (cut) begin
            fail = last_item;
          end else begin
            go          = 1'b1;
            issue       = 1'b1;
            issue_match = 1'b1;
            state_d     = StSymbols;
          end
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
          if (last) begin
            next    = 1'b1;
            start   = 1'b1;
            state_d = StBlock;
          end
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
      // Good once the item is.
      StBlock:     final_q <= plain[0];
      StStoredLen: stored_left_q <= plain;
      StStored:    if (stored_valid) stored_left_q <= stored_left_q - 16'(stored_bytes);
      default:     ;
    endcase
  end

  `SL_ASSERT(StoredHasRoom, !stored_valid || stored_ready)
  `SL_ASSERT(IssueHasRoom, !issue || exp_room)
  `SL_ASSERT(NoErrorAtBlock, state_q != StBlock || !exp_err)
  `SL_ASSERT(LensInHeader, !head_lens || state_q == StHeader)
  `SL_ASSERT(TakesWhatIsThere, !go || take <= have)

endmodule
