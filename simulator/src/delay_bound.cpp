#include "delay_bound.hpp"

#include <algorithm>
#include <functional>
#include <queue>
#include <utility>

#include "arithmetic.hpp"
#include "base/prng.hpp"

namespace p2p::simulator {
namespace {

constexpr std::int64_t kPieceBytes = 12 * 1024;
constexpr std::int64_t kSourceCopies = 3;   ///< protocol: more are not needed where viewers can carry the rest

Duration mean_latency(const World& world, const std::vector<Person>& people) {
  Prng prng{1};
  constexpr std::int64_t kPairs = 2'000;
  Duration sum{};
  for (std::int64_t i = 0; i < kPairs; ++i) {
    const Person& a = people[static_cast<std::size_t>(prng.below(people.size()))];
    const Person& b = people[static_cast<std::size_t>(prng.below(people.size()))];
    sum += latency_between(world, a, b);
  }
  return sum / kPairs;
}

struct Holder {
  Duration next{};              // when its next copy has left
  std::size_t who = 0;
  std::int64_t copies = 0;      // that it may still give
  bool operator>(const Holder& other) const { return std::pair{next, who} > std::pair{other.next, other.who}; }
};

}  // namespace

Duration delay_bound(const World& world, const std::vector<Person>& people) {
  if (people.size() < 2) return Duration{};
  std::vector<std::int64_t> uploads;
  for (std::size_t i = 1; i < people.size(); ++i) uploads.push_back(people[i].vice == Vice::kNone ? people[i].upload_bits_per_s : 0);
  std::ranges::sort(uploads, std::greater<>{});
  const Duration latency = mean_latency(world, people);
  const std::int64_t source_copies = std::clamp<std::int64_t>(people[0].upload_bits_per_s / world.bits_per_s, 1, kSourceCopies);
  std::priority_queue<Holder, std::vector<Holder>, std::greater<>> holders;
  const auto add = [&](std::size_t who, Duration at, std::int64_t upload, std::int64_t copies) {
    if (copies > 0) holders.push({at + time_on_line(kPieceBytes, upload), who, copies});
  };
  add(0, Duration{}, people[0].upload_bits_per_s, source_copies);
  std::vector<Duration> arrivals;
  for (std::size_t served = 0; served < uploads.size(); ++served) {
    // Out of copies: the source, or an edge, gives the rest.
    if (holders.empty()) add(0, arrivals.empty() ? Duration{} : arrivals.back(), people[0].upload_bits_per_s, 1);
    Holder giver = holders.top();
    holders.pop();
    const Duration at = giver.next + latency;
    arrivals.push_back(at);
    giver.next += time_on_line(kPieceBytes, giver.who == 0 ? people[0].upload_bits_per_s : uploads[giver.who - 1]);
    if (--giver.copies > 0) holders.push(giver);
    add(served + 1, at, std::max<std::int64_t>(uploads[served], 1), uploads[served] / world.bits_per_s);
  }
  std::ranges::sort(arrivals);
  const std::int64_t parts = std::max<std::int64_t>(world.segment / world.part, 2);
  const std::int64_t segment_bytes = world.bits_per_s / 8 * (world.segment / 1ms) / 1000;
  const std::int64_t part_bytes = segment_bytes * (100 - world.key_part_percent) / 100 / (parts - 1);
  const std::int64_t copies = std::min<std::int64_t>(source_copies, static_cast<std::int64_t>(uploads.size()));
  return arrivals[arrivals.size() / 2] + time_on_line(part_bytes * copies, people[0].upload_bits_per_s);
}

}  // namespace p2p::simulator
