#include "scheduler/uplink.hpp"

#include <algorithm>
#include <iterator>

#include "base/check.hpp"

namespace p2p::mesh {
namespace {

bool holds(const Ring<Uplink::Item>& queue, RenditionId rendition, PieceNumber piece) {
  return std::any_of(queue.begin(), queue.end(), [&](const Uplink::Item& item) { return item.piece.is(rendition, piece); });
}

}  // namespace

void Uplink::link_down(PeerId peer) {
  const auto link = links_.find(peer);
  if (link == links_.end()) return;
  for (const auto* queue : {&link->second.pushes, &link->second.requests}) {
    for (const Item& item : *queue) waiting_bytes_ -= item.piece.bytes;
    waiting_ -= queue->size();
  }
  changed_ = true;
  busy_.erase(peer);
  links_.erase(peer);
}

bool Uplink::push(PeerId peer, Piece piece, bool requested, Instant now) {
  const auto link = links_.find(peer);
  if (link == links_.end() || link->second.pushes.size() >= kQueueMax || holds(link->second.pushes, piece.rendition, piece.number)) return false;
  changed_ = true;
  cancel(peer, piece.rendition, piece.number);   // requested before: it goes as a push now
  // The oldest first, also within a link: what a newcomer needs for its first picture goes before what is pushed to it already.
  auto& pushes = link->second.pushes;
  std::size_t at = pushes.size();
  while (at > 0 && pushes[at - 1].piece.order() > piece.order()) --at;
  pushes.insert(at, {peer, piece, requested, now});
  busy_.try_emplace(peer, &link->second);
  waiting_bytes_ += piece.bytes;
  ++waiting_;
  return true;
}

bool Uplink::request(PeerId peer, Piece piece, Instant now) {
  const auto link = links_.find(peer);
  if (link == links_.end() || link->second.requests.size() >= kQueueMax) return false;
  if (holds(link->second.requests, piece.rendition, piece.number) || holds(link->second.pushes, piece.rendition, piece.number)) return false;
  changed_ = true;
  link->second.requests.push_back({peer, piece, true, now});
  busy_.try_emplace(peer, &link->second);
  waiting_bytes_ += piece.bytes;
  ++waiting_;
  return true;
}

void Uplink::cancel(PeerId peer, RenditionId rendition, PieceNumber piece, bool requested_only) {
  changed_ = true;
  const auto link = links_.find(peer);
  if (link == links_.end()) return;
  for (auto* queue : {&link->second.pushes, &link->second.requests}) {
    for (std::size_t i = 0; i < queue->size(); ++i) {
      const Item& item = (*queue)[i];
      if (!item.piece.is(rendition, piece) || (requested_only && !item.requested)) continue;
      waiting_bytes_ -= item.piece.bytes;
      --waiting_;
      queue->erase(i);
      break;
    }
  }
  if (link->second.idle()) busy_.erase(peer);
}

void Uplink::forget(RenditionId rendition) {
  changed_ = true;
  for (auto& [peer, link] : links_) {
    for (auto* queue : {&link.pushes, &link.requests}) {
      waiting_ -= queue->erase_if([&](const Item& item) {
        if (item.piece.rendition != rendition) return false;
        waiting_bytes_ -= item.piece.bytes;
        return true;
      });
    }
    if (link.idle()) busy_.erase(peer);
  }
}

bool Uplink::waits(PeerId peer, RenditionId rendition, PieceNumber piece) const {
  const auto link = links_.find(peer);
  return link != links_.end() && (holds(link->second.pushes, rendition, piece) || holds(link->second.requests, rendition, piece));
}

void Uplink::sent_control(PeerId peer, std::size_t bytes, Instant now) {
  changed_ = true;
  budget_.spend(price(static_cast<std::uint32_t>(bytes)), now);
  if (const auto link = links_.find(peer); link != links_.end()) link->second.rate.sent(static_cast<std::int64_t>(bytes));
}

void Uplink::backlog(PeerId peer, std::uint32_t bytes, Instant now) {
  const auto link = links_.find(peer);
  if (link == links_.end()) return;
  changed_ = true;
  link->second.backlog = bytes;
  link->second.rate.waiting(bytes, now);
}

void Uplink::interrupted(PeerId peer) {
  changed_ = true;
  if (const auto link = links_.find(peer); link != links_.end()) link->second.rate.interrupted();
}

void Uplink::widened(PeerId peer, std::uint32_t from, std::uint32_t to) {
  changed_ = true;
  if (const auto link = links_.find(peer); link != links_.end()) link->second.rate.widened(from, to);
}

void Uplink::set_weight(PeerId peer, std::int64_t weight) {
  if (const auto link = links_.find(peer); link != links_.end()) link->second.weight = weight;
}

std::optional<std::int64_t> Uplink::link_bits_per_s(PeerId peer) const {
  const auto link = links_.find(peer);
  return link == links_.end() ? std::nullopt : link->second.rate.bits_per_s();
}

std::uint32_t Uplink::Link::backlog_max() const {
  const auto carried = rate.bits_per_s();
  if (!carried) return kBacklogMax;
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(*carried * (kLinkQueueMax / 1ms) / 8'000, kBacklogMin, kBacklogMax));
}

Uplink::Link* Uplink::next_link(bool pushes) {
  Link* best = nullptr;
  for (auto& [peer, link] : busy_) {
    const Ring<Item>& queue = pushes ? link->pushes : link->requests;
    if (queue.empty() || link->backlog >= link->backlog_max()) continue;
    if (best) {
      const Item& front = queue.front();
      const Item& other = (pushes ? best->pushes : best->requests).front();
      const auto order = front.piece.order(), other_order = other.piece.order();
      if (pushes && (order != other_order ? order > other_order : link->weight <= best->weight)) continue;
      if (!pushes && front.queued_at >= other.queued_at) continue;
    }
    best = link;
  }
  return best;
}

std::optional<Uplink::Item> Uplink::take(Instant now) {
  if (waiting_ == 0 || (!changed_ && now < due_)) return std::nullopt;
  for (const bool pushes : {true, false}) {
    Link* link = next_link(pushes);
    if (!link) continue;
    auto& queue = pushes ? link->pushes : link->requests;
    const Item item = queue.front();
    if (!budget_.try_spend(price(item.piece.bytes), now)) return std::nullopt;
    changed_ = true;
    queue.pop_front();
    link->backlog += item.piece.bytes;
    link->rate.sent(item.piece.bytes);
    waiting_bytes_ -= item.piece.bytes;
    --waiting_;
    if (link->idle()) busy_.erase(item.peer);
    return item;
  }
  return std::nullopt;
}

std::vector<Uplink::Item> Uplink::expire(Instant now) {
  std::vector<Item> expired;
  if (waiting_ == 0) return expired;
  changed_ = true;
  for (auto at = busy_.begin(); at != busy_.end();) {
    Link& link = *at->second;
    const auto sweep = [&](Ring<Item>& queue, Duration limit) {
      while (!queue.empty() && now - queue.front().queued_at > limit) {
        waiting_bytes_ -= queue.front().piece.bytes;
        --waiting_;
        expired.push_back(queue.front());
        queue.pop_front();
      }
    };
    sweep(link.pushes, kPushWaitMax);
    sweep(link.requests, kRequestWaitMax);
    at = link.idle() ? busy_.erase(at) : std::next(at);
  }
  return expired;
}

Duration Uplink::wait(PeerId peer) const {
  const auto link = links_.find(peer);
  const std::int64_t backlog = link == links_.end() ? 0 : link->second.backlog;
  return Duration{(waiting_bytes_ + backlog) * 8'000'000 / budget_.bits_per_s()};
}

Instant Uplink::next_due() const {
  if (changed_) due_ = look_for_due();
  changed_ = false;
  return due_;
}

Instant Uplink::look_for_due() const {
  if (waiting_ == 0) return kNever;
  Instant due = kNever;
  for (const auto& [peer, link] : busy_) {
    for (const auto* queue : {&link->pushes, &link->requests}) {
      if (queue->empty()) continue;
      due = std::min(due, queue->front().queued_at + kPushWaitMax + 1us);
      if (link->backlog < link->backlog_max()) due = std::min(due, budget_.next_affordable(price(queue->front().piece.bytes)));
    }
  }
  return due;
}

void Uplink::check_invariants() const {
  budget_.check_invariants();
  std::int64_t bytes = 0;
  std::size_t count = 0;
  for (const auto& [peer, link] : links_) {
    CHECK(link.idle() != busy_.contains(peer), "the uplink lost sight of who waits");
    CHECK(link.pushes.size() <= kQueueMax && link.requests.size() <= kQueueMax, "a queue beyond its bound");
    for (const auto* queue : {&link.pushes, &link.requests}) {
      for (const Item& item : *queue) {
        bytes += item.piece.bytes;
        ++count;
      }
    }
  }
  CHECK(bytes == waiting_bytes_ && count == waiting_, "the uplink lost count of what waits");
}

}  // namespace p2p::mesh
