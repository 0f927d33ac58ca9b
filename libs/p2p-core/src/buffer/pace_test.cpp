#include "buffer/pace.hpp"

#include <gtest/gtest.h>

namespace p2p::mesh {
namespace {

/// A player and parts of 200 ms that come so late.
struct Watched {
  Pace pace{Latency::kLow};
  Instant now{1min};

  void parts(int count, Duration delay) {
    for (int i = 0; i < count; ++i) {
      pace.part_came(delay, 200ms, now);
      now += 200ms;
    }
  }
  Pace::Verdict look(Duration behind, Duration buffered, bool stalled = false) {
    return pace.look({.behind = behind, .buffered = buffered, .playing = true, .stalled = stalled}, now);
  }
};

TEST(Pace, NobodyIsMovedBeforeItIsKnownHowLatePartsCome) {
  Watched viewer;
  EXPECT_EQ(viewer.look(6s, 5s), Pace::Verdict{});
  viewer.parts(2, 300ms);
  EXPECT_EQ(viewer.look(6s, 5s), Pace::Verdict{});
}

TEST(Pace, ThePictureIsKeptAsNearAsTheLatestPartOfTheLastHalfMinuteAllows) {
  Watched viewer;
  viewer.parts(20, 300ms);
  EXPECT_EQ(viewer.pace.target(), 300ms + 200ms + 150ms);
  viewer.parts(1, 900ms);
  viewer.parts(100, 300ms);
  EXPECT_EQ(viewer.pace.target(), 900ms + 200ms + 150ms);
  viewer.parts(60, 300ms);
  EXPECT_EQ(viewer.pace.target(), 300ms + 200ms + 150ms);
}

TEST(Pace, WhereThePictureStoodALatePartIsRememberedForLongerUntilItIsQuietForLong) {
  Watched viewer;
  viewer.look(650ms, 500ms);
  viewer.parts(100, 300ms);
  viewer.look(650ms, 0ms, true);
  viewer.parts(1, 1900ms);
  viewer.look(2s, 500ms);
  viewer.parts(400, 300ms);   // 80 s
  EXPECT_GE(viewer.pace.target(), 1900ms + 200ms);
  const auto quiet = [&] {
    for (int i = 0; i < 400; ++i) {
      viewer.parts(1, 300ms);
      viewer.look(1s, 500ms);
    }
  };
  quiet();
  quiet();
  quiet();
  EXPECT_EQ(viewer.pace.target(), 300ms + 200ms + 150ms);
  viewer.parts(1, 900ms);
  viewer.parts(160, 300ms);   // 32 s
  EXPECT_EQ(viewer.pace.target(), 300ms + 200ms + 150ms) << "half a minute again";
}

TEST(Pace, WhoIsALittleTooLatePlaysALittleFaster) {
  Watched viewer;
  viewer.parts(20, 300ms);
  EXPECT_EQ(viewer.look(660ms, 500ms).rate_permille, 1'000);
  EXPECT_EQ(viewer.look(850ms, 500ms).rate_permille, 1'080);
  EXPECT_EQ(viewer.look(2s, 1s).rate_permille, Pace::kRateMax);
  EXPECT_EQ(viewer.look(200ms, 500ms).rate_permille, Pace::kRateMin);
}

TEST(Pace, WhoHasNothingInHandIsNotHurried) {
  Watched viewer;
  viewer.parts(20, 300ms);
  EXPECT_EQ(viewer.look(2s, 200ms).rate_permille, 1'000);
}

TEST(Pace, WhoHasJustComeJumpsAndWhoHasSettledIsNotThrownAbout) {
  Watched viewer;
  viewer.look(2500ms, 2s);
  viewer.parts(10, 300ms);
  EXPECT_EQ(viewer.look(2500ms, 2s).jump_to, 350ms) << "a part and the margin stay in hand";
  viewer.parts(50, 300ms);
  EXPECT_EQ(viewer.look(2500ms, 2s).jump_to, std::nullopt);
  EXPECT_EQ(viewer.look(9s, 8s).jump_to, 350ms) << "a tab that was frozen";
}

TEST(Pace, EachStallTakesTheDistanceUpAndQuietBringsItDown) {
  Watched viewer;
  viewer.parts(20, 300ms);
  viewer.look(700ms, 0ms, true);
  viewer.look(700ms, 0ms, true);
  EXPECT_EQ(viewer.pace.target(), 650ms + 150ms) << "one stall, however often it is looked at";
  viewer.look(700ms, 100ms);
  viewer.now += 21s;
  viewer.look(700ms, 100ms);
  EXPECT_EQ(viewer.pace.target(), 650ms + 100ms);
}

TEST(Pace, BalancedKeepsTenSecondsInHand) {
  Watched viewer;
  viewer.parts(20, 300ms);
  viewer.pace.choose(Latency::kBalanced);
  EXPECT_EQ(viewer.pace.target(), Pace::kBalancedTarget);
  EXPECT_EQ(viewer.look(2s, 1s).rate_permille, Pace::kRateMin) << "it is gained unnoticed";
  EXPECT_EQ(viewer.look(10s, 9s).rate_permille, 1'000);
}

TEST(Pace, AViewerWhoAsksIsBroughtToLiveAtOnce) {
  Watched viewer;
  viewer.parts(20, 300ms);
  const Pace::Seen seen{.behind = 1650ms, .buffered = 1500ms, .playing = true};
  EXPECT_EQ(viewer.pace.to_live(seen).jump_to, 500ms);
  EXPECT_EQ(viewer.pace.to_live({.behind = 5s, .buffered = 100ms, .playing = true}), Pace::Verdict{}) << "there is nothing nearer";
}

}  // namespace
}  // namespace p2p::mesh
