#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/ids.hpp"
#include "scoring/peer_score.hpp"

namespace p2p::directory {

/// What decides whether a peer is in the sample.
struct SampleCandidate {
  PeerId peer;
  scoring::Role role = scoring::Role::kLeaf;
  std::uint16_t hop = 0;
};

/// At most `count` of them, as positions in `all`, so that the sample looks like the whole: each kind (a hop and a role) has its share, and at
/// least one (stratified sampling with proportional allocation). Within a kind those with the least hash of their id are taken, so that
/// who was in one sample is in the next, whoever came and went meanwhile: maps do not jump. `salt` is the room's, or one could choose
/// one's id to be seen.
[[nodiscard]] std::vector<std::size_t> even_sample(std::span<const SampleCandidate> all, std::size_t count, std::uint64_t salt);

}  // namespace p2p::directory
