#pragma once

#include <string>
#include <vector>

namespace p2p::net {

/// A STUN or TURN server, by one or several of its addresses.
struct IceServer {
  std::vector<std::string> urls;   ///< RFC 7064, RFC 7065: stun:host:port, turn:host:port?transport=tcp
  std::string username;            ///< these two: empty for STUN
  std::string credential;
};

}  // namespace p2p::net
