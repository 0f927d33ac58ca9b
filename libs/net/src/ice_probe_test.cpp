#include "net/ice_probe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <thread>

#include "net/turn_server.hpp"
#include "turn/credentials.hpp"
#include "turn/stun_message.hpp"
#include "udp_socket.hpp"

namespace p2p::net {
namespace {

namespace asio = boost::asio;
using ::testing::HasSubstr;
using Transport = IceUrl::Transport;
constexpr Duration kPatience = 60s;

TEST(IceUrl, IsReadAsClientsReadIt) {
  const auto read = [](std::string_view text) { return parse_ice_url(text).value(); };
  EXPECT_EQ(read("stun:stun.example").port, 3478);
  EXPECT_FALSE(read("stun:stun.example").turn);
  EXPECT_EQ(read("turn:turn.example:80?transport=udp").port, 80);
  EXPECT_EQ(read("turn:turn.example?transport=tcp").transport, Transport::kTcp);
  EXPECT_EQ(read("turns:turn.example?transport=tcp").transport, Transport::kTls);
  EXPECT_EQ(read("turns:turn.example").port, 5349);
  EXPECT_EQ(read("turn:[2001:db8::1]:3478").host, "2001:db8::1");
  for (const char* bad : {"", "turn", "turn:", "http://turn.example", "turn:turn.example:x", "turn:turn.example:0", "turn:a?transport=quic", "turns:a?transport=udp", "turn:a b"}) {
    EXPECT_FALSE(parse_ice_url(bad)) << bad;
  }
}

class IceProbeTest : public testing::Test {
 protected:
  IceProbeTest() {
    TurnServer::Options options{.host = "127.0.0.1", .port = 0, .relay = {}};
    options.relay.secret = "hunter2";
    server_ = std::move(TurnServer::start(options).value());
  }
  [[nodiscard]] IceProbe probe(std::string_view secret) const {
    const auto now = WallTime{std::chrono::duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch())};
    const auto [username, password] = turn::make_credentials(secret, "doctor", now + 1h);
    return {.server = {.turn = true, .host = "127.0.0.1", .port = server_->port()}, .username = username, .credential = password, .timeout = kPatience};
  }

  std::unique_ptr<TurnServer> server_;
};

TEST_F(IceProbeTest, IsGivenARelayedAddressByTheEmbeddedServer) {
  const auto answer = probe_ice_server(probe("hunter2"));
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(turn::to_text(answer->mapped->ip), "127.0.0.1");
  EXPECT_EQ(turn::to_text(answer->relayed->ip), "127.0.0.1");
}

TEST_F(IceProbeTest, IsToldThatCredentialsAreWrong) {
  const auto answer = probe_ice_server(probe("hunter3"));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, 401);
  EXPECT_TRUE(answer.error().mapped);
}

TEST_F(IceProbeTest, AsksForABindingAlone) {
  const auto answer = probe_ice_server({.server = {.host = "localhost", .port = server_->port()}, .timeout = kPatience});
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_FALSE(answer->relayed);
}

TEST(IceProbe, SaysThatNobodyAnswers) {
  const auto silent = UdpSocket::bind(turn::IpAddress::v4(127, 0, 0, 1), 0);
  ASSERT_TRUE(silent);
  const auto answer = probe_ice_server({.server = {.host = "127.0.0.1", .port = silent->port()}, .timeout = 50ms});
  EXPECT_EQ(answer.error().what, "does not answer within 0.05 s");
}

/// A STUN server over TCP for one connection, whose answer comes in two parts.
TEST(IceProbe, SpeaksTheSameOverTcp) {
  asio::io_context io;
  asio::ip::tcp::acceptor acceptor{io, {asio::ip::address_v4::loopback(), 0}};
  std::thread server{[&] {
    asio::ip::tcp::socket socket{io};
    acceptor.accept(socket);
    Bytes request(20);   // a binding has no attributes
    asio::read(socket, asio::buffer(request));
    const auto asked = turn::parse_stun(request).value();
    Bytes answer;
    turn::StunWriter{answer, turn::StunClass::kSuccess, asked.method, asked.transaction}.mapped({turn::IpAddress::v4(192, 0, 2, 9), 9});
    asio::write(socket, asio::buffer(answer, 7));
    asio::write(socket, asio::buffer(answer) + 7);
    boost::system::error_code error;
    asio::read(socket, asio::buffer(request), error);   // until the probe closes
  }};
  const auto answer = probe_ice_server({.server = {.transport = Transport::kTcp, .host = "127.0.0.1", .port = acceptor.local_endpoint().port()}, .timeout = kPatience});
  server.join();
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(turn::to_text(*answer->mapped), "192.0.2.9:9");
}

TEST(IceProbe, SaysWhyAStreamCannotBeOpened) {
  asio::io_context io;
  std::uint16_t closed = 0;
  {
    asio::ip::tcp::acceptor acceptor{io, {asio::ip::address_v4::loopback(), 0}};
    closed = acceptor.local_endpoint().port();
  }
  const auto answer = probe_ice_server({.server = {.transport = Transport::kTcp, .host = "127.0.0.1", .port = closed}, .timeout = kPatience});
  EXPECT_THAT(answer.error().what, HasSubstr("connection refused"));
}

}  // namespace
}  // namespace p2p::net
