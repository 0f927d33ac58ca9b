#include "socketio/websocket_handshake.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "socketio/base64.hpp"

namespace p2p::socketio {
namespace {

constexpr std::string_view kHandshakeGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455 section 1.3
constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// SHA-1 (RFC 3174). Broken for signatures; the handshake only asks for an echo that a plain HTTP server would not give.
class Sha1 {
 public:
  void block(BytesView bytes) {
    std::array<std::uint32_t, 80> w{};
    for (std::size_t i = 0; i < 16; ++i) w[i] = static_cast<std::uint32_t>(read_big_endian(bytes, 4 * i, 4));
    for (std::size_t i = 16; i < 80; ++i) w[i] = std::rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    auto [a, b, c, d, e] = state_;
    for (std::size_t i = 0; i < 80; ++i) {
      std::uint32_t f = 0;
      std::uint32_t k = 0;
      if (i < 20) {
        f = (b & c) | (~b & d);
        k = 0x5a827999;
      } else if (i < 40) {
        f = b ^ c ^ d;
        k = 0x6ed9eba1;
      } else if (i < 60) {
        f = (b & c) | (b & d) | (c & d);
        k = 0x8f1bbcdc;
      } else {
        f = b ^ c ^ d;
        k = 0xca62c1d6;
      }
      const std::uint32_t next = std::rotl(a, 5) + f + e + k + w[i];
      e = d;
      d = c;
      c = std::rotl(b, 30);
      b = a;
      a = next;
    }
    const std::array<std::uint32_t, 5> worked{a, b, c, d, e};
    for (std::size_t i = 0; i < 5; ++i) state_[i] += worked[i];
  }

  [[nodiscard]] Bytes digest() const {
    Bytes out;
    for (const std::uint32_t word : state_) append_big_endian(out, word);
    return out;
  }

 private:
  std::array<std::uint32_t, 5> state_{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
};

Bytes sha1(std::string_view text) {
  Bytes padded;
  append(padded, as_bytes(text));
  padded.push_back(std::byte{0x80});
  while (padded.size() % 64 != 56) padded.push_back(std::byte{0});
  append_big_endian(padded, std::uint64_t{text.size()} * 8);
  Sha1 hash;
  for (std::size_t at = 0; at < padded.size(); at += 64) hash.block(BytesView{padded}.subspan(at, 64));
  return hash.digest();
}

}  // namespace

std::string websocket_accept(std::string_view key) {
  return to_base64(sha1(std::string{key}.append(kHandshakeGuid)));
}

bool is_websocket_key(std::string_view key) {
  if (key.size() != 24 || !key.ends_with("==")) return false;
  return std::ranges::all_of(key.substr(0, 22), [](char c) { return kAlphabet.find(c) != std::string_view::npos; });
}

}  // namespace p2p::socketio
