#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "base/time.hpp"
#include "p2p-core/types.hpp"

namespace p2p::mesh {

/// What waits in front of our line, by how late all neighbors' words come at once.
///
/// Every message that a neighbor sends 5 times a second carries its clock. How much later than at best it comes is a queue on the way: of the
/// sender's line, or of ours. The sender's delays its own words only, ours delays everybody's; so what a quarter of the neighbors stay
/// below says how long ours is, and neither one with a short way nor one that lies about its clock hides it.
///
/// Always holds: nobody is remembered who is no neighbor.
class LineQueue {
 public:
  /// Its words of `clock_ms` came; any zero, and it may wrap.
  void heard(PeerId from, std::uint32_t clock_ms, Instant now);
  void gone(PeerId peer) { heard_.erase(peer); }
  /// Since the last call; nothing: nobody spoke.
  std::optional<Duration> take();
  /// How much later than at best this one's last word came: a queue of its link, of its line or of ours.
  [[nodiscard]] Duration of(PeerId peer) const;

 private:
  struct Heard {
    Duration least{};               // our clock minus its, when nothing was in the way
    Instant at{};
    std::optional<Duration> wait;   // the least since the last look
    Duration last_wait{};
  };
  std::map<PeerId, Heard> heard_;
  Duration queue_{};                // at the last look
};

}  // namespace p2p::mesh
