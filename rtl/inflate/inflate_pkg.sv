// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Types and constants of the inflate lane, and the arithmetic of RFC 1951, section 3.2.5.
package inflate_pkg;

  localparam int unsigned MaxBits = 15;  // longest code (RFC 1951, section 3.2.7)
  localparam int unsigned MaxStep = 4;  // literals that one step can carry at most
  localparam int unsigned LookBits = 64;  // bits that one step looks at

  // Left-justified upper bounds of a canonical code, one a length: a 15-bit look-ahead below limit[l]
  // begins with a code of at most l bits. 16'h8000 is the end of the code space.
  typedef logic [MaxBits:1][15:0] limits_t;

  // What the decoder hands to the copy unit: literals, then a match. `done` ends the page.
  typedef struct packed {
    logic                         done;
    sealift_pkg::inflate_status_e status;
    logic [2:0]                   nlit;
    logic [MaxStep-1:0][7:0]      lits;
    logic [8:0]                   len;     // 0: no match
    logic [15:0]                  back;    // 1..32768
  } step_t;

  // Length of the code that `code` begins with, 1..15; 0: no code. The limits never fall with l, so the
  // comparisons form a thermometer.
  function automatic logic [3:0] code_length(logic [14:0] code, limits_t limit);
    logic [MaxBits:1] t;
    for (int unsigned l = 1; l <= MaxBits; l++) t[l] = {1'b0, code} >= limit[l];
    code_length[3] = t[7] & ~t[15];
    code_length[2] = (t[3] & ~t[7]) | (t[11] & ~t[15]);
    code_length[1] = (t[1] & ~t[3]) | (t[5] & ~t[7]) | (t[9] & ~t[11]) | (t[13] & ~t[15]);
    code_length[0] = ~t[1] | (t[2] & ~t[3]) | (t[4] & ~t[5]) | (t[6] & ~t[7]) | (t[8] & ~t[9]) |
        (t[10] & ~t[11]) | (t[12] & ~t[13]) | (t[14] & ~t[15]);
  endfunction

  // Extra bits of length symbol 256 + n, n in 1..29.
  function automatic logic [2:0] length_extra(logic [4:0] n);
    logic [4:0] s;
    s = n - 5'd1;
    length_extra = (s < 5'd8 || s == 5'd28) ? 3'd0 : s[4:2] - 3'd1;
  endfunction

  // Extra bits of distance symbol d, 0..29.
  function automatic logic [3:0] dist_extra(logic [4:0] d);
    dist_extra = (d < 5'd2) ? 4'd0 : d[4:1] - 4'd1;
  endfunction

  // Length that symbol 256 + n and its extra bits mean; raw[4] is the first bit of the stream.
  function automatic logic [8:0] match_length(logic [4:0] n, logic [4:0] raw);
    logic [4:0] s, value;
    logic [2:0] extra;
    s     = n - 5'd1;
    extra = length_extra(n);
    for (int unsigned i = 0; i < 5; i++) value[i] = raw[4-i] && (i < 32'(extra));
    if (s < 5'd8) match_length = 9'd3 + 9'(s);
    else if (s == 5'd28) match_length = 9'd258;
    else match_length = 9'd3 + (9'({1'b1, s[1:0]}) << extra) + 9'(value);
  endfunction

  // Distance that symbol d and its extra bits mean, 1..32768; raw[12] is the first bit of the stream.
  function automatic logic [15:0] match_distance(logic [4:0] d, logic [12:0] raw);
    logic [12:0] value;
    logic [ 3:0] extra;
    extra = dist_extra(d);
    for (int unsigned i = 0; i < 13; i++) value[i] = raw[12-i] && (i < 32'(extra));
    if (d < 5'd2) match_distance = 16'd1 + 16'(d);
    else match_distance = 16'd1 + (16'({1'b1, d[0]}) << extra) + 16'(value);
  endfunction

endpackage
