#include "simulate/simulate_command.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include "simulate/html_report.hpp"
#include "simulate/huge_pages.hpp"
#include "simulate/recording.hpp"
#include "simulate/report.hpp"
#include "simulate/study.hpp"
#include "simulate/world_file.hpp"
#include "simulator/random_world.hpp"
#include "simulator/scenario.hpp"
#include "simulator/world_fields.hpp"

namespace p2p::app {
namespace {

struct Arguments {
  std::string scenario;
  bool list = false;
  std::optional<std::uint64_t> seed;
  std::uint32_t seeds = 3;
  std::optional<std::uint32_t> peers;
  std::optional<std::uint32_t> seconds;
  std::string policy = "mesh";
  std::string world;
  std::string json;
  std::string html;
  std::optional<std::uint32_t> trace;
  std::string replay;
  bool check = false;
};

/// With many peers invariants are looked at now and then only: they cost more than the steps.
constexpr std::uint32_t kCheckedPeersMax = 100;
constexpr std::uint32_t kCheckSeldom = 256;
/// Fewer fit in the processor's caches, more or less.
constexpr std::uint32_t kSmallPagesPeersMax = 500;

simulator::Policy policy_of(const Arguments& arguments) {
  return arguments.policy == "baseline" ? simulator::Policy::kBaseline : simulator::Policy::kMesh;
}

bool write(const std::string& path, const std::string& text) {
  std::ofstream file{path};
  file << text;
  if (file.flush()) return true;
  fmt::print(stderr, "Cannot write {}. Check that its folder exists and may be written to.\n", path);
  return false;
}

Result<simulator::World> world_of(const simulator::World& scenario, const Arguments& arguments) {
  Result<simulator::World> world = scenario;
  if (!arguments.world.empty()) world = read_world_file(arguments.world, scenario);
  if (!world) return world;
  if (arguments.peers) world->viewers = *arguments.peers;
  if (arguments.seconds) world->length = std::chrono::seconds{*arguments.seconds};
  if (const std::string why = simulator::why_impossible(*world); !why.empty()) return fail(why);
  return world;
}

simulator::Simulation::Options options_for(const simulator::World& world, const Arguments& arguments, simulator::Policy policy) {
  const bool every = arguments.check || world.viewers <= kCheckedPeersMax;
  return {.policy = policy, .check_every = every ? 1 : kCheckSeldom, .trace = arguments.trace};
}

Result<Study> study_of(const simulator::Scenario& scenario, const Arguments& arguments, simulator::Policy policy) {
  Study study{.scenario = std::string{scenario.name}, .policy = policy, .targets = scenario.targets};
  const std::uint64_t first = arguments.seed.value_or(1);
  const std::uint64_t count = arguments.seed ? 1 : arguments.seeds;
  bool with_calm = false;
  for (const simulator::Target& target : scenario.targets) with_calm |= target.over_calm;
  for (const simulator::Scenario::Case& one : scenario.cases) {
    const auto world = world_of(one.world, arguments);
    if (!world) return std::unexpected{world.error()};
    for (std::uint64_t seed = first; seed < first + count; ++seed) {
      study.runs.push_back(simulate_once(*world, seed, options_for(*world, arguments, policy), with_calm));
      study.runs.back().name = arguments.peers ? "" : one.name;
    }
    if (arguments.peers) break;   // all cases would be the same
  }
  return study;
}

int list() {
  for (const simulator::Scenario& scenario : simulator::scenarios()) {
    fmt::print("{:<12}{}", scenario.name, scenario.shows);
    if (!scenario.not_yet.empty()) fmt::print(" (not yet: {})", scenario.not_yet);
    fmt::print("\n");
  }
  fmt::print("{:<12}each of these, and a table of targets\n{:<12}a small world drawn from the seed, with faults, after which everybody must recover\n", "all", "random");
  return 0;
}

int simulate_all(const Arguments& arguments) {
  std::error_code why;
  if (!arguments.json.empty() && !std::filesystem::create_directories(arguments.json, why) && why) {
    fmt::print(stderr, "Cannot make the folder {}: {}.\n", arguments.json, why.message());
    return 1;
  }
  fmt::print("{}", table_head());
  bool met = true;
  for (const simulator::Scenario& scenario : simulator::scenarios()) {
    if (!scenario.not_yet.empty()) {
      fmt::print("{:<12}not yet: {}\n", scenario.name, scenario.not_yet);
      continue;
    }
    const auto study = study_of(scenario, arguments, policy_of(arguments));
    if (!study) {
      fmt::print(stderr, "{}: {}\n", scenario.name, study.error().text);
      return 2;
    }
    fmt::print("{}", table_lines(*study));
    std::fflush(stdout);
    for (const Verdict& verdict : verdicts(*study)) met &= verdict.met;
    if (!arguments.json.empty() && !write(fmt::format("{}/sim-{}.json", arguments.json, scenario.name), to_json(*study) + "\n")) return 1;
  }
  fmt::print("{}\n", met ? "All targets are met." : "Some targets are not met.");
  return 0;
}

/// A world that the seed draws; it fails when somebody does not recover.
int simulate_random(const Arguments& arguments) {
  const std::uint64_t first = arguments.seed.value_or(1);
  const std::uint64_t count = arguments.seed ? 1 : arguments.seeds;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const simulator::World world = simulator::random_world(seed);
    simulator::Simulation::Options options{.policy = policy_of(arguments), .check_every = 1, .trace = arguments.trace};
    const Run run = simulate_once(world, seed, options, false);
    for (const std::string& line : run.outcome.trace) fmt::print("{}\n", line);
    const std::string why = simulator::why_not_recovered(run.outcome.figures);
    if (arguments.seed || !why.empty()) fmt::print("{}", simulator::describe(world));
    fmt::print("seed {}: {} viewers, {} faults, {} events, {}, digest {:016x}\n", seed, world.viewers, world.faults.size(), run.outcome.figures.events,
               why.empty() ? "everybody recovered" : why, run.outcome.figures.digest);
    if (!arguments.json.empty()) {
      Study study{.scenario = "random", .policy = options.policy};
      study.runs.push_back(run);
      if (!write(arguments.json, to_json(study) + "\n")) return 1;
    }
    if (why.empty()) continue;
    fmt::print("Again: p2p-stream simulate random --seed {}\n", seed);
    return 1;
  }
  return 0;
}

/// A run that the debug page saved; it fails when it ends otherwise here.
int replay_file(const std::string& path) {
  const auto recording = read_recording_file(path);
  if (!recording) {
    fmt::print(stderr, "{}\n", recording.error().text);
    return 2;
  }
  const auto digest = replay(*recording);
  if (!digest) {
    fmt::print(stderr, "{} cannot be run again here: {}\n", path, digest.error().text);
    return 1;
  }
  const bool same = *digest == recording->digest;
  fmt::print("seed {}, {} changes, {:.3f} s: digest {:016x}, {}\n", recording->seed, recording->changes.size(),
             static_cast<double>(recording->end.time_since_epoch() / 1ms) / 1000, *digest,
             same ? "as in the trace" : fmt::format("but {:016x} in the trace", recording->digest));
  return same ? 0 : 1;
}

int simulate(const Arguments& arguments) {
  if (arguments.list) return list();
  if (!arguments.replay.empty()) return replay_file(arguments.replay);
  if (arguments.scenario == "all") {
    use_huge_pages();
    return simulate_all(arguments);
  }
  if (arguments.scenario == "random") return simulate_random(arguments);
  const simulator::Scenario* scenario = simulator::find_scenario(arguments.scenario);
  if (!scenario) {
    fmt::print(stderr, "There is no scenario \"{}\". See `p2p-stream simulate --list`.\n", arguments.scenario);
    return 2;
  }
  if (!scenario->not_yet.empty() && arguments.world.empty()) {
    fmt::print(stderr, "{} cannot be simulated yet: {}.\n", scenario->name, scenario->not_yet);
    return 2;
  }
  if (arguments.peers.value_or(scenario->cases.front().world.viewers) > kSmallPagesPeersMax) use_huge_pages();
  const auto study = study_of(*scenario, arguments, policy_of(arguments));
  if (!study) {
    fmt::print(stderr, "{}\n", study.error().text);
    return 2;
  }
  for (const std::string& line : study->runs.front().outcome.trace) fmt::print("{}\n", line);
  if (arguments.trace && study->runs.front().outcome.trace.empty()) fmt::print(stderr, "There is no viewer {}: nothing to tell.\n", *arguments.trace);
  fmt::print("{}", to_text(*study));
  if (!arguments.json.empty() && !write(arguments.json, to_json(*study) + "\n")) return 1;
  if (arguments.html.empty()) return 0;
  // The page shows the same world under the other policy beside it.
  const simulator::Policy other = study->policy == simulator::Policy::kMesh ? simulator::Policy::kBaseline : simulator::Policy::kMesh;
  Arguments once = arguments;
  once.seed = arguments.seed.value_or(1);
  once.trace.reset();
  const auto beside = study_of(*scenario, once, other);
  return beside && write(arguments.html, to_html(*study, *beside)) ? 0 : 1;
}

}  // namespace

