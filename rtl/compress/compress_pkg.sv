// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Constants and functions of DEFLATE (RFC 1951) and the records that go between the compressor's
// stages.
package compress_pkg;

  localparam int unsigned NumLitLen = 286;  // RFC 1951, section 3.2.5
  localparam int unsigned NumDist = 30;
  localparam int unsigned NumClen = 19;  // section 3.2.7
  localparam int unsigned EndOfBlock = 256;
  localparam int unsigned CountW = 13;  // of one symbol in a page
  localparam int unsigned BitsW = 17;  // bits of a page in any form

  // A length as its symbol less 257, with its extra bits; section 3.2.5.
  typedef struct packed {
    logic [4:0] sym;
    logic [2:0] ebits;
    logic [4:0] extra;
  } len_sym_t;

  function automatic len_sym_t len_sym(logic [7:0] len3);  // length less 3
    len_sym_t r;
    r = '0;
    if (len3 == 8'd255) r.sym = 5'd28;
    else if (len3 < 8'd8) r.sym = 5'(len3);
    else begin
      for (int unsigned e = 3; e < 8; e++) begin
        if (len3[e]) begin
          r.ebits = 3'(e - 2);
          r.sym   = 5'((e - 1) * 4) + 5'((len3 >> (e - 2)) & 8'd3);
          r.extra = 5'(len3 & 8'((1 << (e - 2)) - 1));
        end
      end
    end
    return r;
  endfunction

  typedef struct packed {
    logic [4:0] sym;
    logic [3:0] ebits;
    logic [9:0] extra;
  } dist_sym_t;

  function automatic dist_sym_t dist_sym(logic [11:0] dist1);  // distance less 1
    dist_sym_t r;
    r = '0;
    if (dist1 < 12'd2) r.sym = 5'(dist1);
    else begin
      for (int unsigned e = 1; e < 12; e++) begin
        if (dist1[e]) begin
          r.ebits = 4'(e - 1);
          r.sym   = 5'(e * 2) + 5'((dist1 >> (e - 1)) & 12'd1);
          r.extra = 10'(dist1 & 12'((1 << (e - 1)) - 1));
        end
      end
    end
    return r;
  endfunction

  // A Huffman code goes out first bit first: reversed within its length (section 3.1.1).
  function automatic logic [14:0] reverse15(logic [14:0] code, logic [3:0] len);
    logic [14:0] r;
    for (int unsigned b = 0; b < 15; b++) r[b] = code[14-b];
    return r >> (4'd15 - len);
  endfunction

  // Sort key of a count: a float with four bits of mantissa, so that one pass sorts (within 1/16
  // of a value).
  localparam int unsigned KeyW = 8;
  function automatic logic [KeyW-1:0] sort_key(logic [CountW-1:0] count);
    logic [KeyW-1:0] r;
    r = KeyW'(count);
    for (int unsigned e = 4; e < CountW; e++) begin
      if (count[e]) r = KeyW'((e - 3) * 16) + KeyW'((count >> (e - 4)) & 13'd15);
    end
    return r;
  endfunction

  // Order in which code lengths of the code-length code are sent, section 3.2.7.
  function automatic logic [4:0] clen_order(logic [4:0] i);
    unique case (i)
      5'd0: return 5'd16;
      5'd1: return 5'd17;
      5'd2: return 5'd18;
      5'd3: return 5'd0;
      5'd4: return 5'd8;
      5'd5: return 5'd7;
      5'd6: return 5'd9;
      5'd7: return 5'd6;
      5'd8: return 5'd10;
      5'd9: return 5'd5;
      5'd10: return 5'd11;
      5'd11: return 5'd4;
      5'd12: return 5'd12;
      5'd13: return 5'd3;
      5'd14: return 5'd13;
      5'd15: return 5'd2;
      5'd16: return 5'd14;
      5'd17: return 5'd1;
      default: return 5'd15;
    endcase
  endfunction

  // The matcher's rules; sw/model has the same.
  localparam logic [8:0] LazyMax = 9'd16;  // a match as long as this is taken at once
  localparam logic [8:0] GoodLen = 9'd5;  // behind such a match fewer candidates are tried
  localparam logic [11:0] FarOfThree = 12'd1024;  // a match of three this far back is not taken

  localparam logic [11:0] NoLink = '1;  // there is none earlier; the last position is never linked to
  localparam logic [8:0] MaxMatch = 9'd258;  // RFC 1951, section 3.2.5
  localparam logic [8:0] ShortMax = 9'd8;  // matches up to this are tried at every length as well

  // What the search of the best level's second pass tells compress_optimal: the next position down,
  // and a match of the position.
  typedef struct packed {
    logic             lit;         // a position begins, with this byte
    logic [7:0]       lit_byte;
    logic             match;
    logic             long_match;  // taken at its full length only
    logic [3:0] from;              // of a short one: lengths from here on are new
    logic [8:0]       len;
    logic [11:0]      distance;
  } optimal_item_t;

  // Eight times the logarithm of a count, straight between powers of two; not for zero.
  function automatic logic [6:0] log2_8(logic [CountW-1:0] count);
    logic [6:0] r;
    r = '0;
    for (int unsigned e = 0; e < CountW; e++) begin
      if (count[e]) r = {4'(e), 3'(({count, 3'd0} >> e) & 16'd7)};
    end
    return r;
  endfunction

  // Bits of a distance, less one.
  function automatic logic [3:0] log2_dist(logic [11:0] d);
    logic [3:0] r;
    r = '0;
    for (int unsigned b = 0; b < 12; b++) if (d[b]) r = 4'(b);
    return r;
  endfunction

  // Whether a match is worth more than the one at the position before it: a byte more pays for
  // four bits of distance.
  function automatic logic worth_more(logic [8:0] len, logic [3:0] log, logic [8:0] old_len,
                                      logic [3:0] old_log);
    logic [8:0] diff;
    diff = len - old_len;
    if (len < old_len) return 1'b0;
    if (diff > 9'd2) return 1'b1;
    return {1'b0, diff[1:0], 2'b00} + 5'(old_log) > 5'(log);
  endfunction

  function automatic logic [11:0] hash12(logic [23:0] b);
    return b[11:0] ^ {b[18:12], b[23:19]} ^ 12'(b[23:16]);
  endfunction

  // An entry of the token stream is one step: literals, then a match or the end of the page.
  // Behind the fields come the literals, the first one lowest; an entry is {entry_t, literals}.
  typedef struct packed {
    logic        last;   // the page ends behind the literals; no match
    logic        match;
    logic [7:0]  len3;   // length less 3
    logic [11:0] dist1;  // distance less 1
    logic [2:0]  nlit;
  } entry_t;
  localparam int unsigned EntryW = $bits(entry_t);

  localparam int unsigned TokPtrW = 14;  // pointers into the token memory

  // What the counter knows of a page.
  typedef struct packed {
    logic [BitsW-1:0]   extra_bits;  // of lengths and distances
    logic [BitsW-1:0]   fixed_bits;  // the whole page in a fixed block
    logic [TokPtrW-1:0] tok_end;     // where its tokens end
  } count_info_t;

  // What the sorter knows of an alphabet.
  typedef struct packed {
    logic [8:0] num;  // symbols used
    logic [8:0] last_sym;  // highest symbol used
    logic [CountW-1:0] total;  // of all counts
  } sort_info_t;

  // What the code builder knows of an alphabet: how many codes of each length (index 0: length 1),
  // and what the counted symbols cost.
  typedef struct packed {
    logic [14:0][8:0] bl;
    logic [8:0]       last_sym;
    logic [BitsW-1:0] bits;
  } tree_info_t;

  // What is known of a page before its header is built.
  typedef struct packed {
    logic [BitsW-1:0]   body_bits;   // of the dynamic block behind its header
    logic [BitsW-1:0]   fixed_bits;
    logic [4:0]         hlit;        // RFC 1951, section 3.2.7
    logic [4:0]         hdist;
    logic [8:0]         num_tokens;  // of the code lengths' own code
    logic [TokPtrW-1:0] tok_end;
  } scan_info_t;

  // A token of the code lengths' own code.
  typedef struct packed {
    logic [4:0] sym;
    logic [6:0] extra;
  } clen_token_t;

  // What the encoder is told of a page.
  typedef struct packed {
    sealift_pkg::block_e kind;
    logic [BitsW-1:0]    bits;       // of the chosen block
    logic [6:0]          words;      // of the header: 32 bits each, the last one short
    logic [5:0]          last_bits;  // bits of the last word
    logic [TokPtrW-1:0]  tok_end;
  } header_info_t;

endpackage
