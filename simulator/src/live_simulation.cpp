#include "simulator/live_simulation.hpp"

#include <algorithm>

#include "swarm.hpp"

namespace p2p::simulator {
namespace {

/// Nobody is there at first, and nobody goes by the world's own plan: LiveState says who is there.
World first_world() {
  World world;
  world.viewers = 0;
  world.stay_mean = 0s;
  world.length = LiveSimulation::kLengthMax;
  world.measured_from = 0s;
  world.vices = {{Vice::kCorrupt, 0}};   // poison is looked for, whoever sends it
  return world;
}

constexpr std::int64_t kFewMinutesS = 600;

constexpr std::array<LiveChangeKind, LiveChange::kKinds> kKinds{{
    {.name = "viewers", .max = 500, .initial = 44, .lasting = true},
    {.name = "latency_ms", .min = 1, .max = 300, .initial = 45, .lasting = true},
    {.name = "jitter_ms", .max = 200, .initial = 8, .lasting = true},
    {.name = "loss_ppm", .max = 100'000, .initial = 2'500, .lasting = true},
    {.name = "upload_kbit_per_s", .min = 100, .max = 100'000, .initial = 6'000, .lasting = true},
    {.name = "download_kbit_per_s", .min = 500, .max = 1'000'000, .initial = 25'000, .lasting = true},
    {.name = "stay_s", .max = 3'600, .initial = 300, .lasting = true},
    {.name = "poisoners_percent", .max = 50, .initial = 0, .lasting = true},
    {.name = "crash", .of_peer = true},
    {.name = "freeze", .min = 1, .max = kFewMinutesS, .of_peer = true},
    {.name = "leave_percent", .min = 1, .max = 100},
    {.name = "join", .min = 1, .max = 500},
    {.name = "partition_s", .min = 1, .max = kFewMinutesS},
    {.name = "slow_uploads_s", .min = 1, .max = kFewMinutesS},
    {.name = "server_away_s", .min = 1, .max = kFewMinutesS},
    {.name = "server_back"},
}};

}  // namespace

std::span<const LiveChangeKind> live_change_kinds() { return kKinds; }

LiveSimulation::LiveSimulation(std::uint64_t seed, Options options)
    : swarm_{std::make_unique<Simulation::Impl>(first_world(), seed, Simulation::Options{.check_every = options.check_every})} {
  swarm_->go_live();
}
LiveSimulation::~LiveSimulation() = default;
LiveSimulation::LiveSimulation(LiveSimulation&&) noexcept = default;
LiveSimulation& LiveSimulation::operator=(LiveSimulation&&) noexcept = default;

void LiveSimulation::advance(Duration by) {
  swarm_->run_until(std::min(now() + std::max<Duration>(by, 0us), Instant{} + kLengthMax));
}

Instant LiveSimulation::now() const { return swarm_->now(); }
std::string LiveSimulation::apply(LiveChange change) { return swarm_->apply(change); }
std::span<const LiveChange> LiveSimulation::changes() const { return swarm_->live().changes; }
std::int64_t LiveSimulation::setting(LiveChange::Kind kind) const { return swarm_->live().setting(kind); }
LiveView LiveSimulation::view() const { return swarm_->view(); }
std::optional<mesh::EngineStats> LiveSimulation::engine(std::uint32_t peer) const { return swarm_->stats_of(peer); }
void LiveSimulation::follow(std::optional<std::uint32_t> peer) { swarm_->live().followed = peer; }
std::uint64_t LiveSimulation::digest() const { return swarm_->digest(); }

std::vector<LogLine> LiveSimulation::log(std::uint64_t after, std::size_t lines_max) const {
  const std::deque<LogLine>& lines = swarm_->live().lines;
  const auto first = std::ranges::upper_bound(lines, after, {}, &LogLine::number);
  const auto count = std::min<std::size_t>(lines_max, static_cast<std::size_t>(lines.end() - first));
  return {first, first + static_cast<std::ptrdiff_t>(count)};
}

}  // namespace p2p::simulator
