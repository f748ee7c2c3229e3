// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Finds the matches of one page at a time: the links of compress_links are followed over at most a number of
// candidates, the longest match is taken unless the next position has a longer one (lazy by one).
//
// Protocol: a page is taken in 256 beats while load_ready_o holds; its tokens come out of entry_*
//           (compress_pkg::entry_t and literals), the last of the page with `last`.
// Rate:     about half a byte a cycle; a lane runs several of these side by side, a page each.
// Rules:    candidates are compared over 16 bytes; one that is equal over all of them ends the search and is then
//           followed on, 16 bytes at a time, up to 258. clear_i drops everything; busy_o while heads are wiped.
module compress_match
  import compress_pkg::*;
#(
  parameter int unsigned Step      = 4,
  parameter int unsigned Depth     = 8,     // candidates a position at the default level
  parameter int unsigned DepthBest = 255,   // and at the best
  parameter int unsigned Sets      = 4096,
  parameter int unsigned FifoDepth = 1024,
  localparam int unsigned TokW     = EntryW + 8 * Step
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                clear_i,
  output logic                busy_o,
  input  sealift_pkg::level_e level_i,
  input  logic                load_valid_i,
  output logic                load_ready_o,
  input  logic [127:0]        load_data_i,
  output logic                entry_valid_o,
  input  logic                entry_ready_i,
  output logic [TokW-1:0]     entry_o
);
  typedef enum logic [3:0] {
    StLoad,
    StLinks,   // wait until links can be made
    StLook,    // read the bytes at the position and its link
    StFirst,   // the first candidate is known
    StWalk,    // candidates come back
    StExtend,  // a long match: read the next 16 bytes of both sides
    StCompare,
    StDecide,
    StEnd
  } state_e;

  localparam logic [8:0] LazyMax = 9'd16;  // a match as long as this is taken at once
  localparam logic [8:0] MaxMatch = 9'd258;

  state_e               state_q;
  sealift_pkg::level_e  level_q;
  logic [7:0]           beat_q;
  logic                 load, links_busy, links_start, links_idle;
  logic [12:0]          built;

  // ---- page, twice: where the position is, and where candidates are
  logic         cur_re, cand_re, links_re;
  logic [11:0]  cur_addr, cand_addr, links_addr;
  logic [151:0] cur_data, cand_data;

  assign load_ready_o = state_q == StLoad && !links_busy;
  assign load         = load_valid_i && load_ready_o;
  assign busy_o       = links_busy;

  compress_page u_current (
    .clk_i,
    .we_i   (load),
    .waddr_i(beat_q),
    .wdata_i(load_data_i),
    .re_i   (links_re || cur_re),
    .addr_i (links_re ? links_addr : cur_addr),
    .data_o (cur_data)
  );
  compress_page u_candidate (
    .clk_i,
    .we_i   (load),
    .waddr_i(beat_q),
    .wdata_i(load_data_i),
    .re_i   (cand_re),
    .addr_i (cand_addr),
    .data_o (cand_data)
  );

  logic        link_re;
  logic [11:0] link_addr, link;

  assign links_start = state_q == StLinks && links_idle;

  compress_links #(
    .Sets(Sets)
  ) u_links (
    .clk_i,
    .rst_ni,
    .clear_i,
    .busy_o     (links_busy),
    .wipe_i     (load && beat_q == '0),
    .start_i    (links_start),
    .idle_o     (links_idle),
    .built_o    (built),
    .page_re_o  (links_re),
    .page_addr_o(links_addr),
    .page_data_i(cur_data[143:0]),
    .link_re_i  (link_re),
    .link_addr_i(link_addr),
    .link_o     (link)
  );

  // ---- search
  logic [12:0]  p_q;          // the position
  logic [127:0] cur_q;        // its bytes
  logic [4:0]   room;         // bytes left in the page, 16 at most
  logic [12:0]  rest;
  logic         walk_q, wc_q; // a candidate's bytes come in; its length is known
  logic [11:0]  cand_q, cand1_q;
  logic [7:0]   tried_q;
  logic [4:0]   len, len_q;
  logic [8:0]   best_len_q;
  logic [11:0]  best_pos_q;
  logic         more, tail;
  logic         pend_q;
  logic [8:0]   pend_len_q;
  logic [11:0]  pend_dist_q, best_dist;
  logic [7:0]   lit_q;
  logic         room_out;

  // Equal bytes from the front, at most n.
  function automatic logic [4:0] equal16(logic [127:0] a, logic [127:0] b);
    logic [4:0] r;
    r = 5'd16;
    for (int i = 15; i >= 0; i--) if (a[8*i+:8] != b[8*i+:8]) r = 5'(i);
    return r;
  endfunction

  assign rest = 13'd4096 - p_q;
  assign room = (rest > 13'd16) ? 5'd16 : rest[4:0];
  assign tail = p_q > 13'd4093;

  always_comb begin
    cur_re    = 1'b0;
    cur_addr  = p_q[11:0];
    cand_re   = 1'b0;
    cand_addr = link;
    link_re   = 1'b0;
    link_addr = link;
    more      = 1'b0;
    unique case (state_q)
      StLook: begin
        cur_re    = !links_re;
        link_re   = !links_re && built > p_q;
        link_addr = p_q[11:0];
      end
      StFirst: begin
        more = !tail && link != p_q[11:0];
      end
      StWalk: begin
        more = walk_q && link != cand_q && best_len_q != 9'd16 &&
               tried_q != ((level_q == sealift_pkg::LevelBest) ? 8'(DepthBest) : 8'(Depth));
      end
      StExtend: begin
        cur_re    = !links_re;
        cur_addr  = p_q[11:0] + 12'(best_len_q);
        cand_re   = 1'b1;
        cand_addr = best_pos_q + 12'(best_len_q);
      end
      default: ;
    endcase
    if (more) begin
      cand_re = 1'b1;
      link_re = 1'b1;
    end
    len       = equal16((state_q == StCompare) ? cur_data[127:0] : cur_q, cand_data[127:0]);
    best_dist = p_q[11:0] - best_pos_q;
  end

  // ---- decision
  logic       put_lit, put_match, put_end, good, longer;
  logic [8:0] put_len, ext_len;
  logic [11:0] put_dist;
  logic [7:0]  put_byte;

  assign ext_len = best_len_q + 9'(len);
  // A match of three far back costs more than its literals.
  assign good    = best_len_q > 9'd3 || (best_len_q == 9'd3 && best_dist < 12'd512);
  assign longer  = good && (!pend_q || best_len_q > pend_len_q);

  always_comb begin
    put_lit   = 1'b0;
    put_match = 1'b0;
    put_end   = 1'b0;
    put_byte  = pend_q ? lit_q : cur_q[7:0];
    put_len   = pend_q && !longer ? pend_len_q : best_len_q;
    put_dist  = pend_q && !longer ? pend_dist_q : best_dist;
    if (state_q == StDecide && room_out) begin
      put_lit   = longer ? pend_q : !pend_q;
      put_match = pend_q && !longer;
    end
    put_end = state_q == StEnd && room_out && links_idle;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StLoad;
      beat_q  <= '0;
      walk_q  <= 1'b0;
      wc_q    <= 1'b0;
    end else if (clear_i) begin
      state_q <= StLoad;
      beat_q  <= '0;
      walk_q  <= 1'b0;
      wc_q    <= 1'b0;
    end else begin
      walk_q <= more;
      wc_q   <= walk_q;
      if (load) beat_q <= beat_q + 1'b1;
      unique case (state_q)
        StLoad:    if (load && beat_q == 8'd255) state_q <= StLinks;
        StLinks:   if (links_idle) state_q <= StLook;
        StLook: begin
          if (p_q[12]) state_q <= StEnd;
          else if (!links_re && (tail || built > p_q)) state_q <= StFirst;
        end
        StFirst:   state_q <= more ? StWalk : StDecide;
        StWalk: begin
          if (!more && !walk_q && !wc_q) state_q <= (best_len_q == 9'd16) ? StExtend : StDecide;
        end
        StExtend:  if (!links_re) state_q <= StCompare;
        StCompare: begin
          if (len == 5'd16 && ext_len < MaxMatch && 13'(ext_len) < rest) state_q <= StExtend;
          else state_q <= StDecide;
        end
        StDecide:  if (room_out) state_q <= StLook;
        StEnd:     if (put_end) state_q <= StLoad;
        default:   state_q <= StLoad;
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    if (load && beat_q == '0) level_q <= level_i;
    if (more) cand_q <= link;
    if (walk_q) begin
      cand1_q <= cand_q;
      len_q   <= (len < room) ? len : room;
    end
    unique case (state_q)
      StLoad: begin
        p_q    <= '0;
        pend_q <= 1'b0;
      end
      StFirst: begin
        cur_q      <= cur_data[127:0];
        best_len_q <= '0;
        best_pos_q <= '0;
        tried_q    <= 8'd1;
      end
      StWalk: begin
        if (more) tried_q <= tried_q + 1'b1;
        if (wc_q && 9'(len_q) > best_len_q) begin
          best_len_q <= 9'(len_q);
          best_pos_q <= cand1_q;
        end
      end
      StCompare: begin
        best_len_q <= (13'(ext_len) > rest) ? 9'(rest) : (ext_len > MaxMatch) ? MaxMatch : ext_len;
      end
      StDecide: begin
        if (room_out) begin
          if (longer) begin
            // Either taken at once, or kept while the next position is tried.
            pend_q      <= best_len_q < LazyMax;
            pend_len_q  <= best_len_q;
            pend_dist_q <= best_dist;
            lit_q       <= cur_q[7:0];
            p_q         <= p_q + ((best_len_q < LazyMax) ? 13'd1 : 13'(best_len_q));
          end else if (pend_q) begin
            pend_q <= 1'b0;
            p_q    <= p_q + 13'(pend_len_q) - 13'd1;
          end else begin
            p_q    <= p_q + 13'd1;
          end
        end
      end
      default: ;
    endcase
  end

  // ---- entries: literals are kept until a match comes or there are more than fit
  logic              e_lit, e_match, e_push, e_ready;
  logic [2:0]        nlit_q;
  logic [8*Step-1:0] lits_q;
  logic              now_q;       // a literal and the match behind it in one decision: the match follows
  logic [8:0]        now_len_q;
  logic [11:0]       now_dist_q;
  entry_t            e;

  assign room_out = e_ready && !now_q;
  assign e_lit    = put_lit;
  assign e_match  = put_match || now_q;
  assign e_push   = e_ready && ((e_lit && nlit_q == 3'(Step)) || e_match || put_end);

  always_comb begin
    e       = '0;
    e.last  = put_end;
    e.match = e_match;
    e.nlit  = nlit_q;
    if (e_match) begin
      e.len3  = 8'((now_q ? now_len_q : put_len) - 9'd3);
      e.dist1 = (now_q ? now_dist_q : put_dist) - 12'd1;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      nlit_q <= '0;
      now_q  <= 1'b0;
    end else if (clear_i) begin
      nlit_q <= '0;
      now_q  <= 1'b0;
    end else begin
      if (e_lit) nlit_q <= (nlit_q == 3'(Step)) ? 3'd1 : nlit_q + 1'b1;
      else if (e_push) nlit_q <= '0;
      if (state_q == StDecide && room_out && longer && best_len_q >= LazyMax) now_q <= 1'b1;
      else if (e_ready) now_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (e_lit) begin
      for (int unsigned k = 0; k < Step; k++) begin
        if (32'(nlit_q) == k || (k == 0 && nlit_q == 3'(Step))) lits_q[8*k+:8] <= put_byte;
      end
    end
    if (state_q == StDecide) begin
      now_len_q  <= best_len_q;
      now_dist_q <= best_dist;
    end
  end

  logic [$clog2(FifoDepth + 4)-1:0] unused_used;
  prim_fifo_ram #(
    .Width(TokW),
    .Depth(FifoDepth)
  ) u_fifo (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(e_push),
    .ready_o(e_ready),
    .data_i ({e, lits_q}),
    .valid_o(entry_valid_o),
    .ready_i(entry_ready_i),
    .data_o (entry_o),
    .used_o (unused_used)
  );

  logic unused_bits;
  assign unused_bits = ^{cur_data, cand_data};

endmodule
