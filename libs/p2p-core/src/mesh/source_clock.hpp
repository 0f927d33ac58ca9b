#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/flat_map.hpp"
#include "base/time.hpp"
#include "p2p-core/types.hpp"

namespace p2p::mesh {

/// How old parts are, by this peer's clock. Neighbors say how old a piece was when they handed it to the link; what it then waited for in
/// a queue, on the line or for a retransmission nobody tells. So the least delayed of a neighbor's pieces shows the source's clock, and
/// every other is as old as that clock says.
///
/// Always holds: one neighbor that lies moves the clock by no more than the others leave room for (the median counts).
class SourceClock {
 public:
  /// A piece of a part that the source captured at `captured` came and was said to be `age` old.
  void heard(PeerId from, WallTime captured, Duration age, Instant now);
  void gone(PeerId peer);

  [[nodiscard]] bool known() const { return offset_.has_value(); }
  /// The source's wall clock.
  [[nodiscard]] std::optional<WallTime> wall(Instant now) const;
  /// When the source made the part; now, as long as nothing is known.
  [[nodiscard]] Instant made_at(WallTime captured, Instant now) const;

 private:
  struct Heard {
    std::int64_t offset_us = 0;   // the source's wall clock minus ours
    Instant at{};
  };
  void settle();

  FlatMap<PeerId, Heard> heard_;
  std::vector<std::int64_t> offsets_;   // of settle(), kept: it runs for each piece
  std::optional<std::int64_t> offset_;
};

}  // namespace p2p::mesh
