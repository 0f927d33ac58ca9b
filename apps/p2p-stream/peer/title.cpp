#include "peer/title.hpp"

#include <algorithm>

#include "base/utf8.hpp"

namespace p2p::app {
namespace {

constexpr std::ptrdiff_t kCharactersMax = 120;

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }
bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }
std::ptrdiff_t characters_of(std::string_view text) { return std::ranges::count_if(text, begins_character); }

}  // namespace

Result<std::string> parse_title(std::string_view text) {
  if (!is_utf8(text)) return fail("The title is not UTF-8 text. Write it with --title in a terminal that uses UTF-8.");
  if (std::ranges::any_of(text, is_control)) return fail("The title has control characters, such as a line break. Leave them out.");
  const auto characters = characters_of(text);
  if (characters < 1 || characters > kCharactersMax) {
    return fail("The title has " + std::to_string(characters) + " characters. Give it 1 to " + std::to_string(kCharactersMax) + ".");
  }
  return std::string{text};
}

std::string title_of_input(std::string_view input) {
  std::string name{input.substr(input.find_last_of('/') + 1)};
  const bool text = is_utf8(name);
  std::ranges::replace_if(name, [&](char c) { return is_control(c) || (!text && static_cast<unsigned char>(c) >= 0x80); }, '?');
  while (characters_of(name) > kCharactersMax) {
    while (!begins_character(name.back())) name.pop_back();
    name.pop_back();
  }
  return name.empty() || name == "-" ? "Live" : name;
}

}  // namespace p2p::app
