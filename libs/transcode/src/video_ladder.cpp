#include "video_ladder.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"

namespace p2p::transcode {
namespace {

int even(int size) { return std::max(size & ~1, 2); }

/// The frame itself if it has the size and format of the track.
Result<FramePtr> scaled(AVFrame& frame, AvPtr<SwsContext>& scaler, const media::VideoTrack& track) {
  FramePtr made = make_frame();
  if (frame.format == AV_PIX_FMT_YUV420P && frame.width == track.width && frame.height == track.height) {
    CHECK(av_frame_ref(made.get(), &frame) >= 0, "no memory for a picture");
    return made;
  }
  scaler.reset(sws_getCachedContext(scaler.release(), frame.width, frame.height, static_cast<AVPixelFormat>(frame.format), track.width, track.height,
                                    AV_PIX_FMT_YUV420P, SWS_BILINEAR, nullptr, nullptr, nullptr));
  if (!scaler) return fail("The picture is in a format that cannot be converted.");
  made->width = track.width;
  made->height = track.height;
  made->format = AV_PIX_FMT_YUV420P;
  CHECK(av_frame_get_buffer(made.get(), 0) >= 0, "no memory for a picture");
  sws_scale(scaler.get(), frame.data, frame.linesize, 0, frame.height, made->data, made->linesize);
  return made;
}

}  // namespace

Result<VideoLadder> VideoLadder::make(Options options) {
  CHECK(!options.qualities.empty(), "a ladder without rungs");
  const auto too_high = [&](const Quality& quality) { return quality.height > options.height; };
  if (std::ranges::all_of(options.qualities, too_high)) options.qualities = {{.height = 0, .video_bits_per_s = options.qualities.back().video_bits_per_s}};
  std::erase_if(options.qualities, too_high);
  VideoLadder ladder;
  for (const Quality& quality : options.qualities) {
    const int height = quality.height > 0 ? quality.height : options.height;
    const std::int64_t bits_per_s = quality.video_bits_per_s > 0 ? quality.video_bits_per_s : options.bits_per_s;
    auto encoder = VideoEncoder::make({.width = even(static_cast<int>(std::int64_t{options.width} * height / options.height)),
                                       .height = even(height),
                                       .frames_per_s = options.frames_per_s,
                                       .bits_per_s = bits_per_s,
                                       .threads = ladder.rungs_.empty() ? 2 : 1});
    if (!encoder) return std::unexpected{encoder.error()};
    ladder.rungs_.push_back({.encoder = std::move(*encoder), .scaler = {}, .bits_per_s = bits_per_s});
  }
  return ladder;
}

Result<void> VideoLadder::encode(AVFrame& frame, Duration pts, bool key, WallTime captured, const LiveInput::Sink& sink) {
  for (std::size_t place = 0; place < rungs_.size(); ++place) {
    Rung& rung = rungs_[place];
    auto picture = scaled(frame, rung.scaler, rung.encoder->track());
    if (!picture) return std::unexpected{picture.error()};
    auto done = rung.encoder->encode(**picture, pts, key, captured, [&](const media::Sample& sample) { sink(place, sample); });
    if (!done) return done;
  }
  return {};
}

}  // namespace p2p::transcode
