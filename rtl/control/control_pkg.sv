// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Types that the parts of the control block share.
package control_pkg;
  import sealift_pkg::*;

  // Algorithms of this build, bit n for algorithm_e n.
  localparam logic [15:0] AlgMask = 16'h0003;  // none, AES-256-GCM
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
    KeyBadAlg     = 3'd6
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

  // Also for codes that name no algorithm.
  function automatic logic alg_present(algorithm_e alg);
    return |(AlgMask & (16'd1 << alg));
  endfunction

  // Algorithms whose records carry a tag of a key.
  function automatic logic alg_tagged(algorithm_e alg);
    return alg == AlgAes256Gcm || alg == AlgAes128Gcm || alg == AlgSm4Gcm;
  endfunction

endpackage
