#include "socketio/socket_server.hpp"

#include <gtest/gtest.h>

namespace p2p::socketio {
namespace {

template <typename Input>
bool gives(SocketServer& server, std::string_view message, bool binary = false) {
  const auto input = server.handle(binary, message);
  return input && std::holds_alternative<Input>(*input);
}

SocketServer connected() {
  SocketServer server;
  EXPECT_TRUE(gives<SocketConnect>(server, "0"));
  return server;
}

TEST(SocketServer, EventsComeAfterConnect) {
  SocketServer server;
  EXPECT_FALSE(server.handle(false, "2[\"a\"]")) << "not joined yet";
  server = connected();
  const auto input = server.handle(false, R"(27["stream:join",{"a":1},2])");
  ASSERT_TRUE(input);
  const auto& event = std::get<SocketEvent>(*input);
  EXPECT_EQ(event.name, "stream:join");
  EXPECT_EQ(event.json, R"({"a":1})");
  EXPECT_EQ(event.ack_id, 7u);
  EXPECT_TRUE(gives<SocketDisconnect>(server, "1"));
}

TEST(SocketServer, OtherNamespacesAreRefusedPolitely) {
  SocketServer server;
  const auto input = server.handle(false, "0/admin,{}");
  ASSERT_TRUE(input);
  EXPECT_EQ(std::get<SocketReply>(*input).packet, R"(44/admin,{"message":"Invalid namespace"})");
  EXPECT_FALSE(server.connected());
}

TEST(SocketServer, WhatTheStockServerClosesForIsAnError) {
  for (const char* bad : {"0", "2[]", "2[1]", "2[\"connect\"]", "2[\"disconnecting\"]", "4{\"message\":\"x\"}", "2/other,[\"a\"]", "nonsense",
                          "2[\"a\",1,2,3,4,5,6,7,8]"}) {
    SocketServer server = connected();
    EXPECT_FALSE(server.handle(false, bad)) << bad;
  }
  SocketServer server = connected();
  EXPECT_FALSE(server.handle(true, "bytes")) << "stray bytes";
}

TEST(SocketServer, AttachmentsAreAwaited) {
  SocketServer server = connected();
  EXPECT_TRUE(gives<SocketNothing>(server, R"(52-1["file",{"_placeholder":true,"num":0}])"));
  EXPECT_TRUE(gives<SocketNothing>(server, "one", true));
  const auto input = server.handle(true, "two");
  ASSERT_TRUE(input);
  EXPECT_EQ(std::get<SocketEvent>(*input).name, "file");
  EXPECT_EQ(std::get<SocketEvent>(*input).ack_id, 1u);
  EXPECT_TRUE(gives<SocketNothing>(server, R"(51-["file"])"));
  EXPECT_FALSE(server.handle(false, "2[\"a\"]")) << "text while attachments are awaited";
}

}  // namespace
}  // namespace p2p::socketio
