// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Types that the parts of the control block share.
package control_pkg;
  import sealift_pkg::*;

  localparam logic [4:0] OrderMask = 5'h1F;

  localparam int unsigned QueueDepth = 8;  // jobs that can wait
  localparam logic [4:0] ListMask = 5'h01;  // bit n: list_e n is there
  localparam int unsigned RecordBytes = 64;  // of a completion record

  localparam int unsigned CycleW = 48;  // cycle counters: more than ten days at 300 MHz

  // What became of a key command; sealift.rdl has the same codes.
  typedef enum logic [2:0] {
    KeyOk         = 3'd0,
    KeyIncomplete = 3'd1,
    KeyBadSlot    = 3'd2,
    KeyLocked     = 3'd3,
    KeyValid      = 3'd4,
    KeyBusy       = 3'd5,
    KeyBadAlg     = 3'd6,
    KeyEqual      = 3'd7
  } key_result_e;

  typedef struct packed {
    logic       valid;   // holds a key
    logic       locked;  // until reset
    logic       fresh;   // nothing was made or accepted yet: number as installed
    logic       ended;   // its stream is over or broken off
    logic       spent;   // its sequence numbers are used up
    dir_e       dir;
    algorithm_e alg;
  } slot_info_t;

  // Staged values and what of them was written.
  typedef struct packed {
    logic [255:0] key;
    logic [255:0] tweak_key;
    stream_bind_t bound;
  } staged_t;

  // The stall counters, in the order of stall_i.
  typedef struct packed {
    logic [CycleW-1:0] writer;
    logic [CycleW-1:0] cipher;
    logic [CycleW-1:0] lane;
    logic [CycleW-1:0] memory;
  } stalls_t;

  // A job as the security processor hands it over.
  typedef struct packed {
    logic             host;    // it fulfils the host's request
    logic [31:0]      tag;     // for its completion record
    logic [AddrW-1:0] record;  // where that goes, 0 = nowhere
    job_t             job;
  } job_entry_t;

  // How a job stands, as both ports show it.
  typedef struct packed {
    logic              busy;
    status_e           code;
    status_e           start_code;
    logic [AddrW-1:0]  error_addr;
    logic [63:0]       last_seq;
    logic [CycleW-1:0] cycles;
    stalls_t           stalls;
    job_counts_t       counts;
  } job_state_t;

  // What an algorithm takes of a staged key: 0, 4 or 8 words.
  function automatic logic [7:0] alg_key_words(algorithm_e alg);
    unique case (alg)
      AlgNone: return 8'h00;
      AlgAes256Gcm, AlgAes256Ctr, AlgAes256Xts: return 8'hff;
      default: return 8'h0f;
    endcase
  endfunction

  function automatic logic [255:0] keep_words(logic [255:0] key, logic [7:0] words);
    logic [255:0] kept;
    for (int unsigned i = 0; i < 8; i++) kept[32*i+:32] = words[i] ? key[32*i+:32] : '0;
    return kept;
  endfunction

endpackage
