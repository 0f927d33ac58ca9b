#include "scoring/peer_score.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace p2p::scoring {
namespace {

struct Point {
  std::int64_t at;
  std::int64_t score;
};

/// Straight lines between the points, flat outside of them.
std::int64_t interpolate(std::span<const Point> points, std::int64_t at) {
  if (at <= points.front().at) return points.front().score;
  for (std::size_t i = 1; i < points.size(); ++i) {
    const Point& low = points[i - 1];
    const Point& high = points[i];
    if (at <= high.at) return low.score + (high.score - low.score) * (at - low.at) / (high.at - low.at);
  }
  return points.back().score;
}

// kbit/s. Twice the upload is worth about the same everywhere; 10 Mbit/s (three copies of a stream of 3) passes 70.
constexpr std::array<Point, 7> kUpload{{{0, 0}, {500, 15}, {1'000, 28}, {3'000, 50}, {10'000, 75}, {20'000, 90}, {40'000, 100}}};
constexpr std::array<Point, 4> kLatencyMs{{{20, 100}, {100, 75}, {250, 30}, {600, 0}}};
// Thousandths delivered well: one bad piece in ten is as bad as none good.
constexpr std::array<Point, 3> kDelivered{{{900, 0}, {990, 70}, {1'000, 100}}};
// Seconds: who has stayed a while will stay longer.
constexpr std::array<Point, 4> kStay{{{0, 0}, {10, 30}, {60, 60}, {600, 100}}};

constexpr std::int64_t kUnknown = 50;

// The weights of the parts; they sum up to 100.
constexpr std::int64_t kUploadWeight = 40;
constexpr std::int64_t kDeliveredWeight = 20;
constexpr std::int64_t kLatencyWeight = 15;
constexpr std::int64_t kStayWeight = 15;
constexpr std::int64_t kReachableWeight = 10;

std::int64_t delivery_score(const PeerEvidence& evidence) {
  const std::int64_t delivered = std::clamp<std::int64_t>(evidence.pieces_delivered, 0, 1'000'000'000);
  const std::int64_t failed = std::clamp<std::int64_t>(evidence.pieces_failed, 0, 1'000'000'000);
  if (delivered + failed == 0) return kUnknown;
  return interpolate(kDelivered, delivered * 1'000 / (delivered + failed));
}

std::int64_t reachable_score(Reachability reachability) {
  switch (reachability) {
    case Reachability::kUnreachable:
      return 0;
    case Reachability::kReachable:
      return 100;
    case Reachability::kUnknown:
      break;
  }
  return kUnknown;
}

}  // namespace

std::string_view to_text(Role role) {
  switch (role) {
    case Role::kLeaf:
      return "leaf";
    case Role::kRelay:
      return "relay";
    case Role::kSuperSeed:
      return "super-seed";
    case Role::kSource:
      return "source";
  }
  return "leaf";
}

std::int64_t credited_upload(const PeerEvidence& evidence) {
  constexpr std::int64_t kHighest = 1'000'000'000'000;
  const std::int64_t proven = std::clamp<std::int64_t>(evidence.upload_proven_bits_per_s, 0, kHighest);
  const std::int64_t claimed = std::clamp<std::int64_t>(evidence.upload_claimed_bits_per_s, 0, kHighest);
  return std::min(claimed, std::max(kTrialUploadBitsPerS, 2 * proven));
}

PeerScore peer_score(const PeerEvidence& evidence) {
  const std::int64_t bandwidth = interpolate(kUpload, credited_upload(evidence) / 1'000);
  const std::int64_t latency = evidence.latency_ms ? interpolate(kLatencyMs, *evidence.latency_ms) : kUnknown;
  const std::int64_t stay = interpolate(kStay, std::chrono::duration_cast<std::chrono::seconds>(evidence.in_stream).count());
  const std::int64_t total = kUploadWeight * bandwidth + kDeliveredWeight * delivery_score(evidence) + kLatencyWeight * latency +
                             kStayWeight * stay + kReachableWeight * reachable_score(evidence.reachability);
  return {.total = static_cast<std::uint8_t>(total / 100), .bandwidth = static_cast<std::uint8_t>(bandwidth)};
}

Role role_of(PeerScore score, bool giving) {
  constexpr std::uint8_t kSuperSeedFrom = 75;
  constexpr std::uint8_t kSuperSeedBandwidthFrom = 70;
  constexpr std::uint8_t kRelayFrom = 50;
  if (!giving || score.total < kRelayFrom) return Role::kLeaf;
  return score.total >= kSuperSeedFrom && score.bandwidth >= kSuperSeedBandwidthFrom ? Role::kSuperSeed : Role::kRelay;
}

}  // namespace p2p::scoring
