#include "serve/serve_command.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "assets/embedded_assets.hpp"
#include "net/log.hpp"
#include "net/signaling_server.hpp"
#include "peer/say.hpp"
#include "serve/turn_settings.hpp"

namespace p2p::app {
namespace {

struct ServeOptions {
  std::string host = "0.0.0.0";
  std::uint16_t port = 3001;
  std::vector<std::string> allowed_origins;
  std::vector<std::string> trusted_proxies;
  std::string metrics_listen;
  std::string tls;
  std::string tls_cert;
  std::string tls_key;
  TurnSettings turn;
  std::string log_level = "info";
  std::string log_format = "text";
};

/// A socket is a file descriptor, and the usual soft limit is far below what the machine allows.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

/// Where programs keep what they made themselves (XDG Base Directory Specification); empty when the user has no home.
std::string state_folder() {
  const auto set = [](const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string{} : std::string{value};
  };
  if (const std::string state = set("XDG_STATE_HOME"); !state.empty()) return state + "/p2p-stream";
  const std::string home = set("HOME");
  return home.empty() ? home : home + "/.local/state/p2p-stream";
}

void say_where(const net::SignalingServer& server, const std::string& host) {
  if (server.metrics_port() != 0) say(stdout, "metrics on port {}\n", server.metrics_port());
  const std::string fingerprint = server.tls_fingerprint();
  const char* scheme = fingerprint.empty() ? "http" : "https";
  if (!fingerprint.empty()) {
    say(stdout, "certificate fingerprint (SHA-256) {}\n", fingerprint);
    for (const std::string& address : host == "0.0.0.0" || host == "::" ? net::lan_addresses() : std::vector<std::string>{}) {
      const bool v6 = address.find(':') != std::string::npos;
      if (!v6 || host == "::") say(stdout, "on the LAN {}://{}{}{}:{}\n", scheme, v6 ? "[" : "", address, v6 ? "]" : "", server.port());
    }
  }
  say(stdout, "listening on {}://localhost:{}\n", scheme, server.port());
}

/// SIGHUP, as often as it comes.
void reload_when_told(boost::asio::signal_set& signal, net::SignalingServer& server) {
  signal.async_wait([&](const boost::system::error_code& error, int) {
    if (error) return;
    server.reload_tls();
    reload_when_told(signal, server);
  });
}

int serve(const ServeOptions& options) {
  net::set_up_log(options.log_level, options.log_format == "json" ? net::LogFormat::kJson : net::LogFormat::kText);
  raise_descriptor_limit();
  const auto turn = start_turn(options.turn, options.host);
  if (!turn) {
    say(stderr, "{}\n", turn.error().text);
    return 1;
  }
  boost::asio::io_context io{1};
  auto server = net::SignalingServer::listen(io, {.host = options.host,
                                                  .port = options.port,
                                                  .allowed_origins = options.allowed_origins,
                                                  .trusted_proxies = options.trusted_proxies,
                                                  .metrics_listen = options.metrics_listen,
                                                  .version = P2P_VERSION,
                                                  .tls_certificate_file = options.tls_cert,
                                                  .tls_key_file = options.tls_key,
                                                  .tls_self_signed = options.tls == "self-signed",
                                                  .state_folder = state_folder(),
                                                  .ice_servers = turn->ice,
                                                  .relay = turn->server.get(),
                                                  .assets = embedded_assets()});
  if (!server) {
    say(stderr, "{}\n", server.error().text);
    return 1;
  }
  boost::asio::signal_set hang_up{io, SIGHUP};
  reload_when_told(hang_up, **server);
  boost::asio::signal_set signals{io, SIGINT, SIGTERM};
  signals.async_wait([&](const boost::system::error_code& error, int) {
    if (error) return;
    hang_up.cancel();
    (*server)->shut_down();
  });
  if (!turn->warning.empty()) spdlog::warn("{}", turn->warning);
  if (turn->server) spdlog::info("STUN and TURN on UDP port {}", turn->server->port());
  say_where(**server, options.host);
  io.run();
  return 0;
}

}  // namespace

void add_serve_command(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<ServeOptions>();
  CLI::App* command = app.add_subcommand("serve", "Run the signaling server with the web pages");
  command->add_option("--port", options->port, "TCP port; 0 for any that is free")->capture_default_str()->check(CLI::Range(0, 65535));
  command->add_option("--host", options->host, "Address to listen on; :: for IPv6 and IPv4")->capture_default_str();
  command->add_option("--allowed-origins", options->allowed_origins, "Origins of other sites whose pages may connect, such as https://example.org; * for all")
      ->delimiter(',')
      ->envname("ALLOWED_ORIGINS");
  command
      ->add_option("--trusted-proxies", options->trusted_proxies,
                   "Addresses and blocks of reverse proxies in front, such as 127.0.0.1,10.0.0.0/8: their X-Forwarded-For, -Proto and -Host are believed")
      ->delimiter(',')
      ->envname("TRUSTED_PROXIES");
  command
      ->add_option("--metrics-listen", options->metrics_listen,
                   "Address and port for /metrics, /healthz and /readyz, such as 127.0.0.1:9100; without it /metrics is shown to this machine only")
      ->envname("METRICS_LISTEN");
  command->add_option("--tls-cert", options->tls_cert, "PEM file of the certificate, with those that lead to its root; read again when it changes")
      ->envname("TLS_CERT");
  command->add_option("--tls-key", options->tls_key, "PEM file of the certificate's key")->envname("TLS_KEY");
  command
      ->add_option("--tls", options->tls,
                   "self-signed: with a certificate of its own, for a LAN; browsers ask once, programs are told its fingerprint")
      ->check(CLI::IsMember({"self-signed"}))
      ->envname("TLS");
  add_turn_options(*command, options->turn);
  command->add_option("--log-level", options->log_level, "How much is logged")
      ->capture_default_str()
      ->check(CLI::IsMember({"debug", "info", "warn", "error", "off"}));
  command->add_option("--log-format", options->log_format, "Lines of text, or a JSON object each")
      ->capture_default_str()
      ->check(CLI::IsMember({"text", "json"}))
      ->envname("LOG_FORMAT");
  command->callback([options, &exit_code] { exit_code = serve(*options); });
}

}  // namespace p2p::app
