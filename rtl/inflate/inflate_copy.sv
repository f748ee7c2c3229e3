// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Page buffers: copies literals, matches and stored bytes into the page at hand, which is its own history,
// and sends pages that are complete.
//
// Sixteen byte-wide banks; byte p of a page is in bank p mod 16, so that 16 bytes are written at any
// alignment in one cycle. A match turns the banks by its distance, once. The last 16 bytes are also in
// registers (recent_q), by bank: what a read would find too new in the memory comes from there.
// A match whose distance is under 16 first gives one period, then twice as much, and so on.
//
// Protocol: steps in order; stored bytes only when no step waits. A `done` step with InflateOk makes the page
//           complete: its result and then its beats come out; with another status the page is forgotten.
//           The steps have been checked: they stay inside the page and reach back into it only.
// Rate:     16 bytes a cycle in, Slow: in two; 16 bytes a cycle out; a match that reads the memory goes before
//           the output. Slow has a cycle more between registers to plan a chunk, and one to turn it.
module inflate_copy #(
  parameter int unsigned Pages     = 2,
  parameter bit          Slow      = 1'b0,
  parameter int unsigned PageBytes = sealift_pkg::PageBytes
) (
  input  logic                                 clk_i,
  input  logic                                 rst_ni,
  input  logic                                 clear_i,
  input  logic                                 step_valid_i,
  output logic                                 step_ready_o,
  input  inflate_pkg::step_t                   step_i,
  input  logic                                 stored_valid_i,
  output logic                                 stored_ready_o,
  input  logic                         [  4:0] stored_bytes_i,  // 1..16
  input  logic                         [127:0] stored_data_i,
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

  localparam int unsigned PageBits = (Pages > 1) ? $clog2(Pages) : 1;
  localparam int unsigned AtBits = $clog2(PageBytes);
  localparam int unsigned RowBits = AtBits - 4;  // rows of 16 bytes
  localparam int unsigned WordBits = PageBits + RowBits;
  typedef logic [AtBits:0] at_t;

  // ---------------------------------------------------------------- stage R: plan a chunk, read
  at_t pos_q;  // bytes of the page so far
  logic [PageBits-1:0] page_q;
  logic [$clog2(Pages+1)-1:0] full_q;  // complete pages

  // The step at hand, or the rest of it, and what its next chunk may be.
  logic op_q;
  logic [2:0] nlit_q;
  logic [inflate_pkg::MaxStep-1:0][7:0] lits_q;
  logic [9:0] total_q;  // bytes to come
  at_t back_q;
  logic [4:0] cap_q;  // no byte of a match may come from its own chunk
  at_t lead_q;  // from the match's source to the chunk's first byte
  logic [4:0] old_q;  // match bytes older than the last 16; 16: or more
  logic [5:0] period_q;  // bytes with that period; 63: or more

  // The chunk that is next.
  typedef struct packed {
    logic              last;  // of the step
    logic [4:0]        n;     // bytes
    logic [4:0]        m;     // of these, of the match
    logic [4:0]        old;   // of these, older than the last 16
    logic [AtBits-1:0] src;
  } plan_t;

  // The banks of `count` bytes from byte `first` on.
  function automatic logic [15:0] bank_mask(logic [4:0] count, logic [3:0] first);
    for (int unsigned b = 0; b < 16; b++) bank_mask[b] = {1'b0, 4'(b) - first} < count;
  endfunction

  // Byte `by` of the result is byte 0 of `bytes`.
  function automatic logic [15:0][7:0] turned(logic [15:0][7:0] bytes, logic [3:0] by);
    turned = 128'({bytes, bytes} >> {8'd16 - 8'(by), 3'b000});
  endfunction

  // Match bytes older than the last 16 before its chunk, with `first` literals in front of it.
  function automatic logic [4:0] older(at_t back, logic [2:0] first);
    at_t over;
    over = back - at_t'(first) - at_t'(16);
    if (back <= at_t'(16) || at_t'(first) + at_t'(16) >= back) older = '0;
    else older = (over > at_t'(16)) ? 5'd16 : over[4:0];
  endfunction

  logic go, run, load, use_stored, take_done, room, copy_reads;
  logic [4:0] nlit, n, old_raw;
  logic [9:0] total_d;
  logic [6:0] period_d;
  at_t back_d, lead;
  logic [ 2:0] nlit_d;
  logic [15:0] bank_need;
  plan_t plan_now, plan;

  assign room    = 32'(full_q) < Pages;

  // Slow: a step is a literal or a match, so that nothing comes before a match.
  assign lead    = Slow ? back_q : lead_q;
  assign old_raw = Slow ? older(back_q, 3'd0) : old_q;
  always_comb begin
    logic [4:0] n_now, m_now;
    n_now = (total_q <= 10'(cap_q)) ? total_q[4:0] : cap_q;
    m_now = n_now - 5'(nlit_q);
    plan_now = '{
        last: total_q <= 10'(cap_q),
        n: n_now,
        m: m_now,
        old: (old_raw > m_now) ? m_now : old_raw,
        src: AtBits'(pos_q - lead)
    };
  end

  if (Slow) begin : gen_plan
    logic  planned_q;
    plan_t plan_q;
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) planned_q <= 1'b0;
      else planned_q <= op_q && !planned_q && !clear_i;
    end
    always_ff @(posedge clk_i) begin
      if (op_q) plan_q <= plan_now;
    end
    assign plan = plan_q;
    assign run  = planned_q;
  end else begin : gen_no_plan
    assign plan = plan_now;
    assign run  = op_q;
  end

  assign load       = step_valid_i && !step_i.done && room && (!op_q || (run && plan.last));
  assign use_stored = stored_valid_i && stored_ready_o;
  assign go         = run || use_stored;
  assign nlit       = run ? 5'(nlit_q) : stored_bytes_i;
  assign n          = run ? plan.n : stored_bytes_i;

  // The chunk after this one: of the next step, or of this one's match. A short distance doubles when
  // enough of its period is written.
  assign total_d    = load ? 10'(step_i.nlit) + 10'(step_i.len) : total_q - 10'(plan.n);
  assign nlit_d     = load ? step_i.nlit : 3'd0;
  assign period_d   = 7'(period_q) + 7'(plan.m);
  always_comb begin
    back_d = back_q;
    if (load) back_d = at_t'(step_i.back);
    else if (back_q < at_t'(16) && period_d >= {1'b0, back_q[4:0], 1'b0}) back_d = back_q << 1;
  end

  always_ff @(posedge clk_i) begin
    if (load) lits_q <= step_i.lits;
    if (load || run) begin
      nlit_q <= nlit_d;
      total_q <= total_d;
      back_q <= back_d;
      period_q <= load ? ((step_i.back > 16'd63) ? 6'd63 : step_i.back[5:0]) :
          (period_d > 7'd63) ? 6'd63 : period_d[5:0];
      if (back_d >= at_t'(16) || (load && step_i.len == '0)) cap_q <= 5'd16;
      else cap_q <= (back_d[4:0] > 5'(nlit_d)) ? back_d[4:0] : 5'(nlit_d);
      if (!Slow) begin
        lead_q <= back_d - at_t'(nlit_d);
        old_q  <= older(back_d, nlit_d);
      end
    end
  end

  // Source of the match, from byte plan.src on. Bytes older than the last 16 are read.
  assign copy_reads     = run && plan.old != '0;
  assign bank_need      = run ? bank_mask(plan.old, plan.src[3:0]) : '0;

  assign step_ready_o   = load || take_done;
  assign stored_ready_o = !op_q && !step_valid_i && room;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      pos_q  <= '0;
      page_q <= '0;
      op_q   <= 1'b0;
    end else if (clear_i) begin
      pos_q  <= '0;
      page_q <= '0;
      op_q   <= 1'b0;
    end else begin
      op_q <= load || (op_q && !(run && plan.last));
      if (take_done) begin
        pos_q <= '0;
        if (step_i.status == InflateOk) begin
          page_q <= (page_q == PageBits'(Pages - 1)) ? '0 : page_q + 1'b1;
        end
      end else if (go) begin
        pos_q <= pos_q + at_t'(n);
      end
    end
  end

  // ---------------------------------------------------------------- stage M: merge, write
  typedef struct packed {
    logic [4:0]          n;
    logic [4:0]          nlit;
    logic [3:0]          turn;
    logic [AtBits-1:0]   pos;
    logic [PageBits-1:0] page;
    logic [127:0]        data;
  } chunk_t;

  logic m_valid_q, w_valid;
  logic [4:0] w_n;
  logic [AtBits-1:0] w_pos;
  logic [PageBits-1:0] w_page;
  logic [15:0] m_ram_q;
  chunk_t m_q;
  logic [15:0][7:0] recent_q, source, rdata, wdata;
  logic [15:0] we;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) m_valid_q <= 1'b0;
    else m_valid_q <= go && !clear_i;
  end

  always_ff @(posedge clk_i) begin
    if (go) begin
      m_ram_q <= bank_need;
      m_q <= '{
          n: n,
          nlit: nlit,
          turn: back_q[3:0],
          pos: pos_q[AtBits-1:0],
          page: page_q,
          data: run ? 128'(lits_q) : stored_data_i
      };
    end
  end

  always_comb begin
    source = '0;
    if (m_valid_q) begin
      for (int unsigned b = 0; b < 16; b++) source[b] = m_ram_q[b] ? rdata[b] : recent_q[b];
    end
  end

  // A match's bytes are turned by its distance, others by the place where they go.
  if (Slow) begin : gen_turn
    // A chunk has bytes of one kind, so that one turn serves both.
    logic w_valid_q;
    logic [4:0] w_n_q;
    logic [AtBits-1:0] w_pos_q;
    logic [PageBits-1:0] w_page_q;
    logic [3:0] w_turn_q;
    logic [15:0][7:0] w_source_q;
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) w_valid_q <= 1'b0;
      else w_valid_q <= m_valid_q && !clear_i;
    end
    always_ff @(posedge clk_i) begin
      if (m_valid_q) begin
        w_n_q      <= m_q.n;
        w_pos_q    <= m_q.pos;
        w_page_q   <= m_q.page;
        w_turn_q   <= (m_q.nlit != '0) ? m_q.pos[3:0] : m_q.turn;
        w_source_q <= (m_q.nlit != '0) ? m_q.data : source;
      end
    end
    assign w_valid = w_valid_q;
    assign w_n     = w_n_q;
    assign w_pos   = w_pos_q;
    assign w_page  = w_page_q;
    assign wdata   = turned(w_source_q, w_turn_q);
  end else begin : gen_no_turn
    assign w_valid = m_valid_q;
    assign w_n     = m_q.n;
    assign w_pos   = m_q.pos;
    assign w_page  = m_q.page;
    always_comb begin
      logic [15:0][7:0] copied, given;
      logic [15:0] lit;
      copied = turned(source, m_q.turn);
      given  = turned(m_q.data, m_q.pos[3:0]);
      lit    = bank_mask(m_q.nlit, m_q.pos[3:0]);
      for (int unsigned b = 0; b < 16; b++) wdata[b] = lit[b] ? given[b] : copied[b];
    end
  end
  assign we = w_valid ? bank_mask(w_n, w_pos[3:0]) : '0;

  always_ff @(posedge clk_i) begin
    if (w_valid) begin
      for (int unsigned b = 0; b < 16; b++) if (we[b]) recent_q[b] <= wdata[b];
    end
  end

  // ---------------------------------------------------------------- output
  logic [PageBits-1:0] out_page_q;
  logic [ RowBits-1:0] out_word_q;
  logic out_read, out_read_q, out_last_q, out_fifo_ready, out_end;
  logic [2:0] out_count;

  // Results and pages in order; a page is read from the cycle after its result was put into the queue.
  logic res_ready, page_done;
  assign take_done = !op_q && step_valid_i && step_i.done && res_ready && room;
  assign page_done = take_done && step_i.status == InflateOk;
  assign out_read  = full_q != '0 && !copy_reads && 32'(out_count) + 32'(out_read_q) < 4;
  assign out_end   = out_read && out_word_q == RowBits'(PageBytes / BlockBytes - 1);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      full_q     <= '0;
      out_page_q <= '0;
      out_word_q <= '0;
      out_read_q <= 1'b0;
      out_last_q <= 1'b0;
    end else if (clear_i) begin
      full_q     <= '0;
      out_page_q <= '0;
      out_word_q <= '0;
      out_read_q <= 1'b0;
      out_last_q <= 1'b0;
    end else begin
      full_q     <= full_q + $bits(full_q)'(page_done) - $bits(full_q)'(out_end);
      out_read_q <= out_read;
      out_last_q <= out_end;
      if (out_read) out_word_q <= out_word_q + 1'b1;
      if (out_end) out_page_q <= (out_page_q == PageBits'(Pages - 1)) ? '0 : out_page_q + 1'b1;
    end
  end

  // Banks before the first byte's are one word further on.
  logic [15:0] w_next, r_next;
  logic [RowBits-1:0] w_row, w_row1, r_row, r_row1;
  logic [PageBits-1:0] r_page;
  assign w_next = ~(16'hFFFF << w_pos[3:0]);
  assign r_next = copy_reads ? ~(16'hFFFF << plan.src[3:0]) : '0;
  assign w_row  = w_pos[AtBits-1:4];
  assign r_row  = copy_reads ? plan.src[AtBits-1:4] : out_word_q;
  assign w_row1 = w_row + 1'b1;
  assign r_row1 = plan.src[AtBits-1:4] + 1'b1;
  assign r_page = copy_reads ? page_q : out_page_q;

  for (genvar b = 0; b < 16; b++) begin : gen_bank
    logic [WordBits-1:0] waddr, raddr;
    assign waddr = {w_page, w_next[b] ? w_row1 : w_row};
    assign raddr = {r_page, r_next[b] ? r_row1 : r_row};
    prim_ram_1r1w #(
      .Width(8),
      .Depth(1 << WordBits)
    ) u_ram (
      .clk_i,
      .we_i   (we[b]),
      .waddr_i(waddr),
      .wdata_i(wdata[b]),
      .re_i   (bank_need[b] || out_read),
      .raddr_i(raddr),
      .rdata_o(rdata[b])
    );
  end

  prim_fifo #(
    .Width(129),
    .Depth(4)
  ) u_out (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(out_read_q),
    .ready_o(out_fifo_ready),
    .data_i ({out_last_q, rdata}),
    .valid_o(out_valid_o),
    .ready_i(out_ready_i),
    .data_o ({out_last_o, out_data_o}),
    .count_o(out_count)
  );

  inflate_result_t       res_in;
  logic            [1:0] unused_count;
  assign res_in = '{
          status: step_i.status,
          bytes: (step_i.status == InflateOk) ? LenW'(PageBytes) : '0
      };
  prim_fifo #(
    .Width($bits(inflate_result_t)),
    .Depth(2)
  ) u_res (
    .clk_i,
    .rst_ni,
    .clear_i,
    .valid_i(take_done),
    .ready_o(res_ready),
    .data_i (res_in),
    .valid_o(res_valid_o),
    .ready_i(res_ready_i),
    .data_o (res_o),
    .count_o(unused_count)
  );

  `SL_ASSERT(OneOfTwo, !Slow || !run || nlit_q == '0 || plan.m == '0)
  `SL_ASSERT(InsidePage, !go || 32'(pos_q) + 32'(n) <= PageBytes)
  `SL_ASSERT(InsideHistory, !run || plan.m == '0 || 32'(back_q) <= 32'(pos_q) + 32'(nlit))
  `SL_ASSERT(Progress, !go || n != '0)
  `SL_ASSERT(WholePages, !page_done || pos_q == at_t'(PageBytes))
  `SL_ASSERT(OutHasRoom, !out_read_q || out_fifo_ready || clear_i)

endmodule
