#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/ring.hpp"
#include "base/sha256.hpp"
#include "chat/chat_log.hpp"
#include "chat/chat_reactions.hpp"
#include "chat/chat_relay.hpp"
#include "chat/chat_rules.hpp"
#include "p2p-core/input.hpp"
#include "p2p-core/types.hpp"
#include "wire/chat.hpp"

namespace p2p::mesh {

/// The parts of the chat, and what the driver is working on for them. The engine routes between them (engine_chat.cpp).
struct ChatState {
  static constexpr std::size_t kChecksMax = 128;         ///< signatures that are being checked
  static constexpr std::size_t kChecksLightMax = 64;     ///< beyond so many no reaction is
  static constexpr std::size_t kHeldMax = 64;            ///< messages that only one neighbor has brought
  static constexpr std::size_t kHeldFromMax = 24;        ///< of one neighbor
  static constexpr Duration kHeldFor = 30s;
  static constexpr Duration kFreshFor = 15s;             ///< who has just come believes the history that it is given
  static constexpr std::size_t kRefusedMax = 256;        ///< messages that will not be asked for again
  static constexpr std::size_t kOwnMax = 16;             ///< of ours, of which no peer is known to have them
  static constexpr std::size_t kWishesMax = 64;          ///< of the streamer, that wait for a signature

  struct Text {
    ChatId id{};
    ChatAuthor author{};
    wire::ChatText content;
  };
  struct Reaction {
    ChatAuthor author{};
    wire::ChatReaction content;
  };
  struct Check {
    PeerId from;
    wire::ChatSigned bytes;
    std::variant<Text, Reaction, wire::ChatPage> what;
    bool quiet = false;        // believed because we are new or have few neighbors: not passed on, who lacks it compares himself
  };
  struct Held {
    PeerId from;
    Text text;
    wire::ChatSigned bytes;
    Instant at{};
  };
  struct Saying {
    std::uint32_t number = 0;
    wire::ChatText content;
  };
  /// What waits for our signature.
  using Signing = std::variant<Saying, wire::ChatReaction, wire::ChatPage>;
  struct Own {
    ChatId id{};
    std::uint32_t number = 0;
    Instant said_at{};
  };
  struct Self {
    bool streamer = false;
    wire::ChatKey key{};
    ChatAuthor author{};
    std::string name;
  };

  explicit ChatState(Instant now) : relay{now} {}

  [[nodiscard]] static ChatId id_of(BytesView signed_text) { return head_of(sha256(signed_text)); }
  [[nodiscard]] static ChatAuthor author_of(bool streamer, const wire::ChatKey& key) { return streamer ? ChatAuthor{} : head_of(sha256(key)); }

  [[nodiscard]] bool checking(const ChatId& id) const {
    return std::ranges::any_of(checks, [&](const auto& check) {
      const Text* text = std::get_if<Text>(&check.second.what);
      return text && text->id == id;
    });
  }
  [[nodiscard]] bool refuses(const ChatId& id) const { return std::ranges::count(refused, id) > 0; }
  void refuse(const ChatId& id) { remember(refused, id, kRefusedMax); }

  ChatLog log;
  ChatRuleBook rules;
  ChatRelay relay;
  ChatReactions reactions;
  std::optional<Self> self;
  std::map<RequestId, Check> checks;
  std::map<RequestId, Signing> signings;
  Ring<Own> own;
  Ring<ChatModerate> wishes;
  bool signing_page = false;
  std::vector<Held> held;
  std::optional<Instant> heard_at;   // the first summary of somebody's
  Ring<ChatId> refused;
  std::optional<std::int64_t> source_offset_us;   // of the source itself: its wall clock minus ours
  std::pair<std::int64_t, std::int64_t> compared{};   // the span that was last asked about, in ms
  std::uint32_t ticks_until_summary = 0;

 private:
  template <typename Id>
  static void remember(Ring<Id>& all, const Id& id, std::size_t most) {
    if (std::ranges::count(all, id) > 0) return;
    if (all.size() == most) all.pop_front();
    all.push_back(id);
  }
  [[nodiscard]] static ChatId head_of(const std::array<std::byte, 32>& digest) {
    ChatId head;
    std::copy_n(digest.begin(), head.size(), head.begin());
    return head;
  }
};

}  // namespace p2p::mesh
