#include "gate.hpp"

#include <algorithm>

#include "log_line.hpp"

namespace p2p::net {
namespace {

constexpr Duration kLogEvery = 10s;

/// What the proxy nearest to us wrote.
std::string_view last_of(const HttpRequest& request, std::string_view name) {
  const auto found = std::ranges::find_if(request.fields.rbegin(), request.fields.rend(), [&](const auto& field) { return equal_ignoring_case(field.first, name); });
  if (found == request.fields.rend()) return {};
  std::string_view list = found->second;
  list.remove_prefix(list.rfind(',') == std::string_view::npos ? 0 : list.rfind(',') + 1);
  while (list.starts_with(' ')) list.remove_prefix(1);
  while (list.ends_with(' ')) list.remove_suffix(1);
  return list;
}

}  // namespace

std::string_view Gate::host_asked(const IpAddress& from, const HttpRequest& request) const {
  if (proxies.contains(from)) {
    if (const std::string_view forwarded = last_of(request, "X-Forwarded-Host"); !forwarded.empty()) return forwarded;
  }
  return request.field("Host");
}

bool Gate::origin_allowed(const IpAddress& from, bool tls, const HttpRequest& request) const {
  const std::string_view origin = request.field("Origin");
  if (origin.empty()) return true;  // not a page: programs may come from anywhere
  const auto same = [&](const std::string& allowed) { return allowed == "*" || equal_ignoring_case(allowed, origin); };
  if (std::ranges::any_of(allowed_origins, same)) return true;
  const std::string_view host = host_asked(from, request);
  std::string_view scheme = tls ? "https" : "";
  if (proxies.contains(from)) {
    if (const std::string_view forwarded = last_of(request, "X-Forwarded-Proto"); !forwarded.empty()) scheme = forwarded;
  }
  const std::size_t colon = origin.find("://");
  if (colon == std::string_view::npos || host.empty() || !equal_ignoring_case(origin.substr(colon + 3), host)) return false;
  return scheme.empty() || equal_ignoring_case(scheme, origin.substr(0, colon));
}

void Gate::note_limit(Limit limit, const IpAddress& from, Instant now) {
  metrics.count(limit);
  Instant& logged_at = logged_at_[static_cast<std::size_t>(limit)];
  if (now < logged_at + kLogEvery) return;
  logged_at = now;
  log_warn("a network met a limit; if it is a proxy's, name it with --trusted-proxies", {{"limit", to_text(limit)}, {"network", shown(from)}});
}

void Gate::note_client(const IpAddress& from, const HttpRequest& request) {
  if (proxy_missed_ || !is_private(from) || proxies.contains(from) || request.field("X-Forwarded-For").empty()) return;
  proxy_missed_ = true;
  log_warn("a proxy names its clients but is not trusted, so that all of them count as one; if it is yours, name it with --trusted-proxies",
           {{"proxy", to_text(from)}});
}

std::string shown(const IpAddress& client) { return log_is_verbose() ? to_text(client) : to_text(site_of(client)); }

void add_cors_fields(HttpResponse& response, const HttpRequest& request) {
  const std::string_view origin = request.field("Origin");
  if (origin.empty()) return;
  response.fields.emplace_back("Access-Control-Allow-Origin", origin);
  response.fields.emplace_back("Vary", "Origin");
}

HttpResponse preflight_response(const HttpRequest& request, std::string_view methods) {
  HttpResponse response{.status = 204, .keep_alive = request.keep_alive};
  add_cors_fields(response, request);
  response.fields.emplace_back("Access-Control-Allow-Methods", methods);
  response.fields.emplace_back("Access-Control-Allow-Headers", "Content-Type");
  response.fields.emplace_back("Access-Control-Max-Age", "86400");
  return response;
}

}  // namespace p2p::net
