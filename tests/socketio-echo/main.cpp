#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include "echo_sessions.hpp"
#include "http_server.hpp"

namespace {

using namespace p2p;

struct EchoOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 3000;
  int ping_interval_ms = 25'000;
  int ping_timeout_ms = 20'000;
  std::size_t max_payload_bytes = 1'000'000;
  bool recovery = false;
};

constexpr std::size_t kGoodbyesMax = 10'000;

/// Both protocols on one port, each under the path that its clients ask for.
class EchoApplication final : public net::HttpApplication {
 public:
  EchoApplication(const net::EngineHub::Options& hub, bool recovery)
      : engine_{hub, net::steady_now}, socket_{{.hub = hub, .recovery = recovery}, net::steady_now} {}

  void on_request(const std::shared_ptr<net::Connection>& connection, const net::HttpRequest& request) override {
    if (request.path == "/engine.io/") {
      engine_.hub().handle_request(connection, request);
    } else if (request.path == "/socket.io/") {
      socket_.hub().handle_request(connection, request);
    } else {
      connection->respond({.status = 404, .keep_alive = request.keep_alive, .head_only = request.method == "HEAD"});
    }
  }
  void on_message(const std::shared_ptr<net::Connection>& connection, bool binary, std::string_view data) override {
    hub_of(*connection).handle_message(connection, binary, data);
  }
  void on_gone(const std::shared_ptr<net::Connection>& connection) override { hub_of(*connection).handle_gone(connection); }
  void handle_time() override {
    engine_.hub().handle_time();
    socket_.handle_time();
  }
  [[nodiscard]] Instant next_wake() const override { return std::min(engine_.hub().next_wake(), socket_.hub().next_wake()); }
  void shut_down() override {
    engine_.hub().shut_down(kGoodbyesMax);
    socket_.hub().shut_down(kGoodbyesMax);
  }

 private:
  net::EngineHub& hub_of(const net::Connection& connection) { return engine_.hub().has(connection.session) ? engine_.hub() : socket_.hub(); }

  echo::EngineEcho engine_;
  echo::SocketEcho socket_;
};

int run(const EchoOptions& options) {
  const auto logger = std::make_shared<spdlog::logger>("echo", std::make_shared<spdlog::sinks::stderr_sink_st>());
  logger->set_level(spdlog::level::warn);
  spdlog::set_default_logger(logger);
  constexpr std::size_t kSessionsMax = 10'000;
  constexpr std::size_t kSocketsBeyondSessions = 1'000;
  // A whole packet with all its attachments goes back at once, in base64 when polled.
  const net::ConnectionLimits limits{.message_bytes_max = options.max_payload_bytes, .unsent_bytes_max = 2 * (socketio::kAttachmentsMax + 1) * options.max_payload_bytes};
  const auto gate = std::make_shared<net::Gate>();
  gate->allowed_origins = {"*"};
  const net::EngineHub::Options hub{
      .sessions_max = kSessionsMax,
      .limits = limits,
      .engine = {.ping_interval = std::chrono::milliseconds{options.ping_interval_ms}, .ping_timeout = std::chrono::milliseconds{options.ping_timeout_ms}},
      .gate = gate};
  boost::asio::io_context io{1};
  const auto server = net::HttpServer::listen(
      io, {.host = options.host, .port = options.port, .connections_max = 2 * kSessionsMax + kSocketsBeyondSessions, .limits = limits, .gate = gate},
      std::make_unique<EchoApplication>(hub, options.recovery));
  if (!server) {
    fmt::print(stderr, "{}\n", server.error().text);
    return 1;
  }
  boost::asio::signal_set signals{io, SIGINT, SIGTERM};
  signals.async_wait([&server](const boost::system::error_code& error, int) {
    if (!error) (*server)->shut_down();
  });
  fmt::print("listening on http://localhost:{}\n", (*server)->port());
  std::fflush(stdout);
  io.run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  CLI::App app{"Answers the public conformance tests of Engine.IO and Socket.IO.", "socketio-echo"};
  EchoOptions options;
  app.add_option("--port", options.port, "TCP port; 0 for any that is free")->capture_default_str()->check(CLI::Range(0, 65535));
  app.add_option("--host", options.host, "Address to listen on")->capture_default_str();
  app.add_option("--ping-interval", options.ping_interval_ms, "Milliseconds between pings")->capture_default_str()->check(CLI::Range(1, 3'600'000));
  app.add_option("--ping-timeout", options.ping_timeout_ms, "Milliseconds that a client has to answer a ping")
      ->capture_default_str()
      ->check(CLI::Range(1, 3'600'000));
  app.add_option("--max-payload", options.max_payload_bytes, "Bytes of a message, and of an HTTP body of messages, at most")
      ->capture_default_str()
      ->check(CLI::Range(1'024, 64 << 20));
  app.add_flag("--recovery", options.recovery, "Connection state recovery: lost clients come back and get what they missed");
  CLI11_PARSE(app, argc, argv);
  return run(options);
}
