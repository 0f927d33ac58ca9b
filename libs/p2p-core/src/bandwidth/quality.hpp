#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "p2p-core/types.hpp"

namespace p2p::mesh {

/// Which rendition a viewer should have: down at once when its line does not keep up, up after a probe that fits.
///
/// What a line carries shows only when it is full: then what everybody says comes later and later (LineQueue), and what arrives meanwhile is
/// what it carries. A burst says nothing of it. So nobody goes up on a guess: some stripes of the better rendition come beside the present one
/// for a while, as many as make up for the difference.
///
/// Links that lose packets bring the one part at once and the other seconds later, and have less room than the line: an average says nothing of
/// it. So nobody probes where parts came late twice in the last while; once may be what a change or a key part left.
///
/// A line that fell to less than half of what was played may do so again, and then what is under way fills it for seconds: for a while, and for
/// long if it did so before, nothing that is more than twice what it carried then is tried.
///
/// Always holds: up only after a probe, or because the viewer chose it; after a probe that failed nothing above what the line carried is
/// tried for a while, each time for longer.
///
/// Out of scope: how a change is made (engine_switching.cpp).
class Quality {
 public:
  /// Looks are meant to come so often.
  static constexpr Duration kEvery = 250ms;

  struct Option {
    RenditionId id;
    std::int64_t bits_per_s = 0;
    bool supplied = false;                 ///< neighbors have each of its stripes, and room
  };
  /// Another rendition is on its way here.
  struct Trying {
    RenditionId id;
    bool probe = false;                    ///< a part of its stripes
  };
  struct Seen {
    std::int64_t received_bits_per_s = 0;  ///< of the last second, all renditions
    std::int64_t arriving_bits_per_s = 0;  ///< of a shorter time: what a full line carries
    std::optional<Duration> queue;         ///< before our line, since the last look
    std::uint32_t skipped = 0;             ///< parts given up since the last look
    bool late = false;                     ///< the part that is next is late, and links are held up without a queue before our line
    bool fed = true;                       ///< the present rendition has a parent in each stripe
    bool pauses = false;                   ///< the source will make no more of the present rendition for a while
    bool early = true;                     ///< with so much time to spare that a better one may be tried
  };
  struct Verdict {
    enum class Kind : std::uint8_t { kStay, kProbe, kGo, kGiveUp };
    Kind kind = Kind::kStay;
    RenditionId to;
    std::size_t stripes = 0;               ///< of a probe, of kStripes
    std::string why;
  };

  /// The viewer's wish; nothing: as it fits.
  void choose(std::optional<RenditionId> rendition) { chosen_ = rendition; }

  /// `options`: those known, in any order.
  Verdict look(std::vector<Option> options, RenditionId present, const std::optional<Trying>& trying, const Seen& seen, Instant now);
  /// A part could be played `delay` after its capture.
  void part_came(Duration delay, Instant now);
  /// What was tried did not come: neighbors could not bring it.
  void failed(RenditionId rendition, Instant now);

  /// What stands in front of our line.
  [[nodiscard]] Duration queue() const { return queue_; }
  /// As far as is known.
  [[nodiscard]] bool carries(std::int64_t bits_per_s) const;
  /// Whether what is known of the line lets us try it.
  [[nodiscard]] bool may_try(const Option& option, Instant now) const;

 private:
  void measure(const Seen& seen, std::int64_t present_bits_per_s, Instant now);
  [[nodiscard]] bool full(const Seen& seen, Instant now) const;
  [[nodiscard]] bool steady(Instant now) const;
  [[nodiscard]] Verdict go_to_chosen(RenditionId present, const std::optional<Trying>& trying, Instant now) const;
  Verdict go_down(const std::vector<Option>& options, std::size_t present, const Seen& seen, Instant now);
  Verdict probe_up(const std::vector<Option>& options, std::size_t present, Instant now);
  Verdict judge_probe(const std::vector<Option>& options, const Trying& trying, const Seen& seen, Instant now);
  /// `of_more`: while more was played or tried than the least.
  void carried(std::int64_t bits_per_s, bool of_more, Instant now);
  void fell(std::int64_t bits_per_s, Instant now);

  std::optional<RenditionId> chosen_;
  Duration queue_{};
  std::uint32_t growing_looks_ = 0;        // in a row
  std::uint32_t queued_looks_ = 0;         // with a queue, in a row
  std::uint32_t unfed_looks_ = 0;          // in a row
  std::uint32_t short_looks_ = 0;          // in a row: less came than it takes, and late
  Instant calm_since_{};
  bool late_ = false;                      // the newest part was
  std::optional<Instant> late_at_;         // the first of those that came late together ...
  std::optional<Instant> late_before_;     // ... and of those before them
  std::optional<std::int64_t> limit_bits_per_s_;   // what arrived when the line was full
  Instant limit_at_{};
  Duration trust_{};                       // in the limit
  std::optional<std::int64_t> fell_to_;    // the least that it carried while more than twice as much was played
  Instant fell_at_{};
  Duration falls_for_{};
  bool tried_ = false;                     // a rendition was probed or left
  Instant probe_since_{};
  Instant drains_until_{};                 // what a probe that failed left on the way
  std::optional<RenditionId> failed_;
  Instant failed_until_{};
};

}  // namespace p2p::mesh
