// SPDX-License-Identifier: Apache-2.0
// What is in a stream, by the golden reader: software only.
#pragma once
#include <string>

#include "security_processor/keys.h"

namespace sealift::command {

struct InspectOptions {
  std::string stream;
  security_processor::Credential credential;  ///< what the key comes from; nothing: the clear headers alone
  bool json = false;
  bool records = false;  ///< list every record
};

/// The command; returns its exit code. Throws UserError, after it has shown what is good, when the stream is not.
int inspect(const InspectOptions& options);

}  // namespace sealift::command
