// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Everything that a page passes: migrate-out, migrate-in, the lanes, and the cipher, tag unit and DMA that both share.
//
// One job runs at a time, in one direction (job_i.dir); the shared units follow it. All control is job_ctrl's:
// start_i begins a job, done_o and the fault port end it, clear_i wipes what is inside.
// Rules: job_i, bind_i, windows_i and timeout_i are still from start_i to clear_i.
module datapath
  import sealift_pkg::*;
  import sealift_axi_pkg::*;
  import sealift_cfg_pkg::Cfg;
(
  input logic clk_i,
  input logic rst_ni,
  // control
  input logic start_i,
  input logic clear_i,
  input logic abort_i,
  output logic idle_o,
  output logic done_o,
  output fault_t fault_o,
  input job_t job_i,
  input stream_bind_t bind_i,
  input logic [63:0] seq_i,
  input totals_t totals_i,
  output commit_t commit_o,
  output job_counts_t counts_o,
  output logic [3:0] stall_o,  // waiting for memory, a lane, the cipher, the writer
  // keys
  input logic key_load_i,
  input crypto_pkg::crypto_key_t key_i,
  output logic key_ready_o,
  input logic key_wipe_i,
  output logic key_fault_o,
  // memory
  input window_t [Cfg.Windows-1:0] windows_i,
  input logic [31:0] timeout_i,
  // completion records
  input logic rec_cmd_valid_i,
  output logic rec_cmd_ready_o,
  input logic [AddrW-1:0] rec_addr_i,
  input logic rec_valid_i,
  output logic rec_ready_o,
  input beat_t rec_beat_i,
  output logic rec_idle_o,
  output axi_req_t axi_req_o,
  input axi_rsp_t axi_rsp_i
);
  logic in;  // the direction of the job
  assign in = job_i.dir == DirIn;

  // ---------------------------------------------------------------- the two directions and their ports
  logic rd_req_valid_out, rd_req_valid_in, rd_req_ready, rd_valid, rd_ready_out, rd_ready_in;
  dma_req_t rd_req_out, rd_req_in;
  beat_t rd_beat;
  logic list_req_valid_out, list_req_valid_in, list_req_ready;
  logic list_valid, list_ready_out, list_ready_in;
  dma_req_t list_req_out, list_req_in;
  beat_t list_beat;
  logic wr_cmd_valid_out, wr_cmd_valid_in, wr_cmd_ready;
  logic wr_valid_out, wr_valid_in, wr_ready, settled_out, settled_in;
  logic [63:0] written;
  logic [63:0] wr_addr_out, wr_addr_in;
  beat_t wr_beat_out, wr_beat_in;

  logic cph_cmd_valid_out, cph_cmd_valid_in, cph_cmd_ready;
  logic cph_in_valid_out, cph_in_valid_in, cph_in_ready;
  logic cph_out_valid, cph_out_ready_out, cph_out_ready_in;
  cipher_cmd_t cph_cmd_out, cph_cmd_in, cph_cmd;
  beat_t cph_in_beat_out, cph_in_beat_in, cph_out_beat;

  logic auth_cmd_valid_out, auth_cmd_valid_in, auth_cmd_ready;
  logic auth_in_valid_out, auth_in_valid_in, auth_in_ready;
  logic auth_out_valid, auth_out_ready, auth_ok_valid, auth_ok_ready, auth_ok;
  auth_cmd_t auth_cmd_out, auth_cmd_in, auth_cmd;
  beat_t auth_in_beat_out, auth_in_beat_in, auth_out_beat;

  fault_t fault_out, fault_in, fault_dma;
  logic done_out, done_in;
  commit_t commit_out, commit_in;
  job_counts_t counts_out, counts_in;
  logic [3:0] stall_out, stall_in;

  // ---------------------------------------------------------------- lanes
  level_e comp_level;
  logic
      comp_in_valid, comp_in_ready, comp_res_valid, comp_res_ready, comp_out_valid, comp_out_ready;
  beat_t comp_in_beat, comp_out_beat;
  compress_result_t comp_res;
  logic
      infl_in_valid, infl_in_ready, infl_res_valid, infl_res_ready, infl_out_valid, infl_out_ready;
  beat_t infl_in_beat, infl_out_beat;
  inflate_result_t infl_res;

  verified_lanes u_lanes (
    .clk_i,
    .rst_ni,
    .clear_i,
    .verify_i        (job_i.verify && !in),
    .level_i         (comp_level),
    .comp_in_valid_i (comp_in_valid),
    .comp_in_ready_o (comp_in_ready),
    .comp_in_beat_i  (comp_in_beat),
    .comp_res_valid_o(comp_res_valid),
    .comp_res_ready_i(comp_res_ready),
    .comp_res_o      (comp_res),
    .comp_out_valid_o(comp_out_valid),
    .comp_out_ready_i(comp_out_ready),
    .comp_out_beat_o (comp_out_beat),
    .infl_in_valid_i (infl_in_valid),
    .infl_in_ready_o (infl_in_ready),
    .infl_in_beat_i  (infl_in_beat),
    .infl_res_valid_o(infl_res_valid),
    .infl_res_ready_i(infl_res_ready),
    .infl_res_o      (infl_res),
    .infl_out_valid_o(infl_out_valid),
    .infl_out_ready_i(infl_out_ready),
    .infl_out_beat_o (infl_out_beat)
  );

  migrate_out u_migrate_out (
    .clk_i,
    .rst_ni,
    .clear_i,
    .start_i         (start_i && !in),
    .job_i,
    .bind_i,
    .seq_i,
    .totals_i,
    .commit_o        (commit_out),
    .rd_req_valid_o  (rd_req_valid_out),
    .rd_req_ready_i  (rd_req_ready && !in),
    .rd_req_o        (rd_req_out),
    .rd_valid_i      (rd_valid && !in),
    .rd_ready_o      (rd_ready_out),
    .rd_beat_i       (rd_beat),
    .list_req_valid_o(list_req_valid_out),
    .list_req_ready_i(list_req_ready && !in),
    .list_req_o      (list_req_out),
    .list_valid_i    (list_valid && !in),
    .list_ready_o    (list_ready_out),
    .list_beat_i     (list_beat),
    .wr_cmd_valid_o  (wr_cmd_valid_out),
    .wr_cmd_ready_i  (wr_cmd_ready && !in),
    .wr_addr_o       (wr_addr_out),
    .wr_valid_o      (wr_valid_out),
    .wr_ready_i      (wr_ready && !in),
    .wr_beat_o       (wr_beat_out),
    .written_i       (written),
    .lane_level_o    (comp_level),
    .lane_in_valid_o (comp_in_valid),
    .lane_in_ready_i (comp_in_ready),
    .lane_in_beat_o  (comp_in_beat),
    .lane_res_valid_i(comp_res_valid),
    .lane_res_ready_o(comp_res_ready),
    .lane_res_i      (comp_res),
    .lane_out_valid_i(comp_out_valid),
    .lane_out_ready_o(comp_out_ready),
    .lane_out_beat_i (comp_out_beat),
    .cph_cmd_valid_o (cph_cmd_valid_out),
    .cph_cmd_ready_i (cph_cmd_ready && !in),
    .cph_cmd_o       (cph_cmd_out),
    .cph_in_valid_o  (cph_in_valid_out),
    .cph_in_ready_i  (cph_in_ready && !in),
    .cph_in_beat_o   (cph_in_beat_out),
    .cph_out_valid_i (cph_out_valid && !in),
    .cph_out_ready_o (cph_out_ready_out),
    .cph_out_beat_i  (cph_out_beat),
    .auth_cmd_valid_o(auth_cmd_valid_out),
    .auth_cmd_ready_i(auth_cmd_ready && !in),
    .auth_cmd_o      (auth_cmd_out),
    .auth_in_valid_o (auth_in_valid_out),
    .auth_in_ready_i (auth_in_ready && !in),
    .auth_in_beat_o  (auth_in_beat_out),
    .auth_out_valid_i(auth_out_valid),
    .auth_out_ready_o(auth_out_ready),
    .auth_out_beat_i (auth_out_beat),
    .fault_o         (fault_out),
    .done_o          (done_out),
    .settled_o       (settled_out),
    .counts_o        (counts_out),
    .stall_mem_o     (stall_out[0]),
    .stall_lane_o    (stall_out[1]),
    .stall_cipher_o  (stall_out[2]),
    .stall_writer_o  (stall_out[3])
  );

  migrate_in u_migrate_in (
    .clk_i,
    .rst_ni,
    .clear_i,
    .start_i         (start_i && in),
    .job_i,
    .bind_i,
    .seq_i,
    .totals_i,
    .commit_o        (commit_in),
    .rd_req_valid_o  (rd_req_valid_in),
    .rd_req_ready_i  (rd_req_ready && in),
    .rd_req_o        (rd_req_in),
    .rd_valid_i      (rd_valid && in),
    .rd_ready_o      (rd_ready_in),
    .rd_beat_i       (rd_beat),
    .list_req_valid_o(list_req_valid_in),
    .list_req_ready_i(list_req_ready && in),
    .list_req_o      (list_req_in),
    .list_valid_i    (list_valid && in),
    .list_ready_o    (list_ready_in),
    .list_beat_i     (list_beat),
    .wr_cmd_valid_o  (wr_cmd_valid_in),
    .wr_cmd_ready_i  (wr_cmd_ready && in),
    .wr_addr_o       (wr_addr_in),
    .wr_valid_o      (wr_valid_in),
    .wr_ready_i      (wr_ready && in),
    .wr_beat_o       (wr_beat_in),
    .written_i       (written),
    .lane_in_valid_o (infl_in_valid),
    .lane_in_ready_i (infl_in_ready),
    .lane_in_beat_o  (infl_in_beat),
    .lane_res_valid_i(infl_res_valid),
    .lane_res_ready_o(infl_res_ready),
    .lane_res_i      (infl_res),
    .lane_out_valid_i(infl_out_valid),
    .lane_out_ready_o(infl_out_ready),
    .lane_out_beat_i (infl_out_beat),
    .cph_cmd_valid_o (cph_cmd_valid_in),
    .cph_cmd_ready_i (cph_cmd_ready && in),
    .cph_cmd_o       (cph_cmd_in),
    .cph_in_valid_o  (cph_in_valid_in),
    .cph_in_ready_i  (cph_in_ready && in),
    .cph_in_beat_o   (cph_in_beat_in),
    .cph_out_valid_i (cph_out_valid && in),
    .cph_out_ready_o (cph_out_ready_in),
    .cph_out_beat_i  (cph_out_beat),
    .auth_cmd_valid_o(auth_cmd_valid_in),
    .auth_cmd_ready_i(auth_cmd_ready && in),
    .auth_cmd_o      (auth_cmd_in),
    .auth_in_valid_o (auth_in_valid_in),
    .auth_in_ready_i (auth_in_ready && in),
    .auth_in_beat_o  (auth_in_beat_in),
    .auth_ok_valid_i (auth_ok_valid),
    .auth_ok_ready_o (auth_ok_ready),
    .auth_ok_i       (auth_ok),
    .fault_o         (fault_in),
    .done_o          (done_in),
    .settled_o       (settled_in),
    .counts_o        (counts_in),
    .stall_memory_o  (stall_in[0]),
    .stall_lane_o    (stall_in[1]),
    .stall_cipher_o  (stall_in[2]),
    .stall_writer_o  (stall_in[3])
  );

  assign done_o   = in ? done_in : done_out;
  assign commit_o = in ? commit_in : commit_out;
  assign counts_o = in ? counts_in : counts_out;
  assign stall_o  = in ? stall_in : stall_out;

  always_comb begin
    fault_o = in ? fault_in : fault_out;
    if (fault_dma.valid) fault_o = fault_dma;
  end

  // ---------------------------------------------------------------- cipher and tag
  assign cph_cmd  = in ? cph_cmd_in : cph_cmd_out;
  assign auth_cmd = in ? auth_cmd_in : auth_cmd_out;

  // A tag command goes to the tag unit, and its sequence number to the mask generator unless the tag is a CRC.
  logic auth_cmd_valid, tag_ready, tag_done_q, mask_ready, mask_done_q, mask_wanted;
  assign auth_cmd_valid = in ? auth_cmd_valid_in : auth_cmd_valid_out;
  assign mask_wanted    = !auth_cmd.crc;
  assign auth_cmd_ready = (tag_ready || tag_done_q) && (mask_ready || mask_done_q || !mask_wanted);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      tag_done_q  <= 1'b0;
      mask_done_q <= 1'b0;
    end else if (clear_i || (auth_cmd_valid && auth_cmd_ready)) begin
      tag_done_q  <= 1'b0;
      mask_done_q <= 1'b0;
    end else if (auth_cmd_valid) begin
      tag_done_q  <= tag_done_q || tag_ready;
      mask_done_q <= mask_done_q || (mask_ready && mask_wanted);
    end
  end

  crypto_pkg::crypto_cmd_t crypto_cmd;
  crypto_pkg::tag_cmd_t    tag_cmd;
  assign crypto_cmd = '{
          bypass: cph_cmd.bypass,
          seq: cph_cmd.seq,
          unit: cph_cmd.unit,
          blocks: 10'(cph_cmd.blocks)
      };
  assign tag_cmd = '{
          mode: auth_cmd.crc ? crypto_pkg::AuthCrc : crypto_pkg::AuthGcm,
          aad_beats: auth_cmd.aad_beats
      };

  logic unused_auth_idle, unused_load_ready;

  crypto_unit u_crypto (
    .clk_i,
    .rst_ni,
    .clear_i,
    .wipe_i            (key_wipe_i),
    .load_i            (key_load_i),
    .load_ready_o      (unused_load_ready),
    .load_key_i        (key_i),
    .ready_o           (key_ready_o),
    .fault_o           (key_fault_o),
    .cipher_cmd_valid_i(in ? cph_cmd_valid_in : cph_cmd_valid_out),
    .cipher_cmd_ready_o(cph_cmd_ready),
    .cipher_cmd_i      (crypto_cmd),
    .cipher_in_valid_i (in ? cph_in_valid_in : cph_in_valid_out),
    .cipher_in_ready_o (cph_in_ready),
    .cipher_in_beat_i  (in ? cph_in_beat_in : cph_in_beat_out),
    .cipher_out_valid_o(cph_out_valid),
    .cipher_out_ready_i(in ? cph_out_ready_in : cph_out_ready_out),
    .cipher_out_beat_o (cph_out_beat),
    .mask_valid_i      (auth_cmd_valid && mask_wanted && !mask_done_q),
    .mask_ready_o      (mask_ready),
    .mask_seq_i        (auth_cmd.seq),
    .dir_i             (job_i.dir),
    .auth_idle_o       (unused_auth_idle),
    .auth_cmd_valid_i  (auth_cmd_valid && !tag_done_q),
    .auth_cmd_ready_o  (tag_ready),
    .auth_cmd_i        (tag_cmd),
    .auth_in_valid_i   (in ? auth_in_valid_in : auth_in_valid_out),
    .auth_in_ready_o   (auth_in_ready),
    .auth_in_beat_i    (in ? auth_in_beat_in : auth_in_beat_out),
    .auth_out_valid_o  (auth_out_valid),
    .auth_out_ready_i  (auth_out_ready),
    .auth_out_beat_o   (auth_out_beat),
    .auth_ok_valid_o   (auth_ok_valid),
    .auth_ok_ready_i   (auth_ok_ready),
    .auth_ok_o         (auth_ok)
  );

  // ---------------------------------------------------------------- memory
  logic unused_rd_waiting, unused_wr_waiting, unused_wr_idle, dma_idle;

  // What memory has answered last is counted before the job can end.
  assign idle_o = dma_idle && settled_out && settled_in;

  // Client 0 moves pages and records; client 1 is for page lists and completion records.
  dma_master u_dma (
    .clk_i,
    .rst_ni,
    .clear_i,
    .abort_i,
    .timeout_i,
    .windows_i,
    .rd_req_valid_i({
      in ? list_req_valid_in : list_req_valid_out, in ? rd_req_valid_in : rd_req_valid_out
    }),
    .rd_req_ready_o({list_req_ready, rd_req_ready}),
    .rd_req_i({in ? list_req_in : list_req_out, in ? rd_req_in : rd_req_out}),
    .rd_valid_o({list_valid, rd_valid}),
    .rd_ready_i({in ? list_ready_in : list_ready_out, in ? rd_ready_in : rd_ready_out}),
    .rd_beat_o({list_beat, rd_beat}),
    .wr_cmd_valid_i({rec_cmd_valid_i, in ? wr_cmd_valid_in : wr_cmd_valid_out}),
    .wr_cmd_ready_o({rec_cmd_ready_o, wr_cmd_ready}),
    .wr_cmd_addr_i({rec_addr_i, in ? wr_addr_in : wr_addr_out}),
    .wr_valid_i({rec_valid_i, in ? wr_valid_in : wr_valid_out}),
    .wr_ready_o({rec_ready_o, wr_ready}),
    .wr_beat_i({rec_beat_i, in ? wr_beat_in : wr_beat_out}),
    .wr_idle_o({rec_idle_o, unused_wr_idle}),
    .written_o(written),
    .rd_waiting_o(unused_rd_waiting),
    .wr_waiting_o(unused_wr_waiting),
    .fault_o(fault_dma),
    .idle_o(dma_idle),
    .axi_req_o,
    .axi_rsp_i
  );

endmodule
