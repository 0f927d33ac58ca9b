#include <algorithm>
#include <utility>
#include <variant>

#include "base/check.hpp"
#include "engine_impl.hpp"

// What neighbors bring of the chat, and what goes on to them (docs/chat.md). What the driver says is in engine_chat_own.cpp.
namespace p2p::mesh {
namespace {

/// Clocks of two peers part by half a trip and what queued.
constexpr std::int64_t kAheadMsMax = 5'000;
/// What was said before, and comes unasked, is no news.
constexpr std::int64_t kLateMsMax = 30'000;
/// What was just said is on its way: it is compared later.
constexpr std::int64_t kSettledMs = 2'000;
constexpr std::uint32_t kTicksPerSummary = 15;   ///< have-ticks: 3 s
constexpr std::size_t kAnsweredMax = 64;         ///< names in one ChatWant that are answered

std::size_t price_of(const wire::ChatSigned& text) { return text.blob.size() + wire::kChatSignedOverhead; }

}  // namespace

std::optional<std::int64_t> Engine::Impl::chat_now_ms() const {
  if (options_.source) {
    if (!chat_.source_offset_us) return std::nullopt;
    return (now_.time_since_epoch() + Duration{*chat_.source_offset_us}) / 1ms;
  }
  const auto wall = source_clock_.wall(now_);
  if (!wall) return std::nullopt;
  return wall->time_since_epoch() / 1ms;
}

void Engine::Impl::chat_greeted(Neighbor& from) {
  chat_.relay.link_up(from.peer, now_);
  send_chat_summary(from.peer);
}

void Engine::Impl::send_chat_summary(PeerId to) {
  const auto now_ms = chat_now_ms();
  if (chat_.log.empty() && chat_.rules.empty()) return;   // a chat in which nobody speaks costs nothing
  wire::ChatSummary summary = chat_.log.summary(now_ms ? std::max<std::int64_t>(*now_ms - kSettledMs, 0) : 0);
  summary.pages = chat_.rules.versions();
  send(to, summary);
}

/// True when there is something to be taken: the neighbor speaks chat, and it is known what time it is.
bool Engine::Impl::hears_chat_of(const Neighbor& from) const { return chat_.relay.linked(from.peer) && !chat_.relay.silenced(from.peer, now_) && chat_now_ms(); }

void Engine::Impl::on_message(Neighbor& from, wire::Chat& message) {
  if (!hears_chat_of(from)) return;
  const PeerId peer = from.peer;
  for (wire::ChatSigned& text : message.messages) {
    if (!take_chat(peer, std::move(text), message.own)) return;   // it was dropped
  }
  if (message.more) chat_.relay.ask_again(peer, now_);
}

/// False when the neighbor is none any more.
bool Engine::Impl::take_chat(PeerId from, wire::ChatSigned text, bool own) {
  auto content = wire::decode_chat_text(text.blob);
  if (!content || content->stream != options_.stream) {
    misbehaved(from, content ? "sent a chat message of another stream" : content.error().text);
    return false;
  }
  Bytes signed_text = wire::signed_chat_text(text.blob);
  ChatState::Text said{.id = ChatState::id_of(signed_text), .author = ChatState::author_of(content->streamer, content->author), .content = std::move(*content)};
  if (chat_.log.find(said.id) || chat_.checking(said.id)) {
    chat_echoed(said.id);
    if (!chat_.relay.asked(from, now_) && chat_.relay.prune(from)) send(from, wire::ChatPrune{});
    return true;
  }
  const std::int64_t now_ms = *chat_now_ms();
  const bool late = said.content.time_ms < now_ms - kLateMsMax && !chat_.relay.asked(from, now_);
  if (late || said.content.time_ms > now_ms + kAheadMsMax || chat_.refuses(said.id)) return true;
  if (!fits_chat(from, said) || !admit_chat(from, price_of(text))) return true;
  const auto held = std::ranges::find(chat_.held, said.id, [](const ChatState::Held& one) { return one.text.id; });
  if (held != chat_.held.end()) {
    chat_named(from, said.id);
    return true;
  }
  const bool history = chat_.relay.asked(from, now_) && (!chat_.heard_at || now_ - *chat_.heard_at < ChatState::kFreshFor);
  using Belief = ChatRelay::Belief;
  const Belief belief = said.content.streamer ? Belief::kFully : history ? Belief::kQuietly : chat_.relay.believe(from, said.id, said.author, own, now_);
  if (belief != Belief::kNot) check_chat(from, std::move(said), std::move(text), belief == Belief::kQuietly);
  else hold_chat(from, std::move(said), std::move(text));
  return true;
}

void Engine::Impl::check_chat(PeerId from, ChatState::Text said, wire::ChatSigned bytes, bool quiet) {
  if (chat_.checks.size() >= ChatState::kChecksMax) return;
  const RequestId request{next_request_++};
  CheckSignature question{.request = request, .message = wire::signed_chat_text(bytes.blob), .signature = bytes.signature};
  if (!said.content.streamer) question.key = said.content.author;
  chat_.checks.emplace(request, ChatState::Check{.from = from, .bytes = std::move(bytes), .what = std::move(said), .quiet = quiet});
  out_.push_back(std::move(question));
}

/// Until another neighbor has it, too.
void Engine::Impl::hold_chat(PeerId from, ChatState::Text said, wire::ChatSigned bytes) {
  const auto of_link = std::ranges::count(chat_.held, from, &ChatState::Held::from);
  if (chat_.held.size() >= ChatState::kHeldMax || static_cast<std::size_t>(of_link) >= ChatState::kHeldFromMax) {
    chat_.relay.refused(from, now_);
    return;
  }
  chat_.held.push_back({from, std::move(said), std::move(bytes), now_});
}

/// A neighbor has a message that is not here.
void Engine::Impl::chat_named(PeerId by, const ChatId& id) {
  const auto held = std::ranges::find(chat_.held, id, [](const ChatState::Held& one) { return one.text.id; });
  if (held == chat_.held.end()) {
    if (!chat_.refuses(id) && !chat_.checking(id)) chat_.relay.named(by, id, now_);
    return;
  }
  if (held->from == by) return;
  ChatState::Held released = std::move(*held);
  chat_.held.erase(held);
  if (fits_chat(released.from, released.text)) check_chat(released.from, std::move(released.text), std::move(released.bytes), false);
}

bool Engine::Impl::fits_chat(PeerId from, const ChatState::Text& said) {
  const ChatLog::Key key{said.content.time_ms, said.content.counter, said.id};
  const ChatLog::Verdict verdict = chat_.log.judge(key, said.author, said.content.streamer, chat_.rules);
  if (verdict == ChatLog::Verdict::kFits) return true;
  // An honest neighbor may know newer rules or older ones, and what it passes on of one who says too much it took before the rest.
  if (verdict == ChatLog::Verdict::kTooMany) chat_.relay.refused(from, now_);
  if (verdict != ChatLog::Verdict::kKnown) chat_.refuse(said.id);
  chat_.relay.came(said.id);
  return false;
}

bool Engine::Impl::admit_chat(PeerId from, std::size_t bytes) {
  if (chat_.relay.admit(from, bytes, now_)) return true;
  if (chat_.relay.silenced(from, now_)) decide("does not listen to the chat of " + short_name(from) + " for a minute: it floods");
  return false;
}

bool Engine::Impl::chat_checked(const SignatureChecked& input) {
  const auto at = chat_.checks.find(input.request);
  if (at == chat_.checks.end()) return false;
  ChatState::Check check = std::move(at->second);
  chat_.checks.erase(at);
  if (!input.valid) {
    if (!membership_.banned(check.from)) misbehaved(check.from, "sent a chat message whose signature is not its author's");
    return true;
  }
  if (auto* text = std::get_if<ChatState::Text>(&check.what)) {
    if (!fits_chat(check.from, *text)) return true;   // the rules or its author's other messages came meanwhile
    add_chat(std::move(*text), std::move(check.bytes), check.from, 0, check.quiet);
  } else if (auto* reaction = std::get_if<ChatState::Reaction>(&check.what)) {
    chat_reacted(*reaction, std::move(check.bytes), check.from);
  } else {
    take_chat_page({std::move(std::get<wire::ChatPage>(check.what)), std::move(check.bytes)}, check.from);
  }
  return true;
}

void Engine::Impl::add_chat(ChatState::Text text, wire::ChatSigned bytes, std::optional<PeerId> from, std::uint32_t number, bool quiet) {
  const std::size_t size = price_of(bytes);
  const wire::Message message{wire::Chat{.messages = {bytes}, .own = !from}};
  ChatLog::Entry entry{.key = {text.content.time_ms, text.content.counter, text.id}, .author = text.author, .own = !from, .content = std::move(text.content), .bytes = std::move(bytes)};
  const ChatMessage shown{.id = text.id, .author = text.author, .streamer = entry.content.streamer, .own = entry.own, .time_ms = entry.key.time_ms,
                          .counter = entry.key.counter, .name = entry.content.name, .text = entry.content.text};
  const std::vector<ChatId> gone = chat_.log.add(std::move(entry), chat_.rules);
  hide_chat(gone);
  if (!chat_.log.find(text.id)) return;   // older than all that is kept
  out_.push_back(ChatShown{.message = shown, .number = number});
  chat_.relay.came(text.id);
  if (quiet) return;
  for (const PeerId peer : chat_.relay.spread(text.id, size, from, now_)) send(peer, message);
}

void Engine::Impl::hide_chat(const std::vector<ChatId>& gone) {
  if (gone.empty()) return;
  for (const ChatId& id : gone) chat_.refuse(id);
  out_.push_back(ChatHidden{gone});
}

void Engine::Impl::on_message(Neighbor& from, wire::ChatHave& message) {
  if (!hears_chat_of(from)) return;
  for (const ChatId& id : message.ids) {
    if (chat_.log.find(id)) chat_echoed(id);
    else chat_named(from.peer, id);
  }
}

void Engine::Impl::on_message(Neighbor& from, wire::ChatWant& message) {
  if (!hears_chat_of(from)) return;
  chat_.relay.graft(from.peer);
  std::vector<const ChatLog::Entry*> found;
  for (const ChatId& id : message.ids) {
    const ChatLog::Entry* entry = chat_.log.find(id);
    if (entry && found.size() < kAnsweredMax) found.push_back(entry);
  }
  send_chat(from.peer, found, false);
}

/// As many as are paid for, in as few messages as they fit in.
void Engine::Impl::send_chat(PeerId to, const std::vector<const ChatLog::Entry*>& entries, bool history) {
  std::vector<wire::Chat> messages;
  std::size_t bytes = 0, all = 0;
  bool complete = true;
  for (const ChatLog::Entry* entry : entries) {
    const std::size_t price = price_of(entry->bytes);
    if (all + price > ChatRelay::kAnswerBytesMax || !chat_.relay.pay_answer(to, price, now_)) {
      complete = false;
      break;
    }
    all += price;
    bytes += price;
    const bool own = entry->own && !history;   // also when it was named, not pushed: nobody else had it
    if (messages.empty() || bytes > wire::kChatSignedBytesMax || messages.back().messages.size() == wire::kChatSignedMax || messages.back().own != own) {
      messages.push_back({.messages = {}, .own = own});
      bytes = price;
    }
    messages.back().messages.push_back(entry->bytes);
  }
  if (history && !complete && messages.empty()) return;   // what cannot be paid now is asked for again anyway
  if (history && !complete) messages.back().more = true;
  for (wire::Chat& message : messages) send(to, wire::Message{std::move(message)});
}

void Engine::Impl::on_message(Neighbor& from, wire::ChatSummary& message) {
  if (!chat_.relay.linked(from.peer)) return;
  bool behind = false;
  for (std::size_t i = 0; i < ChatRuleBook::kPagesMax; ++i) {
    const std::int64_t theirs = i < message.pages.size() ? message.pages[i] : 0;
    const auto& page = chat_.rules.page(i);
    if (chat_.rules.version(i) > theirs && chat_.relay.pay_answer(from.peer, price_of(page->bytes), now_)) send(from.peer, wire::ChatRules{page->bytes});
    behind |= theirs > chat_.rules.version(i);
  }
  if (!hears_chat_of(from)) return;
  if (!chat_.heard_at) chat_.heard_at = now_;
  if (chat_.log.comparable(message.from_ms) && !chat_.log.same(message)) {
    compare_chat(from.peer, message.from_ms, message.until_ms);
  }
  // Who hears of our versions sends what is newer. Both sides say them every few seconds, so who has pages waits; who has none says so now.
  if (behind && chat_.rules.empty() && chat_.log.empty() && chat_.relay.may_answer(from.peer, now_)) send(from.peer, wire::ChatSummary{});
}

void Engine::Impl::compare_chat(PeerId with, std::int64_t from_ms, std::int64_t until_ms) {
  if (!chat_.relay.ask(with, now_)) return;
  chat_.compared = {from_ms, until_ms};
  send(with, wire::ChatCompare{.from_ms = from_ms, .until_ms = until_ms, .ids = chat_.log.ids(from_ms, until_ms)});
}

void Engine::Impl::on_message(Neighbor& from, wire::ChatCompare& message) {
  if (!hears_chat_of(from) || !chat_.relay.may_answer(from.peer, now_)) return;
  std::sort(message.ids.begin(), message.ids.end());
  std::vector<const ChatLog::Entry*> lacking;
  const auto& entries = chat_.log.entries();
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {   // the newest first: they are looked at
    if (entry->key.time_ms < message.from_ms || entry->key.time_ms > message.until_ms) continue;
    if (!std::ranges::binary_search(message.ids, entry->key.id)) lacking.push_back(&*entry);
  }
  send_chat(from.peer, lacking, true);
  for (const ChatId& id : message.ids) {
    if (!chat_.log.find(id)) chat_named(from.peer, id);
  }
}

void Engine::Impl::on_message(Neighbor& from, wire::ChatPrune&) { chat_.relay.pruned(from.peer); }

void Engine::Impl::on_message(Neighbor& from, wire::ChatRules& message) {
  if (!chat_.relay.linked(from.peer) || chat_.relay.silenced(from.peer, now_)) return;
  auto page = wire::decode_chat_page(message.page.blob);
  if (!page || page->stream != options_.stream) {
    misbehaved(from.peer, page ? "sent chat rules of another stream" : page.error().text);
    return;
  }
  if (page->version <= chat_.rules.version(page->page) || !admit_chat(from.peer, price_of(message.page))) return;
  if (chat_.checks.size() >= ChatState::kChecksMax) return;
  const RequestId request{next_request_++};
  out_.push_back(CheckSignature{.request = request, .message = wire::signed_chat_page(message.page.blob), .signature = message.page.signature});
  chat_.checks.emplace(request, ChatState::Check{.from = from.peer, .bytes = std::move(message.page), .what = std::move(*page)});
}

void Engine::Impl::take_chat_page(ChatRuleBook::Page page, std::optional<PeerId> from) {
  const wire::Message message{wire::ChatRules{page.bytes}};
  if (!chat_.rules.take(std::move(page))) return;
  hide_chat(chat_.log.obey(chat_.rules));
  out_.push_back(ChatRulesChanged{chat_.rules.shown()});
  // Rare, and small: to everybody at once.
  for (const PeerId peer : chat_.relay.links()) {
    if (peer != from) send(peer, message);
  }
}

void Engine::Impl::on_message(Neighbor& from, wire::ChatReactions& message) {
  if (!hears_chat_of(from)) return;
  const PeerId peer = from.peer;
  const std::int64_t now_ms = *chat_now_ms();
  for (wire::ChatSigned& bytes : message.reactions) {
    auto content = wire::decode_chat_reaction(bytes.blob);
    if (!content || content->stream != options_.stream) return misbehaved(peer, content ? "sent a reaction of another stream" : content.error().text);
    const ChatAuthor author = ChatState::author_of(content->streamer, content->author);
    if (chat_.rules.muted(author) || !chat_.reactions.news(author, content->time_ms, now_ms)) continue;
    if (chat_.checks.size() >= ChatState::kChecksLightMax || !admit_chat(peer, price_of(bytes))) continue;
    const RequestId request{next_request_++};
    CheckSignature question{.request = request, .message = wire::signed_chat_reaction(bytes.blob), .signature = bytes.signature};
    if (!content->streamer) question.key = content->author;
    chat_.checks.emplace(request, ChatState::Check{.from = peer, .bytes = std::move(bytes), .what = ChatState::Reaction{author, *content}});
    out_.push_back(std::move(question));
  }
}

void Engine::Impl::chat_reacted(const ChatState::Reaction& reaction, wire::ChatSigned bytes, std::optional<PeerId> from) {
  const auto now_ms = chat_now_ms();
  if (!now_ms || !chat_.reactions.news(reaction.author, reaction.content.time_ms, *now_ms)) return;
  chat_.reactions.add(reaction.author, reaction.content.time_ms, {from, std::move(bytes)});
  out_.push_back(ChatReacted{.kind = reaction.content.kind, .own = !from});
}

void Engine::Impl::pass_on_reactions() {
  const std::vector<ChatReactions::Waiting> waiting = chat_.reactions.take();
  for (const PeerId peer : chat_.relay.eager_links()) {
    wire::ChatReactions message;
    std::size_t bytes = 0;
    for (const ChatReactions::Waiting& one : waiting) {
      if (one.from == peer) continue;
      bytes += price_of(one.bytes);
      message.reactions.push_back(one.bytes);
    }
    if (!message.reactions.empty() && bytes <= wire::kChatSignedBytesMax && chat_.relay.pay_light(bytes, now_)) send(peer, wire::Message{std::move(message)});
  }
}

/// With the have-deltas: names of what came, questions for what did not, and now and then a comparison.
void Engine::Impl::tick_chat() {
  if (!chat_.relay.idle()) {
    for (const PeerId peer : chat_.relay.links()) {
      std::vector<ChatId> names = chat_.relay.take_names(peer);
      if (!names.empty()) send(peer, wire::ChatHave{std::move(names)});
    }
    for (ChatRelay::Want& want : chat_.relay.wants(now_)) send(want.peer, wire::ChatWant{std::move(want.ids)});
    if (const auto peer = chat_.relay.asked_again(now_)) compare_chat(*peer, chat_.compared.first, chat_.compared.second);
  }
  if (!chat_.reactions.idle()) pass_on_reactions();
  std::erase_if(chat_.held, [&](const ChatState::Held& one) { return now_ - one.at > ChatState::kHeldFor || !chat_.relay.linked(one.from); });
  withdraw_unheard();
  if (chat_.ticks_until_summary-- > 0) return;
  chat_.ticks_until_summary = kTicksPerSummary;
  chat_.relay.set_rate(uplink_.budget().bits_per_s(), now_);
  for (const PeerId peer : chat_.relay.links()) send_chat_summary(peer);
}

}  // namespace p2p::mesh
