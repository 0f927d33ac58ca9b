#include "timeline.hpp"

#include <gtest/gtest.h>

namespace p2p::transcode {
namespace {

TEST(Timeline, LeavesRegularTimesAlone) {
  Timeline timeline;
  EXPECT_EQ(timeline.place(0ms, 40ms), 0ms);
  EXPECT_EQ(timeline.place(41ms, 40ms), 41ms);
  EXPECT_EQ(timeline.expected(), 81ms);
}

TEST(Timeline, MendsAJumpForwardAndBack) {
  Timeline timeline;
  timeline.place(0ms, 40ms);
  EXPECT_EQ(timeline.place(1h, 40ms), 40ms);
  EXPECT_EQ(timeline.place(1h + 40ms, 40ms), 80ms);
  EXPECT_EQ(timeline.place(5s, 40ms), 120ms);
}

TEST(Timeline, NeverGoesBack) {
  Timeline timeline;
  timeline.place(100ms, 40ms);
  EXPECT_GT(timeline.place(90ms, 40ms), 100ms);
}

TEST(Timeline, WhatLiesBeforeTheBeginningIsLeftOut) {
  Timeline timeline;
  EXPECT_LT(timeline.place(-20ms, 20ms), 0ms);
  EXPECT_EQ(timeline.place(0ms, 20ms), 0ms);
}

}  // namespace
}  // namespace p2p::transcode
