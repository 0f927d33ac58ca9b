#include "serve/turn_settings.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <charconv>
#include <cstdlib>
#include <tuple>
#include <utility>

#include "base/hex.hpp"
#include "net/stream_key.hpp"
#include "peer/bit_rate.hpp"
#include "turn/address_range.hpp"

namespace p2p::app {
namespace {

constexpr std::uint16_t kPort = 3478;       // RFC 8656, 4
constexpr std::uint16_t kRelayPortMin = 1'024;   // RFC 8656, 7.2: below are services, which nobody is to run through a relay
constexpr std::size_t kSecretBytes = 20;   // as long as what HMAC-SHA1 gives (RFC 2104, 3)

/// A secret of this run: what it opens ends with the process, and so does the relay.
std::string fresh_secret() {
  std::array<std::byte, kSecretBytes> bytes{};
  net::fill_random(bytes);
  return to_hex(bytes);
}

Result<std::pair<std::uint16_t, std::uint16_t>> parse_ports(const std::string& text) {
  std::uint16_t min = 0;
  std::uint16_t max = 0;
  const char* end = text.data() + text.size();
  const auto [dash, error] = std::from_chars(text.data(), end, min);
  if (error == std::errc{} && dash != end && *dash == '-') {
    const auto [last, second_error] = std::from_chars(dash + 1, end, max);
    if (second_error == std::errc{} && last == end && min >= kRelayPortMin && min <= max) return std::pair{min, max};
  }
  return fail("--turn-relay-ports \"" + text + "\" is no range of ports from 1024 on. Write it as MIN-MAX, such as 49160-49200.");
}

/// Whether there is to be a relay, and whether somebody said so.
Result<std::pair<bool, bool>> wanted(const TurnSettings& settings) {
  const std::string& text = settings.enabled;
  if (text == "on" || text == "true" || text == "1" || text == "yes") return std::pair{true, true};
  if (text == "off" || text == "false" || text == "0" || text == "no") return std::pair{false, true};
  if (!text.empty()) return fail("--turn \"" + text + "\" is neither on nor off (TURN_ENABLED likewise).");
  return std::pair{settings.port || settings.server_url.empty(), settings.port.has_value()};
}

Result<net::TurnServer::Options> server_options(const TurnSettings& settings, const std::string& host) {
  net::TurnServer::Options options{.host = host, .port = settings.port.value_or(kPort), .relay = {}};
  options.relay.secret = fresh_secret();
  options.relay.allocations_max = settings.allocations_max;
  options.relay.allocations_per_peer_max = settings.allocations;
  const auto bandwidth = parse_bit_rate(settings.bandwidth);
  if (!bandwidth || *bandwidth <= 0) return fail("--turn-bandwidth \"" + settings.bandwidth + "\" is no bit rate. Write it as 20M or 500k.");
  options.relay.bits_per_s_per_peer = *bandwidth;
  auto allowed = turn::parse_ranges(settings.allow);
  if (!allowed) return fail("--turn-allow: " + allowed.error().text);
  options.relay.allowed = std::move(*allowed);
  if (!settings.external_address.empty()) {
    options.relay.external_address = turn::parse_ip(settings.external_address);
    if (!options.relay.external_address) {
      return fail("--turn-external-address \"" + settings.external_address + "\" is no IP address. Give the public one under which this machine is reached.");
    }
  }
  if (!settings.relay_ports.empty()) {
    const auto ports = parse_ports(settings.relay_ports);
    if (!ports) return std::unexpected{ports.error()};
    std::tie(options.relay_port_min, options.relay_port_max) = *ports;
  }
  return options;
}

}  // namespace

void add_turn_options(CLI::App& command, TurnSettings& settings) {
  command.add_option("--ice-servers", settings.ice_servers,
                     "More STUN and TURN servers that clients are told: addresses with commas between (stun:host:port), or a JSON list with credentials");
  command.add_option("--turn", settings.enabled, "STUN and TURN server of this program, on or off; on unless TURN_SERVER_URL names another")->envname("TURN_ENABLED");
  command.add_option("--turn-port", settings.port, "Its UDP port, 3478 if left out; 0 for any that is free")->envname("TURN_PORT")->check(CLI::Range(0, 65535));
  command.add_option("--turn-external-address", settings.external_address, "Public IP address of this machine, when it is behind a NAT")->envname("TURN_EXTERNAL_ADDRESS");
  command.add_option("--turn-relay-ports", settings.relay_ports, "MIN-MAX: UDP ports for what is relayed; any if left out")->envname("TURN_RELAY_PORTS");
  command.add_option("--turn-allow", settings.allow, "Private ranges that may be relayed to, such as 192.168.1.0/24; none if left out")->envname("TURN_ALLOW");
  command.add_option("--turn-allocations", settings.allocations, "Relayed addresses of one peer at once")->capture_default_str()->check(CLI::Range(1, 10'000));
  command.add_option("--turn-allocations-max", settings.allocations_max, "Relayed addresses of all peers at once")->capture_default_str()->check(CLI::Range(1, 60'000));
  command.add_option("--turn-bandwidth", settings.bandwidth, "What is relayed for one peer, both directions together (bit/s)")->capture_default_str();
  command.add_option("--turn-lifetime", settings.lifetime_h, "Hours that a member's TURN credentials are good for")->capture_default_str()->check(CLI::Range(0.001, 720.0));
  // By the environment alone: a command line is seen by everybody on the machine.
  const auto from_environment = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string{value == nullptr ? "" : value};
  };
  settings.server_url = from_environment("TURN_SERVER_URL");
  settings.username = from_environment("TURN_USERNAME");
  settings.credential = from_environment("TURN_CREDENTIAL");
  settings.secret = from_environment("TURN_SECRET");
  command.footer("Environment: TURN_SERVER_URL (turn: and turns: addresses of another server, with commas between), with TURN_SECRET (coturn's\n"
                 "static-auth-secret) or TURN_USERNAME and TURN_CREDENTIAL.");
}

Result<Turn> start_turn(const TurnSettings& settings, const std::string& host) {
  const auto want = wanted(settings);
  if (!want) return std::unexpected{want.error()};
  Turn turn;
  turn.ice = {.listed = settings.ice_servers,
              .turn_urls = settings.server_url,
              .turn_username = settings.username,
              .turn_credential = settings.credential,
              .turn_secret = settings.secret,
              .own_secret = {},
              .own_host = settings.external_address,
              .lifetime = std::chrono::duration_cast<Duration>(std::chrono::duration<double, std::ratio<3600>>{settings.lifetime_h})};
  if (const auto usable = net::IceServers::make(turn.ice); !usable) return std::unexpected{usable.error()};
  const auto options = server_options(settings, host);
  if (!options) return std::unexpected{options.error()};
  const auto [on, explicitly] = *want;
  if (!on) return turn;
  auto server = net::TurnServer::start(*options);
  if (!server && explicitly) return std::unexpected{server.error()};
  if (!server) {
    turn.warning = server.error().text + " Going on without it.";
    return turn;
  }
  turn.server = std::move(*server);
  turn.ice.own_port = turn.server->port();
  turn.ice.own_secret = options->relay.secret;
  return turn;
}

}  // namespace p2p::app
