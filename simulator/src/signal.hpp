#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>

#include "base/bytes.hpp"
#include "p2p-core/input.hpp"

namespace p2p::simulator {

/// What the links of two peers say to each other until they are up. One stands for a description and the candidates that follow it: that
/// they come one by one costs no time, links are set up from the first on.
struct Signal {
  enum class Kind : std::uint8_t { kOffer, kAnswer, kBye };
  Kind kind{};
  std::uint64_t dial = 0;
};

/// A description without media has 440 (native) to 520 bytes (Chromium) in JSON, a candidate up to 200, and there are about eight.
inline constexpr std::size_t kDescriptionBytes = 2100;
inline constexpr std::size_t kByeBytes = 40;

inline mesh::SignalReady signal_to(PeerId to, const Signal& signal) {
  Bytes bytes(signal.kind == Signal::Kind::kBye ? kByeBytes : kDescriptionBytes);
  bytes[0] = static_cast<std::byte>(signal.kind);
  std::memcpy(&bytes[1], &signal.dial, sizeof signal.dial);
  return {.to = to, .signal = std::move(bytes)};
}

inline std::optional<Signal> signal_in(BytesView bytes) {
  Signal signal;
  if (bytes.size() < 1 + sizeof signal.dial || bytes[0] > std::byte{2}) return std::nullopt;
  signal.kind = static_cast<Signal::Kind>(bytes[0]);
  std::memcpy(&signal.dial, &bytes[1], sizeof signal.dial);
  return signal;
}

}  // namespace p2p::simulator
