#include "socketio/base64.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace p2p::socketio {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNoDigit = 0xff;

constexpr std::array<std::uint8_t, 256> kDigits = [] {
  std::array<std::uint8_t, 256> digits{};
  digits.fill(kNoDigit);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) digits[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  return digits;
}();

}  // namespace

std::string to_base64(BytesView bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t have = std::min<std::size_t>(3, bytes.size() - at);
    const auto group = static_cast<std::uint32_t>(read_big_endian(bytes, at, have) << (8 * (3 - have)));
    for (std::size_t i = 0; i < 4; ++i) out.push_back(i <= have ? kAlphabet[(group >> (18 - 6 * i)) & 63] : '=');
  }
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 4 * 3);
  for (std::size_t at = 0; at < text.size(); at += 4) {
    std::string_view group = text.substr(at, 4);
    if (at + 4 == text.size() && group.ends_with('=')) group.remove_suffix(group.ends_with("==") ? 2 : 1);
    std::uint32_t bits = 0;
    for (const char c : group) {
      const std::uint8_t digit = kDigits[static_cast<unsigned char>(c)];
      if (digit == kNoDigit) return std::nullopt;
      bits = bits << 6 | digit;
    }
    const std::size_t bytes = group.size() - 1;
    const std::size_t left_over = 6 * group.size() - 8 * bytes;
    if ((bits & ((1U << left_over) - 1)) != 0) return std::nullopt;
    bits >>= left_over;
    for (std::size_t i = bytes; i-- > 0;) out.push_back(static_cast<char>((bits >> (8 * i)) & 0xff));
  }
  return out;
}

}  // namespace p2p::socketio
