// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Code lengths of an alphabet from its sorted counts: Huffman's algorithm with two queues (Moffat
// and Katajainen), then the limit of the length by moving leaves (Kraft's sum is kept). So that few
// have to move, a leaf weighs no less than the total shifted by MaxLen.
//
// Protocol: start_i (with idle_o) takes num_i items of the list behind the list port, ascending by
//           count; then the length of every symbol of the list comes out of the len port, and
//           done_o pulses with info_o. One symbol gets length 1, none gets nothing.
// Latency:  about 4 cycles an item.
// Rules:    clear_i drops everything.
module compress_tree
  import compress_pkg::*;
#(
  parameter  int unsigned Symbols = 286,
  parameter  int unsigned MaxLen  = 15,
  localparam int unsigned SymBits = $clog2(Symbols)
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  input  logic                     clear_i,
  input  logic                     start_i,
  input  sort_info_t               sort_i,
  output logic                     idle_o,
  output logic                     done_o,
  output tree_info_t               info_o,
  output logic                     list_re_o,
  output logic       [SymBits-1:0] list_addr_o,
  input  logic       [SymBits-1:0] list_sym_i,
  input  logic       [ CountW-1:0] list_count_i,
  output logic                     len_we_o,
  output logic       [SymBits-1:0] len_sym_o,
  output logic       [        3:0] len_o
);
  typedef enum logic [2:0] {
    StIdle,
    StMerge,   // one node of the tree is picked a cycle
    StDepth,   // inner nodes from the root down: how many a level
    StLevel,   // the last levels of leaves
    StExcess,  // Kraft's sum over the limit
    StRepair,
    StAssign   // lengths in the order of the list
  } state_e;

  localparam int unsigned WeightW = CountW + 1;
  localparam int unsigned BlW = $clog2(Symbols + 1);
  localparam int unsigned KraftW = MaxLen + 3;

  state_e               state_q;
  logic   [SymBits-1:0] num_q;

  // ---- the leaves
  logic rd_start, leaf_valid, leaf_ready, leaf_end;
  logic [SymBits-1:0] leaf_sym;
  logic [ CountW-1:0] leaf_count;
  logic               assign_start_q;

  assign rd_start = (state_q == StIdle && start_i) || assign_start_q || clear_i;

  // A leaf weighs at least floor_q.
  logic [CountW-1:0] list_count, floor_q;
  assign list_count = (state_q == StMerge && list_count_i < floor_q) ? floor_q : list_count_i;

  compress_reader #(
    .Width(SymBits + CountW),
    .AddrW(SymBits)
  ) u_leaves (
    .clk_i,
    .rst_ni,
    .start_i   (rd_start),
    .num_i     (clear_i ? '0 : (state_q == StIdle) ? sort_i.num[SymBits-1:0] : num_q),
    .mem_re_o  (list_re_o),
    .mem_addr_o(list_addr_o),
    .mem_data_i({list_sym_i, list_count}),
    .valid_o   (leaf_valid),
    .ready_i   (leaf_ready),
    .data_o    ({leaf_sym, leaf_count}),
    .end_o     (leaf_end)
  );

  // ---- the inner nodes: a queue of weights, and each one's parent
  logic node_push, node_valid, node_ready, node_room;
  logic [WeightW-1:0] node_weight, new_weight;
  logic [$clog2((1 << SymBits) + 4)-1:0] node_used;

  prim_fifo_ram #(
    .Width(WeightW),
    .Depth(1 << SymBits)
  ) u_nodes (
    .clk_i,
    .rst_ni,
    .clear_i(clear_i || state_q == StIdle),
    .valid_i(node_push),
    .ready_o(node_room),
    .data_i (new_weight),
    .valid_o(node_valid),
    .ready_i(node_ready),
    .data_o (node_weight),
    .used_o (node_used)
  );

  logic pick, pick_node, second_q;
  logic [WeightW-1:0] first_q, weight, leaf_weight;
  logic [SymBits-1:0] made_q, todo_q, taken_q;  // inner nodes made, to be made, and picked

  assign leaf_weight = WeightW'(leaf_count);

  always_comb begin
    pick      = 1'b0;
    pick_node = 1'b0;
    if (state_q == StMerge && todo_q != '0) begin
      if (leaf_valid && node_valid) begin
        pick      = 1'b1;
        pick_node = node_weight < leaf_weight;
      end else if (leaf_valid) begin
        pick = node_used == '0;
      end else if (node_valid) begin
        pick      = leaf_end;
        pick_node = leaf_end;
      end
    end
    weight     = pick_node ? node_weight : leaf_weight;
    node_ready = pick && pick_node;
    node_push  = pick && second_q;
    new_weight = first_q + weight;
  end

  logic par_re, par_re_q;
  logic [SymBits-1:0] par_addr, par, node_q;
  prim_ram_1r1w #(
    .Width(SymBits),
    .Depth(1 << SymBits)
  ) u_parents (
    .clk_i,
    .we_i   (node_ready),
    .waddr_i(taken_q),
    .wdata_i(made_q),
    .re_i   (par_re),
    .raddr_i(par_addr),
    .rdata_o(par)
  );

  // ---- levels
  logic [ MaxLen-1:0][BlW-1:0] bl_q;
  logic [        4:0]          level_q;  // of the inner nodes being counted
  logic [SymBits-1:0]          low_q;  // the lowest inner node of the level above
  logic [SymBits:0] above_q, here_q;  // inner nodes of the level above and of this one
  logic [SymBits:0] leaves;
  logic next_level, folded_q;
  logic put_q, levels_end;  // a level is complete: above and here of it a cycle later
  logic [SymBits:0] put_above_q, put_here_q;
  logic [KraftW-1:0] kraft_q;
  logic [       3:0] d_q;  // a length, less one
  logic              step_q;  // every second cycle of the repair
  logic [3:0] give, give_q;  // the longest length below the limit that has a leaf, less one
  logic [BitsW-1:0] bits_q;
  logic [  BlW-1:0] left_q;
  logic             scan_last_q;

  assign par_re     = state_q == StDepth && !scan_last_q;
  assign par_addr   = node_q;
  assign next_level = par_re_q && par < low_q;
  assign levels_end = put_q && put_above_q == '0 && put_here_q == '0;
  assign leaves     = {put_above_q[SymBits-1:0], 1'b0} - put_here_q;

  always_comb begin
    give = '0;
    for (int unsigned i = 0; i < MaxLen - 1; i++) if (bl_q[i] != '0) give = 4'(i);
  end

  assign leaf_ready = (pick && !pick_node) || (state_q == StAssign && left_q != '0);
  assign len_we_o   = state_q == StAssign && left_q != '0 && leaf_valid && !assign_start_q;
  assign len_sym_o  = leaf_sym;
  assign len_o      = d_q + 1'b1;
  assign idle_o     = state_q == StIdle;
  assign done_o     = state_q == StAssign && leaf_end && !assign_start_q;
  always_comb begin
    info_o = '{bl: '0, last_sym: sort_i.last_sym, bits: bits_q};
    for (int unsigned i = 0; i < MaxLen; i++) info_o.bl[i] = 9'(bl_q[i]);
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q        <= StIdle;
      assign_start_q <= 1'b0;
      par_re_q       <= 1'b0;
      put_q          <= 1'b0;
    end else if (clear_i) begin
      state_q        <= StIdle;
      assign_start_q <= 1'b0;
      par_re_q       <= 1'b0;
      put_q          <= 1'b0;
    end else begin
      assign_start_q <= 1'b0;
      par_re_q       <= par_re;
      put_q          <= (state_q == StDepth && next_level) || (state_q == StLevel && !levels_end);
      unique case (state_q)
        StIdle: begin
          if (start_i) begin
            state_q        <= (sort_i.num < 9'd2) ? StAssign : StMerge;
            assign_start_q <= sort_i.num < 9'd2;
          end
        end
        StMerge:  if (todo_q == '0) state_q <= StDepth;
        StDepth:  if (scan_last_q && !par_re_q) state_q <= StLevel;
        StLevel:  if (levels_end) state_q <= folded_q ? StExcess : StAssign;
        StExcess: if (d_q == 4'(MaxLen - 1)) state_q <= StRepair;
        StRepair: if (kraft_q == KraftW'(1 << MaxLen)) state_q <= StAssign;
        StAssign: if (done_o) state_q <= StIdle;
        default:  state_q <= StIdle;
      endcase
      if ((state_q == StLevel && levels_end && !folded_q) ||
          (state_q == StRepair && kraft_q == KraftW'(1 << MaxLen))) begin
        assign_start_q <= 1'b1;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    unique case (state_q)
      StIdle: begin
        num_q    <= sort_i.num[SymBits-1:0];
        floor_q  <= sort_i.total >> MaxLen;
        second_q <= 1'b0;
        made_q   <= '0;
        todo_q   <= sort_i.num[SymBits-1:0] - 1'b1;
        taken_q  <= '0;
        bl_q     <= '0;
        bl_q[0]  <= BlW'(sort_i.num == 9'd1);
        folded_q <= 1'b0;
        bits_q   <= '0;
        d_q      <= '0;
        left_q   <= BlW'(sort_i.num == 9'd1);
      end
      StMerge: begin
        if (pick) begin
          second_q <= !second_q;
          first_q  <= weight;
          if (second_q) begin
            made_q <= made_q + 1'b1;
            todo_q <= todo_q - 1'b1;
          end
          if (pick_node) taken_q <= taken_q + 1'b1;
        end
        // The root is level 0; the nodes below it follow from the next one down.
        level_q     <= 5'd1;
        low_q       <= num_q - SymBits'(2);
        node_q      <= num_q - SymBits'(3);
        above_q     <= (SymBits + 1)'(1);
        here_q      <= '0;
        scan_last_q <= num_q == SymBits'(2);
      end
      StDepth: begin
        if (par_re) begin
          node_q <= node_q - 1'b1;
          if (node_q == '0) scan_last_q <= 1'b1;
        end
        if (par_re_q) begin
          if (next_level) begin
            // node_q is one past the node whose parent this is, or two with a read under way.
            low_q   <= node_q + (SymBits)'(2);
            above_q <= here_q;
            here_q  <= (SymBits + 1)'(1);
          end else begin
            here_q <= here_q + 1'b1;
          end
        end
      end
      StLevel: begin
        above_q <= here_q;
        here_q  <= '0;
        d_q     <= '0;
        kraft_q <= '0;
      end
      StExcess: begin
        kraft_q <= {kraft_q[KraftW-2:0], 1'b0} + KraftW'(bl_q[d_q]);
        if (d_q != 4'(MaxLen - 1)) d_q <= d_q + 1'b1;
      end
      StRepair: begin
        if (step_q && kraft_q != KraftW'(1 << MaxLen)) begin
          kraft_q <= kraft_q - 1'b1;
          if (give_q == 4'(MaxLen - 2)) begin
            bl_q[MaxLen-2] <= bl_q[MaxLen-2] - 1'b1;
            bl_q[MaxLen-1] <= bl_q[MaxLen-1] + 1'b1;
          end else begin
            bl_q[give_q]      <= bl_q[give_q] - 1'b1;
            bl_q[give_q+1'b1] <= bl_q[give_q+1'b1] + BlW'(2);
            bl_q[MaxLen-1]    <= bl_q[MaxLen-1] - 1'b1;
          end
        end
      end
      StAssign: begin
        if (assign_start_q && num_q != SymBits'(1)) begin
          d_q    <= 4'(MaxLen - 1);
          left_q <= bl_q[MaxLen-1];
        end else if (left_q == '0) begin
          if (d_q != '0) begin
            d_q    <= d_q - 1'b1;
            left_q <= bl_q[d_q-1'b1];
          end
        end else if (leaf_valid && !assign_start_q) begin
          left_q <= left_q - 1'b1;
          bits_q <= bits_q + BitsW'(leaf_count) * BitsW'(len_o);
        end
      end
      default: ;
    endcase
    give_q      <= give;
    step_q      <= state_q == StRepair && !step_q;
    put_above_q <= above_q;
    put_here_q  <= here_q;
    // A level is complete: its leaves are what its room leaves beside its inner nodes.
    if (put_q) begin
      level_q <= level_q + 1'b1;
      if (level_q > 5'(MaxLen)) begin
        bl_q[MaxLen-1] <= bl_q[MaxLen-1] + BlW'(leaves);
        if (leaves != '0) folded_q <= 1'b1;
      end else begin
        bl_q[4'(level_q-1'b1)] <= BlW'(leaves);
      end
    end
  end

  `include "sealift_assert.svh"
  `SL_ASSERT(NodeRoom, !node_push || node_room)

endmodule
