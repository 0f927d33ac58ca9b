#include "media/cmaf_writer.hpp"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <limits>
#include <utility>

#include "audio_silence.hpp"
#include "base/check.hpp"
#include "fragment.hpp"
#include "init_segment.hpp"

namespace p2p::media {
namespace {

// A frame that claims to last longer is not believed; the next one's decode time corrects it anyway.
constexpr Duration kFrameDurationMax = 2s;

// A pause of video up to this is bridged by an earlier decode time; beyond it is a new beginning that players treat as one.
constexpr Duration kBridgedPauseMax = 60s;

// Declared durations are rounded: decode times that are off by up to 1 ms are written as they are.
constexpr std::int64_t kRoundingTicks = kVideoTimescale / 1000;

// Silence written at once. A longer hole is left: who comes back after that has stalled already.
constexpr Duration kSilenceMax = 10s;

// A segment may be a frame short of its target: key frames come on the encoder's grid, not on ours.
constexpr Duration kSegmentTolerance = 100ms;

// The index of a part has 16 bits; only timestamps that stand still come near.
constexpr std::uint32_t kPartsMax = 10'000;

std::uint32_t positive(std::int64_t ticks) {
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(ticks, 1, std::numeric_limits<std::int32_t>::max()));
}

}  // namespace

CmafWriter::CmafWriter(Options options) : options_{std::move(options)}, segment_{options_.first_segment} {
  CHECK(options_.video || options_.audio, "a rendition has at least one track");
  CHECK(options_.part_target > 0s && options_.segment_target >= options_.part_target &&
            options_.segment_max >= options_.segment_target && options_.wait_max >= 0s,
        "targets of parts and segments that contradict each other");
  init_ = write_init_segment(options_.video, options_.audio);
}

std::vector<CmafPart> CmafWriter::push(const Sample& sample) {
  if (sample.kind == TrackKind::kVideo) {
    if (options_.video) accept_video(sample);
  } else if (options_.audio) {
    accept_audio(sample);
  }
  std::vector<CmafPart> parts = drain(false);
  if (video_.size() + audio_.size() > kPendingSamplesMax || pending_bytes_ > kPendingBytesMax) {
    ++counters_.forced_parts;
    std::vector<CmafPart> forced = drain(true);
    std::move(forced.begin(), forced.end(), std::back_inserter(parts));
  }
  return parts;
}

std::vector<CmafPart> CmafWriter::flush() { return drain(true); }

void CmafWriter::accept_video(const Sample& sample) {
  if (sample.dts < 0s || sample.data.empty() || (!started_ && !sample.key)) {
    ++counters_.dropped_video;
    return;
  }
  if (!started_) {
    started_ = true;
    segment_start_ = part_start_ = sample.dts;
    while (!audio_.empty() && audio_.front().end() <= sample.dts) {
      pending_bytes_ -= audio_.front().data.size();
      audio_.pop_front();
    }
  }
  std::int64_t ticks = to_ticks(sample.dts, kVideoTimescale);
  Duration dts = sample.dts;
  if (last_video_ticks_ && ticks <= *last_video_ticks_) {
    ticks = *last_video_ticks_ + 1;
    dts = from_ticks(ticks, kVideoTimescale);
  }
  last_video_ticks_ = ticks;
  video_away_ = false;
  video_.push_back({.dts_ticks = ticks,
                    .dts = dts,
                    .pts = sample.pts,
                    .duration = std::clamp<Duration>(sample.duration, 1ms, kFrameDurationMax),
                    .key = sample.key,
                    .captured = sample.captured,
                    .data = Bytes{sample.data.begin(), sample.data.end()}});
  pending_bytes_ += sample.data.size();
}

