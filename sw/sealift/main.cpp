// SPDX-License-Identifier: Apache-2.0
#include "sealift/command.h"

int main(int argc, char* argv[]) { return sealift::command::main(argc, argv); }
