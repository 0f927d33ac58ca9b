#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "p2p-core/chat.hpp"
#include "p2p-core/input.hpp"
#include "wire/chat.hpp"

namespace p2p::mesh {

/// How much one author may say: so many messages whose times lie in one span.
struct ChatShare {
  std::int64_t from_ms = 0;   ///< included
  std::int64_t until_ms = 0;  ///< not included
  std::size_t messages_max = 0;
};

/// The streamer's rules: pages that it has signed, of each the newest.
///
/// Always holds: a page only gives way to one of a higher version; at most 512 authors are muted and 512 messages deleted, as many as the
/// pages hold.
///
/// Out of scope: signatures (the engine has them checked before a page is taken, and asks for those of its own).
class ChatRuleBook {
 public:
  static constexpr std::size_t kPagesMax = wire::kChatPagesMax;
  static constexpr std::uint8_t kSettingsPage = 0;
  static constexpr std::uint8_t kFirstMutePage = 1;      ///< to 4
  static constexpr std::uint8_t kFirstDeletePage = 5;    ///< to 8

  struct Page {
    wire::ChatPage content;
    wire::ChatSigned bytes;    ///< as it goes to others
  };

  [[nodiscard]] std::int64_t version(std::size_t page) const { return pages_[page] ? pages_[page]->content.version : 0; }
  /// Of each page, up to the last that there is.
  [[nodiscard]] std::vector<std::int64_t> versions() const;
  [[nodiscard]] const std::optional<Page>& page(std::size_t page) const { return pages_[page]; }
  [[nodiscard]] bool empty() const;

  /// False, and nothing is different, when the page is not newer than what is here.
  bool take(Page page);

  [[nodiscard]] bool muted(const ChatAuthor& author) const;
  [[nodiscard]] bool deleted(const ChatId& message) const;
  /// What one author may say around that time. Spans are cut by the clock, the same for everybody, so that whoever has the same messages
  /// and rules admits the same ones, in whatever order they came (ADR 30).
  [[nodiscard]] ChatShare share_at(std::int64_t time_ms, bool streamer) const;
  [[nodiscard]] ChatRules shown() const;

  /// What the streamer wishes as a page to be signed, of a version of at least `now_ms`. Nothing when it holds already, or there is no room
  /// for another author. The oldest deletion gives way to a new one, of a message that is in nobody's history any more if there is one:
  /// `kept` says whether it is in ours.
  [[nodiscard]] std::optional<wire::ChatPage> edited(const ChatModerate& wish, std::int64_t now_ms, const std::function<bool(const ChatId&)>& kept) const;

 private:
  [[nodiscard]] wire::ChatPage copy_of(std::uint8_t page) const;
  [[nodiscard]] std::optional<wire::ChatPage> with_muted(const ChatAuthor& author) const;
  [[nodiscard]] std::optional<wire::ChatPage> without_muted(const ChatAuthor& author) const;
  [[nodiscard]] std::optional<wire::ChatPage> with_deleted(const ChatId& message, const std::function<bool(const ChatId&)>& kept) const;

  std::array<std::optional<Page>, kPagesMax> pages_;
};

}  // namespace p2p::mesh
