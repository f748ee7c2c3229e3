// SPDX-License-Identifier: Apache-2.0
#include "security_processor/policy.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <set>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#include <toml++/toml.h>
#pragma GCC diagnostic pop

#include "security_processor/keys.h"

namespace sealift::security_processor {
namespace {

constexpr char kBuiltIn[] =
#include "built_in_policy.inc"
    ;

class Reader {
 public:
  Reader(const toml::table& root, std::string name) : root_(root), name_(std::move(name)) {}

  [[noreturn]] void fail(const toml::node* node, const std::string& what) const {
    const auto line = node == nullptr ? 0 : node->source().begin.line;
    throw PolicyError(line == 0 ? fmt::format("{}: {}", name_, what) : fmt::format("{}:{}: {}", name_, line, what));
  }

  void known(const toml::table& table, const std::set<std::string>& keys, const std::string& where) const {
    for (const auto& [key, node] : table) {
      if (keys.count(std::string(key.str())) == 0) {
        fail(&node, fmt::format("no such key: {}{}", where, std::string(key.str())));
      }
    }
  }

  /// The table of that name; null when it is not there.
  [[nodiscard]] const toml::table* section(const char* section, const std::set<std::string>& keys) const {
    const toml::node* node = root_.get(section);
    if (node == nullptr) return nullptr;
    if (node->as_table() == nullptr) fail(node, fmt::format("{} must be a table", section));
    known(*node->as_table(), keys, std::string(section) + ".");
    return node->as_table();
  }

  void boolean(const toml::table* table, const char* key, bool& value) const {
    const toml::node* node = table == nullptr ? nullptr : table->get(key);
    if (node == nullptr) return;
    if (!node->is_boolean()) fail(node, fmt::format("{} must be true or false", key));
    value = **node->as_boolean();
  }

  template <class T>
  void number(const toml::table* table, const char* key, T& value, bool needed = false) const {
    const toml::node* node = table == nullptr ? nullptr : table->get(key);
    if (node == nullptr) {
      if (needed) fail(table, fmt::format("{} is missing", key));
      return;
    }
    if (!node->is_integer() || **node->as_integer() < 0 ||
        static_cast<std::uint64_t>(**node->as_integer()) > std::numeric_limits<T>::max()) {
      fail(node, fmt::format("{} must be a number from 0 to {}", key, std::numeric_limits<T>::max()));
    }
    value = static_cast<T>(**node->as_integer());
  }

  void text(const toml::table* table, const char* key, std::string& value) const {
    const toml::node* node = table->get(key);
    if (node == nullptr) fail(table, fmt::format("{} is missing", key));
    if (!node->is_string() || (**node->as_string()).empty()) fail(node, fmt::format("{} must be a text", key));
    value = **node->as_string();
  }

  /// The tables of a list of that name; nothing where it is not there.
  [[nodiscard]] std::optional<std::vector<const toml::table*>> tables(const char* name,
                                                                      const std::set<std::string>& keys) const {
    const toml::node* node = root_.get(name);
    if (node == nullptr) return std::nullopt;
    if (node->as_array() == nullptr) fail(node, fmt::format("{} must be a list of tables", name));
    std::vector<const toml::table*> found;
    for (const auto& item : *node->as_array()) {
      if (item.as_table() == nullptr) fail(&item, fmt::format("{} must be a list of tables", name));
      known(*item.as_table(), keys, std::string(name) + ".");
      found.push_back(item.as_table());
    }
    return found;
  }

  /// A list whose items `bit_of` turns into a bit number.
  template <class T, class BitOf>
  void bits(const toml::table* table, const char* key, T& value, BitOf bit_of) const {
    const toml::node* node = table == nullptr ? nullptr : table->get(key);
    if (node == nullptr) return;
    const toml::array* items = node->as_array();
    if (items == nullptr) fail(node, fmt::format("{} must be a list", key));
    value = 0;
    for (const auto& item : *items) value = static_cast<T>(value | (1U << bit_of(item)));
  }

