#include "terminal/nearest_name.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace p2p::app {
namespace {

TEST(NearestName, IsTheOneWithTheFewestEdits) {
  const std::vector<std::string> names{"port", "host", "turn-port", "allowed-origins", "tls"};
  EXPECT_EQ(nearest_name("prot", names), "port");
  EXPECT_EQ(nearest_name("allowed-origin", names), "allowed-origins");
  EXPECT_EQ(nearest_name("turnport", names), "turn-port");
  EXPECT_EQ(nearest_name("bananas", names), "");
  EXPECT_EQ(nearest_name("xyz", names), "");
}

TEST(NearestName, CountsEdits) {
  EXPECT_EQ(edits_between("", "abc"), 3u);
  EXPECT_EQ(edits_between("kitten", "sitting"), 3u);
}

}  // namespace
}  // namespace p2p::app
