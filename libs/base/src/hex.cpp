#include "base/hex.hpp"

namespace p2p {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

std::optional<unsigned> digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
  return std::nullopt;
}

}  // namespace

std::string to_hex(BytesView bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::byte b : bytes) {
    text.push_back(kDigits[std::to_integer<std::size_t>(b) >> 4]);
    text.push_back(kDigits[std::to_integer<std::size_t>(b) & 15]);
  }
  return text;
}

std::optional<Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  Bytes bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const auto high = digit(text[i]), low = digit(text[i + 1]);
    if (!high || !low) return std::nullopt;
    bytes.push_back(static_cast<std::byte>(*high << 4 | *low));
  }
  return bytes;
}

std::string to_text(PeerId id) {
  Bytes bytes;
  append_big_endian(bytes, id.value);
  return to_hex(bytes);
}

std::optional<PeerId> parse_peer_id(std::string_view text) {
  if (text.size() != 16) return std::nullopt;
  for (const char c : text) {
    if (kDigits.find(c) == std::string_view::npos) return std::nullopt;
  }
  const auto bytes = from_hex(text);
  if (!bytes) return std::nullopt;
  return PeerId{read_big_endian(*bytes, 0, 8)};
}

}  // namespace p2p
