#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "bandwidth/rolling_sum.hpp"
#include "base/time.hpp"
#include "buffer/piece_set.hpp"
#include "buffer/reassembly.hpp"
#include "mesh/stripes.hpp"
#include "p2p-core/types.hpp"
#include "wire/message.hpp"

namespace p2p::mesh {

/// What we know of a peer that we have a link to. The engine keeps one for each, ordered by id.
struct Neighbor {
  PeerId peer;
  bool relayed = false;
  Instant up_at{};
  Instant heard_at{};

  // What it said of itself.
  bool greeted = false;          ///< its Hello came
  bool leaving = false;          ///< its Bye came
  Role role = Role::kLeaf;
  bool giving = true;
  std::uint16_t slots = 0;
  std::uint16_t slots_free = 0;
  std::array<wire::StripeState, kStripes> stripes{};
  PieceSet has;
  Duration queue{};              ///< how long a request would wait there
  bool header_sent = false;

  // The link.
  Duration rtt = 50ms;           ///< until the first echo
  bool rtt_known = false;
  std::uint32_t last_clock_ms = 0;
  Instant last_clock_at{};
  Reassembly reassembly;
  std::uint32_t unasked = 0;     ///< pieces in a row that we neither subscribed nor requested

  // As a parent.
  std::array<Instant, kTrees> denied_until{};
  Instant busy_until{};
  Instant manifest_asked_at{};

  // Figures.
  std::int64_t received_bytes = 0;
  std::int64_t given_bytes = 0;
  std::int64_t received_at_report = 0;
  std::uint32_t failed_at_report = 0;
  RollingSum received_10s{10s};
  RollingSum given_10s{10s};
};

using Neighbors = std::map<PeerId, Neighbor>;

/// How a peer is named in paths: half of its id is enough to notice oneself, and a path fits in a message.
[[nodiscard]] constexpr std::uint32_t path_name(PeerId peer) { return static_cast<std::uint32_t>(peer.value >> 32); }

}  // namespace p2p::mesh
