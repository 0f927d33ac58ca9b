#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "bandwidth/upload_budget.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"

namespace p2p::mesh {

/// Signals between peers that no server connects: by which neighbor ours go, and how many of others' pass here.
///
/// Always holds: at most kRoutesMax routes are kept, each for kRouteFor after its last use; from one neighbor at most kBurstBytes and
/// then kBitsPerS are taken, from all of them kBurstBytesAll and kBitsPerSAll. A signal costs at least kPriceMin bytes, so that many small
/// ones are no cheaper than their handling.
///
/// Out of scope: what a signal says (drivers), who can be reached by whom (mesh/membership.hpp).
class Carrier {
 public:
  static constexpr std::size_t kRoutesMax = 128;
  static constexpr Duration kRouteFor = 15s;             ///< a dial that runs into its time
  /// A dial costs each way about 2 KB: a description of 500 bytes and, of a browser with many addresses, eight candidates of up to 200.
  static constexpr std::int64_t kBitsPerS = 32'000;
  static constexpr std::int64_t kBurstBytes = 48 * 1024;
  static constexpr std::int64_t kBitsPerSAll = 96'000;   ///< what a flood from all sides may cost a line
  static constexpr std::int64_t kBurstBytesAll = 128 * 1024;
  static constexpr std::int64_t kPriceMin = 256;

  explicit Carrier(Instant now);

  /// By whom signals to that peer go now: the neighbor that is in use for it.
  [[nodiscard]] std::optional<PeerId> route(PeerId to, Instant now) const;
  /// In use from now on: we chose `by`, or a signal of that peer came through it.
  void use(PeerId to, PeerId by, Instant now);
  void forget(PeerId to) { routes_.erase(to); }
  void forget_all() { routes_.clear(); }

  /// Whether a signal from that neighbor, to be passed on or for us, is still within its limits. False: it is dropped.
  [[nodiscard]] bool admit(PeerId neighbor, std::size_t bytes, Instant now);

  void neighbor_gone(PeerId neighbor);

  void check_invariants() const;

 private:
  struct Route {
    PeerId by;
    Instant used{};
  };
  std::map<PeerId, Route> routes_;
  std::map<PeerId, UploadBudget> budgets_;   // of neighbors
  UploadBudget all_;
};

}  // namespace p2p::mesh
