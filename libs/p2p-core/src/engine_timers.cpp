#include <algorithm>
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
/// More links than this cost more control messages than they help.
constexpr std::size_t kLinksEnough = 11;
constexpr Duration kSurplusEvery = 2s;
constexpr Duration kOrphanAfter = 600ms;   ///< most changes of parents are done by then, and nobody below needs to hear of them
/// Timers need not be finer: it bounds the wakes when many things are due at once.
constexpr Duration kWakeMin = 10ms;

}  // namespace

Instant Engine::Impl::next_tick() const {
  Instant due = std::min({have_at_, second_at_, report_at_, status_at_});
  if (!options_.source && !neighbors_.empty()) {
    due = std::min(due, repair_.next_due());
    due = std::min(due, playout_.next_due(log_));
    if (rendition_) due = std::min(due, feeds_.next_due());
  }
  return std::max(due, ticked_at_ + kWakeMin);
}

Instant Engine::Impl::next_wake() const { return std::min(next_tick(), std::max(uplink_.next_due(), now_ + 1ms)); }

void Engine::Impl::tick() {
  ticked_at_ = now_;
  for (const Uplink::Item& item : uplink_.expire(now_)) {
    send(item.peer, wire::Unavailable{.rendition = rendition(), .pieces = {item.piece}});
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
    if (report_at_ > now_ + kFirstReportAfter && !reported_receiving_ && !feeds_.starving()) report_at_ = now_;
  }
  if (options_.source) return;
  if (feeds_.next_due() <= now_) plan_feeds();
  if (repair_.next_due() <= now_) plan_repair();
  skip_overdue();
}

void Engine::Impl::skip_overdue() {
  if (playout_.next_due(log_) > now_) return;
  const std::string missing = what_is_missing();
  const std::uint32_t skipped = playout_.skip_overdue(log_, store_, now_);
  if (skipped == 0) return;
  decide("skips " + std::to_string(skipped) + " parts: " + missing);
  skipped_ += skipped;
  repair_.forget_before(playout_.cursor());
  play();
}

std::string Engine::Impl::what_is_missing() const {
  const ManifestLog::Entry* entry = log_.find(playout_.cursor());
  if (!entry) return "no manifest of the part at " + std::to_string(playout_.cursor());
  std::string text = "not there of the first";
  for (PieceNumber piece = entry->part.first; piece < entry->part.end(); ++piece) {
    if (store_.find(piece)) continue;
    const Feeds::Feed& feed = feeds_.feed(stripe_of(piece));
    const bool held = std::any_of(neighbors_.begin(), neighbors_.end(), [&](const auto& entry) { return entry.second.has.has(piece); });
    const auto asked = repair_.asked_of(piece);
    text += " " + std::to_string(piece) + (feed.parent ? " (from " + short_name(*feed.parent) : " (no parent");
    text += asked ? ", asked of " + short_name(*asked) + ")" : held ? ", not asked)" : ", nobody has it)";
  }
  return text;
}

void Engine::Impl::tick_have() {
  have_at_ = now_ + kHaveEvery;
  std::sort(fresh_.begin(), fresh_.end());
  const PieceNumber from = fresh_.empty() ? store_.end() : fresh_.front();
  const PieceNumber end = fresh_.empty() ? from : fresh_.back() + 1;
  const bool with_status = --haves_until_status_ == 0;
  if (with_status) haves_until_status_ = kHavesPerStatus;
  for (auto& [peer, neighbor] : neighbors_) {
    if (neighbor.greeted) send_have(neighbor, from, end, false, with_status);
    if (now_ - neighbor.heard_at > kChildSilence) end_children_of(neighbor);
  }
  fresh_.clear();
  tell_rootless();
  // Who is full, or is not any more, says so: nobody should ask in vain for a second, or stay away.
  if (!options_.source && was_full_ != (children_.slots_used() >= capacity().slots)) status_at_ = std::min(status_at_, now_ + kStatusSoon);
}

