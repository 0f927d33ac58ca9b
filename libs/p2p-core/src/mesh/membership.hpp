#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/flat_map.hpp"
#include "base/prng.hpp"
#include "base/time.hpp"
#include "p2p-core/types.hpp"

namespace p2p::mesh {

/// Whom to have a link with: who is known, whom to dial next, whose offer to take, when to ask for more peers.
///
/// Peers are named by the directory, and by neighbors: then it is remembered which of them can introduce us, for the time without a
/// server. A neighbor's word never raises anybody above those of whom only the directory spoke.
///
/// Peers of one network (neighboring addresses) are had in numbers by whoever rents some: of our links and dials they get as large a share
/// as they have of those whom the directory named, at least kOneNetworkMin. So who knows nobody else takes them all, and who is surrounded
/// keeps his places for others. And some dials are by chance, whatever anybody's score.
///
/// An offer that was taken and is no link after kDialAwaited keeps no place for itself any more: few that take longer come up at all, and
/// drivers try for 15 s.
///
/// Always holds: links, and those that are awaited, stay within connections_max, and all dials within as many; at most kKnownMax peers are
/// remembered; who was banned is neither dialled nor accepted again. Of one neighbor's naming at most kNamedByOneMax wait to be dialled, and
/// never in the place of one whom the directory named; at most kIntroducedByOneMax links and dials are of its introducing.
class Membership {
 public:
  static constexpr std::size_t kKnownMax = 512;
  /// Enough parents for eight stripes and some spare; what else the limit allows is for those who dial us.
  static constexpr std::size_t kLinksWanted = 8;
  /// Of a newcomer: when many come at once and each takes a place at eight others, all places are taken, and most dials are refused.
  static constexpr std::size_t kLinksFirst = 6;
  static constexpr std::size_t kOneNetworkMin = 4;
  static constexpr std::size_t kNamedByOneMax = 32;
  /// Who carries our signals could pretend to be everybody whom it introduces: less than half of our links may be its word alone.
  static constexpr std::size_t kIntroducedByOneMax = 3;
  static constexpr std::size_t kIntroducersMax = 4;   ///< remembered of a peer
  static constexpr Duration kDialAwaited = 4s;
  static constexpr Duration kIntroducesFor = 20s;     ///< after it named the peer: links change

  struct Options {
    std::uint16_t connections_max = 16;
    bool source = false;
  };

  Membership(Options options, Prng prng) : options_{options}, prng_{prng} {}

  void joined(PeerId self, std::optional<PeerId> source);
  /// The directory named it.
  void learn(const Candidate& candidate, Instant now);
  /// A neighbor named it, as one to whom it has a link. It ranks as one of the least score then, whatever the directory says.
  struct Hearsay {
    PeerId peer;
    bool receiving = false;
    bool room = false;
  };
  void heard_of(const Hearsay& named, PeerId by, Instant now);
  /// Until joined(): only those are dialled whom a neighbor can introduce.
  void signaling_away(Instant now);
  [[nodiscard]] bool is_source(PeerId peer) const { return source_ == peer; }
  /// The last that the directory named.
  [[nodiscard]] std::optional<PeerId> source() const { return last_source_; }
  [[nodiscard]] std::optional<PeerId> self() const { return self_; }

  struct Offer {
    PeerId peer;
    std::uint32_t network = 0;   ///< as the server says
    bool makes_room = false;     ///< a link goes for it: of the same network, if that is crowded
    std::optional<PeerId> by;    ///< the neighbor that carried it
    Instant at{};                ///< now
  };
  /// True: accept. A dial of ours to the same peer is replaced by its offer (the driver decides who yields).
  bool offered(const Offer& offer);
  /// It has its share of our links and dials already.
  [[nodiscard]] bool crowded(std::uint32_t network) const { return network != 0 && in_network(network) >= network_max(network); }
  /// Links and dials to peers of the same network.
  [[nodiscard]] std::size_t companions(PeerId peer) const;
  [[nodiscard]] std::uint32_t network_of(PeerId peer) const;
  void link_up(PeerId peer, Instant now);
  /// Gone, or the dial failed: it is tried again later, each time twice as late.
  void link_down(PeerId peer, Instant now);
  void ban(PeerId peer);
  [[nodiscard]] bool banned(PeerId peer) const;

