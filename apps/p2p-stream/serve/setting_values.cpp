#include "serve/setting_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "peer/bit_rate.hpp"
#include "turn/address_range.hpp"

namespace p2p::app {
namespace {

constexpr std::uint16_t kRelayPortMin = 1'024;   // RFC 8656, 7.2: below are services, which nobody is to run through a relay

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

/// All of the text, as a number.
template <typename Number>
bool is_number(std::string_view text, Number& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

bool is_origin(std::string_view text) {
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view rest = text.substr(colon + 3);
  return !rest.empty() && rest.find_first_of("/?#@ \t*") == std::string_view::npos;
}

}  // namespace

std::string joined(const Texts& texts) { return fmt::format("{}", fmt::join(texts, ",")); }

Texts separated(const Texts& texts) {
  Texts items;
  for (std::string_view rest : texts) {
    while (!rest.empty()) {
      const std::string_view item = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(rest.size(), item.size() + 1));
      if (!trimmed(item).empty()) items.emplace_back(trimmed(item));
    }
  }
  return items;
}

Result<std::string> one_text(const Texts& texts) {
  if (texts.size() != 1) return fail(fmt::format("{} values are too many: give one.", texts.size()));
  return std::string{trimmed(texts.front())};
}

Result<std::int64_t> whole_number(const Texts& texts, std::int64_t min, std::int64_t max) {
  const auto text = one_text(texts);
  if (!text) return std::unexpected{text.error()};
  std::int64_t value = 0;
  if (!is_number(*text, value) || value < min || value > max) return fail(fmt::format("\"{}\" is no whole number from {} to {}.", *text, min, max));
  return value;
}

Result<Duration> hours(const Texts& texts, double min, double max) {
  const auto text = one_text(texts);
  if (!text) return std::unexpected{text.error()};
  double value = 0;
  // Written so that "nan" fails too.
  if (!is_number(*text, value) || !(value >= min && value <= max)) return fail(fmt::format("\"{}\" is no number of hours from {} to {}.", *text, min, max));
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double, std::ratio<3600>>{value});
}

Result<bool> on_or_off(const Texts& texts) {
  const auto text = one_text(texts);
  if (!text) return std::unexpected{text.error()};
  for (const std::string_view yes : {"on", "true", "1", "yes"}) {
    if (*text == yes) return true;
  }
  for (const std::string_view no : {"off", "false", "0", "no"}) {
    if (*text == no) return false;
  }
  return fail(fmt::format("\"{}\" is neither on nor off.", *text));
}

Result<std::string> one_of(const Texts& texts, std::initializer_list<std::string_view> choices) {
  auto text = one_text(texts);
  if (!text || std::ranges::find(choices, *text) != choices.end()) return text;
  std::string list;
  for (const std::string_view& choice : choices) list.append(&choice == choices.begin() ? "" : &choice + 1 == choices.end() ? " or " : ", ").append(choice);
  return fail(choices.size() == 1 ? fmt::format("\"{}\" is unknown. Give {}, or leave it out.", *text, list) : fmt::format("\"{}\" is unknown. Give {}.", *text, list));
}

Result<std::int64_t> bit_rate(const Texts& texts) {
  const auto text = one_text(texts);
  if (!text) return std::unexpected{text.error()};
  return parse_bit_rate(*text);
}

Result<std::pair<std::uint16_t, std::uint16_t>> port_range(const Texts& texts) {
  const auto text = one_text(texts);
  if (!text) return std::unexpected{text.error()};
  const std::string_view view = *text;
  const std::size_t dash = view.find('-');
  std::uint16_t min = 0;
  std::uint16_t max = 0;
  if (dash != std::string_view::npos && is_number(trimmed(view.substr(0, dash)), min) && is_number(trimmed(view.substr(dash + 1)), max) && min >= kRelayPortMin && min <= max) {
    return std::pair{min, max};
  }
  return fail(fmt::format("\"{}\" is no range of ports from {} on. Write it as MIN-MAX, such as 49160-49200.", view, kRelayPortMin));
}

Result<Texts> origins(const Texts& texts) {
  Texts items = separated(texts);
  for (const std::string& item : items) {
    if (item == "*" || is_origin(item)) continue;
    std::string hint = "Write it as a browser sends it, such as https://example.org";
    if (const std::size_t scheme = item.find("://"); scheme != std::string::npos && scheme > 0) {
      const std::string cut = item.substr(0, item.find_first_of("/?#", scheme + 3));
      if (is_origin(cut)) hint = "Write it without what follows the host: " + cut;
    } else if (is_origin("https://" + item)) {
      hint = "Write it with its scheme: https://" + item;
    }
    return fail(fmt::format("\"{}\" is no origin of pages. {}.", item, hint));
  }
  return items;
}

Result<Texts> address_blocks(const Texts& texts) {
  Texts items = separated(texts);
  for (const std::string& item : items) {
    if (!turn::parse_ranges(item)) return fail(fmt::format("\"{}\" is no address or block of addresses. Write it as 127.0.0.1 or 10.0.0.0/8.", item));
  }
  return items;
}

}  // namespace p2p::app
