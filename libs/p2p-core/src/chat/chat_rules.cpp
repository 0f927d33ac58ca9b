#include "chat/chat_rules.hpp"

#include <algorithm>
#include <utility>

namespace p2p::mesh {
namespace {

/// Enough for a lively talk: a sentence every two seconds.
constexpr std::int64_t kSpanMs = 10'000;
constexpr std::size_t kInSpan = 5;
constexpr std::size_t kInSpanStreamer = 20;

}  // namespace

std::vector<std::int64_t> ChatRuleBook::versions() const {
  std::vector<std::int64_t> all;
  for (std::size_t i = 0; i < kPagesMax; ++i) {
    if (pages_[i]) all.resize(i + 1);
    if (pages_[i]) all[i] = version(i);
  }
  return all;
}

bool ChatRuleBook::empty() const {
  return std::ranges::none_of(pages_, [](const auto& page) { return page.has_value(); });
}

bool ChatRuleBook::take(Page page) {
  const std::size_t number = page.content.page;
  if (page.content.version <= version(number)) return false;
  pages_[number] = std::move(page);
  return true;
}

bool ChatRuleBook::muted(const ChatAuthor& author) const {
  return std::ranges::any_of(pages_, [&](const auto& page) { return page && std::ranges::count(page->content.muted, author) > 0; });
}

bool ChatRuleBook::deleted(const ChatId& message) const {
  return std::ranges::any_of(pages_, [&](const auto& page) { return page && std::ranges::count(page->content.deleted, message) > 0; });
}

ChatShare ChatRuleBook::share_at(std::int64_t time_ms, bool streamer) const {
  const auto& settings = pages_[kSettingsPage];
  if (!streamer && settings && settings->content.slow_s > 0 && time_ms >= settings->content.slow_since_ms) {
    const std::int64_t since = settings->content.slow_since_ms;
    const std::int64_t span = std::int64_t{settings->content.slow_s} * 1000;
    const std::int64_t from = since + (time_ms - since) / span * span;
    return {from, from + span, 1};
  }
  const std::int64_t from = time_ms / kSpanMs * kSpanMs;
  return {from, from + kSpanMs, streamer ? kInSpanStreamer : kInSpan};
}

ChatRules ChatRuleBook::shown() const {
  ChatRules rules;
  for (const auto& page : pages_) {
    if (page) rules.muted.insert(rules.muted.end(), page->content.muted.begin(), page->content.muted.end());
  }
  if (const auto& settings = pages_[kSettingsPage]) {
    rules.slow_s = settings->content.slow_s;
    rules.pinned_name = settings->content.pinned_name;
    rules.pinned_text = settings->content.pinned_text;
  }
  return rules;
}

wire::ChatPage ChatRuleBook::copy_of(std::uint8_t page) const {
  if (pages_[page]) return pages_[page]->content;
  wire::ChatPage fresh;
  fresh.page = page;
  fresh.version = 0;
  return fresh;
}

std::optional<wire::ChatPage> ChatRuleBook::with_muted(const ChatAuthor& author) const {
  if (muted(author)) return std::nullopt;
  for (std::uint8_t number = kFirstMutePage; number < kFirstDeletePage; ++number) {
    wire::ChatPage page = copy_of(number);
    if (page.muted.size() >= wire::kChatListedMax) continue;
    page.muted.push_back(author);
    return page;
  }
  return std::nullopt;
}

std::optional<wire::ChatPage> ChatRuleBook::without_muted(const ChatAuthor& author) const {
  for (std::uint8_t number = 0; number < kPagesMax; ++number) {
    wire::ChatPage page = copy_of(number);
    if (std::erase(page.muted, author) > 0) return page;
  }
  return std::nullopt;
}

std::optional<wire::ChatPage> ChatRuleBook::with_deleted(const ChatId& message, const std::function<bool(const ChatId&)>& kept) const {
  if (deleted(message)) return std::nullopt;
  for (std::uint8_t number = kFirstDeletePage; number < kPagesMax; ++number) {
    wire::ChatPage page = copy_of(number);
    if (page.deleted.size() >= wire::kChatListedMax) continue;
    page.deleted.push_back(message);
    return page;
  }
  for (std::uint8_t number = kFirstDeletePage; number < kPagesMax; ++number) {
    wire::ChatPage page = copy_of(number);
    const auto forgotten = std::ranges::find_if(page.deleted, [&](const ChatId& id) { return !kept(id); });
    if (forgotten == page.deleted.end() && number + 1u < kPagesMax) continue;
    page.deleted.erase(forgotten == page.deleted.end() ? page.deleted.begin() : forgotten);
    page.deleted.push_back(message);
    return page;
  }
  return std::nullopt;
}

std::optional<wire::ChatPage> ChatRuleBook::edited(const ChatModerate& wish, std::int64_t now_ms, const std::function<bool(const ChatId&)>& kept) const {
  std::optional<wire::ChatPage> page;
  switch (wish.what) {
    case ChatModerate::What::kMute: page = with_muted(wish.author); break;
    case ChatModerate::What::kUnmute: page = without_muted(wish.author); break;
    case ChatModerate::What::kDelete: page = with_deleted(wish.message, kept); break;
    case ChatModerate::What::kSlow:
      page = copy_of(kSettingsPage);
      page->slow_s = std::min(wish.slow_s, wire::kChatSlowSMax);
      page->slow_since_ms = now_ms;
      break;
    case ChatModerate::What::kPin:
      if (!wish.text.empty() && (!wire::is_chat_text(wish.text) || !wire::is_chat_name(wish.name))) return std::nullopt;
      page = copy_of(kSettingsPage);
      page->pinned_name = wish.text.empty() ? "" : wish.name;
      page->pinned_text = wish.text;
      break;
  }
  if (page) page->version = std::max(page->version + 1, now_ms);
  return page;
}

}  // namespace p2p::mesh
