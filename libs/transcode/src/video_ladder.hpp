#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "av.hpp"
#include "base/error.hpp"
#include "encoders.hpp"
#include "transcode/live_input.hpp"

namespace p2p::transcode {

/// One picture at several sizes and rates.
///
/// Always holds: a key frame of one is a key frame of all.
class VideoLadder {
 public:
  struct Options {
    int width = 0;                   ///< of the input
    int height = 0;
    int frames_per_s = 30;
    std::int64_t bits_per_s = 0;     ///< of a quality that names none
    std::vector<Quality> qualities;  ///< at least one
  };

  /// Qualities higher than the input are left out, if others are left.
  [[nodiscard]] static Result<VideoLadder> make(Options options);

  struct Rung {
    std::unique_ptr<VideoEncoder> encoder;
    AvPtr<SwsContext> scaler;
    std::int64_t bits_per_s = 0;
  };
  [[nodiscard]] const std::vector<Rung>& rungs() const { return rungs_; }

  /// Any picture that swscale reads, shown at `pts` (rising). `sink` is told the place of the rung.
  [[nodiscard]] Result<void> encode(AVFrame& frame, Duration pts, bool key, WallTime captured, const LiveInput::Sink& sink);

 private:
  std::vector<Rung> rungs_;
};

}  // namespace p2p::transcode
