#include <gtest/gtest.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <optional>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include "http_server.hpp"
#include "self_signed.hpp"
#include "signaling_sessions.hpp"

namespace p2p::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

/// Signaling, and a long text at /long.
class Application final : public HttpApplication {
 public:
  Application(SignalingSessions::Options options, std::counting_semaphore<>& gone) : sessions_{std::move(options), steady_now}, gone_{gone} {}

  void on_request(const std::shared_ptr<Connection>& connection, const HttpRequest& request) override {
    if (request.path == "/socket.io/") {
      sessions_.hub().handle_request(connection, request);
    } else {
      connection->respond({.lasting_body = request.path == "/long" ? std::string_view{long_} : "short", .keep_alive = request.keep_alive});
    }
  }
  void on_message(const std::shared_ptr<Connection>& connection, bool binary, std::string_view data) override {
    sessions_.hub().handle_message(connection, binary, data);
  }
  void on_gone(const std::shared_ptr<Connection>& connection) override {
    sessions_.hub().handle_gone(connection);
    gone_.release();
  }
  void handle_time() override { sessions_.handle_time(); }
  [[nodiscard]] Instant next_wake() const override { return sessions_.hub().next_wake(); }
  void shut_down() override { sessions_.shut_down(); }

 private:
  SignalingSessions sessions_;
  std::counting_semaphore<>& gone_;
  std::string long_ = std::string(64 << 20, 'x');
};

/// A server whose patience is short. Each test waits for what the server does, however long the machine takes.
class SlowClientsTest : public testing::Test {
 protected:
  struct Setup {
    ConnectionLimits limits;
    socketio::EngineServer::Options engine;
    Duration connect_within = 1h;
    std::size_t silent_max = 1'000;
    std::optional<PlaceLimits> host;
    std::vector<std::string> proxies;
    std::shared_ptr<TlsServer> tls;
  };

  void start(const Setup& setup) {
    gate_ = std::make_shared<Gate>();
    gate_->proxies = *TrustedProxies::parse(setup.proxies);
    if (setup.host) gate_->admission = Admission{{.host = *setup.host}};
    auto application = std::make_unique<Application>(SignalingSessions::Options{
        .hub = {.limits = setup.limits, .engine = setup.engine, .gate = gate_}, .signaling = {.gate = gate_}, .connect_within = setup.connect_within}, gone_);
    auto server = HttpServer::listen(io_, {.host = "127.0.0.1", .silent_max = setup.silent_max, .limits = setup.limits, .gate = gate_, .tls = setup.tls}, std::move(application));
    ASSERT_TRUE(server) << server.error().text;
    port_ = (*server)->port();
    server_ = std::move(*server);
    thread_ = std::thread{[this] { io_.run(); }};
  }
  void TearDown() override {
    io_.stop();
    if (thread_.joinable()) thread_.join();
  }

  tcp::socket dial(std::string_view text = {}) {
    tcp::socket socket{client_io_};
    socket.connect({asio::ip::make_address("127.0.0.1"), port_});
    asio::write(socket, asio::buffer(text));
    return socket;
  }
  static std::string read_some(tcp::socket& socket) {
    std::array<char, 4096> part{};
    boost::system::error_code error;
    const std::size_t size = socket.read_some(asio::buffer(part), error);
    return {part.data(), size};
  }
  /// What comes until the server closes.
  static std::string read_all(tcp::socket& socket) {
    std::string text;
    for (std::string part = read_some(socket); !part.empty(); part = read_some(socket)) text += part;
    return text;
  }
  static std::string websocket_request(std::string_view more = {}) {
    return "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" +
           std::string{more} + "\r\n";
  }
  static std::string polling_request(std::string_view more = {}) {
    return "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + std::string{more} + "\r\n";
  }
  /// The counters, once the server has stopped.
  const ServerMetrics& counted() {
    io_.stop();
    thread_.join();
    return gate_->metrics;
  }
  [[nodiscard]] std::uint64_t cut_off(CutOff why) { return counted().cut_off[static_cast<std::size_t>(why)]; }

