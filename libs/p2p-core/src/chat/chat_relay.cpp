#include "chat/chat_relay.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"

namespace p2p::mesh {
namespace {

constexpr std::size_t kNamedByMax = 4;
constexpr std::size_t kWantedAtOnce = 64;
constexpr Duration kAnswerEvery = 250ms;
constexpr Duration kAskedFor = 3s;       ///< an answer that has not come by then does not come

std::int64_t price_of(std::size_t bytes) { return std::max(static_cast<std::int64_t>(bytes), ChatRelay::kPriceMin); }

/// Counts things, not bytes: one is so many bytes that the rate is a whole number of bits.
constexpr std::int64_t kThing = 1'000;
UploadBudget::Options counting(Duration every, std::int64_t burst) {
  return {.bits_per_s = kThing * 8 * Duration{1s}.count() / every.count(), .burst = 0ms, .burst_bytes_min = burst * kThing};
}

}  // namespace

ChatRelay::Link::Link(Instant now)
    : given{{.bits_per_s = kLinkBitsPerS, .burst = 0ms, .burst_bytes_min = kLinkBurstBytes}, now},
      history{{.bits_per_s = kLinkBitsPerS, .burst = 0ms, .burst_bytes_min = kHistoryBurstBytes}, now},
      taken{{.bits_per_s = kTakenBitsPerS, .burst = 0ms, .burst_bytes_min = kTakenBurstBytes}, now},
      own{counting(kOwnEvery, kOwnBurst), now},
      lone{counting(kLoneEvery, kLoneBurst), now} {}

ChatRelay::ChatRelay(Instant now) : all_{{.bits_per_s = kBitsPerSMax, .burst = 0ms, .burst_bytes_min = kBurstBytes}, now} {}

ChatRelay::Link* ChatRelay::find(PeerId peer) {
  const auto at = links_.find(peer);
  return at == links_.end() ? nullptr : &at->second;
}

const ChatRelay::Link* ChatRelay::find(PeerId peer) const {
  const auto at = links_.find(peer);
  return at == links_.end() ? nullptr : &at->second;
}

void ChatRelay::link_up(PeerId peer, Instant now) { links_.try_emplace(peer, now); }

void ChatRelay::link_down(PeerId peer) {
  const Link* link = find(peer);
  if (!link) return;
  names_ -= link->names.size();
  links_.erase(peer);
  if (asking_ == peer) asking_.reset();
  if (again_ && again_->peer == peer) again_.reset();
}

std::vector<PeerId> ChatRelay::links() const {
  std::vector<PeerId> all;
  for (const auto& [peer, link] : links_) all.push_back(peer);
  return all;
}

std::vector<PeerId> ChatRelay::eager_links() const {
  std::vector<PeerId> all;
  for (const auto& [peer, link] : links_) {
    if (link.eager) all.push_back(peer);
  }
  return all;
}

void ChatRelay::set_rate(std::int64_t upload_bits_per_s, Instant now) {
  const std::int64_t rate = std::clamp(upload_bits_per_s * kUploadPercent / 100, kBitsPerSMin, kBitsPerSMax);
  if (rate != all_.bits_per_s()) all_.set_rate(rate, now);
}

std::vector<PeerId> ChatRelay::spread(const ChatId& id, std::size_t bytes, std::optional<PeerId> from, Instant now) {
  came(id);
  std::vector<PeerId> pushed;
  const auto size = static_cast<std::int64_t>(bytes);
  for (auto& [peer, link] : links_) {
    // Who sent it hears its name: so an author knows that a peer has what it said.
    if (peer != from && link.eager && all_.next_affordable(size) <= now && link.given.try_spend(size, now) && all_.try_spend(size, now)) pushed.push_back(peer);
    else name(link, id);
  }
  return pushed;
}

void ChatRelay::name(Link& link, const ChatId& id) {
  if (link.names.size() == kNamesMax) {
    link.names.pop_front();
    --names_;
  }
  link.names.push_back(id);
  ++names_;
}

std::vector<ChatId> ChatRelay::take_names(PeerId peer) {
  std::vector<ChatId> names;
  Link* link = find(peer);
  if (!link) return names;
  for (const ChatId& id : link->names) names.push_back(id);
  names_ -= names.size();
  link->names.clear();
  return names;
}

void ChatRelay::named(PeerId peer, const ChatId& id, Instant now) {
  const auto at = missing_.find(id);
  if (at != missing_.end()) {
    auto& named_by = at->second.named_by;
    if (named_by.size() < kNamedByMax && std::ranges::count(named_by, peer) == 0) named_by.push_back(peer);
    return;
  }
  const auto of_peer = std::ranges::count_if(missing_, [&](const auto& entry) { return entry.second.named_by.front() == peer; });
  if (missing_.size() >= kMissingMax || static_cast<std::size_t>(of_peer) >= kMissingFromMax) return;   // what was missed is compared later
  missing_[id] = {.named_by = {peer}, .asked = 0, .ask_at = now + kPushAwaited};
}

std::vector<ChatRelay::Want> ChatRelay::wants(Instant now) {
  FlatMap<PeerId, std::vector<ChatId>> by_peer;
  for (auto at = missing_.begin(); at != missing_.end();) {
    Missing& missing = at->second;
    if (missing.ask_at > now) {
      ++at;
      continue;
    }
    while (missing.asked < missing.named_by.size() && !links_.contains(missing.named_by[missing.asked])) ++missing.asked;
    if (missing.asked == missing.named_by.size()) {
      at = missing_.erase(at);
      continue;
    }
    auto& ids = by_peer[missing.named_by[missing.asked]];
    if (ids.size() < kWantedAtOnce) {
      ids.push_back(at->first);
      ++missing.asked;
      missing.ask_at = now + kAnswerAwaited;
    }
    ++at;
  }
  std::vector<Want> wants;
  for (auto& [peer, ids] : by_peer) {
    graft(peer);
    wants.push_back({peer, std::move(ids)});
  }
  return wants;
}

bool ChatRelay::prune(PeerId peer) {
  Link* link = find(peer);
  return link && std::exchange(link->eager, false);
}

void ChatRelay::pruned(PeerId peer) {
  if (Link* link = find(peer)) link->eager = false;
}

void ChatRelay::graft(PeerId peer) {
  if (Link* link = find(peer)) link->eager = true;
}

bool ChatRelay::admit(PeerId peer, std::size_t bytes, Instant now) {
  Link* link = find(peer);
  if (!link || silenced(peer, now)) return false;
  const std::int64_t price = price_of(bytes);
  if (asked(peer, now) && link->asked_bytes >= price) {
    link->asked_bytes -= price;
    return true;
  }
  if (link->taken.try_spend(price, now)) return true;
  refused(peer, now);
  return false;
}

ChatRelay::Belief ChatRelay::believe(PeerId peer, const ChatId& id, const ChatAuthor& author, bool own, Instant now) {
  Link* link = find(peer);
  if (!link) return Belief::kNot;
  if (own && (!link->author || link->author == author || now - link->named_at >= kRenamedAfter)) {
    if (link->author != author) link->named_at = now;
    link->author = author;
    if (link->own.try_spend(kThing, now)) return Belief::kFully;
  }
  const auto missing = missing_.find(id);
  const bool named = missing != missing_.end() && std::ranges::any_of(missing->second.named_by, [&](PeerId other) { return other != peer; });
  if (named || link->lone.try_spend(kThing, now)) return Belief::kFully;
  return links_.size() < kVoicesMin ? Belief::kQuietly : Belief::kNot;
}

void ChatRelay::refused(PeerId peer, Instant now) {
  Link* link = find(peer);
  if (!link) return;
  if (now - link->refusals_since > kRefusalsFor) {
    link->refusals_since = now;
    link->refusals = 0;
  }
  if (++link->refusals > kRefusalsMax) link->silenced_until = now + kSilencedFor;
}

bool ChatRelay::silenced(PeerId peer, Instant now) const {
  const Link* link = find(peer);
  return !link || (link->silenced_until && now < *link->silenced_until);
}

bool ChatRelay::ask(PeerId peer, Instant now) {
  Link* link = find(peer);
  if (!link || silenced(peer, now)) return false;
  const bool again = again_ && again_->peer == peer;
  if (asking_ && now - asking_since_ < kAskedFor && !(again && asking_ == peer)) return false;
  if (!again && link->asked_at && now - *link->asked_at < kCompareEvery) return false;
  again_.reset();
  asking_ = peer;
  asking_since_ = now;
  link->asked_at = now;
  // As many small messages as fit may be priced at more than their bytes.
  link->asked_bytes = 2 * static_cast<std::int64_t>(kAnswerBytesMax);
  return true;
}

void ChatRelay::ask_again(PeerId peer, Instant now) {
  if (asking_ == peer) again_ = Again{peer, now + kCompareAgain};
}

bool ChatRelay::asked(PeerId peer, Instant now) const { return asking_ == peer && now - asking_since_ < kAskedFor; }

std::optional<PeerId> ChatRelay::asked_again(Instant now) {
  if (!again_ || now < again_->at) return std::nullopt;
  return again_->peer;
}

bool ChatRelay::may_answer(PeerId peer, Instant now) {
  Link* link = find(peer);
  if (!link || silenced(peer, now) || (link->answered_at && now - *link->answered_at < kAnswerEvery)) return false;
  link->answered_at = now;
  return true;
}

bool ChatRelay::pay_answer(PeerId peer, std::size_t bytes, Instant now) {
  Link* link = find(peer);
  const auto size = static_cast<std::int64_t>(bytes);
  return link && all_.next_affordable(size) <= now && link->history.try_spend(size, now) && all_.try_spend(size, now);
}

bool ChatRelay::pay_light(std::size_t bytes, Instant now) {
  const auto size = static_cast<std::int64_t>(bytes);
  return all_.next_affordable(kBurstBytes / 2 + size) <= now && all_.try_spend(size, now);
}

void ChatRelay::check_invariants() const {
  CHECK(missing_.size() <= kMissingMax, "more chat messages are waited for than may be");
  std::size_t names = 0;
  for (const auto& [peer, link] : links_) {
    CHECK(link.names.size() <= kNamesMax, "more names of chat messages wait than may");
    names += link.names.size();
    for (const UploadBudget* budget : {&link.given, &link.history, &link.taken, &link.own, &link.lone}) budget->check_invariants();
  }
  CHECK(names == names_, "names of chat messages are miscounted");
  all_.check_invariants();
}

}  // namespace p2p::mesh
