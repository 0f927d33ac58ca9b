#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "p2p-core/stats.hpp"
#include "simulator/live_view.hpp"
#include "simulator/simulation.hpp"

namespace p2p::simulator {

/// What can be changed while a live simulation runs.
struct LiveChange {
  enum class Kind : std::uint8_t {
    // What stays as it is set. Uploads and downloads are told to the engines, as a browser's finds out; the rest they find out themselves.
    kViewers,             ///< that many are there; others come, or some go
    kLatencyMs,           ///< one way, the mean of all pairs: near ones have a third of it, far ones twice as much
    kJitterMs,            ///< each message is up to so much later
    kLossPpm,             ///< of packets, the mean of all pairs: each loses between nothing and twice that
    kUploadKbitPerS,      ///< the mean of all viewers; they differ as people's lines do
    kDownloadKbitPerS,    ///< of everybody
    kStayS,               ///< the mean; who leaves is replaced. 0: nobody leaves
    kPoisonersPercent,    ///< of the viewers change a byte of each piece that they pass on
    // What happens once.
    kCrash,               ///< `peer` is gone without a word; nobody comes instead
    kFreeze,              ///< `peer`'s machine stands still for `value` seconds
    kLeavePercent,        ///< of the viewers say goodbye at once; nobody comes instead
    kJoin,                ///< so many more come at once
    kPartitionS,          ///< half of the viewers and the rest cannot reach each other for so long
    kSlowUploadsS,        ///< for so long half of the viewers have a fifth of their upload, and nobody tells their engines
    kServerAwayS,         ///< the signaling server is gone for so long, and has forgotten everything when it is back
    kServerBack,          ///< before its time
  };
  static constexpr std::size_t kKinds = static_cast<std::size_t>(Kind::kServerBack) + 1;

  Kind kind = Kind::kViewers;
  std::int64_t value = 0;
  std::uint32_t peer = 0;       ///< its number, where somebody in particular is meant
  Instant at{};                 ///< set by LiveSimulation::apply
};

/// Names and bounds of what can be changed, by LiveChange::Kind.
struct LiveChangeKind {
  std::string_view name;        ///< in files and for the page
  std::int64_t min = 0;
  std::int64_t max = 0;
  std::int64_t initial = 0;     ///< of what stays as it is set
  bool lasting = false;         ///< it stays as it is set
  bool of_peer = false;         ///< it happens to somebody in particular
};
[[nodiscard]] std::span<const LiveChangeKind> live_change_kinds();

/// A simulation that somebody watches and meddles with: virtual time goes on by as much as the caller says, and in between the world changes.
///
/// Always holds: the same seed and the same changes at the same times give the same digest on every platform, in however many steps time
/// went on; looking at it changes nothing. Its log keeps the newest lines; a run ends after kLengthMax, so that what is kept of it has a bound.
///
/// Out of scope: real time. The caller decides how fast virtual time goes.
class LiveSimulation {
 public:
  static constexpr Duration kLengthMax = 2h;
  static constexpr std::size_t kChangesMax = 10'000;
  static constexpr std::size_t kPeersMax = 50'000;    ///< those who were ever there
  static constexpr std::size_t kEventsMax = 500;      ///< changes of those kinds that last for a time

  struct Options {
    std::uint32_t check_every = 0;                    ///< as Simulation::Options
  };

  explicit LiveSimulation(std::uint64_t seed) : LiveSimulation{seed, Options{}} {}
  LiveSimulation(std::uint64_t seed, Options options);
  ~LiveSimulation();
  LiveSimulation(LiveSimulation&&) noexcept;
  LiveSimulation& operator=(LiveSimulation&&) noexcept;

  /// Goes on by so much, at most to kLengthMax.
  void advance(Duration by);
  [[nodiscard]] Instant now() const;
  [[nodiscard]] bool at_end() const { return now() >= Instant{} + kLengthMax; }

  /// Why it is not possible, as a sentence; empty when it was done, now.
  std::string apply(LiveChange change);
  /// All so far, the first settings included: what repeats this run, with the seed.
  [[nodiscard]] std::span<const LiveChange> changes() const;
  [[nodiscard]] std::int64_t setting(LiveChange::Kind kind) const;

  [[nodiscard]] LiveView view() const;
  /// What the engine of a peer says of itself; nothing when it is not there.
  [[nodiscard]] std::optional<mesh::EngineStats> engine(std::uint32_t peer) const;
  /// The parts of this peer are told in the log from now on, those of no other.
  void follow(std::optional<std::uint32_t> peer);
  /// The lines after the one of this number, at most so many, the oldest first.
  [[nodiscard]] std::vector<LogLine> log(std::uint64_t after, std::size_t lines_max) const;

  /// Of all engines, in the order of their joining.
  [[nodiscard]] std::uint64_t digest() const;

 private:
  std::unique_ptr<Simulation::Impl> swarm_;
};

}  // namespace p2p::simulator
