#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/time.hpp"
#include "media/track.hpp"

namespace p2p::transcode {

/// One rendition of what an input gives.
struct Tracks {
  std::optional<media::VideoTrack> video;
  std::optional<media::AudioTrack> audio;
  std::uint32_t bits_per_s = 0;   ///< the expected average of both
};

/// A rendition that is asked for.
struct Quality {
  int height = 0;                      ///< of the picture; 0: as the input has it, passed on untouched where that can be
  std::int64_t video_bits_per_s = 0;   ///< 0: InputOptions::video_bits_per_s
};

struct InputOptions {
  std::string input;              ///< file, URL or device that libav opens; "-" is standard input
  bool test_pattern = false;      ///< instead of `input`: moving picture, clock, timecode (timecode.hpp) and tone
  bool loop = false;              ///< begin again at the end; timestamps go on
  std::vector<Quality> qualities;  ///< none: one rendition, of the input's size. Those higher than the input are left out
  int width = 1280;               ///< of the test pattern; even
  int height = 720;
  int frames_per_s = 30;
  std::int64_t video_bits_per_s = 2'500'000;   ///< where something is encoded
  std::int64_t audio_bits_per_s = 96'000;
  Duration key_interval = 2s;
  bool real_time = true;          ///< false: as fast as it can, for tests
};

/// A source of encoded frames, at the speed of the clock: H.264 with Opus or AAC, in one rendition or several.
///
/// H.264 whose key frames come at least every 4 s, and AAC or Opus with one or two channels, are passed on as they are; anything
/// else is decoded and encoded (H.264 by x264 without B-frames and with a key frame each `key_interval`; Opus in frames of 20 ms).
/// Decode times begin near 0 and never go back, whatever the input's do. All renditions have key frames at the same instants, so that
/// their segments are alike, and the same sound.
///
/// Out of scope: packaging (libs/media).
class LiveInput {
 public:
  /// Opens and looks into the input. A network stream that does not come yet is waited for until `stop` is requested. The error is a
  /// sentence for a person.
  [[nodiscard]] static Result<std::unique_ptr<LiveInput>> open(const InputOptions& options, std::stop_token stop = {});
  virtual ~LiveInput() = default;

  /// At least one; in the order in which they were asked for.
  [[nodiscard]] virtual const std::vector<Tracks>& renditions() const = 0;

  /// Delivers the frames of each rendition, named by its place, until the input ends or `stop` is requested; an error says why it
  /// broke. Call once.
  using Sink = std::function<void(std::size_t rendition, const media::Sample&)>;
  [[nodiscard]] virtual Result<void> run(const Sink& sink, std::stop_token stop) = 0;
};

}  // namespace p2p::transcode
