#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"

/// The keys and names of docs/signaling.md, made with OpenSSL.
namespace p2p::net {

using PeerSecret = std::array<std::byte, 32>;
using PublicKeyBytes = std::array<std::byte, 32>;
using Signature = std::array<std::byte, 64>;

/// The Ed25519 key that owns a stream. Whoever has its seed can take the stream over: it stays with the publisher.
class StreamKey {
 public:
  using Seed = std::array<std::byte, 32>;

  [[nodiscard]] static StreamKey generate();
  [[nodiscard]] static StreamKey from_seed(const Seed& seed);

  [[nodiscard]] const Seed& seed() const { return seed_; }
  [[nodiscard]] const PublicKeyBytes& public_key() const { return public_key_; }
  [[nodiscard]] Signature sign(BytesView message) const;

 private:
  StreamKey(const Seed& seed, const PublicKeyBytes& public_key) : seed_{seed}, public_key_{public_key} {}

  Seed seed_;
  PublicKeyBytes public_key_;
};

[[nodiscard]] bool verify(const PublicKeyBytes& key, BytesView message, const Signature& signature);

/// The text that a source signs to create its stream.
[[nodiscard]] std::string create_message(std::string_view nonce_hex);

/// From the system's cryptographic generator.
void fill_random(std::span<std::byte> bytes);
[[nodiscard]] PeerSecret make_peer_secret();

[[nodiscard]] std::array<std::byte, 32> sha256(BytesView bytes);
[[nodiscard]] std::array<std::byte, 32> hmac_sha256(BytesView key, BytesView bytes);

/// 20 hex digits.
[[nodiscard]] std::string stream_id_of(const PublicKeyBytes& key);
[[nodiscard]] PeerId peer_id_of(const PeerSecret& secret);

}  // namespace p2p::net
