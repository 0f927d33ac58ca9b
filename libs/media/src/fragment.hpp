#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.hpp"

namespace p2p::media {

/// A frame as `trun` tells of it, in ticks.
struct RunSample {
  std::uint32_t duration = 0;
  std::uint32_t size = 0;
  std::int32_t composition_offset = 0;
  bool key = false;
};

/// The frames of one track in one fragment; `data` is theirs, one after the other.
struct Run {
  std::uint32_t track_id = 0;
  std::uint64_t decode_time = 0;
  std::vector<RunSample> samples;
  Bytes data;
};

/// One `moof` with a `traf` for each run, and the `mdat`.
[[nodiscard]] Bytes write_fragment(std::uint32_t sequence, const std::vector<Run>& runs);

}  // namespace p2p::media
