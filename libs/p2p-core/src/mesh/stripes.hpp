#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.hpp"
#include "p2p-core/types.hpp"
#include "wire/limits.hpp"

namespace p2p::mesh {

/// A rendition's pieces are dealt over this many trees: with 8 the loss of a parent costs an eighth of the stream, and a viewer
/// with little upload can still feed somebody. 4 gave less delay but coarser loads, 16 more delay and repair (ADR 0004).
inline constexpr std::size_t kStripes = 8;

/// Trees in all: the stripes of pieces and the one of manifests.
inline constexpr std::size_t kTrees = kStripes + 1;
inline constexpr std::size_t kManifestTree = kStripes;

[[nodiscard]] constexpr std::size_t stripe_of(PieceNumber piece) { return piece % kStripes; }

[[nodiscard]] constexpr std::uint8_t tree_to_wire(std::size_t tree) {
  return tree == kManifestTree ? wire::kManifestStripe : static_cast<std::uint8_t>(tree);
}

/// kTrees when the number names no tree of ours.
[[nodiscard]] constexpr std::size_t tree_from_wire(std::uint8_t stripe) {
  if (stripe == wire::kManifestStripe) return kManifestTree;
  return stripe < kStripes ? stripe : kTrees;
}

}  // namespace p2p::mesh
