#pragma once

#include <map>
#include <optional>
#include <vector>

#include "base/time.hpp"
#include "directory/messages.hpp"

namespace p2p::directory {

/// Collects what changed in the list of streams and tells it at most once a second.
///
/// Always holds: a watcher who applies every ListChanged to the list that he got has the list as it was at the last change told.
class StreamList {
 public:
  /// The stream is new, or something that Stream shows has changed.
  void touch(const StreamInfo& stream, Instant now);
  void remove(const StreamId& stream, Instant now);

  /// What changed since the last call, once it is due.
  [[nodiscard]] std::optional<ListChanged> take_due(Instant now);
  [[nodiscard]] Instant next_wake() const { return due_at_; }

  [[nodiscard]] std::vector<StreamInfo> all() const;
  [[nodiscard]] std::size_t size() const { return streams_.size(); }

 private:
  enum class Change { kAdded, kUpdated, kRemoved };
  void wake(Instant now);

  std::map<StreamId, StreamInfo> streams_;
  std::map<StreamId, Change> changes_;
  Instant due_at_ = kNever;
  std::optional<Instant> told_at_;
};

}  // namespace p2p::directory
