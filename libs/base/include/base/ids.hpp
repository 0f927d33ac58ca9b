#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace p2p {

/// An integer that does not mix with others: `Tag` makes each a type of its own, `value` is read where it goes on the wire.
template <typename Tag, typename Integer>
struct StrongId {
  using ValueType = Integer;
  Integer value{};
  friend constexpr auto operator<=>(StrongId, StrongId) = default;
};

/// Who a peer is to its neighbors: 64 random bits, shown as 16 hex digits (people see the first four). It is no secret and
/// proves nothing; the directory derives it from a secret that only the peer has (docs/signaling.md).
using PeerId = StrongId<struct PeerIdTag, std::uint64_t>;

}  // namespace p2p

template <typename Tag, typename Integer>
struct std::hash<p2p::StrongId<Tag, Integer>> {
  std::size_t operator()(p2p::StrongId<Tag, Integer> id) const noexcept { return std::hash<Integer>{}(id.value); }
};
