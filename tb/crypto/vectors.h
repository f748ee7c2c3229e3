// SPDX-License-Identifier: Apache-2.0
// Published test vectors in NIST's text format, from the PyPI package cryptography-vectors (scripts/bootstrap vectors).
#pragma once
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/stream.h"

namespace sealift::tb {

inline Bytes from_hex(const std::string& text) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoul(text.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

/// One vector: its own fields, those of the brackets above it ("[IVlen = 96]", "[ENCRYPT]"), lines without "=" empty.
class Vector {
 public:
  std::map<std::string, std::string> fields;

  [[nodiscard]] bool has(const std::string& name) const { return fields.count(name) != 0; }
  [[nodiscard]] const std::string& text(const std::string& name) const {
    const auto it = fields.find(name);
    if (it == fields.end()) throw std::runtime_error("a vector without " + name);
    return it->second;
  }
  [[nodiscard]] Bytes hex(const std::string& name) const { return from_hex(text(name)); }
  [[nodiscard]] std::size_t number(const std::string& name) const { return std::stoul(text(name)); }
};

/// The package's folder of vectors.
inline std::filesystem::path vector_folder() {
  namespace fs = std::filesystem;
  const char* set = std::getenv("SEALIFT_VENV");
  const fs::path lib = fs::path(set != nullptr ? set : ".venv") / "lib";
  if (fs::is_directory(lib)) {
    for (const auto& python : fs::directory_iterator(lib)) {
      const fs::path found = python.path() / "site-packages" / "cryptography_vectors" / "ciphers";
      if (fs::is_directory(found)) return found;
    }
  }
  throw std::runtime_error("no cryptography_vectors under " + lib.string() +
                           ": run `make test`, or `scripts/bootstrap vectors`");
}

/// All vectors of a file. A vector begins with its Count and ends with an empty line.
inline std::vector<Vector> read_vectors(const std::string& name) {
  const auto path = vector_folder() / name;
  std::ifstream in(path);
  if (!in) throw std::runtime_error("cannot read " + path.string());
  std::vector<Vector> all;
  std::map<std::string, std::string> section;
  bool open = false;
  for (std::string line; std::getline(in, line);) {
    while (!line.empty() && std::isspace(static_cast<unsigned char>(line.back())) != 0) line.pop_back();
    if (line.empty() || line[0] == '#') {
      open = open && !line.empty();
      continue;
    }
    const bool bracket = line.front() == '[';
    if (bracket) line = line.substr(1, line.size() - 2);
    const auto sign = line.find('=');
    std::string key = line.substr(0, sign);
    while (!key.empty() && key.back() == ' ') key.pop_back();
    std::string value = sign == std::string::npos ? "" : line.substr(sign + 1);
    value.erase(0, value.find_first_not_of(' '));
    if (bracket) {
      if (key == "ENCRYPT" || key == "DECRYPT") section.clear();
      section[key] = value;
      open = false;
      continue;
    }
    if (!open) {
      all.emplace_back().fields = section;
      open = true;
    }
    all.back().fields[key] = value;
  }
  if (all.empty()) throw std::runtime_error("no vectors in " + path.string());
  return all;
}

}  // namespace sealift::tb
