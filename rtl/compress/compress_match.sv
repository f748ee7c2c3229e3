// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Finds the matches of one page: the links of compress_links are followed over at most a number of
// candidates a position, and the longest match is taken unless the next position has a better one
// (lazy by one). At the best level that only counts; then every position is searched from the end
// to the beginning, deeper, and compress_optimal chooses.
//
// Protocol: a page is taken in 256 beats while load_ready_o holds; its tokens come out of entry_*
//           (compress_pkg::entry_t and literals), the last of the page with `last`.
// Pipeline: fetch (bytes and links of the next position) -> issue (one candidate a cycle) ->
//           compare (Bytes bytes) -> best of the position -> decision. Positions are looked up one
//           behind the other until a match is taken; what is behind it in the pipeline is dropped.
// Rate:     about a byte a cycle, at the best level a fifth; a lane runs several side by side.
// Rules:    candidates are compared over Bytes bytes; one that is equal over all of them ends the
//           search and is followed on, as many at a time, up to 258; backwards it is kept as long
//           as the bytes in front are equal too. Behind a position whose best match has GoodLen
//           bytes a quarter of the candidates is tried, as in the pass that only counts. The
//           result does not depend on any timing. clear_i drops everything; busy_o while heads
//           are wiped.
module compress_match
  import compress_pkg::*;
