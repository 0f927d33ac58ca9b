#include "gate.hpp"

#include <gtest/gtest.h>

namespace p2p::net {
namespace {

constexpr const char* kProxy = "10.0.0.1";

class GateTest : public testing::Test {
 protected:
  GateTest() {
    gate_.proxies = *TrustedProxies::parse({kProxy});
    gate_.allowed_origins = {"https://friend.example"};
  }
  bool allowed(std::vector<std::pair<std::string, std::string>> fields, const char* from = "203.0.113.7", bool tls = false) {
    return gate_.origin_allowed(*parse_ip_address(from), tls, {.fields = std::move(fields)});
  }
  Gate gate_;
};

TEST_F(GateTest, AllowsItsOwnPagesFriendsAndPrograms) {
  EXPECT_TRUE(allowed({{"Host", "live.example:3001"}, {"Origin", "http://live.example:3001"}}));
  EXPECT_TRUE(allowed({{"Host", "live.example"}, {"Origin", "https://LIVE.example"}})) << "a proxy that is not named may have ended TLS";
  EXPECT_TRUE(allowed({{"Host", "live.example"}, {"Origin", "https://friend.example"}}));
  EXPECT_TRUE(allowed({{"Host", "live.example"}})) << "no page";
  EXPECT_FALSE(allowed({{"Host", "live.example"}, {"Origin", "https://friend.example.evil"}}));
  EXPECT_FALSE(allowed({{"Host", "live.example"}, {"Origin", "http://live.example:8080"}}));
  EXPECT_FALSE(allowed({{"Host", "live.example"}, {"Origin", "null"}}));
  EXPECT_FALSE(allowed({{"Host", ""}, {"Origin", "http://"}}));
  gate_.allowed_origins = {"*"};
  EXPECT_TRUE(allowed({{"Host", "live.example"}, {"Origin", "https://anybody.example"}}));
}

TEST_F(GateTest, KnowsItsNameAndSchemeFromATrustedProxy) {
  const std::vector<std::pair<std::string, std::string>> forwarded{
      {"Host", "127.0.0.1:3001"}, {"X-Forwarded-Host", "live.example"}, {"X-Forwarded-Proto", "https"}};
  const auto with_origin = [&](const char* origin) {
    auto fields = forwarded;
    fields.emplace_back("Origin", origin);
    return fields;
  };
  EXPECT_TRUE(allowed(with_origin("https://live.example"), kProxy));
  EXPECT_FALSE(allowed(with_origin("http://live.example"), kProxy)) << "a page that came without TLS may be anybody's";
  EXPECT_FALSE(allowed(with_origin("http://127.0.0.1:3001"), kProxy));
  EXPECT_FALSE(allowed(with_origin("https://live.example"), "203.0.113.7")) << "from others the fields say nothing";
}

TEST_F(GateTest, KnowsUnderWhichHostItIsReached) {
  const HttpRequest forwarded{.fields = {{"Host", "127.0.0.1:3001"}, {"X-Forwarded-Host", "cdn.example, live.example"}}};
  EXPECT_EQ(gate_.host_asked(*parse_ip_address(kProxy), forwarded), "live.example");
  EXPECT_EQ(gate_.host_asked(*parse_ip_address("203.0.113.7"), forwarded), "127.0.0.1:3001");
  EXPECT_EQ(gate_.host_asked(*parse_ip_address(kProxy), {.fields = {{"Host", "direct.example"}}}), "direct.example");
}

TEST_F(GateTest, WithTlsItsPagesComeOverTls) {
  EXPECT_TRUE(allowed({{"Host", "live.example"}, {"Origin", "https://live.example"}}, "203.0.113.7", true));
  EXPECT_FALSE(allowed({{"Host", "live.example"}, {"Origin", "http://live.example"}}, "203.0.113.7", true));
}

}  // namespace
}  // namespace p2p::net
