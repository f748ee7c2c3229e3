// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// From the counts of an alphabet to its code lengths: a sorter and one or more tree builders, each
// on a page of its own; with Halves 1 on the same one.
//
// Protocol: counts come in the half page_half_o while page_ready_o holds and are handed over by
//           page_push_i; the sorter reads them by the read port (data in the next cycle, zero
//           behind). When codes_valid_o holds, the lengths of a page can be read by the len port
//           (zero behind) until codes_pop_i.
// Rules:    clear_i drops everything; busy_o while memories are wiped.
module compress_alphabet
  import compress_pkg::*;
#(
  parameter int unsigned Symbols = 286,
  parameter int unsigned MaxLen = 15,
  parameter int unsigned MaxCount = 4096,  // of a symbol
  parameter int unsigned Trees = 1,  // tree builders: one page in about 4 cycles a symbol each
  parameter int unsigned Halves = 2,  // 1: a page is counted, sorted and built with no other beside it
  localparam int unsigned SymBits = $clog2(Symbols),
  localparam int unsigned Slots = (Trees == 1) ? Halves : Trees,  // pages sorted or being built
  localparam int unsigned SlotBits = (Slots > 1) ? $clog2(Slots) : 1
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  input  logic                     clear_i,
  output logic                     busy_o,
  input  logic                     page_push_i,
  output logic                     page_ready_o,
  output logic                     page_half_o,
  output logic                     read_o,
  output logic                     read_half_o,
  output logic       [SymBits-1:0] read_sym_o,
  input  logic       [ CountW-1:0] read_count_i,
  output logic                     codes_valid_o,
  output tree_info_t               info_o,
  input  logic                     codes_pop_i,
  input  logic                     len_re_i,
  input  logic       [SymBits-1:0] len_sym_i,
  output logic       [        3:0] len_o
);
  logic page_valid, unused_info, read_half;
  logic sort_start, sort_idle, sort_taken, sort_done, sort_busy, lens_busy;
  sort_info_t sort_info;

  // Per slot: a list waits for or is in a tree builder; lengths wait for or are with the reader.
  logic [Slots-1:0] list_full_q, list_done, codes_full_q;
  logic [SlotBits-1:0] fill_q, read_q;
  sort_info_t [Slots-1:0] list_info_q;
  tree_info_t [Slots-1:0] codes_info_q;

  function automatic logic [SlotBits-1:0] next_slot(logic [SlotBits-1:0] slot);
    return (slot == SlotBits'(Slots - 1)) ? '0 : slot + 1'b1;
  endfunction

  compress_handoff #(
    .Width(1),
    .Slots(Halves)
  ) u_pages (
    .clk_i,
    .rst_ni,
    .clear_i,
    .push_i     (page_push_i),
    .info_i     (1'b0),
    .ready_o    (page_ready_o),
    .fill_half_o(page_half_o),
    .valid_o    (page_valid),
    .info_o     (unused_info),
    .pop_i      (sort_taken),
    .read_half_o(read_half)
  );

  logic list_we;
  logic [SymBits-1:0] list_waddr, list_wsym;
  logic [CountW-1:0] list_wcount;

  assign sort_start  = page_valid && sort_idle;
  assign read_half_o = read_half;

  compress_sort #(
    .Symbols (Symbols),
    .MaxCount(MaxCount),
    .Halves  (Halves)
  ) u_sort (
    .clk_i,
    .rst_ni,
    .clear_i,
    .busy_o      (sort_busy),
    .start_i     (sort_start),
    .idle_o      (sort_idle),
    .taken_o     (sort_taken),
    .list_ready_i(!list_full_q[fill_q]),
    .done_o      (sort_done),
    .info_o      (sort_info),
    .read_o,
    .read_sym_o,
    .read_count_i,
    .list_we_o   (list_we),
    .list_addr_o (list_waddr),
    .list_sym_o  (list_wsym),
    .list_count_o(list_wcount)
  );

  // ---- lists and tree builders; a single builder takes the slots in turn
  logic [Slots-1:0] list_re, len_we;
  logic [Slots-1:0][SymBits-1:0] list_raddr, len_wsym;
  logic       [Slots-1:0][SymBits+CountW-1:0] list_rdata;
  logic       [Slots-1:0][               3:0] len_wlen;
  tree_info_t [Slots-1:0]                     tree_info;

  for (genvar h = 0; h < Slots; h++) begin : gen_list
    prim_ram_1r1w #(
      .Width(SymBits + CountW),
      .Depth(1 << SymBits)
    ) u_list (
      .clk_i,
      .we_i   (list_we && fill_q == SlotBits'(h)),
      .waddr_i(list_waddr),
      .wdata_i({list_wsym, list_wcount}),
      .re_i   (list_re[h]),
      .raddr_i(list_raddr[h]),
      .rdata_o(list_rdata[h])
    );
  end

  for (genvar e = 0; e < Trees; e++) begin : gen_tree
    logic idle, done, re, we;
    logic [SlotBits-1:0] slot_q;
    logic [SymBits-1:0] raddr, wsym;
    logic       [SymBits+CountW-1:0] rdata;
    logic       [               3:0] wlen;
    tree_info_t                      info;

    assign rdata = list_rdata[slot_q];

    compress_tree #(
      .Symbols(Symbols),
      .MaxLen (MaxLen)
    ) u_tree (
      .clk_i,
      .rst_ni,
      .clear_i,
      .start_i     (idle && list_full_q[slot_q] && !codes_full_q[slot_q]),
      .sort_i      (list_info_q[slot_q]),
      .idle_o      (idle),
      .done_o      (done),
      .info_o      (info),
      .list_re_o   (re),
      .list_addr_o (raddr),
      .list_sym_i  (rdata[SymBits+CountW-1:CountW]),
      .list_count_i(rdata[CountW-1:0]),
      .len_we_o    (we),
      .len_sym_o   (wsym),
      .len_o       (wlen)
    );

    for (genvar h = e; h < Slots; h += Trees) begin : gen_slot
      assign list_re[h]    = re && slot_q == SlotBits'(h);
      assign list_raddr[h] = raddr;
      assign list_done[h]  = done && slot_q == SlotBits'(h);
      assign len_we[h]     = we && slot_q == SlotBits'(h);
      assign len_wsym[h]   = wsym;
      assign len_wlen[h]   = wlen;
      assign tree_info[h]  = info;
    end

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) slot_q <= SlotBits'(e);
      else if (clear_i) slot_q <= SlotBits'(e);
      else if (done && Trees == 1) slot_q <= next_slot(slot_q);
    end
  end

  assign codes_valid_o = codes_full_q[read_q];
  assign info_o        = codes_info_q[read_q];
  assign busy_o        = sort_busy || lens_busy;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      list_full_q  <= '0;
      codes_full_q <= '0;
      fill_q       <= '0;
      read_q       <= '0;
    end else if (clear_i) begin
      list_full_q  <= '0;
      codes_full_q <= '0;
      fill_q       <= '0;
      read_q       <= '0;
    end else begin
      for (int unsigned h = 0; h < Slots; h++) begin
        if (sort_done && fill_q == SlotBits'(h)) list_full_q[h] <= 1'b1;
        else if (list_done[h]) list_full_q[h] <= 1'b0;
        if (list_done[h]) codes_full_q[h] <= 1'b1;
        else if (codes_pop_i && read_q == SlotBits'(h)) codes_full_q[h] <= 1'b0;
      end
      if (sort_done) fill_q <= next_slot(fill_q);
      if (codes_pop_i) read_q <= next_slot(read_q);
    end
  end

  always_ff @(posedge clk_i) begin
    for (int unsigned h = 0; h < Slots; h++) begin
      if (sort_done && fill_q == SlotBits'(h)) list_info_q[h] <= sort_info;
      if (list_done[h]) codes_info_q[h] <= tree_info[h];
    end
  end

  compress_lens #(
    .Depth(1 << SymBits),
    .Slots(Slots)
  ) u_lens (
    .clk_i,
    .rst_ni,
    .clear_i,
    .busy_o   (lens_busy),
    .we_i     (len_we),
    .we_sym_i (len_wsym),
    .we_len_i (len_wlen),
    .re_i     (len_re_i),
    .re_slot_i(read_q),
    .re_sym_i (len_sym_i),
    .len_o
  );

endmodule
