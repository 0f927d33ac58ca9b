#include "chat/chat_reactions.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace p2p::mesh {

bool ChatReactions::news(const ChatAuthor& author, std::int64_t time_ms, std::int64_t now_ms) {
  seen_.erase(seen_.begin(), std::ranges::lower_bound(seen_, (now_ms - kSeenMs) / kEveryMs, {}, &Seen::span));
  if (time_ms < now_ms - kOffMsMax || time_ms > now_ms + kOffMsMax || seen_.size() >= kSeenMax) return false;
  return !std::ranges::binary_search(seen_, Seen{time_ms / kEveryMs, author});
}

void ChatReactions::add(const ChatAuthor& author, std::int64_t time_ms, Waiting waiting) {
  const Seen seen{time_ms / kEveryMs, author};
  if (seen_.size() < kSeenMax) seen_.insert(std::ranges::lower_bound(seen_, seen), seen);
  if (waiting_.size() < kWaitingMax) waiting_.push_back(std::move(waiting));
}

void ChatReactions::check_invariants() const {
  CHECK(seen_.size() <= kSeenMax && waiting_.size() <= kWaitingMax, "more reactions are kept than may be");
}

}  // namespace p2p::mesh
