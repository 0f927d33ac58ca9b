#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "bandwidth/upload_budget.hpp"
#include "base/flat_map.hpp"
#include "base/ids.hpp"
#include "base/ring.hpp"
#include "base/time.hpp"
#include "p2p-core/chat.hpp"

namespace p2p::mesh {

/// To which neighbors a chat message goes as a whole and to which by name only, and what neighbors may bring.
///
/// Messages are pushed over the links of a tree that makes itself, as in Plumtree (Leitao, Pereira, Rodrigues, "Epidemic Broadcast Trees",
/// 2007): who gets one twice asks the second sender to name its messages from then on, and who hears the name of one that does not come
/// asks for it, and for what follows.
///
/// Always holds: a link is given at most kLinkBurstBytes and then kLinkBitsPerS, all of them together kBurstBytes and then what set_rate()
/// says; what cannot be paid is named, not queued. Of a link's names the newest kNamesMax wait. From a link a little more is taken than an
/// honest neighbor gives; what is beyond is dropped, and who goes on is not listened to for kSilencedFor. At most kMissingMax messages are
/// waited for.
///
/// Out of scope: what the messages say (chat_log.hpp), that neighbors agree in the end (the engine has them compare).
class ChatRelay {
 public:
  static constexpr std::int64_t kLinkBitsPerS = 28'000;        ///< about ten messages a second
  static constexpr std::int64_t kLinkBurstBytes = 20 * 1024;
  static constexpr std::int64_t kBitsPerSMin = 32'000;
  static constexpr std::int64_t kBitsPerSMax = 96'000;         ///< 3 % of a stream of 3 Mbit/s
  static constexpr std::int64_t kUploadPercent = 5;            ///< of the upload, between those two
  static constexpr std::int64_t kBurstBytes = 64 * 1024;
  static constexpr std::int64_t kTakenBitsPerS = 32'000;
  static constexpr std::int64_t kTakenBurstBytes = 24 * 1024;
  static constexpr std::int64_t kPriceMin = 256;               ///< many small messages are no cheaper than the checking of their signatures
  /// What whoever sits at a neighbor's may say: a little more than the rules let one author (chat_rules.cpp), under one name a minute.
  static constexpr std::int64_t kOwnBurst = 6;
  static constexpr Duration kOwnEvery = 2s;
  static constexpr Duration kRenamedAfter = 60s;
  /// What a neighbor may bring that no other has, as the first of its neighborhood to hear it.
  static constexpr std::int64_t kLoneBurst = 2;
  static constexpr Duration kLoneEvery = 10s;
  static constexpr std::size_t kVoicesMin = 3;                 ///< with fewer links nobody else need have heard it
  static constexpr std::size_t kAnswerBytesMax = 16 * 1024;    ///< of history at once: control messages wait behind it
  static constexpr std::int64_t kHistoryBurstBytes = 96 * 1024;   ///< a whole history, to one link
  static constexpr std::size_t kNamesMax = 64;
  static constexpr std::size_t kMissingMax = 256;
  static constexpr std::size_t kMissingFromMax = 64;           ///< that one neighbor named first
  static constexpr std::uint32_t kRefusalsMax = 256;           ///< within kRefusalsFor
  static constexpr Duration kRefusalsFor = 10s;
  static constexpr Duration kSilencedFor = 60s;
  static constexpr Duration kPushAwaited = 300ms;              ///< what was named comes by itself meanwhile
  static constexpr Duration kAnswerAwaited = 1s;
  static constexpr Duration kCompareEvery = 3s;
  static constexpr Duration kCompareAgain = 400ms;             ///< after a part of a history: its signatures are checked by then

  explicit ChatRelay(Instant now);

  void link_up(PeerId peer, Instant now);
  void link_down(PeerId peer);
  [[nodiscard]] bool linked(PeerId peer) const { return links_.contains(peer); }
  [[nodiscard]] std::vector<PeerId> links() const;
  [[nodiscard]] std::vector<PeerId> eager_links() const;
  void set_rate(std::int64_t upload_bits_per_s, Instant now);

