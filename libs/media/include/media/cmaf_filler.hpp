#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "media/fmp4_reader.hpp"

namespace p2p::media {

/// Longest span that one filler covers.
inline constexpr Duration kFillerMax = 2s;

struct FillerSpan {
  std::uint32_t sequence = 0;
  Duration start{};     ///< of the lost part
  Duration duration{};  ///< of the lost part; above kFillerMax it is cut
  /// Where the audio of the part before ended, in ticks (its last frame's dts and duration from read_part). Without it the silence
  /// begins at `start` and may overlap a neighbor by part of a frame.
  std::optional<std::int64_t> audio_from;
};

/// A part to give the player in place of one that never came: silence for the audio track (a player then neither stalls nor
/// tries again) and no frame for the video, whose picture stands until the next key frame.
[[nodiscard]] Bytes make_filler_part(const InitSegment& init, const FillerSpan& span);

}  // namespace p2p::media
