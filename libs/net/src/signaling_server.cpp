#include "net/signaling_server.hpp"

#include "http_server.hpp"
#include "signaling_sessions.hpp"
#include "static_assets.hpp"

namespace p2p::net {
namespace {

constexpr std::size_t kSocketsBeyondSessions = 1'000;  // pages and polls besides the sessions' own

/// Signaling under /socket.io/, the web application's files everywhere else.
class SignalingApplication final : public HttpApplication {
 public:
  SignalingApplication(const SignalingServer::Options& options, IceServers ice_servers)
      : assets_{options.assets},
        sessions_{{.allowed_origins = options.allowed_origins,
                   .sessions_max = options.connections_max,
                   .limits = {},
                   .engine = {.ping_interval = options.ping_interval, .ping_timeout = options.ping_timeout}},
                  {.directory = {.connections_max = options.connections_max}, .ice_servers = std::move(ice_servers)},
                  steady_now} {}

  void on_request(const std::shared_ptr<Connection>& connection, const HttpRequest& request) override {
    if (request.path == "/socket.io/" || request.path == "/socket.io") {
      sessions_.hub().handle_request(connection, request);
    } else if (request.path == "/healthz") {
      connection->respond({.fields = {{"Content-Type", "text/plain; charset=utf-8"}, {"Cache-Control", "no-store"}},
                           .body = "ok\n",
                           .keep_alive = request.keep_alive,
                           .head_only = request.method == "HEAD"});
    } else {
      connection->respond(assets_.answer(request));
    }
  }

  void on_message(const std::shared_ptr<Connection>& connection, bool binary, std::string_view data) override {
    sessions_.hub().handle_message(connection, binary, data);
  }
  void on_gone(const std::shared_ptr<Connection>& connection) override { sessions_.hub().handle_gone(connection); }
  void handle_time() override { sessions_.handle_time(); }
  [[nodiscard]] Instant next_wake() const override { return sessions_.hub().next_wake(); }
  void shut_down() override { sessions_.hub().shut_down(); }

 private:
  StaticAssets assets_;
  SignalingSessions sessions_;
};

}  // namespace

struct SignalingServer::Impl {
  std::shared_ptr<HttpServer> http;
};

Result<std::unique_ptr<SignalingServer>> SignalingServer::listen(boost::asio::io_context& io, Options options) {
  Result<IceServers> ice_servers = IceServers::make(options.ice_servers);
  if (!ice_servers) return std::unexpected{ice_servers.error()};
  auto application = std::make_unique<SignalingApplication>(options, std::move(*ice_servers));
  auto http = HttpServer::listen(
      io, {.host = std::move(options.host), .port = options.port, .connections_max = options.connections_max + kSocketsBeyondSessions, .limits = {}},
      std::move(application));
  if (!http) return std::unexpected{http.error()};
  return std::unique_ptr<SignalingServer>{new SignalingServer{std::make_shared<Impl>(std::move(*http))}};
}

SignalingServer::SignalingServer(std::shared_ptr<Impl> impl) : impl_{std::move(impl)} {}

SignalingServer::~SignalingServer() { shut_down(); }

std::uint16_t SignalingServer::port() const { return impl_->http->port(); }

void SignalingServer::shut_down() { impl_->http->shut_down(); }

}  // namespace p2p::net
