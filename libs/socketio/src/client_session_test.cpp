#include "socketio/client_session.hpp"

#include <gtest/gtest.h>

#include "socketio/socket_packet.hpp"

namespace p2p::socketio {
namespace {

constexpr Instant kStart{};

ClientSession opened() {
  ClientSession session{kStart};
  const std::string open = engine_open_packet({.sid = "s", .ping_interval = 25s, .ping_timeout = 20s, .bytes_max = 65'536}, false);
  const auto reply = session.handle(open, kStart);
  EXPECT_TRUE(reply && std::get<ClientReply>(*reply).packet == "40");
  const auto joined = session.handle(R"(40{"sid":"x"})", kStart);
  EXPECT_TRUE(joined && std::holds_alternative<ClientConnected>(*joined));
  return session;
}

TEST(ClientSession, OpensAnswersPingsAndHearsEvents) {
  ClientSession session = opened();
  EXPECT_EQ(session.bytes_max(), 65'536u);
  const auto pong = session.handle("2", kStart + 25s);
  ASSERT_TRUE(pong);
  EXPECT_EQ(std::get<ClientReply>(*pong).packet, "3");
  EXPECT_EQ(session.silent_until(), kStart + 70s);
  const auto event = session.handle(R"(42["signal",{"from":"a"}])", kStart);
  ASSERT_TRUE(event);
  EXPECT_EQ(std::get<ClientEvent>(*event).name, "signal");
  const auto ack = session.handle(R"(435[{"ok":true}])", kStart);
  ASSERT_TRUE(ack);
  EXPECT_EQ(std::get<ClientAck>(*ack).id, 5u);
  EXPECT_EQ(std::get<ClientAck>(*ack).json, R"({"ok":true})");
}

TEST(ClientSession, ARefusalOrAGoodbyeEndsIt) {
  ClientSession session{kStart};
  EXPECT_TRUE(session.handle(R"(0{"sid":"s","pingInterval":25000,"pingTimeout":20000,"maxPayload":65536})", kStart));
  const auto refused = session.handle(R"(44{"message":"full"})", kStart);
  ASSERT_TRUE(refused);
  EXPECT_EQ(std::get<ClientEnded>(*refused).why, R"({"message":"full"})");
  session = opened();
  const auto left = session.handle("41", kStart);
  EXPECT_TRUE(left && std::holds_alternative<ClientEnded>(*left));
}

TEST(ClientSession, ASpeakerOfAnotherProtocolIsAnError) {
  for (const char* bad : {"", "hello", "0", "0{}", "2", "42[\"a\"]"}) {
    ClientSession session{kStart};
    EXPECT_FALSE(session.handle(bad, kStart)) << bad;
  }
  for (const char* bad : {"42[]", "42{}", "3", "0{}", "bAQID", "40", "42/x,[\"a\"]"}) {
    ClientSession session = opened();
    EXPECT_FALSE(session.handle(bad, kStart)) << bad;
  }
}

}  // namespace
}  // namespace p2p::socketio
