#pragma once

#include <cstdint>
#include <vector>

#include "base/time.hpp"

namespace p2p::simulator {

/// What is simulated: the stream, the people and their lines. Every number here is an assumption; a report prints them.
struct World {
  struct Upload {
    std::uint32_t weight = 1;          ///< share of the viewers, relative to the others
    std::int64_t bits_per_s = 0;
  };

  std::uint32_t viewers = 5;
  Duration length = 60s;               ///< of the run; the first 5 s are warm-up and left out of delay and continuity
  Duration arrivals = 5s;              ///< viewers join evenly over this time

  std::int64_t bits_per_s = 3'064'000; ///< video and audio
  Duration part = 200ms;
  Duration segment = 2s;
  std::uint32_t key_part_percent = 25; ///< of its segment

  std::int64_t source_upload_bits_per_s = 12'000'000;
  std::uint16_t source_connections = 20;
  std::vector<Upload> uploads{{20, 500'000}, {30, 3'000'000}, {30, 10'000'000}, {20, 40'000'000}};
  std::int64_t download_bits_per_s = 50'000'000;

  Duration latency_min = 10ms;         ///< one way, by the distance of two points in a square
  Duration latency_max = 100ms;
  std::uint32_t loss_per_mille = 5;    ///< of packets; the transport is reliable, so a loss costs a round trip
  std::uint32_t dial_failure_percent = 10;
};

}  // namespace p2p::simulator
