#pragma once

#include "media/track.hpp"

namespace p2p::media {

/// A video track whose parameter sets are made up, for tests that decode nothing.
inline VideoTrack test_video() {
  Bytes avcc;
  for (const unsigned value : {1, 0x42, 0xc0, 0x1e, 0xff, 0xe1, 0, 4, 0x67, 0x42, 0xc0, 0x1e, 1, 0, 2, 0x68, 0xce}) {
    avcc.push_back(static_cast<std::byte>(value));
  }
  return {.codec = "avc1.42c01e", .avcc = avcc, .width = 1280, .height = 720};
}

}  // namespace p2p::media
