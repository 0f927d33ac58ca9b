#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "p2p-core/types.hpp"

namespace p2p::app {

/// Where a stream is watched: `http://host:port/watch/<20 hex digits>`.
struct WatchUrl {
  std::string server;        ///< "http://host:port", without a slash at the end
  mesh::StreamId stream{};
};

[[nodiscard]] Result<WatchUrl> parse_watch_url(std::string_view url);

/// The server's address as people type it: "http://host:3001/" becomes "http://host:3001".
[[nodiscard]] Result<std::string> parse_server_url(std::string_view url);

[[nodiscard]] std::string watch_url_of(std::string_view server, const mesh::StreamId& stream);

}  // namespace p2p::app
