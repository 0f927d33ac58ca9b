#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "base/prng.hpp"
#include "base/time.hpp"
#include "p2p-core/types.hpp"
#include "simulator/world.hpp"

namespace p2p::simulator {

/// When a message that is sent now leaves its sender's line and when it arrives. Peers are numbered from 0, the source.
class Network {
 public:
  Network(const World& world, Prng prng);

  void add_peer(std::int64_t upload_bits_per_s, std::int64_t download_bits_per_s);

  struct Times {
    Instant departed{};
    Instant arrived{};
  };
  Times send(std::uint32_t from, std::uint32_t to, mesh::Channel channel, std::size_t bytes, Instant now);

  /// When a message that reaches the receiver's line now has passed it.
  Instant receive(std::uint32_t to, std::size_t bytes, Instant now);

  [[nodiscard]] Duration latency(std::uint32_t a, std::uint32_t b) const;
  [[nodiscard]] Duration set_up_time(std::uint32_t a, std::uint32_t b) const { return 30ms + latency(a, b) * 7; }
  bool dial_fails() { return prng_.chance(loss_.dial_failure_percent, 100); }

 private:
  struct Line {
    std::int64_t x = 0, y = 0;
    std::int64_t upload_bits_per_s = 0, download_bits_per_s = 0;
    Instant upload_free_at{}, download_free_at{};
  };

  World loss_;
  Prng prng_;
  std::vector<Line> lines_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, Instant> control_arrived_;
};

}  // namespace p2p::simulator
