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
// Pipeline: fetch (bytes and links of the next position) -> issue (one candidate a cycle: its link
//           and its bytes are read) -> bytes -> compare (Bytes bytes) -> best of the position ->
//           decision. While a match waits for what the next position has (lazy by one), what
//           follows that position in the pipeline is dropped and the positions behind the match
//           are fetched: the next position seldom has a better one.
// Rate:     about a byte a cycle, at the best level a fifth; a lane runs several side by side.
// Rules:    candidates are compared over Bytes bytes; one that is equal over all of them ends the
//           search and is followed on, as many at a time, up to 258; backwards it is kept as long
//           as the bytes in front are equal too. Behind a position whose best match has GoodLen
//           bytes a quarter of the candidates is tried, as in the pass that only counts; the first
//           position behind a match has them all. The result does not depend on any timing.
//           clear_i drops everything; busy_o while heads are wiped.
module compress_match
  import compress_pkg::*;
#(
  parameter int unsigned Step = 4,
  parameter int unsigned Depth = 16,  // candidates a position at the default level
  parameter int unsigned DepthBest = 16,  // and at the best level
  parameter int unsigned Sets = 4096,
  parameter int unsigned Bytes = 16,  // compared a cycle
  parameter int unsigned FifoDepth = 1024,
  parameter bit SlowWalk = 1'b0,  // see compress_optimal
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
    StExt,       // a long match: the next bytes of both sides are read and compared
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
  logic load, start_q, links_busy, links_idle;
  logic [12:0] built;

  assign level = (beat_q == '0) ? level_i : level_q;
  assign best  = level_q == sealift_pkg::LevelBest;
  assign depth = back_q ? 8'(DepthBest) : best ? 8'(Few) : 8'(Depth);

  // ---- page, twice: where the position is, and where candidates are
  logic cur_re, cand_re, links_re;
  logic [11:0] cur_addr, cand_addr, links_addr;
  logic [8*Bytes-1:0] cur_data, cur_line, cand_data, unused_line;

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
    .line_o (cur_line),
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
    .line_o (unused_line),
    .data_o (cand_data)
  );

  logic first_re, next_re, next_is, links_may;
  logic [11:0] three, first, next_addr, next;

  compress_links #(
    .Sets (Sets),
    .Bytes(Bytes)
  ) u_links (
    .clk_i,
    .rst_ni,
    .clear_i,
    .busy_o      (links_busy),
    .start_i     (start_q),
    .idle_o      (links_idle),
    .beats_i     (beat_q),
    .built_o     (built),
    .page_re_o   (links_re),
    .page_ready_i(links_may),
    .page_addr_o (links_addr),
    .page_data_i (cur_line),
    .first_re_i  (first_re),
    .first_addr_i(cur_addr),
    .three_o     (three),
    .first_o     (first),
    .next_re_i   (next_re),
    .next_addr_i (next_addr),
    .next_is_o   (next_is),
    .next_o      (next)
  );

  logic walk_re, walk_lit, walk_match, walk_done, entries_ready;
  logic [11:0] walk_addr, walk_dist;
  logic [8:0] walk_len;
  logic [$clog2(FifoDepth+4)-1:0] entries_used;
  logic counts;  // the first pass of the best level
  logic end_page;
  optimal_item_t item;
  logic item_valid, item_ready;
  logic [4:0] items_used;
  logic wipe_q;
  logic [7:0] wipe_addr_q;
  logic room_q;  // for what all the pipeline may tell

  // ---- decision on a position (last stage, first here: it steers the others)
  // long: GoodLen bytes; `last` is the position before
  logic res_long_q, last_long_q;
  logic res_valid_q, res_good_q, pend_q, longer, at_once, decide, page_end, match_end_q;
  logic [12:0] res_pos_q, res_end;
  logic [8:0] res_len_q, pend_len_q;
  logic [11:0] res_dist_q, pend_dist_q;
  logic [7:0] res_byte_q, pend_byte_q;
  logic [3:0] res_log_q, pend_log_q;
  logic put_lit_q, put_match_q, put_then_q;  // what goes out
  logic put_lit, put_match, put_then, wait_first, wait_next, flush_q, again_q, drop_q;
  logic [12:0] pend_end_q;  // the position behind the match that waits
  logic [12:0] next_pos_q;  // behind the last one decided

  assign decide = res_valid_q && !flush_q;
  assign longer = res_good_q && (!pend_q || worth_more(
      res_len_q, res_log_q, pend_len_q, pend_log_q
  ));
  assign at_once = longer && res_len_q >= LazyMax;
  assign put_lit = decide && (longer ? pend_q : !pend_q);
  assign put_match = decide && pend_q && !longer;
  assign put_then = decide && at_once;
  assign wait_first = decide && longer && !at_once && !pend_q;
  assign wait_next = decide && longer && !at_once && pend_q;
  assign res_end = res_pos_q + 13'(res_len_q);
  // A cycle behind the decision; nothing follows it in the pipeline then.
  assign page_end   = match_end_q || (put_then_q && pend_end_q[12]) ||
                      (put_lit_q && !put_then_q && !pend_q && next_pos_q[12]);

  // While a match waits only the position next to it stays: a few positions, told apart by three bits.
  function automatic logic stays(logic [2:0] pos, logic drop, logic [2:0] keep);
    return !drop || pos == keep;
  endfunction

  // ---- fetch: bytes and first link of the next position
  logic f_valid_q, f_valid, n_valid_q, n_valid, src_valid, src_has, src_fresh, fetch;
  logic jump_q, fe_fresh_q, f_fresh_q, n_fresh_q;  // fresh: the first position behind a match
  logic [12:0] fe_pos_q, f_pos_q, n_pos_q, src_pos;
  logic [8*Bytes-1:0] n_bytes_q;
  logic [11:0] n_three_q, n_first_q, src_three, src_first;
  logic ext_re, restart, back_re;

  assign fetch = state_q == StRun && !flush_q && !drop_q && !(f_valid_q && n_valid_q) && !links_re && !fe_pos_q[12] &&
                 (fe_pos_q > 13'd4093 || built > fe_pos_q);
  assign cur_re = fetch || ext_re || back_re || walk_re;
  assign first_re = fetch && fe_pos_q <= 13'd4093;
  assign links_may = !(f_valid_q && n_valid_q);
  assign f_valid = f_valid_q && stays(f_pos_q[2:0], drop_q, next_pos_q[2:0]);
  assign n_valid = n_valid_q && stays(n_pos_q[2:0], drop_q, next_pos_q[2:0]);
  assign src_valid = f_valid || n_valid;
  assign src_pos = n_valid_q ? n_pos_q : f_pos_q;
  assign src_fresh = n_valid_q ? n_fresh_q : f_fresh_q;
  assign src_three = n_valid_q ? n_three_q : three;
  assign src_first = n_valid_q ? n_first_q : first;
  assign src_has = src_pos <= 13'd4093 && src_three != NoLink;

  // ---- issue: a candidate of the position, or the next position
  logic c_valid_q, c_valid, c_has_q, c_go, c_few, quit_q;
  logic c_only_q, c_ends, c_end_q, more;  // the chain ends, or enough were tried
  logic turnover, take;  // the next position comes in; unless all is dropped
  logic kill, hit;
  logic [12:0] c_pos_q;
  logic c_taken_q;
  logic [8*Bytes-1:0] c_bytes_q;
  logic [11:0] c_cand_q, c_next;
  logic c_apart_q, c_fresh_q;
  logic [11:0] c_first_q;
  logic [ 7:0] c_idx_q;

  assign kill     = flush_q || hit || state_q != StRun;
  assign c_valid  = c_valid_q && stays(c_pos_q[2:0], drop_q, next_pos_q[2:0]);
  assign c_go     = c_valid && room_q && !kill;
  assign c_next   = c_apart_q ? c_first_q : next;
  assign c_ends   = c_apart_q ? c_only_q : !next_is;
  assign more     = c_valid && c_has_q && !c_ends && !c_end_q && !quit_q;
  assign c_few    = last_long_q && !back_q && !c_fresh_q && c_pos_q == next_pos_q;
  assign turnover = src_valid && (!c_valid || (room_q && !more));
  assign take     = turnover && !kill;

  // ---- bytes of the candidate
  logic p_valid_q, p_has_q, p_last_q, p_fresh_q;
  logic [12:0] p_pos_q, p_rest;
  logic [11:0] p_cand_q;
  logic [ 7:0] p_idx_q;

  assign p_rest = 13'd4096 - p_pos_q;

  // ---- compare
  logic d_valid_q, d_last_q, d_fresh_q;
  logic [12:0] d_pos_q;
  logic [11:0] d_cand_q;
  logic [ 7:0] d_idx_q;
  logic [4:0] d_len, d_back;
  logic [Bytes-1:0] d_mask_q;  // what is within the page
  logic [8*Bytes-1:0] d_bytes_q, d_data_q;

  // Equal bytes from the front and from the back.
  logic [Bytes-1:0] same;
  always_comb begin
    for (int i = 0; i < Bytes; i++) begin
      same[i] = d_mask_q[i] && d_data_q[8*i+:8] == ((state_q == StRun) ? d_bytes_q[8*i+:8] : n_bytes_q[8*i+:8]);
    end
    d_len = 5'(Bytes);
    for (int i = Bytes - 1; i >= 0; i--) if (!same[i]) d_len = 5'(i);
    d_back = 5'(Bytes);
    for (int i = 0; i < Bytes; i++) if (!same[i]) d_back = 5'(Bytes - 1 - i);
  end

  // ---- best of the position
  logic b_valid_q, b_last_q, b_skip_q, b_fresh_q, b_few, b_final, b_active;
  logic [12:0] b_pos_q;
  logic [11:0] b_cand_q, b_dist_q, best_dist_q, best_dist;
  logic [7:0] b_byte_q;
  // the first candidate; as many as Few, or as depth; equal to the end
  logic b_first_q, b_few_q, b_end_q, b_full_q;
  logic [4:0] b_len_q;
  logic [3:0] b_log_q, best_log_q, best_log;
  logic [8:0] best_len_q, best_len;

  assign b_active = b_valid_q && stays(
      b_pos_q[2:0], drop_q, next_pos_q[2:0]
  ) && !flush_q && (b_first_q || !b_skip_q);
  assign b_few = !back_q && !b_fresh_q && (decide ? res_long_q : last_long_q);
  assign b_final = b_last_q || b_end_q || (b_few && b_few_q);
  assign hit = b_active && b_full_q;
  always_comb begin
    best_len  = b_first_q ? '0 : best_len_q;
    best_dist = best_dist_q;
    best_log  = best_log_q;
    if (9'(b_len_q) > best_len) begin
      best_len  = 9'(b_len_q);
      best_dist = b_dist_q;
      best_log  = b_log_q;
    end
  end

  // A match of three far back costs more than its literals.
  function automatic logic good(logic [8:0] len, logic [11:0] far);
    return len > 9'd3 || (len == 9'd3 && far < FarOfThree);
  endfunction

  // ---- bytes behind or in front of a long match: read, put side by side, compared
  logic [11:0] x_cur_q, x_cand_q;
  logic [2:0] x_valid_q;
  logic [4:0] x_more_q, x_back_q;
  logic [8:0] x_len_q, x_most_q, x_left_q, x_most, x_sum;
  logic [12:0] x_rest;
  logic x_full, x_done;

  assign x_rest  = 13'd4096 - b_pos_q;
  assign x_most  = (x_rest > 13'(MaxMatch)) ? MaxMatch : 9'(x_rest);
  assign x_sum   = x_len_q + 9'(x_more_q);
  assign x_full  = 9'(x_more_q) >= x_left_q;
  assign x_done  = x_valid_q[2] && (x_more_q != 5'(Bytes) || x_full);
  assign ext_re  = state_q == StExt && !links_re && !x_done;
  assign restart = state_q == StExtDone && !(back_q && !item_ready);

  // ---- backwards: what compress_optimal is told
  logic longest, back_end, turn;
  logic [12:0] y_pos_q, y_cand_q;  // the position in front, and its match's
  logic [8*Bytes-1:0] y_bytes_q;
  logic [4:0] y_left_q, y_count, y_room;
  logic y_full_q, y_near_q;  // near: the page begins before as many bytes as are compared

  assign back_re = state_q == StBackRead && !y_cand_q[12];
  assign back_end = (state_q == StBackRead && y_cand_q[12]) ||
                    (state_q == StBackCmp && x_valid_q[2] && x_back_q == '0) ||
                    (state_q == StBackPut && item_ready && y_left_q == 5'd1 && !y_full_q);
  assign turn = state_q == StTurn && links_idle;

  assign y_room = y_cand_q[4:0] + 5'd1;
  assign y_count = (y_near_q && x_back_q > y_room) ? y_room : x_back_q;
  assign longest = b_len_q >= 5'd3 && (b_first_q || 9'(b_len_q) > best_len_q);

  always_comb begin
    item = '{
        lit: b_first_q,
        lit_byte: b_byte_q,
        match: longest && !hit,
        long_match: 1'b0,
        from : (b_first_q || best_len_q < 9'd3) ? 4'd3 : best_len_q[3:0] + 4'd1,
        len: 9'(b_len_q),
        distance: b_dist_q
    };
    item_valid = back_q && b_active && (b_first_q || (longest && !hit));
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
    cur_addr  = fe_pos_q[11:0];
    cand_re   = c_valid_q;
    cand_addr = c_cand_q;
    next_re   = (c_valid || src_valid) && !(c_valid && !room_q);
    next_addr = more ? c_next : src_three;
    if (state_q == StExt || state_q == StBackRead) begin
      cur_addr  = x_cur_q;
      cand_re   = ext_re || back_re;
      cand_addr = x_cand_q;
    end else if (state_q == StWalk) begin
      cur_addr = walk_addr;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q     <= StLoad;
      beat_q      <= '0;
      start_q     <= 1'b0;
      f_valid_q   <= 1'b0;
      n_valid_q   <= 1'b0;
      c_valid_q   <= 1'b0;
      p_valid_q   <= 1'b0;
      d_valid_q   <= 1'b0;
      b_valid_q   <= 1'b0;
      x_valid_q   <= '0;
      res_valid_q <= 1'b0;
      flush_q     <= 1'b0;
      match_end_q <= 1'b0;
      again_q     <= 1'b0;
      drop_q      <= 1'b0;
    end else if (clear_i) begin
      state_q     <= StLoad;
      beat_q      <= '0;
      start_q     <= 1'b0;
      f_valid_q   <= 1'b0;
      n_valid_q   <= 1'b0;
      c_valid_q   <= 1'b0;
      p_valid_q   <= 1'b0;
      d_valid_q   <= 1'b0;
      b_valid_q   <= 1'b0;
      x_valid_q   <= '0;
      res_valid_q <= 1'b0;
      flush_q     <= 1'b0;
      match_end_q <= 1'b0;
      again_q     <= 1'b0;
      drop_q      <= 1'b0;
    end else begin
      if (load) beat_q <= beat_q + 1'b1;
      start_q     <= load && beat_q == '0;
      f_valid_q   <= fetch || (f_valid && n_valid_q && !kill);
      n_valid_q   <= src_valid && !take && !kill;
      c_valid_q   <= !kill && (take || (c_valid && (!c_go || more)));
      p_valid_q   <= c_go;
      d_valid_q   <= p_valid_q && stays(p_pos_q[2:0], drop_q, next_pos_q[2:0]) && !kill;
      b_valid_q   <= d_valid_q && stays(d_pos_q[2:0], drop_q, next_pos_q[2:0]) && !kill;
      res_valid_q <= !back_q && ((b_active && !hit && b_final) || restart);
      flush_q     <= put_then || wait_next;
      match_end_q <= put_match && pend_end_q[12];
      again_q     <= wait_next;
      drop_q      <= wait_first;
      x_valid_q   <= x_done ? '0 : {x_valid_q[1:0], ext_re || back_re};
      unique case (state_q)
        StLoad:    if (load && beat_q == 9'd255) state_q <= StRun;
        StRun: begin
          if (page_end) state_q <= best ? StTurn : StEnd;
          else if (hit) state_q <= StExt;
          else if (back_q && fe_pos_q[12] && !src_valid && !c_valid_q && !p_valid_q && !d_valid_q &&
                   !b_valid_q) begin
            state_q <= StWalk;
          end
        end
        StExt: begin
          if (flush_q) state_q <= StRun;
          else if (x_done) state_q <= StExtDone;
        end
        StExtDone: if (restart) state_q <= back_q ? StBackRead : StRun;
        StTurn:    if (links_idle) state_q <= StRun;
        StBackRead: state_q <= back_end ? StRun : StBackCmp;
        StBackCmp: begin
          if (back_end) state_q <= StRun;
          else if (x_valid_q[2]) state_q <= StBackPut;
        end
        StBackPut: begin
          if (back_end) state_q <= StRun;
          else if (item_ready && y_left_q == 5'd1) state_q <= StBackRead;
        end
        StWalk:    if (walk_done) state_q <= StEnd;
        StEnd: begin
          if (end_page) begin
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
      f_pos_q   <= fe_pos_q;
      f_fresh_q <= fe_fresh_q;
    end
    if (state_q == StLoad) begin
      fe_pos_q   <= '0;
      fe_fresh_q <= 1'b1;
      jump_q     <= 1'b0;
    end else if (turn) begin
      fe_pos_q <= 13'd4095;
      jump_q   <= 1'b0;
    end else if (flush_q) begin
      fe_pos_q   <= again_q ? next_pos_q : pend_end_q;
      fe_fresh_q <= !again_q;
      jump_q     <= again_q;
    end else if (drop_q) begin
      if (fe_pos_q[2:0] == next_pos_q[2:0]) begin
        jump_q <= 1'b1;
      end else begin
        fe_pos_q   <= pend_end_q;
        fe_fresh_q <= 1'b1;
      end
    end else if (hit) begin
      fe_pos_q   <= (pend_q && !decide) ? pend_end_q : b_pos_q + 13'd1;
      fe_fresh_q <= pend_q && !decide;
      jump_q     <= 1'b0;
    end else if (back_end) begin
      fe_pos_q <= (state_q == StBackPut) ? y_pos_q - 13'd1 : y_pos_q;
    end else if (fetch) begin
      fe_pos_q   <= jump_q ? pend_end_q : back_q ? fe_pos_q - 13'd1 : fe_pos_q + 13'd1;
      fe_fresh_q <= jump_q;
      jump_q     <= 1'b0;
    end
    if (!n_valid_q) begin
      n_pos_q   <= f_pos_q;
      n_fresh_q <= f_fresh_q;
      n_three_q <= three;
      n_first_q <= first;
    end
    if (!n_valid_q || state_q != StRun) n_bytes_q <= cur_data;
    // issue; a position's bytes come a cycle behind it
    c_taken_q <= take;
    quit_q    <= !take && ((b_active && b_pos_q == c_pos_q && b_final) ||
                           (c_few && c_idx_q + 8'(c_go) + 8'd1 >= 8'(Few)));
    if (c_taken_q) c_bytes_q <= n_bytes_q;
    if (turnover) begin
      c_pos_q   <= src_pos;
      c_fresh_q <= src_fresh;
      c_has_q   <= src_has;
      c_idx_q   <= '0;
      c_cand_q  <= src_three;
      // The nearest of three bytes comes first, unless the chain begins with it.
      c_apart_q <= src_three != src_first;
      c_first_q <= src_first;
      c_only_q  <= src_first == NoLink;
      c_end_q   <= depth == 8'd1;
    end else if (c_valid && room_q) begin
      c_cand_q  <= c_next;
      c_apart_q <= 1'b0;
      c_idx_q   <= c_idx_q + 1'b1;
      c_end_q   <= c_idx_q + 8'd2 == depth;
    end
    // bytes
    p_pos_q   <= c_pos_q;
    p_cand_q  <= c_cand_q;
    p_idx_q   <= c_idx_q;
    p_has_q   <= c_has_q;
    p_last_q  <= !more;
    p_fresh_q <= c_fresh_q;
    d_pos_q   <= p_pos_q;
    d_cand_q  <= p_cand_q;
    d_idx_q   <= p_idx_q;
    d_last_q  <= p_last_q;
    d_fresh_q <= p_fresh_q;
    d_bytes_q <= c_bytes_q;
    d_data_q  <= cand_data;
    for (int i = 0; i < Bytes; i++) begin
      d_mask_q[i] <= state_q != StRun || (p_has_q && p_rest > 13'(i));
    end
    // compare
    if (d_valid_q && !kill) begin
      b_pos_q   <= d_pos_q;
      b_cand_q  <= d_cand_q;
      b_dist_q  <= d_pos_q[11:0] - d_cand_q;
      b_first_q <= d_idx_q == '0;
      b_few_q   <= d_idx_q >= 8'(Few - 1);
      b_end_q   <= d_idx_q >= depth - 8'd1;
      b_full_q  <= &same;
      b_log_q   <= log2_dist(d_pos_q[11:0] - d_cand_q);
      b_byte_q  <= d_bytes_q[7:0];
      b_len_q   <= d_len;
      b_last_q  <= d_last_q;
      b_fresh_q <= d_fresh_q;
    end
    // best
    if (b_active) begin
      b_skip_q    <= b_final;
      best_len_q  <= best_len;
      best_dist_q <= best_dist;
      best_log_q  <= best_log;
    end
    if (b_active && !hit && b_final) begin
      res_pos_q  <= b_pos_q;
      res_len_q  <= best_len;
      res_dist_q <= best_dist;
      res_log_q  <= best_log;
      res_good_q <= good(best_len, best_dist);
      res_long_q <= best_len >= GoodLen;
      res_byte_q <= b_byte_q;
    end else if (restart && !back_q) begin
      res_pos_q  <= b_pos_q;
      res_len_q  <= x_len_q;
      res_dist_q <= b_dist_q;
      res_log_q  <= b_log_q;
      res_good_q <= 1'b1;
      res_long_q <= 1'b1;
      res_byte_q <= b_byte_q;
    end
    // a long match
    x_more_q <= d_len;
    x_back_q <= d_back;
    if (hit) begin
      x_len_q  <= 9'(Bytes);
      x_most_q <= x_most;
      x_left_q <= x_most - 9'(Bytes);
      x_cur_q  <= b_pos_q[11:0] + 12'(Bytes);
      x_cand_q <= b_cand_q + 12'(Bytes);
    end else if (ext_re) begin
      x_cur_q  <= x_cur_q + 12'(Bytes);
      x_cand_q <= x_cand_q + 12'(Bytes);
    end else if (restart) begin
      x_cur_q  <= b_pos_q[11:0] - 12'(Bytes);
      x_cand_q <= b_cand_q - 12'(Bytes);
    end else if (back_re) begin
      x_cur_q  <= x_cur_q - 12'(Bytes);
      x_cand_q <= x_cand_q - 12'(Bytes);
    end
    if (state_q == StExt && x_valid_q[2]) begin
      x_len_q  <= x_full ? x_most_q : x_sum;
      x_left_q <= x_left_q - 9'(Bytes);
    end
    // backwards
    if (state_q == StLoad) back_q <= 1'b0;
    else if (turn) back_q <= 1'b1;
    if (restart) begin
      y_pos_q  <= b_pos_q - 13'd1;
      y_cand_q <= {1'b0, b_cand_q} - 13'd1;
    end
    y_near_q <= y_cand_q < 13'(Bytes - 1);
    if (state_q == StBackCmp) begin
      y_bytes_q <= n_bytes_q;
      y_left_q  <= y_count;
      y_full_q  <= x_back_q == 5'(Bytes) && !y_near_q;
    end
    if (state_q == StBackPut && item_ready) begin
      y_bytes_q <= {y_bytes_q[8*Bytes-9:0], 8'd0};
      y_left_q  <= y_left_q - 5'd1;
      y_pos_q   <= y_pos_q - 13'd1;
      y_cand_q  <= y_cand_q - 13'd1;
    end
    if ((restart && back_q) || state_q == StBackPut && item_ready) begin
      if (x_len_q != MaxMatch) x_len_q <= x_len_q + 9'd1;
    end
    // decision
    if (decide) begin
      pend_q      <= longer && !at_once;
      pend_len_q  <= res_len_q;
      pend_dist_q <= res_dist_q;
      pend_log_q  <= res_log_q;
      pend_byte_q <= res_byte_q;
      pend_end_q  <= res_end;
      last_long_q <= res_long_q;
      next_pos_q  <= res_pos_q + 13'd1;
    end
    if (state_q == StLoad) pend_q <= 1'b0;
  end

  // ---- what was decided goes out
  logic [ 7:0] put_byte_q;
  logic        walked_q;  // by the second pass: the byte has come as that of a position would
  logic [ 8:0] put_len_q;
  logic [11:0] put_dist_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) {put_lit_q, put_match_q, put_then_q} <= '0;
    else if (clear_i) {put_lit_q, put_match_q, put_then_q} <= '0;
    else begin
      put_lit_q   <= put_lit || walk_lit;
      put_match_q <= put_match || walk_match;
      put_then_q  <= put_then;
    end
  end
  always_ff @(posedge clk_i) begin
    put_byte_q <= pend_q ? pend_byte_q : res_byte_q;
    walked_q   <= state_q == StWalk;
    put_len_q  <= (state_q == StWalk) ? walk_len : put_match ? pend_len_q : res_len_q;
    put_dist_q <= (state_q == StWalk) ? walk_dist : put_match ? pend_dist_q : res_dist_q;
  end

  // ---- the second pass of the best level

  // Seven may be told of before what is in the pipeline has come to the queue.
  localparam int unsigned ItemsDepth = 16;
  localparam int unsigned Slack = 8;

  assign counts = best && state_q != StWalk && state_q != StEnd;
  assign end_page = state_q == StEnd && entries_ready && links_idle &&
                    !(put_lit_q || put_match_q || put_then_q);

  always_ff @(posedge clk_i) begin
    wipe_q      <= load && level == sealift_pkg::LevelBest;
    wipe_addr_q <= beat_q[7:0];
    if (back_q && state_q != StWalk) room_q <= items_used <= 5'(ItemsDepth - Slack);
    else room_q <= counts || 32'(entries_used) <= FifoDepth - Slack;
  end

  compress_optimal #(
    .ItemsDepth(ItemsDepth),
    .SlowWalk  (SlowWalk)
  ) u_optimal (
    .clk_i,
    .rst_ni,
    .clear_i,
    .wipe_i      (wipe_q),
    .wipe_addr_i (wipe_addr_q),
    .lit_i       (put_lit_q && counts),
    .byte_i      (put_byte_q),
    .match_i     ((put_match_q || put_then_q) && counts),
    .len_i       (put_len_q),
    .dist_i      (put_dist_q),
    .start_i     (turn),
    .item_valid_i(item_valid),
    .item_ready_o(item_ready),
    .items_o     (items_used),
    .item_i      (item),
    .page_re_o   (walk_re),
    .page_addr_o (walk_addr),
    .ready_i     (room_q),
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
    .ready_o(entries_ready),
    .used_o (entries_used),
    .lit_i  (put_lit_q && !counts),
    .byte_i (walked_q ? n_bytes_q[7:0] : put_byte_q),
    .match_i(put_match_q && !counts),
    .then_i (put_then_q && !counts),
    .len_i  (put_len_q),
    .dist_i (put_dist_q),
    .end_i  (end_page),
    .entry_valid_o,
    .entry_ready_i,
    .entry_o
  );

  `include "sealift_assert.svh"
  `SL_ASSERT(ItemRoom, !item_valid || item_ready || state_q == StExtDone || state_q == StBackPut)

endmodule
