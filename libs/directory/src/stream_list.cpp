#include "directory/stream_list.hpp"

#include <algorithm>

namespace p2p::directory {
namespace {

constexpr Duration kBetween = 1s;

}  // namespace

void StreamList::touch(const StreamInfo& stream, Instant now) {
  const bool is_new = streams_.insert_or_assign(stream.id, stream).second;
  const auto change = changes_.find(stream.id);
  if (change == changes_.end()) {
    changes_.emplace(stream.id, is_new ? Change::kAdded : Change::kUpdated);
  } else if (change->second == Change::kRemoved) {
    change->second = Change::kUpdated;  // gone and back before anybody was told
  }
  wake(now);
}

void StreamList::remove(const StreamId& stream, Instant now) {
  if (streams_.erase(stream) == 0) return;
  // Told even if its addition was not: whoever asked for the list in between has it.
  changes_.insert_or_assign(stream, Change::kRemoved);
  wake(now);
}

std::optional<ListChanged> StreamList::take_due(Instant now) {
  if (now < due_at_) return std::nullopt;
  due_at_ = kNever;
  told_at_ = now;
  ListChanged changed;
  for (const auto& [id, change] : changes_) {
    if (change == Change::kRemoved) {
      changed.removed.push_back(id);
    } else {
      (change == Change::kAdded ? changed.added : changed.updated).push_back(streams_.at(id));
    }
  }
  changes_.clear();
  return changed;
}

std::vector<StreamInfo> StreamList::all() const {
  std::vector<StreamInfo> streams;
  streams.reserve(streams_.size());
  for (const auto& [id, stream] : streams_) streams.push_back(stream);
  return streams;
}

void StreamList::wake(Instant now) {
  if (due_at_ == kNever) due_at_ = told_at_ ? std::max(now, *told_at_ + kBetween) : now;
}

}  // namespace p2p::directory
