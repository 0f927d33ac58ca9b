#include "mesh/track.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace p2p::mesh {
namespace {

constexpr std::uint32_t kAnswersMax = 2;       ///< copies of a piece that a busy source gives on request ...
constexpr Duration kAnswersFor = 800ms;        ///< ... in the time that those who got it take to pass it on
constexpr std::size_t kStartsMax = 2;          ///< of these one is begun with: what is older is more to fetch than it saves
constexpr Duration kMissedMax = 2s;            ///< a stripe that brought nothing for so long has no order to go by
constexpr std::int64_t kBitsPerSMin = 100'000;   ///< until the header is known

}  // namespace

std::int64_t Track::unit_bits_per_s() const {
  return std::max<std::int64_t>(bits_per_s, kBitsPerSMin) / static_cast<std::int64_t>(kStripes);
}

PieceNumber Track::pieces_in(Duration time) const {
  constexpr std::int64_t kPartsPerS = 5;
  const std::int64_t per_s = std::int64_t{bits_per_s} / 8 / static_cast<std::int64_t>(wire::kPieceBytesMax) + kPartsPerS;
  return static_cast<PieceNumber>(per_s * (time / 1ms) / 1000 + 1);
}

bool Track::starving() const {
  for (std::size_t tree = 0; tree < kTrees; ++tree) {
    if (!fed(tree)) return true;
  }
  return false;
}

std::vector<std::uint32_t> Track::path_in(std::size_t tree, std::optional<PeerId> self) const {
  std::vector<std::uint32_t> path = feeds.feed(tree).path;
  if (!feeds.rooted(tree) && edge.feeds(tree)) path = {feeds.source()};   // as if the source gave it
  if (self) path.push_back(path_name(*self));
  return path;
}

bool Track::has_news(const Neighbor& neighbor, std::size_t tree) const {
  constexpr PieceNumber kRecent = 4 * kStripes;   // about a second
  const PieceSet& has = neighbor.in(id()).has;
  const PieceNumber end = log.end();
  for (PieceNumber piece = end - std::min(end, kRecent); piece < end; ++piece) {
    if (stripe_of(piece) == tree && !store.has(piece) && (neighbor.role == Role::kSource || has.has(piece))) return true;
  }
  return false;
}

const ManifestLog::Entry* Track::best_start(const Neighbors& neighbors) const {
  const auto held = [&](PieceNumber piece) {
    return store.has(piece) || std::any_of(neighbors.begin(), neighbors.end(), [&](const auto& n) { return n.second.greeted && n.second.in(id()).has.has(piece); });
  };
  const ManifestLog::Entry* begun = nullptr;
  const ManifestLog::Entry* at = log.newest_start(UINT32_MAX);
  for (std::size_t starts = 0; at && starts < kStartsMax; ++starts, at = log.newest_start(at->part.first)) {
    std::size_t here = 0;
    for (PieceNumber piece = at->part.first; piece < at->part.end(); ++piece) here += held(piece) ? 1 : 0;
    if (here == at->part.digests.size()) return at;
    if (here > 0 && !begun) begun = at;
  }
  return begun;
}

const ManifestLog::Entry* Track::newest_start_here() const {
  const ManifestLog::Entry* const newest = log.newest_start(UINT32_MAX);
  const ManifestLog::Entry* begun = nullptr;
  const ManifestLog::Entry* at = newest;
  for (std::size_t starts = 0; at && (starts < kStartsMax || !begun); ++starts, at = log.newest_start(at->part.first)) {
    if (complete(at->part)) return at;
    if (store.has(at->part.first) && !begun) begun = at;
  }
  return begun ? begun : newest;
}

PieceNumber Track::to_come(std::size_t tree) const {
  const PieceNumber end = std::min(log.end(), store.end());
  for (PieceNumber piece = end; piece > store.oldest() && piece + pieces_in(kMissedMax) > log.end(); --piece) {
    if (stripe_of(piece - 1) == tree && store.has(piece - 1)) return static_cast<PieceNumber>(piece - 1 + kStripes);
  }
  return log.end();
}

PieceNumber Track::backlog_to_ask(std::optional<Duration> playhead, Duration ahead) const {
  const ManifestLog::Entry* next = log.find(playout.cursor());
  if (!playout.started() || playout.cursor() >= backlog_end || !next) return backlog_end;
  const Duration enough = playhead.value_or(Duration{next->part.media_time_us}) + ahead;
  for (std::size_t at = log.place_at_or_after(playout.cursor()); at < log.entries().size(); ++at) {
    const wire::ManifestEntry& part = log.entries()[at].part;
    if (Duration{part.media_time_us} > enough) return std::min(part.first, backlog_end);
  }
  return backlog_end;
}

