// SPDX-License-Identifier: Apache-2.0
#include "sealift/command.h"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>

#include "sealift/bench.h"
#include "sealift/inspect.h"
#include "sealift/migrate.h"
#include "sealift/precopy.h"
#include "sealift/run.h"
#include "sealift/selftest.h"
#include "sealift/terminal.h"

namespace sealift::command {
namespace {

using security_processor::Credential;
using security_processor::Policy;

struct Arguments {
  // everywhere
  std::string backend = default_backend();
  std::string policy;
  bool allow_unprotected = false;
  bool no_verify = false;
  bool verbose = false;
  // migrate
  std::string in, out, key_file, identity, recipient, sender, algorithm, order, level = "default", waves;
  std::uint32_t pad_bucket = 16;
  bool pad = false;
  std::uint32_t chunk_pages = 1024;
  std::string pages_list, bitmap, onto;
  // precopy
  std::uint64_t seed = 1;
  unsigned rounds = 8, write_percent = 25;
  // bench, run, inspect
  std::string pages, engine, stream, report = "build/report";
  unsigned lanes = 0;
  std::optional<unsigned> latency;
  bool json = false, records = false;
};

Policy policy_of(const Arguments& arguments) {
  Policy policy = arguments.policy.empty() ? Policy::built_in() : Policy::load(arguments.policy);
  if (arguments.allow_unprotected) policy.allow_unprotected();
  if (arguments.no_verify) policy.verify_pages = false;
  return policy;
}

std::string algorithm_names() {
  std::string names;
  for (const auto algorithm : all_algorithms()) {
    names += names.empty() ? "" : ", ";
    names += name(algorithm);
  }
  return names;
}

/// Order and algorithm where one or none of them is named.
MigrateOptions migrate_options(const Arguments& arguments) {
  MigrateOptions options;
  options.pad = arguments.pad;
  options.bucket = arguments.pad_bucket;
  options.chunk_pages = arguments.chunk_pages;
  options.level = arguments.level == "best" ? Level::Best : Level::Default;
  if (!arguments.order.empty()) {
    const auto order = order_of(arguments.order);
    if (!order) {
      throw UserError(
          fmt::format("no such order: {}; there are compress_then_encrypt, encrypt_then_compress, "
                      "encrypt_only, compress_only, copy",
                      arguments.order));
    }
    options.order = *order;
    options.agreed_order = order;
    options.algorithm = encrypts(*order) ? Algorithm::Aes256Gcm : Algorithm::None;
  }
  if (!arguments.algorithm.empty()) {
    const auto algorithm = algorithm_of(arguments.algorithm);
    if (!algorithm) {
      throw UserError(fmt::format("no such algorithm: {}; there are {}", arguments.algorithm, algorithm_names()));
    }
    options.algorithm = *algorithm;
    options.agreed_algorithm = algorithm;
    if (arguments.order.empty() && *algorithm == Algorithm::None) options.order = Order::CompressOnly;
  }
  if (!match(options.order, options.algorithm)) {
    throw UserError(
        fmt::format("order {} does not go with algorithm {}", name(options.order), name(options.algorithm)));
  }
  return options;
}

/// What --pages-list or --bitmap selects of an image.
std::optional<vmm::DirtyBitmap> selection_of(const Arguments& arguments, const Source& image) {
  if (arguments.pages_list.empty() && arguments.bitmap.empty()) return std::nullopt;
  if (!arguments.pages_list.empty() && !arguments.bitmap.empty()) {
    throw UserError("--pages-list does not go with --bitmap: either, or");
  }
  const std::uint64_t pages = (image.size() + kPageBytes - 1) / kPageBytes;
  return arguments.bitmap.empty() ? read_pages_list(arguments.pages_list, pages) : read_bitmap(arguments.bitmap, pages);
}

/// What the stream's key comes from: a key file, or both ends' X25519 keys. `peer_option` names the other end's.
Credential credential_of(const Arguments& arguments, const std::string& peer, std::string_view peer_option,
                         bool needed) {
  const bool exchange = !arguments.identity.empty() || !peer.empty();
  if (exchange && !arguments.key_file.empty()) {
    throw UserError(fmt::format("--key-file does not go with --identity and {}: either, or", peer_option));
  }
  if (exchange && (arguments.identity.empty() || peer.empty())) {
    throw UserError(fmt::format("--identity and {} are needed together", peer_option));
  }
  if (exchange) return security_processor::Exchange{read_private_key(arguments.identity), read_public_key(peer)};
  if (!arguments.key_file.empty()) return read_key_file(arguments.key_file);
  if (needed) {
    throw UserError(fmt::format(
        "--key-file is needed: 32 bytes, the secret from which the stream's key is derived; or --identity and {}",
        peer_option));
  }
  return {};
}

void check_hardware(unsigned failures) {
  if (failures != 0) throw UserError(fmt::format("{} hardware assertions or bus checks failed", failures));
}

int migrate_out_command(const Arguments& arguments) {
  MigrateOptions options = migrate_options(arguments);
  const Policy policy = policy_of(arguments);
  InputFile image(arguments.in);
  must_differ(arguments.in, arguments.out);
  options.selection = selection_of(arguments, image);
  auto credential = credential_of(arguments, arguments.recipient, "--recipient", options.algorithm != Algorithm::None);
  OutputFile stream(arguments.out);
  Session session(make_device(arguments.backend), policy);
  if (!arguments.waves.empty()) session.device().start_waves(arguments.waves);
  MigrateResult result;
  {
    ProgressLine line("migrate-out", !arguments.verbose);
    result = migrate_out(session, image, stream, std::move(credential), options,
                         [&](auto done, auto all) { line.show(done, all); });
  }
  session.device().stop_waves();
  check_hardware(session.device().failures());
  stream.commit();
  fmt::print("{}: {} pages, {} bytes in, {} bytes out, {} cycles\n", arguments.out, grouped(result.pages),
             grouped(result.image_bytes), grouped(result.stream_bytes), grouped(result.cycles));
  return 0;
}

int migrate_in_command(const Arguments& arguments) {
  MigrateOptions options = migrate_options(arguments);
  const Policy policy = policy_of(arguments);
  InputFile stream(arguments.in);
  must_differ(arguments.in, arguments.out);
  std::optional<InputFile> onto;
  if (!arguments.onto.empty()) {
    must_differ(arguments.onto, arguments.out);
    options.onto = &onto.emplace(arguments.onto);
  }
  const bool plain_agreed = options.agreed_algorithm ? *options.agreed_algorithm == Algorithm::None
                                                     : arguments.allow_unprotected || !arguments.policy.empty();
  auto credential = credential_of(arguments, arguments.sender, "--sender", !plain_agreed);
  // A key was given: a stream without protection is not what was agreed. And the other way round.
  if (!options.agreed_algorithm && source_of(credential) == security_processor::KeySource::None) {
    options.agreed_algorithm = Algorithm::None;
  }
  OutputFile image(arguments.out);
  Session session(make_device(arguments.backend), policy);
  if (!arguments.waves.empty()) session.device().start_waves(arguments.waves);
  MigrateResult result;
  {
    ProgressLine line("migrate-in", !arguments.verbose);
    result = migrate_in(session, stream, image, std::move(credential), options,
                        [&](auto done, auto all) { line.show(done, all); });
  }
  session.device().stop_waves();
  check_hardware(session.device().failures());
  image.commit();
  fmt::print("{}: {} pages, {} bytes in, {} bytes out, {} cycles\n", arguments.out, grouped(result.pages),
             grouped(result.stream_bytes), grouped(result.image_bytes), grouped(result.cycles));
  return 0;
}

int precopy_command(const Arguments& arguments) {
  PrecopyCommand command;
  command.pages = arguments.pages.empty() ? "data/dev-run.bin" : arguments.pages;
  if (!arguments.key_file.empty()) command.key_file = arguments.key_file;
  command.options.migrate = migrate_options(arguments);
  command.options.seed = arguments.seed;
  command.options.rounds = arguments.rounds;
  command.options.write_percent = arguments.write_percent;
  command.backend = arguments.backend;
  command.policy = policy_of(arguments);
  return precopy(command);
}

int bench_command(const Arguments& arguments) {
  BenchOptions options;
  options.pages = arguments.pages;
  options.engine = arguments.engine;
  options.migrate = migrate_options(arguments);
  options.lanes = arguments.lanes;
  options.latency = arguments.latency;
  options.json = arguments.json;
  options.backend = arguments.backend;
  options.policy = policy_of(arguments);
  return bench(options);
}

int run_command(const Arguments& arguments) {
  RunOptions options;
  if (!arguments.pages.empty()) options.pages = arguments.pages;
  options.report = arguments.report;
  options.waves = arguments.waves;
  options.backend = arguments.backend;
  options.migrate = migrate_options(arguments);
  options.policy = policy_of(arguments);
  return run(options);
}

int inspect_command(const Arguments& arguments) {
  InspectOptions options;
  options.stream = arguments.stream;
  options.credential = credential_of(arguments, arguments.sender, "--sender", false);
  options.json = arguments.json;
  options.records = arguments.records;
  return inspect(options);
}

int keygen_command(const Arguments& arguments) {
  write_key_pair(arguments.out);
  fmt::print("{}: private, for --identity\n{}.pub: public, for --recipient or --sender at the other end\n",
             arguments.out, arguments.out);
  return 0;
}

std::string first_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace

int main(int argc, const char* const* argv) {
  Arguments arguments;
  CLI::App app{"Sealift: moves the memory of a virtual machine out and in, compressed and sealed", "sealift"};
  app.require_subcommand(1);
  app.fallthrough();
  app.footer(
      fmt::format("Algorithms: {}.\n"
                  "Orders: compress_then_encrypt, encrypt_then_compress, encrypt_only; with none: compress_only, copy."
                  "\n\n  sealift migrate-out --in guest.ram --out stream.slf --key-file secret\n"
                  "  sealift migrate-in --in stream.slf --out guest.ram --key-file secret",
                  algorithm_names()));
  const auto file_option = [](CLI::App& command, const char* option, std::string& value, const char* text,
                              bool required = false) {
    command.add_option(option, value, text)->option_text(required ? "FILE (needed)" : "FILE")->required(required);
  };
  app.add_option("--backend", arguments.backend, "rtl (the hardware under simulation) or golden (software only)")
      ->check(CLI::IsMember({"rtl", "golden"}));
  file_option(app, "--policy", arguments.policy, "what the security processor allows, TOML");
  app.add_flag("--allow-unprotected", arguments.allow_unprotected,
               "the policy allows algorithms without a tag, too: CTR, XTS and none");
  app.add_flag("-v,--verbose", arguments.verbose, "show the four steps and every register they touch");

  const auto orders = [&](CLI::App* command) {
    command->add_option("--algorithm", arguments.algorithm, "aes-256-gcm (default) or another of sealift --help")
        ->option_text("NAME");
    command->add_option("--order", arguments.order, "compress_then_encrypt (default) or another of sealift --help")
        ->option_text("NAME");
    command->footer("Options of every command, and the names of algorithms and orders: sealift --help");
  };
  const auto levels = [&](CLI::App* command) {
    command->add_option("--level", arguments.level, "default or best")->check(CLI::IsMember({"default", "best"}));
    command->add_option("--pad-bucket", arguments.pad_bucket, "round payload lengths up to so many bytes")
        ->check(CLI::IsMember({16, 64, 128, 256, 512}));
    command->add_flag("--no-verify", arguments.no_verify, "out: do not decompress each page again before it is sealed");
  };
  const auto chunks = [&](CLI::App* command) {
    command->add_option("--chunk-pages", arguments.chunk_pages, "guest pages of one job")->check(CLI::Range(1, 65536));
  };
  const auto waves = [&](CLI::App* command) {
    file_option(*command, "--waves", arguments.waves, "write waves into this FST file (make waves)");
  };

  auto* out = app.add_subcommand("migrate-out", "guest memory to a sealed stream");
  file_option(*out, "--in", arguments.in, "image of guest memory", true);
  file_option(*out, "--out", arguments.out, "stream", true);
  file_option(*out, "--key-file", arguments.key_file, "the secret that both ends have, exactly 32 bytes");
  file_option(*out, "--identity", arguments.identity, "in place of a key file: this end's private key, by keygen");
  file_option(*out, "--recipient", arguments.recipient, "with --identity: the other end's public key");
  out->add_flag("--pad", arguments.pad, "fill an image up to whole pages");
  file_option(*out, "--pages-list", arguments.pages_list, "only these pages: a text of numbers and ranges");
  file_option(*out, "--bitmap", arguments.bitmap, "in place of a pages list: a dirty bitmap as KVM gives it");
  orders(out);
  levels(out);
  chunks(out);
  waves(out);

  auto* in = app.add_subcommand("migrate-in", "a sealed stream to guest memory");
  file_option(*in, "--in", arguments.in, "stream", true);
  file_option(*in, "--out", arguments.out, "image of guest memory", true);
  file_option(*in, "--onto", arguments.onto, "image onto which the stream's pages go");
  file_option(*in, "--key-file", arguments.key_file, "the secret that both ends have, exactly 32 bytes");
  file_option(*in, "--identity", arguments.identity, "in place of a key file: this end's private key, by keygen");
  file_option(*in, "--sender", arguments.sender, "with --identity: the other end's public key");
  orders(in);
  chunks(in);
  waves(in);

  auto* inspect_app = app.add_subcommand("inspect", "what is in a stream, in software");
  inspect_app->add_option("stream", arguments.stream, "stream")->option_text("FILE (needed)")->required();
  file_option(*inspect_app, "--key-file", arguments.key_file, "verify every tag and every page with this secret");
  file_option(*inspect_app, "--identity", arguments.identity, "the same with X25519: the receiver's private key");
  file_option(*inspect_app, "--sender", arguments.sender, "with --identity: the sender's public key");
  inspect_app->add_flag("--json", arguments.json, "as JSON");
  inspect_app->add_flag("--records", arguments.records, "list every record");

  auto* precopy_app = app.add_subcommand("precopy", "a pre-copy migration of a guest that goes on writing");
  file_option(*precopy_app, "--pages", arguments.pages, "file of 4 KiB pages (data/dev-run.bin)");
  file_option(*precopy_app, "--key-file", arguments.key_file, "the secret of either side, exactly 32 bytes");
  precopy_app->add_option("--seed", arguments.seed, "of what the guest writes");
  precopy_app->add_option("--rounds", arguments.rounds, "at most so many")->check(CLI::Range(1, 1000));
  precopy_app->add_option("--write-percent", arguments.write_percent, "pages written while a round runs, of those sent")
      ->check(CLI::Range(0, 1000));
  orders(precopy_app);
  levels(precopy_app);

  auto* keygen_app = app.add_subcommand("keygen", "a key pair for one end: FILE, and FILE.pub for the other end");
  file_option(*keygen_app, "--out", arguments.out, "file of the private key", true);

  auto* bench_app = app.add_subcommand("bench", "measure on a file of pages");
  file_option(*bench_app, "--pages", arguments.pages, "file of 4 KiB pages", true);
  bench_app->add_flag("--json", arguments.json, "one JSON object on stdout");
  bench_app->add_option("--lanes", arguments.lanes, "lanes that the build must have");
  bench_app->add_option("--latency", arguments.latency, "cycles in which memory answers (64)")
      ->check(CLI::Range(1, 10000))
      ->option_text("CYCLES");
  bench_app->add_option("--engine", arguments.engine, "one engine alone")
      ->check(CLI::IsMember({"compress", "inflate", "seal", "open"}));
  orders(bench_app);
  levels(bench_app);
  chunks(bench_app);

  auto* run_app = app.add_subcommand("run", "the main job on the bundled pages, with a report");
  file_option(*run_app, "--pages", arguments.pages, "file of 4 KiB pages (data/dev-run.bin)");
  run_app->add_option("--report", arguments.report, "folder of the report")->option_text("FOLDER");
  orders(run_app);
  levels(run_app);
  chunks(run_app);
  waves(run_app);

  auto* selftest_app = app.add_subcommand("selftest", "a short check of device and software");

  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const CLI::CallForAllHelp& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    const std::string first = argc > 1 ? argv[1] : "";
    const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
    const bool known = first.empty() || first[0] == '-' ||
                       std::any_of(commands.begin(), commands.end(), [&](auto* c) { return c->get_name() == first; });
    fmt::print(stderr, "sealift: {}; --help shows what there is\n",
               known ? first_line(error.what()) : fmt::format("there is no command {}", first));
    return 2;
  }

  spdlog::set_default_logger(
      std::make_shared<spdlog::logger>("sealift", std::make_shared<spdlog::sinks::stderr_sink_mt>()));
  spdlog::set_pattern("%v");
  spdlog::set_level(arguments.verbose ? spdlog::level::debug : spdlog::level::warn);
  try {
    if (*out) return migrate_out_command(arguments);
    if (*in) return migrate_in_command(arguments);
    if (*inspect_app) return inspect_command(arguments);
    if (*precopy_app) return precopy_command(arguments);
    if (*keygen_app) return keygen_command(arguments);
    if (*bench_app) return bench_command(arguments);
    if (*run_app) return run_command(arguments);
    if (*selftest_app) return selftest(arguments.backend, policy_of(arguments));
  } catch (const std::exception& error) {
    fmt::print(stderr, "sealift: {}\n", first_line(error.what()));
    return 1;
  }
  return 2;
}

}  // namespace sealift::command
