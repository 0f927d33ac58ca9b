#include "base/flat_map.hpp"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include "base/prng.hpp"

namespace p2p {
namespace {

TEST(FlatMap, DoesWhatAMapDoes) {
  Prng prng{3};
  FlatMap<int, std::string> map;
  std::map<int, std::string> model;
  for (int i = 0; i < 5'000; ++i) {
    const int key = static_cast<int>(prng.below(40));
    switch (prng.below(5)) {
      case 0: map[key] = std::to_string(i), model[key] = std::to_string(i); break;
      case 1: EXPECT_EQ(map.try_emplace(key, "new").second, model.try_emplace(key, "new").second); break;
      case 2: EXPECT_EQ(map.erase(key), model.erase(key)); break;
      case 3: EXPECT_EQ(map.contains(key), model.contains(key)); break;
      default:
        if (prng.chance(9, 10)) break;
        map.erase(map.begin(), map.lower_bound(key));
        model.erase(model.begin(), model.lower_bound(key));
    }
    ASSERT_EQ(map.size(), model.size());
    auto at = map.begin();
    for (const auto& [k, value] : model) {
      ASSERT_EQ(at->first, k);
      ASSERT_EQ(at->second, value);
      ++at;
    }
  }
}

TEST(FlatMap, HoldsWhatCanOnlyBeMoved) {
  FlatMap<int, std::unique_ptr<int>> map;
  for (const int key : {3, 1, 2}) map[key] = std::make_unique<int>(key);
  map.erase(map.find(2));
  EXPECT_EQ(*map.at(1), 1);
  EXPECT_EQ(*map.at(3), 3);
}

}  // namespace
}  // namespace p2p
