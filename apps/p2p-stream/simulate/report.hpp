#pragma once

#include <string>

#include "simulate/study.hpp"

namespace p2p::app {

/// The lines for a terminal: the world, the figures (medians of the seeds, the worst where there are several), the targets.
[[nodiscard]] std::string to_text(const Study& study);

/// One JSON object with the keys of docs/measures.md: medians; with several seeds or cases also each run's, in "runs".
[[nodiscard]] std::string to_json(const Study& study);

/// The head and the lines of `simulate all`: a line for each target.
[[nodiscard]] std::string table_head();
[[nodiscard]] std::string table_lines(const Study& study);

[[nodiscard]] std::string_view to_text(simulator::Policy policy);

}  // namespace p2p::app
