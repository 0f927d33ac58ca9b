#include "serve/turn_settings.hpp"

#include <array>
#include <utility>

#include "base/hex.hpp"
#include "net/stream_key.hpp"

namespace p2p::app {
namespace {

constexpr std::uint16_t kPort = 3478;       // RFC 8656, 4
constexpr std::size_t kSecretBytes = 20;   // as long as what HMAC-SHA1 gives (RFC 2104, 3)

/// A secret of this run: what it opens ends with the process, and so does the relay.
std::string fresh_secret() {
  std::array<std::byte, kSecretBytes> bytes{};
  net::fill_random(bytes);
  return to_hex(bytes);
}

}  // namespace

const std::string& turn_host_of(const ServeSettings& settings) { return settings.turn.host.empty() ? settings.host : settings.turn.host; }

std::uint16_t turn_port_of(const TurnSettings& settings) { return settings.port.value_or(kPort); }

bool turn_wanted(const TurnSettings& settings) { return settings.enabled.value_or(settings.port || settings.server_url.empty()); }

namespace {

net::TurnServer::Options server_options(const ServeSettings& all) {
  const TurnSettings& settings = all.turn;
  net::TurnServer::Options options{
      .host = turn_host_of(all), .port = settings.port.value_or(kPort), .relay_port_min = settings.relay_port_min, .relay_port_max = settings.relay_port_max, .relay = {}};
  options.relay.secret = fresh_secret();
  options.relay.external_address = settings.external_address;
  options.relay.allowed = settings.allowed;
  options.relay.allocations_max = settings.allocations_max;
  options.relay.allocations_per_peer_max = settings.allocations;
  options.relay.bits_per_s_per_peer = settings.bandwidth_bits_per_s;
  return options;
}

}  // namespace

net::IceServers::Options ice_options(const TurnSettings& settings) {
  return {.listed = settings.ice_servers,
          .turn_urls = settings.server_url,
          .turn_username = settings.username,
          .turn_credential = settings.credential,
          .turn_secret = settings.secret,
          .own_secret = {},
          .own_host = settings.external_address ? turn::to_text(*settings.external_address) : std::string{},
          .lifetime = settings.lifetime};
}

Result<Turn> start_turn(const ServeSettings& settings) {
  Turn turn;
  turn.ice = ice_options(settings.turn);
  if (const auto usable = net::IceServers::make(turn.ice); !usable) return std::unexpected{usable.error()};
  if (!turn_wanted(settings.turn)) return turn;
  const net::TurnServer::Options options = server_options(settings);
  auto server = net::TurnServer::start(options);
  const bool asked_for = settings.turn.enabled.has_value() || settings.turn.port.has_value() || settings.production;
  if (!server && asked_for) return std::unexpected{server.error()};
  if (!server) {
    turn.warning = server.error().text + " Going on without it.";
    return turn;
  }
  turn.server = std::move(*server);
  turn.ice.own_port = turn.server->port();
  turn.ice.own_secret = options.relay.secret;
  return turn;
}

}  // namespace p2p::app
