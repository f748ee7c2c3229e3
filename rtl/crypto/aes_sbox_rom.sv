// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// SubBytes (FIPS 197, section 5.1.1) of `Bytes` bytes, two to a dual-port ROM, for FPGAs: the
// register behind the S-box is the output register of a block RAM.
//
// Latency: one cycle after en_i. Rules: clear_i zeroes the register.
module aes_sbox_rom
  import aes_pkg::*;
#(
  parameter int unsigned Bytes   = 16,
  parameter bit          Inverse = 1'b0  // InvSubBytes (section 5.3.2)
) (
  input  logic               clk_i,
  input  logic               clear_i,
  input  logic               en_i,
  input  logic [8*Bytes-1:0] data_i,
  output logic [8*Bytes-1:0] data_o
);
  for (genvar i = 0; i < Bytes / 2; i++) begin : gen_rom
    (* rom_style = "block" *)
    logic [7:0] rom[256];
    logic [7:0] low_q, high_q;

    // The one kind of initial block that hardware has: the contents of a ROM.
    initial begin
      for (int unsigned k = 0; k < 256; k++) rom[k] = Inverse ? InvSbox[k] : Sbox[k];
    end

    always_ff @(posedge clk_i) begin
      if (clear_i) low_q <= '0;
      else if (en_i) low_q <= rom[data_i[16*i+:8]];
    end

    always_ff @(posedge clk_i) begin
      if (clear_i) high_q <= '0;
      else if (en_i) high_q <= rom[data_i[16*i+8+:8]];
    end

    assign data_o[16*i+:16] = {high_q, low_q};
  end
endmodule
