#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "simulator/scenario.hpp"
#include "simulator/simulation.hpp"

namespace p2p::app {

/// One world with one seed.
struct Run {
  std::string name;                              ///< of the case, if the scenario has several
  simulator::World world;
  std::uint64_t seed = 0;
  simulator::Outcome outcome;
  std::optional<simulator::Figures> calm;        ///< of the same world without vices and faults, when a target asks
  double wall_s = 0;
  double memory_mb = 0;                          ///< the most that the process had so far
};

/// A scenario's runs, and what came of its targets.
struct Study {
  std::string scenario;
  simulator::Policy policy = simulator::Policy::kMesh;
  std::vector<Run> runs;                         ///< case by case, seed by seed
  std::vector<simulator::Target> targets;
};

struct Verdict {
  const simulator::Target* target = nullptr;
  double median = 0;                             ///< of the seeds; of several cases the worst
  double worst = 0;
  bool met = false;                              ///< by the median
};

[[nodiscard]] Run simulate_once(simulator::World world, std::uint64_t seed, simulator::Simulation::Options options, bool with_calm);
[[nodiscard]] std::vector<Verdict> verdicts(const Study& study);

/// Each figure's median over the runs of one case (the last, when the scenario has several).
[[nodiscard]] simulator::Figures medians(const Study& study);
/// The runs of that case.
[[nodiscard]] std::vector<const Run*> shown_runs(const Study& study);

}  // namespace p2p::app
