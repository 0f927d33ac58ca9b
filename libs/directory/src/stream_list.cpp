#include "directory/stream_list.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/check.hpp"
#include "slot_set.hpp"

namespace p2p::directory {
namespace {

constexpr Duration kBetween = 1s;
constexpr Duration kViewersBetween = 5s;   // a count that changes with each join is news of nothing

/// Or the thumbnail, which nobody waits for either.
bool only_viewers_differ(const StreamInfo& told, const StreamInfo& next) {
  return told.details == next.details && told.source_online == next.source_online && told.started_at == next.started_at;
}

}  // namespace

struct StreamList::Group {
  StreamFilter filter;
  SlotSet fitting;
  SlotSet shown;   // the first of these
  std::uint32_t total = 0;
  std::vector<ConnectionId> members;
};

StreamList::StreamList() = default;
StreamList::~StreamList() = default;

void StreamList::touch(const StreamInfo& stream, Instant now) {
  const std::size_t slot = take_slot(stream.id);
  Slot& entry = slots_[slot];
  entry.next = stream;
  const bool can_wait = entry.known && only_viewers_differ(entry.told, entry.next);
  mark(slot, can_wait ? std::max(now, entry.viewers_told_at + kViewersBetween) : now, now);
}

void StreamList::remove(const StreamId& stream, Instant now) {
  const auto found = slot_of_.find(stream);
  if (found == slot_of_.end() || slots_[found->second].gone) return;
  slots_[found->second].gone = true;
  --live_;
  mark(found->second, now, now);
}

std::size_t StreamList::take_slot(const StreamId& stream) {
  const auto [found, is_new] = slot_of_.try_emplace(stream, 0);
  if (!is_new) {
    if (std::exchange(slots_[found->second].gone, false)) ++live_;   // gone and back before anybody was told
    return found->second;
  }
  ++live_;
  if (free_.empty()) {
    free_.push_back(slots_.size());
    slots_.emplace_back();
  }
  found->second = free_.back();
  free_.pop_back();
  slots_[found->second] = {};
  return found->second;
}

void StreamList::mark(std::size_t slot, Instant due, Instant now) {
  if (!std::exchange(slots_[slot].dirty, true)) dirty_.push_back(slot);
  const Instant next = told_at_ ? std::max(now, *told_at_ + kBetween) : now;
  due_at_ = std::min(due_at_, std::max(due, next));
}

Outcome<StreamList::Listing> StreamList::watch(ConnectionId connection, const StreamFilter& filter) {
  auto found = groups_.find(filter);
  if (found == groups_.end()) {
    if (groups_.size() >= kFiltersMax) return std::unexpected{Refusal::kFull};
    found = groups_.emplace(filter, std::make_unique<Group>(Group{.filter = filter, .fitting = fitting(filter), .shown = {}, .members = {}})).first;
    // As if it had been there: what is not told yet comes to it with the others.
    static_cast<void>(change_for(*found->second, {}));
  }
  Group& group = *found->second;
  enter(connection, group);
  return listing_of(filter, group.fitting);
}

void StreamList::enter(ConnectionId connection, Group& group) {
  const auto known = watchers_.find(connection);
  if (known != watchers_.end() && known->second.group == &group) {
    known->second.seen = revision_;
    return;
  }
  unwatch(connection);
  watchers_.emplace(connection, Watcher{&group, group.members.size(), revision_});
  group.members.push_back(connection);
}

void StreamList::unwatch(ConnectionId connection) {
  const auto found = watchers_.find(connection);
  if (found == watchers_.end()) return;
  const auto [group, hole, seen] = found->second;
  watchers_.erase(found);
  if (hole + 1 != group->members.size()) {
    group->members[hole] = group->members.back();
    watchers_.at(group->members[hole]).position = hole;
  }
  group->members.pop_back();
  if (group->members.empty()) groups_.erase(groups_.find(group->filter));
}

std::optional<std::uint64_t> StreamList::seen(ConnectionId connection) const {
  const auto found = watchers_.find(connection);
  if (found == watchers_.end()) return std::nullopt;
  return found->second.seen;
}

StreamList::Listing StreamList::look(const StreamFilter& filter) const {
  const auto found = groups_.find(filter);
  return listing_of(filter, found == groups_.end() ? fitting(filter) : found->second->fitting);
}

SlotSet StreamList::fitting(const StreamFilter& filter) const {
  SlotSet fitting;
  for (const std::size_t slot : sorted_.front()) {
    if (filter.matches(*slots_[slot].told.details)) fitting.add(slot);
  }
  return fitting;
}

StreamList::Listing StreamList::listing_of(const StreamFilter& filter, const SlotSet& fitting) const {
  Listing listing{.streams = {}, .total = static_cast<std::uint32_t>(fitting.size())};
  const std::size_t count = std::min<std::size_t>(filter.limit, listing.total);
  listing.streams.reserve(count);
  for (const std::size_t slot : sorted_[static_cast<std::size_t>(filter.sort)]) {
    if (listing.streams.size() == count) break;
    if (fitting.has(slot)) listing.streams.push_back(slots_[slot].told);
  }
  return listing;
}

bool StreamList::settle(std::size_t slot, Instant now) {
  Slot& entry = slots_[slot];
  if (!entry.gone) {
    const bool viewers_alone = entry.known && only_viewers_differ(entry.told, entry.next);
    if (viewers_alone && now < entry.viewers_told_at + kViewersBetween) return false;
    if (!entry.known || entry.told.viewers != entry.next.viewers) entry.viewers_told_at = now;
  }
  entry.dirty = false;
  return true;
}

std::vector<Notice> StreamList::take_due(Instant now) {
  if (now < due_at_) return {};
  due_at_ = kNever;
  SlotSet changed;
  std::vector<std::size_t> rematch;
  std::vector<std::size_t> ended;
  bool any = false;
  for (const std::size_t slot : std::exchange(dirty_, {})) {
    Slot& entry = slots_[slot];
    if (!settle(slot, now)) {
      dirty_.push_back(slot);
      due_at_ = std::min(due_at_, entry.viewers_told_at + kViewersBetween);
      continue;
    }
    any = true;
    if (entry.gone) {
      ended.push_back(slot);
      continue;
    }
    if (!entry.known || entry.told.details != entry.next.details) rematch.push_back(slot);
    entry.told = entry.next;
    entry.known = true;
    changed.add(slot);
  }
  if (!any) return {};
  told_at_ = now;
  if (due_at_ != kNever) due_at_ = std::max(due_at_, now + kBetween);
  ++revision_;
  sort_all();
  std::vector<Notice> notices;
  for (const auto& [filter, group] : groups_) {
    for (const std::size_t slot : rematch) {
      if (filter.matches(*slots_[slot].told.details)) {
        group->fitting.add(slot);
      } else {
        group->fitting.remove(slot);
      }
    }
    for (const std::size_t slot : ended) group->fitting.remove(slot);
    if (std::optional<ListChanged> change = change_for(*group, changed)) notices.push_back({group->members, std::move(*change)});
  }
  for (const std::size_t slot : ended) {
    slot_of_.erase(slots_[slot].next.id);
    slots_[slot] = {};
    free_.push_back(slot);
  }
  return notices;
}

void StreamList::sort_all() {
  std::vector<std::size_t>& newest = sorted_[static_cast<std::size_t>(StreamFilter::Sort::kNewest)];
  newest.clear();
  for (const auto& [id, slot] : slot_of_) {
    if (slots_[slot].known && !slots_[slot].gone) newest.push_back(slot);
  }
  const auto began_later = [](const StreamInfo& a, const StreamInfo& b) { return std::tie(b.started_at, a.id) < std::tie(a.started_at, b.id); };
  std::ranges::sort(newest, [&](std::size_t a, std::size_t b) { return began_later(slots_[a].told, slots_[b].told); });
  std::vector<std::size_t>& by_viewers = sorted_[static_cast<std::size_t>(StreamFilter::Sort::kViewers)];
  by_viewers = newest;
  std::ranges::sort(by_viewers, [&](std::size_t a, std::size_t b) {
    const StreamInfo& one = slots_[a].told;
    const StreamInfo& other = slots_[b].told;
    return one.viewers != other.viewers ? one.viewers > other.viewers : began_later(one, other);
  });
}

std::optional<ListChanged> StreamList::change_for(Group& group, const SlotSet& changed) const {
  ListChanged change{.revision = revision_, .added = {}, .updated = {}, .removed = {}, .total = static_cast<std::uint32_t>(group.fitting.size())};
  SlotSet shown;
  if (change.total <= group.filter.limit) {
    shown = group.fitting;
  } else {
    std::size_t left = group.filter.limit;
    for (const std::size_t slot : sorted_[static_cast<std::size_t>(group.filter.sort)]) {
      if (!group.fitting.has(slot)) continue;
      shown.add(slot);
      if (--left == 0) break;
    }
  }
  SlotSet::walk(shown, group.shown, false, [&](std::size_t slot) { change.added.push_back(slots_[slot].told); });
  SlotSet::walk(group.shown, shown, false, [&](std::size_t slot) { change.removed.push_back(slots_[slot].next.id); });
  SlotSet::walk(shown, changed, true, [&](std::size_t slot) {
    if (group.shown.has(slot)) change.updated.push_back(slots_[slot].told);
  });
  const bool same = change.added.empty() && change.removed.empty() && change.updated.empty() && change.total == group.total;
  group.shown = std::move(shown);
  group.total = change.total;
  if (same) return std::nullopt;
  return change;
}

void StreamList::check_invariants() const {
  std::size_t members = 0;
  for (const auto& [filter, group] : groups_) {
    CHECK(!group->members.empty() && group->filter == filter, "a group without watchers, or under another filter");
    members += group->members.size();
    for (std::size_t i = 0; i < group->members.size(); ++i) {
      const auto watcher = watchers_.find(group->members[i]);
      CHECK(watcher != watchers_.end() && watcher->second.group == group.get() && watcher->second.position == i, "a group and a watcher disagree");
    }
    const SlotSet anew = fitting(filter);
    std::size_t apart = 0;
    SlotSet::walk(anew, group->fitting, false, [&](std::size_t) { ++apart; });
    SlotSet::walk(group->fitting, anew, false, [&](std::size_t) { ++apart; });
    CHECK(apart == 0, "a group that holds other streams than fit");
    CHECK(group->shown.size() == std::min<std::size_t>(group->total, filter.limit) && group->total == anew.size(), "a group that shows too many or too few");
  }
  CHECK(members == watchers_.size(), "a watcher without a group");
  CHECK(slot_of_.size() + free_.size() == slots_.size(), "a slot that is lost");
  CHECK(static_cast<std::size_t>(std::ranges::count_if(slot_of_, [this](const auto& at) { return !slots_[at.second].gone; })) == live_, "streams miscounted");
}

}  // namespace p2p::directory
