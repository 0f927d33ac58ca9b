#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/time.hpp"
#include "net/signaling_client.hpp"
#include "turn/endpoint.hpp"

namespace p2p::net {

/// A STUN or TURN server as RFC 7064 and RFC 7065 write it.
struct IceUrl {
  enum class Transport : std::uint8_t { kUdp, kTcp, kTls };

  bool turn = false;
  Transport transport = Transport::kUdp;
  std::string host;          ///< without the brackets of an IPv6 address
  std::uint16_t port = 3478;
};
/// The error is a sentence.
[[nodiscard]] Result<IceUrl> parse_ice_url(std::string_view text);

/// A question to such a server, as clients will ask it (turn::ServerProbe).
struct IceProbe {
  IceUrl server;
  std::string username;      ///< both empty: a binding alone
  std::string credential;
  TlsTrust tls;              ///< for turns: and stuns:
  Duration timeout = 5s;
};

struct IceProbeAnswer {
  std::optional<turn::Endpoint> mapped;    ///< whence the server saw us come
  std::optional<turn::Endpoint> relayed;   ///< that it gave
};

struct IceProbeError {
  std::string what;          ///< ends a sentence that begins with the server: "refuses the credentials (401)", "does not answer within 5 s"
  std::uint16_t code = 0;    ///< of the server's answer; 0: there was none
  std::optional<turn::Endpoint> mapped;   ///< a binding had worked
};
/// Waits for the answers.
[[nodiscard]] std::expected<IceProbeAnswer, IceProbeError> probe_ice_server(const IceProbe& probe);

}  // namespace p2p::net
