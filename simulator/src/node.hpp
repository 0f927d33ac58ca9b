#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "base/time.hpp"
#include "baseline.hpp"
#include "p2p-core/engine.hpp"

namespace p2p::simulator {

/// A peer's clock: it started at another time and runs a little fast or slow.
class SkewedClock {
 public:
  SkewedClock() = default;
  SkewedClock(Duration offset, std::int64_t drift_ppm) : offset_us_{offset.count()}, drift_ppm_{drift_ppm} {}

  [[nodiscard]] Instant shown(Instant now) const {
    const std::int64_t us = now.time_since_epoch().count();
    return Instant{Duration{offset_us_ + us + us * drift_ppm_ / 1'000'000}};
  }
  /// The first instant at which it shows at least that.
  [[nodiscard]] Instant when_shown(Instant shown_then) const {
    if (shown_then == kNever) return kNever;
    const std::int64_t us = shown_then.time_since_epoch().count() - offset_us_;
    Instant at{Duration{us - us * drift_ppm_ / (1'000'000 + drift_ppm_) - 2}};
    while (shown(at) < shown_then) at += 1us;
    return at;
  }

 private:
  std::int64_t offset_us_ = 0;
  std::int64_t drift_ppm_ = 0;
};

/// What decides for a peer.
class Node {
  template <typename Do>
  decltype(auto) visit(const Do& what) {
    auto* engine = std::get_if<mesh::Engine>(&which_);
    return engine ? what(*engine) : what(*std::get<std::unique_ptr<Baseline>>(which_));
  }
  template <typename Do>
  decltype(auto) visit(const Do& what) const {
    const auto* engine = std::get_if<mesh::Engine>(&which_);
    return engine ? what(*engine) : what(std::as_const(*std::get<std::unique_ptr<Baseline>>(which_)));
  }

 public:
  explicit Node(mesh::Engine engine) : which_{std::move(engine)} {}
  explicit Node(Baseline baseline) : which_{std::make_unique<Baseline>(std::move(baseline))} {}

  void handle(Instant now, const mesh::Input& input) {
    visit([&](auto& which) { which.handle(now, input); });
  }
  [[nodiscard]] std::optional<mesh::Output> poll() {
    return visit([](auto& which) { return which.poll(); });
  }
  [[nodiscard]] Instant next_wake() const {
    return visit([](const auto& which) { return which.next_wake(); });
  }
  void prefetch(mesh::Engine::Ahead ahead, PeerId from) const {
    if (const auto* engine = std::get_if<mesh::Engine>(&which_)) engine->prefetch(ahead, from);
  }
  [[nodiscard]] mesh::EngineStats stats() const {
    return visit([](const auto& which) { return which.stats(); });
  }
  [[nodiscard]] std::uint64_t digest() const {
    return visit([](const auto& which) { return which.digest(); });
  }
  void check_invariants() const {
    visit([](const auto& which) { which.check_invariants(); });
  }

 private:
  std::variant<mesh::Engine, std::unique_ptr<Baseline>> which_;   // both a pointer's size: a peer's hot state stays small
};

}  // namespace p2p::simulator
