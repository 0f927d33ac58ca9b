#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/time.hpp"

/// Readers of values as people write them. The errors are sentences that begin with the value: `"many" is no whole number ...`.
namespace p2p::app {

using Texts = std::vector<std::string>;

/// Several values as one text with commas between, as `--ice-servers` and the ranges of libs/turn are read.
[[nodiscard]] std::string joined(const Texts& texts);
/// The other way about: each value at its commas, spaces around them dropped, empty ones left out.
[[nodiscard]] Texts separated(const Texts& texts);

[[nodiscard]] Result<std::string> one_text(const Texts& texts);
[[nodiscard]] Result<std::int64_t> whole_number(const Texts& texts, std::int64_t min, std::int64_t max);
/// A span of hours, fractions allowed.
[[nodiscard]] Result<Duration> hours(const Texts& texts, double min, double max);
[[nodiscard]] Result<bool> on_or_off(const Texts& texts);
[[nodiscard]] Result<std::string> one_of(const Texts& texts, std::initializer_list<std::string_view> choices);
[[nodiscard]] Result<std::int64_t> bit_rate(const Texts& texts);
/// MIN-MAX
[[nodiscard]] Result<std::pair<std::uint16_t, std::uint16_t>> port_range(const Texts& texts);
/// As browsers send them in `Origin` (RFC 6454, 6.2): scheme and host, perhaps a port, nothing behind; or *.
[[nodiscard]] Result<Texts> origins(const Texts& texts);
/// Addresses and blocks of them.
[[nodiscard]] Result<Texts> address_blocks(const Texts& texts);

/// Puts what was read where it belongs.
template <typename Target, typename Value>
Result<void> put(Target& target, Result<Value> value) {
  if (!value) return std::unexpected{std::move(value.error())};
  target = static_cast<Target>(std::move(*value));
  return {};
}

}  // namespace p2p::app
