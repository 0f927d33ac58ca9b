#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "p2p-core/stats.hpp"
#include "simulator/figures.hpp"
#include "simulator/world.hpp"

namespace p2p::simulator {

enum class Policy : std::uint8_t {
  kMesh,      ///< the engine that ships
  kBaseline,  ///< whole segments pulled from peers that have them (baseline.hpp)
};

/// Many peers in virtual time: the very engine and directory that ship, over a network of which every number is in World.
///
/// Always holds: the same world and seed give the same figures and digest on every platform; engines' invariants are checked after
/// their steps. README.md states what the model assumes.
class Simulation {
 public:
  struct Options {
    Policy policy = Policy::kMesh;
    std::uint32_t check_every = 1;        ///< engines' invariants after every so many of their steps; 0: never
    std::optional<std::uint32_t> trace;   ///< tell this viewer's story (0: the source's)
  };

  Simulation(World world, std::uint64_t seed) : Simulation{std::move(world), seed, Options{}} {}
  Simulation(World world, std::uint64_t seed, Options options);
  ~Simulation();

  /// Runs to the world's end. Once.
  Outcome run();

  /// Of the source and then each viewer that is still there, at the end of the run.
  [[nodiscard]] std::vector<mesh::EngineStats> peers() const;

 private:
  friend class LiveSimulation;   // the same swarm, driven step by step
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace p2p::simulator
