#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "p2p-core/stats.hpp"
#include "simulator/world.hpp"

namespace p2p::simulator {

/// What a run showed. Delays from the capture of a part's last frame until the viewer's player has it; fractions from 0 to 1.
struct Figures {
  std::uint64_t events = 0;
  double virtual_s = 0;
  double delay_ms_p50 = 0, delay_ms_p95 = 0, delay_ms_p99 = 0;
  double first_frame_ms_p50 = 0, first_frame_ms_p95 = 0;
  double continuity_1s = 0, continuity_1_5s = 0, continuity_2s = 0, continuity_3s = 0;   ///< parts played within that time of their capture
  double stalls_per_viewer = 0;
  double viewers_at_most_1_stall = 0;
  double share_from_peers = 0;
  double source_copies = 0;
  double source_copies_bound = 0;      ///< max(1, N - sum of uploads / bitrate): no policy does with less
  double control_fraction = 0;
  double duplicate_fraction = 0;
  double repair_fraction = 0;
  double hops_p50 = 0, hops_p95 = 0;
  std::uint64_t bad_pieces_played = 0;
  std::uint64_t digest = 0;            ///< over all engines, in the order of their joining
};

/// Many engines in virtual time: the very code that ships, over a network of which every number is in World.
///
/// Always holds: the same world and seed give the same figures and digest on every platform; every engine's invariants are checked
/// after each of its steps.
///
/// The network: each peer's access line queues what it sends and what it receives; between two lines lies a fixed latency; control
/// messages keep their order, pieces need not; a lost packet delays its message by a round trip (the transport is reliable). A link
/// takes 30 ms and 3.5 round trips to set up. The directory knows who joined at once; it answers in one round trip of 40 ms.
class Simulation {
 public:
  Simulation(World world, std::uint64_t seed);
  ~Simulation();

  /// Runs to the world's end.
  Figures run();

  /// Of the source and then each viewer, at the end of the run.
  [[nodiscard]] std::vector<mesh::EngineStats> peers() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace p2p::simulator
