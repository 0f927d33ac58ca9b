#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace p2p::app {

/// How many characters must be added, taken away or changed (Levenshtein).
[[nodiscard]] std::size_t edits_between(std::string_view a, std::string_view b);

/// The one of the names that somebody probably meant: at most two edits away, in long ones a third; empty if there is none.
[[nodiscard]] std::string_view nearest_name(std::string_view written, std::span<const std::string> names);

}  // namespace p2p::app
