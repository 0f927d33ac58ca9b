#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "bandwidth.hpp"
#include "base/time.hpp"
#include "turn/endpoint.hpp"
#include "turn/relay_stats.hpp"

namespace p2p::turn {

/// How much is sent to addresses that may be forged. Whoever writes a victim's address into a request has the answer sent to the victim
/// (reflection). Such answers are hardly longer than what asked for them; this bounds how many there are.
///
/// Always holds: to one network (an IPv4 /24, an IPv6 /48) goes at most its rate, to all together at most theirs, with half a second's
/// worth at once. Memory is the same whatever comes: networks share places by a hash with a secret, so nobody can choose to be in
/// another's, and with few networks at a time hardly any is.
class AnswerBudget {
 public:
  static constexpr std::size_t kAnswerBytesMax = 64;  ///< an answer without proof is no longer (relay_abuse_test); each is counted as this

  AnswerBudget(std::int64_t bits_per_s, std::int64_t bits_per_s_per_network, const std::array<std::byte, 32>& secret);

  /// Counts one answer, or says why there is to be none.
  [[nodiscard]] std::optional<Unanswered> take(const IpAddress& to, Instant now);

 private:
  static constexpr std::size_t kPlaceBits = 13;  // 8,192 places of 16 bytes

  [[nodiscard]] std::size_t place_of(const IpAddress& ip) const;

  Bandwidth all_;
  std::vector<Bandwidth> networks_;
  std::uint64_t multiplier_;
};

}  // namespace p2p::turn
