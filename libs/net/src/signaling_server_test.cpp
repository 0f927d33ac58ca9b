#include "net/signaling_server.hpp"

#include <gtest/gtest.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <string>
#include <thread>

namespace p2p::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr std::array<StaticAsset, 1> kAssets{{{.path = "/index.html", .mime = "text/html", .etag = "aa", .identity = "<page>"}}};

class SignalingServerTest : public testing::Test {
 protected:
  void SetUp() override {
    auto server = SignalingServer::listen(io_, {.host = "127.0.0.1", .port = 0, .assets = kAssets});
    ASSERT_TRUE(server) << server.error().text;
    server_ = std::move(*server);
    port_ = server_->port();
    thread_ = std::thread{[this] { io_.run(); }};
  }
  void TearDown() override {
    io_.stop();
    thread_.join();
  }

  tcp::socket dial() {
    tcp::socket socket{client_io_};
    socket.connect({asio::ip::make_address("127.0.0.1"), port_});
    return socket;
  }
  /// What comes until the server closes.
  static std::string read_all(tcp::socket& socket) {
    std::string text;
    std::array<char, 4096> part{};
    boost::system::error_code error;
    while (!error) text.append(part.data(), socket.read_some(asio::buffer(part), error));
    return text;
  }
  std::string exchange(const std::string& request) {
    tcp::socket socket = dial();
    asio::write(socket, asio::buffer(request));
    return read_all(socket);
  }

  asio::io_context io_{1};
  asio::io_context client_io_{1};
  std::unique_ptr<SignalingServer> server_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

TEST_F(SignalingServerTest, AnswersRequestsOneAfterTheOther) {
  const std::string answers = exchange("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nHEAD / HTTP/1.1\r\nHost: x\r\n\r\nGET /watch/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_NE(answers.find("ok\n"), std::string::npos);
  EXPECT_NE(answers.find("Content-Length: 6\r\n\r\nHTTP/1.1 200 OK"), std::string::npos) << "HEAD has a length and no body: " << answers;
  EXPECT_TRUE(answers.ends_with("\r\n\r\n<page>"));
  EXPECT_EQ(answers.find("Server:"), std::string::npos);
}

TEST_F(SignalingServerTest, AHalfClosedConnectionStillGetsItsAnswer) {
  tcp::socket socket = dial();
  asio::write(socket, asio::buffer(std::string_view{"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"}));
  socket.shutdown(tcp::socket::shutdown_send);
  EXPECT_TRUE(read_all(socket).ends_with("<page>"));
}

TEST_F(SignalingServerTest, RefusesGarbageAndGiants) {
  EXPECT_TRUE(exchange("\x16\x03\x01\r\n\r\n").starts_with("HTTP/1.1 400"));
  EXPECT_TRUE(exchange("GET / HTTP/1.1\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n").starts_with("HTTP/1.1 431"));
  EXPECT_TRUE(exchange("POST / HTTP/1.1\r\nContent-Length: 999999999\r\n\r\n").starts_with("HTTP/1.1 413"));
}

TEST_F(SignalingServerTest, AnOccupiedPortIsASentence) {
  asio::io_context other{1};
  const auto second = SignalingServer::listen(other, {.host = "127.0.0.1", .port = port_});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().text, "Port " + std::to_string(port_) + " is in use. Stop the other program or choose another port with --port.");
  EXPECT_FALSE(SignalingServer::listen(other, {.host = "no address", .port = 0}));
  EXPECT_FALSE(SignalingServer::listen(other, {.host = "127.0.0.1", .port = 0, .ice_servers = {.listed = "http://x"}}));
}

}  // namespace
}  // namespace p2p::net
