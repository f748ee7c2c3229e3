// SPDX-License-Identifier: Apache-2.0
#include "sealift/run.h"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "sealift/report.h"
#include "sealift/terminal.h"

namespace sealift::command {

int run(const RunOptions& options) {
  const Bytes image = read_pages(options.pages);
  std::error_code error;
  std::filesystem::create_directories(options.report, error);
  if (error) throw UserError(fmt::format("{}: {}", options.report, error.message()));
  Session session(make_device(options.backend), options.policy);
  if (!options.waves.empty()) session.device().start_waves(options.waves);
  fmt::print("Sealift: {} through the {} backend, {}, {}\n", options.pages, options.backend,
             name(options.migrate.order), name(options.migrate.algorithm));
  BothWays measured;
  {
    ProgressLine out("migrate-out"), in("migrate-in");
    measured = both_ways(session, image, options.migrate,
                         {[&](auto done, auto all) { out.show(done, all); },
                          [&](auto done, auto all) { in.show(done, all == 0 ? image.size() / kPageBytes : all); }});
  }
  session.device().stop_waves();
  const SoftwareFigures software = measure_software(image);
  nlohmann::json summary = to_json(measured, software, session);
  summary["backend"] = options.backend;
  summary["order"] = name(options.migrate.order);
  summary["algorithm"] = name(options.migrate.algorithm);
  summary["level"] = options.migrate.level == Level::Best ? "best" : "default";
  summary["source"] = std::filesystem::path(options.pages).filename().string();
  summary["hardware_failures"] = session.device().failures();

  for (const JobSpan& job : session.jobs()) {  // in the time of the waves: two steps a cycle
    summary["jobs"].push_back(
        {{"direction", job.out ? "out" : "in"}, {"start_time", 2 * job.start}, {"end_time", 2 * job.end}});
  }

  const auto percent = [](double part, double all) {
    return fmt::format("{:.1f} %", all > 0 ? 100 * part / all : 0.0);
  };
  const double ratio = summary["ratio"], zlib6 = summary["ratio_zlib6"], zlib1 = summary["ratio_zlib1"];
  print_table(
      {{"", "out", "in"},
       {"pages", grouped(measured.out.pages), grouped(measured.in.pages)},
       {"  of them in fill runs", grouped(measured.out.counters.fill_pages), grouped(measured.in.counters.fill_pages)},
       {"  of them zero", grouped(software.zero_pages), ""},
       {"  failed verification", grouped(measured.out.counters.unverified), ""},
       {"bytes in", grouped(image.size()), grouped(measured.in.stream_bytes)},
       {"bytes out", grouped(measured.out.stream_bytes), grouped(image.size())},
       {"cycles", grouped(measured.out.cycles), grouped(measured.in.cycles)},
       {"guest bytes a cycle", fmt::format("{:.3f}", summary["bytes_per_cycle_out"].get<double>()),
        fmt::format("{:.3f}", summary["bytes_per_cycle_in"].get<double>())},
       {"seconds", fmt::format("{:.2f}", measured.out.seconds), fmt::format("{:.2f}", measured.in.seconds)}});
  fmt::print("\n");
  print_table({{"ratio over non-zero pages", "", "of zlib -6"},
               {"Sealift", fmt::format("{:.3f}", ratio), percent(ratio, zlib6)},
               {"zlib -6", fmt::format("{:.3f}", zlib6), percent(zlib6, zlib6)},
               {"zlib -1", fmt::format("{:.3f}", zlib1), percent(zlib1, zlib6)}});
  fmt::print("\n  simulated pages a second, both ways: {:.1f}\n", summary["sim_pages_per_second"].get<double>());

  write_file(options.report + "/summary.json", summary.dump(2) + "\n");
  write_file(options.report + "/index.html",
             html_report(summary, measured, software, summary["source"].get<std::string>()));
  fmt::print("  report: {}/index.html\n", options.report);

  if (!measured.trouble.empty()) throw UserError(measured.trouble);
  if (measured.mismatches != 0)
    throw UserError(fmt::format("{} pages differ from the golden model", measured.mismatches));
  if (session.device().failures() != 0) {
    throw UserError(fmt::format("{} hardware assertions or bus checks failed", session.device().failures()));
  }
  fmt::print("  every page is as it was, by the golden model and on the way back\n");
  return 0;
}

}  // namespace sealift::command
