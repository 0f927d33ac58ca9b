#include "person.hpp"

#include <utility>

#include "arithmetic.hpp"

namespace p2p::simulator {
namespace {

constexpr std::uint32_t kRentedNetwork = 1;
constexpr std::uint32_t kFirstNetwork = 2;

template <typename Shares>
auto draw_share(const Shares& shares, Prng& prng) {
  std::uint64_t weights = 0;
  for (const auto& share : shares) weights += share.weight;
  std::uint64_t drawn = weights == 0 ? 0 : prng.below(weights);
  for (const auto& share : shares) {
    if (drawn < share.weight) return share;
    drawn -= share.weight;
  }
  return shares.back();
}

Vice draw_vice(const World& world, Prng& prng) {
  std::uint64_t drawn = prng.below(100);
  for (const World::ViceShare& share : world.vices) {
    if (drawn < share.percent) return share.vice;
    drawn -= share.percent;
  }
  return Vice::kNone;
}

Person draw_anybody(const World& world, std::uint32_t number, Prng& prng) {
  Person person;
  person.network = kFirstNetwork + number;   // everybody lives somewhere else
  person.id = PeerId{prng.next()};
  person.x = prng.between(0, Person::kSide);
  person.y = prng.between(0, Person::kSide);
  person.clock_offset = Duration{prng.between(0, world.clock_offset_max.count())};
  const auto drift = static_cast<std::int64_t>(world.clock_drift_ppm_max);
  person.clock_drift_ppm = prng.between(-drift, drift);
  return person;
}

Duration by_distance(const World& world, std::int64_t dx, std::int64_t dy) {
  return world.latency_min + (world.latency_max - world.latency_min) * square_root(dx * dx + dy * dy) / Person::kDiagonal;
}

void draw_download(const World& world, Person& person, Prng& prng) {
  const std::uint64_t drawn = prng.below(100);
  if (drawn < world.slow_download_percent) {
    person.download_bits_per_s = world.slow_download_bits_per_s;
  } else if (drawn < world.slow_download_percent + world.changing_download_percent) {
    person.download_changes = true;
    person.download_begins_high = prng.chance(1, 2);
    person.download_bits_per_s = person.download_begins_high ? world.changing_download_high_bits_per_s : world.changing_download_low_bits_per_s;
  }
}

Person as_given(const World& world, std::uint32_t number, Prng& prng) {
  Person person = draw_anybody(world, number, prng);
  const World::Person& given = world.people[number];
  person.x = given.x_ppm * Person::kSide / 1'000'000;
  person.y = given.y_ppm * Person::kSide / 1'000'000;
  person.upload_bits_per_s = given.upload_bits_per_s;
  person.download_bits_per_s = given.download_bits_per_s;
  person.nat = given.nat;
  person.chromium = given.chromium;
  person.loss_ppm = given.loss_ppm;
  return person;
}

}  // namespace

Person draw_source(const World& world, std::uint64_t seed) {
  Prng prng{mixed(seed, 0, 1)};
  if (!world.people.empty()) return as_given(world, 0, prng);
  Person person = draw_anybody(world, 0, prng);
  person.upload_bits_per_s = world.source_upload_bits_per_s;
  person.download_bits_per_s = world.download_bits_per_s;
  return person;
}

Person draw_viewer(const World& world, std::uint64_t seed, std::uint32_t number) {
  Prng prng{mixed(seed, number, 1)};
  if (!world.people.empty()) return as_given(world, number, prng);
  Person person = draw_anybody(world, number, prng);
  person.upload_bits_per_s = draw_share(world.uploads, prng).bits_per_s;
  person.download_bits_per_s = world.download_bits_per_s;
  person.nat = draw_share(world.nats, prng).nat;
  person.chromium = prng.chance(world.chromium_percent, 100);
  person.vice = draw_vice(world, prng);
  if (world.stay_mean > 0ms) person.stay = std::max<Duration>(draw_exponential(world.stay_mean, prng), 100ms);
  person.silent_leave = prng.chance(world.silent_leave_percent, 100);
  if (person.chromium) person.first_link_extra = Duration{prng.between(world.first_link_extra_min.count(), world.first_link_extra_max.count())};
  if (world.slow_download_percent + world.changing_download_percent > 0) draw_download(world, person, prng);
  // Surrounders rent neighboring addresses, and choose ids that begin alike.
  if (person.vice == Vice::kSurround) {
    person.id = PeerId{(person.id.value >> 16) | (std::uint64_t{0x5ca1} << 48)};
    person.network = kRentedNetwork;
  }
  return person;
}

Duration latency_between(const World& world, const Person& a, const Person& b) { return by_distance(world, a.x - b.x, a.y - b.y); }

Duration latency_to_middle(const World& world, const Person& person) {
  return by_distance(world, person.x - Person::kSide / 2, person.y - Person::kSide / 2);
}

bool needs_relay(Nat a, Nat b) {
  if (a == Nat::kUdpBlocked || b == Nat::kUdpBlocked) return true;
  if (a == Nat::kSymmetric) std::swap(a, b);
  return b == Nat::kSymmetric && a != Nat::kOpen;
}

}  // namespace p2p::simulator
