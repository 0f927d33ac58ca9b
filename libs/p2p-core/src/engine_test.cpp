#include "p2p-core/engine.hpp"

#include <gtest/gtest.h>

#include <array>

#include "base/prng.hpp"
#include "scheduler/edge.hpp"
#include "testing/mini_swarm.hpp"
#include "wire/fragment.hpp"
#include "wire/message.hpp"

namespace p2p::mesh {
namespace {

using testing::MiniSwarm;

bool plays_without_gap(const MiniSwarm::Peer& peer) {
  for (std::size_t i = 1; i < peer.played.size(); ++i) {
    const Part& before = peer.played[i - 1].part;
    if (peer.played[i].discontinuous || peer.played[i].part.media_time != before.media_time + before.duration) return false;
  }
  return !peer.played.empty();
}

TEST(Engine, AViewerPlaysWhatTheSourceMakes) {
  MiniSwarm swarm;
  swarm.add_source();
  swarm.stream_for(1s);
  const PeerId viewer = swarm.add_viewer();
  swarm.stream_for(5s);
  EXPECT_TRUE(swarm.peers[viewer].has_rendition);
  EXPECT_GE(swarm.peers[viewer].played.size(), 25u);
  EXPECT_TRUE(swarm.peers[viewer].played.front().part.independent);
  EXPECT_TRUE(plays_without_gap(swarm.peers[viewer]));
}

TEST(Engine, ASourceWithOneConnectionFeedsFiveViewers) {
  MiniSwarm swarm;
  const PeerId source = swarm.add_source({.connections_max = 1});
  swarm.stream_for(1s);
  std::vector<PeerId> viewers;
  for (int i = 0; i < 5; ++i) {
    viewers.push_back(swarm.add_viewer());
    swarm.stream_for(1s);
  }
  swarm.stream_for(10s);
  int fed_by_source = 0;
  for (const PeerId viewer : viewers) {
    const EngineStats stats = swarm.stats(viewer);
    fed_by_source += stats.received_from_source_bytes > 0;
    EXPECT_GE(stats.parts_played, 50u);
    EXPECT_EQ(stats.parts_skipped, 0u);
  }
  EXPECT_EQ(fed_by_source, 1);
  EXPECT_LE(swarm.stats(source).given_bytes, swarm.stats(source).produced_bytes * 105 / 100);
}

TEST(Engine, ALinkThatCarriesTooLittleGetsMoreAssociations) {
  MiniSwarm swarm;
  const PeerId source = swarm.add_source();
  swarm.stream_for(1s);
  const PeerId viewer = swarm.add_viewer();
  MiniSwarm::SlowLink& link = swarm.slow_links[{source, viewer}];
  link.bits_per_s = 600'000;   // of a stream of 1 Mbit/s
  swarm.stream_for(15s);
  EXPECT_GE(link.associations, 2u);
  const std::uint64_t skipped = swarm.stats(viewer).parts_skipped;
  const std::uint64_t played = swarm.stats(viewer).parts_played;
  swarm.stream_for(10s);
  EXPECT_EQ(swarm.stats(viewer).parts_skipped, skipped);
  EXPECT_GE(swarm.stats(viewer).parts_played - played, 48u);
}

TEST(Engine, SaysOfEachLinkHowOftenItTookTooLittle) {
  MiniSwarm swarm;
  const PeerId source = swarm.add_source();
  const PeerId fast = swarm.add_viewer_who_knows({});
  const PeerId slow = swarm.add_viewer_who_knows({});
  swarm.slow_links[{source, slow}].bits_per_s = 100'000;   // of a stream of 1 Mbit/s
  swarm.stream_for(15s);
  for (const NeighborStats& neighbor : swarm.stats(source).neighbors) {
    if (neighbor.peer == fast) EXPECT_EQ(neighbor.held_up, 0u);
    if (neighbor.peer == slow) EXPECT_GT(neighbor.held_up, 0u);
  }
}

TEST(Engine, ALinkThatSufficesIsLeftAlone) {
  MiniSwarm swarm;
  const PeerId source = swarm.add_source();
  swarm.stream_for(1s);
  const PeerId viewer = swarm.add_viewer();
  MiniSwarm::SlowLink& link = swarm.slow_links[{source, viewer}];
  link.bits_per_s = 4'000'000;
  swarm.stream_for(10s);
  EXPECT_EQ(link.associations, 1u);
  EXPECT_EQ(swarm.stats(viewer).parts_skipped, 0u);
}

TEST(Engine, AWeakLineIsNeverHandedMoreThanAPieceAtOnce) {
  MiniSwarm swarm;
  const PeerId source = swarm.add_source({.upload_bits_per_s = 1'200'000});
  std::size_t at_once = 0, at_once_max = 0;
  Instant last{};
  swarm.on_the_way = [&](PeerId from, PeerId, Channel channel, Bytes& message) {
    if (from != source || channel != Channel::kPieces) return;
    at_once = (swarm.now == last ? at_once : 0) + message.size();
    last = swarm.now;
    at_once_max = std::max(at_once_max, at_once);
  };
  swarm.stream_for(1s);
  swarm.add_viewer();
  swarm.stream_for(6s);
  EXPECT_GT(at_once_max, 8'000u);
  EXPECT_LE(at_once_max, wire::kPieceBytesMax + 3 * wire::kFragmentHeaderBytes);
}

TEST(Engine, ASourceOfWhomTooMuchIsAskedLeavesRoomOnItsLineForWhatItAcknowledges) {
  constexpr std::int64_t kLineBitsPerS = 3'000'000;
  constexpr std::size_t kPacketPayload = 1150, kPacketHeaders = 77, kAcknowledgement = 93;
  MiniSwarm swarm;
  const PeerId source = swarm.add_source({.upload_bits_per_s = kLineBitsPerS});
  std::size_t line_bytes = 0, piece_bytes = 0;
  swarm.on_the_way = [&](PeerId from, PeerId to, Channel channel, Bytes& message) {
    if (from == source) line_bytes += message.size() + (message.size() + kPacketPayload - 1) / kPacketPayload * kPacketHeaders;
    if (from == source && channel == Channel::kPieces) piece_bytes += message.size();
    if (to == source) line_bytes += kAcknowledgement;
  };
  swarm.stream_for(1s);
  for (int i = 0; i < 20; ++i) swarm.add_viewer({.connections_max = 1});   // nobody else has anything for them
  swarm.stream_for(5s);
  line_bytes = piece_bytes = 0;
  swarm.stream_for(10s);
  EXPECT_GT(piece_bytes * 8, kLineBitsPerS * 10 * 60 / 100) << "they ask for more than there is";
  EXPECT_LT(line_bytes * 8, kLineBitsPerS * 10 * 98 / 100) << "a line that is offered more than it carries stays full (ADR 25)";
}

TEST(Engine, ACorruptPieceIsNeitherPlayedNorRelayedAndItsSenderIsDropped) {
  MiniSwarm swarm;
  swarm.add_source({.connections_max = 2});
  swarm.stream_for(1s);
  const PeerId liar = swarm.add_viewer();
  swarm.stream_for(2s);
  std::uint64_t corrupted = 0;
  swarm.on_the_way = [&](PeerId from, PeerId, Channel channel, Bytes& message) {
    if (from != liar || channel != Channel::kPieces || ++corrupted % 2 != 0) return;
    message.back() ^= std::byte{1};
  };
  const PeerId first = swarm.add_viewer();
  const PeerId second = swarm.add_viewer();
  swarm.stream_for(12s);
  ASSERT_GT(corrupted, 0u);
  for (const PeerId honest : {first, second}) {
    const MiniSwarm::Peer& peer = swarm.peers[honest];
    for (const Misbehaved& report : peer.misbehaved) EXPECT_EQ(report.peer, liar) << "an honest peer was accused";
    for (const PlayPart& played : peer.played) {
      const Payload bytes = played.part.bytes.joined();
      EXPECT_EQ(bytes.view().back(), std::byte{0}) << "a bad piece was played";
    }
    EXPECT_GE(peer.played.size(), 45u);
    EXPECT_EQ(std::ranges::count(peer.linked, liar), 0);
  }
  EXPECT_GE(swarm.stats(first).pieces_failed + swarm.stats(second).pieces_failed, 1u);
}

TEST(Engine, AForgedManifestDropsItsSender) {
  MiniSwarm swarm;
  swarm.add_source();
  swarm.stream_for(1s);
  const PeerId liar = swarm.add_viewer();
  const PeerId victim = swarm.add_viewer();
  swarm.stream_for(2s);
  const wire::ManifestEntry entry{.segment = 900, .duration_us = 200'000, .size = 100, .first = 90'000, .digests = std::vector<wire::Digest>(1)};
  const Bytes message = wire::encode(wire::Message{wire::Manifest{.batch = wire::encode(std::vector{entry})}});
  swarm.handle(victim, MessageReceived{liar, Channel::kControl, Payload{message}});
  ASSERT_FALSE(swarm.peers[victim].misbehaved.empty());
  EXPECT_EQ(swarm.peers[victim].misbehaved.front().peer, liar);
  swarm.stream_for(2s);
  EXPECT_TRUE(plays_without_gap(swarm.peers[victim]));
}

TEST(Engine, NonsenseDropsTheNeighborAndNobodyElse) {
  MiniSwarm swarm;
  const PeerId source = swarm.add_source();
  swarm.stream_for(1s);
  const PeerId rude = swarm.add_viewer();
  const PeerId polite = swarm.add_viewer();
  swarm.stream_for(1s);
  swarm.handle(source, MessageReceived{rude, Channel::kControl, Payload{Bytes(77)}});
  swarm.handle(polite, MessageReceived{rude, Channel::kPieces, Payload{Bytes(5)}});
  EXPECT_EQ(std::ranges::count(swarm.peers[source].linked, rude), 0);
  swarm.stream_for(3s);
  EXPECT_EQ(std::ranges::count(swarm.peers[source].linked, rude), 0) << "who was dropped stays out";
  EXPECT_TRUE(plays_without_gap(swarm.peers[polite]));
}

TEST(Engine, APeerOfAnotherVersionIsToldSo) {
  MiniSwarm swarm;
  const PeerId source = swarm.add_source();
  swarm.on_the_way = [&](PeerId from, PeerId, Channel channel, Bytes& message) {
    const auto said = channel == Channel::kControl ? wire::decode(message) : fail("a piece");
    if (from != source && said && std::holds_alternative<wire::Hello>(*said)) message = wire::encode(wire::Hello{.version = 1});
  };
  const PeerId old = swarm.add_viewer();
  swarm.run_for(1s);
  ASSERT_FALSE(swarm.peers[source].misbehaved.empty());
  EXPECT_NE(swarm.peers[source].misbehaved.front().what.find("version"), std::string::npos);
  EXPECT_FALSE(swarm.are_linked(source, old));
}

TEST(Engine, WhatItSaysOfItselfGoesAlongWithWhatItHas) {
  MiniSwarm swarm;
  const PeerId source = swarm.add_source();
  swarm.stream_for(1s);
  const PeerId viewer = swarm.add_viewer();
  swarm.stream_for(5s);
  int haves = 0, statuses = 0, others = 0;
  swarm.on_the_way = [&](PeerId from, PeerId, Channel channel, Bytes& message) {
    if (from != viewer || channel != Channel::kControl) return;
    const auto said = wire::decode(message);
    ASSERT_TRUE(said);
    const auto* have = std::get_if<wire::Have>(&*said);
    ++(have ? haves : others);
    statuses += have && have->status;
  };
  swarm.stream_for(10s);
  EXPECT_TRUE(swarm.are_linked(source, viewer));
  EXPECT_NEAR(haves, 50, 1);
  EXPECT_NEAR(statuses, 10, 1);
  EXPECT_EQ(others, 0);
}

TEST(Engine, AHeaderGoesOnlyToWhoHasNone) {
  MiniSwarm swarm;
  const PeerId source = swarm.add_source();
  swarm.stream_for(1s);
  std::map<PeerId, int> headers;
  swarm.on_the_way = [&](PeerId, PeerId to, Channel channel, Bytes& message) {
    const auto said = channel == Channel::kControl ? wire::decode(message) : fail("a piece");
    if (said && std::holds_alternative<wire::Header>(*said)) ++headers[to];
  };
  const PeerId viewer = swarm.add_viewer();
  swarm.stream_for(1s);
  const PeerId late = swarm.add_viewer();
  swarm.stream_for(2s);
  EXPECT_EQ(headers[source], 0);
  EXPECT_EQ(headers[viewer], 1);
  EXPECT_EQ(headers[late], 2) << "nothing is known of it but that it has none";
}

/// Of whether a neighbor that sends so many pieces which nobody asked for is taken for a flooder.
bool cut_off(int pieces, Duration every) {
  MiniSwarm swarm;
  swarm.add_source();
  swarm.stream_for(1s);
  const PeerId viewer = swarm.add_viewer();
  const PeerId other = swarm.add_viewer_who_knows({viewer});
  swarm.stream_for(2s);
  Bytes bytes = wire::encode(wire::Fragment{.size = 1'000, .piece = 0});
  bytes.resize(bytes.size() + 1'000);
  for (int i = 0; i < pieces; ++i) {
    swarm.handle(viewer, MessageReceived{other, Channel::kPieces, Payload{Bytes{bytes}}});
    swarm.run_for(every);
    if (i % 40 == 0) swarm.stream_for(200ms);
  }
  return !swarm.peers[viewer].misbehaved.empty();
}

TEST(Engine, AFloodOfPiecesEndsALinkAndATrickleOfLateOnesDoesNot) {
  EXPECT_TRUE(cut_off(300, 1ms));
  EXPECT_FALSE(cut_off(300, 130ms));
}

TEST(Engine, SaysWhatItDidLastAndWhy) {
  MiniSwarm swarm;
  swarm.add_source();
  swarm.stream_for(1s);
  const PeerId viewer = swarm.add_viewer();
  swarm.stream_for(3s);
  const PeerId other = swarm.add_viewer();
  swarm.stream_for(2s);
  swarm.handle(viewer, Playhead{.media_time = 1s, .buffered = 700ms, .playing = true});
  const EngineStats stats = swarm.stats(viewer);
  ASSERT_FALSE(stats.decisions.empty());
  EXPECT_LE(stats.decisions.size(), 16u);
  EXPECT_TRUE(std::ranges::is_sorted(stats.decisions, {}, &DecisionStats::ago));
  EXPECT_TRUE(std::ranges::any_of(stats.decisions, [](const DecisionStats& d) { return d.text.starts_with("stripe 0 comes from "); }));
  EXPECT_EQ(stats.buffer_ms, 700u);
  EXPECT_GT(swarm.stats(viewer).upload_used_bits_per_s + swarm.stats(other).upload_used_bits_per_s, 0);
}

TEST(Engine, KnowsTheRoundTripsOfItsLinks) {
  MiniSwarm swarm;
  swarm.add_source();
  const PeerId viewer = swarm.add_viewer();
  swarm.stream_for(2s);
  ASSERT_EQ(swarm.stats(viewer).neighbors.size(), 1u);
  EXPECT_EQ(swarm.stats(viewer).neighbors.front().rtt_ms, 20u);
}

TEST(Engine, WhenItsParentDiesSilentlyAViewerLosesNothing) {
  MiniSwarm swarm;
  swarm.add_source({.connections_max = 3});
  swarm.stream_for(1s);
  const PeerId parent = swarm.add_viewer();
  swarm.stream_for(1s);
  const PeerId child = swarm.add_viewer();
  const PeerId sibling = swarm.add_viewer();
  swarm.stream_for(3s);
  ASSERT_GT(swarm.stats(child).received_from_peers_bytes, 0);
  swarm.kill(parent);
  swarm.stream_for(5s);
  EXPECT_TRUE(plays_without_gap(swarm.peers[child]));
  EXPECT_TRUE(plays_without_gap(swarm.peers[sibling]));
  EXPECT_GE(swarm.stats(child).parts_played, 40u);
}

// Who has a stripe alone is gone without a word: for all others its pieces are with the source only.
TEST(Engine, ThePiecesThatTheSourceGaveToTheDeadComeToTheOthersInTime) {
  for (std::uint64_t several = 2; several <= 5; ++several) {
    MiniSwarm swarm;
    const PeerId source = swarm.add_source();
    swarm.stream_for(1s);
    std::vector<PeerId> viewers;
    for (std::uint64_t i = 0; i < several; ++i) viewers.push_back(swarm.add_viewer({.patience = 1100ms}));
    swarm.stream_for(6s);
    const PeerId alone = *std::ranges::max_element(viewers, {}, [&](PeerId viewer) { return swarm.stats(viewer).received_from_source_bytes; });
    std::map<PeerId, std::uint64_t> skipped;
    for (const PeerId viewer : viewers) skipped[viewer] = swarm.stats(viewer).parts_skipped;
    swarm.hold_up(alone, 20s);
    swarm.stream_for(8s);
    for (const PeerId viewer : viewers) {
      if (viewer != alone) EXPECT_EQ(swarm.stats(viewer).parts_skipped, skipped[viewer]) << "with " << several << " viewers";
    }
    EXPECT_TRUE(swarm.peers[source].misbehaved.empty());
    for (const PeerId viewer : viewers) EXPECT_TRUE(swarm.peers[viewer].misbehaved.empty());
  }
}

TEST(Engine, WhatPeersCannotGiveComesFromTheEdgeAndNoMore) {
  MiniSwarm swarm;
  swarm.edge = [&](PieceNumber piece) { return piece < swarm.made.size() ? swarm.made[piece] : Payload{}; };
  swarm.add_source({.upload_bits_per_s = 1'500'000});   // for one viewer
  swarm.stream_for(1s);
  const PeerId first = swarm.add_viewer({.giving = false});
  swarm.stream_for(3s);
  const PeerId second = swarm.add_viewer({.giving = false});
  for (const PeerId viewer : {first, second}) swarm.handle(viewer, EdgeOffered{});
  swarm.stream_for(10s);
  const std::uint64_t skipped = swarm.stats(first).parts_skipped + swarm.stats(second).parts_skipped;
  const std::int64_t before = swarm.stats(first).received_from_edge_bytes + swarm.stats(second).received_from_edge_bytes;
  const std::int64_t made = swarm.stats(MiniSwarm::id(1)).produced_bytes;
  swarm.stream_for(10s);
  EXPECT_EQ(swarm.stats(first).parts_skipped + swarm.stats(second).parts_skipped, skipped);
  EXPECT_GE(swarm.stats(second).parts_played, 80u);
  const std::int64_t from_edge = swarm.stats(first).received_from_edge_bytes + swarm.stats(second).received_from_edge_bytes - before;
  const std::int64_t stream = swarm.stats(MiniSwarm::id(1)).produced_bytes - made;
  EXPECT_GE(from_edge, stream * 70 / 100);
  EXPECT_LE(from_edge, stream * 110 / 100);
}

class FalseEdge : public ::testing::TestWithParam<void (*)(Bytes&)> {};

TEST_P(FalseEdge, IsNotAskedAgain) {
  MiniSwarm swarm;
  swarm.edge = [&](PieceNumber piece) {
    Bytes bytes{swarm.made.at(piece).view().begin(), swarm.made.at(piece).view().end()};
    GetParam()(bytes);
    return Payload{std::move(bytes)};
  };
  swarm.add_source({.upload_bits_per_s = 1'500'000});
  swarm.stream_for(1s);
  const PeerId first = swarm.add_viewer({.giving = false});
  swarm.stream_for(3s);
  const PeerId second = swarm.add_viewer({.giving = false});
  for (const PeerId viewer : {first, second}) swarm.handle(viewer, EdgeOffered{});
  swarm.stream_for(10s);
  ASSERT_FALSE(swarm.fetched.empty());
  EXPECT_LE(swarm.fetched.size(), 2 * Edge::kFetchesMax);
  EXPECT_GE(swarm.stats(first).pieces_failed + swarm.stats(second).pieces_failed, 1u);
  for (const PeerId viewer : {first, second}) EXPECT_TRUE(swarm.peers[viewer].misbehaved.empty()) << "no neighbor is to blame";
}

INSTANTIATE_TEST_SUITE_P(Engine, FalseEdge,
                         ::testing::Values([](Bytes& piece) { piece.back() ^= std::byte{1}; }, [](Bytes& piece) { piece.pop_back(); }));

// Each knows only the one before: those at the far end are deeper than a path may be long.
TEST(Engine, InAChainThatIsLongerThanAPathMayBeNobodyIsAccused) {
  MiniSwarm swarm;
  PeerId last = swarm.add_source({.connections_max = 1});
  swarm.stream_for(1s);
  std::vector<PeerId> chain;
  for (std::size_t i = 0; i < wire::kPathLengthMax + 4; ++i) {
    last = swarm.add_viewer_who_knows(chain.empty() ? std::vector<PeerId>{} : std::vector{last}, {.connections_max = 2});
    chain.push_back(last);
    swarm.stream_for(400ms);
  }
  swarm.stream_for(10s);
  std::size_t deepest = 0;
  for (const PeerId viewer : chain) {
    for (const Misbehaved& accused : swarm.peers[viewer].misbehaved) ADD_FAILURE() << accused.what;
    deepest = std::max<std::size_t>(deepest, swarm.stats(viewer).hop);
  }
  EXPECT_GE(deepest, wire::kPathLengthMax - 2) << "the chain did not hold";
}

TEST(Engine, TheStreamGoesOnWhileTheDirectoryIsAway) {
  MiniSwarm swarm;
  swarm.add_source({.connections_max = 1});
  swarm.stream_for(1s);
  const PeerId first = swarm.add_viewer();
  swarm.stream_for(1s);
  const PeerId second = swarm.add_viewer();
  swarm.stream_for(2s);
  swarm.directory_away = true;
  for (const PeerId peer : {first, second}) swarm.handle(peer, SignalingAway{});
  swarm.stream_for(30s);
  EXPECT_TRUE(plays_without_gap(swarm.peers[first]));
  EXPECT_TRUE(plays_without_gap(swarm.peers[second]));
  swarm.directory_away = false;
  const auto played = swarm.stats(second).parts_played;
  swarm.handle(second, Joined{.self = second, .source = MiniSwarm::id(1)});
  const PeerId newcomer = swarm.add_viewer();
  swarm.stream_for(3s);
  EXPECT_TRUE(plays_without_gap(swarm.peers[newcomer]));
  EXPECT_TRUE(plays_without_gap(swarm.peers[second])) << "a rejoin keeps the buffer";
  EXPECT_GT(swarm.stats(second).parts_played, played);
}

TEST(Engine, WhoOnlyReceivesGivesNothing) {
  MiniSwarm swarm;
  swarm.add_source();
  swarm.stream_for(1s);
  const PeerId leaf = swarm.add_viewer({.giving = false});
  const PeerId other = swarm.add_viewer();
  swarm.stream_for(5s);
  EXPECT_EQ(swarm.stats(leaf).given_bytes, 0);
  EXPECT_TRUE(plays_without_gap(swarm.peers[leaf]));
  EXPECT_TRUE(plays_without_gap(swarm.peers[other]));
}

TEST(Engine, AFullSourceMakesRoomForOneWhoPassesOn) {
  MiniSwarm swarm;
  const PeerId source = swarm.add_source({.connections_max = 1});
  swarm.stream_for(1s);
  swarm.add_viewer({.giving = false});
  swarm.stream_for(1s);
  const PeerId giver = swarm.add_viewer();
  swarm.stream_for(5s);
  EXPECT_EQ(swarm.peers[source].linked, std::vector{giver});
  EXPECT_TRUE(plays_without_gap(swarm.peers[giver]));
}

TEST(Engine, WhoIsSurroundedKeepsPlacesForOthers) {
  MiniSwarm swarm;
  swarm.add_source();
  std::vector<PeerId> honest;
  for (int i = 0; i < 3; ++i) honest.push_back(swarm.add_viewer());
  const PeerId victim = swarm.add_viewer_who_knows(honest);
  swarm.stream_for(2s);
  const auto links = [&] { return swarm.peers[victim].linked.size(); };
  const std::size_t before = links();
  constexpr std::uint32_t kRented = 7;
  for (int i = 0; i < 20; ++i) swarm.network_of[swarm.add_viewer_who_knows({victim})] = kRented;
  swarm.stream_for(2s);
  EXPECT_LE(links(), before + 4);
  swarm.stream_for(10s);   // those that are of no use make room for others of them only
  EXPECT_LE(links(), before + 4);
  const PeerId late = swarm.add_viewer_who_knows({victim});
  swarm.stream_for(2s);
  EXPECT_TRUE(swarm.are_linked(victim, late));
}

TEST(Engine, ASourceKeepsTheOnlyOneThroughWhomAllAreFed) {
  MiniSwarm swarm;
  const PeerId source = swarm.add_source({.connections_max = 1});
  int evicted = 0;
  swarm.on_the_way = [&](PeerId from, PeerId, Channel channel, Bytes& message) {
    if (from != source || channel != Channel::kControl) return;
    const auto decoded = wire::decode(message);
    evicted += decoded && std::holds_alternative<wire::Evict>(*decoded) ? 1 : 0;
  };
  swarm.stream_for(1s);
  const PeerId first = swarm.add_viewer({.upload_bits_per_s = 2'500'000});   // it passes on less than a stream for the one that it gets
  swarm.stream_for(20s);
  swarm.add_viewer();
  swarm.stream_for(5s);
  EXPECT_EQ(evicted, 0);
  EXPECT_EQ(swarm.peers[source].linked, std::vector{first});
}

TEST(Engine, WhoComesInTheFirstMomentsOfAStreamMissesNothing) {
  for (Duration age = 0ms; age < 1500ms; age += 10ms) {
    MiniSwarm swarm;
    swarm.add_source({.connections_max = 1});
    const auto whole = age / 200ms;
    swarm.stream_for(200ms * whole);
    swarm.run_for(age % 200ms);
    const PeerId viewer = swarm.add_viewer();
    swarm.stream_for(6s);
    EXPECT_EQ(swarm.stats(viewer).parts_skipped, 0u) << age / 1ms << " ms";
    EXPECT_GE(swarm.stats(viewer).parts_played, 25u) << age / 1ms << " ms";
  }
}

TEST(Engine, WhoIsHeldUpNowAndThenOnTheOnlyWayLosesNothing) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Prng prng{seed};
    MiniSwarm swarm;
    const PeerId source = swarm.add_source({.connections_max = 1});
    swarm.stream_for(1s);
    const PeerId near = swarm.add_viewer();
    swarm.stream_for(2s);
    const PeerId far = swarm.add_viewer();
    swarm.stream_for(4s);
    const std::array peers{source, near, far};
    for (int i = 0; i < 40; ++i) {
      const PeerId held = peers[static_cast<std::size_t>(prng.below(peers.size()))];
      swarm.hold_up(held, std::chrono::milliseconds{prng.between(200, 1300)});
      swarm.stream_for(200ms * prng.between(4, 10));
    }
    for (const PeerId viewer : {near, far}) EXPECT_EQ(swarm.stats(viewer).parts_skipped, 0u) << "seed " << seed << (viewer == near ? ", near" : ", far");
  }
}

TEST(Engine, TheWindowBoundsWhatIsKept) {
  MiniSwarm swarm;
  swarm.add_source({.window = 10s});
  swarm.stream_for(1s);
  const PeerId viewer = swarm.add_viewer({.window = 10s});
  swarm.stream_for(30s);
  // A newcomer is offered what lies within the window and starts near its end.
  const PeerId late = swarm.add_viewer();
  swarm.stream_for(2s);
  ASSERT_FALSE(swarm.peers[late].played.empty());
  EXPECT_GE(swarm.peers[late].played.front().part.media_time, 26s);
  EXPECT_TRUE(plays_without_gap(swarm.peers[viewer]));
}

TEST(Engine, SaysGoodbyeWhenItLeaves) {
  MiniSwarm swarm;
  swarm.add_source({.connections_max = 2});
  swarm.stream_for(1s);
  const PeerId parent = swarm.add_viewer();
  swarm.stream_for(1s);
  const PeerId child = swarm.add_viewer();
  swarm.stream_for(2s);
  swarm.handle(parent, Leave{});
  swarm.stream_for(400ms);
  swarm.kill(parent);
  swarm.stream_for(3s);
  EXPECT_TRUE(plays_without_gap(swarm.peers[child]));
}

TEST(Engine, TheSameInputsGiveTheSameDigest) {
  const auto run = [] {
    MiniSwarm swarm;
    swarm.add_source();
    swarm.stream_for(1s);
    const PeerId viewer = swarm.add_viewer();
    swarm.add_viewer();
    swarm.stream_for(5s);
    return swarm.peers[viewer].engine->digest();
  };
  EXPECT_EQ(run(), run());
}

}  // namespace
}  // namespace p2p::mesh
