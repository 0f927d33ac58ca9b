#include "simulate/html_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

#include "simulate/report.hpp"
#include "simulator/world_fields.hpp"

namespace p2p::app {
namespace {

using simulator::Figures;
using simulator::Plots;

constexpr double kWidth = 560, kHeight = 220, kLeft = 56, kRight = 12, kTop = 10, kBottom = 28;

constexpr std::string_view kStyle = R"(
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#6a737d;--line:#d0d7de;--paper:#fff;--a:#0a7d68;--b:#7cc7b8;--c:#c2410c;--d:#f0a97a}
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#8b949e;--line:#30363d;--paper:#0d1117;--a:#3fb6a0;--b:#1f6f61;--c:#f08b4f;--d:#8a4a22}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:75rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin-bottom:.2rem}h2{font-size:1rem;margin:0 0 .3rem}p{margin:.2rem 0;color:var(--soft)}
table{border-collapse:collapse;margin:1rem 0}td,th{padding:.2rem .8rem .2rem 0;text-align:right;border-bottom:1px solid var(--line);font-variant-numeric:tabular-nums}
td:first-child,th:first-child{text-align:left}.no{color:var(--c);font-weight:600}
main{display:grid;grid-template-columns:repeat(auto-fit,minmax(22rem,1fr));gap:1.5rem}svg{width:100%;height:auto}
figure{margin:0}pre{font-size:.78rem;white-space:pre-wrap;color:var(--soft)}text{fill:var(--soft);font-size:11px}
.grid{stroke:var(--line)}.s0{stroke:var(--a)}.s1{stroke:var(--b)}.s2{stroke:var(--c)}.s3{stroke:var(--d)}polyline{fill:none;stroke-width:1.8}
.k0{color:var(--a)}.k1{color:var(--b)}.k2{color:var(--c)}.k3{color:var(--d)}
)";

struct Line {
  std::string name;
  int color = 0;
  std::vector<std::pair<double, double>> points;
};

double nice_top(double value) {
  if (!(value > 0)) return 1;
  const double step = std::pow(10, std::floor(std::log10(value)));
  for (const double top : {1.0, 2.0, 5.0, 10.0}) {
    if (top * step >= value) return top * step;
  }
  return value;
}

std::string plot(std::string_view title, std::string_view note, std::string_view x_unit, const std::vector<Line>& lines, double y_most = 0) {
  double x_max = 0, y_max = y_most;
  for (const Line& line : lines) {
    for (const auto& [x, y] : line.points) {
      x_max = std::max(x_max, x);
      if (y_most == 0) y_max = std::max(y_max, y);
    }
  }
  if (y_most == 0) y_max = nice_top(y_max);
  x_max = std::max(x_max, 1e-9);
  const auto at_x = [&](double x) { return kLeft + (kWidth - kLeft - kRight) * std::clamp(x / x_max, 0.0, 1.0); };
  const auto at_y = [&](double y) { return kHeight - kBottom - (kHeight - kTop - kBottom) * std::clamp(y / y_max, 0.0, 1.0); };
  std::string svg = fmt::format("<figure><h2>{}</h2><p>{}", title, note);
  for (const Line& line : lines) svg += fmt::format(" <span class=\"k{}\">&#9632; {}</span>", line.color, line.name);
  svg += fmt::format("</p><svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">", kWidth, kHeight, title);
  for (int i = 0; i <= 4; ++i) {
    const double y = y_max * i / 4, x = x_max * i / 4;
    svg += fmt::format("<line class=\"grid\" x1=\"{}\" x2=\"{}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/><text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{:g}</text>", kLeft,
                       kWidth - kRight, at_y(y), at_y(y), kLeft - 6, at_y(y) + 4, y);
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"{}\">{:.0f}{}</text>", at_x(x), kHeight - 8, i == 4 ? "end" : "middle", x, i == 4 ? x_unit : "");
  }
  for (const Line& line : lines) {
    svg += fmt::format("<polyline class=\"s{}\" points=\"", line.color);
    for (const auto& [x, y] : line.points) svg += fmt::format("{:.1f},{:.1f} ", at_x(x), at_y(y));
    svg += "\"/>";
  }
  return svg + "</svg></figure>\n";
}

template <typename Value>
Line over_time(std::string name, int color, const Plots& plots, Value value) {
  Line line{std::move(name), color, {}};
  for (std::size_t i = 0; i < plots.seconds.size(); ++i) {
    if (plots.seconds[i].due > 0) line.points.emplace_back(static_cast<double>(i), value(plots.seconds[i]));
  }
  return line;
}

Line cumulated(std::string name, int color, const std::vector<float>& percents) {
  Line line{std::move(name), color, {}};
  for (std::size_t i = 0; i < percents.size(); ++i) line.points.emplace_back(percents[i], static_cast<double>(i));
  return line;
}

std::string depths(const Plots& plots) {
  std::size_t deepest = 1;
  for (const auto& stripe : plots.depth_by_stripe) deepest = std::max(deepest, stripe.size());
  std::string svg = fmt::format("<figure><h2>Depth by stripe</h2><p>links that a piece passed, for each eighth of the pieces; a darker cell is a larger "
                                "share</p><svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"Depth by stripe\">", kWidth, kHeight);
  const double w = (kWidth - kLeft - kRight) / static_cast<double>(deepest), h = (kHeight - kTop - kBottom) / 8;
  for (std::size_t stripe = 0; stripe < plots.depth_by_stripe.size(); ++stripe) {
    const double y = kTop + h * static_cast<double>(stripe);
    svg += fmt::format("<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>", kLeft - 6, y + h / 2 + 4, stripe);
    for (std::size_t depth = 0; depth < plots.depth_by_stripe[stripe].size(); ++depth) {
      svg += fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"var(--a)\" fill-opacity=\"{:.3f}\"><title>{:.1f} %</title></rect>",
                         kLeft + w * static_cast<double>(depth), y, w - 1, h - 2, std::sqrt(plots.depth_by_stripe[stripe][depth]),
                         plots.depth_by_stripe[stripe][depth] * 100);
    }
  }
  for (std::size_t depth = 1; depth < deepest; depth += std::max<std::size_t>(1, deepest / 12)) {
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{}</text>", kLeft + w * (static_cast<double>(depth) + .5), kHeight - 8, depth);
  }
  return svg + "</svg></figure>\n";
}

