#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace p2p::app {

/// How wide text for a person may be: that of the terminal behind standard output, else of COLUMNS, else 80; between 60 and 120.
[[nodiscard]] std::size_t terminal_columns();

/// Breaks lines between words so that none has more than `columns` characters; all but the first begin with `indent` spaces. A longer word
/// keeps its line. Newlines of the text stay. Characters are code points: what is wrapped here is Latin.
[[nodiscard]] std::string wrap(std::string_view text, std::size_t columns, std::size_t indent = 0);

/// `text` in a column that begins at `column`, behind `head`, which has the first line alone if it is too long for that.
[[nodiscard]] std::string in_columns(std::string_view head, std::string_view text, std::size_t column, std::size_t columns);

}  // namespace p2p::app
