#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/error.hpp"
#include "turn/relay.hpp"

namespace p2p::net {

/// The relay of libs/turn on UDP sockets (Linux).
///
/// Always holds: it works on a thread of its own, so neither its load nor a flood holds up the signaling; each socket gets the same few
/// batches of datagrams a turn; what a socket does not take at once is lost, as on any way of UDP; the thread has ended when the destructor returns.
///
/// Out of scope: what is relayed for whom (turn::Relay), who is given credentials (IceServers).
class TurnServer {
 public:
  struct Options {
    std::string host = "0.0.0.0";      ///< an address; "::" is both IPv6 and IPv4
    std::uint16_t port = 3478;         ///< RFC 8656, 4; 0: any that is free
    std::uint16_t relay_port_min = 0;  ///< allocations have ports from here
    std::uint16_t relay_port_max = 0;  ///< to here; 0: any that is free
    turn::Relay::Options relay;
  };

  /// The error is a sentence for a person (port in use, no such address).
  [[nodiscard]] static Result<std::unique_ptr<TurnServer>> start(Options options);
  ~TurnServer();
  TurnServer(const TurnServer&) = delete;
  TurnServer& operator=(const TurnServer&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  /// Of a moment ago. From any thread.
  [[nodiscard]] turn::RelayStats stats() const;

 private:
  struct Impl;
  explicit TurnServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace p2p::net