std::string feeding(const Plots& plots) {
  constexpr double kSide = 360, kRadius = 160, kMiddle = kSide / 2;
  std::uint32_t most = 0;
  float largest = 0.001F;
  for (const simulator::Feeding& one : plots.feedings) {
    most = std::max(most, one.to);
    largest = std::max(largest, one.mbit);
  }
  const auto place = [&](std::uint32_t number) -> std::pair<double, double> {
    if (number == 0) return {kMiddle, kMiddle};
    const double angle = 2 * std::numbers::pi * number / std::max(most, 1u);
    return {kMiddle + kRadius * std::cos(angle), kMiddle + kRadius * std::sin(angle)};
  };
  std::string svg = fmt::format("<figure><h2>Who was fed by whom</h2><p>the first {} viewers, the source in the middle; over the life of each link</p>"
                                "<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"Who was fed by whom\">", most, kSide, kSide);
  for (const simulator::Feeding& one : plots.feedings) {
    if (one.from > most) continue;
    const auto [x1, y1] = place(one.from);
    const auto [x2, y2] = place(one.to);
    svg += fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" class=\"s{}\" stroke-opacity=\"{:.2f}\"><title>{} to {}: {:.1f} Mbit</title></line>",
                       x1, y1, x2, y2, one.from == 0 ? 2 : 0, .1 + .9 * one.mbit / largest, one.from, one.to, one.mbit);
  }
  for (std::uint32_t number = 0; number <= most; ++number) {
    const auto [x, y] = place(number);
    svg += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{}\" fill=\"var({})\"><title>{}</title></circle>", x, y, number == 0 ? 7 : 3.5, number == 0 ? "--c" : "--a",
                       number == 0 ? "source" : fmt::format("viewer {}", number));
  }
  return svg + "</svg></figure>\n";
}

