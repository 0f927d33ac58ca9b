#include "mesh_sample.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace p2p::directory {
namespace {

using scoring::Role;

/// Peers by hop and role: how many of each.
std::vector<SampleCandidate> room_of(const std::map<std::pair<std::uint16_t, Role>, std::size_t>& counts) {
  std::vector<SampleCandidate> all;
  for (const auto& [kind, count] : counts) {
    for (std::size_t i = 0; i < count; ++i) all.push_back({.peer = PeerId{all.size() + 1}, .role = kind.second, .hop = kind.first});
  }
  return all;
}

std::size_t count_of(std::span<const SampleCandidate> all, std::span<const std::size_t> sample, std::uint16_t hop, Role role) {
  return static_cast<std::size_t>(std::ranges::count_if(sample, [&](std::size_t at) { return all[at].hop == hop && all[at].role == role; }));
}

TEST(EvenSample, IsEverybodyWhileTheyAreFew) {
  const auto all = room_of({{{1, Role::kRelay}, 149}});
  EXPECT_EQ(even_sample(all, 149, 1).size(), 149u);
  EXPECT_TRUE(even_sample({}, 149, 1).empty());
}

TEST(EvenSample, HasEachKindInItsShareAndNoneIsMissing) {
  const auto all = room_of({{{1, Role::kSuperSeed}, 20}, {{2, Role::kRelay}, 3'000}, {{3, Role::kRelay}, 6'000}, {{3, Role::kLeaf}, 979}, {{9, Role::kLeaf}, 1}});
  const auto sample = even_sample(all, 149, 7);
  EXPECT_EQ(sample.size(), 149u);
  EXPECT_EQ(std::set(sample.begin(), sample.end()).size(), 149u);
  EXPECT_EQ(count_of(all, sample, 1, Role::kSuperSeed), 1u);
  EXPECT_EQ(count_of(all, sample, 9, Role::kLeaf), 1u);
  EXPECT_NEAR(static_cast<double>(count_of(all, sample, 2, Role::kRelay)), 44.7, 2);
  EXPECT_NEAR(static_cast<double>(count_of(all, sample, 3, Role::kRelay)), 89.4, 2);
  EXPECT_NEAR(static_cast<double>(count_of(all, sample, 3, Role::kLeaf)), 14.6, 2);
}

TEST(EvenSample, MostOfItStaysWhenPeersComeAndGo) {
  auto all = room_of({{{1, Role::kRelay}, 400}, {{2, Role::kLeaf}, 1'600}});
  const auto names = [&](std::span<const std::size_t> sample) {
    std::set<std::uint64_t> found;
    for (const std::size_t at : sample) found.insert(all[at].peer.value);
    return found;
  };
  const auto before = names(even_sample(all, 149, 3));
  for (std::size_t i = 0; i < 100; ++i) all.erase(all.begin() + static_cast<std::ptrdiff_t>((i * 7) % all.size()));
  for (std::size_t i = 0; i < 100; ++i) all.push_back({.peer = PeerId{50'000 + i}, .role = Role::kLeaf, .hop = 2});
  const auto after = names(even_sample(all, 149, 3));
  std::vector<std::uint64_t> both;
  std::ranges::set_intersection(before, after, std::back_inserter(both));
  EXPECT_GT(both.size(), 125u);
  const auto elsewhere = names(even_sample(all, 149, 4));
  both.clear();
  std::ranges::set_intersection(after, elsewhere, std::back_inserter(both));
  EXPECT_LT(both.size(), 40u) << "another room's salt picks others";
}

TEST(EvenSample, WhoInventsHopsCrowdsNobodyOut) {
  auto all = room_of({{{1, Role::kRelay}, 1'000}});
  for (std::uint16_t i = 0; i < 1'000; ++i) all.push_back({.peer = PeerId{10'000u + i}, .role = Role::kLeaf, .hop = i});
  const auto sample = even_sample(all, 149, 1);
  EXPECT_EQ(sample.size(), 149u);
  EXPECT_GE(count_of(all, sample, 1, Role::kRelay), 60u);
}

}  // namespace
}  // namespace p2p::directory