void CmafWriter::accept_audio(const Sample& sample) {
  if (sample.dts < 0s || sample.data.empty()) return;
  // Before the first key frame only what may still play with it is kept: the newest second.
  if (!started_ && options_.video) {
    while (!audio_.empty() && audio_.front().dts + 1s < sample.dts) {
      pending_bytes_ -= audio_.front().data.size();
      audio_.pop_front();
    }
  }
  if (!started_ && !options_.video) {
    started_ = true;
    segment_start_ = part_start_ = sample.dts;
  }
  const std::uint32_t rate = options_.audio->sample_rate;
  const std::int64_t ticks = to_ticks(sample.dts, rate);
  const Duration duration = std::clamp<Duration>(sample.duration, 1ms, kFrameDurationMax);
  audio_away_ = false;
  const bool in_order = audio_.empty() || ticks > audio_.back().dts_ticks;
  const bool in_time = !audio_written_end_ || ticks + to_ticks(duration, rate) / 2 >= *audio_written_end_;
  if (!in_order || !in_time) {
    ++counters_.dropped_late_audio;
    return;
  }
  audio_end_ = sample.dts + duration;
  audio_.push_back({.dts_ticks = ticks,
                    .dts = sample.dts,
                    .pts = sample.dts,
                    .duration = duration,
                    .key = true,
                    .captured = sample.captured,
                    .data = Bytes{sample.data.begin(), sample.data.end()}});
  pending_bytes_ += sample.data.size();
}

std::vector<CmafPart> CmafWriter::drain(bool final) {
  std::vector<CmafPart> parts;
  if (!started_) return parts;
  while (true) {
    begin_part();
    const std::optional<Cut> cut = next_cut();
    if (!cut) break;
    if (!final && !audio_is_there(cut->end)) break;
    close_part(*cut, parts);
  }
  if (final && !(video_.empty() && audio_.empty())) {
    Duration end = part_start_;
    if (!video_.empty()) end = std::max(end, video_.back().end());
    if (!audio_.empty() && !options_.video) end = std::max(end, audio_.back().end());
    if (!audio_.empty() && video_.empty()) end = std::max(end, audio_.back().end());
    close_part({.end = end, .video_count = video_.size()}, parts);
  }
  return parts;
}

bool CmafWriter::starts_segment(const Pending& frame) const {
  return frame.key && frame.dts - segment_start_ >= options_.segment_target - kSegmentTolerance;
}

/// Before a part takes its frames, its place can still move: past a pause, or into a new segment.
void CmafWriter::begin_part() {
  const auto& clock = options_.video ? video_ : audio_;
  if (!clock.empty()) {
    // Audio may go on alone through a pause of video (next_video_cut). Nothing can go through one of both.
    const bool fillable = options_.video && options_.audio;
    const Duration pause_max = fillable ? kSilenceMax : options_.part_target;
    if (clock.front().dts > part_start_ + pause_max) jump_to(clock.front().dts);
  } else if (!audio_.empty() && audio_.front().dts > part_start_ + kSilenceMax) {
    jump_to(audio_.front().dts);
  }
  if (index_ == 0) return;
  if (options_.video) {
    if (!video_.empty() && video_.front().dts < part_start_ + options_.part_target && starts_segment(video_.front())) {
      part_start_ = std::max(part_start_, video_.front().dts);
      begin_segment();
    } else if (part_start_ - segment_start_ >= options_.segment_max) {
      ++counters_.forced_segments;
      begin_segment();
    }
  } else if (part_start_ - segment_start_ >= options_.segment_target - half_frame()) {
    begin_segment();
  }
}

void CmafWriter::begin_segment() {
  ++segment_;
  index_ = 0;
  segment_start_ = part_start_;
}

/// Leaves a hole in the timeline.
void CmafWriter::jump_to(Duration start) {
  part_start_ = start;
  if (audio_written_end_) *audio_written_end_ = std::max(*audio_written_end_, to_ticks(start, options_.audio->sample_rate));
}

std::optional<CmafWriter::Cut> CmafWriter::next_cut() const {
  const Duration target = part_start_ + options_.part_target;
  if (options_.video) {
    if (const auto cut = next_video_cut()) return cut;
    // Only audio keeps coming: it may go on alone after the wait.
    const bool waited = video_away_ || (audio_end_ && *audio_end_ >= target + options_.wait_max);
    if (!waited || !audio_end_ || *audio_end_ < target) return std::nullopt;
    return Cut{.end = target, .video_count = video_.size(), .without_video = true};
  }
  for (const Pending& frame : audio_) {
    if (frame.end() >= target - frame.duration / 2) return Cut{.end = frame.end(), .video_count = 0};
  }
  return std::nullopt;
}

