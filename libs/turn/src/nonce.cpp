#include "nonce.hpp"

#include "base/bytes.hpp"
#include "base/hex.hpp"
#include "digests.hpp"

namespace p2p::turn {
namespace {

constexpr std::size_t kTimeDigits = 8;
constexpr std::size_t kDigestBytes = 8;   // 64 bits: guessed once in 10^19 tries, within an hour

std::string seconds_in_hex(Instant now) {
  Bytes bytes;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  append_big_endian(bytes, static_cast<std::uint32_t>(seconds));
  return to_hex(bytes);
}

}  // namespace

std::string Nonces::make(const FiveTuple& client, Instant now) const { return spell(client, seconds_in_hex(now)); }

bool Nonces::is_fresh(std::string_view nonce, const FiveTuple& client, Instant now) const {
  const auto at = from_hex(nonce.substr(0, kTimeDigits));
  if (!at || at->size() != kTimeDigits / 2) return false;
  const Instant made{std::chrono::seconds{static_cast<std::int64_t>(read_big_endian(*at, 0, 4))}};
  if (made > now || now - made >= kLifetime) return false;
  return equal_in_constant_time(as_bytes(nonce), as_bytes(spell(client, nonce.substr(0, kTimeDigits))));
}

std::string Nonces::spell(const FiveTuple& client, std::string_view at) const {
  Bytes text{as_bytes(at).begin(), as_bytes(at).end()};
  append(text, std::as_bytes(std::span{client.client.ip.bytes}));
  append_big_endian(text, client.client.port);
  return std::string{at} + to_hex(BytesView{hmac_sha1(key_, text)}.first(kDigestBytes));
}

}  // namespace p2p::turn