std::string figures_table(const Study& study, const Study& beside) {
  const Figures a = medians(study), b = medians(beside);
  std::string html = fmt::format("<table><tr><th>figure</th><th>{}</th><th>{}</th></tr>", to_text(study.policy), to_text(beside.policy));
  const auto row = [&](std::string_view name, double x, double y, std::string_view unit, int digits) {
    html += fmt::format("<tr><td>{}</td><td>{:.{}f}{}</td><td>{:.{}f}{}</td></tr>", name, x, digits, unit, y, digits, unit);
  };
  row("delay p50", a.delay_ms_p50, b.delay_ms_p50, " ms", 0);
  row("delay p95", a.delay_ms_p95, b.delay_ms_p95, " ms", 0);
  row("first frame p50", a.first_frame_ms_p50, b.first_frame_ms_p50, " ms", 0);
  row("first frame p95", a.first_frame_ms_p95, b.first_frame_ms_p95, " ms", 0);
  row("continuity at 2 s", a.continuity_2s * 100, b.continuity_2s * 100, " %", 3);
  row("continuity at 3 s", a.continuity_3s * 100, b.continuity_3s * 100, " %", 3);
  row("stalls a viewer", a.stalls_per_viewer, b.stalls_per_viewer, "", 2);
  row("time stalled", a.stalled_fraction * 100, b.stalled_fraction * 100, " %", 2);
  row("behind live p50", a.behind_live_ms_p50, b.behind_live_ms_p50, " ms", 0);
  row("share from peers", a.share_from_peers * 100, b.share_from_peers * 100, " %", 2);
  row("source copies", a.source_copies, b.source_copies, "", 2);
  row("control", a.control_fraction * 100, b.control_fraction * 100, " %", 2);
  row("duplicates", a.duplicate_fraction * 100, b.duplicate_fraction * 100, " %", 2);
  row("delay / bound", a.delay_over_bound, b.delay_over_bound, "", 2);
  html += "</table>";
  if (study.targets.empty()) return html;
  html += "<table><tr><th>target</th><th>median</th><th>worst seed</th><th>limit</th><th></th></tr>";
  for (const Verdict& v : verdicts(study)) {
    const double scale = v.target->unit == "%" ? 100 : 1;
    const int digits = v.target->unit == "ms" || v.target->unit.empty() ? 0 : 2;
    html += fmt::format("<tr><td>{}</td><td>{:.{}f} {}</td><td>{:.{}f} {}</td><td>{} {:g} {}</td><td{}</td></tr>", v.target->figure, v.median * scale, digits,
                        v.target->unit, v.worst * scale, digits, v.target->unit, v.target->bound == simulator::Target::Bound::kAtMost ? "&le;" : "&ge;", v.target->limit * scale,
                        v.target->unit, v.met ? ">met" : fmt::format(" class=\"no\">not met{}{}", v.target->lost_to.empty() ? "" : ": ", v.target->lost_to));
  }
  return html + "</table>";
}

}  // namespace

std::string to_html(const Study& study, const Study& beside) {
  const Plots& mine = shown_runs(study).front()->outcome.plots;
  const Plots& other = shown_runs(beside).front()->outcome.plots;
  const Run& run = *shown_runs(study).front();
  const std::string a{to_text(study.policy)}, b{to_text(beside.policy)};
  std::string html = fmt::format("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{0} "
                                 "&middot; p2p-stream simulate</title><style>{1}</style><h1>{0}</h1><p>{2} viewers, seed {3}; medians of {4} seed(s) in the tables</p>",
                                 study.scenario, kStyle, run.world.viewers, run.seed, shown_runs(study).size());
  html += figures_table(study, beside) + "<main>\n";
  html += plot("Delay over time", "ms from capture to verified, each second's parts", " s",
               {over_time(a + " p50", 0, mine, [](const auto& s) { return s.delay_ms_p50; }), over_time(a + " p95", 1, mine, [](const auto& s) { return s.delay_ms_p95; }),
                over_time(b + " p50", 2, other, [](const auto& s) { return s.delay_ms_p50; })});
  html += plot("Buffer", "ms playable ahead of the players", " s",
               {over_time(a + " median", 0, mine, [](const auto& s) { return s.buffer_ms_p50; }), over_time(a + " worst twentieth", 1, mine, [](const auto& s) { return s.buffer_ms_p5; }),
                over_time(b + " median", 2, other, [](const auto& s) { return s.buffer_ms_p50; })});
  html += plot("Delay", "% of parts within so many ms", " ms", {cumulated(a, 0, mine.delay_ms), cumulated(b, 2, other.delay_ms)}, 100);
  html += plot("First frame", "% of viewers within so many ms of joining", " ms", {cumulated(a, 0, mine.first_frame_ms), cumulated(b, 2, other.first_frame_ms)}, 100);
  html += plot("The source's load", "Mbit/s", " s", {over_time(a, 0, mine, [](const auto& s) { return s.source_mbit_per_s; }), over_time(b, 2, other, [](const auto& s) { return s.source_mbit_per_s; })});
  html += plot("Share from peers", "%", " s", {over_time(a, 0, mine, [](const auto& s) { return s.share_from_peers * 100; }), over_time(b, 2, other, [](const auto& s) { return s.share_from_peers * 100; })}, 100);
  html += plot("Viewers", "", " s", {over_time("there", 0, mine, [](const auto& s) { return static_cast<double>(s.viewers); })});
  html += depths(mine) + feeding(mine);
  html += "</main><h2>The world</h2><pre>" + simulator::describe(run.world) + "</pre></html>\n";
  return html;
}

}  // namespace p2p::app
