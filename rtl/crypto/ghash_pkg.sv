// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// GF(2^128) of GHASH (NIST SP 800-38D, section 6.3) and CRC-32, as functions.
//
// Elements of the field are held with the coefficient of x^i in bit i; `reflect` turns a block
// (byte 0 lowest, the leftmost bit of SP 800-38D in bit 7 of byte 0) into one and back.
package ghash_pkg;

  function automatic logic [63:0] reflect64(input logic [63:0] a);
    logic [63:0] b;
    b = ((a >> 1) & 64'h5555_5555_5555_5555) | ((a & 64'h5555_5555_5555_5555) << 1);
    b = ((b >> 2) & 64'h3333_3333_3333_3333) | ((b & 64'h3333_3333_3333_3333) << 2);
    return ((b >> 4) & 64'h0f0f_0f0f_0f0f_0f0f) | ((b & 64'h0f0f_0f0f_0f0f_0f0f) << 4);
  endfunction

  function automatic logic [127:0] reflect(input logic [127:0] a);
    return {reflect64(a[127:64]), reflect64(a[63:0])};
  endfunction

  // Products of polynomials over GF(2). Terms are summed in threes of pairs, which is what
  // four-input tables take best.
  function automatic logic [63:0] clmul32(input logic [31:0] a, input logic [31:0] b);
    logic [63:0] wide, p, x, y, z;
    logic [35:0] c;
    wide = {32'd0, a};
    c    = {4'd0, b};
    p    = '0;
    for (int unsigned i = 0; i < 36; i += 6) begin
      x = ((wide << i) & {64{c[i]}}) ^ ((wide << (i + 1)) & {64{c[i+1]}});
      y = ((wide << (i + 2)) & {64{c[i+2]}}) ^ ((wide << (i + 3)) & {64{c[i+3]}});
      z = ((wide << (i + 4)) & {64{c[i+4]}}) ^ ((wide << (i + 5)) & {64{c[i+5]}});
      p = (p ^ x) ^ (y ^ z);
    end
    return p;
  endfunction

  // Karatsuba: three products instead of four.
  function automatic logic [127:0] clmul64(input logic [63:0] a, input logic [63:0] b);
    logic [63:0] low, high, mid;
    low  = clmul32(a[31:0], b[31:0]);
    high = clmul32(a[63:32], b[63:32]);
    mid  = clmul32(a[31:0] ^ a[63:32], b[31:0] ^ b[63:32]) ^ low ^ high;
    return {high[63:32], high[31:0] ^ mid[63:32], low[63:32] ^ mid[31:0], low[31:0]};
  endfunction

  // a * b, b of 64 coefficients at most.
  function automatic logic [191:0] clmul128x64(input logic [127:0] a, input logic [63:0] b);
    logic [127:0] low, high;
    low  = clmul64(a[63:0], b);
    high = clmul64(a[127:64], b);
    return {high[127:64], high[63:0] ^ low[127:64], low[63:0]};
  endfunction

  function automatic logic [255:0] clmul128(input logic [127:0] a, input logic [127:0] b);
    logic [127:0] low, high, mid;
    low  = clmul64(a[63:0], b[63:0]);
    high = clmul64(a[127:64], b[127:64]);
    mid  = clmul64(a[63:0] ^ a[127:64], b[63:0] ^ b[127:64]) ^ low ^ high;
    return {high[127:64], high[63:0] ^ mid[127:64], low[127:64] ^ mid[63:0], low[63:0]};
  endfunction

  // Remainder modulo x^128 + x^7 + x^2 + x + 1.
  function automatic logic [127:0] reduce(input logic [255:0] p);
    logic [63:0] p3, p2;
    p3 = p[255:192];
    p2 = p[191:128] ^ (p3 >> 63) ^ (p3 >> 62) ^ (p3 >> 57);
    return {
      p[127:64] ^ p3 ^ (p3 << 1) ^ (p2 >> 63) ^ (p3 << 2) ^ (p2 >> 62) ^ (p3 << 7) ^ (p2 >> 57),
      p[63:0] ^ p2 ^ (p2 << 1) ^ (p2 << 2) ^ (p2 << 7)
    };
  endfunction

  // CRC-32 as zlib's crc32 (IEEE 802.3, section 3.2.9; bits enter lowest first), before the final
  // inversion.
  localparam logic [31:0] CrcPoly = 32'hedb8_8320;

  // What each of the 128 bits of a block adds to the register sixteen bytes later. The register
  // itself enters as if it were added to the first four bytes.
  typedef logic [127:0][31:0] crc_rows_t;
  function automatic crc_rows_t crc_rows();
    crc_rows_t rows;
    logic [31:0] r;
    r = 32'd1;
    for (int i = 127; i >= 0; i--) begin
      r = (r >> 1) ^ (r[0] ? CrcPoly : 32'd0);
      rows[i] = r;
    end
    return rows;
  endfunction
  localparam crc_rows_t CrcRows = crc_rows();

  function automatic logic [31:0] crc_block(input logic [31:0] crc, input logic [127:0] block);
    logic [127:0] b;
    logic [ 31:0] next;
    b    = block ^ {96'd0, crc};
    next = '0;
    for (int unsigned i = 0; i < 128; i++) next ^= CrcRows[i] & {32{b[i]}};
    return next;
  endfunction

endpackage
