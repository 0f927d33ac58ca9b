#include "terminal/wrap.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

namespace p2p::app {
namespace {

constexpr std::size_t kColumnsMin = 60;
constexpr std::size_t kColumnsMax = 120;
constexpr std::size_t kColumnsUsual = 80;

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

/// `at` characters of the present line are taken.
std::string wrap_from(std::string_view text, std::size_t at, std::size_t columns, std::size_t indent) {
  std::string out;
  bool fresh = true;   // nothing of the text is on this line yet
  const auto next_line = [&] {
    out.append("\n").append(indent, ' ');
    at = indent;
    fresh = true;
  };
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(" \n"), text.size());
    const std::string_view word = text.substr(0, end);
    const std::size_t width = characters(word);
    if (!fresh && at + 1 + width > columns) next_line();
    if (!fresh) {
      out += ' ';
      ++at;
    }
    out.append(word);
    at += width;
    fresh = false;
    text.remove_prefix(end);
    if (text.starts_with('\n')) next_line();
    if (!text.empty()) text.remove_prefix(1);
  }
  return out;
}

}  // namespace

std::size_t terminal_columns() {
  winsize size{};
  std::size_t columns = kColumnsUsual;
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    columns = size.ws_col;
  } else if (const char* set = std::getenv("COLUMNS"); set != nullptr) {
    const std::string_view text{set};
    std::from_chars(text.data(), text.data() + text.size(), columns);
  }
  return std::clamp(columns, kColumnsMin, kColumnsMax);
}

std::string wrap(std::string_view text, std::size_t columns, std::size_t indent) { return wrap_from(text, 0, columns, indent); }

std::string in_columns(std::string_view head, std::string_view text, std::size_t column, std::size_t columns) {
  std::string out{head};
  const std::size_t width = characters(head);
  if (width + 1 > column) {
    out.append("\n").append(column, ' ');
  } else {
    out.append(column - width, ' ');
  }
  return out + wrap_from(text, column, columns, column) + "\n";
}

}  // namespace p2p::app
