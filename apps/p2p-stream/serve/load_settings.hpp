#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "serve/setting.hpp"

namespace p2p::app {

inline constexpr std::string_view kDefaultSettingsFile = "/etc/p2p-stream/p2p-stream.toml";
inline constexpr std::string_view kSettingsFileVariable = "P2P_STREAM_CONFIG";

/// Where settings come from. A flag beats the environment, the environment the file, the file the default; an empty variable is none.
struct SettingSources {
  std::map<std::string, std::vector<std::string>, std::less<>> flags;   ///< by the setting's name
  std::string config_flag;                                             ///< of --config; empty: not given
  std::function<const char*(const char*)> environment;                 ///< as std::getenv
  std::string default_file{kDefaultSettingsFile};                      ///< read if it is there and no other was named
};

struct LoadedSettings {
  ServeSettings settings;
  std::string file;                                    ///< that was read; empty: none
  std::map<std::string, std::string, std::less<>> origins;   ///< of what is no default: "--port", "PORT in the environment", "port in FILE, line 3"
  std::vector<std::string> warnings;                   ///< sentences for the log
};

/// The error is a sentence that names the setting and where its value stood.
[[nodiscard]] Result<LoadedSettings> load_settings(const SettingSources& sources);

/// "text" or "json".
[[nodiscard]] std::string log_format_of(const ServeSettings& settings);

/// Where programs keep what they made themselves: the setting, or the user's own (XDG Base Directory Specification). Empty when he has no home.
[[nodiscard]] std::string state_directory_of(const ServeSettings& settings);

}  // namespace p2p::app
