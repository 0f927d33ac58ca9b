#pragma once

#include <cstdint>
#include <cstring>

#include "base/bytes.hpp"
#include "base/digest.hpp"
#include "p2p-core/types.hpp"

namespace p2p::simulator {

/// Stands for Ed25519: nobody in a simulation forges it but on purpose.
inline mesh::Signature model_signature(BytesView message) {
  RunningDigest digest;
  digest.mix(message);
  mesh::Signature signature{};
  const std::uint64_t value = digest.value();
  std::memcpy(signature.data(), &value, sizeof value);
  return signature;
}

}  // namespace p2p::simulator
