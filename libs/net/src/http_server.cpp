#include "http_server.hpp"

#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

#include "log_line.hpp"

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
      log_warn("cannot accept a connection", {{"why", error.message()}});
      self->retry_.expires_after(kTick);
      self->retry_.async_wait([self](const error_code& cancelled) {
        if (!cancelled) self->accept();
      });
      return;
    }
    self->take_in(std::move(socket));
    self->accept();
  });
}

void HttpServer::take_in(tcp::socket socket) {
  ServerMetrics& metrics = gate().metrics;
  ++metrics.sockets_accepted;
  if (connections_.size() >= options_.connections_max) {
    metrics.count(TurnedAway::kServerFull);
    return;
  }
  const auto connection = std::make_shared<Connection>(std::move(socket), *this);
  // A proxy's connections are many clients'; these are limited by their sessions and requests.
  if (!gate().proxies.contains(connection->remote())) {
    if (const std::optional<Limit> limit = gate().admission.open_socket(connection->remote(), now())) {
      gate().note_limit(*limit, connection->remote(), now());
      return;
    }
  }
  connection->slot = connections_.size();
  connections_.push_back(connection);
  connection->silent = silent_.insert(silent_.end(), connection.get());
  metrics.sockets_open = connections_.size();
  metrics.sockets_silent = silent_.size();
  connection->start();
  if (silent_.size() > options_.silent_max) {
    Connection& oldest = *silent_.front();
    note_request(oldest);  // out of the list, so that the next newcomer does not meet it again
    metrics.count(CutOff::kCrowdedOut);
    oldest.abort();
  }
}

/// The connection has sent a request.
void HttpServer::note_request(Connection& connection) {
  if (!connection.silent) return;
  silent_.erase(*connection.silent);
  connection.silent.reset();
  gate().metrics.sockets_silent = silent_.size();
  if (!gate().proxies.contains(connection.remote())) gate().admission.socket_spoke(connection.remote());
}

void HttpServer::tick_on() {
  const Instant now = steady_now();
  tick_at_ = std::clamp(application_->next_wake(), now + kTickMin, now + kTick);
  tick_.expires_after(tick_at_ - now);
  tick_.async_wait([self = shared_from_this(), number = ++tick_number_](const error_code& cancelled) {
    // One that was replaced may have been on its way already.
    if (cancelled || number != self->tick_number_) return;
    self->gate().metrics.count_lag(steady_now() - self->tick_at_);
    self->application_->handle_time();
    self->visit_connections(steady_now());
    if (!self->acceptor_.is_open()) self->go_on_shutting_down(steady_now());
    if (self->acceptor_.is_open() || !self->connections_.empty()) {
      self->tick_on();
    } else if (self->on_ended_) {
      std::exchange(self->on_ended_, {})();
    }
  });
}

/// What a client said may have moved the next wake ahead of the tick that is awaited.
void HttpServer::tick_sooner() {
  const Instant wake = application_->next_wake();
  if (wake < tick_at_ && steady_now() + kTickMin < tick_at_) tick_on();
}

void HttpServer::on_request(const std::shared_ptr<Connection>& connection, const HttpRequest& request) {
  note_request(*connection);
  const IpAddress client = gate().proxies.client_of(connection->remote(), request);
  if (!gate().admission.take(client, Limit::kRequestRate, now())) {
    gate().note_limit(Limit::kRequestRate, client, now());
    connection->respond({.status = 429,
                         .fields = {{"Content-Type", "text/plain; charset=utf-8"}, {"Cache-Control", "no-store"}, {"Retry-After", "5"}},
                         .body = "Too many requests come from your network. Try again in a few seconds.\n",
                         .keep_alive = false,
                         .head_only = request.method == "HEAD"});
    return;
  }
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
    if (connection->deadline() <= now) connection->time_out();
  }
}

void HttpServer::on_gone(const std::shared_ptr<Connection>& connection) {
  application_->on_gone(connection);
  connections_[connection->slot] = connections_.back();
  connections_[connection->slot]->slot = connection->slot;
  connections_.pop_back();
  const bool spoke = !connection->silent;
  if (!spoke) silent_.erase(*connection->silent);
  connection->silent.reset();
  gate().metrics.sockets_open = connections_.size();
  gate().metrics.sockets_silent = silent_.size();
  if (!gate().proxies.contains(connection->remote())) gate().admission.close_socket(connection->remote(), spoke, now());
}

void HttpServer::shut_down(std::function<void()> ended) {
  if (!acceptor_.is_open()) return;
  on_ended_ = std::move(ended);
  error_code ignored;
  acceptor_.close(ignored);
  retry_.cancel();
  end_by_ = steady_now() + options_.shut_down_within;
  go_on_shutting_down(steady_now());
}

void HttpServer::go_on_shutting_down(Instant now) {
  application_->shut_down();
  // Whoever has a session hears a goodbye, others have nothing to wait for.
  const auto all = connections_;
  for (const auto& connection : all) {
    if (connection->session.value == 0 || now >= end_by_) connection->abort();
  }
}

}  // namespace p2p::net