  /// A message came `from` a neighbor, or is our own: who is to be sent it now. All others will be named it.
  std::vector<PeerId> spread(const ChatId& id, std::size_t bytes, std::optional<PeerId> from, Instant now);
  /// Names that wait for the neighbor.
  [[nodiscard]] std::vector<ChatId> take_names(PeerId peer);

  /// The neighbor has a message that is not here.
  void named(PeerId peer, const ChatId& id, Instant now);
  void came(const ChatId& id) { missing_.erase(id); }
  struct Want {
    PeerId peer;
    std::vector<ChatId> ids;
  };
  /// Who is to be asked now for what did not come.
  std::vector<Want> wants(Instant now);

  /// True when it was eager until now: it is to be told.
  bool prune(PeerId peer);
  void pruned(PeerId peer);
  void graft(PeerId peer);

  /// Whether something of so many bytes is taken from that neighbor.
  [[nodiscard]] bool admit(PeerId peer, std::size_t bytes, Instant now);
  enum class Belief : std::uint8_t {
    kNot,       ///< not yet
    kQuietly,   ///< for want of anybody else who could have it: shown here, and not passed on
    kFully,
  };
  /// Whether a message is believed to be one that somebody said, and not one of a flood: `own` says that whoever sits at the neighbor's did. Else another
  /// neighbor has named it, too, or the neighbor has brought few that no other had. An identity costs nothing, a link does: so a peer with n
  /// links counts as n people, whatever names it invents (ADR 30).
  [[nodiscard]] Belief believe(PeerId peer, const ChatId& id, const ChatAuthor& author, bool own, Instant now);
  /// The neighbor sends what an honest one does not.
  void refused(PeerId peer, Instant now);
  [[nodiscard]] bool silenced(PeerId peer, Instant now) const;

  /// We ask the neighbor for what we lack: its answer is taken although it is much. False: it was asked a moment ago, or somebody else is.
  bool ask(PeerId peer, Instant now);
  /// Its answer was not complete.
  void ask_again(PeerId peer, Instant now);
  /// What comes from it now may be its answer.
  [[nodiscard]] bool asked(PeerId peer, Instant now) const;
  /// Who is to be asked again now.
  [[nodiscard]] std::optional<PeerId> asked_again(Instant now);
  /// Whether the neighbor's question is answered: not more than a few times a second.
  bool may_answer(PeerId peer, Instant now);
  /// Of an answer to it, of so many bytes.
  bool pay_answer(PeerId peer, std::size_t bytes, Instant now);
  /// Of something that may as well be lost: only while much is saved up.
  bool pay_light(std::size_t bytes, Instant now);

  [[nodiscard]] bool idle() const { return names_ == 0 && missing_.empty() && !again_; }
  void check_invariants() const;

 private:
  struct Link {
    explicit Link(Instant now);
    bool eager = true;
    Ring<ChatId> names;
    UploadBudget given;
    UploadBudget history;
    UploadBudget taken;
    UploadBudget own;
    UploadBudget lone;
    std::optional<ChatAuthor> author;  // who sits there
    Instant named_at{};
    std::int64_t asked_bytes = 0;      // of the answer that is awaited
    std::optional<Instant> asked_at;
    std::optional<Instant> answered_at;
    std::uint32_t refusals = 0;
    Instant refusals_since{};
    std::optional<Instant> silenced_until;
  };
  struct Missing {
    std::vector<PeerId> named_by;
    std::size_t asked = 0;             // of those
    Instant ask_at{};
  };
  struct Again {
    PeerId peer;
    Instant at{};
  };
  [[nodiscard]] Link* find(PeerId peer);
  [[nodiscard]] const Link* find(PeerId peer) const;
  void name(Link& link, const ChatId& id);

  FlatMap<PeerId, Link> links_;
  FlatMap<ChatId, Missing> missing_;
  std::size_t names_ = 0;              // that wait, over all links
  UploadBudget all_;
  std::optional<PeerId> asking_;
  Instant asking_since_{};
  std::optional<Again> again_;
};

}  // namespace p2p::mesh
