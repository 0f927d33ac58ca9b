#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "wire/limits.hpp"

/// The messages of chat (docs/chat.md), and what their authors sign.
///
/// Always holds: what a decode function returns lies within the limits of wire/limits.hpp: texts are UTF-8 without control characters,
/// names have no characters that turn the direction of writing.
///
/// Out of scope: whether a name is in Unicode's normal form C. Who says something sees to it, who shows it does so again.
namespace p2p::wire {

using StreamId = std::array<std::byte, 10>;
using Signature = std::array<std::byte, 64>;

/// The first 16 bytes of SHA-256 over what was signed, and of SHA-256 over an author's key.
using ChatId = std::array<std::byte, 16>;
using ChatAuthor = std::array<std::byte, 16>;

/// Ed25519 of a viewer. Nothing stands for the stream's own key.
using ChatKey = std::array<std::byte, 32>;

/// As its author signed it; relays pass it on untouched.
struct ChatSigned {
  Bytes blob;
  Signature signature{};
};

/// Messages: one that was just said, or the answer to ChatWant and ChatCompare.
struct Chat {
  std::vector<ChatSigned> messages;
  bool more = false;                   ///< the answer to a ChatCompare is not complete: ask again
  bool own = false;                    ///< whoever sits at the sender's has just said it: nobody else can have it yet
};

/// These have come here since the last one. To who did not get them from here, and back to who sent them.
struct ChatHave {
  std::vector<ChatId> ids;
};

/// Send me these, and what comes next without being asked.
struct ChatWant {
  std::vector<ChatId> ids;
};

/// What the sender knows: of the messages from `from_ms` to `until_ms`, both included, their number and the sum of the first eight bytes
/// of their ids (little endian, modulo 2^64); and the version of each page of the source's rules, 0 for one that it has not.
struct ChatSummary {
  std::int64_t from_ms = 0;
  std::int64_t until_ms = 0;
  std::uint16_t count = 0;
  std::uint64_t sum = 0;
  std::vector<std::int64_t> pages;
};

/// All that the sender has from `from_ms` to `until_ms`: it wants what is not among them.
struct ChatCompare {
  std::int64_t from_ms = 0;
  std::int64_t until_ms = 0;
  std::vector<ChatId> ids;
};

/// What you push comes sooner from others: name it (ChatHave), do not send it.
struct ChatPrune {};

struct ChatRules {
  ChatSigned page;
};

struct ChatReactions {
  std::vector<ChatSigned> reactions;
};

/// What is in a message. The one order for all is by time, counter and id.
struct ChatText {
  StreamId stream{};
  bool streamer = false;               ///< signed with the stream's key; else with `author`
  ChatKey author{};
  std::int64_t time_ms = 0;            ///< by the source's clock
  std::uint16_t counter = 0;           ///< among those of one time
  std::string name;
  std::string text;
};

struct ChatReaction {
  StreamId stream{};
  bool streamer = false;
  ChatKey author{};
  std::int64_t time_ms = 0;
  std::uint8_t kind = 0;
};

/// One page of the source's rules. Of each page the highest version holds.
struct ChatPage {
  StreamId stream{};
  std::uint8_t page = 0;               ///< slow mode and the pinned message are on page 0
  std::int64_t version = 1;
  std::uint16_t slow_s = 0;            ///< a viewer may say something once in so long; 0: no slow mode
  std::int64_t slow_since_ms = 0;
  std::string pinned_name;
  std::string pinned_text;             ///< empty: none
  std::vector<ChatAuthor> muted;
  std::vector<ChatId> deleted;
};

[[nodiscard]] Bytes encode(const ChatText& text);
[[nodiscard]] Bytes encode(const ChatReaction& reaction);
[[nodiscard]] Bytes encode(const ChatPage& page);
[[nodiscard]] Result<ChatText> decode_chat_text(BytesView blob);
[[nodiscard]] Result<ChatReaction> decode_chat_reaction(BytesView blob);
[[nodiscard]] Result<ChatPage> decode_chat_page(BytesView blob);

/// What is signed, as for manifests: a context and the bytes.
[[nodiscard]] Bytes signed_chat_text(BytesView blob);
[[nodiscard]] Bytes signed_chat_reaction(BytesView blob);
[[nodiscard]] Bytes signed_chat_page(BytesView blob);

/// UTF-8 of 1 to 500 characters, no control characters among them.
[[nodiscard]] bool is_chat_text(std::string_view text);
/// UTF-8 of 1 to 24 characters, no space at its ends, no control characters and none that turn the direction of writing (U+061C, U+200E,
/// U+200F, U+202A to U+202E, U+2066 to U+2069).
[[nodiscard]] bool is_chat_name(std::string_view name);

}  // namespace p2p::wire
