#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/time.hpp"
#include "directory/messages.hpp"
#include "directory/stream_filter.hpp"

namespace p2p::directory {

class SlotSet;

/// The list of streams and who watches which part of it. What changed is told at most once a second; that nothing but the number of
/// viewers changed, at most every five seconds a stream.
///
/// Watchers with equal filters are one group, for which the work is done once. A stream is held against every group when it comes or its
/// details change, never when viewers come and go; what a group sees is compared as sets of bits.
///
/// Always holds: a watcher who applies every ListChanged (first `removed`, then the others) to the list that he got has what `look` gives
/// with his filter, as of the last change told; a watcher is in one group.
class StreamList {
 public:
  static constexpr std::size_t kFiltersMax = 10'000;   ///< different ones at once

  struct Listing {
    std::vector<StreamInfo> streams;   ///< as StreamFilter::sort says
    std::uint32_t total = 0;           ///< that fit, however many are shown
  };

  StreamList();
  ~StreamList();

  /// The stream is new, or something that StreamInfo shows has changed.
  void touch(const StreamInfo& stream, Instant now);
  void remove(const StreamId& stream, Instant now);

  /// From now on the connection is told of changes in what the filter shows; another filter of the same connection is given up.
  [[nodiscard]] Outcome<Listing> watch(ConnectionId connection, const StreamFilter& filter);
  void unwatch(ConnectionId connection);
  [[nodiscard]] Listing look(const StreamFilter& filter) const;

  /// The revision of the list that the connection was answered with when it began to watch; nothing if it does not.
  [[nodiscard]] std::optional<std::uint64_t> seen(ConnectionId connection) const;

  /// What changed since the last call for each group that sees it, once it is due.
  [[nodiscard]] std::vector<Notice> take_due(Instant now);
  [[nodiscard]] Instant next_wake() const { return due_at_; }

  [[nodiscard]] std::size_t size() const { return live_; }
  [[nodiscard]] std::size_t watchers() const { return watchers_.size(); }
  [[nodiscard]] std::size_t filters() const { return groups_.size(); }
  /// Counts how often something was told: whoever keeps an answer of `look` may until it changes.
  [[nodiscard]] std::uint64_t revision() const { return revision_; }

  void check_invariants() const;

 private:
  struct Slot {
    StreamInfo told;   // what everybody sees
    StreamInfo next;   // what they will
    Instant viewers_told_at{};
    bool known = false;   // told of at all
    bool gone = false;
    bool dirty = false;
  };
  struct Group;
  struct Watcher {
    Group* group;
    std::size_t position;       // among its members
    std::uint64_t seen;         // the revision of the list that it was answered with
  };

  [[nodiscard]] std::size_t take_slot(const StreamId& stream);
  void mark(std::size_t slot, Instant due, Instant now);
  void enter(ConnectionId connection, Group& group);
  [[nodiscard]] Listing listing_of(const StreamFilter& filter, const SlotSet& fitting) const;
  [[nodiscard]] SlotSet fitting(const StreamFilter& filter) const;
  /// Makes `next` what is told; false if that can wait.
  [[nodiscard]] bool settle(std::size_t slot, Instant now);
  void sort_all();
  [[nodiscard]] std::optional<ListChanged> change_for(Group& group, const SlotSet& changed) const;

  std::vector<Slot> slots_;
  std::vector<std::size_t> free_;
  std::vector<std::size_t> dirty_;
  std::map<StreamId, std::size_t> slot_of_;   // of streams that are there, and of those whose end was not told yet
  std::size_t live_ = 0;
  std::array<std::vector<std::size_t>, 2> sorted_;   // slots that were told of, by StreamFilter::Sort
  std::map<StreamFilter, std::unique_ptr<Group>> groups_;
  std::unordered_map<ConnectionId, Watcher> watchers_;
  Instant due_at_ = kNever;
  std::optional<Instant> told_at_;
  std::uint64_t revision_ = 0;
};

}  // namespace p2p::directory