std::optional<CmafWriter::Cut> CmafWriter::next_video_cut() const {
  const Duration target = part_start_ + options_.part_target;
  for (std::size_t i = 0; i < video_.size(); ++i) {
    const Pending& frame = video_[i];
    const bool pause = frame.dts >= target + options_.part_target / 2 || (i == 0 && frame.dts >= target);
    if (pause && (i > 0 || options_.audio)) return Cut{.end = options_.audio ? target : frame.dts, .video_count = i};
    if (i > 0 && frame.key && (starts_segment(frame) || frame.dts - part_start_ >= options_.part_target / 2)) {
      return Cut{.end = std::max(frame.dts, part_start_ + 1ms), .video_count = i};
    }
    Duration end = frame.end();
    if (end < target - frame.duration / 2) continue;
    // The next frame, if it is there already, knows the end better than the declared duration.
    if (i + 1 < video_.size()) {
      const Duration next = video_[i + 1].dts;
      if (next > frame.dts && next - frame.dts < frame.duration * 3 / 2) end = next;
    }
    return Cut{.end = std::max(end, part_start_ + 1ms), .video_count = i + 1};
  }
  return std::nullopt;
}

/// Whether all audio before `end` has come, or is not waited for.
bool CmafWriter::audio_is_there(Duration end) {
  if (!options_.audio || !options_.video) return true;
  if (audio_end_ && *audio_end_ >= end) return true;
  if (!audio_away_ && !video_.empty()) {
    const Duration heard = std::max(audio_end_.value_or(part_start_), part_start_);
    audio_away_ = video_.back().end() - heard > options_.wait_max;
  }
  return audio_away_;
}

Run CmafWriter::take_video(std::size_t count) {
  Run run{.track_id = kVideoTrackId, .decode_time = 0, .samples = {}, .data = {}};
  const auto bridged = to_ticks(kBridgedPauseMax, kVideoTimescale);
  for (std::size_t i = 0; i < count; ++i) {
    const Pending& frame = video_[i];
    std::int64_t at = frame.dts_ticks;
    if (i == 0) {
      const bool paused = video_written_end_ && at > *video_written_end_ + kRoundingTicks && at < *video_written_end_ + bridged;
      if (paused) at = *video_written_end_;
      run.decode_time = static_cast<std::uint64_t>(at);
    } else {
      at = *video_written_end_;
    }
    std::int64_t lasts = std::max<std::int64_t>(to_ticks(frame.duration, kVideoTimescale), 1);
    if (i + 1 < video_.size()) {
      const std::int64_t until = video_[i + 1].dts_ticks - at;
      if (i + 1 < count || until < 2 * lasts) lasts = until;
    }
    const std::uint32_t duration = positive(lasts);
    const std::int64_t offset = std::clamp<std::int64_t>(to_ticks(frame.pts, kVideoTimescale) - at,
                                                         std::numeric_limits<std::int32_t>::min(),
                                                         std::numeric_limits<std::int32_t>::max());
    run.samples.push_back({.duration = duration,
                           .size = static_cast<std::uint32_t>(frame.data.size()),
                           .composition_offset = static_cast<std::int32_t>(offset),
                           .key = frame.key});
    append(run.data, frame.data);
    video_written_end_ = at + duration;
    last_captured_ = frame.captured;
    pending_bytes_ -= frame.data.size();
  }
  video_.erase(video_.begin(), video_.begin() + static_cast<std::ptrdiff_t>(count));
  return run;
}

void CmafWriter::add_silence(Run& run, std::int64_t until_ticks) {
  const SilenceFrame silence = silence_of(options_.audio->format, options_.audio->channels);
  for (; *audio_written_end_ < until_ticks; *audio_written_end_ += silence.ticks) {
    run.samples.push_back({.duration = static_cast<std::uint32_t>(silence.ticks),
                           .size = static_cast<std::uint32_t>(silence.data.size()),
                           .composition_offset = 0,
                           .key = true});
    append(run.data, silence.data);
    ++counters_.silence_frames;
  }
}

