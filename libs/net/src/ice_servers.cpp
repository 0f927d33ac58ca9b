#include "net/ice_servers.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/hex.hpp"
#include "ice_servers_json.hpp"
#include "turn/credentials.hpp"
#include "turn/endpoint.hpp"

namespace p2p::net {
namespace {

constexpr std::size_t kHostBytesMax = 253;   // RFC 1035, 2.3.4, without the root's dot

bool is_turn(std::string_view url) { return url.starts_with("turn"); }

Result<void> check_turn(const IceServers::Options& options, const std::vector<std::string>& urls) {
  const auto wrong = std::ranges::find_if_not(urls, is_turn);
  if (wrong != urls.end()) return fail(fmt::format("\"{}\" in TURN_SERVER_URL is no address of a TURN server; write it as turn:host:3478 or turns:host:5349.", *wrong));
  const bool fixed = !options.turn_username.empty() || !options.turn_credential.empty();
  if (urls.empty() && (fixed || !options.turn_secret.empty())) {
    return fail("There are credentials for a TURN server and no server. Name it in TURN_SERVER_URL, such as turn:host:3478.");
  }
  if (urls.empty()) return {};
  if (fixed && !options.turn_secret.empty()) {
    return fail("TURN_SECRET and TURN_USERNAME exclude each other: credentials are made for each member, or are the same for all.");
  }
  if (options.turn_secret.empty() && (options.turn_username.empty() || options.turn_credential.empty())) {
    return fail("The TURN server of TURN_SERVER_URL needs credentials: set TURN_SECRET (coturn's static-auth-secret), or TURN_USERNAME and TURN_CREDENTIAL.");
  }
  return {};
}

}  // namespace

Result<IceServers> IceServers::make(Options options) {
  auto listed = parse_ice_servers(options.listed);
  if (!listed) return std::unexpected{listed.error()};
  auto urls = parse_ice_urls(options.turn_urls);
  if (!urls) return std::unexpected{urls.error()};
  if (auto usable = check_turn(options, *urls); !usable) return std::unexpected{usable.error()};
  IceServers servers;
  for (IceServer& server : *listed) {
    (server.username.empty() && server.credential.empty() ? servers.open_ : servers.fixed_).push_back(std::move(server));
  }
  if (!options.turn_secret.empty()) {
    servers.made_ = std::move(*urls);
  } else if (!urls->empty()) {
    servers.fixed_.push_back({.urls = std::move(*urls), .username = options.turn_username, .credential = options.turn_credential});
  }
  servers.options_ = std::move(options);
  return servers;
}

std::string IceServers::for_anybody(std::string_view host) const {
  std::vector<IceServer> all = open_;
  const auto own = options_.own_port == 0 ? std::nullopt : own_host(host);
  if (own) all.push_back({.urls = {fmt::format("stun:{}:{}", *own, options_.own_port)}, .username = {}, .credential = {}});
  return to_json(all);
}

std::string IceServers::for_member(std::string_view host, PeerId peer, WallTime now) const { return to_json(member_servers(host, peer, now)); }

std::vector<IceServer> IceServers::member_servers(std::string_view host, PeerId peer, WallTime now) const {
  std::vector<IceServer> all = open_;
  all.insert(all.end(), fixed_.begin(), fixed_.end());
  const std::string id = to_text(peer);
  if (!made_.empty()) {
    auto [username, password] = turn::make_credentials(options_.turn_secret, id, now + options_.lifetime);
    all.push_back({.urls = made_, .username = std::move(username), .credential = std::move(password)});
  }
  const auto own = options_.own_port == 0 ? std::nullopt : own_host(host);
  if (own) {
    auto [username, password] = turn::make_credentials(options_.own_secret, id, now + options_.lifetime);
    all.push_back({.urls = {fmt::format("stun:{}:{}", *own, options_.own_port)}, .username = {}, .credential = {}});
    all.push_back({.urls = {fmt::format("turn:{}:{}?transport=udp", *own, options_.own_port)}, .username = std::move(username), .credential = std::move(password)});
  }
  return all;
}

std::optional<Duration> IceServers::lifetime() const {
  if (made_.empty() && options_.own_port == 0) return std::nullopt;
  return options_.lifetime;
}

std::optional<std::string> IceServers::own_host(std::string_view host) const {
  if (!options_.own_host.empty()) return options_.own_host.contains(':') ? "[" + options_.own_host + "]" : options_.own_host;
  const auto found = host_of(host);
  return found ? std::optional<std::string>{*found} : std::nullopt;
}

std::optional<std::string_view> host_of(std::string_view field) {
  if (field.starts_with('[')) {
    const std::size_t end = field.find(']');
    if (end == std::string_view::npos || !turn::parse_ip(field.substr(1, end - 1))) return std::nullopt;
    return field.substr(0, end + 1);
  }
  const std::string_view host = field.substr(0, field.find(':'));
  const auto is_host_character = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-'; };
  if (host.empty() || host.size() > kHostBytesMax || !std::ranges::all_of(host, is_host_character)) return std::nullopt;
  return host;
}

}  // namespace p2p::net
