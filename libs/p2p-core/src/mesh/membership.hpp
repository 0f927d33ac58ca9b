#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/prng.hpp"
#include "base/time.hpp"
#include "p2p-core/types.hpp"

namespace p2p::mesh {

/// Whom to have a link with: who is known, whom to dial next, whose offer to take, when to ask for more peers.
///
/// Always holds: links and dials together stay within connections_max; at most kKnownMax peers are remembered; who was banned is
/// neither dialled nor accepted again.
class Membership {
 public:
  static constexpr std::size_t kKnownMax = 512;
  /// Enough parents for eight stripes and some spare; what else the limit allows is for those who dial us.
  static constexpr std::size_t kLinksWanted = 8;

  struct Options {
    std::uint16_t connections_max = 16;
    bool source = false;
  };

  Membership(Options options, Prng prng) : options_{options}, prng_{prng} {}

  void joined(PeerId self, std::optional<PeerId> source);
  void learn(const Candidate& candidate, Instant now);
  [[nodiscard]] bool is_source(PeerId peer) const { return source_ == peer; }
  /// The last that the directory named.
  [[nodiscard]] std::optional<PeerId> source() const { return last_source_; }
  [[nodiscard]] std::optional<PeerId> self() const { return self_; }

  /// True: accept. A dial of ours to the same peer is replaced by its offer (the driver decides who yields).
  bool offered(PeerId peer, bool make_room);
  void link_up(PeerId peer, Instant now);
  /// Gone, or the dial failed: it is tried again later, each time twice as late.
  void link_down(PeerId peer, Instant now);
  void ban(PeerId peer);
  [[nodiscard]] bool banned(PeerId peer) const;

  /// Whom to dial now. `starving`: no parent in some tree, so the source is worth another try sooner.
  std::vector<PeerId> plan(bool starving, Instant now);
  /// True when the directory should be asked now.
  bool ask_directory(bool starving, Instant now);
  [[nodiscard]] std::vector<PeerId> known() const;
  [[nodiscard]] std::size_t links() const { return links_; }
  /// An offer could only be taken in exchange for a link.
  [[nodiscard]] bool full() const { return links_ + dials_ >= options_.connections_max; }

  void check_invariants() const;

 private:
  enum class State : std::uint8_t { kIdle, kDialing, kLinked, kBanned };
  struct Known {
    Candidate candidate;
    State state = State::kIdle;
    Instant dial_at{};
    Duration backoff = 0ms;
    Instant learned{};
    Instant linked{};
  };

  void forget_one();

  Options options_;
  Prng prng_;
  std::optional<PeerId> self_;
  std::optional<PeerId> source_;
  std::optional<PeerId> last_source_;
  std::map<PeerId, Known> known_;
  std::size_t links_ = 0;
  std::size_t dials_ = 0;
  Instant ask_at_{};
  Instant more_at_{};   // who starves among enough links looks for one more, now and then
};

}  // namespace p2p::mesh
