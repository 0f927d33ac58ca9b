#pragma once

#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "transcode/live_input.hpp"

namespace p2p::app {

/// "source,360p:600k": qualities with commas between, each a height or `source` (as the input has it), and a bit rate if it is not to be the
/// usual one of that height. At most eight; the error is a sentence for a person.
[[nodiscard]] Result<std::vector<transcode::Quality>> parse_qualities(std::string_view text);

}  // namespace p2p::app
