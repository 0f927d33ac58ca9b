#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace p2p::app {

/// "2500k", "3M", "1.5M" or plain bits a second; 10 kbit/s to 10 Gbit/s.
[[nodiscard]] Result<std::int64_t> parse_bit_rate(std::string_view text);

/// "2.5 Mbit/s", "320 kbit/s".
[[nodiscard]] std::string show_bit_rate(std::int64_t bits_per_s);

}  // namespace p2p::app
