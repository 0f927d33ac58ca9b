#include <gtest/gtest.h>

#include <cstdint>
#include <iterator>
#include <optional>
#include <set>

#include "base/prng.hpp"
#include "directory/directory.hpp"

namespace p2p::directory {
namespace {

/// Random operations by random connections: nothing trips an invariant, and all ends clean.
TEST(DirectoryRandom, SurvivesAnyOrderOfEvents) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Directory directory{{.connections_max = 40, .streams_max = 3, .members_max = 10}, seed};
    Prng prng{seed};
    Instant now{};
    std::set<std::uint64_t> alive;
    std::uint64_t next = 1;
    for (int step = 0; step < 3'000; ++step) {
      now += Duration{prng.below(2'000'000)};
      directory.handle_time(now);
      while (directory.poll()) {
      }
      if (alive.empty() || prng.chance(1, 8)) {
        if (directory.connect(ConnectionId{next}, now)) alive.insert(next);
        ++next;
        continue;
      }
      auto chosen = alive.begin();
      std::advance(chosen, prng.below(alive.size()));
      const ConnectionId id{*chosen};
      const StreamId stream{.bytes = {static_cast<std::byte>(prng.below(4))}};
      const PeerId peer{prng.below(20)};
      switch (prng.below(11)) {
        case 0:
          directory.disconnect(id, now);
          alive.erase(chosen);
          break;
        case 1:
          (void)directory.create(id, {.stream = stream, .peer = peer}, now);
          break;
        case 2:
        case 3:
        case 4:
          (void)directory.join(id, {.stream = stream, .peer = peer, .giving = prng.chance(3, 4)}, now);
          break;
        case 5:
          (void)directory.leave(id, now);
          break;
        case 6:
          (void)directory.end(id, now);
          break;
        case 7:
          (void)directory.watch(id, {.category = prng.chance(1, 2) ? std::optional{kOtherCategory} : std::nullopt, .limit = static_cast<std::uint16_t>(1 + prng.below(2))}, now);
          break;
        case 8:
          (void)directory.report(id, {.upload_bits_per_s = 10'000'000, .receiving = prng.chance(1, 2), .neighbors = {{peer, 1'000'000, 1, 20}}}, now);
          break;
        case 9:
          (void)directory.mesh_sample(id, now);
          break;
        default:
          directory.heard(id, now);
      }
      while (const auto notice = directory.poll()) {
        for (const ConnectionId to : notice->to) ASSERT_TRUE(alive.contains(to.value)) << "a message to nobody";
      }
      directory.check_invariants();
    }
    for (const std::uint64_t number : alive) directory.disconnect(ConnectionId{number}, now);
    directory.handle_time(now + 120s);
    EXPECT_EQ(directory.streams(), 0u);
    EXPECT_EQ(directory.connections(), 0u);
  }
}

}  // namespace
}  // namespace p2p::directory
