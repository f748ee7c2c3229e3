// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// The DMA: the one AXI4 master port of Sealift, with its read side, its write side and the
// firewall.
//
// Clients:  index 0 carries data, index 1 carries lists (read) and completion records (write). The
//           sides and their protocols are described in dma_read and dma_write.
// Control:  abort_i (level or pulse) and the first fault stop both sides until clear_i: nothing new
//           is issued, what is outstanding completes, data read meanwhile is dropped, gathered data
//           is not written. idle_o then says that the bus is quiet. clear_i (taken only while the
//           bus is quiet) starts over: buffers empty, counts zero. Without a stop, idle_o says that
//           all work is done.
// Rules:    fault_o pulses once between clears, with the first fault; windows_i and timeout_i are
//           still while !idle_o; outputs of the port do not depend combinationally on its inputs
//           (A3.2.1).
module dma_master
  import sealift_axi_pkg::*;
  import sealift_cfg_pkg::Cfg;
  import sealift_pkg::*;
#(
  parameter int unsigned MaxReads    = Cfg.MaxReads,
  parameter int unsigned MaxWrites   = Cfg.MaxWrites,
  parameter int unsigned Windows     = Cfg.Windows,
  parameter int unsigned DataBlocks  = 1024,           // read buffer of the data client, in beats
  parameter int unsigned ListBlocks  = 256,            // read buffer of the list client
  parameter int unsigned WriteBlocks = 512             // write buffer
) (
  input logic clk_i,
  input logic rst_ni,
  input logic clear_i,
  input logic abort_i,
  input logic [31:0] timeout_i,
  input window_t [Windows-1:0] windows_i,
  input logic [1:0] rd_req_valid_i,
  output logic [1:0] rd_req_ready_o,
  input dma_req_t [1:0] rd_req_i,
  output logic [1:0] rd_valid_o,
  input logic [1:0] rd_ready_i,
  output beat_t [1:0] rd_beat_o,
  input logic [1:0] wr_cmd_valid_i,
  output logic [1:0] wr_cmd_ready_o,
  input logic [1:0][63:0] wr_cmd_addr_i,
  input logic [1:0] wr_valid_i,
  output logic [1:0] wr_ready_o,
  input beat_t [1:0] wr_beat_i,
  output logic [1:0] wr_idle_o,  // all writes of the client are answered
  output logic [63:0] written_o,  // bytes of the data client answered OKAY, before the first that was not
  output logic rd_waiting_o,  // reads are outstanding and none of their data comes
  output logic wr_waiting_o,  // a write is held up by memory
  output fault_t fault_o,
  output logic idle_o,
  output axi_req_t axi_req_o,
  input axi_rsp_t axi_rsp_i
);
  `include "sealift_assert.svh"

  `SL_ASSERT_PARAM(DataWidth, AxiDataW inside {64, 128, 256, 512})
  `SL_ASSERT_PARAM(WriteBuffer, WriteBlocks >= 512 && DataBlocks >= 256 && ListBlocks >= 4)

  logic clear, stop, stop_q, rd_quiet, wr_quiet, rd_busy;
  fault_t rd_fault, wr_fault;

  assign clear  = clear_i && rd_quiet && wr_quiet;
  assign stop   = stop_q || abort_i;
  assign idle_o = rd_quiet && wr_quiet && (stop || (!rd_busy && wr_idle_o == '1));

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) stop_q <= 1'b0;
    else if (clear) stop_q <= 1'b0;
    else if (abort_i || rd_fault.valid || wr_fault.valid) stop_q <= 1'b1;
  end

  // The sides cannot know of each other's fault in the same cycle.
  always_comb begin
    fault_o = rd_fault.valid ? rd_fault : wr_fault;
    fault_o.valid = (rd_fault.valid || wr_fault.valid) && !stop_q;
  end

  dma_read #(
    .MaxReads  (MaxReads),
    .Windows   (Windows),
    .DataBlocks(DataBlocks),
    .ListBlocks(ListBlocks)
  ) u_read (
    .clk_i,
    .rst_ni,
    .clear_i    (clear),
    .stop_i     (stop),
    .timeout_i,
    .windows_i,
    .req_valid_i(rd_req_valid_i),
    .req_ready_o(rd_req_ready_o),
    .req_i      (rd_req_i),
    .out_valid_o(rd_valid_o),
    .out_ready_i(rd_ready_i),
    .out_beat_o (rd_beat_o),
    .ar_o       (axi_req_o.ar),
    .ar_valid_o (axi_req_o.ar_valid),
    .ar_ready_i (axi_rsp_i.ar_ready),
    .r_i        (axi_rsp_i.r),
    .r_valid_i  (axi_rsp_i.r_valid),
    .r_ready_o  (axi_req_o.r_ready),
    .fault_o    (rd_fault),
    .quiet_o    (rd_quiet),
    .busy_o     (rd_busy),
    .waiting_o  (rd_waiting_o)
  );

  dma_write #(
    .MaxWrites   (MaxWrites),
    .Windows     (Windows),
    .BufferBlocks(WriteBlocks)
  ) u_write (
    .clk_i,
    .rst_ni,
    .clear_i    (clear),
    .stop_i     (stop),
    .timeout_i,
    .windows_i,
    .cmd_valid_i(wr_cmd_valid_i),
    .cmd_ready_o(wr_cmd_ready_o),
    .cmd_addr_i (wr_cmd_addr_i),
    .in_valid_i (wr_valid_i),
    .in_ready_o (wr_ready_o),
    .in_beat_i  (wr_beat_i),
    .aw_o       (axi_req_o.aw),
    .aw_valid_o (axi_req_o.aw_valid),
    .aw_ready_i (axi_rsp_i.aw_ready),
    .w_o        (axi_req_o.w),
    .w_valid_o  (axi_req_o.w_valid),
    .w_ready_i  (axi_rsp_i.w_ready),
    .b_i        (axi_rsp_i.b),
    .b_valid_i  (axi_rsp_i.b_valid),
    .b_ready_o  (axi_req_o.b_ready),
    .fault_o    (wr_fault),
    .quiet_o    (wr_quiet),
    .idle_o     (wr_idle_o),
    .waiting_o  (wr_waiting_o),
    .written_o
  );

  axi_assert #(
    .MaxReads (MaxReads),
    .MaxWrites(MaxWrites),
    .Windows  (Windows)
  ) u_axi_assert (
    .clk_i,
    .rst_ni,
    .req_i(axi_req_o),
    .rsp_i(axi_rsp_i),
    .windows_i
  );

endmodule
