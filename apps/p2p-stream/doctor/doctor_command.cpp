#include "doctor/doctor_command.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "doctor/check_list.hpp"
#include "doctor/report.hpp"
#include "peer/say.hpp"
#include "serve/settings_options.hpp"
#include "terminal/wrap.hpp"

namespace p2p::app {
namespace {

struct CommandOptions {
  std::string url;
  bool json = false;
  std::vector<std::string> only;
  DoctorOptions doctor;
};

/// Runs what is wanted of them; shows each finding as it comes, or all at the end.
int examine(const std::vector<Check>& checks, const CommandOptions& options) {
  std::vector<Reported> reported;
  for (const std::string& wanted : options.only) {
    if (std::ranges::find(checks, wanted, &Check::name) != checks.end()) continue;
    std::string names;
    for (const Check& check : checks) names.append(names.empty() ? "" : ", ").append(check.name);
    say(stderr, "There is no check \"{}\" here. --only takes: {}.\n", wanted, names);
    return 1;
  }
  for (const Check& check : checks) {
    if (!options.only.empty() && std::ranges::find(options.only, check.name) == options.only.end()) continue;
    std::vector<Finding> findings = check.run();
    const bool pointless = check.first_of_all && findings.size() == 1 && findings.front().verdict == Verdict::kFailed;
    for (Finding& finding : findings) {
      reported.push_back({check.name, std::move(finding)});
      if (!options.json) say(stdout, "{}", shown(reported.back(), terminal_columns()));
    }
    if (pointless) break;
  }
  say(stdout, "{}", options.json ? to_json(reported) : summary(reported));
  return any_failed(reported) ? 1 : 0;
}

int doctor(const SettingSources& sources, const CommandOptions& options) {
  if (!options.url.empty() && !sources.flags.empty()) {
    say(stderr, "--url looks at a server that runs, whose settings are its own: leave --{} out.\n", sources.flags.begin()->first);
    return 1;
  }
  if (!options.url.empty()) {
    const auto server = net::parse_server_address(options.url);
    if (!server) {
      say(stderr, "{}\n", server.error().text);
      return 1;
    }
    return examine(checks_of(*server, options.doctor), options);
  }
  const auto loaded = load_settings(sources);
  if (!loaded) {
    const auto refused = [&] { return std::vector<Finding>{failed(loaded.error().text, "Correct it; the server would not start.")}; };
    return examine({{"settings", refused}}, options);
  }
  if (loaded->file.empty() && !options.json) say(stdout, "No settings file; defaults, environment and flags.\n");
  if (!loaded->file.empty() && !options.json) say(stdout, "Settings from {}.\n", loaded->file);
  return examine(checks_of(*loaded, options.doctor), options);
}

std::string footer() {
  std::string checks;
  for (const auto& [name, what] : check_names()) checks += in_columns(fmt::format("  {}", name), what, 22, terminal_columns());
  return fmt::format(
      "It takes all settings of `p2p-stream serve` as well (--config, --port, ...; see `p2p-stream serve --help`), from the same places.\n\nChecks:\n{}\n"
      "Each finding is ok, a warning, or FAILED, with what to do. Exit code 1 if anything failed, else 0. Nobody is asked over the network but servers that you name.",
      checks);
}

}  // namespace

void add_doctor_command(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<CommandOptions>();
  CLI::App* command = app.add_subcommand("doctor", "Check what a server needs here, or a server that runs, and say what to do");
  command->add_option("--url", options->url, "A server that runs, such as https://live.example: looked at from outside, through its proxy")->type_name("URL");
  command->add_option("--only", options->only, "These checks alone, with commas between")->delimiter(',')->type_name("CHECK");
  command->add_option("--name", options->doctor.names, "Name under which clients will come, which the certificate must have")->type_name("HOST");
  command->add_option("--time-from", options->doctor.time_from, "Server of yours to compare the clock with, by its Date field")->type_name("URL");
  command->add_option("--tls-ca", options->doctor.tls.ca_file, "PEM file of an authority to trust besides the system's, or of the server's certificate")->type_name("FILE");
  command->add_option("--tls-fingerprint", options->doctor.tls.fingerprint, "SHA-256 of the one certificate to trust")->type_name("HEX");
  command->add_flag("--json", options->json, "The findings as JSON");
  const auto sources = add_settings_options(*command, SettingsHelp::kHidden);
  command->footer(footer());
  command->callback([sources, options, &exit_code] { exit_code = doctor(sources(), *options); });
}

}  // namespace p2p::app
