#include "base/stable_map.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "base/prng.hpp"

namespace p2p {
namespace {

TEST(StableMap, DoesWhatAMapDoes) {
  Prng prng{3};
  StableMap<int, std::string> map;
  std::map<int, std::string> model;
  for (int i = 0; i < 5'000; ++i) {
    const int key = static_cast<int>(prng.below(40));
    switch (prng.below(4)) {
      case 0: map[key] = std::to_string(i), model[key] = std::to_string(i); break;
      case 1: EXPECT_EQ(map[key], model[key]); break;
      case 2: EXPECT_EQ(map.erase(key), model.erase(key)); break;
      default: EXPECT_EQ(map.contains(key), model.contains(key));
    }
    ASSERT_EQ(map.size(), model.size());
    auto at = map.begin();
    for (const auto& [k, value] : model) {
      ASSERT_EQ(at->first, k);
      ASSERT_EQ(at->second, value);
      ASSERT_EQ(map.find(k), at);
      ++at;
    }
    ASSERT_EQ(at, map.end());
  }
}

TEST(StableMap, AReferenceStaysGoodWhileOthersComeAndGo) {
  StableMap<int, std::string> map;
  std::string& kept = map[500];
  kept = "kept";
  for (int key = 0; key < 1'000; ++key) map[key];
  for (int key = 0; key < 1'000; key += 2) {
    if (key != 500) map.erase(key);
  }
  EXPECT_EQ(kept, "kept");
  EXPECT_EQ(&kept, &map.at(500));
}

TEST(StableMap, HoldsWhatCanBeNeitherCopiedNorMoved) {
  struct Fixed {
    Fixed() = default;
    Fixed(const Fixed&) = delete;
    Fixed& operator=(const Fixed&) = delete;
    int value = 7;
  };
  StableMap<int, Fixed> map;
  map[2].value = 1;
  EXPECT_EQ(map[1].value, 7);
  EXPECT_EQ(map.at(2).value, 1);
}

}  // namespace
}  // namespace p2p
