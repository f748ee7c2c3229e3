// SPDX-License-Identifier: Apache-2.0
// The command line: docs/command.md.
#pragma once

namespace sealift::command {

/// Parses, runs, and prints one line on stderr when something is wrong. Exit codes: 0 done, 1 it went wrong, 2 usage.
int main(int argc, const char* const* argv);

}  // namespace sealift::command
