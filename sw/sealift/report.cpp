// SPDX-License-Identifier: Apache-2.0
#include "sealift/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>

#include "sealift/terminal.h"

namespace sealift::command {
namespace {

constexpr double kWidth = 860, kHeight = 280, kLeft = 56, kBottom = 40, kTop = 12, kRight = 12;

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

/// 1, 2 or 5 times a power of ten, so that about `ticks` of them make `span`.
double nice_step(double span, int ticks) {
  const double raw = span / ticks;
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (raw <= factor * power) return factor * power;
  }
  return 10 * power;
}

class Plot {
 public:
  enum class Scale { Linear, Doubling };

  /// y from 0, or on the doubling scale from 1.
  Plot(double x_max, double y_max, const std::string& x_label, const std::string& y_label, Scale scale = Scale::Linear)
      : x_max_(std::max(x_max, 1e-9)), y_max_(std::max(y_max, scale == Scale::Doubling ? 2 : 1e-9)), scale_(scale) {
    body_ = fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\">\n", kWidth, kHeight);
    const double dx = nice_step(x_max_, 8);
    for (int i = 0; i * dx <= x_max_ * 1.0001; ++i) {
      const double x = i * dx;
      body_ += fmt::format("<text class=\"tick\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{:.6g}</text>\n",
                           px(x), kHeight - kBottom + 16, x);
    }
    if (scale == Scale::Doubling) {
      for (int i = 0; std::exp2(i) <= y_max_ * 1.0001; ++i) grid(std::exp2(i));
    } else {
      const double dy = nice_step(y_max_, 5);
      for (int i = 0; i * dy <= y_max_ * 1.0001; ++i) grid(i * dy);
    }
    body_ += fmt::format("<text class=\"label\" x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n",
                         (kLeft + kWidth - kRight) / 2, kHeight - 6, escaped(x_label));
    body_ += fmt::format(
        "<text class=\"label\" transform=\"translate(14 {:.1f}) rotate(-90)\" text-anchor=\"middle\">{}</text>\n",
        (kTop + kHeight - kBottom) / 2, escaped(y_label));
  }

  void dots(const std::vector<std::pair<double, double>>& points, const char* style) {
    std::string path;
    for (const auto& [x, y] : points) path += fmt::format("M{:.1f} {:.1f}h0", px(x), py(y));
    body_ += fmt::format("<path class=\"dots {}\" d=\"{}\"/>\n", style, path);
  }
  void line(const std::vector<std::pair<double, double>>& points, const char* style) {
    std::string path;
    for (const auto& [x, y] : points) path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? 'M' : 'L', px(x), py(y));
    if (!path.empty()) body_ += fmt::format("<path class=\"line {}\" d=\"{}\"/>\n", style, path);
  }
  /// A mark below the axis from `x` on.
  void below(double x, double width, const char* style) {
    body_ += fmt::format("<rect class=\"{}\" x=\"{:.2f}\" y=\"{}\" width=\"{:.2f}\" height=\"4\"/>\n", style, px(x),
                         kHeight - kBottom + 1, px(x + width) - px(x));
  }
  [[nodiscard]] std::string svg() const { return body_ + "</svg>\n"; }

 private:
  void grid(double y) {
    body_ += fmt::format("<line class=\"grid\" x1=\"{}\" x2=\"{}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>\n", kLeft,
                         kWidth - kRight, py(y), py(y));
    body_ += fmt::format("<text class=\"tick\" x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{:.6g}</text>\n", kLeft - 6,
                         py(y) + 4, y);
  }
  [[nodiscard]] double px(double x) const { return kLeft + x / x_max_ * (kWidth - kLeft - kRight); }
  [[nodiscard]] double py(double y) const {
    const double part = scale_ == Scale::Doubling ? std::log2(std::max(y, 1.0)) / std::log2(y_max_) : y / y_max_;
    return kHeight - kBottom - std::min(part, 1.0) * (kHeight - kBottom - kTop);
  }
  double x_max_, y_max_;
  Scale scale_;
  std::string body_;
};

