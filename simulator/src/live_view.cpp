#include "simulator/live_view.hpp"

#include <algorithm>

#include "base/hex.hpp"
#include "percentiles.hpp"
#include "swarm.hpp"

namespace p2p::simulator {
namespace {

constexpr std::uint64_t kPullsWorthTelling = 3;   ///< in a second
constexpr std::int64_t kDigestEveryS = 10;

}  // namespace

/// Once a second: what became of each peer since, and the totals.
void Simulation::Impl::look_around() {
  LiveState& live = *live_;
  live.told.resize(peers_.size());
  LiveTotals totals{.bad_pieces_played = figures_.bad_pieces_played, .accused = live.accused, .honest_accused = figures_.honest_accused};
  totals.pieces_failed = live.failed_gone;
  EngineCounts sum = gone_;
  for (std::uint32_t number = 0; number < peers_.size(); ++number) {
    const Peer& peer = peers_[number];
    if (!peer.engine) continue;
    const mesh::EngineStats stats = peer.engine->stats();
    sum.add(stats);
    totals.pieces_failed += stats.pieces_failed;
    tell_standing(number, stats);
    if (number == 0 || peer.leaving) continue;
    ++totals.viewers;
    totals.poisoners += hostile(number);
    totals.playing += peer.first_part >= 0 && !peer.stands;
    totals.standing += peer.stands;
  }
  live.sums.push_back(sum);
  if (live.sums.size() > LiveState::kSecondsLooked + 1) live.sums.pop_front();
  totals.duplicates = sum.duplicate_fraction(live.sums.front());
  totals.repairs = sum.repair_fraction(live.sums.front());
  Recorder::Lately lately = recorder_.lately(std::chrono::seconds{LiveState::kSecondsLooked}, now_);
  totals.delay_ms_p50 = percentile(lately.delays_ms, 50);
  totals.delay_ms_p95 = percentile(lately.delays_ms, 95);
  totals.continuity = ratio(static_cast<double>(lately.in_time), static_cast<double>(lately.due));
  totals.share_from_peers = ratio(static_cast<double>(lately.from_peers), static_cast<double>(lately.from_peers + lately.from_source));
  totals.source_copies = ratio(static_cast<double>(lately.from_source), static_cast<double>(lately.produced));
  live.totals = totals;
  if (now_.time_since_epoch() / 1s % kDigestEveryS != 0) return;
  live.log(LogKind::kRun, 0, {}, "digest " + to_text(PeerId{digest()}), now_);
}

void Simulation::Impl::tell_standing(std::uint32_t number, const mesh::EngineStats& stats) {
  LiveState::Told& told = live_->told[number];
  if (number != 0 && stats.role != told.role) {
    story(number, LogKind::kRole, std::string{name_of(told.role)} + " becomes " + std::string{name_of(stats.role)} + ", score " + std::to_string(told.score) +
                                      " to " + std::to_string(stats.score));
  }
  if (const std::uint64_t pulled = stats.pieces_repaired - told.repaired; pulled >= kPullsWorthTelling) {
    story(number, LogKind::kPull, std::to_string(pulled) + " pieces came by request in the last second, not by push");
  }
  told = {stats.role, stats.score, stats.pieces_repaired};
}

void Simulation::Impl::tell_part(std::uint32_t number, const mesh::PartId& part) {
  const std::int64_t index = std::int64_t{part.segment} * (world_.segment / world_.part) + part.part;
  const auto links = peers_[number].engine->stats().neighbors;
  const auto parents = std::ranges::count_if(links, [](const mesh::NeighborStats& neighbor) { return neighbor.stripes_in > 0; });
  story(number, LogKind::kPart, "segment " + std::to_string(part.segment) + " part " + std::to_string(part.part) + " complete, " + std::to_string(parents) +
                                    (parents == 1 ? " parent, " : " parents, ") +
                                    std::to_string((now_ - (stream_began_ + world_.part * index)) / 1ms) + " ms after capture");
}

LiveView Simulation::Impl::view() const {
  LiveView view{.now = now_, .events = happened_, .server_away = server_.away(), .stream_bits_per_s = world_.bits_per_s, .totals = live_->totals};
  for (std::uint32_t number = 0; number < peers_.size(); ++number) {
    if (!alive(number) || peers_[number].leaving) continue;
    const mesh::EngineStats stats = peers_[number].engine->stats();
    view.peers.push_back(view_of(number, stats));
    add_feeds(number, stats, view.feeds);
  }
  return view;
}

PeerView Simulation::Impl::view_of(std::uint32_t number, const mesh::EngineStats& stats) const {
  const Peer& peer = peers_[number];
  PeerView view{.number = number, .id = peer.person.id, .role = stats.role, .poisons = hostile(number), .score = stats.score, .hop = stats.hop,
                .delay_ms = stats.delay_ms, .buffer_ms = stats.buffer_ms, .behind_ms = stats.behind_ms,
                .line_up_bits_per_s = peer.person.upload_bits_per_s, .line_down_bits_per_s = peer.person.download_bits_per_s};
  if (frozen(number)) view.state = PeerState::kFrozen;
  else if (number == 0 || peer.first_part >= 0) view.state = peer.stands ? PeerState::kStanding : PeerState::kPlaying;
  view.stripe_hops.fill(PeerView::kUnfed);
  for (std::size_t i = 0; i < std::min(stats.stripes.size(), view.stripe_hops.size()); ++i) {
    if (number == 0) view.stripe_hops[i] = 0;
    else if (stats.stripes[i].parent) view.stripe_hops[i] = stats.stripes[i].hop;
  }
  for (const mesh::NeighborStats& neighbor : stats.neighbors) {
    view.received_bits_per_s += neighbor.received_bytes_10s * 8 / 10;
    if (neighbor.peer == peers_[0].person.id) view.from_source_bits_per_s = neighbor.received_bytes_10s * 8 / 10;
    view.given_bits_per_s += neighbor.given_bytes_10s * 8 / 10;
  }
  return view;
}

void Simulation::Impl::add_feeds(std::uint32_t number, const mesh::EngineStats& stats, std::vector<FeedView>& feeds) const {
  for (const mesh::NeighborStats& neighbor : stats.neighbors) {
    const auto from = numbers_.find(neighbor.peer);
    if (neighbor.stripes_in == 0 || from == numbers_.end()) continue;
    FeedView feed{.from = from->second, .to = number, .relayed = neighbor.relayed, .bits_per_s = neighbor.received_bytes_10s * 8 / 10};
    for (std::size_t i = 0; i < stats.stripes.size(); ++i) {
      if (stats.stripes[i].parent == neighbor.peer) feed.stripes |= static_cast<std::uint8_t>(1U << i);
    }
    feeds.push_back(feed);
  }
}

std::optional<mesh::EngineStats> Simulation::Impl::stats_of(std::uint32_t number) const {
  if (number >= peers_.size() || !alive(number)) return std::nullopt;
  return peers_[number].engine->stats();
}

}  // namespace p2p::simulator
