#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "connection.hpp"
#include "gate.hpp"

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
  /// Says goodbye to all, at once or within the bound of SignalingServer::shut_down; called again while connections are left.
  virtual void shut_down() = 0;
};

/// Accepts connections on one port and gives what they say to an application.
///
/// Always holds: at most `connections_max` connections, and of one address what the gate admits; more are closed at once. At most
/// `silent_max` have sent no request yet: the oldest of them makes way for a newcomer. One thread, the one that runs the io_context;
/// every deadline of a connection is looked at about once a second. Requests above their rate are answered with 429.
class HttpServer : public ConnectionOwner, public std::enable_shared_from_this<HttpServer> {
 public:
  struct Options {
    std::string host;
    std::uint16_t port = 0;  ///< 0: any that is free
    std::size_t connections_max = 1'000;
    std::size_t silent_max = 5'000;
    Duration shut_down_within = 10s;  ///< whoever is still there then goes without goodbye
    ConnectionLimits limits;
    std::shared_ptr<Gate> gate = std::make_shared<Gate>();
    std::shared_ptr<TlsServer> tls;  ///< none: HTTP
  };

  /// The error is a sentence for a person, about options called --host and --port.
  [[nodiscard]] static Result<std::shared_ptr<HttpServer>> listen(boost::asio::io_context& io, Options options,
                                                                  std::unique_ptr<HttpApplication> application);
  HttpServer(boost::asio::io_context& io, Options options, std::unique_ptr<HttpApplication> application);

  [[nodiscard]] std::uint16_t port() const;
  /// Takes no more connections; when those that there are have ended, `ended` is called and nothing of the server is left on the context,
  /// within `shut_down_within`.
  void shut_down(std::function<void()> ended = {});

  void on_request(const std::shared_ptr<Connection>& connection, const HttpRequest& request) override;
  void on_message(const std::shared_ptr<Connection>& connection, bool binary, std::string_view data) override;
  void on_gone(const std::shared_ptr<Connection>& connection) override;
  [[nodiscard]] Instant now() const override { return steady_now(); }
  [[nodiscard]] const ConnectionLimits& limits() const override { return options_.limits; }
  [[nodiscard]] Gate& gate() override { return *options_.gate; }
  [[nodiscard]] const TlsServer* tls() const override { return options_.tls.get(); }
  [[nodiscard]] std::span<std::byte> read_buffer() override { return buffer_; }
  void flush_soon(const std::shared_ptr<Connection>& connection) override;

 private:
  static constexpr std::size_t kReadBytes = 64 * 1024;

  [[nodiscard]] boost::system::error_code open();
  void accept();
  void take_in(boost::asio::ip::tcp::socket socket);
  void note_request(Connection& connection);
  void tick_on();
  void tick_sooner();
  void visit_connections(Instant now);
  void flush_connections();
  void go_on_shutting_down(Instant now);

  Options options_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer retry_;
  boost::asio::steady_timer tick_;
  std::unique_ptr<HttpApplication> application_;
  std::vector<std::shared_ptr<Connection>> connections_;
  std::vector<std::shared_ptr<Connection>> unflushed_;
  std::list<Connection*> silent_;  // without a request yet, the oldest first
  std::size_t visit_at_ = 0;
  Instant next_visit_{};
  Instant tick_at_{};
  std::uint64_t tick_number_ = 0;
  std::function<void()> on_ended_;
  Instant end_by_ = kNever;
  std::array<std::byte, kReadBytes> buffer_{};
};

}  // namespace p2p::net
