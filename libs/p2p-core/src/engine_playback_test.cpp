#include <gtest/gtest.h>

#include <algorithm>

#include "testing/mini_swarm.hpp"
#include "wire/fragment.hpp"

namespace p2p::mesh {
namespace {

using testing::MiniSwarm;

/// A source, and a viewer who has a player at the end of what it was handed.
struct Watching {
  MiniSwarm swarm;
  PeerId source = swarm.add_source();
  PeerId viewer{};

  Watching() {
    swarm.stream_for(1s);
    viewer = swarm.add_viewer();
    swarm.handle(viewer, Playhead{});
  }

  MiniSwarm::Peer& peer() { return swarm.peers.at(viewer); }
  Duration end() { return peer().played.back().part.media_time + 200ms; }

  void tell(Duration buffered, bool stalled = false) {
    swarm.handle(viewer, Playhead{.media_time = end() - buffered, .buffered = buffered, .playing = true, .stalled = stalled});
  }
};

TEST(EnginePlayback, WhoIsTooLateIsBroughtNearerToLive) {
  Watching watching;
  watching.swarm.stream_for(4s);
  watching.tell(300ms);
  watching.swarm.stream_for(400ms);
  watching.tell(3s);
  ASSERT_FALSE(watching.peer().playback.empty());
  const SetPlayback& wish = watching.peer().playback.back();
  ASSERT_TRUE(wish.jump_to.has_value());
  EXPECT_LT(*wish.jump_to, 600ms);
  EXPECT_GT(watching.swarm.stats(watching.viewer).target_ms, 300u);
}

TEST(EnginePlayback, InBalancedModeDistanceIsGainedUnnoticed) {
  Watching watching;
  watching.swarm.handle(watching.viewer, LatencyChosen{Latency::kBalanced});
  watching.swarm.stream_for(4s);
  watching.tell(600ms);
  ASSERT_FALSE(watching.peer().playback.empty());
  EXPECT_EQ(watching.peer().playback.back().rate_permille, 950);
  EXPECT_EQ(watching.swarm.stats(watching.viewer).target_ms, 10'000u);
}

TEST(EnginePlayback, WhoPausesIsHandedPartsAndGoesOnWhereHeWas) {
  Watching watching;
  watching.swarm.stream_for(4s);
  const Duration paused_at = watching.end() - 300ms;
  const std::size_t before = watching.peer().played.size();
  watching.tell(500ms);
  watching.swarm.handle(watching.viewer, Playhead{.media_time = paused_at, .buffered = 300ms, .playing = false});
  watching.swarm.stream_for(4s);
  EXPECT_GE(watching.peer().played.size(), before + 19);
  EXPECT_EQ(watching.swarm.stats(watching.viewer).parts_skipped, 0u);
  watching.swarm.handle(watching.viewer, Playhead{.media_time = paused_at, .buffered = 4300ms, .playing = true});
  ASSERT_FALSE(watching.peer().playback.empty());
  EXPECT_TRUE(watching.peer().playback.back().jump_to.has_value()) << "four seconds are too far behind";
}

TEST(EnginePlayback, WhatIsMissingBeforeTheFirstPictureIsGivenUpToo) {
  Watching watching;
  PieceNumber never = 0;
  watching.swarm.on_the_way = [&](PeerId, PeerId to, Channel channel, Bytes& message) {
    const auto fragment = wire::decode_fragment(message);
    if (to != watching.viewer || channel != Channel::kPieces || !fragment) return;
    if (never == 0 && !watching.peer().played.empty()) never = fragment->piece;
    if (never != 0 && fragment->piece == never) message.clear();
  };
  for (int i = 0; i < 60; ++i) {
    watching.swarm.handle(watching.viewer, Playhead{});   // the picture is not there yet
    watching.swarm.stream_for(200ms);
  }
  EXPECT_EQ(std::ranges::count(watching.peer().played, true, &PlayPart::discontinuous), 1);
  EXPECT_GE(watching.peer().played.size(), 40u);
}

TEST(EnginePlayback, WithoutAPlayerNothingIsSetAndNothingHeldBack) {
  Watching watching;
  const PeerId recorder = watching.swarm.add_viewer();
  watching.swarm.stream_for(4s);
  EXPECT_TRUE(watching.swarm.peers.at(recorder).playback.empty());
  EXPECT_GE(watching.swarm.peers.at(recorder).played.size(), 18u);
}

TEST(EnginePlayback, WhatIsMissingIsGivenUpForASegmentThatIsHereAndForNoOther) {
  Watching watching;
  watching.swarm.stream_for(4s);
  // A piece that stays away: the rest of its part comes, and of all later ones.
  PieceNumber never = 0;
  watching.swarm.on_the_way = [&](PeerId, PeerId to, Channel channel, Bytes& message) {
    if (to != watching.viewer || channel != Channel::kPieces) return;
    const auto fragment = wire::decode_fragment(message);
    if (!fragment) return;
    if (never == 0) never = fragment->piece;
    if (fragment->piece == never) message.clear();
  };
  const std::size_t before = watching.peer().played.size();
  watching.swarm.stream_for(7s);
  const auto& played = watching.peer().played;
  ASSERT_GT(played.size(), before);
  const auto gap = std::ranges::find(played, true, &PlayPart::discontinuous);
  ASSERT_NE(gap, played.end());
  EXPECT_TRUE(gap->part.independent);
  EXPECT_EQ(std::ranges::count(played, true, &PlayPart::discontinuous), 1) << "one segment was given up, not one after the other";
  EXPECT_LE(watching.swarm.stats(watching.viewer).parts_skipped, 10u);
}

TEST(EnginePlayback, WhoGivesNothingKeepsLess) {
  Watching watching;
  const PeerId leaf = watching.swarm.add_viewer({.giving = false});
  watching.swarm.stream_for(25s);
  EXPECT_LT(watching.swarm.stats(leaf).kept_ms, 11'000u);
  EXPECT_GT(watching.swarm.stats(watching.source).kept_ms, 20'000u);
}

}  // namespace
}  // namespace p2p::mesh
