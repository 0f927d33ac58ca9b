#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "p2p-core/chat.hpp"
#include "wire/chat.hpp"

namespace p2p::mesh {

/// Reactions that have come, and those that go on to others: light, not kept, the first to be lost when there is much to do.
///
/// Always holds: of an author one counts in each kEveryMs of its own time, of at most kSeenMax in all within kSeenFor; at most kWaitingMax
/// wait to be passed on.
class ChatReactions {
 public:
  static constexpr std::int64_t kEveryMs = 500;
  static constexpr std::int64_t kOffMsMax = 10'000;   ///< a reaction of another time than now is none
  static constexpr std::int64_t kSeenMs = 2 * kOffMsMax;
  static constexpr std::size_t kSeenMax = 1'024;
  static constexpr std::size_t kWaitingMax = wire::kChatSignedMax;

  struct Waiting {
    std::optional<PeerId> from;
    wire::ChatSigned bytes;
  };

  /// Whether it would count.
  [[nodiscard]] bool news(const ChatAuthor& author, std::int64_t time_ms, std::int64_t now_ms);
  /// It does count, and goes on to others, if there is room.
  void add(const ChatAuthor& author, std::int64_t time_ms, Waiting waiting);
  [[nodiscard]] std::vector<Waiting> take() { return std::exchange(waiting_, {}); }
  [[nodiscard]] bool idle() const { return waiting_.empty(); }

  void check_invariants() const;

 private:
  struct Seen {
    std::int64_t span = 0;      // of the author's time, in kEveryMs
    ChatAuthor author{};
    friend auto operator<=>(const Seen&, const Seen&) = default;
  };
  std::vector<Seen> seen_;      // rising
  std::vector<Waiting> waiting_;
};

}  // namespace p2p::mesh
