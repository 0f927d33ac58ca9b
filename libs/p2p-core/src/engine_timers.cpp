#include <algorithm>
#include <array>
#include <utility>

#include "base/hex.hpp"
#include "engine_impl.hpp"

namespace p2p::mesh {
namespace {

/// Have-deltas double as keep-alive and are what shows within a second that a parent died.
constexpr Duration kHaveEvery = 200ms;
constexpr Duration kSecond = 1s;
constexpr Duration kReportEvery = 5s;
constexpr Duration kFirstReportAfter = 200ms;
/// A link of which nothing is heard for so long is closed; a hidden tab's timers may run once a second only.
constexpr Duration kLinkSilence = 8s;
/// The trip of a question, its answer and the word to the old parent.
constexpr Duration kSwitchAhead = 400ms;
/// A child of whom nothing is heard for so long is gone, or cannot use what it is sent: its place is free.
constexpr Duration kChildSilence = 1200ms;
constexpr Duration kOrphanAfter = 600ms;   ///< most changes of parents are done by then, and nobody below needs to hear of them
/// Timers need not be finer: it bounds the wakes when many things are due at once.
constexpr Duration kWakeMin = 10ms;

}  // namespace

Instant Engine::Impl::next_tick() const {
  Instant due = std::min({have_at_, second_at_, report_at_, status_at_, quality_at_});
  if (!options_.source && !neighbors_.empty()) {
    for (const auto& track : tracks_) {
      due = std::min({due, track->repair.next_due(), track->edge.next_due()});
      due = std::min(due, track->playout.next_due(track->log));
      if (track->known() && !track->ends_at) due = std::min(due, track->feeds.next_due());
    }
  }
  return std::max(due, ticked_at_ + kWakeMin);
}

bool Engine::Impl::tick_due() const { return now_ >= ticked_at_ + kWakeMin && next_tick() <= now_; }

Instant Engine::Impl::wake_wanted() const { return std::min(next_tick(), std::max(uplink_.next_due(), now_ + 1ms)); }

void Engine::Impl::tick() {
  ticked_at_ = now_;
  for (const Uplink::Item& item : uplink_.expire(now_)) {
    if (Neighbor* neighbor = find(item.peer)) ++neighbor->held_up;
    send(item.peer, wire::Unavailable{.rendition = item.piece.rendition.value, .pieces = {item.piece.number}});
  }
  if (now_ >= have_at_) tick_have();
  if (now_ >= second_at_) tick_second();
  if (now_ >= report_at_) tick_report();
  if (now_ >= status_at_) {
    status_at_ = kNever;
    for (const auto& [peer, neighbor] : neighbors_) {
      if (neighbor.greeted) send_status(peer);
    }
    haves_until_status_ = kHavesPerStatus;
    if (report_at_ > now_ + kFirstReportAfter && !reported_receiving_ && !main().starving()) report_at_ = now_;
  }
  if (options_.source) return;
  if (now_ >= quality_at_) mind_quality();
  for (auto& track : tracks_) {
    if (track->feeds.next_due() <= now_) plan_feeds(*track);
    if (track->repair.next_due() <= now_) plan_repair(*track);
    if (track->edge.next_due() <= now_) plan_edge(*track);
    skip_overdue(*track);
  }
}

void Engine::Impl::tick_have() {
  have_at_ = now_ + kHaveEvery;
  for (auto& track : tracks_) std::sort(track->fresh.begin(), track->fresh.end());
  const bool with_status = --haves_until_status_ == 0;
  if (with_status) haves_until_status_ = kHavesPerStatus;
  const Duration child_silence = options_.source && membership_.links() > kFewLinks ? kCandidateSilence : kChildSilence;
  for (auto& [peer, neighbor] : neighbors_) {
    if (neighbor.greeted) send_fresh(neighbor, with_status);
    if (now_ - neighbor.heard_at > child_silence) end_children_of(neighbor);
  }
  tick_chat();
  if (options_.source) {
    for (auto& track : tracks_) push_unheld(*track);
  }
  for (auto& track : tracks_) {
    track->fresh.clear();
    tell_rootless(*track);
    // Who is full, or is not any more, says so: nobody should ask in vain for a second, or stay away.
    const bool full = track->children.slots_used() >= capacity(*track).slots;
    if (!options_.source && track->was_full != full) status_at_ = std::min(status_at_, now_ + kStatusSoon);
  }
}

/// What is new in the renditions that it follows, and now and then what we have to say of all; it hears of us in any case.
void Engine::Impl::send_fresh(Neighbor& to, bool with_status) {
  bool told = false;
  for (const auto& track : tracks_) {
    if (!follows(to, *track)) {
      if (with_status) send(to.peer, status_to_tell(*track));
      continue;
    }
    const PieceNumber from = track->fresh.empty() ? track->store.end() : track->fresh.front();
    const PieceNumber end = track->fresh.empty() ? from : track->fresh.back() + 1;
    send_have(*track, to, from, end, false, with_status);
    told = true;
  }
  if (!told) send_have(main(), to, main().store.end(), main().store.end(), false, false);
}

void Engine::Impl::tick_second() {
  second_at_ = now_ + kSecond;
  uplink_.budget().set_rate(upload_bits_per_s(), now_);   // each link takes some of it
  std::vector<PeerId> silent;
  for (const auto& [peer, neighbor] : neighbors_) {
    if (now_ - neighbor.heard_at > kLinkSilence) silent.push_back(peer);
  }
  for (const PeerId peer : silent) {
    decide("hangs up on " + short_name(peer) + ": it is silent", Topic::kLink);
    out_.push_back(HangUp{peer, "silent"});
    drop_neighbor(peer);
  }
  count_links();
  for (auto& track : tracks_) promote_soft(*track);
  relieve_links();
  drop_surplus_link();
  dial_more();
}

void Engine::Impl::promote_soft(Track& track) {
  const std::uint32_t copies_max = capacity(track).copies_max;
  const auto carries = [&](PeerId peer) { return link_carries(peer, promised_bits_per_s(peer)); };
  for (std::size_t tree = 0; tree < kStripes; ++tree) {
    if (const auto promoted = track.children.promote(tree, copies_max, carries)) {
      send(*promoted, wire::Subscribed{.rendition = track.number(), .stripe = tree_to_wire(tree), .from = track.log.end(),
                                       .path = track.path_in(tree, membership_.self())});
    }
  }
}

/// Children of a peer that has found no parent for a while hang from nothing: each looks for another, and goes on with us until then.
void Engine::Impl::tell_rootless(Track& track) {
  if (options_.source) return;
  for (std::size_t tree = 0; tree < kTrees; ++tree) {
    Track::Orphaned& orphaned = track.orphaned[tree];
    if (track.feeds.feed(tree).parent) {
      orphaned = {};
    } else if (track.edge.feeds(tree)) {
      orphaned = {};
    } else if (!orphaned.since) {
      orphaned.since = now_;
    } else if (!orphaned.told && now_ - *orphaned.since > kOrphanAfter && !track.children.of(tree).empty()) {
      orphaned.told = true;
      send_path(track, tree);
      status_at_ = std::min(status_at_, now_ + kStatusSoon);
    }
  }
}

void Engine::Impl::end_children_of(Neighbor& silent) {
  for (auto& track : tracks_) {
    for (std::size_t tree = 0; tree < kTrees; ++tree) {
      if (!track->children.is_child(silent.peer, tree)) continue;
      track->lost_child_at[tree] = now_;
      track->children.unsubscribe(silent.peer, tree, 0, track->log.end());
      if (options_.source) status_at_ = std::min(status_at_, now_ + kStatusSoon);   // the others should know that it wants more
      send(silent.peer, wire::Evict{.rendition = track->number(), .stripe = tree_to_wire(tree)});   // should it live
    }
  }
}

void Engine::Impl::tick_report() {
  report_at_ = now_ + kReportEvery;
  SendReport report{.upload_bits_per_s = uplink_.budget().bits_per_s(),
                    .upload_used_bits_per_s = std::int64_t{gives_kbit_per_s()} * 1000,
                    .latency_ms = static_cast<std::uint32_t>(delay_ / 1ms),
                    .buffer_ms = static_cast<std::uint32_t>((playhead_ ? playhead_->buffered : 0ms) / 1ms),
                    .hop = main().feeds.hop(),
                    .receiving = options_.source ? main().known() : !main().starving(),
                    .rendition = {}};
  if (!options_.source && renditions_.size() > 1 && main().known()) report.rendition = main().id();
  for (auto& [peer, neighbor] : neighbors_) {
    report.neighbors.push_back({.peer = peer,
                                .received_bytes = std::exchange(neighbor.accepted_bytes, 0),
                                .failed_pieces = std::exchange(neighbor.failed_at_report, 0),
                                .rtt_ms = static_cast<std::uint32_t>(neighbor.rtt / 1ms)});
  }
  reported_receiving_ = report.receiving;
  out_.push_back(std::move(report));
}

void Engine::Impl::plan_feeds() {
  for (auto& track : tracks_) plan_feeds(*track);
}

void Engine::Impl::plan_feeds(Track& track) {
  if (options_.source || leaving_ || !track.known() || track.ends_at) return;
  const auto is_child = [&](PeerId peer, std::size_t tree) { return track.children.is_child(peer, tree); };
  const auto has_news = [&](const Neighbor& neighbor, std::size_t tree) { return track.has_news(neighbor, tree); };
  const Feeds::Self self{.rendition = track.id(), .stripes = track.stripes, .unit_bits_per_s = track.unit_bits_per_s(),
                         .weight = believed(capacity(track).slots, track.unit_bits_per_s(), gives_kbit_per_s(), attested_kbit_per_s_), .next = track.log.end(),
                         .source = membership_.source() ? path_name(*membership_.source()) : 0,
                         .piece_every = kSecond * static_cast<int>(kStripes) / static_cast<int>(track.pieces_in(kSecond)),
                         .line_queue = line_queue()};
  const Feeds::Plan plan = track.feeds.plan(neighbors_, self, now_, is_child, has_news);
  for (const Feeds::Left& left : plan.left) {
    decide("leaves " + short_name(left.peer) + " in stripe " + std::to_string(left.tree) + ": " + left.why, Topic::kFeed);
    Neighbor* parent = find(left.peer);
    if (!parent) continue;
    parent->in(track.id()).subscribed_until[left.tree] = now_ + kLeftovers;
    send(left.peer, wire::Unsubscribe{.rendition = track.number(), .stripe = tree_to_wire(left.tree), .until = 0});
  }
  for (const Feeds::Place& ask : plan.asks) {
    const PieceNumber from = first_wanted(track, ask.tree);
    send(ask.peer, wire::Subscribe{.rendition = track.number(), .stripe = tree_to_wire(ask.tree), .from = from,
                                   .gives_kbit_per_s = gives_kbit_per_s(), .fed = track.fed(ask.tree) && !track.feeds.dry(ask.tree) && track.feeds.feed(ask.tree).parent != ask.peer});
  }
}

/// The first piece that a parent is asked for.
PieceNumber Engine::Impl::first_wanted(const Track& track, std::size_t tree) const {
  const PieceNumber end = track.log.end();
  if (tree == kManifestTree) return track.log.newest() ? end : 0;
  // In a change of parents the old one goes on for as long as it takes to tell it, or both would send the same pieces.
  if (track.feeds.feed(tree).parent || track.edge.feeds(tree)) return end + track.pieces_in(kSwitchAhead);
  return played_ > 0 && !track.joining ? track.repair.first_missing(tree).value_or(end) : wire::kFromNow;   // a backlog is fetched from many
}

void Engine::Impl::plan_edge(Track& track) {
  if (leaving_ || !track.known() || track.ends_at) return;
  std::array<bool, kStripes> fed_before{};
  for (std::size_t tree = 0; tree < kStripes; ++tree) fed_before[tree] = track.edge.feeds(tree);
  for (const PieceNumber piece : track.edge.plan(track.repair, track.feeds, played_ == 0, now_)) out_.push_back(FetchPiece{track.id(), piece});
  for (std::size_t tree = 0; tree < kStripes; ++tree) {
    if (track.edge.feeds(tree) == fed_before[tree]) continue;
    if (!fed_before[tree]) decide("stripe " + std::to_string(tree) + " comes from the edge: no neighbor gives it", Topic::kFeed);
    send_path(track, tree);
    status_at_ = std::min(status_at_, now_ + kStatusSoon);
  }
}

void Engine::Impl::plan_repair(Track& track) {
  if (options_.source || leaving_) return;
  const bool starting = played_ == 0 && !track.joining;
  const ManifestLog::Entry* first = starting && track.playout.started() ? track.log.find(track.playout.cursor()) : nullptr;
  Repair::Need need{.rendition = track.id(), .starting = starting, .urgent_before = first ? first->part.end() : 0,
                    .early_from = backlog_to_ask(track), .early_until = track.backlog_end, .unit_bits_per_s = track.unit_bits_per_s(),
                    .line_queue = line_queue()};
  for (std::size_t tree = 0; tree < kStripes; ++tree) need.from_edge[tree] = track.edge.feeds(tree) && !starting;
  const std::vector<Repair::Ask> asks = track.repair.plan(neighbors_, track.feeds, need, now_);
  std::map<PeerId, std::vector<PieceNumber>> given_up;
  for (const Repair::Cancel& cancel : track.repair.given_up()) given_up[cancel.peer].push_back(cancel.piece);
  for (auto& [peer, pieces] : given_up) send(peer, wire::Cancel{.rendition = track.number(), .still_missing = true, .pieces = std::move(pieces)});
  for (const Repair::Ask& ask : asks) {
    for (std::size_t i = 0; i < ask.pieces.size(); i += wire::kPiecesPerRequestMax) {
      const auto end = ask.pieces.begin() + static_cast<std::ptrdiff_t>(std::min(i + wire::kPiecesPerRequestMax, ask.pieces.size()));
      send(ask.peer, wire::Request{.rendition = track.number(), .pieces = {ask.pieces.begin() + static_cast<std::ptrdiff_t>(i), end}, .urgent = ask.urgent});
    }
  }
}

}  // namespace p2p::mesh
