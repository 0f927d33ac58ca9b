#include "chat/chat_log.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/check.hpp"

namespace p2p::mesh {
namespace {

std::uint64_t part_of_sum(const ChatId& id) {
  std::uint64_t sum = 0;
  for (std::size_t i = sizeof sum; i-- > 0;) sum = sum << 8 | std::to_integer<std::uint64_t>(id[i]);
  return sum;
}

bool lies_in(const ChatLog::Entry& entry, const ChatShare& share) { return entry.key.time_ms >= share.from_ms && entry.key.time_ms < share.until_ms; }

}  // namespace

ChatLog::Verdict ChatLog::judge(const Key& key, const ChatAuthor& author, bool streamer, const ChatRuleBook& rules) const {
  if (find(key.id)) return Verdict::kKnown;
  if (pushed_out_ && key <= *pushed_out_) return Verdict::kPast;
  if (!streamer && rules.muted(author)) return Verdict::kMuted;
  if (rules.deleted(key.id)) return Verdict::kDeleted;
  const ChatShare share = rules.share_at(key.time_ms, streamer);
  const auto before = std::ranges::count_if(entries_, [&](const Entry& entry) { return entry.author == author && lies_in(entry, share) && entry.key < key; });
  return static_cast<std::size_t>(before) < share.messages_max ? Verdict::kFits : Verdict::kTooMany;
}

std::vector<ChatId> ChatLog::add(Entry entry, const ChatRuleBook& rules) {
  const ChatShare share = rules.share_at(entry.key.time_ms, entry.content.streamer);
  const ChatAuthor author = entry.author;
  const auto place = std::ranges::lower_bound(entries_, entry.key, {}, &Entry::key);
  entries_.insert(place, std::move(entry));
  std::vector<ChatId> gone;
  std::size_t said = 0;
  std::erase_if(entries_, [&](const Entry& other) {
    if (other.author != author || !lies_in(other, share) || ++said <= share.messages_max) return false;
    gone.push_back(other.key.id);
    return true;
  });
  push_out();
  return gone;
}

std::vector<ChatId> ChatLog::obey(const ChatRuleBook& rules) {
  std::vector<Entry> all = std::exchange(entries_, {});
  std::vector<ChatId> gone;
  for (Entry& entry : all) {   // rising: the first of each author stay
    if (judge(entry.key, entry.author, entry.content.streamer, rules) == Verdict::kFits) entries_.push_back(std::move(entry));
    else gone.push_back(entry.key.id);
  }
  return gone;
}

void ChatLog::remove(const ChatId& id) {
  std::erase_if(entries_, [&](const Entry& entry) { return entry.key.id == id; });
}

const ChatLog::Entry* ChatLog::find(const ChatId& id) const {
  // What is asked about is mostly new.
  const auto at = std::find_if(entries_.rbegin(), entries_.rend(), [&](const Entry& entry) { return entry.key.id == id; });
  return at == entries_.rend() ? nullptr : &*at;
}

std::optional<std::int64_t> ChatLog::silent_until(const ChatAuthor& author, bool streamer, std::int64_t time_ms, const ChatRuleBook& rules) const {
  const ChatShare share = rules.share_at(time_ms, streamer);
  const auto said = std::ranges::count_if(entries_, [&](const Entry& entry) { return entry.author == author && lies_in(entry, share); });
  if (static_cast<std::size_t>(said) < share.messages_max) return std::nullopt;
  return share.until_ms;
}

wire::ChatSummary ChatLog::summary(std::int64_t until_ms) const {
  wire::ChatSummary summary{.from_ms = pushed_out_ ? pushed_out_->time_ms + 1 : 0, .until_ms = until_ms, .pages = {}};
  const auto end = std::ranges::upper_bound(entries_, until_ms, {}, [](const Entry& entry) { return entry.key.time_ms; });
  const auto there = static_cast<std::size_t>(end - entries_.begin());
  if (there > kComparedMax) summary.from_ms = std::max(summary.from_ms, entries_[there - kComparedMax].key.time_ms);
  for (auto at = entries_.begin(); at != end; ++at) {
    if (at->key.time_ms < summary.from_ms) continue;
    ++summary.count;
    summary.sum += part_of_sum(at->key.id);
  }
  return summary;
}

bool ChatLog::same(const wire::ChatSummary& theirs) const {
  const std::vector<ChatId> mine = ids(theirs.from_ms, theirs.until_ms);
  std::uint64_t sum = 0;
  for (const ChatId& id : mine) sum += part_of_sum(id);
  return mine.size() == theirs.count && sum == theirs.sum;
}

std::vector<ChatId> ChatLog::ids(std::int64_t from_ms, std::int64_t until_ms) const {
  std::vector<ChatId> all;
  for (const Entry& entry : entries_) {
    if (entry.key.time_ms >= from_ms && entry.key.time_ms <= until_ms) all.push_back(entry.key.id);
  }
  return all;
}

void ChatLog::push_out() {
  if (entries_.size() <= kMessagesMax) return;
  const auto kept = entries_.end() - static_cast<std::ptrdiff_t>(kMessagesMax);
  pushed_out_ = std::max(pushed_out_.value_or(Key{}), std::prev(kept)->key);
  entries_.erase(entries_.begin(), kept);
}

void ChatLog::check_invariants() const {
  CHECK(entries_.size() <= kMessagesMax, "more chat messages than may be kept");
  CHECK(std::ranges::is_sorted(entries_, {}, &Entry::key), "chat messages out of order");
  CHECK(entries_.empty() || !pushed_out_ || *pushed_out_ < entries_.front().key, "a chat message that was pushed out is back");
}

}  // namespace p2p::mesh