void Engine::Impl::tick_second() {
  second_at_ = now_ + kSecond;
  std::vector<PeerId> silent;
  for (const auto& [peer, neighbor] : neighbors_) {
    if (now_ - neighbor.heard_at > kLinkSilence) silent.push_back(peer);
  }
  for (const PeerId peer : silent) {
    decide("hangs up on " + short_name(peer) + ": it is silent");
    out_.push_back(HangUp{peer, "silent"});
    drop_neighbor(peer);
  }
  const std::uint32_t copies_max = capacity().copies_max;
  for (std::size_t tree = 0; tree < kStripes; ++tree) {
    const auto carries = [&](PeerId peer) { return link_carries(peer, children_.stripes_given(peer)); };
    if (const auto promoted = children_.promote(tree, copies_max, carries)) {
      send(*promoted, wire::Subscribed{.rendition = rendition(), .stripe = tree_to_wire(tree), .from = log_.end(), .path = path_in(tree)});
    }
  }
  relieve_links();
  drop_surplus_link();
  dial_more();
}

/// Children of a peer that has found no parent for a while hang from nothing: each looks for another, and goes on with us until then.
void Engine::Impl::tell_rootless() {
  if (options_.source) return;
  for (std::size_t tree = 0; tree < kTrees; ++tree) {
    Orphaned& orphaned = orphaned_[tree];
    if (feeds_.feed(tree).parent) {
      orphaned = {};
    } else if (!orphaned.since) {
      orphaned.since = now_;
    } else if (!orphaned.told && now_ - *orphaned.since > kOrphanAfter && !children_.of(tree).empty()) {
      orphaned.told = true;
      send_path(tree);
      status_at_ = std::min(status_at_, now_ + kStatusSoon);
    }
  }
}

void Engine::Impl::end_children_of(Neighbor& silent) {
  for (std::size_t tree = 0; tree < kTrees; ++tree) {
    if (!children_.is_child(silent.peer, tree)) continue;
    children_.unsubscribe(silent.peer, tree, 0, log_.end());
    send(silent.peer, wire::Evict{.rendition = rendition(), .stripe = tree_to_wire(tree)});   // should it live
  }
}

void Engine::Impl::relieve_links() {
  for (auto& [peer, neighbor] : neighbors_) {
    // One stripe is left to a viewer that may have no better link; not by the source, whose other neighbors wait for it.
    const std::uint32_t least = options_.source && neighbors_.size() > kStripes ? 1 : 2;
    const std::uint32_t stripes = children_.stripes_given(peer);
    if (neighbor.link_missed) widen(neighbor, std::int64_t{stripes} + 1);
    if (link_carries(peer, stripes) || widen(neighbor, stripes) || stripes < least) continue;
    if (const auto tree = children_.hard_stripe(peer)) evict({peer, *tree}, PeerId{}, log_.end() + pieces_in(kGrace), true);
  }
}

void Engine::Impl::drop_surplus_link() {
  if (options_.source || now_ < surplus_at_ || membership_.links() <= kLinksEnough) return;
  surplus_at_ = now_ + kSurplusEvery;
  Neighbor* least = least_useful();
  if (!least) return;
  const PeerId peer = least->peer;
  decide("hangs up on " + short_name(peer) + ": links enough without it");
  out_.push_back(HangUp{peer, "surplus"});
  drop_neighbor(peer);
}

void Engine::Impl::tick_report() {
  report_at_ = now_ + kReportEvery;
  SendReport report{.upload_bits_per_s = uplink_.budget().bits_per_s(),
                    .upload_used_bits_per_s = std::int64_t{gives_kbit_per_s()} * 1000,
                    .latency_ms = static_cast<std::uint32_t>(delay_ / 1ms),
                    .buffer_ms = static_cast<std::uint32_t>(buffered_ / 1ms),
                    .hop = feeds_.hop(),
                    .receiving = options_.source ? rendition_.has_value() : !feeds_.starving()};
  for (auto& [peer, neighbor] : neighbors_) {
    report.neighbors.push_back({.peer = peer,
                                .received_bytes = neighbor.received_bytes - neighbor.received_at_report,
                                .failed_pieces = std::exchange(neighbor.failed_at_report, 0),
                                .rtt_ms = static_cast<std::uint32_t>(neighbor.rtt / 1ms)});
    neighbor.received_at_report = neighbor.received_bytes;
  }
  reported_receiving_ = report.receiving;
  out_.push_back(std::move(report));
}

