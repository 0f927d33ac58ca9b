#include <algorithm>
#include <utility>
#include <variant>

#include "base/check.hpp"
#include "engine_impl.hpp"

// What we say in the chat ourselves, and what the streamer lays down.
namespace p2p::mesh {
namespace {

/// An author's message comes after what it has seen, also when its clock is a little behind that of whom it answers. Further ahead only
/// liars are.
constexpr std::int64_t kFollowedMsMax = 2'000;
constexpr Duration kEchoAwaited = 10s;

}  // namespace

void Engine::Impl::on(const ChatAs& input) {
  CHECK(input.key || options_.source, "only a source speaks with the stream's key");
  ChatState::Self self{.streamer = !input.key, .name = input.name};
  if (input.key) self.key = *input.key;
  self.author = ChatState::author_of(self.streamer, self.key);
  chat_.self = std::move(self);
}

void Engine::Impl::on(const ChatSay& input) {
  const auto now_ms = chat_now_ms();
  const auto answer = [&](ChatSent::State state, Duration wait = {}) { out_.push_back(ChatSent{input.number, state, wait}); };
  if (!now_ms || !chat_.self) return answer(ChatSent::State::kNotYet);
  const ChatState::Self& self = *chat_.self;
  if (!wire::is_chat_name(self.name) || !wire::is_chat_text(input.text)) return answer(ChatSent::State::kUnfit);
  if (!self.streamer && chat_.rules.muted(self.author)) return answer(ChatSent::State::kMuted);
  if (chat_.signings.size() >= ChatState::kOwnMax || chat_.own.size() >= ChatState::kOwnMax) return answer(ChatSent::State::kTooFast, 1s);
  // A hybrid logical clock (Kulkarni and others, "Logical Physical Clocks", 2014): the time, or just after the last that was said.
  wire::ChatText text{.stream = options_.stream, .streamer = self.streamer, .author = self.key, .time_ms = *now_ms, .name = self.name, .text = input.text};
  if (!chat_.log.empty()) {
    const ChatLog::Key& last = chat_.log.entries().back().key;
    if (last.time_ms >= *now_ms && last.time_ms <= *now_ms + kFollowedMsMax) {
      text.time_ms = last.counter == UINT16_MAX ? last.time_ms + 1 : last.time_ms;
      text.counter = static_cast<std::uint16_t>(last.counter + 1);
    }
  }
  if (const auto until = chat_.log.silent_until(self.author, self.streamer, text.time_ms, chat_.rules)) {
    return answer(ChatSent::State::kTooFast, std::chrono::milliseconds{*until - *now_ms});
  }
  const RequestId request{next_request_++};
  out_.push_back(Sign{.request = request, .message = wire::signed_chat_text(wire::encode(text)), .as_author = !self.streamer});
  chat_.signings.emplace(request, ChatState::Saying{input.number, std::move(text)});
}

void Engine::Impl::on(const ChatReact& input) {
  const auto now_ms = chat_now_ms();
  if (!now_ms || !chat_.self || input.kind >= kChatReactions || chat_.signings.size() >= ChatState::kOwnMax) return;
  const ChatState::Self& self = *chat_.self;
  if (chat_.rules.muted(self.author) || !chat_.reactions.news(self.author, *now_ms, *now_ms)) return;
  wire::ChatReaction reaction{.stream = options_.stream, .streamer = self.streamer, .author = self.key, .time_ms = *now_ms, .kind = input.kind};
  const RequestId request{next_request_++};
  out_.push_back(Sign{.request = request, .message = wire::signed_chat_reaction(wire::encode(reaction)), .as_author = !self.streamer});
  chat_.signings.emplace(request, reaction);
}

void Engine::Impl::on(const ChatModerate& input) {
  CHECK(options_.source, "only a source lays down rules");
  if (chat_.wishes.size() < ChatState::kWishesMax) chat_.wishes.push_back(input);
  sign_next_page();
}

/// One after the other: each builds on the page that the one before made.
void Engine::Impl::sign_next_page() {
  const auto now_ms = chat_now_ms();
  while (!chat_.signing_page && !chat_.wishes.empty()) {
    const ChatModerate wish = std::move(chat_.wishes.front());
    chat_.wishes.pop_front();
    auto page = chat_.rules.edited(wish, now_ms.value_or(1), [&](const ChatId& id) { return chat_.log.find(id) != nullptr; });
    if (!page) {
      out_.push_back(ChatRulesChanged{chat_.rules.shown()});
      continue;
    }
    page->stream = options_.stream;
    const RequestId request{next_request_++};
    out_.push_back(Sign{.request = request, .message = wire::signed_chat_page(wire::encode(*page))});
    chat_.signings.emplace(request, std::move(*page));
    chat_.signing_page = true;
  }
}

bool Engine::Impl::chat_signed(const Signed& input) {
  const auto at = chat_.signings.find(input.request);
  if (at == chat_.signings.end()) return false;
  ChatState::Signing signing = std::move(at->second);
  chat_.signings.erase(at);
  if (auto* saying = std::get_if<ChatState::Saying>(&signing)) {
    chat_said(std::move(*saying), input.signature);
  } else if (auto* reaction = std::get_if<wire::ChatReaction>(&signing)) {
    chat_reacted({ChatState::author_of(reaction->streamer, reaction->author), *reaction}, {wire::encode(*reaction), input.signature}, std::nullopt);
  } else {
    wire::ChatPage page = std::get<wire::ChatPage>(std::move(signing));
    wire::ChatSigned bytes{wire::encode(page), input.signature};
    chat_.signing_page = false;
    take_chat_page({std::move(page), std::move(bytes)}, std::nullopt);
    sign_next_page();
  }
  return true;
}

void Engine::Impl::chat_said(ChatState::Saying saying, const Signature& signature) {
  wire::ChatSigned bytes{wire::encode(saying.content), signature};
  ChatState::Text text{.id = ChatState::id_of(wire::signed_chat_text(bytes.blob)), .author = ChatState::author_of(saying.content.streamer, saying.content.author),
                       .content = std::move(saying.content)};
  const bool streamer = text.content.streamer;
  const ChatId id = text.id;
  const ChatAuthor author = text.author;
  const std::int64_t time_ms = text.content.time_ms;
  const ChatLog::Verdict verdict = chat_.log.judge({time_ms, text.content.counter, id}, author, streamer, chat_.rules);
  if (verdict != ChatLog::Verdict::kFits) {
    out_.push_back(ChatSent{saying.number, verdict == ChatLog::Verdict::kMuted ? ChatSent::State::kMuted : ChatSent::State::kTooFast, 1s});
    return;
  }
  add_chat(std::move(text), std::move(bytes), std::nullopt, saying.number);
  ChatSent sent{.number = saying.number, .state = ChatSent::State::kSaid};
  if (const auto until = chat_.log.silent_until(author, streamer, time_ms, chat_.rules)) {
    sent.wait = std::chrono::milliseconds{std::max<std::int64_t>(*until - chat_now_ms().value_or(*until), 0)};
  }
  out_.push_back(sent);
  chat_.own.push_back({id, saying.number, now_});
  // Before anybody watches the streamer speaks to those who will come.
  if (streamer && chat_.relay.links().empty()) chat_echoed(id);
}

void Engine::Impl::chat_echoed(const ChatId& id) {
  const auto own = std::ranges::find(chat_.own, id, &ChatState::Own::id);
  if (own == chat_.own.end()) return;
  out_.push_back(ChatSent{.number = own->number, .state = ChatSent::State::kEchoed});
  chat_.own.erase(static_cast<std::size_t>(own - chat_.own.begin()));
}

/// What no peer has is taken back, so that whoever says it again does not say it twice. The streamer's waits for who comes.
void Engine::Impl::withdraw_unheard() {
  while (!chat_.own.empty() && now_ - chat_.own.front().said_at > kEchoAwaited) {
    const ChatState::Own own = chat_.own.front();
    if (options_.source) {
      chat_echoed(own.id);
      continue;
    }
    chat_.own.pop_front();
    chat_.log.remove(own.id);
    out_.push_back(ChatHidden{{own.id}});
    out_.push_back(ChatSent{.number = own.number, .state = ChatSent::State::kNobody});
  }
}

}  // namespace p2p::mesh
