#include "scheduler/repair.hpp"

#include <algorithm>
#include <map>

#include "base/check.hpp"

namespace p2p::mesh {
namespace {

/// A piece counts as late after four deviations of its stripe: the transport is reliable, a late piece is nearly always still coming.
/// 2.5 deviations gave three times the duplicates (ADR 0004).
constexpr int kDeviations = 4;
/// A retransmission time-out of a browser: sooner, every other lost packet would be asked for although it is under way.
constexpr Duration kLateMin = 600ms;
constexpr Duration kLateMax = 700ms;
/// Who plays two seconds behind has to ask by then, however late the stripe has become: after many have left at once its rhythm is that of
/// the trouble.
constexpr Duration kPatienceMax = 1200ms;
/// A stripe that brought a piece so lately goes on, and what is asked for comes twice ...
constexpr Duration kFlow = 400ms;
/// ... but at this age a piece is asked for in any case: the answer must come within two seconds.
constexpr Duration kFlowMax = 1450ms;
/// Of a parent that has gone silent (kCandidateSilence).
constexpr Duration kLateOfSilent = 100ms;
/// A stripe that a new parent feeds has no rhythm yet.
constexpr Duration kLateUnknown = 900ms;
/// What it missed before comes all at once.
constexpr Duration kLateOfNew = 500ms;
/// Peers get this long to bring a piece before the source is asked for a second copy; its neighbors ask one after the other, so that
/// most can have it from the first who did.
constexpr Duration kSourceAfter = 800ms;
constexpr Duration kSourceTurn = 120ms;
constexpr std::uint64_t kSourceTurns = 6;
/// What a former parent still owes: it may be going, or be left because it is slow.
constexpr Duration kLateOfFormer = 700ms;
/// A question for a parent is answered within a round trip; asking for the piece before that would bring it twice.
constexpr Duration kAnswerWait = 250ms;
/// Whoever pushes a piece over a link on which this long a queue stands is not asked for it: it is in that queue.
constexpr Duration kQueuedTrip = 600ms;
constexpr Duration kOwnPush = 1500ms;
constexpr Duration kAnswerSlack = 200ms;
constexpr Duration kUrgentSlack = 150ms;
constexpr Duration kBusyFor = 300ms;
/// What a piece that is under way already adds to the wait for the next: the line's time for it, but links seldom carry more than 2.5 Mbit/s.
constexpr Duration kPieceTimeMin = 40ms;
constexpr Duration kPieceTimeMax = 250ms;
constexpr Duration kQueueMax = 250ms;   ///< a neighbor whose queue is longer is asked for nothing
constexpr Duration kWorthMoving = 80ms; ///< sooner by this: the word to who was asked before takes its time
constexpr Duration kWeak = 500ms;       ///< who feeds nobody has a line on which a piece takes long: for want of others only
constexpr Duration kRelayed = 50ms;    ///< as in feeds: the relay is for who has no other way
constexpr Duration kLook = 50ms;
constexpr std::uint32_t kOwedMax = 256;   ///< answers that may still come, long after they were given up

Duration piece_time(const NeighborTrack& track, std::int64_t unit_bits_per_s) {
  if (track.slots == 0) return kPieceTimeMax;
  return std::clamp<Duration>(Duration{std::int64_t{wire::kPieceBytesMax} * 8'000'000 / (track.slots * unit_bits_per_s)}, kPieceTimeMin, kPieceTimeMax);
}

}  // namespace

std::optional<Repair::Cancel> Repair::arrived(PieceNumber piece, PeerId from) {
  const auto at = missing_.find(piece);
  if (at == missing_.end()) return std::nullopt;
  std::optional<Cancel> cancel;
  if (at->second.asked && at->second.asked != from) cancel = Cancel{*at->second.asked, piece};
  release(at->second);
  missing_.erase(at);
  return cancel;
}

void Repair::goes_elsewhere(PieceNumber piece) {
  const auto at = missing_.find(piece);
  if (at == missing_.end()) return;
  release(at->second);
  at->second.elsewhere = true;
}

void Repair::came_back(PieceNumber piece) {
  const auto at = missing_.find(piece);
  if (at == missing_.end()) return;
  at->second.elsewhere = false;
  at->second.urgent = true;
}

void Repair::forget_before(PieceNumber piece) {
  const auto end = missing_.lower_bound(piece);
  for (auto at = missing_.begin(); at != end; ++at) release(at->second);
  missing_.erase(missing_.begin(), end);
}

void Repair::forget_from(PieceNumber piece) {
  const auto begin = missing_.lower_bound(piece);
  for (auto at = begin; at != missing_.end(); ++at) release(at->second);
  missing_.erase(begin, missing_.end());
}

void Repair::unavailable(PeerId peer, PieceNumber piece, Instant now) {
  const auto at = missing_.find(piece);
  if (at == missing_.end()) return;
  // A drop note from a parent must not restart a request that is under way elsewhere.
  if (at->second.asked && at->second.asked != peer) return;
  release(at->second);
  at->second.urgent = true;
  at->second.not_before = now;
}

void Repair::peer_gone(PeerId peer) {
  for (auto& [piece, missing] : missing_) {
    if (missing.asked != peer) continue;
    release(missing);
    missing.urgent = true;
  }
  outstanding_.erase(peer);
}

bool Repair::asked(PeerId peer, PieceNumber piece) const {
  const auto at = missing_.find(piece);
  return at != missing_.end() && at->second.asked == peer;
}

std::optional<PeerId> Repair::asked_of(PieceNumber piece) const {
  const auto at = missing_.find(piece);
  return at == missing_.end() ? std::nullopt : at->second.asked;
}

Duration Repair::source_after(PieceNumber piece) const {
  // A mix of the piece and what is ours: each piece has another order.
  const std::uint64_t mixed = (piece + salt_) * 0x9E3779B97F4A7C15ULL;
  return kSourceAfter + kSourceTurn * static_cast<std::int64_t>((mixed >> 32) % kSourceTurns);
}

std::optional<PieceNumber> Repair::first_missing(std::size_t tree) const {
  for (const auto& [piece, missing] : missing_) {
    if (stripe_of(piece) == tree && !missing.asked && !missing.elsewhere) return piece;
  }
  return std::nullopt;
}

Instant Repair::due(PieceNumber piece, const Missing& missing, const Neighbors& neighbors, const Feeds& feeds, const Need& need, Instant now) {
  const Feeds::Feed& feed = feeds.feed(stripe_of(piece));
  if (missing.urgent) return missing.not_before;
  // A parent that is just being asked may push it.
  if (!feeds.pushed(piece)) return feed.asked && !feed.parent && piece >= need.urgent_before ? std::max(missing.not_before, feed.asked_at + kAnswerWait + need.line_queue) : missing.not_before;
  const auto parent = neighbors.find(*feed.parent);
  const Duration rhythm = feed.delay + std::clamp<Duration>(feed.deviation * kDeviations, kLateMin, kLateMax);
  Duration patience = feed.delay_known ? std::min(rhythm, kPatienceMax) : kLateUnknown;
  if (parent == neighbors.end() || now - parent->second.heard_at > kCandidateSilence) patience = std::min(patience, feed.delay + kLateOfSilent);
  patience += need.line_queue;
  // The parent before still owes it, and may be going.
  if (piece < feed.from) return std::max(missing.not_before, missing.made_at + std::min(patience, kLateOfFormer + need.line_queue));
  // Its stripe is late as a whole and goes on: this one is the next, or the one after it.
  const bool next = feed.pushed && piece > *feed.pushed;
  const Instant flows_until = next ? std::min(feed.pushed_at + kFlow, missing.made_at + kFlowMax) + need.line_queue : Instant{};
  return std::max({missing.not_before, missing.made_at + patience, feed.since + kLateOfNew + need.line_queue, flows_until});
}

Neighbor* Repair::best_holder(PieceNumber piece, const Missing& missing, Neighbors& neighbors, const Feeds& feeds, const Need& need, bool source_too,
                              Instant now, Duration& estimate) {
  Neighbor* best = nullptr;
  const std::optional<PeerId> pusher = feeds.pushed(piece) ? feeds.feed(stripe_of(piece)).parent : std::nullopt;
  for (auto& [peer, neighbor] : neighbors) {
    // The answer would stand behind it.
    if (peer == pusher && neighbor.rtt > kQueuedTrip && now < missing.made_at + neighbor.rtt + kOwnPush) continue;
    const NeighborTrack& track = neighbor.in(need.rendition);
    if (!neighbor.greeted || !neighbor.giving || !track.has.has(piece) || neighbor.busy_until > now) continue;
    const bool source = neighbor.role == Role::kSource;
    if (source && !source_too) continue;
    const auto under_way = outstanding_.find(peer);
    const std::uint32_t mine = under_way == outstanding_.end() ? 0 : under_way->second;
    const bool urgent = piece < need.urgent_before;
    if (mine >= (urgent ? kUrgentPerPeer : kOutstandingPerPeer)) continue;
    if (neighbor.queue > kQueueMax && !(source && urgent)) continue;   // it would say so
    if (!source && now - neighbor.heard_at > kCandidateSilence) continue;   // it may be gone, and would be waited for
    Duration here = neighbor.rtt + neighbor.queue + piece_time(track, need.unit_bits_per_s) * static_cast<int>(mine + 1);
    here += here * prng_.between(-20, 20) / 100;
    if (!source && track.slots == 0) here += kWeak;
    if (neighbor.relayed) here += kRelayed;
    if (source) here += 1h;   // last of all, whatever its speed
    if (!best || here < estimate) {
      best = &neighbor;
      estimate = here;
    }
  }
  if (best && best->role == Role::kSource) estimate -= 1h;
  return best;
}

void Repair::ask(PieceNumber piece, Missing& missing, Neighbor& holder, Duration estimate, const Need& need, Instant now,
                 std::map<std::pair<PeerId, bool>, Ask>& asks) {
  const bool urgent = piece < need.urgent_before;
  missing.asked = holder.peer;
  missing.expected = now + estimate;
  // The picture waits for the last of them: one that comes twice costs less.
  missing.asked_until = now + (urgent ? estimate + kUrgentSlack : estimate * 2 + kAnswerSlack) + need.line_queue * 3 / 2;
  next_due_ = std::min(next_due_, missing.asked_until);
  ++outstanding_[holder.peer];
  holder.requests_open = std::min(holder.requests_open + 1, kOwedMax);
  ++outstanding_all_;
  Ask& ask = asks[{holder.peer, !urgent}];
  ask.peer = holder.peer;
  ask.urgent = urgent;
  ask.pieces.push_back(piece);
}

/// The first neighbor is asked for the whole first part: what it would send last is better had from those who come up after it.
void Repair::spread_start(Neighbors& neighbors, const Feeds& feeds, const Need& need, Instant now, std::map<std::pair<PeerId, bool>, Ask>& asks) {
  const auto end = missing_.lower_bound(need.urgent_before);
  for (auto at = end; at != missing_.begin();) {
    --at;
    auto& [piece, missing] = *at;
    if (!missing.asked || missing.elsewhere || missing.asked_until <= now) continue;
    Duration estimate{};
    Neighbor* holder = best_holder(piece, missing, neighbors, feeds, need, true, now, estimate);
    if (!holder || holder->peer == *missing.asked || now + estimate + kWorthMoving >= missing.expected) continue;
    given_up_.push_back({*missing.asked, piece});
    release(missing);
    ask(piece, missing, *holder, estimate, need, now, asks);
  }
}

std::vector<Repair::Ask> Repair::plan(Neighbors& neighbors, const Feeds& feeds, const Need& need, Instant now) {
  std::map<std::pair<PeerId, bool>, Ask> asks;
  given_up_.clear();
  next_due_ = kNever;
  // Who has nobody else asks the source at once.
  const bool source_only = std::none_of(neighbors.begin(), neighbors.end(), [](const auto& n) {
    return n.second.greeted && n.second.giving && n.second.role != Role::kSource;
  });
  if (need.starting) spread_start(neighbors, feeds, need, now, asks);
  for (auto& [piece, missing] : missing_) {
    if (missing.elsewhere || (need.from_edge[stripe_of(piece)] && !missing.asked)) continue;
    if (missing.asked) {
      if (missing.asked_until > now) {
        next_due_ = std::min(next_due_, missing.asked_until);
        continue;
      }
      if (const auto slow = neighbors.find(*missing.asked); slow != neighbors.end()) {
        slow->second.busy_until = now + kBusyFor;
        given_up_.push_back({*missing.asked, piece});
      }
      release(missing);
      missing.urgent = true;
    }
    if (piece >= need.early_from && piece < need.early_until) {
      next_due_ = std::min(next_due_, now + kLook);
      continue;
    }
    const Instant when = due(piece, missing, neighbors, feeds, need, now);
    if (when > now) {
      next_due_ = std::min(next_due_, when);
      continue;
    }
    next_due_ = std::min(next_due_, now + kLook);
    if (outstanding_all_ >= kOutstandingMax) continue;
    Duration estimate{};
    Neighbor* holder = best_holder(piece, missing, neighbors, feeds, need, need.starting || source_only || now - missing.made_at > source_after(piece), now, estimate);
    if (!holder) continue;
    ask(piece, missing, *holder, estimate, need, now, asks);
  }
  std::vector<Ask> all;
  for (auto& [key, ask] : asks) all.push_back(std::move(ask));
  return all;
}

void Repair::release(Missing& missing) {
  if (!missing.asked) return;
  const auto at = outstanding_.find(*missing.asked);
  CHECK(at != outstanding_.end() && at->second > 0 && outstanding_all_ > 0, "a request that was never counted");
  if (--at->second == 0) outstanding_.erase(at);
  --outstanding_all_;
  missing.asked.reset();
}

void Repair::check_invariants() const {
  std::size_t asked = 0;
  for (const auto& [piece, missing] : missing_) asked += missing.asked ? 1 : 0;
  CHECK(asked == outstanding_all_, "requests under way were miscounted");
  CHECK(outstanding_all_ <= kOutstandingMax, "more requests than the bound");
}

}  // namespace p2p::mesh
