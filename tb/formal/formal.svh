// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// What a proof needs besides sealift_assert.svh, and reset: low in the first cycle, then whenever reset_i says so.
`ifndef SEALIFT_FORMAL_SVH
`define SEALIFT_FORMAL_SVH
`include "sealift_assert.svh"

`define SL_ASSUME(__name, __prop, __clk = clk_i, __rst = !rst_ni) \
  __name: assume property (@(posedge __clk) disable iff (__rst) (__prop));

`define SL_COVER(__name, __prop, __clk = clk_i, __rst = !rst_ni) \
  __name: cover property (@(posedge __clk) disable iff (__rst) (__prop));

`define SL_FORMAL_RESET \
  logic started_q = 1'b0; \
  logic rst_ni; \
  always_ff @(posedge clk_i) started_q <= 1'b1; \
  assign rst_ni = started_q && !reset_i;

`endif  // SEALIFT_FORMAL_SVH
