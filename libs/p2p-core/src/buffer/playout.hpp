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
  /// The player has enough until then.
  void needed_at(Instant at) { needed_at_ = at; }
  void set_patience(Duration patience) { patience_ = patience; }
  /// Behind what is missing another segment could begin: all of its first part is here.
  [[nodiscard]] bool could_go_on(const ManifestLog& log, const PieceStore& store) const;

  /// Hands on nothing until so much is whole, or until then at the latest: a picture that goes on for one part only stands again.
  /// `all_known`: all that the manifest lists is enough, however little it is.
  void rebuffer(Duration need, bool all_known, Instant until);
  [[nodiscard]] bool rebuffering() const { return need_ > 0ms; }
  [[nodiscard]] Duration need() const { return need_; }

  /// The next part, when all of it is here.
  [[nodiscard]] std::optional<PlayPart> take(const ManifestLog& log, const PieceStore& store, Instant now);

  /// Gives up what is missing. The number of parts skipped.
  std::uint32_t skip(const ManifestLog& log, const PieceStore& store);

  /// It has been waited for so long that the newest segment comes sooner, whatever is there of it.
  [[nodiscard]] bool hopeless(const ManifestLog& log, Instant now) const;

  /// When what is missing has been waited for long enough.
  [[nodiscard]] Instant next_due(const ManifestLog& log) const;

 private:
  [[nodiscard]] Duration whole_from_cursor(const ManifestLog& log, const PieceStore& store) const;
  [[nodiscard]] static bool complete(const wire::ManifestEntry& part, const PieceStore& store);

  Duration patience_;
  Instant not_before_{};
  Instant needed_at_{};
  Duration need_{};
  bool need_all_known_ = false;
  Instant need_until_{};
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