std::string ratio_plot(const BothWays& measured, const SoftwareFigures& software) {
  std::vector<std::pair<double, double>> ours, theirs;
  double top = 1;
  for (std::size_t i = 0; i < measured.body_bytes.size(); ++i) {
    const auto body = measured.body_bytes[i];
    if (body == 0 || body == 8 || software.zlib6[i] == 0) continue;
    ours.emplace_back(static_cast<double>(i), 4096.0 / body);
    theirs.emplace_back(static_cast<double>(i), 4096.0 / software.zlib6[i]);
    top = std::max({top, ours.back().second, theirs.back().second});
  }
  Plot plot(static_cast<double>(measured.body_bytes.size()), std::exp2(std::ceil(std::log2(top))), "page", "ratio",
            Plot::Scale::Doubling);
  for (std::size_t i = 0, next = 0; i < measured.body_bytes.size(); i = next) {
    const auto in_run = [&](std::size_t at) { return measured.body_bytes[at] == 0 || measured.body_bytes[at] == 8; };
    next = i + 1;
    if (!in_run(i)) continue;
    while (next < measured.body_bytes.size() && in_run(next)) ++next;
    plot.below(static_cast<double>(i), static_cast<double>(next - i), "fill");
  }
  plot.dots(theirs, "b");
  plot.dots(ours, "a");
  return plot.svg();
}

/// `moved`: the bytes of guest memory in a sample. Pages would come in lumps: those of a run count when it ends.
std::vector<std::pair<double, double>> rates(const MigrateResult& result, std::uint64_t Sample::*moved) {
  std::vector<std::pair<double, double>> points;
  Sample before;
  // About 100 points, however many samples there are.
  const std::uint64_t step = std::max<std::uint64_t>(1, result.cycles / 100);
  for (const Sample& sample : result.samples) {
    if (sample.cycles - before.cycles < step && &sample != &result.samples.back()) continue;
    if (sample.cycles == before.cycles) continue;
    const double rate =
        static_cast<double>(sample.*moved - before.*moved) / static_cast<double>(sample.cycles - before.cycles);
    points.emplace_back(static_cast<double>(before.cycles) / 1000.0, rate);
    points.emplace_back(static_cast<double>(sample.cycles) / 1000.0, rate);
    before = sample;
  }
  return points;
}

std::string rate_plot(const BothWays& measured) {
  const auto out = rates(measured.out, &Sample::bytes_in);
  const auto in = rates(measured.in, &Sample::bytes_out);
  double top = 1;
  for (const auto& point : out) top = std::max(top, point.second);
  for (const auto& point : in) top = std::max(top, point.second);
  Plot plot(static_cast<double>(std::max(measured.out.cycles, measured.in.cycles)) / 1000.0, top * 1.05,
            "thousand cycles of jobs", "guest bytes a cycle");
  plot.line(in, "b");
  plot.line(out, "a");
  return plot.svg();
}

std::string cycle_bars(const BothWays& measured) {
  struct Part {
    const char* name;
    const char* style;
    std::uint64_t device::Counters::*count;
  };
  constexpr Part kParts[] = {{"memory", "p1", &device::Counters::stall_memory},
                             {"engine lane", "p2", &device::Counters::stall_lane},
                             {"cipher", "p3", &device::Counters::stall_cipher},
                             {"record writer", "p4", &device::Counters::stall_writer}};
  std::string svg = fmt::format("<svg viewBox=\"0 0 {} 120\" role=\"img\">\n", kWidth);
  double y = 8;
  for (const auto& [title, result] : {std::pair{"out", &measured.out}, std::pair{"in", &measured.in}}) {
    const std::uint64_t total = std::max<std::uint64_t>(result->cycles, 1);
    svg += fmt::format("<text class=\"label\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\n", kLeft - 8, y + 24,
                       title);
    double x = kLeft;
    std::uint64_t rest = total;
    const auto bar = [&](const char* name, const char* style, std::uint64_t cycles) {
      const double width = static_cast<double>(cycles) / static_cast<double>(total) * (kWidth - kLeft - kRight);
      const double percent = 100.0 * static_cast<double>(cycles) / static_cast<double>(total);
      svg += fmt::format(
          "<rect class=\"{}\" x=\"{:.1f}\" y=\"{}\" width=\"{:.1f}\" height=\"36\"><title>{}: {} cycles, {:.1f} "
          "%</title></rect>\n",
          style, x, y, width, name, grouped(cycles), percent);
      if (width > 60) {
        svg += fmt::format("<text class=\"inbar\" x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{:.0f} %</text>\n",
                           x + width / 2, y + 23, percent);
      }
      x += width;
    };
    for (const Part& part : kParts) {
      const std::uint64_t cycles = std::min(result->counters.*part.count, rest);
      bar(part.name, part.style, cycles);
      rest -= cycles;
    }
    bar("moving", "p0", rest);
    y += 52;
  }
  return svg + "</svg>\n";
}

