#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "serve/serve_settings.hpp"

namespace p2p::app {

/// One setting of `p2p-stream serve`: its names, its default, what it means and how its text is read. The command line's options, `--help`,
/// the keys of the file and docs/configuration.md are all made from the table of these (settings_table.cpp).
struct Setting {
  using Texts = std::vector<std::string>;
  /// The error says what is wrong with the value and how one looks; who calls puts in front which setting it is and where it stood.
  using Read = Result<void> (*)(ServeSettings& into, const Texts& texts);

  std::string_view group;
  std::string_view name;           ///< the key in the file and, behind two dashes, the flag
  std::string_view environment;
  std::string_view value;          ///< what one writes there: PORT, FILE, on|off
  std::string_view preset;         ///< the default as one would write it; empty: none
  std::string_view preset_says;    ///< instead of it, where the default depends on something
  std::string_view help;           ///< with the unit
  bool list = false;               ///< several values, with commas between or one by one
  bool secret = false;             ///< has no flag: a command line is seen by everybody on the machine
  Read read = nullptr;
};

/// In the order in which they are shown; those of a group stand together.
[[nodiscard]] std::span<const Setting> settings();

/// By its name; nothing if there is none.
[[nodiscard]] const Setting* find_setting(std::string_view name);

/// The setting that somebody may have meant who wrote this, its name in the environment included; nothing if none is near.
[[nodiscard]] const Setting* nearest_setting(std::string_view written);

}  // namespace p2p::app
