#include "signal_text.hpp"

#include <gtest/gtest.h>

#include "signaling_json.hpp"

namespace p2p::net {
namespace {

std::string request(const std::string& data) { return R"({"to":"00000000000000ff","data":)" + data + "}"; }

TEST(SignalText, PassesStringsOnAsTheyAreWritten) {
  const auto signal = read_plain_signal(request(R"({"type":"offer","sdp":"v=0\r\na=\"\/é\\u\r\n"})"));
  ASSERT_TRUE(signal);
  EXPECT_EQ(signal->to, PeerId{255});
  EXPECT_EQ(signal->data, R"({"type":"offer","sdp":"v=0\r\na=\"\/é\\u\r\n"})");
}

TEST(SignalText, DropsWhatIsNotOfTheType) {
  const auto signal = read_plain_signal(R"( { "x" : [1,{"y":2}] , "data" : { "sdp":"s", "mid":"0" , "type":"candidate","candidate":"c","association":2}, "to":"00000000000000ff" } )");
  ASSERT_TRUE(signal);
  EXPECT_EQ(signal->data, R"({"type":"candidate","candidate":"c","mid":"0","association":2})");
  EXPECT_EQ(read_plain_signal(request(R"({"type":"bye","reason":"","association":0})"))->data, R"({"type":"bye","reason":""})");
}

TEST(SignalText, LeavesWhatIsNotPlainToTheWholeParser) {
  for (const char* data : {R"({"type":"offer","sdp":"\u00e9"})", R"({"type":"\u006fffer","sdp":"s"})", R"({"\u0074ype":"offer","sdp":"s"})",
                           R"({"type":"bye","reason":"","association":1.0})"}) {
    EXPECT_FALSE(read_plain_signal(request(data))) << data;
    EXPECT_TRUE(parse_signal(request(data))) << data;
  }
}

TEST(SignalText, WhatIsWrongIsNeverPlain) {
  for (const std::string& data :
       {std::string{R"({"type":"offer"})"}, std::string{R"({"type":"offer","sdp":5})"}, std::string{R"({"type":"hello","sdp":"s"})"},
        std::string{R"({"type":"bye","reason":"","association":4})"}, std::string{R"({"type":"candidate","candidate":"c"})"}, std::string{"[]"}, std::string{"5"},
        R"({"type":"offer","sdp":")" + std::string(kSdpBytesMax + 1, 'a') + "\"}", R"({"type":"candidate","mid":"0","candidate":")" + std::string(kCandidateBytesMax + 1, 'a') + "\"}"}) {
    EXPECT_FALSE(read_plain_signal(request(data))) << data;
    EXPECT_FALSE(parse_signal(request(data))) << data;
  }
  for (const char* whole : {R"({"to":"ff","data":{"type":"bye","reason":""}})", R"({"data":{"type":"bye","reason":""}})", R"({"to":"00000000000000ff"})", "{}", "",
                            R"({"to":"00000000000000ff","data":{"type":"bye","reason":""}} x)", R"({"to":"00000000000000ff","data":{"type":"bye","reason":""})"}) {
    EXPECT_FALSE(read_plain_signal(whole)) << whole;
    EXPECT_FALSE(parse_signal(whole)) << whole;
  }
}

TEST(SignalText, TheLongestThatMayBeIsRead) {
  EXPECT_TRUE(read_plain_signal(request(R"({"type":"offer","sdp":")" + std::string(kSdpBytesMax, 'a') + "\"}")));
}

}  // namespace
}  // namespace p2p::net
