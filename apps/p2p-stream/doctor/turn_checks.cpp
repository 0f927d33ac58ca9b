#include "doctor/turn_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "net/ice_probe.hpp"
#include "net/stream_key.hpp"
#include "serve/turn_settings.hpp"
#include "turn/address_range.hpp"
#include "turn/credentials.hpp"

namespace p2p::app {
namespace {

constexpr Duration kOwnAnswerWithin = 5s;
constexpr Duration kLifetime = 60s;   // of a credential for one question

WallTime wall_now() { return WallTime{std::chrono::duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch())}; }

std::string_view name_of(net::IceUrl::Transport transport) {
  switch (transport) {
    case net::IceUrl::Transport::kUdp: return "UDP";
    case net::IceUrl::Transport::kTcp: return "TCP";
    case net::IceUrl::Transport::kTls: return "TLS";
  }
  return "";
}

std::string advice_for(const net::IceUrl& server, const net::IceProbeError& error) {
  switch (error.code) {
    case 401:
    case 441:
      return "Check turn-secret (coturn's static-auth-secret) or turn-username and turn-credential against that server's configuration, and both clocks.";
    case 486:
    case 508:
      return "Raise that server's quota (coturn: user-quota, total-quota) or its range of relay ports (min-port, max-port).";
    case 0:
      return fmt::format("Check that it runs, its name, and that firewalls let {} port {} through.", server.transport == net::IceUrl::Transport::kUdp ? "UDP" : "TCP", server.port);
    default:
      return "Look into that server's log.";
  }
}

Finding check_url(const std::string& url, const net::IceServer& server, const net::TlsTrust& tls, Duration timeout, std::optional<turn::IpAddress>* mapped) {
  const auto parsed = net::parse_ice_url(url);
  if (!parsed) return failed(parsed.error().text, "Correct turn-server-url or ice-servers.");
  net::IceProbe probe{.server = *parsed, .tls = tls, .timeout = timeout};
  if (parsed->turn) {
    probe.username = server.username;
    probe.credential = server.credential;
  }
  const auto answer = net::probe_ice_server(probe);
  if (!answer) return failed(fmt::format("{} {}.", url, answer.error().what), advice_for(*parsed, answer.error()));
  if (mapped != nullptr && !*mapped && answer->mapped && !turn::is_special(answer->mapped->ip)) *mapped = answer->mapped->ip;
  if (!parsed->turn) return fine(fmt::format("{} answers over {} and sees us as {}.", url, name_of(parsed->transport), answer->mapped ? turn::to_text(answer->mapped->ip) : "nobody"));
  if (!answer->relayed) return warning(fmt::format("{} answers, but there are no credentials to relay with.", url), "Give a user name and a credential in ice-servers, or use turn-server-url with turn-secret.");
  const std::string relayed = turn::to_text(*answer->relayed);
  if (turn::is_special(answer->relayed->ip)) {
    return warning(fmt::format("{} relays over {}, at {}, which is no public address: peers outside cannot reach it.", url, name_of(parsed->transport), relayed),
                   "Tell that server its public address (turn-external-address of p2p-stream, external-ip of coturn), unless all viewers are on this network.");
  }
  return fine(fmt::format("{} relays over {}, at {}.", url, name_of(parsed->transport), relayed));
}

}  // namespace

std::vector<Finding> check_own_turn(const ServeSettings& settings) {
  ServeSettings trial = settings;
  trial.turn.port = 0;   // the real one is looked at by check_udp_port, and may be taken by the server that this one is to replace
  trial.turn.enabled = true;
  const auto turn = start_turn(trial);
  if (!turn) return {failed(turn.error().text, "Correct the settings of its own STUN and TURN server, or set turn to off.")};
  const std::string& host = turn_host_of(settings);
  const auto [username, password] = turn::make_credentials(turn->ice.own_secret, "doctor", wall_now() + kLifetime);
  const net::IceProbe probe{.server = {.turn = true, .host = host == "0.0.0.0" || host == "::" ? "127.0.0.1" : host, .port = turn->server->port()},
                            .username = username,
                            .credential = password,
                            .timeout = kOwnAnswerWithin};
  const auto answer = net::probe_ice_server(probe);
  if (!answer) {
    return {failed(fmt::format("The STUN and TURN server of its own {}.", answer.error().what),
                   answer.error().code == 508 ? "Widen turn-relay-ports: the ports in it are taken." : "See whether a firewall on this machine drops UDP from itself.")};
  }
  std::vector<Finding> findings{fine(fmt::format("The STUN and TURN server of its own gives relayed addresses ({}).", turn::to_text(answer->relayed->ip)))};
  if (host.starts_with("127.") || host == "::1") {
    findings.push_back(warning(fmt::format("It listens on {}: nobody outside reaches it, for a proxy passes no UDP on.", host), "Set turn-host to 0.0.0.0."));
  }
  if (settings.turn.relay_port_min > 0 && std::size_t{settings.turn.relay_port_max} - settings.turn.relay_port_min + 1 < settings.turn.allocations) {
    findings.push_back(warning(fmt::format("turn-relay-ports has {} ports, fewer than the {} that one peer may take.", settings.turn.relay_port_max - settings.turn.relay_port_min + 1,
                                           settings.turn.allocations),
                               "Widen it: each link of a peer holds a port while it lives."));
  }
  return findings;
}

Result<std::vector<net::IceServer>> servers_elsewhere(const ServeSettings& settings) {
  const auto servers = net::IceServers::make(ice_options(settings.turn));
  if (!servers) return std::unexpected{servers.error()};
  return servers->member_servers("", net::peer_id_of(net::make_peer_secret()), wall_now());
}

std::vector<Finding> check_ice_servers(const std::vector<net::IceServer>& servers, const net::TlsTrust& tls, Duration timeout, std::optional<turn::IpAddress>* mapped) {
  std::vector<Finding> findings;
  for (const net::IceServer& server : servers) {
    for (const std::string& url : server.urls) findings.push_back(check_url(url, server, tls, timeout, mapped));
  }
  return findings;
}

Finding check_external_address(const ServeSettings& settings, const std::vector<std::string>& own, const std::optional<turn::IpAddress>& mapped) {
  const auto is_public = [](const std::string& text) {
    const auto ip = turn::parse_ip(text);
    return ip && !turn::is_special(*ip);
  };
  const auto& told = settings.turn.external_address;
  if (told && turn::is_special(*told)) {
    return warning(fmt::format("turn-external-address is {}, which is no public address.", turn::to_text(*told)), "Set it to the address under which the internet reaches this machine.");
  }
  if (told && mapped && mapped->is_v4() == told->is_v4() && *mapped != *told) {
    return warning(fmt::format("turn-external-address is {}, but a server outside sees this machine as {}.", turn::to_text(*told), turn::to_text(*mapped)), "Set it to the address that the outside sees, if clients come that way.");
  }
  if (told) return fine(fmt::format("Clients are told {} (turn-external-address).", turn::to_text(*told)));
  if (std::ranges::any_of(own, is_public)) return fine("This machine has a public address of its own.");
  const std::string seen = mapped ? fmt::format(" A server outside sees it as {}.", turn::to_text(*mapped)) : "";
  return warning(fmt::format("This machine is behind a NAT: it has private addresses only ({}).{}", own.empty() ? "its own loopback" : fmt::format("{}", fmt::join(own, ", ")), seen),
                 "For clients on the internet set turn-external-address to the public address and pass on the TCP port, UDP 3478 and the relay ports. On a LAN nothing is to be done.");
}

}  // namespace p2p::app