std::string row(const std::string& what, const std::string& out, const std::string& in, const char* cell = "td") {
  return fmt::format("<tr><{0}>{1}</{0}><{0}>{2}</{0}><{0}>{3}</{0}></tr>\n", cell, escaped(what), escaped(out),
                     escaped(in));
}

std::string tile(const std::string& figure, const std::string& what, bool good = true) {
  return fmt::format("<div{}><b>{}</b>{}</div>\n", good ? "" : " class=\"bad\"", escaped(figure), escaped(what));
}

constexpr char kPageStyle[] = R"css(
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:1.2em 0}
.tiles div{border:1px solid var(--grid);border-radius:8px;padding:.7em .9em;color:var(--dim);font-size:13px;line-height:1.35}
.tiles b{display:block;font-size:26px;font-weight:600;color:var(--fg);font-variant-numeric:tabular-nums;line-height:1.25}
.tiles .bad{border-color:var(--p2)}.tiles .bad b{color:var(--p2)}
table{width:100%}th,td{padding:.3em .6em .3em 0;border-bottom:1px solid var(--grid)}
th{text-align:left;font-weight:600;color:var(--dim);font-size:13px}th+th,td+td{text-align:right;font-variant-numeric:tabular-nums}
.fill{fill:var(--p1)}
)css";

