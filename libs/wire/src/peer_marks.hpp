#pragma once

namespace p2p::wire {

// The bits of a mark in Peers.
inline constexpr unsigned kGiving = 1;
inline constexpr unsigned kReceiving = 2;
inline constexpr unsigned kRoom = 4;

}  // namespace p2p::wire
