#include <algorithm>

#include "arithmetic.hpp"
#include "base/check.hpp"
#include "swarm.hpp"

namespace p2p::simulator {
namespace {

using Change = LiveChange::Kind;

constexpr Duration kAudienceEvery = 100ms;
constexpr std::uint32_t kComeAtOnce = 2;       ///< each time that somebody looks, so twenty a second
constexpr std::uint32_t kRushAtOnce = 20;
constexpr std::uint32_t kGoAtOnce = 5;
constexpr std::uint32_t kHalf = 50;
constexpr std::uint32_t kSlowUploadPercent = 20;

/// Lines as people have them, around a mean: in percent of it, each for a share of the viewers.
constexpr std::array<World::Upload, 4> kUploadSpread{{{20, 10}, {30, 40}, {30, 100}, {20, 280}}};

std::chrono::seconds seconds(std::int64_t value) { return std::chrono::seconds{value}; }

}  // namespace

void Simulation::Impl::go_live() {
  live_ = std::make_unique<LiveState>(mixed(seed_, 6, 0));
  const auto kinds = live_change_kinds();
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    if (kinds[i].lasting) CHECK(apply({.kind = static_cast<Change>(i), .value = kinds[i].initial}).empty(), "a first setting that is not possible");
  }
  schedule(now_ + kAudienceEvery, {.kind = Kind::kAudience});
}

std::string Simulation::Impl::apply(LiveChange change) {
  const LiveChangeKind& kind = live_change_kinds()[static_cast<std::size_t>(change.kind)];
  if (live_->changes.size() == LiveSimulation::kChangesMax) return "There were as many changes as one run may have. Restart it.";
  if (change.value < kind.min || change.value > kind.max) {
    return std::string{kind.name} + " must lie between " + std::to_string(kind.min) + " and " + std::to_string(kind.max) + ".";
  }
  if (kind.of_peer && (change.peer == 0 || change.peer >= peers_.size() || !alive(change.peer) || peers_[change.peer].leaving)) {
    return "That viewer is not there any more.";
  }
  if (kind.lasting) set(change);
  else if (std::string why = happen_once(change); !why.empty()) return why;
  change.at = now_;
  live_->changes.push_back(change);
  if (!kind.of_peer) live_->log(LogKind::kRun, 0, {}, std::string{kind.name} + " " + std::to_string(change.value), now_);
  return {};
}

