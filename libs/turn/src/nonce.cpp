#include "nonce.hpp"

#include "base/bytes.hpp"
#include "digests.hpp"

namespace p2p::turn {
namespace {

constexpr std::size_t kTimeBytes = 4;
constexpr std::size_t kDigestBytes = 8;   // 64 bits: guessed once in 10^19 tries, within an hour

std::int64_t seconds_of(Instant now) { return std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count(); }

}  // namespace

std::string Nonces::make(const FiveTuple& client, Instant now) const { return spell(client, static_cast<std::uint32_t>(seconds_of(now))); }

bool Nonces::is_fresh(std::string_view nonce, const FiveTuple& client, Instant now) const {
  const auto bytes = from_base64(nonce);
  if (!bytes || bytes->size() != kTimeBytes + kDigestBytes) return false;
  const auto at_s = static_cast<std::uint32_t>(read_big_endian(*bytes, 0, kTimeBytes));
  const Instant made{std::chrono::seconds{at_s}};
  if (made > now || now - made >= kLifetime) return false;
  return equal_in_constant_time(as_bytes(nonce), as_bytes(spell(client, at_s)));
}

std::string Nonces::spell(const FiveTuple& client, std::uint32_t at_s) const {
  Bytes nonce;
  append_big_endian(nonce, at_s);
  Bytes text{nonce};
  append(text, std::as_bytes(std::span{client.client.ip.bytes}));
  append_big_endian(text, client.client.port);
  append(nonce, BytesView{hmac_sha1(key_, text)}.first(kDigestBytes));
  return to_base64(nonce);
}

}  // namespace p2p::turn
