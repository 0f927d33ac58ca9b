#include "simulator/world_fields.hpp"

#include <algorithm>
#include <type_traits>
#include <vector>

namespace p2p::simulator {
namespace {

template <auto Member>
constexpr WorldField field(std::string_view name, std::int64_t min, std::int64_t max) {
  using Value = std::remove_cvref_t<decltype(World{}.*Member)>;
  return {name, min, max,
          [](const World& world) -> std::int64_t {
            if constexpr (std::is_same_v<Value, Duration>) return world.*Member / 1ms;
            else return static_cast<std::int64_t>(world.*Member);
          },
          [](World& world, std::int64_t value) {
            if constexpr (std::is_same_v<Value, Duration>) world.*Member = std::chrono::milliseconds{value};
            else world.*Member = static_cast<Value>(value);
          }};
}

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kTerabit = 1'000'000'000'000;
constexpr std::int64_t kPpm = 1'000'000;

std::string megabits(std::int64_t bits_per_s) {
  const std::int64_t kbit = bits_per_s / 1000;
  std::string text = std::to_string(kbit / 1000);
  if (kbit % 1000 != 0) {
    std::string fraction = std::to_string(1000 + kbit % 1000).substr(1);
    while (fraction.back() == '0') fraction.pop_back();
    text += '.' + fraction;
  }
  return text;
}

template <typename Shares>
bool has_weight(const Shares& shares) {
  return std::ranges::any_of(shares, [](const auto& share) { return share.weight > 0; });
}

}  // namespace

std::span<const WorldField> world_fields() {
  static const std::vector<WorldField> fields{
      field<&World::viewers>("viewers", 1, 100'000),
      field<&World::viewers_before>("viewers_before", 0, 100'000),
      field<&World::arrivals_from>("arrivals_from_ms", 500, kDayMs),
      field<&World::arrivals>("arrivals_ms", 0, kDayMs),
      field<&World::stay_mean>("stay_mean_ms", 0, kDayMs),
      field<&World::silent_leave_percent>("silent_leave_percent", 0, 100),
      field<&World::length>("length_ms", 5'000, kDayMs),
      field<&World::measured_from>("measured_from_ms", 0, kDayMs),
      field<&World::measured_until>("measured_until_ms", 0, kDayMs),
      field<&World::counted_joins_until>("counted_joins_until_ms", 0, kDayMs),
      field<&World::count_givers_only>("count_givers_only", 0, 1),
      field<&World::bits_per_s>("bits_per_s", 64'000, 50'000'000),
      field<&World::part>("part_ms", 50, 10'000),
      field<&World::segment>("segment_ms", 200, 20'000),
      field<&World::key_part_percent>("key_part_percent", 1, 90),
      field<&World::capture>("capture_ms", 0, 10'000),
      field<&World::source_upload_bits_per_s>("source_upload_bits_per_s", 100'000, kTerabit),
      field<&World::source_connections>("source_connections", 1, 1'000),
      field<&World::viewer_connections>("viewer_connections", 1, 1'000),
      field<&World::patience>("patience_ms", 200, 60'000),
      field<&World::balanced>("balanced", 0, 1),
      field<&World::chat_per_min>("chat_per_min", 0, 6'000),
      field<&World::download_bits_per_s>("download_bits_per_s", 100'000, kTerabit),
      field<&World::renditions>("renditions", 1, 4),
      field<&World::slow_download_percent>("slow_download_percent", 0, 100),
      field<&World::slow_download_bits_per_s>("slow_download_bits_per_s", 100'000, kTerabit),
      field<&World::changing_download_percent>("changing_download_percent", 0, 100),
      field<&World::changing_download_low_bits_per_s>("changing_download_low_bits_per_s", 100'000, kTerabit),
      field<&World::changing_download_high_bits_per_s>("changing_download_high_bits_per_s", 100'000, kTerabit),
      field<&World::download_changes_every>("download_changes_every_ms", 1'000, kDayMs),
      field<&World::upload_known_percent>("upload_known_percent", 1, 1'000),
      field<&World::line_queue>("line_queue_ms", 0, 60'000),
      field<&World::latency_min>("latency_min_ms", 0, 10'000),
      field<&World::latency_max>("latency_max_ms", 0, 10'000),
      field<&World::jitter>("jitter_ms", 0, 10'000),
      field<&World::loss_ppm_min>("loss_ppm_min", 0, kPpm / 2),
      field<&World::loss_ppm_max>("loss_ppm_max", 0, kPpm / 2),
      field<&World::loss_skew>("loss_skew", 1, 8),
      field<&World::chromium_percent>("chromium_percent", 0, 100),
      field<&World::message_bytes>("message_bytes", 500, 262'144),
      field<&World::chromium_flight_packets>("chromium_flight_packets", 1, 1'000),
      field<&World::rate_percent_chromium>("rate_percent_chromium", 1, 10'000),
      field<&World::rate_percent_tuned>("rate_percent_tuned", 1, 10'000),
      field<&World::tuned_bits_per_rtt>("tuned_bits_per_rtt", 10'000, kTerabit),
      field<&World::chromium_bits_per_inverse_rtt>("chromium_bits_per_inverse_rtt", 100, 1'000'000),
      field<&World::window_packets_chromium>("window_packets_chromium", 1, 10'000),
      field<&World::window_packets_tuned>("window_packets_tuned", 1, 10'000),
      field<&World::rto_chromium>("rto_chromium_ms", 1, 60'000),
      field<&World::rto_tuned>("rto_tuned_ms", 1, 60'000),
      field<&World::dial_failure_percent>("dial_failure_percent", 0, 100),
      field<&World::dial_timeout>("dial_timeout_ms", 100, 60'000),
      field<&World::set_up_chromium>("set_up_chromium_ms", 0, 60'000),
      field<&World::set_up_native>("set_up_native_ms", 0, 60'000),
      field<&World::first_link_extra_min>("first_link_extra_min_ms", 0, 60'000),
      field<&World::first_link_extra_max>("first_link_extra_max_ms", 0, 60'000),
      field<&World::relay_bits_per_s>("relay_bits_per_s", 0, kTerabit),
      field<&World::link_death>("link_death_ms", 100, 600'000),
      field<&World::server_time>("server_time_ms", 0, 60'000),
      field<&World::join_round_trips>("join_round_trips", 0, 100),
      field<&World::reconnect_min>("reconnect_min_ms", 10, 600'000),
      field<&World::edge>("edge", 0, 1),
      field<&World::edge_behind>("edge_behind_ms", 0, 60'000),
      field<&World::candidates_max>("candidates_max", 1, 1'000),
      field<&World::clock_offset_max>("clock_offset_max_ms", 0, kDayMs),
      field<&World::clock_drift_ppm_max>("clock_drift_ppm_max", 0, 100'000),
      field<&World::vices_until>("vices_until_ms", 0, kDayMs),
      field<&World::victims>("victims", 0, 100'000),
  };
  return fields;
}

std::string why_impossible(const World& world) {
  for (const WorldField& field : world_fields()) {
    const std::int64_t value = field.get(world);
    if (value >= field.min && value <= field.max) continue;
    return std::string{field.name} + " is " + std::to_string(value) + ", but must lie between " + std::to_string(field.min) + " and " +
           std::to_string(field.max) + ".";
  }
  if (world.part > world.segment || world.segment % world.part != 0us) return "segment_ms must be a multiple of part_ms.";
  if (world.latency_min > world.latency_max) return "latency_min_ms is greater than latency_max_ms.";
  if (world.loss_ppm_min > world.loss_ppm_max) return "loss_ppm_min is greater than loss_ppm_max.";
  if (world.first_link_extra_min > world.first_link_extra_max) return "first_link_extra_min_ms is greater than first_link_extra_max_ms.";
  if (world.slow_download_percent + world.changing_download_percent > 100) return "More than 100 percent of the viewers have a slow or changing download.";
  if (world.edge && world.renditions > 1) return "An edge has the pieces of a stream with one rendition only: leave out edge, or renditions.";
  if (world.measured_from >= world.length) return "measured_from_ms must come before length_ms.";
  if (world.measured_until > 0s && world.measured_until <= world.measured_from) return "measured_until_ms must come after measured_from_ms.";
  if (!world.people.empty() && world.people.size() != std::size_t{world.viewers} + 1) {
    return "people are " + std::to_string(world.people.size()) + ", but must be the source and viewers: " + std::to_string(world.viewers + 1) + ".";
  }
  for (std::size_t i = 0; i < world.people.size(); ++i) {
    if (world.people[i].upload_bits_per_s < 10'000) return "Each of people needs at least 10000 upload_bits_per_s.";
    if (i > 1 && world.people[i].joins < world.people[i - 1].joins) return "people must stand in the order of their joins_ms.";
  }
  if (!has_weight(world.uploads)) return "uploads need a weight above 0.";
  if (!has_weight(world.nats)) return "nats need a weight above 0.";
  for (const World::Upload& upload : world.uploads) {
    if (upload.bits_per_s < 10'000) return "An upload must be at least 10000 bits_per_s.";
  }
  std::uint32_t vices = 0;
  for (const World::ViceShare& share : world.vices) vices += share.percent;
  if (vices > 100) return "The percents of vices sum up to more than 100.";
  for (const Fault& fault : world.faults) {
    if (fault.percent > 100) return "A fault's percent is above 100.";
  }
  return {};
}

std::string describe(const World& world) {
  std::string text;
  if (!world.people.empty()) text += "  people are given one by one: uploads, downloads, NATs, losses, arrivals are theirs\n";
  text += "  uploads (Mbit/s)";
  std::uint64_t weights = 0;
  for (const World::Upload& upload : world.uploads) weights += upload.weight;
  for (const World::Upload& upload : world.uploads) {
    text += " " + megabits(upload.bits_per_s) + " for " + std::to_string(std::uint64_t{upload.weight} * 100 / std::max<std::uint64_t>(weights, 1)) + " %,";
  }
  text.back() = ';';
  text += " NATs";
  for (const World::NatShare& share : world.nats) {
    text += " " + std::string{kNatNames[static_cast<std::size_t>(share.nat)]} + " " + std::to_string(share.weight) + ",";
  }
  text.back() = '\n';
  if (!world.vices.empty()) {
    text += "  hostile";
    for (const World::ViceShare& share : world.vices) {
      text += " " + std::string{kViceNames[static_cast<std::size_t>(share.vice)]} + " " + std::to_string(share.percent) + " %,";
    }
    text.back() = '\n';
  }
  for (const Fault& fault : world.faults) {
    text += "  fault " + std::string{kFaultNames[static_cast<std::size_t>(fault.kind)]} + " at " + std::to_string(fault.at / 1ms) + " ms for " +
            std::to_string(fault.length / 1ms) + " ms, percent " + std::to_string(fault.percent) + ", amount " + std::to_string(fault.amount) + "\n";
  }
  std::string line = " ";
  for (const WorldField& field : world_fields()) {
    const std::string entry = " " + std::string{field.name} + " " + std::to_string(field.get(world));
    if (line.size() + entry.size() > 138) {
      text += line + "\n";
      line = " ";
    }
    line += entry;
  }
  return text + line + "\n";
}

}  // namespace p2p::simulator
