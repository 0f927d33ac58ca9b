#include "base/ring.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/prng.hpp"

namespace p2p {
namespace {

std::vector<int> items(const Ring<int>& ring) { return {ring.begin(), ring.end()}; }

TEST(Ring, KeepsTheOrderWhileItGrowsAndItsFrontMovesOn) {
  Ring<int> ring;
  for (int i = 0; i < 100; ++i) {
    ring.push_back(i);
    if (i % 3 == 0) ring.pop_front();
  }
  ASSERT_EQ(ring.size(), 66u);
  for (std::size_t i = 0; i < ring.size(); ++i) EXPECT_EQ(ring[i], static_cast<int>(i) + 34);
}

TEST(Ring, DoesWhatADequeDoes) {
  Prng prng{7};
  Ring<int> ring;
  std::deque<int> model;
  for (int i = 0; i < 20'000; ++i) {
    switch (prng.below(7)) {
      case 0: ring.push_front(i), model.push_front(i); break;
      case 1: case 2: ring.push_back(i), model.push_back(i); break;
      case 3: if (!model.empty()) ring.pop_front(), model.pop_front(); break;
      case 4: if (!model.empty()) ring.pop_back(), model.pop_back(); break;
      case 5: {
        if (model.empty()) break;
        const auto place = static_cast<std::size_t>(prng.below(model.size()));
        ring.erase(place);
        model.erase(model.begin() + static_cast<std::ptrdiff_t>(place));
        break;
      }
      default: {
        const auto place = static_cast<std::size_t>(prng.below(model.size() + 1));
        ring.insert(place, i);
        model.insert(model.begin() + static_cast<std::ptrdiff_t>(place), i);
      }
    }
    if (model.size() > 50) ring.clear(), model.clear();
    ASSERT_TRUE(std::ranges::equal(ring, model));
  }
}

TEST(Ring, GrowsAndShrinksToASize) {
  Ring<int> ring;
  ring.resize(3);
  ring.front() = 7;
  ring.resize(5);
  EXPECT_EQ(items(ring), (std::vector{7, 0, 0, 0, 0}));
  ring.resize(1);
  EXPECT_EQ(items(ring), (std::vector{7}));
}

TEST(Ring, GivesBackWhatItHeld) {
  const auto thing = std::make_shared<int>(1);
  {
    Ring<std::shared_ptr<int>> ring;
    for (int i = 0; i < 10; ++i) ring.push_back(thing);
    ring.pop_front();
    EXPECT_EQ(thing.use_count(), 10);
    Ring<std::shared_ptr<int>> copy = ring;
    Ring<std::shared_ptr<int>> moved = std::move(ring);
    EXPECT_EQ(thing.use_count(), 19);
    moved = copy;
    EXPECT_EQ(thing.use_count(), 19);
  }
  EXPECT_EQ(thing.use_count(), 1);
}

TEST(Ring, LetsGoOfSome) {
  Ring<int> ring;
  for (int i = 0; i < 10; ++i) ring.push_back(i);
  EXPECT_EQ(ring.erase_if([](int i) { return i % 3 == 0; }), 4u);
  EXPECT_EQ(items(ring), (std::vector{1, 2, 4, 5, 7, 8}));
}

TEST(Ring, CanBeSearchedAndSorted) {
  Ring<int> ring;
  for (const int i : {5, 1, 4}) ring.push_back(i);
  ring.push_front(3);
  std::ranges::sort(ring);
  EXPECT_EQ(items(ring), (std::vector{1, 3, 4, 5}));
  EXPECT_EQ(*std::ranges::lower_bound(ring, 2), 3);
}

}  // namespace
}  // namespace p2p
