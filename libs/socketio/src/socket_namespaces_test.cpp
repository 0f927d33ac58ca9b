#include <gtest/gtest.h>

#include "socketio/socket_server.hpp"

namespace p2p::socketio {
namespace {

const SocketServer::Options kOptions{.namespaces = {"/", "/custom"}, .arguments_max = 64, .attachment_bytes_max = 8};

template <typename Input>
bool gives(SocketServer& server, std::string_view message, bool binary = false) {
  const auto input = server.handle(binary, message);
  return input && std::holds_alternative<Input>(*input);
}

SocketServer joined(std::initializer_list<std::string_view> connects) {
  SocketServer server{kOptions};
  for (const std::string_view connect : connects) EXPECT_TRUE(gives<SocketConnect>(server, connect));
  return server;
}

TEST(SocketNamespaces, EachIsJoinedAndLeftByItself) {
  SocketServer server{kOptions};
  const auto connect = server.handle(false, R"(0/custom,{"token":"x"})");
  ASSERT_TRUE(connect);
  EXPECT_EQ(std::get<SocketConnect>(*connect).nspace, "/custom");
  EXPECT_EQ(std::get<SocketConnect>(*connect).auth, R"({"token":"x"})");
  EXPECT_FALSE(server.connected("/"));
  EXPECT_TRUE(gives<SocketConnect>(server, "0"));
  const auto event = server.handle(false, R"(2/custom,7["a",1])");
  ASSERT_TRUE(event);
  EXPECT_EQ(std::get<SocketEvent>(*event).nspace, "/custom");
  EXPECT_EQ(std::get<SocketEvent>(*event).ack_id, 7u);
  const auto left = server.handle(false, "1/custom,");
  ASSERT_TRUE(left);
  EXPECT_EQ(std::get<SocketDisconnect>(*left).nspace, "/custom");
  EXPECT_TRUE(gives<SocketEvent>(server, R"(2["a"])")) << "the other one goes on";
  EXPECT_TRUE(gives<SocketConnect>(server, "0/custom,")) << "and it may be joined again";
}

TEST(SocketNamespaces, WhatIsNotJoinedIsAnError) {
  for (const char* bad : {"2[\"a\"]", "1", "31[]", "0/custom,", "51-[\"a\",{\"_placeholder\":true,\"num\":0}]"}) {
    SocketServer server = joined({"0/custom,"});
    EXPECT_FALSE(server.handle(false, bad)) << bad;
  }
  SocketServer server = joined({"0", "0/custom,"});
  EXPECT_TRUE(gives<SocketDisconnect>(server, "1/custom,"));
  EXPECT_FALSE(server.handle(false, "2/custom,[\"a\"]")) << "left";
}

TEST(SocketNamespaces, OneThatIsNotServedIsRefusedAndDisturbsNoOther) {
  SocketServer server = joined({"0"});
  const auto input = server.handle(false, "0/random");
  ASSERT_TRUE(input);
  EXPECT_EQ(std::get<SocketReply>(*input).packet, R"(44/random,{"message":"Invalid namespace"})");
  EXPECT_TRUE(gives<SocketEvent>(server, "2[\"a\"]"));
}

TEST(SocketNamespaces, TheServerMaySendAClientAway) {
  SocketServer server = joined({"0", "0/custom,"});
  server.leave("/custom");
  EXPECT_FALSE(server.connected("/custom"));
  EXPECT_TRUE(server.connected());
  EXPECT_TRUE(gives<SocketConnect>(server, "0/custom,"));
}

TEST(SocketEvents, AllArgumentsComeAsTheyWereWritten) {
  SocketServer server = joined({"0"});
  const auto input = server.handle(false, R"(2 )");
  EXPECT_FALSE(input);
  server = joined({"0"});
  const auto event = server.handle(false, R"(2[ "message" , 1 ,"2, ]",{"3":[true]} ])");
  ASSERT_TRUE(event);
  EXPECT_EQ(std::get<SocketEvent>(*event).json, "1");
  EXPECT_EQ(std::get<SocketEvent>(*event).arguments, R"(1 ,"2, ]",{"3":[true]} )");
  const auto bare = server.handle(false, R"(2["message"])");
  ASSERT_TRUE(bare);
  EXPECT_TRUE(std::get<SocketEvent>(*bare).arguments.empty());
}

