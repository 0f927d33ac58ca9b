#pragma once

#include <chrono>
#include <cstdint>

namespace p2p {

using namespace std::chrono_literals;

/// The resolution of every span in the engine: int64 microseconds, so that native, WebAssembly and simulator agree to the bit.
using Duration = std::chrono::duration<std::int64_t, std::micro>;

/// Time since the driver's start, monotonic, told by the driver; libraries without I/O never read a clock.
using Instant = std::chrono::time_point<struct EngineClock, Duration>;

/// Wall time since 1970 (UTC), for what peers compare among each other: when a part was captured.
using WallTime = std::chrono::time_point<struct WallClock, Duration>;

/// No wake wanted.
inline constexpr Instant kNever = Instant::max();

}  // namespace p2p
