#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hex.hpp"
#include "peer/bit_rate.hpp"
#include "peer/title.hpp"
#include "peer/watch_url.hpp"

namespace p2p::app {
namespace {

using ::testing::HasSubstr;

TEST(WatchUrl, IsReadAsTheServerPrintsIt) {
  const auto url = parse_watch_url("http://localhost:3001/watch/0123456789abcdef0123");
  ASSERT_TRUE(url) << url.error().text;
  EXPECT_EQ(url->server, "http://localhost:3001");
  EXPECT_EQ(to_hex(url->stream), "0123456789abcdef0123");
  EXPECT_EQ(watch_url_of(url->server, url->stream), "http://localhost:3001/watch/0123456789abcdef0123");
}

TEST(WatchUrl, MayEndInASlashOrAQuery) {
  EXPECT_TRUE(parse_watch_url("https://a.example/watch/0123456789abcdef0123/"));
  EXPECT_TRUE(parse_watch_url("https://a.example/watch/0123456789abcdef0123?t=1#x"));
}

TEST(WatchUrl, SaysWhatIsWrongWithAnythingElse) {
  for (const char* bad : {"", "localhost:3001/watch/0123456789abcdef0123", "http:///watch/0123456789abcdef0123", "ftp://a/watch/0123456789abcdef0123"}) {
    const auto url = parse_watch_url(bad);
    ASSERT_FALSE(url) << bad;
    EXPECT_THAT(url.error().text, HasSubstr("is no watch address"));
  }
  for (const char* bad : {"http://a:1/", "http://a:1/watch/", "http://a:1/watch/0123", "http://a:1/watch/0123456789abcdef012x", "http://a:1/x/0123456789abcdef0123"}) {
    const auto url = parse_watch_url(bad);
    ASSERT_FALSE(url) << bad;
    EXPECT_THAT(url.error().text, HasSubstr("names no stream"));
  }
}

TEST(ServerUrl, LosesItsSlashAndNothingElse) {
  EXPECT_EQ(parse_server_url("http://localhost:3001/").value(), "http://localhost:3001");
  EXPECT_EQ(parse_server_url("https://a.example").value(), "https://a.example");
  EXPECT_FALSE(parse_server_url("localhost:3001"));
  EXPECT_THAT(parse_server_url("http://a:1/watch/x").error().text, HasSubstr("Give only its beginning: http://a:1."));
}

TEST(Title, IsTextOfABoundedLength) {
  EXPECT_EQ(parse_title("My film").value(), "My film");
  EXPECT_TRUE(parse_title(std::string(120, 'x')));
  EXPECT_THAT(parse_title(std::string(121, 'x')).error().text, HasSubstr("Give it 1 to 120"));
  EXPECT_THAT(parse_title("\xff\xfe").error().text, HasSubstr("is not UTF-8"));
  EXPECT_THAT(parse_title("a\nb").error().text, HasSubstr("control characters"));
  EXPECT_FALSE(parse_title(""));
}

TEST(Title, OfAnInputIsAlwaysOne) {
  EXPECT_EQ(title_of_input("/films/harbor.mp4"), "harbor.mp4");
  EXPECT_EQ(title_of_input("-"), "Live");
  EXPECT_EQ(title_of_input("http://a/"), "Live");
  std::string long_name;
  for (int i = 0; i < 130; ++i) long_name += "\u0436";
  for (const std::string& odd : {long_name, std::string{"/a/\xff\xfe.mp4"}, std::string{"/a/two\nlines"}}) EXPECT_TRUE(parse_title(title_of_input(odd))) << odd;
}

TEST(BitRate, TakesTheUsualUnits) {
  EXPECT_EQ(parse_bit_rate("2500k").value(), 2'500'000);
  EXPECT_EQ(parse_bit_rate("3M").value(), 3'000'000);
  EXPECT_EQ(parse_bit_rate("1.5M").value(), 1'500'000);
  EXPECT_EQ(parse_bit_rate("64000").value(), 64'000);
  for (const char* bad : {"", "k", "fast", "-3M", "1e3", "3Mbit", "nan", "9k", "20000M"}) EXPECT_FALSE(parse_bit_rate(bad)) << bad;
}

TEST(BitRate, IsShownShort) {
  EXPECT_EQ(show_bit_rate(2'540'000), "2.5 Mbit/s");
  EXPECT_EQ(show_bit_rate(64'000), "64 kbit/s");
}

}  // namespace
}  // namespace p2p::app
