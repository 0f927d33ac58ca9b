#include "socketio/json_text.hpp"

#include <gtest/gtest.h>

namespace p2p::socketio {
namespace {

TEST(JsonText, AcceptsWhatTheRfcAccepts) {
  for (const char* good : {"{}", "[]", "null", "true", "false", "0", "-0.5e+10", "\"\\u00fc\\n\"", " [1 , {\"a\" : [] } ] ", "1E5"}) {
    EXPECT_TRUE(is_json(good)) << good;
  }
}

TEST(JsonText, RefusesTheRest) {
  for (const char* bad : {"", " ", "{", "[1,]", "{\"a\"}", "{a:1}", "01", "+1", "1.", ".5", "1e", "\"\n\"", "\"\\x\"", "\"\\u12g4\"", "nul", "[1] 2", "'a'", "{,}", "[,]"}) {
    EXPECT_FALSE(is_json(bad)) << bad;
  }
}

TEST(JsonText, NestingIsBounded) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(is_json(nested(kJsonDepthMax)));
  EXPECT_FALSE(is_json(nested(kJsonDepthMax + 1)));
  EXPECT_FALSE(is_json(std::string(100'000, '[')));
}

TEST(JsonText, SplitsAnArray) {
  const auto elements = json_elements(R"( ["a", {"b":[1,2]} ,3] )", 8);
  ASSERT_TRUE(elements);
  EXPECT_EQ(*elements, (std::vector<std::string_view>{"\"a\"", "{\"b\":[1,2]}", "3"}));
  EXPECT_TRUE(json_elements("[]", 8)->empty());
  EXPECT_FALSE(json_elements("[1,2,3]", 2));
  EXPECT_FALSE(json_elements("[1,]", 8));
  EXPECT_FALSE(json_elements("{}", 8));
  EXPECT_FALSE(json_elements("[1] x", 8));
}

TEST(JsonText, FindsAMember) {
  const std::string_view object = R"( {"a":{"pid":1}, "pid" : "x" ,"n":[2]} )";
  EXPECT_EQ(json_member(object, "pid"), "\"x\"");
  EXPECT_EQ(json_string_member(object, "pid"), "x");
  EXPECT_EQ(json_member(object, "n"), "[2]");
  EXPECT_FALSE(json_string_member(object, "n")) << "no string";
  EXPECT_FALSE(json_member(object, "b"));
  EXPECT_FALSE(json_member("{}", "b"));
  EXPECT_FALSE(json_member("", "b"));
}

TEST(JsonText, QuotedTextIsJson) {
  const std::string quoted = json_quoted(std::string_view{"a\"\\\n\x01\0z", 7});
  EXPECT_EQ(quoted, R"("a\"\\\u000a\u0001\u0000z")");
  EXPECT_TRUE(is_json(quoted));
}

}  // namespace
}  // namespace p2p::socketio