bool Track::wants(PieceNumber piece) const {
  if ((ends_at && piece >= *ends_at) || (wanted_before && piece >= *wanted_before)) return false;
  const ManifestLog::Entry* entry = last_segment ? log.find(piece) : nullptr;
  if (entry && entry->part.segment > *last_segment) return false;
  if (joining) return wanted_from && piece >= *wanted_from;
  return !playout.started() || piece >= playout.cursor();
}

std::uint32_t Track::segment_to_come() const {
  const ManifestLog::Entry* entry = log.find(playout.cursor());
  if (entry && entry->part.part == 0 && playout.cursor() == entry->part.first) return entry->part.segment;
  if (!entry) entry = log.newest();
  return entry ? entry->part.segment + 1 : 0;
}

const ManifestLog::Entry* Track::start_from(std::uint32_t segment) const {
  const ManifestLog::Entry* first = nullptr;
  for (const ManifestLog::Entry* at = log.newest_start(UINT32_MAX); at && at->part.segment >= segment; at = log.newest_start(at->part.first)) first = at;
  return first;
}

Duration Track::rest_of_segment() const {
  constexpr Duration kSegment = 2s;
  const ManifestLog::Entry* start = log.newest_start(UINT32_MAX);
  if (!start) return kSegment;
  const ManifestLog::Entry* before = log.newest_start(start->part.first);
  const Duration length = before ? Duration{start->part.media_time_us - before->part.media_time_us} : kSegment;
  const wire::ManifestEntry& newest = log.newest()->part;
  return std::max<Duration>(length - Duration{newest.media_time_us + newest.duration_us - start->part.media_time_us}, 0ms);
}

bool Track::complete(const wire::ManifestEntry& part) const {
  for (PieceNumber piece = part.first; piece < part.end(); ++piece) {
    if (!store.has(piece)) return false;
  }
  return true;
}

bool Track::held() const {
  if (!hold_segment) return false;
  const ManifestLog::Entry* entry = log.find(playout.cursor());
  return entry && entry->part.segment >= *hold_segment;
}

std::string Track::what_is_missing(const Neighbors& neighbors) const {
  const ManifestLog::Entry* entry = log.find(playout.cursor());
  if (!entry) return "no manifest of the part at " + std::to_string(playout.cursor());
  std::string text = "not there of the first";
  for (PieceNumber piece = entry->part.first; piece < entry->part.end(); ++piece) {
    if (store.find(piece)) continue;
    const Feeds::Feed& feed = feeds.feed(stripe_of(piece));
    const bool held = std::any_of(neighbors.begin(), neighbors.end(), [&](const auto& n) { return n.second.in(id()).has.has(piece); });
    const auto asked = repair.asked_of(piece);
    text += " " + std::to_string(piece) + (feed.parent ? " (from " + short_name(*feed.parent) : " (no parent");
    text += asked ? ", asked of " + short_name(*asked) + ")" : held ? ", not asked)" : ", nobody has it)";
  }
  return text;
}

/// When a stripe's feed breaks near the source, all its neighbors ask for the same pieces. While it has little to spare each goes out
/// twice, and then to the others from those who have it.
bool Track::others_have(PieceNumber piece, bool busy, Instant now) {
  while (!answered.empty() && answered.begin()->first < store.oldest()) answered.erase(answered.begin());
  Answered& answer = answered[piece];
  if (now - answer.at > kAnswersFor) answer.times = 0;
  if (answer.times >= kAnswersMax && busy) return true;
  ++answer.times;
  answer.at = now;
  return false;
}

void Track::trim(Duration window) {
  const PieceNumber oldest = log.keep(window);
  store.drop_before(oldest);
  repair.forget_before(oldest);
  edge.forget_before(oldest);
  children.drop_finished(log.end());
}

void Track::peer_gone(PeerId peer, Instant now) {
  for (std::size_t tree = 0; tree < kTrees; ++tree) {
    if (children.is_child(peer, tree)) lost_child_at[tree] = now;
  }
  feeds.peer_gone(peer);
  children.peer_gone(peer);
  repair.peer_gone(peer);
  early.erase_if([&](const Early& piece) { return piece.from == peer; });
}

void Track::check_invariants() const {
  feeds.check_invariants();
  children.check_invariants();
  repair.check_invariants();
  edge.check_invariants();
  log.check_invariants();
  store.check_invariants();
  CHECK(early.size() <= kEarlyMax, "more pieces wait for their manifest than may");
}

}  // namespace p2p::mesh
