#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/time.hpp"
#include "net/server_address.hpp"
#include "net/signaling_client.hpp"

namespace p2p::net {

/// One GET to a server, to see how it answers.
struct HttpProbe {
  ServerAddress server;
  std::string target = "/";
  std::vector<std::pair<std::string, std::string>> fields;   ///< besides Host and Connection
  bool web_socket = false;   ///< asks for an upgrade (RFC 6455, 4.1)
  TlsTrust tls;
  Duration timeout = 10s;    ///< of all of it
};

struct HttpProbeAnswer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;          ///< as it came, at most kBodyBytesMax; behind 101 what was read of the first frames
  std::optional<std::chrono::sys_seconds> certificate_ends;   ///< with TLS

  static constexpr std::size_t kBodyBytesMax = 64 * 1024;
  /// The first field of this name (any case); empty if there is none.
  [[nodiscard]] std::string_view field(std::string_view name) const;
};

/// Waits for the answer. The error is a sentence for a person: nobody there, no trust, no HTTP, too slow.
///
/// Out of scope: redirects, compression; a chunked body stays as it is.
[[nodiscard]] Result<HttpProbeAnswer> probe_http(const HttpProbe& probe);

}  // namespace p2p::net
