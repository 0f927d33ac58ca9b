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
    if (std::ranges::find(excluded_, peer) != excluded_.end() || std::ranges::find(peers_, peer) != peers_.end()) return false;
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
  const auto known = slots_.find(peer);
  if (known != slots_.end()) {
    if (known->second.entry == entry) return;
    erase(peer);
  }
  Group& to = group(entry);
  std::vector<PeerId>& bucket = to.by_score[entry.score];
  slots_.insert_or_assign(peer, Slot{entry, to.all.size(), bucket.size()});
  to.all.push_back(peer);
  bucket.push_back(peer);
}

void CandidatePool::erase(PeerId peer) {
  const auto found = slots_.find(peer);
  if (found == slots_.end()) return;
  const Slot slot = found->second;
  slots_.erase(found);
  Group& from = group(slot.entry);
  std::vector<PeerId>& bucket = from.by_score[slot.entry.score];
  const auto fill = [this](std::vector<PeerId>& list, std::size_t hole, std::size_t Slot::*position) {
    if (hole + 1 != list.size()) {
      list[hole] = list.back();
      slots_.find(list[hole])->second.*position = hole;
    }
    list.pop_back();
  };
  fill(from.all, slot.in_all, &Slot::in_all);
  fill(bucket, slot.in_bucket, &Slot::in_bucket);
}

std::vector<PeerId> CandidatePool::pick(std::size_t count, std::span<const PeerId> excluded, Prng& prng) const {
  Pick pick{excluded};
  fill(pick, count, prng);
  if (pick.size() < count && pick.end_spread()) fill(pick, count, prng);
  return pick.take();
}

void CandidatePool::fill(Pick& pick, std::size_t count, Prng& prng) const {
  const std::size_t for_newcomers = std::min({count / 4, groups_[1].all.size(), count - pick.size()});
  pick_from(groups_[0], count - pick.size() - for_newcomers, pick, prng);
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
}

}  // namespace p2p::directory
