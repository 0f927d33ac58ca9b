#include "loss.hpp"

namespace p2p::netbox {

bool Loss::takes(Prng& prng) {
  if (options_.bursts.enter > 0) {
    bad_ = bad_ ? !prng.chance(options_.bursts.leave, kCertain) : prng.chance(options_.bursts.enter, kCertain);
    if (bad_ && prng.chance(options_.bursts.loss, kCertain)) return true;
  }
  return options_.independent > 0 && prng.chance(options_.independent, kCertain);
}

}  // namespace p2p::netbox
