#include "net/turn_server.hpp"

#include <gtest/gtest.h>
#include "testing/turn_client.hpp"
#include "turn/stun_message.hpp"
#include "udp_socket.hpp"

namespace p2p::net {
namespace {

using turn::Endpoint;
using turn::IpAddress;
using testing::kLoopback;
using testing::next;

TEST(TurnServer, TellsAClientItsAddressOnBothFamilies) {
  auto server = TurnServer::start({.host = "::", .port = 0, .relay = {}});
  ASSERT_TRUE(server) << server.error().text;
  for (const char* address : {"127.0.0.1", "::1"}) {
    const IpAddress ip = turn::parse_ip(address).value();
    const auto client = UdpSocket::bind(ip, 0);
    ASSERT_TRUE(client);
    Bytes request;
    turn::StunWriter{request, turn::StunClass::kRequest, turn::StunMethod::kBinding, {}};
    client->send({.ip = ip, .port = (*server)->port()}, std::nullopt, request);
    const auto answer = next(*client);
    ASSERT_TRUE(answer) << address;
    EXPECT_EQ(turn::parse_stun(*answer)->mapped, (Endpoint{ip, client->port()}));
  }
}

TEST(TurnServer, RefusesAnAllocationWithoutACredential) {
  auto server = TurnServer::start({.host = "127.0.0.1", .port = 0, .relay = {.secret = "s"}});
  ASSERT_TRUE(server) << server.error().text;
  const auto client = UdpSocket::bind(kLoopback, 0);
  ASSERT_TRUE(client);
  Bytes request;
  turn::StunWriter{request, turn::StunClass::kRequest, turn::StunMethod::kAllocate, {}}.udp_transport();
  client->send({.ip = kLoopback, .port = (*server)->port()}, std::nullopt, request);
  const auto answer = next(*client);
  ASSERT_TRUE(answer);
  EXPECT_EQ(turn::parse_stun(*answer)->error_code, 401);
  EXPECT_EQ((*server)->stats().allocations, 0U);
}

TEST(TurnServer, AnOccupiedPortIsASentence) {
  const auto first = TurnServer::start({.host = "127.0.0.1", .port = 0, .relay = {}});
  ASSERT_TRUE(first);
  const std::uint16_t port = (*first)->port();
  const auto second = TurnServer::start({.host = "127.0.0.1", .port = port, .relay = {}});
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().text.find("UDP port " + std::to_string(port) + " is in use"), std::string::npos) << second.error().text;
  EXPECT_FALSE(TurnServer::start({.host = "no address", .port = 0, .relay = {}}));
}

}  // namespace
}  // namespace p2p::net
