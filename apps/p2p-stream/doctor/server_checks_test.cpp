#include "doctor/server_checks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "doctor/testing/running_server.hpp"
#include "net/turn_server.hpp"

namespace p2p::app {
namespace {

using ::testing::HasSubstr;
constexpr Duration kPatience = 60s;

RunningServer reached(const testing_support::RunningServer& server, const std::string& host = "127.0.0.1") {
  return {.address = {.tls = !server.fingerprint().empty(), .host = host, .port = server.port()}, .tls = {.ca_file = {}, .fingerprint = server.fingerprint()}, .timeout = kPatience};
}

Finding worst(const std::vector<Finding>& findings) { return *std::ranges::max_element(findings, {}, &Finding::verdict); }

TEST(ServerChecks, AreContentWithAServerThatRuns) {
  const testing_support::RunningServer server;
  EXPECT_EQ(worst(check_health(reached(server))).verdict, Verdict::kOk);
  EXPECT_EQ(worst(check_polling(reached(server))).verdict, Verdict::kOk);
  EXPECT_EQ(worst(check_web_socket(reached(server))).verdict, Verdict::kOk);
}

TEST(ServerChecks, WorkOverTls) {
  const testing_support::RunningServer server{{.tls_self_signed = true}};
  const auto health = check_health(reached(server));
  EXPECT_EQ(worst(health).verdict, Verdict::kOk);
  EXPECT_THAT(health.back().text, HasSubstr("The certificate is good until"));
  EXPECT_EQ(worst(check_web_socket(reached(server))).verdict, Verdict::kOk);
  RunningServer distrusting = reached(server);
  distrusting.tls = {};
  EXPECT_EQ(worst(check_health(distrusting)).verdict, Verdict::kFailed);
}

TEST(ServerChecks, FailWhereNobodyIs) {
  RunningServer gone;
  {
    const testing_support::RunningServer server;
    gone = reached(server);
  }
  for (const auto& check : {check_health, check_polling, check_web_socket, check_membership}) EXPECT_EQ(worst(check(gone)).verdict, Verdict::kFailed);
}

TEST(ServerChecks, OpenAStreamAndAskTheServersThatItIsTold) {
  net::TurnServer::Options options{.host = "127.0.0.1", .port = 0, .relay = {}};
  options.relay.secret = "hunter2";
  const auto relay = net::TurnServer::start(options);
  ASSERT_TRUE(relay) << relay.error().text;
  net::IceServers::Options ice;
  ice.own_port = (*relay)->port();
  ice.own_secret = "hunter2";
  const testing_support::RunningServer server{{.ice_servers = ice}};
  const auto findings = check_membership(reached(server));
  ASSERT_EQ(findings.size(), 3u);
  EXPECT_EQ(findings[0].text, "A stream opens and ends.");
  EXPECT_THAT(findings[1].text, HasSubstr("answers over UDP"));
  EXPECT_THAT(findings[2].text, HasSubstr("relays over UDP, at 127.0.0.1:"));
  EXPECT_EQ((*relay)->stats().allocations_made, 1u);
}

TEST(ServerChecks, WarnOfAServerThatTellsOfNoStunServer) {
  const testing_support::RunningServer server;
  EXPECT_THAT(worst(check_membership(reached(server))).text, HasSubstr("no STUN and TURN server"));
}

}  // namespace
}  // namespace p2p::app
