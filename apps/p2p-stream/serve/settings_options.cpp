#include "serve/settings_options.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "terminal/wrap.hpp"

namespace p2p::app {
namespace {

constexpr int kGivenMax = 1'000;   // of one flag, before CLI11 refuses in its words

std::string description(const Setting& setting) {
  const std::string_view preset = setting.preset.empty() ? setting.preset_says : setting.preset;
  return fmt::format("{} [{}{}]", setting.help, preset.empty() ? "" : fmt::format("{}; ", preset), setting.environment);
}

std::string footer() {
  std::string secrets;
  for (const Setting& setting : settings()) {
    if (setting.secret) secrets += in_columns(fmt::format("  {}", setting.environment), setting.help, 22, terminal_columns());
  }
  return fmt::format(
      "In brackets: the default, and the name in the environment. In a file (--config, else {} if it is there) the names are those of the flags, without dashes in front: "
      "port = 3001. A flag beats the environment, the environment the file.\n\nSecrets come by the environment or the file alone, as everybody on a machine sees "
      "its command lines:\n{}\nAll settings: docs/configuration.md. Whether they fit this machine: p2p-stream doctor.",
      kDefaultSettingsFile, secrets);
}

}  // namespace

std::function<SettingSources()> add_settings_options(CLI::App& command, SettingsHelp help) {
  // Not CLI11's own reading of files and environment: it lets the file win over the environment, and does not say where a value stood (ADR 26).
  const auto config = std::make_shared<std::string>();
  command.add_option("--config", *config, fmt::format("File of settings (TOML) [{} if it is there; {}]", kDefaultSettingsFile, kSettingsFileVariable))->type_name("FILE");
  std::vector<CLI::Option*> options;
  for (const Setting& setting : settings()) {
    CLI::Option* option = command.add_option("--" + std::string{setting.name})->group(std::string{setting.group})->type_name(std::string{setting.value});
    option->description(description(setting));
    // How many there may be, load_settings says in its words.
    option->expected(1, setting.list ? CLI::detail::expected_max_vector_size : kGivenMax)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)->allow_extra_args(setting.list);
    if (setting.secret || help == SettingsHelp::kHidden) option->group("");   // secrets are there to be refused with a sentence
    options.push_back(option);
  }
  command.footer(footer());
  return [config, options] {
    SettingSources sources{.config_flag = *config, .environment = [](const char* name) -> const char* { return std::getenv(name); }};
    for (const CLI::Option* option : options) {
      if (option->count() > 0) sources.flags[option->get_lnames().front()] = option->results();
    }
    return sources;
  };
}

}  // namespace p2p::app
