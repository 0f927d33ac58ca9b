#include "net/signaling_server.hpp"

#include <boost/asio/steady_timer.hpp>

#include <charconv>

#include "http_server.hpp"
#include "json_fields.hpp"
#include "log_line.hpp"
#include "metrics_page.hpp"
#include "net/turn_server.hpp"
#include "self_signed.hpp"
#include "signaling_json.hpp"
#include "signaling_sessions.hpp"
#include "static_assets.hpp"
#include "stream_text.hpp"
#include "thumbnail.hpp"
#include "tls_server.hpp"

namespace p2p::net {
namespace {

constexpr std::size_t kSocketsBeyondSessions = 1'000;  // pages and polls besides the sessions' own

HttpResponse plain(const HttpRequest& request, int status, std::string body) {
  return {.status = status,
          .fields = {{"Content-Type", "text/plain; charset=utf-8"}, {"Cache-Control", "no-store"}, {"X-Content-Type-Options", "nosniff"}},
          .body = std::move(body),
          .keep_alive = request.keep_alive,
          .head_only = request.method == "HEAD"};
}

/// What an operator asks, on either listener.
class Operations {
 public:
  Operations(std::shared_ptr<Gate> gate, const SignalingServer::Options& options, std::function<directory::Census()> census)
      : gate_{std::move(gate)}, version_{options.version}, relay_{options.relay}, census_{std::move(census)} {}

  [[nodiscard]] HttpResponse health(const HttpRequest& request) const { return plain(request, 200, "ok\n"); }
  [[nodiscard]] HttpResponse readiness(const HttpRequest& request) const {
    return draining ? plain(request, 503, "The server is about to stop.\n") : plain(request, 200, "ready\n");
  }
  [[nodiscard]] HttpResponse metrics(const HttpRequest& request) const {
    const auto relay = relay_ == nullptr ? std::nullopt : std::optional{relay_->stats()};
    HttpResponse response = plain(request, 200, metrics_page(*gate_, census_(), relay, version_));
    response.fields.front().second = "text/plain; version=0.0.4; charset=utf-8";
    return response;
  }

  bool draining = false;

 private:
  std::shared_ptr<Gate> gate_;
  std::string version_;
  const TurnServer* relay_;
  std::function<directory::Census()> census_;
};

/// Whether this machine itself asks, and no proxy on it for somebody else: a proxy that works passes the Host field on, or says whom
/// it speaks for. A page whose name was made to point here (DNS rebinding) has another Host, too.
bool asked_from_here(const Connection& connection, const HttpRequest& request) {
  if (!is_loopback(connection.remote())) return false;
  for (const std::string_view name : {"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via", "Origin"}) {
    if (!request.field(name).empty()) return false;
  }
  std::string_view host = request.field("Host");
  if (host.starts_with('[')) {
    host = host.substr(1, host.find(']') - 1);
  } else {
    host = host.substr(0, host.find(':'));
  }
  const std::optional<IpAddress> address = parse_ip_address(host);
  return equal_ignoring_case(host, "localhost") || (address && is_loopback(*address));
}

/// Signaling under /socket.io/, what an operator asks, and the web application's files everywhere else.
class SignalingApplication final : public HttpApplication {
 public:
  SignalingApplication(const SignalingServer::Options& options, IceServers ice_servers, const std::shared_ptr<Gate>& gate)
      : gate_{*gate},
        public_metrics_{options.metrics_listen.empty()},
        assets_{options.assets},
        sessions_{{.hub = {.sessions_max = options.connections_max,
                           .limits = {},
                           .engine = {.ping_interval = options.ping_interval, .ping_timeout = options.ping_timeout},
                           .gate = gate},
                   .signaling = {.directory = {.connections_max = options.connections_max}, .ice_servers = std::move(ice_servers), .consent = options.consent, .gate = gate}},
                  steady_now},
        operations_{std::make_shared<Operations>(gate, options, [this] { return sessions_.census(); })} {}

  [[nodiscard]] const std::shared_ptr<Operations>& operations() const { return operations_; }

  void on_request(const std::shared_ptr<Connection>& connection, const HttpRequest& request) override {
    if (request.path == "/socket.io/" || request.path == "/socket.io") {
      sessions_.hub().handle_request(connection, request);
    } else if (!gate_.origin_allowed(connection->remote(), connection->tls(), request)) {
      gate_.metrics.count(TurnedAway::kOrigin);
      connection->respond(plain(request, 403, "This server does not serve pages of that origin.\n"));
    } else if (request.method == "OPTIONS") {
      connection->respond(preflight_response(request, "GET, HEAD"));
    } else {
      HttpResponse response = answer(*connection, request);
      add_cors_fields(response, request);
      connection->respond(std::move(response));
    }
  }

