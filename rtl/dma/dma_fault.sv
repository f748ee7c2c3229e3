// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// What goes wrong on one side of the bus, reads or writes: an answer that is not OKAY, no answer in time, a burst
// that the firewall refuses. The first of them is told and stops the side.
//
// Latency:  stop_o rises, and fault_o pulses, in the cycle after the cause.
// Rules:    stop_o stays until clear_i, and is high while stop_i is. After a timeout give_up_o stays until stuck_i is low:
//           what memory never answers can be given up, an address that it has not taken must stay (A3.2.1). Then flush_o
//           drops what is outstanding and id_o moves on, so that a late answer is known by its ID.
module dma_fault
  import sealift_axi_pkg::*;
  import sealift_pkg::*;
#(
  parameter status_e ErrorCode = StatusReadError
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                clear_i,
  input  logic                stop_i,
  input  logic   [      31:0] timeout_i,
  input  logic                outstanding_i,
  input  logic                progress_i,
  input  logic                stuck_i,
  input  logic                bad_i,
  input  logic   [ AddrW-1:0] oldest_addr_i,
  input  logic                refused_i,
  input  logic   [ AddrW-1:0] refused_addr_i,
  output logic                stop_o,
  output logic                give_up_o,
  output logic                flush_o,
  output logic   [AxiIdW-1:0] id_o,
  output fault_t              fault_o
);
  logic halt_q, give_up_q, expired;
  logic   [AxiIdW-1:0] id_q;
  fault_t              fault_q;

  dma_timeout u_timeout (
    .clk_i,
    .rst_ni,
    .clear_i,
    .limit_i  (timeout_i),
    .waiting_i(outstanding_i && !give_up_q),
    .progress_i,
    .expired_o(expired)
  );

  assign stop_o    = stop_i || halt_q;
  assign give_up_o = give_up_q;
  assign flush_o   = give_up_q && !stuck_i;
  assign id_o      = id_q;
  assign fault_o   = fault_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      halt_q    <= 1'b0;
      give_up_q <= 1'b0;
      id_q      <= '0;
      fault_q   <= '0;
    end else begin
      fault_q <= '0;
      if (!stop_o && (bad_i || expired || refused_i)) begin
        halt_q        <= 1'b1;
        fault_q.valid <= 1'b1;
        if (bad_i) begin
          fault_q.code <= ErrorCode;
          fault_q.addr <= oldest_addr_i;
        end else if (expired) begin
          fault_q.code <= StatusTimeout;
          fault_q.addr <= oldest_addr_i;
        end else begin
          fault_q.code <= StatusWindow;
          fault_q.addr <= refused_addr_i;
        end
      end
      if (flush_o) begin
        give_up_q <= 1'b0;
        id_q      <= id_q + 1'b1;
      end else if (expired) begin
        give_up_q <= 1'b1;
      end
      if (clear_i) halt_q <= 1'b0;
    end
  end

endmodule