  std::counting_semaphore<> gone_{0};  // released as often as a connection is gone
  std::shared_ptr<Gate> gate_;
  asio::io_context io_{1};
  asio::io_context client_io_{1};
  std::shared_ptr<HttpServer> server_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

TEST_F(SlowClientsTest, ARequestThatNeverEndsIsCutOff) {
  start({.limits = {.request_within = 200ms}});
  tcp::socket head = dial("GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ");
  tcp::socket body = dial("POST /socket.io/ HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab");
  tcp::socket nothing = dial();
  EXPECT_EQ(read_all(head), "");
  EXPECT_EQ(read_all(body), "");
  EXPECT_EQ(read_all(nothing), "");
  EXPECT_EQ(cut_off(CutOff::kRequestTimeout), 3u);
}

TEST_F(SlowClientsTest, AByteNowAndThenDoesNotKeepARequestOpen) {
  start({.limits = {.request_within = 200ms}});
  tcp::socket slow = dial("GET / HTTP/1.1\r\nX: ");
  asio::steady_timer pace{client_io_};
  boost::system::error_code error;
  while (!error) {  // until the server has closed
    asio::write(slow, asio::buffer("x", 1), error);
    pace.expires_after(std::chrono::milliseconds{5});
    pace.wait();
  }
  EXPECT_EQ(cut_off(CutOff::kRequestTimeout), 1u);
}

TEST_F(SlowClientsTest, AConnectionWithoutAFurtherRequestIsClosed) {
  start({.limits = {.idle_max = 200ms}});
  tcp::socket idle = dial("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(read_all(idle).ends_with("short"));
  EXPECT_EQ(cut_off(CutOff::kIdle), 1u);
}

TEST_F(SlowClientsTest, AReaderThatTakesNothingIsCutOff) {
  start({.limits = {.stall_max = 200ms}});
  tcp::socket lazy{client_io_};
  lazy.open(tcp::v4());
  lazy.set_option(asio::socket_base::receive_buffer_size{4'096});
  lazy.connect({asio::ip::make_address("127.0.0.1"), port_});
  asio::write(lazy, asio::buffer(std::string_view{"GET /long HTTP/1.1\r\nHost: x\r\n\r\n"}));
  gone_.acquire();
  EXPECT_LT(read_all(lazy).size(), 64u << 20) << "what the kernels held";
  EXPECT_EQ(cut_off(CutOff::kStalled), 1u);
}

TEST_F(SlowClientsTest, AWebSocketMessageThatNeverEndsIsCutOffThoughPingsAreAnswered) {
  start({.limits = {.message_within = 200ms}});
  tcp::socket socket = dial(websocket_request());
  // The first fragment of a text, then pings within it, masked with zeros.
  asio::write(socket, asio::buffer(std::string_view{"\x01\x81\0\0\0\0" "4", 7}));
  boost::system::error_code error;
  while (!error) {
    asio::write(socket, asio::buffer(std::string_view{"\x89\x80\0\0\0\0", 6}), error);
    if (!error) static_cast<void>(read_some(socket));
  }
  EXPECT_EQ(cut_off(CutOff::kUnfinished), 1u);
}

TEST_F(SlowClientsTest, ASessionThatJoinsNoNamespaceIsClosed) {
  start({.connect_within = 200ms});
  tcp::socket socket = dial(websocket_request());
  EXPECT_NE(read_all(socket).find("101 Switching"), std::string::npos);
  EXPECT_EQ(counted().sessions_ended[static_cast<std::size_t>(SessionEnd::kDismissed)], 1u);
}

TEST_F(SlowClientsTest, AHalfOpenConnectionShowsInAPingThatIsNotAnswered) {
  start({.engine = {.ping_interval = 100ms, .ping_timeout = 100ms}});
  tcp::socket socket = dial(websocket_request());
  asio::write(socket, asio::buffer(std::string_view{"\x81\x82\0\0\0\0" "40", 8}));
  EXPECT_NE(read_all(socket).find("hello"), std::string::npos);
  EXPECT_EQ(counted().sessions_ended[static_cast<std::size_t>(SessionEnd::kPingTimeout)], 1u);
}

TEST_F(SlowClientsTest, TheOldestSilentConnectionMakesWayForANewcomer) {
  start({.silent_max = 2});
  tcp::socket first = dial();
  tcp::socket second = dial();
  tcp::socket third = dial();
  EXPECT_EQ(read_all(first), "");
  asio::write(second, asio::buffer(std::string_view{"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"}));
  EXPECT_TRUE(read_all(second).ends_with("short"));
  asio::write(third, asio::buffer(std::string_view{"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"}));
  EXPECT_TRUE(read_all(third).ends_with("short"));
  EXPECT_EQ(cut_off(CutOff::kCrowdedOut), 1u);
}

TEST_F(SlowClientsTest, OneNetworkHasOnlySoManySessions) {
  PlaceLimits host = kHostLimits;
  host.sessions_max = 2;
  start({.host = host, .proxies = {"127.0.0.1"}});
  std::vector<tcp::socket> open;
  const auto status = [&](std::string_view from) {
    open.push_back(dial(websocket_request("X-Forwarded-For: " + std::string{from} + "\r\n")));
    return read_some(open.back()).substr(9, 3);
  };
  EXPECT_EQ(status("203.0.113.1"), "101");
  EXPECT_EQ(status("203.0.113.1"), "101");
  EXPECT_EQ(status("203.0.113.1"), "429");
  EXPECT_EQ(status("203.0.113.2"), "101") << "others come in";
  EXPECT_EQ(status("198.51.100.9, 203.0.113.1"), "429") << "what a client writes itself does not help";
  tcp::socket poll = dial(polling_request("X-Forwarded-For: 203.0.113.1\r\n"));
  EXPECT_TRUE(read_all(poll).starts_with("HTTP/1.1 429")) << "nor another transport";
  EXPECT_EQ(counted().limited[static_cast<std::size_t>(Limit::kSessions)], 3u);
}

TEST_F(SlowClientsTest, RequestsAboveTheirRateAreToldToWait) {
  PlaceLimits host = kHostLimits;
  host.requests = {.per_s = 1, .burst = 2};
  start({.host = host, .proxies = {"127.0.0.1"}});
  tcp::socket socket = dial("GET / HTTP/1.1\r\nX-Forwarded-For: 203.0.113.1\r\n\r\nGET / HTTP/1.1\r\nX-Forwarded-For: 203.0.113.1\r\n\r\n"
                            "GET / HTTP/1.1\r\nX-Forwarded-For: 203.0.113.1\r\n\r\n");
  const std::string answers = read_all(socket);
  EXPECT_NE(answers.find("short"), std::string::npos);
  EXPECT_NE(answers.find("HTTP/1.1 429"), std::string::npos);
  EXPECT_NE(answers.find("Retry-After: 5"), std::string::npos);
}

TEST_F(SlowClientsTest, WhatIsQueuedForAllIsBounded) {
  start({.limits = {.unsent_bytes_total_max = 1'000}});
  // Polled sessions that do not fetch: what waits for them is counted, and once it is too much for all together they go.
  tcp::socket opened = dial(polling_request());
  const std::string text = read_all(opened);
  const std::string sid = text.substr(text.find("\"sid\":\"") + 7, 48);
  std::string packets = "40";
  for (int i = 0; i < 100; ++i) packets += "\x1e" "42" + std::to_string(i) + "[\"streams:unwatch\",{}]";
  tcp::socket post = dial("POST /socket.io/?EIO=4&transport=polling&sid=" + sid + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: " +
                          std::to_string(packets.size()) + "\r\n\r\n" + packets);
  static_cast<void>(read_all(post));
  tcp::socket poll = dial("GET /socket.io/?EIO=4&transport=polling&sid=" + sid + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_NE(read_all(poll).find("Session ID unknown"), std::string::npos);
  EXPECT_EQ(cut_off(CutOff::kMemory), 1u);
  EXPECT_EQ(gate_->metrics.queued_bytes, 0u);
}

TEST_F(SlowClientsTest, AHandshakeThatNeverEndsIsCutOff) {
  start({.limits = {.request_within = 200ms}, .tls = *TlsServer::from_text(*make_self_signed({"localhost"}))});
  tcp::socket nothing = dial();
  tcp::socket begun = dial({"\x16\x03\x01\x02\x00\x01", 6});
  EXPECT_EQ(read_all(nothing), "");
  EXPECT_EQ(read_all(begun), "");
  EXPECT_EQ(cut_off(CutOff::kHandshake), 2u);
}

TEST_F(SlowClientsTest, OverTlsALongAnswerArrivesWholeHoweverItIsTaken) {
  start({.limits = {}, .tls = *TlsServer::from_text(*make_self_signed({"localhost"}))});
  asio::ssl::context context{asio::ssl::context::tls_client};
  asio::ssl::stream<tcp::socket> socket{client_io_, context};
  socket.next_layer().open(tcp::v4());
  socket.next_layer().set_option(asio::socket_base::receive_buffer_size{4'096});  // so that the server cannot write all at once
  socket.next_layer().connect({asio::ip::make_address("127.0.0.1"), port_});
  socket.handshake(asio::ssl::stream_base::client);
  asio::write(socket, asio::buffer(std::string_view{"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /long HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"}));
  std::size_t marks = 0;
  std::vector<char> part(100'003);
  boost::system::error_code error;
  while (!error) {
    const std::size_t size = socket.read_some(asio::buffer(part), error);
    marks += static_cast<std::size_t>(std::count(part.begin(), part.begin() + static_cast<std::ptrdiff_t>(size), 'x'));
  }
  EXPECT_EQ(marks, 64u << 20);
  EXPECT_EQ(error, asio::error::eof) << "and then TLS's own goodbye";
}

}  // namespace
}  // namespace p2p::net
