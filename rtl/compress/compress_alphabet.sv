// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// From the counts of an alphabet to its code lengths: sorter and tree builder, each on a page of its own.
//
// Protocol: counts come in the half page_half_o while page_ready_o holds and are handed over by page_push_i; the
//           sorter reads them by the read port (data in the next cycle, zero behind). When codes_valid_o holds, the
//           lengths of a page can be read by the len port (zero behind) until codes_pop_i.
// Rules:    clear_i drops everything; busy_o while memories are wiped.
module compress_alphabet
  import compress_pkg::*;
#(
  parameter int unsigned Symbols = 286,
  parameter int unsigned MaxLen  = 15,
  localparam int unsigned SymBits = $clog2(Symbols)
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               clear_i,
  output logic               busy_o,
  input  logic               page_push_i,
  output logic               page_ready_o,
  output logic               page_half_o,
  output logic               read_o,
  output logic               read_half_o,
  output logic [SymBits-1:0] read_sym_o,
  input  logic [CountW-1:0]  read_count_i,
  output logic               codes_valid_o,
  output tree_info_t         info_o,
  input  logic               codes_pop_i,
  input  logic               len_re_i,
  input  logic [SymBits-1:0] len_sym_i,
  output logic [3:0]         len_o
);
  logic       page_valid, unused_info, read_half;
  logic       sort_start, sort_idle, sort_done, sort_busy, lens_busy;
  logic       list_ready, list_fill, list_valid, list_read;
  sort_info_t sort_info, list_info;
  logic       tree_start, tree_idle, tree_done;
  tree_info_t tree_info;
  logic       codes_ready, codes_fill, codes_read;

  compress_handoff #(
    .Width(1)
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
    .pop_i      (sort_done),
    .read_half_o(read_half)
  );

  logic               list_we, list_re;
  logic [SymBits-1:0] list_waddr, list_raddr, list_wsym, list_rsym;
  logic [CountW-1:0]  list_wcount, list_rcount;

  assign sort_start  = page_valid && sort_idle && list_ready;
  assign read_half_o = read_half;

  compress_sort #(
    .Symbols(Symbols)
  ) u_sort (
    .clk_i,
    .rst_ni,
    .clear_i,
    .busy_o      (sort_busy),
    .start_i     (sort_start),
    .idle_o      (sort_idle),
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

  compress_handoff #(
    .Width($bits(sort_info_t))
  ) u_lists (
    .clk_i,
    .rst_ni,
    .clear_i,
    .push_i     (sort_done),
    .info_i     (sort_info),
    .ready_o    (list_ready),
    .fill_half_o(list_fill),
    .valid_o    (list_valid),
    .info_o     (list_info),
    .pop_i      (tree_done),
    .read_half_o(list_read)
  );

  prim_ram_1r1w #(
    .Width(SymBits + CountW),
    .Depth(2 << SymBits)
  ) u_list (
    .clk_i,
    .we_i   (list_we),
    .waddr_i({list_fill, list_waddr}),
    .wdata_i({list_wsym, list_wcount}),
    .re_i   (list_re),
    .raddr_i({list_read, list_raddr}),
    .rdata_o({list_rsym, list_rcount})
  );

  logic               len_we;
  logic [SymBits-1:0] len_wsym;
  logic [3:0]         len_wlen;

  assign tree_start = list_valid && tree_idle && codes_ready;
  assign busy_o     = sort_busy || lens_busy;

  compress_tree #(
    .Symbols(Symbols),
    .MaxLen (MaxLen)
  ) u_tree (
    .clk_i,
    .rst_ni,
    .clear_i,
    .start_i     (tree_start),
    .sort_i      (list_info),
    .idle_o      (tree_idle),
    .done_o      (tree_done),
    .info_o      (tree_info),
    .list_re_o   (list_re),
    .list_addr_o (list_raddr),
    .list_sym_i  (list_rsym),
    .list_count_i(list_rcount),
    .len_we_o    (len_we),
    .len_sym_o   (len_wsym),
    .len_o       (len_wlen)
  );

  compress_handoff #(
    .Width($bits(tree_info_t))
  ) u_codes (
    .clk_i,
    .rst_ni,
    .clear_i,
    .push_i     (tree_done),
    .info_i     (tree_info),
    .ready_o    (codes_ready),
    .fill_half_o(codes_fill),
    .valid_o    (codes_valid_o),
    .info_o,
    .pop_i      (codes_pop_i),
    .read_half_o(codes_read)
  );

  compress_lens #(
    .Depth(1 << SymBits)
  ) u_lens (
    .clk_i,
    .rst_ni,
    .clear_i,
    .busy_o   (lens_busy),
    .we_i     (len_we),
    .we_half_i(codes_fill),
    .we_sym_i (len_wsym),
    .we_len_i (len_wlen),
    .re_i     (len_re_i),
    .re_half_i(codes_read),
    .re_sym_i (len_sym_i),
    .len_o
  );

endmodule
