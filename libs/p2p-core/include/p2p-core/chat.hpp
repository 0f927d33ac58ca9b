#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"

namespace p2p::mesh {

// What people say to each other beside the stream (docs/chat.md).

/// Names a message: the first 16 bytes of SHA-256 over what its author signed.
using ChatId = std::array<std::byte, 16>;
/// Names an author: the first 16 bytes of SHA-256 over its key; zeros for the streamer.
using ChatAuthor = std::array<std::byte, 16>;

inline constexpr std::uint8_t kChatReactions = 5;   ///< kinds

/// A message as it is shown. The order is by time, counter and id, at every peer.
struct ChatMessage {
  ChatId id{};
  ChatAuthor author{};
  bool streamer = false;      ///< signed with the stream's key
  bool own = false;
  std::int64_t time_ms = 0;   ///< since 1970, by the source's clock
  std::uint16_t counter = 0;
  std::string name;           ///< UTF-8, 1 to 24 characters, nothing that turns the direction of writing
  std::string text;           ///< UTF-8, 1 to 500 characters, one line
};

/// What the streamer has laid down.
struct ChatRules {
  std::uint16_t slow_s = 0;   ///< a viewer may say something once in so many seconds; 0: no slow mode
  std::string pinned_name;
  std::string pinned_text;    ///< empty: nothing is pinned
  std::vector<ChatAuthor> muted;
};

}  // namespace p2p::mesh
