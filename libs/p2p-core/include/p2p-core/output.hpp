#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "p2p-core/chat.hpp"
#include "p2p-core/types.hpp"

namespace p2p::mesh {

// What the engine asks the driver to do.

/// Make a link: its signals come back as SignalReady. Ends in LinkUp or LinkDown, the latter after at most 15 s.
struct Dial {
  PeerId peer;
};

/// Answer the offer of a peer. Ends in LinkUp or LinkDown. When we dialled it at the same time, our own offer is dropped.
struct Accept {
  PeerId peer;
};

/// Say no to an offer: `reason` is for logs. No LinkDown follows.
struct Refuse {
  PeerId peer;
  std::string reason;
};

struct HangUp {
  PeerId peer;
  std::string reason;
};

/// Further associations (peer connections) beside those that the link has, until there are so many: a path that loses packets carries
/// as many times as much. Each that opens is told of by LinkWidened; of one that does not nothing is said, the engine asks again.
struct Widen {
  PeerId peer;
  std::uint32_t associations = 2;   ///< at most kAssociationsMax
};

/// One message: `header` and then `body`, together at most kMessageBytesMax. Order within a link and channel is kept.
struct Send {
  PeerId peer;
  Channel channel = Channel::kControl;
  Bytes header;
  Payload body;
};

/// SHA-256 over `bytes`, the first 16 bytes of it: answered by PieceHashed.
struct HashPiece {
  RequestId request;
  Payload bytes;
};

/// Sign with the stream's key (of the source only), or with that of ChatAs. Answered by Signed.
struct Sign {
  RequestId request;
  Bytes message;
  bool as_author = false;
};

/// Check against the stream's public key, or against `key`. Answered by SignatureChecked.
struct CheckSignature {
  RequestId request;
  Bytes message;
  Signature signature;
  std::optional<PublicKey> key{};
};

/// The parts that follow are of this rendition: its header is verified. Once at the start, and again whenever another takes over, which it does
/// at the start of a segment.
struct PlayRendition {
  Rendition rendition;
};

/// The next part for the player, in the order of playback, verified. What lies between it and the part before was given up.
struct PlayPart {
  Part part;
  bool discontinuous = false;   ///< parts between the last one handed over and this one are lost
  Duration whole_for{};         ///< all its pieces have been verified for so long: it waited for its turn
};

/// Ask the directory for more peers; those named are known already.
struct FindCandidates {
  std::vector<PeerId> exclude;
  std::optional<RenditionId> rendition;   ///< half of them should have it
};

/// What the directory wants to know every few seconds (docs/signaling.md, Report); also the heartbeat.
struct SendReport {
  struct Neighbor {
    PeerId peer;
    std::int64_t received_bytes = 0;   ///< of pieces that came from it first and are true, since the last report
    std::uint32_t failed_pieces = 0;
    std::uint32_t rtt_ms = 0;
  };
  std::int64_t upload_bits_per_s = 0;        ///< what this peer thinks it can give
  std::int64_t upload_used_bits_per_s = 0;
  std::uint32_t latency_ms = 0;              ///< from capture to verified here
  std::uint32_t buffer_ms = 0;
  std::uint8_t hop = 0;
  bool receiving = false;
  std::optional<RenditionId> rendition;      ///< that is played here; nothing: the stream has one only, or none is played yet
  std::vector<Neighbor> neighbors;
};

/// A peer broke the protocol or sent a piece that failed: it is being dropped. For the directory and the log.
struct Misbehaved {
  PeerId peer;
  std::string what;
};

/// Why the engine did something, for logs and the debug page; never needed to carry on.
struct Decision {
  std::string text;
  Topic topic = Topic::kOther;
};

/// Pass a signal on through the server.
struct SendSignal {
  PeerId to;
  Bytes signal;
};

/// A neighbor carried this signal here: it is treated as one that the server passed on. `signal` is what its sender's driver wrote, or what
/// a liar made of it.
struct TakeSignal {
  PeerId from;
  Bytes signal;
};

/// To be fetched from the edge. Answered by PieceFetched.
struct FetchPiece {
  RenditionId rendition;
  PieceNumber piece = 0;
};

/// How fast the player plays from now on; told when it changes, and after each jump.
struct SetPlayback {
  std::uint16_t rate_permille = 1'000;
  std::optional<Duration> jump_to;   ///< first: forward, to where so much is playable ahead
};

/// A message has come, or is our own: to be shown in its place. At most kChatShownMax are, the newest; who wants to keep older ones may.
struct ChatShown {
  ChatMessage message;
  std::uint32_t number = 0;   ///< of our own: its ChatSay
};

/// These are not to be shown any more: deleted, their author muted, or more than one may say.
struct ChatHidden {
  std::vector<ChatId> ids;
};

/// How a ChatSay fares.
struct ChatSent {
  enum class State : std::uint8_t {
    kSaid,      ///< it is signed and on its way
    kEchoed,    ///< a peer has it
    kNobody,    ///< no peer had it within ten seconds; it is withdrawn
    kNotYet,    ///< refused: nothing has been received of the stream yet, or no key is known
    kTooFast,   ///< refused: it may be said in `wait`
    kMuted,     ///< refused: the streamer muted us
    kUnfit,     ///< refused: the name or the text is outside of the limits
  };
  std::uint32_t number = 0;
  State state = State::kSaid;
  Duration wait{};            ///< until something may be said again
};

/// Also told when what was asked for by ChatModerate cannot be: then nothing is different.
struct ChatRulesChanged {
  ChatRules rules;
};

/// Somebody reacted, we perhaps.
struct ChatReacted {
  std::uint8_t kind = 0;
  bool own = false;
};

inline constexpr std::size_t kChatShownMax = 200;

using Output = std::variant<Dial, Accept, Refuse, HangUp, Send, HashPiece, Sign, CheckSignature, PlayRendition, PlayPart, FindCandidates,
                            SendReport, Misbehaved, Decision, SendSignal, TakeSignal, Widen, FetchPiece, SetPlayback,
                            ChatShown, ChatHidden, ChatSent, ChatRulesChanged, ChatReacted>;

}  // namespace p2p::mesh
