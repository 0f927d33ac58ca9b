#include "media/cmaf_filler.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "audio_silence.hpp"
#include "fragment.hpp"

namespace p2p::media {

Bytes make_filler_part(const InitSegment& init, const FillerSpan& span) {
  const Duration start = std::max(span.start, Duration::zero());
  const Duration end = start + std::clamp(span.duration, Duration::zero(), kFillerMax);
  std::vector<Run> runs;
  for (const TrackInfo& track : init.tracks) {
    Run run{.track_id = track.id,
            .decode_time = static_cast<std::uint64_t>(to_ticks(start, track.timescale)),
            .samples = {},
            .data = {}};
    if (track.kind == TrackKind::kAudio) {
      const auto silence = silence_of(track.codec == "opus" ? AudioCodec::kOpus : AudioCodec::kAac, track.channels);
      const std::int64_t ticks = std::max<std::int64_t>(silence.ticks * track.timescale / track.sample_rate, 1);
      const std::int64_t last = to_ticks(end, track.timescale);
      const std::int64_t earliest = std::max<std::int64_t>(0, last - to_ticks(kFillerMax, track.timescale));
      std::int64_t at = std::max(span.audio_from.value_or(to_ticks(start, track.timescale)), earliest);
      run.decode_time = static_cast<std::uint64_t>(at);
      for (; at < last; at += ticks) {
        run.samples.push_back({.duration = static_cast<std::uint32_t>(ticks),
                               .size = static_cast<std::uint32_t>(silence.data.size()),
                               .composition_offset = 0,
                               .key = true});
        append(run.data, silence.data);
      }
    }
    runs.push_back(std::move(run));
  }
  return write_fragment(span.sequence, runs);
}

}  // namespace p2p::media
