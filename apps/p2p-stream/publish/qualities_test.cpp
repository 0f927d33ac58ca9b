#include "publish/qualities.hpp"

#include <gtest/gtest.h>

namespace p2p::app {
namespace {

TEST(Qualities, AreHeightsWithOrWithoutARate) {
  const auto parsed = parse_qualities("source,720,480p:1M,90p");
  ASSERT_TRUE(parsed) << parsed.error().text;
  ASSERT_EQ(parsed->size(), 4u);
  EXPECT_EQ((*parsed)[0].height, 0);
  EXPECT_EQ((*parsed)[0].video_bits_per_s, 0) << "what the input has";
  EXPECT_EQ((*parsed)[1].height, 720);
  EXPECT_EQ((*parsed)[1].video_bits_per_s, 2'500'000);
  EXPECT_EQ((*parsed)[2].video_bits_per_s, 1'000'000);
  EXPECT_EQ((*parsed)[3].height, 90);
  EXPECT_EQ((*parsed)[3].video_bits_per_s, 300'000);
}

TEST(Qualities, WhatIsWrongIsSaidInASentence) {
  for (const char* text : {"", ",", "720p,", "tall", "720p:", "720p:fast", "20p", "99999", "-5", "720p,720", "source,source",
                           "100,101,102,103,104,105,106,107,108"}) {
    const auto parsed = parse_qualities(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_TRUE(parsed.error().text.ends_with('.')) << parsed.error().text;
  }
}

}  // namespace
}  // namespace p2p::app
