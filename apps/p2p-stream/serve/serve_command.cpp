#include "serve/serve_command.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "assets/embedded_assets.hpp"
#include "net/signaling_server.hpp"
#include "peer/say.hpp"
#include "serve/turn_settings.hpp"

namespace p2p::app {
namespace {

struct ServeOptions {
  std::string host = "0.0.0.0";
  std::uint16_t port = 3001;
  std::vector<std::string> allowed_origins;
  TurnSettings turn;
  std::string log_level = "info";
};

/// A socket is a file descriptor, and the usual soft limit is far below what the machine allows.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

void set_up_log(const std::string& level) {
  const auto logger = std::make_shared<spdlog::logger>("serve", std::make_shared<spdlog::sinks::stderr_sink_st>());
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
  logger->set_level(spdlog::level::from_str(level));
  spdlog::set_default_logger(logger);
}

int serve(const ServeOptions& options) {
  set_up_log(options.log_level);
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
                                                  .ice_servers = turn->ice,
                                                  .assets = embedded_assets()});
  if (!server) {
    say(stderr, "{}\n", server.error().text);
    return 1;
  }
  boost::asio::signal_set signals{io, SIGINT, SIGTERM};
  signals.async_wait([&server](const boost::system::error_code& error, int) {
    if (error) return;
    spdlog::info("stopping");
    (*server)->shut_down();
  });
  if (!turn->warning.empty()) spdlog::warn("{}", turn->warning);
  if (turn->server) spdlog::info("STUN and TURN on UDP port {}", turn->server->port());
  say(stdout, "listening on http://localhost:{}\n", (*server)->port());
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
      ->delimiter(',');
  add_turn_options(*command, options->turn);
  command->add_option("--log-level", options->log_level, "How much is logged")
      ->capture_default_str()
      ->check(CLI::IsMember({"debug", "info", "warn", "error", "off"}));
  command->callback([options, &exit_code] { exit_code = serve(*options); });
}

}  // namespace p2p::app
