// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Assertions in the subset that Verilator 5.006, read_slang and Verible share (no |=>, no ##n).
`ifndef SEALIFT_ASSERT_SVH
`define SEALIFT_ASSERT_SVH

// Holds in every cycle out of reset.
`define SL_ASSERT(__name, __prop, __clk = clk_i, __rst = !rst_ni) \
  __name: assert property (@(posedge __clk) disable iff (__rst) (__prop));

// If __a held in the last cycle, __c holds in this one.
`define SL_ASSERT_NEXT(__name, __a, __c, __clk = clk_i, __rst = !rst_ni) \
  `SL_ASSERT(__name, !$past((__a) && !(__rst)) || (__c), __clk, __rst)

// A valid/ready port: once valid, it stays valid with the same payload until ready.
// __clear: a synchronous clear that may withdraw it.
`define SL_ASSERT_STABLE(__name, __valid, __ready, __payload, __clear = 1'b0) \
  `SL_ASSERT_NEXT(__name``Valid, (__valid) && !(__ready) && !(__clear), (__valid)) \
  `SL_ASSERT_NEXT(__name``Payload, (__valid) && !(__ready) && !(__clear), $stable(__payload))

// Elaboration-time check of a parameter.
`define SL_ASSERT_PARAM(__name, __cond) \
  if (!(__cond)) begin : gen_bad_``__name \
    $error("parameter out of range: __name"); \
  end

`endif  // SEALIFT_ASSERT_SVH
