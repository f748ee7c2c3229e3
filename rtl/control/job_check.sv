// Copyright Sealift contributors.
// Licensed under the Apache License, Version 2.0, see LICENSE for details.
// SPDX-License-Identifier: Apache-2.0

// Whether a job may start: the first reason against it, in the order of the status codes' list.
//
// Combinational. `Algorithms` are those of this build, none among them. The slot is told as valid only while the
// key store can be used.
module job_check
  import control_pkg::*;
  import sealift_pkg::*;
#(
  parameter logic [15:0] Algorithms = sealift_cfg_pkg::Cfg.Algorithms | 16'd1
) (
  input  job_t             job_i,
  input  logic             record_aligned_i,  // the completion record's address is
  input  slot_info_t       slot_i,
  input  logic       [4:0] allowed_orders_i,  // policy
  input  logic             allow_untagged_i,  // policy
  output status_e          status_o
);
  localparam logic [2:0] MaxPad = 3'd4;

  logic bad_alg, bad_config, bad_align, bad_slot, policy;
  logic order_ciphers, page_src, page_dst;
  logic [7:0] orders;

  assign order_ciphers = job_i.order == OrderCompressEncrypt ||
                         job_i.order == OrderEncryptCompress ||
                         job_i.order == OrderEncryptOnly;
  assign bad_alg = !alg_present(Algorithms, job_i.alg);
  assign bad_config = job_i.order > OrderCopy || order_ciphers != (job_i.alg != AlgNone) ||
                      job_i.pad > MaxPad || job_i.list_kind != ListNone;

  // Guest memory in pages, the stream and metadata in blocks of 16 bytes.
  assign page_src = job_i.src[11:4] == '0 && job_i.src_len[11:4] == '0 && job_i.gpa[11:0] == '0;
  assign page_dst = job_i.dst[11:4] == '0 && job_i.dst_len[11:4] == '0;
  assign bad_align = job_i.src[3:0] != '0 || job_i.src_len[3:0] != '0 || job_i.dst[3:0] != '0 ||
                     job_i.dst_len[3:0] != '0 || job_i.meta_addr[3:0] != '0 ||
                     job_i.meta_len[3:0] != '0 || job_i.meta_len > 13'(PageBytes) ||
                     !record_aligned_i || !((job_i.dir == DirOut) ? page_src : page_dst);

  assign bad_slot = !slot_i.valid || slot_i.dir != job_i.dir || slot_i.alg != job_i.alg ||
                    slot_i.fresh != job_i.begin_stream || slot_i.ended;

  assign orders = {3'b000, allowed_orders_i} >> job_i.order;
  assign policy = !orders[0] || (!alg_tagged(job_i.alg) && !allow_untagged_i);

  always_comb begin
    if (bad_alg) status_o = StatusBadAlg;
    else if (bad_config) status_o = StatusBadConfig;
    else if (bad_align) status_o = StatusBadAlign;
    else if (bad_slot) status_o = StatusBadSlot;
    else if (slot_i.spent) status_o = StatusSpent;
    else if (policy) status_o = StatusPolicy;
    else status_o = StatusOk;
  end

  logic unused;
  assign unused = ^{orders[7:1], slot_i.locked, job_i};
endmodule
