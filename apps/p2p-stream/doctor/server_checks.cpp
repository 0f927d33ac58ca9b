#include "doctor/server_checks.hpp"

#include <fmt/format.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>

#include "doctor/access_checks.hpp"
#include "doctor/machine_checks.hpp"
#include "doctor/turn_checks.hpp"
#include "net/http_probe.hpp"

namespace p2p::app {
namespace {

constexpr const char* kPassHostOn =
    "Let the proxy pass the Host field on (nginx: proxy_set_header Host $host), or send X-Forwarded-Host and -Proto and be named in trusted-proxies; examples are in deploy/.";

std::chrono::sys_seconds now() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }

Result<net::HttpProbeAnswer> ask(const RunningServer& server, std::string target, bool as_page, bool web_socket) {
  net::HttpProbe probe{.server = server.address, .target = std::move(target), .web_socket = web_socket, .tls = server.tls, .timeout = server.timeout};
  if (as_page) probe.fields.emplace_back("Origin", server.address.origin());
  return net::probe_http(probe);
}

Finding no_answer(const Error& error) { return failed(error.text, {}); }   // the sentence ends with what to do

bool is_this_machine(const std::string& host) { return host == "localhost" || host == "::1" || host.starts_with("127."); }

}  // namespace

std::vector<Finding> check_health(const RunningServer& server) {
  const auto health = ask(server, "/healthz", false, false);
  if (!health) return {no_answer(health.error())};
  const std::string origin = server.address.origin();
  if (health->status != 200 || health->body != "ok\n") {
    return {failed(fmt::format("{}/healthz answers with status {}, not as p2p-stream does.", origin, health->status), "See that the proxy passes every path to the server, and that it runs.")};
  }
  std::vector<Finding> findings{fine(fmt::format("{} runs.", origin))};
  const auto ready = ask(server, "/readyz", false, false);
  if (ready && ready->status == 200) {
    findings.push_back(fine("It takes newcomers (/readyz)."));
  } else if (ready && ready->status == 503) {
    findings.push_back(failed("It is about to stop (/readyz says 503).", "Wait until the next one runs."));
  } else {
    findings.push_back(failed("/readyz is not answered as p2p-stream does.", "See that the proxy passes every path to the server."));
  }
  if (health->certificate_ends) findings.push_back(check_certificate_ends(*health->certificate_ends, now()));
  if (!server.address.tls && !is_this_machine(server.address.host)) {
    findings.push_back(warning("It is reached without TLS: browsers give cameras, codecs and hashes to https pages and to http://localhost only.",
                               "Let the server or a proxy end TLS, and give an address that begins with https://."));
  }
  if (!health->field("Date").empty()) {
    Finding clock = compare_clocks(origin, health->field("Date"), now());
    if (clock.verdict != Verdict::kOk) findings.push_back(std::move(clock));
  }
  return findings;
}

std::vector<Finding> check_polling(const RunningServer& server) {
  const auto answer = ask(server, "/socket.io/?EIO=4&transport=polling", true, false);
  if (!answer) return {no_answer(answer.error())};
  if (answer->status == 200 && answer->body.contains("\"sid\"")) {
    if (answer->body.contains("\"websocket\"")) return {fine("Pages of its own open Engine.IO by polling, and are offered WebSocket.")};
    return {warning("Pages of its own open Engine.IO by polling, and are offered no WebSocket.", "See whether what answers is p2p-stream.")};
  }
  if (answer->status == 403) return {failed("Pages of its own are refused (403): the server does not know under which name they were loaded.", kPassHostOn)};
  if (answer->status == 503) return {failed("The server is full (503).", "Raise connections-max and the limit of open files.")};
  return {failed(fmt::format("Engine.IO does not open by polling: status {}.", answer->status), "Let the proxy pass /socket.io/ to the server, with its query.")};
}

std::vector<Finding> check_web_socket(const RunningServer& server) {
  const auto answer = ask(server, "/socket.io/?EIO=4&transport=websocket", true, true);
  if (!answer) return {no_answer(answer.error())};
  if (answer->status == 101 && answer->body.contains("\"sid\"")) return {fine("WebSocket comes through.")};
  if (answer->status == 101) return {failed("A WebSocket opens and stays silent.", "Turn buffering off in the proxy (nginx: proxy_buffering off).")};
  if (answer->status == 403) return {failed("WebSockets of its own pages are refused (403): the server does not know under which name they were loaded.", kPassHostOn)};
  return {failed(fmt::format("No WebSocket comes through: status {}. Clients stay with polling, which costs several times as much.", answer->status),
                 "Let the proxy pass upgrades on (nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection \"upgrade\").")};
}

std::vector<Finding> check_membership(const RunningServer& server) {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<net::IceServer> servers;   // these under the mutex
  std::optional<std::string> refused;
  bool created = false;
  net::SignalingClient::Events events;
  events.ice_servers = [&](const std::vector<net::IceServer>& told) {
    const std::lock_guard lock{mutex};
    servers = told;
  };
  events.created = [&](const net::SignalingCreated&) {
    const std::lock_guard lock{mutex};
    created = true;
    changed.notify_all();
  };
  events.refused = [&](const std::string& code, const Error& why) {
    const std::lock_guard lock{mutex};
    refused = fmt::format("{} ({})", why.text, code);
    changed.notify_all();
  };
  const auto client = net::SignalingClient::open({.server_url = server.address.origin(), .tls = server.tls}, std::move(events));
  if (!client) return {no_answer(client.error())};
  if (const auto probed = (*client)->probe(server.timeout); !probed) return {no_answer(probed.error())};
  (*client)->create({.title = "p2p-stream doctor"}, net::StreamKey::generate(), net::make_peer_secret());
  {
    std::unique_lock lock{mutex};
    changed.wait_for(lock, server.timeout, [&] { return created || refused; });
    if (refused) return {failed(fmt::format("The server lets nobody open a stream: {}", *refused), "Look into its log.")};
    if (!created) return {failed("The server does not answer when a stream is opened.", "Look into its log.")};
  }
  (*client)->leave_and_close();
  std::vector<Finding> findings{fine("A stream opens and ends.")};
  const std::lock_guard lock{mutex};
  if (servers.empty()) {
    findings.push_back(warning("Clients are told of no STUN and TURN server: peers behind NATs will not find each other.", "Set turn to on, or name servers with ice-servers or turn-server-url."));
  }
  for (Finding& one : check_ice_servers(servers, server.tls, server.timeout)) findings.push_back(std::move(one));
  return findings;
}

}  // namespace p2p::app
