#include "net/signaling_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>

#include <spdlog/spdlog.h>

#include <array>

#include "connection.hpp"
#include "session_hub.hpp"
#include "signaling_json.hpp"
#include "static_assets.hpp"

namespace p2p::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto kTick = std::chrono::milliseconds{100};
constexpr std::size_t kReadBytes = 64 * 1024;
constexpr std::size_t kSocketsBeyondSessions = 1'000;  // pages and polls besides the sessions' own

Instant steady_now() { return Instant{std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch())}; }

Error listen_error(const SignalingServer::Options& options, const error_code& error) {
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

struct SignalingServer::Impl : ConnectionOwner, std::enable_shared_from_this<SignalingServer::Impl> {
  Impl(asio::io_context& io, Options with, std::string ice_servers_json)
      : options{std::move(with)},
        acceptor{io},
        retry{io},
        tick{io},
        assets{options.assets},
        hub{{.allowed_origins = options.allowed_origins,
             .signaling = {.directory = {.connections_max = options.connections_max}, .ice_servers_json = std::move(ice_servers_json)},
             .engine = {.ping_interval = options.ping_interval, .ping_timeout = options.ping_timeout}},
            steady_now} {}

  error_code open() {
    error_code error;
    const asio::ip::address address = asio::ip::make_address(options.host, error);
    if (error) return error;
    const tcp::endpoint endpoint{address, options.port};
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address{true}, error);
    if (!error && address.is_v6()) acceptor.set_option(asio::ip::v6_only{false}, error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(4096, error);
    return error;
  }

  void accept() {
    acceptor.async_accept([self = shared_from_this()](const error_code& error, tcp::socket socket) {
      if (!self->acceptor.is_open()) return;
      if (error) {
        // Out of file descriptors, most likely: those that close will make room.
        spdlog::warn("cannot accept a connection: {}", error.message());
        self->retry.expires_after(kTick);
        self->retry.async_wait([self](const error_code& cancelled) {
          if (!cancelled) self->accept();
        });
        return;
      }
      if (self->connections.size() < self->options.connections_max + kSocketsBeyondSessions) {
        const auto connection = std::make_shared<Connection>(std::move(socket), *self);
        connection->slot = self->connections.size();
        self->connections.push_back(connection);
        connection->start();
      }
      self->accept();
    });
  }

  void tick_on() {
    tick.expires_after(kTick);
    tick.async_wait([self = shared_from_this()](const error_code& cancelled) {
      if (cancelled) return;
      self->hub.handle_time();
      self->visit_connections();
      if (self->acceptor.is_open() || !self->connections.empty()) self->tick_on();
    });
  }

  void visit_connections() {
    constexpr std::size_t kTurns = 8;
    const Instant now = steady_now();
    const std::size_t visits = std::min(connections.size(), connections.size() / kTurns + 1);
    for (std::size_t i = 0; i < visits; ++i) {
      if (visit_at >= connections.size()) visit_at = 0;
      const std::shared_ptr<Connection> connection = connections[visit_at++];
      if (connection->deadline() <= now) connection->abort();
    }
  }

  void on_request(const std::shared_ptr<Connection>& connection, const HttpRequest& request) override {
    if (request.path == "/socket.io/" || request.path == "/socket.io") {
      hub.handle_request(connection, request);
    } else if (request.path == "/healthz") {
      connection->respond({.fields = {{"Content-Type", "text/plain; charset=utf-8"}, {"Cache-Control", "no-store"}},
                           .body = "ok\n",
                           .keep_alive = request.keep_alive,
                           .head_only = request.method == "HEAD"});
    } else {
      connection->respond(assets.answer(request));
    }
  }

  void on_message(const std::shared_ptr<Connection>& connection, bool binary, std::string_view data) override {
    hub.handle_message(connection, binary, data);
  }

  void on_gone(const std::shared_ptr<Connection>& connection) override {
    hub.handle_gone(connection);
    connections[connection->slot] = connections.back();
    connections[connection->slot]->slot = connection->slot;
    connections.pop_back();
  }

  Instant now() const override { return steady_now(); }
  std::span<std::byte> read_buffer() override { return buffer; }

  void shut_down() {
    error_code ignored;
    acceptor.close(ignored);
    retry.cancel();
    hub.shut_down();
    const auto all = connections;
    for (const auto& connection : all) {
      if (connection->deadline() == kNever || connection->session.value == 0) connection->abort();
    }
  }

  Options options;
  tcp::acceptor acceptor;
  asio::steady_timer retry;
  asio::steady_timer tick;
  StaticAssets assets;
  std::vector<std::shared_ptr<Connection>> connections;
  std::size_t visit_at = 0;
  std::array<std::byte, kReadBytes> buffer{};
  SessionHub hub;
};

Result<std::unique_ptr<SignalingServer>> SignalingServer::listen(asio::io_context& io, Options options) {
  Result<std::string> ice_servers = parse_ice_servers(options.ice_servers);
  if (!ice_servers) return std::unexpected{ice_servers.error()};
  const auto impl = std::make_shared<Impl>(io, std::move(options), std::move(*ice_servers));
  if (const error_code error = impl->open()) return std::unexpected{listen_error(impl->options, error)};
  impl->accept();
  impl->tick_on();
  return std::unique_ptr<SignalingServer>{new SignalingServer{impl}};
}

SignalingServer::SignalingServer(std::shared_ptr<Impl> impl) : impl_{std::move(impl)} {}

SignalingServer::~SignalingServer() { shut_down(); }

std::uint16_t SignalingServer::port() const {
  error_code ignored;
  return impl_->acceptor.local_endpoint(ignored).port();
}

void SignalingServer::shut_down() {
  if (impl_->acceptor.is_open()) impl_->shut_down();
}

}  // namespace p2p::net
