#pragma once

#include <cstdint>

#include "base/prng.hpp"

namespace p2p::netbox {

/// A probability in millionths: integers, so that a seed gives the same losses everywhere.
using Millionths = std::uint32_t;
inline constexpr Millionths kCertain = 1'000'000;

/// Losses that come in bursts: the Gilbert-Elliott chain. In its good state a link loses nothing beyond LossOptions::independent.
struct BurstOptions {
  Millionths enter = 0;   ///< good to bad, at each packet; 0: never
  Millionths leave = kCertain;
  Millionths loss = kCertain;   ///< in the bad state
};

struct LossOptions {
  Millionths independent = 0;
  BurstOptions bursts;
};

/// Decides packet by packet which are lost.
class Loss {
 public:
  explicit Loss(LossOptions options) : options_{options} {}
  [[nodiscard]] bool takes(Prng& prng);

 private:
  LossOptions options_;
  bool bad_ = false;
};

}  // namespace p2p::netbox
