#pragma once

#include "media/track.hpp"

namespace p2p::media {

/// One encoded frame of silence and how long it lasts.
struct SilenceFrame {
  BytesView data;
  std::int64_t ticks = 0;
};

[[nodiscard]] SilenceFrame silence_of(AudioCodec format, std::uint16_t channels);

}  // namespace p2p::media
