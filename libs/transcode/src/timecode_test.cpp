#include "transcode/timecode.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace p2p::transcode {
namespace {

TEST(Timecode, CanBeReadBackAtAnySize) {
  for (const auto& [width, height] : {std::pair{1280, 720}, {640, 360}, {322, 182}, {64, 24}}) {
    std::vector<std::uint8_t> luma(static_cast<std::size_t>(width * height), 99);
    draw_timecode(luma, static_cast<std::size_t>(width), width, height, 1'795'000'123'456);
    EXPECT_EQ(read_timecode(luma, static_cast<std::size_t>(width), width, height), 1'795'000'123'456) << width;
  }
}

TEST(Timecode, APictureWithoutOneHasNone) {
  const std::vector<std::uint8_t> grey(1280 * 720, 128);
  EXPECT_FALSE(read_timecode(grey, 1280, 1280, 720));
}

TEST(Timecode, ADamagedOneIsNotBelieved) {
  std::vector<std::uint8_t> luma(640 * 360);
  draw_timecode(luma, 640, 640, 360, 1'795'000'123'456);
  for (std::size_t y = 345; y < 360; ++y) std::fill_n(luma.begin() + static_cast<std::ptrdiff_t>(y * 640 + 200), 10, luma[y * 640 + 200] > 128 ? 16 : 235);
  EXPECT_FALSE(read_timecode(luma, 640, 640, 360));
}

}  // namespace
}  // namespace p2p::transcode
