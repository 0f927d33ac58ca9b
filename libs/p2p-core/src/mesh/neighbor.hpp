#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bandwidth/rolling_sum.hpp"
#include "base/hex.hpp"
#include "base/prefetch.hpp"
#include "base/stable_map.hpp"
#include "base/time.hpp"
#include "buffer/piece_set.hpp"
#include "buffer/reassembly.hpp"
#include "mesh/stripes.hpp"
#include "p2p-core/types.hpp"
#include "wire/message.hpp"

namespace p2p::mesh {

/// What a neighbor is to us in one rendition.
struct NeighborTrack {
  // What it said.
  std::uint16_t slots = 0;        ///< stripes of this rendition that its upload pays for
  std::uint16_t slots_free = 0;
  std::uint32_t full_below = 0;   ///< kbit/s for each stripe: who passes on less is refused
  std::array<wire::StripeState, kTrees> stripes{};
  PieceSet has;
  PieceSet sent;                  ///< of the source: pieces that went there, whether they have come or not
  Instant told_at = Instant{} - 24h;   ///< its last Have or Status of this rendition: it carries it; long ago: none came

  // What we are owed: pieces beyond it nobody asked for.
  std::array<Instant, kTrees> subscribed_until{};  ///< leftovers of a subscription that we ended may come until then
  PieceSet delivered;
  Reassembly reassembly;

  // As a parent.
  std::array<Instant, kTrees> denied_until{};
  Instant manifest_asked_at{};
  std::size_t trees_max = kTrees;   ///< more it could not carry over this link
  Instant trees_max_until{};
};

/// What we know of a peer that we have a link to. The engine keeps one for each, ordered by id.
struct Neighbor {
  PeerId peer;
  bool relayed = false;
  Instant up_at{};
  Instant heard_at{};

  // What it said of itself.
  bool greeted = false;          ///< its Hello came
  bool fresh = true;             ///< it knew nothing of the stream then
  bool leaving = false;          ///< its Bye came
  Role role = Role::kLeaf;
  bool giving = true;
  std::uint32_t gives_kbit_per_s = 0;
  std::optional<std::uint32_t> attested_kbit_per_s;   ///< that it gives, as those who receive it told the directory
  RenditionId told;              ///< the rendition of its last Status
  Duration queue{};              ///< how long a request would wait there
  std::uint32_t headers_sent = 0;   ///< a bit for each rendition

  // The link.
  Duration rtt = 50ms;           ///< until the first echo
  bool rtt_known = false;
  Duration rtt_least = 50ms;     ///< without what queued: the way itself
  Instant rtt_at{};
  std::uint32_t last_clock_ms = 0;
  Instant last_clock_at{};
  std::uint32_t associations = 1;
  std::uint32_t widened_to = 1;  ///< so many were asked for
  Instant widen_at{};            ///< when that counts as failed, or when more may be asked for
  Instant widened_at{};
  bool link_missed = false;      ///< it asked for a stripe that the link could not carry

  // What we are owed: pieces beyond it nobody asked for.
  std::uint32_t requests_open = 0;                 ///< pieces requested that have neither come nor been refused
  std::uint32_t unasked = 0;
  Instant unasked_at{};          ///< until then some of them were forgiven

  // While the server is away.
  Instant peers_asked_at{};      ///< an answer is awaited
  bool peers_asked = false;
  Instant peers_told_at{};
  bool peers_told = false;

  // As a parent.
  Instant busy_until{};
  Duration excess{};             ///< how much later its pushes come than it and the distance let expect, smoothed
  bool excess_known = false;
  Duration barren_for{};         ///< how long it is avoided, twice as long each time that it promised pushes and sent none

  // Figures.
  std::int64_t received_bytes = 0;
  std::int64_t given_bytes = 0;
  std::uint64_t held_up = 0;           // times that less left than was to
  std::int64_t accepted_bytes = 0;                 ///< of pieces that came from it first, since the last report
  std::uint32_t failed_at_report = 0;
  RollingSum received_10s{10s};
  RollingSum given_10s{10s};

  [[nodiscard]] NeighborTrack& in(RenditionId rendition) {
    auto& track = tracks_[rendition.value];
    if (!track) track = std::make_unique<NeighborTrack>();
    return *track;
  }
  [[nodiscard]] const NeighborTrack& in(RenditionId rendition) const {
    static const NeighborTrack kNothing;
    const auto& track = tracks_[rendition.value];
    return track ? *track : kNothing;
  }
  /// What each message needs.
  void prefetch() const {
    p2p::prefetch(this, kHotBytes);
    p2p::prefetch(tracks_.data(), sizeof(tracks_));
  }
  void prefetch_track(RenditionId rendition) const { p2p::prefetch(tracks_[rendition.value].get(), sizeof(NeighborTrack)); }
  [[nodiscard]] bool fed(RenditionId rendition, std::size_t tree) const {
    return role == Role::kSource || in(rendition).stripes[tree].delay_ms != wire::StripeState::kUnfed;
  }

 private:
  static constexpr std::size_t kHotBytes = 192;
  std::array<std::unique_ptr<NeighborTrack>, wire::kRenditionsMax> tracks_;   // what was heard of only
};

using Neighbors = StableMap<PeerId, Neighbor>;

/// How a peer is named in paths: half of its id is enough to notice oneself, and a path fits in a message.
[[nodiscard]] constexpr std::uint32_t path_name(PeerId peer) { return static_cast<std::uint32_t>(peer.value >> 32); }
/// For people to read.
[[nodiscard]] inline std::string short_name(PeerId peer) { return to_text(peer).substr(0, 4); }

}  // namespace p2p::mesh
