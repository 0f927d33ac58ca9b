#include "doctor/machine_checks.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timex.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <optional>

#include "net/http_probe.hpp"
#include "net/ice_probe.hpp"
#include "serve/turn_settings.hpp"

namespace p2p::app {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kOtherFiles = 1'100;   // pages and polls beside the sessions' own, listeners, the log (libs/net/src/signaling_server.cpp)
constexpr auto kClockWarns = 5s;
constexpr auto kClockFails = 300s;             // what Kerberos takes for the most that is bearable (RFC 4120, 1.6)
constexpr auto kAnswerWithin = 3s;

/// 0 when a socket of that type may listen there, else errno.
int try_to_listen(const turn::IpAddress& ip, std::uint16_t port, int type) {
  const bool v4 = ip.is_v4();
  const int descriptor = ::socket(v4 ? AF_INET : AF_INET6, type | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return errno;
  const int on = 1;
  if (type == SOCK_STREAM) ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);   // what the server does, too
  sockaddr_in v4_address{};
  sockaddr_in6 v6_address{};
  v4_address.sin_family = AF_INET;
  v4_address.sin_port = htons(port);
  std::memcpy(&v4_address.sin_addr, ip.bytes.data() + 12, 4);
  v6_address.sin6_family = AF_INET6;
  v6_address.sin6_port = htons(port);
  std::memcpy(&v6_address.sin6_addr, ip.bytes.data(), 16);
  const auto* address = v4 ? reinterpret_cast<const sockaddr*>(&v4_address) : reinterpret_cast<const sockaddr*>(&v6_address);
  int result = ::bind(descriptor, address, v4 ? sizeof v4_address : sizeof v6_address);
  if (result == 0 && type == SOCK_STREAM) result = ::listen(descriptor, 1);
  const int why = result == 0 ? 0 : errno;
  ::close(descriptor);
  return why;
}

std::string reachable_as(const std::string& host) { return host == "0.0.0.0" || host == "::" ? "127.0.0.1" : host; }

/// Whether what listens there answers as our server does.
bool is_our_server(const std::string& host, std::uint16_t port) {
  for (const bool tls : {false, true}) {
    net::HttpProbe probe{.server = {.tls = tls, .host = reachable_as(host), .port = port}, .target = "/healthz", .timeout = kAnswerWithin};
    const auto answer = net::probe_http(probe);
    if (answer && answer->status == 200 && answer->body == "ok\n") return true;
  }
  return false;
}

Finding no_port(int why, const std::string& what, const char* port_setting, const char* host_setting) {
  if (why == EACCES) {
    return failed(fmt::format("{} may not be opened by this user.", what),
                  "Ports below 1024 take a right: AmbientCapabilities=CAP_NET_BIND_SERVICE as in deploy/p2p-stream.service, or a proxy in front and a higher port.");
  }
  if (why == EADDRNOTAVAIL) return failed(fmt::format("{}: this machine has no such address.", what), fmt::format("Set {} to an address of this machine, or to 0.0.0.0 for all.", host_setting));
  if (why == EADDRINUSE) return failed(fmt::format("{} is in use by another program.", what), fmt::format("Stop that program, or set {} to another port.", port_setting));
  return failed(fmt::format("{} cannot be opened: {}.", what, std::strerror(why)), fmt::format("Set {} or {} to others.", host_setting, port_setting));
}

/// "Mon, 30 Nov 2026 08:00:00 GMT" (RFC 9110, 5.6.7)
std::optional<std::chrono::sys_seconds> parse_date(std::string_view text) {
  std::tm parts{};
  const std::string copy{text};
  const char* end = strptime(copy.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return std::chrono::sys_seconds{std::chrono::seconds{timegm(&parts)}};
}

}  // namespace

Finding check_tcp_port(const std::string& host, std::uint16_t port, const char* setting) {
  const auto ip = turn::parse_ip(host);
  if (!ip) return failed(fmt::format("\"{}\" is no IP address.", host), "Set host to an address of this machine, or to 0.0.0.0 for all.");
  const std::string what = fmt::format("TCP port {} on {}", port, host);
  const int why = try_to_listen(*ip, port, SOCK_STREAM);
  if (why == 0) return fine(port == 0 ? fmt::format("Any TCP port that is free on {}.", host) : fmt::format("{} is free.", what));
  if (why == EADDRINUSE && is_our_server(host, port)) {
    return warning(fmt::format("{} is in use by a p2p-stream server.", what),
                   fmt::format("If it is the one that is meant, look at it with: p2p-stream doctor --url http://{}:{} (https:// with TLS).", reachable_as(host), port));
  }
  return no_port(why, what, setting, "host");
}

Finding check_udp_port(const std::string& host, std::uint16_t port) {
  const auto ip = turn::parse_ip(host);
  if (!ip) return failed(fmt::format("\"{}\" is no IP address.", host), "Set turn-host to an address of this machine, or to 0.0.0.0 for all.");
  const std::string what = fmt::format("UDP port {} on {}", port, host);
  const int why = try_to_listen(*ip, port, SOCK_DGRAM);
  if (why == 0) return fine(port == 0 ? fmt::format("Any UDP port that is free on {}.", host) : fmt::format("{} is free.", what));
  const net::IceProbe probe{.server = {.host = reachable_as(host), .port = port}, .timeout = kAnswerWithin};
  if (why == EADDRINUSE && net::probe_ice_server(probe)) {
    return warning(fmt::format("{} is in use by a STUN server.", what), "If that is a p2p-stream server that runs already, all is well; else stop it, set turn-port to another, or turn to off.");
  }
  return no_port(why, what, "turn-port", "turn-host");
}

std::uint64_t open_files_max() {
  rlimit limit{};
  return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_max : 0;
}

Finding check_open_files(std::uint64_t most, const ServeSettings& settings) {
  const std::uint64_t relays = turn_wanted(settings.turn) ? settings.turn.allocations_max : 0;
  const std::uint64_t needed = settings.connections_max + relays + kOtherFiles;
  if (most >= needed) return fine(fmt::format("{} open files are allowed; {} are needed when all connections are taken.", most, needed));
  return warning(fmt::format("{} open files are allowed; {} would be needed for connections-max = {} and {} relayed addresses.", most, needed, settings.connections_max, relays),
                 fmt::format("Raise the limit (LimitNOFILE={} in the systemd unit, or ulimit -Hn), or lower connections-max: above it newcomers hear 503 instead of nothing.", needed));
}

Finding check_state_directory(const std::string& folder, bool needed) {
  if (!needed) return fine("No state is kept with these settings.");
  if (folder.empty()) return warning("This user has no home, so the self-signed certificate is another one in each run.", "Set state-directory to a folder that the server may write to.");
  std::filesystem::path existing{folder};
  std::error_code ignored;
  while (!std::filesystem::exists(existing, ignored) && existing.has_parent_path() && existing != existing.parent_path()) existing = existing.parent_path();
  if (!std::filesystem::is_directory(existing, ignored) || ::access(existing.c_str(), W_OK | X_OK) != 0) {
    return failed(fmt::format("The state directory {} cannot be written to.", folder), fmt::format("Let this user write to {}, or set state-directory to another folder.", existing.string()));
  }
  return fine(fmt::format("The state directory {} can be {}.", folder, existing == folder ? "written to" : "made"));
}

Finding check_clock() {
  timex state{};
  const int kind = ntp_adjtime(&state);
  if (kind < 0) return warning("The kernel does not say whether the clock is right.", "Compare it with a server of yours: --time-from URL.");
  if (kind == TIME_ERROR || (state.status & STA_UNSYNC) != 0) {
    return warning("Nothing keeps the clock right (the kernel says that it is not synchronised).", "Turn NTP on (timedatectl set-ntp true), or compare with a server of yours: --time-from URL.");
  }
  return fine("The clock is synchronised.");
}

Finding compare_clocks(const std::string& who, std::string_view date, std::chrono::sys_seconds now) {
  const auto theirs = parse_date(date);
  if (!theirs) return warning(fmt::format("{} does not say what time it is.", who), "Name another server with --time-from.");
  const auto apart = std::chrono::abs(now - *theirs);
  if (apart <= kClockWarns) return fine(fmt::format("The clock agrees with {}.", who));
  const std::string text = fmt::format("The clock is {} s {} that of {}.", apart.count(), now > *theirs ? "ahead of" : "behind", who);
  const char* advice = "Set the clocks by NTP: timedatectl set-ntp true. Certificates and TURN's credentials end by the clock.";
  return apart > kClockFails ? failed(text, advice) : warning(text, advice);
}

Finding check_clock_against(const std::string& url, const net::TlsTrust& tls) {
  const auto server = net::parse_server_address(url);
  if (!server) return failed(server.error().text, "Correct what --time-from says.");
  const auto answer = net::probe_http({.server = *server, .target = server->path, .tls = tls});
  if (!answer) return warning(fmt::format("The clock cannot be compared with {}: it gives no answer.", server->origin()), "Name another server with --time-from.");
  return compare_clocks(server->origin(), answer->field("Date"), std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
}

}  // namespace p2p::app
