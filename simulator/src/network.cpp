#include "network.hpp"

#include <algorithm>

namespace p2p::simulator {
namespace {

constexpr std::int64_t kSide = 1'000'000;            ///< of the square in which peers lie
constexpr std::int64_t kDiagonal = 1'414'213;
constexpr std::size_t kPacketBytes = 1150;           ///< payload of an SCTP packet
constexpr std::size_t kPacketOverhead = 77;          ///< IP, UDP, DTLS and SCTP headers

std::int64_t square_root(std::int64_t value) {
  // Newton's, in integers: std::sqrt may round differently on another platform.
  if (value < 2) return value;
  std::int64_t guess = value;
  std::int64_t next = (guess + 1) / 2;
  while (next < guess) {
    guess = next;
    next = (guess + value / guess) / 2;
  }
  return guess;
}

Duration time_on_line(std::size_t bytes, std::int64_t bits_per_s) {
  return Duration{static_cast<std::int64_t>(bytes) * 8'000'000 / bits_per_s};
}

}  // namespace

Network::Network(const World& world, Prng prng) : loss_{world}, prng_{prng} {}

void Network::add_peer(std::int64_t upload_bits_per_s, std::int64_t download_bits_per_s) {
  lines_.push_back({.x = prng_.between(0, kSide), .y = prng_.between(0, kSide), .upload_bits_per_s = upload_bits_per_s,
                    .download_bits_per_s = download_bits_per_s});
}

Duration Network::latency(std::uint32_t a, std::uint32_t b) const {
  const std::int64_t dx = lines_[a].x - lines_[b].x, dy = lines_[a].y - lines_[b].y;
  const std::int64_t distance = square_root(dx * dx + dy * dy);
  return loss_.latency_min + (loss_.latency_max - loss_.latency_min) * distance / kDiagonal;
}

Network::Times Network::send(std::uint32_t from, std::uint32_t to, mesh::Channel channel, std::size_t bytes, Instant now) {
  const std::size_t packets = (bytes + kPacketBytes - 1) / kPacketBytes;
  const std::size_t on_line = bytes + packets * kPacketOverhead;
  Line& sender = lines_[from];
  const Instant departed = std::max(now, sender.upload_free_at) + time_on_line(on_line, sender.upload_bits_per_s);
  sender.upload_free_at = departed;
  Duration trip = latency(from, to);
  for (std::size_t i = 0; i < packets; ++i) {
    if (prng_.chance(loss_.loss_per_mille, 1000)) {
      trip += 2 * latency(from, to);
      break;
    }
  }
  Instant arrived = departed + trip;
  if (channel == mesh::Channel::kControl) {
    Instant& last = control_arrived_[{from, to}];
    arrived = std::max(arrived, last);
    last = arrived;
  }
  return {departed, arrived};
}

Instant Network::receive(std::uint32_t to, std::size_t bytes, Instant now) {
  Line& line = lines_[to];
  line.download_free_at = std::max(now, line.download_free_at) + time_on_line(bytes, line.download_bits_per_s);
  return line.download_free_at;
}

}  // namespace p2p::simulator