#(
  parameter int unsigned Step = 4,
  parameter int unsigned Depth = 16,  // candidates a position at the default level
  parameter int unsigned DepthBest = 16,  // and at the best level
  parameter int unsigned Sets = 4096,
  parameter int unsigned Bytes = 16,  // compared a cycle
  parameter int unsigned FifoDepth = 1024,
  localparam int unsigned TokW = EntryW + 8 * Step
) (
  input  logic                           clk_i,
  input  logic                           rst_ni,
  input  logic                           clear_i,
  output logic                           busy_o,
  input  sealift_pkg::level_e            level_i,
  input  logic                           load_valid_i,
  output logic                           load_ready_o,
  input  logic                [   127:0] load_data_i,
  output logic                           entry_valid_o,
  input  logic                           entry_ready_i,
  output logic                [TokW-1:0] entry_o
);
  typedef enum logic [3:0] {
    StLoad,
    StRun,
    StExtRead,   // a long match: read the next bytes of both sides
    StExtCmp,
    StExtDone,
    StTurn,      // the first pass of the best level has ended
    StBackRead,  // backwards, a long match: read the bytes in front of both sides
    StBackCmp,
    StBackPut,   // tell of them
    StWalk,
    StEnd
  } state_e;

  localparam int unsigned Few = (Depth + 3) / 4;

  state_e state_q;
  sealift_pkg::level_e level_q, level;
  logic best, back_q;  // the best level; its second pass
  logic [7:0] depth;
  logic [8:0] beat_q;
  logic load, links_busy, links_idle;
  logic [12:0] built;

  assign level = (beat_q == '0) ? level_i : level_q;
  assign best  = level_q == sealift_pkg::LevelBest;
  assign depth = back_q ? 8'(DepthBest) : best ? 8'(Few) : 8'(Depth);

  // ---- page, twice: where the position is, and where candidates are
  logic cur_re, cand_re, links_re;
  logic [11:0] cur_addr, cand_addr, links_addr;
  logic [8*Bytes-1:0] cur_data, cand_data;

  assign load_ready_o = state_q == StLoad && !links_busy && (links_idle || beat_q != '0);
  assign load         = load_valid_i && load_ready_o;
  assign busy_o       = links_busy;

  compress_page #(
    .Bytes(Bytes)
  ) u_current (
    .clk_i,
    .we_i   (load),
    .waddr_i(beat_q[7:0]),
    .wdata_i(load_data_i),
    .re_i   (links_re || cur_re),
    .addr_i (links_re ? links_addr : cur_addr),
    .data_o (cur_data)
  );
  compress_page #(
    .Bytes(Bytes)
  ) u_candidate (
    .clk_i,
    .we_i   (load),
    .waddr_i(beat_q[7:0]),
    .wdata_i(load_data_i),
    .re_i   (cand_re),
    .addr_i (cand_addr),
    .data_o (cand_data)
  );

  logic first_re, next_re;
  logic [11:0] three, first, next_addr, next;

  compress_links #(
    .Sets (Sets),
    .Bytes(Bytes)
  ) u_links (
    .clk_i,
    .rst_ni,
    .clear_i,
    .busy_o      (links_busy),
    .start_i     (load && beat_q == '0),
    .idle_o      (links_idle),
    .beats_i     (beat_q),
    .built_o     (built),
    .page_re_o   (links_re),
    .page_addr_o (links_addr),
    .page_data_i (cur_data),
    .first_re_i  (first_re),
    .first_addr_i(cur_addr),
    .three_o     (three),
    .first_o     (first),
    .next_re_i   (next_re),
    .next_addr_i (next_addr),
    .next_o      (next)
  );

  logic walk_re, walk_lit, walk_match, walk_done, entries_room;
  logic [11:0] walk_addr, walk_dist;
  logic [8:0] walk_len;
  logic counts;  // the first pass of the best level
  logic [7:0] out_byte;
  logic [8:0] out_len;
  logic [11:0] out_dist;
  optimal_item_t item;
  logic item_valid, item_room, b_valid_q;

  // ---- decision on a position (last stage, first here: it steers the others)
  logic res_valid_q, pend_q, room, stall, good, longer, at_once, flush, page_end;
  logic [12:0] res_pos_q, after;
  logic [8:0] res_len_q, pend_len_q;
  logic [11:0] res_cand_q, pend_dist_q, res_dist;
  logic [7:0] res_byte_q, pend_byte_q;
  logic [3:0] res_log, pend_log_q;
  logic put_lit, put_match, put_then, decide;

  assign res_dist  = res_pos_q[11:0] - res_cand_q;
  // A match of three far back costs more than its literals.
  assign good      = res_len_q > 9'd3 || (res_len_q == 9'd3 && res_dist < FarOfThree);
  assign longer    = good && (!pend_q || worth_more(res_len_q, res_log, pend_len_q, pend_log_q));
  assign res_log   = log2_dist(res_dist);
  assign at_once   = longer && res_len_q >= LazyMax;
  assign stall     = back_q ? b_valid_q && !item_room : res_valid_q && !room;
  assign decide    = res_valid_q && room;
  assign put_lit   = decide && (longer ? pend_q : !pend_q);
  assign put_match = decide && pend_q && !longer;
  assign put_then  = decide && at_once;
  assign flush     = put_match || put_then;
  assign after     = put_match ? res_pos_q - 13'd1 + 13'(pend_len_q) : res_pos_q + 13'(res_len_q);
  assign page_end  = flush ? after[12] : (put_lit && !longer && res_pos_q == 13'd4095);

  // ---- fetch: bytes and first link of the next position
  logic f1_valid_q, n_valid_q, src_valid, src_has, take, fe_room, fetch;
  logic [12:0] fe_pos_q, fe_pos, f1_pos_q, n_pos_q, src_pos;
  logic [8*Bytes-1:0] n_bytes_q, src_bytes;
  logic [11:0] n_three_q, n_first_q, src_three, src_first;
  logic ext_re, restart, back_re;

  assign fe_pos = flush ? after : fe_pos_q;
  assign fe_room = flush || !(f1_valid_q || n_valid_q) || take;
  assign fetch     = state_q == StRun && fe_room && !links_re && !fe_pos[12] &&
                     (fe_pos > 13'd4093 || built > fe_pos);
  assign cur_re = fetch || ext_re || back_re || walk_re;
  assign first_re = fetch && fe_pos <= 13'd4093;
  assign src_valid = f1_valid_q || n_valid_q;
  assign src_pos = n_valid_q ? n_pos_q : f1_pos_q;
  assign src_bytes = n_valid_q ? n_bytes_q : cur_data;
  assign src_three = n_valid_q ? n_three_q : three;
  assign src_first = n_valid_q ? n_first_q : first;
  assign src_has = src_pos <= 13'd4093 && src_three != src_pos[11:0];

  // ---- issue: a candidate of the position, or the next position; compare: the bytes have come
  logic c_valid_q, c_has_q, more, kill, hit, quit;
  logic [12:0] c_pos_q, c_rest;
  logic [8*Bytes-1:0] c_bytes_q;
  logic [11:0] c_cand_q, c_next, c_from;
  logic c_apart_q;
  logic [11:0] c_first_q;
  logic [7:0] c_idx_q;
  logic [4:0] c_len, c_room;

  assign kill   = flush || hit || state_q != StRun;
  assign c_next = c_apart_q ? c_first_q : next;
  assign c_from = c_apart_q ? c_pos_q[11:0] : c_cand_q;  // linked to itself: the chain ends
  assign more   = c_valid_q && c_has_q && c_next != c_from && c_idx_q + 8'd1 != depth && !quit;
  assign take   = state_q == StRun && !stall && !kill && !more && src_valid;

  assign c_rest = 13'd4096 - c_pos_q;
  assign c_room = (c_rest > 13'(Bytes)) ? 5'(Bytes) : c_rest[4:0];

  // Equal bytes from the front and from the back.
  logic [Bytes-1:0] same;
  logic [4:0] same_back;
  always_comb begin
    for (int i = 0; i < Bytes; i++) begin
      same[i] = cand_data[8*i+:8] == ((state_q == StRun) ? c_bytes_q[8*i+:8] : cur_data[8*i+:8]);
    end
    c_len = 5'(Bytes);
    for (int i = Bytes - 1; i >= 0; i--) if (!same[i]) c_len = 5'(i);
    same_back = 5'(Bytes);
    for (int i = 0; i < Bytes; i++) if (!same[i]) same_back = 5'(Bytes - 1 - i);
    if (state_q == StRun && c_len > c_room) c_len = c_room;
    if (state_q == StRun && !c_has_q) c_len = '0;
  end

  // ---- best of the position
  logic b_last_q, b_skip_q, b_first, b_final, b_active;
  logic [12:0] b_pos_q;
  logic [11:0] b_cand_q, best_cand_q, best_cand;
  logic [7:0] b_idx_q, b_byte_q, b_limit;
  logic [4:0] b_len_q;
  logic [8:0] best_len_q, best_len;

  assign b_first  = b_idx_q == '0;
  assign b_active = b_valid_q && !stall && !flush && (b_first || !b_skip_q);
  assign b_limit  = (!back_q && res_len_q >= GoodLen) ? 8'(Few) : depth;
  assign hit      = b_active && b_len_q == 5'(Bytes);
  // The position needs no more candidates: those on their way are skipped.
  assign quit     = b_valid_q && b_pos_q == c_pos_q && (b_final || (b_skip_q && !b_first));
  always_comb begin
    best_len  = b_first ? '0 : best_len_q;
    best_cand = best_cand_q;
    if (9'(b_len_q) > best_len) begin
      best_len  = 9'(b_len_q);
      best_cand = b_cand_q;
    end
  end
  assign b_final = b_last_q || b_idx_q + 8'd1 >= b_limit;

  // ---- a long match
  logic [8:0] x_len_q, x_sum, x_most, x_fin;
  logic [12:0] x_rest;
  logic x_done;

  assign ext_re  = state_q == StExtRead && !links_re;
  assign x_rest  = 13'd4096 - b_pos_q;
  assign x_sum   = x_len_q + 9'(c_len);
  assign x_most  = (x_rest > 13'(MaxMatch)) ? MaxMatch : 9'(x_rest);
  assign x_fin   = (x_sum > x_most) ? x_most : x_sum;
  assign x_done  = c_len != 5'(Bytes) || x_fin == x_most;
  assign restart = state_q == StExtDone && !(back_q && !item_room);

  // ---- backwards: what compress_optimal is told
  logic longest, back_end, turn;
  logic [12:0] y_pos_q, y_cand_q;  // the position in front, and its match's
  logic [8*Bytes-1:0] y_bytes_q;
  logic [4:0] y_left_q, y_count;
  logic y_full_q;

  assign back_re = state_q == StBackRead && !y_cand_q[12];
  assign back_end = (state_q == StBackRead && y_cand_q[12]) ||
                    (state_q == StBackCmp && y_count == '0) ||
                    (state_q == StBackPut && item_room && y_left_q == 5'd1 && !y_full_q);
  assign turn = state_q == StTurn && links_idle;

  assign y_count = (13'(same_back) > y_cand_q + 13'd1) ? 5'(y_cand_q + 13'd1) : same_back;
  assign longest = b_len_q >= 5'd3 && (b_first || 9'(b_len_q) > best_len_q);

  always_comb begin
    item = '{
        lit: b_first,
        lit_byte: b_byte_q,
        match: longest && !hit,
        long_match: 1'b0,
        from : (b_first || best_len_q < 9'd3) ? 4'd3 : best_len_q[3:0] + 4'd1,
        len: 9'(b_len_q),
        distance: b_pos_q[11:0] - b_cand_q
    };
    item_valid = back_q && b_active && (b_first || (longest && !hit));
    if (state_q == StExtDone || state_q == StBackPut) begin
      item.lit        = state_q == StBackPut;
      item.lit_byte   = y_bytes_q[8*Bytes-1-:8];
      item.match      = 1'b1;
      item.long_match = 1'b1;
      item.len        = x_len_q;
      item_valid      = back_q;
    end
  end

  always_comb begin
    cur_addr  = fe_pos[11:0];
    cand_re   = 1'b0;
    cand_addr = more ? c_next : src_three;
    next_re   = 1'b0;
    next_addr = cand_addr;
    if (state_q == StExtRead) begin
      cur_addr  = b_pos_q[11:0] + 12'(x_len_q);
      cand_re   = 1'b1;
      cand_addr = b_cand_q + 12'(x_len_q);
    end else if (state_q == StBackRead) begin
      cur_addr  = y_pos_q[11:0] - 12'(Bytes - 1);
      cand_re   = 1'b1;
      cand_addr = y_cand_q[11:0] - 12'(Bytes - 1);
    end else if (state_q == StWalk) begin
      cur_addr = walk_addr;
    end else if (!stall && !kill && (more || (take && src_has))) begin
      cand_re = 1'b1;
      next_re = 1'b1;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q     <= StLoad;
      beat_q      <= '0;
      f1_valid_q  <= 1'b0;
      n_valid_q   <= 1'b0;
      c_valid_q   <= 1'b0;
      b_valid_q   <= 1'b0;
      res_valid_q <= 1'b0;
    end else if (clear_i) begin
      state_q     <= StLoad;
      beat_q      <= '0;
      f1_valid_q  <= 1'b0;
      n_valid_q   <= 1'b0;
      c_valid_q   <= 1'b0;
      b_valid_q   <= 1'b0;
      res_valid_q <= 1'b0;
    end else begin
      if (load) beat_q <= beat_q + 1'b1;
      f1_valid_q <= fetch;
      n_valid_q  <= src_valid && !take && !kill;
      if (!stall) begin
        c_valid_q   <= !kill && (more || take);
        b_valid_q   <= c_valid_q && !kill;
        res_valid_q <= !back_q && ((b_active && !hit && b_final) || restart);
      end
      unique case (state_q)
        StLoad:    if (load && beat_q == 9'd255) state_q <= StRun;
        StRun: begin
          if (page_end) state_q <= best ? StTurn : StEnd;
          else if (hit) state_q <= StExtRead;
          else if (back_q && fe_pos_q[12] && !src_valid && !c_valid_q && !b_valid_q) begin
            state_q <= StWalk;
          end
        end
        StExtRead: if (!links_re) state_q <= StExtCmp;
        StExtCmp:  state_q <= x_done ? StExtDone : StExtRead;
        StExtDone: if (restart) state_q <= back_q ? StBackRead : StRun;
        StTurn:    if (links_idle) state_q <= StRun;
        StBackRead: state_q <= back_end ? StRun : StBackCmp;
        StBackCmp:  state_q <= back_end ? StRun : StBackPut;
        StBackPut: begin
          if (back_end) state_q <= StRun;
          else if (item_room && y_left_q == 5'd1) state_q <= StBackRead;
        end
        StWalk:    if (walk_done) state_q <= StEnd;
        StEnd: begin
          if (entries_room && links_idle) begin
            state_q <= StLoad;
            beat_q  <= '0;
          end
        end
        default:   state_q <= StLoad;
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    if (load && beat_q == '0) level_q <= level_i;
    // fetch
    if (fetch) begin
      f1_pos_q <= fe_pos;
      fe_pos_q <= back_q ? fe_pos - 13'd1 : fe_pos + 13'd1;
    end else if (flush) begin
      fe_pos_q <= after;
    end else if (restart) begin
      fe_pos_q <= b_pos_q + 13'd1;
    end else if (turn) begin
      fe_pos_q <= 13'd4095;
    end else if (back_end) begin
      fe_pos_q <= (state_q == StBackPut) ? y_pos_q - 13'd1 : y_pos_q;
    end
    if (f1_valid_q && !n_valid_q) begin
      n_pos_q   <= f1_pos_q;
      n_bytes_q <= cur_data;
      n_three_q <= three;
      n_first_q <= first;
    end
    // issue
    if (!stall) begin
      if (take) begin
        c_pos_q   <= src_pos;
        c_bytes_q <= src_bytes;
        c_has_q   <= src_has;
        c_idx_q   <= '0;
        c_cand_q  <= src_three;
        // The nearest of three bytes comes first, unless the chain begins with it.
        c_apart_q <= src_three != src_first;
        c_first_q <= src_first;
      end else if (more) begin
        c_cand_q  <= c_next;
        c_apart_q <= 1'b0;
        c_idx_q   <= c_idx_q + 1'b1;
      end
      // compare
      if (c_valid_q && !kill) begin
        b_pos_q  <= c_pos_q;
        b_cand_q <= c_cand_q;
        b_idx_q  <= c_idx_q;
        b_byte_q <= c_bytes_q[7:0];
        b_len_q  <= c_len;
        b_last_q <= !more;
      end
      // best
      if (b_active) begin
        b_skip_q    <= b_final;
        best_len_q  <= best_len;
        best_cand_q <= best_cand;
        if (!hit && b_final) begin
          res_pos_q  <= b_pos_q;
          res_len_q  <= best_len;
          res_cand_q <= best_cand;
          res_byte_q <= b_byte_q;
        end
      end
    end
    if (hit) x_len_q <= 9'(Bytes);
    if (state_q == StExtCmp) x_len_q <= x_fin;
    if (restart && !back_q) begin
      res_pos_q  <= b_pos_q;
      res_len_q  <= x_len_q;
      res_cand_q <= b_cand_q;
      res_byte_q <= b_byte_q;
    end
    // backwards
    if (state_q == StLoad) back_q <= 1'b0;
    else if (turn) back_q <= 1'b1;
    if (restart) begin
      y_pos_q  <= b_pos_q - 13'd1;
      y_cand_q <= {1'b0, b_cand_q} - 13'd1;
    end
    if (state_q == StBackCmp) begin
      y_bytes_q <= cur_data;
      y_left_q  <= y_count;
      y_full_q  <= y_count == 5'(Bytes);
    end
    if (state_q == StBackPut && item_room) begin
      y_bytes_q <= {y_bytes_q[8*Bytes-9:0], 8'd0};
      y_left_q  <= y_left_q - 5'd1;
      y_pos_q   <= y_pos_q - 13'd1;
      y_cand_q  <= y_cand_q - 13'd1;
    end
    if ((restart && back_q) || state_q == StBackPut && item_room) begin
      if (x_len_q != MaxMatch) x_len_q <= x_len_q + 9'd1;
    end
    // decision
    if (decide) begin
      pend_q      <= longer && !at_once;
      pend_len_q  <= res_len_q;
      pend_dist_q <= res_dist;
      pend_log_q  <= res_log;
      pend_byte_q <= res_byte_q;
    end
    if (flush) res_len_q <= '0;
    if (state_q == StLoad) begin
      fe_pos_q  <= '0;
      pend_q    <= 1'b0;
      res_len_q <= '0;
    end
  end

  // ---- the second pass of the best level

  assign counts = best && state_q != StWalk && state_q != StEnd;
  assign room = entries_room || counts;
  assign out_byte = pend_q ? pend_byte_q : res_byte_q;
  assign out_len = put_match ? pend_len_q : res_len_q;
  assign out_dist = put_match ? pend_dist_q : res_dist;

  compress_optimal u_optimal (
    .clk_i,
    .rst_ni,
    .clear_i,
    .wipe_i      (load && level == sealift_pkg::LevelBest),
    .wipe_addr_i (beat_q[7:0]),
    .lit_i       (put_lit && best),
    .byte_i      (out_byte),
    .match_i     ((put_match || put_then) && best),
    .len_i       (out_len),
    .dist_i      (out_dist),
    .start_i     (turn),
    .item_valid_i(item_valid),
    .item_ready_o(item_room),
    .item_i      (item),
    .page_re_o   (walk_re),
    .page_addr_o (walk_addr),
    .ready_i     (entries_room),
    .lit_o       (walk_lit),
    .match_o     (walk_match),
    .len_o       (walk_len),
    .dist_o      (walk_dist),
    .done_o      (walk_done)
  );

  compress_entries #(
    .Step     (Step),
    .FifoDepth(FifoDepth)
  ) u_entries (
    .clk_i,
    .rst_ni,
    .clear_i,
    .ready_o(entries_room),
    .lit_i  (best ? walk_lit : put_lit),
    .byte_i (best ? cur_data[7:0] : out_byte),
    .match_i(best ? walk_match : put_match),
    .then_i (put_then && !best),
    .len_i  (best ? walk_len : out_len),
    .dist_i (best ? walk_dist : out_dist),
    .end_i  (state_q == StEnd && entries_room && links_idle),
    .entry_valid_o,
    .entry_ready_i,
    .entry_o
  );

endmodule
