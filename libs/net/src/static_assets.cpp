#include "static_assets.hpp"

#include <algorithm>
#include <string>

namespace p2p::net {
namespace {

/// Whether a Host field may stand in a policy: a plain name or address, with or without port.
bool is_plain_host(std::string_view host) {
  constexpr std::size_t kHostMax = 255;
  return !host.empty() && host.size() <= kHostMax && std::ranges::all_of(host, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == ':' || c == '[' || c == ']';
  });
}

/// Scripts are ours only. Styles may be inline: player controls carry theirs in shadow roots. WebSockets go to this host alone, named
/// besides 'self' since not every browser counts them in there.
std::string content_security_policy(std::string_view host) {
  std::string sockets;
  if (is_plain_host(host)) sockets.append(" ws://").append(host).append(" wss://").append(host);
  return "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
         "media-src 'self' blob:; font-src 'self' data:; worker-src 'self' blob:; connect-src 'self' blob: data:" +
         sockets + "; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
}

/// Whether an Accept-Encoding field allows `coding` (RFC 9110 section 12.5.3): named without q=0.
bool accepts(std::string_view field, std::string_view coding) {
  while (!field.empty()) {
    std::string item{field.substr(0, field.find(','))};
    field.remove_prefix(std::min(field.size(), item.size() + 1));
    std::erase_if(item, [](char c) { return c == ' ' || c == '\t'; });
    const std::size_t semicolon = item.find(';');
    if (!equal_ignoring_case(std::string_view{item}.substr(0, semicolon), coding)) continue;
    if (semicolon == std::string::npos) return true;
    const std::string_view weight = std::string_view{item}.substr(semicolon + 1);
    const bool zero = weight.starts_with("q=0") && weight.find_first_of("123456789") == std::string_view::npos;
    return !zero;
  }
  return false;
}

bool looks_like_page(std::string_view path) { return path.substr(path.rfind('/') + 1).find('.') == std::string_view::npos; }

}  // namespace

StaticAssets::StaticAssets(std::span<const StaticAsset> assets) {
  for (const StaticAsset& asset : assets) by_path_.emplace(asset.path, &asset);
}

HttpResponse StaticAssets::answer(const HttpRequest& request) const {
  HttpResponse response{.keep_alive = request.keep_alive, .head_only = request.method == "HEAD"};
  add_security_fields(response, request.field("Host"));
  if (request.method != "GET" && request.method != "HEAD") {
    response.status = 405;
    response.fields.emplace_back("Allow", "GET, HEAD");
    response.fields.emplace_back("Content-Type", "text/plain; charset=utf-8");
    response.body = "Only GET and HEAD are answered here.\n";
    return response;
  }
  const StaticAsset* asset = find(request.path);
  if (asset == nullptr) {
    response.status = 404;
    response.fields.emplace_back("Content-Type", "text/plain; charset=utf-8");
    response.fields.emplace_back("Cache-Control", "no-store");
    response.body = "There is no such page here.\n";
    return response;
  }
  const std::string_view accept = request.field("Accept-Encoding");
  std::string etag = "\"" + std::string{asset->etag};
  response.lasting_body = asset->identity;
  std::string_view coding;
  if (!asset->brotli.empty() && accepts(accept, "br")) {
    coding = "br";
    response.lasting_body = asset->brotli;
  } else if (!asset->gzip.empty() && accepts(accept, "gzip")) {
    coding = "gzip";
    response.lasting_body = asset->gzip;
  }
  if (!coding.empty()) {
    etag.append("-").append(coding);
    response.fields.emplace_back("Content-Encoding", coding);
  }
  etag.append("\"");
  response.fields.emplace_back("Content-Type", asset->mime);
  response.fields.emplace_back("ETag", etag);
  if (!asset->brotli.empty() || !asset->gzip.empty()) response.fields.emplace_back("Vary", "Accept-Encoding");
  response.fields.emplace_back("Cache-Control", asset->immutable ? "public, max-age=31536000, immutable" : "no-cache");
  if (etag_matches(request.field("If-None-Match"), etag)) {
    response.status = 304;
    response.head_only = true;
  }
  return response;
}

const StaticAsset* StaticAssets::find(std::string_view path) const {
  auto found = by_path_.find(path);
  if (found == by_path_.end() && looks_like_page(path)) {
    // A page of its own for what lies in a folder: /watch/<id> is /watch.html.
    const std::string_view folder = path.substr(0, path.find('/', 1));
    found = by_path_.find(std::string{folder} + ".html");
    if (found == by_path_.end()) found = by_path_.find("/index.html");
  }
  return found == by_path_.end() ? nullptr : found->second;
}

bool etag_matches(std::string_view if_none_match, std::string_view quoted_etag) {
  if (if_none_match == "*") return true;
  while (!if_none_match.empty()) {
    std::string item{if_none_match.substr(0, if_none_match.find(','))};
    if_none_match.remove_prefix(std::min(if_none_match.size(), item.size() + 1));
    std::erase_if(item, [](char c) { return c == ' ' || c == '\t'; });
    if (item == quoted_etag || (item.starts_with("W/") && item.substr(2) == quoted_etag)) return true;
  }
  return false;
}

void add_security_fields(HttpResponse& response, std::string_view host) {
  response.fields.emplace_back("X-Content-Type-Options", "nosniff");
  response.fields.emplace_back("Content-Security-Policy", content_security_policy(host));
  response.fields.emplace_back("Referrer-Policy", "same-origin");
  response.fields.emplace_back("Permissions-Policy", "camera=(self), microphone=(self), display-capture=(self), geolocation=()");
  response.fields.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
}

}  // namespace p2p::net
