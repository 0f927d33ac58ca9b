#include "http_server.hpp"

#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace p2p::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr Duration kTick = 100ms;
constexpr Duration kTickMin = 5ms;  // thousands of sessions have a wake each; what is due in between is done together
constexpr std::size_t kTurns = 8;   // every connection is visited about once in this many ticks

Error listen_error(const HttpServer::Options& options, const error_code& error) {
  const std::string port = std::to_string(options.port);
  if (error == asio::error::address_in_use) {
    return {"Port " + port + " is in use. Stop the other program or choose another port with --port."};
  }
  if (error == asio::error::access_denied) {
    return {"Port " + port + " needs more rights than this program has. Choose one above 1023 with --port."};
  }
  return {"Cannot listen on " + options.host + " port " + port + " (" + error.message() + "). Give an address of this machine with --host."};
}

}  // namespace

Instant steady_now() { return Instant{std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch())}; }

Result<std::shared_ptr<HttpServer>> HttpServer::listen(asio::io_context& io, Options options, std::unique_ptr<HttpApplication> application) {
  auto server = std::make_shared<HttpServer>(io, std::move(options), std::move(application));
  if (const error_code error = server->open()) return std::unexpected{listen_error(server->options_, error)};
  server->accept();
  server->tick_on();
  return server;
}

HttpServer::HttpServer(asio::io_context& io, Options options, std::unique_ptr<HttpApplication> application)
    : options_{std::move(options)}, acceptor_{io}, retry_{io}, tick_{io}, application_{std::move(application)} {}

std::uint16_t HttpServer::port() const {
  error_code ignored;
  return acceptor_.local_endpoint(ignored).port();
}

error_code HttpServer::open() {
  error_code error;
  const asio::ip::address address = asio::ip::make_address(options_.host, error);
  if (error) return error;
  const tcp::endpoint endpoint{address, options_.port};
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address{true}, error);
  if (!error && address.is_v6()) acceptor_.set_option(asio::ip::v6_only{false}, error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(4096, error);
  return error;
}

void HttpServer::accept() {
  acceptor_.async_accept([self = shared_from_this()](const error_code& error, tcp::socket socket) {
    if (!self->acceptor_.is_open()) return;
    if (error) {
      // Out of file descriptors, most likely: those that close will make room.
      spdlog::warn("cannot accept a connection: {}", error.message());
      self->retry_.expires_after(kTick);
      self->retry_.async_wait([self](const error_code& cancelled) {
        if (!cancelled) self->accept();
      });
      return;
    }
    if (self->connections_.size() < self->options_.connections_max) {
      const auto connection = std::make_shared<Connection>(std::move(socket), *self);
      connection->slot = self->connections_.size();
      self->connections_.push_back(connection);
      connection->start();
    }
    self->accept();
  });
}

void HttpServer::tick_on() {
  const Instant now = steady_now();
  tick_at_ = std::clamp(application_->next_wake(), now + kTickMin, now + kTick);
  tick_.expires_after(tick_at_ - now);
  tick_.async_wait([self = shared_from_this(), number = ++tick_number_](const error_code& cancelled) {
    // One that was replaced may have been on its way already.
    if (cancelled || number != self->tick_number_) return;
    self->application_->handle_time();
    self->visit_connections(steady_now());
    if (self->acceptor_.is_open() || !self->connections_.empty()) self->tick_on();
  });
}

/// What a client said may have moved the next wake ahead of the tick that is awaited.
void HttpServer::tick_sooner() {
  const Instant wake = application_->next_wake();
  if (wake < tick_at_ && steady_now() + kTickMin < tick_at_) tick_on();
}

void HttpServer::on_request(const std::shared_ptr<Connection>& connection, const HttpRequest& request) {
  application_->on_request(connection, request);
  tick_sooner();
}

void HttpServer::on_message(const std::shared_ptr<Connection>& connection, bool binary, std::string_view data) {
  application_->on_message(connection, binary, data);
  tick_sooner();
}

void HttpServer::flush_soon(const std::shared_ptr<Connection>& connection) {
  // Behind the sockets that the context has found readable already: what these cause may go out in the same writes.
  if (unflushed_.empty()) asio::post(acceptor_.get_executor(), [self = shared_from_this()] { self->flush_connections(); });
  unflushed_.push_back(connection);
}

void HttpServer::flush_connections() {
  const std::vector<std::shared_ptr<Connection>> all = std::exchange(unflushed_, {});
  for (const auto& connection : all) connection->flush();
}

void HttpServer::visit_connections(Instant now) {
  if (now < next_visit_) return;
  next_visit_ = now + kTick;
  const std::size_t visits = std::min(connections_.size(), connections_.size() / kTurns + 1);
  for (std::size_t i = 0; i < visits; ++i) {
    if (visit_at_ >= connections_.size()) visit_at_ = 0;
    const std::shared_ptr<Connection> connection = connections_[visit_at_++];
    if (connection->deadline() <= now) connection->abort();
  }
}

void HttpServer::on_gone(const std::shared_ptr<Connection>& connection) {
  application_->on_gone(connection);
  connections_[connection->slot] = connections_.back();
  connections_[connection->slot]->slot = connection->slot;
  connections_.pop_back();
}

void HttpServer::shut_down() {
  if (!acceptor_.is_open()) return;
  error_code ignored;
  acceptor_.close(ignored);
  retry_.cancel();
  application_->shut_down();
  const auto all = connections_;
  for (const auto& connection : all) {
    if (connection->deadline() == kNever || connection->session.value == 0) connection->abort();
  }
}

}  // namespace p2p::net
