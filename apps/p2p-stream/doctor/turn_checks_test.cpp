#include "doctor/turn_checks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "net/turn_server.hpp"
#include "serve/load_settings.hpp"

namespace p2p::app {
namespace {

using ::testing::HasSubstr;
constexpr Duration kPatience = 60s;

/// What flags say, on loopback.
ServeSettings settings_of(std::map<std::string, std::vector<std::string>, std::less<>> flags) {
  SettingSources sources{.flags = std::move(flags), .environment = {}, .default_file = "/nowhere"};
  sources.flags.try_emplace("host", std::vector<std::string>{"127.0.0.1"});
  auto loaded = load_settings(sources);
  EXPECT_TRUE(loaded) << loaded.error().text;
  return loaded->settings;
}

Finding worst(const std::vector<Finding>& findings) { return *std::ranges::max_element(findings, {}, &Finding::verdict); }

TEST(OwnTurnCheck, IsGivenARelayedAddressWithTheSettings) {
  const auto findings = check_own_turn(settings_of({{"turn-external-address", {"198.51.100.7"}}, {"host", {"0.0.0.0"}}}));
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].verdict, Verdict::kOk);
  EXPECT_THAT(findings[0].text, HasSubstr("198.51.100.7"));
}

TEST(OwnTurnCheck, WarnsOfAServerThatNobodyOutsideReaches) {
  EXPECT_THAT(worst(check_own_turn(settings_of({}))).advice, HasSubstr("turn-host"));
  EXPECT_EQ(worst(check_own_turn(settings_of({{"turn-host", {"0.0.0.0"}}}))).verdict, Verdict::kOk);
}

TEST(OwnTurnCheck, WarnsOfFewRelayPorts) { EXPECT_THAT(check_own_turn(settings_of({{"turn-relay-ports", {"49160-49169"}}})).back().text, HasSubstr("has 10 ports")); }

TEST(OwnTurnCheck, PassesOnWhyItCannotStart) { EXPECT_EQ(worst(check_own_turn(settings_of({{"turn-host", {"192.0.2.1"}}}))).verdict, Verdict::kFailed); }

TEST(IceServersCheck, AsksServersElsewhereWithAMembersCredentials) {
  net::TurnServer::Options options{.host = "127.0.0.1", .port = 0, .relay = {}};
  options.relay.secret = "hunter2";
  const auto server = net::TurnServer::start(options);
  ASSERT_TRUE(server) << server.error().text;
  ServeSettings settings;
  settings.turn.server_url = "turn:127.0.0.1:" + std::to_string((*server)->port());
  settings.turn.lifetime = 1h;
  settings.turn.secret = "hunter2";
  const auto asked = [&] { return worst(check_ice_servers(servers_elsewhere(settings).value(), {}, kPatience)); };
  EXPECT_THAT(asked().text, HasSubstr("relays over UDP, at 127.0.0.1:"));
  settings.turn.secret = "hunter3";
  EXPECT_EQ(asked().verdict, Verdict::kFailed);
  EXPECT_THAT(asked().text, HasSubstr("refuses the credentials (401)"));
  EXPECT_THAT(asked().advice, HasSubstr("static-auth-secret"));
  EXPECT_THAT(asked().text + asked().advice, ::testing::Not(HasSubstr("hunter")));
}

TEST(IceServersCheck, NamesCredentialsThatAreLacking) {
  ServeSettings settings;
  settings.turn.server_url = "turn:turn.example";
  EXPECT_THAT(servers_elsewhere(settings).error().text, HasSubstr("needs credentials"));
}

TEST(ExternalAddressCheck, SaysWhetherClientsAreToldOneThatLeadsHere) {
  const auto own_public = turn::parse_ip("8.8.8.8");
  const ServeSettings silent = settings_of({});
  const ServeSettings told = settings_of({{"turn-external-address", {"8.8.8.8"}}});
  EXPECT_EQ(check_external_address(silent, {"10.0.0.5", "8.8.8.8"}, {}).verdict, Verdict::kOk);
  EXPECT_EQ(check_external_address(silent, {"10.0.0.5"}, {}).verdict, Verdict::kWarning);
  EXPECT_THAT(check_external_address(silent, {"10.0.0.5"}, own_public).text, HasSubstr("sees it as 8.8.8.8"));
  EXPECT_EQ(check_external_address(told, {"10.0.0.5"}, {}).verdict, Verdict::kOk);
  EXPECT_EQ(check_external_address(told, {"10.0.0.5"}, own_public).verdict, Verdict::kOk);
  EXPECT_EQ(check_external_address(told, {"10.0.0.5"}, turn::parse_ip("9.9.9.9")).verdict, Verdict::kWarning);
  EXPECT_EQ(check_external_address(settings_of({{"turn-external-address", {"10.0.0.5"}}}), {}, {}).verdict, Verdict::kWarning);
}

}  // namespace
}  // namespace p2p::app
