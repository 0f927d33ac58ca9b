#include <algorithm>
#include <array>
#include <cctype>

#include "net/ice_servers.hpp"
#include "serve/setting.hpp"
#include "serve/setting_values.hpp"
#include "terminal/nearest_name.hpp"

namespace p2p::app {
namespace {

using S = ServeSettings;
using T = Setting::Texts;

Result<void> ice_servers(S& s, const T& t) {
  const std::string text = joined(t);
  if (const auto usable = net::IceServers::make({.listed = text}); !usable) return std::unexpected{usable.error()};
  s.turn.ice_servers = text;
  return {};
}

Result<void> relay_ports(S& s, const T& t) {
  const auto ports = port_range(t);
  if (!ports) return std::unexpected{ports.error()};
  s.turn.relay_port_min = ports->first;
  s.turn.relay_port_max = ports->second;
  return {};
}

Result<void> external_address(S& s, const T& t) {
  const auto text = one_text(t);
  if (!text) return std::unexpected{text.error()};
  s.turn.external_address = turn::parse_ip(*text);
  if (!s.turn.external_address) return fail("\"" + *text + "\" is no IP address. Give the public one under which this machine is reached.");
  return {};
}

constexpr std::string_view kListening = "Listening";
constexpr std::string_view kWho = "Who may connect";
constexpr std::string_view kViewers = "Viewers";
constexpr std::string_view kTls = "TLS";
constexpr std::string_view kTurn = "STUN and TURN server of its own";
constexpr std::string_view kElsewhere = "STUN and TURN servers elsewhere";
constexpr std::string_view kOperating = "Operating it";

constexpr std::array kSettings{
    Setting{.group = kListening, .name = "port", .environment = "PORT", .value = "PORT", .preset = "3001", .help = "TCP port of signaling and pages; 0 for any that is free",
            .read = [](S& s, const T& t) { return put(s.port, whole_number(t, 0, 65'535)); }},
    Setting{.group = kListening, .name = "host", .environment = "LISTEN_HOST", .value = "ADDRESS", .preset = "0.0.0.0",
            .help = "Address of this machine to listen on; :: for IPv6 and IPv4, 127.0.0.1 for this machine only, as behind a proxy",
            .read = [](S& s, const T& t) { return put(s.host, one_text(t)); }},
    Setting{.group = kListening, .name = "connections-max", .environment = "CONNECTIONS_MAX", .value = "N", .preset = "50000",
            .help = "Clients at once; each takes an open file, and those above it are told 503",
            .read = [](S& s, const T& t) { return put(s.connections_max, whole_number(t, 1, 1'000'000)); }},

    Setting{.group = kWho, .name = "allowed-origins", .environment = "ALLOWED_ORIGINS", .value = "ORIGIN",
            .help = "Other sites whose pages may connect, such as https://example.org; * for all. The server's own pages always may", .list = true,
            .read = [](S& s, const T& t) { return put(s.allowed_origins, origins(t)); }},
    Setting{.group = kWho, .name = "trusted-proxies", .environment = "TRUSTED_PROXIES", .value = "ADDRESS",
            .help = "Addresses and blocks of reverse proxies in front, such as 127.0.0.1,10.0.0.0/8: their X-Forwarded-For, -Proto and -Host are believed", .list = true,
            .read = [](S& s, const T& t) { return put(s.trusted_proxies, address_blocks(t)); }},

    Setting{.group = kViewers, .name = "consent", .environment = "P2P_CONSENT", .value = "notice|ask|off", .preset = "notice",
            .help = "Viewers pass the stream on and see each other's addresses. notice: from the first moment, and the page says so; ask: through a relay alone until a viewer agrees; off: through a relay alone",
            .read = [](S& s, const T& t) { return put(s.consent, one_of(t, {"notice", "ask", "off"})); }},

    Setting{.group = kTls, .name = "tls-cert", .environment = "TLS_CERT", .value = "FILE",
            .help = "PEM file of the certificate, with those that lead to its root; read again when it changes",
            .read = [](S& s, const T& t) { return put(s.tls_cert, one_text(t)); }},
    Setting{.group = kTls, .name = "tls-key", .environment = "TLS_KEY", .value = "FILE", .help = "PEM file of the certificate's key, without a password",
            .read = [](S& s, const T& t) { return put(s.tls_key, one_text(t)); }},
    Setting{.group = kTls, .name = "tls", .environment = "TLS", .value = "self-signed",
            .help = "Instead of files, for a LAN: a certificate of its own. Browsers ask once, programs are told its fingerprint",
            .read = [](S& s, const T& t) {
              const auto kind = one_of(t, {"self-signed"});
              s.tls_self_signed = kind.has_value();
              return kind ? Result<void>{} : std::unexpected{kind.error()};
            }},

    Setting{.group = kTurn, .name = "turn", .environment = "TURN_ENABLED", .value = "on|off", .preset_says = "on, unless turn-server-url names another",
            .help = "STUN and TURN over UDP in this program", .read = [](S& s, const T& t) { return put(s.turn.enabled, on_or_off(t)); }},
    Setting{.group = kTurn, .name = "turn-port", .environment = "TURN_PORT", .value = "PORT", .preset_says = "3478",
            .help = "Its UDP port; 0 for any that is free. A port that is named here must be free, or the server does not start",
            .read = [](S& s, const T& t) { return put(s.turn.port, whole_number(t, 0, 65'535)); }},
    Setting{.group = kTurn, .name = "turn-host", .environment = "TURN_HOST", .value = "ADDRESS", .preset_says = "that of host",
            .help = "Address that it listens on; 0.0.0.0 where host is 127.0.0.1 for a proxy, which passes no UDP on",
            .read = [](S& s, const T& t) { return put(s.turn.host, one_text(t)); }},
    Setting{.group = kTurn, .name = "turn-external-address", .environment = "TURN_EXTERNAL_ADDRESS", .value = "ADDRESS",
            .preset_says = "the host under which clients come", .help = "Public IP address of this machine, when it is behind a NAT, as in most clouds", .read = external_address},
    Setting{.group = kTurn, .name = "turn-relay-ports", .environment = "TURN_RELAY_PORTS", .value = "MIN-MAX", .preset_says = "any",
            .help = "UDP ports from 1024 on for what is relayed, such as 49160-49200", .read = relay_ports},
    Setting{.group = kTurn, .name = "turn-allow", .environment = "TURN_ALLOW", .value = "RANGE",
            .help = "Private ranges that may be relayed to, such as 192.168.1.0/24 for a LAN", .list = true,
            .read = [](S& s, const T& t) { return put(s.turn.allowed, turn::parse_ranges(joined(separated(t)))); }},
    Setting{.group = kTurn, .name = "turn-allocations", .environment = "TURN_ALLOCATIONS", .value = "N", .preset = "40", .help = "Relayed addresses of one peer at once",
            .read = [](S& s, const T& t) { return put(s.turn.allocations, whole_number(t, 1, 10'000)); }},
    Setting{.group = kTurn, .name = "turn-allocations-max", .environment = "TURN_ALLOCATIONS_MAX", .value = "N", .preset = "2000",
            .help = "Relayed addresses of all peers at once; each takes an open file",
            .read = [](S& s, const T& t) { return put(s.turn.allocations_max, whole_number(t, 1, 60'000)); }},
    Setting{.group = kTurn, .name = "turn-bandwidth", .environment = "TURN_BANDWIDTH", .value = "BITS/S", .preset = "20M",
            .help = "What is relayed for one peer, both directions together, in bits a second (500k, 20M); more is dropped",
            .read = [](S& s, const T& t) { return put(s.turn.bandwidth_bits_per_s, bit_rate(t)); }},

    Setting{.group = kElsewhere, .name = "ice-servers", .environment = "ICE_SERVERS", .value = "URL|JSON",
            .help = "More servers that clients are told: addresses with commas between (stun:host:port), or a JSON list of {urls, username, credential}", .read = ice_servers},
    Setting{.group = kElsewhere, .name = "turn-server-url", .environment = "TURN_SERVER_URL", .value = "URL",
            .help = "TURN servers: turn:host:3478, turn:host:3478?transport=tcp, turns:host:5349?transport=tcp. They need turn-secret, or turn-username and turn-credential", .list = true,
            .read = [](S& s, const T& t) {
              s.turn.server_url = joined(separated(t));
              return Result<void>{};
            }},
    Setting{.group = kElsewhere, .name = "turn-secret", .environment = "TURN_SECRET", .value = "SECRET",
            .help = "Shared with them (coturn's static-auth-secret): each member gets credentials of its own, with an end", .secret = true,
            .read = [](S& s, const T& t) { return put(s.turn.secret, one_text(t)); }},
    Setting{.group = kElsewhere, .name = "turn-username", .environment = "TURN_USERNAME", .value = "NAME", .help = "Instead of turn-secret: the same user for all members",
            .read = [](S& s, const T& t) { return put(s.turn.username, one_text(t)); }},
    Setting{.group = kElsewhere, .name = "turn-credential", .environment = "TURN_CREDENTIAL", .value = "PASSWORD", .help = "The password of turn-username", .secret = true,
            .read = [](S& s, const T& t) { return put(s.turn.credential, one_text(t)); }},
    Setting{.group = kElsewhere, .name = "turn-lifetime", .environment = "TURN_LIFETIME", .value = "HOURS", .preset = "6",
            .help = "Hours that a member's TURN credentials are good for, here and elsewhere",
            .read = [](S& s, const T& t) { return put(s.turn.lifetime, hours(t, 0.001, 720)); }},

    Setting{.group = kOperating, .name = "mode", .environment = "NODE_ENV", .value = "development|production", .preset = "development",
            .help = "production: logs are JSON; the STUN and TURN server must start, instead of a warning; and the log says when browsers will get no secure context",
            .read = [](S& s, const T& t) {
              const auto mode = one_of(t, {"development", "production"});
              s.production = mode == "production";
              return mode ? Result<void>{} : std::unexpected{mode.error()};
            }},
    Setting{.group = kOperating, .name = "log-level", .environment = "LOG_LEVEL", .value = "LEVEL", .preset = "info", .help = "What is logged: debug, info, warn, error or off",
            .read = [](S& s, const T& t) { return put(s.log_level, one_of(t, {"debug", "info", "warn", "error", "off"})); }},
    Setting{.group = kOperating, .name = "log-format", .environment = "LOG_FORMAT", .value = "text|json", .preset_says = "text, in production json",
            .help = "Lines of text, or a JSON object each", .read = [](S& s, const T& t) { return put(s.log_format, one_of(t, {"text", "json"})); }},
    Setting{.group = kOperating, .name = "metrics-listen", .environment = "METRICS_LISTEN", .value = "ADDRESS:PORT", .preset_says = "this machine alone, at /metrics",
            .help = "Where /metrics, /healthz and /readyz are, such as 127.0.0.1:9100", .read = [](S& s, const T& t) { return put(s.metrics_listen, one_text(t)); }},
    Setting{.group = kOperating, .name = "state-directory", .environment = "STATE_DIRECTORY", .value = "FOLDER", .preset_says = "p2p-stream in $XDG_STATE_HOME or ~/.local/state",
            .help = "Keeps the self-signed certificate. systemd sets the variable by itself", .read = [](S& s, const T& t) { return put(s.state_directory, one_text(t)); }},
};

std::string in_one_spelling(std::string_view name) {
  std::string text{name};
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return c == '_' ? '-' : static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

std::span<const Setting> settings() { return kSettings; }

const Setting* find_setting(std::string_view name) {
  const auto found = std::ranges::find(kSettings, name, &Setting::name);
  return found == kSettings.end() ? nullptr : &*found;
}

const Setting* nearest_setting(std::string_view written) {
  std::vector<std::string> names;   // of each setting two, one after the other
  for (const Setting& setting : kSettings) {
    names.emplace_back(setting.name);
    names.push_back(in_one_spelling(setting.environment));
  }
  const std::string_view nearest = nearest_name(in_one_spelling(written), names);
  const auto found = std::ranges::find(names, nearest);
  return found == names.end() ? nullptr : &kSettings[static_cast<std::size_t>(found - names.begin()) / 2];
}

}  // namespace p2p::app
