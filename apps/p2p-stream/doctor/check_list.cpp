#include "doctor/check_list.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <memory>
#include <optional>

#include "doctor/access_checks.hpp"
#include "doctor/machine_checks.hpp"
#include "doctor/server_checks.hpp"
#include "doctor/turn_checks.hpp"
#include "net/signaling_server.hpp"
#include "serve/turn_settings.hpp"

namespace p2p::app {
namespace {

constexpr Duration kAnswerWithin = 5s;

std::vector<Finding> check_settings(const LoadedSettings& loaded) {
  std::string list;
  for (const auto& [name, origin] : loaded.origins) list.append(list.empty() ? "" : "; ").append(origin);
  std::vector<Finding> findings{fine(list.empty() ? std::string{"All settings are the defaults."} : fmt::format("Set by: {}.", list))};
  for (const std::string& text : loaded.warnings) findings.push_back(warning(text, {}));
  return findings;
}

/// ADDRESS:PORT, as the server reads it; a malformed one is the server's to name.
std::vector<Finding> check_metrics_port(const std::string& listen) {
  const std::size_t colon = listen.rfind(':');
  std::string host = listen.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  int port = -1;
  if (colon != std::string::npos) {
    const char* end = listen.data() + listen.size();
    if (std::from_chars(listen.data() + colon + 1, end, port).ptr != end) port = -1;
  }
  if (port < 0 || port > 65'535) return {failed(fmt::format("metrics-listen \"{}\" is no address with a port.", listen), "Write it as 127.0.0.1:9100.")};
  return {check_tcp_port(host, static_cast<std::uint16_t>(port), "metrics-listen")};
}

std::vector<Finding> check_turn(const ServeSettings& settings, std::optional<turn::IpAddress>& mapped, const DoctorOptions& options) {
  std::vector<Finding> findings;
  if (turn_wanted(settings.turn)) {
    Finding port = check_udp_port(turn_host_of(settings), turn_port_of(settings.turn));
    const bool free = port.verdict == Verdict::kOk;
    // As in start_turn: nobody asked for it, so the server goes on without.
    if (port.verdict == Verdict::kFailed && !settings.turn.enabled && !settings.turn.port && !settings.production) port.verdict = Verdict::kWarning;
    findings.push_back(std::move(port));
    std::vector<Finding> own = check_own_turn(settings);
    // What the port's check has said needs no second sentence.
    if (free || own.front().verdict != Verdict::kFailed) findings.insert(findings.end(), own.begin(), own.end());
  }
  const auto elsewhere = servers_elsewhere(settings);
  if (!elsewhere) {
    findings.push_back(failed(elsewhere.error().text, "Correct the settings of STUN and TURN servers elsewhere."));
  } else {
    for (Finding& one : check_ice_servers(*elsewhere, options.tls, kAnswerWithin, &mapped)) findings.push_back(std::move(one));
  }
  if (findings.empty()) {
    findings.push_back(warning("There is no STUN and TURN server: peers behind NATs will not find each other.", "Set turn to on, or name servers with turn-server-url."));
  }
  return findings;
}

std::vector<Finding> one(Finding finding) { return {std::move(finding)}; }

}  // namespace

std::vector<Check> checks_of(const LoadedSettings& loaded, const DoctorOptions& options) {
  const ServeSettings& settings = loaded.settings;
  std::vector<Check> checks{{"settings", [&] { return check_settings(loaded); }}, {"port", [&] { return one(check_tcp_port(settings.host, settings.port)); }}};
  if (!settings.metrics_listen.empty()) checks.push_back({"metrics", [&] { return check_metrics_port(settings.metrics_listen); }});
  checks.push_back({"secure-context", [&] { return one(check_secure_context(settings)); }});
  if (!settings.tls_cert.empty() || !settings.tls_key.empty()) {
    checks.push_back({"certificate", [&] {
                        return check_certificate(net::read_certificate(settings.tls_cert, settings.tls_key), options.names, std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
                      }});
  }
  checks.push_back({"proxies", [&] { return one(check_trusted_proxies(settings)); }});
  const auto mapped = std::make_shared<std::optional<turn::IpAddress>>();
  checks.push_back({"turn", [&, mapped] { return check_turn(settings, *mapped, options); }});
  if (turn_wanted(settings.turn)) checks.push_back({"external-address", [&, mapped] { return one(check_external_address(settings, net::lan_addresses(), *mapped)); }});
  checks.push_back({"clock", [&] { return one(options.time_from.empty() ? check_clock() : check_clock_against(options.time_from, options.tls)); }});
  checks.push_back({"open-files", [&] { return one(check_open_files(open_files_max(), settings)); }});
  checks.push_back({"state", [&] { return one(check_state_directory(state_directory_of(settings), settings.tls_self_signed)); }});
  return checks;
}

std::vector<Check> checks_of(const net::ServerAddress& address, const DoctorOptions& options) {
  const RunningServer server{.address = address, .tls = options.tls};
  std::vector<Check> checks{{"health", [server] { return check_health(server); }, true},
                            {"polling", [server] { return check_polling(server); }},
                            {"websocket", [server] { return check_web_socket(server); }},
                            {"stream", [server] { return check_membership(server); }}};
  if (!options.time_from.empty()) checks.push_back({"clock", [&] { return one(check_clock_against(options.time_from, options.tls)); }});
  return checks;
}

std::vector<CheckName> check_names() {
  return {{"settings", "which are set, and where; secrets that others may read"},
          {"port, metrics", "whether the TCP ports are free and this user may open them"},
          {"secure-context", "whether browsers will give pages cameras and codecs"},
          {"certificate", "readable, with its key, not at its end, for which names"},
          {"proxies", "whether those who are believed are few"},
          {"turn", "the own server's UDP port and whether it relays; a binding and a relayed address from each server elsewhere, over UDP, TCP or TLS"},
          {"external-address", "whether clients are told an address that leads here"},
          {"clock", "as the kernel says, or against --time-from"},
          {"open-files", "against the limit of connections"},
          {"state", "whether the state directory can be written to"},
          {"health", "with --url: whether it runs and takes newcomers, its certificate"},
          {"polling, websocket", "with --url: whether its own pages come through the proxy"},
          {"stream", "with --url: opens a stream for a moment (lists show it) and asks the STUN and TURN servers that it is told"}};
}

}  // namespace p2p::app
