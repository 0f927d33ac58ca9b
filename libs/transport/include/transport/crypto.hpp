#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "p2p-core/types.hpp"

/// The native answers to what the engine asks of cryptography, and the names that docs/signaling.md derives from keys; by OpenSSL.
///
/// Out of scope: TLS (libs/net), DTLS (libdatachannel).
namespace p2p::transport {

using Sha256 = std::array<std::byte, 32>;

/// 32 random bytes that a client makes once and shows only to the server.
using PeerSecret = std::array<std::byte, 32>;

[[nodiscard]] Sha256 sha256(BytesView bytes);

/// The first 16 bytes of SHA-256, as a manifest lists them.
[[nodiscard]] mesh::PieceDigest piece_digest(BytesView piece);

/// The first 10 bytes of SHA-256 over the key.
[[nodiscard]] mesh::StreamId stream_id_of(const mesh::PublicKey& key);

/// The first 8 bytes of SHA-256 over the secret, in network byte order.
[[nodiscard]] PeerId peer_id_of(const PeerSecret& secret);

/// From the operating system's cryptographic generator.
void fill_random(std::span<std::byte> bytes);

[[nodiscard]] PeerSecret new_peer_secret();

/// Ed25519 (RFC 8032). False for anything that is no valid signature, a malformed key included.
[[nodiscard]] bool verify(const mesh::PublicKey& key, BytesView message, const mesh::Signature& signature);

/// The Ed25519 key of a stream; whoever has it is the stream's source.
class SigningKey {
 public:
  using Seed = std::array<std::byte, 32>;   ///< RFC 8032 calls it the private key

  [[nodiscard]] static SigningKey generate();
  [[nodiscard]] static SigningKey from_seed(const Seed& seed);

  /// Reads the PEM file (PKCS #8, not encrypted), or makes a key and writes it there with mode 0600 when the file does not exist.
  [[nodiscard]] static Result<SigningKey> load_or_create(const std::filesystem::path& file);

  SigningKey(SigningKey&&) noexcept;
  SigningKey& operator=(SigningKey&&) noexcept;
  ~SigningKey();

  [[nodiscard]] const mesh::PublicKey& public_key() const { return public_key_; }
  [[nodiscard]] mesh::Signature sign(BytesView message) const;
  /// The secret itself: for the one who proves to the directory that the stream is his. Never for a log or a message.
  [[nodiscard]] Seed seed() const;

 private:
  struct Handle;
  explicit SigningKey(std::unique_ptr<Handle> handle);

  std::unique_ptr<Handle> handle_;
  mesh::PublicKey public_key_{};
};

}  // namespace p2p::transport
