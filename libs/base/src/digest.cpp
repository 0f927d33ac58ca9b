#include "base/digest.hpp"

namespace p2p {

void RunningDigest::mix(std::uint64_t value) {
  for (int i = 0; i < 8; ++i) value_ = (value_ ^ ((value >> (8 * i)) & 0xff)) * 0x100000001b3;
}

void RunningDigest::mix(BytesView bytes) {
  for (const std::byte b : bytes) value_ = (value_ ^ std::to_integer<std::uint64_t>(b)) * 0x100000001b3;
}

}  // namespace p2p
