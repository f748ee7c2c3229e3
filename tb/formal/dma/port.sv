// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Proof at the AXI4 master port, on the whole DMA: every address shown lies in an open window, whatever the clients ask,
// and the rules of axi_assert hold.
//
// Free: requests, commands, data of all clients, aborts, clears, timeouts, every answer of memory, reset. Assumed:
// windows_i stands still while !idle_o, as the DMA's header says. The contents of the data buffers are cut free: no
// address comes from them.
module port
  import dma_pkg::*;
  import sealift_axi_pkg::*;
  import sealift_pkg::*;
#(
  parameter int unsigned Windows = 2,
  parameter bit          Rules   = 1'b0
) (
  input logic                         clk_i,
  input logic                         reset_i,
  input logic                         clear_i,
  input logic                         abort_i,
  input logic     [       31:0]       timeout_i,
  input window_t  [Windows-1:0]       windows_i,
  input logic     [        1:0]       rd_req_valid_i,
  input dma_req_t [        1:0]       rd_req_i,
  input logic     [        1:0]       rd_ready_i,
  input logic     [        1:0]       wr_cmd_valid_i,
  input logic     [        1:0][63:0] wr_cmd_addr_i,
  input logic     [        1:0]       wr_valid_i,
  input beat_t    [        1:0]       wr_beat_i,
  input axi_rsp_t                     rsp_i
);
  `include "formal.svh"
`SL_FORMAL_RESET

  axi_req_t req;
  logic idle;
  logic [1:0] rd_req_ready, rd_valid, wr_cmd_ready, wr_ready, wr_idle;
  beat_t [ 1:0] rd_beat;
  logic  [63:0] written;
  logic rd_waiting, wr_waiting;
  fault_t fault;

  dma_master #(
    .MaxReads   (2),
    .MaxWrites  (2),
    .Windows    (Windows),
    .DataBlocks (256),
    .ListBlocks (4),
    .WriteBlocks(512)
  ) dut (
    .clk_i,
    .rst_ni,
    .clear_i,
    .abort_i,
    .timeout_i,
    .windows_i,
    .rd_req_valid_i,
    .rd_req_ready_o(rd_req_ready),
    .rd_req_i,
    .rd_valid_o    (rd_valid),
    .rd_ready_i,
    .rd_beat_o     (rd_beat),
    .wr_cmd_valid_i,
    .wr_cmd_ready_o(wr_cmd_ready),
    .wr_cmd_addr_i,
    .wr_valid_i,
    .wr_ready_o    (wr_ready),
    .wr_beat_i,
    .wr_idle_o     (wr_idle),
    .written_o     (written),
    .rd_waiting_o  (rd_waiting),
    .wr_waiting_o  (wr_waiting),
    .fault_o       (fault),
    .idle_o        (idle),
    .axi_req_o     (req),
    .axi_rsp_i     (rsp_i)
  );

  `SL_ASSUME(WindowsStill, !$past(rst_ni && !idle) || $stable(windows_i))

  // -------------------------------------------------------------- the claim
  // A burst that stays in its page cannot run past the end of the address space.
  function automatic logic inside_window(logic [63:0] addr, logic [63:0] last, logic write,
                                         window_t [Windows-1:0] windows);
    inside_window = 1'b0;
    for (int unsigned i = 0; i < Windows; i++) begin
      if (windows[i].enable && (write ? windows[i].write : windows[i].read) &&
          windows[i].base <= addr && last <= windows[i].limit) begin
        inside_window = 1'b1;
      end
    end
  endfunction

  // The last byte that the beats of a burst cover, by its address and length as shown on the bus.
  function automatic logic [63:0] last_byte(logic [63:0] addr, logic [7:0] len);
    return {addr[63:12], 8'(addr[11:4] + len), 4'hf};
  endfunction

  `SL_ASSERT(ReadInWindow, !req.ar_valid || inside_window(
             req.ar.addr, last_byte(req.ar.addr, req.ar.len), 1'b0, windows_i))
  `SL_ASSERT(WriteInWindow, !req.aw_valid || inside_window(
             req.aw.addr, last_byte(req.aw.addr, req.aw.len), 1'b1, windows_i))
  `SL_COVER(Read, req.ar_valid && req.ar.len == 8'd255)
  `SL_COVER(Write, req.aw_valid)

  // -------------------------------------------------------------- what makes it inductive
  function automatic logic in_page(burst_t b);
    return b.addr[3:0] == '0 && b.blocks != '0 && 10'(b.addr[11:4]) + 10'(b.blocks) <= 10'd256;
  endfunction
  function automatic logic [63:0] burst_last(burst_t b);
    return {b.addr[63:12], 8'(9'(b.addr[11:4]) + 9'(b.blocks) - 1'b1), 4'hf};
  endfunction

  for (genvar c = 0; c < 2; c++) begin : gen_read
    `SL_ASSERT(
        LeftToCut,
        !dut.u_read.gen_client[c].u_split.busy_q || dut.u_read.gen_client[c].u_split.left_q != '0)
    `SL_ASSERT(CutInPage, !dut.u_read.cut_valid[c] || in_page(dut.u_read.cut[c]))
  end
  `SL_ASSERT(ReadTaken, !dut.u_read.u_firewall.valid_q || dut.u_read.u_firewall.taken_q)
  `SL_ASSERT(WriteTaken, !dut.u_write.u_firewall.valid_q || dut.u_write.u_firewall.taken_q)
  `SL_ASSERT(ReadTakenInPage, !dut.u_read.u_firewall.taken_q || in_page(
             dut.u_read.u_firewall.burst_q))
  `SL_ASSERT(WriteTakenInPage, !dut.u_write.u_firewall.taken_q || in_page(
             dut.u_write.u_firewall.burst_q))
  `SL_ASSERT(ReadAllowed,
             !(dut.u_read.fw_valid && dut.u_read.allowed) || dut.stop_q || inside_window(
             dut.u_read.fw_burst.addr, burst_last(dut.u_read.fw_burst), 1'b0, windows_i))
  `SL_ASSERT(WriteAllowed,
             !(dut.u_write.fw_valid && dut.u_write.allowed) || dut.stop_q || inside_window(
             dut.u_write.fw_burst.addr, burst_last(dut.u_write.fw_burst), 1'b1, windows_i))

  // The burst that is gathered starts where it says and ends in its page.
  logic [8:0] gathered;
  assign gathered = dut.u_write.u_gather.count_q;
  `SL_ASSERT(GatherFirst,
             !dut.u_write.u_gather.active_q || dut.u_write.u_gather.first_q == (gathered == '0))
  `SL_ASSERT(
      GatherRuns,
      !dut.u_write.u_gather.active_q || gathered == '0 || 10'(dut.u_write.u_gather.start_q) + 10'(gathered) == 10'(dut.u_write.u_gather.addr_q[7:0]))

  // Bursts that wait, and all that one client has under way: idle_o must know of them.
  burst_t [3:0] waiting;
  burst_t [1:0] outstanding;
  logic [3:0] wait_live;
  logic [1:0] out_live;
  logic [1:0][3:0] under_way;
  logic [1:0][4:0] given_up;
  for (genvar i = 0; i < 4; i++) begin : gen_waiting
    assign waiting[i] = dut.u_write.u_gather.u_bursts.mem[i];
    assign wait_live[i] = 3'(2'(2'(i) - dut.u_write.u_gather.u_bursts.rptr_q)) <
                          dut.u_write.u_gather.u_bursts.count_q;
    `SL_ASSERT(WaitingInPage, !wait_live[i] || in_page(waiting[i]))
  end
  for (genvar i = 0; i < 2; i++) begin : gen_outstanding
    assign outstanding[i] = dut.u_write.u_outstanding.mem[i];
    assign out_live[i]    = 2'(1'(1'(i) - dut.u_write.u_outstanding.rptr_q)) <
                            dut.u_write.u_outstanding.count_q;
    assign given_up[i] = 5'(dut.u_write.pending_q[i]) - 5'(under_way[i]);
    `SL_ASSERT(AllCounted, given_up[i] <= 5'd2)
    `SL_ASSERT(GivenUp,
               given_up[i] == '0 ||
        ((dut.u_write.u_fault.halt_q || dut.stop_q) && dut.u_write.u_outstanding.count_q == '0))
  end
  always_comb begin
    under_way = '0;
    for (int unsigned i = 0; i < 4; i++) begin
      if (wait_live[i]) under_way[waiting[i].client] += 1'b1;
    end
    for (int unsigned i = 0; i < 2; i++) begin
      if (out_live[i]) under_way[outstanding[i].client] += 1'b1;
    end
    if (dut.u_write.u_firewall.taken_q) under_way[dut.u_write.u_firewall.burst_q.client] += 1'b1;
  end
  `SL_ASSERT(GiveUpStops, !dut.u_write.u_fault.give_up_q || dut.u_write.u_fault.halt_q || dut.stop_q)
  `SL_ASSERT(
      WaitingCount,
      dut.u_write.u_gather.u_bursts.count_q <= 3'd4 && 2'(dut.u_write.u_gather.u_bursts.wptr_q - dut.u_write.u_gather.u_bursts.rptr_q) == dut.u_write.u_gather.u_bursts.count_q[1:0])
  `SL_ASSERT(
      OutstandingCount,
      dut.u_write.u_outstanding.count_q <= 2'd2 && 1'(dut.u_write.u_outstanding.wptr_q - dut.u_write.u_outstanding.rptr_q) == dut.u_write.u_outstanding.count_q[0])

  // -------------------------------------------------------------- the rules of W and of what is outstanding
  if (Rules) begin : gen_rules
    // Memory answers what it has taken, and ends each burst with RLAST.
    `SL_ASSUME(AnswersReads,
               !rsp_i.r_valid ||
        ((rsp_i.r.id != dut.u_axi_assert.read_id_q || dut.u_axi_assert.reads_q != '0) &&
         (rsp_i.r.id != dut.u_read.u_fault.id_q || dut.u_axi_assert.read_id_q == dut.u_read.u_fault.id_q)))
    `SL_ASSUME(LastIsRight,
               !dut.u_read.u_data.mine ||
        rsp_i.r.last == (dut.u_read.u_data.full && dut.u_read.u_data.ends))
    `SL_ASSUME(AnswersWrites,
               !rsp_i.b_valid ||
        ((rsp_i.b.id != dut.u_axi_assert.write_id_q || dut.u_axi_assert.writes_q != '0) &&
         (rsp_i.b.id != dut.u_write.u_fault.id_q || dut.u_axi_assert.write_id_q == dut.u_write.u_fault.id_q)))

    // Every word goes into the buffer with its mask, and the buffer gives back what went in (prim/fifo_ram).
    `SL_ASSERT(MaskGoesIn, !dut.u_write.u_gather.word_push || dut.u_write.u_gather.word[128])
    `SL_ASSUME(MaskComesOut, dut.u_write.u_gather.u_words.ram_rdata[128])
    for (genvar i = 0; i < 2; i++) begin : gen_word
      logic [128:0] stored;
      assign stored = dut.u_write.u_gather.u_words.u_out.mem[i];
      `SL_ASSERT(MaskKept,
                 2'(1'(1'(i) - dut.u_write.u_gather.u_words.u_out.rptr_q)) >=
                           dut.u_write.u_gather.u_words.u_out.count_q || stored[128])
    end
    `SL_ASSERT(WordsOut,
               dut.u_write.u_gather.u_words.u_out.count_q <= 2'd2 &&
        1'(dut.u_write.u_gather.u_words.u_out.wptr_q - dut.u_write.u_gather.u_words.u_out.rptr_q) ==
        dut.u_write.u_gather.u_words.u_out.count_q[0])

    // The checker's list of owed bursts is the DMA's.
    `SL_ASSERT(Owed,
               dut.u_axi_assert.owed_now == 3'(dut.u_write.u_lens.count_q) &&
                     dut.u_write.u_lens.count_q <= 2'd2 &&
                     1'(dut.u_write.u_lens.wptr_q - dut.u_write.u_lens.rptr_q) ==
                     dut.u_write.u_lens.count_q[0])
    logic [1:0][7:0] lens;
    for (genvar i = 0; i < 2; i++) begin : gen_len
      assign lens[i] = dut.u_write.u_lens.mem[i];
      `SL_ASSERT(OwedLen,
                 2'(i) >= dut.u_write.u_lens.count_q ||
          dut.u_axi_assert.owed[i].len == lens[1'(dut.u_write.u_lens.rptr_q + 1'(i))])
    end
    `SL_ASSERT(Sent, dut.u_axi_assert.beat_q == dut.u_write.sent_q)
    `SL_ASSERT(Shown, !dut.u_axi_assert.aw_checked_q || req.aw_valid)
    `SL_ASSERT(SentOfOwed, dut.u_write.u_lens.count_q != '0 || dut.u_write.sent_q == '0)

    // The checker's counts are the DMA's, while the ID is the same.
    `SL_ASSERT(ReadId,
               dut.u_read.u_fault.id_q == dut.u_axi_assert.read_id_q ||
                       (dut.u_read.u_fault.id_q == dut.u_axi_assert.read_id_q + 1'b1 &&
                        dut.u_read.u_outstanding.count_q == 2'(req.ar_valid)))
    `SL_ASSERT(ReadCount,
               dut.u_read.u_fault.id_q != dut.u_axi_assert.read_id_q ||
                          3'(dut.u_axi_assert.reads_q) + 3'(req.ar_valid) ==
                          3'(dut.u_read.u_outstanding.count_q))
    `SL_ASSERT(ReadShown, !req.ar_valid || req.ar.id == dut.u_read.u_fault.id_q)
    `SL_ASSERT(
        ReadGivenUp,
        !dut.u_read.u_fault.give_up_q || req.ar_valid || dut.u_read.u_fault.id_q == dut.u_axi_assert.read_id_q)
    `SL_ASSERT(ReadHalt, !dut.u_read.u_fault.give_up_q || dut.u_read.u_fault.halt_q || dut.stop_q)
    `SL_ASSERT(ReadDepth, dut.u_read.u_outstanding.count_q <= 2'd2)
    `SL_ASSERT(WriteId,
               dut.u_write.u_fault.id_q == dut.u_axi_assert.write_id_q ||
                        (dut.u_write.u_fault.id_q == dut.u_axi_assert.write_id_q + 1'b1 &&
                         dut.u_write.u_outstanding.count_q == 2'(req.aw_valid)))
    `SL_ASSERT(WriteCount,
               dut.u_write.u_fault.id_q != dut.u_axi_assert.write_id_q ||
                           3'(dut.u_axi_assert.writes_q) + 3'(req.aw_valid) ==
                           3'(dut.u_write.u_outstanding.count_q))
    `SL_ASSERT(WriteShown, !req.aw_valid || req.aw.id == dut.u_write.u_fault.id_q)
    `SL_ASSERT(
        WriteGivenUp,
        !dut.u_write.u_fault.give_up_q || req.aw_valid || dut.u_write.u_fault.id_q == dut.u_axi_assert.write_id_q)
    `SL_COVER(LastBeat, req.w_valid && req.w.last && rsp_i.w_ready)
    `SL_COVER(Two, dut.u_axi_assert.reads_q == 2'd2)
  end
endmodule
