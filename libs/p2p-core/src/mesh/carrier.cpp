#include "mesh/carrier.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace p2p::mesh {

Carrier::Carrier(Instant now) : all_{{.bits_per_s = kBitsPerSAll, .burst = 0ms, .burst_bytes_min = kBurstBytesAll}, now} {}

std::optional<PeerId> Carrier::route(PeerId to, Instant now) const {
  const auto at = routes_.find(to);
  if (at == routes_.end() || now - at->second.used > kRouteFor) return std::nullopt;
  return at->second.by;
}

void Carrier::use(PeerId to, PeerId by, Instant now) {
  if (!routes_.contains(to) && routes_.size() >= kRoutesMax) {
    routes_.erase(std::min_element(routes_.begin(), routes_.end(), [](const auto& a, const auto& b) { return a.second.used < b.second.used; }));
  }
  routes_[to] = {.by = by, .used = now};
}

bool Carrier::admit(PeerId neighbor, std::size_t bytes, Instant now) {
  const UploadBudget::Options one{.bits_per_s = kBitsPerS, .burst = 0ms, .burst_bytes_min = kBurstBytes};
  const std::int64_t price = std::max(static_cast<std::int64_t>(bytes), kPriceMin);
  // The neighbor's own first: who is beyond it takes nothing from the others.
  return budgets_.try_emplace(neighbor, one, now).first->second.try_spend(price, now) && all_.try_spend(price, now);
}

void Carrier::neighbor_gone(PeerId neighbor) {
  budgets_.erase(neighbor);
  std::erase_if(routes_, [&](const auto& entry) { return entry.second.by == neighbor; });
}

void Carrier::check_invariants() const {
  CHECK(routes_.size() <= kRoutesMax, "more routes than may be kept");
  all_.check_invariants();
  for (const auto& [neighbor, budget] : budgets_) budget.check_invariants();
}

}  // namespace p2p::mesh
