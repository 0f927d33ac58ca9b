#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/prng.hpp"
#include "base/time.hpp"
#include "ipv4_packet.hpp"

namespace p2p::netbox {

/// How much of the other side a NAT looks at (RFC 4787, 4.1 for mapping and 5 for filtering).
enum class Dependence : std::uint8_t { kEndpointIndependent, kAddressDependent, kAddressAndPortDependent };

struct NatOptions {
  Dependence mapping = Dependence::kEndpointIndependent;
  Dependence filtering = Dependence::kEndpointIndependent;
  bool hairpin = false;                     ///< RFC 4787, REQ-9; most home routers do not
  Duration udp_timeout = 120s;              ///< RFC 4787, REQ-5: at least two minutes; refreshed by outbound packets alone (REQ-6)
  Duration tcp_timeout = 7440s;             ///< RFC 5382, REQ-5: of an established connection
  Duration tcp_closing_timeout = 240s;      ///< RFC 5382, REQ-5: after FIN or RST
  Duration icmp_timeout = 60s;              ///< RFC 5508, REQ-2
  std::size_t mappings_max = 4096;          ///< beyond, packets that need a new one are dropped, as a real NAT does
};

/// A network address and port translator for UDP, TCP, ICMP queries and ICMP errors, with one public address.
///
/// Always holds: a packet is either rewritten with right checksums or refused; a public port belongs to one mapping; a private
/// endpoint keeps its mapping while it sends; the table never exceeds `mappings_max`, a mapping's list of remotes `kRemotesMax`
/// (the one that was longest unused makes room).
///
/// Out of scope: fragments (refused, as they may lack ports), port forwarding, protocols that carry addresses in their payload.
class Nat {
 public:
  static constexpr std::size_t kRemotesMax = 256;

  Nat(Address address, NatOptions options, Prng prng) : address_{address}, options_{options}, prng_{prng} {}

  /// From the inside out: gives the packet its public source. False: the packet is refused.
  [[nodiscard]] bool translate_out(Ipv4Packet& packet, Instant now);

  /// From the outside in: gives the packet its private destination. False: nobody asked for it.
  [[nodiscard]] bool translate_in(Ipv4Packet& packet, Instant now);

  [[nodiscard]] bool hairpins() const { return options_.hairpin; }
  [[nodiscard]] std::size_t mappings() const { return by_port_.size(); }

 private:
  struct Inside {
    std::uint8_t protocol = 0;
    Endpoint endpoint;
    Endpoint remote;   ///< only what the mapping depends on; the rest is zero
    friend auto operator<=>(const Inside&, const Inside&) = default;
  };
  struct Outside {
    std::uint8_t protocol = 0;
    std::uint16_t port = 0;
    friend auto operator<=>(const Outside&, const Outside&) = default;
  };
  struct Remote {
    Endpoint endpoint;
    Instant used{};
  };
  struct Mapping {
    Inside inside;
    std::uint16_t port = 0;
    Instant used{};
    bool closing = false;
    std::vector<Remote> remotes;   ///< to whom a packet went out: what the filter goes by
  };

  [[nodiscard]] Inside inside_of(std::uint8_t protocol, Endpoint endpoint, Endpoint remote) const;
  [[nodiscard]] Mapping* find(const Inside& inside, Instant now);
  [[nodiscard]] Mapping* find(Outside outside, Instant now);
  [[nodiscard]] Mapping* create(const Inside& inside, Instant now);
  [[nodiscard]] std::optional<std::uint16_t> free_port(std::uint8_t protocol, std::uint16_t wished);
  [[nodiscard]] Duration timeout_of(const Mapping& mapping) const;
  [[nodiscard]] bool expired(const Mapping& mapping, Instant now) const { return mapping.used + timeout_of(mapping) <= now; }
  [[nodiscard]] bool lets_in(const Mapping& mapping, Endpoint remote, Instant now) const;
  void remember(Mapping& mapping, Endpoint remote, Instant now) const;
  void forget_expired(Instant now);
  [[nodiscard]] bool error_out(Ipv4Packet& packet, Instant now);
  [[nodiscard]] bool error_in(Ipv4Packet& packet, Instant now);

  Address address_;
  NatOptions options_;
  Prng prng_;
  std::map<Outside, Mapping> by_port_;
  std::map<Inside, Outside> by_inside_;
  Instant swept_at_{};
};

}  // namespace p2p::netbox
