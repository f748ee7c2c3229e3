// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// The key store: Slots keys, each with what it is bound to, its sequence number and its stream's totals.
//
// Protocol: install_i, lock_i, clear_i (one-cycle pulses with cmd_slot_i) are answered in the same cycle by result_o.
//           A job holds its slot with hold_i and has it loaded by load_i; from loaded_o on key_o, bind_o, seq_o and
//           totals_o are the slot's, until hold_i falls. commit_i advances seq_o in the next cycle.
// Rules:    keys leave only through key_o, and only while a job holds the slot. Nothing but commit_i advances a
//           sequence number, and only an install after a clear starts it anew. zeroize_i empties every slot and the
//           outputs in the next cycle and the memories within Slots + 2 cycles; reset does the same. A lock lasts
//           until reset. break_i ends the held slot's stream: numbers may have been used that were not committed.
//           The states are three bits apart; any other value wipes the store for good and raises alert_o.
module key_slots
  import control_pkg::*;
  import sealift_pkg::*;
#(
  parameter int unsigned Slots = sealift_cfg_pkg::Cfg.KeySlots,
  parameter logic [15:0] Algorithms = sealift_cfg_pkg::Cfg.Algorithms | 16'd1,
  parameter logic [63:0] SeqInstall = 64'd0,  // other than 0 only to test the end of the numbers
  // A slot is spent when the upper bits are all ones: the last 2^SpentMargin numbers are never reached, so that
  // records that are in flight when it happens cannot wrap.
  parameter int unsigned SpentMargin = 8
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 zeroize_i,
  // commands
  input  logic                 install_i,
  input  logic                 lock_i,
  input  logic                 clear_i,
  input  logic         [  3:0] cmd_slot_i,
  input  algorithm_e           install_alg_i,
  input  dir_e                 install_dir_i,
  input  logic                 install_complete_i,  // nothing of what it takes is missing
  input  staged_t              staged_i,
  output key_result_e          result_o,
  // a look at one slot
  input  logic         [  3:0] select_i,
  output slot_info_t           select_info_o,
  output logic                 select_busy_o,
  output logic         [ 63:0] select_seq_o,
  // the job
  input  logic         [  3:0] job_slot_i,
  output slot_info_t           job_info_o,
  input  logic                 hold_i,
  input  logic                 load_i,
  output logic                 loaded_o,
  input  logic                 break_i,
  input  commit_t              commit_i,
  output logic         [255:0] key_o,
  output logic         [255:0] tweak_key_o,         // of XTS, else 0
  output stream_bind_t         bind_o,
  output logic         [ 63:0] seq_o,
  output totals_t              totals_o,
  output logic                 spent_o,             // of the loaded slot
  // health
  output logic                 scrubbing_o,
  output logic                 alert_o
);
  `include "sealift_assert.svh"
  `SL_ASSERT_PARAM(Slots, Slots >= 2 && Slots <= 16)

  localparam bit HasXts = (Algorithms & MaskXts) != '0;
  localparam int unsigned KeyW = HasXts ? 512 : 256;
  localparam int unsigned SlotBits = $clog2(Slots);
  localparam logic [SlotBits-1:0] LastSlot = SlotBits'(Slots - 1);

  typedef enum logic [5:0] {
    StScrub = 6'b000000,  // writes zeros, reads them back to empty the read register
    StFlush = 6'b101010,  // reads the last one
    StReady = 6'b011001,
    StFault = 6'b000111   // was disturbed: refuses everything until reset
  } state_e;

  (* fsm_encoding = "none" *)state_e state_q;
  state_e state_d;
  logic illegal, alert_q, usable, scrub;
  logic [SlotBits-1:0] scrub_q;

  slot_info_t [Slots-1:0] info_q;

  // ---------------------------------------------------------------- wiping
  assign usable      = state_q == StReady && !zeroize_i;
  assign scrub       = state_q == StScrub;
  assign scrubbing_o = state_q != StReady;
  assign alert_o     = alert_q || illegal;

  always_comb begin
    state_d = state_q;
    illegal = 1'b0;
    unique case (state_q)
      StScrub: if (scrub_q == LastSlot) state_d = StFlush;
      StFlush: state_d = alert_q ? StFault : StReady;
      StReady: state_d = StReady;
      StFault: state_d = StFault;
      default: begin
        illegal = 1'b1;
        state_d = StScrub;
      end
    endcase
    if (zeroize_i && !scrub) state_d = StScrub;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) state_q <= StScrub;
    else state_q <= state_d;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      scrub_q <= '0;
      alert_q <= 1'b0;
    end else begin
      alert_q <= alert_q || illegal;
      if ((zeroize_i || illegal) && !scrub) scrub_q <= '0;
      else if (scrub) scrub_q <= scrub_q + 1'b1;
    end
  end

  // ---------------------------------------------------------------- commands
  logic [SlotBits-1:0] cmd_slot, job_slot, select;
  logic cmd_in_range, job_in_range, select_in_range, do_install, do_lock, do_clear;
  logic cmd_locked, cmd_valid, xts, flush_q, active_q;
  logic [7:0] words;
  logic [255:0] key, tweak_key;  // as much of the staged ones as the algorithm takes

  assign cmd_slot        = cmd_slot_i[SlotBits-1:0];
  assign job_slot        = job_slot_i[SlotBits-1:0];
  assign select          = select_i[SlotBits-1:0];
  assign cmd_in_range    = 32'(cmd_slot_i) < Slots;
  assign job_in_range    = 32'(job_slot_i) < Slots;
  assign select_in_range = 32'(select_i) < Slots;
  assign cmd_locked      = info_q[cmd_slot].locked;
  assign cmd_valid       = info_q[cmd_slot].valid;

  assign xts             = alg_is_xts(install_alg_i);
  assign words           = alg_key_words(install_alg_i);
  assign key             = keep_words(staged_i.key, words);
  assign tweak_key       = keep_words(staged_i.tweak_key, xts ? words : '0);

  always_comb begin
    result_o = KeyOk;
    if (!cmd_in_range) begin
      result_o = KeyBadSlot;
    end else if (cmd_locked) begin
      result_o = KeyLocked;
    end else if (!lock_i && (!usable || flush_q || ((hold_i || active_q) && cmd_slot_i == job_slot_i))) begin
      result_o = KeyBusy;
    end else if (install_i) begin
      if (cmd_valid) result_o = KeyValid;
      else if (!alg_present(Algorithms, install_alg_i)) result_o = KeyBadAlg;
      else if (!install_complete_i) result_o = KeyIncomplete;
      else if (xts && tweak_key == key) result_o = KeyEqual;
    end
  end

  assign do_install = install_i && result_o == KeyOk;
  assign do_lock    = lock_i && result_o == KeyOk;
  assign do_clear   = clear_i && result_o == KeyOk;

  // ---------------------------------------------------------------- memories
  // One word a slot. A cleared word is read back in the next cycle, so that the read register forgets it, too; a command
  // that comes in that very cycle finds the store busy.
  logic write, read, load_pend_q, load_now, load_q, wb_q, wb_now;
  logic [SlotBits-1:0] waddr, raddr, flush_slot_q;
  logic [KeyW-1:0] key_wdata, key_rdata;
  logic [$bits(stream_bind_t)-1:0] bind_wdata, bind_rdata;
  logic [63+$bits(totals_t):0] seq_wdata, seq_rdata;
  logic select_read, select_read_q;
  logic         [KeyW-1:0] key_q;
  stream_bind_t            bind_q;
  logic         [    63:0] seq_q;
  totals_t                 totals_q;
  logic                    commit;

  assign write      = scrub || do_install || do_clear;
  assign waddr      = scrub ? scrub_q : cmd_slot;
  assign key_wdata  = do_install ? KeyW'({tweak_key, key}) : '0;
  assign bind_wdata = do_install ? staged_i.bound : '0;
  assign load_now   = load_pend_q && usable && !write && !wb_q && !flush_q;
  assign read       = flush_q || load_now;
  assign raddr      = flush_q ? flush_slot_q : job_slot;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      flush_q      <= 1'b0;
      flush_slot_q <= '0;
      load_pend_q  <= 1'b0;
      load_q       <= 1'b0;
    end else begin
      flush_q      <= scrub || do_clear;
      flush_slot_q <= waddr;
      load_pend_q  <= (load_i || (load_pend_q && !load_now)) && hold_i && !zeroize_i;
      load_q       <= load_now && !zeroize_i;
    end
  end

  prim_ram_1r1w #(
    .Width(KeyW),
    .Depth(Slots)
  ) u_keys (
    .clk_i,
    .we_i   (write),
    .waddr_i(waddr),
    .wdata_i(key_wdata),
    .re_i   (read),
    .raddr_i(raddr),
    .rdata_o(key_rdata)
  );

  prim_ram_1r1w #(
    .Width($bits(stream_bind_t)),
    .Depth(Slots)
  ) u_bounds (
    .clk_i,
    .we_i   (write),
    .waddr_i(waddr),
    .wdata_i(bind_wdata),
    .re_i   (read),
    .raddr_i(raddr),
    .rdata_o(bind_rdata)
  );

  // Sequence numbers and totals are written through after each commit; the port's free reads show a slot.
  assign wb_now = wb_q && !write;
  assign seq_wdata = wb_now ? {totals_q, seq_q} : {totals_t'('0), do_install ? SeqInstall : 64'd0};
  assign select_read = !load_now && !write && !wb_now;

  prim_ram_1r1w #(
    .Width(64 + $bits(totals_t)),
    .Depth(Slots)
  ) u_numbers (
    .clk_i,
    .we_i   (write || wb_now),
    .waddr_i(wb_now ? job_slot : waddr),
    .wdata_i(seq_wdata),
    .re_i   (load_now || select_read),
    .raddr_i(load_now ? job_slot : select),
    .rdata_o(seq_rdata)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      select_read_q <= 1'b0;
      select_seq_o  <= '0;
    end else begin
      select_read_q <= select_read;
      if (!select_info_o.valid) select_seq_o <= '0;
      else if (select_read_q) select_seq_o <= seq_rdata[63:0];
    end
  end

  // ---------------------------------------------------------------- the job's slot
  logic    release_now;
  totals_t totals_d;
  logic [63:0] seq_d;

  assign commit      = commit_i.valid && active_q;
  assign release_now = !hold_i && !wb_q;

  always_comb begin
    seq_d    = (seq_q == '1) ? seq_q : seq_q + 64'd1;
    totals_d = totals_q;
    if (!commit_i.header) begin
      totals_d.records = totals_q.records + 64'd1;
      totals_d.pages   = totals_q.pages + 64'(commit_i.pages);
      totals_d.payload = totals_q.payload + 64'(commit_i.payload);
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      active_q <= 1'b0;
      wb_q     <= 1'b0;
      key_q    <= '0;
      bind_q   <= '0;
      seq_q    <= '0;
      totals_q <= '0;
    end else if (zeroize_i || illegal || (active_q && release_now)) begin
      active_q <= 1'b0;
      wb_q     <= 1'b0;
      key_q    <= '0;
      bind_q   <= '0;
      seq_q    <= '0;
      totals_q <= '0;
    end else if (load_q && usable && hold_i) begin
      active_q <= 1'b1;
      key_q    <= key_rdata;
      bind_q   <= bind_rdata;
      seq_q    <= seq_rdata[63:0];
      totals_q <= seq_rdata[63+$bits(totals_t):64];
    end else begin
      if (wb_now) wb_q <= 1'b0;
      if (commit) begin
        wb_q     <= 1'b1;
        seq_q    <= seq_d;
        totals_q <= totals_d;
      end
    end
  end

  assign loaded_o    = active_q && hold_i;
  assign key_o       = key_q[255:0];
  assign tweak_key_o = HasXts ? key_q[KeyW-1-:256] : '0;
  assign bind_o      = bind_q;
  assign seq_o       = seq_q;
  assign totals_o    = totals_q;
  assign spent_o     = active_q && seq_q[63:SpentMargin] == '1;

  // ---------------------------------------------------------------- what is known of each slot
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      info_q <= '0;
    end else begin
      for (int unsigned i = 0; i < Slots; i++) begin
        if (do_install && cmd_slot == SlotBits'(i)) begin
          info_q[i].valid <= 1'b1;
          info_q[i].fresh <= 1'b1;
          info_q[i].ended <= 1'b0;
          info_q[i].spent <= SeqInstall[63:SpentMargin] == '1;
          info_q[i].dir   <= install_dir_i;
          info_q[i].alg   <= install_alg_i;
        end
        if (active_q && job_slot == SlotBits'(i)) begin
          if (commit) begin
            info_q[i].fresh <= 1'b0;
            if (commit_i.last) info_q[i].ended <= 1'b1;
          end
          if (spent_o) info_q[i].spent <= 1'b1;
          if (break_i) info_q[i].ended <= 1'b1;
        end
        if (do_lock && cmd_slot == SlotBits'(i)) info_q[i].locked <= 1'b1;
        if (zeroize_i || illegal || (do_clear && cmd_slot == SlotBits'(i))) begin
          info_q[i].valid <= 1'b0;
          info_q[i].fresh <= 1'b0;
          info_q[i].ended <= 1'b0;
          info_q[i].spent <= 1'b0;
          info_q[i].dir   <= DirOut;
          info_q[i].alg   <= AlgNone;
        end
      end
    end
  end

  always_comb begin
    job_info_o    = job_in_range ? info_q[job_slot] : '0;
    select_info_o = select_in_range ? info_q[select] : '0;
    // Nobody can be told of a key that is being wiped.
    if (!usable) job_info_o.valid = 1'b0;
  end
  assign select_busy_o = hold_i && select_i == job_slot_i && select_in_range;

  logic unused_landed;
  assign unused_landed = commit_i.landed;

  `SL_ASSERT(KeyOnlyWhileHeld, key_q == '0 || active_q)
  `SL_ASSERT(SlotHeldWhileActive, !active_q || job_in_range)
  `SL_ASSERT(CommitIsHeard,
             !commit_i.valid || active_q || scrubbing_o || zeroize_i || !info_q[job_slot].valid)

  if (SlotBits < 4) begin : gen_unused
    logic unused_bits;
    assign unused_bits = ^{cmd_slot_i[3:SlotBits], job_slot_i[3:SlotBits], select_i[3:SlotBits]};
  end
endmodule
