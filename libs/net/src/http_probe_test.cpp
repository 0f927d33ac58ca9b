#include "net/http_probe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <thread>

#include "net/signaling_server.hpp"

namespace p2p::net {
namespace {

namespace asio = boost::asio;
using ::testing::HasSubstr;
constexpr Duration kPatience = 60s;

class HttpProbeTest : public testing::Test {
 protected:
  ~HttpProbeTest() override {
    io_.stop();
    if (thread_.joinable()) thread_.join();
  }
  void start(bool tls) {
    auto server = SignalingServer::listen(io_, {.host = "127.0.0.1", .port = 0, .tls_self_signed = tls});
    ASSERT_TRUE(server) << server.error().text;
    server_ = std::move(*server);
    thread_ = std::thread{[this] { io_.run(); }};
  }
  [[nodiscard]] HttpProbe probe(std::string target) const {
    return {.server = {.tls = !server_->tls_fingerprint().empty(), .host = "127.0.0.1", .port = server_->port()},
            .target = std::move(target),
            .tls = {.ca_file = {}, .fingerprint = server_->tls_fingerprint()},
            .timeout = kPatience};
  }

  asio::io_context io_{1};
  std::unique_ptr<SignalingServer> server_;
  std::thread thread_;
};

TEST_F(HttpProbeTest, GivesStatusFieldsAndBody) {
  start(false);
  const auto answer = probe_http(probe("/healthz"));
  ASSERT_TRUE(answer) << answer.error().text;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "ok\n");
  EXPECT_FALSE(answer->field("date").empty());
  EXPECT_FALSE(answer->certificate_ends);
}

TEST_F(HttpProbeTest, SeesWhatComesBehindAnUpgrade) {
  start(false);
  HttpProbe ask = probe("/socket.io/?EIO=4&transport=websocket");
  ask.web_socket = true;
  const auto answer = probe_http(ask);
  ASSERT_TRUE(answer) << answer.error().text;
  EXPECT_EQ(answer->status, 101);
  EXPECT_THAT(answer->body, HasSubstr("0{\"sid\""));
}

TEST_F(HttpProbeTest, KnowsWhenTheCertificateEnds) {
  start(true);
  const auto answer = probe_http(probe("/healthz"));
  ASSERT_TRUE(answer) << answer.error().text;
  ASSERT_TRUE(answer->certificate_ends);
  EXPECT_GT(*answer->certificate_ends, std::chrono::system_clock::now() + std::chrono::days{300});
  HttpProbe distrusting = probe("/healthz");
  distrusting.tls = {};
  EXPECT_THAT(probe_http(distrusting).error().text, HasSubstr("no TLS connection that can be trusted"));
}

/// A server of one connection that says what it is told and closes, or keeps silent.
class Scripted {
 public:
  explicit Scripted(std::string answer) : thread_{[this, answer = std::move(answer)] {
      asio::ip::tcp::socket socket{io_};
      acceptor_.accept(socket);
      std::string request;
      boost::system::error_code error;
      asio::read_until(socket, asio::dynamic_buffer(request), "\r\n\r\n", error);
      if (!answer.empty()) asio::write(socket, asio::buffer(answer), error);
      while (answer.empty() && !error) asio::read(socket, asio::dynamic_buffer(request), asio::transfer_at_least(1), error);
    }} {}
  ~Scripted() { thread_.join(); }
  [[nodiscard]] HttpProbe probe(Duration timeout = kPatience) { return {.server = {.host = "127.0.0.1", .port = acceptor_.local_endpoint().port()}, .timeout = timeout}; }

 private:
  asio::io_context io_;
  asio::ip::tcp::acceptor acceptor_{io_, {asio::ip::address_v4::loopback(), 0}};
  std::thread thread_;
};

TEST(HttpProbe, TakesABodyThatEndsWithTheConnection) {
  Scripted server{"HTTP/1.1 200 OK\r\n\r\nall of it"};
  EXPECT_EQ(probe_http(server.probe())->body, "all of it");
}

TEST(HttpProbe, SaysWhatIsNoHttp) {
  Scripted server{"220 mail.example ESMTP\r\n\r\n"};
  EXPECT_THAT(probe_http(server.probe()).error().text, HasSubstr("does not speak HTTP"));
}

TEST(HttpProbe, DoesNotWaitForEver) {
  Scripted server{""};
  EXPECT_THAT(probe_http(server.probe(100ms)).error().text, HasSubstr("gives no answer within"));
}

TEST(HttpProbe, RefusesAnUpgradeThatAnswersAnotherRequest) {
  Scripted server{"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n\r\nx"};
  HttpProbe probe = server.probe();
  probe.web_socket = true;
  EXPECT_THAT(probe_http(probe).error().text, HasSubstr("belongs to another request"));
}

}  // namespace
}  // namespace p2p::net