void Engine::Impl::plan_feeds() {
  if (options_.source || leaving_ || !rendition_) return;
  const auto is_child = [&](PeerId peer, std::size_t tree) { return children_.is_child(peer, tree); };
  const auto has_news = [&](const Neighbor& neighbor, std::size_t tree) { return this->has_news(neighbor, tree); };
  const Feeds::Self self{.unit_bits_per_s = unit_bits_per_s(), .weight = believed(capacity().slots, gives_kbit_per_s()), .next = log_.end(),
                         .source = membership_.source() ? path_name(*membership_.source()) : 0,
                         .piece_every = kSecond * static_cast<int>(kStripes) / static_cast<int>(pieces_in(kSecond))};
  const Feeds::Plan plan = feeds_.plan(neighbors_, self, now_, is_child, has_news);
  for (const Feeds::Left& left : plan.left) {
    decide("leaves " + short_name(left.peer) + " in stripe " + std::to_string(left.tree) + ": " + left.why);
    Neighbor* parent = find(left.peer);
    if (!parent) continue;
    parent->subscribed_until[left.tree] = now_ + kLeftovers;
    send(left.peer, wire::Unsubscribe{.rendition = rendition(), .stripe = tree_to_wire(left.tree), .until = 0});
  }
  for (const Feeds::Place& ask : plan.asks) {
    PieceNumber from = ask.tree == kManifestTree && !log_.newest() ? 0 : log_.end();
    // In a change of parents the old one goes on for as long as it takes to tell it, or both would send the same pieces.
    if (ask.tree != kManifestTree && feeds_.feed(ask.tree).parent) from += pieces_in(kSwitchAhead);
    else if (ask.tree != kManifestTree) from = played_ > 0 ? repair_.first_missing(ask.tree).value_or(from) : wire::kFromNow;   // a backlog is fetched from many
    send(ask.peer, wire::Subscribe{.rendition = rendition(), .stripe = tree_to_wire(ask.tree), .from = from,
                                   .gives_kbit_per_s = gives_kbit_per_s(), .fed = feeds_.rooted(ask.tree) && !feeds_.dry(ask.tree) && feeds_.feed(ask.tree).parent != ask.peer});
  }
}

bool Engine::Impl::has_news(const Neighbor& neighbor, std::size_t tree) const {
  constexpr PieceNumber kRecent = 4 * kStripes;   // about a second
  const PieceNumber end = log_.end();
  for (PieceNumber piece = end - std::min(end, kRecent); piece < end; ++piece) {
    if (stripe_of(piece) == tree && !store_.has(piece) && (neighbor.role == Role::kSource || neighbor.has.has(piece))) return true;
  }
  return false;
}

void Engine::Impl::plan_repair() {
  if (options_.source || leaving_) return;
  const bool starting = played_ == 0;
  const ManifestLog::Entry* first = starting && playout_.started() ? log_.find(playout_.cursor()) : nullptr;
  for (Repair::Ask& ask : repair_.plan(neighbors_, feeds_, starting, first ? first->part.end() : 0, now_)) {
    for (std::size_t i = 0; i < ask.pieces.size(); i += wire::kPiecesPerRequestMax) {
      const auto end = ask.pieces.begin() + static_cast<std::ptrdiff_t>(std::min(i + wire::kPiecesPerRequestMax, ask.pieces.size()));
      send(ask.peer, wire::Request{.rendition = rendition(), .pieces = {ask.pieces.begin() + static_cast<std::ptrdiff_t>(i), end}, .urgent = ask.urgent});
    }
  }
}

}  // namespace p2p::mesh
