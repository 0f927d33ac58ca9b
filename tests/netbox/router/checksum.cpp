#include "checksum.hpp"

namespace p2p::netbox {
namespace {

std::uint16_t folded(std::uint32_t sum) {
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(sum);
}

}  // namespace

std::uint16_t internet_checksum(BytesView bytes, std::uint32_t partial) {
  std::uint64_t sum = partial;
  std::size_t at = 0;
  for (; at + 2 <= bytes.size(); at += 2) sum += std::to_integer<std::uint32_t>(bytes[at]) << 8 | std::to_integer<std::uint32_t>(bytes[at + 1]);
  if (at < bytes.size()) sum += std::to_integer<std::uint32_t>(bytes[at]) << 8;
  sum = (sum & 0xffffffff) + (sum >> 32);
  return static_cast<std::uint16_t>(~folded(static_cast<std::uint32_t>((sum & 0xffff) + (sum >> 16))));
}

std::uint16_t adjusted_checksum(std::uint16_t checksum, std::uint16_t before, std::uint16_t after) {
  const std::uint32_t sum = static_cast<std::uint16_t>(~checksum) + std::uint32_t{static_cast<std::uint16_t>(~before)} + after;
  return static_cast<std::uint16_t>(~folded(sum));
}

}  // namespace p2p::netbox
