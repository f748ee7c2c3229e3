// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Proof: the two AXI4-Lite ports of sealift_control keep the rules of AMBA AXI (IHI 0022, A3.2.1 and B1.1) towards any master:
// an answer that is shown stays until it is taken; each request has one answer and nothing else has one; a request that is
// whole is answered within two cycles, whatever the ready signals do, unless another answer is being shown.
//
// The whole control block, with all that is behind it. Free: both masters (what they show need not even stay), the data path's
// side, reset. Its own assertions speak of the data path and are left out here.
module ports
  import sealift_pkg::*;
  import sealift_axi_pkg::*;
(
  input logic              clk_i,
  input logic              reset_i,
  input lite_req_t   [1:0] req_i,            // of the host port, of the secure port
  input commit_t           commit_i,
  input logic              dp_done_i,
  input fault_t            fault_i,
  input job_counts_t       counts_i,
  input logic        [3:0] stall_i,
  input logic              crypto_ready_i,
  input logic              dma_idle_i,
  input logic              rec_cmd_ready_i,
  input logic              rec_ready_i,
  input logic              rec_idle_i
);
  `include "formal.svh"
`SL_FORMAL_RESET

  localparam int unsigned Most = 3;  // of a kind: two on their way, one waiting
  localparam int unsigned Wait = 2;  // cycles

  lite_rsp_t [1:0] rsp;

  sealift_control dut (
    .clk_i,
    .rst_ni,
    .host_req_i  (req_i[0]),
    .host_rsp_o  (rsp[0]),
    .secure_req_i(req_i[1]),
    .secure_rsp_o(rsp[1]),
    .commit_i,
    .dp_done_i,
    .fault_i,
    .counts_i,
    .stall_i,
    .crypto_ready_i,
    .dma_idle_i,
    .rec_cmd_ready_i,
    .rec_ready_i,
    .rec_idle_i
  );

  for (genvar p = 0; p < 2; p++) begin : gen_port
    lite_req_t req, req_q;
    lite_rsp_t rsp_p, rsp_q;
    logic past_q;
    logic aw, w, b, ar, r, whole;
    logic [2:0] aws_q, ws_q, ars_q;  // accepted and not answered
    logic [1:0] wait_q;

    assign req   = req_i[p];
    assign rsp_p = rsp[p];
    assign aw    = req.aw_valid && rsp_p.aw_ready;
    assign w     = req.w_valid && rsp_p.w_ready;
    assign b     = rsp_p.b_valid && req.b_ready;
    assign ar    = req.ar_valid && rsp_p.ar_ready;
    assign r     = rsp_p.r_valid && req.r_ready;
    assign whole = ars_q != '0 || (aws_q != '0 && ws_q != '0);

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        past_q <= 1'b0;
        aws_q  <= '0;
        ws_q   <= '0;
        ars_q  <= '0;
        wait_q <= '0;
      end else begin
        past_q <= 1'b1;
        aws_q  <= aws_q + 3'(aw) - 3'(b);
        ws_q   <= ws_q + 3'(w) - 3'(b);
        ars_q  <= ars_q + 3'(ar) - 3'(r);
        wait_q <= (whole && !rsp_p.b_valid && !rsp_p.r_valid) ? wait_q + 2'd1 : '0;
      end
    end
    always_ff @(posedge clk_i) begin
      req_q <= req;
      rsp_q <= rsp_p;
    end

    `SL_ASSERT(FreshQuiet, past_q || (!rsp_p.b_valid && !rsp_p.r_valid))  // A3.1.2
    `SL_ASSERT(StableB,
               !past_q || !rsp_q.b_valid || req_q.b_ready || (rsp_p.b_valid && rsp_p.b_resp == rsp_q.b_resp))
    `SL_ASSERT(StableR,
               !past_q || !rsp_q.r_valid || req_q.r_ready ||
               (rsp_p.r_valid && rsp_p.r_resp == rsp_q.r_resp && rsp_p.r_data == rsp_q.r_data))
    `SL_ASSERT(AnswersB,
               !rsp_p.b_valid || (aws_q != '0 && ws_q != '0))  // A3.3.1: behind address and data
    `SL_ASSERT(AnswersR, !rsp_p.r_valid || ars_q != '0)
    `SL_ASSERT(Outstanding, aws_q <= 3'(Most) && ws_q <= 3'(Most) && ars_q <= 3'(Most))
    `SL_ASSERT(Answered, wait_q < 2'(Wait))
    `SL_ASSERT(RespB, rsp_p.b_resp inside {RespOkay, RespSlvErr})  // B1.1.1: no EXOKAY
    `SL_ASSERT(RespR, rsp_p.r_resp inside {RespOkay, RespSlvErr})
    `SL_ASSERT(ErrorIsZero, !rsp_p.r_valid || rsp_p.r_resp == RespOkay || rsp_p.r_data == '0)
    `SL_COVER(WriteRead, b && ars_q != '0)
    `SL_COVER(Full, ars_q == 3'(Most) && rsp_p.r_valid)
  end

  // -------------------------------------------------------------- what makes it inductive
  `SL_ASSERT(NothingPends, !dut.u_secure_regs.external_pending)
  `define PORTS_REGS(__p, __regs) \
    begin : gen_inside_``__p \
      logic [1:0] stored, writes; \
      assign stored = dut.__regs.axil_resp_wptr - dut.__regs.axil_resp_rptr; \
      assign writes = (stored == 2'd0) ? 2'd0 : 2'(dut.__regs.axil_resp_buffer_is_wr[dut.__regs.axil_resp_rptr[0]]) + \
                      ((stored == 2'd2) ? 2'(dut.__regs.axil_resp_buffer_is_wr[!dut.__regs.axil_resp_rptr[0]]) : 2'd0); \
      `SL_ASSERT(InFlight, stored <= 2'd2 && dut.__regs.axil_n_in_flight == stored) \
      for (genvar i = 0; i < 2; i++) begin : gen_stored \
        `SL_ASSERT(Zero, dut.__regs.axil_resp_buffer_is_wr[i] || !dut.__regs.axil_resp_buffer_err[i] || \
                   dut.__regs.axil_resp_buffer_rdata[i] == '0) \
      end \
      `SL_ASSERT(Reads, gen_port[__p].ars_q == 3'(dut.__regs.axil_arvalid) + 3'(stored) - 3'(writes)) \
      `SL_ASSERT(Addresses, gen_port[__p].aws_q == 3'(dut.__regs.axil_awvalid) + 3'(writes)) \
      `SL_ASSERT(Data, gen_port[__p].ws_q == 3'(dut.__regs.axil_wvalid) + 3'(writes)) \
    end
  if (1) `PORTS_REGS(0, u_host_regs)
  if (1) `PORTS_REGS(1, u_secure_regs)
endmodule
