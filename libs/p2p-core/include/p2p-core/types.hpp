#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/payload.hpp"
#include "base/rope.hpp"
#include "base/time.hpp"

namespace p2p::mesh {

/// One quality of the stream, its audio muxed in; 0 is the first that the source announced.
using RenditionId = StrongId<struct RenditionIdTag, std::uint8_t>;

/// A piece's place in its rendition: pieces are numbered from 0 through all parts and segments, so that a have-map is a bitmap
/// and the stripe of a piece is its number modulo the number of stripes.
using PieceNumber = std::uint32_t;

/// Names a question to the driver; its answer carries the same number.
using RequestId = StrongId<struct RequestIdTag, std::uint64_t>;

/// The first 16 bytes of SHA-256 over a piece.
using PieceDigest = std::array<std::byte, 16>;

/// Ed25519 (RFC 8032).
using Signature = std::array<std::byte, 64>;
using PublicKey = std::array<std::byte, 32>;

/// The first 10 bytes of SHA-256 over the stream's public key (docs/signaling.md).
using StreamId = std::array<std::byte, 10>;

/// A part's place in the stream. Segments count from 0, each starts with a key frame; parts count from 0 in each segment.
struct PartId {
  RenditionId rendition;
  std::uint32_t segment = 0;
  std::uint16_t part = 0;
  friend auto operator<=>(const PartId&, const PartId&) = default;
};

/// What a player must know before the first part: sent once, signed by the source.
struct Rendition {
  RenditionId id;
  std::string codecs;             ///< as in HLS: "avc1.64001f,opus"
  std::uint16_t width = 0;        ///< 0 for audio alone
  std::uint16_t height = 0;
  std::uint32_t bits_per_s = 0;   ///< the average the source expects, payload only
  Payload init;                   ///< the CMAF header: ftyp and moov; at most kInitBytesMax
};

/// A part as the source makes it and as the player gets it.
struct Part {
  PartId id;
  bool independent = false;   ///< starts with a key frame
  Duration media_time{};      ///< decode time of its first sample
  Duration duration{};
  WallTime captured{};        ///< when its last frame was captured, by the source's clock
  Rope bytes;                 ///< one or more CMAF chunks (moof, mdat); for the player in pieces as they came
  std::uint8_t segments_left = 0;   ///< before the rendition pauses, this one among them; 0: it goes on
};

/// What a viewer prefers: as near to live as stays smooth, or some seconds in hand for a bad network.
enum class Latency : std::uint8_t { kLow, kBalanced };

/// What a decision is about, for those who look for some of them only.
enum class Topic : std::uint8_t { kOther, kFeed, kLink, kPlay, kQuality };

enum class Role : std::uint8_t { kLeaf, kRelay, kSuperSeed, kSource };

constexpr std::string_view name_of(Role role) {
  switch (role) {
    case Role::kLeaf: return "leaf";
    case Role::kRelay: return "relay";
    case Role::kSuperSeed: return "super-seed";
    case Role::kSource: return "source";
  }
  return "leaf";
}

/// A peer that the directory or a neighbor named.
struct Candidate {
  PeerId peer;
  std::uint8_t score = 0;   ///< 0-100 (libs/scoring)
  Role role = Role::kLeaf;
  bool receiving = false;   ///< has something to give already
  std::uint32_t network = 0;   ///< equal for peers whose addresses are neighbors, as the directory says; 0: not known
  std::optional<RenditionId> rendition;   ///< that it last said it plays, and passes on
};

/// The two data channels of a link: control is reliable and ordered, pieces are reliable and unordered.
enum class Channel : std::uint8_t { kControl = 0, kPieces = 1 };

inline constexpr std::uint32_t kAssociationsMax = 4;        ///< of a link: it takes as many shares of a line that others use, too
inline constexpr std::size_t kMessageBytesMax = 4 * 1024;   ///< a message on either channel, header included
inline constexpr std::size_t kPartBytesMax = 2 * 1024 * 1024;
inline constexpr std::uint8_t kRenditionsMax = 8;           ///< of a stream
inline constexpr std::size_t kInitBytesMax = 3 * 1024;      ///< with its signature and codecs within one message

}  // namespace p2p::mesh
