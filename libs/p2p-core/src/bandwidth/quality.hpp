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
/// What a line carries shows only when it is full: then even the least delayed pieces come later and later, and what arrives meanwhile is what it
/// carries. One slow parent delays its own stripes only, and a burst arrives early: neither says anything of the line. So nobody goes up on a
/// guess: some stripes of the better rendition come beside the present one for a while, as many as make up for the difference.
///
/// Always holds: up only after a probe, or because the viewer chose it; after a probe that failed nothing above what the line carried is
/// tried for a while, each time for longer.
///
/// Out of scope: how a change is made (engine_switching.cpp).
class Quality {
 public:
  /// Looks are meant to come so often.
  static constexpr Duration kEvery = 500ms;

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
    std::optional<Duration> least_age;     ///< of the pieces pushed here since the last look; nothing: none came
    std::uint32_t skipped = 0;             ///< parts given up since the last look
    bool fed = true;                       ///< the present rendition has a parent in each stripe
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
  /// What was tried did not come: neighbors could not bring it.
  void failed(RenditionId rendition, Instant now);

  /// How much longer the least delayed pieces take than they did at best: what stands in front of our line.
  [[nodiscard]] Duration queue() const { return queue_; }

 private:
  void measure(const Seen& seen, Instant now);
  [[nodiscard]] bool full(const Seen& seen) const;
  [[nodiscard]] Verdict go_to_chosen(RenditionId present, const std::optional<Trying>& trying, Instant now) const;
  Verdict go_down(const std::vector<Option>& options, std::size_t present, const Seen& seen, Instant now);
  Verdict probe_up(const std::vector<Option>& options, std::size_t present, Instant now);
  Verdict judge_probe(const std::vector<Option>& options, const Trying& trying, const Seen& seen, Instant now);
  void carried(std::int64_t bits_per_s, Instant now);

  std::optional<RenditionId> chosen_;
  std::optional<Duration> base_;           // the least age, forgotten slowly
  Duration queue_{};
  std::uint32_t full_looks_ = 0;           // in a row
  std::uint32_t silent_looks_ = 0;
  Instant calm_since_{};
  std::optional<std::int64_t> limit_bits_per_s_;   // what arrived when the line was full
  Instant limit_at_{};
  Duration trust_{};                       // in the limit
  Instant probe_since_{};
  std::uint32_t probe_looks_ = 0;          // with a queue, in a row
  std::optional<RenditionId> failed_;
  Instant failed_until_{};
};

}  // namespace p2p::mesh
