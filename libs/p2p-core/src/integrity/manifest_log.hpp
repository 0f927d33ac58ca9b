#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/payload.hpp"
#include "base/ring.hpp"
#include "base/time.hpp"
#include "p2p-core/types.hpp"
#include "wire/message.hpp"

namespace p2p::mesh {

/// The verified manifest of one rendition: which parts exist, of which pieces, with which digests. What is not in here is neither
/// relayed nor played.
///
/// Always holds: entries do not overlap in piece numbers and rise in (segment, part); what has left the window is gone.
///
/// Each Have and each piece asks here, so questions are cheap: the entries' first pieces lie together, searches begin at the newest (that
/// is what is asked about), and the first gap is kept rather than looked for.
class ManifestLog {
 public:
  struct Entry {
    wire::ManifestEntry part;
    Payload message;      ///< the Manifest message that brought it, as it goes on to others
    Instant learned{};
  };

  /// Takes over what is new. False when an entry contradicts what the source signed before: two parts claim the same pieces. Pointers
  /// to entries are good until the next change.
  bool add(std::vector<wire::ManifestEntry> parts, const Payload& message, Instant now, std::vector<const Entry*>& added);

  /// The part that holds a piece.
  [[nodiscard]] const Entry* find(PieceNumber piece) const;
  /// The first part whose pieces all lie at or after `piece`.
  [[nodiscard]] const Entry* at_or_after(PieceNumber piece) const;
  [[nodiscard]] const Entry* newest() const { return entries_.empty() ? nullptr : &entries_.back(); }
  [[nodiscard]] const Entry* oldest() const { return entries_.empty() ? nullptr : &entries_.front(); }
  /// The newest part that starts a segment, among those before `before`.
  [[nodiscard]] const Entry* newest_start(PieceNumber before) const;
  /// The first piece number that is missing between the entries: where to ask from. Nothing when they follow each other.
  [[nodiscard]] std::optional<PieceNumber> first_gap() const { return gap_; }
  /// By first piece, rising.
  [[nodiscard]] const Ring<Entry>& entries() const { return entries_; }
  /// The place in entries() of the first part that begins after `piece`, or at it; past the end when there is none.
  [[nodiscard]] std::size_t place_after(PieceNumber piece) const;
  [[nodiscard]] std::size_t place_at_or_after(PieceNumber piece) const { return piece == 0 ? 0 : place_after(piece - 1); }
  /// Another number after each change of what is known.
  [[nodiscard]] std::uint64_t changes() const { return changes_; }
  [[nodiscard]] PieceNumber end() const { return entries_.empty() ? 0 : entries_.back().part.end(); }

  /// Forgets parts that lie more than `window` before the newest; returns the first piece still known.
  PieceNumber keep(Duration window);

  void check_invariants() const;

 private:
  [[nodiscard]] std::optional<PieceNumber> look_for_gap() const;

  Ring<Entry> entries_;
  Ring<PieceNumber> firsts_;   // of entries_, at the same places
  std::uint64_t changes_ = 0;
  std::optional<PieceNumber> gap_;
};

}  // namespace p2p::mesh
