#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "p2p-core/types.hpp"

namespace p2p::mesh {

/// What one neighbor is to us.
struct NeighborStats {
  PeerId peer;
  Role role = Role::kLeaf;
  std::uint8_t hop = 0;             ///< links between it and the source; 0 for the source
  std::uint8_t stripes_in = 0;      ///< stripes it feeds us
  std::uint8_t stripes_out = 0;     ///< stripes we feed it
  std::uint32_t rtt_ms = 0;
  bool relayed = false;
  std::int64_t received_bytes = 0;  ///< payload, since the link came up
  std::int64_t given_bytes = 0;
  std::int64_t received_bytes_10s = 0;
  std::int64_t given_bytes_10s = 0;
  std::uint64_t held_up = 0;        ///< times that less left than was to: a piece that waited for too long, a stripe taken away since the link is full
};

/// One stripe here.
struct StripeStats {
  std::optional<PeerId> parent;
  std::uint8_t hop = 0;             ///< links between the source and here
  std::uint32_t delay_ms = 0;       ///< from the making of a part to its arrival here, smoothed
  std::uint16_t children = 0;
};

/// One quality that the stream has.
struct RenditionStats {
  RenditionId id;
  std::uint16_t width = 0;
  std::uint16_t height = 0;
  std::uint32_t bits_per_s = 0;
  bool played = false;              ///< here, now
  PieceNumber next_piece = 0;       ///< of the source: where one that is started anew would go on
};

/// Something that the engine did, and why, for people.
struct DecisionStats {
  Duration ago{};
  std::string text;
};

/// Figures since the start of the engine, for the page, the dashboard and the simulator. Bytes are payload unless said otherwise.
struct EngineStats {
  Role role = Role::kLeaf;
  std::uint8_t score = 0;                      ///< 0-100, as the directory said last
  std::uint8_t hop = 0;
  std::int64_t received_from_peers_bytes = 0;
  std::int64_t received_from_edge_bytes = 0;
  std::int64_t received_from_source_bytes = 0;
  std::int64_t given_bytes = 0;
  std::int64_t duplicate_bytes = 0;
  std::int64_t control_sent_bytes = 0;
  std::int64_t produced_bytes = 0;             ///< source only
  std::int64_t upload_allowed_bits_per_s = 0;
  std::int64_t upload_used_bits_per_s = 0;     ///< payload given in the last 5 s
  std::uint64_t pieces_verified = 0;
  std::uint64_t pieces_repaired = 0;           ///< came by request, not by push
  std::uint64_t pieces_failed = 0;             ///< wrong hash: its sender was dropped
  std::uint64_t parts_played = 0;
  std::uint64_t parts_skipped = 0;
  std::uint32_t delay_ms = 0;                  ///< capture to verified, of recent parts (median)
  std::uint32_t buffer_ms = 0;                 ///< playable ahead of the player
  std::uint32_t behind_ms = 0;                 ///< from the capture of the picture shown until now
  std::uint32_t kept_ms = 0;                   ///< of the stream, for the player and for others
  std::uint32_t target_ms = 0;                 ///< how far behind the engine wants it; 0: not known yet
  WallTime live_edge{};                        ///< capture time of the newest part known to exist, by the source's clock
  std::vector<RenditionStats> renditions;      ///< those known, by id
  std::vector<StripeStats> stripes;            ///< of the rendition that is played
  std::vector<NeighborStats> neighbors;        ///< by peer id
  std::vector<DecisionStats> decisions;        ///< the last 16, the newest first
};

}  // namespace p2p::mesh
