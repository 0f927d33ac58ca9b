#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <vector>

#include "chat/chat_rules.hpp"
#include "p2p-core/chat.hpp"
#include "wire/chat.hpp"

namespace p2p::mesh {

/// The messages of a chat that are here, verified, in the one order for all.
///
/// Always holds: at most kMessagesMax messages, rising; none that lies before what was pushed out once; none of a muted author, none deleted,
/// of no author more than its share, and of those the first. So two logs that were told of the same messages, in whatever order, and of the
/// same rules hold the same, as long as nothing was pushed out.
class ChatLog {
 public:
  static constexpr std::size_t kMessagesMax = 200;
  /// Of these the newest are compared with neighbors, and are a newcomer's history: what lies before is pushed out sooner here than there.
  static constexpr std::size_t kComparedMax = 150;

  struct Key {
    std::int64_t time_ms = 0;
    std::uint16_t counter = 0;
    ChatId id{};
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  struct Entry {
    Key key;
    ChatAuthor author{};
    bool own = false;
    wire::ChatText content;
    wire::ChatSigned bytes;     ///< as it goes to others
  };
  enum class Verdict : std::uint8_t { kFits, kKnown, kPast, kMuted, kDeleted, kTooMany };

  /// Whether a message would be taken now.
  [[nodiscard]] Verdict judge(const Key& key, const ChatAuthor& author, bool streamer, const ChatRuleBook& rules) const;
  /// One that fits. Returns what of its author is more than its share now: that is gone.
  std::vector<ChatId> add(Entry entry, const ChatRuleBook& rules);
  /// The rules have changed: returns what is gone.
  std::vector<ChatId> obey(const ChatRuleBook& rules);
  void remove(const ChatId& id);

  [[nodiscard]] const Entry* find(const ChatId& id) const;
  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
  [[nodiscard]] bool empty() const { return entries_.empty(); }
  /// Until when the author has said what it may around that time; nothing when it may say more.
  [[nodiscard]] std::optional<std::int64_t> silent_until(const ChatAuthor& author, bool streamer, std::int64_t time_ms, const ChatRuleBook& rules) const;

  /// What is compared with neighbors: the newest kComparedMax, up to a time.
  [[nodiscard]] wire::ChatSummary summary(std::int64_t until_ms) const;
  /// False: what lies there was pushed out here in part, and nothing can be said of it.
  [[nodiscard]] bool comparable(std::int64_t from_ms) const { return !pushed_out_ || pushed_out_->time_ms < from_ms; }
  [[nodiscard]] bool same(const wire::ChatSummary& theirs) const;
  /// Those of a span of time, rising.
  [[nodiscard]] std::vector<ChatId> ids(std::int64_t from_ms, std::int64_t until_ms) const;

  void check_invariants() const;

 private:
  void push_out();

  std::vector<Entry> entries_;
  std::optional<Key> pushed_out_;   // the last one; nothing at or before it comes back
};

}  // namespace p2p::mesh
