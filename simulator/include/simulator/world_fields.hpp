#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "simulator/world.hpp"

namespace p2p::simulator {

/// One number of a World by its name in files and reports. Times are in milliseconds, as the name says.
struct WorldField {
  std::string_view name;
  std::int64_t min = 0;
  std::int64_t max = 0;
  std::int64_t (*get)(const World& world);
  void (*set)(World& world, std::int64_t value);
};

/// Every plain number of World. What is a list (uploads, nats, vices, faults) is not among them.
[[nodiscard]] std::span<const WorldField> world_fields();

inline constexpr std::array<std::string_view, 4> kNatNames{"open", "port_restricted", "symmetric", "udp_blocked"};
inline constexpr std::array<std::string_view, 8> kViceNames{"none", "corrupt", "withhold", "boast", "surround", "flood", "freeload", "shout"};
inline constexpr std::array<std::string_view, 8> kFaultNames{"crash", "leave", "freeze", "partition", "loss", "slow_upload", "server_away", "scramble"};

/// What makes the world impossible, as a sentence; empty when it can be simulated.
[[nodiscard]] std::string why_impossible(const World& world);

/// The whole world in a few lines, for the head of a report.
[[nodiscard]] std::string describe(const World& world);

}  // namespace p2p::simulator
