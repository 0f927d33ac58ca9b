#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "p2p-core/chat.hpp"
#include "p2p-core/types.hpp"

namespace p2p::mesh {

// What the driver tells the engine: facts, never wishes. Peers are named by id; there is at most one link to each.

/// The directory admitted us, for the first time or again after it had been away. Links and buffers stay as they are.
struct Joined {
  PeerId self;
  std::optional<PeerId> source;         ///< nothing for the source itself, or while the source is away
  std::vector<Candidate> candidates;
};

/// The answer to FindCandidates.
struct CandidatesFound {
  std::vector<Candidate> candidates;
};

/// The server cannot be reached. Links go on; until Joined the engine asks its neighbors for peers, and they carry its signals.
struct SignalingAway {};

/// A link that is being made has something for the peer at its other end: an offer, an answer, a candidate or a bye, as text (`Signal` of
/// docs/signaling.md). The engine says by SendSignal that it goes through the server, or has a neighbor carry it.
struct SignalReady {
  PeerId to;
  Bytes signal;
};

/// A peer wants a link. Answered by Accept or Refuse.
struct OfferReceived {
  PeerId from;
  std::uint32_t network = 0;   ///< as in Candidate
};

/// Both channels are open.
struct LinkUp {
  PeerId peer;
  bool relayed = false;   ///< through TURN
};

/// The link is gone or never came up. Also follows HangUp once the channels are closed.
struct LinkDown {
  PeerId peer;
};

/// Pieces to this peer go over so many associations now; whichever has room takes the next message. Either end may have asked for it.
struct LinkWidened {
  PeerId peer;
  std::uint32_t associations = 1;
};

/// A whole message, at most kMessageBytesMax (the driver closes a link that exceeds it): `bytes` and then `body`. A driver whose
/// messages are in one piece leaves the body empty; the simulator hands on what Send gave it, so that all peers share a piece's bytes.
struct MessageReceived {
  PeerId from;
  Channel channel = Channel::kControl;
  Payload bytes;
  Payload body{};
};

/// How many bytes wait in a link's send buffers. Told after each batch of Send outputs on the link and when the buffer has drained.
struct LinkBacklog {
  PeerId peer;
  std::uint32_t bytes = 0;
};

/// Source only: a rendition exists. Before its first part. Its number is below kRenditionsMax; segments of all renditions have the same numbers
/// and media times, so that a viewer can change at any of them.
struct RenditionProduced {
  Rendition rendition;
  PieceNumber first_piece = 0;   ///< a source that was started anew goes on behind the pieces that viewers have
};

/// Source only: a part is ready. Parts of a rendition come in order. One that is to pause says so with the parts of its last segments
/// (Part::segments_left): viewers go to another meanwhile. With the first part that does not say so it is there again.
struct PartProduced {
  Part part;
};

struct PieceHashed {
  RequestId request;
  PieceDigest digest;
};

struct Signed {
  RequestId request;
  Signature signature;
};

struct SignatureChecked {
  RequestId request;
  bool valid = false;
};

/// Where the player is, about four times a second or more often, and once before the first part: what has no player (a relay, a recorder) never
/// tells, and is handed parts as they come.
struct Playhead {
  Duration media_time{};   ///< on the axis of Part::media_time
  Duration buffered{};     ///< playable ahead of it
  bool playing = false;    ///< it shows pictures, and the viewer has not paused it
  bool stalled = false;    ///< it stands although it should play: what comes next is not there
};

/// The viewer's wish.
struct LatencyChosen {
  Latency latency = Latency::kLow;
};

/// The viewer's wish: as near to live as the latency mode allows, at once.
struct ReturnToLive {};

/// The viewer's wish: this rendition, as soon as the engine knows of it and neighbors have it. Nothing: as the engine sees fit.
struct ChooseQuality {
  std::optional<RenditionId> rendition;
};

/// The viewer's wish: give or only receive, and at most how much.
struct SharingChanged {
  bool giving = true;
  std::int64_t upload_bits_per_s_max = 0;   ///< 0: no cap by the viewer
};

/// The answer to SendReport: what a peer gave to all others together in the last seconds, as these told the directory. Of ourselves and of
/// those neighbors that have been there for long enough to be judged by it.
struct Receipts {
  struct Given {
    PeerId peer;
    std::int64_t bits_per_s = 0;
  };
  std::vector<Given> given;
  std::uint8_t score = 0;   ///< ours, 0-100, as the directory tells it to others (libs/scoring)
};

/// Pieces may be fetched over HTTP when peers cannot give them, or not any more. Nobody does unless told: somebody pays for each.
struct EdgeOffered {
  bool offered = true;
};

/// The answer to FetchPiece. Nothing: it is not there, or the edge cannot be reached.
struct PieceFetched {
  RenditionId rendition;
  PieceNumber piece = 0;
  Payload bytes;
};

/// We are about to go. The engine says so to its neighbors; the driver hangs up once the outputs are sent.
struct Leave {};

/// Nothing happened but time: next_wake() has come.
struct Wake {};

/// As whom we speak in the chat: until then nothing can be said.
struct ChatAs {
  std::optional<PublicKey> key;   ///< whose Sign is asked for `as_author`; nothing: the stream's, of its source
  std::string name;               ///< 1 to 24 characters; what is none is refused when something is said
};

/// Say this. Answered by ChatSent, again and again until it is certain.
struct ChatSay {
  std::uint32_t number = 0;       ///< of the driver's choice
  std::string text;
};

struct ChatReact {
  std::uint8_t kind = 0;          ///< below kChatReactions
};

/// Source only: what the streamer lays down. Answered by ChatRulesChanged once it is signed.
struct ChatModerate {
  enum class What : std::uint8_t { kMute, kUnmute, kDelete, kSlow, kPin };
  What what = What::kMute;
  ChatAuthor author{};            ///< of kMute, kUnmute
  ChatId message{};               ///< of kDelete
  std::uint16_t slow_s = 0;       ///< of kSlow; 0: no slow mode
  std::string name;               ///< of kPin: who said it
  std::string text;               ///< of kPin; empty: nothing any more
};

using Input = std::variant<Joined, CandidatesFound, SignalingAway, OfferReceived, LinkUp, LinkDown, MessageReceived, LinkBacklog,
                           RenditionProduced, PartProduced, PieceHashed, Signed, SignatureChecked, Playhead, SharingChanged, Leave, Wake,
                           SignalReady, LinkWidened, ChooseQuality, Receipts, EdgeOffered, PieceFetched, LatencyChosen, ReturnToLive,
                           ChatAs, ChatSay, ChatReact, ChatModerate>;

}  // namespace p2p::mesh
