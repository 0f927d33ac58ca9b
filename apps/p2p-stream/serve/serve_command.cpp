#include "serve/serve_command.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "assets/embedded_assets.hpp"
#include "net/log.hpp"
#include "net/signaling_server.hpp"
#include "peer/say.hpp"
#include "serve/configuration_page.hpp"
#include "serve/settings_options.hpp"
#include "serve/turn_settings.hpp"

namespace p2p::app {
namespace {

/// A socket is a file descriptor, and the usual soft limit is far below what the machine allows.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
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

/// What an operator should know of how it was set up.
void log_settings(const LoadedSettings& loaded) {
  if (loaded.file.empty()) {
    spdlog::info("no settings file");
  } else {
    spdlog::info("settings from {}", loaded.file);
  }
  for (const std::string& warning : loaded.warnings) spdlog::warn("{}", warning);
  const ServeSettings& settings = loaded.settings;
  const bool tls = settings.tls_self_signed || !settings.tls_cert.empty();
  const bool to_others = settings.host != "127.0.0.1" && settings.host != "::1";
  if (settings.production && !tls && settings.trusted_proxies.empty() && to_others) {
    spdlog::warn("Nothing ends TLS: browsers give cameras and codecs to https pages only. Set tls-cert and tls-key, or name the proxy in front with trusted-proxies.");
  }
}

net::SignalingServer::Options server_options(const ServeSettings& settings, const Turn& turn) {
  return {.host = settings.host,
          .port = settings.port,
          .allowed_origins = settings.allowed_origins,
          .consent = settings.consent,
          .trusted_proxies = settings.trusted_proxies,
          .metrics_listen = settings.metrics_listen,
          .version = P2P_VERSION,
          .tls_certificate_file = settings.tls_cert,
          .tls_key_file = settings.tls_key,
          .tls_self_signed = settings.tls_self_signed,
          .state_folder = state_directory_of(settings),
          .ice_servers = turn.ice,
          .relay = turn.server.get(),
          .assets = embedded_assets(),
          .connections_max = settings.connections_max};
}

int serve(const SettingSources& sources) {
  const auto loaded = load_settings(sources);
  if (!loaded) {
    say(stderr, "{}\n", loaded.error().text);
    return 1;
  }
  const ServeSettings& settings = loaded->settings;
  net::set_up_log(settings.log_level, log_format_of(settings) == "json" ? net::LogFormat::kJson : net::LogFormat::kText);
  raise_descriptor_limit();
  const auto turn = start_turn(settings);
  if (!turn) {
    say(stderr, "{}\n", turn.error().text);
    return 1;
  }
  boost::asio::io_context io{1};
  auto server = net::SignalingServer::listen(io, server_options(settings, *turn));
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
  log_settings(*loaded);
  if (!turn->warning.empty()) spdlog::warn("{}", turn->warning);
  if (turn->server) spdlog::info("STUN and TURN on UDP port {}", turn->server->port());
  say_where(**server, settings.host);
  io.run();
  return 0;
}

}  // namespace

void add_serve_command(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("serve", "Run the signaling server with the web pages");
  const auto print_docs = std::make_shared<bool>(false);
  command->add_flag("--print-configuration-docs", *print_docs, "Print docs/configuration.md")->group("");
  command->callback([sources = add_settings_options(*command), print_docs, &exit_code] {
    if (*print_docs) {
      say(stdout, "{}", configuration_page());
    } else {
      exit_code = serve(sources());
    }
  });
}

}  // namespace p2p::app
