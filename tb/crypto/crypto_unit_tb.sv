// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Test top: crypto_unit with its structs taken apart for C++, and a look at whatever a wipe must
//           zero.
module crypto_unit_tb
  import crypto_pkg::*;
  import sealift_pkg::*;
#(
  parameter logic [15:0] Algorithms = sealift_cfg_pkg::Cfg.Algorithms,
  parameter int unsigned AesRounds = 14,
  parameter int unsigned GhashBits = 128
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         clear_i,
  input  logic         wipe_i,
  input  logic         load_i,
  output logic         load_ready_o,
  input  logic [3:0]   load_alg_i,
  input  logic [255:0] load_key_i,
  input  logic [255:0] load_tweak_key_i,
  input  logic [127:0] load_stream_id_i,
  input  logic [31:0]  load_salt_i,
  output logic         ready_o,
  output logic         fault_o,
  input  logic         cipher_cmd_valid_i,
  output logic         cipher_cmd_ready_o,
  input  logic         cipher_cmd_bypass_i,
  input  logic [63:0]  cipher_cmd_seq_i,
  input  logic [63:0]  cipher_cmd_unit_i,
  input  logic [9:0]   cipher_cmd_blocks_i,
  input  logic         cipher_in_valid_i,
  output logic         cipher_in_ready_o,
  input  logic [133:0] cipher_in_beat_i,
  output logic         cipher_out_valid_o,
  input  logic         cipher_out_ready_i,
  output logic [133:0] cipher_out_beat_o,
  input  logic         mask_valid_i,
  output logic         mask_ready_o,
  input  logic [63:0]  mask_seq_i,
  input  logic         dir_i,
  output logic         auth_idle_o,
  input  logic         auth_cmd_valid_i,
  output logic         auth_cmd_ready_o,
  input  logic         auth_cmd_mode_i,
  input  logic [2:0]   auth_cmd_aad_beats_i,
  input  logic         auth_in_valid_i,
  output logic         auth_in_ready_o,
  input  logic [133:0] auth_in_beat_i,
  output logic         auth_out_valid_o,
  input  logic         auth_out_ready_i,
  output logic [133:0] auth_out_beat_o,
  output logic         auth_ok_valid_o,
  input  logic         auth_ok_ready_i,
  output logic         auth_ok_o,
  // or of all registers that a wipe zeroes, while probe_i
  input  logic         probe_i,
  output logic         key_residue_o,
  output logic         data_residue_o
);
  crypto_unit #(
    .Algorithms(Algorithms),
    .AesRounds (AesRounds),
    .GhashBits (GhashBits)
  ) u_dut (
    .clk_i,
    .rst_ni,
    .clear_i,
    .wipe_i,
    .load_i,
    .load_ready_o,
    .load_key_i  ('{
      alg: algorithm_e'(load_alg_i), key: load_key_i, tweak_key: load_tweak_key_i,
      stream_id: load_stream_id_i, salt: load_salt_i}),
    .ready_o,
    .fault_o,
    .cipher_cmd_valid_i,
    .cipher_cmd_ready_o,
    .cipher_cmd_i('{
      bypass: cipher_cmd_bypass_i, seq: cipher_cmd_seq_i, unit: cipher_cmd_unit_i,
      blocks: cipher_cmd_blocks_i}),
    .cipher_in_valid_i,
    .cipher_in_ready_o,
    .cipher_in_beat_i,
    .cipher_out_valid_o,
    .cipher_out_ready_i,
    .cipher_out_beat_o,
    .mask_valid_i,
    .mask_ready_o,
    .mask_seq_i,
    .dir_i       (dir_e'(dir_i)),
    .auth_idle_o,
    .auth_cmd_valid_i,
    .auth_cmd_ready_o,
    .auth_cmd_i  ('{mode: auth_mode_e'(auth_cmd_mode_i), aad_beats: auth_cmd_aad_beats_i}),
    .auth_in_valid_i,
    .auth_in_ready_o,
    .auth_in_beat_i,
    .auth_out_valid_o,
    .auth_out_ready_i,
    .auth_out_beat_o,
    .auth_ok_valid_o,
    .auth_ok_ready_i,
    .auth_ok_o
  );

  logic xts_key, xts_data, sm4_key, sm4_data;

  always_comb begin
    key_residue_o  = xts_key || sm4_key;
    data_residue_o = xts_data || sm4_data;
    if (probe_i) begin
      key_residue_o |= |u_dut.u_keys.u_expand.rk_q;
      key_residue_o |= |u_dut.u_keys.hash_key_q || |u_dut.u_keys.y0_q || |u_dut.u_keys.salt_q;
      key_residue_o |= |u_dut.u_keys.stream_id_q || |u_dut.u_keys.alg_q;
      for (int unsigned i = 0; i < AesRounds; i++) data_residue_o |= |u_dut.u_core.sub[i];
      data_residue_o |= |u_dut.u_core.out_q || |u_dut.u_core.valid_q;
      for (int unsigned i = 0; i < u_dut.StreamDepth; i++) begin
        data_residue_o |= |u_dut.u_ctr.u_stream.mem_q[i];
      end
      for (int unsigned i = 0; i < u_dut.MaskDepth; i++) begin
        data_residue_o |= |u_dut.u_mask.u_masks.mem_q[i];
      end
      for (int unsigned i = 0; i < 2; i++) begin
        data_residue_o |= |u_dut.u_ctr.u_out.mem_q[i] || |u_dut.u_auth.u_in.mem_q[i];
      end
      for (int unsigned i = 0; i < u_dut.u_auth.OutDepth; i++) begin
        data_residue_o |= |u_dut.u_auth.u_out.mem_q[i];
      end
      data_residue_o |= |u_dut.u_auth.u_ghash.state_q || |u_dut.u_auth.given_q;
      data_residue_o |= |u_dut.u_auth.delay_q || |u_dut.u_auth.crc_q;
    end
  end

  if ((Algorithms & MaskXts) != '0) begin : gen_xts
    always_comb begin
      xts_key  = 1'b0;
      xts_data = 1'b0;
      if (probe_i) begin
        xts_key |= |u_dut.u_keys.gen_xts.u_tweak.rk_q;
        for (int unsigned i = 0; i < AesRounds; i++) xts_data |= |u_dut.gen_xts.u_inverse.sub[i];
        for (int unsigned i = 0; i < 4; i++) begin
          xts_data |= |u_dut.gen_xts.u_xts.u_tweak.sub[i] || |u_dut.gen_xts.u_xts.u_tweaks.mem_q[i];
        end
        for (int unsigned i = 0; i < 32; i++) begin
          xts_data |= |u_dut.gen_xts.u_xts.u_sides.mem_q[i];
          xts_data |= |u_dut.gen_xts.u_xts.u_results.mem_q[i];
        end
        for (int unsigned i = 0; i < 2; i++) begin
          xts_data |= |u_dut.gen_xts.u_xts.u_in.mem_q[i] || |u_dut.gen_xts.u_xts.u_out.mem_q[i];
        end
        xts_data |= |u_dut.gen_xts.u_xts.tweak_q || |u_dut.gen_xts.u_inverse.out_q;
        xts_data |= |u_dut.gen_xts.u_xts.u_tweak.out_q;
      end
    end
  end else begin : gen_no_xts
    assign xts_key  = 1'b0;
    assign xts_data = 1'b0;
  end

  if ((Algorithms & MaskSm4) != '0) begin : gen_sm4
    always_comb begin
      sm4_key  = 1'b0;
      sm4_data = 1'b0;
      if (probe_i) begin
        sm4_key |= |u_dut.u_keys.gen_sm4.u_expand.rk_q;
        for (int unsigned i = 0; i < u_dut.Sm4Stages; i++) begin
          sm4_data |= |u_dut.gen_sm4.u_core.block[i];
        end
      end
    end
  end else begin : gen_no_sm4
    assign sm4_key  = 1'b0;
    assign sm4_data = 1'b0;
  end
endmodule
