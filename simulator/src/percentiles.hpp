#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace p2p::simulator {

/// Reorders the values.
template <typename Number>
[[nodiscard]] Number percentile(std::vector<Number>& values, std::size_t percent) {
  if (values.empty()) return 0;
  const std::size_t index = std::min(values.size() - 1, values.size() * percent / 100);
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(index), values.end());
  return values[index];
}

/// The values at 0, 1 ... 100 percent.
[[nodiscard]] inline std::vector<float> distribution(std::vector<float> values) {
  std::vector<float> points;
  if (values.empty()) return points;
  std::ranges::sort(values);
  for (std::size_t percent = 0; percent <= 100; ++percent) points.push_back(values[std::min(values.size() - 1, values.size() * percent / 100)]);
  return points;
}

[[nodiscard]] inline double ratio(double part, double whole) { return whole == 0 ? 0 : part / whole; }

}  // namespace p2p::simulator
