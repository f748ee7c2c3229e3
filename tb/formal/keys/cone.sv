// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// What the solver is given when keys/cone has made its point on the netlist: nothing.
module cone (
  input logic clk_i
);
  Nothing :
  assert property (@(posedge clk_i) 1'b1);
endmodule
