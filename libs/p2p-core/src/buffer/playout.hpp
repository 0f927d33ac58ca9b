#pragma once

#include <cstdint>
#include <optional>

#include "base/time.hpp"
#include "buffer/piece_store.hpp"
#include "integrity/manifest_log.hpp"
#include "p2p-core/output.hpp"

namespace p2p::mesh {

/// Hands the parts to the player, in order, and decides when a missing one has been waited for long enough.
///
/// Always holds: parts go out in rising order, whole and verified; after a loss the next one starts with a key frame, since a
/// decoder can use nothing before it.
class Playout {
 public:
  explicit Playout(Duration patience) : patience_{patience} {}

  /// Where playback starts: the first piece of a part that starts a segment.
  /// `after_loss`: what came before it, in another rendition, was not whole.
  void start_at(PieceNumber piece, bool after_loss = false);
  /// Another rendition goes on from here.
  void end_at(PieceNumber piece) { end_ = piece; }
  [[nodiscard]] bool ended() const { return cursor_ >= end_; }
  [[nodiscard]] bool after_loss() const { return discontinuous_; }
  [[nodiscard]] bool started() const { return started_; }
  /// The first piece that the player still needs.
  [[nodiscard]] PieceNumber cursor() const { return cursor_; }

  /// Nothing is given up before this.
  void wait_until(Instant at) { not_before_ = at; }

  /// The next part, when all of it is here.
  [[nodiscard]] std::optional<PlayPart> take(const ManifestLog& log, const PieceStore& store, Instant now);

  /// Gives up what is overdue. `age` tells how long ago a part was made. The number of parts skipped.
  std::uint32_t skip_overdue(const ManifestLog& log, const PieceStore& store, Instant now);

  /// When skip_overdue could next have something to do.
  [[nodiscard]] Instant next_due(const ManifestLog& log) const;

 private:
  [[nodiscard]] static bool complete(const wire::ManifestEntry& part, const PieceStore& store);

  Duration patience_;
  Instant not_before_{};
  /// What is looked for at each input: when the part at the cursor was learned of. Until the cursor moves or the log changes.
  struct Awaited {
    PieceNumber cursor = 0;
    std::uint64_t log_changes = UINT64_MAX;
    std::optional<Instant> learned;
  };
  mutable Awaited awaited_;
  PieceNumber cursor_ = 0;
  PieceNumber end_ = UINT32_MAX;
  bool started_ = false;
  bool discontinuous_ = false;
};

}  // namespace p2p::mesh
