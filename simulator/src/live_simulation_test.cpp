#include "simulator/live_simulation.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace p2p::simulator {
namespace {

using Kind = LiveChange::Kind;

/// So many viewers who stay, at the age of ten seconds.
LiveSimulation grown(std::uint64_t seed, std::int64_t viewers) {
  LiveSimulation live{seed, {.check_every = 1}};
  EXPECT_EQ(live.apply({.kind = Kind::kViewers, .value = viewers}), "");
  EXPECT_EQ(live.apply({.kind = Kind::kStayS, .value = 0}), "");
  live.advance(15s);
  return live;
}

void apply(LiveSimulation& live, Kind kind, std::int64_t value, std::uint32_t peer = 0) {
  EXPECT_EQ(live.apply({.kind = kind, .value = value, .peer = peer}), "");
}

std::uint32_t some_relay(const LiveSimulation& live) {
  const LiveView view = live.view();
  for (const FeedView& feed : view.feeds) {
    if (feed.from != 0) return feed.from;
  }
  ADD_FAILURE() << "nobody feeds anybody";
  return 1;
}

bool log_has(const LiveSimulation& live, LogKind kind, std::string_view text) {
  const auto lines = live.log(0, 100'000);
  return std::ranges::any_of(lines, [&](const LogLine& line) { return line.kind == kind && line.text.find(text) != std::string::npos; });
}

TEST(LiveSimulation, ViewersComeAndPlayAndFeedEachOther) {
  const LiveSimulation live = grown(1, 12);
  const LiveView view = live.view();
  EXPECT_EQ(view.totals.viewers, 12u);
  EXPECT_EQ(view.peers.size(), 13u);
  EXPECT_EQ(view.totals.playing, 12u);
  EXPECT_GT(view.totals.delay_ms_p50, 50u);
  EXPECT_LT(view.totals.delay_ms_p50, 1'500u);
  EXPECT_GT(view.totals.continuity, 0.95);
  EXPECT_GT(view.totals.share_from_peers, 0.3);
  EXPECT_TRUE(std::ranges::any_of(view.feeds, [](const FeedView& feed) { return feed.from != 0 && feed.bits_per_s > 0; }));
  EXPECT_TRUE(log_has(live, LogKind::kFeed, "stripe 0 comes from "));
}

TEST(LiveSimulation, TheSameSeedAndChangesGiveTheSameRunInHoweverManySteps) {
  const auto run = [](std::uint64_t seed, Duration step) {
    LiveSimulation live{seed};
    const auto until = [&](Duration end) {
      while (live.now() < Instant{} + end) live.advance(std::min<Duration>(step, Instant{} + end - live.now()));
    };
    apply(live, Kind::kViewers, 10);
    until(6s);
    apply(live, Kind::kPoisonersPercent, 20);
    apply(live, Kind::kLatencyMs, 80);
    until(9s);
    apply(live, Kind::kPartitionS, 2);
    apply(live, Kind::kServerAwayS, 3);
    until(14s);
    return live.digest();
  };
  const std::uint64_t digest = run(7, 14s);
  EXPECT_EQ(run(7, 33ms), digest);
  EXPECT_NE(run(8, 14s), digest);
}

TEST(LiveSimulation, WhoLooksAtItChangesNothing) {
  LiveSimulation watched{3, {.check_every = 1}}, alone{3};
  watched.follow(2);
  for (int i = 0; i < 40; ++i) {
    watched.advance(250ms);
    EXPECT_FALSE(watched.view().peers.empty());
    (void)watched.engine(1);
    (void)watched.log(0, 10);
  }
  alone.advance(10s);
  EXPECT_EQ(watched.digest(), alone.digest());
  EXPECT_TRUE(log_has(watched, LogKind::kPart, "complete"));
}

TEST(LiveSimulation, ItsChangesRepeatTheRun) {
  LiveSimulation once = grown(5, 8);
  apply(once, Kind::kCrash, 0, some_relay(once));
  once.advance(3s);
  LiveSimulation again{5};
  for (const LiveChange& change : once.changes()) {
    again.advance(change.at - again.now());
    apply(again, change.kind, change.value, change.peer);
  }
  again.advance(once.now() - again.now());
  EXPECT_EQ(again.digest(), once.digest());
}

TEST(LiveSimulation, LatencyTakesEffectOnLinksThatAreUp) {
  LiveSimulation live = grown(1, 10);
  const std::uint32_t before = live.view().totals.delay_ms_p50;
  apply(live, Kind::kLatencyMs, 200);
  live.advance(15s);
  EXPECT_GT(live.view().totals.delay_ms_p50, before + 100);
}

TEST(LiveSimulation, JitterMakesPartsLater) {
  LiveSimulation live = grown(1, 10);
  const std::uint32_t before = live.view().totals.delay_ms_p50;
  apply(live, Kind::kJitterMs, 200);
  live.advance(15s);
  EXPECT_GT(live.view().totals.delay_ms_p50, before + 50);
}

TEST(LiveSimulation, ALineThatDoesNotCarryTheStreamStandsAndPlaysAgainWhenItDoes) {
  LiveSimulation live = grown(1, 6);
  apply(live, Kind::kDownloadKbitPerS, 1'000);
  live.advance(15s);
  EXPECT_LT(live.view().totals.continuity, 0.5);
  apply(live, Kind::kDownloadKbitPerS, 25'000);
  live.advance(40s);
  EXPECT_GT(live.view().totals.continuity, 0.95);
}

TEST(LiveSimulation, WhoGoesIsReplacedExceptAfterAnEvent) {
  LiveSimulation live = grown(2, 10);
  apply(live, Kind::kStayS, 5);
  live.advance(10s);
  EXPECT_GE(live.view().totals.viewers, 8u);
  EXPECT_TRUE(log_has(live, LogKind::kLeave, ""));
  apply(live, Kind::kStayS, 0);
  live.advance(2s);
  apply(live, Kind::kLeavePercent, 60);
  live.advance(3s);
  const std::uint32_t left = live.view().totals.viewers;
  EXPECT_LT(left, 9u);
  EXPECT_EQ(live.setting(Kind::kViewers), left);
  apply(live, Kind::kJoin, 7);
  live.advance(2s);
  EXPECT_EQ(live.view().totals.viewers, left + 7);
}

TEST(LiveSimulation, APeerThatCrashesIsGoneAndTheOthersPlayOn) {
  LiveSimulation live = grown(4, 10);
  const std::uint32_t relay = some_relay(live);
  apply(live, Kind::kCrash, 0, relay);
  EXPECT_NE(live.apply({.kind = Kind::kCrash, .peer = relay}), "") << "twice";
  EXPECT_FALSE(live.engine(relay));
  live.advance(20s);
  EXPECT_EQ(live.view().totals.playing, 9u);
}

TEST(LiveSimulation, AFrozenPeerStandsAndComesBack) {
  LiveSimulation live = grown(4, 8);
  apply(live, Kind::kFreeze, 5, 3);
  live.advance(2s);
  const auto state = [&] {
    const LiveView view = live.view();
    return std::ranges::find(view.peers, 3u, &PeerView::number)->state;
  };
  EXPECT_EQ(state(), PeerState::kFrozen);
  live.advance(20s);
  EXPECT_EQ(state(), PeerState::kPlaying);
}

TEST(LiveSimulation, PoisonersAreFoundAndNothingOfTheirsIsPlayed) {
  LiveSimulation live = grown(1, 16);
  apply(live, Kind::kPoisonersPercent, 20);
  live.advance(20s);
  const LiveTotals totals = live.view().totals;
  EXPECT_EQ(totals.poisoners, 4u);
  EXPECT_GT(totals.pieces_failed, 0u);
  EXPECT_GT(totals.accused, 0u);
  EXPECT_EQ(totals.bad_pieces_played, 0u);
  EXPECT_EQ(totals.honest_accused, 0u);
  EXPECT_TRUE(log_has(live, LogKind::kDrop, "misbehaved"));
  apply(live, Kind::kPoisonersPercent, 0);
  live.advance(1s);
  EXPECT_EQ(live.view().totals.poisoners, 0u);
}

TEST(LiveSimulation, TheStreamGoesOnWhileTheServerIsAway) {
  LiveSimulation live = grown(6, 8);
  apply(live, Kind::kServerAwayS, 60);
  EXPECT_NE(live.apply({.kind = Kind::kServerAwayS, .value = 60}), "");
  live.advance(10s);
  EXPECT_TRUE(live.view().server_away);
  EXPECT_GT(live.view().totals.continuity, 0.95);
  apply(live, Kind::kServerBack, 0);
  live.advance(5s);
  EXPECT_FALSE(live.view().server_away);
  live.advance(60s);
  EXPECT_FALSE(live.view().server_away);
  EXPECT_EQ(live.view().totals.playing, 8u);
}

TEST(LiveSimulation, WhatLiesOutOfBoundsIsRefusedWithASentence) {
  LiveSimulation live{1};
  EXPECT_EQ(live.apply({.kind = Kind::kViewers, .value = 100'000}), "viewers must lie between 0 and 500.");
  EXPECT_NE(live.apply({.kind = Kind::kCrash, .peer = 99}), "");
  EXPECT_NE(live.apply({.kind = Kind::kCrash, .peer = 0}), "") << "the source";
  EXPECT_NE(live.apply({.kind = Kind::kServerBack}), "");
  EXPECT_EQ(live.changes().size(), 8u) << "the first settings only";
}

TEST(LiveSimulation, TheLogIsReadOnFromWhereOneStopped) {
  const LiveSimulation live = grown(1, 4);
  const auto first = live.log(0, 5);
  ASSERT_EQ(first.size(), 5u);
  EXPECT_EQ(first.front().number, 1u);
  EXPECT_EQ(live.log(first.back().number, 1).front().number, 6u);
  EXPECT_TRUE(live.log(1'000'000, 5).empty());
}

}  // namespace
}  // namespace p2p::simulator
