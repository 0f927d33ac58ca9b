#include "link.hpp"

#include <algorithm>

namespace p2p::netbox {
namespace {

constexpr std::int64_t kBitMicros = 8'000'000;   // bits a byte times microseconds a second

}  // namespace

Link::Link(LinkOptions options, Prng prng) : options_{options}, loss_{options.loss}, prng_{prng} {}

void Link::set_options(LinkOptions options) {
  options_ = options;
  loss_ = Loss{options.loss};
  remainder_ = 0;
}

void Link::set_alive(bool alive, Instant now) {
  if (alive_ && !alive) {
    died_at_ = now;
    busy_until_ = now;   // the queue is lost with the rest
    last_left_ = now;
  }
  alive_ = alive;
}

bool Link::died_between(Instant entered, Instant left) const { return died_at_ && entered <= *died_at_ && *died_at_ < left; }

std::int64_t Link::queue_bytes_max() const {
  if (options_.queue_bytes) return *options_.queue_bytes;
  return options_.bits_per_s * options_.queue_time.count() / kBitMicros;
}

Link::Passage Link::enter(std::size_t bytes, Instant now) {
  if (!alive_) return {.fate = Fate::kDead};
  Instant sent = now;
  if (options_.bits_per_s > 0) {
    const Duration busy = std::max(busy_until_ - now, Duration{});
    const std::int64_t waiting = busy.count() * options_.bits_per_s / kBitMicros;
    // The packet on the wire is not in the queue: an idle line takes one whatever the queue.
    if (waiting > 0 && waiting + static_cast<std::int64_t>(bytes) > queue_bytes_max()) return {.fate = Fate::kQueueFull};
    const std::int64_t work = static_cast<std::int64_t>(bytes) * kBitMicros + (busy.count() > 0 ? remainder_ : 0);
    remainder_ = work % options_.bits_per_s;
    sent = now + busy + Duration{work / options_.bits_per_s};
    busy_until_ = sent;
  }
  // A lost packet has used the line all the same.
  if (loss_.takes(prng_)) return {.fate = Fate::kLost};
  Passage passage{.leaves = arrival(sent)};
  if (options_.duplicate > 0 && prng_.chance(options_.duplicate, kCertain)) passage.copy_leaves = arrival(sent);
  return passage;
}

Instant Link::arrival(Instant sent) {
  Instant arrives = sent + options_.delay;
  if (options_.jitter.count() > 0) arrives += Duration{prng_.between(0, options_.jitter.count())};
  if (options_.reorder > 0 && prng_.chance(options_.reorder, kCertain)) return arrives + options_.reorder_by;
  last_left_ = std::max(arrives, last_left_);
  return last_left_;
}

}  // namespace p2p::netbox
