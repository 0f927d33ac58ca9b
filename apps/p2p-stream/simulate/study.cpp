#include "simulate/study.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>

namespace p2p::app {
namespace {

using simulator::Figures;

double peak_memory_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values.empty() ? 0 : values[values.size() / 2];
}

double value_of(const simulator::Target& target, const Run& run) {
  const double here = target.of(run.outcome.figures);
  if (!target.over_calm || !run.calm) return here;
  const double calm = target.of(*run.calm);
  return calm == 0 ? 0 : here / calm;
}

}  // namespace

Run simulate_once(simulator::World world, std::uint64_t seed, simulator::Simulation::Options options, bool with_calm) {
  Run run{.world = world, .seed = seed};
  const auto began = std::chrono::steady_clock::now();
  run.outcome = simulator::Simulation{world, seed, options}.run();
  run.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  run.memory_mb = peak_memory_mb();
  if (with_calm) {
    world.vices.clear();
    world.faults.clear();
    options.trace.reset();
    run.calm = simulator::Simulation{std::move(world), seed, options}.run().figures;
  }
  return run;
}

std::vector<Verdict> verdicts(const Study& study) {
  std::vector<Verdict> all;
  for (const simulator::Target& target : study.targets) {
    const bool at_most = target.bound == simulator::Target::Bound::kAtMost;
    const auto worse = [&](double a, double b) { return at_most ? std::max(a, b) : std::min(a, b); };
    Verdict verdict{.target = &target};
    bool any = false;
    for (std::size_t first = 0; first < study.runs.size();) {
      std::vector<double> values;
      std::size_t i = first;
      for (; i < study.runs.size() && study.runs[i].name == study.runs[first].name; ++i) values.push_back(value_of(target, study.runs[i]));
      const double worst = at_most ? std::ranges::max(values) : std::ranges::min(values);
      verdict.median = any ? worse(verdict.median, median(values)) : median(values);
      verdict.worst = any ? worse(verdict.worst, worst) : worst;
      any = true;
      first = i;
    }
    verdict.met = any && target.met(verdict.median);
    all.push_back(verdict);
  }
  return all;
}

std::vector<const Run*> shown_runs(const Study& study) {
  std::vector<const Run*> shown;
  for (const Run& run : study.runs) {
    if (run.name == study.runs.back().name) shown.push_back(&run);
  }
  return shown;
}

Figures medians(const Study& study) {
  const std::vector<const Run*> runs = shown_runs(study);
  Figures figures = runs.front()->outcome.figures;
  static constexpr double Figures::*kFigures[] = {
      &Figures::virtual_s, &Figures::delay_ms_p50, &Figures::delay_ms_p95, &Figures::delay_ms_p99, &Figures::first_frame_ms_p50,
      &Figures::first_frame_ms_p95, &Figures::continuity_1s, &Figures::continuity_1_5s, &Figures::continuity_2s, &Figures::continuity_3s,
      &Figures::stalls_per_viewer, &Figures::viewers_at_most_1_stall, &Figures::stalled_fraction, &Figures::behind_live_ms_p50, &Figures::behind_live_ms_p95, &Figures::share_from_peers, &Figures::source_copies,
      &Figures::source_copies_bound, &Figures::edge_over_deficit, &Figures::control_fraction, &Figures::control_fraction_with_headers,
      &Figures::duplicate_fraction, &Figures::repair_fraction, &Figures::hops_p50, &Figures::hops_p95, &Figures::delay_bound_ms,
      &Figures::delay_over_bound, &Figures::liar_source_slot_s_max, &Figures::never_played, &Figures::rendition_over_oracle,
      &Figures::rendition_changes_per_min, &Figures::playing_at_end, &Figures::chat_ms_p50, &Figures::chat_ms_p95, &Figures::chat_ms_p99,
      &Figures::chat_whole, &Figures::chat_missed, &Figures::chat_shouts_per_min};
  for (const auto figure : kFigures) {
    std::vector<double> values;
    for (const Run* run : runs) values.push_back(run->outcome.figures.*figure);
    figures.*figure = median(std::move(values));
  }
  // What must not happen at all is not averaged away.
  for (const Run* run : runs) {
    figures.bad_pieces_played = std::max(figures.bad_pieces_played, run->outcome.figures.bad_pieces_played);
    figures.bad_pieces_relayed = std::max(figures.bad_pieces_relayed, run->outcome.figures.bad_pieces_relayed);
    figures.polluters_met_twice = std::max(figures.polluters_met_twice, run->outcome.figures.polluters_met_twice);
    figures.honest_accused = std::max(figures.honest_accused, run->outcome.figures.honest_accused);
  }
  return figures;
}

}  // namespace p2p::app
