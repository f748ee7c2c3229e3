// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// The control of Sealift: host port, secure port, mailbox, key store, windows, policy and the job engine.
//
// Protocol: two AXI4-Lite slaves (Arm IHI 0022H, B1) of 4 KiB with 32-bit registers, from rtl/csr/sealift.rdl;
//           docs/programmers-guide.md says how software uses them. The data path sees one job at a time: job_o and
//           the slot's values, start_o, then dp_done_i or fault_i; see job_ctrl. Latency of an access: 3 cycles.
// Rules:    a bad address, a read of a write-only register and a write of a read-only one answer SLVERR. AxPROT is
//           ignored: the secure port must be wired to the security processor alone. Host-side logic reads from the
//           secure side only what the mailbox links to the host's own request: its state, code, address, counters.
//           key material leaves through crypto_* alone, and only while a job runs.
//           windows_o and timeout_o stand still while a job runs.
module sealift_control
  import control_pkg::*;
  import sealift_axi_pkg::*;
  import sealift_pkg::*;
#(
  parameter sealift_cfg_pkg::cfg_t Cfg = sealift_cfg_pkg::Cfg,
  parameter logic [63:0] SeqInstall = 64'd0  // see key_slots
) (
  input  logic                           clk_i,
  input  logic                           rst_ni,
  input  lite_req_t                      host_req_i,
  output lite_rsp_t                      host_rsp_o,
  input  lite_req_t                      secure_req_i,
  output lite_rsp_t                      secure_rsp_o,
  output logic                           irq_host_o,
  output logic                           irq_secure_o,
  output logic                           alert_o,
  // data path
  output job_t                           job_o,
  output stream_bind_t                   bind_o,
  output logic         [           63:0] seq_o,
  output totals_t                        totals_o,
  output logic                           start_o,
  output logic                           clear_o,
  input  commit_t                        commit_i,
  input  logic                           dp_done_i,
  input  fault_t                         fault_i,
  input  job_counts_t                    counts_i,
  input  logic         [            3:0] stall_i,             // memory, lane, cipher, writer
  output logic                           crypto_load_o,
  output algorithm_e                     crypto_alg_o,
  output logic         [          255:0] crypto_key_o,
  output logic         [          255:0] crypto_tweak_key_o,
  output logic         [          127:0] crypto_stream_id_o,
  output logic         [           31:0] crypto_salt_o,
  input  logic                           crypto_ready_i,
  output logic                           crypto_wipe_o,
  output logic                           dma_abort_o,
  input  logic                           dma_idle_i,
  output window_t      [Cfg.Windows-1:0] windows_o,
  output logic         [           31:0] timeout_o,
  // completion records: the DMA's second write client
  output logic                           rec_cmd_valid_o,
  input  logic                           rec_cmd_ready_i,
  output logic         [      AddrW-1:0] rec_addr_o,
  output logic                           rec_valid_o,
  input  logic                           rec_ready_i,
  output beat_t                          rec_beat_o,
  input  logic                           rec_idle_i
);
  import sealift_host_regs_pkg::sealift_host__in_t;
  import sealift_host_regs_pkg::sealift_host__out_t;
  import sealift_secure_regs_pkg::sealift_secure__in_t;
  import sealift_secure_regs_pkg::sealift_secure__out_t;

  localparam logic [15:0] Algorithms = Cfg.Algorithms | 16'd1;  // none is always there

  sealift_host__in_t    host_in;
  sealift_host__out_t   host_out;
  sealift_secure__in_t  sec_in;
  sealift_secure__out_t sec_out;

  sealift_host_regs u_host_regs (
    .clk           (clk_i),
    .arst_n        (rst_ni),
    .s_axil_awready(host_rsp_o.aw_ready),
    .s_axil_awvalid(host_req_i.aw_valid),
    .s_axil_awaddr (host_req_i.aw_addr),
    .s_axil_awprot (host_req_i.aw_prot),
    .s_axil_wready (host_rsp_o.w_ready),
    .s_axil_wvalid (host_req_i.w_valid),
    .s_axil_wdata  (host_req_i.w_data),
    .s_axil_wstrb  (host_req_i.w_strb),
    .s_axil_bready (host_req_i.b_ready),
    .s_axil_bvalid (host_rsp_o.b_valid),
    .s_axil_bresp  (host_rsp_o.b_resp),
    .s_axil_arready(host_rsp_o.ar_ready),
    .s_axil_arvalid(host_req_i.ar_valid),
    .s_axil_araddr (host_req_i.ar_addr),
    .s_axil_arprot (host_req_i.ar_prot),
    .s_axil_rready (host_req_i.r_ready),
    .s_axil_rvalid (host_rsp_o.r_valid),
    .s_axil_rdata  (host_rsp_o.r_data),
    .s_axil_rresp  (host_rsp_o.r_resp),
    .hwif_in       (host_in),
    .hwif_out      (host_out)
  );

  sealift_secure_regs u_secure_regs (
    .clk           (clk_i),
    .arst_n        (rst_ni),
    .s_axil_awready(secure_rsp_o.aw_ready),
    .s_axil_awvalid(secure_req_i.aw_valid),
    .s_axil_awaddr (secure_req_i.aw_addr),
    .s_axil_awprot (secure_req_i.aw_prot),
    .s_axil_wready (secure_rsp_o.w_ready),
    .s_axil_wvalid (secure_req_i.w_valid),
    .s_axil_wdata  (secure_req_i.w_data),
    .s_axil_wstrb  (secure_req_i.w_strb),
    .s_axil_bready (secure_req_i.b_ready),
    .s_axil_bvalid (secure_rsp_o.b_valid),
    .s_axil_bresp  (secure_rsp_o.b_resp),
    .s_axil_arready(secure_rsp_o.ar_ready),
    .s_axil_arvalid(secure_req_i.ar_valid),
    .s_axil_araddr (secure_req_i.ar_addr),
    .s_axil_arprot (secure_req_i.ar_prot),
    .s_axil_rready (secure_req_i.r_ready),
    .s_axil_rvalid (secure_rsp_o.r_valid),
    .s_axil_rdata  (secure_rsp_o.r_data),
    .s_axil_rresp  (secure_rsp_o.r_resp),
    .hwif_in       (sec_in),
    .hwif_out      (sec_out)
  );

  // ---------------------------------------------------------------- commands of the secure port
  // swmod comes with the write, the field one cycle later.
  logic judge_q, install_q, lock_q, clear_q, zeroize, start, push, abort, drop;
  logic [3:0] cmd_slot;
  key_result_e key_result, key_result_q;
  logic [31:0] refused_q;
  logic        key_cmd;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      judge_q      <= 1'b0;
      install_q    <= 1'b0;
      lock_q       <= 1'b0;
      clear_q      <= 1'b0;
      key_result_q <= KeyOk;
      refused_q    <= '0;
    end else begin
      judge_q   <= sec_out.JUDGMENT.accept.swmod;
      install_q <= sec_out.KEY_INSTALL.slot.swmod;
      lock_q    <= sec_out.SLOT_LOCK.slot.swmod;
      clear_q   <= sec_out.SLOT_CLEAR.slot.swmod;
      if (key_cmd) key_result_q <= key_result;
      if (key_cmd && key_result != KeyOk && refused_q != '1) refused_q <= refused_q + 1'b1;
    end
  end

  assign key_cmd = install_q || lock_q || clear_q;
  assign zeroize = sec_out.ZEROIZE.go.value;
  assign start   = sec_out.JOB_START.go.value;
  assign push    = sec_out.JOB_PUSH.go.value;
  assign abort   = sec_out.JOB_ABORT.go.value;
  assign drop    = sec_out.JOB_ABORT.waiting.value;

  always_comb begin
    if (install_q) cmd_slot = sec_out.KEY_INSTALL.slot.value;
    else if (lock_q) cmd_slot = sec_out.SLOT_LOCK.slot.value;
    else cmd_slot = sec_out.SLOT_CLEAR.slot.value;
  end

  // ---------------------------------------------------------------- key staging
  logic stage_write, key_wipe, key_alert;
  logic [4:0] stage_word;
  logic [31:0] stage_data, stage_mask;
  staged_t staged;
  logic [7:0] key_words, tweak_words, key_wanted, tweak_wanted;
  logic [3:0] id_words;
  logic salt_word, complete;
  algorithm_e install_alg;

  always_comb begin
    stage_write = 1'b0;
    stage_word  = '0;
    stage_data  = sec_out.SALT.wr_data;
    stage_mask  = sec_out.SALT.wr_biten;
    for (int unsigned i = 0; i < 8; i++) begin
      if (sec_out.KEY[i].req && sec_out.KEY[i].req_is_wr) begin
        stage_write = 1'b1;
        stage_word  = 5'(i);
      end
      if (sec_out.TWEAK_KEY[i].req && sec_out.TWEAK_KEY[i].req_is_wr) begin
        stage_write = 1'b1;
        stage_word  = 5'(21 + i);
      end
      if (sec_out.KDF_PUBLIC[i].req && sec_out.KDF_PUBLIC[i].req_is_wr) begin
        stage_write = 1'b1;
        stage_word  = 5'(8 + i);
      end
    end
    for (int unsigned i = 0; i < 4; i++) begin
      if (sec_out.STREAM_ID[i].req && sec_out.STREAM_ID[i].req_is_wr) begin
        stage_write = 1'b1;
        stage_word  = 5'(16 + i);
      end
    end
    if (sec_out.SALT.req && sec_out.SALT.req_is_wr) begin
      stage_write = 1'b1;
      stage_word  = 5'd20;
    end
  end

  key_stage #(
    .HasXts((Algorithms & MaskXts) != '0)
  ) u_stage (
    .clk_i,
    .rst_ni,
    .wipe_i       (install_q || key_wipe || key_alert),
    .write_i      (stage_write),
    .word_i       (stage_word),
    .data_i       (stage_data),
    .mask_i       (stage_mask),
    .staged_o     (staged),
    .key_words_o  (key_words),
    .tweak_words_o(tweak_words),
    .id_words_o   (id_words),
    .salt_word_o  (salt_word)
  );

  assign install_alg = algorithm_e'(sec_out.SLOT_CONFIG.algorithm.value);
  assign key_wanted = alg_key_words(install_alg);
  assign tweak_wanted = alg_is_xts(install_alg) ? key_wanted : '0;
  assign complete     = (key_wanted & ~key_words) == '0 && (tweak_wanted & ~tweak_words) == '0 &&
                        id_words == '1 && salt_word;

  // ---------------------------------------------------------------- key store
  slot_info_t select_info, job_info;
  logic select_busy, hold, load, loaded, break_stream, spent, scrubbing;
  logic [63:0] select_seq;

  key_slots #(
    .Slots     (Cfg.KeySlots),
    .Algorithms(Algorithms),
    .SeqInstall(SeqInstall)
  ) u_slots (
    .clk_i,
    .rst_ni,
    .zeroize_i         (key_wipe),
    .install_i         (install_q),
    .lock_i            (lock_q),
    .clear_i           (clear_q),
    .cmd_slot_i        (cmd_slot),
    .install_alg_i     (install_alg),
    .install_dir_i     (dir_e'(sec_out.SLOT_CONFIG.direction.value)),
    .install_complete_i(complete),
    .staged_i          (staged),
    .result_o          (key_result),
    .select_i          (sec_out.SLOT_SELECT.slot.value),
    .select_info_o     (select_info),
    .select_busy_o     (select_busy),
    .select_seq_o      (select_seq),
    .job_slot_i        (job_o.slot),
    .job_info_o        (job_info),
    .hold_i            (hold),
    .load_i            (load),
    .loaded_o          (loaded),
    .break_i           (break_stream),
    .commit_i,
    .key_o             (crypto_key_o),
    .tweak_key_o       (crypto_tweak_key_o),
    .bind_o,
    .seq_o,
    .totals_o,
    .spent_o           (spent),
    .scrubbing_o       (scrubbing),
    .alert_o           (key_alert)
  );

  assign crypto_alg_o       = job_o.alg;
  assign crypto_stream_id_o = bind_o.stream_id;
  assign crypto_salt_o      = bind_o.salt;

  // ---------------------------------------------------------------- jobs
  job_t job;
  job_entry_t entry, head;
  job_state_t js;
  status_e    head_code;
  logic job_started, job_done, job_host, fsm_alert, dp_alert, fault_edge;
  logic queue_full, queue_push, head_valid, head_ready, mb_accepted, mb_alert, handed;
  logic report, report_done;
  logic    [               AddrW-1:0] record_addr;
  logic    [                    31:0] record_tag;
  logic    [$clog2(QueueDepth+1)-1:0] waiting;
  status_e                            job_done_code;

  always_comb begin
    job.dir          = dir_e'(sec_out.JOB_CONFIG.direction.value);
    job.alg          = algorithm_e'(sec_out.JOB_CONFIG.algorithm.value);
    job.order        = order_e'(sec_out.JOB_CONFIG.order.value);
    job.level        = level_e'(sec_out.JOB_CONFIG.effort.value);
    job.verify       = sec_out.JOB_CONFIG.verify.value;
    job.pad          = sec_out.JOB_CONFIG.pad.value;
    job.begin_stream = sec_out.JOB_CONFIG.begin_stream.value;
    job.end_stream   = sec_out.JOB_CONFIG.end_stream.value;
    job.slot         = sec_out.JOB_CONFIG.slot.value;
    job.src          = {sec_out.JOB_SRC_HI.value.value, sec_out.JOB_SRC_LO.value.value};
    job.src_len      = {sec_out.JOB_SRC_LEN_HI.value.value, sec_out.JOB_SRC_LEN_LO.value.value};
    job.dst          = {sec_out.JOB_DST_HI.value.value, sec_out.JOB_DST_LO.value.value};
    job.dst_len      = {sec_out.JOB_DST_LEN_HI.value.value, sec_out.JOB_DST_LEN_LO.value.value};
    job.gpa          = {sec_out.JOB_GPA_HI.value.value, sec_out.JOB_GPA_LO.value.value};
    job.meta_addr    = {sec_out.JOB_META_ADDR_HI.value.value, sec_out.JOB_META_ADDR_LO.value.value};
    job.meta_len     = sec_out.JOB_META_LEN.bytes.value;
    job.list_kind    = list_e'(sec_out.JOB_CONFIG.list_kind.value);
    job.list_addr    = {sec_out.JOB_LIST_HI.value.value, sec_out.JOB_LIST_LO.value.value};
    job.list_len     = {sec_out.JOB_LIST_LEN_HI.value.value, sec_out.JOB_LIST_LEN_LO.value.value};
    entry.host       = mb_accepted;
    entry.tag        = sec_out.JOB_TAG.value.value;
    entry.record     = {sec_out.JOB_RECORD_HI.value.value, sec_out.JOB_RECORD_LO.value.value};
    entry.job        = job;
  end

  assign queue_push = push && !queue_full && !fsm_alert;
  assign handed     = queue_push || (start && job_started && !head_valid);

  job_queue #(
    .Depth(QueueDepth)
  ) u_queue (
    .clk_i,
    .rst_ni,
    .push_i      (queue_push),
    .full_o      (queue_full),
    .entry_i     (entry),
    .fail_i      (job_done && job_done_code != StatusOk),
    .fail_slot_i (job_o.slot),
    .drop_i      (drop),
    .head_valid_o(head_valid),
    .head_ready_i(head_ready),
    .head_o      (head),
    .head_code_o (head_code),
    .count_o     (waiting)
  );

  job_ctrl #(
    .Algorithms(Algorithms)
  ) u_job (
    .clk_i,
    .rst_ni,
    .start_i         (start),
    .entry_i         (entry),
    .queued_i        (head_valid),
    .queued_take_o   (head_ready),
    .queued_entry_i  (head),
    .queued_code_i   (head_code),
    .push_i          (push),
    .push_full_i     (queue_full),
    .abort_i         (abort),
    .zeroize_i       (zeroize),
    .key_alert_i     (key_alert),
    .upset_i         (mb_alert),
    .allowed_orders_i(sec_out.POLICY.orders.value),
    .allow_untagged_i(sec_out.POLICY.allow_untagged.value),
    .timeout_i       (timeout_o),
    .state_o         (js),
    .started_o       (job_started),
    .done_o          (job_done),
    .host_o          (job_host),
    .done_code_o     (job_done_code),
    .key_wipe_o      (key_wipe),
    .fsm_alert_o     (fsm_alert),
    .dp_alert_o      (dp_alert),
    .slot_i          (job_info),
    .slot_hold_o     (hold),
    .slot_load_o     (load),
    .slot_loaded_i   (loaded),
    .slot_break_o    (break_stream),
    .slot_spent_i    (spent),
    .seq_i           (seq_o),
    .landed_i        (commit_i.landed),
    .job_o,
    .start_o,
    .clear_o,
    .dp_done_i,
    .fault_i,
    .counts_i,
    .stall_i,
    .crypto_load_o,
    .crypto_ready_i,
    .crypto_wipe_o,
    .dma_abort_o,
    .dma_idle_i,
    .report_o        (report),
    .report_done_i   (report_done),
    .record_o        (record_addr),
    .tag_o           (record_tag)
  );

  job_record u_record (
    .clk_i,
    .rst_ni,
    .write_i    (report),
    .done_o     (report_done),
    .addr_i     (record_addr),
    .tag_i      (record_tag),
    .code_i     (job_done_code),
    .state_i    (js),
    .cmd_valid_o(rec_cmd_valid_o),
    .cmd_ready_i(rec_cmd_ready_i),
    .cmd_addr_o (rec_addr_o),
    .valid_o    (rec_valid_o),
    .ready_i    (rec_ready_i),
    .beat_o     (rec_beat_o),
    .idle_i     (rec_idle_i)
  );

  logic [31:0] window_rdata;

  window_bank #(
    .Windows(Cfg.Windows)
  ) u_windows (
    .clk_i,
    .rst_ni,
    .freeze_i(js.busy || head_valid),
    .write_i (sec_out.WINDOWS.req && sec_out.WINDOWS.req_is_wr),
    .addr_i  (sec_out.WINDOWS.addr),
    .data_i  (sec_out.WINDOWS.wr_data),
    .mask_i  (sec_out.WINDOWS.wr_biten),
    .rdata_o (window_rdata),
    .windows_o
  );

  // ---------------------------------------------------------------- mailbox
  logic [2:0] mb_state;
  logic [7:0] mb_reason;
  status_e    mb_code;
  logic mb_freeze, mb_pending, mb_linked, mb_ignored, mb_rung, mb_judged, mb_done;

  request_mailbox #(
    .Outstanding(QueueDepth + 1)
  ) u_mailbox (
    .clk_i,
    .rst_ni,
    .doorbell_i   (host_out.DOORBELL.go.value),
    .ack_i        (sec_out.REQ_ACK.go.value),
    .judge_i      (judge_q),
    .accept_i     (sec_out.JUDGMENT.accept.value),
    .reason_i     (sec_out.JUDGMENT.reason.value),
    .handed_i     (handed),
    .job_started_i(job_started),
    .job_done_i   (job_done),
    .job_host_i   (job_host),
    .job_code_i   (job_done_code),
    .state_o      (mb_state),
    .reason_o     (mb_reason),
    .job_code_o   (mb_code),
    .accepted_o   (mb_accepted),
    .freeze_o     (mb_freeze),
    .pending_o    (mb_pending),
    .linked_o     (mb_linked),
    .ignored_o    (mb_ignored),
    .rung_o       (mb_rung),
    .judged_o     (mb_judged),
    .done_o       (mb_done),
    .alert_o      (mb_alert)
  );

  // ---------------------------------------------------------------- interrupts, alert, timeout
  logic alert, alert_q, host_fire, secure_fire;
  logic [31:0] ended_q, host_ended_q;

  assign alert      = fsm_alert || key_alert || dp_alert;
  assign fault_edge = alert && !alert_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      irq_host_o   <= 1'b0;
      irq_secure_o <= 1'b0;
      alert_q      <= 1'b0;
      timeout_o    <= '0;
      ended_q      <= '0;
      host_ended_q <= '0;
    end else begin
      irq_host_o   <= (host_out.IRQ_STATE.judged.value && host_out.IRQ_ENABLE.judged.value) ||
                      (host_out.IRQ_STATE.done.value && host_out.IRQ_ENABLE.done.value);
      irq_secure_o <= (sec_out.IRQ_STATE.doorbell.value && sec_out.IRQ_ENABLE.doorbell.value) ||
                      (sec_out.IRQ_STATE.job_done.value && sec_out.IRQ_ENABLE.job_done.value) ||
                      (sec_out.IRQ_STATE.fault.value && sec_out.IRQ_ENABLE.fault.value);
      alert_q <= alert;
      if (!js.busy) timeout_o <= sec_out.TIMEOUT.value.value;
      ended_q      <= ended_q + 32'(job_done);
      host_ended_q <= host_ended_q + 32'(mb_done);
    end
  end

  irq_moderate u_host_irq (
    .clk_i,
    .rst_ni,
    .ended_i (mb_done),
    .failed_i(job_done_code != StatusOk),
    .jobs_i  (host_out.IRQ_COUNT.jobs.value),
    .timer_i (host_out.IRQ_TIMER.value.value),
    .fire_o  (host_fire)
  );

  irq_moderate u_secure_irq (
    .clk_i,
    .rst_ni,
    .ended_i (job_done),
    .failed_i(job_done_code != StatusOk),
    .jobs_i  (sec_out.IRQ_COUNT.jobs.value),
    .timer_i (sec_out.IRQ_TIMER.value.value),
    .fire_o  (secure_fire)
  );

  assign alert_o = alert_q;

  // ---------------------------------------------------------------- what the ports show
  job_state_t host_js;  // of the host's own job, else zero
  assign host_js = mb_linked ? js : '0;

  logic unused_host_js;
  assign unused_host_js = ^{host_js.busy, host_js.code, host_js.start_code, host_js.last_seq};

  always_comb begin
    host_in = '0;
    host_in.freeze = mb_freeze;
    host_in.CAP_FORMATS.algorithms.next = Algorithms;
    host_in.CAP_FORMATS.orders.next = OrderMask;
    host_in.CAP_UNITS.compress_lanes.next = 8'(Cfg.CompressLanes);
    host_in.CAP_UNITS.inflate_lanes.next = 8'(Cfg.InflateLanes);
    host_in.CAP_UNITS.key_slots.next = 8'(Cfg.KeySlots);
    host_in.CAP_UNITS.windows.next = 8'(Cfg.Windows);
    host_in.CAP_BUS.data_bits.next = 16'(Cfg.AxiDataW);
    host_in.CAP_BUS.max_reads.next = 8'(Cfg.MaxReads);
    host_in.CAP_BUS.max_writes.next = 8'(Cfg.MaxWrites);
    host_in.STATUS.state.next = mb_state;
    host_in.STATUS.reason.next = mb_reason;
    host_in.STATUS.job_code.next = mb_code;
    host_in.STATUS.doorbell_ignored.hwset = mb_ignored;
    host_in.IRQ_STATE.judged.hwset = mb_judged;
    host_in.IRQ_STATE.done.hwset = host_fire;
    host_in.CAP_JOBS.depth.next = 8'(QueueDepth);
    host_in.CAP_JOBS.lists.next = ListMask;
    host_in.JOBS_ENDED.value.next = host_ended_q;
    {host_in.ERROR_ADDR_HI.value.next, host_in.ERROR_ADDR_LO.value.next} = host_js.error_addr;
    {host_in.PAGES_HI.value.next, host_in.PAGES_LO.value.next} = host_js.counts.pages;
    {host_in.FILL_PAGES_HI.value.next, host_in.FILL_PAGES_LO.value.next} =
        host_js.counts.fill_pages;
    {host_in.RECORDS_HI.value.next, host_in.RECORDS_LO.value.next} = host_js.counts.records;
    {host_in.BYTES_IN_HI.value.next, host_in.BYTES_IN_LO.value.next} = host_js.counts.bytes_in;
    {host_in.BYTES_OUT_HI.value.next, host_in.BYTES_OUT_LO.value.next} = host_js.counts.bytes_out;
    {host_in.BODY_BYTES_HI.value.next, host_in.BODY_BYTES_LO.value.next} =
        host_js.counts.body_bytes;
    host_in.STORED.value.next = host_js.counts.stored;
    host_in.FIXED.value.next = host_js.counts.fixed;
    host_in.DYNAMIC.value.next = host_js.counts.dynamic_;
    host_in.UNVERIFIED.value.next = host_js.counts.failed;
    {host_in.CYCLES_HI.value.next, host_in.CYCLES_LO.value.next} = host_js.cycles;
    {host_in.STALL_MEMORY_HI.value.next, host_in.STALL_MEMORY_LO.value.next} =
        host_js.stalls.memory;
    {host_in.STALL_LANE_HI.value.next, host_in.STALL_LANE_LO.value.next} = host_js.stalls.lane;
    {host_in.STALL_CIPHER_HI.value.next, host_in.STALL_CIPHER_LO.value.next} =
        host_js.stalls.cipher;
    {host_in.STALL_WRITER_HI.value.next, host_in.STALL_WRITER_LO.value.next} =
        host_js.stalls.writer;
  end

  always_comb begin
    sec_in = '0;
    sec_in.CAP_FORMATS.algorithms.next = Algorithms;
    sec_in.CAP_FORMATS.orders.next = OrderMask;
    sec_in.CAP_UNITS.compress_lanes.next = 8'(Cfg.CompressLanes);
    sec_in.CAP_UNITS.inflate_lanes.next = 8'(Cfg.InflateLanes);
    sec_in.CAP_UNITS.key_slots.next = 8'(Cfg.KeySlots);
    sec_in.CAP_UNITS.windows.next = 8'(Cfg.Windows);
    sec_in.CAP_BUS.data_bits.next = 16'(Cfg.AxiDataW);
    sec_in.CAP_BUS.max_reads.next = 8'(Cfg.MaxReads);
    sec_in.CAP_BUS.max_writes.next = 8'(Cfg.MaxWrites);
    sec_in.REQ_CONFIG.source_kind.next = host_out.REQ_CONFIG.source_kind.value;
    sec_in.REQ_CONFIG.target_kind.next = host_out.REQ_CONFIG.target_kind.value;
    sec_in.REQ_CONFIG.begin_stream.next = host_out.REQ_CONFIG.begin_stream.value;
    sec_in.REQ_CONFIG.end_stream.next = host_out.REQ_CONFIG.end_stream.value;
    sec_in.REQ_CONFIG.algorithm.next = host_out.REQ_CONFIG.algorithm.value;
    sec_in.REQ_CONFIG.order.next = host_out.REQ_CONFIG.order.value;
    sec_in.REQ_CONFIG.effort.next = host_out.REQ_CONFIG.effort.value;
    sec_in.REQ_CONFIG.pad.next = host_out.REQ_CONFIG.pad.value;
    sec_in.REQ_CONFIG.list_kind.next = host_out.REQ_CONFIG.list_kind.value;
    sec_in.REQ_LIST_LO.value.next = host_out.REQ_LIST_LO.value.value;
    sec_in.REQ_LIST_HI.value.next = host_out.REQ_LIST_HI.value.value;
    sec_in.REQ_LIST_LEN_LO.value.next = host_out.REQ_LIST_LEN_LO.value.value;
    sec_in.REQ_LIST_LEN_HI.value.next = host_out.REQ_LIST_LEN_HI.value.value;
    sec_in.REQ_RECORD_LO.value.next = host_out.REQ_RECORD_LO.value.value;
    sec_in.REQ_RECORD_HI.value.next = host_out.REQ_RECORD_HI.value.value;
    sec_in.REQ_TAG.value.next = host_out.REQ_TAG.value.value;
    sec_in.REQ_META_LEN.bytes.next = host_out.REQ_META_LEN.bytes.value;
    sec_in.REQ_STREAM.value.next = host_out.REQ_STREAM.value.value;
    sec_in.REQ_SRC_LO.value.next = host_out.REQ_SRC_LO.value.value;
    sec_in.REQ_SRC_HI.value.next = host_out.REQ_SRC_HI.value.value;
    sec_in.REQ_SRC_LEN_LO.value.next = host_out.REQ_SRC_LEN_LO.value.value;
    sec_in.REQ_SRC_LEN_HI.value.next = host_out.REQ_SRC_LEN_HI.value.value;
    sec_in.REQ_DST_LO.value.next = host_out.REQ_DST_LO.value.value;
    sec_in.REQ_DST_HI.value.next = host_out.REQ_DST_HI.value.value;
    sec_in.REQ_DST_LEN_LO.value.next = host_out.REQ_DST_LEN_LO.value.value;
    sec_in.REQ_DST_LEN_HI.value.next = host_out.REQ_DST_LEN_HI.value.value;
    sec_in.REQ_GPA_LO.value.next = host_out.REQ_GPA_LO.value.value;
    sec_in.REQ_GPA_HI.value.next = host_out.REQ_GPA_HI.value.value;
    sec_in.REQ_META_ADDR_LO.value.next = host_out.REQ_META_ADDR_LO.value.value;
    sec_in.REQ_META_ADDR_HI.value.next = host_out.REQ_META_ADDR_HI.value.value;
    sec_in.REQ_STATUS.state.next = mb_state;
    sec_in.REQ_STATUS.pending.next = mb_pending;
    sec_in.IRQ_STATE.doorbell.hwset = mb_rung;
    sec_in.IRQ_STATE.job_done.hwset = secure_fire;
    sec_in.CAP_JOBS.depth.next = 8'(QueueDepth);
    sec_in.CAP_JOBS.lists.next = ListMask;
    sec_in.JOBS_ENDED.value.next = ended_q;
    sec_in.JOB_STATUS.waiting.next = 4'(waiting);
    sec_in.IRQ_STATE.fault.hwset = fault_edge;
    sec_in.ALERT.job_fsm.next = fsm_alert;
    sec_in.ALERT.key_fsm.next = key_alert;
    sec_in.ALERT.data_path.next = dp_alert;
    sec_in.ZEROIZE.busy.next = scrubbing;
    {sec_in.PAGES_HI.value.next, sec_in.PAGES_LO.value.next} = js.counts.pages;
    {sec_in.FILL_PAGES_HI.value.next, sec_in.FILL_PAGES_LO.value.next} = js.counts.fill_pages;
    {sec_in.RECORDS_HI.value.next, sec_in.RECORDS_LO.value.next} = js.counts.records;
    {sec_in.BYTES_IN_HI.value.next, sec_in.BYTES_IN_LO.value.next} = js.counts.bytes_in;
    {sec_in.BYTES_OUT_HI.value.next, sec_in.BYTES_OUT_LO.value.next} = js.counts.bytes_out;
    {sec_in.BODY_BYTES_HI.value.next, sec_in.BODY_BYTES_LO.value.next} = js.counts.body_bytes;
    sec_in.STORED.value.next = js.counts.stored;
    sec_in.FIXED.value.next = js.counts.fixed;
    sec_in.DYNAMIC.value.next = js.counts.dynamic_;
    sec_in.UNVERIFIED.value.next = js.counts.failed;
    {sec_in.CYCLES_HI.value.next, sec_in.CYCLES_LO.value.next} = js.cycles;
    {sec_in.STALL_MEMORY_HI.value.next, sec_in.STALL_MEMORY_LO.value.next} = js.stalls.memory;
    {sec_in.STALL_LANE_HI.value.next, sec_in.STALL_LANE_LO.value.next} = js.stalls.lane;
    {sec_in.STALL_CIPHER_HI.value.next, sec_in.STALL_CIPHER_LO.value.next} = js.stalls.cipher;
    {sec_in.STALL_WRITER_HI.value.next, sec_in.STALL_WRITER_LO.value.next} = js.stalls.writer;
    sec_in.JOB_STATUS.busy.next = js.busy;
    sec_in.JOB_STATUS.code.next = js.code;
    sec_in.JOB_STATUS.start_code.next = js.start_code;
    {sec_in.JOB_ERROR_ADDR_HI.value.next, sec_in.JOB_ERROR_ADDR_LO.value.next} = js.error_addr;
    {sec_in.JOB_LAST_SEQ_HI.value.next, sec_in.JOB_LAST_SEQ_LO.value.next} = js.last_seq;
    sec_in.KEY_STATUS.result.next = key_result_q;
    sec_in.KEY_STATUS.key_staged.next = key_words;
    sec_in.KEY_STATUS.id_staged.next = id_words;
    sec_in.KEY_STATUS.tweak_staged.next = tweak_words;
    sec_in.KEY_STATUS.salt_staged.next = salt_word;
    sec_in.KEY_REFUSED.value.next = refused_q;
    sec_in.SLOT_STATUS.valid.next = select_info.valid;
    sec_in.SLOT_STATUS.locked.next = select_info.locked;
    sec_in.SLOT_STATUS.busy.next = select_busy;
    sec_in.SLOT_STATUS.ended.next = select_info.ended;
    sec_in.SLOT_STATUS.spent.next = select_info.spent;
    sec_in.SLOT_STATUS.fresh.next = select_info.fresh;
    sec_in.SLOT_STATUS.direction.next = select_info.dir;
    sec_in.SLOT_STATUS.algorithm.next = select_info.alg;
    {sec_in.SLOT_SEQ_HI.value.next, sec_in.SLOT_SEQ_LO.value.next} = select_seq;
    // External registers answer at once.
    for (int unsigned i = 0; i < 8; i++) begin
      sec_in.KEY[i].wr_ack        = sec_out.KEY[i].req && sec_out.KEY[i].req_is_wr;
      sec_in.TWEAK_KEY[i].wr_ack  = sec_out.TWEAK_KEY[i].req && sec_out.TWEAK_KEY[i].req_is_wr;
      sec_in.KDF_PUBLIC[i].wr_ack = sec_out.KDF_PUBLIC[i].req && sec_out.KDF_PUBLIC[i].req_is_wr;
    end
    for (int unsigned i = 0; i < 4; i++) begin
      sec_in.STREAM_ID[i].wr_ack = sec_out.STREAM_ID[i].req && sec_out.STREAM_ID[i].req_is_wr;
    end
    sec_in.SALT.wr_ack     = sec_out.SALT.req && sec_out.SALT.req_is_wr;
    sec_in.WINDOWS.rd_ack  = sec_out.WINDOWS.req && !sec_out.WINDOWS.req_is_wr;
    sec_in.WINDOWS.wr_ack  = sec_out.WINDOWS.req && sec_out.WINDOWS.req_is_wr;
    sec_in.WINDOWS.rd_data = window_rdata;
  end

endmodule
