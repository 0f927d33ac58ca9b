#include "socketio/engine_server.hpp"

#include <gtest/gtest.h>

namespace p2p::socketio {
namespace {

constexpr Instant kStart{};
const EngineServer::Options kOptions;

template <typename Event>
bool gives(EngineServer& engine, Transport from, std::string_view packet, Instant now = kStart) {
  return std::holds_alternative<Event>(engine.handle(from, *parse_engine_packet(packet), now));
}

TEST(EnginePacket, AnHttpBodyHoldsSeveral) {
  const auto packets = parse_engine_payload("4hello\x1e" "2\x1e" "4\x1e" "bAQID", 8);
  ASSERT_TRUE(packets);
  ASSERT_EQ(packets->size(), 4u);
  EXPECT_EQ((*packets)[0].data, "hello");
  EXPECT_EQ((*packets)[1].type, EnginePacketType::kPing);
  EXPECT_TRUE((*packets)[3].binary);
  EXPECT_FALSE(parse_engine_payload("4a\x1e", 8)) << "an empty packet at the end";
  EXPECT_FALSE(parse_engine_payload("", 8));
  EXPECT_FALSE(parse_engine_payload("7", 8));
  EXPECT_FALSE(parse_engine_payload("4\x1e" "4\x1e" "4", 2)) << "too many";
  std::string body;
  append_to_payload(body, "4a");
  append_to_payload(body, "4b");
  EXPECT_EQ(body, "4a\x1e" "4b");
}

TEST(EnginePacket, TheOpeningIsReadAsWritten) {
  const EngineOpening opening{.sid = "abc", .ping_interval = 25s, .ping_timeout = 20s, .bytes_max = 65'536};
  const std::string packet = engine_open_packet(opening, true);
  EXPECT_EQ(packet, R"(0{"sid":"abc","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":65536})");
  const auto read = parse_engine_opening(packet.substr(1));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->sid, "abc");
  EXPECT_EQ(read->ping_interval, 25s);
  EXPECT_EQ(read->bytes_max, 65'536u);
  EXPECT_FALSE(parse_engine_opening("{}"));
  EXPECT_FALSE(parse_engine_opening("[1]"));
  EXPECT_FALSE(parse_engine_opening(R"({"sid":"a","pingInterval":-1,"pingTimeout":20000,"maxPayload":65536})"));
  EXPECT_FALSE(parse_engine_opening(R"({"sid":"a","pingInterval":1e99,"pingTimeout":20000,"maxPayload":65536})"));
}

TEST(EngineServer, ASilentClientIsGivenUpAfterItsPing) {
  EngineServer engine{kOptions, Transport::kWebSocket, kStart};
  EXPECT_EQ(engine.next_wake(), kStart + 25s);
  EXPECT_EQ(engine.handle_time(kStart + 24s), EngineServer::Due::kNothing);
  EXPECT_EQ(engine.handle_time(kStart + 25s), EngineServer::Due::kSendPing);
  EXPECT_EQ(engine.handle_time(kStart + 25s), EngineServer::Due::kNothing) << "one ping at a time";
  EXPECT_EQ(engine.handle_time(kStart + 45s), EngineServer::Due::kTimeout);
}

TEST(EngineServer, APingThatWentOutLateStillGivesTimeToAnswer) {
  EngineServer engine{kOptions, Transport::kWebSocket, kStart};
  EXPECT_EQ(engine.handle_time(kStart + 27s), EngineServer::Due::kSendPing);
  EXPECT_EQ(engine.next_wake(), kStart + 45s) << "as the client counts";
  engine = EngineServer{kOptions, Transport::kWebSocket, kStart};
  EXPECT_EQ(engine.handle_time(kStart + 60s), EngineServer::Due::kSendPing);
  EXPECT_EQ(engine.next_wake(), kStart + 70s);
}

TEST(EngineServer, APongBuysAnotherInterval) {
  EngineServer engine{kOptions, Transport::kWebSocket, kStart};
  EXPECT_EQ(engine.handle_time(kStart + 25s), EngineServer::Due::kSendPing);
  EXPECT_TRUE(gives<EngineNothing>(engine, Transport::kWebSocket, "3", kStart + 26s));
  EXPECT_EQ(engine.next_wake(), kStart + 51s);
}

TEST(EngineServer, TheUpgradeTakesProbeAndUpgrade) {
  EngineServer engine{kOptions, Transport::kPolling, kStart};
  EXPECT_TRUE(engine.begin_upgrade(kStart));
  EXPECT_FALSE(engine.begin_upgrade(kStart)) << "one at a time";
  const EngineEvent reply = engine.handle(Transport::kWebSocket, *parse_engine_packet("2probe"), kStart);
  ASSERT_TRUE(std::holds_alternative<EngineReply>(reply));
  EXPECT_EQ(std::get<EngineReply>(reply).packet, "3probe");
  EXPECT_EQ(engine.transport(), Transport::kPolling);
  EXPECT_TRUE(gives<EngineMessage>(engine, Transport::kPolling, "4still here"));
  EXPECT_TRUE(gives<EngineUpgraded>(engine, Transport::kWebSocket, "5"));
  EXPECT_EQ(engine.transport(), Transport::kWebSocket);
  EXPECT_TRUE(gives<EngineMessage>(engine, Transport::kPolling, "4from a POST that was under way"));
  EXPECT_FALSE(engine.begin_upgrade(kStart)) << "upgraded already";
}

TEST(EngineServer, AnUpgradeWithoutProbeOrWithoutEndFails) {
  EngineServer engine{kOptions, Transport::kPolling, kStart};
  EXPECT_TRUE(gives<EngineFailure>(engine, Transport::kWebSocket, "4hello")) << "never begun";
  EXPECT_TRUE(engine.begin_upgrade(kStart));
  EXPECT_TRUE(gives<EngineFailure>(engine, Transport::kWebSocket, "5"));
  EXPECT_EQ(engine.handle_time(kStart + 10s), EngineServer::Due::kDropProbe);
  EXPECT_EQ(engine.transport(), Transport::kPolling);
  EXPECT_TRUE(engine.begin_upgrade(kStart + 11s)) << "it may try again";
}

TEST(EngineServer, PacketsOfServersAreRefused) {
  EngineServer engine{kOptions, Transport::kWebSocket, kStart};
  EXPECT_TRUE(gives<EngineFailure>(engine, Transport::kWebSocket, "2"));
  EXPECT_TRUE(gives<EngineFailure>(engine, Transport::kWebSocket, "0{}"));
  EXPECT_TRUE(gives<EngineFailure>(engine, Transport::kWebSocket, "5"));
  EXPECT_TRUE(gives<EngineClosed>(engine, Transport::kWebSocket, "1"));
}

}  // namespace
}  // namespace p2p::socketio
