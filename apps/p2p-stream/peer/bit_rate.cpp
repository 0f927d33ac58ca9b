#include "peer/bit_rate.hpp"

#include <fmt/format.h>

#include <charconv>

namespace p2p::app {
namespace {

constexpr std::int64_t kLeast = 10'000;
constexpr std::int64_t kMost = 10'000'000'000;

}  // namespace

Result<std::int64_t> parse_bit_rate(std::string_view text) {
  std::string_view number = text;
  double unit = 1;
  if (number.ends_with('k') || number.ends_with('K')) unit = 1e3;
  if (number.ends_with('m') || number.ends_with('M')) unit = 1e6;
  if (unit > 1) number.remove_suffix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  const bool whole = error == std::errc{} && end == number.data() + number.size();
  const double rate = value * unit;
  // Written so that "nan" fails too.
  if (!whole || !(rate >= static_cast<double>(kLeast) && rate <= static_cast<double>(kMost))) {
    return fail(fmt::format("'{}' is no bit rate. Give bits a second between 10k and 10000M, such as 2500k or 3M.", text.substr(0, 50)));
  }
  return static_cast<std::int64_t>(rate);
}

std::string show_bit_rate(std::int64_t bits_per_s) {
  const auto rate = static_cast<double>(bits_per_s);
  return bits_per_s < 1'000'000 ? fmt::format("{:.0f} kbit/s", rate / 1e3) : fmt::format("{:.1f} Mbit/s", rate / 1e6);
}

}  // namespace p2p::app
