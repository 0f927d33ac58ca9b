#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "admission.hpp"
#include "http.hpp"
#include "server_metrics.hpp"
#include "trusted_proxies.hpp"

namespace p2p::net {

/// What all connections of a server share: whom it lets in, and what it counts.
struct Gate {
  TrustedProxies proxies;
  std::vector<std::string> allowed_origins;  ///< of pages that may connect besides the server's own; "*" for all
  Admission admission{{}};
  ServerMetrics metrics;

  /// Whether the page that sent a request, if a page did, may be answered: one of this server or of `allowed_origins`.
  ///
  /// The server's own are those whose Origin names the host that the client asked, and its scheme where that is known: from TLS here, or
  /// X-Forwarded-Proto from a trusted proxy.
  [[nodiscard]] bool origin_allowed(const IpAddress& from, bool tls, const HttpRequest& request) const;

  /// Under which host, with its port, the client reaches the server: `Host`, or X-Forwarded-Host from a trusted proxy.
  [[nodiscard]] std::string_view host_asked(const IpAddress& from, const HttpRequest& request) const;

  /// Somebody was refused: counted, and logged at most once in ten seconds for each limit.
  void note_limit(Limit limit, const IpAddress& from, Instant now);
  /// A session opens: an operator who forgot to name a proxy is told, once.
  void note_client(const IpAddress& from, const HttpRequest& request);

 private:
  bool proxy_missed_ = false;
  std::array<Instant, kLimits> logged_at_{};
};

/// As logs show a client: its network, above the level debug; then itself.
[[nodiscard]] std::string shown(const IpAddress& client);

/// For pages of other origins that were allowed in (the Fetch standard's CORS protocol): call after origin_allowed.
void add_cors_fields(HttpResponse& response, const HttpRequest& request);
/// The answer to a preflight.
[[nodiscard]] HttpResponse preflight_response(const HttpRequest& request, std::string_view methods);

}  // namespace p2p::net
