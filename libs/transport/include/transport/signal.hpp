#pragma once

#include <cstddef>
#include <string>
#include <variant>

namespace p2p::transport {

// What two peers say to each other through the directory until their link is up (docs/links.md; `Signal` in docs/signaling.md).

struct SignalOffer {
  std::string sdp;
};

struct SignalAnswer {
  std::string sdp;
};

struct SignalCandidate {
  std::string candidate;   ///< "candidate:..." (RFC 8839), as browsers spell it
  std::string mid;
};

/// The sender wants no link, or no longer: `reason` is for logs.
struct SignalBye {
  std::string reason;
};

using Signal = std::variant<SignalOffer, SignalAnswer, SignalCandidate, SignalBye>;

inline constexpr std::size_t kSdpBytesMax = 16 * 1024;
inline constexpr std::size_t kCandidateBytesMax = 1024;
inline constexpr std::size_t kByeReasonBytesMax = 200;

}  // namespace p2p::transport
