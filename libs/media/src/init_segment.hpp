#pragma once

#include <optional>

#include "media/track.hpp"

namespace p2p::media {

inline constexpr std::uint32_t kVideoTrackId = 1;
inline constexpr std::uint32_t kAudioTrackId = 2;

/// `ftyp` and `moov` for the tracks that are there.
[[nodiscard]] Bytes write_init_segment(const std::optional<VideoTrack>& video, const std::optional<AudioTrack>& audio);

}  // namespace p2p::media
