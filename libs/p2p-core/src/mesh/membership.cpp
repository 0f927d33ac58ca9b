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
constexpr Duration kAskSeeking = 4s;
constexpr Duration kAskFed = 20s;
constexpr Duration kMoreEvery = 500ms;
constexpr Duration kNewFor = 10s;
/// The longest that one who is well fed goes without trying another neighbor; each costs an ICE gathering, and the server its signals.
constexpr Duration kLookAroundMax = 60s;
constexpr std::size_t kLinksLookAround = 14;   // of 16: some are for those who come
constexpr Duration kAskNeighborsShort = 2s;
constexpr Duration kAskNeighborsEnough = 10s;
constexpr std::size_t kDialsMax = 8;   // each costs an ICE gathering
/// Three of eight dials go to anybody: scores are made of what others say, and the best are the best for everybody.
constexpr bool by_chance(std::uint32_t dial) { return dial % 8 == 1 || dial % 8 == 4 || dial % 8 == 6; }

/// Those who have the rendition that is sought first, then those who have something to give, then by score; equal ones in random order, or all newcomers would storm the same peer.
struct Ranked {
  bool sought;   // it has the rendition that is sought
  bool receiving;
  int score;
  bool room;
  std::uint64_t chance;
  PeerId peer;
  bool by_directory;
  auto operator<=>(const Ranked&) const = default;
};

/// Anybody of those whom the directory named and who have as much to give as the first; else the first.
std::size_t any_of(const std::vector<Ranked>& ranked, Prng& prng) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    if (ranked[i].by_directory && ranked[i].receiving == ranked.front().receiving) places.push_back(i);
  }
  return places.empty() ? 0 : places[static_cast<std::size_t>(prng.below(places.size()))];
}

}  // namespace

void Membership::joined(PeerId self, std::optional<PeerId> source) {
  CHECK(!self_ || *self_ == self, "a peer keeps its id for as long as it lives");
  self_ = self;
  source_ = source;
  if (source) last_source_ = source;
  away_ = false;
  ask_at_ = {};
  // The directory is back: what failed while it was away is worth another try at once.
  for (auto& [peer, known] : known_) {
    known.dial_at = {};
    known.backoff = 0ms;
  }
}

void Membership::learn(const Candidate& candidate, Instant now) {
  if (candidate.peer == self_) return;
  Known& known = remember(candidate.peer);
  const std::uint32_t network = candidate.network != 0 ? candidate.network : known.candidate.network;
  known.candidate = candidate;
  known.candidate.network = network;
  known.by_directory = true;
  known.room = false;
  known.learned = now;
}

void Membership::heard_of(const Hearsay& named, PeerId by, Instant now) {
  if (named.peer == self_ || named.peer == by) return;
  auto at = known_.find(named.peer);
  if (at == known_.end()) {
    const auto of_its_naming = [by](const Known& known) { return !known.by_directory && known.named_by == by; };
    const auto waiting = std::ranges::count_if(known_, [&](const auto& entry) { return entry.second.state == State::kIdle && of_its_naming(entry.second); });
    if (static_cast<std::size_t>(waiting) >= kNamedByOneMax) {
      if (!forget_one(of_its_naming)) return;
    } else if (known_.size() >= kKnownMax && !forget_one([](const Known& known) { return !known.by_directory; })) {
      return;
    }
    at = known_.try_emplace(named.peer, Known{.candidate = {.peer = named.peer}, .named_by = by, .introducers = {}, .introduced_by = {}}).first;
  }
  Known& known = at->second;
  known.candidate.score = 0;
  known.candidate.receiving |= named.receiving;
  known.room = named.room;
  known.learned = now;
  std::erase_if(known.introducers, [&](const Introducer& one) { return one.neighbor == by || now - one.said > kIntroducesFor; });
  if (known.introducers.size() >= kIntroducersMax) known.introducers.erase(known.introducers.begin());
  known.introducers.push_back({by, now});
}

void Membership::signaling_away(Instant now) {
  if (away_) return;
  away_ = true;
  ask_neighbors_at_ = now;
}

bool Membership::offered(const Offer& offer) {
  const auto& [peer, network, makes_room, by, now] = offer;
  if (peer == self_) return false;
  // Names that a neighbor makes up are not even remembered.
  if (by && !known_.contains(peer) && (introduced()[*by] >= kIntroducedByOneMax || (full(now) && !makes_room))) return false;
  Known& known = remember(peer);
  if (network != 0) known.candidate.network = network;
  if (known.state == State::kBanned) return false;
  if (known.state == State::kDialing) return true;
  // Linked already: the other side lost the link and we have not noticed yet; the new link takes its place.
  if (known.state == State::kLinked) return true;
  if (((full(now) || crowded(known.candidate.network)) && !makes_room) || dials_ >= options_.connections_max) return false;
  if (by && introduced()[*by] >= kIntroducedByOneMax) return false;
  known.introduced_by = by;
  begin_dial(known, now);
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
  known.introduced_by.reset();
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
  known.introduced_by.reset();
  known.state = State::kBanned;
}

