#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace p2p::app {

/// The title of a stream as docs/signaling.md bounds it: 1 to 120 characters of UTF-8, none of them a control character.
[[nodiscard]] Result<std::string> parse_title(std::string_view text);

/// A title made of the last part of a path or URL, whatever bytes are in it.
[[nodiscard]] std::string title_of_input(std::string_view input);

}  // namespace p2p::app
