#include "directory/candidate_pool.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"

namespace p2p::directory {

/// The peers picked so far and those that may not be.
class CandidatePool::Pick {
 public:
  explicit Pick(std::span<const PeerId> excluded) : excluded_{excluded} {}

  bool add(PeerId peer, std::uint32_t network) {
    if (excludes(peer) || std::ranges::find(peers_, peer) != peers_.end()) return false;
    if (network != 0 && spread_ && std::cmp_greater_equal(std::ranges::count(networks_, network), kOneNetworkMax)) {
      passed_over_ = true;
      return false;
    }
    peers_.push_back(peer);
    networks_.push_back(network);
    return true;
  }
  /// True when somebody was passed over for his network; from now on nobody is.
  bool end_spread() {
    spread_ = false;
    return passed_over_;
  }
  [[nodiscard]] bool excludes(PeerId peer) const { return std::ranges::find(excluded_, peer) != excluded_.end(); }
  [[nodiscard]] std::size_t size() const { return peers_.size(); }
  [[nodiscard]] std::vector<PeerId> take() { return std::move(peers_); }

 private:
  std::span<const PeerId> excluded_;
  std::vector<PeerId> peers_;
  std::vector<std::uint32_t> networks_;   // of those
  bool spread_ = true;
  bool passed_over_ = false;
};

void CandidatePool::put(PeerId peer, Entry entry) {
  CHECK(entry.score <= 100, "a score above 100");
  const auto [found, is_new] = slots_.try_emplace(peer, Slot{.entry = entry, .in_all = 0, .in_bucket = 0, .in_network = kNowhere, .in_region = kNowhere});
  Slot& slot = found->second;
  if (!is_new) {
    if (slot.entry == entry) return;
    take_out(slot);
    // Scores change with each report, places hardly ever.
    if (slot.entry.place != entry.place) unsettle(slot);
  }
  const bool moved = is_new || slot.entry.place != entry.place;
  slot.entry = entry;
  if (moved) settle(peer, slot);
  Group& to = group(entry);
  std::vector<PeerId>& bucket = to.by_score[entry.score];
  slot.in_all = to.all.size();
  slot.in_bucket = bucket.size();
  to.all.push_back(peer);
  bucket.push_back(peer);
}

void CandidatePool::erase(PeerId peer) {
  const auto found = slots_.find(peer);
  if (found == slots_.end()) return;
  take_out(found->second);
  unsettle(found->second);
  slots_.erase(found);
}

void CandidatePool::fill_hole(std::vector<PeerId>& list, std::size_t hole, std::size_t Slot::*position) {
  if (hole + 1 != list.size()) {
    list[hole] = list.back();
    slots_.find(list[hole])->second.*position = hole;
  }
  list.pop_back();
}

void CandidatePool::take_out(const Slot& slot) {
  Group& from = group(slot.entry);
  fill_hole(from.all, slot.in_all, &Slot::in_all);
  fill_hole(from.by_score[slot.entry.score], slot.in_bucket, &Slot::in_bucket);
}

void CandidatePool::settle(PeerId peer, Slot& slot) {
  const auto enter = [&](Neighborhood& neighborhood, std::uint32_t where) {
    if (where == 0) return kNowhere;
    std::vector<PeerId>& there = neighborhood[where];
    there.push_back(peer);
    return there.size() - 1;
  };
  slot.in_network = enter(networks_, slot.entry.place.network);
  slot.in_region = enter(regions_, slot.entry.place.region);
}

void CandidatePool::unsettle(const Slot& slot) {
  const auto leave = [&](Neighborhood& neighborhood, std::uint32_t where, std::size_t hole, std::size_t Slot::*position) {
    if (where == 0) return;
    const auto there = neighborhood.find(where);
    fill_hole(there->second, hole, position);
    if (there->second.empty()) neighborhood.erase(there);
  };
  leave(networks_, slot.entry.place.network, slot.in_network, &Slot::in_network);
  leave(regions_, slot.entry.place.region, slot.in_region, &Slot::in_region);
}

std::vector<PeerId> CandidatePool::pick(std::size_t count, std::span<const PeerId> excluded, Place place, Prng& prng) const {
  Pick pick{excluded};
  pick_near(networks_, place.network, std::min(count, kOneNetworkMax), pick, prng);
  pick_near(regions_, place.region, std::min(count - pick.size(), kRegionMax), pick, prng);
  fill(pick, count - pick.size(), prng);
  if (pick.size() < count && pick.end_spread()) fill(pick, count - pick.size(), prng);
  return pick.take();
}

void CandidatePool::pick_near(const Neighborhood& neighborhood, std::uint32_t where, std::size_t count, Pick& pick, Prng& prng) const {
  if (where == 0 || count == 0) return;
  const auto found = neighborhood.find(where);
  if (found == neighborhood.end() || (found->second.size() == 1 && pick.excludes(found->second.front()))) return;
  const std::vector<PeerId>& there = found->second;
  constexpr std::size_t kLookedAt = 32;   // of thousands behind one address some will do
  const std::size_t target = pick.size() + count;
  const auto draw = [&] { return static_cast<std::size_t>(prng.below(there.size())); };
  const std::size_t start = draw();
  for (std::size_t i = 0; i < std::min(there.size(), kLookedAt) && pick.size() < target; ++i) {
    // Drawn anew in a large one: those who came together may be of one network.
    const PeerId peer = there.size() <= kLookedAt ? there[(start + i) % there.size()] : there[draw()];
    const Entry& entry = slots_.find(peer)->second.entry;
    if (!entry.full) pick.add(peer, entry.place.network);
  }
}

void CandidatePool::fill(Pick& pick, std::size_t more, Prng& prng) const {
  const std::size_t count = pick.size() + more;
  const std::size_t for_newcomers = std::min({count / 4, groups_[1].all.size(), more});
  pick_from(groups_[0], more - for_newcomers, pick, prng);
  pick_from(groups_[1], count - pick.size(), pick, prng);
  pick_from(groups_[0], count - pick.size(), pick, prng);  // what the newcomers did not use
  pick_from(groups_[2], count - pick.size(), pick, prng);
}

void CandidatePool::pick_from(const Group& group, std::size_t count, Pick& pick, Prng& prng) const {
  const std::size_t target = pick.size() + count;
  const std::size_t by_score_until = pick.size() + (count + 1) / 2;
  // Of those who are passed over: a bucket may hold thousands of one network.
  std::size_t misses = 128 + 8 * count;
  for (std::size_t score = group.by_score.size(); score-- > 0 && pick.size() < by_score_until;) {
    const std::vector<PeerId>& bucket = group.by_score[score];
    if (bucket.empty()) continue;
    const auto start = static_cast<std::size_t>(prng.below(bucket.size()));
    for (std::size_t i = 0; i < bucket.size() && pick.size() < by_score_until && misses > 0; ++i) {
      const PeerId peer = bucket[(start + i) % bucket.size()];
      if (!pick.add(peer, network_of(peer))) --misses;
    }
  }
  // A few misses are cheaper than a copy of a large room; a small one is walked through.
  constexpr std::size_t kSmall = 128;
  if (group.all.size() <= kSmall) {
    std::vector<PeerId> mixed = group.all;
    prng.shuffle(mixed);
    for (std::size_t i = 0; i < mixed.size() && pick.size() < target; ++i) pick.add(mixed[i], network_of(mixed[i]));
    return;
  }
  for (std::size_t tries = 8 * count; tries > 0 && pick.size() < target; --tries) {
    const PeerId peer = group.all[static_cast<std::size_t>(prng.below(group.all.size()))];
    pick.add(peer, network_of(peer));
  }
}

void CandidatePool::check_invariants() const {
  std::size_t seen = 0;
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    std::size_t in_buckets = 0;
    for (std::size_t score = 0; score < groups_[g].by_score.size(); ++score) {
      const std::vector<PeerId>& bucket = groups_[g].by_score[score];
      in_buckets += bucket.size();
      for (std::size_t i = 0; i < bucket.size(); ++i) {
        const auto slot = slots_.find(bucket[i]);
        CHECK(slot != slots_.end() && slot->second.in_bucket == i && slot->second.entry.score == score, "a bucket and its slot disagree");
      }
    }
    CHECK(in_buckets == groups_[g].all.size(), "the buckets hold others than the list");
    for (std::size_t i = 0; i < groups_[g].all.size(); ++i) {
      const auto slot = slots_.find(groups_[g].all[i]);
      CHECK(slot != slots_.end() && slot->second.in_all == i && group_of(slot->second.entry) == g, "the list and its slot disagree");
    }
    seen += in_buckets;
  }
  CHECK(seen == slots_.size(), "a slot without a place");
  std::size_t settled = 0;
  const auto check = [&](const Neighborhood& neighborhood, std::uint32_t Place::*where, std::size_t Slot::*position) {
    for (const auto& [number, there] : neighborhood) {
      CHECK(!there.empty(), "a neighborhood of nobody");
      for (std::size_t i = 0; i < there.size(); ++i) {
        const auto slot = slots_.find(there[i]);
        CHECK(slot != slots_.end() && slot->second.entry.place.*where == number && slot->second.*position == i, "a neighborhood and its slot disagree");
      }
      settled += there.size();
    }
  };
  check(networks_, &Place::network, &Slot::in_network);
  check(regions_, &Place::region, &Slot::in_region);
  for (const auto& [peer, slot] : slots_) settled -= (slot.in_network != kNowhere ? 1U : 0U) + (slot.in_region != kNowhere ? 1U : 0U);
  CHECK(settled == 0, "a peer that its neighborhood does not know");
}

}  // namespace p2p::directory