bool Membership::banned(PeerId peer) const {
  const auto at = known_.find(peer);
  return at != known_.end() && at->second.state == State::kBanned;
}

std::vector<PeerId> Membership::plan(const Need& need, Instant now) {
  std::vector<PeerId> dials;
  if (!self_ || options_.source) return dials;   // viewers come to the source
  if (look_around_at_ == Instant{}) look_around_at_ = now + look_around_after_;
  if (!first_plan_at_) first_plan_at_ = now;
  const std::size_t sought = now - *first_plan_at_ < kNewFor ? kLinksFirst : kLinksWanted;
  const bool starving = need.starving;
  const auto has_sought = [&](const Known& known) { return need.rendition && known.candidate.rendition == need.rendition; };
  const auto worth_seeking = [&](const auto& entry) { return entry.second.state == State::kIdle && entry.second.dial_at <= now && has_sought(entry.second); };
  const bool seek = need.seeking && links_ + dials_ < kLinksLookAround && std::ranges::any_of(known_, worth_seeking);
  const bool more = (starving || seek) && links_ >= sought && now >= more_at_;
  const bool look_around = !starving && !seek && !away_ && links_ >= sought && links_ < kLinksLookAround && dials_ == 0 && now >= look_around_at_;
  const std::size_t wanted = std::min<std::size_t>(options_.connections_max, more || look_around ? links_ + dials_ + 1 : sought);
  if (more) more_at_ = now + kMoreEvery;
  if (look_around) {
    look_around_after_ = std::min(look_around_after_ * 3 / 2, kLookAroundMax);
    look_around_at_ = now + look_around_after_ - Duration{prng_.between(0, look_around_after_.count() / 4)};
  }
  const auto room = [&] { return links_ + dials_ < wanted && dials_ < kDialsMax; };
  auto introductions = away_ ? introduced() : std::map<PeerId, std::size_t>{};
  const auto dial = [&](PeerId peer, Known& known) {
    if (away_) {
      known.introduced_by = pick_introducer(known, introductions, now);
      if (!known.introduced_by) return;
      ++introductions[*known.introduced_by];
    }
    begin_dial(known, now);
    dials.push_back(peer);
  };
  if (source_ && room()) {
    Known& known = known_[*source_];
    known.candidate = {.peer = *source_, .score = 100, .role = Role::kSource, .receiving = true};
    known.by_directory = true;
    if (starving) known.dial_at = std::min(known.dial_at, now + kSourceBackoffStarving);
    if (known.state == State::kIdle && known.dial_at <= now) dial(*source_, known);
  }
  std::vector<Ranked> idle;
  const bool any_room = room();   // chance is drawn in any case: what comes later does not hang on it
  for (const auto& [peer, known] : known_) {
    if (known.state != State::kIdle || known.dial_at > now || peer == source_ || peer == self_) continue;
    const std::uint64_t chance = prng_.next();
    if (any_room) idle.push_back({has_sought(known), known.candidate.receiving, known.candidate.score / 25, known.room, chance, peer, known.by_directory});
  }
  std::sort(idle.begin(), idle.end(), std::greater<>{});
  while (room() && !idle.empty()) {
    const auto chosen = idle.begin() + static_cast<std::ptrdiff_t>(by_chance(dialled_) ? any_of(idle, prng_) : 0);
    Known& known = known_.find(chosen->peer)->second;
    if (!crowded(known.candidate.network)) {
      ++dialled_;
      dial(chosen->peer, known);
    }
    idle.erase(chosen);
  }
  return dials;
}

bool Membership::ask_directory(const Need& need, Instant now) {
  if (!self_ || options_.source || now < ask_at_) return false;
  const auto worth_a_dial = [&](const auto& entry) { return entry.first != source_ && entry.second.state == State::kIdle && entry.second.dial_at <= now; };
  const bool names_left = std::any_of(known_.begin(), known_.end(), worth_a_dial);
  if (!need.starving && !need.seeking && links_ >= kLinksWanted / 2 && names_left && ask_at_ != Instant{}) {
    ask_at_ = now + kAskFed;
    return false;
  }
  const bool first = ask_at_ == Instant{};   // Joined brought candidates already
  ask_at_ = now + (need.starving ? kAskStarving : need.seeking ? kAskSeeking : kAskFed);
  return !first;
}

std::size_t Membership::ask_neighbors(bool starving, Instant now) {
  if (!away_ || !self_ || options_.source || now < ask_neighbors_at_) return 0;
  const bool short_of_links = starving || links_ + dials_ < kLinksWanted;
  ask_neighbors_at_ = now + (short_of_links ? kAskNeighborsShort : kAskNeighborsEnough);
  return short_of_links ? 2 : 1;
}

std::uint32_t Membership::network_of(PeerId peer) const {
  const auto at = known_.find(peer);
  return at == known_.end() ? 0 : at->second.candidate.network;
}

