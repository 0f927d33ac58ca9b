#include "transcode/thumbnail.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "transcode/live_input.hpp"

namespace p2p::transcode {
namespace {

TEST(Thumbnail, IsASmallJpegOfAKeyFrame) {
  auto input = LiveInput::open({.test_pattern = true, .width = 640, .height = 360, .real_time = false});
  ASSERT_TRUE(input) << input.error().text;
  std::optional<Bytes> key_frame;
  std::stop_source stop;
  ASSERT_TRUE((*input)->run(
      [&](std::size_t /*rendition*/, const media::Sample& sample) {
        if (sample.kind != media::TrackKind::kVideo || !sample.key) return;
        key_frame = Bytes{sample.data.begin(), sample.data.end()};
        stop.request_stop();
      },
      stop.get_token()));
  ASSERT_TRUE(key_frame);
  const media::VideoTrack& track = *(*input)->renditions().front().video;
  const auto image = make_thumbnail(track, *key_frame);
  ASSERT_TRUE(image) << image.error().text;
  EXPECT_TRUE(as_text(*image).starts_with("\xff\xd8\xff"));
  EXPECT_TRUE(as_text(*image).ends_with("\xff\xd9"));
  EXPECT_LE(image->size(), ThumbnailLimits{}.bytes_max);
  EXPECT_FALSE(make_thumbnail(track, *key_frame, {.bytes_max = 100})) << "rather none than one that the server refuses";
  EXPECT_FALSE(make_thumbnail(track, as_bytes("no picture at all")));
}

}  // namespace
}  // namespace p2p::transcode
