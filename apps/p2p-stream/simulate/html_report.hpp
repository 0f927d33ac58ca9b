#pragma once

#include <string>

#include "simulate/study.hpp"

namespace p2p::app {

/// One page that needs nothing else: figures, targets and plots of `study`, with `beside` (the same world, another policy) next to it.
[[nodiscard]] std::string to_html(const Study& study, const Study& beside);

}  // namespace p2p::app
