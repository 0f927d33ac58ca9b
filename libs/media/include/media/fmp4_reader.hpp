#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/time.hpp"
#include "media/track.hpp"

namespace p2p::media {

// Reads init segments and parts that come from a remote source, before a decoder sees them: every box lies within its parent,
// every sample within the data, and the counts are bounded. It reads what CmafWriter writes and the same shape from
// others: at most two tracks, `default-base-is-moof`, 32-bit box sizes. Out of scope: edit lists, encryption, progressive MP4.

inline constexpr std::size_t kInitSegmentSizeMax = 64u << 10;
inline constexpr std::size_t kPartSizeMax = 64u << 20;
inline constexpr std::size_t kSamplesMax = 16'384;   ///< in one call of read_part
inline constexpr std::size_t kFragmentsMax = 256;    ///< `moof` boxes in one call: a whole segment may be read at once

struct TrackInfo {
  TrackKind kind = TrackKind::kVideo;
  std::uint32_t id = 0;
  std::uint32_t timescale = 0;
  std::string codec;  ///< "avc1.64001f", "opus", "mp4a.40.2"
  std::uint16_t width = 0;
  std::uint16_t height = 0;
  std::uint32_t sample_rate = 0;
  std::uint16_t channels = 0;
  Bytes config;  ///< avcC, the body of dOps, or AudioSpecificConfig
  std::uint32_t default_duration = 0;
  std::uint32_t default_size = 0;
  std::uint32_t default_flags = 0;
};

struct InitSegment {
  std::vector<TrackInfo> tracks;
  [[nodiscard]] const TrackInfo* find(TrackKind kind) const;
  /// "avc1.64001f,opus", for CODECS and isTypeSupported.
  [[nodiscard]] std::string codecs() const;
};

/// Where a frame lies in the part, and when it is due, in ticks of its track.
struct SampleEntry {
  std::size_t offset = 0;
  std::uint32_t size = 0;
  std::int64_t dts = 0;
  std::int32_t composition_offset = 0;
  std::uint32_t duration = 0;
  bool key = false;
};

struct TrackSamples {
  TrackKind kind = TrackKind::kVideo;
  std::uint32_t timescale = 0;
  std::vector<SampleEntry> samples;  ///< may be empty
};

[[nodiscard]] Result<InitSegment> read_init_segment(BytesView bytes);

/// The frames of a part, or of a segment (parts one after the other); one entry for each track of `init`.
[[nodiscard]] Result<std::vector<TrackSamples>> read_part(BytesView bytes, const InitSegment& init);

}  // namespace p2p::media
