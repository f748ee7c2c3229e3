// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// All of Sealift's cryptography: key context, block ciphers, counter mode, XTS, and one tag unit
// that seals or checks.
//
// Ports, each valid/ready pair on its own, orders as noted in docs/crypto.md:
//   load_*   key context; ready_o when engines may use it
//   cipher_* a command and a packet each: encrypts or decrypts payloads (in counter mode the same,
//            in XTS by dir_i)
//   mask_*   a sequence number for each Gcm record, in the order of the records at auth_in_*
//   auth_*   a command and a packet each: seals (auth_out_*) or checks (auth_ok_*), by dir_i
// Rate:  a beat a cycle in either part with AesRounds = 14 and GhashBits = 128.
// Rules: clear_i ends a job: it drops all data, commands and masks and keeps the key context.
//        wipe_i zeroes that too. load_i only when no packet is inside. fault_o: the key logic was
//        disturbed and has wiped itself.
module crypto_unit
  import crypto_pkg::*;
  import sealift_pkg::*;
#(
  parameter logic [15:0] Algorithms = sealift_cfg_pkg::Cfg.Algorithms,
  parameter int unsigned AesRounds = sealift_cfg_pkg::Cfg.AesRounds,
  parameter int unsigned GhashBits = sealift_cfg_pkg::Cfg.GhashBits,
  parameter int unsigned Sm4Stages = (AesRounds == 14) ? 32 : 8,
  // Key stream ahead: what the latency of the block cipher takes to keep its rate.
  parameter int unsigned StreamDepth = (AesRounds != 14) ? 6
                                       : ((Algorithms & MaskSm4) != '0) ? 40 : 24,
  parameter int unsigned MaskDepth = (AesRounds == 14) ? 16 : 4
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               clear_i,
  input  logic               wipe_i,
  input  logic               load_i,
  output logic               load_ready_o,
  input  crypto_key_t        load_key_i,
  output logic               ready_o,
  output logic               fault_o,
  input  logic               cipher_cmd_valid_i,
  output logic               cipher_cmd_ready_o,
  input  crypto_cmd_t        cipher_cmd_i,
  input  logic               cipher_in_valid_i,
  output logic               cipher_in_ready_o,
  input  beat_t              cipher_in_beat_i,
  output logic               cipher_out_valid_o,
  input  logic               cipher_out_ready_i,
  output beat_t              cipher_out_beat_o,
  input  logic               mask_valid_i,
  output logic               mask_ready_o,
  input  logic        [63:0] mask_seq_i,
  input  dir_e               dir_i,
  output logic               auth_idle_o,
  input  logic               auth_cmd_valid_i,
  output logic               auth_cmd_ready_o,
  input  tag_cmd_t           auth_cmd_i,
  input  logic               auth_in_valid_i,
  output logic               auth_in_ready_o,
  input  beat_t              auth_in_beat_i,
  output logic               auth_out_valid_o,
  input  logic               auth_out_ready_i,
  output beat_t              auth_out_beat_o,
  output logic               auth_ok_valid_o,
  input  logic               auth_ok_ready_i,
  output logic               auth_ok_o
);
  localparam bit HasXts = (Algorithms & MaskXts) != '0;
  localparam bit HasSm4 = (Algorithms & MaskSm4) != '0;

  logic clear;
  assign clear = clear_i || wipe_i || fault_o;

  // ---------------------------------------------------------------- key context
  algorithm_e alg;
  logic [31:0] salt;
  logic aes128, key_ready;
  aes_pkg::rk_t rk;
  aes_pkg::rk_t tweak_rk;
  sm4_pkg::rk_t sm4_rk;
  logic [127:0] hash_key, y0;
  logic hash_valid, hash_ready;
  logic start_valid, start_ready;
  logic [127:0] start_block, start_state;
  logic         core_out_valid;
  logic [127:0] core_out;
  use_e         core_out_use;

  crypto_keys #(
    .Algorithms(Algorithms),
    .SboxRom   (AesRounds < 14)
  ) u_keys (
    .clk_i,
    .rst_ni,
    .wipe_i,
    .clear_i      (clear),
    .load_i,
    .load_ready_o,
    .key_i        (load_key_i),
    .ready_o      (key_ready),
    .fault_o,
    .alg_o        (alg),
    .salt_o       (salt),
    .aes128_o     (aes128),
    .rk_o         (rk),
    .tweak_rk_o   (tweak_rk),
    .sm4_rk_o     (sm4_rk),
    .hash_key_o   (hash_key),
    .y0_o         (y0),
    .block_valid_o(hash_valid),
    .block_ready_i(hash_ready),
    .hash_valid_i (core_out_valid && core_out_use == UseHash),
    .hash_block_i (core_out),
    .start_valid_o(start_valid),
    .start_ready_i(start_ready),
    .start_block_o(start_block),
    .start_state_i(start_state)
  );

  assign ready_o = key_ready;

  // ---------------------------------------------------------------- block cipher, who asks it
  logic core_valid, core_ready;
  logic [127:0] core_block, stream_block, mask_block;
  use_e core_use;
  logic stream_valid, stream_ready, mask_req_valid, mask_req_ready;

  // A mask is one block a record and must not wait behind a page's key stream.
  always_comb begin
    core_valid     = hash_valid || mask_req_valid || stream_valid;
    core_block     = '0;
    core_use       = UseStream;
    hash_ready     = 1'b0;
    mask_req_ready = 1'b0;
    stream_ready   = 1'b0;
    if (hash_valid) begin
      core_use   = UseHash;
      hash_ready = core_ready;
    end else if (mask_req_valid) begin
      core_use       = UseMask;
      core_block     = mask_block;
      mask_req_ready = core_ready;
    end else begin
      core_block   = stream_block;
      stream_ready = core_ready;
    end
  end

  logic sm4, aes_ready, aes_out_valid;
  logic [127:0] aes_out;
  use_e         aes_out_use;

  aes_core #(
    .Rounds(AesRounds)
  ) u_core (
    .clk_i,
    .rst_ni,
    .clear_i    (clear),
    .aes128_i   (aes128),
    .rk_i       (rk),
    .in_valid_i (core_valid && !sm4),
    .in_ready_o (aes_ready),
    .in_block_i (core_block),
    .in_use_i   (core_use),
    .out_valid_o(aes_out_valid),
    .out_block_o(aes_out),
    .out_use_o  (aes_out_use)
  );

  if (HasSm4) begin : gen_sm4
    logic sm4_ready, sm4_out_valid;
    logic [127:0] sm4_out;
    use_e         sm4_out_use;

    sm4_core #(
      .Stages(Sm4Stages)
    ) u_core (
      .clk_i,
      .rst_ni,
      .clear_i    (clear),
      .rk_i       (sm4_rk),
      .in_valid_i (core_valid && sm4),
      .in_ready_o (sm4_ready),
      .in_block_i (core_block),
      .in_use_i   (core_use),
      .out_valid_o(sm4_out_valid),
      .out_block_o(sm4_out),
      .out_use_o  (sm4_out_use)
    );

    assign sm4            = alg_is_sm4(alg);
    assign core_ready     = sm4 ? sm4_ready : aes_ready;
    assign core_out_valid = sm4 ? sm4_out_valid : aes_out_valid;
    assign core_out       = sm4 ? sm4_out : aes_out;
    assign core_out_use   = sm4 ? sm4_out_use : aes_out_use;
  end else begin : gen_no_sm4
    logic unused_sm4;
    assign unused_sm4     = ^sm4_rk;
    assign sm4            = 1'b0;
    assign core_ready     = aes_ready;
    assign core_out_valid = aes_out_valid;
    assign core_out       = aes_out;
    assign core_out_use   = aes_out_use;
  end

  // ---------------------------------------------------------------- payload
  logic xts;  // the job's payloads go through cipher_xts
  logic ctr_cmd_ready, ctr_in_ready, ctr_out_valid, ctr_valid, ctr_ready;
  logic  [127:0] ctr_block;
  beat_t         ctr_out_beat;

  cipher_ctr #(
    .StreamDepth(StreamDepth)
  ) u_ctr (
    .clk_i,
    .rst_ni,
    .clear_i       (clear),
    .ready_i       (key_ready),
    .gcm_i         (alg_tagged(alg)),
    .salt_i        (salt),
    .cmd_valid_i   (cipher_cmd_valid_i && !xts),
    .cmd_ready_o   (ctr_cmd_ready),
    .cmd_i         (cipher_cmd_i),
    .in_valid_i    (cipher_in_valid_i && !xts),
    .in_ready_o    (ctr_in_ready),
    .in_beat_i     (cipher_in_beat_i),
    .out_valid_o   (ctr_out_valid),
    .out_ready_i   (cipher_out_ready_i && !xts),
    .out_beat_o    (ctr_out_beat),
    .block_valid_o (ctr_valid),
    .block_ready_i (ctr_ready),
    .block_o       (ctr_block),
    .stream_valid_i(core_out_valid && core_out_use == UseStream && !xts),
    .stream_block_i(core_out)
  );

  if (HasXts) begin : gen_xts
    logic xts_cmd_ready, xts_in_ready, xts_out_valid, xts_valid, xts_ready;
    logic inverse_ready, inverse_valid, encrypt;
    logic [127:0] xts_block, inverse_block;
    use_e  unused_use;
    beat_t xts_out_beat;

    assign xts     = alg_is_xts(alg);
    assign encrypt = dir_i == DirOut;

    cipher_xts u_xts (
      .clk_i,
      .rst_ni,
      .clear_i(clear),
      .ready_i(key_ready),
      .aes128_i(aes128),
      .tweak_rk_i(tweak_rk),
      .cmd_valid_i(cipher_cmd_valid_i && xts),
      .cmd_ready_o(xts_cmd_ready),
      .cmd_i(cipher_cmd_i),
      .in_valid_i(cipher_in_valid_i && xts),
      .in_ready_o(xts_in_ready),
      .in_beat_i(cipher_in_beat_i),
      .out_valid_o(xts_out_valid),
      .out_ready_i(cipher_out_ready_i && xts),
      .out_beat_o(xts_out_beat),
      .block_valid_o(xts_valid),
      .block_ready_i(xts_ready),
      .block_o(xts_block),
      .result_valid_i(xts && (encrypt ? core_out_valid && core_out_use == UseStream
                                      : inverse_valid)),
      .result_i(encrypt ? core_out : inverse_block)
    );

    aes_core #(
      .Rounds (AesRounds),
      .Inverse(1'b1)
    ) u_inverse (
      .clk_i,
      .rst_ni,
      .clear_i    (clear),
      .aes128_i   (aes128),
      .rk_i       (rk),
      .in_valid_i (xts_valid && xts && !encrypt),
      .in_ready_o (inverse_ready),
      .in_block_i (xts_block),
      .in_use_i   (UseStream),
      .out_valid_o(inverse_valid),
      .out_block_o(inverse_block),
      .out_use_o  (unused_use)
    );

    assign stream_valid       = xts ? xts_valid && encrypt : ctr_valid;
    assign stream_block       = xts ? xts_block : ctr_block;
    assign xts_ready          = encrypt ? stream_ready : inverse_ready;
    assign ctr_ready          = stream_ready && !xts;
    assign cipher_cmd_ready_o = xts ? xts_cmd_ready : ctr_cmd_ready;
    assign cipher_in_ready_o  = xts ? xts_in_ready : ctr_in_ready;
    assign cipher_out_valid_o = xts ? xts_out_valid : ctr_out_valid;
    assign cipher_out_beat_o  = xts ? xts_out_beat : ctr_out_beat;
  end else begin : gen_no_xts
    logic unused_xts;
    assign unused_xts         = ^tweak_rk;
    assign xts                = 1'b0;
    assign stream_valid       = ctr_valid;
    assign stream_block       = ctr_block;
    assign ctr_ready          = stream_ready;
    assign cipher_cmd_ready_o = ctr_cmd_ready;
    assign cipher_in_ready_o  = ctr_in_ready;
    assign cipher_out_valid_o = ctr_out_valid;
    assign cipher_out_beat_o  = ctr_out_beat;
  end

  // ---------------------------------------------------------------- tags
  logic mask_valid, mask_ready;
  logic [127:0] mask;

  cipher_mask #(
    .Depth(MaskDepth)
  ) u_mask (
    .clk_i,
    .rst_ni,
    .clear_i      (clear),
    .ready_i      (key_ready),
    .salt_i       (salt),
    .req_valid_i  (mask_valid_i),
    .req_ready_o  (mask_ready_o),
    .req_seq_i    (mask_seq_i),
    .mask_valid_o (mask_valid),
    .mask_ready_i (mask_ready),
    .mask_o       (mask),
    .block_valid_o(mask_req_valid),
    .block_ready_i(mask_req_ready),
    .block_o      (mask_block),
    .mask_valid_i (core_out_valid && core_out_use == UseMask),
    .mask_block_i (core_out)
  );

  auth_tag #(
    .GhashBits(GhashBits)
  ) u_auth (
    .clk_i,
    .rst_ni,
    .clear_i      (clear),
    .dir_i,
    .idle_o       (auth_idle_o),
    .cmd_valid_i  (auth_cmd_valid_i),
    .cmd_ready_o  (auth_cmd_ready_o),
    .cmd_i        (auth_cmd_i),
    .in_valid_i   (auth_in_valid_i),
    .in_ready_o   (auth_in_ready_o),
    .in_beat_i    (auth_in_beat_i),
    .out_valid_o  (auth_out_valid_o),
    .out_ready_i  (auth_out_ready_i),
    .out_beat_o   (auth_out_beat_o),
    .ok_valid_o   (auth_ok_valid_o),
    .ok_ready_i   (auth_ok_ready_i),
    .ok_o         (auth_ok_o),
    .mask_valid_i (mask_valid),
    .mask_ready_o (mask_ready),
    .mask_i       (mask),
    .ready_i      (key_ready),
    .hash_key_i   (hash_key),
    .y0_i         (y0),
    .start_valid_i(start_valid),
    .start_ready_o(start_ready),
    .start_block_i(start_block),
    .start_state_o(start_state)
  );

endmodule
