#include "directory/candidate_pool.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace p2p::directory {
namespace {

CandidatePool pool_of(std::uint64_t receiving, std::uint64_t waiting) {
  CandidatePool pool;
  for (std::uint64_t i = 0; i < receiving; ++i) pool.put(PeerId{i}, {.score = static_cast<std::uint8_t>(i % 101), .receiving = true});
  for (std::uint64_t i = 0; i < waiting; ++i) pool.put(PeerId{1'000'000 + i}, {.score = 20, .receiving = false});
  pool.check_invariants();
  return pool;
}

bool is_waiting(PeerId peer) { return peer.value >= 1'000'000; }

TEST(CandidatePool, GivesDistinctPeersAndNoneExcluded) {
  const CandidatePool pool = pool_of(300, 300);
  std::vector<PeerId> excluded;
  for (std::uint64_t i = 50; i < 101; ++i) excluded.push_back(PeerId{i});
  Prng prng{1};
  for (int round = 0; round < 50; ++round) {
    const std::vector<PeerId> picked = pool.pick(20, excluded, {}, prng);
    EXPECT_EQ(picked.size(), 20u);
    EXPECT_EQ(std::set<PeerId>(picked.begin(), picked.end()).size(), 20u);
    for (const PeerId peer : picked) EXPECT_EQ(std::ranges::find(excluded, peer), excluded.end());
  }
}

TEST(CandidatePool, HalfAreTheBestAndHalfAreChance) {
  CandidatePool pool;
  for (std::uint64_t i = 0; i < 1'000; ++i) pool.put(PeerId{i}, {.score = static_cast<std::uint8_t>(i < 10 ? 90 : 40), .receiving = true});
  Prng prng{2};
  std::set<PeerId> others;
  for (int round = 0; round < 40; ++round) {
    const std::vector<PeerId> picked = pool.pick(20, {}, {}, prng);
    EXPECT_EQ(std::ranges::count_if(picked, [](PeerId peer) { return peer.value < 10; }), 10);
    for (const PeerId peer : picked) {
      if (peer.value >= 10) others.insert(peer);
    }
  }
  EXPECT_GT(others.size(), 250u) << "chance spreads over the room";
}

TEST(CandidatePool, ThoseWhoReceiveComeFirstAndSomeNewcomersAlways) {
  const CandidatePool pool = pool_of(300, 300);
  Prng prng{3};
  const std::vector<PeerId> picked = pool.pick(20, {}, {}, prng);
  EXPECT_EQ(std::ranges::count_if(picked, is_waiting), 5);
  EXPECT_FALSE(is_waiting(picked.front()));
}

TEST(CandidatePool, EachGroupFillsInForTheOther) {
  Prng prng{4};
  EXPECT_EQ(pool_of(0, 30).pick(20, {}, {}, prng).size(), 20u);
  EXPECT_EQ(pool_of(30, 0).pick(20, {}, {}, prng).size(), 20u);
  EXPECT_EQ(pool_of(19, 1).pick(20, {}, {}, prng).size(), 20u);
  EXPECT_EQ(pool_of(1, 2).pick(20, {}, {}, prng).size(), 3u);
  EXPECT_TRUE(pool_of(0, 0).pick(20, {}, {}, prng).empty());
}

TEST(CandidatePool, OneNetworkIsNamedSparinglyWhileThereAreOthers) {
  constexpr std::uint32_t kRented = 7;
  const auto of_rented = [](std::uint64_t rented, std::uint64_t others) {
    CandidatePool pool;
    for (std::uint64_t i = 0; i < rented; ++i) pool.put(PeerId{i}, {.score = 90, .receiving = true, .place = {.network = kRented}});
    for (std::uint64_t i = 0; i < others; ++i) {
      pool.put(PeerId{10'000 + i}, {.score = 40, .receiving = true, .place = {.network = 100 + static_cast<std::uint32_t>(i)}});
    }
    Prng prng{6};
    const std::vector<PeerId> picked = pool.pick(20, {}, {}, prng);
    const auto named = static_cast<std::size_t>(std::ranges::count_if(picked, [](PeerId peer) { return peer.value < 10'000; }));
    return std::pair{named, picked.size()};
  };
  EXPECT_EQ(of_rented(100, 300), std::pair(CandidatePool::kOneNetworkMax, std::size_t{20}));
  EXPECT_EQ(of_rented(3'000, 1'000), std::pair(CandidatePool::kOneNetworkMax, std::size_t{20})) << "however many they are, and however good";
  EXPECT_EQ(of_rented(50, 3), std::pair(std::size_t{17}, std::size_t{20})) << "an office and three at home";
  EXPECT_EQ(of_rented(50, 0), std::pair(std::size_t{20}, std::size_t{20}));
}

TEST(CandidatePool, AFewAreNearTheAsker) {
  CandidatePool pool;
  for (std::uint64_t i = 0; i < 1'000; ++i) {
    const auto number = static_cast<std::uint32_t>(i);
    // Networks of ten, regions of a hundred, and the farther away the better.
    pool.put(PeerId{i}, {.score = static_cast<std::uint8_t>(i / 10), .receiving = true, .full = i == 12, .place = {.network = 1 + number / 10, .region = 1 + number / 100}});
  }
  Prng prng{8};
  for (int round = 0; round < 40; ++round) {
    const std::vector<PeerId> picked = pool.pick(20, std::vector{PeerId{17}}, {.network = 2, .region = 1}, prng);
    EXPECT_EQ(picked.size(), 20u);
    EXPECT_EQ(std::ranges::count_if(picked, [](PeerId peer) { return peer.value / 10 == 1; }), CandidatePool::kOneNetworkMax) << "of its network";
    EXPECT_GE(std::ranges::count_if(picked, [](PeerId peer) { return peer.value < 100; }), CandidatePool::kOneNetworkMax + CandidatePool::kRegionMax);
    EXPECT_GE(std::ranges::count_if(picked, [](PeerId peer) { return peer.value >= 900; }), 7) << "and the best all the same";
    EXPECT_EQ(std::ranges::find(picked, PeerId{12}), picked.end()) << "but not who has no room";
  }
}

TEST(CandidatePool, WhoIsAloneInItsNeighborhoodIsGivenTheSameAsAnybody) {
  CandidatePool pool = pool_of(300, 30);
  pool.put(PeerId{999}, {.score = 50, .receiving = true, .place = {.network = 5, .region = 6}});
  Prng one{9};
  Prng two{9};
  const std::vector<PeerId> itself{PeerId{999}};
  EXPECT_EQ(pool.pick(20, itself, {.network = 5, .region = 6}, one), pool.pick(20, itself, {}, two));
}

TEST(CandidatePool, KeepsItsOrderThroughAnyChanges) {
  CandidatePool pool;
  Prng prng{5};
  for (int step = 0; step < 5'000; ++step) {
    const PeerId peer{prng.below(200)};
    if (prng.chance(1, 3)) {
      pool.erase(peer);
    } else {
      pool.put(peer, {.score = static_cast<std::uint8_t>(prng.below(101)),
                      .receiving = prng.chance(1, 2),
                      .place = {.network = static_cast<std::uint32_t>(prng.below(5)), .region = static_cast<std::uint32_t>(prng.below(3))}});
    }
    if (step % 50 == 0) pool.check_invariants();
  }
  for (std::uint64_t i = 0; i < 200; ++i) pool.erase(PeerId{i});
  EXPECT_EQ(pool.size(), 0u);
  pool.check_invariants();
}

TEST(CandidatePool, TheSameSeedGivesTheSamePick) {
  const CandidatePool pool = pool_of(500, 100);
  Prng one{7};
  Prng two{7};
  EXPECT_EQ(pool.pick(20, {}, {}, one), pool.pick(20, {}, {}, two));
}

}  // namespace
}  // namespace p2p::directory
