// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// AXI4 and AXI4-Lite channels as structs (Arm IHI 0022H), and the DMA's own requests.
package sealift_axi_pkg;
  import sealift_cfg_pkg::Cfg;

  localparam int unsigned AxiAddrW = 64;
  localparam int unsigned AxiDataW = Cfg.AxiDataW;
  localparam int unsigned AxiStrbW = AxiDataW / 8;
  localparam int unsigned AxiIdW = 4;

  typedef enum logic [1:0] {  // A3.4.4
    RespOkay   = 2'b00,
    RespExOkay = 2'b01,
    RespSlvErr = 2'b10,
    RespDecErr = 2'b11
  } resp_e;

  localparam logic [1:0] BurstIncr = 2'b01;  // A3.4.1
  localparam logic [3:0] CacheModifiable = 4'b0011;  // A4.4: normal, non-cacheable, bufferable
  localparam logic [2:0] ProtDataSecure = 3'b000;  // A4.7
  localparam int unsigned BoundaryBytes = 4096;  // A3.4.1: no burst crosses it

  typedef struct packed {
    logic [AxiIdW-1:0]   id;
    logic [AxiAddrW-1:0] addr;
    logic [7:0]          len;
    logic [2:0]          size;
    logic [1:0]          burst;
    logic                lock;
    logic [3:0]          cache;
    logic [2:0]          prot;
    logic [3:0]          qos;
  } ax_t;

  typedef struct packed {
    logic [AxiDataW-1:0] data;
    logic [AxiStrbW-1:0] strb;
    logic                last;
  } w_t;

  typedef struct packed {
    logic [AxiIdW-1:0] id;
    logic [1:0]        resp;
  } b_t;

  typedef struct packed {
    logic [AxiIdW-1:0]   id;
    logic [AxiDataW-1:0] data;
    logic [1:0]          resp;
    logic                last;
  } r_t;

  // Master to slave, and back.
  typedef struct packed {
    ax_t  aw;
    logic aw_valid;
    w_t   w;
    logic w_valid;
    logic b_ready;
    ax_t  ar;
    logic ar_valid;
    logic r_ready;
  } axi_req_t;

  typedef struct packed {
    logic aw_ready;
    logic w_ready;
    b_t   b;
    logic b_valid;
    logic ar_ready;
    r_t   r;
    logic r_valid;
  } axi_rsp_t;

  // AXI4-Lite with 32-bit data (B1.1)
  localparam int unsigned LiteAddrW = 12;
  typedef struct packed {
    logic [LiteAddrW-1:0] aw_addr;
    logic [2:0]           aw_prot;
    logic                 aw_valid;
    logic [31:0]          w_data;
    logic [3:0]           w_strb;
    logic                 w_valid;
    logic                 b_ready;
    logic [LiteAddrW-1:0] ar_addr;
    logic [2:0]           ar_prot;
    logic                 ar_valid;
    logic                 r_ready;
  } lite_req_t;

  typedef struct packed {
    logic        aw_ready;
    logic        w_ready;
    logic [1:0]  b_resp;
    logic        b_valid;
    logic        ar_ready;
    logic [31:0] r_data;
    logic [1:0]  r_resp;
    logic        r_valid;
  } lite_rsp_t;

  // A memory window: DMA reaches [base, limit] and nothing else.
  typedef struct packed {
    logic                enable;
    logic                read;
    logic                write;
    logic [AxiAddrW-1:0] base;
    logic [AxiAddrW-1:0] limit;   // last byte inside
  } window_t;

  // A DMA request: bytes [addr, addr + bytes), both multiples of 16.
  typedef struct packed {
    logic [AxiAddrW-1:0] addr;
    logic [AxiAddrW-1:0] bytes;
  } dma_req_t;

endpackage
