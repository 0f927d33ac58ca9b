#include "socketio/client_session.hpp"

#include <gmock/gmock.h>
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

/// A session of these options that the server has opened; `answer` is CONNECT's.
ClientSession joined(ClientSession::Options options, std::string_view request, std::string_view answer) {
  ClientSession session{kStart, std::move(options)};
  const auto reply = session.handle(R"(0{"sid":"s","pingInterval":25000,"pingTimeout":20000,"maxPayload":65536})", kStart);
  EXPECT_TRUE(reply);
  EXPECT_EQ(std::get<ClientReply>(*reply).packet, request);
  EXPECT_TRUE(session.handle(answer, kStart));
  return session;
}

TEST(ClientSession, JoinsTheNamespaceThatItWants) {
  ClientSession session = joined({.nspace = "/custom", .auth = R"({"token":"x"})"}, R"(40/custom,{"token":"x"})", R"(40/custom,{"sid":"y"})");
  EXPECT_FALSE(session.handle(R"(42["a"])", kStart)) << "of a namespace that it did not join";
  const auto event = session.handle(R"(42/custom,7["a",1,"2"])", kStart);
  ASSERT_TRUE(event);
  EXPECT_EQ(std::get<ClientEvent>(*event).arguments, R"(1,"2")");
  EXPECT_EQ(std::get<ClientEvent>(*event).ack_id, 7U);
}

TEST(ClientSession, TakesAttachmentsUpToItsLimit) {
  ClientSession session = joined({.attachment_bytes_max = 4}, "40", R"(40{"sid":"y"})");
  EXPECT_TRUE(session.handle(R"(452-["f",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])", kStart));
  EXPECT_TRUE(session.handle_binary("ab", kStart));
  const auto event = session.handle_binary("cd", kStart + 1s);
  ASSERT_TRUE(event);
  EXPECT_THAT(std::get<ClientEvent>(*event).attachments, testing::ElementsAre("ab", "cd"));
  EXPECT_EQ(session.silent_until(), kStart + 46s);
  EXPECT_TRUE(session.handle(R"(461-3[{"_placeholder":true,"num":0}])", kStart));
  const auto ack = session.handle_binary("x", kStart);
  ASSERT_TRUE(ack);
  EXPECT_EQ(std::get<ClientAck>(*ack).id, 3U);
  EXPECT_FALSE(session.handle_binary("y", kStart)) << "nothing announced it";
  EXPECT_TRUE(session.handle(R"(451-["f"])", kStart));
  EXPECT_FALSE(session.handle_binary("abcde", kStart)) << "too large";
  session = joined({.attachment_bytes_max = 4}, "40", R"(40{"sid":"y"})");
  EXPECT_TRUE(session.handle(R"(451-["f"])", kStart));
  EXPECT_FALSE(session.handle(R"(42["a"])", kStart)) << "text while attachments are awaited";
}

TEST(ClientSession, ComesBackAsWhoItWas) {
  ClientSession first = joined({}, "40", R"(40{"sid":"y","pid":"secret"})");
  EXPECT_FALSE(first.recovery()) << "nothing to begin from";
  EXPECT_TRUE(first.handle(R"(42["a",{"b":1},"17"])", kStart));
  EXPECT_TRUE(first.handle(R"(42["a",{"b":"18"}])", kStart)) << "without an offset";
  ASSERT_TRUE(first.recovery());
  EXPECT_EQ(first.recovery()->offset, "17");
  ClientSession second{kStart, {.recovery = first.recovery()}};
  const auto request = second.handle(R"(0{"sid":"s","pingInterval":25000,"pingTimeout":20000,"maxPayload":65536})", kStart);
  ASSERT_TRUE(request);
  EXPECT_EQ(std::get<ClientReply>(*request).packet, R"(40{"pid":"secret","offset":"17"})");
  const auto back = second.handle(R"(40{"sid":"y","pid":"secret"})", kStart);
  ASSERT_TRUE(back);
  EXPECT_TRUE(std::get<ClientConnected>(*back).recovered);
  EXPECT_EQ(std::get<ClientConnected>(*back).sid, "y");
  EXPECT_EQ(second.recovery()->offset, "17") << "it may be lost again before the first event";
}

TEST(ClientSession, WhoIsNotRecoveredBeginsAnew) {
  ClientSession session = joined({.recovery = ClientRecovery{.pid = "old", .offset = "3"}}, R"(40{"pid":"old","offset":"3"})", R"(40{"sid":"z","pid":"new"})");
  EXPECT_FALSE(session.recovery());
  ClientSession plain = joined({}, "40", R"(40{"sid":"z"})");
  EXPECT_TRUE(plain.handle(R"(42["a","17"])", kStart));
  EXPECT_FALSE(plain.recovery()) << "the server offers none";
}

}  // namespace
}  // namespace p2p::socketio
