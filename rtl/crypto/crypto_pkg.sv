// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Ports of the crypto unit as structs, and what an algorithm implies. Byte 0 of every key,
// identifier and block is in the lowest bits, as in beat_t.
package crypto_pkg;
  import sealift_pkg::*;

  // What a key slot hands over before a job.
  typedef struct packed {
    algorithm_e   alg;
    logic [255:0] key;        // AES-128 and SM4 take the low 128 bits
    logic [255:0] tweak_key;  // second key of XTS (IEEE 1619, section 5.1), else ignored
    logic [127:0] stream_id;
    logic [31:0]  salt;
  } crypto_key_t;

  // One a packet for the cipher, in the order of the packets.
  typedef struct packed {
    logic        bypass;  // the packet passes unchanged
    logic [63:0] seq;     // of the record: GCM and CTR
    logic [63:0] unit;    // number of the data unit: XTS
    logic [9:0]  blocks;  // ceil(bytes / 16) of the packet; 0 for an empty one
  } crypto_cmd_t;

  typedef enum logic {
    AuthGcm = 1'b0,  // NIST SP 800-38D
    AuthCrc = 1'b1   // CRC-32 (IEEE 802.3, section 3.2.9) in bytes 0..3, the others zero
  } auth_mode_e;

  // One a record for the tag, in the order of the records.
  typedef struct packed {
    auth_mode_e mode;
    logic [2:0] aad_beats;  // header beats at the start: 2 for a record, 5 for the stream header
  } tag_cmd_t;

  // What a block in the cipher core is for.
  typedef enum logic [1:0] {
    UseStream = 2'd0,  // key stream of the payload
    UseMask   = 2'd1,  // E(J0), the mask of a tag
    UseHash   = 2'd2   // E(0), the hash key
  } use_e;

  function automatic logic alg_is_sm4(input algorithm_e alg);
    return alg == AlgSm4Gcm || alg == AlgSm4Ctr;
  endfunction

  function automatic logic alg_is_128(input algorithm_e alg);
    return alg == AlgAes128Gcm || alg == AlgAes128Ctr || alg == AlgAes128Xts;
  endfunction

  localparam logic [15:0] MaskAes128 = (16'd1 << AlgAes128Gcm) | (16'd1 << AlgAes128Ctr)
                                       | (16'd1 << AlgAes128Xts);
  localparam logic [15:0] MaskSm4 = (16'd1 << AlgSm4Gcm) | (16'd1 << AlgSm4Ctr);

  // The counter block: salt, sequence number, 32-bit counter with its first byte highest
  // (SP 800-38D, section 7.1 with a 96-bit IV; RFC 3686, section 4).
  function automatic logic [127:0] counter_block(input logic [31:0] salt, input logic [63:0] seq,
                                                 input logic [31:0] count);
    return {count[7:0], count[15:8], count[23:16], count[31:24], seq, salt};
  endfunction

endpackage
