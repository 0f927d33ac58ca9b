#include "wire/chat.hpp"

#include <mesh_generated.h>

#include "base/utf8.hpp"
#include "flat.hpp"

namespace p2p::wire {
namespace {

using flatbuffers::FlatBufferBuilder;

constexpr std::string_view kTextContext = "p2p-stream chat v1\n";
constexpr std::string_view kReactionContext = "p2p-stream reaction v1\n";
constexpr std::string_view kPageContext = "p2p-stream chat rules v1\n";

bool is_control(char32_t point) { return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x2028 || point == 0x2029; }

/// Unicode's Bidi_Control.
bool turns_direction(char32_t point) {
  return point == 0x061c || point == 0x200e || point == 0x200f || (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
}

template <typename Allowed>
bool is_line(std::string_view text, std::size_t characters_max, const Allowed& allowed) {
  if (text.empty() || text.size() > 4 * characters_max) return false;
  std::size_t characters = 0;
  while (!text.empty()) {
    const auto point = take_code_point(text);
    if (!point || is_control(*point) || !allowed(*point) || ++characters > characters_max) return false;
  }
  return true;
}

std::string_view view(const flatbuffers::String* text) { return text ? std::string_view{text->c_str(), text->size()} : std::string_view{}; }
using wire::view;

/// Nobody: the stream's own key.
bool copy_author(const Octets* from, bool& streamer, ChatKey& to) {
  streamer = view(from).empty();
  return streamer || copy_exact(from, to);
}

flatbuffers::Offset<Octets> put_author(FlatBufferBuilder& to, bool streamer, const ChatKey& author) {
  return put(to, streamer ? BytesView{} : BytesView{author});
}

bool is_time(std::int64_t ms) { return ms >= 0 && ms <= kChatTimeMsMax; }

template <typename Table>
Bytes finish(FlatBufferBuilder& builder, flatbuffers::Offset<Table> root) {
  builder.Finish(root);
  return bytes_of(builder);
}

bool is_blob(BytesView blob) { return plausible_size(blob) && blob.size() <= kChatBlobBytesMax; }

}  // namespace

bool is_chat_text(std::string_view text) {
  return is_line(text, kChatTextCharactersMax, [](char32_t) { return true; });
}

bool is_chat_name(std::string_view name) {
  return is_line(name, kChatNameCharactersMax, [](char32_t point) { return !turns_direction(point); }) && name.front() != ' ' && name.back() != ' ';
}

Bytes encode(const ChatText& text) {
  FlatBufferBuilder builder{512};
  const auto stream = put(builder, text.stream);
  const auto author = put_author(builder, text.streamer, text.author);
  const auto name = builder.CreateString(text.name);
  return finish(builder, fb::CreateChatText(builder, stream, author, text.time_ms, text.counter, name, builder.CreateString(text.text)));
}

Bytes encode(const ChatReaction& reaction) {
  FlatBufferBuilder builder{128};
  const auto stream = put(builder, reaction.stream);
  const auto author = put_author(builder, reaction.streamer, reaction.author);
  return finish(builder, fb::CreateChatReaction(builder, stream, author, reaction.time_ms, reaction.kind));
}

Bytes encode(const ChatPage& page) {
  FlatBufferBuilder builder{512};
  const auto stream = put(builder, page.stream);
  const auto pinned_name = builder.CreateString(page.pinned_name);
  const auto pinned_text = builder.CreateString(page.pinned_text);
  const auto muted = put_arrays(builder, page.muted);
  const auto deleted = put_arrays(builder, page.deleted);
  return finish(builder, fb::CreateChatPage(builder, stream, page.page, page.version, page.slow_s, page.slow_since_ms, pinned_name, pinned_text, muted, deleted));
}

Result<ChatText> decode_chat_text(BytesView blob) {
  if (!is_blob(blob)) return fail("a chat message of impossible size");
  const Aligned aligned{blob};
  const auto* root = verified_root<fb::ChatText>(aligned.bytes());
  if (!root) return fail("a chat message that is none");
  ChatText text{.time_ms = root->time_ms(), .counter = root->counter(), .name = std::string{view(root->name())}, .text = std::string{view(root->text())}};
  const bool within = copy_exact(root->stream(), text.stream) && copy_author(root->author(), text.streamer, text.author) && is_time(text.time_ms) &&
                      is_chat_name(text.name) && is_chat_text(text.text);
  if (!within) return fail("a chat message outside of the limits");
  return text;
}

Result<ChatReaction> decode_chat_reaction(BytesView blob) {
  if (!is_blob(blob)) return fail("a reaction of impossible size");
  const Aligned aligned{blob};
  const auto* root = verified_root<fb::ChatReaction>(aligned.bytes());
  if (!root) return fail("a reaction that is none");
  ChatReaction reaction{.time_ms = root->time_ms(), .kind = root->kind()};
  const bool within = copy_exact(root->stream(), reaction.stream) && copy_author(root->author(), reaction.streamer, reaction.author) &&
                      is_time(reaction.time_ms) && reaction.kind < kChatReactionsMax;
  if (!within) return fail("a reaction outside of the limits");
  return reaction;
}

Result<ChatPage> decode_chat_page(BytesView blob) {
  if (!is_blob(blob)) return fail("chat rules of impossible size");
  const Aligned aligned{blob};
  const auto* root = verified_root<fb::ChatPage>(aligned.bytes());
  if (!root) return fail("chat rules that are none");
  ChatPage page{.page = root->page(), .version = root->version(), .slow_s = root->slow_s(), .slow_since_ms = root->slow_since_ms(),
                .pinned_name = std::string{view(root->pinned_name())}, .pinned_text = std::string{view(root->pinned_text())}};
  const bool within = copy_exact(root->stream(), page.stream) && page.page < kChatPagesMax && page.version > 0 && page.version <= kChatTimeMsMax &&
                      page.slow_s <= kChatSlowSMax && is_time(page.slow_since_ms) && (page.pinned_name.empty() || is_chat_name(page.pinned_name)) &&
                      (page.pinned_text.empty() || is_chat_text(page.pinned_text)) && copy_arrays(root->muted(), kChatListedMax, page.muted) &&
                      copy_arrays(root->deleted(), kChatListedMax, page.deleted);
  if (!within) return fail("chat rules outside of the limits");
  return page;
}

Bytes signed_chat_text(BytesView blob) { return with_context(kTextContext, blob); }
Bytes signed_chat_reaction(BytesView blob) { return with_context(kReactionContext, blob); }
Bytes signed_chat_page(BytesView blob) { return with_context(kPageContext, blob); }

}  // namespace p2p::wire
