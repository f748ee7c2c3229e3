// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Types and arithmetic that the read and the write side of the DMA share.
package dma_pkg;
  import sealift_axi_pkg::*;

  localparam int unsigned BusBytes = AxiDataW / 8;
  // 256 beats at most in an INCR burst (A3.4.1), and none across 4 KiB: narrow buses stop earlier.
  localparam int unsigned BurstBytes =
      (256 * BusBytes < BoundaryBytes) ? 256 * BusBytes : BoundaryBytes;
  localparam int unsigned BurstBlocks = BurstBytes / 16;
  localparam int unsigned BlocksW = 9;  // 1..256 blocks of 16 bytes
  localparam int unsigned Lanes = (BusBytes > 16) ? BusBytes / 16 : 1;  // blocks in a bus word
  localparam int unsigned LaneBits = (Lanes > 1) ? $clog2(Lanes) : 1;
  localparam logic [7:0] LaneMask = 8'(Lanes - 1);
  localparam logic [63:0] BusMask = 64'(BusBytes) - 64'd1;
  localparam logic [2:0] BusSize = 3'($clog2(BusBytes));

  // One burst, before and while it is on the bus: blocks of 16 bytes, all within one 4 KiB page.
  typedef struct packed {
    logic               wrapped;  // the transfer has run past the end of the address space
    logic               last;     // last burst of its request
    logic               client;
    logic [BlocksW-1:0] blocks;
    logic [63:0]        addr;     // a multiple of 16
  } burst_t;

  // AxLEN (A3.4.1). A start inside a wide bus word is an unaligned transfer (A3.4.2): the first
  // beat carries the rest of that word.
  function automatic logic [7:0] burst_len(logic [7:0] block, logic [BlocksW-1:0] blocks);
    logic [BlocksW:0] last;
    last = {2'b00, block & LaneMask} + {1'b0, blocks} - 10'd1;
    if (BusBytes < 16) return 8'({blocks, 1'b0} - 10'd1);
    return 8'(last >> $clog2(Lanes));
  endfunction

  function automatic ax_t burst_ax(logic [63:0] addr, logic [BlocksW-1:0] blocks,
                                   logic [AxiIdW-1:0] id);
    ax_t ax;
    ax = '0;
    ax.id = id;
    ax.addr = addr;
    ax.len = burst_len(addr[11:4], blocks);
    ax.size = BusSize;
    ax.burst = BurstIncr;
    ax.cache = CacheModifiable;
    ax.prot = ProtDataSecure;
    return ax;
  endfunction

endpackage
