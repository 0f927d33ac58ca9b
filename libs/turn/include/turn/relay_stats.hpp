#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace p2p::turn {

/// Why somebody whose credential holds was given no allocation.
enum class AllocationRefusal : std::uint8_t {
  kCredentialEnded,
  kPeerQuota,    ///< of that peer
  kQuota,        ///< of all together
  kNoPort,       ///< the range of ports, or the process's descriptors, are used up
  kUnsupported,  ///< another transport, another address family, attributes that are not spoken here
};
inline constexpr std::size_t kAllocationRefusals = 5;
[[nodiscard]] std::string_view to_text(AllocationRefusal why);

/// Why a request with an integrity was not believed.
enum class AuthenticationFailure : std::uint8_t {
  kCredential,  ///< unknown user name or wrong password
  kStaleNonce,  ///< an hour old, of another address, or of the run before: clients try again
};
inline constexpr std::size_t kAuthenticationFailures = 2;
[[nodiscard]] std::string_view to_text(AuthenticationFailure why);

enum class RelayedWay : std::uint8_t {
  kToPeer,          ///< from a client, out through its allocation
  kToClient,        ///< came to an allocation
  kBetweenClients,  ///< from one allocation to another, inside
};
inline constexpr std::size_t kRelayedWays = 3;
[[nodiscard]] std::string_view to_text(RelayedWay way);

/// Why a request of somebody who has not shown that he gets what is sent to his address got no answer (answer_budget.hpp).
enum class Unanswered : std::uint8_t {
  kNetwork,  ///< enough was sent to that network
  kAll,      ///< enough was sent altogether
};
inline constexpr std::size_t kUnanswered = 2;
[[nodiscard]] std::string_view to_text(Unanswered why);

/// What a Relay counts, as plain numbers. All but `allocations` only grow.
struct RelayStats {
  std::uint64_t allocations = 0;  ///< now
  std::uint64_t allocations_made = 0;
  std::uint64_t allocations_given_up = 0;  ///< of these, ended while they were idle, for others when all were taken
  std::array<std::uint64_t, kAllocationRefusals> allocations_refused{};
  std::array<std::uint64_t, kAuthenticationFailures> authentication_failed{};
  std::uint64_t refused_addresses = 0;  ///< permissions and channels for addresses that are no business of a relay
  std::array<std::uint64_t, kRelayedWays> relayed_bytes{};
  std::array<std::uint64_t, kRelayedWays> relayed_datagrams{};
  std::uint64_t dropped_bytes = 0;  ///< above the quota of bandwidth
  std::uint64_t dropped_datagrams = 0;
  std::uint64_t bindings_answered = 0;
  std::uint64_t challenges = 0;  ///< a realm and a nonce for who asked without a credential
  std::array<std::uint64_t, kUnanswered> unanswered{};

  [[nodiscard]] std::uint64_t of(AllocationRefusal why) const { return allocations_refused[static_cast<std::size_t>(why)]; }
  [[nodiscard]] std::uint64_t of(AuthenticationFailure why) const { return authentication_failed[static_cast<std::size_t>(why)]; }
  [[nodiscard]] std::uint64_t of(Unanswered why) const { return unanswered[static_cast<std::size_t>(why)]; }
  [[nodiscard]] std::uint64_t bytes(RelayedWay way) const { return relayed_bytes[static_cast<std::size_t>(way)]; }
  void count(AllocationRefusal why) { ++allocations_refused[static_cast<std::size_t>(why)]; }
  void count(AuthenticationFailure why) { ++authentication_failed[static_cast<std::size_t>(why)]; }
  void count(Unanswered why) { ++unanswered[static_cast<std::size_t>(why)]; }
  void count(RelayedWay way, std::size_t bytes) {
    relayed_bytes[static_cast<std::size_t>(way)] += bytes;
    ++relayed_datagrams[static_cast<std::size_t>(way)];
  }
};

}  // namespace p2p::turn
