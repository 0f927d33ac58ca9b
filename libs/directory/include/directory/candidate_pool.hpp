#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/ids.hpp"
#include "base/prng.hpp"

namespace p2p::directory {

/// The peers of one room that may be handed out, arranged so that a pick costs the same in a room of ten and of ten thousand.
///
/// Half of a pick is by score and half by chance: by score alone the best would be overrun and newcomers never proven, by chance
/// alone the weak would feed the strong. Peers that receive the stream come first; some that have nothing yet are always among
/// them, since in a room that fills at once they are most of what there is. Who has no room for a link is named last: each refusal
/// costs a newcomer a round of signaling. A few of an answer are near the asker: of its own network, and of its region. And an answer is
/// spread over networks: of each at most kOneNetworkMax are named while there are others, or who rents a hundred neighboring addresses
/// would be all that a newcomer hears of.
///
/// Always holds: a peer is here at most once; the same calls with the same random stream give the same picks.
class CandidatePool {
 public:
  static constexpr std::size_t kOneNetworkMax = 2;   ///< of an answer, as long as others are there
  static constexpr std::size_t kRegionMax = 3;       ///< of an answer, for being of the asker's region

  /// Where somebody is, by addresses; 0: not known.
  struct Place {
    std::uint32_t network = 0;   ///< equal for neighboring addresses
    std::uint32_t region = 0;    ///< equal in a wider neighborhood
    friend bool operator==(const Place&, const Place&) = default;
  };

  struct Entry {
    std::uint8_t score;  ///< 0 to 100
    bool receiving;
    bool full = false;    ///< takes no more links, as far as is known: named for want of others only
    Place place{};      ///< not known: as good as any
    friend bool operator==(const Entry&, const Entry&) = default;
  };

  /// Adds the peer or moves it to where it belongs now.
  void put(PeerId peer, Entry entry);
  void erase(PeerId peer);
  [[nodiscard]] std::size_t size() const { return slots_.size(); }

  /// At most `count` peers, none of `excluded`, for somebody at `place`.
  [[nodiscard]] std::vector<PeerId> pick(std::size_t count, std::span<const PeerId> excluded, Place place, Prng& prng) const;

  void check_invariants() const;

 private:
  struct Slot {
    Entry entry;
    std::size_t in_all;
    std::size_t in_bucket;
    std::size_t in_network;   // with kNowhere for who is in none
    std::size_t in_region;
  };
  using Neighborhood = std::unordered_map<std::uint32_t, std::vector<PeerId>>;
  static constexpr std::size_t kNowhere = ~std::size_t{0};

  struct Group {
    std::vector<PeerId> all;
    std::array<std::vector<PeerId>, 101> by_score;
  };
  class Pick;

  [[nodiscard]] static std::size_t group_of(const Entry& entry) { return entry.full ? 2 : entry.receiving ? 0 : 1; }
  [[nodiscard]] Group& group(const Entry& entry) { return groups_[group_of(entry)]; }
  void fill(Pick& pick, std::size_t more, Prng& prng) const;
  void fill_hole(std::vector<PeerId>& list, std::size_t hole, std::size_t Slot::*position);
  void take_out(const Slot& slot);
  void pick_near(const Neighborhood& neighborhood, std::uint32_t where, std::size_t count, Pick& pick, Prng& prng) const;
  void settle(PeerId peer, Slot& slot);
  void unsettle(const Slot& slot);
  void pick_from(const Group& group, std::size_t count, Pick& pick, Prng& prng) const;
  [[nodiscard]] std::uint32_t network_of(PeerId peer) const { return slots_.find(peer)->second.entry.place.network; }

  std::array<Group, 3> groups_;  // those that receive, those that do not yet, those that are full
  std::unordered_map<PeerId, Slot> slots_;  // looked up, never iterated
  Neighborhood networks_;                   // likewise; those of known place
  Neighborhood regions_;
};

}  // namespace p2p::directory