Run CmafWriter::take_audio(Duration end) {
  const std::uint32_t rate = options_.audio->sample_rate;
  const std::int64_t silence = silence_of(options_.audio->format, options_.audio->channels).ticks;
  if (!audio_written_end_) {
    audio_written_end_ = to_ticks(part_start_, rate);
    if (!audio_.empty() && std::abs(audio_.front().dts_ticks - *audio_written_end_) < silence) {
      audio_written_end_ = audio_.front().dts_ticks;
    }
  }
  const std::int64_t end_ticks = to_ticks(end, rate);
  const std::int64_t fill_max = to_ticks(kSilenceMax, rate);
  Run run{.track_id = kAudioTrackId, .decode_time = 0, .samples = {}, .data = {}};
  std::optional<std::int64_t> begins;
  while (!audio_.empty() && audio_.front().dts_ticks < end_ticks) {
    Pending frame = std::move(audio_.front());
    audio_.pop_front();
    pending_bytes_ -= frame.data.size();
    const std::uint32_t lasts = positive(to_ticks(frame.duration, rate));
    const std::int64_t hole = frame.dts_ticks - *audio_written_end_;
    if (hole < -static_cast<std::int64_t>(lasts) / 2) {
      ++counters_.dropped_late_audio;
      continue;
    }
    if (hole >= silence && hole <= fill_max) {
      if (!begins) begins = audio_written_end_;
      add_silence(run, frame.dts_ticks - silence + 1);
    }
    // What is left of the hole: less than half a frame is straightened; more is told as it is, by stretching what came before.
    const std::int64_t rest = frame.dts_ticks - *audio_written_end_;
    if (rest * 2 >= lasts) {
      if (!run.samples.empty()) run.samples.back().duration += positive(rest);
      *audio_written_end_ = frame.dts_ticks;
    }
    if (!begins) begins = audio_written_end_;
    run.samples.push_back({.duration = lasts,
                           .size = static_cast<std::uint32_t>(frame.data.size()),
                           .composition_offset = 0,
                           .key = true});
    append(run.data, frame.data);
    *audio_written_end_ += lasts;
    if (!options_.video || video_away_) last_captured_ = frame.captured;
  }
  // Nothing more will come for this part: either nobody is waited for, or the next frame lies beyond.
  const bool over = options_.video && (audio_away_ || !audio_.empty());
  const std::int64_t fill_to = audio_.empty() ? end_ticks : std::min(end_ticks, audio_.front().dts_ticks - silence + 1);
  if (over && fill_to > *audio_written_end_ && fill_to - *audio_written_end_ <= fill_max) {
    if (!begins) begins = audio_written_end_;
    add_silence(run, fill_to);
  }
  run.decode_time = static_cast<std::uint64_t>(begins.value_or(*audio_written_end_));
  return run;
}

void CmafWriter::close_part(const Cut& cut, std::vector<CmafPart>& parts) {
  if (cut.without_video) video_away_ = true;
  CmafPart part{.segment = segment_,
                .index = static_cast<std::uint16_t>(index_),
                .independent = !options_.video || (cut.video_count > 0 && video_.front().key),
                .start = part_start_,
                .duration = cut.end - part_start_,
                .captured = {},
                .bytes = {}};
  std::vector<Run> runs;
  const bool has_video = cut.video_count > 0;
  if (has_video) runs.push_back(take_video(cut.video_count));
  if (options_.audio) {
    Run audio = take_audio(cut.end);
    if (!audio.samples.empty()) runs.push_back(std::move(audio));
  }
  part_start_ = cut.end;
  if (runs.empty()) return;
  part.captured = last_captured_;
  part.bytes = write_fragment(++sequence_, runs);
  parts.push_back(std::move(part));
  if (++index_ > kPartsMax) {
    ++counters_.forced_segments;
    begin_segment();
  }
}

Duration CmafWriter::half_frame() const { return audio_.empty() ? 10ms : audio_.front().duration / 2; }

}  // namespace p2p::media
