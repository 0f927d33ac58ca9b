#include "scheduler/edge.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace p2p::mesh {
namespace {

/// Without a parent for so long, a stripe is taken from the edge.
constexpr Duration kRootlessMin = 1000ms;
constexpr Duration kRootlessMax = 1500ms;
/// A piece that is missed for so long has been asked of neighbors in vain.
constexpr Duration kLate = 1500ms;
/// The edge is in the mesh as others are: it has a piece hardly earlier than this.
constexpr Duration kAtEdgeAfter = 300ms;
constexpr Duration kAnswerMax = 3s;
constexpr Duration kAgain = 200ms;
constexpr Duration kLook = 100ms;

}  // namespace

void Edge::offered(bool yes, Repair& repair) {
  offered_ = yes;
  next_due_ = yes ? Instant{} : kNever;
  if (yes) return;
  stripes_ = {};
  for (const auto& [piece, since] : fetches_) repair.came_back(piece);
  fetches_.clear();
}

std::vector<PieceNumber> Edge::plan(Repair& repair, const Feeds& feeds, bool starting, Instant now) {
  std::vector<PieceNumber> wanted;
  if (!offered_) return wanted;
  next_due_ = now + kLook;
  for (std::size_t tree = 0; tree < kStripes; ++tree) {
    Stripe& stripe = stripes_[tree];
    if (feeds.rooted(tree)) {
      stripe = {};
    } else if (!stripe.rootless_since) {
      stripe.rootless_since = now;
      stripe.patience = Duration{prng_.between(kRootlessMin.count(), kRootlessMax.count())};
    } else if (now - *stripe.rootless_since > stripe.patience) {
      stripe.fed = true;
    }
  }
  for (auto at = fetches_.begin(); at != fetches_.end();) {
    if (now - at->second > kAnswerMax) repair.came_back(at->first);
    at = now - at->second > kAnswerMax ? fetches_.erase(at) : std::next(at);
  }
  if (now < not_before_) return wanted;
  repair.each_missing([&](PieceNumber piece, Instant made_at, Instant since, bool asked) {
    if (fetches_.size() >= kFetchesMax || fetches_.contains(piece)) return;
    const bool due = stripes_[stripe_of(piece)].fed ? now - made_at > kAtEdgeAfter && !asked : !starting && now - since > kLate;
    if (!due) return;
    fetches_[piece] = now;
    wanted.push_back(piece);
  });
  for (const PieceNumber piece : wanted) repair.goes_elsewhere(piece);
  return wanted;
}

bool Edge::answered(PieceNumber piece, bool there, Duration age, Instant now) {
  const auto at = fetches_.find(piece);
  if (at == fetches_.end()) return false;
  fetches_.erase(at);
  if (!there) {
    not_before_ = now + kAgain;
  } else {
    delay_ = delay_ == Duration{} ? age : delay_ + (age - delay_) / 8;
  }
  return true;
}

void Edge::forget_before(PieceNumber piece) { fetches_.erase(fetches_.begin(), fetches_.lower_bound(piece)); }

void Edge::check_invariants() const {
  CHECK(fetches_.size() <= kFetchesMax, "more is fetched from the edge than may be");
  CHECK(offered_ || fetches_.empty(), "fetched from an edge that nobody offered");
}

}  // namespace p2p::mesh
