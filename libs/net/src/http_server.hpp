#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "connection.hpp"

namespace p2p::net {

[[nodiscard]] Instant steady_now();

/// What requests and messages mean to the program.
class HttpApplication {
 public:
  virtual ~HttpApplication() = default;
  virtual void on_request(const std::shared_ptr<Connection>& connection, const HttpRequest& request) = 0;
  virtual void on_message(const std::shared_ptr<Connection>& connection, bool binary, std::string_view data) = 0;
  virtual void on_gone(const std::shared_ptr<Connection>& connection) = 0;
  /// Ten times a second, and soon after `next_wake`.
  virtual void handle_time() = 0;
  [[nodiscard]] virtual Instant next_wake() const = 0;
  virtual void shut_down() = 0;
};

/// Accepts connections on one port and gives what they say to an application.
///
/// Always holds: at most `connections_max` connections, more are closed at once; one thread, the one that runs the io_context; every
/// deadline of a connection is looked at about once a second.
class HttpServer : public ConnectionOwner, public std::enable_shared_from_this<HttpServer> {
 public:
  struct Options {
    std::string host;
    std::uint16_t port = 0;  ///< 0: any that is free
    std::size_t connections_max = 1'000;
    ConnectionLimits limits;
  };

  /// The error is a sentence for a person, about options called --host and --port.
  [[nodiscard]] static Result<std::shared_ptr<HttpServer>> listen(boost::asio::io_context& io, Options options,
                                                                  std::unique_ptr<HttpApplication> application);
  HttpServer(boost::asio::io_context& io, Options options, std::unique_ptr<HttpApplication> application);

  [[nodiscard]] std::uint16_t port() const;
  /// Takes no more connections; when those that there are have ended, nothing of the server is left on the context (within two seconds).
  void shut_down();

  void on_request(const std::shared_ptr<Connection>& connection, const HttpRequest& request) override;
  void on_message(const std::shared_ptr<Connection>& connection, bool binary, std::string_view data) override;
  void on_gone(const std::shared_ptr<Connection>& connection) override;
  [[nodiscard]] Instant now() const override { return steady_now(); }
  [[nodiscard]] const ConnectionLimits& limits() const override { return options_.limits; }
  [[nodiscard]] std::span<std::byte> read_buffer() override { return buffer_; }
  void flush_soon(const std::shared_ptr<Connection>& connection) override;

 private:
  static constexpr std::size_t kReadBytes = 64 * 1024;

  [[nodiscard]] boost::system::error_code open();
  void accept();
  void tick_on();
  void tick_sooner();
  void visit_connections(Instant now);
  void flush_connections();

  Options options_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer retry_;
  boost::asio::steady_timer tick_;
  std::unique_ptr<HttpApplication> application_;
  std::vector<std::shared_ptr<Connection>> connections_;
  std::vector<std::shared_ptr<Connection>> unflushed_;
  std::size_t visit_at_ = 0;
  Instant next_visit_{};
  Instant tick_at_{};
  std::uint64_t tick_number_ = 0;
  std::array<std::byte, kReadBytes> buffer_{};
};

}  // namespace p2p::net
