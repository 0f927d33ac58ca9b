#include <gtest/gtest.h>

#include <algorithm>

#include "testing/mini_swarm.hpp"

namespace p2p::mesh {
namespace {

using testing::MiniSwarm;

constexpr RenditionId kHigh{0}, kLow{1};

struct Swarm : MiniSwarm {
  Swarm() { bits_per_s = {1'000'000, 300'000}; }

  void choose(PeerId viewer, std::optional<RenditionId> rendition) { handle(viewer, ChooseQuality{rendition}); }

  RenditionId plays(PeerId viewer) const { return peers.at(viewer).played.back().part.id.rendition; }

  std::uint32_t stripes_out(PeerId peer) const {
    std::uint32_t stripes = 0;
    for (const NeighborStats& neighbor : stats(peer).neighbors) stripes += neighbor.stripes_out;
    return stripes;
  }
};

/// Each part once, in order, and a change only where a segment starts.
void expect_seamless(const std::vector<PlayPart>& played) {
  for (std::size_t i = 1; i < played.size(); ++i) {
    const Part& before = played[i - 1].part;
    const Part& part = played[i].part;
    EXPECT_EQ(part.media_time, before.media_time + before.duration);
    EXPECT_FALSE(played[i].discontinuous);
    if (part.id.rendition != before.id.rendition) EXPECT_EQ(part.id.part, 0);
  }
}

TEST(EngineSwitching, AViewerLearnsAllRenditionsAlsoFromAViewer) {
  Swarm swarm;
  swarm.add_source();
  const PeerId first = swarm.add_viewer();
  swarm.stream_for(3s);
  const PeerId second = swarm.add_viewer_who_knows({first});
  swarm.cut(MiniSwarm::id(1), second);
  swarm.stream_for(3s);
  for (const PeerId viewer : {first, second}) {
    const EngineStats stats = swarm.stats(viewer);
    ASSERT_EQ(stats.renditions.size(), 2u);
    EXPECT_EQ(stats.renditions[1].bits_per_s, 300'000u);
    EXPECT_TRUE(stats.renditions[0].played);
    EXPECT_FALSE(stats.renditions[1].played);
  }
}

TEST(EngineSwitching, PlaysOverAtASegmentWithoutAGapAndKeepsItsLinks) {
  Swarm swarm;
  swarm.add_source();
  const PeerId viewer = swarm.add_viewer();
  const PeerId other = swarm.add_viewer();
  swarm.stream_for(5s);
  const std::vector<PeerId> linked = swarm.peers.at(viewer).linked;
  swarm.choose(viewer, kLow);
  swarm.stream_for(8s);
  EXPECT_EQ(swarm.plays(viewer), kLow);
  EXPECT_EQ(swarm.plays(other), kHigh);
  EXPECT_EQ(swarm.peers.at(viewer).renditions, (std::vector{kHigh, kLow}));
  swarm.choose(viewer, kHigh);
  swarm.stream_for(8s);
  EXPECT_EQ(swarm.plays(viewer), kHigh);
  expect_seamless(swarm.peers.at(viewer).played);
  expect_seamless(swarm.peers.at(other).played);
  EXPECT_EQ(swarm.stats(viewer).parts_skipped, 0u);
  for (const PeerId peer : linked) EXPECT_TRUE(swarm.are_linked(viewer, peer));
  for (const auto& [id, peer] : swarm.peers) EXPECT_TRUE(peer.misbehaved.empty());
}

TEST(EngineSwitching, TheOldRenditionIsNotSentAnyMore) {
  Swarm swarm;
  swarm.add_source();
  const PeerId viewer = swarm.add_viewer();
  swarm.stream_for(5s);
  swarm.choose(viewer, kLow);
  swarm.stream_for(8s);
  const std::int64_t before = swarm.stats(viewer).received_from_source_bytes;
  swarm.stream_for(10s);
  const std::int64_t bits_per_s = (swarm.stats(viewer).received_from_source_bytes - before) * 8 / 10;
  EXPECT_GT(bits_per_s, 250'000);
  EXPECT_LT(bits_per_s, 400'000);
}

TEST(EngineSwitching, AViewerFeedsTheRenditionThatItReceives) {
  Swarm swarm;
  swarm.add_source();
  const PeerId first = swarm.add_viewer();
  const PeerId second = swarm.add_viewer();
  swarm.stream_for(4s);
  swarm.choose(first, kLow);
  swarm.stream_for(8s);
  swarm.cut(MiniSwarm::id(1), second);
  swarm.choose(second, kLow);
  swarm.stream_for(12s);
  EXPECT_EQ(swarm.plays(second), kLow);
  EXPECT_GE(swarm.stripes_out(first), 1u);
}

TEST(EngineSwitching, ViewersOfARenditionThatPausesGoToAnotherWithoutAGap) {
  Swarm swarm;
  swarm.add_source();
  const PeerId viewer = swarm.add_viewer();
  const PeerId chooser = swarm.add_viewer();
  swarm.choose(chooser, kHigh);
  swarm.stream_for(9s);
  swarm.pauses_after[kHigh.value] = swarm.segment() + 1;
  swarm.stream_for(6s);
  for (const PeerId each : {viewer, chooser}) EXPECT_EQ(swarm.plays(each), kLow);
  swarm.stream_for(60s);
  EXPECT_EQ(swarm.plays(viewer), kLow);
  swarm.pauses_after.clear();
  swarm.stream_for(60s);
  EXPECT_EQ(swarm.plays(chooser), kHigh);
  for (const PeerId each : {viewer, chooser}) {
    EXPECT_EQ(swarm.stats(each).parts_skipped, 0u);
    const std::vector<PlayPart>& played = swarm.peers.at(each).played;
    expect_seamless(played);
    EXPECT_LT(swarm.now.time_since_epoch() - played.back().part.captured.time_since_epoch(), 2s) << "playback does not stand";
  }
}

TEST(EngineSwitching, WhatNobodyFeedsIsGivenUpAndThePresentOneGoesOn) {
  Swarm swarm;
  swarm.add_source();
  const PeerId viewer = swarm.add_viewer();
  swarm.stream_for(5s);
  // Its pieces are lost on their way, so that its first part never is whole.
  swarm.on_the_way = [](PeerId, PeerId, Channel channel, Bytes& message) {
    if (channel == Channel::kPieces && message[0] == static_cast<std::byte>(kLow.value)) message.clear();
  };
  swarm.choose(viewer, kLow);
  swarm.stream_for(25s);
  swarm.choose(viewer, std::nullopt);
  swarm.stream_for(15s);
  EXPECT_EQ(swarm.plays(viewer), kHigh);
  const std::vector<PlayPart>& played = swarm.peers.at(viewer).played;
  expect_seamless(played);
  EXPECT_GT(played.size(), 210u) << "playback does not stop meanwhile";
}

}  // namespace
}  // namespace p2p::mesh
