// SPDX-License-Identifier: Apache-2.0
// A short check that a device and its software work together.
#pragma once
#include <string>

#include "security_processor/policy.h"

namespace sealift::command {

/// The command; returns its exit code. Prints a line for each check.
int selftest(const std::string& backend, const security_processor::Policy& policy);

}  // namespace sealift::command
