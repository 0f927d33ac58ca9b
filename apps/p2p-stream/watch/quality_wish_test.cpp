#include "watch/quality_wish.hpp"

#include <gtest/gtest.h>

namespace p2p::app {
namespace {

mesh::RenditionStats rendition(std::uint8_t id, std::uint16_t height, std::uint32_t bits_per_s) {
  return {.id = mesh::RenditionId{id}, .width = 0, .height = height, .bits_per_s = bits_per_s};
}

TEST(QualityWish, PicksWhatComesClosest) {
  const std::vector<mesh::RenditionStats> renditions{rendition(0, 360, 600'000), rendition(1, 720, 2'500'000), rendition(2, 1080, 4'500'000)};
  const auto picked = [&](const char* wish) { return QualityWish::parse(wish)->pick(renditions)->id.value; };
  EXPECT_EQ(picked("best"), 2);
  EXPECT_EQ(picked("lowest"), 0);
  EXPECT_EQ(picked("720p"), 1);
  EXPECT_EQ(picked("800"), 1);
  EXPECT_EQ(picked("144p"), 0) << "nothing is so low";
  EXPECT_FALSE(QualityWish::parse("best")->pick({}));
  EXPECT_EQ(QualityWish::parse("lowest")->pick({rendition(5, 0, 96'000)})->id.value, 5) << "sound alone has no height";
}

TEST(QualityWish, WhatIsWrongIsSaidInASentence) {
  for (const char* wish : {"", "good", "p", "-1", "0", "720pp", "99999999999"}) {
    const auto parsed = QualityWish::parse(wish);
    ASSERT_FALSE(parsed) << wish;
    EXPECT_TRUE(parsed.error().text.ends_with('.'));
  }
}

}  // namespace
}  // namespace p2p::app
