#include "transport/crypto.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>

#include "base/check.hpp"
#include "openssl_handles.hpp"

namespace p2p::transport {
namespace {

const unsigned char* raw(const std::byte* bytes) { return reinterpret_cast<const unsigned char*>(bytes); }
unsigned char* raw(std::byte* bytes) { return reinterpret_cast<unsigned char*>(bytes); }

template <typename Array>
Array head_of(const Sha256& digest) {
  Array head;
  std::copy_n(digest.begin(), head.size(), head.begin());
  return head;
}

}  // namespace

Sha256 sha256(BytesView bytes) {
  // Fetched once: looking an algorithm up by name costs OpenSSL 3 as much as hashing a small message.
  static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  CHECK(algorithm != nullptr, "OpenSSL has no SHA-256");
  Sha256 digest;
  const int ok = EVP_Digest(bytes.data(), bytes.size(), raw(digest.data()), nullptr, algorithm, nullptr);
  CHECK(ok == 1, "hashing memory cannot fail");
  return digest;
}

mesh::PieceDigest piece_digest(BytesView piece) { return head_of<mesh::PieceDigest>(sha256(piece)); }

mesh::StreamId stream_id_of(const mesh::PublicKey& key) { return head_of<mesh::StreamId>(sha256(key)); }

PeerId peer_id_of(const PeerSecret& secret) { return PeerId{read_big_endian(sha256(secret), 0, 8)}; }

void fill_random(std::span<std::byte> bytes) {
  const int ok = RAND_bytes(raw(bytes.data()), static_cast<int>(bytes.size()));
  CHECK(ok == 1, "the operating system gives no random bytes");
}

PeerSecret new_peer_secret() {
  PeerSecret secret;
  fill_random(secret);
  return secret;
}

bool verify(const mesh::PublicKey& key, BytesView message, const mesh::Signature& signature) {
  const KeyHandle handle{EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, raw(key.data()), key.size())};
  if (!handle) return false;
  const DigestContext context{EVP_MD_CTX_new()};
  CHECK(context != nullptr, "out of memory");
  if (EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, handle.get()) != 1) return false;
  return EVP_DigestVerify(context.get(), raw(signature.data()), signature.size(), raw(message.data()), message.size()) == 1;
}

SigningKey::SigningKey(std::unique_ptr<Handle> handle) : handle_{std::move(handle)} {
  std::size_t size = public_key_.size();
  const int ok = EVP_PKEY_get_raw_public_key(handle_->key.get(), raw(public_key_.data()), &size);
  CHECK(ok == 1 && size == public_key_.size(), "an Ed25519 key has 32 public bytes");
}

SigningKey::SigningKey(SigningKey&&) noexcept = default;
SigningKey& SigningKey::operator=(SigningKey&&) noexcept = default;
SigningKey::~SigningKey() = default;

SigningKey SigningKey::generate() {
  Seed seed;
  fill_random(seed);
  return from_seed(seed);
}

SigningKey SigningKey::from_seed(const Seed& seed) {
  KeyHandle key{EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, raw(seed.data()), seed.size())};
  CHECK(key != nullptr, "OpenSSL takes any 32 bytes as an Ed25519 seed");
  return SigningKey{std::make_unique<Handle>(std::move(key))};
}

SigningKey::Seed SigningKey::seed() const {
  Seed seed;
  std::size_t size = seed.size();
  const bool ok = EVP_PKEY_get_raw_private_key(handle_->key.get(), raw(seed.data()), &size) == 1 && size == seed.size();
  CHECK(ok, "a signing key without its secret");
  return seed;
}

mesh::Signature SigningKey::sign(BytesView message) const {
  const DigestContext context{EVP_MD_CTX_new()};
  CHECK(context != nullptr, "out of memory");
  mesh::Signature signature;
  std::size_t size = signature.size();
  const bool ok = EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, handle_->key.get()) == 1 &&
                  EVP_DigestSign(context.get(), raw(signature.data()), &size, raw(message.data()), message.size()) == 1;
  CHECK(ok && size == signature.size(), "signing with a good key cannot fail");
  return signature;
}

}  // namespace p2p::transport
