#pragma once

#include <cstddef>

namespace p2p::bench {

/// What this program's operator new has given out and not got back, in bytes, as the allocator rounds them. Of one thread.
[[nodiscard]] std::size_t memory_held();

}  // namespace p2p::bench
