#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "simulator/figures.hpp"
#include "simulator/world.hpp"

namespace p2p::simulator {

/// What a scenario must show.
struct Target {
  enum class Bound : std::uint8_t { kAtMost, kAtLeast };
  std::string_view figure;                    ///< for people
  double (*of)(const Figures& figures);
  Bound bound = Bound::kAtMost;
  double limit = 0;
  std::string_view unit;                      ///< "ms", "%" (shown times 100), "x" or ""
  /// When set: of this run divided by that of the same world without its vices and faults.
  bool over_calm = false;
  /// Of one that the mesh misses today: what it is lost to, and where that is written down.
  std::string_view lost_to{};

  [[nodiscard]] bool met(double value) const { return bound == Bound::kAtMost ? value <= limit : value >= limit; }
};

/// A named world, or a few of one kind, with what they are to show.
struct Scenario {
  struct Case {
    std::string_view name;                    ///< empty when there is only one
    World world;
  };
  std::string_view name;
  std::string_view shows;
  std::vector<Case> cases;
  std::vector<Target> targets;
  std::string_view not_yet;                   ///< why it cannot be run; empty: it can
};

[[nodiscard]] std::span<const Scenario> scenarios();
[[nodiscard]] const Scenario* find_scenario(std::string_view name);

}  // namespace p2p::simulator
