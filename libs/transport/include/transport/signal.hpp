#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace p2p::transport {

// What two peers say to each other through the directory until their link is up (docs/links.md; `Signal` in docs/signaling.md).
// `association`: 0 is the link itself, 1 to 3 are those beside it.

struct SignalOffer {
  std::string sdp;
  std::uint8_t association = 0;
  std::uint32_t network = 0;   ///< of the sender, as the server says beside it; never part of the signal
};

struct SignalAnswer {
  std::string sdp;
  std::uint8_t association = 0;
};

struct SignalCandidate {
  std::string candidate;   ///< "candidate:..." (RFC 8839), as browsers spell it
  std::string mid;
  std::uint8_t association = 0;
};

/// The sender wants no link, or no longer: `reason` is for logs.
struct SignalBye {
  std::string reason;
  std::uint8_t association = 0;
};

using Signal = std::variant<SignalOffer, SignalAnswer, SignalCandidate, SignalBye>;

/// How a signal is written where neighbors carry it: both ends must agree, so it is the JSON of docs/signaling.md. `read` gives nothing for
/// what is malformed or beyond the limits.
struct SignalText {
  std::string (*write)(const Signal& signal) = nullptr;
  std::optional<Signal> (*read)(std::string_view text) = nullptr;
};

inline constexpr std::size_t kSdpBytesMax = 16 * 1024;
inline constexpr std::size_t kCandidateBytesMax = 1024;
inline constexpr std::size_t kByeReasonBytesMax = 200;

}  // namespace p2p::transport
