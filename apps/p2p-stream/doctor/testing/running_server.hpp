#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <thread>

#include "net/signaling_server.hpp"

namespace p2p::app::testing_support {

/// A signaling server on a port and a thread of its own.
class RunningServer {
 public:
  explicit RunningServer(net::SignalingServer::Options options = {}) {
    options.host = "127.0.0.1";
    options.port = 0;
    auto made = net::SignalingServer::listen(io_, std::move(options));
    EXPECT_TRUE(made) << made.error().text;
    server_ = std::move(*made);
    thread_ = std::thread{[this] { io_.run(); }};
  }
  ~RunningServer() {
    io_.stop();
    thread_.join();
  }
  [[nodiscard]] std::uint16_t port() const { return server_->port(); }
  [[nodiscard]] std::string fingerprint() const { return server_->tls_fingerprint(); }

 private:
  boost::asio::io_context io_{1};
  std::unique_ptr<net::SignalingServer> server_;
  std::thread thread_;
};

}  // namespace p2p::app::testing_support
