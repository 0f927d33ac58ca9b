#pragma once

#include <string_view>

namespace p2p::net {

/// One file of the web application, in the program's own memory for as long as it runs.
struct StaticAsset {
  std::string_view path;      ///< as in the URL: "/index.html"
  std::string_view mime;
  std::string_view etag;      ///< of the content, without quotes
  std::string_view identity;  ///< the file
  std::string_view brotli;    ///< the file compressed; empty where that gains nothing
  std::string_view gzip;
  bool immutable = false;     ///< the name holds a hash of the content, so a cache may keep it for ever
};

}  // namespace p2p::net
