#include "integrity/manifest_log.hpp"

#include <iterator>
#include <utility>

#include "base/check.hpp"

namespace p2p::mesh {

bool ManifestLog::add(std::vector<wire::ManifestEntry> parts, const Payload& message, Instant now, std::vector<const Entry*>& added) {
  for (wire::ManifestEntry& part : parts) {
    const auto next = entries_.lower_bound(part.first);
    if (next != entries_.end() && next->first == part.first) continue;
    const bool overlaps_next = next != entries_.end() && part.end() > next->first;
    const bool overlaps_previous = next != entries_.begin() && std::prev(next)->second.part.end() > part.first;
    if (overlaps_next || overlaps_previous) return false;
    const auto place = [](const wire::ManifestEntry& p) { return std::pair{p.segment, p.part}; };
    if (next != entries_.end() && place(part) >= place(next->second.part)) return false;
    if (next != entries_.begin() && place(std::prev(next)->second.part) >= place(part)) return false;
    const PieceNumber first = part.first;
    const auto inserted = entries_.emplace_hint(next, first, Entry{std::move(part), message, now});
    added.push_back(&inserted->second);
  }
  return true;
}

const ManifestLog::Entry* ManifestLog::find(PieceNumber piece) const {
  auto after = entries_.upper_bound(piece);
  if (after == entries_.begin()) return nullptr;
  const Entry& entry = std::prev(after)->second;
  return piece < entry.part.end() ? &entry : nullptr;
}

const ManifestLog::Entry* ManifestLog::at_or_after(PieceNumber piece) const {
  const auto at = entries_.lower_bound(piece);
  return at == entries_.end() ? nullptr : &at->second;
}

const ManifestLog::Entry* ManifestLog::newest_start(PieceNumber before) const {
  for (auto at = std::make_reverse_iterator(entries_.lower_bound(before)); at != entries_.rend(); ++at) {
    if (at->second.part.independent && at->second.part.part == 0) return &at->second;
  }
  return nullptr;
}

std::optional<PieceNumber> ManifestLog::first_gap() const {
  const Entry* previous = nullptr;
  for (const auto& [first, entry] : entries_) {
    if (previous && previous->part.end() != first) return previous->part.end();
    previous = &entry;
  }
  return std::nullopt;
}

PieceNumber ManifestLog::keep(Duration window) {
  if (entries_.empty()) return 0;
  const std::int64_t edge_us = entries_.rbegin()->second.part.media_time_us - window.count();
  while (entries_.begin()->second.part.media_time_us < edge_us) entries_.erase(entries_.begin());
  return entries_.begin()->first;
}

void ManifestLog::check_invariants() const {
  const Entry* previous = nullptr;
  for (const auto& [first, entry] : entries_) {
    CHECK(first == entry.part.first, "an entry under a wrong number");
    CHECK(!previous || previous->part.end() <= first, "two parts claim the same pieces");
    previous = &entry;
  }
}

}  // namespace p2p::mesh
