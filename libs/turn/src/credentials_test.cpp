#include "turn/credentials.hpp"

#include <gtest/gtest.h>

namespace p2p::turn {
namespace {

TEST(Credentials, AreWhatOtherServersOfTheDraftCompute) {
  // printf '1700000000:alice' | openssl dgst -sha1 -hmac north -binary | base64
  EXPECT_EQ(password_of("north", "1700000000:alice"), "Cd/49soE35ICqcJF/bCTn8Z4OyE=");
  const Credentials made = make_credentials("north", "alice", WallTime{std::chrono::seconds{1'700'000'000}});
  EXPECT_EQ(made.username, "1700000000:alice");
  EXPECT_EQ(made.password, password_of("north", made.username));
}

TEST(Credentials, TellWhenTheyEndAndForWhomTheyAre) {
  const auto name = parse_username("1700000000:a:b");
  ASSERT_TRUE(name);
  EXPECT_EQ(name->expires_s, 1'700'000'000);
  EXPECT_EQ(name->id, "a:b");
  for (const char* text : {"", ":", "alice", "1700000000", "1700000000:", "-5:alice", "x:alice", "99999999999999999999:alice"}) EXPECT_FALSE(parse_username(text)) << text;
}

}  // namespace
}  // namespace p2p::turn