  void on_message(const std::shared_ptr<Connection>& connection, bool binary, std::string_view data) override {
    sessions_.hub().handle_message(connection, binary, data);
  }
  void on_gone(const std::shared_ptr<Connection>& connection) override { sessions_.hub().handle_gone(connection); }
  void handle_time() override { sessions_.handle_time(); }
  [[nodiscard]] Instant next_wake() const override { return sessions_.next_wake(); }
  void shut_down() override {
    operations_->draining = true;
    sessions_.shut_down();
  }

 private:
  [[nodiscard]] HttpResponse answer(const Connection& connection, const HttpRequest& request) const {
    if (request.path == "/healthz") return operations_->health(request);
    if (request.path == "/readyz") return operations_->readiness(request);
    if (request.path == "/api/streams") return streams(request);
    if (const std::string_view stream = stream_of_thumbnail_path(request.path); !stream.empty()) return thumbnail(request, stream);
    if (request.path != "/metrics") return assets_.answer(request);
    if (public_metrics_ && asked_from_here(connection, request)) return operations_->metrics(request);
    return plain(request, 404, "Metrics are shown to this machine only, or where --metrics-listen says.\n");
  }

  /// For those who look once: pages that embed a list, shells.
  [[nodiscard]] HttpResponse streams(const HttpRequest& request) const {
    const bool read = request.method == "GET" || request.method == "HEAD";
    const Result<directory::StreamFilter> filter = read_filter_query(request.query);
    HttpResponse response = plain(request, !read ? 405 : filter ? 200 : 400, {});
    response.fields.front().second = "application/json";
    if (!read) {
      response.fields.emplace_back("Allow", "GET, HEAD");
      response.body = error_json("bad-request", "The list of streams can only be read: use GET.");
    } else {
      response.body = filter ? sessions_.service().streams_json(*filter) : error_json("bad-request", "The request was not understood: " + filter.error().text + ".");
    }
    return response;
  }

  [[nodiscard]] HttpResponse thumbnail(const HttpRequest& request, std::string_view stream) const {
    directory::StreamId id;
    const bool known = read_hex(stream, id.bytes.data(), id.bytes.size());
    return thumbnail_response(request, known ? sessions_.service().thumbnail(id).get() : nullptr);
  }

  Gate& gate_;
  bool public_metrics_;
  StaticAssets assets_;
  SignalingSessions sessions_;
  std::shared_ptr<Operations> operations_;
};

/// The listener of --metrics-listen.
class OperationsApplication final : public HttpApplication {
 public:
  explicit OperationsApplication(std::shared_ptr<Operations> operations) : operations_{std::move(operations)} {}

  void on_request(const std::shared_ptr<Connection>& connection, const HttpRequest& request) override {
    if (!request.field("Origin").empty()) {
      connection->respond(plain(request, 403, "Pages have no business here.\n"));
    } else if (request.path == "/metrics") {
      connection->respond(operations_->metrics(request));
    } else if (request.path == "/healthz") {
      connection->respond(operations_->health(request));
    } else if (request.path == "/readyz") {
      connection->respond(operations_->readiness(request));
    } else {
      connection->respond(plain(request, 404, "Here are /metrics, /healthz and /readyz.\n"));
    }
  }
  void on_message(const std::shared_ptr<Connection>& /*connection*/, bool /*binary*/, std::string_view /*data*/) override {}
  void on_gone(const std::shared_ptr<Connection>& /*connection*/) override {}
  void handle_time() override {}
  [[nodiscard]] Instant next_wake() const override { return kNever; }
  void shut_down() override {}

