#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace p2p::app {

/// A key of a settings file with its values as text.
struct FileEntry {
  std::string key;
  std::vector<std::string> texts;
  std::size_t line = 0;   ///< from 1
};

struct SettingsFile {
  std::vector<FileEntry> entries;
  bool seen_by_others = false;   ///< users other than its owner and its group may read it
};

/// TOML 1.0: keys with a text, a number, true or false, or a list of these. The error is a sentence with the file and, where there is one, the line.
///
/// Out of scope: which keys there are and what they mean (load_settings.hpp).
[[nodiscard]] Result<SettingsFile> read_settings_file(const std::string& path);

}  // namespace p2p::app
