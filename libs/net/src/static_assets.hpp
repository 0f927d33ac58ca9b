#pragma once

#include <map>
#include <span>
#include <string_view>

#include "http.hpp"
#include "net/static_asset.hpp"

namespace p2p::net {

/// Answers GET and HEAD with the files of the web application: compressed as the client likes it, cached as the name allows.
/// A path that names no file and looks like a page (no dot in its last part) gets the page named for its first folder (/watch/<id>
/// gets /watch.html) or else index.html: the application routes it.
class StaticAssets {
 public:
  explicit StaticAssets(std::span<const StaticAsset> assets);

  [[nodiscard]] HttpResponse answer(const HttpRequest& request) const;

 private:
  [[nodiscard]] const StaticAsset* find(std::string_view path) const;

  std::map<std::string_view, const StaticAsset*> by_path_;
};

/// Whether an If-None-Match field (RFC 9110, section 13.1.2) names this ETag, which is quoted.
[[nodiscard]] bool etag_matches(std::string_view if_none_match, std::string_view quoted_etag);

/// What every answer to a browser carries: no sniffing, no framing, scripts of ours only.
/// `host` is the request's Host field.
void add_security_fields(HttpResponse& response, std::string_view host);

}  // namespace p2p::net
