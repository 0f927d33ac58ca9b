#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "turn/credentials.hpp"
#include "turn/relay.hpp"
#include "turn/stun_message.hpp"

namespace p2p::turn {

/// What a client has at the relay: a port, the addresses that may use it, and short names for some of them (RFC 8656, 3).
///
/// Always holds: a permission is for an address with any port, a channel for one address and port; each is found only until it ends, and
/// one that has ended makes room for another.
class Allocation {
 public:
  static constexpr Duration kPermissionLifetime = 300s;   // RFC 8656, 9
  static constexpr Duration kChannelLifetime = 600s;      // RFC 8656, 12
  static constexpr std::uint16_t kChannelMin = 0x4000;    // RFC 8656, 12
  static constexpr std::uint16_t kChannelMax = 0x4fff;
  // A link of ours names at most 64 candidates of its one peer (docs/links.md).
  static constexpr std::size_t kPermissionsMax = 64;
  static constexpr std::size_t kChannelsMax = 64;

  FiveTuple client;
  TransactionId made_by{};   ///< the request that made it: it may come again
  std::string username;      ///< with which it was made; no other may use it (RFC 8656, 5)
  std::string peer_id;
  IntegrityKey key{};
  Endpoint relayed;
  Instant ends{};
  Instant used{};            ///< when it was made, or last carried more than a check of ICE

  /// False: there are too many.
  [[nodiscard]] bool permit(const IpAddress& ip, Instant now);
  [[nodiscard]] bool permits(const IpAddress& ip, Instant now) const;

  enum class Bound : std::uint8_t { kYes, kTaken, kFull };
  /// kTaken: the number names another endpoint, or the endpoint has another number.
  [[nodiscard]] Bound bind(std::uint16_t channel, const Endpoint& peer, Instant now);
  [[nodiscard]] std::optional<Endpoint> peer_of(std::uint16_t channel, Instant now) const;
  [[nodiscard]] std::optional<std::uint16_t> channel_of(const Endpoint& peer, Instant now) const;

 private:
  struct Permission {
    IpAddress ip;
    Instant until;
  };
  struct Channel {
    std::uint16_t number;
    Endpoint peer;
    Instant until;
  };
  std::vector<Permission> permissions_;   // few: looked through
  std::vector<Channel> channels_;
};

}  // namespace p2p::turn
