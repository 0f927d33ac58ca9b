#include "serve/turn_settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "serve/load_settings.hpp"

namespace p2p::app {
namespace {

using ::testing::HasSubstr;

/// Of a server whose relay cannot listen: the address is of no machine (RFC 5737).
ServeSettings settings_of(std::map<std::string, std::vector<std::string>, std::less<>> flags) {
  flags.try_emplace("turn-host", std::vector<std::string>{"203.0.113.1"});
  auto loaded = load_settings({.flags = std::move(flags), .environment = {}, .default_file = "/nowhere"});
  EXPECT_TRUE(loaded) << loaded.error().text;
  return loaded->settings;
}

TEST(StartTurn, WarnsWhenItCannotBeAndNobodyAskedForIt) {
  const auto turn = start_turn(settings_of({}));
  ASSERT_TRUE(turn) << turn.error().text;
  EXPECT_EQ(turn->server, nullptr);
  EXPECT_THAT(turn->warning, HasSubstr("Going on without it."));
}

TEST(StartTurn, FailsWhenItWasAskedForAndInProduction) {
  EXPECT_FALSE(start_turn(settings_of({{"turn", {"on"}}})));
  EXPECT_FALSE(start_turn(settings_of({{"turn-port", {"0"}}})));
  EXPECT_FALSE(start_turn(settings_of({{"mode", {"production"}}})));
}

TEST(StartTurn, IsLeftOutWhereItIsOffOrAnotherServerIsNamed) {
  EXPECT_TRUE(start_turn(settings_of({{"mode", {"production"}}, {"turn", {"off"}}})));
  EXPECT_FALSE(turn_wanted(settings_of({{"turn-server-url", {"turn:turn.example"}}}).turn));
  EXPECT_TRUE(turn_wanted(settings_of({{"turn-server-url", {"turn:turn.example"}}, {"turn", {"on"}}}).turn));
}

TEST(StartTurn, ListensOnItsOwnAddressOrThatOfTheServer) {
  EXPECT_EQ(turn_host_of(settings_of({{"host", {"127.0.0.1"}}})), "203.0.113.1");
  EXPECT_EQ(turn_host_of({.host = "127.0.0.1"}), "127.0.0.1");
  const auto turn = start_turn(settings_of({{"turn-host", {"127.0.0.1"}}, {"turn-port", {"0"}}}));
  ASSERT_TRUE(turn) << turn.error().text;
  EXPECT_NE(turn->server, nullptr);
  EXPECT_EQ(turn->ice.own_port, turn->server->port());
}

}  // namespace
}  // namespace p2p::app