 private:
  const toml::table& root_;
  std::string name_;
};

void apply(Policy& policy, const std::string& text, const std::string& name) {
  toml::table root;
  try {
    root = toml::parse(text, name);
  } catch (const toml::parse_error& error) {
    throw PolicyError(fmt::format("{}:{}: {}", name, error.source().begin.line, error.description()));
  }
  const Reader reader(root, name);
  reader.known(root, {"algorithms", "keys", "orders", "levels", "padding", "jobs", "hardware", "requester", "memory"},
               "");

  const auto* algorithms = reader.section("algorithms", {"allowed", "unauthenticated"});
  reader.bits(algorithms, "allowed", policy.algorithms, [&](const toml::node& item) {
    const auto found = algorithm_of(item.value_or(std::string_view{}));
    if (!found) reader.fail(&item, "no such algorithm");
    return static_cast<unsigned>(*found);
  });
  reader.boolean(algorithms, "unauthenticated", policy.unauthenticated);

  reader.bits(reader.section("keys", {"sources"}), "sources", policy.key_sources, [&](const toml::node& item) {
    for (const auto source : {KeySource::PreShared, KeySource::Exchange}) {
      if (item.value_or(std::string_view{}) == security_processor::name(source)) return static_cast<unsigned>(source);
    }
    reader.fail(&item, "no such source of keys: pre-shared or x25519");
  });

  reader.bits(reader.section("orders", {"allowed"}), "allowed", policy.orders, [&](const toml::node& item) {
    const auto found = order_of(item.value_or(std::string_view{}));
    if (!found) reader.fail(&item, "no such order");
    return static_cast<unsigned>(*found);
  });

  reader.bits(reader.section("levels", {"allowed"}), "allowed", policy.levels, [&](const toml::node& item) {
    const auto level = item.value_or(std::string_view{});
    if (level != "default" && level != "best") reader.fail(&item, "no such level: default or best");
    return static_cast<unsigned>(level == "best" ? Level::Best : Level::Default);
  });

  reader.bits(reader.section("padding", {"allowed"}), "allowed", policy.pads, [&](const toml::node& item) {
    const auto found = pad_of_bucket(item.value_or(std::uint32_t{0}));
    if (!found) reader.fail(&item, "no such bucket: 16, 64, 128, 256 or 512");
    return static_cast<unsigned>(*found);
  });

  const auto* jobs = reader.section("jobs", {"max_pages", "metadata"});
  reader.number(jobs, "max_pages", policy.max_pages);
  reader.boolean(jobs, "metadata", policy.metadata);

  const auto* hardware = reader.section("hardware", {"lock_policy", "lock_slots", "verify_pages", "timeout_cycles"});
  reader.boolean(hardware, "lock_policy", policy.lock_policy);
  reader.boolean(hardware, "lock_slots", policy.lock_slots);
  reader.boolean(hardware, "verify_pages", policy.verify_pages);
  reader.number(hardware, "timeout_cycles", policy.timeout_cycles);

  if (const auto requesters = reader.tables("requester", {"name", "first", "last"})) {
    policy.requesters.clear();
    for (const toml::table* table : *requesters) {
      Requester requester;
      reader.text(table, "name", requester.name);
      reader.number(table, "first", requester.first, true);
      reader.number(table, "last", requester.last, true);
      if (requester.first > requester.last) reader.fail(table, "last lies below first");
      policy.requesters.push_back(requester);
    }
  }

  if (const auto memory = reader.tables("memory", {"kind", "base", "limit"})) {
    policy.memory.clear();
    for (const toml::table* table : *memory) {
      MemoryRange range;
      const auto kind =
          table->get("kind") == nullptr ? std::string_view{} : table->get("kind")->value_or(std::string_view{});
      if (kind != "guest" && kind != "stream") reader.fail(table, "kind must be \"guest\" or \"stream\"");
      range.kind = kind == "guest" ? device::Kind::Guest : device::Kind::Stream;
      reader.number(table, "base", range.base, true);
      reader.number(table, "limit", range.limit, true);
      if (range.base > range.limit) reader.fail(table, "limit lies below base");
      policy.memory.push_back(range);
    }
  }
}

}  // namespace

Policy Policy::built_in() {
  Policy policy;
  apply(policy, kBuiltIn, "built-in policy");
  return policy;
}

Policy Policy::parse(const std::string& text, const std::string& name) {
  Policy policy = built_in();
  apply(policy, text, name);
  return policy;
}

Policy Policy::load(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw PolicyError(path + ": cannot be read");
  return parse(std::string(std::istreambuf_iterator<char>(in), {}), path);
}

void Policy::allow_unprotected() {
  for (const auto algorithm : {Algorithm::None, Algorithm::Aes256Ctr, Algorithm::Aes128Ctr, Algorithm::Sm4Ctr,
                               Algorithm::Aes256Xts, Algorithm::Aes128Xts}) {
    algorithms = static_cast<std::uint16_t>(algorithms | (1U << static_cast<unsigned>(algorithm)));
  }
  unauthenticated = true;
  orders |= (1U << static_cast<unsigned>(Order::CompressOnly)) | (1U << static_cast<unsigned>(Order::Copy));
}

}  // namespace sealift::security_processor
