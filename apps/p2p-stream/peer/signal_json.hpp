#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "transport/signal.hpp"

namespace p2p::app {

/// The `Signal` of docs/signaling.md as JSON text and back.
[[nodiscard]] std::string to_json(const transport::Signal& signal);
/// Nothing for what is malformed or beyond the limits: it came from another peer.
[[nodiscard]] std::optional<transport::Signal> parse_signal(std::string_view json);

}  // namespace p2p::app
