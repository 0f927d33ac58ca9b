#include "serve/settings_file.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>

namespace p2p::app {
namespace {

constexpr std::size_t kFileBytesMax = 1 << 20;

/// A plain value as one writes it on a command line; nothing for tables, dates and lists.
std::optional<std::string> text_of(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return fmt::format("{}", number->get());
  if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
  if (const auto* truth = node.as_boolean()) return truth->get() ? "true" : "false";
  return std::nullopt;
}

Result<std::string> contents(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  if (!file) return fail(fmt::format("The settings file \"{}\" cannot be read: {}. Let this program's user read it, or name another with --config.", path, std::strerror(errno)));
  if (text.size() > kFileBytesMax) return fail(fmt::format("\"{}\" is too long for a settings file.", path));
  return text;
}

}  // namespace

Result<SettingsFile> read_settings_file(const std::string& path) {
  struct stat status{};
  if (stat(path.c_str(), &status) != 0) {
    return fail(fmt::format("There is no settings file \"{}\" ({}). Check the path that --config names.", path, std::strerror(errno)));
  }
  if (S_ISDIR(status.st_mode)) return fail(fmt::format("\"{}\" is a folder. Give --config a file in it.", path));
  const auto text = contents(path);
  if (!text) return std::unexpected{text.error()};
  SettingsFile file{.entries = {}, .seen_by_others = (status.st_mode & S_IROTH) != 0};
  try {
    const toml::table table = toml::parse(*text, path);
    for (const auto& [key, node] : table) {
      FileEntry entry{.key = std::string{key.str()}, .texts = {}, .line = key.source().begin.line};
      const auto refused = [&] {
        return fail(fmt::format("\"{}\" in {}, line {}, is no plain value. Give a text in quotes, a number, true or false, or a list of these; settings stand in no [sections].",
                                entry.key, path, entry.line));
      };
      if (const auto* list = node.as_array()) {
        for (const auto& item : *list) {
          auto plain = text_of(item);
          if (!plain) return refused();
          entry.texts.push_back(std::move(*plain));
        }
      } else {
        auto plain = text_of(node);
        if (!plain) return refused();
        entry.texts.push_back(std::move(*plain));
      }
      file.entries.push_back(std::move(entry));
    }
  } catch (const toml::parse_error& error) {
    return fail(fmt::format("{}, line {}, is no TOML: {}. A setting looks like  port = 3001  or  host = \"::\".", path, error.source().begin.line, error.description()));
  }
  std::ranges::sort(file.entries, {}, &FileEntry::line);
  return file;
}

}  // namespace p2p::app