 private:
  std::shared_ptr<Operations> operations_;
};

struct ListenAddress {
  std::string host;
  std::uint16_t port = 0;
};

Result<ListenAddress> parse_listen_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  ListenAddress address;
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  address.host = host;
  const std::string_view port = colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (error != std::errc{} || end != port.data() + port.size() || !parse_ip_address(host)) {
    return fail("\"" + std::string{text} + "\" is no address to show metrics at. Give --metrics-listen an address and a port, such as 127.0.0.1:9100.");
  }
  return address;
}

Result<std::shared_ptr<TlsServer>> make_tls(const SignalingServer::Options& options) {
  const bool files = !options.tls_certificate_file.empty() || !options.tls_key_file.empty();
  if (files && options.tls_self_signed) return fail("Give certificate files or --tls self-signed, not both.");
  if (files && (options.tls_certificate_file.empty() || options.tls_key_file.empty())) {
    return fail("A certificate needs its key: give both --tls-cert and --tls-key.");
  }
  if (files) return TlsServer::from_files(options.tls_certificate_file, options.tls_key_file);
  if (!options.tls_self_signed) return nullptr;
  const Result<CertificateText> certificate = keep_self_signed(options.state_folder, own_names());
  if (!certificate) return std::unexpected{certificate.error()};
  return TlsServer::from_text(*certificate);
}

constexpr Duration kLookAtFilesEvery = 5s;

}  // namespace

struct SignalingServer::Impl : std::enable_shared_from_this<SignalingServer::Impl> {
  explicit Impl(boost::asio::io_context& io) : look{io} {}

  void look_at_files() {
    look.expires_after(kLookAtFilesEvery);
    look.async_wait([weak = weak_from_this()](const boost::system::error_code& cancelled) {
      const auto self = weak.lock();
      if (cancelled || !self) return;
      if (self->tls->changed()) self->reload();
      self->look_at_files();
    });
  }

  void reload() const {
    if (const Result<void> reloaded = tls->reload(); reloaded) {
      log_info("the certificate was read again", {{"fingerprint", tls->fingerprint()}});
    } else {
      log_warn(reloaded.error().text + " The old certificate stays in use.");
    }
  }

  boost::asio::steady_timer look;
  std::shared_ptr<TlsServer> tls;
  std::shared_ptr<HttpServer> http;
  std::shared_ptr<HttpServer> operations;
};

Result<std::unique_ptr<SignalingServer>> SignalingServer::listen(boost::asio::io_context& io, Options options) {
  Result<IceServers> ice_servers = IceServers::make(options.ice_servers);
  if (!ice_servers) return std::unexpected{ice_servers.error()};
  Result<TrustedProxies> proxies = TrustedProxies::parse(options.trusted_proxies);
  if (!proxies) return std::unexpected{proxies.error()};
  const auto gate = std::make_shared<Gate>();
  gate->proxies = std::move(*proxies);
  gate->allowed_origins = options.allowed_origins;
  auto application = std::make_unique<SignalingApplication>(options, std::move(*ice_servers), gate);
  Result<std::shared_ptr<TlsServer>> tls = make_tls(options);
  if (!tls) return std::unexpected{tls.error()};
  const auto impl = std::make_shared<Impl>(io);
  impl->tls = *tls;
  if (!options.metrics_listen.empty()) {
    const Result<ListenAddress> address = parse_listen_address(options.metrics_listen);
    if (!address) return std::unexpected{address.error()};
    auto operations = HttpServer::listen(io, {.host = address->host, .port = address->port, .connections_max = 100, .silent_max = 50},
                                         std::make_unique<OperationsApplication>(application->operations()));
    if (!operations) return fail(operations.error().text + " (It is the one of --metrics-listen.)");
    impl->operations = std::move(*operations);
  }
  auto http = HttpServer::listen(
      io, {.host = std::move(options.host), .port = options.port, .connections_max = options.connections_max + kSocketsBeyondSessions, .gate = gate, .tls = *tls},
      std::move(application));
  if (!http) {
    if (impl->operations) impl->operations->shut_down();
    return std::unexpected{http.error()};
  }
  impl->http = std::move(*http);
  if (impl->tls) impl->look_at_files();
  return std::unique_ptr<SignalingServer>{new SignalingServer{impl}};
}

SignalingServer::SignalingServer(std::shared_ptr<Impl> impl) : impl_{std::move(impl)} {}

SignalingServer::~SignalingServer() { shut_down(); }

std::uint16_t SignalingServer::port() const { return impl_->http->port(); }

std::uint16_t SignalingServer::metrics_port() const { return impl_->operations ? impl_->operations->port() : std::uint16_t{0}; }

std::string SignalingServer::tls_fingerprint() const { return impl_->tls ? impl_->tls->fingerprint() : std::string{}; }

void SignalingServer::reload_tls() {
  if (impl_->tls) impl_->reload();
}

void SignalingServer::shut_down() {
  impl_->look.cancel();
  impl_->http->shut_down([operations = impl_->operations] {
    if (operations) operations->shut_down({});
  });
}

}  // namespace p2p::net
