#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "av.hpp"
#include "base/error.hpp"
#include "media/h264.hpp"
#include "media/track.hpp"

namespace p2p::transcode {

using SampleSink = std::function<void(const media::Sample&)>;

/// H.264 by x264, tuned for delay: no B-frames, no lookahead, key frames where they are asked for and capped in size by a small rate
/// buffer (large ones are what makes a mesh late).
class VideoEncoder {
 public:
  struct Options {
    int width = 0;
    int height = 0;
    int frames_per_s = 30;
    std::int64_t bits_per_s = 2'500'000;
    int threads = 2;
  };

  [[nodiscard]] static Result<std::unique_ptr<VideoEncoder>> make(const Options& options);

  [[nodiscard]] const media::VideoTrack& track() const { return track_; }

  /// Encodes a YUV 4:2:0 picture shown at `pts` (rising), as a key frame if so asked; what is finished goes to the sink at once.
  [[nodiscard]] Result<void> encode(AVFrame& frame, Duration pts, bool key, WallTime captured, const SampleSink& sink);

 private:
  explicit VideoEncoder(const Options& options) : options_{options} {}

  Options options_;
  CodecPtr codec_;
  media::VideoTrack track_;
  media::AvcConfig config_;
  PacketPtr packet_ = make_packet();
};

/// Opus at 48 kHz, frames of 20 ms, from any kind of sound.
class AudioEncoder {
 public:
  [[nodiscard]] static Result<std::unique_ptr<AudioEncoder>> make(std::int64_t bits_per_s);

  [[nodiscard]] const media::AudioTrack& track() const { return track_; }

  /// Takes sound that begins at `pts`. A gap of more than 100 ms is filled with silence, an overlap cut.
  [[nodiscard]] Result<void> encode(const AVFrame& sound, Duration pts, WallTime captured, const SampleSink& sink);

 private:
  AudioEncoder() = default;
  [[nodiscard]] Result<void> resampler_for(const AVFrame& sound);
  [[nodiscard]] Result<void> drain(WallTime captured, const SampleSink& sink);

  CodecPtr codec_;
  AvPtr<SwrContext> resampler_;
  int in_rate_ = 0, in_format_ = -1;
  std::uint64_t in_layout_ = 0;
  AvPtr<AVAudioFifo> fifo_;
  media::AudioTrack track_;
  PacketPtr packet_ = make_packet();
  std::int64_t next_sample_ = -1;   // of the next frame that leaves, at 48 kHz
};

}  // namespace p2p::transcode
