#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "net/ice_server.hpp"

namespace p2p::net {

/// What the server tells clients of STUN and TURN servers: everybody the addresses that ask for no credential, members of a stream the
/// others as well, with credentials made for them.
///
/// Always holds: a credential, fixed or made, is in what members get and nowhere else.
class IceServers {
 public:
  struct Options {
    std::string listed;         ///< a JSON list as in `hello`, or addresses with commas between (stun:host:port)
    std::string turn_urls;      ///< TURN servers elsewhere, with commas between: turn:host:3478, turns:host:5349?transport=tcp
    std::string turn_username;  ///< for these, the same for all members
    std::string turn_credential;
    std::string turn_secret;    ///< instead: shared with these, and credentials are made with it (libs/turn, credentials.hpp)
    std::uint16_t own_port = 0; ///< of our own STUN and TURN server; 0: there is none
    std::string own_secret;
    std::string own_host;       ///< an address or a name; empty: the one under which the client came
    Duration lifetime = 6h;     ///< of credentials that are made
  };

  /// No servers.
  IceServers() = default;
  /// The error is a sentence that names the setting.
  [[nodiscard]] static Result<IceServers> make(Options options);

  /// These two as the JSON of `iceServers`. `host`: the Host field of the client's request.
  [[nodiscard]] std::string for_anybody(std::string_view host) const;
  [[nodiscard]] std::string for_member(std::string_view host, PeerId peer, WallTime now) const;

  /// What for_member is made of.
  [[nodiscard]] std::vector<IceServer> member_servers(std::string_view host, PeerId peer, WallTime now) const;

  /// How long what for_member gives is good for; nothing when it does not end.
  [[nodiscard]] std::optional<Duration> lifetime() const;

 private:
  [[nodiscard]] std::optional<std::string> own_host(std::string_view host) const;

  Options options_;
  std::vector<IceServer> open_;     // without credentials
  std::vector<IceServer> fixed_;    // with fixed ones
  std::vector<std::string> made_;   // addresses for which credentials are made with turn_secret
};

/// The host of a Host field, in brackets if it is an IPv6 address; nothing for what is no host.
[[nodiscard]] std::optional<std::string_view> host_of(std::string_view field);

}  // namespace p2p::net
