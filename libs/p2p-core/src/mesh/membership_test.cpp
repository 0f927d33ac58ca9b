#include "mesh/membership.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace p2p::mesh {
namespace {

constexpr PeerId kSelf{1}, kBob{2}, kEve{3};
constexpr Instant kNow{};

Membership::Hearsay peer(std::uint64_t id) { return {.peer = PeerId{id}, .receiving = true, .room = true}; }

/// Linked with Bob and Eve; the server is away.
Membership without_server(std::uint64_t directory_knew = 0) {
  Membership membership{{}, Prng{1}};
  membership.joined(kSelf, std::nullopt);
  for (const PeerId neighbor : {kBob, kEve}) membership.link_up(neighbor, kNow);
  for (std::uint64_t i = 0; i < directory_knew; ++i) membership.learn({.peer = PeerId{10'000 + i}, .score = 50, .receiving = true}, kNow);
  membership.signaling_away(kNow);
  return membership;
}

TEST(Membership, WithoutTheServerOnlyThoseAreDialledWhomANeighborIntroduces) {
  Membership membership = without_server(20);
  EXPECT_TRUE(membership.plan({}, kNow).empty());
  membership.heard_of(peer(10'003), kBob, kNow);
  EXPECT_EQ(membership.plan({}, kNow), std::vector{PeerId{10'003}});
  EXPECT_EQ(membership.introducer(PeerId{10'003}), kBob);
}

TEST(Membership, ANeighborThatIsGoneIntroducesNobody) {
  Membership membership = without_server();
  membership.heard_of(peer(100), kBob, kNow);
  membership.link_down(kBob, kNow);
  EXPECT_TRUE(membership.plan({}, kNow).empty());
}

TEST(Membership, WhatWasSaidLongAgoDoesNotCount) {
  Membership membership = without_server();
  membership.heard_of(peer(100), kBob, kNow);
  EXPECT_TRUE(membership.plan({}, kNow + Membership::kIntroducesFor + 1s).empty());
}

TEST(Membership, OneNeighborIntroducesFewAtATime) {
  Membership membership = without_server();
  for (std::uint64_t i = 0; i < 20; ++i) membership.heard_of(peer(100 + i), kBob, kNow);
  EXPECT_EQ(membership.plan({.starving = true, .rendition = {}}, kNow).size(), Membership::kIntroducedByOneMax);
  EXPECT_TRUE(membership.plan({.starving = true, .rendition = {}}, kNow).empty());
  EXPECT_FALSE(membership.offered({.peer = PeerId{500}, .by = kBob})) << "nor by offers that it carries";
  membership.heard_of(peer(200), kEve, kNow);
  EXPECT_EQ(membership.plan({.starving = true, .rendition = {}}, kNow), std::vector{PeerId{200}});
  EXPECT_TRUE(membership.offered({.peer = PeerId{501}, .by = kEve}));
  membership.check_invariants();
}

TEST(Membership, OneNeighborFillsOnlyItsShareOfThePool) {
  Membership membership = without_server();
  for (std::uint64_t i = 0; i < 1000; ++i) membership.heard_of(peer(1000 + i), kBob, kNow + i * 1us);
  membership.heard_of(peer(5), kEve, kNow);
  std::vector<PeerId> dialled = membership.plan({.starving = true, .rendition = {}}, kNow + 1s);
  EXPECT_EQ(std::ranges::count(dialled, PeerId{5}), 1);
  membership.joined(kSelf, std::nullopt);   // back: whoever is remembered may be dialled
  std::size_t named_by_bob = 0;
  for (int i = 0; i < 100; ++i) {
    for (const PeerId one : membership.plan({.starving = true, .rendition = {}}, kNow + 2s + i * 1s)) {
      named_by_bob += one.value >= 1000 ? 1 : 0;
      membership.ban(one);
    }
  }
  EXPECT_LE(named_by_bob, Membership::kNamedByOneMax);
}

TEST(Membership, WhomTheDirectoryNamedStaysAndGoesFirst) {
  Membership membership = without_server(Membership::kKnownMax - 2);
  membership.heard_of(peer(100), kBob, kNow + 1s);   // there is no room for it
  membership.joined(kSelf, std::nullopt);
  for (const PeerId dialled : membership.plan({.starving = true, .rendition = {}}, kNow + 2s)) EXPECT_GE(dialled.value, 10'000u);

  Membership small = without_server(3);
  for (std::uint64_t i = 0; i < 20; ++i) small.heard_of(peer(100 + i), kBob, kNow);
  small.joined(kSelf, std::nullopt);
  std::vector<PeerId> first = small.plan({}, kNow);
  ASSERT_GE(first.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_GE(first[i].value, 10'000u);
}

TEST(Membership, OffersOfMadeUpPeersPushNobodyOut) {
  Membership membership = without_server(100);
  for (std::uint64_t i = 0; i < 2 * Membership::kKnownMax; ++i) (void)membership.offered({.peer = PeerId{100'000 + i}, .by = kBob});
  membership.joined(kSelf, std::nullopt);
  std::size_t remembered = 0;
  for (int i = 0; i < 200; ++i) {
    for (const PeerId one : membership.plan({.starving = true, .rendition = {}}, kNow + 2s + i * 1s)) {
      remembered += one.value < 100'000 ? 1 : 0;
      membership.ban(one);
    }
  }
  EXPECT_EQ(remembered, 100u);
}

TEST(Membership, ANeighborsWordDoesNotBringBackWhoWasBanned) {
  Membership membership = without_server();
  membership.ban(PeerId{100});
  membership.heard_of(peer(100), kBob, kNow);
  EXPECT_TRUE(membership.plan({.starving = true, .rendition = {}}, kNow).empty());
  EXPECT_FALSE(membership.offered({.peer = PeerId{100}, .by = kBob}));
}

TEST(Membership, NeighborsAreAskedWhileTheServerIsAwayOftenerWhenLinksAreFew) {
  Membership membership = without_server();
  EXPECT_EQ(membership.ask_neighbors(false, kNow), 2u);
  EXPECT_EQ(membership.ask_neighbors(false, kNow + 1s), 0u);
  EXPECT_EQ(membership.ask_neighbors(false, kNow + 2s), 2u);
  for (std::uint64_t i = 0; i < Membership::kLinksWanted; ++i) membership.link_up(PeerId{50 + i}, kNow);
  EXPECT_EQ(membership.ask_neighbors(false, kNow + 4s), 1u);
  EXPECT_EQ(membership.ask_neighbors(false, kNow + 6s), 0u);
  membership.joined(kSelf, std::nullopt);
  EXPECT_EQ(membership.ask_neighbors(true, kNow + 60s), 0u);
}

constexpr std::uint32_t kRented = 7;

/// Of so many peers in that network the directory named some, and as many others who each live somewhere else.
Membership who_knows(std::uint64_t of_network, std::uint64_t others) {
  Membership membership{{}, Prng{1}};
  membership.joined(kSelf, std::nullopt);
  for (std::uint64_t i = 0; i < of_network; ++i) membership.learn({.peer = PeerId{1'000 + i}, .score = 90, .receiving = true, .network = kRented}, kNow);
  for (std::uint64_t i = 0; i < others; ++i) {
    membership.learn({.peer = PeerId{2'000 + i}, .score = 50, .receiving = true, .network = 100 + static_cast<std::uint32_t>(i)}, kNow);
  }
  return membership;
}

TEST(Membership, WhoSurroundsFromOneNetworkGetsItsShareOnly) {
  Membership membership = who_knows(2, 18);
  std::size_t taken = 0;
  for (std::uint64_t i = 0; i < 50; ++i) taken += membership.offered({.peer = PeerId{5'000 + i}, .network = kRented}) ? 1 : 0;
  EXPECT_EQ(taken, Membership::kOneNetworkMin);
  EXPECT_TRUE(membership.crowded(kRented));
  EXPECT_TRUE(membership.offered({.peer = PeerId{6'000}, .network = kRented, .makes_room = true})) << "in the place of another of them";
  std::size_t others = 0;
  for (std::uint32_t i = 0; i < 50; ++i) others += membership.offered({.peer = PeerId{7'000 + i}, .network = 500 + i}) ? 1 : 0;
  EXPECT_EQ(others, 16 - Membership::kOneNetworkMin - 1);
  membership.check_invariants();
}

TEST(Membership, WhoDialsKeepsToTheShareAsWell) {
  Membership membership = who_knows(8, 24);
  const std::vector<PeerId> dialled = membership.plan({}, kNow);
  EXPECT_EQ(dialled.size(), Membership::kLinksFirst);
  EXPECT_LE(std::ranges::count_if(dialled, [](PeerId peer) { return peer.value < 2'000; }), 4);
}

TEST(Membership, WhoKnowsNobodyElseTakesANetworkWhole) {
  Membership house = who_knows(15, 0);
  EXPECT_EQ(house.plan({}, kNow).size(), Membership::kLinksFirst);
  std::size_t taken = 0;
  for (std::uint64_t i = 0; i < 50; ++i) taken += house.offered({.peer = PeerId{5'000 + i}, .network = kRented}) ? 1 : 0;
  EXPECT_EQ(taken, 16 - Membership::kLinksFirst);

  Membership unknown = who_knows(0, 20);
  taken = 0;
  for (std::uint64_t i = 0; i < 50; ++i) taken += unknown.offered({.peer = PeerId{5'000 + i}}) ? 1 : 0;
  EXPECT_EQ(taken, 16u) << "the server does not know networks: behind one proxy, in one house";
}

TEST(Membership, WhoHasLinksEnoughLooksAroundLessAndLessOften) {
  Membership membership{{}, Prng{1}};
  membership.joined(kSelf, std::nullopt);
  for (std::uint64_t i = 0; i < Membership::kLinksWanted; ++i) membership.link_up(PeerId{50 + i}, kNow);
  for (std::uint64_t i = 0; i < 200; ++i) membership.learn({.peer = PeerId{1'000 + i}, .score = 50, .receiving = true}, kNow);
  std::array<std::size_t, 10> dials_in_minute{};
  for (Duration at{}; at < 10min; at += 100ms) {
    for (const PeerId peer : membership.plan({}, kNow + at)) {
      ++dials_in_minute.at(static_cast<std::size_t>(at / 1min));
      membership.link_up(peer, kNow + at);
      membership.link_down(peer, kNow + at);
    }
  }
  EXPECT_GE(dials_in_minute.front(), 4u);
  EXPECT_LE(dials_in_minute.front(), 8u);
  EXPECT_LE(dials_in_minute.back(), 2u);
  EXPECT_GE(dials_in_minute.back() + dials_in_minute[8], 1u) << "it never stops";
}

TEST(Membership, WhoLooksAroundLeavesRoomForThoseWhoCome) {
  Membership membership{{}, Prng{1}};
  membership.joined(kSelf, std::nullopt);
  for (std::uint64_t i = 0; i < 200; ++i) membership.learn({.peer = PeerId{1'000 + i}, .score = 50, .receiving = true}, kNow);
  std::size_t links = 0;
  for (Duration at{}; at < 30min; at += 1s) {
    for (const PeerId peer : membership.plan({}, kNow + at)) {
      membership.link_up(peer, kNow + at);
      ++links;
    }
  }
  EXPECT_GT(links, Membership::kLinksWanted);
  EXPECT_LE(links, 14u);
}

TEST(Membership, ANewcomerLeavesPlacesToOthersWhoComeWithIt) {
  Membership membership{{}, Prng{1}};
  membership.joined(kSelf, std::nullopt);
  for (std::uint64_t i = 0; i < 30; ++i) membership.learn({.peer = PeerId{1'000 + i}, .score = 50, .receiving = true}, kNow);
  const auto link_all = [&](Instant now) {
    const std::vector<PeerId> dialled = membership.plan({}, now);
    for (const PeerId peer : dialled) membership.link_up(peer, now);
    return dialled.size();
  };
  EXPECT_EQ(link_all(kNow), Membership::kLinksFirst);
  EXPECT_EQ(link_all(kNow + 1s), 0u);
  EXPECT_EQ(link_all(kNow + 11s), Membership::kLinksWanted - Membership::kLinksFirst);
}

TEST(Membership, SomeDialsAreByChanceWhateverTheScores) {
  std::size_t best = 0, others = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Membership membership{{}, Prng{seed}};
    membership.joined(kSelf, std::nullopt);
    for (std::uint64_t i = 0; i < 100; ++i) {
      membership.learn({.peer = PeerId{100 + i}, .score = static_cast<std::uint8_t>(i < 20 ? 100 : 30), .receiving = true}, kNow);
    }
    for (const PeerId peer : membership.plan({}, kNow)) ++(peer.value < 120 ? best : others);
  }
  EXPECT_GE(best, 20u * 4);
  EXPECT_GE(others, 20u);
}

TEST(Membership, WhoHasTheRenditionThatIsSoughtIsDialledFirstAndBeyondTheUsualLinks) {
  constexpr RenditionId kSought{2};
  Membership membership{{}, Prng{1}};
  membership.joined(kSelf, std::nullopt);
  for (std::uint64_t i = 0; i < 20; ++i) membership.learn({.peer = PeerId{100 + i}, .score = 90, .receiving = true, .rendition = RenditionId{0}}, kNow);
  for (std::uint64_t i = 0; i < 20; ++i) membership.learn({.peer = PeerId{200 + i}, .score = 10, .receiving = true, .rendition = kSought}, kNow);
  const Membership::Need need{.seeking = true, .rendition = kSought};
  std::vector<PeerId> dialled = membership.plan(need, kNow);
  EXPECT_GE(std::ranges::count_if(dialled, [](PeerId peer) { return peer.value >= 200; }), 4) << "two of six go to anybody";
  for (const PeerId peer : dialled) membership.link_up(peer, kNow);
  EXPECT_TRUE(membership.plan({.rendition = kSought}, kNow + 1s).empty());
  dialled = membership.plan(need, kNow + 1s);
  EXPECT_EQ(dialled.size(), 1u) << "one at a time, as long as neighbors do not bring it";
}

TEST(Membership, AnOfferThatBecomesNoLinkKeepsNoPlaceForLong) {
  Membership membership{{.connections_max = 2, .source = true}, Prng{1}};
  membership.joined(kSelf, kSelf);
  const auto offered = [&](std::uint64_t peer, Instant at) { return membership.offered({.peer = PeerId{100 + peer}, .at = at}); };
  EXPECT_TRUE(offered(0, kNow));
  EXPECT_TRUE(offered(1, kNow));
  EXPECT_FALSE(offered(2, kNow + Membership::kDialAwaited));
  const Instant later = kNow + Membership::kDialAwaited + 1us;
  EXPECT_FALSE(membership.full(later));
  membership.link_down(PeerId{100}, later);   // its driver gave up
  EXPECT_TRUE(offered(2, later)) << "in the place of one that is not awaited any more";
  EXPECT_FALSE(offered(3, later)) << "but drivers try for so many at once and no more";
  for (const std::uint64_t peer : {101u, 102u}) membership.link_up(PeerId{peer}, later);
  EXPECT_FALSE(membership.overfull());
  membership.check_invariants();
}

TEST(Membership, ALinkThatComesWhenOthersHaveItsPlaceIsOneTooMany) {
  Membership membership{{.connections_max = 4, .source = true}, Prng{1}};
  membership.joined(kSelf, kSelf);
  const Instant later = kNow + Membership::kDialAwaited + 1us;
  for (std::uint64_t i = 0; i < 2; ++i) EXPECT_TRUE(membership.offered({.peer = PeerId{100 + i}, .at = kNow}));
  for (std::uint64_t i = 0; i < 2; ++i) EXPECT_TRUE(membership.offered({.peer = PeerId{200 + i}, .at = later}));
  for (std::uint64_t i = 0; i < 2; ++i) membership.link_up(PeerId{200 + i}, later);
  for (std::uint64_t i = 0; i < 2; ++i) EXPECT_TRUE(membership.offered({.peer = PeerId{300 + i}, .at = later}));
  for (std::uint64_t i = 0; i < 2; ++i) membership.link_up(PeerId{300 + i}, later);
  EXPECT_FALSE(membership.overfull());
  membership.link_up(PeerId{100}, later);
  EXPECT_TRUE(membership.overfull());
}

}  // namespace
}  // namespace p2p::mesh
