#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "p2p-core/input.hpp"
#include "p2p-core/output.hpp"
#include "p2p-core/stats.hpp"

namespace p2p::mesh {

/// One peer of the mesh: decides whom to dial, whom to feed, what to relay, what to fetch and what to hand to the player.
///
/// It does no I/O and reads no clock. A driver feeds it facts and carries out what it asks:
///
///     engine.handle(now, input);
///     while (auto output = engine.poll()) carry_out(*output);
///     schedule_a_wake_at(engine.next_wake());
///
/// Always holds: a piece is relayed or played only after its hash was found in a manifest entry signed by the source; what is kept
/// for others and what waits to be sent is bounded (Options); the same seed and inputs give the same outputs on every platform.
///
/// Several inputs of the same instant may be handled before polling; a later `now` requires that the outputs were drained.
///
/// Out of scope: ICE, DTLS and sockets (libs/transport, packages/p2p-client), hashing and signatures (the driver is asked), decoding.
class Engine {
 public:
  struct Options {
    StreamId stream{};
    std::uint64_t seed = 0;                        ///< of every random choice
    bool source = false;
    bool giving = true;                            ///< false: a leaf by choice
    std::uint16_t connections_max = 16;            ///< links at once; 20 for a source
    std::int64_t upload_bits_per_s = 20'000'000;   ///< what may be given in all
    Duration window = 30s;                         ///< what source and super-seeds keep for others, by media time; relays and leaves keep less
    Latency latency = Latency::kLow;
    Duration patience = 2500ms;                    ///< how long a part is waited for before it is given up; longer while the player has others, or is balanced
    std::size_t message_bytes_max = kMessageBytesMax;  ///< the simulator may send a piece as one message
  };

  Engine(Options options, Instant now);
  ~Engine();
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;

  void handle(Instant now, const Input& input);
  [[nodiscard]] std::optional<Output> poll();
  [[nodiscard]] Instant next_wake() const;

  /// The next inputs, one of them from this peer, come soon: their memory is fetched meanwhile. Nothing but time depends on it, and only a
  /// driver of thousands of engines saves any: it calls each step in turn, some inputs of others apart, as one needs what the one before fetched.
  enum class Ahead : std::uint8_t { kEngine, kTables, kParts, kRest };
  void prefetch(Ahead ahead, PeerId from) const;

  [[nodiscard]] EngineStats stats() const;

  /// Of all inputs and outputs so far.
  [[nodiscard]] std::uint64_t digest() const;

  /// Stops the process when a part of the engine is in a state that must not be. The simulator calls it after every step.
  void check_invariants() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace p2p::mesh
