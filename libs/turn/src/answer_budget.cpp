#include "answer_budget.hpp"

#include "base/bytes.hpp"
#include "digests.hpp"

namespace p2p::turn {
namespace {

constexpr std::size_t kHeaderBytesV4 = 28;  // IPv4 and UDP, without options
constexpr std::size_t kHeaderBytesV6 = 48;

}  // namespace

AnswerBudget::AnswerBudget(std::int64_t bits_per_s, std::int64_t bits_per_s_per_network, const std::array<std::byte, 32>& secret)
    : all_{bits_per_s}, networks_(std::size_t{1} << kPlaceBits, Bandwidth{bits_per_s_per_network}), multiplier_{read_big_endian(hmac_sha1(secret, as_bytes("networks")), 0, 8) | 1} {}

std::optional<Unanswered> AnswerBudget::take(const IpAddress& to, Instant now) {
  const std::size_t bytes = kAnswerBytesMax + (to.is_v4() ? kHeaderBytesV4 : kHeaderBytesV6);
  if (!networks_[place_of(to)].try_take(bytes, now)) return Unanswered::kNetwork;
  if (!all_.try_take(bytes, now)) return Unanswered::kAll;
  return std::nullopt;
}

/// Multiply-shift: two networks share a place with a chance of at most 2 in the number of places (Dietzfelbinger et al., "A reliable
/// randomized algorithm for the closest-pair problem", 1997).
std::size_t AnswerBudget::place_of(const IpAddress& ip) const {
  const auto bytes = std::as_bytes(std::span{ip.bytes});
  const std::uint64_t network = ip.is_v4() ? read_big_endian(bytes, 10, 5) : read_big_endian(bytes, 0, 6) << 16;
  return static_cast<std::size_t>((network * multiplier_) >> (64 - kPlaceBits));
}

}  // namespace p2p::turn
