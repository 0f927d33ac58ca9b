#include "scoring/peer_score.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace p2p::scoring {
namespace {

PeerEvidence good_peer() {
  return {.upload_claimed_bits_per_s = 20'000'000,
          .upload_proven_bits_per_s = 12'000'000,
          .latency_ms = 30,
          .pieces_delivered = 1'000,
          .pieces_failed = 0,
          .in_stream = 300s,
          .reachability = Reachability::kReachable};
}

TEST(PeerScore, AProvenRelayIsASuperSeed) {
  const PeerScore score = peer_score(good_peer());
  EXPECT_GE(score.total, 75);
  EXPECT_EQ(role_of(score, true), Role::kSuperSeed);
  EXPECT_EQ(role_of(score, false), Role::kLeaf) << "who gives nothing is a leaf";
}

TEST(PeerScore, RolesBeginWhereTheTableSays) {
  const auto role = [](std::uint8_t total, std::uint8_t bandwidth) { return role_of({.total = total, .bandwidth = bandwidth}, true); };
  EXPECT_EQ(role(49, 100), Role::kLeaf);
  EXPECT_EQ(role(50, 0), Role::kRelay);
  EXPECT_EQ(role(74, 100), Role::kRelay);
  EXPECT_EQ(role(75, 69), Role::kRelay) << "a super-seed has the upload for it";
  EXPECT_EQ(role(75, 70), Role::kSuperSeed);
  EXPECT_EQ(role_of({.total = 100, .bandwidth = 100}, false), Role::kLeaf);
}

TEST(PeerScore, AClaimWithoutProofCountsAsTheTrial) {
  const PeerEvidence boaster{.upload_claimed_bits_per_s = 1'000'000'000};
  const PeerEvidence modest{.upload_claimed_bits_per_s = kTrialUploadBitsPerS};
  EXPECT_EQ(peer_score(boaster).total, peer_score(modest).total);
  EXPECT_EQ(credited_upload({.upload_claimed_bits_per_s = 1'000'000'000, .upload_proven_bits_per_s = 5'000'000}), 10'000'000);
  EXPECT_EQ(credited_upload({.upload_claimed_bits_per_s = 1'000'000, .upload_proven_bits_per_s = 5'000'000}), 1'000'000)
      << "a viewer's own cap is respected";
}

TEST(PeerScore, MoreOfEachVirtueNeverLowersIt) {
  const std::uint8_t base = peer_score(good_peer()).total;
  PeerEvidence worse = good_peer();
  worse.latency_ms = 400;
  EXPECT_LT(peer_score(worse).total, base);
  worse = good_peer();
  worse.pieces_failed = 50;
  EXPECT_LT(peer_score(worse).total, base);
  worse = good_peer();
  worse.in_stream = 5s;
  EXPECT_LT(peer_score(worse).total, base);
  worse = good_peer();
  worse.reachability = Reachability::kUnreachable;
  EXPECT_LT(peer_score(worse).total, base);
  std::uint8_t last = 0;
  for (std::int64_t upload = 0; upload < 60'000'000; upload += 250'000) {
    PeerEvidence peer = good_peer();
    peer.upload_claimed_bits_per_s = peer.upload_proven_bits_per_s = upload;
    EXPECT_GE(peer_score(peer).total, last);
    last = peer_score(peer).total;
  }
}

TEST(PeerScore, AbsurdEvidenceStaysWithinBounds) {
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  EXPECT_LE(peer_score({kMax, kMax, kMax, kMax, kMax, Duration::max(), Reachability::kReachable}).total, 100);
  EXPECT_LE(peer_score({kMin, kMin, kMin, kMin, kMin, Duration::min(), Reachability::kUnreachable}).total, 100);
  EXPECT_EQ(peer_score({kMax, kMax, 0, 1, 0, Duration::max(), Reachability::kReachable}).total, 100);
}

}  // namespace
}  // namespace p2p::scoring
