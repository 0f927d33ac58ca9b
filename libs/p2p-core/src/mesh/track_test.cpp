#include "mesh/track.hpp"

#include <gtest/gtest.h>

namespace p2p::mesh {
namespace {

constexpr PeerId kNeighbor{1ULL << 32}, kOther{2ULL << 32};
constexpr Instant kNow{60s};

/// Segments of ten parts: a key part of eight pieces, then one piece each.
class TrackTest : public testing::Test {
 protected:
  static constexpr PieceNumber kKeyPieces = 8, kSegmentPieces = 17;

  TrackTest() {
    for (std::uint32_t segment = 0; segment < 3; ++segment) {
      for (std::uint16_t number = 0; number < 10; ++number) add(segment, number);
    }
  }
  void add(std::uint32_t segment, std::uint16_t number) {
    const PieceNumber first = segment * kSegmentPieces + (number == 0 ? 0 : kKeyPieces + number - 1);
    std::vector<const ManifestLog::Entry*> added;
    EXPECT_TRUE(track_.log.add({{.segment = segment, .part = number, .independent = number == 0, .media_time_us = segment * 2'000'000 + number * 200'000,
                                 .duration_us = 200'000, .size = 100, .first = first,
                                 .digests = std::vector<wire::Digest>(number == 0 ? kKeyPieces : 1)}}, {}, kNow, added));
  }
  void has(PeerId peer, PieceNumber first, PieceNumber count) {
    Neighbor& neighbor = neighbors_[peer];
    neighbor.peer = peer;
    neighbor.greeted = true;
    for (PieceNumber piece = first; piece < first + count; ++piece) neighbor.in(RenditionId{}).has.add(piece);
  }
  [[nodiscard]] std::optional<std::uint32_t> start() const {
    const ManifestLog::Entry* entry = track_.best_start(neighbors_);
    return entry ? std::optional{entry->part.segment} : std::nullopt;
  }

  Prng prng_{1};
  Track track_{prng_, 2500ms};
  Neighbors neighbors_;
};

TEST_F(TrackTest, PlaybackBeginsAtTheNewestStartThatNeighborsHaveWhole) {
  EXPECT_FALSE(start().has_value()) << "nobody has anything";
  has(kNeighbor, 2 * kSegmentPieces, 3);
  EXPECT_EQ(start(), 2u) << "for want of one that is whole";
  has(kNeighbor, kSegmentPieces, kKeyPieces);
  EXPECT_EQ(start(), 1u) << "the newest is still on its way";
  has(kOther, 2 * kSegmentPieces + 3, kKeyPieces - 3);
  EXPECT_EQ(start(), 2u) << "whole between the two of them";
}

TEST_F(TrackTest, PlaybackDoesNotBeginFarBehind) {
  has(kNeighbor, 0, kKeyPieces);
  has(kNeighbor, 2 * kSegmentPieces, 1);
  EXPECT_EQ(start(), 2u);
}

TEST_F(TrackTest, ABacklogIsAskedForAsItIsPlayed) {
  track_.backlog_end = track_.log.end();
  track_.playout.start_at(kSegmentPieces);
  const PieceNumber at_first = track_.backlog_to_ask(std::nullopt, 900ms);
  EXPECT_GT(at_first, kSegmentPieces + kKeyPieces);
  EXPECT_LT(at_first, 2 * kSegmentPieces);
  EXPECT_EQ(track_.backlog_to_ask(2s, 900ms), at_first);
  EXPECT_EQ(track_.backlog_to_ask(2400ms, 900ms), at_first + 2) << "two parts later two parts more";
  EXPECT_EQ(track_.backlog_to_ask(7s, 900ms), track_.backlog_end);
}

TEST_F(TrackTest, ANewChildIsPushedWhatIsYetToComeHere) {
  EXPECT_EQ(track_.to_come(0), track_.log.end()) << "nothing is known of the stripe's order";
  track_.bits_per_s = 3'000'000;
  const PieceNumber newest = 3 * kStripes;
  ASSERT_TRUE(track_.store.put(newest, {}));
  EXPECT_EQ(track_.to_come(0), newest + kStripes) << "it exists, and is not here";
}

}  // namespace
}  // namespace p2p::mesh
