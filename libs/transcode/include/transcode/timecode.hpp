#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace p2p::transcode {

/// A time that a machine can read out of a picture, to measure the delay from capture to screen without estimating.
///
/// Layout: a row of 64 equal blocks across the whole width at the bottom, as high as a 24th of the picture. White (luma 235) is 1, black
/// (16) is 0; from left to right: 8 bits of the mark 10110010; 48 bits of milliseconds since 1970, highest first; 8 bits of checksum, the
/// exclusive or of the six bytes of the time and 0x5a. At 1280x720 a block is 20 x 30 pixels, which survives compression and
/// scaling down to a quarter. A reader takes the mean of the middle half of each block and compares it with 128.

/// Draws into a luma plane of `height` rows, `stride` bytes apart. The width is at least 64, the height at least 24.
void draw_timecode(std::span<std::uint8_t> luma, std::size_t stride, int width, int height, std::int64_t unix_ms);

/// Nothing when mark or checksum do not fit.
[[nodiscard]] std::optional<std::int64_t> read_timecode(std::span<const std::uint8_t> luma, std::size_t stride, int width, int height);

}  // namespace p2p::transcode
