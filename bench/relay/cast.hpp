#pragma once

#include <cstdint>

#include "transport/driver.hpp"

namespace p2p::bench {

inline constexpr PeerId kSource{0x1000000000000001};
inline constexpr PeerId kRelay{0x2000000000000002};

inline constexpr std::uint32_t kChildrenMax = 60;

/// Enough that the machine is the limit and not the budget.
inline constexpr std::int64_t kUploadBitsPerS = 10'000'000'000;

[[nodiscard]] inline PeerId child(std::uint32_t number) { return PeerId{(std::uint64_t{0x30000000} + number) << 32 | number}; }

/// What all peers of the bench have in common.
[[nodiscard]] inline transport::Driver::Options driver_options(PeerId self, const mesh::PublicKey& stream_key) {
  transport::Driver::Options options;
  options.engine.stream = transport::stream_id_of(stream_key);
  options.engine.seed = self.value;
  options.engine.upload_bits_per_s = kUploadBitsPerS;
  options.links.self = self;
  options.links.bind_address = "127.0.0.1";
  options.stream_key = stream_key;
  return options;
}

}  // namespace p2p::bench