void Simulation::Impl::set(const LiveChange& change) {
  live_->settings[static_cast<std::size_t>(change.kind)] = change.value;
  switch (change.kind) {
    case Change::kLatencyMs:
      // Two points of a square are .37 of its diagonal apart, in the mean: .3 + .37 * 1.9 = 1.
      world_.latency_min = std::chrono::milliseconds{change.value} * 30 / 100;
      world_.latency_max = std::chrono::milliseconds{change.value} * 220 / 100;
      return renew_ways();
    case Change::kJitterMs: world_.jitter = std::chrono::milliseconds{change.value}; return;
    case Change::kLossPpm:
      world_.loss_ppm_min = 0;
      world_.loss_ppm_max = static_cast<std::uint32_t>(2 * change.value);
      world_.loss_skew = 1;
      return renew_ways();
    case Change::kUploadKbitPerS:
      world_.uploads.clear();
      for (const World::Upload& each : kUploadSpread) world_.uploads.push_back({each.weight, change.value * 1'000 * each.bits_per_s / 100});
      return renew_lines();
    case Change::kDownloadKbitPerS: world_.download_bits_per_s = change.value * 1'000; return renew_lines();
    case Change::kPoisonersPercent: return appoint_poisoners();
    default: return;   // looked at when it counts
  }
}

std::string Simulation::Impl::happen_once(const LiveChange& change) {
  switch (change.kind) {
    case Change::kCrash:
      leave(change.peer, true);
      live_->settings[static_cast<std::size_t>(Change::kViewers)] -= live_->setting(Change::kViewers) > 0;
      return {};
    case Change::kFreeze:
      story(change.peer, LogKind::kEvent, "freezes for " + std::to_string(change.value) + " s");
      peers_[change.peer].frozen_until = std::max(peers_[change.peer].frozen_until, now_ + seconds(change.value));
      return {};
    case Change::kLeavePercent: {
      const std::size_t before = audience().size();
      std::string why = add_fault({.kind = Fault::Kind::kLeave, .percent = static_cast<std::uint32_t>(change.value)});
      std::int64_t& wanted = live_->settings[static_cast<std::size_t>(Change::kViewers)];
      wanted = std::max<std::int64_t>(wanted - static_cast<std::int64_t>(before - audience().size()), 0);
      return why;
    }
    case Change::kJoin: {
      std::int64_t& wanted = live_->settings[static_cast<std::size_t>(Change::kViewers)];
      const std::int64_t more = std::min(change.value, live_change_kinds()[static_cast<std::size_t>(Change::kViewers)].max - wanted);
      if (more <= 0) return "As many are there as one run may have.";
      wanted += more;
      live_->rush += static_cast<std::uint32_t>(more);
      return {};
    }
    case Change::kPartitionS: return add_fault({.kind = Fault::Kind::kPartition, .length = seconds(change.value), .percent = kHalf});
    case Change::kSlowUploadsS:
      return add_fault({.kind = Fault::Kind::kSlowUpload, .length = seconds(change.value), .percent = kHalf, .amount = kSlowUploadPercent});
    case Change::kServerAwayS:
      if (server_.away()) return "The server is away already.";
      return add_fault({.kind = Fault::Kind::kServerAway, .length = seconds(change.value)});
    case Change::kServerBack:
      if (!server_.away()) return "The server is there.";
      server_back_early();
      return {};
    default: return "That is not something that happens.";
  }
}

std::string Simulation::Impl::add_fault(Fault fault) {
  if (world_.faults.size() == LiveSimulation::kEventsMax) return "There were as many events as one run may have. Restart it.";
  fault.at = now_.time_since_epoch();
  world_.faults.push_back(fault);
  fault_active_.push_back(false);
  fault_begins(static_cast<std::uint32_t>(world_.faults.size() - 1));
  return {};
}

void Simulation::Impl::server_back_early() {
  for (std::size_t i = 0; i < world_.faults.size(); ++i) {
    if (world_.faults[i].kind == Fault::Kind::kServerAway) fault_active_[i] = false;
  }
  server_comes_back();
}

/// Latency or loss changed: links that are up have it at once.
void Simulation::Impl::renew_ways() {
  for (std::uint32_t number = 0; number < peers_.size(); ++number) {
    for (Link& link : peers_[number].links) link.set_way(world_, trip(number, link.other, link.relayed), loss_ppm(number, link.other));
  }
}

/// Everybody is drawn anew, from the same seed: a viewer with a good line keeps a good one.
void Simulation::Impl::renew_lines() {
  for (std::uint32_t number = 1; number < peers_.size(); ++number) {
    if (!alive(number)) continue;
    Peer& peer = peers_[number];
    const Person drawn = draw_viewer(world_, seed_, number);
    peer.person.upload_bits_per_s = drawn.upload_bits_per_s;
    peer.person.download_bits_per_s = drawn.download_bits_per_s;
    peer.access.up.set_rate(drawn.upload_bits_per_s, now_);
    peer.access.down.set_rate(drawn.download_bits_per_s, now_);
    tell(number, mesh::SharingChanged{.upload_bits_per_s_max = drawn.upload_bits_per_s});
    settle(number);
  }
}

std::vector<std::uint32_t> Simulation::Impl::audience() const {
  std::vector<std::uint32_t> there;
  for (std::uint32_t number = 1; number < peers_.size(); ++number) {
    if (alive(number) && !peers_[number].leaving) there.push_back(number);
  }
  return there;
}

void Simulation::Impl::mind_audience() {
  schedule(now_ + kAudienceEvery, {.kind = Kind::kAudience});
  if (const std::int64_t stay_s = live_->setting(Change::kStayS); stay_s > 0) {
    const auto looks = static_cast<std::uint64_t>(seconds(stay_s) / kAudienceEvery);
    for (const std::uint32_t number : audience()) {
      if (live_->prng.chance(1, looks)) leave(number, peers_[number].person.silent_leave);
    }
  }
  const auto there = static_cast<std::int64_t>(audience().size());
  const std::int64_t missing = live_->setting(Change::kViewers) - there;
  live_->rush = std::min(live_->rush, static_cast<std::uint32_t>(std::max<std::int64_t>(missing, 0)));
  const std::uint32_t at_once = live_->rush > 0 ? kRushAtOnce : kComeAtOnce;
  for (std::int64_t i = 0; i < std::min<std::int64_t>(missing, at_once) && peers_.size() < LiveSimulation::kPeersMax; ++i) come();
  if (missing < 0) leave_some(static_cast<std::uint32_t>(std::min<std::int64_t>(-missing, kGoAtOnce)));
  if (live_->setting(Change::kPoisonersPercent) > 0) appoint_poisoners();
}

void Simulation::Impl::come() {
  const auto number = static_cast<std::uint32_t>(peers_.size());
  if (live_->rush > 0) --live_->rush;
  add_person(draw_viewer(world_, seed_, number));
  join(number);
}

void Simulation::Impl::leave_some(std::uint32_t count) {
  std::vector<std::uint32_t> there = audience();
  live_->prng.shuffle(there);
  for (std::uint32_t i = 0; i < std::min<std::size_t>(count, there.size()); ++i) leave(there[i], peers_[there[i]].person.silent_leave);
}

/// So many that the share is reached, at least one where it is not zero: in the order of a draw that each keeps.
void Simulation::Impl::appoint_poisoners() {
  std::vector<std::uint32_t> there = audience();
  std::ranges::sort(there, {}, [&](std::uint32_t number) { return std::pair{mixed(seed_ + 13, number, 0), number}; });
  const auto percent = static_cast<std::size_t>(live_->setting(Change::kPoisonersPercent));
  const std::size_t wanted = (there.size() * percent + 99) / 100;
  auto have = static_cast<std::size_t>(std::ranges::count_if(there, [&](std::uint32_t number) { return hostile(number); }));
  const auto make = [&](std::uint32_t number, Vice vice) {
    peers_[number].person.vice = vice;
    recorder_.count(number, vice == Vice::kNone);
    story(number, LogKind::kEvent, vice == Vice::kNone ? "is honest from now on" : "poisons from now on");
  };
  for (const std::uint32_t number : there) {
    if (have >= wanted) break;
    if (hostile(number)) continue;
    make(number, Vice::kCorrupt);
    ++have;
  }
  for (auto number = there.rbegin(); number != there.rend() && have > wanted; ++number) {
    if (!hostile(*number)) continue;
    make(*number, Vice::kNone);
    --have;
  }
}

}  // namespace p2p::simulator
