#include "mesh/membership.hpp"

#include <algorithm>
#include <compare>
#include <functional>

#include "base/check.hpp"

namespace p2p::mesh {
namespace {

constexpr Duration kBackoffFirst = 1s;
constexpr Duration kBackoffMax = 30s;
constexpr Duration kHeld = 10s;
constexpr Duration kSourceBackoffStarving = 2s;
constexpr Duration kAskStarving = 2s;
constexpr Duration kAskFed = 20s;
constexpr Duration kMoreEvery = 500ms;
constexpr std::size_t kDialsMax = 8;   // each costs an ICE gathering

}  // namespace

void Membership::joined(PeerId self, std::optional<PeerId> source) {
  CHECK(!self_ || *self_ == self, "a peer keeps its id for as long as it lives");
  self_ = self;
  source_ = source;
  if (source) last_source_ = source;
  ask_at_ = {};
  // The directory is back: what failed while it was away is worth another try at once.
  for (auto& [peer, known] : known_) {
    known.dial_at = {};
    known.backoff = 0ms;
  }
}

void Membership::learn(const Candidate& candidate, Instant now) {
  if (candidate.peer == self_) return;
  if (!known_.contains(candidate.peer) && known_.size() >= kKnownMax) forget_one();
  Known& known = known_[candidate.peer];
  known.candidate = candidate;
  known.learned = now;
}

bool Membership::offered(PeerId peer, bool make_room) {
  if (peer == self_) return false;
  if (!known_.contains(peer) && known_.size() >= kKnownMax) forget_one();
  Known& known = known_[peer];
  known.candidate.peer = peer;
  if (known.state == State::kBanned) return false;
  if (known.state == State::kDialing) return true;
  // Linked already: the other side lost the link and we have not noticed yet; the new link takes its place.
  if (known.state == State::kLinked) return true;
  if (full() && !make_room) return false;
  known.state = State::kDialing;
  ++dials_;
  return true;
}

void Membership::link_up(PeerId peer, Instant now) {
  Known& known = known_[peer];
  known.candidate.peer = peer;
  if (known.state == State::kDialing) --dials_;
  if (known.state != State::kLinked) ++links_;
  known.state = State::kLinked;
  known.linked = now;
}

void Membership::link_down(PeerId peer, Instant now) {
  const auto at = known_.find(peer);
  if (at == known_.end()) return;
  Known& known = at->second;
  if (known.state == State::kDialing) --dials_;
  if (known.state == State::kLinked) --links_;
  if (known.state == State::kBanned) return;
  // A link that held shows that the next may, too; one that was ended at once does not.
  if (known.state == State::kLinked && now - known.linked > kHeld) known.backoff = 0ms;
  known.state = State::kIdle;
  known.backoff = std::clamp<Duration>(known.backoff * 2, kBackoffFirst, kBackoffMax);
  known.dial_at = now + known.backoff + Duration{prng_.between(0, known.backoff.count() / 4)};
}

void Membership::ban(PeerId peer) {
  Known& known = known_[peer];
  known.candidate.peer = peer;
  if (known.state == State::kDialing) --dials_;
  if (known.state == State::kLinked) --links_;
  known.state = State::kBanned;
}

bool Membership::banned(PeerId peer) const {
  const auto at = known_.find(peer);
  return at != known_.end() && at->second.state == State::kBanned;
}

std::vector<PeerId> Membership::plan(bool starving, Instant now) {
  std::vector<PeerId> dials;
  if (!self_ || options_.source) return dials;   // viewers come to the source
  const std::size_t wanted = std::min<std::size_t>(options_.connections_max, starving && links_ >= kLinksWanted && now >= more_at_ ? links_ + dials_ + 1 : kLinksWanted);
  if (wanted > kLinksWanted) more_at_ = now + kMoreEvery;
  const auto room = [&] { return links_ + dials_ < wanted && dials_ < kDialsMax; };
  const auto dial = [&](PeerId peer, Known& known) {
    known.state = State::kDialing;
    ++dials_;
    dials.push_back(peer);
  };
  if (source_ && room()) {
    Known& known = known_[*source_];
    known.candidate = {.peer = *source_, .score = 100, .role = Role::kSource, .receiving = true};
    if (starving) known.dial_at = std::min(known.dial_at, now + kSourceBackoffStarving);
    if (known.state == State::kIdle && known.dial_at <= now) dial(*source_, known);
  }
  // Those who have something to give first, then by score; equal ones in random order, or all newcomers would storm the same peer.
  struct Ranked {
    bool receiving;
    int score;
    std::uint64_t chance;
    PeerId peer;
    auto operator<=>(const Ranked&) const = default;
  };
  std::vector<Ranked> idle;
  for (const auto& [peer, known] : known_) {
    if (known.state != State::kIdle || known.dial_at > now || peer == source_ || peer == self_) continue;
    idle.push_back({known.candidate.receiving, known.candidate.score / 25, prng_.next(), peer});
  }
  std::sort(idle.begin(), idle.end(), std::greater<>{});
  for (const Ranked& ranked : idle) {
    if (!room()) break;
    dial(ranked.peer, known_.at(ranked.peer));
  }
  return dials;
}

bool Membership::ask_directory(bool starving, Instant now) {
  if (!self_ || options_.source || now < ask_at_) return false;
  if (!starving && links_ >= kLinksWanted / 2 && ask_at_ != Instant{}) {
    ask_at_ = now + kAskFed;
    return false;
  }
  const bool first = ask_at_ == Instant{};   // Joined brought candidates already
  ask_at_ = now + (starving ? kAskStarving : kAskFed);
  return !first;
}

std::vector<PeerId> Membership::known() const {
  std::vector<PeerId> peers;
  for (const auto& [peer, known] : known_) {
    if (known.state == State::kLinked || known.state == State::kDialing) peers.push_back(peer);
  }
  return peers;
}

void Membership::forget_one() {
  auto oldest = known_.end();
  for (auto at = known_.begin(); at != known_.end(); ++at) {
    if (at->second.state != State::kIdle) continue;
    if (oldest == known_.end() || at->second.learned < oldest->second.learned) oldest = at;
  }
  if (oldest != known_.end()) known_.erase(oldest);
}

void Membership::check_invariants() const {
  std::size_t links = 0, dials = 0;
  for (const auto& [peer, known] : known_) {
    links += known.state == State::kLinked ? 1 : 0;
    dials += known.state == State::kDialing ? 1 : 0;
  }
  CHECK(links == links_ && dials == dials_, "links and dials were miscounted");
}

}  // namespace p2p::mesh
