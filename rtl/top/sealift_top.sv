// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Sealift: moves the memory of a virtual machine out of one host and into another, fast and sealed.
//
// Host port (AXI4-Lite): request mailbox, doorbell, status, counters: all that the VMM sees.
// Secure port (AXI4-Lite): jobs, key slots, memory windows, policy, zeroize: the security processor alone.
// Memory port (AXI4): one master; reads and writes nothing outside the memory windows opened for the job.
//
// One clock, one reset (asynchronous assertion, synchronous release is the integrator's). docs/programmers-guide.md
// says which register in which order, docs/architecture.md what happens inside.
module sealift_top (
  input  logic                       clk_i,
  input  logic                       rst_ni,
  input  sealift_axi_pkg::lite_req_t host_req_i,
  output sealift_axi_pkg::lite_rsp_t host_rsp_o,
  input  sealift_axi_pkg::lite_req_t secure_req_i,
  output sealift_axi_pkg::lite_rsp_t secure_rsp_o,
  output sealift_axi_pkg::axi_req_t  axi_req_o,
  input  sealift_axi_pkg::axi_rsp_t  axi_rsp_i,
  output logic                       irq_host_o,
  output logic                       irq_secure_o,
  output logic                       alert_o
);
  import sealift_pkg::*;
  import sealift_axi_pkg::*;
  import sealift_cfg_pkg::Cfg;

  job_t                job;
  stream_bind_t        stream_bind;
  logic         [63:0] seq;
  totals_t             totals;
  commit_t             commit;
  logic start, clear, dma_abort, dma_idle, done;
  fault_t fault, fault_dp;
  job_counts_t                   counts;
  logic                    [3:0] stall;
  crypto_pkg::crypto_key_t       key;
  logic key_load, key_ready, key_wipe, key_fault, key_fault_q;
  logic rec_cmd_valid, rec_cmd_ready, rec_valid, rec_ready, rec_idle;
  logic    [      AddrW-1:0] rec_addr;
  beat_t                     rec_beat;
  window_t [Cfg.Windows-1:0] windows;
  logic    [           31:0] timeout;

  // A disturbance in the key logic ends the job like any other fault: once, when it shows.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) key_fault_q <= 1'b0;
    else key_fault_q <= key_fault;
  end

  always_comb begin
    fault = fault_dp;
    if (key_fault && !key_fault_q) fault = '{valid: 1'b1, code: StatusFault, addr: '0};
  end

  sealift_control u_control (
    .clk_i,
    .rst_ni,
    .host_req_i,
    .host_rsp_o,
    .secure_req_i,
    .secure_rsp_o,
    .irq_host_o,
    .irq_secure_o,
    .alert_o,
    .job_o             (job),
    .bind_o            (stream_bind),
    .seq_o             (seq),
    .totals_o          (totals),
    .start_o           (start),
    .clear_o           (clear),
    .commit_i          (commit),
    .dp_done_i         (done),
    .fault_i           (fault),
    .counts_i          (counts),
    .stall_i           (stall),
    .crypto_load_o     (key_load),
    .crypto_alg_o      (key.alg),
    .crypto_key_o      (key.key),
    .crypto_tweak_key_o(key.tweak_key),
    .crypto_stream_id_o(key.stream_id),
    .crypto_salt_o     (key.salt),
    .crypto_ready_i    (key_ready),
    .crypto_wipe_o     (key_wipe),
    .dma_abort_o       (dma_abort),
    .dma_idle_i        (dma_idle),
    .windows_o         (windows),
    .timeout_o         (timeout),
    .rec_cmd_valid_o   (rec_cmd_valid),
    .rec_cmd_ready_i   (rec_cmd_ready),
    .rec_addr_o        (rec_addr),
    .rec_valid_o       (rec_valid),
    .rec_ready_i       (rec_ready),
    .rec_beat_o        (rec_beat),
    .rec_idle_i        (rec_idle)
  );

  datapath u_datapath (
    .clk_i,
    .rst_ni,
    .start_i        (start),
    .clear_i        (clear),
    .abort_i        (dma_abort),
    .idle_o         (dma_idle),
    .done_o         (done),
    .fault_o        (fault_dp),
    .job_i          (job),
    .bind_i         (stream_bind),
    .seq_i          (seq),
    .totals_i       (totals),
    .commit_o       (commit),
    .counts_o       (counts),
    .stall_o        (stall),
    .key_load_i     (key_load),
    .key_i          (key),
    .key_ready_o    (key_ready),
    .key_wipe_i     (key_wipe),
    .key_fault_o    (key_fault),
    .windows_i      (windows),
    .timeout_i      (timeout),
    .rec_cmd_valid_i(rec_cmd_valid),
    .rec_cmd_ready_o(rec_cmd_ready),
    .rec_addr_i     (rec_addr),
    .rec_valid_i    (rec_valid),
    .rec_ready_o    (rec_ready),
    .rec_beat_i     (rec_beat),
    .rec_idle_o     (rec_idle),
    .axi_req_o,
    .axi_rsp_i
  );

endmodule
