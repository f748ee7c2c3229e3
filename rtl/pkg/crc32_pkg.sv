// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// CRC-32 of IEEE 802.3, section 3.2.9, as zlib's crc32(), a beat of 16 bytes at a time.
// The state starts at Crc32Init; the CRC of what was taken in is ~state.
package crc32_pkg;

  localparam logic [31:0] Crc32Init = 32'hFFFF_FFFF;
  localparam logic [31:0] Crc32Poly = 32'hEDB8_8320;  // reflected

  function automatic logic [31:0] crc32_block(logic [31:0] state, logic [127:0] data);
    logic [31:0] crc;
    crc = state;
    for (int unsigned i = 0; i < 128; i++) begin
      crc = (crc >> 1) ^ (Crc32Poly & {32{crc[0] ^ data[i]}});
    end
    return crc;
  endfunction

endpackage
