#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "turn/address_range.hpp"
#include "turn/endpoint.hpp"
#include "turn/relay_stats.hpp"

namespace p2p::turn {

/// Both clocks of one instant: credentials end by the wall's, everything else by the steady one.
struct Time {
  Instant now;
  WallTime wall;
};

/// Where a client is, and by which of our addresses it reaches us: answers leave from there.
struct FiveTuple {
  Endpoint client;
  IpAddress local;
  friend auto operator<=>(const FiveTuple&, const FiveTuple&) = default;
};

/// Sockets, as the relay needs them.
class RelayNetwork {
 public:
  virtual ~RelayNetwork() = default;
  /// A UDP port of its own for one allocation; nothing when there is none.
  [[nodiscard]] virtual std::optional<std::uint16_t> open_port() = 0;
  virtual void close_port(std::uint16_t port) = 0;
  /// These two may lose what they are given, as UDP does, and must not call back.
  virtual void send_to_client(const FiveTuple& client, BytesView datagram) = 0;
  virtual void send_to_peer(std::uint16_t port, const IpAddress& local, const Endpoint& peer, BytesView data) = 0;
};

/// A STUN and TURN server for UDP without sockets or clocks: RFC 8489 and RFC 8656 with long-term credentials that end by themselves
/// (credentials.hpp).
///
/// Always holds: data is relayed only for an allocation made with a credential that was good then, only to and from addresses that it has a
/// permission for, and never to a special address (address_range.hpp) or to a port of the relay's own address that is no allocation; those
/// that Options::allowed names are the exception. Between two allocations of this relay data passes inside, which needs neither. Whatever
/// clients send, memory is bounded by Options.
///
/// What is more than a quota allows is dropped (data) or refused with 486 (allocations). When all allocations are taken, one that has carried
/// nothing but checks of ICE for 45 s gives way to a new one: WebRTC asks for an allocation for each link, and most links do without. An answer to who has not shown that he gets what
/// is sent to his address has at most 64 bytes, so a forged request brings less than twice its own bytes to whose address it bears; of such
/// answers there is a bound for each network and for all, above which requests are passed over in silence.
///
/// Out of scope: TCP, TLS, both families in one allocation, reserved ports, mobility (coturn has them); ICMP errors; what RFC 8489 adds to
/// the credentials of RFC 5389 (SHA-256, hidden user names), which no browser speaks.
class Relay {
 public:
  struct Options {
    std::string realm = "p2p-stream";
    std::string secret;                              ///< empty: STUN alone
    std::optional<IpAddress> external_address;       ///< what is told as the relay's address; else the one that the client reached
    std::vector<AddressRange> allowed;               ///< peers may have these addresses although they are special, or the relay's own
    std::size_t allocations_max = 2'000;             ///< of all peers together; each is a socket
    std::size_t allocations_per_peer_max = 40;       ///< a peer is the id of a credential
    std::int64_t bits_per_s_per_peer = 20'000'000;   ///< relayed for a peer, both directions together
    // Answers to who has not shown that his address is his own, with IP headers. A school of 4,000 behind one address that begins within
    // half a minute, sixteen links each, asks for 4,300 a second: 3.2 Mbit/s.
    std::int64_t unproven_bits_per_s = 40'000'000;              ///< to all
    std::int64_t unproven_bits_per_s_per_network = 4'800'000;   ///< to an IPv4 /24 or an IPv6 /48
  };

  /// `secret_of_run` comes from a cryptographic generator. The network outlives the relay.
  Relay(Options options, const std::array<std::byte, 32>& secret_of_run, RelayNetwork& network);
  ~Relay();

  /// A datagram came to the server's own port.
  void handle_client(const FiveTuple& from, BytesView datagram, Time time);
  /// A datagram came to the port of an allocation.
  void handle_peer(std::uint16_t port, const Endpoint& from, BytesView data, Time time);
  /// At next_wake() or soon after: allocations end.
  void handle_time(Instant now);
  [[nodiscard]] Instant next_wake() const;

  [[nodiscard]] const RelayStats& stats() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace p2p::turn
