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
/// A link of which nothing is heard for so long is closed; a hidden tab's timers may run once a second only.
constexpr Duration kLinkSilence = 8s;
/// About two parts of a few Mbit/s: the trip of a question, its answer and the word to the old parent.
constexpr PieceNumber kSwitchAhead = 2 * kStripes;
/// Timers need not be finer: it bounds the wakes when many things are due at once.
constexpr Duration kWakeMin = 10ms;

}  // namespace

Instant Engine::Impl::next_tick() const {
  Instant due = std::min({have_at_, second_at_, report_at_});
  if (!options_.source && !neighbors_.empty()) {
    due = std::min(due, repair_.next_due());
    due = std::min(due, playout_.next_due(log_));
    if (rendition_) due = std::min(due, feeds_.next_due(now_));
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
  if (options_.source) return;
  plan_feeds();
  plan_repair();
  if (const std::uint32_t skipped = playout_.skip_overdue(log_, store_, now_); skipped > 0) {
    skipped_ += skipped;
    repair_.forget_before(playout_.cursor());
    play();
  }
}

void Engine::Impl::tick_have() {
  have_at_ = now_ + kHaveEvery;
  std::sort(fresh_.begin(), fresh_.end());
  const PieceNumber from = fresh_.empty() ? store_.end() : fresh_.front();
  const PieceNumber end = fresh_.empty() ? from : fresh_.back() + 1;
  for (auto& [peer, neighbor] : neighbors_) {
    if (neighbor.greeted) send_have(neighbor, from, end, false);
  }
  fresh_.clear();
}

void Engine::Impl::tick_second() {
  second_at_ = now_ + kSecond;
  std::vector<PeerId> silent;
  for (const auto& [peer, neighbor] : neighbors_) {
    if (now_ - neighbor.heard_at > kLinkSilence) silent.push_back(peer);
    else if (neighbor.greeted) send_status(peer);
  }
  for (const PeerId peer : silent) {
    decide(to_text(peer) + " is silent");
    out_.push_back(HangUp{peer, "silent"});
    drop_neighbor(peer);
  }
  const Children::Capacity room = capacity();
  for (std::size_t tree = 0; tree < kStripes; ++tree) {
    const auto slots_of = [&](PeerId peer) { return neighbors_.at(peer).slots; };
    for (const Children::Change& change : children_.rank(tree, room.copies_max, slots_of)) {
      send(change.peer, wire::Subscribed{.rendition = rendition(), .stripe = tree_to_wire(tree), .from = log_.end(), .path = path_in(tree),
                                         .soft = change.soft});
    }
  }
  for (const PeerId peer : membership_.plan(feeds_.starving(), now_)) {
    if (signaling_) out_.push_back(Dial{peer});
    else membership_.link_down(peer, now_);   // offers travel through the directory; it is away
  }
  if (signaling_ && membership_.ask_directory(feeds_.starving(), now_)) out_.push_back(FindCandidates{membership_.known()});
}

void Engine::Impl::tick_report() {
  report_at_ = now_ + kReportEvery;
  SendReport report{.upload_bits_per_s = uplink_.budget().bits_per_s(),
                    .upload_used_bits_per_s = given_1s_.sum(now_) * 8,
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
  out_.push_back(std::move(report));
}

void Engine::Impl::plan_feeds() {
  if (options_.source || leaving_ || !rendition_) return;
  const auto is_child = [&](PeerId peer, std::size_t tree) { return children_.is_child(peer, tree); };
  for (const Feeds::Ask& ask : feeds_.plan(neighbors_, now_, is_child)) {
    PieceNumber from = ask.tree == kManifestTree && !log_.newest() ? 0 : log_.end();
    // In a change of parents the old one goes on for as long as it takes to tell it, or both would send the same pieces.
    if (ask.tree != kManifestTree && feeds_.feed(ask.tree).parent) from += kSwitchAhead;
    send(ask.peer, wire::Subscribe{.rendition = rendition(), .stripe = tree_to_wire(ask.tree), .from = from,
                                   .gives_kbit_per_s = static_cast<std::uint32_t>(given_1s_.sum(now_) * 8 / 1000)});
  }
}

void Engine::Impl::plan_repair() {
  if (options_.source || leaving_) return;
  const bool starting = played_ == 0;
  for (Repair::Ask& ask : repair_.plan(neighbors_, feeds_, starting, now_)) {
    for (std::size_t i = 0; i < ask.pieces.size(); i += wire::kPiecesPerRequestMax) {
      const auto end = ask.pieces.begin() + static_cast<std::ptrdiff_t>(std::min(i + wire::kPiecesPerRequestMax, ask.pieces.size()));
      send(ask.peer, wire::Request{.rendition = rendition(), .pieces = {ask.pieces.begin() + static_cast<std::ptrdiff_t>(i), end}});
    }
  }
}

}  // namespace p2p::mesh
