#pragma once

#include <memory>

#include "base/error.hpp"
#include "transcode/live_input.hpp"

namespace p2p::transcode {

/// Bars, grey steps, a sweep, a scrolling texture, the time of day and the frame's number in figures, the timecode, and a tone that beeps
/// each second.
[[nodiscard]] Result<std::unique_ptr<LiveInput>> open_test_pattern(const InputOptions& options);

}  // namespace p2p::transcode
