#include "simulate/simulate_command.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <optional>
#include <string>

#include "simulate/report.hpp"
#include "simulator/scenario.hpp"
#include "simulator/simulation.hpp"

namespace p2p::app {
namespace {

struct Arguments {
  std::string scenario;
  bool list = false;
  std::uint64_t seed = 1;
  std::optional<std::uint32_t> peers;
  std::optional<std::uint32_t> seconds;
  std::string json;
};

double peak_memory_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

int simulate(const Arguments& arguments) {
  if (arguments.list) {
    for (const simulator::Scenario& scenario : simulator::scenarios()) fmt::print("{:<12}{}\n", scenario.name, scenario.shows);
    return 0;
  }
  const simulator::Scenario* scenario = simulator::find_scenario(arguments.scenario);
  if (!scenario) {
    fmt::print(stderr, "There is no scenario \"{}\". See `p2p-stream simulate --list`.\n", arguments.scenario);
    return 2;
  }
  simulator::World world = scenario->world;
  if (arguments.peers) world.viewers = *arguments.peers;
  if (arguments.seconds) world.length = std::chrono::seconds{*arguments.seconds};
  const auto began = std::chrono::steady_clock::now();
  SimulationReport report{.scenario = std::string{scenario->name}, .seed = arguments.seed, .peers = world.viewers};
  report.figures = simulator::Simulation{world, arguments.seed}.run();
  report.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  report.memory_mb = peak_memory_mb();
  fmt::print("{}", to_text(report, world));
  if (arguments.json.empty()) return 0;
  std::ofstream file{arguments.json};
  file << to_json(report) << '\n';
  if (!file.flush()) {
    fmt::print(stderr, "Cannot write {}. Check that its folder exists and may be written to.\n", arguments.json);
    return 1;
  }
  return 0;
}

}  // namespace

void add_simulate_command(CLI::App& app, int& exit_code) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("simulate", "Run the mesh engine in virtual time over a modelled network");
  command->add_option("SCENARIO", arguments->scenario, "Which world to run")->default_str("small");
  command->add_flag("--list", arguments->list, "Name the scenarios and what each shows");
  command->add_option("--seed", arguments->seed, "Of all random choices: the same seed gives the same run")->default_val(1);
  command->add_option("--peers", arguments->peers, "Viewers, instead of the scenario's own number")->check(CLI::Range(1, 100'000));
  command->add_option("--seconds", arguments->seconds, "Length of the run in virtual time")->check(CLI::Range(10, 86'400));
  command->add_option("--json", arguments->json, "Also write the figures to this file");
  command->callback([arguments, &exit_code] {
    if (arguments->scenario.empty()) arguments->scenario = "small";
    exit_code = simulate(*arguments);
  });
}

}  // namespace p2p::app
