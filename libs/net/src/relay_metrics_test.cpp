#include <gtest/gtest.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <chrono>
#include <string>
#include <thread>

#include "net/signaling_server.hpp"
#include "net/turn_server.hpp"
#include "testing/turn_client.hpp"

namespace p2p::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using testing::kLoopback;
using testing::next;
using testing::TurnClient;

const std::string kSecret = "the relay's secret";

turn::Credentials credentials(const std::string& peer, Duration lifetime = 1h) {
  const auto now = std::chrono::duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch());
  return turn::make_credentials(kSecret, peer, WallTime{now + lifetime});
}

class RelayMetrics : public ::testing::Test {
 protected:
  void SetUp() override {
    auto relay = TurnServer::start({.host = "127.0.0.1",
                                    .port = 0,
                                    .relay = {.secret = kSecret, .allowed = turn::parse_ranges("127.0.0.1").value(), .allocations_per_peer_max = 1}});
    ASSERT_TRUE(relay) << relay.error().text;
    relay_ = std::move(*relay);
    auto server = SignalingServer::listen(io_, {.host = "127.0.0.1", .port = 0, .relay = relay_.get()});
    ASSERT_TRUE(server) << server.error().text;
    server_ = std::move(*server);
    port_ = server_->port();
    thread_ = std::thread{[this] { io_.run(); }};
  }
  void TearDown() override {
    io_.stop();
    if (thread_.joinable()) thread_.join();
  }

  std::string page() {
    tcp::socket socket{client_io_};
    socket.connect({asio::ip::make_address("127.0.0.1"), port_});
    asio::write(socket, asio::buffer(std::string{"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"}));
    std::string text;
    std::array<char, 4096> part{};
    boost::system::error_code error;
    while (!error) text.append(part.data(), socket.read_some(asio::buffer(part), error));
    return text;
  }
  /// The relay counts on its own thread, perhaps a moment after its answer has come.
  ::testing::AssertionResult shows(const std::string& line) {
    std::string text;
    for (int tries = 0; tries < 10'000; ++tries) {
      text = page();
      if (text.find("\n" + line + "\n") != std::string::npos) return ::testing::AssertionSuccess();
    }
    return ::testing::AssertionFailure() << line << " is not in\n" << text;
  }

  asio::io_context io_{1};
  asio::io_context client_io_{1};
  std::unique_ptr<TurnServer> relay_;
  std::unique_ptr<SignalingServer> server_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

TEST_F(RelayMetrics, TellWhatIsRelayedForWhomAndWhatIsRefused) {
  TurnClient client{relay_->port(), credentials("alice")};
  ASSERT_EQ(client.ask(turn::StunMethod::kBinding, [](turn::StunWriter&) {}), 0);
  ASSERT_EQ(client.allocate(), 0);
  const auto peer = UdpSocket::bind(kLoopback, 0).value();
  ASSERT_EQ(client.bind(0x4000, {.ip = kLoopback, .port = peer.port()}), 0);
  client.send(0x4000, as_bytes("out through the relay"));
  ASSERT_EQ(as_text(next(peer).value()), "out through the relay");
  peer.send(client.relayed, std::nullopt, as_bytes("and back"));
  ASSERT_TRUE(next(client.socket()));

  TurnClient bob{relay_->port(), credentials("bob")};
  ASSERT_EQ(bob.allocate(), 0);
  ASSERT_EQ(client.bind(0x4001, bob.relayed), 0);
  ASSERT_EQ(bob.bind(0x4000, client.relayed), 0);
  client.send(0x4001, as_bytes("inside"));
  ASSERT_TRUE(next(bob.socket()));

  TurnClient second{relay_->port(), credentials("alice")};
  EXPECT_EQ(second.allocate(), 486);
  TurnClient late{relay_->port(), credentials("carol", -1h)};
  EXPECT_EQ(late.allocate(), 401);
  TurnClient liar{relay_->port(), {.username = "99999999999:mallory", .password = "guessed"}};
  EXPECT_EQ(liar.allocate(), 401);

  for (const char* line :
       {"p2p_turn_allocations 2", "p2p_turn_allocations_opened_total 2", "p2p_turn_allocations_refused_total{why=\"peer-quota\"} 1",
        "p2p_turn_allocations_refused_total{why=\"credential-ended\"} 1", "p2p_turn_allocations_refused_total{why=\"quota\"} 0",
        "p2p_turn_authentication_failures_total{why=\"credential\"} 1", "p2p_turn_relayed_bytes_total{way=\"to-peer\"} 21",
        "p2p_turn_relayed_bytes_total{way=\"to-client\"} 8", "p2p_turn_relayed_bytes_total{way=\"between-clients\"} 6",
        "p2p_turn_relayed_datagrams_total{way=\"to-peer\"} 1", "p2p_turn_dropped_datagrams_total 0", "p2p_turn_bindings_total 1",
        "p2p_turn_unanswered_total{limit=\"network\"} 0"}) {
    EXPECT_TRUE(shows(line));
  }
  ASSERT_EQ(bob.ask(turn::StunMethod::kRefresh, [](turn::StunWriter& writer) { writer.lifetime(0); }), 0);
  EXPECT_TRUE(shows("p2p_turn_allocations 1"));
}

TEST_F(RelayMetrics, AreReadWhileTheRelayWorks) {
  TurnClient client{relay_->port(), credentials("alice")};
  ASSERT_EQ(client.allocate(), 0);
  EXPECT_TRUE(shows("p2p_turn_allocations 1"));
  std::thread asking{[&] {
    for (int i = 0; i < 500; ++i) (void)client.ask(turn::StunMethod::kBinding, [](turn::StunWriter&) {});
  }};
  for (int i = 0; i < 100; ++i) EXPECT_NE(page().find("p2p_turn_allocations 1"), std::string::npos);
  asking.join();
  EXPECT_TRUE(shows("p2p_turn_bindings_total 500"));
}

}  // namespace
}  // namespace p2p::net
