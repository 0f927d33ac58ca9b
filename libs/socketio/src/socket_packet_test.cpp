#include "socketio/socket_packet.hpp"

#include <gtest/gtest.h>

namespace p2p::socketio {
namespace {

TEST(SocketPacket, EveryTypeIsRead) {
  const auto event = parse_socket_packet(R"(212["signal",{"to":"x"}])");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->type, SocketPacketType::kEvent);
  EXPECT_EQ(event->ack_id, 12u);
  EXPECT_EQ(event->data, R"(["signal",{"to":"x"}])");
  EXPECT_EQ(parse_socket_packet("0")->type, SocketPacketType::kConnect);
  EXPECT_EQ(parse_socket_packet(R"(0{"token":"a"})")->data, R"({"token":"a"})");
  EXPECT_EQ(parse_socket_packet("0/admin,{}")->nspace, "/admin");
  EXPECT_EQ(parse_socket_packet("0/admin")->nspace, "/admin");
  EXPECT_EQ(parse_socket_packet("1")->type, SocketPacketType::kDisconnect);
  EXPECT_EQ(parse_socket_packet("37[]")->ack_id, 7u);
  EXPECT_EQ(parse_socket_packet(R"(4{"message":"no"})")->type, SocketPacketType::kConnectError);
  const auto binary = parse_socket_packet(R"(52-/a,3["x",{"_placeholder":true,"num":0}])");
  ASSERT_TRUE(binary);
  EXPECT_EQ(binary->attachments, 2u);
  EXPECT_EQ(binary->ack_id, 3u);
}

TEST(SocketPacket, MalformedOnesAreRefused) {
  for (const char* bad : {"", "7[]", "2", "2{}", "2[", "2[\"a\"", "3[]", "31{}", "0[]", "0x", "1{}", "4", "5[\"a\"]", "511-[\"a\"]", "5-[\"a\"]",
                          "299999999999999999999[\"a\"]", "29007199254740992[\"a\"]", "2-1[\"a\"]", "2[\"a\"]x"}) {
    EXPECT_FALSE(parse_socket_packet(bad)) << bad;
  }
}

TEST(SocketPacket, WhatIsWrittenIsRead) {
  const std::string event = event_packet("report", R"({"hop":1})", 5);
  EXPECT_EQ(event, R"(425["report",{"hop":1}])");
  EXPECT_EQ(parse_socket_packet(event.substr(1))->ack_id, 5u);
  EXPECT_EQ(event_packet("bye", ""), R"(42["bye"])");
  EXPECT_EQ(ack_packet(3, "{}"), "433[{}]");
  EXPECT_EQ(ack_packet(3, ""), "433[]");
  EXPECT_EQ(connect_error_packet("/x", "say \"no\""), R"(44/x,{"message":"say \"no\""})");
}

}  // namespace
}  // namespace p2p::socketio
