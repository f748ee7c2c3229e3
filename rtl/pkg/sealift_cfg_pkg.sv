// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// The three named configurations of Sealift and the one that this build takes.
//
// A build picks its configuration with `+define+SEALIFT_CFG=CfgEcp5` (or CfgMax); without the define it is CfgSim.
// Modules take their parameters from here by default and can be overridden one by one in a unit test.
package sealift_cfg_pkg;

  typedef struct packed {
    // AXI4 master
    int unsigned AxiDataW;  // bits of the AXI data bus: 64, 128, 256 or 512
    int unsigned MaxReads;  // read bursts outstanding at most
    int unsigned MaxWrites;  // write bursts outstanding at most
    // pages on their way
    int unsigned PageSlots;  // out: pages asked of memory and not yet passed on, a power of two
    int unsigned PagesAhead;  // records on their way through the lanes, each direction
    int unsigned VerifyPages;  // out: plain pages kept until their packets are verified, a power of two
    int unsigned VerifyBeats;  // out: beats of packets held meanwhile, a power of two
    // engines
    int unsigned CompressLanes;  // pages compressed side by side
    int unsigned CompressThreads;  // pages interleaved in one compress lane
    int unsigned CompressStep;  // positions looked up in one step
    int unsigned CompressWays;  // candidates tried a position
    int unsigned CompressWaysBest;  // and at the best level
    int unsigned CompressSets;  // hash heads
    int unsigned CompressBytes;  // bytes of a candidate compared a cycle
    int unsigned InflateLanes;  // pages decompressed side by side
    int unsigned InflateThreads;  // pages interleaved in one inflate lane
    int unsigned InflateStep;     // literals, or fewer and a match, that a thread decodes a cycle; 0: one code
    logic [15:0] Algorithms;  // bit i: the cipher sealift_pkg::algorithm_e calls i is there
    int unsigned AesRounds;       // AES rounds in hardware: 14 takes a block a cycle, 1 takes a block in 15 cycles
    int unsigned GhashBits;  // bits of a block that GHASH takes a cycle: 128, 64, 32
    // control
    int unsigned KeySlots;  // keys held at a time
    int unsigned Windows;  // memory windows
  } cfg_t;

  localparam cfg_t CfgSim = '{
      AxiDataW: 128,
      MaxReads: 8,
      MaxWrites: 8,
      PageSlots: 8,
      PagesAhead: 128,
      VerifyPages: 128,
      VerifyBeats: 4096,
      CompressLanes: 3,
      CompressThreads: 12,
      CompressStep: 5,
      CompressWays: 16,
      CompressWaysBest: 16,
      CompressSets: 4096,
      CompressBytes: 16,
      InflateLanes: 4,
      InflateThreads: 2,
      InflateStep: 2,
      Algorithms: 16'h01fe,
      AesRounds: 14,
      GhashBits: 128,
      KeySlots: 8,
      Windows: 8
  };

  localparam cfg_t CfgEcp5 = '{
      AxiDataW: 128,
      MaxReads: 4,
      MaxWrites: 4,
      PageSlots: 4,
      PagesAhead: 16,
      VerifyPages: 4,
      VerifyBeats: 512,
      CompressLanes: 1,
      CompressThreads: 1,
      CompressStep: 3,
      CompressWays: 16,
      CompressWaysBest: 16,
      CompressSets: 2048,
      CompressBytes: 8,
      InflateLanes: 1,
      InflateThreads: 1,
      InflateStep: 0,
      Algorithms: 16'h000a,
      AesRounds: 5,
      GhashBits: 64,
      KeySlots: 8,
      Windows: 4
  };

  localparam cfg_t CfgMax = '{
      AxiDataW: 128,
      MaxReads: 16,
      MaxWrites: 16,
      PageSlots: 8,
      PagesAhead: 128,
      VerifyPages: 128,
      VerifyBeats: 4096,
      CompressLanes: 4,
      CompressThreads: 12,
      CompressStep: 5,
      CompressWays: 16,
      CompressWaysBest: 16,
      CompressSets: 4096,
      CompressBytes: 16,
      InflateLanes: 4,
      InflateThreads: 2,
      InflateStep: 3,
      Algorithms: 16'h01fe,
      AesRounds: 14,
      GhashBits: 128,
      KeySlots: 16,
      Windows: 16
  };

`ifndef SEALIFT_CFG
  `define SEALIFT_CFG CfgSim
`endif
  // A single figure of it can be another: for a test, a measurement, or a design of one's own.
  function automatic cfg_t configured(cfg_t base);
    cfg_t cfg = base;
`ifdef SEALIFT_AXI_DATA_W
    cfg.AxiDataW = `SEALIFT_AXI_DATA_W;
`endif
`ifdef SEALIFT_LANES
    cfg.CompressLanes = `SEALIFT_LANES;
    cfg.InflateLanes  = `SEALIFT_LANES;
`endif
    return cfg;
  endfunction

  localparam cfg_t Cfg = configured(`SEALIFT_CFG);

endpackage
