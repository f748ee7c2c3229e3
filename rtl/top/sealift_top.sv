// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Sealift: moves the memory of a virtual machine out of one host and into another, fast and sealed.
//
// Host port (AXI4-Lite): request mailbox, doorbell, status, counters: all that the VMM sees.
// Secure port (AXI4-Lite): jobs, key slots, memory windows, policy, zeroize: the security processor alone.
// Memory port (AXI4): one master; reads and writes nothing outside the memory windows opened for the job.
//
// One clock, one reset (asynchronous assertion, synchronous release is the integrator's). docs/programmers-guide.md
// says which register in which order, docs/architecture.md what happens inside.
module sealift_top (
  input  logic                         clk_i,
  input  logic                         rst_ni,
  input  sealift_axi_pkg::lite_req_t   host_req_i,
  output sealift_axi_pkg::lite_rsp_t   host_rsp_o,
  input  sealift_axi_pkg::lite_req_t   secure_req_i,
  output sealift_axi_pkg::lite_rsp_t   secure_rsp_o,
  output sealift_axi_pkg::axi_req_t    axi_req_o,
  input  sealift_axi_pkg::axi_rsp_t    axi_rsp_i,
  output logic                         irq_host_o,
  output logic                         irq_secure_o,
  output logic                         alert_o
);
endmodule
