#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/prng.hpp"
#include "base/prefetch.hpp"
#include "base/ring.hpp"
#include "base/time.hpp"
#include "buffer/piece_store.hpp"
#include "buffer/playout.hpp"
#include "buffer/reassembly.hpp"
#include "integrity/manifest_log.hpp"
#include "integrity/sealer.hpp"
#include "mesh/children.hpp"
#include "mesh/feeds.hpp"
#include "mesh/neighbor.hpp"
#include "mesh/stripes.hpp"
#include "scheduler/edge.hpp"
#include "scheduler/repair.hpp"

namespace p2p::mesh {

/// One rendition as this peer carries it: its manifest and pieces, who feeds it to us and whom we feed with it, what of it is missing and
/// where its playback stands. The parts stand side by side, and the engine routes between them; here are the answers that take several of them.
///
/// Always holds: at most kEarlyMax pieces wait for their manifest entry; what is kept is what the manifest's window holds.
///
/// Out of scope: what all renditions share, which is links, upload, clocks and whom to know (the engine); what a neighbor is to us in this
/// rendition (NeighborTrack).
struct Track {
  /// Pieces that came before their manifest entry.
  static constexpr std::size_t kEarlyMax = 64;
  static constexpr std::size_t kHotBytes = 128;
  static constexpr Duration kRestsAfter = 1s;   ///< several parts' time

  struct Early {
    PeerId from;
    Reassembly::Whole whole;
    Instant at{};
  };
  struct Answered {
    std::uint32_t times = 0;
    Instant at{};
  };
  struct Orphaned {
    std::optional<Instant> since;   // without a parent
    bool told = false;              // to the children
  };

  Track(Prng& prng, Duration patience) : feeds{prng.fork(2)}, repair{prng.fork(3)}, edge{prng.fork(4)}, playout{patience} {}

  [[nodiscard]] bool known() const { return rendition.has_value(); }
  /// The first, as long as it is not known which one it is.
  [[nodiscard]] RenditionId id() const { return rendition.value_or(RenditionId{}); }
  /// As on the wire.
  [[nodiscard]] std::uint8_t number() const { return id().value; }

  [[nodiscard]] std::int64_t unit_bits_per_s() const;   ///< of one stripe
  /// A bound for how many pieces are made in a time: full ones by the bit rate, and one more in each part.
  [[nodiscard]] PieceNumber pieces_in(Duration time) const;
  /// It comes here all the way from the source, or from the edge.
  [[nodiscard]] bool fed(std::size_t tree) const { return feeds.rooted(tree) || edge.feeds(tree); }
  [[nodiscard]] bool starving() const;
  /// From the source to us.
  [[nodiscard]] std::vector<std::uint32_t> path_in(std::size_t tree, std::optional<PeerId> self) const;
  /// It has recent pieces of that stripe which are not here.
  [[nodiscard]] bool has_news(const Neighbor& neighbor, std::size_t tree) const;

  /// The newest segment whose key part neighbors have whole; while it is on its way through the mesh the one before is there sooner. When
  /// none is whole, the newest that has begun to come; nothing while nobody has any of it.
  [[nodiscard]] const ManifestLog::Entry* best_start(const Neighbors& neighbors) const;
  /// The newest start whose key part is here, or on the way.
  [[nodiscard]] const ManifestLog::Entry* newest_start_here() const;

  /// The first piece of the stripe after those that are here, or the next to be made.
  [[nodiscard]] PieceNumber to_come(std::size_t tree) const;

  /// What kept the part at the playhead from being played, for people.
  [[nodiscard]] std::string what_is_missing(const Neighbors& neighbors) const;

  /// The source only: a request for this piece, which it has answered so often that others must have it by now. `busy`: it has much to send.
  bool others_have(PieceNumber piece, bool busy, Instant now);

  /// Forgets what has left the window.
  void trim(Duration window);
  void peer_gone(PeerId peer, Instant now);
  void check_invariants() const;
  /// What each message needs: where things stand, and when each part is due.
  void prefetch() const {
    p2p::prefetch(this, kHotBytes);
    p2p::prefetch(&repair, static_cast<std::size_t>(reinterpret_cast<const char*>(&early) - reinterpret_cast<const char*>(&repair)));
  }

  /// Not all of it comes here.
  [[nodiscard]] bool partial() const { return stripes < kStripes; }
  /// What of a newcomer's backlog need not be asked for yet begins here; the end of the backlog when all may.
  /// `ahead`: of what is played now; nothing, before anything is.
  [[nodiscard]] PieceNumber backlog_to_ask(std::optional<Duration> playhead, Duration ahead) const;
  /// A piece that is missed when it stays away.
  [[nodiscard]] bool wants(PieceNumber piece) const;
  /// The first segment of which nothing was played yet.
  [[nodiscard]] std::uint32_t segment_to_come() const;
  /// The source makes no more of it for a while, or soon.
  [[nodiscard]] bool pauses() const { return log.newest() && log.newest()->part.segments_left > 0; }
  /// Nothing was made of it for a while.
  [[nodiscard]] bool rests(Instant now) const { return pauses() && now - log.newest()->learned > kRestsAfter; }
  /// Its first part, or that of the first after it.
  [[nodiscard]] const ManifestLog::Entry* start_from(std::uint32_t segment) const;
  /// Until the present segment is made, as long as the one before.
  [[nodiscard]] Duration rest_of_segment() const;
  [[nodiscard]] bool complete(const wire::ManifestEntry& part) const;
  /// Playback stops before the segment in which another rendition takes over.
  [[nodiscard]] bool held() const;

  std::optional<RenditionId> rendition;
  std::uint32_t bits_per_s = 0;

  std::size_t stripes = kStripes;              ///< that are subscribed; fewer: a probe of the line, or it ends
  // A change of renditions (engine_switching.cpp). While another track joins beside it ...
  std::optional<std::uint32_t> hold_segment;   ///< playback waits at this one for the other
  std::optional<Instant> held_since;           ///< it stands there
  std::optional<PieceNumber> ends_at;          ///< the other has taken over from this piece on
  std::optional<PieceNumber> wanted_before;    ///< nothing from here on is fetched any more: it would come too late
  std::optional<std::uint32_t> last_segment;   ///< nobody feeds it beyond this one: the line is full, and the other takes over when it can
  // ... and the one that joins:
  bool joining = false;
  Instant joined_at{};
  std::optional<PieceNumber> wanted_from;      ///< where it will take over

  Feeds feeds;
  Children children;
  Repair repair;
  Edge edge;
  Sealer sealer;                            ///< of the source
  ManifestLog log;
  PieceStore store;
  Playout playout;

  PieceNumber backlog_end = 0;              ///< of a newcomer: what was made before it began

  Ring<Early> early;
  std::vector<PieceNumber> fresh;           ///< verified since the last Have
  std::map<PieceNumber, Answered> answered; ///< requests that the source answered lately; bounded by its window
  // Of the source, for pieces that nobody has.
  std::map<PieceNumber, Instant> pushed_unheld;   ///< to somebody who is no child; bounded by its window
  std::array<std::optional<Instant>, kTrees> lost_child_at;   ///< when one went without a word
  std::array<Orphaned, kTrees> orphaned;
  bool was_full = false;                    ///< as last told to neighbors
};

}  // namespace p2p::mesh
