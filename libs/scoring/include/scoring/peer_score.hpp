#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.hpp"

/// How good a relay a peer is, from evidence that others can check.
///
/// Always holds: scores are integers from 0 to 100 and the same on every platform; what a peer says of itself moves its score
/// only up to what others report having received from it (and a trial, so that a newcomer can begin to prove anything).
namespace p2p::scoring {

enum class Role : std::uint8_t { kLeaf, kRelay, kSuperSeed, kSource };
inline constexpr std::size_t kRoles = 4;

[[nodiscard]] std::string_view to_text(Role role);

enum class Reachability : std::uint8_t { kUnknown, kUnreachable, kReachable };

/// Upload that is believed without proof: one stream's worth.
inline constexpr std::int64_t kTrialUploadBitsPerS = 3'000'000;

struct PeerEvidence {
  std::int64_t upload_claimed_bits_per_s = 0;
  std::int64_t upload_proven_bits_per_s = 0;  ///< what its neighbors together report having received
  std::optional<std::int64_t> latency_ms;     ///< round trip as neighbors measured it
  std::int64_t pieces_delivered = 0;          ///< as neighbors report
  std::int64_t pieces_failed = 0;             ///< verified and found bad, or promised and not sent
  Duration in_stream{};
  Reachability reachability = Reachability::kUnknown;
};

struct PeerScore {
  std::uint8_t total = 0;
  std::uint8_t bandwidth = 0;  ///< the part that comes from upload alone
};

/// The claim, but at most twice what is proven (room to grow into), and never less than the trial allows.
[[nodiscard]] std::int64_t credited_upload(const PeerEvidence& evidence);

[[nodiscard]] PeerScore peer_score(const PeerEvidence& evidence);

/// Super-seed from 75 with bandwidth from 70, relay from 50, else leaf; whoever only receives is a leaf. The source's role is its
/// owner's to know.
[[nodiscard]] Role role_of(PeerScore score, bool giving);

}  // namespace p2p::scoring
