#include "mesh_sample.hpp"

#include <algorithm>
#include <map>
#include <numeric>

#include "base/check.hpp"

namespace p2p::directory {
namespace {

constexpr std::uint32_t kHopMax = 24;   // further away is one kind: whoever invents hops does not crowd out the others
constexpr std::size_t kKindsMax = (kHopMax + 1) * scoring::kRoles;

std::uint32_t kind_of(const SampleCandidate& one) {
  return std::min<std::uint32_t>(one.hop, kHopMax) * static_cast<std::uint32_t>(scoring::kRoles) + static_cast<std::uint32_t>(one.role);
}

/// The finalizer of splitmix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

struct Kind {
  std::vector<std::size_t> members;
  std::size_t seats = 0;
  std::size_t remainder = 0;
};

/// One seat for each kind, the others by size (largest remainders).
void deal_seats(std::vector<Kind*>& kinds, std::size_t seats, std::size_t members) {
  const std::size_t rest = seats - kinds.size();
  const std::size_t others = members - kinds.size();
  std::size_t dealt = 0;
  for (Kind* kind : kinds) {
    const std::size_t share = rest * (kind->members.size() - 1);
    kind->seats = 1 + share / others;
    kind->remainder = share % others;
    dealt += kind->seats;
  }
  std::ranges::sort(kinds, [](const Kind* a, const Kind* b) {
    return a->remainder != b->remainder ? a->remainder > b->remainder : a->members.front() < b->members.front();
  });
  for (Kind* kind : kinds) {
    if (dealt == seats) break;
    if (kind->seats < kind->members.size()) {
      ++kind->seats;
      ++dealt;
    }
  }
}

}  // namespace

std::vector<std::size_t> even_sample(std::span<const SampleCandidate> all, std::size_t count, std::uint64_t salt) {
  CHECK(count >= kKindsMax, "fewer places than there are kinds");
  std::vector<std::size_t> sample(all.size());
  std::iota(sample.begin(), sample.end(), std::size_t{0});
  if (all.size() <= count) return sample;
  std::map<std::uint32_t, Kind> by_kind;
  for (const std::size_t at : sample) by_kind[kind_of(all[at])].members.push_back(at);
  std::vector<Kind*> kinds;
  for (auto& [kind, members] : by_kind) kinds.push_back(&members);
  deal_seats(kinds, count, all.size());
  sample.clear();
  const auto hash = [&](std::size_t at) { return mixed(all[at].peer.value ^ salt); };
  for (auto& [number, kind] : by_kind) {
    const auto end = kind.members.begin() + static_cast<std::ptrdiff_t>(kind.seats);
    std::ranges::nth_element(kind.members, end, {}, hash);
    sample.insert(sample.end(), kind.members.begin(), end);
  }
  return sample;
}

}  // namespace p2p::directory
