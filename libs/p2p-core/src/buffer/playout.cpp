#include "buffer/playout.hpp"

#include <algorithm>
#include <utility>

namespace p2p::mesh {
namespace {

constexpr int kHopeless = 3;   ///< times the patience: a newer segment is whole by then, or nothing will be

}  // namespace

void Playout::start_at(PieceNumber piece, bool after_loss) {
  cursor_ = piece;
  started_ = true;
  discontinuous_ = after_loss;
}

bool Playout::complete(const wire::ManifestEntry& part, const PieceStore& store) {
  for (PieceNumber piece = part.first; piece < part.end(); ++piece) {
    if (!store.has(piece)) return false;
  }
  return true;
}

void Playout::rebuffer(Duration need, bool all_known, Instant until) {
  need_ = need;
  need_all_known_ = all_known;
  need_until_ = until;
}

/// As much of it as is needed; all, when playback ends there.
Duration Playout::whole_from_cursor(const ManifestLog& log, const PieceStore& store) const {
  Duration whole{};
  PieceNumber next = cursor_;
  while (whole < need_) {
    if (next >= end_ || (need_all_known_ && next >= log.end())) return need_;
    const ManifestLog::Entry* entry = log.find(next);
    if (!entry || entry->part.first != next || !complete(entry->part, store)) break;
    whole += Duration{entry->part.duration_us};
    next = entry->part.end();
  }
  return whole;
}

std::optional<PlayPart> Playout::take(const ManifestLog& log, const PieceStore& store, Instant now) {
  if (!started_ || ended()) return std::nullopt;
  if (rebuffering()) {
    if (now < need_until_ && whole_from_cursor(log, store) < need_) return std::nullopt;
    need_ = {};
  }
  const ManifestLog::Entry* entry = log.find(cursor_);
  if (!entry || entry->part.first != cursor_ || !complete(entry->part, store)) return std::nullopt;
  const wire::ManifestEntry& part = entry->part;
  Rope bytes;
  bytes.reserve(part.digests.size());
  Instant whole_since{};
  for (PieceNumber piece = part.first; piece < part.end(); ++piece) {
    const PieceStore::Held* held = store.find(piece);
    bytes.append(held->bytes);
    whole_since = std::max(whole_since, held->since);
  }
  cursor_ = part.end();
  return PlayPart{.part = {.id = {RenditionId{part.rendition}, part.segment, part.part},
                           .independent = part.independent,
                           .media_time = Duration{part.media_time_us},
                           .duration = Duration{part.duration_us},
                           .captured = WallTime{Duration{part.captured_us}},
                           .bytes = std::move(bytes),
                           .segments_left = part.segments_left},
                  .discontinuous = std::exchange(discontinuous_, false),
                  .whole_for = now - whole_since};
}

bool Playout::could_go_on(const ManifestLog& log, const PieceStore& store) const {
  if (!started_ || ended()) return false;
  for (std::size_t at = log.place_after(cursor_); at < log.entries().size(); ++at) {
    const wire::ManifestEntry& part = log.entries()[at].part;
    if (part.independent && part.first < end_ && complete(part, store)) return true;
  }
  return false;
}

bool Playout::hopeless(const ManifestLog& log, Instant now) const {
  const ManifestLog::Entry* entry = log.at_or_after(cursor_);
  return entry && now - entry->learned > kHopeless * patience_;
}

std::uint32_t Playout::skip(const ManifestLog& log, const PieceStore& store) {
  // A decoder needs a key frame: of the starts behind the gap the first whole one; when none is whole yet, the newest, which has
  // the most time left.
  const ManifestLog::Entry* target = nullptr;
  for (std::size_t at = log.place_after(cursor_); at < log.entries().size(); ++at) {
    const ManifestLog::Entry& entry = log.entries()[at];
    if (!entry.part.independent || entry.part.first >= end_) continue;
    target = &entry;
    if (complete(entry.part, store)) break;
  }
  if (!target && end_ == UINT32_MAX) return 0;
  const PieceNumber to = target ? target->part.first : end_;
  std::uint32_t skipped = 0;
  for (std::size_t at = log.place_at_or_after(cursor_); at < log.entries().size() && log.entries()[at].part.first < to; ++at) ++skipped;
  cursor_ = to;
  discontinuous_ = true;
  return skipped > 0 ? skipped : 1;
}

Instant Playout::next_due(const ManifestLog& log) const {
  if (!started_ || ended()) return kNever;
  if (awaited_.cursor != cursor_ || awaited_.log_changes != log.changes()) {
    const ManifestLog::Entry* entry = log.find(cursor_);
    if (!entry) entry = log.at_or_after(cursor_);
    awaited_ = {cursor_, log.changes(), entry ? std::optional{entry->learned} : std::nullopt};
  }
  return awaited_.learned ? std::max({*awaited_.learned + patience_, not_before_, needed_at_}) : kNever;
}

}  // namespace p2p::mesh
