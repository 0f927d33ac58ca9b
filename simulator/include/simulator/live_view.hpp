#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "p2p-core/types.hpp"
#include "simulator/world.hpp"

namespace p2p::simulator {

/// What a line of the log is about. kEvent: something happened to the peer from outside; kRun: not of a peer, but of the whole run.
enum class LogKind : std::uint8_t { kJoin, kLeave, kLink, kFeed, kPull, kPart, kPlay, kQuality, kRole, kDrop, kChat, kEvent, kRun, kOther };
inline constexpr std::array<std::string_view, 14> kLogKindNames{"join", "leave", "link", "feed", "pull", "part", "play", "quality", "role", "drop", "chat", "event", "run", "other"};

/// Something that happened to a peer, or that its engine decided.
struct LogLine {
  std::uint64_t number = 0;     ///< from 1, each one more
  Instant at{};
  LogKind kind = LogKind::kOther;
  std::uint32_t peer = 0;       ///< its number
  PeerId id;
  std::string text;
};

enum class PeerState : std::uint8_t { kJoining, kPlaying, kStanding, kFrozen };
inline constexpr std::array<std::string_view, 4> kPeerStateNames{"joining", "playing", "standing", "frozen"};

/// One who is there.
struct PeerView {
  static constexpr std::uint8_t kUnfed = 0xff;

  std::uint32_t number = 0;     ///< 0: the source; viewers as they come
  PeerId id;
  mesh::Role role = mesh::Role::kLeaf;
  PeerState state = PeerState::kJoining;
  bool poisons = false;
  std::uint8_t score = 0;
  std::uint8_t hop = 0;                       ///< links between the source and here
  std::array<std::uint8_t, 8> stripe_hops{};  ///< the same by stripe; kUnfed: nobody feeds it
  std::uint32_t delay_ms = 0;                 ///< from a part's capture to its arrival here, of recent ones
  std::uint32_t buffer_ms = 0;                ///< playable ahead of the player
  std::uint32_t behind_ms = 0;                ///< from the capture of the picture shown until now
  std::int64_t received_bits_per_s = 0;       ///< payload, of the last 10 s
  std::int64_t from_source_bits_per_s = 0;    ///< of that
  std::int64_t given_bits_per_s = 0;
  std::int64_t line_up_bits_per_s = 0;
  std::int64_t line_down_bits_per_s = 0;
};

/// Who feeds whom.
struct FeedView {
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  std::uint8_t stripes = 0;     ///< a bit for each that `from` feeds `to`
  bool relayed = false;         ///< through the TURN server
  std::int64_t bits_per_s = 0;  ///< of the last 10 s
};

/// Over the honest viewers, of the last ten seconds.
struct LiveTotals {
  std::uint32_t viewers = 0;
  std::uint32_t poisoners = 0;
  std::uint32_t playing = 0;
  std::uint32_t standing = 0;
  std::uint32_t delay_ms_p50 = 0, delay_ms_p95 = 0;   ///< from a part's capture until it is complete
  double continuity = 0;          ///< parts that came within 2 s, of those due
  double share_from_peers = 0;
  double source_copies = 0;       ///< of the stream, that left the source
  double duplicates = 0;          ///< of bytes received
  double repairs = 0;             ///< pieces that came by request
  std::uint64_t pieces_failed = 0;      ///< since the start: poison that was found
  std::uint64_t bad_pieces_played = 0;  ///< since the start; stays 0
  std::uint64_t accused = 0;            ///< poisoners that somebody dropped, since the start
  std::uint64_t honest_accused = 0;     ///< stays 0
};

struct LiveView {
  Instant now{};
  std::uint64_t events = 0;       ///< of the simulation, since the start
  bool server_away = false;
  std::int64_t stream_bits_per_s = 0;
  LiveTotals totals;
  std::vector<PeerView> peers;    ///< in the order of their numbers
  std::vector<FeedView> feeds;    ///< by who is fed
};

}  // namespace p2p::simulator
