// SPDX-License-Identifier: Apache-2.0
// Compiles the generated headers as C, together and with every struct used.
#include "sealift_host_regs.h"
#include "sealift_regs.h"
#include "sealift_secure_regs.h"

uint32_t sealift_headers_check(volatile sealift_host_t* host, volatile sealift_secure_t* secure);

uint32_t sealift_headers_check(volatile sealift_host_t* host, volatile sealift_secure_t* secure) {
  secure->KEY[7].w = 0;
  return host->STATUS.f.state + secure->WINDOWS.WINDOW[15].CTRL.w + SEALIFT_JOB_CODE_OK;
}
