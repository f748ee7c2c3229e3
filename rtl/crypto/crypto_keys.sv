// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// The key context of a job: round keys, hash key H = E(0) and the GHASH state behind the stream id,
//                           Y0 = id * H, so
// that no record pays for any of them.
//
// Protocol: load_i with key_i while load_ready_o starts; ready_o says that the context is complete
//           and holds until the next load or wipe. Meanwhile the block cipher is asked once for
//           E(0) and GHASH once for Y0.
// Latency:  about 35 cycles with AES, 75 with SM4, when every round is in hardware.
// Rules:    wipe_i zeroes every register in one cycle. An algorithm that is not in `Algorithms`
//           never becomes ready. The states are three bits apart; any other value wipes the context
//           and raises fault_o until reset or wipe.
module crypto_keys
  import crypto_pkg::*;
  import sealift_pkg::*;
#(
  parameter logic [15:0] Algorithms = sealift_cfg_pkg::Cfg.Algorithms,
  parameter bit          SboxRom    = 1'b0
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 wipe_i,
  input  logic                 clear_i,        // the engines drop what they were asked: ask again
  input  logic                 load_i,
  output logic                 load_ready_o,
  input  crypto_key_t          key_i,
  output logic                 ready_o,
  output logic                 fault_o,
  // what the engines use
  output algorithm_e           alg_o,
  output logic         [ 31:0] salt_o,
  output logic                 aes128_o,
  output aes_pkg::rk_t         rk_o,
  output aes_pkg::rk_t         tweak_rk_o,     // of XTS
  output sm4_pkg::rk_t         sm4_rk_o,
  output logic         [127:0] hash_key_o,     // in the field's bit order, as y0_o
  output logic         [127:0] y0_o,
  // E(0)
  output logic                 block_valid_o,
  input  logic                 block_ready_i,
  input  logic                 hash_valid_i,
  input  logic         [127:0] hash_block_i,
  // Y0
  output logic                 start_valid_o,
  input  logic                 start_ready_i,
  output logic         [127:0] start_block_o,
  input  logic         [127:0] start_state_i
);
  typedef enum logic [5:0] {
    StEmpty     = 6'b001011,  // no key
    StExpand    = 6'b010101,  // round keys are being made
    StHash      = 6'b011110,  // asks for E(0)
    StHashWait  = 6'b100110,
    StStart     = 6'b101101,  // asks for Y0
    StStartWait = 6'b110011,
    StReady     = 6'b111000   // context complete
  } state_e;

  localparam bit Has128 = (Algorithms & MaskAes128) != '0;
  localparam bit HasXts = (Algorithms & MaskXts) != '0;
  localparam bit HasSm4 = (Algorithms & MaskSm4) != '0;

  (* fsm_encoding = "none" *)state_e state_q;
  state_e state_d;
  logic illegal, zero, load, drop, expand_busy, aes_busy, tweak_busy, sm4_busy;
  logic              fault_q;
  algorithm_e        alg_q;
  logic       [31:0] salt_q;
  logic [127:0] stream_id_q, hash_key_q, y0_q;

  assign load_ready_o = (state_q == StEmpty && !fault_q) || state_q == StReady;
  assign drop = load_i && load_ready_o && !alg_present(Algorithms, key_i.alg);
  assign load = load_i && load_ready_o && alg_present(Algorithms, key_i.alg);
  // Apart from the next state, so that no path leads from a ready through a valid or a wipe back to it.
  assign block_valid_o = state_q == StHash;
  assign start_valid_o = state_q == StStart;
  assign illegal = !(state_q inside {StEmpty, StExpand, StHash, StHashWait, StStart, StStartWait, StReady});
  assign zero = wipe_i || illegal || drop;

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      StEmpty:  state_d = StEmpty;
      StExpand: if (!expand_busy) state_d = alg_tagged(alg_q) ? StHash : StReady;
      StHash:   if (block_ready_i && !clear_i) state_d = StHashWait;
      StHashWait: begin
        if (clear_i) state_d = StHash;
        else if (hash_valid_i) state_d = StStart;
      end
      StStart:  if (start_ready_i && !clear_i) state_d = StStartWait;
      StStartWait: begin
        if (clear_i) state_d = StStart;
        else if (start_ready_i) state_d = StReady;
      end
      StReady:  state_d = StReady;
      default:  state_d = StEmpty;
    endcase
    if (load) state_d = StExpand;
    if (zero) state_d = StEmpty;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) state_q <= StEmpty;
    else state_q <= state_d;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      alg_q   <= AlgNone;
      fault_q <= 1'b0;
    end else if (zero) begin
      alg_q   <= AlgNone;
      fault_q <= illegal || (fault_q && !wipe_i);
    end else if (load) begin
      alg_q <= key_i.alg;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || zero) begin
      salt_q      <= '0;
      stream_id_q <= '0;
      hash_key_q  <= '0;
      y0_q        <= '0;
    end else if (load) begin
      salt_q      <= key_i.salt;
      stream_id_q <= ghash_pkg::reflect(key_i.stream_id);
      hash_key_q  <= '0;
      y0_q        <= '0;
    end else begin
      if (state_q == StHashWait && hash_valid_i) hash_key_q <= ghash_pkg::reflect(hash_block_i);
      if (state_q == StStartWait && start_ready_i) y0_q <= start_state_i;
    end
  end

  aes_key_expand #(
    .SboxRom(SboxRom)
  ) u_expand (
    .clk_i,
    .rst_ni,
    .wipe_i  (zero || (load && alg_is_sm4(key_i.alg))),
    .load_i  (load),
    .aes128_i(Has128 && alg_is_128(key_i.alg)),
    .key_i   (key_i.key),
    .busy_o  (aes_busy),
    .rk_o
  );

  assign ready_o       = state_q == StReady;
  assign fault_o       = fault_q;
  assign alg_o         = alg_q;
  assign salt_o        = salt_q;
  assign aes128_o      = Has128 && alg_is_128(alg_q);
  assign hash_key_o    = hash_key_q;
  assign y0_o          = y0_q;
  assign start_block_o = stream_id_q;

  assign expand_busy   = aes_busy || tweak_busy || sm4_busy;

  if (HasXts) begin : gen_xts
    aes_key_expand #(
      .SboxRom(SboxRom)
    ) u_tweak (
      .clk_i,
      .rst_ni,
      .wipe_i  (zero || (load && !alg_is_xts(key_i.alg))),
      .load_i  (load),
      .aes128_i(Has128 && alg_is_128(key_i.alg)),
      .key_i   (key_i.tweak_key),
      .busy_o  (tweak_busy),
      .rk_o    (tweak_rk_o)
    );
  end else begin : gen_no_xts
    logic unused_tweak;
    assign unused_tweak = ^key_i.tweak_key;
    assign tweak_busy   = 1'b0;
    assign tweak_rk_o   = '0;
  end

  if (HasSm4) begin : gen_sm4
    sm4_key_expand u_expand (
      .clk_i,
      .rst_ni,
      .wipe_i(zero || (load && !alg_is_sm4(key_i.alg))),
      .load_i(load),
      .key_i (key_i.key[127:0]),
      .busy_o(sm4_busy),
      .rk_o  (sm4_rk_o)
    );
  end else begin : gen_no_sm4
    assign sm4_busy = 1'b0;
    assign sm4_rk_o = '0;
  end
endmodule