void add_simulate_command(CLI::App& app, int& exit_code) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("simulate", "Run the mesh engine in virtual time over a modelled network");
  command->add_option("SCENARIO", arguments->scenario, "Which world to run: a name of --list, `all` for a table of targets, or `random`")->default_str("small");
  command->add_flag("--list", arguments->list, "Name the scenarios and what each shows");
  command->add_option("--seed", arguments->seed, "Run this seed only; the same seed gives the same run");
  command->add_option("--seeds", arguments->seeds, "Without --seed: run the seeds 1 to this; figures are medians")->default_val(3)->check(CLI::Range(1, 10'000));
  command->add_option("--peers", arguments->peers, "Viewers, instead of the scenario's own number")->check(CLI::Range(1, 100'000));
  command->add_option("--seconds", arguments->seconds, "Length of the run in virtual time")->check(CLI::Range(5, 86'400));
  command->add_option("--policy", arguments->policy, "mesh: the engine; baseline: whole segments pulled from peers that have them")
      ->default_val("mesh")
      ->check(CLI::IsMember({"mesh", "baseline"}));
  command->add_option("--world", arguments->world, "JSON file that changes numbers of the world, by the names at the head of a report");
  command->add_option("--json", arguments->json, "Also write the figures to this file (a folder for `all`)");
  command->add_option("--html", arguments->html, "Also write a page with plots, the other policy beside it");
  command->add_option("--trace", arguments->trace, "Tell this viewer's story first (0: the source's)");
  command->add_option("--replay", arguments->replay, "Run a trace of the debug page again (Save trace) and compare its end");
  command->add_flag("--check", arguments->check, "Check every engine's invariants after each step, also with many peers");
  command->callback([arguments, &exit_code] {
    if (arguments->scenario.empty()) arguments->scenario = "small";
    exit_code = simulate(*arguments);
  });
}

}  // namespace p2p::app
