#include "serve/load_settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "serve/settings_file.hpp"

namespace p2p::app {
namespace {

/// A value before it is read, and where it stood.
struct Given {
  std::vector<std::string> texts;
  std::string origin;
};
using GivenByName = std::map<std::string, Given, std::less<>>;

std::optional<std::string> variable(const SettingSources& sources, std::string_view name) {
  const char* value = sources.environment ? sources.environment(std::string{name}.c_str()) : nullptr;
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

/// Empty: there is none.
std::string file_to_read(const SettingSources& sources) {
  if (!sources.config_flag.empty()) return sources.config_flag;
  if (auto named = variable(sources, kSettingsFileVariable)) return *named;
  std::error_code ignored;
  return std::filesystem::exists(sources.default_file, ignored) ? sources.default_file : std::string{};
}

Result<void> take_file(const std::string& path, GivenByName& given, LoadedSettings& loaded) {
  const auto file = read_settings_file(path);
  if (!file) return std::unexpected{file.error()};
  loaded.file = path;
  bool secrets = false;
  for (const FileEntry& entry : file->entries) {
    const Setting* setting = find_setting(entry.key);
    if (setting == nullptr) {
      const Setting* near = nearest_setting(entry.key);
      return fail(fmt::format("There is no setting \"{}\" ({}, line {}).{}", entry.key, path, entry.line,
                              near != nullptr ? fmt::format(" Did you mean {}?", near->name) : " `p2p-stream serve --help` lists them."));
    }
    secrets |= setting->secret || (setting->name == "ice-servers" && std::ranges::any_of(entry.texts, [](const auto& text) { return text.contains("credential"); }));
    given[entry.key] = {entry.texts, fmt::format("{} in {}, line {}", entry.key, path, entry.line)};
  }
  if (secrets && file->seen_by_others) {
    loaded.warnings.push_back(fmt::format("{} holds a secret and may be read by every user of this machine. Do: chmod o= {}", path, path));
  }
  return {};
}

}  // namespace

Result<LoadedSettings> load_settings(const SettingSources& sources) {
  LoadedSettings loaded;
  GivenByName given;
  if (const std::string path = file_to_read(sources); !path.empty()) {
    if (auto taken = take_file(path, given, loaded); !taken) return std::unexpected{taken.error()};
  }
  for (const Setting& setting : settings()) {
    const std::string name{setting.name};
    if (auto value = variable(sources, setting.environment)) given[name] = {{std::move(*value)}, fmt::format("{} in the environment", setting.environment)};
    if (const auto flag = sources.flags.find(name); flag != sources.flags.end() && !flag->second.empty()) given[name] = {flag->second, "--" + name};
    if (setting.secret && sources.flags.contains(name)) {
      return fail(fmt::format("--{}: a command line is seen by everybody on this machine. Set {} in the environment, or {} in the settings file.", name, setting.environment, name));
    }
    const auto found = given.find(name);
    if (found == given.end() && setting.preset.empty()) continue;
    const auto read = setting.read(loaded.settings, found == given.end() ? std::vector<std::string>{std::string{setting.preset}} : found->second.texts);
    if (!read) return fail(fmt::format("{}: {}", found == given.end() ? name : found->second.origin, read.error().text));
    if (found != given.end()) loaded.origins[name] = found->second.origin;
  }
  if (const auto flag = sources.flags.find("ice-servers"); flag != sources.flags.end() && loaded.settings.turn.ice_servers.contains("credential")) {
    loaded.warnings.emplace_back("--ice-servers shows its credentials to every user of this machine. Set ICE_SERVERS, or ice-servers in the settings file.");
  }
  return loaded;
}

std::string log_format_of(const ServeSettings& settings) {
  if (!settings.log_format.empty()) return settings.log_format;
  return settings.production ? "json" : "text";
}

std::string state_directory_of(const ServeSettings& settings) {
  const auto set = [](const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string{} : std::string{value};
  };
  if (!settings.state_directory.empty()) return settings.state_directory;
  if (const std::string state = set("XDG_STATE_HOME"); !state.empty()) return state + "/p2p-stream";
  const std::string home = set("HOME");
  return home.empty() ? home : home + "/.local/state/p2p-stream";
}

}  // namespace p2p::app
