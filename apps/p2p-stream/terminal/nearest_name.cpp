#include "terminal/nearest_name.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace p2p::app {

std::size_t edits_between(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (const char c : a) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (c == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

std::string_view nearest_name(std::string_view written, std::span<const std::string> names) {
  std::string_view nearest;
  std::size_t least = 1 + std::max<std::size_t>(2, written.size() / 3);
  for (const std::string& name : names) {
    const std::size_t edits = edits_between(written, name);
    if (edits >= least || edits >= name.size()) continue;
    least = edits;
    nearest = name;
  }
  return nearest;
}

}  // namespace p2p::app
