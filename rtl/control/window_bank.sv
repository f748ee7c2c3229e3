// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// The memory windows, as a region of registers of the secure port: 32 bytes a window, BASE, LIMIT, CTRL.
//
// Protocol: req_i with address, answered in the same cycle (ack by the parent). Windows beyond Windows read zero.
// Rules:    CTRL.lock holds a window until reset. freeze_i (a job runs) holds them all, because DMA relies on
//           windows that stand still while bursts are out; such writes have no effect.
module window_bank
  import sealift_axi_pkg::*;
#(
  parameter int unsigned Windows = sealift_cfg_pkg::Cfg.Windows
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  freeze_i,
  input  logic                  write_i,
  input  logic    [        8:0] addr_i,
  input  logic    [       31:0] data_i,
  input  logic    [       31:0] mask_i,
  output logic    [       31:0] rdata_o,
  output window_t [Windows-1:0] windows_o
);
  `include "sealift_assert.svh"
  `SL_ASSERT_PARAM(Windows, Windows >= 1 && Windows <= 16)

  localparam logic [2:0] WordBaseLo = 3'd0;
  localparam logic [2:0] WordBaseHi = 3'd1;
  localparam logic [2:0] WordLimitLo = 3'd2;
  localparam logic [2:0] WordLimitHi = 3'd3;
  localparam logic [2:0] WordCtrl = 3'd4;

  window_t [Windows-1:0] windows_q;
  logic    [Windows-1:0] lock_q;
  logic    [        3:0] index;
  logic    [        2:0] word;
  logic    [       31:0] next;

  assign index     = addr_i[8:5];
  assign word      = addr_i[4:2];
  assign next      = (rdata_o & ~mask_i) | (data_i & mask_i);
  assign windows_o = windows_q;

  always_comb begin
    rdata_o = '0;
    for (int unsigned i = 0; i < Windows; i++) begin
      if (index == 4'(i)) begin
        unique case (word)
          WordBaseLo: rdata_o = windows_q[i].base[31:0];
          WordBaseHi: rdata_o = windows_q[i].base[63:32];
          WordLimitLo: rdata_o = windows_q[i].limit[31:0];
          WordLimitHi: rdata_o = windows_q[i].limit[63:32];
          WordCtrl: begin
            rdata_o = {
              28'h0, lock_q[i], windows_q[i].write, windows_q[i].read, windows_q[i].enable
            };
          end
          default: rdata_o = '0;
        endcase
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      windows_q <= '0;
      lock_q    <= '0;
    end else if (write_i && !freeze_i) begin
      for (int unsigned i = 0; i < Windows; i++) begin
        if (index == 4'(i) && !lock_q[i]) begin
          unique case (word)
            WordBaseLo:  windows_q[i].base[31:0] <= next;
            WordBaseHi:  windows_q[i].base[63:32] <= next;
            WordLimitLo: windows_q[i].limit[31:0] <= next;
            WordLimitHi: windows_q[i].limit[63:32] <= next;
            WordCtrl: begin
              windows_q[i].enable <= next[0];
              windows_q[i].read   <= next[1];
              windows_q[i].write  <= next[2];
              lock_q[i]           <= next[3];
            end
            default: begin
            end
          endcase
        end
      end
    end
  end

  logic unused_addr;
  assign unused_addr = ^addr_i[1:0];
endmodule
