#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "wire/chat.hpp"
#include "wire/limits.hpp"

/// The messages of the control channel as plain structs, and their bytes.
///
/// Always holds: what decode() returns lies within the limits of wire/limits.hpp; encode() of it gives a message of at most
/// kMessageBytesMax bytes.
namespace p2p::wire {

using Digest = std::array<std::byte, kDigestBytes>;

struct Hello {
  std::uint16_t version = kVersion;
  StreamId stream{};
  std::uint8_t role = 0;
  bool giving = true;
  bool fresh = false;                  ///< knows nothing of the stream yet: header and manifests are welcome unasked
  bool chat = false;                   ///< understands the messages of chat: none is sent to who does not
};

struct StripeState {
  std::uint16_t delay_ms = kUnfed;     ///< from the source to here; kUnfed: this stripe does not arrive
  std::uint8_t hop = 0;
  std::uint8_t wanted = 0;             ///< children that it would like to have: the source, for copies of a stripe; others, though full, in the place of children further down
  static constexpr std::uint16_t kUnfed = 0xffff;
};

struct Status {
  std::uint8_t rendition = 0;
  std::uint8_t role = 0;
  bool giving = true;
  std::uint16_t slots = 0;             ///< stripes that its upload pays for, over all children
  std::uint16_t slots_free = 0;        ///< of these, not in use
  std::uint32_t gives_kbit_per_s = 0;
  std::uint32_t full_below = 0;        ///< who passes on less than this (kbit/s for each stripe that it would get) is refused; 0: there is room
  std::vector<StripeState> stripes;
};

struct Have {
  std::uint8_t rendition = 0;
  std::uint32_t oldest = 0;            ///< nothing before it is kept any more
  std::uint32_t base = 0;
  Bytes bits;                          ///< bit i (lowest first): piece base + i arrived
  std::uint32_t clock_ms = 0;          ///< the sender's clock, to be echoed
  std::uint32_t echo_ms = 0;           ///< the receiver's last clock_ms, and the time since that came; 0: none yet
  std::uint16_t queue_ms = 0;          ///< how long a piece requested now would wait
  std::optional<Status> status;        ///< now and then it comes along: a packet's headers are as large as both
};

inline constexpr std::uint32_t kFromNow = 0xffffffff;

struct Subscribe {
  std::uint8_t rendition = 0;
  std::uint8_t stripe = 0;
  std::uint32_t from = 0;              ///< the first piece wanted; kFromNow: what is made from now on
  std::uint32_t gives_kbit_per_s = 0;
  bool fed = false;                    ///< by another parent, who would be left for this one
};

struct Subscribed {
  std::uint8_t rendition = 0;
  std::uint8_t stripe = 0;
  std::uint32_t from = 0;              ///< the first piece that will be pushed
  std::vector<std::uint32_t> path;     ///< upper halves of peer ids, from the source to the sender
  bool soft = false;                   ///< only until another parent is found: the source has given this stripe often enough
};

struct Denied {
  std::uint8_t rendition = 0;
  std::uint8_t stripe = 0;
  std::vector<PeerId> hints;           ///< who may have room
  bool link_full = false;              ///< not for want of upload: this link carries no more stripes
};

struct Unsubscribe {
  std::uint8_t rendition = 0;
  std::uint8_t stripe = 0;
  std::uint32_t until = 0;             ///< pieces before it are still wanted
};

struct Evict {
  std::uint8_t rendition = 0;
  std::uint8_t stripe = 0;
  PeerId hint{};                       ///< who takes the place, and may have room; 0: nobody
  std::uint32_t until = 0;             ///< pieces before it are still pushed: time to find another parent; 0: ended for silence, it may ask again
  bool link_full = false;              ///< not for want of upload: this link carries no more stripes
};

struct Path {
  std::uint8_t rendition = 0;
  std::uint8_t stripe = 0;
  std::vector<std::uint32_t> path;
};

struct Request {
  std::uint8_t rendition = 0;
  std::vector<std::uint32_t> pieces;
  bool urgent = false;                 ///< a newcomer's first picture: goes among what is pushed
};

/// These need not be sent on request any more.
struct Cancel {
  std::uint8_t rendition = 0;
  bool still_missing = false;          ///< somebody else was asked; else they have come
  std::vector<std::uint32_t> pieces;
};

struct Unavailable {
  enum class Reason : std::uint8_t { kDropped = 0, kBusy = 1, kGone = 2 };
  std::uint8_t rendition = 0;
  std::vector<std::uint32_t> pieces;
  Reason reason = Reason::kDropped;
};

/// `batch` and `signature` as the source made them: relays pass them on untouched. The signature covers kManifestContext and the batch.
struct Manifest {
  Bytes batch;
  Signature signature{};
};

struct ManifestRequest {
  std::uint8_t rendition = 0;
  std::uint32_t from = 0;              ///< entries from the one that holds this piece on
};

/// A signed RenditionHeader. The signature covers kHeaderContext and the blob.
struct Header {
  Bytes blob;
  Signature signature{};
};

/// Some of the sender's own neighbors.
struct Peers {
  struct Named {
    PeerId peer;
    bool giving = false;
    bool receiving = false;
    bool room = false;                 ///< it has slots that nobody uses
  };
  std::vector<Named> peers;
};

struct Bye {
  std::string reason;
};

struct PeersRequest {};

/// To a relay: pass these bytes on to your neighbor. Who sent them is not said: the relay knows from whom they came.
struct Carry {
  PeerId to;
  Bytes signal;                        ///< 1 to kCarriedBytesMax bytes, `Signal` of docs/signaling.md as JSON
};

/// From a relay: a neighbor of mine sends you these bytes. Never passed on.
struct Carried {
  PeerId from;
  Bytes signal;
};

/// From a relay: I have no link to that peer.
struct Uncarried {
  PeerId to;
};

using Message = std::variant<Hello, Have, Status, Subscribe, Subscribed, Denied, Unsubscribe, Evict, Path, Request, Cancel, Unavailable,
                             Manifest, ManifestRequest, Header, Peers, Bye, PeersRequest, Carry, Carried, Uncarried, Chat, ChatHave,
                             ChatWant, ChatSummary, ChatCompare, ChatPrune, ChatRules, ChatReactions>;

/// Why a message was refused; for logs and tests, the sender is dropped either way.
[[nodiscard]] Result<Message> decode(BytesView bytes);
[[nodiscard]] Bytes encode(const Message& message);

/// One part in the manifest. Pieces are cut evenly: piece i of n holds the bytes [size*i/n, size*(i+1)/n).
struct ManifestEntry {
  std::uint8_t rendition = 0;
  std::uint32_t segment = 0;
  std::uint16_t part = 0;
  bool independent = false;
  std::int64_t media_time_us = 0;
  std::int64_t duration_us = 0;
  std::int64_t captured_us = 0;
  std::uint32_t size = 0;
  std::uint32_t first = 0;             ///< number of its first piece in the rendition
  std::vector<Digest> digests;         ///< one a piece
  std::uint8_t segments_left = 0;      ///< before the rendition pauses, this one among them; 0: it goes on

  [[nodiscard]] std::uint32_t end() const { return first + static_cast<std::uint32_t>(digests.size()); }
  [[nodiscard]] std::uint32_t piece_offset(std::uint32_t piece) const;
  [[nodiscard]] std::uint32_t piece_size(std::uint32_t piece) const { return piece_offset(piece + 1) - piece_offset(piece); }
};

struct RenditionHeader {
  std::uint8_t rendition = 0;
  std::string codecs;
  std::uint16_t width = 0;
  std::uint16_t height = 0;
  std::uint32_t bits_per_s = 0;
  Bytes init;
};

[[nodiscard]] Bytes encode(const std::vector<ManifestEntry>& entries);
[[nodiscard]] Bytes encode(const RenditionHeader& header);
[[nodiscard]] Result<std::vector<ManifestEntry>> decode_manifest(BytesView batch);
[[nodiscard]] Result<RenditionHeader> decode_header(BytesView blob);

/// What is signed: a context, so that a signature for one purpose is none for another, and the bytes.
[[nodiscard]] Bytes signed_manifest(BytesView batch);
[[nodiscard]] Bytes signed_header(BytesView blob);

}  // namespace p2p::wire