std::size_t Membership::companions(PeerId peer) const {
  const std::uint32_t network = network_of(peer);
  return network == 0 ? 1 : in_network(network);
}

std::size_t Membership::awaited(Instant now) const {
  if (dials_ == 0) return 0;
  return static_cast<std::size_t>(std::ranges::count_if(known_, [&](const auto& entry) {
    return entry.second.state == State::kDialing && now - entry.second.dialled_at <= kDialAwaited;
  }));
}

void Membership::begin_dial(Known& known, Instant now) {
  known.state = State::kDialing;
  known.dialled_at = now;
  ++dials_;
}

std::size_t Membership::in_network(std::uint32_t network) const {
  return static_cast<std::size_t>(std::ranges::count_if(known_, [&](const auto& entry) {
    const Known& known = entry.second;
    return known.candidate.network == network && (known.state == State::kLinked || known.state == State::kDialing);
  }));
}

std::size_t Membership::network_max(std::uint32_t network) const {
  // Nobody names viewers to the source: it knows those who came.
  std::size_t named = 0, of_it = 0;
  for (const auto& [peer, known] : known_) {
    if ((!known.by_directory && !options_.source) || known.state == State::kBanned || peer == source_) continue;
    ++named;
    of_it += known.candidate.network == network ? 1 : 0;
  }
  const std::size_t share = named == 0 ? 0 : (options_.connections_max * of_it + named - 1) / named;
  return std::max(share, kOneNetworkMin);
}

std::optional<PeerId> Membership::introducer(PeerId peer) const {
  const auto at = known_.find(peer);
  return at == known_.end() ? std::nullopt : at->second.introduced_by;
}

void Membership::cannot_introduce(PeerId neighbor, PeerId peer) {
  const auto at = known_.find(peer);
  if (at != known_.end()) std::erase_if(at->second.introducers, [&](const Introducer& one) { return one.neighbor == neighbor; });
}

bool Membership::dialing(PeerId peer) const {
  const auto at = known_.find(peer);
  return at != known_.end() && at->second.state == State::kDialing;
}

std::map<PeerId, std::size_t> Membership::introduced() const {
  std::map<PeerId, std::size_t> counts;
  for (const auto& [peer, known] : known_) {
    if (known.introduced_by && (known.state == State::kDialing || known.state == State::kLinked)) ++counts[*known.introduced_by];
  }
  return counts;
}

/// Any neighbor that named the peer lately and has not introduced too many.
std::optional<PeerId> Membership::pick_introducer(const Known& known, const std::map<PeerId, std::size_t>& introduced, Instant now) {
  std::vector<PeerId> can;
  for (const Introducer& one : known.introducers) {
    const auto neighbor = known_.find(one.neighbor);
    const bool linked = neighbor != known_.end() && neighbor->second.state == State::kLinked;
    const auto count = introduced.find(one.neighbor);
    const bool few = count == introduced.end() || count->second < kIntroducedByOneMax;
    if (linked && few && now - one.said <= kIntroducesFor) can.push_back(one.neighbor);
  }
  if (can.empty()) return std::nullopt;
  return can[static_cast<std::size_t>(prng_.below(can.size()))];
}

std::vector<PeerId> Membership::known() const {
  std::vector<PeerId> peers;
  for (const auto& [peer, known] : known_) {
    if (known.state == State::kLinked || known.state == State::kDialing) peers.push_back(peer);
  }
  return peers;
}

Membership::Known& Membership::remember(PeerId peer) {
  if (!known_.contains(peer) && known_.size() >= kKnownMax && !forget_one([](const Known& known) { return !known.by_directory; })) {
    forget_one([](const Known&) { return true; });
  }
  Known& known = known_[peer];
  known.candidate.peer = peer;
  return known;
}

template <typename Which>
bool Membership::forget_one(const Which& which) {
  auto oldest = known_.end();
  for (auto at = known_.begin(); at != known_.end(); ++at) {
    if (at->second.state != State::kIdle || !which(at->second)) continue;
    if (oldest == known_.end() || at->second.learned < oldest->second.learned) oldest = at;
  }
  if (oldest == known_.end()) return false;
  known_.erase(oldest);
  return true;
}

void Membership::check_invariants() const {
  std::size_t links = 0, dials = 0;
  for (const auto& [peer, known] : known_) {
    CHECK(known.introducers.size() <= kIntroducersMax, "more introducers than may be remembered");
    links += known.state == State::kLinked ? 1 : 0;
    dials += known.state == State::kDialing ? 1 : 0;
  }
  CHECK(links == links_ && dials == dials_, "links and dials were miscounted");
  CHECK(dials <= options_.connections_max, "more dials than may be");
  for (const auto& [neighbor, count] : introduced()) CHECK(count <= kIntroducedByOneMax, "more are introduced by one neighbor than may be");
}

}  // namespace p2p::mesh
