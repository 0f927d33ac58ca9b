#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "doctor/finding.hpp"

namespace p2p::app {

struct Reported {
  std::string_view check;
  Finding finding;
};

[[nodiscard]] bool any_failed(std::span<const Reported> findings);

/// A finding as lines, `columns` wide.
[[nodiscard]] std::string shown(const Reported& finding, std::size_t columns);
/// "All well: 12 findings.", "12 findings: 1 failed, 2 warnings."
[[nodiscard]] std::string summary(std::span<const Reported> findings);
/// {"checks": [{"check", "result": "ok"|"warning"|"failed", "text", "advice"?}], "failed", "warnings"}
[[nodiscard]] std::string to_json(std::span<const Reported> findings);

}  // namespace p2p::app
