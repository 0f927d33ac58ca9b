#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "p2p-core/stats.hpp"

namespace p2p::app {

/// Which rendition of a stream a viewer wants, whatever it has: "best", "lowest", or a height such as "720p".
class QualityWish {
 public:
  [[nodiscard]] static Result<QualityWish> parse(std::string_view text);

  /// The one of these that comes closest: of those that are no higher than wished the best, else the lowest. Nothing of nothing.
  [[nodiscard]] std::optional<mesh::RenditionStats> pick(const std::vector<mesh::RenditionStats>& renditions) const;

 private:
  explicit QualityWish(int height_max) : height_max_{height_max} {}
  int height_max_;   // 0: the lowest
};

}  // namespace p2p::app
