#include "net/ice_servers.hpp"

#include <gtest/gtest.h>

#include "ice_servers_json.hpp"
#include "turn/credentials.hpp"

namespace p2p::net {
namespace {

constexpr PeerId kPeer{0xab};
constexpr WallTime kNow{std::chrono::seconds{1'700'000'000}};

IceServers made(IceServers::Options options) {
  auto servers = IceServers::make(std::move(options));
  EXPECT_TRUE(servers) << servers.error().text;
  return servers.value_or(IceServers{});
}

TEST(IceServersJson, AreListsOrAddresses) {
  EXPECT_TRUE(parse_ice_servers("")->empty());
  EXPECT_EQ(to_json(*parse_ice_servers("stun:a:1,turn:b:2")), R"([{"urls":["stun:a:1"]},{"urls":["turn:b:2"]}])");
  EXPECT_EQ(to_json(*parse_ice_servers(R"([{"urls":["turn:b:2"],"username":"u","credential":"c"}])")), R"([{"urls":["turn:b:2"],"username":"u","credential":"c"}])");
  for (const char* bad : {"http://x", "stun:", "[1]", "[{}]", "[", "stun:a b"}) EXPECT_FALSE(parse_ice_servers(bad)) << bad;
}

TEST(IceServers, CredentialsAreForMembersAlone) {
  const IceServers servers = made({.listed = R"([{"urls":["stun:s:1"]},{"urls":["turn:t:2"],"username":"u","credential":"fixed"}])",
                                   .turn_urls = "turn:c:3,turns:c:4?transport=tcp",
                                   .turn_secret = "north",
                                   .own_port = 3478,
                                   .own_secret = "south"});
  EXPECT_EQ(servers.for_anybody("example.org:3001"), R"([{"urls":["stun:s:1"]},{"urls":["stun:example.org:3478"]}])");
  const std::string member = servers.for_member("example.org:3001", kPeer, kNow);
  const std::string username = "1700021600:00000000000000ab";   // six hours later
  for (const std::string& part : {std::string{R"({"urls":["turn:t:2"],"username":"u","credential":"fixed"})"},
                                  R"({"urls":["turn:c:3","turns:c:4?transport=tcp"],"username":")" + username + R"(","credential":")" + turn::password_of("north", username) + "\"}",
                                  R"({"urls":["turn:example.org:3478?transport=udp"],"username":")" + username + R"(","credential":")" + turn::password_of("south", username) + "\"}"}) {
    EXPECT_NE(member.find(part), std::string::npos) << part << " in " << member;
  }
  EXPECT_EQ(servers.lifetime(), 6h);
}

TEST(IceServers, FixedCredentialsDoNotEnd) {
  const IceServers servers = made({.turn_urls = "turn:c:3", .turn_username = "u", .turn_credential = "c"});
  EXPECT_EQ(servers.for_anybody("x"), "[]");
  EXPECT_EQ(servers.for_member("x", kPeer, kNow), R"([{"urls":["turn:c:3"],"username":"u","credential":"c"}])");
  EXPECT_FALSE(servers.lifetime());
}

TEST(IceServers, OurOwnIsUnderTheHostThatTheClientNamed) {
  const IceServers servers = made({.own_port = 5000, .own_secret = "s"});
  EXPECT_EQ(servers.for_anybody("[2001:db8::1]:3001"), R"([{"urls":["stun:[2001:db8::1]:5000"]}])");
  EXPECT_EQ(servers.for_anybody("localhost"), R"([{"urls":["stun:localhost:5000"]}])");
  for (const char* bad : {"", ":3001", "a\"b", "[::1", "[x]", "a b", "a/b"}) EXPECT_EQ(servers.for_anybody(bad), "[]") << bad;
  EXPECT_EQ(made({.own_port = 5000, .own_secret = "s", .own_host = "2001:db8::9"}).for_anybody("x"), R"([{"urls":["stun:[2001:db8::9]:5000"]}])");
}

TEST(IceServers, SettingsThatDoNotFitAreNamed) {
  const auto said = [](IceServers::Options options) { return IceServers::make(std::move(options)).error().text; };
  EXPECT_NE(said({.turn_urls = "stun:c:3", .turn_secret = "s"}).find("no address of a TURN server"), std::string::npos);
  EXPECT_NE(said({.turn_urls = "turn:c:3"}).find("needs credentials"), std::string::npos);
  EXPECT_NE(said({.turn_urls = "turn:c:3", .turn_username = "u"}).find("needs credentials"), std::string::npos);
  EXPECT_NE(said({.turn_urls = "turn:c:3", .turn_username = "u", .turn_credential = "c", .turn_secret = "s"}).find("exclude each other"), std::string::npos);
  EXPECT_NE(said({.turn_secret = "s"}).find("TURN_SERVER_URL"), std::string::npos);
}

}  // namespace
}  // namespace p2p::net
