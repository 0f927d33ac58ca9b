#include "integrity/manifest_log.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"

namespace p2p::mesh {

bool ManifestLog::add(std::vector<wire::ManifestEntry> parts, const Payload& message, Instant now, std::vector<const Entry*>& added) {
  std::vector<PieceNumber> firsts;   // of what was added: entries move while others come
  bool consistent = true;
  for (wire::ManifestEntry& part : parts) {
    const std::size_t place = place_at_or_after(part.first);
    const Entry* next = place < entries_.size() ? &entries_[place] : nullptr;
    const Entry* previous = place > 0 ? &entries_[place - 1] : nullptr;
    if (next && next->part.first == part.first) continue;
    const auto rank = [](const wire::ManifestEntry& p) { return std::pair{p.segment, p.part}; };
    const bool contradicts_next = next && (part.end() > next->part.first || rank(part) >= rank(next->part));
    const bool contradicts_previous = previous && (previous->part.end() > part.first || rank(previous->part) >= rank(part));
    if (contradicts_next || contradicts_previous) {
      consistent = false;
      break;
    }
    if (!next && previous && !gap_ && previous->part.end() != part.first) gap_ = previous->part.end();
    firsts.push_back(part.first);
    firsts_.insert(place, part.first);
    entries_.insert(place, Entry{std::move(part), message, now});
    ++changes_;
    if (next) gap_ = look_for_gap();
  }
  for (const PieceNumber first : firsts) added.push_back(find(first));
  return consistent;
}

std::size_t ManifestLog::place_after(PieceNumber piece) const {
  // Back from the newest in steps that double, then by halves between the last two.
  std::size_t high = firsts_.size(), low = high;
  for (std::size_t step = 1; low > 0; step *= 2) {
    low -= std::min(low, step);
    if (firsts_[low] <= piece) break;
    high = low;
  }
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (firsts_[middle] <= piece) low = middle + 1;
    else high = middle;
  }
  return high;
}

const ManifestLog::Entry* ManifestLog::find(PieceNumber piece) const {
  const std::size_t place = place_after(piece);
  if (place == 0) return nullptr;
  const Entry& entry = entries_[place - 1];
  return piece < entry.part.end() ? &entry : nullptr;
}

const ManifestLog::Entry* ManifestLog::at_or_after(PieceNumber piece) const {
  const std::size_t place = place_at_or_after(piece);
  return place == entries_.size() ? nullptr : &entries_[place];
}

const ManifestLog::Entry* ManifestLog::newest_start(PieceNumber before) const {
  for (std::size_t place = place_at_or_after(before); place-- > 0;) {
    if (entries_[place].part.independent && entries_[place].part.part == 0) return &entries_[place];
  }
  return nullptr;
}

PieceNumber ManifestLog::keep(Duration window) {
  if (entries_.empty()) return 0;
  const std::int64_t edge_us = entries_.back().part.media_time_us - window.count();
  while (entries_.front().part.media_time_us < edge_us) {
    entries_.pop_front();
    firsts_.pop_front();
    ++changes_;
  }
  // The gap is gone when all that lay before it is.
  if (gap_ && *gap_ <= entries_.front().part.first) gap_ = look_for_gap();
  return entries_.front().part.first;
}

std::optional<PieceNumber> ManifestLog::look_for_gap() const {
  const auto apart = [](const Entry& a, const Entry& b) { return a.part.end() != b.part.first; };
  const auto before_gap = std::ranges::adjacent_find(entries_, apart);
  if (before_gap == entries_.end()) return std::nullopt;
  return before_gap->part.end();
}

void ManifestLog::check_invariants() const {
  const auto overlaps = [](const Entry& a, const Entry& b) { return a.part.end() > b.part.first; };
  CHECK(std::ranges::adjacent_find(entries_, overlaps) == entries_.end(), "two parts claim the same pieces");
  CHECK(gap_ == look_for_gap(), "the log lost sight of its first gap");
  CHECK(std::ranges::equal(firsts_, entries_, {}, {}, [](const Entry& entry) { return entry.part.first; }), "the log searches in other numbers than its entries'");
}

}  // namespace p2p::mesh
