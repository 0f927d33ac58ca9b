#pragma once

#include <cstddef>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "media/track.hpp"

namespace p2p::transcode {

struct ThumbnailLimits {
  int width_max = 320;
  std::size_t bytes_max = 24 * 1024;
};

/// A JPEG (ITU-T T.81, baseline) of a key frame of the track: its sample's data, with length-prefixed NAL units. It takes some ten milliseconds.
[[nodiscard]] Result<Bytes> make_thumbnail(const media::VideoTrack& track, BytesView key_frame, ThumbnailLimits limits = {});

}  // namespace p2p::transcode