constexpr char kStyle[] = R"css(
:root{--fg:#1b1f24;--bg:#fff;--dim:#667;--grid:#e3e6ea;--a:#0b6bcb;--b:#e08a00;--p1:#7a5cc0;--p2:#d1495b;--p3:#0f9d82;--p4:#c9a227;--p0:#9bb4cc}
@media(prefers-color-scheme:dark){:root{--fg:#e6e8eb;--bg:#15181c;--dim:#9aa3ad;--grid:#2b3036;--a:#5aa9f5;--b:#f0a93a;--p0:#4a6178}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--fg);background:var(--bg);max-width:900px;margin:2em auto;padding:0 1em}
h1{font-size:1.5em;margin-bottom:.2em}h2{font-size:1.1em;margin:1.8em 0 .3em}
p.note{color:var(--dim);margin:.2em 0 .6em}
table{border-collapse:collapse;margin:1em 0}td{padding:.18em 1.2em .18em 0;border-bottom:1px solid var(--grid)}
td:last-child{text-align:right;font-variant-numeric:tabular-nums}
svg{width:100%;height:auto}.grid{stroke:var(--grid)}.tick{font-size:11px;fill:var(--dim)}.label{font-size:12px;fill:var(--fg)}
.dots{fill:none;stroke-width:3.2;stroke-linecap:round;opacity:.75}.line{fill:none;stroke-width:1.8}
.a{stroke:var(--a)}.b{stroke:var(--b)}
.p0{fill:var(--p0)}.p1{fill:var(--p1)}.p2{fill:var(--p2)}.p3{fill:var(--p3)}.p4{fill:var(--p4)}.inbar{font-size:12px;fill:#fff}
.key i{display:inline-block;width:.8em;height:.8em;border-radius:50%;margin:0 .35em 0 1.1em}
)css";

std::string key(std::initializer_list<std::pair<const char*, const char*>> entries) {
  std::string out = "<p class=\"key\">";
  for (const auto& [variable, text] : entries)
    out += fmt::format("<i style=\"background:var(--{})\"></i>{}", variable, text);
  return out + "</p>\n";
}

}  // namespace

std::string html_report(const nlohmann::json& summary, const BothWays& measured, const SoftwareFigures& software,
                        const std::string& title) {
  const auto number = [&](const char* field) { return grouped(summary[field].get<std::uint64_t>()); };
  const auto real = [&](const char* field) { return fmt::format("{:.3f}", summary[field].get<double>()); };
  std::string html =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width\"><title>Sealift: " +
      escaped(title) + "</title><style>" + kStyle + kPageStyle + "</style></head><body>\n";
  html += "<h1>Sealift: " + escaped(title) + "</h1>\n";
  html += fmt::format(
      "<p class=\"note\">Guest pages out through the accelerator into a stream, and back in, each checked. Backend {}, "
      "{}, {}.</p>\n",
      escaped(summary["backend"].get<std::string>()), escaped(summary["order"].get<std::string>()),
      escaped(summary["algorithm"].get<std::string>()));
  if (summary["backend"] != "rtl")
    html += "<p class=\"note\">This backend has no clock: its cycles are an estimate.</p>\n";
  const double ratio = summary["ratio"], zlib6 = summary["ratio_zlib6"];
  const std::uint64_t differ = summary["mismatches"], failed = summary.value("hardware_failures", 0);
  html += "<div class=\"tiles\">\n";
  html += tile(fmt::format("{:.1f} %", zlib6 > 0 ? 100 * ratio / zlib6 : 0.0), "of zlib -6's ratio, page by page");
  html += tile(fmt::format("{:.1f}", summary["bytes_per_cycle_out"].get<double>()), "guest bytes a cycle out");
  html += tile(fmt::format("{:.1f}", summary["bytes_per_cycle_in"].get<double>()), "guest bytes a cycle in");
  html += tile(grouped(differ), "pages differ from the golden model or on the way back", differ == 0);
  html += tile(grouped(failed), "hardware assertions and bus checks failed", failed == 0);
  html += "</div>\n<table>\n";
  html += row("", "out", "in", "th");
  html += row("pages", number("pages"), grouped(measured.in.pages));
  html +=
      row("of them in fill runs", grouped(measured.out.counters.fill_pages), grouped(measured.in.counters.fill_pages));
  html += row("bytes read", number("bytes_in"), number("bytes_out"));
  html += row("bytes written", number("bytes_out"), number("bytes_in"));
  html += row("cycles", number("cycles_out"), number("cycles_in"));
  html += row("seconds of simulation", fmt::format("{:.2f}", measured.out.seconds),
              fmt::format("{:.2f}", measured.in.seconds));
  html += "</table>\n";
  html += fmt::format(
      "<p class=\"note\">Ratio over the {} non-zero pages: Sealift {}, zlib -6 {}, zlib -1 {}. Blocks: {} stored, {} "
      "fixed, "
      "{} dynamic; {} that the lanes got wrong and that went out stored. {:.1f} pages a second simulated, both "
      "ways.</p>\n",
      grouped(summary["pages"].get<std::uint64_t>() - summary["zero_pages"].get<std::uint64_t>()), real("ratio"),
      real("ratio_zlib6"), real("ratio_zlib1"), grouped(measured.out.counters.stored),
      grouped(measured.out.counters.fixed), grouped(measured.out.counters.dynamic),
      grouped(measured.out.counters.unverified), summary["sim_pages_per_second"].get<double>());
  html += "<h2>Ratio by page</h2>\n" +
          key({{"a", "Sealift"}, {"b", "zlib -6"}, {"p1", "pages that travel in fill runs"}}) +
          ratio_plot(measured, software);
  html += "<h2>Throughput over time</h2>\n" + key({{"a", "out"}, {"b", "in"}}) + rate_plot(measured);
  html += "<h2>Where the cycles went</h2>\n" +
          key({{"p1", "waiting for memory"},
               {"p2", "for an engine lane"},
               {"p3", "for the cipher"},
               {"p4", "for the record writer"},
               {"p0", "moving"}}) +
          cycle_bars(measured);
  html += "</body></html>\n";
  return html;
}

}  // namespace sealift::command
