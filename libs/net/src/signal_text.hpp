#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"

/// The request `signal`, nine of ten messages to a server: read where it lies, without a tree of values.
namespace p2p::net {

// docs/signaling.md, "Limits".
inline constexpr std::size_t kSdpBytesMax = 16 * 1024;
inline constexpr std::size_t kCandidateBytesMax = 1024;
inline constexpr std::size_t kMidBytesMax = 64;
inline constexpr std::size_t kReasonBytesMax = 200;
inline constexpr std::int64_t kAssociationMax = 3;

struct SignalBody {
  PeerId to;
  std::string data;  ///< JSON again, of the known fields only
};

/// The request as clients write it. Nothing for what is written in a less plain way (escapes by number, say) or is not right: then
/// parse_signal (signaling_json.hpp) decides, and words the refusal.
///
/// Always holds: what is read here, parse_signal understands in the same way.
[[nodiscard]] std::optional<SignalBody> read_plain_signal(std::string_view json);

}  // namespace p2p::net