TEST(SocketAttachments, ArriveWithTheirEventOrAcknowledgement) {
  SocketServer server = joined({"0/custom,"});
  EXPECT_TRUE(gives<SocketNothing>(server, R"(52-/custom,5["file",{"_placeholder":true,"num":0},{"num":1,"_placeholder":true}])"));
  EXPECT_TRUE(gives<SocketNothing>(server, std::string_view{"\0\1", 2}, true));
  const auto input = server.handle(true, "abc");
  ASSERT_TRUE(input);
  const auto& event = std::get<SocketEvent>(*input);
  EXPECT_EQ(event.nspace, "/custom");
  EXPECT_EQ(event.ack_id, 5u);
  ASSERT_EQ(event.attachments.size(), 2u);
  EXPECT_EQ(event.attachments[0], (std::string{"\0\1", 2}));
  EXPECT_EQ(event.attachments[1], "abc");
  EXPECT_TRUE(gives<SocketNothing>(server, R"(61-/custom,9[{"_placeholder":true,"num":0}])"));
  const auto ack = server.handle(true, "x");
  ASSERT_TRUE(ack);
  EXPECT_EQ(std::get<SocketAck>(*ack).id, 9u);
  EXPECT_EQ(std::get<SocketAck>(*ack).attachments[0], "x");
  EXPECT_FALSE(server.handle(true, "y")) << "nothing announced it";
}

TEST(SocketAttachments, AreBoundedTogether) {
  SocketServer server = joined({"0"});
  EXPECT_TRUE(gives<SocketNothing>(server, R"(53-["a"])"));
  EXPECT_TRUE(gives<SocketNothing>(server, "12345", true));
  EXPECT_TRUE(gives<SocketNothing>(server, "678", true));
  EXPECT_FALSE(server.handle(true, "9"));
}

TEST(SocketAttachments, APlaceholderThatNothingFillsIsAnError) {
  for (const char* bad : {R"(51-["a",{"_placeholder":true,"num":1}])", R"(50-["a",{"_placeholder":true,"num":0}])", R"(51-["a",{"_placeholder":true,"num":-1}])",
                          R"(51-["a",{"_placeholder":true,"num":"0"}])", R"(51-["a",[{"b":{"_placeholder":true}}]])"}) {
    SocketServer server = joined({"0"});
    EXPECT_FALSE(server.handle(false, bad)) << bad;
  }
  SocketServer server = joined({"0"});
  EXPECT_TRUE(gives<SocketNothing>(server, R"(51-["{\"_placeholder\"","_placeholder",{"_placeholder":false,"num":9},{"num":0,"_placeholder":true}])"));
}

TEST(SocketPacket, NamespacesAndAttachmentsAreWritten) {
  EXPECT_EQ(event_packet({.nspace = "/custom", .name = "a", .arguments = "1,2", .ack_id = 7}), R"(42/custom,7["a",1,2])");
  EXPECT_EQ(event_packet({.name = "a", .arguments = R"({"_placeholder":true,"num":0})", .attachments = 1}), R"(451-["a",{"_placeholder":true,"num":0}])");
  EXPECT_EQ(ack_packet({.nspace = "/custom", .id = 3, .arguments = "1", .attachments = 2}), "462-/custom,3[1]");
  EXPECT_EQ(connect_packet(R"({"sid":"x"})", "/custom"), R"(40/custom,{"sid":"x"})");
  EXPECT_EQ(disconnect_packet("/custom"), "41/custom,");
}

}  // namespace
}  // namespace p2p::socketio
