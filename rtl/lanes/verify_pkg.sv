// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// What the modules that verify compressed pages pass to each other.
package verify_pkg;
  import sealift_pkg::*;

  localparam int unsigned MaxBeats = (MaxDeflateBytes + BlockBytes - 1) / BlockBytes;  // of a packet
  localparam int unsigned CountW = $clog2(MaxBeats + 1);

  // A packet that went into verification.
  typedef struct packed {
    logic broken;  // no page can be in it, whatever it inflates to
    logic [CountW-1:0] beats;  // that are held of it
    compress_result_t result;
  } ticket_t;

endpackage
