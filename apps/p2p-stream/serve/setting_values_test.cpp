#include "serve/setting_values.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace p2p::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(SettingValues, NumbersHaveTheirRange) {
  EXPECT_EQ(whole_number({" 80 "}, 0, 65'535).value(), 80);
  for (const char* bad : {"", "-1", "65536", "many", "80x", "8e1", "99999999999999999999"}) {
    const auto number = whole_number({bad}, 0, 65'535);
    ASSERT_FALSE(number) << bad;
    EXPECT_THAT(number.error().text, HasSubstr("no whole number from 0 to 65535"));
  }
  EXPECT_EQ(hours({"1.5"}, 0.001, 720).value(), Duration{90min});
  for (const char* bad : {"", "0", "nan", "inf", "721", "6h"}) EXPECT_FALSE(hours({bad}, 0.001, 720)) << bad;
}

TEST(SettingValues, OnAndOffHaveTheUsualSpellings) {
  for (const char* on : {"on", "true", "1", "yes"}) EXPECT_TRUE(on_or_off({on}).value());
  for (const char* off : {"off", "false", "0", "no"}) EXPECT_FALSE(on_or_off({off}).value());
  EXPECT_EQ(on_or_off({"perhaps"}).error().text, "\"perhaps\" is neither on nor off.");
}

TEST(SettingValues, ChoicesAreListed) {
  EXPECT_EQ(one_of({"b"}, {"a", "b", "c"}).value(), "b");
  EXPECT_EQ(one_of({"x"}, {"a", "b", "c"}).error().text, "\"x\" is unknown. Give a, b or c.");
  EXPECT_EQ(one_of({"x"}, {"a"}).error().text, "\"x\" is unknown. Give a, or leave it out.");
  EXPECT_FALSE(one_of({"a", "b"}, {"a", "b"}));
}

TEST(SettingValues, ListsMayHaveCommasOrSeveralValues) {
  EXPECT_THAT(separated({"a, b", "c", ""}), ElementsAre("a", "b", "c"));
  EXPECT_EQ(joined({"a", "b"}), "a,b");
}

TEST(SettingValues, OriginsAreWhatABrowserSends) {
  EXPECT_THAT(origins({"https://a.example,http://b.example:8080", "*"}).value(), ElementsAre("https://a.example", "http://b.example:8080", "*"));
  EXPECT_THAT(origins({"https://a.example/"}).error().text, HasSubstr("Write it without what follows the host: https://a.example."));
  EXPECT_THAT(origins({"a.example"}).error().text, HasSubstr("Write it with its scheme: https://a.example."));
  EXPECT_THAT(origins({"https://*.a.example"}).error().text, HasSubstr("as a browser sends it"));
}

TEST(SettingValues, BlocksAndPortRangesAreChecked) {
  EXPECT_THAT(address_blocks({"127.0.0.1,10.0.0.0/8", "::1"}).value(), ElementsAre("127.0.0.1", "10.0.0.0/8", "::1"));
  EXPECT_THAT(address_blocks({"10.0.0.0/33"}).error().text, HasSubstr("10.0.0.0/33"));
  EXPECT_EQ(port_range({"49160-49200"}).value(), (std::pair<std::uint16_t, std::uint16_t>{49'160, 49'200}));
  for (const char* bad : {"", "1", "5-4", "0-9", "1-65536", "a-b", "1000-2000"}) EXPECT_FALSE(port_range({bad})) << bad;
}

}  // namespace
}  // namespace p2p::app
