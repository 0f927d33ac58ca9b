#include "trusted_proxies.hpp"

#include <gtest/gtest.h>

namespace p2p::net {
namespace {

std::string client(std::vector<std::string> proxies, const char* from, std::vector<std::string> forwarded_for) {
  HttpRequest request;
  for (std::string& field : forwarded_for) request.fields.emplace_back("x-forwarded-for", std::move(field));
  return to_text(TrustedProxies::parse(proxies)->client_of(*parse_ip_address(from), request));
}

TEST(TrustedProxies, NobodyIsBelievedByDefault) {
  EXPECT_EQ(client({}, "127.0.0.1", {"203.0.113.7"}), "127.0.0.1");
  EXPECT_EQ(client({"10.0.0.0/8"}, "127.0.0.1", {"203.0.113.7"}), "127.0.0.1");
  EXPECT_EQ(client({"10.0.0.0/8"}, "198.51.100.1", {"203.0.113.7"}), "198.51.100.1") << "from afar anybody may write such a field";
}

TEST(TrustedProxies, TheClientIsTheLastThatIsNoProxy) {
  EXPECT_EQ(client({"127.0.0.1"}, "127.0.0.1", {"203.0.113.7"}), "203.0.113.7");
  EXPECT_EQ(client({"127.0.0.1"}, "127.0.0.1", {"198.51.100.1, 203.0.113.7 "}), "203.0.113.7") << "what the proxy added, not what the client wrote";
  EXPECT_EQ(client({"127.0.0.1", "10.0.0.0/8"}, "127.0.0.1", {"198.51.100.1, 203.0.113.7, 10.1.2.3"}), "203.0.113.7");
  EXPECT_EQ(client({"127.0.0.1", "10.0.0.0/8"}, "127.0.0.1", {"198.51.100.1", "203.0.113.7", "10.1.2.3"}), "203.0.113.7") << "fields of several proxies";
  EXPECT_EQ(client({"::1"}, "::1", {"2001:db8::7"}), "2001:db8::7");
  EXPECT_EQ(client({"10.0.0.0/8"}, "10.0.0.1", {"10.0.0.2, 10.0.0.3"}), "10.0.0.2") << "all of them proxies: the first";
}

TEST(TrustedProxies, ReadsWhatProxiesWrite) {
  EXPECT_EQ(client({"127.0.0.1"}, "127.0.0.1", {"203.0.113.7:4711"}), "203.0.113.7");
  EXPECT_EQ(client({"127.0.0.1"}, "127.0.0.1", {"[2001:db8::7]:4711"}), "2001:db8::7");
  EXPECT_EQ(client({"127.0.0.1"}, "127.0.0.1", {"[2001:db8::7]"}), "2001:db8::7");
  for (const char* nonsense : {"", "unknown", "203.0.113.7,", "a,b", "[", "[]", ":::", "203.0.113.7 203.0.113.8"}) {
    EXPECT_EQ(client({"127.0.0.1"}, "127.0.0.1", {nonsense}), "127.0.0.1") << nonsense;
  }
  EXPECT_EQ(client({"127.0.0.1", "10.0.0.0/8"}, "127.0.0.1", {"203.0.113.7, ?, 10.0.0.1"}), "10.0.0.1") << "no further than can be read";
}

TEST(TrustedProxies, AMistypedBlockIsASentence) {
  const auto parsed = TrustedProxies::parse({"10.0.0.0/8", "nginx"});
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().text, "\"nginx\" is no address of a proxy. Give addresses or blocks with commas between, such as 127.0.0.1,10.0.0.0/8.");
}

}  // namespace
}  // namespace p2p::net
