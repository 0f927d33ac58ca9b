#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "serve/load_settings.hpp"

namespace CLI {
class App;
}

namespace p2p::app {

enum class SettingsHelp : std::uint8_t { kShown, kHidden };

/// Gives a command an option for each setting that has a flag, --config, and a footer that says where else settings come from; hidden ones are taken
/// and not in its help. The function is
/// to be called once the command line is parsed, and gives what the flags and the process's environment say.
[[nodiscard]] std::function<SettingSources()> add_settings_options(CLI::App& command, SettingsHelp help = SettingsHelp::kShown);

}  // namespace p2p::app
