#include "publish/qualities.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <optional>

#include "p2p-core/types.hpp"
#include "peer/bit_rate.hpp"

namespace p2p::app {
namespace {

constexpr int kHeightMin = 48;
constexpr int kHeightMax = 2160;

/// What pictures of talking people and of screens look good with in H.264, at 30 frames a second.
constexpr std::array<transcode::Quality, 6> kUsual{{{2160, 12'000'000}, {1440, 8'000'000}, {1080, 4'500'000}, {720, 2'500'000}, {480, 1'200'000}, {360, 600'000}}};
constexpr std::int64_t kUsualLeast = 300'000;

std::int64_t usual_bits_per_s(int height) {
  const auto found = std::ranges::find_if(kUsual, [&](const transcode::Quality& usual) { return usual.height <= height; });
  return found == kUsual.end() ? kUsualLeast : found->video_bits_per_s;
}

std::optional<int> parse_height(std::string_view text) {
  if (text == "source") return 0;
  if (text.ends_with('p')) text.remove_suffix(1);
  int height = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), height);
  if (error != std::errc{} || end != text.data() + text.size() || height < kHeightMin || height > kHeightMax) return std::nullopt;
  return height;
}

}  // namespace

Result<std::vector<transcode::Quality>> parse_qualities(std::string_view text) {
  std::vector<transcode::Quality> qualities;
  while (true) {
    const std::size_t comma = text.find(',');
    const std::string_view item = text.substr(0, comma);
    const std::size_t colon = item.find(':');
    const std::optional<int> height = parse_height(item.substr(0, colon));
    if (!height) {
      return fail(fmt::format("'{}' is no quality. Give heights from {}p to {}p, or source, with commas between, such as source,360p:600k.", item.substr(0, 50),
                              kHeightMin, kHeightMax));
    }
    transcode::Quality quality{.height = *height, .video_bits_per_s = *height > 0 ? usual_bits_per_s(*height) : 0};
    if (colon != std::string_view::npos) {
      const auto rate = parse_bit_rate(item.substr(colon + 1));
      if (!rate) return std::unexpected{rate.error()};
      quality.video_bits_per_s = *rate;
    }
    if (std::ranges::find(qualities, *height, &transcode::Quality::height) != qualities.end()) {
      return fail(fmt::format("The quality '{}' is there twice. Name each height once.", item.substr(0, 50)));
    }
    qualities.push_back(quality);
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  if (qualities.size() > mesh::kRenditionsMax) return fail(fmt::format("A stream has at most {} qualities. Leave some out.", mesh::kRenditionsMax));
  return qualities;
}

}  // namespace p2p::app