  struct Need {
    bool starving = false;   ///< no parent in some tree, so the source is worth another try sooner
    bool seeking = false;    ///< neighbors do not bring the rendition that is sought
    std::optional<RenditionId> rendition;   ///< the one that is sought; nothing: there is one only
  };
  /// Whom to dial now.
  std::vector<PeerId> plan(const Need& need, Instant now);
  /// True when the directory should be asked now.
  bool ask_directory(const Need& need, Instant now);
  /// How many neighbors should be asked now whom they know.
  std::size_t ask_neighbors(bool starving, Instant now);
  /// The neighbor through whom that peer is being dialled.
  [[nodiscard]] std::optional<PeerId> introducer(PeerId peer) const;
  /// It has no link to that peer any more.
  void cannot_introduce(PeerId neighbor, PeerId peer);
  [[nodiscard]] bool dialing(PeerId peer) const;
  [[nodiscard]] std::vector<PeerId> known() const;
  [[nodiscard]] std::size_t links() const { return links_; }
  /// An offer could only be taken in exchange for a link.
  [[nodiscard]] bool full(Instant now) const { return links_ + awaited(now) >= options_.connections_max; }
  /// A dial came up that was not waited for any more, and others have its place.
  [[nodiscard]] bool overfull() const { return links_ > options_.connections_max; }

  void check_invariants() const;

 private:
  enum class State : std::uint8_t { kIdle, kDialing, kLinked, kBanned };
  struct Introducer {
    PeerId neighbor;
    Instant said{};
  };
  struct Known {
    Candidate candidate;
    bool by_directory = false;
    bool room = false;                      // a neighbor says so
    PeerId named_by;                        // the first neighbor that named it, if the directory did not
    std::vector<Introducer> introducers;    // at most kIntroducersMax
    std::optional<PeerId> introduced_by;    // of this dial or link
    State state = State::kIdle;
    Instant dial_at{};
    Instant dialled_at{};
    Duration backoff = 0ms;
    Instant learned{};
    Instant linked{};
  };

  [[nodiscard]] std::size_t awaited(Instant now) const;   // of the dials
  void begin_dial(Known& known, Instant now);
  [[nodiscard]] std::size_t in_network(std::uint32_t network) const;
  [[nodiscard]] std::size_t network_max(std::uint32_t network) const;
  template <typename Which>
  bool forget_one(const Which& which);   // the idle one that was learned longest ago
  Known& remember(PeerId peer);
  /// Links and dials by who introduced them.
  [[nodiscard]] std::map<PeerId, std::size_t> introduced() const;
  [[nodiscard]] std::optional<PeerId> pick_introducer(const Known& known, const std::map<PeerId, std::size_t>& introduced, Instant now);

  Options options_;
  Prng prng_;
  std::optional<PeerId> self_;
  std::optional<PeerId> source_;
  std::optional<PeerId> last_source_;
  FlatMap<PeerId, Known> known_;
  std::size_t links_ = 0;
  std::size_t dials_ = 0;
  std::uint32_t dialled_ = 0;   // of candidates, so far
  bool away_ = false;
  std::optional<Instant> first_plan_at_;
  Instant ask_at_{};
  Instant ask_neighbors_at_{};
  // Who has links enough tries another one now and then: the first neighbors came by chance. Less and less often.
  Instant look_around_at_{};
  Duration look_around_after_ = 3s;
  Instant more_at_{};   // who starves among enough links looks for one more, now and then
};

}  // namespace p2p::mesh
