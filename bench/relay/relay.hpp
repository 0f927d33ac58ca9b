#pragma once

#include "courier.hpp"
#include "p2p-core/types.hpp"

namespace p2p::bench {

/// The peer that is measured, alone in its process: the native driver, as `p2p-stream watch` runs it. Comes back when the others are gone.
void run_relay(Courier& courier, const mesh::PublicKey& stream_key);

}  // namespace p2p::bench
