#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "directory/category.hpp"
#include "scoring/peer_score.hpp"

/// What goes into the directory and what comes out of it; docs/signaling.md explains each field.
namespace p2p::directory {

inline constexpr std::uint8_t kRenditionsMax = 8;   ///< of a stream

/// A connection to the server, numbered by the driver; never used twice.
using ConnectionId = StrongId<struct ConnectionIdTag, std::uint64_t>;

/// The first 80 bits of SHA-256 of the stream's public key.
struct StreamId {
  std::array<std::byte, 10> bytes{};
  friend auto operator<=>(const StreamId&, const StreamId&) = default;
};

using PublicKey = std::array<std::byte, 32>;

enum class Refusal : std::uint8_t { kBadRequest, kNoSuchStream, kNoSuchPeer, kNotAMember, kNotTheSource, kAlreadyAMember, kRateLimited, kFull };

template <typename T>
using Outcome = std::expected<T, Refusal>;

/// What a source says of its stream. Normalised by the caller, as docs/signaling.md says.
struct StreamDetails {
  std::string title;
  Category category = kOtherCategory;
  std::vector<std::string> tags;
  std::string language;      ///< ISO 639; empty: not said
  std::string search_text;   ///< title, category and tags, folded as StreamFilter::words are
  bool listed = true;        ///< false: in no list; who has the link watches
};

/// A small picture of what a stream shows, as its source made it. Checked by the caller.
struct Thumbnail {
  enum class Format : std::uint8_t { kJpeg, kWebp };
  Format format = Format::kJpeg;
  std::string bytes;
  WallTime taken_at{};   ///< differs from one to the next
};

struct StreamInfo {
  StreamId id;
  std::shared_ptr<const StreamDetails> details;   ///< never null
  WallTime started_at{};
  std::uint32_t viewers = 0;
  bool source_online = true;
  std::optional<WallTime> thumbnail_at;   ///< none: there is none yet
};

struct Candidate {
  PeerId peer;
  std::uint8_t score = 0;
  scoring::Role role = scoring::Role::kLeaf;
  bool receiving = false;
  std::uint32_t network = 0;  ///< as in JoinRequest
  std::optional<std::uint8_t> rendition;  ///< as in Report
};

struct CreateRequest {
  StreamId stream;
  PublicKey public_key{};
  StreamDetails details;
  PeerId peer;
  WallTime wall_now{};
  std::uint64_t place = 0;  ///< where the source is: streams made at one place are limited; 0: not counted
};
struct Created {
  bool resumed = false;  ///< the stream was live already: this connection is its source now
};

struct JoinRequest {
  StreamId stream;
  PeerId peer;
  bool giving = true;
  std::uint32_t network = 0;  ///< equal for peers whose addresses are neighbors, and telling nothing else of them; 0: not known
  std::uint32_t region = 0;   ///< the same for a wider neighborhood; nobody is told of it
};
struct Joined {
  PublicKey public_key{};
  PeerId source;
  StreamInfo stream;
  std::vector<Candidate> candidates;
};

struct NeighborReport {
  PeerId peer;
  std::int64_t received_bytes = 0;
  std::int64_t failed_pieces = 0;
  std::int64_t rtt_ms = 0;
};
struct Report {
  std::int64_t upload_bits_per_s = 0;
  std::int64_t upload_used_bits_per_s = 0;
  std::int64_t latency_ms = 0;
  std::uint16_t hop = 0;
  bool receiving = false;
  std::optional<std::uint8_t> rendition;  ///< that it has, of a stream with several; below kRenditionsMax
  std::vector<NeighborReport> neighbors;
};
struct Standing {
  std::uint8_t score = 0;
  scoring::Role role = scoring::Role::kLeaf;
  /// What a peer gave to all others together, as they say: of the reporter and those of its neighbors that have been here for long
  /// enough to have been counted.
  struct Receipt {
    PeerId peer;
    std::int64_t bits_per_s = 0;
  };
  std::vector<Receipt> receipts;
};

/// One peer as maps of the mesh show it. What it gives is what others attest; where it stands, what it receives and from whom, it says itself.
struct MeshPeer {
  struct Parent {
    PeerId peer;
    std::int64_t bits_per_s = 0;
  };
  PeerId peer;
  scoring::Role role = scoring::Role::kLeaf;
  std::uint8_t score = 0;
  std::uint16_t hop = 0;   ///< from the source, which is 0; a viewer's 0: not told yet
  std::int64_t latency_ms = 0;
  std::int64_t received_bits_per_s = 0;
  std::int64_t given_bits_per_s = 0;
  std::vector<Parent> parents;   ///< from whom most comes, first; at most kParentsShown
};
inline constexpr std::size_t kParentsShown = 8;   ///< as many as a stream has stripes
inline constexpr std::size_t kSampleMax = 150;
struct MeshSample {
  std::vector<MeshPeer> peers;   ///< the source first; at most kSampleMax
  std::uint32_t total = 0;       ///< members of the room
};

struct SignalRoute {
  PeerId from;
  ConnectionId to;
  std::uint32_t from_network = 0;
};

enum class EndReason : std::uint8_t { kEnded, kSourceLost };

/// To those who share a filter: what changed in what they see.
struct ListChanged {
  std::uint64_t revision = 0;   ///< of the list, after this; Directory::list_seen says who has it already
  std::vector<StreamInfo> added;
  std::vector<StreamInfo> updated;
  std::vector<StreamId> removed;
  std::uint32_t total = 0;   ///< streams that fit the filter, shown or not
};
struct StreamEnded {
  StreamId stream;
  EndReason reason = EndReason::kEnded;
};
struct SourceChanged {
  StreamId stream;
  bool online = false;
  PeerId source;
};
/// A newer connection took this one's place; it is no member any more and is to be closed.
struct Replaced {
  StreamId stream;
};

/// What there is at the moment, for an operator.
struct Census {
  std::size_t connections = 0;
  std::size_t watchers = 0;  ///< of the list
  std::size_t streams = 0;
  std::array<std::size_t, scoring::kRoles> members{};  ///< by scoring::Role; of sources those that are online
};

struct Notice {
  std::vector<ConnectionId> to;
  std::variant<ListChanged, StreamEnded, SourceChanged, Replaced> event;
};

}  // namespace p2p::directory
